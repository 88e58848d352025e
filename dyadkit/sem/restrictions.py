"""Equality and inequality constraints on parameters, evaluated for stacks of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.sem.language.partable import ParTable


class Function(Protocol):
    """A smooth function of parameters, such as a constraint."""

    @property
    def text(self) -> str:
        """What it says, for messages."""
        ...

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return values (...) and gradients (..., q) at theta (..., q)."""
        ...


_DIFFERENCE = 1e-5


@dataclass(frozen=True, slots=True)
class Bound:
    """A lower or an upper bound of one parameter, as a function that must not be negative."""

    text: str
    parameter: int
    limit: float
    sign: float

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the distance from the bound and its gradient."""
        gradient = np.zeros_like(theta)
        gradient[..., self.parameter] = self.sign
        return self.sign * (theta[..., self.parameter] - self.limit), gradient


@dataclass(frozen=True, slots=True)
class Constraints:
    """What must be zero, and what must not be negative.

    Attributes
    ----------
    equalities, inequalities : tuple of Function
        Zero, and not negative, where the constraints hold.
    """

    equalities: tuple[Function, ...] = ()
    inequalities: tuple[Function, ...] = ()

    def __len__(self) -> int:
        return len(self.equalities) + len(self.inequalities)

    def evaluate(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the values (b, r) and gradients (b, r, q), equalities first, at theta (b, q)."""
        functions = (*self.equalities, *self.inequalities)
        if not functions:
            return np.zeros((theta.shape[0], 0)), np.zeros((theta.shape[0], 0, theta.shape[1]))
        parts = [function.evaluate(theta) for function in functions]
        values = np.stack([np.broadcast_to(part[0], theta.shape[:1]) for part in parts], axis=1)
        gradients = np.stack([np.broadcast_to(part[1], theta.shape) for part in parts], axis=1)
        return values, gradients

    def curvature(self, theta: FloatArray, multipliers: FloatArray) -> FloatArray:
        """Return the sum of multipliers (b, r) times second derivatives, shape (b, q, q).

        By central differences of the analytic gradients, which is all that the speed of the search
        asks for; no result depends on it.
        """
        b, q = theta.shape
        step = _DIFFERENCE * np.maximum(np.abs(theta), 0.1)
        shift = step[:, :, None] * np.eye(q)
        stack = np.concatenate([theta[:, None] + shift, theta[:, None] - shift], axis=1)
        gradients = self.evaluate(stack.reshape(-1, q))[1].reshape(b, 2 * q, -1, q)
        change = (gradients[:, :q] - gradients[:, q:]) / (2.0 * step[:, :, None, None])
        total = np.einsum("bjrk,br->bjk", np.nan_to_num(change), multipliers)
        return np.asarray((total + np.swapaxes(total, 1, 2)) / 2.0)

    def violated(self, theta: FloatArray, tolerance: float = 1e-6) -> list[str]:
        """Name the constraints that are kept nowhere together: at none of theta (b, q)."""
        values, _ = self.evaluate(theta)
        size = np.where(np.isfinite(values), np.abs(values), np.inf)
        off = np.where(np.arange(len(self)) < len(self.equalities), size, np.maximum(-values, 0.0))
        bad = ~(off <= tolerance)
        if not len(self) or not bad.any(axis=1).all():
            return []
        functions = (*self.equalities, *self.inequalities)
        ever = bad.any(axis=0)
        return [functions[number].text for number in np.flatnonzero(ever).tolist()]

    def active(self, theta: FloatArray, tolerance: float = 1e-7) -> BoolArray:
        """Tell which constraints bind at theta (b, q): equalities, and inequalities at zero."""
        values, _ = self.evaluate(theta)
        binding = np.abs(values) <= tolerance
        binding[:, : len(self.equalities)] = True
        return np.asarray(binding)


@lru_cache(maxsize=64)
def constraints_of(table: ParTable) -> Constraints:
    """Gather the constraints and bounds of a parameter table."""
    bounds: dict[tuple[int, float, float], Bound] = {}
    for row in table.rows:
        if not row.free:
            continue
        for limit, sign, word in ((row.lower, 1.0, ">"), (row.upper, -1.0, "<")):
            if np.isfinite(limit):
                text = f"{table.names[row.free - 1]} {word} {limit:g}"
                bounds[row.free, limit, sign] = Bound(text, row.free - 1, limit, sign)
    return Constraints(tuple(table.equalities), (*table.inequalities, *bounds.values()))
