"""Occasions of a diary: one way of writing, in the order of time."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.errors import DataError
from dyadkit.loading.occasions import numbered, read_occasions
from dyadkit.loading.texts import as_texts


def plain(*texts: str) -> list[str]:
    return list(read_occasions(as_texts(pd.Series(texts)))[0])


def test_numbers_lose_zeros_and_nothing_else():
    assert plain("7", "007", "7.0", "7,00", "0", "000") == ["7", "7", "7", "7", "0", "0"]


@pytest.mark.parametrize("text", ["", "Mon", "-1", "1.5", "\uff11", "9" * 16, "9" * 5000])
def test_what_is_no_number_is_not_known(text):
    occasions, strange = read_occasions(as_texts(pd.Series([text])))
    assert (list(occasions), strange.tolist()) == ([""], [True])


def test_one_moment_is_written_in_one_way():
    """A spreadsheet writes a day as midnight, and may leave the seconds out."""
    assert plain("2026-03-02", "2026-03-02T00:00:00", "2026-03-02 00:00") == ["2026-03-02"] * 3
    evening = ["2026-03-02T18:00", "2026-03-02 18:00:00", "2026-03-02T18:00:00.000"]
    assert plain(*evening) == ["2026-03-02 18:00:00"] * 3


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-03-02T25:00", "2026-03-02T"])
def test_a_day_that_never_was_is_not_known(text):
    assert plain(text) == [""]


def test_texts_are_in_the_order_of_time():
    moments = ["2026-03-02", "2026-03-02T06:30", "2026-03-02T18:00:00.5", "2026-03-03"]
    assert plain(*moments) == sorted(plain(*moments))


def test_numbers_and_dates_have_no_order():
    with pytest.raises(DataError, match=r"a number in 2 rows, like '1', and a date in 1 row") as e:
        numbered(pd.Series(["1", None, "2026-03-02", "10"]))
    assert e.value.exit_code == 1


def test_large_numbers_stay_as_they_are():
    assert numbered(pd.Series(["999999999999999", "1", None])).tolist()[:2] == [10**15 - 1, 1]
