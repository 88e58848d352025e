"""DyadFrame: what it holds, what it gives away, and that it stays as it is."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import pandas as pd
import pytest

from dyadkit.errors import StudyError
from dyadkit.frame import DyadFrame, Variable

ROWS = pd.DataFrame(
    {
        "pair": ["P1", "P1", "P1", "P2", "P2", "P3"],
        "role": ["coach", "client", "client", "coach", "client", "coach"],
        "wave": ["t1", "t1", "t2", "t1", "t1", "t1"],
        "who": ["M", "A", "A", "M", "B", "N"],
        "x": [5.0, 1.0, 2.0, 5.0, None, 7.0],
        "q1": [1.0, 2.0, 3.0, 1.0, None, None],
        "q2": [5.0, 4.0, None, 5.0, None, None],
        "town": ["Rome", "Rome", "Rome", "Bonn", "Bonn", None],
    }
)
BOTH = {"roles": ("coach", "client"), "waves": ("t1", "t2")}
KNOWN = {
    "x": Variable("x", "X", level="person", **BOTH),
    "q1": Variable("q1", "q1", kind="item", level="person", **BOTH),
    "q2": Variable("q2", "q2", kind="item", level="person", **BOTH),
    "s": Variable(
        "s",
        "S",
        kind="scale",
        level="person",
        items=("q1", "q2"),
        reverse=("q2",),
        item_range=(1, 7),
        **BOTH,
    ),
}


def make(rows=ROWS):
    return DyadFrame.from_individual(
        rows.assign(s=3.0),
        dyad="pair",
        role="role",
        wave="wave",
        person="who",
        dyad_level=["town"],
        variables=KNOWN,
        **BOTH,
    )


@pytest.fixture
def dyads():
    return make()


def test_it_says_what_it_is(dyads):
    assert repr(dyads) == (
        "DyadFrame: 3 dyads (0 complete), roles coach and client, waves t1, t2, 3 variables"
    )
    assert len(dyads) == dyads.n_dyads == 3
    assert "<table" in dyads._repr_html_()
    assert (dyads.members, dyads.occasions) == (("coach", "client"), ("t1", "t2"))
    assert not dyads.exchangeable


def test_no_html_comes_from_the_data():
    rows = pd.DataFrame({"pair": [1, 1], "role": ["<b>a", "b"], "x": [1, 2]})
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role")
    assert "<b>" not in dyads._repr_html_()


def test_pairing_counts_complete_dyads_in_each_wave(dyads):
    assert dyads.pairing().astype(object).where(dyads.pairing().notna(), None).to_dict("list") == {
        "wave": ["t1", "t2", "every wave"],
        "dyads": [3, 1, 3],
        "complete": [2, 0, 0],
        "only_coach": [1, 0, None],
        "only_client": [0, 1, None],
    }


def test_pairing_of_exchangeable_members():
    rows = pd.DataFrame({"pair": [1, 1, 2], "x": [1, 2, 3]})
    dyads = DyadFrame.from_individual(rows, dyad="pair")
    assert dyads.pairing().to_dict("records") == [
        {"wave": "", "dyads": 2, "complete": 1, "one_sided": 1}
    ]
    assert dyads.members == ("1", "2")


# Each answer once


def test_answers_are_counted_once_a_person(dyads):
    answers = dyads.answers("x")
    assert answers[["dyad", "role", "wave", "person", "value"]].to_numpy().tolist() == [
        ["P1", "coach", "t1", "M", 5],
        ["P1", "client", "t1", "A", 1],
        ["P1", "client", "t2", "A", 2],
        ["P3", "coach", "t1", "N", 7],
    ]
    assert dyads.answers("x", role="coach")["value"].tolist() == [5, 7]
    assert dyads.answers("x", wave="t2")["value"].tolist() == [2]
    assert dyads.answers("town")["value"].tolist() == ["Rome", "Rome", "Bonn"]


def test_the_first_known_answer_of_a_person_counts():
    rows = ROWS.assign(x=[None, 1.0, 2.0, 5.0, None, 7.0])
    assert make(rows).answers("x", role="coach")["value"].tolist() == [5, 7]


def test_items_are_keyed_and_counted_once(dyads):
    assert dyads.items("s", "coach", "t1").to_numpy().tolist() == [["P1", "coach", "M", 1, 3]]
    assert dyads.items("s", "client", "t1").to_numpy().tolist() == [["P1", "client", "A", 2, 4]]
    with pytest.raises(StudyError, match="'x' has no items"):
        dyads.items("x", "coach", "t1")


def test_references_are_found(dyads):
    (reference,) = dyads.resolve(["x.client.t2"])
    assert (reference.roles, reference.waves) == (("client",), ("t2",))
    assert [r.variable.name for r in dyads.resolve(None)] == ["x", "town", "s"]
    assert [r.variable.name for r in dyads.resolve("x")] == ["x"]
    with pytest.raises(StudyError, match=r"Unknown variable 'xx' in 'xx'\. Did you mean 'x'\?"):
        dyads.wide(["xx"])


# Nothing changes it


def snapshot(dyads):
    return [
        *(dyads.individual(), dyads.wide(), dyads.pairwise(), dyads.exclusions, dyads.flow()),
        *(dyads.pairing(), dyads.answers("x"), dyads.items("s", "coach", "t1")),
    ]


def same(one, other):
    for left, right in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_what_it_gives_away_can_be_changed_without_changing_it(dyads):
    before = snapshot(dyads)
    for table in snapshot(dyads):
        for column in table:
            if len(table):
                table.loc[0, column] = table[column].iloc[-1]
            table[column] = "x"
        table.columns = range(table.shape[1])
        table.index = table.index[::-1]
    same(snapshot(dyads), before)


def test_arrays_of_what_it_gives_away_do_not_reach_it(dyads):
    before = snapshot(dyads)
    values = dyads.individual()["x"].to_numpy()
    if values.flags.writeable:
        values[:] = -1
    same(snapshot(dyads), before)


def test_the_frame_given_stays_as_it_was():
    rows = ROWS.copy()
    dyads = make(rows)
    pd.testing.assert_frame_equal(rows, ROWS)
    before = snapshot(dyads)
    rows.loc[:, "x"] = -1
    rows["town"] = "x"
    same(snapshot(dyads), before)


def test_verbs_return_new_frames(dyads):
    before = snapshot(dyads)
    derived = pd.DataFrame({"dyad": ["P1", "P2"], "gap": [1.0, 2.0]})
    wider = dyads.with_variables(derived)
    noted = dyads.with_notes("a note")
    same(snapshot(dyads), before)
    assert (dyads.notes, noted.notes) == ((), ("a note",))
    assert "gap" not in dyads.variables
    assert wider.wide(["gap"])["gap_t1"].isna().tolist() == [False, False, True]
    derived["gap"] = 99
    assert wider.answers("gap", wave="t1")["value"].tolist() == [1, 2]


def test_its_fields_cannot_be_set(dyads):
    with pytest.raises(FrozenInstanceError):
        dyads.notes = ("x",)
    with pytest.raises(TypeError):
        dyads.variables["x"] = None
    with pytest.raises(TypeError):
        dyads.wave_times["t1"] = 1
    with pytest.raises(FrozenInstanceError):
        dyads.variables["x"].label = "y"


def test_it_survives_pickling(dyads):
    again = pickle.loads(pickle.dumps(dyads))
    same(snapshot(again), snapshot(dyads))
    assert dict(again.variables) == dict(dyads.variables)
    assert repr(again) == repr(dyads)
