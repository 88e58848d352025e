"""Refits to resampled dyads, many at a time, from the full sample's solution."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.estimation.resample import bootstrap_weights
from dyadkit.sem.newton import minimise
from dyadkit.sem.objective import make_objective
from dyadkit.sem.restrictions import Constraints
from dyadkit.sem.sample import Records
from dyadkit.sem.structure import Structure

# Few enough matrices at once for a processor's cache; a power of two is as good as another.
_AT_ONCE = 64
_CELLS = 2**19
# The last Newton step squares it: estimates of a draw are good to 1e-7 standard errors or better.
_TOLERANCE = 1e-8


class Refits(NamedTuple):
    """Estimates from weighted samples.

    Shapes: theta (draws, q), NaN where the refit failed; converged (draws,).
    """

    theta: FloatArray
    converged: BoolArray


def refit(
    structure: Structure,
    constraints: Constraints,
    records: Records,
    weights: Iterable[NDArray[np.generic]],
    start: FloatArray,
) -> Refits:
    """Fit the model to weighted samples.

    Parameters
    ----------
    structure : Structure
    constraints : Constraints
    records : Records
        The rows of the data.
    weights : iterable of ndarray, shapes (some draws, n)
        How often each row is in each sample.
    start : ndarray, shape (q,)
        The full sample's solution.

    Notes
    -----
    Blocks of samples are fitted in threads, which the linear algebra leaves free to run; the
    result does not depend on their number.
    """

    def fit_block(block: NDArray[np.generic]) -> Refits:
        objective = make_objective(structure, records.weighted(block))
        begin = np.broadcast_to(start, (block.shape[0], start.size))
        found = minimise(objective, begin, constraints, tolerance=_TOLERANCE)
        theta = np.where(found.converged[:, None], found.theta, np.nan)
        return Refits(theta, found.converged)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(fit_block, weights))
    if not parts:
        return Refits(np.zeros((0, start.size)), np.zeros(0, dtype=np.bool_))
    theta, converged = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Refits(theta, converged)


def bootstrap_counts(
    records: Records, structure: Structure, draws: int, rng: np.random.Generator
) -> Iterator[NDArray[np.generic]]:
    """Draw bootstrap samples of rows as counts, in blocks that suit `refit`."""
    size = _block(records, structure)
    return bootstrap_weights(records.n, draws, rng, cells=size * records.n)


def jackknife_counts(records: Records, structure: Structure) -> Iterator[NDArray[np.generic]]:
    """Yield the samples that leave one row out each, in blocks that suit `refit`."""
    n, size = records.n, _block(records, structure)
    for begin in range(0, n, size):
        rows = np.arange(begin, min(begin + size, n))
        weights = np.ones((rows.size, n))
        weights[np.arange(rows.size), rows] = 0.0
        yield weights


def _block(records: Records, structure: Structure) -> int:
    sets, p = records.observed.shape
    largest: int = max(sets * p**2, structure.n_variables**2, structure.n_free**2)
    return max(1, min(_AT_ONCE, _CELLS // largest))
