"""Spearman's rank correlation of two variables."""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, copysign, inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, as_pair, require_confidence
from dyadkit.estimation.correlation import Correlation, fisher_interval, pearson_of
from dyadkit.estimation.paired_moments import pair_moments

_LATTICE = 2**12
_CELLS = 2**16
_BLOCK = 2**14


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
    r = _rank_r(first, second)
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
    order = np.argsort(values)
    ordered = values[order]
    ranks = np.empty(values.size)
    tied = ordered[1:] == ordered[:-1]
    if not tied.any():
        ranks[order] = np.arange(1.0, values.size + 1.0)
        return ranks
    starts = np.flatnonzero(np.append(True, ~tied))
    sizes = np.diff(np.append(starts, values.size))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2.0, sizes)
    return ranks


def _rank_r(x: FloatArray, y: FloatArray) -> float:
    """Correlate ranks: over the cells of the joint table where scores take few values."""
    one, other = _Lattice.of(x), _Lattice.of(y)
    if one is None or other is None or one.size * other.size > _CELLS:
        return pearson_of(pair_moments(mid_ranks(x), mid_ranks(y))).estimate
    counts = np.zeros(one.size * other.size)
    for start in range(0, x.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        cells = (one.places(x[block]) * other.size + other.places(y[block])).astype(np.int64)
        counts += np.bincount(cells, minlength=counts.size)
    table = counts.reshape(one.size, other.size)
    middle = (x.size + 1) / 2.0
    u, v = one.ranks - middle, other.ranks - middle
    spread = sqrt(float(table.sum(axis=1) @ (u * u)) * float(table.sum(axis=0) @ (v * v)))
    if spread == 0.0:
        raise DataError(
            f"A rank correlation is undefined because a variable has no variance in the {x.size} "
            "complete pairs of scores. Leave it out, or check its coding."
        )
    return max(-1.0, min(1.0, float(u @ table @ v) / spread))


@dataclass(frozen=True, slots=True, eq=False)
class _Lattice:
    """Few values about equally far apart, as scores of a scale are: no search finds their place."""

    origin: float
    step: float
    ranks: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> _Lattice | None:
        # Few of the first ones differ where there are few in all: sorting can be spared otherwise.
        if np.unique(values[:_LATTICE]).size > _LATTICE // 4:
            return None
        ordered = np.sort(values)
        starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        distinct = ordered[starts]
        ranks = (starts + 1 + np.append(starts[1:], values.size)) / 2.0
        step = float(np.diff(distinct).min(initial=np.inf))
        origin = float(distinct[0])
        if (float(distinct[-1]) - origin) / step >= _LATTICE:
            return None
        places = np.rint((distinct - origin) / step).astype(np.int64)
        if not (np.diff(places) > 0).all():
            return None
        table = np.zeros(int(places[-1]) + 1)
        table[places] = ranks
        return cls(origin, step, table)

    @property
    def size(self) -> int:
        return self.ranks.size

    def places(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.rint((values - self.origin) / self.step))
