"""Lin's concordance correlation: how close pairs of ratings lie to the line of equality."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, log, nan, sqrt

from numpy.typing import ArrayLike

from dyadkit.estimation.arrays import require_confidence
from dyadkit.estimation.correlation import fisher_interval
from dyadkit.estimation.paired_moments import PairMoments, pair_moments, require_variance


@dataclass(frozen=True, slots=True)
class Concordance:
    """Lin's concordance correlation coefficient.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        From −1 to 1; the interval is NaN with fewer than three pairs.
    r : float
        Pearson's correlation, the precision; NaN where a rating does not vary.
    bias_factor : float
        The accuracy, from 0 to 1: `estimate` is r times this factor.
    location_shift, scale_shift : float
        Difference of the means in units of the geometric mean of the standard deviations; ratio of
        the standard deviations, first to second.
    n : int
    method : str
    """

    estimate: float
    conf_low: float
    conf_high: float
    r: float
    bias_factor: float
    location_shift: float
    scale_shift: float
    n: int
    method: str = "Fisher z"


def concordance(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Concordance:
    r"""Estimate the concordance correlation of two ratings.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left, or neither rating varies.
    StudyError
        If the lengths differ or the confidence level is not between 0 and 1.

    Notes
    -----
    With divisor n, :math:`\rho_c = 2 s_{12} / (s_1^2 + s_2^2 + (\bar x_1 - \bar x_2)^2) = r C_b`,
    :math:`C_b = 2/(v + 1/v + u^2)`, location shift
    :math:`u = (\bar x_1 - \bar x_2)/\sqrt{s_1 s_2}`, scale shift :math:`v = s_1/s_2` (Lin, 1989).
    The interval is that of :math:`z = \operatorname{artanh} \rho_c` with the variance

    .. math:: \frac{1}{n-2} \left[ \frac{(1 - r^2) C_b^2}{1 - \rho_c^2}
       + \frac{2 \rho_c^2 C_b (1 - \rho_c) u^2}{(1 - \rho_c^2)^2}
       - \frac{\rho_c^2 C_b^2 u^4}{2 (1 - \rho_c^2)^2} \right],

    which is that of Lin (1989), as corrected by Lin (2000), with :math:`\rho_c / r = C_b`.

    References
    ----------
    Lin, L. I.-K. (1989). A concordance correlation coefficient to evaluate reproducibility.
    Biometrics, 45, 255-268.

    Lin, L. I.-K. (2000). A note on the concordance correlation coefficient. Biometrics, 56,
    324-325.

    Examples
    --------
    >>> found = concordance([1, 2, 3, 4, 5], [2, 3, 4, 5, 6])
    >>> round(found.estimate, 4), found.r, round(found.bias_factor, 4)
    (0.8, 1.0, 0.8)
    """
    return concordance_of(pair_moments(first, second), confidence)


def concordance_of(moments: PairMoments, confidence: float = 0.95) -> Concordance:
    """Estimate the concordance correlation given the ratings' moments; see `concordance`."""
    require_confidence(confidence)
    require_variance(moments, "A concordance correlation")
    n, d, r = moments.n, moments.mean_difference, moments.r
    apart = n * d * d
    total = moments.ss_first + moments.ss_second + apart
    estimate = 2.0 * moments.cross / total
    root = sqrt(moments.ss_first) * sqrt(moments.ss_second)
    if root == 0.0:
        shift, scale, factor = nan, nan, nan
        low, high = nan, nan
    else:
        shift = d * sqrt(n) / sqrt(root)
        scale = sqrt(moments.ss_first / moments.ss_second)
        factor = 2.0 * root / total
        # 1 ∓ estimate without loss: what is left of the total.
        up, down = moments.ss_sum + apart, moments.ss_difference + apart
        z = 0.5 * log(up / down) if up > 0.0 and down > 0.0 else copysign(inf, estimate)
        low, high = _interval(estimate, z, r, factor, shift, n, confidence)
    return Concordance(estimate, low, high, r, factor, shift, scale, n)


def _interval(
    estimate: float, z: float, r: float, factor: float, shift: float, n: int, confidence: float
) -> tuple[float, float]:
    if n < 3:
        return nan, nan
    if abs(z) == inf:
        return estimate, estimate
    left = 1.0 - estimate * estimate
    weight = (estimate * factor) ** 2
    variance = (
        (1.0 - r * r) * factor**2 / left
        + 2.0 * estimate**2 * factor * (1.0 - estimate) * shift**2 / left**2
        - weight * shift**4 / (2.0 * left**2)
    ) / (n - 2.0)
    return fisher_interval(z, sqrt(max(0.0, variance)), confidence)
