"""Univariate description: size, mean, spread, skewness and quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, centred, constant, present


@dataclass(frozen=True, slots=True)
class Moments:
    """What `describe` returns, in the unit of the scores.

    Attributes
    ----------
    n : int
        Scores that are not missing.
    mean, std_error : float
        Mean and its standard error, ``sd / sqrt(n)``, for independent scores.
    sd : float
        Standard deviation with divisor n - 1; NaN for one score.
    skewness : float
        Adjusted Fisher-Pearson coefficient G1; NaN for fewer than three scores or none varying.
    q10, q25, median, q75, q90 : float
        Quantiles, linearly interpolated (type 7).
    """

    n: int
    mean: float
    std_error: float
    sd: float
    skewness: float
    q10: float
    q25: float
    median: float
    q75: float
    q90: float


def describe(x: ArrayLike) -> Moments:
    r"""Describe one variable.

    Parameters
    ----------
    x : array_like, shape (n,)
        Scores in any unit; NaN is missing and is dropped.

    Returns
    -------
    Moments
        See there for the divisors.

    Raises
    ------
    DataError
        If no score is left, or one is infinite.

    Notes
    -----
    Skewness is :math:`G_1 = \frac{\sqrt{n(n-1)}}{n-2}\, m_3 / m_2^{3/2}` with central moments
    of divisor n (Joanes & Gill, 1998), as SPSS, SAS and Excel print it.  The quantiles are
    type 7 of Hyndman and Fan (1996), R's default.  Neither minimum nor maximum is given,
    since either is one person's answer.

    References
    ----------
    Hyndman, R. J., & Fan, Y. (1996). Sample quantiles in statistical packages.
    The American Statistician, 50, 361-365.

    Joanes, D. N., & Gill, C. A. (1998). Comparing measures of sample skewness and
    kurtosis. The Statistician, 47, 183-189.

    Examples
    --------
    >>> moments = describe([2, 4, 4, 5, 10, float("nan")])
    >>> moments.n, moments.mean, moments.median
    (5, 5.0, 4.0)
    >>> round(moments.sd, 4), round(moments.skewness, 4)
    (3.0, 1.4815)
    """
    scores = present(x)
    n = scores.size
    if n == 0:
        raise DataError(
            "There is nothing to describe: every one of the scores is missing. Check the "
            "column, its missing codes and the exclusions."
        )
    sd, skewness = _spread(scores)
    q10, q25, median, q75, q90 = np.quantile(scores, [0.1, 0.25, 0.5, 0.75, 0.9]).tolist()
    return Moments(
        n=n,
        mean=float(scores.mean()),
        std_error=sd / sqrt(n),
        sd=sd,
        skewness=skewness,
        q10=q10,
        q25=q25,
        median=median,
        q75=q75,
        q90=q90,
    )


def _spread(scores: FloatArray) -> tuple[float, float]:
    """Return the standard deviation and the skewness G1."""
    n = scores.size
    if n < 2:
        return nan, nan
    if constant(scores):
        return 0.0, nan
    deviations = centred(scores)
    # Cubes of large units would overflow and of small ones vanish, so the unit is the largest.
    unit = float(np.abs(deviations).max())
    deviations = deviations / unit
    squares = float(deviations @ deviations)
    sd = unit * sqrt(squares / (n - 1))
    if n < 3:
        return sd, nan
    third = float((deviations**3).mean())
    g1 = third / (squares / n) ** 1.5
    return sd, g1 * sqrt(n * (n - 1)) / (n - 2)
