"""Tables as CSV, read back with the standard library and pandas."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.report.csv_file import table_csv


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_numbers_come_back_to_the_last_bit():
    frame = pd.DataFrame({"x": [0.1 + 0.2, -1e-300, 1 / 3], "n": [1, -2, 3]})
    header, *rows = read(table_csv(frame))
    assert header == ["x", "n"]
    assert [float(row[0]) for row in rows] == frame["x"].tolist()
    assert [int(row[1]) for row in rows] == frame["n"].tolist()


def test_pandas_skips_the_mark_by_itself():
    frame = pd.DataFrame({"x": [0.5, -0.25], "y": ["a", "b"]})
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(table_csv(frame))), frame)


def test_excel_is_told_that_this_is_utf8():
    assert table_csv(pd.DataFrame({"é": ["信任"]})) == b"\xef\xbb\xbf" + "é\r\n信任\r\n".encode()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "=cmd|' /C calc'!A0", "＝1"],  # noqa: RUF001
)
def test_a_text_is_never_a_formula(text):
    rows = read(table_csv(pd.DataFrame({text: [text]})))
    assert all(cell.startswith("'") for row in rows for cell in row)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_text_starts_a_formula(text):
    cell = read(table_csv(pd.DataFrame({"a": ["x"], "b": [text]})))[1][1]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_negative_numbers_are_no_formulas():
    frame = pd.DataFrame({"a": [-1.5], "b": [-2], "c": [np.float32(-0.5)]})
    assert read(table_csv(frame))[1] == ["-1.5", "-2", "-0.5"]


def test_a_column_may_mix_numbers_and_suppressed():
    frame = pd.DataFrame({"a": pd.Series([-1.5, "suppressed", None, 3], dtype=object)})
    assert [row[0] if row else "" for row in read(table_csv(frame))[1:]] == [
        "-1.5",
        "suppressed",
        "",
        "3",
    ]


def test_missing_and_infinite_numbers_are_empty():
    values = pd.Series([np.nan, np.inf, -np.inf, pd.NA, pd.NaT, None], dtype=object)
    frame = pd.DataFrame({"a": values, "b": ["x"] * 6})
    assert {row[0] for row in read(table_csv(frame))[1:]} == {""}


def test_quotes_commas_and_breaks_stay_in_their_cell():
    text = 'a, "b"\nc;d'
    assert read(table_csv(pd.DataFrame({"a": [text], "b": [1]})))[1] == [text, "1"]


def test_an_empty_table_keeps_its_header():
    assert read(table_csv(pd.DataFrame(columns=["a", "b"]))) == [["a", "b"]]
