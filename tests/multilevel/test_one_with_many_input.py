"""What the one-with-many analysis refuses, counts and hides; and a study from files to report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, Refused, StudyError

SIZES = (4, 3, 5, 4, 2) * 6


def simulate(sizes: tuple[int, ...] = SIZES, seed: int = 6) -> pd.DataFrame:
    """Return two rows per dyad of mentors with these numbers of developees."""
    rng = np.random.default_rng(seed)
    mentor = np.repeat(np.arange(len(sizes)), sizes)
    n = mentor.size
    general = rng.multivariate_normal([0, 0], [[0.5, 0.2], [0.2, 0.6]], len(sizes))[mentor]
    y = general + rng.multivariate_normal([0, 0], [[1.0, 0.3], [0.3, 0.7]], n)
    return pd.DataFrame(
        {
            "pair": np.repeat(np.arange(n), 2),
            "role": ["mentor", "developee"] * n,
            "who": np.column_stack([mentor, 1000 + np.arange(n)]).ravel(),
            "mentor": np.repeat(mentor, 2),
            "y": y.ravel(),
            "x": rng.normal(size=2 * n),
        }
    )


def fit(frame: pd.DataFrame, *args: Any, **options: Any) -> dk.PresentedResult:
    known = {"dyad": "pair", "role": "role", "person": "who"} | options
    return dk.fit_one_with_many(frame.drop(columns="mentor"), *(args or ("y",)), **known)


def said(kind: type[DyadKitError], frame: pd.DataFrame, *args: Any, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        fit(frame, *args, **options)
    assert type(caught.value) is kind
    return str(caught.value)


def mentors_of(frame: pd.DataFrame) -> pd.Series:
    return frame["role"] == "mentor"


def notes(result: dk.PresentedResult, level: str = "warning") -> str:
    return " ".join(note.text for note in result.notes if note.level == level)


def test_counts_are_of_the_rows_used() -> None:
    """Twelve mentors lose all their dyads because their experience is missing."""
    frame = simulate()
    experience = np.random.default_rng(2).normal(size=30)
    experience[:12] = np.nan
    frame["experience"] = np.where(mentors_of(frame), experience[frame["mentor"]], np.nan)
    result = fit(frame, "y", "experience")
    used = frame[frame["mentor"] >= 12]
    summary = result.glance().iloc[0]
    assert summary["n_focal"] == 18
    assert summary["n_persons"] == 18
    assert summary["n_dyads"] == used["pair"].nunique()
    assert notes(result, "info").startswith("18 mentors with 3.61 developees on average")
    without = fit(used, "y", "experience").tidy()
    columns = ["estimate", "std_error", "df"]
    pd.testing.assert_frame_equal(result.tidy()[columns], without[columns], rtol=1e-6)


@pytest.mark.parametrize("raters", [4, 5])
def test_support_is_of_the_side_with_fewest(raters: int) -> None:
    """What four mentors answered is not published, however many developees did; five may be."""
    frame = simulate()
    frame.loc[mentors_of(frame) & (frame["mentor"] >= raters), "y"] = np.nan
    result = fit(frame)
    (support,) = result.supports
    assert (support.persons, support.dyads) == (raters, sum(SIZES[:raters]))
    assert result.minimum.persons == 5
    shown = raters == 5
    assert ("[" in str(result.tables()["variances"])) == shown
    assert ("30 mentors with" in notes(result, "info")) == shown
    assert bool(result.text()) == shown


def test_variances_that_cannot_be_told_apart() -> None:
    """One answer per mentor has a variance, but not two."""
    frame = simulate((2,) * 2 + (1,) * 40)
    message = said(DataError, frame)
    assert "only 2 of 42 mentors have several developees" in message
    assert "outcome = 'y.developee'" in message
    frame = simulate()
    frame.loc[mentors_of(frame) & frame.duplicated(["role", "mentor"]), "y"] = np.nan
    message = said(DataError, frame)
    assert "answers of mentors only 0 of 30" in message
    # The other side alone can be had.
    assert fit(frame, "y.developee").tidy().loc[0, "term"] == "intercept"


def test_too_few_dyads_with_both_answers() -> None:
    frame = simulate()
    frame.loc[mentors_of(frame) == (frame["pair"] % 2 == 0), "y"] = np.nan
    message = said(DataError, frame)
    assert "In only 0 dyads both sides answered 'y'" in message
    assert "dyadic reciprocity" in message


def test_rows_lost_to_predictors_are_counted_in_refusals() -> None:
    frame = simulate()
    frame.loc[~mentors_of(frame) & (frame["mentor"] > 0), "x"] = np.nan
    message = said(DataError, frame, "y", "x.developee")
    lost = 2 * sum(SIZES[1:])
    assert f"({lost} of {lost + 2 * SIZES[0]} rows lack a predictor)" in message


def test_one_answer_copied_to_all_dyads_is_an_answer_given_once() -> None:
    frame = simulate()
    once = np.random.default_rng(1).normal(size=30)[frame["mentor"]]
    frame["y"] = np.where(mentors_of(frame), once, frame["y"])
    result = fit(frame)
    assert "mentors answered Y once" in notes(result)
    alone = fit(frame, "y.developee").tidy()
    pd.testing.assert_frame_equal(result.tidy(), alone)
    assert "same answer throughout" in said(Refused, frame, "y.mentor")
    frame["y"] = np.where(mentors_of(frame), np.nan, once)
    assert "same value of 'y'" in said(DataError, frame)


def test_a_side_that_did_not_answer(tmp_path: Path) -> None:
    """Mentors were asked, so that the study file says, but left everything empty."""
    frame = with_predictors()
    expected = fit(frame.assign(y=(10 * frame["y"]).round()), "y.developee").tidy()
    frame.loc[mentors_of(frame), "y"] = np.nan
    study = STUDY.replace("predictors", "# predictors")
    report = dk.analyze(write(tmp_path, frame, study))
    result = report.results["Mentors"]
    assert "No answers of mentors to Quality of the relationship can be used" in notes(result)
    np.testing.assert_allclose(result.tidy()["estimate"], expected["estimate"], rtol=1e-6)


def test_predictors() -> None:
    frame = simulate()
    named = fit(frame, "y", ["x.mentor", "x.developee"]).tidy()
    assert named["term"].is_unique
    pd.testing.assert_frame_equal(named, fit(frame, "y", "x").tidy())
    assert "named twice" in said(StudyError, frame, "y", ["x", "x.mentor"])
    assert "outcome itself" in said(StudyError, frame, "y", "y")
    assert "same value in all dyads" in said(DataError, frame.assign(x=3.0), "y", "x")
    assert "not answered by anybody" in said(DataError, frame.assign(x=np.nan), "y", "x")
    collinear = said(DataError, frame.assign(z=2 * frame["x"]), "y", ["x", "z"])
    assert "relationship: x (mentor)" in collinear
    # What the other side answered may predict this one's answers.
    other = fit(frame, "y.developee", "y.mentor").tidy()
    assert other.loc[1, "term"] == "relationship: y (mentor)"


def test_partners_of_several_focal_persons_are_said() -> None:
    frame = simulate()
    frame.loc[~mentors_of(frame) & (frame["pair"] == frame["pair"].max()), "who"] = 1000
    said(StudyError, frame)
    assert "Of the developees, 1 belong(s) to several dyads" in notes(fit(frame, focal="mentor"))
    assert "several dyads" in notes(fit(frame, "y.mentor", focal="mentor"))
    assert "several dyads" not in notes(fit(simulate()))


def test_dyads_whose_focal_person_is_unknown() -> None:
    frame = simulate()
    frame["who"] = frame["who"].astype(object).where(frame["pair"] > 6)
    frame["who"] = frame["who"].astype(object)
    result = fit(frame)
    assert "7 dyad(s) are left out because their mentor is not known" in notes(result)
    assert result.glance()["n_dyads"].item() == sum(SIZES) - 7


def test_names_of_roles_in_sentences() -> None:
    frame = simulate()
    frame["role"] = frame["role"].replace({"mentor": "team_coach"})
    result = fit(frame)
    text = " ".join([*result.text(), *(note.text for note in result.notes)])
    assert "30 team coaches with" in text
    assert "coachs" not in text
    assert "team_coach" not in text


def test_negative_dependence_is_said_but_not_as_an_estimate_of_zero() -> None:
    """Each mentor's developees share out what there is: the ICC must be negative."""
    frame = simulate((4,) * 30)
    own = frame.loc[~mentors_of(frame)]
    apart = own["y"] - own.groupby("mentor")["y"].transform("mean")
    frame.loc[~mentors_of(frame), "y"] = apart
    result = fit(frame, "y.developee")
    found = result.tidy().set_index("term")
    # No variance between four: (0 − w) / (0 + 3 w).
    assert found.loc["ANOVA ICC(1), n₀ (developee)", "estimate"] == pytest.approx(-1 / 3, abs=1e-9)
    assert found.loc["partner variance (developee)", "estimate"] == pytest.approx(0.0, abs=1e-8)
    assert "no variance can show this" in notes(result)
    assert any("(at its bound" in text for text in result.text())
    assert result.figures()["shares"] is not None


def test_kenward_roger() -> None:
    """In a balanced design without predictors: mentors less one."""
    found = fit(simulate((4,) * 30), df="kenward_roger").tidy().set_index("term")
    for role in ("mentor", "developee"):
        assert found.loc[f"intercept ({role})", "df"] == pytest.approx(29.0, rel=1e-3)


STUDY = """\
[study]
title = "Mentors of several developees"
roles = ["developee", "mentor"]

[[source]]
path = "mentors.csv"
role = "mentor"
dyad = "pair"
person = "mentor"

[[source]]
path = "developees.csv"
role = "developee"
dyad = "pair"
person = "who"

[scale.quality]
label = "Quality of the relationship"
items = ["q1..q2"]
range = [-99, 99]
level = "relationship"

[variable.experience]
column = "experience"
level = "person"
roles = ["mentor"]

[variable.need]
column = "need"
level = "person"
roles = ["developee"]

[variable.months]
column = "months"
level = "dyad"

[[analysis]]
type = "one_with_many"
name = "Mentors"
outcome = "quality"
predictors = ["experience", "need", "months"]
"""


def write(folder: Path, frame: pd.DataFrame, study: str = STUDY) -> Path:
    """Write two exports and a study file."""
    for role, name in (("mentor", "mentors"), ("developee", "developees")):
        own = frame[frame["role"] == role]
        answers = own[["pair", "months"]].assign(
            q1=(10 * own["y"]).round() + 1, q2=(10 * own["y"]).round() - 1
        )
        if role == "mentor":
            answers = answers.assign(mentor=own["mentor"], experience=own["experience"])
        else:
            answers = answers.assign(who=own["who"], need=own["x"].round(2))
        answers.to_csv(folder / f"{name}.csv", index=False)
    (folder / "study.toml").write_text(study, encoding="utf-8")
    return folder / "study.toml"


def with_predictors() -> pd.DataFrame:
    frame = simulate()
    rng = np.random.default_rng(4)
    return frame.assign(
        experience=rng.integers(1, 20, 30)[frame["mentor"]],
        months=np.repeat(rng.integers(1, 24, len(frame) // 2), 2),
    )


def test_a_study_from_files_to_report(tmp_path: Path) -> None:
    frame = with_predictors()
    report = dk.analyze(write(tmp_path, frame))
    assert not report.failed, report.failed
    report.write(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (analysis,) = [one for one in written["analyses"] if one["type"] == "one_with_many"]
    tidy = pd.DataFrame(analysis["tidy"]).set_index("term")
    assert tidy.loc["focal person: experience (mentor)", "level"] == "focal person"
    assert tidy.loc["relationship: need (mentor)", "level"] == "partner"
    assert tidy.loc["relationship: months (mentor)", "level"] == "dyad"
    # The same, of a DataFrame and without files.
    mentor = mentors_of(frame)
    plain = frame.assign(
        y=(10 * frame["y"]).round(),
        need=frame["x"].round(2).where(~mentor),
        experience=frame["experience"].where(mentor),
    )
    dyads = dk.DyadFrame.from_individual(
        plain.drop(columns=["mentor", "x"]),
        dyad="pair",
        role="role",
        person="who",
        dyad_level=["months"],
    )
    alone = dk.fit_one_with_many(dyads, "y", ["experience", "need", "months"]).tidy()
    alone = alone.set_index("term")
    assert set(alone.index) == set(tidy.index)
    for column in ("estimate", "std_error", "conf_low"):
        np.testing.assert_allclose(
            tidy.loc[alone.index, column].astype(float), alone[column], rtol=1e-6
        )
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for text in (
        "Variances and reciprocity of Quality of the relationship",
        "Generalised reciprocity",
        "Level of predictors",
        "Kenny, Kashy &amp; Cook, 2006",
    ):
        assert text in page
    assert (tmp_path / "out" / "report.docx").exists()


def test_few_mentors_are_not_published(tmp_path: Path) -> None:
    """With more persons asked for than there are mentors, no number of the model is written."""
    strict = STUDY + "\n[privacy]\nminimum_persons = 31\n"
    report = dk.analyze(write(tmp_path, with_predictors(), strict))
    report.write(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (analysis,) = [one for one in written["analyses"] if one["type"] == "one_with_many"]
    assert {row["estimate"] for row in analysis["tidy"]} == {"suppressed"}
    assert "mentors with" not in json.dumps(analysis["notes"])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('outcome = "months"', "no number that persons answered"),
        ('outcome = "qualty"', "qualty"),
        ('outcome = "quality"\nfocal = "mentors"', "mentors"),
        ('outcome = "quality"\nfocal = "developee"', "Nobody with the role developee"),
    ],
)
def test_wrong_study_files(tmp_path: Path, line: str, text: str) -> None:
    path = write(
        tmp_path,
        with_predictors(),
        STUDY.replace('outcome = "quality"', line).replace("predictors", "# predictors"),
    )
    (section,) = [one for one in dk.analyze(path).sections if one.type == "one_with_many"]
    assert section.status == "failed"
    assert text in str(section.error)
