"""Wide and pairwise, worked out by hand."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from dyadkit.errors import StudyError
from dyadkit.frame import DyadFrame, Variable

ROWS = pd.DataFrame(
    {
        "pair": [2, 1, 1, 2, 1],
        "role": ["a", "a", "b", "b", "b"],
        "w": ["t1", "t1", "t1", "t2", "t2"],
        "x": [3, 1, 2, 5, 4],
        "y": ["c", "a", "b", "e", "d"],
    }
)


def records(table):
    table = table.astype(object)
    return table.where(table.notna(), None).to_dict("list")


def test_wide_has_a_row_a_dyad_and_a_column_a_member_and_wave():
    dyads = DyadFrame.from_individual(ROWS, dyad="pair", role="role", wave="w")
    assert records(dyads.wide()) == {
        "dyad": [1, 2],
        "x_a_t1": [1, 3],
        "x_b_t1": [2, None],
        "x_a_t2": [None, None],
        "x_b_t2": [4, 5],
        "y_a_t1": ["a", "c"],
        "y_b_t1": ["b", None],
        "y_a_t2": [None, None],
        "y_b_t2": ["d", "e"],
    }
    assert dyads.wide(["y.b"]).columns.tolist() == [
        *("dyad", "y_a_t1", "y_b_t1", "y_a_t2", "y_b_t2")
    ]


def test_only_what_was_asked_has_a_column():
    known = {"x": Variable("x", "X", roles=("b",), waves=("t2",))}
    rows = ROWS.drop(columns="y")
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role", wave="w", variables=known)
    assert records(dyads.wide()) == {"dyad": [1, 2], "x_b_t2": [4, 5]}


def test_whole_numbers_stay_whole_where_all_are_known():
    rows = pd.DataFrame({"pair": [1, 1], "role": ["a", "b"], "x": [1, 2], "flag": [True, False]})
    wide = DyadFrame.from_individual(rows, dyad="pair", role="role").wide()
    assert wide.dtypes.astype(str).to_dict() == {
        "dyad": "int64",
        "x_a": "int64",
        "x_b": "int64",
        "flag_a": "bool",
        "flag_b": "bool",
    }


def test_pairwise_puts_the_partner_beside():
    rows = ROWS.assign(who=["A2", "A1", "B1", "B2", "B1"], z=[8, 7, 7, 9, 6])
    dyads = DyadFrame.from_individual(
        rows, dyad="pair", role="role", wave="w", person="who", dyad_level=["z"]
    )
    pairs = dyads.pairwise()
    assert records(pairs) == {
        "dyad": [1, 1, 1, 2, 2],
        "role": ["a", "b", "b", "a", "b"],
        "wave": ["t1", "t1", "t2", "t1", "t2"],
        "person": ["A1", "B1", "B1", "A2", "B2"],
        "person_partner": ["B1", "A1", None, None, None],
        "z": [7, 7, 6, 8, 9],
        "x_actor": [1, 2, 4, 3, 5],
        "x_partner": [2, 1, None, None, None],
        "y_actor": ["a", "b", "d", "c", "e"],
        "y_partner": ["b", "a", None, None, None],
    }
    assert dyads.pairwise(["z"]).columns.tolist() == [
        *("dyad", "role", "wave", "person", "person_partner", "z")
    ]


def test_pairwise_of_exchangeable_members():
    rows = pd.DataFrame({"pair": [1, 1], "x": [1.0, 2.0]})
    pairs = DyadFrame.from_individual(rows, dyad="pair").pairwise()
    assert pairs[["member", "x_actor", "x_partner"]].to_numpy().tolist() == [
        ["1", 1, 2],
        ["2", 2, 1],
    ]


def test_swapping_actor_and_partner_is_the_other_members_row():
    rows = ROWS.query("w == 't1'").drop(columns="w")
    pairs = DyadFrame.from_individual(rows, dyad="pair", role="role").pairwise()
    both = pairs[pairs["x_partner"].notna()].set_index(["dyad", "role"])
    assert both.loc[(1, "a"), "x_actor"] == both.loc[(1, "b"), "x_partner"]
    assert both.loc[(1, "b"), "x_actor"] == both.loc[(1, "a"), "x_partner"]


def test_two_columns_of_one_name_are_refused():
    rows = pd.DataFrame({"pair": [1, 1], "role": ["a", "b"], "x": [1, 2], "x_a": [3, 3]})
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role", dyad_level=["x_a"])
    with pytest.raises(StudyError, match="Two references give the one name 'x_a'"):
        dyads.wide()
    rows = rows.rename(columns={"x_a": "x_actor"})
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role", dyad_level=["x_actor"])
    with pytest.raises(StudyError, match="'x_actor' describes the dyad, and is also"):
        dyads.pairwise()


def test_who_answered_stands_once_where_it_does_not_change():
    rows = ROWS.assign(who=["A2", "A1", "B1", "B2", "B1"], org="O", when=[1, 2, 3, 4, 5])
    dyads = DyadFrame.from_individual(
        rows, dyad="pair", role="role", wave="w", person="who", group="org", time="when"
    )
    assert records(dyads.wide(["x"]).drop(columns=["x_a_t1", "x_b_t1", "x_a_t2", "x_b_t2"])) == {
        "dyad": [1, 2],
        "person_a": ["A1", "A2"],
        "person_b": ["B1", "B2"],
        "group": ["O", "O"],
        "time_a_t1": [2, 1],
        "time_b_t1": [3, None],
        "time_a_t2": [None, None],
        "time_b_t2": [5, 4],
    }


def test_who_answered_stands_by_wave_where_it_changes():
    rows = ROWS.assign(who=["A2", "A1", "B1", "B2", "Z1"])
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role", wave="w", person="who")
    wide = dyads.wide(["x"])
    assert wide["person_b_t1"].tolist()[0] == "B1"
    assert wide["person_b_t2"].tolist() == ["Z1", "B2"]
    assert "person_b" not in wide


def test_rows_without_an_answer_are_marked_only_in_the_whole():
    rows = pd.DataFrame(
        {"pair": [1, 1, 2, 3, 3], "role": list("abaab"), "x": [1.0, None, 2.0, 3.0, 4.0]}
    )
    dyads = DyadFrame.from_individual(rows, dyad="pair", role="role")
    assert records(dyads.wide()) == {
        "dyad": [1, 2, 3],
        "present_a": [True, True, True],
        "present_b": [True, False, True],
        "x_a": [1, 2, 3],
        "x_b": [None, None, 4],
    }
    assert dyads.wide(["x"]).columns.tolist() == ["dyad", "x_a", "x_b"]


def test_what_is_done_to_a_wide_table_is_not_done_to_the_frame() -> None:
    data = pd.DataFrame(
        {"pair": [1, 1, 2, 2], "role": ["a", "b"] * 2, "trust": [1.0, 2.0, 3.0, 4.0]}
    )
    dyads = DyadFrame.from_individual(data, dyad="pair", role="role", roles=("a", "b"))
    before = dyads.wide()
    spoilt = dyads.wide()
    spoilt["trust_a"] = 0.0
    spoilt.loc[0, "trust_b"] = -1.0
    spoilt["more"] = 1
    pd.testing.assert_frame_equal(dyads.wide(), before)
    again = pickle.loads(pickle.dumps(dyads))
    pd.testing.assert_frame_equal(again.wide(), before)
