"""Limits of agreement: the bounds between which most differences of two ratings lie."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Literal

from numpy.typing import ArrayLike
from scipy.special import chdtri, nctdtrit, ndtri, stdtr, stdtrit

from dyadkit.errors import StudyError
from dyadkit.estimation.arrays import require_confidence
from dyadkit.estimation.paired_moments import PairMoments, pair_moments

LimitsMethod = Literal["exact", "approximate"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bland and Altman's limits of agreement, first minus second.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        The bias (mean difference) with its t interval, in the units of the ratings.
    sd : float
        Standard deviation of the differences.
    lower, lower_low, lower_high, upper, upper_low, upper_high : float
        The limits, each with its interval.
    slope, slope_low, slope_high, slope_statistic, slope_df, slope_p : float
        Of the differences on the pairs' means; NaN with fewer than three pairs, or where the means
        do not vary.
    share : float
        The share of differences that the limits hold in a normal population.
    n : int
    method : str
        How the limits' intervals were made.
    """

    estimate: float
    conf_low: float
    conf_high: float
    sd: float
    lower: float
    lower_low: float
    lower_high: float
    upper: float
    upper_low: float
    upper_high: float
    slope: float
    slope_low: float
    slope_high: float
    slope_statistic: float
    slope_df: float
    slope_p: float
    share: float
    n: int
    method: str


def limits_of_agreement(
    first: ArrayLike,
    second: ArrayLike,
    confidence: float = 0.95,
    *,
    share: float = 0.95,
    method: LimitsMethod = "exact",
) -> Limits:
    r"""Estimate the limits of agreement of two ratings.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    confidence : float
        Level of the intervals, between 0 and 1.
    share : float
        The share of differences between the limits, between 0 and 1.
    method : {"exact", "approximate"}
        How the limits' intervals are made.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.
    StudyError
        If the lengths differ, or a level, the share or the method is none.

    Notes
    -----
    The limits are :math:`\bar d \pm z s`.  Their exact interval for normal differences is
    :math:`\bar d \pm s\, t'/\sqrt n`, with t' the quantiles of the noncentral t distribution on
    n − 1 degrees of freedom with noncentrality :math:`z \sqrt n` (Carkeet, 2015); the approximate
    one has the standard error :math:`s \sqrt{1/n + z^2/(2(n-1))}` and a t quantile (Bland & Altman,
    1999, who write 1986 :math:`\sqrt{3/n}` for it).  A slope of the differences on the means tells
    that disagreement grows with the level; it is an ordinary least squares slope.

    References
    ----------
    Bland, J. M., & Altman, D. G. (1986). Statistical methods for assessing agreement between two
    methods of clinical measurement. The Lancet, 327, 307-310.

    Bland, J. M., & Altman, D. G. (1999). Measuring agreement in method comparison studies.
    Statistical Methods in Medical Research, 8, 135-160.

    Carkeet, A. (2015). Exact parametric confidence intervals for Bland-Altman limits of agreement.
    Optometry and Vision Science, 92, e71-e80.

    Examples
    --------
    >>> found = limits_of_agreement([4, 5, 6, 5, 3], [3, 5, 4, 6, 3])
    >>> round(found.estimate, 2), round(found.lower, 2), round(found.upper, 2)
    (0.4, -1.83, 2.63)
    """
    return limits_of(pair_moments(first, second), confidence, share=share, method=method)


def limits_of(
    moments: PairMoments,
    confidence: float = 0.95,
    *,
    share: float = 0.95,
    method: LimitsMethod = "exact",
) -> Limits:
    """Estimate the limits given the ratings' moments; see `limits_of_agreement`."""
    require_confidence(confidence)
    if not 0.0 < share < 1.0:
        raise StudyError(f"The share between the limits must lie between 0 and 1, not {share!r}.")
    n, df, sd = moments.n, moments.n - 1.0, moments.sd_difference
    bias = moments.mean_difference
    z = float(ndtri(0.5 + share / 2.0))
    tail = (1.0 - confidence) / 2.0
    t = float(stdtrit(df, 1.0 - tail))
    match method:
        case "exact":
            near = float(nctdtrit(df, z * sqrt(n), tail)) / sqrt(n)
            far = float(nctdtrit(df, z * sqrt(n), 1.0 - tail)) / sqrt(n)
        case "approximate":
            reach = t * sqrt(1.0 / n + z * z / (2.0 * df))
            near, far = z - reach, z + reach
        case _:
            raise StudyError(f"method must be 'exact' or 'approximate', not {method!r}.")
    slope, slope_error = _slope(moments)
    slope_df = n - 2.0
    slope_reach = float(stdtrit(slope_df, 1.0 - tail)) * slope_error if slope_df > 0 else nan
    statistic = slope / slope_error if slope_error > 0.0 else inf * slope if slope else nan
    return Limits(
        estimate=bias,
        conf_low=bias - t * sd / sqrt(n),
        conf_high=bias + t * sd / sqrt(n),
        sd=sd,
        lower=bias - z * sd,
        lower_low=bias - far * sd,
        lower_high=bias - near * sd,
        upper=bias + z * sd,
        upper_low=bias + near * sd,
        upper_high=bias + far * sd,
        slope=slope,
        slope_low=slope - slope_reach,
        slope_high=slope + slope_reach,
        slope_statistic=statistic,
        slope_df=slope_df,
        slope_p=float(2.0 * stdtr(slope_df, -abs(statistic))) if slope_df > 0 else nan,
        share=share,
        n=n,
        method="exact noncentral t" if method == "exact" else "approximate t",
    )


def limits_about_zero(
    squares: float, n: int, confidence: float = 0.95, *, share: float = 0.95
) -> Limits:
    r"""Estimate the limits of differences that have no sign, as those of interchangeable members.

    Parameters
    ----------
    squares : float
        Sum of the squared differences.
    n : int
        Dyads.
    confidence, share : float
        See `limits_of_agreement`.

    Notes
    -----
    Their mean is 0 by design, so that :math:`\pm z s` with :math:`s^2 = \sum d^2/n`, and
    :math:`n s^2/\sigma^2` is chi-square on n degrees of freedom: the interval is exact for normal
    differences.  There is no bias and no slope.

    Examples
    --------
    >>> found = limits_about_zero(6.0, 5)
    >>> round(found.upper, 3), round(found.upper_low, 3), round(found.upper_high, 3)
    (2.147, 1.34, 5.266)
    """
    require_confidence(confidence)
    sd = sqrt(squares / n)
    limit = float(ndtri(0.5 + share / 2.0)) * sd
    tail = (1.0 - confidence) / 2.0
    near = limit * sqrt(n / float(chdtri(n, tail)))
    far = limit * sqrt(n / float(chdtri(n, 1.0 - tail)))
    return Limits(
        estimate=0.0,
        conf_low=nan,
        conf_high=nan,
        sd=sd,
        lower=-limit,
        lower_low=-far,
        lower_high=-near,
        upper=limit,
        upper_low=near,
        upper_high=far,
        slope=nan,
        slope_low=nan,
        slope_high=nan,
        slope_statistic=nan,
        slope_df=nan,
        slope_p=nan,
        share=share,
        n=n,
        method="exact chi-square",
    )


def _slope(moments: PairMoments) -> tuple[float, float]:
    """Regress the differences on the pairs' means: slope and standard error.

    With the mean half the sum S of a pair, and Σ (S − S̄)(D − D̄) the difference of the two sums of
    squares, the slope is 2 (SS₁ − SS₂) / SS_S.
    """
    df = moments.n - 2
    if df < 1 or moments.ss_sum == 0.0:
        return nan, nan
    product = moments.ss_first - moments.ss_second
    slope = 2.0 * product / moments.ss_sum
    left = max(0.0, moments.ss_difference - product * product / moments.ss_sum)
    return slope, sqrt(left / df / (moments.ss_sum / 4.0))
