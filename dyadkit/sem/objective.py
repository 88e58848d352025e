r"""Minus the log-likelihood of a model as a function of its parameters, for stacks of them.

The chain rule joins `dyadkit.sem.likelihood` and `dyadkit.sem.implied`.  The gradient is

.. math:: \operatorname{tr}(L_\Sigma\, d\Sigma) + L_\mu' d\mu
          = 2 w\, u' L_\Sigma r + s\, L_\mu' u,

and the Hessian has two parts: the second derivatives by moments between first derivatives of
moments, and the *curvature*, first derivatives by moments times second derivatives of moments.  The
expected information is the first part under expectation (Browne & Arminger, 1995).

References
----------
Browne, M. W., & Arminger, G. (1995). Specification and estimation of mean- and covariance-structure
models. In G. Arminger, C. C. Clogg, & M. E. Sobel (Eds.), Handbook of statistical modeling for the
social and behavioral sciences (pp. 185-249). Plenum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.by_cells import cell_hessian, cells_are_cheaper
from dyadkit.sem.curvature import path_curvature
from dyadkit.sem.implied import (
    CellDerivatives,
    Implied,
    cell_derivatives,
    implied_moments,
    jacobian,
    to_parameters,
)
from dyadkit.sem.likelihood import (
    MomentPoint,
    evaluate_likelihood,
    moment_gradient,
    moment_hessian,
    residual_product,
)
from dyadkit.sem.sample import Sample
from dyadkit.sem.structure import Fixed, Structure, fixed_values


class Point(NamedTuple):
    """Minus the log-likelihood at b parameter vectors, and what its derivatives share.

    Constants are left out of the value, shape (b,), which is infinite outside the model's range.
    """

    value: FloatArray
    implied: Implied
    moments: MomentPoint

    def rows(self, chosen: IntArray | BoolArray) -> Point:
        """Return some of the stack."""
        return Point(self.value[chosen], self.implied.rows(chosen), self.moments.rows(chosen))


class Slope(NamedTuple):
    """Gradient, and what the Hessian shares with it.

    Shapes: by_parameter (b, q); by_sigma (b, G, p, p); by_mu (b, G, p); product (R) (b, M, p, p).
    """

    by_parameter: FloatArray
    by_sigma: FloatArray
    by_mu: FloatArray
    product: FloatArray
    cells: CellDerivatives

    def rows(self, chosen: IntArray | BoolArray) -> Slope:
        """Return some of the stack."""
        u, r, s, w = self.cells
        return Slope(
            self.by_parameter[chosen],
            self.by_sigma[chosen],
            self.by_mu[chosen],
            self.product[chosen],
            CellDerivatives(u[chosen], r[chosen], s[chosen], w),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """A model and a stack of b samples that it is fitted to.

    Attributes
    ----------
    structure : Structure
    sample : Sample
    fixed : Fixed
    """

    structure: Structure
    sample: Sample
    fixed: Fixed

    def rows(self, chosen: IntArray | BoolArray) -> Objective:
        """Return the objective for some samples of the stack."""
        return Objective(self.structure, self.sample.rows(chosen), self.fixed.rows(chosen))

    def at(self, theta: FloatArray) -> Point:
        """Evaluate at theta, shape (b, q)."""
        implied = implied_moments(self.structure, self.fixed, theta)
        moments = evaluate_likelihood(
            self.sample, implied.sigma, implied.mu, self.structure.has_means
        )
        return Point(moments.value, implied, moments)

    def slope(self, at: Point) -> Slope:
        """Return the gradient."""
        product = residual_product(at.moments)
        has_means = self.structure.has_means
        by_sigma, by_mu = moment_gradient(self.sample, at.moments, product, has_means)
        cells = cell_derivatives(self.structure, at.implied)
        gradient = np.einsum("bgpc,bgpc->bgc", cells.u, by_sigma @ cells.r)
        gradient *= 2.0 * cells.w
        if has_means:
            gradient += cells.s * (by_mu[:, :, None] @ cells.u)[:, :, 0]
        total = to_parameters(self.structure, gradient).sum(axis=1)
        return Slope(np.asarray(total), by_sigma, by_mu, product, cells)

    def hessian(self, at: Point, slope: Slope) -> FloatArray:
        """Return the second derivatives, shape (b, q, q): the observed information."""
        if self.sample.complete:
            cells = self._complete(at, slope.cells, slope.product) + self._bend(at, slope)
            return self._pairs(cells)
        if cells_are_cheaper(self.structure, self.sample):
            return self._pairs(self._incomplete(at, slope, slope.product) + self._bend(at, slope))
        by_moments = moment_hessian(self.sample, at.moments, slope.product)
        return self._between(at, by_moments) + self._pairs(self._bend(at, slope))

    def information(self, at: Point, slope: Slope) -> FloatArray:
        """Return the expected information, shape (b, q, q)."""
        if self.sample.complete:
            return self._pairs(self._complete(at, slope.cells, None))
        if cells_are_cheaper(self.structure, self.sample):
            return self._pairs(self._incomplete(at, slope, None))
        by_moments = moment_hessian(self.sample, at.moments, slope.product, expected=True)
        return self._between(at, by_moments)

    def _bend(self, at: Point, slope: Slope) -> FloatArray:
        return path_curvature(self.structure, at.implied, slope.by_sigma, slope.by_mu)

    def _pairs(self, cells: FloatArray) -> FloatArray:
        if self.structure.one_to_one:
            return cells[:, 0]
        selector = self.structure.selector
        return np.asarray((selector.mT @ cells @ selector).sum(axis=1))

    def _between(self, at: Point, by_moments: FloatArray) -> FloatArray:
        change = jacobian(self.structure, at.implied)
        if not self.structure.has_means:
            s = change.shape[2] - self.structure.n_observed
            change, by_moments = change[:, :, :s], by_moments[:, :, :s, :s]
        return np.asarray((change.mT @ by_moments @ change).sum(axis=1))

    def _incomplete(self, at: Point, slope: Slope, product: FloatArray | None) -> FloatArray:
        return cell_hessian(self.structure, self.sample, at.moments, slope.cells, product)

    def _complete(
        self, at: Point, cells: CellDerivatives, product: FloatArray | None
    ) -> FloatArray:
        r"""Return the first part of the Hessian by cells, shape (b, G, c, c), for complete data.

        With :math:`d\Sigma_a = w_a (u_a r_a' + r_a u_a')`, the trace of the head of
        `dyadkit.sem.likelihood` falls into products of scalars,

        .. math:: \operatorname{tr}(Q\, d\Sigma_a P\, d\Sigma_b) = w_a w_b \{
            (u_a'Qu_b)(r_a'Pr_b) + (u_a'Qr_b)(r_a'Pu_b) + (r_a'Qu_b)(u_a'Pr_b)
            + (r_a'Qr_b)(u_a'Pu_b) \},

        so that no moment-by-moment matrix is made.
        """
        precision, (u, r, s, w) = at.moments.precision, cells
        ut, rt = u.mT, r.mT
        pu, pr = precision @ u, precision @ r
        upu, upr, rpr = ut @ pu, ut @ pr, rt @ pr
        counts = self.sample.counts[:, :, None, None]
        if product is None:
            total = upu * rpr + upr * upr.mT
        else:
            inner = product - 0.5 * precision
            qu, qr = inner @ u, inner @ r
            uqr = ut @ qr
            total = (ut @ qu) * rpr + (rt @ qr) * upu
            cross = uqr * upr.mT
            total += cross + cross.mT
        total *= w[:, :, None] * w[:, None, :]
        if self.structure.has_means:
            total += upu * (s[..., :, None] * s[..., None, :])
            if product is not None:
                pull = precision @ at.moments.offset[..., None]
                ue, re = (ut @ pull)[..., 0], (rt @ pull)[..., 0]
                mixed = upu * re[..., None, :] + upr * ue[..., None, :]
                mixed *= s[..., :, None] * w[:, None, :]
                total += mixed + mixed.mT
        return np.asarray(counts * total)


def make_objective(structure: Structure, sample: Sample) -> Objective:
    """Join a model and a stack of samples."""
    return Objective(structure, sample, fixed_values(structure, sample))
