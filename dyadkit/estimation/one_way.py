r"""ICC(1) of groups of unequal sizes, from the one-way analysis of variance.

:math:`ICC(1) = (MS_B - MS_W) / (MS_B + (k - 1) MS_W)` is signed.  For unequal groups, k is the mean
size (Bliese, 2000) or :math:`n_0 = (N - \sum n_j^2 / N) / (J - 1)`, which makes the estimate of the
variance between groups unbiased (Snedecor & Cochran, 1980).

References
----------
Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability: Implications for
data aggregation and analysis. In K. J. Klein & S. W. J. Kozlowski (Eds.), Multilevel theory,
research, and methods in organizations (pp. 349-381). Jossey-Bass.

Snedecor, G. W., & Cochran, W. G. (1980). Statistical methods (7th ed.). Iowa State University
Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy.special import fdtr, fdtrc

from dyadkit.estimation.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class OneWay:
    """The analysis of variance of groups.

    Attributes
    ----------
    icc_mean, icc_n0 : float
        ICC(1) with the mean group size, and with n₀; NaN where no group has two members.
    f, df1, df2, p_value : float
        The two-sided test: F < 1 may be significant.
    n, groups, smallest, largest : int
    mean_size, n0 : float
    ms_between, ms_within : float
        Mean squares, in squared units of the scores; NaN like the coefficients.
    icc2 : float
        ICC(2), the reliability of the groups' means: (MS_B - MS_W) / MS_B, negative for F < 1 and
        minus infinity for F = 0.
    """

    icc_mean: float
    icc_n0: float
    f: float
    df1: float
    df2: float
    p_value: float
    n: int
    groups: int
    smallest: int
    largest: int
    mean_size: float
    n0: float
    ms_between: float
    ms_within: float
    icc2: float


def one_way_icc(values: FloatArray, group: IntArray) -> OneWay:
    """Analyse the variance between and within groups.

    Parameters
    ----------
    values : ndarray, shape (n,)
    group : ndarray of int, shape (n,)
        Codes from 0, every one of which occurs.

    Examples
    --------
    >>> found = one_way_icc(np.array([1.0, 2.0, 4.0, 5.0, 6.0]), np.array([0, 0, 1, 1, 1]))
    >>> round(found.icc_mean, 4), found.mean_size, found.n0
    (0.8694, 2.5, 2.4)
    """
    size = np.bincount(group).astype(np.float64)
    n, groups = values.size, size.size
    means = np.bincount(group, weights=values) / size
    between = float(size @ (means - values.mean()) ** 2)
    within = float(((values - means[group]) ** 2).sum())
    df1, df2 = groups - 1.0, float(n - groups)
    mean_size = n / groups
    n0 = (n - float(size @ size) / n) / df1 if df1 > 0 else nan
    if df1 <= 0 or df2 <= 0 or between + within == 0.0:
        f = p = high = low = nan
        icc_mean = icc_n0 = icc2 = nan
    else:
        high, low = between / df1, within / df2
        f = high / low if low > 0.0 else np.inf
        p = min(1.0, 2.0 * min(float(fdtr(df1, df2, f)), float(fdtrc(df1, df2, f))))
        icc_mean = (high - low) / (high + (mean_size - 1.0) * low)
        icc_n0 = (high - low) / (high + (n0 - 1.0) * low)
        icc2 = 1.0 - low / high if high > 0.0 else -np.inf
    return OneWay(
        icc_mean,
        icc_n0,
        f,
        df1,
        df2,
        p,
        n,
        groups,
        int(size.min()),
        int(size.max()),
        mean_size,
        n0,
        high,
        low,
        icc2,
    )
