"""What a model of teams says of members it loses, and of data and options it cannot use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, Refused, StudyError

FOLDER = Path(__file__).parents[1] / "oracles"
TEAMS = json.loads((FOLDER / "teams.json").read_text(encoding="utf-8"))


def data_of(name: str) -> pd.DataFrame:
    """Return a data set that R simulated."""
    found = json.loads((FOLDER / "mixed" / "data.json").read_text(encoding="utf-8"))
    return pd.DataFrame(found["datasets"][name])


def said(kind: type[DyadKitError], frame: object, *args: object, **options: object) -> str:
    known = {"team": "team", "person": "person"} | options
    with pytest.raises(kind) as caught:
        dk.fit_teams(frame, *(args or ("y", "own")), **known)
    assert type(caught.value) is kind
    return str(caught.value)


def test_roles_that_cannot_be_told_apart() -> None:
    frame = pd.DataFrame(TEAMS["datasets"]["alike"])
    by_role = {"by_role": True, "role": "role"}
    assert "two roles or more" in said(StudyError, frame, "y", "x", by_role=True)
    assert "have 1" in said(StudyError, frame.assign(role="all"), "y", "x", **by_role)
    unknown = frame.assign(role=frame["role"].where(frame.index != 5))
    assert "1 member(s) have no role" in said(DataError, unknown, "y", "x", **by_role)
    assert "satterthwaite" in said(Refused, frame, "y", "x", df="kenward_roger", **by_role)


def test_persons_in_two_roles_of_a_team() -> None:
    """A middle manager leads one pair and follows in another: one person without by_role."""
    rng = np.random.default_rng(2)
    n = 30
    frame = pd.DataFrame(
        {
            "team": np.repeat(np.arange(n), 4),
            "pair": np.repeat(np.arange(2 * n), 2),
            "role": ["leader", "follower"] * (2 * n),
            "who": np.array([[f"a{t}", f"b{t}", f"b{t}", f"c{t}"] for t in range(n)]).ravel(),
            "x": rng.normal(size=4 * n),
            "y": rng.normal(size=4 * n),
        }
    )
    dyads = dk.DyadFrame.from_individual(
        frame, dyad="pair", role="role", person="who", group="team"
    )
    assert dk.fit_teams(dyads, "y", "x").glance()["n_obs"].item() == 3 * n
    with pytest.raises(Refused, match=r"30 person\(s\) have two roles"):
        dk.fit_teams(dyads, "y", "x", by_role=True)
    # With ids of its own for each answer, every role has two persons in a team.
    alone = dk.DyadFrame.from_individual(
        frame.drop(columns="who"),
        dyad="pair",
        role="role",
        roles=("leader", "follower"),
        group="team",
    )
    result = dk.fit_teams(alone, "y", "x", by_role=True)
    assert result.glance()["n_obs"].item() == 4 * n
    assert {"others: x (follower)", "SD ratio: follower to leader"} <= set(result.tidy()["term"])
    assert result.supports[0].persons == 2 * n


def test_who_is_lost_and_who_stands_for_others() -> None:
    """Teams of 1, 2 and 4 and of 4 where one did not answer x: of three, not all others did."""
    sizes = [1, 2, 4, 4] + [3] * 12
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"team": np.repeat(np.arange(16), sizes)})
    frame = frame.assign(x=rng.normal(size=len(frame)), y=rng.normal(size=len(frame)))
    frame.loc[7, "x"] = np.nan
    frame["team"] = frame["team"].astype(float)
    frame.loc[10, "team"] = np.nan
    text = " ".join(note.text for note in dk.fit_teams(frame, "y", "x", team="team").notes)
    assert "1 member(s) were left out because an own answer is missing" in text
    assert "1 member(s) were left out because nobody else in their team answered" in text
    assert "1 member(s) were left out because their team is not known" in text
    # 2 × 1, 4 × 3, 2 × 1 (of two who answered, of three), 36 × 2: 88 of 44 members.
    assert "rests on 2.00 answers on average, at least 1; of 2 members not all" in text


def test_members_without_an_id_are_kept() -> None:
    frame = data_of("teams35")
    known = dk.fit_teams(frame, "y", "own", team="team", person="person").tidy()
    frame.loc[[4, 5, 40], "person"] = None
    pd.testing.assert_frame_equal(
        known, dk.fit_teams(frame, "y", "own", team="team", person="person").tidy()
    )


def test_bad_input() -> None:
    frame = data_of("teams35")
    alone = said(DataError, frame.assign(team=frame["person"]))
    assert "one member" in alone
    assert "own" in said(StudyError, frame, "y", "owns")
    assert "REML or ML" in said(StudyError, frame, method="ml")
    assert "team=…" in said(StudyError, frame, team=None)
    assert "no numbers" in said(StudyError, frame, "y", "format")
    assert "twice" in said(StudyError, frame, "y", ["own", "own"])
    assert "not answered by anybody" in said(DataError, frame.assign(own=np.nan))
    collinear = said(DataError, frame.assign(twice=2 * frame["own"]), "y", ["own", "twice"])
    assert "own: own" in collinear
    assert "own: twice" in collinear
    assert "DataFrame" in said(StudyError, [1, 2])
    for constant in (
        said(DataError, frame.assign(own=0.1)),
        said(DataError, frame.assign(place=0.1), "y", "own", covariates="place"),
    ):
        assert "the same for all" in constant
        assert "Leave it out" in constant
    size = frame.groupby("team")["y"].transform("size")
    counted = said(DataError, frame.assign(count=size), "y", ["own", "count"])
    assert "team: count, size determine each other" in counted
    few = said(DataError, frame[frame["team"] == frame["team"].iloc[0]])
    assert "1 team(s)" in few
    endless = said(DataError, frame.assign(own=frame["own"].where(frame.index > 1, np.inf)))
    assert "own hold(s) 2 infinite value(s)" in endless
    twice = said(DataError, pd.concat([frame, frame.iloc[[3]]]))
    assert "2 rows of the data repeat a 'person' within a 'team'" in twice


def test_nobody_is_left_with_a_fellow_member() -> None:
    frame = data_of("teams35")
    first = ~frame.duplicated("team")
    lonely = said(DataError, frame.assign(own=frame["own"].where(first)))
    assert "No member is left" in lonely
    assert "35 have no others who answered" in lonely
    silent = said(DataError, frame.assign(y=frame["y"].where(first)))
    assert "No two of the 35 members" in silent


def test_ids_in_several_teams() -> None:
    """In a table they number a team's members; in a DyadFrame they are persons."""
    frame = data_of("teams35")
    numbered = frame.assign(person=frame.groupby("team").cumcount())
    result = dk.fit_teams(numbered, "y", "own", team="team", person="person")
    assert any("6 id(s) of persons occur in several teams" in note.text for note in result.notes)
    plain = dk.fit_teams(frame, "y", "own", team="team", person="person")
    pd.testing.assert_frame_equal(result.tidy(), plain.tidy())
    pairs = data_of("pairs60")[["dyad", "role", "y"]]
    pairs["team"] = np.arange(len(pairs)) // 6
    pairs["who"] = np.arange(len(pairs))
    pairs.loc[6, "who"] = 0
    dyads = dk.DyadFrame.from_individual(
        pairs, dyad="dyad", role="role", person="who", group="team"
    )
    with pytest.raises(Refused, match=r"1 person\(s\) belong to two or more teams"):
        dk.fit_teams(dyads, "y")


def test_a_frame_without_teams_and_a_diary() -> None:
    frame = data_of("pairs60")
    dyads = dk.DyadFrame.from_individual(
        frame[["dyad", "role", "y", "act"]], dyad="dyad", role="role"
    )
    with pytest.raises(StudyError, match="which team"):
        dk.fit_teams(dyads, "y", "act")
    days = pd.concat([frame[["dyad", "role", "y"]].assign(day=day, team=1) for day in (1, 2)])
    diary = dk.DyadFrame.from_individual(
        days, dyad="dyad", role="role", occasion="day", group="team"
    )
    with pytest.raises(Refused, match="diary"):
        dk.fit_teams(diary, "y")
