from __future__ import annotations

import pytest

from dyadkit.loading.drafting.guess_columns import Column, holds_answers, holds_dates, holds_ids
from tests.loading.making_exports import ids, make_export


def column(name: str, texts: list[str]) -> Column:
    return Column(name, {text: texts.count(text) for text in dict.fromkeys(texts)})


@pytest.mark.parametrize(
    ("name", "texts", "found"),
    [
        ("mentor_id", ids("M"), True),
        ("code", [f"{n:04d}" for n in range(30)], True),
        ("pair", [str(n) for n in range(1, 31)], True),
        ("V17", ids("X"), True),
        ("number_of_children", ["0", "1", "2", "3"] * 10, False),
        ("id", ["2025-01-01", "2025-01-02"], False),
        ("comment", ["I like my coach very much, really", "fine, thanks for asking me"], False),
        ("tenure", ["1.5", "2.25", "3.5"], False),
        ("gender", ["1", "2"] * 20, False),
        ("pair_code", ["P1"] * 5, False),
    ],
)
def test_ids_are_known_by_name_and_by_shape(name, texts, found):
    assert holds_ids(column(name, texts)) is found


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["1", "2", "3", "4", "5"], True),
        (["1", "2", "3", "n/a"], True),
        (["Strongly agree", "Strongly disagree"], True),
        (["1 - not at all", "2", "7 - completely"], True),
        ([str(n) for n in range(0, 101, 3)], True),
        ([str(n) for n in range(18, 66)], False),
        (["1.5", "2.5", "3"], False),
        (["yes", "no"], False),
        ([], False),
    ],
)
def test_answers_are_few_whole_numbers_or_known_words(texts, found):
    assert holds_answers(column("tr1", texts)) is found


def test_only_dates_that_loading_reads_count():
    assert holds_dates(column("EndDate", ["2025-03-01", "2025-03-02 10:00:00"]))
    assert not holds_dates(column("Datum", ["03.03.2025"]))


def test_columns_that_say_who_somebody_is_are_never_looked_at():
    export = make_export(
        "clients.csv",
        {"Email": ["a@x"], "RecipientFirstName": ["Ann"], "ResponseId": ["R_1"], "tr1": ["5"]},
        platform="qualtrics",
    )
    assert list(export.columns) == ["tr1"]


def test_what_the_file_declares_missing_does_not_count():
    export = make_export("x.sav", {"q1": ["1", "99", "1"]}, missing={"q1": frozenset({"99"})})
    assert export.columns["q1"].counts == {"1": 2}
