"""Patterns of missing scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.estimation.patterns import missing_patterns

few = settings(max_examples=25, derandomize=True, deadline=None)


def test_by_hand() -> None:
    nan = np.nan
    values = [[nan, 1, 1], [1, 1, nan], [nan, 1, 1], [1, nan, 1], [nan, nan, nan], [1, 1, nan]]
    patterns = missing_patterns(values)
    # Two twice: the one with the first variable leads; then the single ones, likewise.
    assert patterns.observed.astype(int).tolist() == [[1, 1, 0], [0, 1, 1], [1, 0, 1], [0, 0, 0]]
    assert patterns.counts.tolist() == [2, 2, 1, 1]
    assert patterns.index.tolist() == [1, 0, 1, 2, 3, 0]


@few
@given(st.integers(0, 10**6), st.integers(1, 80), st.floats(0, 1))
def test_patterns_rebuild_the_mask(seed: int, p: int, share: float) -> None:
    # Up to 80 variables: more than the 64 bits of an integer code.
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(40, p))
    values[rng.random((40, p)) < share] = np.nan
    values[20:30] = values[:10]
    patterns = missing_patterns(values)
    np.testing.assert_array_equal(patterns.observed[patterns.index], ~np.isnan(values))
    np.testing.assert_array_equal(np.bincount(patterns.index), patterns.counts)
    assert len({tuple(row) for row in patterns.observed.tolist()}) == patterns.counts.size
    keys = [
        (-count, tuple(~row)) for count, row in zip(patterns.counts, patterns.observed, strict=True)
    ]
    assert keys == sorted(keys)


def test_patterns_that_differ_in_the_seventieth_variable() -> None:
    values = np.zeros((3, 70))
    values[1, 69] = np.nan
    assert missing_patterns(values).counts.tolist() == [2, 1]


@pytest.mark.parametrize("shape", [(0, 3), (4, 0)])
def test_no_rows_or_no_variables(shape) -> None:
    patterns = missing_patterns(np.zeros(shape))
    assert patterns.counts.sum() == shape[0]
    assert patterns.observed.shape[1] == shape[1]


def test_the_result_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        missing_patterns([[1.0]]).counts[0] = 3
