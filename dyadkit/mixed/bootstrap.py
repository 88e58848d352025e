"""Many refits at once: of resampled clusters, or of outcomes simulated from the fitted model.

All draws of a chunk share the search: what differs by draw are the moments of `products`, and every
step of Newton's method is taken by the whole stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.estimation.resample import bootstrap_weights
from dyadkit.mixed.blocks import Block
from dyadkit.mixed.likelihood import Data, value_at
from dyadkit.mixed.products import Gram, Units, resampled, simulated
from dyadkit.mixed.search import minimise
from dyadkit.mixed.solution import Solution

_CELLS = 2**23
_TOLERANCE = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Estimates of b draws.

    Attributes
    ----------
    beta : ndarray, shape (b, p)
        Fixed effects; NaN where a draw failed.
    theta : ndarray, shape (b, K)
        Natural covariance parameters, likewise.
    converged : ndarray of bool, shape (b,)
    """

    beta: FloatArray
    theta: FloatArray
    converged: BoolArray

    @property
    def failed(self) -> int:
        """The number of draws without a solution."""
        return int((~self.converged).sum())


def resample_clusters(solution: Solution, draws: int, rng: np.random.Generator) -> Draws:
    """Refit the model to clusters drawn with replacement.

    Parameters
    ----------
    solution : Solution
    draws : int
    rng : numpy.random.Generator
        Source of randomness; numbers do not depend on how many draws are held at a time.
    """
    n_clusters = int(solution.problem.cluster.max()) + 1
    at_once = max(1, _CELLS // _size(solution))
    weights = bootstrap_weights(n_clusters, draws, rng, cells=at_once * n_clusters)
    return _joined([refit_counts(solution, counts) for counts in weights])


def refit_counts(solution: Solution, counts: IntArray) -> Draws:
    """Refit the model to samples in which cluster i stands `counts[:, i]` times (b, N)."""
    weights = counts.astype(np.float64)
    rows = solution.coordinates.rows
    products = tuple(
        resampled(block, rows, weights[:, block.clusters]) for block in solution.blocks
    )
    n: FloatArray = np.zeros(counts.shape[0])
    for block in solution.blocks:
        n = n + weights[:, block.clusters] @ block.present.sum(axis=1)
    return _refit(solution, products, n)


def simulate_outcomes(solution: Solution, draws: int, rng: np.random.Generator) -> Draws:
    """Refit the model to outcomes simulated from it (parametric bootstrap)."""
    at_once = max(1, min(draws, _CELLS // (_size(solution) * 4)))
    found = []
    for begun in range(0, draws, at_once):
        b = min(at_once, draws - begun)
        products = tuple(
            simulated(block, solution.coordinates.rows, noise)
            for block, noise in zip(solution.blocks, _noise(solution, b, rng), strict=True)
        )
        found.append(_refit(solution, products, solution.data.n))
    return _joined(found)


def _noise(solution: Solution, b: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Yield outcomes (b, N, m) of each block in the coordinates."""
    theta = solution.scaled_theta[None]
    beta = solution.slope.beta[0]
    for block, basis in zip(solution.blocks, solution.data.bases, strict=True):
        root = np.linalg.cholesky(basis.at(theta)[0])[block.pattern]
        mean = solution.coordinates.rows[block.rows, :-1] @ beta
        drawn = rng.standard_normal((b, *block.rows.shape))
        outcome = mean + (root @ drawn[..., None])[..., 0]
        yield np.where(block.present, outcome, 0.0)


def _size(solution: Solution) -> int:
    """Return how many numbers a draw takes."""
    c = solution.data.width + 1
    k = solution.w.size
    size = 0
    for block in solution.blocks:
        matrices = block.n_patterns * block.size**2
        size += _moments(block, c) + matrices * (1 + 3 * k + k * k)
    return size + int(solution.problem.cluster.max()) + 1


def _moments(block: Block, c: int) -> int:
    return min(block.n_patterns * (block.size * c) ** 2, block.rows.size * c)


def _refit(solution: Solution, products: tuple[Gram | Units, ...], n: FloatArray) -> Draws:
    data = Data(solution.data.bases, products, n, solution.data.width, solution.data.reml)
    b = max(_stack(product) for product in products)
    start = np.repeat(solution.w[None], b, axis=0)
    optimum = minimise(data, solution.working, start, tolerance=_TOLERANCE)
    theta = solution.working.natural(optimum.w)
    value = value_at(data, theta)
    converged = optimum.converged & np.isfinite(value.deviance)
    beta = solution.coordinates.shift + value.beta @ solution.back.T
    nothing = ~converged[:, None]
    return Draws(
        np.where(nothing, np.nan, beta),
        np.where(nothing, np.nan, theta * solution.units),
        converged,
    )


def _stack(product: Gram | Units) -> int:
    own = product.moments if isinstance(product, Gram) else product.data
    return int(max(own.shape[0], product.counts.shape[0]))


def _joined(parts: list[Draws]) -> Draws:
    return Draws(
        np.concatenate([part.beta for part in parts]),
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.converged for part in parts]),
    )
