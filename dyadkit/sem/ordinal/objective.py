r"""The weighted sum of squared residuals of sample statistics, for stacks of parameter vectors.

With the statistics :math:`s_g`, what the model implies for them :math:`m_g`, and weights
:math:`w_g`, a row's value is

.. math:: F(\theta) = \tfrac12 \sum_g n_g \sum_k w_{gk} (s_{gk} - m_{gk}(\theta))^2 .

Weights are the reciprocals of the statistics' asymptotic variances (diagonally weighted least
squares; Muthén, du Toit & Spisic, 1997) or 1 (unweighted).  The first part of the Hessian, without
the curvature of the model, makes steps those of Gauss and Newton.

References
----------
Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least squares
and quadratic estimating equations in latent variable modeling with categorical and continuous
outcomes. Unpublished technical report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.ordinal.moments import (
    OrdinalImplied,
    OrdinalStructure,
    ordinal_jacobian,
    ordinal_moments,
)


class SquaresPoint(NamedTuple):
    """The value at b parameter vectors, shape (b,): infinite outside the model's range."""

    value: FloatArray
    theta: FloatArray
    implied: OrdinalImplied

    def rows(self, chosen: IntArray | BoolArray) -> SquaresPoint:
        """Return some of the stack."""
        latent, residual, factor, statistics = self.implied
        return SquaresPoint(
            self.value[chosen],
            self.theta[chosen],
            OrdinalImplied(
                latent.rows(chosen), residual[chosen], factor[chosen], statistics[chosen]
            ),
        )


class SquaresSlope(NamedTuple):
    """The gradient, shape (b, q), and the derivatives of statistics, shape (b, G, s, q)."""

    by_parameter: FloatArray
    change: FloatArray

    def rows(self, chosen: IntArray | BoolArray) -> SquaresSlope:
        """Return some of the stack."""
        return SquaresSlope(self.by_parameter[chosen], self.change[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquares:
    """A model and the statistics that it is fitted to.

    It has what `dyadkit.sem.newton.minimise` asks of an objective.

    Attributes
    ----------
    model : OrdinalStructure
    values : ndarray, shape (G, s)
        The sample statistics.
    weight : ndarray, shape (G, s)
        Weights, times the rows of the group.
    """

    model: OrdinalStructure
    values: FloatArray
    weight: FloatArray

    def rows(self, chosen: IntArray | BoolArray) -> LeastSquares:
        """Return itself: the whole stack is about one sample."""
        return self

    def at(self, theta: FloatArray) -> SquaresPoint:
        """Evaluate at theta, shape (b, q)."""
        implied = ordinal_moments(self.model, theta)
        value = 0.5 * (self.weight * (self.values - implied.statistics) ** 2).sum(axis=(1, 2))
        return SquaresPoint(np.where(np.isfinite(value), value, np.inf), theta, implied)

    def slope(self, at: SquaresPoint) -> SquaresSlope:
        """Return the gradient."""
        change = ordinal_jacobian(self.model, at.theta, at.implied).statistics
        pull = self.weight * (at.implied.statistics - self.values)
        return SquaresSlope(np.einsum("bgs,bgsq->bq", pull, change), change)

    def information(self, at: SquaresPoint, slope: SquaresSlope) -> FloatArray:
        """Return the first part of the Hessian, shape (b, q, q)."""
        weighted = self.weight[..., None] * slope.change
        return np.asarray((np.swapaxes(slope.change, -1, -2) @ weighted).sum(axis=1))

    def hessian(self, at: SquaresPoint, slope: SquaresSlope) -> FloatArray:
        """Return the first part of the Hessian in its place: Gauss and Newton's method.

        What it leaves out is the residuals times second derivatives.  Steps so converge in
        proportion to the misfit, not by squares; each costs a hundredth of a full Hessian's.
        """
        return self.information(at, slope)
