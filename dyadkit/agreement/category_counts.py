"""Ratings by categories: who said what of each unit, and how near two categories are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray, as_scores, read_only

NAMED_WEIGHTS = ("unweighted", "linear", "quadratic", "ordinal")


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCounts:
    """Ratings of units by raters, as positions among the categories.

    Attributes
    ----------
    places : ndarray of int, shape (n, raters)
        −1 where a rating is missing; units without any are left out.
    counts : ndarray, shape (n, q)
        How many raters put each unit in each category.
    values : ndarray, shape (q,)
        The categories, in order; those that nobody used are among them.
    """

    places: IntArray
    counts: FloatArray
    values: FloatArray

    @property
    def several(self) -> np.ndarray:
        """The units that two raters or more rated."""
        return np.asarray(self.counts.sum(axis=1) > 1)

    @property
    def n(self) -> int:
        """The number of units that two raters or more rated."""
        return int(self.several.sum())

    @property
    def table(self) -> FloatArray:
        """Counts of two raters' categories, of the units that both rated, shape (q, q)."""
        both = (self.places >= 0).all(axis=1)
        q = self.values.size
        cells = self.places[both, 0] * q + self.places[both, 1]
        return np.bincount(cells, minlength=q * q).reshape(q, q).astype(np.float64)


def count_categories(
    ratings: ArrayLike, categories: Sequence[float] | None = None
) -> CategoryCounts:
    """Count the ratings of each unit by category.

    Parameters
    ----------
    ratings : array_like, shape (n, raters)
        Codes; NaN is missing.
    categories : sequence of float, optional
        All codes possible, in order.  Default: those used, in rising order; a category that nobody
        used then does not count.

    Raises
    ------
    DataError
        If there are fewer than two raters, a rater rated nothing, a rating is none of the
        categories, or fewer than two units have two ratings.
    StudyError
        If a category is named twice.

    Examples
    --------
    >>> count_categories([[1, 1], [1, 3], [3, float("nan")], [3, 3]]).counts.tolist()
    [[2.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 2.0]]
    """
    codes = as_scores(ratings, 2, "ratings")
    seen = ~np.isnan(codes)
    silent = np.flatnonzero(~seen.any(axis=0)) + 1
    if codes.shape[1] < 2 or silent.size:
        raise DataError(
            f"Agreement needs two raters, but of {codes.shape[1]} rater(s) "
            f"{silent.size} rated nothing (number {listed(silent.tolist()) or 'none'}). Check the "
            "pairing and the missing answers."
        )
    used = np.unique(codes[seen])
    values = used if categories is None else np.asarray(categories, dtype=np.float64)
    if np.unique(values).size < values.size:
        raise StudyError(f"The categories name {listed(sorted(values.tolist()))}, some twice.")
    strange = np.setdiff1d(used, values)
    if strange.size:
        raise DataError(
            f"{int(np.isin(codes, strange).sum())} rating(s) are none of the categories "
            f"{listed(values.tolist())}: {listed(strange.tolist())}. Correct them, or name all "
            "categories."
        )
    order = np.argsort(values)
    places = np.full(codes.shape, -1, dtype=np.int64)
    places[seen] = order[np.searchsorted(values[order], codes[seen])]
    places = places[seen.any(axis=1)]
    n, q = len(places), values.size
    flat = (np.arange(n)[:, np.newaxis] * q + places)[places >= 0]
    counts = np.bincount(flat, minlength=n * q).reshape(n, q).astype(np.float64)
    several = int((counts.sum(axis=1) > 1).sum())
    if several < 2:
        raise DataError(
            f"Agreement needs at least 2 units that two raters rated, but of {n} units {several} "
            "were. Check the pairing and the missing answers."
        )
    for array in (places, counts):
        read_only(array)
    return CategoryCounts(places, counts, values)


def weights_of(weights: str | ArrayLike, values: FloatArray) -> FloatArray:
    r"""Return how much each pair of categories agrees, from 0 to 1.

    Parameters
    ----------
    weights : {"unweighted", "linear", "quadratic", "ordinal"} or array_like, shape (q, q)
        A matrix must be symmetric, with 1 on the diagonal and nothing above 1.
    values : ndarray, shape (q,)
        The categories.

    Raises
    ------
    StudyError
        If the name is unknown or the matrix is none of weights.

    Notes
    -----
    With c the values: linear :math:`1 - |c_k - c_l|/(c_{max} - c_{min})`, quadratic its square's
    (Cohen, 1968); ordinal :math:`1 - \binom{m}{2} / \max \binom{m}{2}`, with m the number of
    categories from k to l (Gwet, 2014).

    Examples
    --------
    >>> weights_of("quadratic", np.array([1.0, 2.0, 3.0]))[0].tolist()
    [1.0, 0.75, 0.0]
    """
    q = values.size
    if isinstance(weights, str):
        if weights not in NAMED_WEIGHTS:
            raise StudyError(
                f"weights = '{weights}' is not known; choose one of {listed(list(NAMED_WEIGHTS))}."
            )
        if weights == "unweighted" or q < 2:
            return np.eye(q)
        if weights == "ordinal":
            place = np.arange(q)
            between = np.abs(place[:, np.newaxis] - place) + 1.0
            pairs = between * (between - 1.0) / 2.0
            return np.asarray(1.0 - pairs / pairs.max())
        apart = np.abs(values[:, np.newaxis] - values) / np.ptp(values)
        return np.asarray(1.0 - (apart if weights == "linear" else apart**2))
    matrix = np.asarray(weights, dtype=np.float64)
    fits = matrix.shape == (q, q) and bool(np.isfinite(matrix).all())
    if not fits or not np.allclose(matrix, matrix.T, atol=1e-12):
        raise StudyError(
            f"Weights must be a symmetric matrix of {q} by {q} numbers, one row a category, but "
            f"the shape is {matrix.shape}."
        )
    if not np.allclose(np.diag(matrix), 1.0, atol=1e-12) or matrix.max() > 1.0 + 1e-12:
        raise StudyError(
            "Weights must be 1 on the diagonal, where both raters agree, and nowhere above 1."
        )
    return matrix
