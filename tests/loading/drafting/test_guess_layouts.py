"""Layouts are guessed from the names of columns; every pattern here is one researchers use."""

from __future__ import annotations

import pytest

from dyadkit.loading.drafting.guess_layouts import guess_layout
from tests.loading.making_exports import answers, ids, make_export, spelt

TRUST = ["tr1", "tr2", "tr3"]


def layout(columns, *, one_role=False):
    return guess_layout(make_export("all.csv", columns), one_role=one_role)


@pytest.mark.parametrize(
    ("pattern", "roles", "waves"),
    [
        ("{item}_{role}_{wave}", ["coach", "client"], ["t1", "t2"]),
        ("{wave}.{role}.{item}", ["Mentor", "Mentee"], ["T1", "T2", "T3"]),
        ("{role}_{item}_{wave}", ["mother", "child"], ["pre", "post"]),
        ("{wave}{role}_{item}", ["Wife", "Husband"], ["T1", "T2"]),
        ("{item}_{role}_{wave}", ["coach", "client"], ["1", "2"]),
        ("{item}_{role}", ["w", "h"], []),
        ("{role}{item}", ["w", "h"], []),
        ("{item}{role}", ["M", "F"], []),
        ("{item} {role}", ["Führungskraft", "Mitarbeiter"], []),
    ],
)
def test_a_dyad_in_each_row_is_known_by_words_that_are_exchanged(pattern, roles, waves):
    patterns = [
        pattern.replace("{role}", role).replace("{wave}", wave)
        for role in roles
        for wave in waves or [""]
    ]
    found = layout({"pair_id": ids("P"), **spelt(patterns, TRUST)})
    assert (found.kind, found.columns) == ("dyad", pattern)
    assert sorted(found.roles) == sorted(roles)
    assert sorted(found.waves) == sorted(waves)
    assert list(found.items) == TRUST
    assert found.awkward == {}


def test_an_item_whose_number_stands_apart_is_spelt_out():
    columns = {"couple": ids("C"), **spelt(["trust_w_{item}", "trust_h_{item}"], ["1", "2", "3"])}
    found = layout(columns)
    assert (found.kind, found.columns) == ("dyad", "{item}_{role}")
    assert found.awkward["trust_2"] == "trust_{role}_2"


def test_words_in_the_ids_tell_abbreviations_of_roles():
    columns = {
        "id_ment": ids("M"),
        "id_dev": ids("D"),
        **spelt(["{item}_ment", "{item}_dev"], TRUST),
    }
    assert list(layout(columns).roles) == ["ment", "dev"]


@pytest.mark.parametrize(
    "columns",
    [
        {"id": ids("P"), **spelt(["{item}_1", "{item}_2"], TRUST)},
        {"id": ids("P"), **spelt(["{item}_self", "{item}_other"], TRUST)},
        {"id": ids("P"), **answers(["trust_1", "trust_2", "support_1", "support_2"])},
        {"id": ids("P"), **answers(["t1", "t2", "t3", "w1", "w2"])},
        {"id": ids("P")},
        {},
    ],
)
def test_other_names_are_of_rows_of_persons(columns):
    found = layout(columns)
    assert (found.kind, found.columns, found.spelt) == ("person", "", {})


def test_one_and_two_are_members_where_both_have_ids():
    columns = {
        "dyad": ids("P"),
        "id_1": ids("A"),
        "id_2": ids("B"),
        **spelt(["{item}_1", "{item}_2"], TRUST),
    }
    found = layout(columns)
    assert (found.kind, found.columns) == ("dyad", "{item}_{role}")
    assert dict(found.roles) == {"1": "partner", "2": "partner"}


@pytest.mark.parametrize(
    ("slot_ids", "pattern"),
    [
        ("m{slot}_id", "{item}_{slot}"),
        ("mentee{slot}", "mentee{slot}_{item}"),
        ("{slot}_Q4", "{slot}_{item}"),
        ("m{slot}", "{item}_m{slot}"),
        ("partner_{slot}_code", "{item}.{slot}"),
    ],
)
def test_a_loop_is_known_by_numbered_ids_and_answers_numbered_alike(slot_ids, pattern):
    slots = ["1", "2", "3"]
    columns = {
        "mentor_id": ids("M"),
        **{slot_ids.replace("{slot}", slot): ids(f"D{slot}") for slot in slots},
        **spelt([pattern.replace("{slot}", slot) for slot in slots], [*TRUST, "pe1", "pe2"]),
        **answers(["su1", "su2"]),
    }
    found = layout(columns, one_role=True)
    assert (found.kind, found.columns, found.slot_ids) == ("loop", pattern, slot_ids)
    assert found.slots == ("1", "2", "3")
    assert found.items["pe2"] == tuple(
        pattern.replace("{item}", "pe2").replace("{slot}", slot) for slot in slots
    )
    assert found.items["su1"] == ("su1",)


def test_a_slot_that_hardly_anybody_filled_is_a_slot():
    columns = {
        "mentor_id": ids("M"),
        "m1_id": ids("D"),
        "m2_id": ["E001", "E002", *[""] * 38],
        "m3_id": ["F001", *[""] * 39],
        **spelt(["{item}_1", "{item}_2", "{item}_3"], TRUST),
    }
    assert layout(columns, one_role=True).slots == ("1", "2", "3")


def test_a_file_of_one_role_has_no_dyads_in_its_rows():
    columns = {"id": ids("C"), **spelt(["{item}_coach", "{item}_client"], TRUST)}
    assert layout(columns).kind == "dyad"
    assert layout(columns, one_role=True).kind == "person"
