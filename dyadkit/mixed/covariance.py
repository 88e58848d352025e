r"""The covariance matrix of each pattern and its derivatives by the parameters.

Parameters stand in this order: for each random term its variances and covariances (the lower
triangle by rows; for exchangeable members first that of the sum part s, then that of the
difference part d); those of the residual; φ or log θ; the logarithms of the standard-deviation
ratios.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.mixed.blocks import Block, same, spread
from dyadkit.mixed.terms import Problem, RandomTerm, ResidualTerm

# φ is told from 0 no nearer than this; exp(-400) is 0 among correlations.
_LEAST = 1e-8
_FAST = 400.0


@dataclass(frozen=True, slots=True)
class Part:
    """Consecutive parameters of one kind.

    Attributes
    ----------
    kind : str
        "matrix" (a lower triangle), "variances", "compound_symmetry", "ar1", "log".
    begin, end : int
        Their places.
    size : int
        Rows of the matrix, number of variances, members of a pair; else 1.
    """

    kind: str
    begin: int
    end: int
    size: int


class Covariances(NamedTuple):
    """Matrices of P patterns for b points.

    Shapes: value (b, P, m, m), by (1 or b, K, P, m, m), second (b, s, P, m, m) for the pairs of
    parameters in `Basis.bent`.
    """

    value: FloatArray
    by: FloatArray
    second: FloatArray


def layout_of(problem: Problem) -> tuple[Part, ...]:
    """Return the kinds and places of a problem's parameters."""
    parts: list[Part] = []

    def add(kind: str, count: int, size: int) -> None:
        begin = parts[-1].end if parts else 0
        parts.append(Part(kind, begin, begin + count, size))

    for term in problem.random:
        q = term.size
        if term.kind == "diagonal":
            add("variances", q, q)
        else:
            for _ in range(2 if term.kind == "exchangeable" else 1):
                add("matrix", q * (q + 1) // 2, q)
    residual = problem.residual
    members = residual.n_members
    if residual.kind == "unstructured":
        add("matrix", members * (members + 1) // 2, members)
    elif residual.kind == "compound_symmetry":
        add("compound_symmetry", 2, members)
    else:
        add("variances", 1, 1)
    if residual.serial is not None:
        add("ar1" if residual.serial == "ar1" else "log", 1, 1)
    if residual.n_ratios:
        add("log", residual.n_ratios, residual.n_ratios)
    return tuple(parts)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What the matrices of a block's patterns are made of.

    Attributes
    ----------
    padding : ndarray, shape (P, m, m)
        The identity in padded places.
    linear : ndarray, shape (L, P, m, m)
        The matrices that variances and covariances multiply; those of the residual last.
    n_random : int
        How many of these belong to random terms.
    serial : str or None
    gap : ndarray, shape (P, m, m)
        Distances in time.
    levels : ndarray, shape (R, P, m, m)
        How often, 0, 1 or 2 times, a ratio multiplies an element.
    """

    padding: FloatArray
    linear: FloatArray
    n_random: int
    serial: str | None
    gap: FloatArray
    levels: FloatArray

    @property
    def bent(self) -> tuple[tuple[int, int], ...]:
        """The pairs of parameters whose second derivative is not zero, the first not later."""
        linear, tail = self.linear.shape[0], int(self.serial is not None) + self.levels.shape[0]
        return tuple(
            (k, later)
            for later in range(linear, linear + tail)
            for k in range(self.n_random, later + 1)
        )

    def at(self, theta: FloatArray) -> FloatArray:
        """Return the covariance matrices (b, P, m, m) for parameters (b, K)."""
        return self._assembled(theta)[0]

    def derivatives(self, theta: FloatArray) -> Covariances:
        """Return the covariance matrices and their derivatives for parameters (b, K)."""
        value, residual, factor = self._assembled(theta)
        b = theta.shape[0]
        if not self._curved:
            none = np.empty((b, 0, *self.padding.shape))
            return Covariances(value, self.linear[None], none)
        lines, n = self.linear.shape[0], self.n_random
        # Every nonlinear parameter multiplies elements of R by a function of itself: relative
        # first and second derivatives of these functions do.
        relative, twice = self._relative(theta)
        scaled = factor[:, None] * self.linear[None, n:]
        by = np.concatenate(
            [
                np.broadcast_to(self.linear[None, :n], (b, n, *self.padding.shape)),
                scaled,
                residual[:, None] * relative,
            ],
            axis=1,
        )
        second = [
            scaled[:, k - n] * relative[:, later - lines]
            if k < lines
            else residual * twice[k - lines, later - lines]
            for k, later in self.bent
        ]
        return Covariances(value, by, np.stack(second, axis=1))

    @property
    def _curved(self) -> bool:
        return self.serial is not None or self.levels.shape[0] > 0

    def _assembled(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return V, its residual part, and what multiplies that part's linear form."""
        lines, n, shape = self.linear.shape[0], self.n_random, self.padding.shape
        flat = self.linear.reshape(lines, -1)
        if not self._curved:
            whole = (theta[:, :lines] @ flat).reshape(-1, *shape)
            return self.padding + whole, whole, whole
        random = (theta[:, :n] @ flat[:n]).reshape(-1, *shape)
        factor = self._factor(theta)
        residual = factor * (theta[:, n:lines] @ flat[n:]).reshape(-1, *shape)
        return self.padding + random + residual, residual, factor

    def _factor(self, theta: FloatArray) -> FloatArray:
        lines = self.linear.shape[0]
        factor = np.ones((theta.shape[0], *self.padding.shape))
        at = lines
        if self.serial is not None:
            value = theta[:, at, None, None, None]
            at += 1
            factor *= (
                _away(value) ** self.gap if self.serial == "ar1" else np.exp(-self._rate(value))
            )
        for number, level in enumerate(self.levels):
            factor *= np.exp(theta[:, at + number, None, None, None] * level)
        return factor

    def _rate(self, value: FloatArray) -> FloatArray:
        """Return gaps over θ; where θ is about 0, so many that their exponential is 0."""
        return np.asarray(np.minimum(self.gap * np.exp(np.minimum(-value, _FAST)), 2.0 * _FAST))

    def _relative(self, theta: FloatArray) -> tuple[FloatArray, dict[tuple[int, int], FloatArray]]:
        """Return derivatives of the factor over the factor: first (b, r, P, m, m) and second."""
        lines, b = self.linear.shape[0], theta.shape[0]
        first: list[FloatArray] = []
        own: list[FloatArray] = []
        if self.serial is not None:
            value = theta[:, lines, None, None, None]
            if self.serial == "ar1":
                safe = _away(value)
                first.append(self.gap / safe)
                own.append(self.gap * (self.gap - 1.0) / safe**2)
            else:
                rate = self._rate(value)
                first.append(rate)
                own.append(rate**2 - rate)
        for level in self.levels:
            first.append(np.broadcast_to(level, (b, *level.shape)))
            own.append(np.broadcast_to(level**2, (b, *level.shape)))
        pairs = {
            (i, j): own[i] if i == j else first[i] * first[j]
            for j in range(len(first))
            for i in range(j + 1)
        }
        return np.stack(first, axis=1), pairs


def _away(phi: FloatArray) -> FloatArray:
    """Move φ away from 0, where derivatives of its powers over the powers are 0/0."""
    return np.where(np.abs(phi) < _LEAST, _LEAST, phi)


def basis_of(problem: Problem, block: Block) -> Basis:
    """Build the matrices of a block's patterns from a cluster of each."""
    rows, present = block.rows[block.first], block.present[block.first]
    residual = problem.residual
    matrices = [matrix for term in problem.random for matrix in _of_random(term, rows)]
    n_random = len(matrices)
    matrices += _of_residual(residual, rows)
    both = spread(present, 3)
    linear = np.stack(matrices)
    linear[:, ~both] = 0.0
    p, m = rows.shape
    padding = np.where(present, 0.0, 1.0)[:, :, None] * np.eye(m)
    gap = np.zeros((p, m, m))
    if residual.serial is not None and residual.time is not None:
        times = residual.time[rows]
        gap = np.where(both, np.abs(times[:, :, None] - times[:, None, :]), 0.0)
    levels = np.zeros((residual.n_ratios, p, m, m))
    if residual.level is not None:
        found = residual.level[rows]
        for number in range(residual.n_ratios):
            is_level = np.where(present, found == number + 1, False).astype(np.float64)
            levels[number] = is_level[:, :, None] + is_level[:, None, :]
    return Basis(padding, linear, n_random, residual.serial, gap, levels)


def _of_random(term: RandomTerm, rows: IntArray) -> Iterator[FloatArray]:
    z = term.z[rows]
    together = same(term.group, rows)
    parts = [together.astype(np.float64)]
    if term.kind == "exchangeable":
        if term.sign is None:
            raise ValueError("an exchangeable random term needs the members' signs")
        sign = term.sign[rows]
        parts.append(together * sign[:, :, None] * sign[:, None, :])
    for part in parts:
        for i in range(term.size):
            for j in range(i + 1):
                if i == j:
                    yield part * z[:, :, None, i] * z[:, None, :, i]
                elif term.kind != "diagonal":
                    cross = z[:, :, None, i] * z[:, None, :, j]
                    yield part * (cross + np.swapaxes(cross, 1, 2))


def _of_residual(term: ResidualTerm, rows: IntArray) -> Iterator[FloatArray]:
    p, m = rows.shape
    if term.kind == "independent" and term.serial is None:
        yield np.broadcast_to(np.eye(m), (p, m, m))
        return
    member, together = term.member[rows], same(term.pair, rows)
    if term.kind == "unstructured":
        own = [member == code for code in range(term.n_members)]
        for i, one in enumerate(own):
            for two in own[: i + 1]:
                cross = together & one[:, :, None] & two[:, None, :]
                yield (cross | np.swapaxes(cross, 1, 2)).astype(np.float64)
        return
    alike: BoolArray = member[:, :, None] == member[:, None, :]
    yield (together & alike).astype(np.float64)
    if term.kind == "compound_symmetry":
        yield (together & ~alike).astype(np.float64)
