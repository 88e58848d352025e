"""Bins that no single person or dyad can be read from: neighbours merged, sparse squares left out.

Which neighbours were merged tells that they held fewer than the minimum, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dyadkit.errors import DataError


@dataclass(frozen=True, slots=True)
class GridCell:
    """A rectangle of a grid and how many units lie in it."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    count: int


def bin_counts(
    values: ArrayLike, edges: ArrayLike, minimum: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Count values in bins, merging neighbours until each bin has enough units.

    The ends are merged first, inwards from either side; then, as long as a bin is too small, the
    smallest is merged with the smaller of its neighbours.

    Parameters
    ----------
    values : array_like
        One per unit; NaN is left out.
    edges : array_like
        Rising, at least two; every value must lie within the outer ones.  A value on an inner edge
        belongs to the bin above it.
    minimum : int
        The fewest units a bin may have, at least 1.

    Returns
    -------
    edges : ndarray
        Some of those given, always with the outer ones.
    counts : ndarray
        Units in each bin.  Both are empty where all units together are too few.

    Raises
    ------
    DataError
        Where values lie outside the edges.

    Examples
    --------
    >>> edges, counts = bin_counts([1, 2, 2, 3, 3, 3, 4, 4, 5, 7], [1, 2, 3, 4, 5, 6, 7], 3)
    >>> edges.tolist(), counts.tolist()
    ([1.0, 3.0, 4.0, 7.0], [3, 3, 4])
    """
    bounds = _edges(edges)
    counts = _counted(_within(values, bounds), bounds)
    if counts.sum() < max(minimum, 1):
        return np.empty(0), np.empty(0, dtype=np.int64)
    left, sizes = list(bounds), counts.tolist()
    while sizes[0] < minimum:
        _merge(left, sizes, 0)
    while sizes[-1] < minimum:
        _merge(left, sizes, len(sizes) - 2)
    while min(sizes) < minimum:
        smallest = sizes.index(min(sizes))
        lower = sizes[smallest - 1] <= sizes[smallest + 1]
        _merge(left, sizes, smallest - 1 if lower else smallest)
    return np.array(left), np.array(sizes, dtype=np.int64)


def grid_counts(
    x: ArrayLike, y: ArrayLike, x_edges: ArrayLike, y_edges: ArrayLike, minimum: int
) -> tuple[tuple[GridCell, ...], int]:
    """Count units in the rectangles of a grid, and keep those with enough of them.

    Where the units left out would by themselves be too few, the smallest rectangle kept is left
    out with them: the number left out is 0 or at least `minimum`, unless all are too few.

    Parameters
    ----------
    x, y : array_like
        One each per unit; a unit with NaN in either is left out and not counted.
    x_edges, y_edges : array_like
        Rising, at least two each; every value must lie within the outer ones.
    minimum : int
        The fewest units a rectangle may have to be kept; empty ones never are.

    Returns
    -------
    cells : tuple of GridCell
        In the order of x, then of y.
    left_out : int
        Units in all other rectangles.

    Raises
    ------
    DataError
        Where x and y differ in length, or values lie outside the edges.

    Examples
    --------
    >>> x, y = [1, 1, 1, 2, 2, 2], [0, 0, 0, 0, 1, 1]
    >>> cells, left_out = grid_counts(x, y, x_edges=[1, 2, 3], y_edges=[0, 1, 2], minimum=3)
    >>> cells, left_out
    ((GridCell(x_low=1.0, x_high=2.0, y_low=0.0, y_high=1.0, count=3),), 3)
    """
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if first.ndim != 1 or first.shape != second.shape:
        raise DataError(
            f"x and y are to be two lists of one length, but have the shapes {first.shape} and "
            f"{second.shape}. Give one value of each for every dyad."
        )
    complete = ~(np.isnan(first) | np.isnan(second))
    across, up = _edges(x_edges), _edges(y_edges)
    columns = _positions(_within(first[complete], across), across)
    rows = _positions(_within(second[complete], up), up)
    shape = (across.size - 1, up.size - 1)
    counts = np.bincount(columns * shape[1] + rows, minlength=shape[0] * shape[1])
    kept = counts >= max(minimum, 1)
    left_out = int(counts[~kept].sum())
    if 0 < left_out < minimum and kept.any():
        smallest = int(np.where(kept, counts, counts.max() + 1).argmin())
        kept[smallest] = False
        left_out += int(counts[smallest])
    cells = tuple(
        GridCell(
            float(across[column]),
            float(across[column + 1]),
            float(up[row]),
            float(up[row + 1]),
            int(counts[column * shape[1] + row]),
        )
        for column, row in np.argwhere(kept.reshape(shape)).tolist()
    )
    return cells, left_out


def _edges(edges: ArrayLike) -> NDArray[np.float64]:
    bounds = np.asarray(edges, dtype=float)
    if bounds.ndim != 1 or bounds.size < 2 or not np.isfinite(bounds).all():
        raise ValueError("edges of bins are a list of two finite numbers or more")
    if (np.diff(bounds) <= 0).any():
        raise ValueError("edges of bins must rise")
    return bounds


def _within(values: ArrayLike, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values that are there; all of them must lie within the bounds."""
    given = np.asarray(values, dtype=np.float64).ravel()
    there: NDArray[np.float64] = given[~np.isnan(given)]
    outside = int(((there < bounds[0]) | (there > bounds[-1])).sum())
    if outside:
        raise DataError(
            f"{outside} of {there.size} values lie outside the bins, which run from {bounds[0]:g} "
            f"to {bounds[-1]:g}. Let the outer edges be the ends of the scale's possible range."
        )
    return there


def _positions(values: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bin of each value; the last bin holds its upper edge."""
    places = np.searchsorted(bounds, values, side="right") - 1
    return np.minimum(places, bounds.size - 2).astype(np.int64)


def _counted(values: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.bincount(_positions(values, bounds), minlength=bounds.size - 1).astype(np.int64)


def _merge(edges: list[float], counts: list[int], lower: int) -> None:
    """Merge a bin with the next one."""
    counts[lower : lower + 2] = [counts[lower] + counts[lower + 1]]
    del edges[lower + 1]
