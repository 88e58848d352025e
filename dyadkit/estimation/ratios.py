r"""The ratio of two estimates, with the interval of Fieller's theorem.

For :math:`k = b / a` the interval has all k with
:math:`(b - k a)^2 \le t^2 (v_{bb} - 2 k v_{ab} + k^2 v_{aa})`; it is bounded only where a itself
differs from zero at that t (Fieller, 1954).

References
----------
Fieller, E. C. (1954). Some problems in interval estimation. Journal of the Royal Statistical
Society B, 16, 175-185.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio with its standard error by the delta method; NaN bounds where it has none.

    Attributes
    ----------
    estimate, std_error, low, high : float
    """

    estimate: float
    std_error: float
    low: float
    high: float


def ratio_of(
    numerator: float,
    denominator: float,
    variance: tuple[float, float, float],
    critical: float,
) -> Ratio:
    """Return numerator over denominator.

    Parameters
    ----------
    numerator, denominator : float
    variance : tuple of float
        Variance of the numerator, covariance, variance of the denominator.
    critical : float
        The critical value t.

    Examples
    --------
    >>> found = ratio_of(0.288, 0.400, (0.00224, -0.0003, 0.00224), 1.97)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.72, 0.452, 1.086)
    """
    v_num, v_both, v_den = variance
    k = numerator / denominator
    error = sqrt(max(v_num - 2.0 * k * v_both + k**2 * v_den, 0.0)) / abs(denominator)
    # a k² − 2 b k + c ≤ 0
    a = denominator**2 - critical**2 * v_den
    b = numerator * denominator - critical**2 * v_both
    c = numerator**2 - critical**2 * v_num
    root = b**2 - a * c
    if a <= 0.0 or root < 0.0:
        return Ratio(k, error, nan, nan)
    return Ratio(k, error, (b - sqrt(root)) / a, (b + sqrt(root)) / a)
