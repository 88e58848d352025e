"""Ids that are written differently: what may be joined, and what is only reported."""

from __future__ import annotations

from itertools import combinations
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.loading.identifiers import likely_matches, loose_form, skeleton

EVERY = ("case", "space", "zero_pad")
# Letters, digits and everything that one of the steps is about, the separator included.
TRICKY = (
    "aAoO0iIl1sSzZ257kK.,-_ \t\xa0\u200b\ufeffßÄäİ\u017fµ①½ﬁ–−\u0301\0"
    # Cyrillic, Greek and full-width ones.
    "\u041e\u0441\u039d\u03bd\uff10\uff21"
)
ids = st.lists(st.text(TRICKY, max_size=6), max_size=8)


def read_loosely(text: str, ignoring) -> str:
    """Say in plain Python what `loose_form` says of a million ids at once."""
    if "case" in ignoring:
        text = text.casefold()
    if "space" in ignoring:
        text = "".join(c for c in text if not c.isspace() and c not in "\u200b\ufeff")
    if "zero_pad" in ignoring:
        bare = text.lstrip("0")
        text = ("0" if not bare or bare[0] in ".,\n" else "") + bare if text[:1] == "0" else text
    return text


@pytest.mark.parametrize(
    ("ignoring", "expected"),
    [
        ((), ["0042K", "42k", " 42 k", "000", "", "0"]),
        (("case",), ["0042k", "42k", " 42 k", "000", "", "0"]),
        (("space",), ["0042K", "42k", "42k", "000", "", "0"]),
        (("zero_pad",), ["42K", "42k", " 42 k", "0", "", "0"]),
        (EVERY, ["42k", "42k", "42k", "0", "", "0"]),
    ],
)
def test_only_what_the_study_file_says_is_ignored(ignoring, expected):
    given_ids = ["0042K", "42k", " 42 k", "000", "", "0"]
    assert loose_form(given_ids, ignoring).tolist() == expected


@pytest.mark.parametrize(
    "space", [" ", "\t", "\xa0", "\u2003", "\u202f", "\u3000", "\u200b", "\ufeff", "\u2060", "\xad"]
)
def test_spaces_that_nobody_sees_are_spaces(space):
    assert loose_form([f"C{space}7{space}"], ["space"]).tolist() == ["C7"]
    assert loose_form([f"Ç{space}7{space}"], ["space"]).tolist() == ["Ç7"]


def test_case_is_folded_in_every_alphabet():
    assert loose_form(["STRASSE", "Straße", "ÉTÉ", "Ж"], ["case"]).tolist() == [
        *("strasse", "strasse", "été", "ж")
    ]


def test_zeros_before_a_decimal_mark_stay():
    assert loose_form(["0.5", "00.5", "0,0"], ["zero_pad"]).tolist() == ["0.5", "0.5", "0,0"]


@pytest.mark.parametrize(
    "make",
    [
        list,
        lambda texts: np.array(texts, dtype=object),
        lambda texts: pd.Series(texts, dtype="object", index=[9, 8, 7, 6]),
        lambda texts: pd.Series(texts, dtype="str"),
        lambda texts: pd.Series(texts, dtype="category"),
        lambda texts: pd.Index(texts),
        lambda texts: pd.CategoricalIndex(texts, categories=["C", "c", "b", "A", "unused"]),
    ],
)
def test_any_kind_of_column_is_read(make):
    column = make(["b", "A", "b", "C"])
    for forms, expected in (
        (loose_form(column, ["case"]), ["b", "a", "b", "c"]),
        (skeleton(column), ["8", "a", "8", "c"]),
    ):
        assert isinstance(forms, np.ndarray)
        assert forms.tolist() == expected
        assert {type(form) for form in forms} == {str}


@pytest.mark.parametrize("empty", [[], pd.Series([], dtype="str"), pd.Index([], dtype="object")])
def test_no_ids_have_no_forms(empty):
    assert loose_form(empty, EVERY).tolist() == skeleton(empty).tolist() == []
    assert likely_matches(empty, ["a"]).empty
    assert likely_matches(["a"], empty).empty


@given(ids, st.sets(st.sampled_from(EVERY)))
@settings(deadline=None, derandomize=True)
def test_a_column_is_read_as_each_of_its_ids(column, ignoring):
    assert loose_form(column, ignoring).tolist() == [read_loosely(t, ignoring) for t in column]
    assert skeleton(column).tolist() == [skeleton([text])[0] for text in column]


@given(ids)
@settings(deadline=None, derandomize=True)
def test_what_may_be_joined_is_alike(column):
    # Every form of an id has the skeleton of the id.
    for size in range(len(EVERY) + 1):
        for ignoring in combinations(EVERY, size):
            assert skeleton(loose_form(column, ignoring)).tolist() == skeleton(column).tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O42", "042"),
        ("A1l", "AI1"),
        ("OK12", "0K12"),
        ("CO7", "C07"),
        ("|IL7", "1117"),
        ("S5-B8", "55-88"),
        ("Z9", "29"),
        ("\u0410\u0412\u0421", "ABC"),  # Cyrillic
        ("\u0391\u0392\u0395", "ABE"),  # Greek
        ("\uff11\uff12\uff21", "12A"),  # full width
        ("P\u20137", "P-7"),
        ("P\u22127", "P-7"),
        ("042.0", "42"),
        ("42,0", "42"),
        ("C007", "c7"),
        ("C0O7", "C007"),
        ("2024-01-05", "2024-1-5"),
    ],
)
def test_look_alikes_have_one_skeleton(one, other):
    first, second = skeleton([one, other])
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("C7", "C70"),
            ("C7", "D7"),
            ("4.5", "45"),
            ("P-7", "P7"),
            ("1.05", "1.5"),
            ("107", "17"),
        ),
        *(("0", ""), ("A10", "A1"), ("x", "y")),
    ],
)
def test_other_ids_keep_theirs(one, other):
    first, second = skeleton([one, other])
    assert first != second


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("c7", "C7", "case"),
        ("C 7", "C7", "spaces"),
        ("C7\u200b", "C7", "spaces"),
        ("0042K", "42K", "leading zeros"),
        ("C007", "C7", "leading zeros"),
        ("42.0", "42", "a trailing .0"),
        ("O42", "042", "look-alike characters"),
        ("\u04217", "C7", "look-alike characters"),
        ("0042k", "42K", "case and leading zeros"),
        ("c O42", "C042", "case, spaces and look-alike characters"),
        ("\u0441 007", "C7", "case, spaces, leading zeros and look-alike characters"),
        # Case alone explains it: that I and l look alike as well does not matter.
        ("bill", "BILL", "case"),
        ("l", "i", "look-alike characters"),
    ],
)
def test_the_shortest_explanation_is_given(one, other, differs):
    assert likely_matches([one], [other]).to_numpy().tolist() == [[one, other, differs]]
    assert likely_matches([other], [one])["differs"].tolist() == [differs]


def test_an_id_that_resembles_several_is_ambiguous():
    found = likely_matches(["c7", "d1", "e1"], ["C7", "C07", "D1"])
    assert found.to_numpy().tolist() == [["c7", "", "ambiguous"], ["d1", "D1", "case"]]


def test_two_ids_that_resemble_one_are_ambiguous():
    found = likely_matches(["c7", "C07"], ["C7"])
    assert found.to_numpy().tolist() == [["c7", "", "ambiguous"], ["C07", "", "ambiguous"]]


def test_repeated_empty_and_known_ids_are_no_matches():
    found = likely_matches(["", "C7", "c8", "c8", " "], ["C7", "C8", "C8", "", "\xa0"])
    assert found.to_numpy().tolist() == [["c8", "C8", "case"]]


def test_an_id_with_a_million_letters_is_an_id():
    assert likely_matches(["x" * 1_000_000], ["X" * 1_000_000])["differs"].tolist() == ["case"]


def test_many_ids_take_no_time():
    numbers = range(100_000)
    known = pd.Series([f"{number:07d}A" for number in numbers], dtype="str")
    unmatched = pd.Series([f"{number}a" for number in numbers], dtype="str")
    start = perf_counter()
    found = likely_matches(unmatched, known)
    # A tenth of a million in a few times a tenth of the allowed five seconds.
    assert perf_counter() - start < 3
    assert found["match"].tolist() == known.tolist()
    assert set(found["differs"]) == {"case and leading zeros"}
