from __future__ import annotations

import pytest

from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_links import guess_link, guess_withdrawal, link_people
from dyadkit.loading.drafting.guess_source import SourceGuess
from tests.loading.making_exports import answers, ids, make_export, spelt

ROLES = ("mentor", "developee")
MENTORS, DEVELOPEES = ids("M"), ids("D")


def source(role, columns):
    export = make_export(f"{role}.csv", {**columns, **answers(["a1", "a2"])})
    return SourceGuess(export, guess_layout(export, one_role=True), role=role)


@pytest.fixture
def sources():
    return [
        source("mentor", {"code": MENTORS}),
        source("developee", {"code": DEVELOPEES}),
    ]


def link(columns, sources, roles=ROLES, path="keys.csv"):
    return guess_link(make_export(path, columns), sources, roles)


@pytest.mark.parametrize(
    ("first", "second"),
    [("mentor_id", "dev_id"), ("a", "b"), ("mentor", "x"), ("mentor_id", "mentor_partner")],
)
def test_a_key_file_names_two_people_by_word_or_by_id(sources, first, second):
    found = link({"pair": ids("P"), first: MENTORS, second: DEVELOPEES}, sources)
    assert found.people == {"mentor": (first,), "developee": (second,)}
    assert found.dyad == "pair"


def test_ids_may_be_written_differently_and_columns_in_any_order(sources):
    columns = {"x": [code.lower() for code in DEVELOPEES], "y": [f" {code}" for code in MENTORS]}
    found = link(columns, sources)
    assert found.people == {"mentor": ("y",), "developee": ("x",)}
    assert found.dyad == ""


def test_a_code_that_two_rows_share_is_not_that_of_the_pair(sources):
    columns = {"pair": ["P1", "P2"] * 20, "mentor_id": MENTORS, "dev_id": DEVELOPEES}
    assert link(columns, sources).dyad == ""


@pytest.mark.parametrize(
    "columns",
    [
        {"mentor_id": MENTORS},
        {"a": ids("X"), "b": ids("Y")},
        {"id": MENTORS, "born": ["1990-01-01"] * 40},
        {},
    ],
)
def test_other_lists_are_no_key_files(sources, columns):
    assert link(columns, sources) is None


def test_friends_have_two_columns_of_one_role():
    friends = [source("", {"id": [*MENTORS[:20], *DEVELOPEES[:20]]})]
    found = link({"one": MENTORS[:20], "two": DEVELOPEES[:20]}, friends, ())
    assert found.people == {"partner": ("one", "two")}


def test_the_person_is_the_column_whose_ids_the_key_file_has():
    mentors = source("mentor", {"team_id": ids("T"), "own": MENTORS, "other_id": ids("X")})
    nameless = source("", {"nr": DEVELOPEES})
    found = link({"mentor": MENTORS, "developee": DEVELOPEES}, [mentors, nameless])
    mentors, nameless = link_people([mentors, nameless], [found])
    assert (mentors.role, mentors.person) == ("mentor", "own")
    assert (nameless.role, nameless.person) == ("developee", "nr")


def test_a_loop_names_its_partners_too(sources):
    slots = ["1", "2"]
    columns = {
        "mentor_id": MENTORS,
        "m1_id": DEVELOPEES,
        "m2_id": ids("E"),
        **spelt([f"{{item}}_{slot}" for slot in slots], ["q1", "q2"]),
    }
    export = make_export("mentors.csv", columns)
    loop = SourceGuess(export, guess_layout(export, one_role=True), role="mentor")
    keys = link({"mentor": MENTORS, "developee": DEVELOPEES}, [loop, sources[1]])
    (found,) = link_people([loop], [keys])
    assert (found.person, found.partner) == ("mentor_id", "m{slot}_id")


@pytest.mark.parametrize(
    ("path", "columns", "person"),
    [
        ("gone.csv", {"x": MENTORS[:3]}, "x"),
        ("gone.csv", {"x": [*MENTORS[:2], *DEVELOPEES[:2], "unknown"]}, "x"),
        ("withdrawn.csv", {"when": ["2025-01-01"] * 2, "id": MENTORS[:2]}, "id"),
        ("Widerruf.xlsx", {"Code": ["nobody"]}, "Code"),
        ("withdrawn.csv", {"id": []}, "id"),
        ("gone.csv", {"x": MENTORS}, None),
        ("gone.csv", {"x": ["a", "b"]}, None),
        ("notes.csv", {"x": MENTORS[:3], "y": ["A", "B", "C"], "z": ["A", "B", "C"]}, None),
    ],
)
def test_people_who_withdrew_are_a_short_list_or_called_so(sources, path, columns, person):
    found = guess_withdrawal(make_export(path, columns), sources)
    assert (found.person if found else None) == person


def test_a_list_of_people_who_withdrew_is_no_key_file(sources):
    columns = {"mentor_id": MENTORS[:9], "dev_id": DEVELOPEES[:9]}
    assert link(columns, sources, path="withdrawals.csv") is None
