r"""Sums over clusters of :math:`A_i' K A_i`, all that a likelihood needs of the data.

:math:`A_i` (m × c) are a cluster's rows of predictors and outcome, and K is one matrix for all
clusters of a pattern.  Two forms give the same sums.

*Gram*: as :math:`\sum_i A_i' K A_i` is linear in K, the fourth-order moments
:math:`\sum_i A_i[a, j] A_i[b, l]` of a pattern suffice; data of any size are read once.
*Units*: where patterns are about as many as clusters, the product itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.mixed.blocks import Block

# A pattern's moments cost as much as this many units for each column.
_GAIN = 2
# Largest size of the moments of one sample when many are resampled at once.
_SMALL = 2**18


@dataclass(frozen=True, slots=True, eq=False)
class Contracted:
    """The sums for b covariance structures with K parameters.

    Attributes
    ----------
    level : ndarray, shape (b, c, c)
        Of :math:`V^{-1}`.
    slope : ndarray, shape (b, K, c, c)
        Of :math:`V^{-1} V_k V^{-1}`, with V_k the derivative by parameter k.
    bend : ndarray, shape (b, K, K, c, c)
        Of :math:`V^{-1} V_k V^{-1} V_l V^{-1}`, made symmetric in k and l.
    second : ndarray, shape (b, s, c, c)
        Of :math:`V^{-1} V_{kl} V^{-1}` for those second derivatives that are not zero.
    """

    level: FloatArray
    slope: FloatArray
    bend: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Gram:
    """Moments by pattern: shape (1 or b, P·m·m, c·c), and how many clusters they sum."""

    moments: FloatArray
    counts: FloatArray
    width: int

    def level(self, inverse: FloatArray) -> FloatArray:
        """Sum A'V⁻¹A for `inverse` of shape (b, P, m, m)."""
        return self._sum(inverse[:, None])[:, 0]

    def contract(
        self, inverse: FloatArray, by: FloatArray, by_inverse: FloatArray, second: FloatArray
    ) -> Contracted:
        """Sum for all matrices that the derivatives need.

        Parameters
        ----------
        inverse : ndarray, shape (b, P, m, m)
            :math:`V^{-1}`.
        by : ndarray, shape (1 or b, K, P, m, m)
            :math:`V_k`.
        by_inverse : ndarray, shape (b, K, P, m, m)
            :math:`V^{-1} V_k`.
        second : ndarray, shape (b, s, P, m, m)
            :math:`V_{kl}`.
        """
        b, k = by_inverse.shape[:2]
        slope = by_inverse @ inverse[:, None]
        one, two = _pairs(k)
        bend = by_inverse[:, one] @ slope[:, two]
        parts = [inverse[:, None], slope, bend]
        if second.shape[1]:
            parts.append(inverse[:, None] @ second @ inverse[:, None])
        sums = self._sum(np.concatenate(parts, axis=1))
        full = np.empty((b, k, k, self.width, self.width))
        part = sums[:, 1 + k : 1 + k + one.size]
        part = 0.5 * (part + np.swapaxes(part, -1, -2))
        full[:, one, two], full[:, two, one] = part, part
        return Contracted(sums[:, 0], sums[:, 1 : 1 + k], full, sums[:, 1 + k + one.size :])

    def _sum(self, matrices: FloatArray) -> FloatArray:
        b, j = matrices.shape[:2]
        c = self.width
        return np.asarray((matrices.reshape(b, j, -1) @ self.moments).reshape(b, j, c, c))


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The clusters' own rows, shape (1 or b, U, m, c), their patterns, and weights (1 or b, U)."""

    data: FloatArray
    pattern: IntArray
    weight: FloatArray
    counts: FloatArray
    width: int

    def level(self, inverse: FloatArray) -> FloatArray:
        """Sum A'V⁻¹A for `inverse` of shape (b, P, m, m)."""
        solved = inverse[:, self.pattern] @ self.data
        return _cross(self._weighted(self.data), solved)

    def contract(
        self, inverse: FloatArray, by: FloatArray, by_inverse: FloatArray, second: FloatArray
    ) -> Contracted:
        """Sum for all matrices that the derivatives need; see `Gram.contract`."""
        b, k = by_inverse.shape[:2]
        c = self.width
        own = inverse[:, self.pattern]
        solved = own @ self.data
        weighted = self._weighted(solved)
        moved = by[:, :, self.pattern] @ solved[:, None]
        slope = _cross(weighted[:, None], moved)
        # (b, k·c, U·m) times (b, U·m, k·c)
        left = np.moveaxis(self._weighted(moved), 1, 3).reshape(b, -1, k * c)
        right = np.moveaxis(own[:, None] @ moved, 1, 3).reshape(b, -1, k * c)
        bend = np.swapaxes(left, 1, 2) @ right
        bend = bend.reshape(b, k, c, k, c).transpose(0, 1, 3, 2, 4)
        bend = 0.5 * (bend + np.swapaxes(bend, 1, 2))
        bent = _cross(weighted[:, None], second[:, :, self.pattern] @ solved[:, None])
        level = _cross(self._weighted(self.data), solved)
        return Contracted(level, slope, bend, bent)

    def _weighted(self, rows: FloatArray) -> FloatArray:
        """Multiply rows (b, …, U, m, c) by the units' weights (1 or b, U)."""
        weight = self.weight
        between = (1,) * (rows.ndim - 4)
        return np.asarray(rows * weight.reshape(weight.shape[0], *between, -1, 1, 1))


def products_of(block: Block, data: FloatArray) -> Gram | Units:
    """Take from the data (n, c) what the clusters of a block need, in the smaller form."""
    m, c = block.size, int(data.shape[1])
    counts = np.bincount(block.pattern, minlength=block.n_patterns).astype(np.float64)[None]
    rows = data[block.rows]
    if not block.present.all():
        rows[~block.present] = 0.0
    n = block.rows.shape[0]
    if block.n_patterns * c * _GAIN > n:
        return Units(rows[None], block.pattern, np.ones((1, n)), counts, c)
    moments = np.empty((1, block.n_patterns, m * c, m * c))
    for number, (begin, end) in enumerate(_stretches(block)):
        flat = rows[begin:end].reshape(end - begin, m * c)
        moments[0, number] = flat.T @ flat
    return Gram(_by_places(moments, m, c), counts, c)


def resampled(block: Block, data: FloatArray, counts: FloatArray) -> Gram | Units:
    """Return the sums of b samples in which cluster i stands `counts[:, i]` times.

    Parameters
    ----------
    block : Block
    data : ndarray, shape (n, c)
    counts : ndarray, shape (b, N)
        In the block's order of clusters.
    """
    m, c = block.size, int(data.shape[1])
    rows = np.where(block.present[:, :, None], data[block.rows], 0.0)
    by_pattern = np.add.reduceat(counts, block.first, axis=1)
    if block.n_patterns * (m * c) ** 2 > _SMALL:
        return Units(rows[None], block.pattern, counts, by_pattern, c)
    one, two = _pairs(m * c)
    moments = np.empty((counts.shape[0], block.n_patterns, m * c, m * c))
    for number, (begin, end) in enumerate(_stretches(block)):
        flat = rows[begin:end].reshape(end - begin, m * c)
        sums = counts[:, begin:end] @ (flat[:, one] * flat[:, two])
        moments[:, number, one, two] = sums
        moments[:, number, two, one] = sums
    return Gram(_by_places(moments, m, c), by_pattern, c)


def simulated(block: Block, data: FloatArray, outcome: FloatArray) -> Gram | Units:
    """Return the sums of the same predictors with b outcomes (b, N, m)."""
    m, c = block.size, int(data.shape[1])
    counts = np.bincount(block.pattern, minlength=block.n_patterns).astype(np.float64)[None]
    rows = np.where(block.present[:, :, None], data[block.rows], 0.0)
    rows = np.repeat(rows[None], outcome.shape[0], axis=0)
    rows[..., -1] = outcome
    if block.n_patterns * (m * c) ** 2 > _SMALL:
        return Units(rows, block.pattern, np.ones((1, rows.shape[1])), counts, c)
    moments = np.empty((rows.shape[0], block.n_patterns, m * c, m * c))
    for number, (begin, end) in enumerate(_stretches(block)):
        flat = rows[:, begin:end].reshape(rows.shape[0], end - begin, m * c)
        moments[:, number] = np.swapaxes(flat, 1, 2) @ flat
    return Gram(_by_places(moments, m, c), counts, c)


@lru_cache(maxsize=64)
def _pairs(size: int) -> tuple[IntArray, IntArray]:
    """Return the places of an upper triangle."""
    one, two = np.triu_indices(size)
    return one, two


def _stretches(block: Block) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each pattern's clusters."""
    yield from pairwise([*block.first.tolist(), block.rows.shape[0]])


def _by_places(moments: FloatArray, m: int, c: int) -> FloatArray:
    """Reorder (b, P, m·c, m·c) to (b, P·m·m, c·c): by pair of places and pair of columns."""
    b = moments.shape[0]
    split = moments.reshape(b, -1, m, c, m, c).transpose(0, 1, 2, 4, 3, 5)
    return np.ascontiguousarray(split).reshape(b, -1, c * c)


def _cross(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum left'right over units and places: (…, U, m, c) with (…, U, m, d) gives (…, c, d)."""
    rows = left.shape[-3] * left.shape[-2]
    one = left.reshape(*left.shape[:-3], rows, left.shape[-1])
    two = right.reshape(*right.shape[:-3], rows, right.shape[-1])
    return np.asarray(np.swapaxes(one, -1, -2) @ two)
