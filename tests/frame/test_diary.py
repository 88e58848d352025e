"""Diaries: several occasions of a dyad within a wave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.description.descriptives import describe
from dyadkit.description.nonindependence import assess_nonindependence
from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.frame import DyadFrame, Variable

ROWS = pd.DataFrame(
    {
        "pair": ["P1"] * 4 + ["P2"] * 3,
        "role": ["a", "b", "a", "b", "a", "b", "a"],
        "day": [1, 1, 2, 2, 1, 1, 2],
        "who": ["p", "q", "p", "q", "r", "s", "r"],
        "mood": [1.0, 2, 3, 4, 5, 6, 7],
        "age": [30.0, 40, 30, 40, 50, 60, 50],
    }
)


@pytest.fixture
def diary() -> DyadFrame:
    return DyadFrame.from_individual(
        ROWS.sample(frac=1, random_state=2),
        dyad="pair",
        role="role",
        occasion="day",
        person="who",
        variables={"age": Variable("age", "Age", level="person", roles=("a", "b"))},
    )


def test_rows_are_sorted_by_occasion(diary):
    rows = diary.individual()
    assert rows[["dyad", "occasion", "role"]].to_numpy().tolist()[:4] == [
        ["P1", 1, "a"],
        ["P1", 1, "b"],
        ["P1", 2, "a"],
        ["P1", 2, "b"],
    ]
    assert diary.diary
    assert diary.n_dyads == 2


def test_wide_has_a_row_for_each_occasion(diary):
    wide = diary.wide(["mood"])
    assert wide[["dyad", "occasion"]].to_numpy().tolist() == [
        ["P1", 1],
        ["P1", 2],
        ["P2", 1],
        ["P2", 2],
    ]
    np.testing.assert_array_equal(wide["mood_b"], [2, 4, 6, np.nan])


def test_wide_rows_become_the_same_individual_rows(diary):
    again = DyadFrame.from_wide(
        diary.wide(), dyad="dyad", roles=("a", "b"), occasion="occasion"
    ).individual()
    mine = diary.individual()
    columns = ["dyad", "role", "occasion", "person", "mood", "age"]
    pd.testing.assert_frame_equal(again[columns], mine[columns], check_dtype=False)


def test_partners_are_compared_on_the_same_occasion(diary):
    pairs = diary.pairwise(["mood"])
    first = pairs.query("dyad == 'P1' and role == 'a'")
    assert first[["occasion", "mood_actor", "mood_partner"]].to_numpy().tolist() == [
        [1, 1, 2],
        [2, 3, 4],
    ]
    assert pairs.query("dyad == 'P2' and occasion == 2")["mood_partner"].isna().all()


def test_a_dyad_is_complete_with_one_common_occasion(diary):
    assert diary.pairing()["complete"].tolist() == [2]
    alone = DyadFrame.from_individual(
        ROWS[ROWS["day"].ne(1) | ROWS["role"].eq("a")], dyad="pair", role="role", occasion="day"
    )
    assert alone.pairing()["complete"].tolist() == [1]


def test_what_belongs_to_a_person_is_counted_on_each_occasion(diary):
    assert len(diary.answers("age", "a")) == 4
    assert diary.answers("age", "a")["occasion"].tolist() == [1, 2, 1, 2]


def test_derived_variables_are_joined_by_occasion(diary):
    derived = pd.DataFrame({"dyad": ["P1", "P1"], "occasion": [1, 2], "x": [10.0, 20.0]})
    joined = diary.with_variables(derived).individual()
    assert joined.query("dyad == 'P1'")["x"].tolist() == [10, 10, 20, 20]


def test_two_rows_on_one_occasion_are_refused():
    twice = pd.concat([ROWS, ROWS.iloc[:1]])
    with pytest.raises(DataError, match="more than one row in an occasion"):
        DyadFrame.from_individual(twice, dyad="pair", role="role", occasion="day")


def test_a_row_without_an_occasion_is_refused():
    lacking = ROWS.assign(day=[np.nan, 1, 2, 2, 1, 1, 2])
    with pytest.raises(DataError, match=r"1 row has no occasion in 'day' \(positions 0\)"):
        DyadFrame.from_individual(lacking, dyad="pair", role="role", occasion="day")


def test_two_wide_rows_of_an_occasion_are_refused(diary):
    wide = diary.wide(["mood"])
    with pytest.raises(DataError, match="'dyad' and 'occasion'"):
        DyadFrame.from_wide(
            pd.concat([wide, wide]), dyad="dyad", roles=("a", "b"), occasion="occasion"
        )


def test_a_wide_occasion_that_is_not_there_is_named(diary):
    with pytest.raises(StudyError, match=r"There is no column 'ocasion'.*'occasion'"):
        DyadFrame.from_wide(diary.wide(["mood"]), dyad="dyad", roles=("a", "b"), occasion="ocasion")


@pytest.mark.parametrize("analysis", [describe, assess_nonindependence])
def test_descriptions_do_not_count_people_several_times(diary, analysis):
    with pytest.raises(Refused, match="These are diary data"):
        analysis(diary)


def test_columns_are_added_in_the_rows_of_individual(diary):
    more = diary.with_columns(
        {"twice": 2 * diary.values(["mood"])["mood"]}, {"twice": Variable("twice", "Twice")}
    )
    assert more.individual()["twice"].tolist() == (2 * diary.individual()["mood"]).tolist()
    assert "twice" not in diary.variables
    with pytest.raises(StudyError, match="already has twice"):
        more.with_columns({"twice": diary.values(["mood"])["mood"]}, {})
