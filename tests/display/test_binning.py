"""Bins of people: every unit is counted once, and none of the bins is too small."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.display.binning import bin_counts, grid_counts
from dyadkit.errors import DataError

LOW, HIGH = 1.0, 7.0
VALUES = st.lists(st.floats(LOW, HIGH) | st.sampled_from([1.0, 2.0, 3.5, 7.0]), max_size=80)
INNER = st.lists(st.floats(LOW + 0.1, HIGH - 0.1), unique=True, max_size=12)


def edged(inner: list[float]) -> list[float]:
    return [LOW, *sorted(inner), HIGH]


@given(VALUES, INNER, st.integers(1, 12))
def test_bins_hold_everyone_once_and_are_never_too_small(
    values: list[float], inner: list[float], minimum: int
) -> None:
    given_edges = edged(inner)
    edges, counts = bin_counts(values, given_edges, minimum)
    if len(values) < minimum:
        assert edges.size == counts.size == 0
        return
    assert counts.sum() == len(values)
    assert (counts >= minimum).all()
    assert edges[0] == LOW
    assert edges[-1] == HIGH
    assert set(edges) <= set(given_edges)
    # numpy's histogram has the same bins: closed below, the last one at both ends.
    np.testing.assert_array_equal(counts, np.histogram(values, edges)[0])


@given(VALUES, INNER, st.integers(1, 12))
def test_no_bin_is_merged_without_need(
    values: list[float], inner: list[float], minimum: int
) -> None:
    """Bins that are large enough stay as they are; a merged one had a part that was too small."""
    given_edges = edged(inner)
    before = np.histogram(values, given_edges)[0]
    edges, counts = bin_counts(values, given_edges, minimum)
    if (before >= minimum).all():
        np.testing.assert_array_equal(edges, given_edges)
        np.testing.assert_array_equal(counts, before)
    for low, high in pairwise(edges.tolist()):
        parts = before[given_edges.index(low) : given_edges.index(high)]
        assert len(parts) == 1 or parts.min() < minimum


def test_ends_are_merged_first_then_the_smallest_with_its_smaller_neighbour() -> None:
    counts = [1, 1, 9, 3, 6, 8, 2, 4]
    values = np.repeat(np.arange(8) + 0.5, counts)
    edges, merged = bin_counts(values, np.arange(9), 5)
    # From below 1 + 1 + 9, from above 2 + 4, and then 3 + 6.
    assert merged.tolist() == [11, 9, 8, 6]
    assert edges.tolist() == [0, 3, 5, 6, 8]


@given(
    st.lists(st.tuples(st.floats(LOW, HIGH), st.floats(LOW, HIGH)), max_size=120),
    INNER,
    INNER,
    st.integers(1, 8),
)
def test_grids_hold_everyone_once_and_leave_out_nobody_alone(
    points: list[tuple[float, float]],
    inner_x: list[float],
    inner_y: list[float],
    minimum: int,
) -> None:
    x, y = np.array(points, dtype=float).reshape(-1, 2).T
    cells, left_out = grid_counts(x, y, edged(inner_x), edged(inner_y), minimum)
    assert sum(cell.count for cell in cells) + left_out == len(points)
    assert all(cell.count >= minimum for cell in cells)
    assert left_out == 0 or left_out >= minimum or not cells
    counts, _, _ = np.histogram2d(x, y, (edged(inner_x), edged(inner_y)))
    large = np.sort(counts[counts >= minimum]).tolist()
    kept = sorted(cell.count for cell in cells)
    assert kept in (large, large[1:])
    for cell in cells:
        column, row = edged(inner_x).index(cell.x_low), edged(inner_y).index(cell.y_low)
        assert counts[column, row] == cell.count
        assert edged(inner_x)[column + 1] == cell.x_high
        assert edged(inner_y)[row + 1] == cell.y_high


def test_a_lone_remainder_takes_the_smallest_square_with_it() -> None:
    x = np.repeat([0.5, 1.5, 2.5], [9, 6, 2])
    cells, left_out = grid_counts(x, np.zeros(17), [0, 1, 2, 3], [-1, 1], 5)
    assert [(cell.x_low, cell.count) for cell in cells] == [(0.0, 9)]
    assert left_out == 8
    assert grid_counts([], [], [0, 1], [0, 1], 5) == ((), 0)
    assert grid_counts([0.5], [0.5], [0, 1], [0, 1], 5) == ((), 1)


def test_missing_values_are_left_out() -> None:
    nan = float("nan")
    assert bin_counts([1.0, nan, 2.0], [1, 3], 1)[1].tolist() == [2]
    cells, left_out = grid_counts([1.0, nan, 2.0], [1.0, 1.0, nan], [1, 3], [1, 3], 1)
    assert [cell.count for cell in cells] == [1]
    assert left_out == 0


def test_values_must_lie_within_and_edges_rise() -> None:
    with pytest.raises(DataError, match="2 of 3 values lie outside the bins, which run from 1 to"):
        bin_counts([0.0, 2.0, 9.0], [1, 3], 1)
    with pytest.raises(DataError, match=r"shapes \(1,\) and \(2,\)"):
        grid_counts([0.5], [0.5, 0.5], [0, 1], [0, 1], 1)
    with pytest.raises(ValueError, match="must rise"):
        bin_counts([1.0], [1, 1, 3], 1)
    with pytest.raises(ValueError, match="two finite numbers"):
        bin_counts([1.0], [1.0, float("inf")], 1)
