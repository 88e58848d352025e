"""Clusters of like size side by side, and which of them share one covariance matrix.

Clusters are padded to a common size within a block: a padded place has variance 1, no covariance
and a row of zeros in the data, so that it adds nothing to a likelihood.  A *pattern* is everything
on which a covariance matrix depends; clusters of one pattern share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.mixed.terms import Problem

# Small clusters are not padded; larger ones by a fifth at most.
_UNPADDED = 8
_STRETCH = 1.2

_Key = FloatArray | IntArray | BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Clusters of about one size, those of a pattern next to each other.

    Attributes
    ----------
    rows : ndarray of int, shape (N, m)
        The place of each row in the data; 0 where padded.
    present : ndarray of bool, shape (N, m)
        False where padded.
    clusters : ndarray of int, shape (N,)
        The clusters' codes.
    pattern : ndarray of int, shape (N,)
        Not decreasing, from 0.
    first : ndarray of int, shape (P,)
        Where each pattern begins.
    """

    rows: IntArray
    present: BoolArray
    clusters: IntArray
    pattern: IntArray
    first: IntArray

    @property
    def n_patterns(self) -> int:
        """The number of patterns, P."""
        return int(self.first.size)

    @property
    def size(self) -> int:
        """The padded size of a cluster, m."""
        return int(self.rows.shape[1])


def blocks_of(problem: Problem) -> tuple[Block, ...]:
    """Arrange the rows of a problem."""
    residual = problem.residual
    keys: list[FloatArray | IntArray] = [residual.member]
    if residual.time is not None:
        keys.append(residual.time)
    if residual.pair is not problem.cluster:
        keys.append(residual.pair)
    order = np.lexsort((*keys, problem.cluster))
    begins = _starts(problem.cluster[order])
    sizes = np.diff(begins, append=order.size)
    if (sizes == sizes[0]).all():
        rows = order.reshape(sizes.size, -1)
        return (_sorted_block(problem, rows, np.ones(rows.shape, dtype=np.bool_)),)
    found = []
    for chosen in _classes(sizes):
        m = int(sizes[chosen].max())
        places = begins[chosen][:, None] + np.arange(m)
        present: BoolArray = np.arange(m) < sizes[chosen][:, None]
        padded = ~present
        places[padded] = 0
        rows = order[places]
        rows[padded] = 0
        found.append(_sorted_block(problem, rows, present))
    return tuple(found)


def _classes(sizes: IntArray) -> Iterator[IntArray]:
    """Yield clusters whose sizes are alike enough to be padded to the largest."""
    distinct = np.flatnonzero(np.bincount(sizes))[::-1].tolist()
    while distinct:
        largest = distinct[0]
        least = largest if largest <= _UNPADDED else largest / _STRETCH
        together = [size for size in distinct if size >= least]
        yield np.flatnonzero((sizes <= largest) & (sizes >= together[-1]))
        distinct = distinct[len(together) :]


def _sorted_block(problem: Problem, rows: IntArray, present: BoolArray) -> Block:
    pattern = _numbered(_keys(problem, rows, present), rows.shape[0])
    if pattern.any():
        order = np.argsort(pattern, kind="stable")
        rows, present, pattern = rows[order], present[order], pattern[order]
    return Block(
        rows=rows,
        present=present,
        clusters=problem.cluster[rows[:, 0]],
        pattern=pattern,
        first=_starts(pattern),
    )


def _starts(codes: IntArray) -> IntArray:
    """Return where codes that stand next to each other begin."""
    new: BoolArray = np.ones(codes.size, dtype=np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=new[1:])
    return np.flatnonzero(new)


def _keys(problem: Problem, rows: IntArray, present: BoolArray) -> list[_Key]:
    """Return what a cluster's covariance matrix depends on, a list of arrays with N rows."""
    residual = problem.residual
    keys: list[_Key] = [present]
    if residual.kind != "independent" or residual.serial is not None:
        keys.append(residual.member[rows])
        if residual.pair is not problem.cluster:
            keys.append(same(residual.pair, rows))
    if residual.serial is not None and residual.time is not None:
        keys.append(residual.time[rows] - residual.time[rows[:, :1]])
    if residual.level is not None:
        keys.append(residual.level[rows])
    for term in problem.random:
        keys.append(same(term.group, rows))
        keys += [term.z[rows, column] for column in range(term.size)]
        if term.sign is not None:
            keys.append(term.sign[rows])
    if not present.all():
        # A padded place repeats the first row of the data, which must not tell patterns apart.
        keys = [np.where(spread(present, key.ndim), key, 0) for key in keys]
    return [key.reshape(rows.shape[0], -1) for key in keys]


def same(codes: IntArray, rows: IntArray) -> BoolArray:
    """Tell which rows of a cluster have one code, shape (N, m, m)."""
    found = codes[rows]
    return np.asarray(found[:, :, None] == found[:, None, :])


def spread(present: BoolArray, ndim: int) -> BoolArray:
    """Return which places, or which pairs of places, are not padded."""
    return present if ndim == 2 else present[:, :, None] & present[:, None, :]


def _numbered(keys: Sequence[_Key], n: int) -> IntArray:
    """Number the distinct rows of a table of n rows given as columns."""
    # Most keys are the same in all rows, which is seen much faster than in which columns.
    keys = [key for key in keys if (key != key[:1]).any()]
    if not keys:
        return np.zeros(n, dtype=np.int64)
    varying = [key[:, (key != key[:1]).any(axis=0)].astype(np.float64) for key in keys]
    table = np.ascontiguousarray(np.concatenate(varying, axis=1))
    table += 0.0  # -0.0 and 0.0 are one number, but not the same bytes
    whole = table.view(np.dtype((np.void, table.shape[1] * table.itemsize)))[:, 0]
    _, numbers = np.unique(whole, return_inverse=True)
    return numbers.astype(np.int64)
