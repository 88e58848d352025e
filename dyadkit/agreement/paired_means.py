"""Whether one side rates higher: the mean difference of two ratings, and its size."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import nctdtrinc, stdtr, stdtrit

from dyadkit.estimation.arrays import require_confidence
from dyadkit.estimation.paired_moments import PairMoments, pair_moments


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean difference, first minus second, with its t test and two effect sizes.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : float
        In the units of the ratings.
    statistic, df, p_value : float
        Paired t test, two-sided.
    d_av, d_av_low, d_av_high : float
        The difference in units of the root of the average variance, with an approximate interval.
    d_z, d_z_low, d_z_high : float
        The difference in units of the differences' standard deviation, with an exact interval.
    n : int
    method : str
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    d_av: float
    d_av_low: float
    d_av_high: float
    d_z: float
    d_z_low: float
    d_z_high: float
    n: int
    method: str = "t"


def mean_difference(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95
) -> MeanDifference:
    r"""Compare the means of two ratings of the same dyads.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    confidence : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    MeanDifference
        The effect sizes are NaN where their denominator is 0.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.
    StudyError
        If the lengths differ or the confidence level is not between 0 and 1.

    Notes
    -----
    :math:`d_{av} = \bar d / \sqrt{(s_1^2 + s_2^2)/2}` (Cumming, 2012), comparable with studies of
    independent groups, and :math:`d_z = \bar d / s_d`.  With λ the bounds of the noncentrality of
    t, the interval of :math:`d_z` is :math:`\lambda/\sqrt n`, which is exact, and that of
    :math:`d_{av}` is :math:`\lambda s_d / \sqrt{n (s_1^2 + s_2^2)/2}` (Algina & Keselman, 2003).

    References
    ----------
    Algina, J., & Keselman, H. J. (2003). Approximate confidence intervals for effect sizes.
    Educational and Psychological Measurement, 63, 537-553.

    Cumming, G. (2012). Understanding the new statistics. Routledge.

    Examples
    --------
    >>> found = mean_difference([4, 5, 6, 5], [3, 5, 4, 4])
    >>> found.estimate, round(found.statistic, 4), round(found.d_av, 4)
    (1.0, 2.4495, 1.2247)
    """
    return mean_difference_of(pair_moments(first, second), confidence)


def mean_difference_of(moments: PairMoments, confidence: float = 0.95) -> MeanDifference:
    """Compare the means of two ratings, given their moments; see `mean_difference`."""
    require_confidence(confidence)
    n, df = moments.n, moments.n - 1.0
    estimate, sd = moments.mean_difference, moments.sd_difference
    std_error = sd / sqrt(n)
    if std_error > 0.0:
        statistic = estimate / std_error
    else:
        statistic = copysign(inf, estimate) if estimate else nan
    reach = float(stdtrit(df, 0.5 + confidence / 2.0)) * std_error
    low, high = _noncentrality(statistic, df, confidence)
    spread = sqrt((moments.ss_first + moments.ss_second) / (2.0 * df))
    per_lambda = std_error / spread if spread > 0.0 else nan
    return MeanDifference(
        estimate=estimate,
        std_error=std_error,
        conf_low=estimate - reach,
        conf_high=estimate + reach,
        statistic=statistic,
        df=df,
        p_value=float(2.0 * stdtr(df, -abs(statistic))),
        d_av=estimate / spread if spread > 0.0 else nan,
        d_av_low=low * per_lambda,
        d_av_high=high * per_lambda,
        d_z=estimate / sd if sd > 0.0 else nan,
        d_z_low=low / sqrt(n),
        d_z_high=high / sqrt(n),
        n=n,
    )


def _noncentrality(statistic: float, df: float, confidence: float) -> tuple[float, float]:
    """Return the noncentralities under which t would be as large, or as small, with α/2."""
    if not np.isfinite(statistic):
        return nan, nan
    tail = (1.0 - confidence) / 2.0
    return float(nctdtrinc(df, 1.0 - tail, statistic)), float(nctdtrinc(df, tail, statistic))
