"""Columns kept as codes: what comes out is what went in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.frame.coded import (
    coded_columns,
    coded_numbers,
    only_used,
    placed,
    plain,
    replaced,
)

NUMBERS = st.lists(st.sampled_from([0.0, 1.0, 4.3, -99.0, 1e300, np.nan]), min_size=1, max_size=9)


@given(numbers=NUMBERS, data=st.data())
def test_coded_numbers_are_those_that_were_chosen(numbers, data):
    codes = data.draw(st.lists(st.integers(0, len(numbers) - 1)).map(np.int8))
    chosen = coded_numbers(np.array(numbers), codes)
    np.testing.assert_array_equal(np.asarray(chosen), np.array(numbers)[codes])
    assert not pd.isna(chosen.categories).any()


@pytest.mark.parametrize(
    ("count", "kind"), [(126, "int8"), (127, "int16"), (32_766, "int16"), (32_767, None)]
)
def test_codes_are_as_narrow_as_they_can_be(count, kind):
    numbers = np.arange(count) / 8
    chosen = coded_numbers(numbers, np.arange(count)[::-1])
    assert np.asarray(chosen).tolist() == numbers[::-1].tolist()
    assert (chosen.codes.dtype if kind else chosen.dtype) == (kind or "float64")


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_the_last_value_is_that_of_nothing(kind):
    codes = np.array([-1, 0, 1, -1], dtype=kind)
    assert replaced(codes, np.array([5, 6, 0], dtype=np.int8)).tolist() == [0, 5, 6, 0]


@given(first=NUMBERS, second=NUMBERS, coded=st.booleans())
def test_parts_stand_in_their_places(first, second, coded):
    size = len(first) + len(second) + 1
    order = np.arange(size)[::-1]
    ends = order[: len(first)], order[len(first) : -1]
    parts = [coded_numbers(np.array(part), np.arange(len(part))) for part in (first, second)]
    if not coded:
        parts[1] = np.array(second)
    found = np.asarray(placed(list(zip(ends, parts, strict=True)), size))
    np.testing.assert_array_equal(found, [np.nan, *second[::-1], *first[::-1]])


def test_plain_columns_are_the_readers_own():
    data = pd.DataFrame({"x": coded_numbers(np.array([1.0, 2.0]), np.array([1, 0])), "y": [3, 4]})
    assert coded_columns(data) == {"x"}
    found = plain(data, ["x", "y", "z"])
    assert found["x"].dtype == np.float64
    found.loc[:, :] = 0
    assert data["x"].tolist() == [2.0, 1.0]
    assert data["y"].tolist() == [3, 4]


@pytest.mark.parametrize("size", [3, 300])
@given(data=st.data())
def test_nothing_is_kept_of_rows_that_are_left_out(size, data):
    words = [f"w{number}" for number in range(size - 1)] + [""]
    column = pd.Categorical.from_codes(np.arange(size), pd.Index(words, dtype="str"))
    rows = data.draw(st.lists(st.integers(0, size - 1), max_size=9))
    some = column.take(rows)
    kept = only_used(some)
    assert list(kept) == list(some)
    assert set(kept.categories) == set(some)
    named = only_used(some, but="")
    assert named.isna().tolist() == [word == "" for word in some]
    assert set(named.categories) == {*some} - {""}


def test_a_column_without_idle_categories_is_not_copied():
    column = pd.Categorical(["b", "a"])
    assert only_used(column) is column
    assert only_used(column, but="") is column
