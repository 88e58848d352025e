"""From a problem to its solution: arrange, start, search, evaluate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.mixed.blocks import Block, blocks_of
from dyadkit.mixed.covariance import Part, basis_of, layout_of
from dyadkit.mixed.likelihood import Data, Slope, slope_at
from dyadkit.mixed.products import products_of
from dyadkit.mixed.search import Curvature, curvature_of, minimise
from dyadkit.mixed.start import starting_values
from dyadkit.mixed.terms import Problem
from dyadkit.mixed.working import Working, matrix_of, working_of
from dyadkit.results import Convergence

_SINGULAR = 1e-5
_DROPPED = 1e-8
_WELL = 1e-6
_ROUNDING = 64 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """Orthonormal predictors, in which the arithmetic loses least.

    Attributes
    ----------
    turn : ndarray, shape (p, p)
        T of :math:`Q = X T`, where Q has orthogonal columns of mean square 1.
    shift : ndarray, shape (p,)
        The ordinary least squares estimates; the outcome is their residuals.
    rows : ndarray, shape (n, p + 1)
        Q and the residuals.
    scale : float
        By which residuals were divided.
    """

    turn: FloatArray
    shift: FloatArray
    rows: FloatArray
    scale: float


@dataclass(frozen=True, eq=False)
class Solution:
    """A fitted linear mixed model.

    Attributes
    ----------
    problem : Problem
    blocks : tuple of Block
    data : Data
        In the coordinates; variances and covariances are in units of the squared scale.
    coordinates : Coordinates
    working : Working
    w : ndarray, shape (K,)
        Working parameters.
    convergence : Convergence
    slope : Slope
        The likelihood at the solution, in the coordinates.
    curvature : Curvature
        Of the deviance there, by working parameters.
    """

    problem: Problem
    blocks: tuple[Block, ...]
    data: Data
    coordinates: Coordinates
    working: Working
    w: FloatArray
    convergence: Convergence
    slope: Slope
    curvature: Curvature

    @property
    def layout(self) -> tuple[Part, ...]:
        """The kinds and places of the covariance parameters."""
        return self.working.layout

    @cached_property
    def scaled_theta(self) -> FloatArray:
        """The natural parameters (K,) in the coordinates' units."""
        return np.asarray(self.working.natural(self.w[None])[0])

    @cached_property
    def units(self) -> FloatArray:
        """What natural parameters (K,) in the coordinates' units are multiplied by."""
        square = self.coordinates.scale**2
        units = np.ones(self.w.size)
        for part in self.layout:
            if part.kind in {"matrix", "variances", "compound_symmetry"}:
                units[part.begin : part.end] = square
        return units

    @cached_property
    def theta(self) -> FloatArray:
        """The natural parameters (K,), in the order of `layout`."""
        return self.scaled_theta * self.units

    @cached_property
    def back(self) -> FloatArray:
        """What brings effects from the coordinates to the predictors' (p, p)."""
        return self.coordinates.turn * self.coordinates.scale

    @cached_property
    def beta(self) -> FloatArray:
        """The fixed effects (p,)."""
        return np.asarray(self.coordinates.shift + self.back @ self.slope.beta[0])

    @cached_property
    def covariance(self) -> FloatArray:
        """The covariance matrix of the fixed effects (p, p), for known covariance parameters."""
        return np.asarray(self.back @ self.slope.phi[0] @ self.back.T)

    @cached_property
    def loglik(self) -> float:
        """The log-likelihood; restricted, without the constant of X'X, as SAS and lme4 have it."""
        n = self.problem.y.size
        deviance = float(self.slope.deviance[0]) + 2.0 * n * float(np.log(self.coordinates.scale))
        if self.problem.reml:
            # log|X'V⁻¹X| in the predictors' own coordinates.
            deviance -= 2.0 * float(np.linalg.slogdet(self.back)[1])
        return -0.5 * deviance

    @cached_property
    def jacobian(self) -> FloatArray:
        """The derivatives of the natural parameters in the coordinates' units by w (K, K)."""
        return np.asarray(self.working.jacobian(self.w[None])[0])

    @cached_property
    def working_covariance(self) -> FloatArray:
        """The covariance matrix of the working parameters (K, K), from the observed Hessian.

        Directions in which the deviance is flat, as on the boundary, are dropped.
        """
        unit, roots, vectors = (part[0] for part in self.curvature)
        kept = roots > _DROPPED
        steep = unit[:, None] * vectors[:, kept]
        # The deviance is twice the negative log-likelihood.
        return np.asarray(2.0 * (steep / roots[kept]) @ steep.T)

    @cached_property
    def theta_covariance(self) -> FloatArray:
        """The covariance matrix of the natural parameters (K, K), from the observed Hessian."""
        jacobian = self.jacobian * self.units[:, None]
        return np.asarray(jacobian @ self.working_covariance @ jacobian.T)

    @cached_property
    def singular(self) -> BoolArray:
        """Which parts of the layout are on the boundary of a covariance matrix."""
        return np.array([self._is_singular(part) for part in self.layout], dtype=np.bool_)

    def _is_singular(self, part: Part) -> bool:
        # The outcome has a residual variance of 1 in these units.
        values = self.scaled_theta[part.begin : part.end]
        if part.kind == "matrix":
            matrix = matrix_of(values, part.size)
            sd = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
            if (np.diagonal(matrix) < _SINGULAR**2).any():
                return True
            return bool(np.linalg.eigh(matrix / (sd[:, None] * sd))[0][0] < _SINGULAR)
        if part.kind == "variances":
            return bool((values < _SINGULAR**2).any())
        return False


def solve(problem: Problem, *, max_iterations: int = 200) -> Solution:
    """Fit a linear mixed model.

    Raises
    ------
    FitError
        When the search does not converge, or the predictors leave nothing of the outcome.
    """
    coordinates = coordinates_of(problem)
    blocks = blocks_of(problem)
    data = Data(
        bases=tuple(basis_of(problem, block) for block in blocks),
        products=tuple(products_of(block, coordinates.rows) for block in blocks),
        n=np.array([float(problem.y.size)]),
        width=problem.x.shape[1],
        reml=problem.reml,
    )
    working = working_of(layout_of(problem))
    start = starting_values(data, working, _middle_gap(problem))
    optimum = minimise(data, working, start, max_iterations=max_iterations)
    convergence = Convergence(
        converged=bool(optimum.converged[0]),
        iterations=int(optimum.iterations[0]),
        gradient_norm=float(np.sqrt(max(optimum.decrement[0], 0.0))),
        admissible=True,
    )
    if not convergence.converged:
        raise FitError(
            f"The mixed model did not converge in {convergence.iterations} iterations (the last "
            f"step was {convergence.gradient_norm:.2g} standard errors long). It may ask for more "
            "variances and covariances than these data can tell apart: take random slopes out "
            "first, then covariances.",
            convergence,
        )
    w, slope, curvature = optimum.w, optimum.slope, optimum.curvature
    if slope is None:
        slope = slope_at(data, working.natural(w))
    if curvature is None:
        curvature = curvature_of(slope, working, w, working.jacobian(w))
    return Solution(
        problem, blocks, data, coordinates, working, w[0], convergence, slope, curvature
    )


def coordinates_of(problem: Problem) -> Coordinates:
    """Bring predictors and outcome to orthonormal coordinates.

    Raises
    ------
    FitError
        When the predictors leave nothing of the outcome.
    """
    n, p = problem.x.shape
    turn = _turn_of(problem)
    rows: FloatArray = np.empty((n, p + 1))
    q = rows[:, :p]
    np.matmul(problem.x, turn, out=q)
    # Normal equations are exact enough here: what they leave is estimated with the model.
    shift = turn @ (q.T @ problem.y / n)
    residual = problem.y - problem.x @ shift
    scale = float(np.sqrt(residual @ residual / n))
    if scale <= _ROUNDING * float(np.sqrt(problem.y @ problem.y / n)):
        raise FitError(
            f"The {p} fixed effects explain the outcome completely in all {n} rows, so that there "
            "is no variance to be estimated. Look for an outcome that is constant or a predictor "
            "that it was computed from, or take predictors out."
        )
    rows[:, p] = residual / scale
    return Coordinates(turn, shift, rows, scale)


def _turn_of(problem: Problem) -> FloatArray:
    """Return T of Q = XT: from X'X where that is accurate, which is faster than from X."""
    n, p = problem.x.shape
    size, roots, vectors = problem.spectrum
    if p and roots[0] <= _WELL:
        return np.asarray(np.linalg.inv(np.linalg.qr(problem.x, mode="r")) * np.sqrt(n))
    return np.asarray(vectors * np.sqrt(n / roots) / size[:, None])


def _middle_gap(problem: Problem) -> float:
    residual = problem.residual
    if residual.serial is None or residual.time is None:
        return 1.0
    order = np.lexsort((residual.time, residual.member, residual.pair))
    gaps = np.diff(residual.time[order])
    together = np.diff(residual.pair[order]) + np.diff(residual.member[order]) == 0
    gaps = gaps[together & (gaps > 0)]
    return float(np.median(gaps)) if gaps.size else 1.0
