"""Spearman's rank correlation of two variables."""

from __future__ import annotations

from math import atanh, copysign, inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, as_pair, require_confidence
from dyadkit.estimation.correlation import Correlation, fisher_interval, pearson


def spearman(x: ArrayLike, y: ArrayLike, confidence: float = 0.95) -> Correlation:
    r"""Correlate the ranks of two variables over their complete pairs.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Paired scores in any units; a pair with a NaN is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Correlation
        With an approximate t on n - 2 degrees of freedom.

    Raises
    ------
    DataError
        If fewer than three complete pairs are left, or either variable does not vary in them.
    StudyError
        If the lengths differ or the confidence level is not between 0 and 1.

    Notes
    -----
    Pearson's correlation of the ranks, equal scores sharing the mean of their ranks.  The interval
    is :math:`\tanh(\operatorname{artanh} r \pm z \sqrt{(1 + r^2/2)/(n - 3)})` (Bonett & Wright,
    2000).

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall
    and Spearman correlations. Psychometrika, 65, 23-28.

    Examples
    --------
    >>> found = spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 50])
    >>> round(found.estimate, 4), found.n
    (0.8, 5)
    """
    require_confidence(confidence)
    first, second = as_pair(x, y)
    n = first.size
    if n < 3:
        raise DataError(
            f"A rank correlation needs at least 3 complete pairs of scores, but {n} are left. "
            "Check how many units answered both."
        )
    r = pearson(mid_ranks(first), mid_ranks(second), confidence).estimate
    df = n - 2.0
    if abs(r) == 1.0:
        statistic = copysign(inf, r)
        low = high = r
    else:
        statistic = r * sqrt(df / ((1.0 - r) * (1.0 + r)))
        error = sqrt((1.0 + r * r / 2.0) / (n - 3.0)) if n > 3 else nan
        low, high = fisher_interval(atanh(r), error, confidence)
    return Correlation(r, low, high, statistic, df, float(2.0 * stdtr(df, -abs(statistic))), n)


def mid_ranks(values: FloatArray) -> FloatArray:
    """Rank from 1; equal values share the mean of their ranks.

    Examples
    --------
    >>> mid_ranks(np.array([3.0, 1.0, 3.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2.0)[place])
