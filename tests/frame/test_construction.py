"""From a DataFrame to sorted, checked and described rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.frame import DyadFrame, Variable


def build(data, **options):
    named = {"dyad": "pair", "role": "role"} | options
    return DyadFrame.from_individual(pd.DataFrame(data), **named)


PAIRS = {"pair": [2, 1, 2, 1], "role": ["b", "a", "a", "b"], "x": [4.0, 1.0, 3.0, 2.0]}


def test_rows_are_sorted_by_dyad_wave_and_member():
    rows = build(PAIRS).individual()
    assert rows["x"].tolist() == [1, 2, 3, 4]
    assert rows.columns.tolist() == ["dyad", "role", "person", "x"]
    waves = {"pair": [1] * 4, "role": ["b", "a"] * 2, "w": [2, 2, 1, 1], "x": [4.0, 3.0, 2.0, 1.0]}
    assert build(waves, wave="w").individual()["x"].tolist() == [1, 2, 3, 4]


def test_roles_and_waves_are_in_the_order_that_is_said_else_sorted():
    data = {"pair": [1] * 4, "role": ["b", "a"] * 2, "w": [10, 9, 9, 10], "x": [1.0] * 4}
    dyads = build(data, wave="w")
    # Numbers are sorted as numbers: 9 before 10.
    assert (dyads.roles, dyads.waves) == (("a", "b"), ("9", "10"))
    assert build(data | {"w": ["t10", "t9", "t9", "t10"]}, wave="w").waves == ("t9", "t10")
    said = build(data, wave="w", roles=("b", "a"), waves=("10", "9"))
    assert (said.roles, said.waves) == (("b", "a"), ("10", "9"))
    frame = pd.DataFrame(data).assign(role=lambda f: pd.Categorical(f["role"], ["b", "c", "a"]))
    assert build(frame, wave="w").roles == ("b", "a")


@pytest.mark.parametrize("column", [[1.0, 1.0, 2.0, 2.0], [1, 1, 2, 2], ["1", "1", "2", "2"]])
def test_numbers_make_plain_labels(column):
    data = {"pair": [1] * 4, "role": ["a", "b"] * 2, "w": column, "x": [1.0] * 4}
    assert build(data, wave="w").waves == ("1", "2")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"pair": [1, None, 1, 1]}, DataError, r"1 row has no dyad code in 'pair' \(positions 1\)"),
        (
            {"pair": ["1", " ", "", "1"]},
            DataError,
            r"2 rows have no dyad code .*\(positions 1, 2\)",
        ),
        (
            {"role": ["a", None, "b", "a"]},
            DataError,
            r"1 row has no role in 'role' \(positions 1\)",
        ),
        ({"role": ["a", "b", "c", "a"]}, StudyError, "A dyad has two roles; 'role' holds 3"),
        (
            {"pair": [1, 1, 1, 2]},
            DataError,
            "1 member of dyads have more than one row in a wave: 1",
        ),
        ({"group": [1, 2, 3, 4]}, StudyError, r"'group' has a name that dyadkit uses itself"),
        ({"present": [1, 2, 3, 4]}, StudyError, r"'present' has a name .* rename it\."),
    ],
)
def test_bad_rows_are_refused(change, kind, words):
    data = {"pair": [1, 1, 2, 2], "role": ["a", "b", "a", "b"], "x": [1.0] * 4} | change
    with pytest.raises(kind, match=words):
        build(data)


def test_rows_without_a_wave_are_refused():
    data = {"pair": [1, 1], "role": ["a", "b"], "w": ["1", None], "x": [1.0, 2.0]}
    with pytest.raises(DataError, match=r"1 row has no wave in 'w' \(positions 1\)") as found:
        build(data, wave="w")
    assert found.value.rows == (1,)


def test_columns_that_are_not_there_name_the_nearest():
    with pytest.raises(StudyError, match=r"no column 'rolle'\. Did you mean 'role'\? The columns"):
        build(PAIRS, role="rolle")
    with pytest.raises(StudyError, match="no column 'y'"):
        build(PAIRS, dyad_level=["y"])


def test_no_rows_are_no_dyads():
    with pytest.raises(DataError, match="has no rows, so there is no dyad in it"):
        build({"pair": [], "role": []})


def test_a_column_named_twice_is_refused():
    data = pd.DataFrame([[1, "a", 1.0, 2.0]], columns=["pair", "role", "x", "x"])
    with pytest.raises(StudyError, match="More than one column is called x"):
        build(data)


@pytest.mark.parametrize("data", [None, [1, 2], {"pair": [1]}, np.zeros((2, 2))])
def test_what_is_no_dataframe_is_refused(data):
    with pytest.raises(StudyError, match="A DataFrame is needed, not"):
        DyadFrame.from_individual(data, dyad="pair")


def test_columns_may_be_numbers():
    data = pd.DataFrame({0: [1, 1], 1: ["a", "b"], 2: [3.0, 4.0]})
    dyads = DyadFrame.from_individual(data, dyad="0", role="1")
    assert dyads.wide().columns.tolist() == ["dyad", "2_a", "2_b"]
    assert data.columns.tolist() == [0, 1, 2]


def test_undeclared_labels_are_refused():
    with pytest.raises(StudyError, match=r"The roles b are not among a, c; name every role"):
        build(PAIRS, roles=("a", "c"))


def test_more_than_one_label_needs_a_column():
    with pytest.raises(StudyError, match=r"needs wave=…, the column that tells them apart"):
        build(PAIRS, waves=("w1", "w2"))


def test_codes_of_two_types_are_sorted_too():
    data = {"pair": [10, "b", 10, "b"], "role": ["a", "a", "b", "b"], "x": [1.0, 2.0, 3.0, 4.0]}
    assert build(data).wide()["dyad"].tolist() == [10, "b"]


def test_categories_without_a_row_are_not_carried_along():
    data = pd.DataFrame(PAIRS).assign(
        pair=lambda f: pd.Categorical(f["pair"], [1, 2, 3]), who=pd.Categorical(list("dabc"))
    )
    rows = build(data, person="who").individual()
    assert rows["dyad"].tolist() == [1, 1, 2, 2]
    assert not isinstance(rows["dyad"].dtype, pd.CategoricalDtype)
    assert not isinstance(rows["person"].dtype, pd.CategoricalDtype)


# Exchangeable members


def test_members_are_numbered_by_their_ids():
    data = {"pair": [1, 1, 2, 2], "who": ["b", "a", "a", "c"], "x": [1.0, 2.0, 3.0, 4.0]}
    dyads = build(data, role=None, person="who", roles=("peer",))
    assert dyads.wide().to_dict("list") == {
        "dyad": [1, 2],
        "person_1": ["a", "a"],
        "person_2": ["b", "c"],
        "x_1": [2, 3],
        "x_2": [1, 4],
    }
    assert dyads.individual()["role"].unique().tolist() == ["peer"]


def test_members_keep_their_number_in_every_wave():
    data = {"pair": [1] * 3, "who": ["b", "a", "b"], "w": [1, 1, 2], "x": [1.0, 2.0, 3.0]}
    rows = build(data, role=None, person="who", wave="w").individual()
    assert rows[["member", "wave", "x"]].to_numpy().tolist() == [
        ["1", "1", 2.0],
        ["2", "1", 1.0],
        ["2", "2", 3.0],
    ]


def test_without_ids_the_rows_give_the_numbers():
    dyads = build({"pair": [1, 1], "x": [2.0, 1.0]}, role=None)
    assert dyads.wide()[["x_1", "x_2"]].to_numpy().tolist() == [[2, 1]]
    with pytest.raises(StudyError, match="Exchangeable members over several waves need person"):
        build({"pair": [1, 1], "w": [1, 2], "x": [2.0, 1.0]}, role=None, wave="w")


def test_three_members_are_too_many():
    with pytest.raises(DataError, match=r"1 dyad has more than two members \(dyads 7\)"):
        build({"pair": [7, 7, 7], "x": [1.0, 2.0, 3.0]}, role=None)


# What columns are


def test_columns_are_described_from_their_values():
    data = pd.DataFrame(
        {
            "pair": [1, 1],
            "role": ["a", "b"],
            "number": [1, 2],
            "half": [1.5, None],
            "flag": [True, False],
            "kind": pd.Categorical(["x", "y"]),
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"]),
            "said_so": ["yes", None],
        }
    )
    variables = build(data, dyad_level=["half"]).variables
    assert {name: variable.kind for name, variable in variables.items()} == {
        "number": "number",
        "half": "number",
        "flag": "category",
        "kind": "category",
        "when": "date",
        "said_so": "text",
    }
    assert variables["half"].level == "dyad"
    assert variables["number"].level == "relationship"
    assert (variables["said_so"].roles, variables["said_so"].label) == (("a",), "Said so")
    known = {"number": Variable("number", "My number", level="person", roles=("a", "b"))}
    assert build(data, variables=known).variables["number"] == known["number"]


# What belongs to the dyad or group


def test_a_dyads_value_is_every_members():
    data = {"pair": [1, 1, 2, 2], "role": ["a", "b"] * 2, "x": [None, 5.0, 6.0, 6.0]}
    dyads = build(data, dyad_level=["x"])
    assert dyads.individual()["x"].tolist() == [5, 5, 6, 6]
    assert dyads.wide().columns.tolist() == ["dyad", "x"]
    assert dyads.answers("x")["value"].tolist() == [5, 6]


def test_a_dyad_with_two_values_contradicts_itself():
    data = {"pair": [1, 1, 2, 2], "role": ["a", "b"] * 2, "x": [4.0, 5.0, 6.0, 7.0]}
    data["y"] = data["x"]
    with pytest.raises(DataError) as found:
        build(data, dyad_level=["x", "y"])
    first, second = str(found.value).split("\n\n")
    assert first == (
        "'x' is declared to belong to the dyad, but 2 dyads have more than one value (1, 2). "
        'Declare level = "person", or correct the values.'
    )
    assert second.startswith("'y' is declared")


def test_a_dyads_value_may_differ_between_waves():
    data = {"pair": [1] * 4, "role": ["a", "b"] * 2, "w": [1, 1, 2, 2], "x": [1.0, 1.0, 2.0, 2.0]}
    dyads = build(data, wave="w", dyad_level=["x"])
    assert dyads.wide()[["x_1", "x_2"]].to_numpy().tolist() == [[1, 2]]
    assert dyads.answers("x", wave="2")["value"].tolist() == [2]


def test_a_groups_value_counts_once_a_group_and_those_without_one_stand_alone():
    data = {
        "pair": [1, 1, 2, 2, 3, 3, 4, 4],
        "role": ["a", "b"] * 4,
        "team": ["T", "T", "T", "T", None, None, None, None],
        "x": [1.0, None, None, 1.0, 2.0, None, 3.0, 3.0],
    }
    team = {"x": Variable("x", "X", level="group", roles=("a", "b"))}
    dyads = build(data, group="team", variables=team)
    assert dyads.individual()["x"].tolist() == [1, 1, 1, 1, 2, 2, 3, 3]
    assert dyads.answers("x")["value"].tolist() == [1, 2, 3]
    with pytest.raises(DataError, match=r"belong to the group, but 1 group has .*\(T\)"):
        build(data | {"x": [1.0, 2.0, *data["x"][2:]]}, group="team", variables=team)
