"""What an actor–partner model says of data and options it cannot use."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, Refused, StudyError
from tests.studies import STUDY, write_study


def pairs(n: int = 40, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "pair": np.repeat(np.arange(n), 2),
            "role": ["coach", "client"] * n,
            "x": rng.normal(size=2 * n),
            "z": rng.normal(size=2 * n),
            "y": rng.normal(size=2 * n),
        }
    )


def said(kind: type[DyadKitError], frame: pd.DataFrame, *args: object, **options: object) -> str:
    """Return the message of an error of exactly this kind."""
    known = {"dyad": "pair", "role": "role"} | options
    with pytest.raises(kind) as caught:
        dk.fit_apim(frame, *(args or ("y", "x")), **known)
    assert type(caught.value) is kind
    return str(caught.value)


def test_a_role_with_one_level() -> None:
    frame = pairs()
    frame = frame[frame["role"] == "coach"]
    message = said(DataError, frame)
    assert "In none of 40 dyads did both members answer" in message
    assert "codes" in message


def test_three_members_in_a_dyad() -> None:
    frame = pairs()
    third = frame.iloc[[0]].assign(x=1.0)
    message = said(DataError, pd.concat([frame, third], ignore_index=True))
    assert "more than one row" in message
    assert "0 coach" in message


def test_a_predictor_that_is_constant_within_a_role() -> None:
    frame = pairs()
    frame.loc[frame["role"] == "coach", "x"] = 3.0
    message = said(DataError, frame)
    assert "role[coach]:actor x" in message
    assert "role[client]:partner x determine each other" in message
    assert "constant (within a role)" in message
    assert "Leave one of them out" in message


@pytest.mark.parametrize("used", ["predictors", "covariates", "moderator"])
def test_what_is_the_same_for_everybody(used: str) -> None:
    frame = pairs().assign(place=0.1)
    options = {"covariates": "place"} if used == "covariates" else {}
    options |= {"moderator": "place"} if used == "moderator" else {}
    names = ("y", ["x", "place"]) if used == "predictors" else ("y", "x")
    message = said(DataError, frame, *names, **options)
    assert "'place' is the same for all 80 members who answered" in message
    assert "Leave it out" in message


def test_infinite_values_are_named() -> None:
    frame = pairs()
    frame.loc[3, "x"] = np.inf
    message = said(DataError, frame)
    assert "'x' holds infinite values, of 1 member(s)" in message
    assert "Set them missing" in message


def test_collinear_predictors_are_named() -> None:
    frame = pairs()
    frame["twice"] = 2.0 * frame["x"]
    message = said(DataError, frame, "y", ["x", "twice"])
    assert "role[coach]:actor twice" in message
    assert "role[coach]:actor x" in message
    assert "determine each other" in message


def test_fewer_dyads_than_effects() -> None:
    message = said(DataError, pairs(3), "y", ["x", "z"])
    assert "10 fixed effects" in message
    assert "6 rows in 3 dyad(s)" in message
    assert "fewer predictors" in message


def test_all_partners_missing() -> None:
    frame = pairs()
    frame.loc[frame["role"] == "client", "x"] = np.nan
    message = said(Refused, frame)
    assert "asked of coach only" in message
    assert "both members" in message


def test_all_partners_missing_where_there_are_no_roles() -> None:
    frame = pairs().drop(columns="role")
    frame.loc[1::2, "x"] = np.nan
    message = said(DataError, frame, role=None)
    assert "No row is left of 80" in message
    assert "the partner did not" in message


def test_nobody_answered_the_outcome() -> None:
    message = said(DataError, pairs().assign(y=np.nan))
    assert "80 because the outcome is missing" in message
    assert "missing codes" in message
    assert "'x' was not answered by anybody" in said(DataError, pairs().assign(x=np.nan))


def test_an_unknown_variable_has_its_nearest_named() -> None:
    frame = pairs().rename(columns={"x": "openness"})
    message = said(StudyError, frame, "y", "openess")
    assert "Unknown variable 'openess'" in message
    assert "Did you mean 'openness'?" in message


def test_outcome_as_predictor() -> None:
    for options in ({}, {"covariates": "y"}, {"moderator": "y"}):
        names = ("y", "x") if options else ("y", "y")
        message = said(StudyError, pairs(), *names, **options)
        assert "'y' is both outcome and predictor" in message
        assert "another variable" in message


@pytest.mark.parametrize(
    ("predictors", "options"),
    [(["x", "x"], {}), ("x", {"covariates": ["z", "x"]}), ("x", {"moderator": "x"})],
)
def test_a_variable_named_twice(predictors: object, options: dict[str, object]) -> None:
    message = said(StudyError, pairs(), "y", predictors, **options)
    assert "x is named twice" in message
    assert "Name it once" in message


def test_text_as_outcome() -> None:
    frame = pairs()
    frame["y"] = "often"
    message = said(StudyError, frame)
    assert "'y' is of type 'text'" in message
    assert "takes numbers" in message


def test_no_predictor() -> None:
    assert "needs a predictor" in said(StudyError, pairs(), "y", [])


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"engine": "semm"}, "sem"),
        ({"method": "ml"}, "REML or ML"),
        ({"center": "role"}, "hide the roles' difference"),
        ({"df": "kenward"}, "kenward_roger"),
        ({"latent": True}, 'engine = "sem"'),
        ({"dyad": None}, "dyad"),
        ({"equivalence": -0.1}, "positive standardised difference"),
        ({"bootstrap": -5}, "bootstrap=-5 is not a choice"),
        ({"bootstrap": 1}, "number of draws"),
        ({"alpha": 1.5}, "between 0 and 1"),
        ({"engine": "sem", "bootstrap": 200}, "bootstrap belongs to the mixed model"),
        ({"engine": "sem", "equivalence": 0.1}, "equivalence belongs to the mixed model"),
        ({"engine": "sem", "df": "kenward_roger"}, "df belongs to the mixed model"),
        ({"engine": "sem", "latent": True}, "there are none of y, x"),
    ],
)
def test_wrong_options(options: dict[str, object], part: str) -> None:
    assert part in said(StudyError, pairs(), **options)


def test_exchangeable_members_cannot_be_told_apart() -> None:
    frame = pairs().drop(columns="role")
    message = said(Refused, frame, role=None, distinguishable=True)
    assert "nothing tells them apart" in message


def test_kenward_roger_needs_the_restricted_likelihood() -> None:
    assert "REML" in said(Refused, pairs(), df="kenward_roger", method="ML")


def test_products_in_the_structural_model() -> None:
    assert "engine='mixed'" in said(Refused, pairs(), engine="sem", moderator="z")


def test_a_diary() -> None:
    frame = pd.concat([pairs().assign(day=day) for day in (1, 2)])
    dyads = dk.DyadFrame.from_individual(frame, dyad="pair", role="role", occasion="day")
    with pytest.raises(Refused, match="diary analysis"):
        dk.fit_apim(dyads, "y", "x")


def test_lost_rows_are_counted() -> None:
    frame = pairs()
    frame.loc[0, "x"] = np.nan  # the own row, and the partner's
    frame.loc[11, "y"] = np.nan
    result = dk.fit_apim(frame, "y", "x", dyad="pair", role="role")
    assert result.glance()["n_obs"].item() == 77
    text = " ".join(note.text for note in result.notes)
    assert "2 of 80 rows were left out because a predictor is missing" in text
    assert "1 of 80 rows were left out because the outcome is missing" in text
    assert "1 of 39 dyads have one member" in text


APIM = """
[[analysis]]
type = "apim"
name = "Trust"
outcome = "trust"
predictors = ["liking"]
bootstrap = 200

[scale.liking]
label = "Liking"
items = ["q2"]
range = [1, 7]
"""


def test_from_the_study_file(tmp_path: Path) -> None:
    study = write_study(tmp_path, STUDY.replace('["q1..q3"]', '["q1", "q3"]') + APIM)
    report = dk.analyze(study)
    assert not report.failed
    report.write(tmp_path / "report")
    found = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    analysis = next(one for one in found["analyses"] if one["name"] == "Trust")
    assert analysis["status"] == "ok"
    terms = [row["term"] for row in analysis["tidy"]]
    assert "actor: liking (coach)" in terms
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Actor and partner effects on Trust" in page
    assert "percentiles of 200 refits" in page or "No k for" in page


def test_wrong_keys_in_the_study_file(tmp_path: Path) -> None:
    study = write_study(tmp_path, STUDY + APIM.replace("outcome =", "outcom ="))
    with pytest.raises(StudyError, match="outcome"):
        dk.analyze(study)
