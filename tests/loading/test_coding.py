"""Texts as numbers: groups of rows, whatever kind of text they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading.coding import codes_of, group_codes, n_distinct


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_values_are_numbered_as_they_appear(kind):
    assert codes_of(pd.Series(["b", "", "b", "a"]).astype(kind)).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_groups_agree_in_every_column(kind):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(0, 4, size=(200, 3)), columns=list("abc")).astype("str")
    expected = frame.groupby(list("abc"), sort=False).ngroup()
    assert group_codes(frame.astype(kind), list("abc")).tolist() == expected.tolist()


def test_distinct_values_are_counted_in_each_group():
    rng = np.random.default_rng(2)
    codes, values = rng.integers(0, 20, 100), rng.integers(0, 5, 100)
    expected = pd.Series(values).groupby(codes).transform("nunique")
    assert n_distinct(codes, values).tolist() == expected.tolist()


def test_no_rows_have_no_groups():
    empty = pd.DataFrame({"a": [], "b": []}, dtype="object")
    assert group_codes(empty, ["a", "b"]).tolist() == []
    assert n_distinct(codes_of(empty["a"]), codes_of(empty["b"])).tolist() == []
