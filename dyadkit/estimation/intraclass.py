"""Intraclass correlation of interchangeable members: from mean squares, or double entry."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtr, fdtrc, fdtri, ndtr

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import as_pair, complete_rows, constant, require_confidence
from dyadkit.estimation.correlation import Correlation, fisher_interval


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """ICC(1) with its exact interval and its two-sided F test.

    Attributes
    ----------
    estimate : float
        Signed: from -1/(k - 1) to 1.
    conf_low, conf_high : float
        Exact F interval.
    f, df1, df2, p_value : float
        ``ms_between / ms_within`` with its degrees of freedom; F < 1 may be significant.
    n, k : int
        Complete groups, and members in each.
    ms_between, ms_within : float
        Mean squares of the one-way analysis of variance, in squared units of the scores.
    """

    estimate: float
    conf_low: float
    conf_high: float
    f: float
    df1: float
    df2: float
    p_value: float
    n: int
    k: int
    ms_between: float
    ms_within: float


def icc_mean_squares(ratings: ArrayLike, confidence: float = 0.95) -> IntraclassCorrelation:
    r"""Estimate ICC(1), the resemblance of interchangeable members, from mean squares.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        Groups (dyads, targets) in rows, interchangeable members in columns; a row with a
        NaN is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    IntraclassCorrelation
        ICC(1,1) of Shrout and Fleiss (1979), ICC(1) of McGraw and Wong (1996).

    Raises
    ------
    DataError
        If fewer than two complete rows or two columns are left, or no score varies.
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    :math:`\rho = (MS_B - MS_W) / (MS_B + (k-1) MS_W)` is negative when members of one group
    differ more than members of different groups, and is not truncated.  With
    :math:`F_L = F / F_{1-\alpha/2}(n-1, n(k-1))` and :math:`F_U = F\, F_{1-\alpha/2}(n(k-1), n-1)`
    the bounds are :math:`(F_L - 1)/(F_L + k - 1)` and :math:`(F_U - 1)/(F_U + k - 1)`
    (McGraw & Wong, 1996).  The p-value is twice the smaller tail of F, since members may
    be less alike than strangers (Kenny, Kashy & Cook, 2006, chapter 2).

    References
    ----------
    Kenny, D. A., Kashy, D. A., & Cook, W. L. (2006). Dyadic data analysis. Guilford.

    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass
    correlation coefficients. Psychological Methods, 1, 30-46.

    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater
    reliability. Psychological Bulletin, 86, 420-428.

    Examples
    --------
    >>> icc = icc_mean_squares([[1, 2], [4, 4], [2, 3], [6, 5]])
    >>> round(icc.estimate, 4), round(icc.f, 4), icc.n
    (0.8846, 16.3333, 4)
    """
    require_confidence(confidence)
    scores = complete_rows(ratings)
    n, k = scores.shape
    if k < 2 or n < 2:
        raise DataError(
            f"An intraclass correlation needs at least 2 members in each of 2 groups, but the "
            f"scores have {k} member(s) and {n} complete group(s). Check the pairing and the "
            "missing scores."
        )
    if constant(scores.ravel()):
        raise DataError(
            f"An intraclass correlation is undefined because all {n * k} of the scores are equal. "
            "Leave the variable out, or check its coding."
        )
    rows_equal = bool(constant(scores.T).all())
    # The origin is taken away first: it would cost digits when scores lie far from zero.
    scores = scores - scores.mean()
    means = scores.mean(axis=1)
    df1, df2 = n - 1.0, n * (k - 1.0)
    between = k * float(((means - means.mean()) ** 2).sum()) / df1
    deviations = scores - means[:, np.newaxis]
    within = 0.0 if rows_equal else float((deviations**2).sum()) / df2
    f = between / within if within > 0.0 else inf
    tail = (1.0 - confidence) / 2.0
    return IntraclassCorrelation(
        estimate=(between - within) / (between + (k - 1.0) * within),
        conf_low=_from_f(f / float(fdtri(df1, df2, 1.0 - tail)), k),
        conf_high=_from_f(f * float(fdtri(df2, df1, 1.0 - tail)), k),
        f=f,
        df1=df1,
        df2=df2,
        # Python's own `min` would turn a NaN into 1.
        p_value=float(np.minimum(1.0, 2.0 * np.minimum(fdtr(df1, df2, f), fdtrc(df1, df2, f)))),
        n=n,
        k=k,
        ms_between=between,
        ms_within=within,
    )


def double_entry(first: ArrayLike, second: ArrayLike, confidence: float = 0.95) -> Correlation:
    r"""Correlate interchangeable partners, each dyad entered twice.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The two members' scores; which member comes first does not matter.  A dyad with a
        NaN is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Correlation
        `n` counts dyads; `statistic` is a z, so `df` is infinite.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left, or no score varies.
    StudyError
        If the lengths differ or the confidence level is not between 0 and 1.

    Notes
    -----
    The Pearson correlation over the 2n rows (first, second) and (second, first) is the
    maximum-likelihood intraclass correlation of n pairs.  The 2n rows are not independent:
    inference rests on n dyads.  The test is :math:`Z = r\sqrt n` (Griffin & Gonzalez, 1995);
    the interval uses :math:`z = \operatorname{artanh} r` with variance
    :math:`1/(n - 3/2)`, Fisher's (1925, chapter VII) for the intraclass correlation of pairs.
    Both are approximate; `icc_mean_squares` has the exact test and interval of the same dyads.

    With S the sum of squares of the dyads' sums about their mean, and D that of the
    differences about zero, :math:`r = (S - D)/(S + D)`, which loses no digits when r is
    close to 1 in size.

    References
    ----------
    Fisher, R. A. (1925). Statistical methods for research workers. Oliver & Boyd.

    Griffin, D., & Gonzalez, R. (1995). Correlational analysis of dyad-level data in the
    exchangeable case. Psychological Bulletin, 118, 430-439.

    Examples
    --------
    >>> result = double_entry([1, 4, 2, 6], [2, 4, 3, 5])
    >>> round(result.estimate, 4), round(result.statistic, 4), result.n
    (0.8491, 1.6981, 4)
    """
    require_confidence(confidence)
    one, other = as_pair(first, second)
    n = one.size
    if n < 2:
        raise DataError(
            f"A double-entry correlation needs at least 2 complete dyads, but {n} are left. "
            "Check the pairing and the missing scores."
        )
    if constant(np.concatenate([one, other])):
        raise DataError(
            f"A double-entry correlation is undefined because all {2 * n} of the scores are equal. "
            "Leave the variable out, or check its coding."
        )
    origin = one.mean()
    sums = (one - origin) + (other - origin)
    sums = sums - sums.mean()
    alike, unlike = float((sums**2).sum()), float(((one - other) ** 2).sum())
    estimate = (alike - unlike) / (alike + unlike)
    if alike == 0.0 or unlike == 0.0:
        z = inf if unlike == 0.0 else -inf
    else:
        z = 0.5 * log(alike / unlike)
    low, high = fisher_interval(z, 1.0 / sqrt(n - 1.5), confidence)
    statistic = estimate * sqrt(n)
    return Correlation(
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        statistic=statistic,
        df=inf,
        p_value=float(2.0 * ndtr(-abs(statistic))),
        n=n,
    )


def _from_f(f: float, k: int) -> float:
    return 1.0 if f == inf else (f - 1.0) / (f + k - 1.0)
