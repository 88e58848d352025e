"""Refits to resampled dyads, many at a time, from the full sample's solution."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.estimation.resample import bootstrap_weights
from dyadkit.sem.cases import Cases
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.newton import minimise
from dyadkit.sem.objective import make_objective
from dyadkit.sem.sample import Records, Sample
from dyadkit.sem.saturated_means import covariance_parameters, with_means, without_means
from dyadkit.sem.solution import Solution
from dyadkit.sem.starting import overall_moments
from dyadkit.sem.structure import Structure, compile_structure

# Few enough matrices at once for a processor's cache; a power of two is as good as another.
_AT_ONCE = 64
_CELLS = 2**19
# The last Newton step, of at most 1e-3 standard errors, squares its own error.
_TOLERANCE = 1e-6
_CONSTANT = 1e-9


class Refits(NamedTuple):
    """Estimates from weighted samples.

    Shapes: theta (draws, q), NaN where the refit failed; converged (draws,).
    """

    theta: FloatArray
    converged: BoolArray


def refit(solution: Solution, records: Records, weights: Iterable[NDArray[np.number]]) -> Refits:
    """Fit a model to weighted samples, from the solution of the full one.

    Parameters
    ----------
    solution : Solution
        Of the full sample.
    records : Records
        The rows of the data.
    weights : iterable of ndarray, shapes (some draws, n)
        How often each row is in each sample.

    Notes
    -----
    Blocks of samples are fitted in threads, which the linear algebra leaves free to run; the
    result does not depend on their number.
    """
    table, structure = solution.table, solution.objective.structure
    smaller = without_means(table) if solution.objective.sample.complete else None
    inner = structure if smaller is None else compile_structure(smaller)
    full = overall_moments(solution.objective.sample)[1][0]
    kept = np.arange(table.n_free) if smaller is None else covariance_parameters(structure)

    def fit_block(block: NDArray[np.number]) -> Refits:
        sample = records.weighted(block)
        begin = np.broadcast_to(solution.theta[kept], (block.shape[0], kept.size))
        objective = make_objective(inner, sample)
        found = minimise(objective, begin, solution.constraints, tolerance=_TOLERANCE)
        theta = found.theta
        if smaller is not None:
            theta = with_means(make_objective(structure, sample), table, theta)
        converged = found.converged & _usable(sample, full)
        return Refits(np.where(converged[:, None], theta, np.nan), converged)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(fit_block, weights))
    if not parts:
        return Refits(np.zeros((0, table.n_free)), np.zeros(0, dtype=np.bool_))
    theta, converged = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Refits(theta, converged)


def _usable(sample: Sample, full: FloatArray) -> BoolArray:
    """Tell in which samples the variables vary and, if complete, do not determine each other.

    Rounding leaves a constant a variance of about 1e-17, which the likelihood would take at its
    word.

    Parameters
    ----------
    sample : Sample
        A stack of b.
    full : ndarray, shape (G, p)
        Variances in the full sample.
    """
    variance = overall_moments(sample)[1]
    vary = (variance > _CONSTANT * full).all(axis=(1, 2))
    if not sample.complete:
        return np.asarray(vary)
    sd = np.sqrt(np.where(variance > 0, variance, 1.0))
    likeness = sample.scatter / (sd[..., :, None] * sd[..., None, :])
    apart = positive_definite(likeness - _CONSTANT * np.eye(sd.shape[-1]))
    return np.asarray(vary & apart.all(axis=1))


def bootstrap_counts(
    cases: Cases, structure: Structure, draws: int, rng: np.random.Generator
) -> Iterator[NDArray[np.number]]:
    """Draw bootstrap samples of rows as counts, in blocks that suit `refit`.

    Groups are independent samples, each drawn from on its own; where rows belong to clusters,
    whole clusters are drawn (Davison & Hinkley, 1997, section 3.8).  Counts multiply the sampling
    weights.

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application. Cambridge
    University Press.
    """
    size = _block(cases.records, structure)
    units, group = cases.units, cases.unit_groups
    parts = []
    for g in range(cases.n_groups):
        inside = int((group == g).sum())
        parts.append(bootstrap_weights(inside, draws, rng.spawn(1)[0], cells=size * inside))
    if cases.n_groups == 1:
        parts = [bootstrap_weights(cases.n_units, draws, rng, cells=size * cases.n_units)]
    order = np.argsort(np.argsort(group, kind="stable"), kind="stable")
    for blocks in zip(*parts, strict=True):
        drawn = np.concatenate(blocks, axis=1)[:, order]
        yield _of_rows(drawn, units, cases)


def jackknife_counts(cases: Cases, structure: Structure) -> Iterator[NDArray[np.number]]:
    """Yield the samples that leave one row or cluster out each, in blocks that suit `refit`."""
    n, size = cases.n_units, _block(cases.records, structure)
    for begin in range(0, n, size):
        left_out = np.arange(begin, min(begin + size, n))
        weights = np.ones((left_out.size, n))
        weights[np.arange(left_out.size), left_out] = 0.0
        yield _of_rows(weights, cases.units, cases)


def _of_rows(drawn: NDArray[np.number], units: IntArray | None, cases: Cases) -> NDArray[np.number]:
    """Turn counts of units into weights of rows."""
    rows = drawn if units is None else drawn[:, units]
    return rows if cases.weights is None else np.asarray(rows * cases.weights)


def _block(records: Records, structure: Structure) -> int:
    sets, p = records.observed.shape
    largest: int = max(sets * p**2, structure.n_variables**2, structure.n_free**2)
    return max(1, min(_AT_ONCE, _CELLS // largest))
