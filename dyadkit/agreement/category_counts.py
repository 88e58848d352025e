"""Ratings by categories: who said what of each unit, and how near two categories are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray, as_scores, read_only

NAMED_WEIGHTS = ("unweighted", "linear", "quadratic", "ordinal")
# Tables of so many cells are cheaper than sorting.
_FEW = 2**12


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCounts:
    """Ratings of units by raters, as positions among the categories.

    Attributes
    ----------
    places : ndarray of int, shape (n, raters)
        −1 where a rating is missing; units without any are left out.
    values : ndarray, shape (q,)
        The categories, in order; those that nobody used are among them.
    patterns : ndarray, shape (p, q)
        Each distinct way in which the ratings of one unit spread over the categories, as numbers of
        raters.
    times : ndarray, shape (p,)
        How many units have each pattern.
    """

    places: IntArray
    values: FloatArray
    patterns: FloatArray
    times: FloatArray

    @property
    def counts(self) -> FloatArray:
        """How many raters put each unit in each category, shape (n, q)."""
        return _counts(self.places, self.values.size)

    @property
    def several(self) -> BoolArray:
        """The patterns of units that two raters or more rated, shape (p,)."""
        return np.asarray(self.patterns.sum(axis=1) > 1.0)

    @property
    def n(self) -> int:
        """The number of units that two raters or more rated."""
        return int(self.times[self.several].sum())

    @property
    def raters(self) -> int:
        """The number of raters."""
        return int(self.places.shape[1])

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
        If a category is named twice, or is no finite number.

    Examples
    --------
    >>> counted = count_categories([[1, 1], [1, 3], [3, float("nan")], [3, 3]])
    >>> counted.counts.tolist()
    [[2.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 2.0]]
    >>> counted.n, counted.raters
    (3, 2)
    """
    codes = as_scores(ratings, 2, "ratings")
    seen = ~np.isnan(codes)
    silent = np.flatnonzero(~seen.any(axis=0)) + 1
    if codes.shape[1] < 2:
        raise DataError(
            f"Agreement needs the ratings of at least 2 raters, one in each column, but there are "
            f"{codes.shape[1]}. Check which answers are compared."
        )
    if silent.size:
        raise DataError(
            f"Of {codes.shape[1]} raters {silent.size} rated nothing: number "
            f"{listed(silent.tolist())}. Leave them out, or check the pairing and the missing "
            "answers."
        )
    values = None if categories is None else np.array(categories, dtype=np.float64)
    if values is not None and not (values.ndim == 1 and np.isfinite(values).all()):
        raise StudyError("The categories must be a sequence of finite numbers, one each.")
    if values is not None and np.unique(values).size < values.size:
        raise StudyError(f"The categories name {listed(sorted(values.tolist()))}, some twice.")
    places, values = _placed(codes, seen, values)
    rated = seen.any(axis=1)
    if not rated.all():
        places = places[rated]
    patterns, times = _patterns(places, values.size)
    several = int(times[patterns.sum(axis=1) > 1.0].sum())
    if several < 2:
        raise DataError(
            f"Agreement needs at least 2 units that two raters rated, but of {len(codes)} units "
            f"{several} were. Check the pairing and the missing answers."
        )
    for array in (places, values, patterns, times):
        read_only(array)
    return CategoryCounts(places, values, patterns, times)


def _placed(
    codes: FloatArray, seen: BoolArray, values: FloatArray | None
) -> tuple[IntArray, FloatArray]:
    """Return the position of each rating among the categories, −1 if missing, and these."""
    low, high = float(np.fmin.reduce(codes, axis=None)), float(np.fmax.reduce(codes, axis=None))
    if low.is_integer() and high - low < _FEW:
        # Whole numbers in a narrow range are looked up rather than sorted.
        shifted = np.where(seen, codes - low, -1.0)
        whole = shifted.astype(np.int64)
        if np.array_equal(whole, shifted):
            present = np.bincount(whole.ravel() + 1, minlength=2)[1:] > 0
            used: FloatArray = np.flatnonzero(present).astype(np.float64) + low
            values = _known(codes, used, values)
            lookup = np.full(present.size + 1, -1, dtype=np.int64)
            lookup[np.flatnonzero(present)] = _positions(used, values)
            return lookup[whole], values
    used = np.unique(codes[seen]).astype(np.float64)
    values = _known(codes, used, values)
    places = np.full(codes.shape, -1, dtype=np.int64)
    places[seen] = _positions(codes[seen], values)
    return places, values


def _known(codes: FloatArray, used: FloatArray, values: FloatArray | None) -> FloatArray:
    """Return the categories, after a look whether all codes used are among them."""
    if values is None:
        return used
    strange = np.setdiff1d(used, values)
    if strange.size:
        raise DataError(
            f"{int(np.isin(codes, strange).sum())} rating(s) are none of the categories "
            f"{listed(values.tolist())}: {listed(strange.tolist())}. Correct them, or name all "
            "categories."
        )
    return values


def _positions(codes: FloatArray, values: FloatArray) -> IntArray:
    order = np.argsort(values)
    return np.asarray(order[np.searchsorted(values[order], codes)], dtype=np.int64)


def _counts(places: IntArray, q: int) -> FloatArray:
    n = len(places)
    flat = (np.arange(n)[:, np.newaxis] * q + places)[places >= 0]
    return np.bincount(flat, minlength=n * q).reshape(n, q).astype(np.float64)


def _patterns(places: IntArray, q: int) -> tuple[FloatArray, FloatArray]:
    """Return the distinct rows of counts, and how often each occurs."""
    raters = places.shape[1]
    base = raters + 1
    if base**q >= 2**62:
        # Too many for one number each: the ratings of a unit, sorted, tell its counts too.
        rows, times = np.unique(np.sort(places, axis=1), axis=0, return_counts=True)
        return _counts(rows, q), times.astype(np.float64)
    # Counts are the digits of a number; a missing rating adds nothing.
    powers = np.append(base ** np.arange(q, dtype=np.int64), 0)
    keys = powers[places[:, 0]]
    for rater in range(1, raters):
        keys += powers[places[:, rater]]
    if base**q <= _FEW * 16:
        every = np.bincount(keys)
        distinct = np.flatnonzero(every)
        times = every[distinct]
    else:
        distinct, times = np.unique(keys, return_counts=True)
    digits = distinct[:, np.newaxis] // powers[:q] % base
    return digits.astype(np.float64), times.astype(np.float64)


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
