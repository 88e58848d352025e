"""Single cells: numbers, codes, dates, texts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading.cells import (
    NumberRules,
    detect_decimal,
    plain,
    read_dates,
    read_numbers,
    read_texts,
    same_value,
)
from dyadkit.loading.texts import as_texts


def rules(decimal=".", words=None, missing=()):
    return NumberRules(
        decimal,
        {plain(word): number for word, number in (words or {}).items()},
        frozenset(plain(code) for code in missing),
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4", 4.0),
        ("04", 4.0),
        ("-1", -1.0),
        ("+1", 1.0),
        ("4.50", 4.5),
        (".5", 0.5),
        ("4.", 4.0),
        ("1e3", 1000.0),
    ],
)
def test_numbers_are_read(text, number):
    assert rules().read(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("four", "4,5", "1,234", "4 5", "1_000", "nan", "inf", "1e999", "9" * 400, "٤", "²", "−4"),
        *("0x10", "4%", ".", "-", "e5", "True"),
    ],
)
def test_what_is_no_number_is_not_read(text):
    assert rules().read(text) is None


@pytest.mark.parametrize(("text", "number"), [("4,5", 4.5), ("-,5", -0.5), ("4", 4), ("1,2e1", 12)])
def test_decimal_commas_are_read(text, number):
    assert rules(",").read(text) == number
    assert rules(",").read("4.5") is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-99, "-99"),
        (-99, "-99.0"),
        (-99.0, "-99"),
        ("-99", "-99.0"),
        ("n/a", "N/A"),
        ("k. A.", "k. a."),
        (9, "9"),
        (9, "09"),
    ],
)
def test_missing_codes_are_found_in_any_notation(code, text):
    assert math.isnan(rules(missing=[code]).read(text))


def test_missing_codes_with_a_decimal_comma():
    assert math.isnan(rules(",", missing=[-9.5]).read("-9,5"))


def test_true_is_no_missing_code_for_one():
    assert rules(missing=[True]).read("1") == 1


def test_words_stand_for_numbers_whatever_their_case():
    words = rules(words={"Strongly agree": 7, "2": 1})
    assert words.read("strongly AGREE") == 7
    assert words.read("2") == 1
    assert words.read("2.0") == 1
    assert words.read("3") == 3


def test_a_missing_code_is_missing_even_if_it_is_a_word():
    assert math.isnan(rules(words={"na": 3}, missing=["na"]).read("NA"))


@pytest.mark.parametrize(
    ("value", "same", "other"),
    [
        (1, "1.0", "01"),
        ("1", "1", "True"),
        (True, "TRUE", "1"),
        ("yes", " Yes ", "yess"),
        ("0042", "0042", "42"),
        ("", "", "0"),
        ("nan", "NaN", ""),
        ("1_0", "1_0", "10"),
    ],
)
def test_codes_are_compared_by_what_they_mean(value, same, other):
    assert same_value(as_texts(pd.Series([same.strip(), other])), [value]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("texts", "delimiter", "mark", "unclear"),
    [
        (["4", "5", ""], ",", ".", ""),
        (["4.5", "5"], ",", ".", ""),
        (["4,5", "5"], ",", ",", ""),
        (["4,5", "4.5"], ";", ".", "mixed"),
        (["1,234", "12"], ";", ",", ""),
        (["1,234", "12"], ",", ".", "thousands"),
        (["1,234", "12"], "\t", ".", "thousands"),
        (["1,234", "1.5"], ";", ".", "mixed"),
        (["1,234", "4,5"], ",", ",", ""),
        (["0,125"], ",", ",", ""),
        (["1.234", "2.345"], ",", ".", ""),
        (["so, so", "a.b"], ",", ".", ""),
    ],
)
def test_decimal_marks_are_found(texts, delimiter, mark, unclear):
    assert detect_decimal([as_texts(pd.Series(texts))], delimiter) == (mark, unclear)


def test_numbers_and_strange_cells_are_told_apart():
    texts = as_texts(pd.Series(["4", "", "x", "-99"]))
    numbers, strange = read_numbers(texts, rules(missing=[-99]))
    assert np.nan_to_num(numbers).tolist() == [4, 0, 0, 0]
    assert strange.tolist() == [False, False, True, False]


@pytest.mark.parametrize("text", ["4.5", "4.3", "16777217", "1e-300"])
def test_numbers_are_exact(text):
    numbers, _ = read_numbers(as_texts(pd.Series([text, ""])), rules())
    assert numbers[0] == float(text)
    assert np.isnan(numbers[1])


def test_dates_are_read_as_they_were_on_the_wall():
    texts = pd.Series(
        [
            *("2026-01-31", "2026-01-31 23:30:00", "2026-01-31T23:30:00+02:00"),
            *("2026-01-31T23:30Z", "", "n/a", "31.01.2026", "2026", "5", "2026-02-30"),
        ]
    )
    dates, strange = read_dates(as_texts(texts), frozenset({"n/a"}))
    assert dates.dtype == "datetime64[us]"
    assert dates.astype(str).tolist()[:4] == [
        "2026-01-31 00:00:00",
        "2026-01-31 23:30:00",
        "2026-01-31 23:30:00",
        "2026-01-31 23:30:00",
    ]
    assert dates.isna().tolist() == [False] * 4 + [True] * 6
    assert strange.tolist() == [False] * 6 + [True] * 4


def test_no_cells_are_no_problem():
    empty = as_texts(pd.Series([], dtype="object"))
    assert read_numbers(empty, rules())[0].tolist() == []
    assert read_dates(empty, frozenset())[0].tolist() == []
    assert read_texts(empty, frozenset()).tolist() == []
    assert same_value(empty, [1]).tolist() == []
    assert detect_decimal([empty], ",") == (".", "")


def test_texts_stay_as_they_are():
    texts = read_texts(as_texts(pd.Series(["Video", "video", "", "-99"])), frozenset({plain(-99)}))
    assert texts.isna().tolist() == [False, False, True, True]
    assert texts.dropna().tolist() == ["Video", "video"]
