"""Findings: where they are, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words


def test_rows_are_named_source_by_source():
    places = [("clients t1", row) for row in (9, 4, 20, 21, 22)] + [("coaches t1", 7)]
    assert rows_in_words(places, most=2) == "clients t1 rows 4, 9 and 3 more; coaches t1 row 7"


def test_a_row_that_is_found_twice_is_named_once():
    assert rows_in_words([("a", 4), ("b", 4), ("a", 4)]) == "a row 4; b row 4"


def test_no_rows_are_no_words():
    assert rows_in_words([]) == ""


@pytest.mark.parametrize("kind", ["object", "str", "category"])
def test_places_are_each_once_in_order(kind):
    keys = pd.DataFrame({"source": ["b", "a", "b", "b"], "row": [7, 2, 3, 7]})
    keys["source"] = keys["source"].astype(kind)
    places = places_of(keys)
    assert places == (("b", 3), ("b", 7), ("a", 2))
    assert {type(row) for _, row in places} == {int}


def test_a_finding_cannot_be_changed():
    finding = Finding("kind", "text", (("a", 1),), 1)
    with pytest.raises(AttributeError):
        finding.text = "other"
