r"""Predicted random effects, fitted values, residuals, and explained variance.

The best linear unbiased predictors are :math:`\hat u = G Z' V^{-1} (y - X\hat\beta)` (Henderson,
1975), with :math:`V^{-1} e` computed cluster by cluster of a block.

References
----------
Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a selection model.
Biometrics, 31, 423-447.

Johnson, P. C. D. (2014). Extension of Nakagawa & Schielzeth's R²GLMM to random slopes models.
Methods in Ecology and Evolution, 5, 944-946.

Nakagawa, S., & Schielzeth, H. (2013). A general and simple method for obtaining R² from generalized
linear mixed-effects models. Methods in Ecology and Evolution, 4, 133-142.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.covariance import Part
from dyadkit.mixed.solution import Solution
from dyadkit.mixed.terms import RandomTerm
from dyadkit.mixed.working import matrix_of


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """What the model leaves of the outcome, row by row (n,).

    Attributes
    ----------
    marginal : ndarray
        Outcome minus fixed part.
    conditional : ndarray
        Minus predicted random effects too.
    normalized : ndarray
        Marginal ones times the inverse Cholesky factor of their covariance matrix: about
        independent with variance 1 in a right model.
    """

    marginal: FloatArray
    conditional: FloatArray
    normalized: FloatArray


@dataclass(frozen=True, slots=True)
class Explained:
    """Shares of variance: of the fixed part, and of fixed and random parts together."""

    marginal: float
    conditional: float


def random_effects(solution: Solution) -> tuple[FloatArray, ...]:
    """Return predicted effects of each term, shape (units, q).

    Those of exchangeable members have the shape (units, 2, q).
    """
    solved, _ = _solved(solution)
    parts = list(solution.layout)
    found = []
    for term in solution.problem.random:
        matrices = [
            _matrix(solution, parts.pop(0)) for _ in range(2 if term.kind == "exchangeable" else 1)
        ]
        shared = _summed(term, solved) @ matrices[0]
        if term.kind != "exchangeable" or term.sign is None:
            found.append(shared)
            continue
        differing = _summed(term, solved * term.sign) @ matrices[1]
        found.append(np.stack([shared + differing, shared - differing], axis=1))
    return tuple(found)


def residuals_of(solution: Solution) -> Residuals:
    """Return the residuals in the order of the rows."""
    problem = solution.problem
    marginal = problem.y - problem.x @ solution.beta
    _, normalized = _solved(solution)
    conditional = marginal.copy()
    for term, effects in zip(problem.random, random_effects(solution), strict=True):
        if term.sign is not None and effects.ndim == 3:
            own = effects[term.group, (term.sign < 0).astype(np.int64)]
        else:
            own = effects[term.group]
        conditional -= (term.z * own).sum(axis=1)
    return Residuals(marginal, conditional, normalized)


def explained_variance(solution: Solution) -> Explained:
    """Return marginal and conditional R² (Nakagawa & Schielzeth, 2013; Johnson, 2014).

    The random and residual variances are means over rows of the diagonals of their parts of V.
    """
    problem = solution.problem
    fixed = float(np.var(problem.x @ solution.beta))
    random, total = 0.0, 0.0
    theta = solution.scaled_theta[None]
    for block, basis in zip(solution.blocks, solution.data.bases, strict=True):
        counts = np.bincount(block.pattern, minlength=block.n_patterns)
        whole = np.trace(basis.at(theta)[0] - basis.padding, axis1=1, axis2=2) @ counts
        part = np.tensordot(theta[0, : basis.n_random], basis.linear[: basis.n_random], axes=1)
        total += float(whole)
        random += float(np.trace(part, axis1=1, axis2=2) @ counts) if basis.n_random else 0.0
    scale = solution.coordinates.scale**2 / problem.y.size
    random, total = random * scale, total * scale
    return Explained(fixed / (fixed + total), (fixed + random) / (fixed + total))


def _solved(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Return V⁻¹e and L⁻¹e with V = LL', in the order of the rows."""
    problem = solution.problem
    error = problem.y - problem.x @ solution.beta
    scale = solution.coordinates.scale
    solved, normalized = np.empty_like(error), np.empty_like(error)
    theta = solution.scaled_theta[None]
    for block, basis in zip(solution.blocks, solution.data.bases, strict=True):
        root = np.linalg.cholesky(basis.at(theta)[0])
        inverse = np.linalg.inv(root)[block.pattern]
        own = np.where(block.present, error[block.rows], 0.0)
        white = (inverse @ own[:, :, None])[:, :, 0] / scale
        back = (np.swapaxes(inverse, 1, 2) @ white[:, :, None])[:, :, 0] / scale
        rows = block.rows[block.present]
        normalized[rows], solved[rows] = white[block.present], back[block.present]
    return solved, normalized


def _summed(term: RandomTerm, solved: FloatArray) -> FloatArray:
    """Sum Z'V⁻¹e over the rows of each unit."""
    units = int(term.group.max()) + 1
    return np.stack(
        [
            np.bincount(term.group, weights=term.z[:, column] * solved, minlength=units)
            for column in range(term.size)
        ],
        axis=1,
    )


def _matrix(solution: Solution, part: Part) -> FloatArray:
    values = solution.theta[part.begin : part.end]
    return np.diag(values) if part.kind == "variances" else matrix_of(values, part.size)
