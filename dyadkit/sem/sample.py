"""What the normal likelihood needs of the data: moments per group and pattern of missing scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.estimation.completion import Gaps, gaps_of
from dyadkit.estimation.patterns import missing_patterns

_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, eq=False)
class Sample:
    """Sufficient statistics of a stack of b samples, in M sets: one per group and pattern.

    Attributes
    ----------
    observed : ndarray of bool, shape (M, p)
        The variables that the rows of a set have.
    group : ndarray of int, shape (M,)
        The group of each set, counted from 0 and not falling.
    counts : ndarray, shape (b, M)
        Rows in each set; a resample may have none.
    means : ndarray, shape (b, M, p)
        Means of the set's rows; 0 where missing.
    scatter : ndarray, shape (b, M, p, p)
        Their covariances, of divisor `counts`; 0 where missing.
    """

    observed: BoolArray
    group: IntArray
    counts: FloatArray
    means: FloatArray
    scatter: FloatArray

    @cached_property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.group[-1]) + 1

    @cached_property
    def complete(self) -> bool:
        """Whether no score is missing, so that each group is one set."""
        return bool(self.observed.all()) and self.group.size == self.n_groups

    @cached_property
    def gaps(self) -> tuple[Gaps, ...]:
        """What is missing, set by set."""
        return gaps_of(self.observed)

    @property
    def n(self) -> FloatArray:
        """Rows of each sample, shape (b,)."""
        return np.asarray(self.counts.sum(axis=1))

    def by_group(self, values: FloatArray) -> FloatArray:
        """Sum values of shape (b, M, ...) over the sets of each group: shape (b, G, ...)."""
        if self.group.size == self.n_groups:
            return values
        if self.n_groups == 1:
            return np.asarray(values.sum(axis=1, keepdims=True))
        starts = np.searchsorted(self.group, np.arange(self.n_groups))
        return np.asarray(np.add.reduceat(values, starts, axis=1))

    def rows(self, chosen: IntArray | BoolArray | slice) -> Sample:
        """Return some samples of the stack."""
        return Sample(
            self.observed, self.group, self.counts[chosen], self.means[chosen], self.scatter[chosen]
        )

    def shifted(self, shift: FloatArray) -> Sample:
        """Return the samples with shift, shape (G, p), added to every score."""
        means = np.where(self.observed, self.means + shift[self.group], 0.0)
        return Sample(self.observed, self.group, self.counts, means, self.scatter)

    def repeated(self, times: int) -> Sample:
        """Return a stack that holds the one sample several times, without copying it."""
        parts = (self.counts, self.means, self.scatter)
        return Sample(
            self.observed,
            self.group,
            *(np.broadcast_to(part[:1], (times, *part.shape[1:])) for part in parts),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The rows of a data set, sorted by group and pattern, ready to be weighted.

    Attributes
    ----------
    deviations : ndarray, shape (n, p)
        Scores minus `origin`; 0 where missing.
    order : ndarray of int, shape (n,)
        The row of the data that each of these rows was.
    starts : ndarray of int, shape (M,)
        Where the rows of each set begin.
    observed : ndarray of bool, shape (M, p)
    group : ndarray of int, shape (M,)
    origin : ndarray, shape (p,)
        Mean of the observed scores of each variable.
    """

    deviations: FloatArray
    order: IntArray
    starts: IntArray
    observed: BoolArray
    group: IntArray
    origin: FloatArray

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.order.size)

    def _bounds(self) -> list[tuple[int, int]]:
        ends = [*self.starts[1:].tolist(), self.n]
        return list(zip(self.starts.tolist(), ends, strict=True))

    def sample(self) -> Sample:
        """Return the moments of the data as they are, a stack of one."""
        sets, p = self.observed.shape
        counts = np.empty((1, sets))
        means = np.empty((1, sets, p))
        scatter = np.empty((1, sets, p, p))
        for number, (begin, end) in enumerate(self._bounds()):
            mean, cross = mean_and_scatter(self.deviations[begin:end])
            counts[0, number] = end - begin
            means[0, number] = np.where(self.observed[number], mean + self.origin, 0.0)
            scatter[0, number] = cross
        return Sample(self.observed, self.group, counts, means, scatter)

    def weighted(self, weights: NDArray[np.generic]) -> Sample:
        r"""Return the moments of b weighted samples, such as bootstrap samples by their counts.

        Parameters
        ----------
        weights : ndarray, shape (b, n)
            How often each row of the data is in each sample, in the order of the data.

        Returns
        -------
        Sample
            From :math:`\sum_i w_i z_i` and :math:`\sum_i w_i z_i z_i'` of the deviations z: no row
            is copied.
        """
        sets, p = self.observed.shape
        ordered = np.asarray(weights, dtype=np.float64)[:, self.order]
        draws = ordered.shape[0]
        counts = np.empty((draws, sets))
        means = np.zeros((draws, sets, p))
        scatter = np.zeros((draws, sets, p, p))
        for number, (begin, end) in enumerate(self._bounds()):
            has = np.flatnonzero(self.observed[number])
            z = self.deviations[begin:end][:, has]
            low, high = np.tril_indices(has.size)
            parts = np.concatenate([np.ones((end - begin, 1)), z, z[:, low] * z[:, high]], axis=1)
            sums = ordered[:, begin:end] @ parts
            total = sums[:, 0]
            share = np.where(total > 0, 1.0 / np.where(total > 0, total, 1.0), 0.0)[:, None]
            mean = sums[:, 1 : has.size + 1] * share
            cross = sums[:, has.size + 1 :] * share - mean[:, low] * mean[:, high]
            counts[:, number] = total
            means[:, number, has] = np.where(total[:, None] > 0, mean + self.origin[has], 0.0)
            scatter[:, number, has[low], has[high]] = cross
            scatter[:, number, has[high], has[low]] = cross
        return Sample(self.observed, self.group, counts, means, scatter)


def mean_and_scatter(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return column means and the covariance matrix of divisor n, in one pass over the rows.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Without missing values; a NaN or infinite value makes the result so.

    Notes
    -----
    Rows are taken in blocks that stay in the processor's cache, about the mean of the first block,
    which takes the rounding error of large means away (Chan, Golub & LeVeque, 1983).

    References
    ----------
    Chan, T. F., Golub, G. H., & LeVeque, R. J. (1983). Algorithms for computing the sample
    variance: Analysis and recommendations. The American Statistician, 37, 242-247.

    Examples
    --------
    >>> mean, scatter = mean_and_scatter(np.array([[1.0, 2.0], [3.0, 6.0]]))
    >>> mean.tolist(), scatter.tolist()
    ([2.0, 4.0], [[1.0, 2.0], [2.0, 4.0]])
    """
    n, p = values.shape
    shift = values[:_ROWS_AT_ONCE].mean(axis=0)
    total = np.zeros(p)
    cross = np.zeros((p, p))
    # Scores whose squares are too large for a number give infinite moments, for the caller to see.
    with np.errstate(over="ignore", invalid="ignore"):
        for begin in range(0, n, _ROWS_AT_ONCE):
            block = values[begin : begin + _ROWS_AT_ONCE] - shift
            total += block.sum(axis=0)
            cross += block.T @ block
        offset = total / n
        cross = cross / n - np.outer(offset, offset)
    return shift + offset, cross


def records_of(values: FloatArray, group: IntArray | None = None) -> Records:
    """Sort rows by group and pattern of missing scores.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        NaN is missing; a row without any score must have been taken out.
    group : ndarray of int, shape (n,), optional
        Group of each row, counted from 0.

    Examples
    --------
    >>> nan = float("nan")
    >>> records = records_of(np.array([[1.0, nan], [2.0, 3.0], [4.0, 5.0]]))
    >>> records.observed.tolist(), records.order.tolist()
    ([[True, True], [True, False]], [1, 2, 0])
    """
    n = values.shape[0]
    patterns = missing_patterns(values)
    groups = np.zeros(n, dtype=np.int64) if group is None else group
    sets = groups * patterns.counts.size + patterns.index
    order = np.argsort(sets, kind="stable")
    distinct, starts = np.unique(sets[order], return_index=True)
    seen = ~np.isnan(values)
    origin = np.where(seen, values, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    deviations = np.where(seen, values - origin, 0.0)[order]
    return Records(
        deviations=deviations,
        order=order,
        starts=starts,
        observed=patterns.observed[distinct % patterns.counts.size],
        group=distinct // patterns.counts.size,
        origin=origin,
    )


def sample_of_moments(
    counts: Sequence[float], means: Sequence[FloatArray], covariances: Sequence[FloatArray]
) -> Sample:
    """Return the sample that has the given moments (covariances of divisor n), one set a group."""
    p = means[0].size
    groups = len(counts)
    return Sample(
        observed=np.ones((groups, p), dtype=np.bool_),
        group=np.arange(groups),
        counts=np.asarray(counts, dtype=np.float64)[None],
        means=np.stack(means)[None],
        scatter=np.stack(covariances)[None],
    )
