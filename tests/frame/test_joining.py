"""Derived variables."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.frame import DyadFrame, Variable


@pytest.fixture
def dyads():
    rows = pd.DataFrame(
        {
            "pair": ["P1", "P1", "P2", "P2"],
            "role": ["a", "b"] * 2,
            "who": ["M", "A", "M", "B"],
            "x": [1.0, 2.0, 3.0, 4.0],
        }
    )
    return DyadFrame.from_individual(rows, dyad="pair", role="role", person="who")


def test_by_dyad_they_describe_the_dyad(dyads):
    joined = dyads.with_variables(pd.DataFrame({"dyad": ["P2", "P1"], "gap": [2, 1]}))
    assert joined.individual()["gap"].tolist() == [1, 1, 2, 2]
    assert joined.variables["gap"].level == "dyad"
    assert joined.wide()["gap"].tolist() == [1, 2]


def test_by_dyad_and_role_they_belong_to_the_member(dyads):
    derived = pd.DataFrame({"dyad": ["P2"], "role": ["b"], "z": [9.0]})
    joined = dyads.with_variables(derived)
    assert joined.individual()["z"].fillna(0).tolist() == [0, 0, 0, 9]
    assert joined.variables["z"].roles == ("b",)
    assert joined.variables["z"].level == "relationship"


def test_by_person_they_are_counted_once(dyads):
    derived = pd.DataFrame({"person": ["M", "A", "B"], "age": [50, 20, 30]})
    joined = dyads.with_variables(derived)
    assert joined.individual()["age"].tolist() == [50, 20, 50, 30]
    assert joined.answers("age")["value"].tolist() == [50, 20, 30]


def test_what_is_known_of_them_is_kept(dyads):
    known = {"gap": Variable("gap", "The gap", level="dyad", roles=("a", "b"))}
    joined = dyads.with_variables(pd.DataFrame({"dyad": ["P1"], "gap": [1]}), known)
    assert joined.variables["gap"] == known["gap"]
    assert list(joined.variables) == ["x", "gap"]
    anywhere = {"gap": Variable("gap", "The gap", level="dyad")}
    joined = dyads.with_variables(pd.DataFrame({"dyad": ["P1"], "gap": [1]}), anywhere)
    assert joined.variables["gap"] == known["gap"]


@pytest.mark.parametrize(
    ("derived", "kind", "words"),
    [
        ({"dyad": ["P1"], "x": [1]}, StudyError, "already has x; give it another name"),
        ({"dyad": ["P1"], "time": [1]}, StudyError, "already has time"),
        ({"z": [1]}, StudyError, "need a key: dyad, or role"),
        ({"dyad": ["P1", "P1"], "z": [1, 2]}, DataError, r"1 row repeats a key \(dyad\)"),
        ({"dyad": ["P1", "P9"], "z": [1, 2]}, DataError, "1 row belongs to no dyad of this frame"),
        ({"dyad": [1], "z": [1]}, StudyError, r"keys \(dyad\) are of another type"),
        ({"dyad": ["P1"], "wave": ["t1"], "z": [1]}, DataError, "belongs to no dyad / wave"),
    ],
)
def test_what_does_not_fit_is_refused(dyads, derived, kind, words):
    with pytest.raises(kind, match=words):
        dyads.with_variables(pd.DataFrame(derived))


def test_a_dyad_with_two_values_is_refused(dyads):
    derived = pd.DataFrame({"dyad": ["P1", "P1"], "role": ["a", "b"], "z": [1, 2]})
    known = {"z": Variable("z", "Z", level="dyad", roles=("a", "b"))}
    with pytest.raises(DataError, match="'z' is declared to belong to the dyad"):
        dyads.with_variables(derived, known)


def test_a_column_named_twice_is_refused(dyads):
    derived = pd.DataFrame([["P1", 1, 2]], columns=["dyad", "z", "z"])
    with pytest.raises(StudyError, match="More than one column is called z"):
        dyads.with_variables(derived)


def test_its_own_layout_joins_back(dyads):
    wide = dyads.wide()
    gap = pd.DataFrame({"dyad": wide["dyad"], "gap": wide["x_a"] - wide["x_b"]})
    assert dyads.with_variables(gap).answers("gap")["value"].tolist() == [-1, -1]
