"""Sufficient statistics of incomplete normal data, one set per pattern of missing scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, listed
from dyadkit.estimation.arrays import BoolArray, FloatArray, as_scores, constant
from dyadkit.estimation.patterns import missing_patterns

_BLOCK_CELLS = 2**20


@dataclass(frozen=True, slots=True)
class PatternStatistics:
    """What the likelihood needs of m patterns of p variables, about `origin` in units of `unit`.

    Attributes
    ----------
    observed : ndarray of bool, shape (m, p)
        Most frequent pattern first, so patterns of a single row come last.
    counts : ndarray, shape (m,)
        Rows with each pattern, or their weights.
    means : ndarray, shape (m, p)
        Means of the pattern's rows; 0 where missing.
    scatter : ndarray, shape (patterns of several rows, p, p)
        Their covariances, of divisor `counts`; 0 where missing.
    origin, unit : ndarray, shape (p,)
        Observed mean and standard deviation (divisor n) of each variable.
    n, n_dropped : int
        Rows with a score, and rows without any.
    """

    observed: BoolArray
    counts: FloatArray
    means: FloatArray
    scatter: FloatArray
    origin: FloatArray
    unit: FloatArray
    n: int
    n_dropped: int

    def blocks(self) -> list[slice]:
        """Return slices of patterns, few enough for their matrices to stay small."""
        patterns, p = self.observed.shape
        at_once = max(1, _BLOCK_CELLS // p**2)
        return [slice(first, first + at_once) for first in range(0, patterns, at_once)]


def summarise_patterns(values: ArrayLike, weights: ArrayLike | None = None) -> PatternStatistics:
    """Summarise incomplete data by their patterns of missing scores.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Units in rows, variables in columns; NaN is missing.
    weights : array_like, shape (n,), optional
        How often each row counts, more than 0; by default once.

    Returns
    -------
    PatternStatistics
        Of the rows with at least one score.

    Raises
    ------
    DataError
        If a variable is missing throughout or does not vary, rows are not more than
        variables, or two variables are never observed together.

    Examples
    --------
    >>> nan = float("nan")
    >>> data = summarise_patterns([[1, 2], [2, 1], [3, 3], [4, nan], [nan, nan]])
    >>> data.counts.tolist(), data.n, data.n_dropped
    ([3.0, 1.0], 4, 1)
    """
    scores = as_scores(values, 2)
    seen = ~np.isnan(scores)
    kept = seen.any(axis=1)
    scores, seen = scores[kept], seen[kept]
    _require_estimable(scores, seen)
    n, p = scores.shape
    origin = np.array([column[has].mean() for column, has in zip(scores.T, seen.T, strict=True)])
    z = np.where(seen, scores - origin, 0.0)
    unit = np.sqrt((z**2).sum(axis=0) / seen.sum(axis=0))
    z = z / unit
    patterns = missing_patterns(scores)
    order = np.argsort(patterns.index, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(patterns.counts)])
    share = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)[kept]
    share = share[order]
    counts = np.add.reduceat(share, bounds[:-1])
    means = np.add.reduceat(z[order] * share[:, None], bounds[:-1], axis=0) / counts[:, None]
    several = int((patterns.counts > 1).sum())
    scatter = np.empty((several, p, p))
    for number in range(several):
        among = slice(bounds[number], bounds[number + 1])
        deviations = z[order[among]] - means[number]
        # The second pass takes the rounding error of the first away.
        deviations -= share[among] @ deviations / counts[number]
        scatter[number] = (deviations.T * share[among]) @ deviations / counts[number]
    return PatternStatistics(
        observed=patterns.observed,
        counts=counts,
        means=means,
        scatter=scatter,
        origin=origin,
        unit=unit,
        n=n,
        n_dropped=int((~kept).sum()),
    )


def _require_estimable(scores: FloatArray, seen: BoolArray) -> None:
    n, p = scores.shape
    empty = np.flatnonzero(~seen.any(axis=0)) + 1
    if empty.size:
        raise DataError(
            f"Means and covariances cannot be estimated because variable {listed(empty.tolist())} "
            f"of {p} is missing in all {n} rows. Leave it out."
        )
    if n <= p:
        raise DataError(
            f"The covariance matrix of {p} variables needs more than {p} rows with a score, but "
            f"there are {n}. Use fewer variables, or scale scores instead of items."
        )
    fixed = [j + 1 for j in range(p) if constant(scores[seen[:, j], j])]
    if fixed:
        raise DataError(
            f"Means and covariances cannot be estimated because variable {listed(fixed)} of {p} "
            "has the same value wherever it is observed. Leave it out."
        )
    counts = seen.astype(np.float64)
    apart = np.argwhere(np.triu(counts.T @ counts == 0)) + 1
    if apart.size:
        pairs = [f"{i} and {j}" for i, j in apart.tolist()]
        raise DataError(
            f"The covariances of {len(pairs)} pair(s) of variables cannot be estimated because no "
            f"row has both: {listed(pairs)}. Leave out one of each pair, or analyse them apart."
        )


def observed_inverse(covariance: FloatArray, observed: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Invert the observed part of a covariance matrix, for each of m patterns.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        Of all variables, positive definite.
    observed : ndarray of bool, shape (m, p)
        The patterns.

    Returns
    -------
    inverse : ndarray, shape (m, p, p)
        Zero in the rows and columns of missing variables.
    logdet : ndarray, shape (m,)
        Log determinant of the observed part.

    Examples
    --------
    >>> inverse, _ = observed_inverse(np.diag([2.0, 4.0]), np.array([[True, False]]))
    >>> inverse.tolist()
    [[[0.5, 0.0], [0.0, 0.0]]]
    """
    both = observed[:, :, None] & observed[:, None, :]
    part = np.where(both, covariance, 0.0)
    diagonal = np.arange(covariance.shape[0])
    # A unit variance for the missing ones leaves determinant and inverse of the rest alone.
    part[:, diagonal, diagonal] += ~observed
    inverse: FloatArray = np.linalg.inv(part)
    inverse[:, diagonal, diagonal] -= ~observed
    return inverse, np.asarray(np.linalg.slogdet(part)[1])
