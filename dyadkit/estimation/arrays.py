"""The arrays that come in: their shape, their finiteness and their complete rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dyadkit.errors import DataError, StudyError, listed

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_ROUNDING = 8 * np.finfo(np.float64).eps


def as_scores(values: ArrayLike, ndim: int, what: str = "scores") -> FloatArray:
    """Return the values as a float array of the wanted dimension; NaN is missing.

    Parameters
    ----------
    values : array_like
        Numbers, with NaN for missing ones.
    ndim : int
        1 for one score per unit, 2 for units in rows and variables in columns.
    what : str
        How the message names the values.

    Returns
    -------
    ndarray of float
        The same values; the caller's array is never changed.

    Raises
    ------
    StudyError
        If the dimension is another one: the call is wrong.
    DataError
        If a value is infinite.

    Examples
    --------
    >>> as_scores([1, 2, float("nan")], 1)
    array([ 1.,  2., nan])
    """
    array: FloatArray = np.asarray(values, dtype=np.float64)
    if array.ndim != ndim:
        raise StudyError(
            f"The {what} must be an array of {ndim} dimension(s), but {array.ndim} were passed "
            f"(shape {array.shape}). Pass units in rows and variables in columns."
        )
    infinite = np.isinf(array)
    if infinite.any():
        rows = np.unique(np.nonzero(infinite)[0]) + 1
        raise DataError(
            f"The {what} hold {int(infinite.sum())} infinite value(s), in position(s) "
            f"{listed(rows.tolist())}. Set them missing or correct the transformation "
            "(a logarithm of zero, a division by zero) that made them.",
        )
    return array


def as_pair(x: ArrayLike, y: ArrayLike, what: str = "scores") -> tuple[FloatArray, FloatArray]:
    """Return two equally long score vectors without the pairs in which either is missing.

    Raises
    ------
    StudyError
        If the lengths differ: the scores are not paired.
    DataError
        If a value is infinite.

    Examples
    --------
    >>> as_pair([1, 2, float("nan")], [4, 5, 6])
    (array([1., 2.]), array([4., 5.]))
    """
    first, second = as_scores(x, 1, what), as_scores(y, 1, what)
    if first.size != second.size:
        raise StudyError(
            f"The two sets of {what} must be paired, but they have {first.size} and "
            f"{second.size} values. Pass two arrays of one length, NaN where a score is missing."
        )
    both = ~(np.isnan(first) | np.isnan(second))
    return (first, second) if both.all() else (first[both], second[both])


def complete_rows(values: ArrayLike, what: str = "scores") -> FloatArray:
    """Return the rows of a matrix in which nothing is missing.

    Examples
    --------
    >>> complete_rows([[1, 2], [3, float("nan")]])
    array([[1., 2.]])
    """
    matrix = as_scores(values, 2, what)
    complete: FloatArray = matrix[~np.isnan(matrix).any(axis=1)]
    return complete


def present(values: ArrayLike, what: str = "scores") -> FloatArray:
    """Return the values of a vector that are not missing.

    Examples
    --------
    >>> present([1, float("nan"), 3])
    array([1., 3.])
    """
    vector = as_scores(values, 1, what)
    kept: FloatArray = vector[~np.isnan(vector)]
    return kept


def constant(values: FloatArray) -> BoolArray:
    """Tell which columns (or whether a vector) vary by no more than rounding.

    A mean of equal answers may differ in the last digit from one person to the
    next, which is not variance.  No NaN and at least one row is expected.

    Examples
    --------
    >>> bool(constant(np.array([0.1 + 0.2, 0.3])))
    True
    """
    spread = np.ptp(values, axis=0)
    return np.asarray(spread <= _ROUNDING * np.abs(values).max(axis=0))


def centred(values: FloatArray) -> FloatArray:
    """Return the deviations from the column means, accurate for scores far from zero.

    The mean is subtracted twice: the second pass removes the rounding error of the first.

    Examples
    --------
    >>> centred(np.array([1.0, 2.0, 6.0]))
    array([-2., -1.,  3.])
    """
    deviations = values - values.mean(axis=0)
    return np.asarray(deviations - deviations.mean(axis=0))


def read_only(array: NDArray[np.generic]) -> None:
    """Make an array that a frozen result holds read-only."""
    array.setflags(write=False)


def require_confidence(confidence: float) -> None:
    """Refuse a confidence level that is not between 0 and 1.

    Raises
    ------
    StudyError
        For 95 instead of 0.95, for example.
    """
    if not 0.0 < confidence < 1.0:
        raise StudyError(
            f"The confidence level must lie between 0 and 1, but it is {confidence!r}. "
            "Write 0.95 for a 95 % interval."
        )
