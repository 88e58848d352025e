"""One-with-many models against R (nlme, lme4 and a dense likelihood) and known truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, Refused, StudyError
from dyadkit.estimation.one_way import one_way_icc
from dyadkit.study import Study

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "oracles" / "mixed"
MODELS = {
    model["name"]: model
    for model in json.loads((FOLDER / "random.json").read_text(encoding="utf-8"))["models"]
}


def data_of(name: str) -> pd.DataFrame:
    """Return a data set that R simulated."""
    found = json.loads((FOLDER / "data.json").read_text(encoding="utf-8"))
    return pd.DataFrame(found["datasets"][name])


def reciprocal(name: str) -> pd.DataFrame:
    """Name the persons: a mentor has one id in all pairs, and a row where he did not answer."""
    frame = data_of(name)
    silent = frame.groupby("pair").filter(lambda pair: "mentor" not in set(pair["role"]))
    frame = pd.concat(
        [frame, silent.assign(role="mentor", y=np.nan, act=np.nan)], ignore_index=True
    )
    own = frame["pair"] + "d"
    return frame.assign(who=frame["mentor"].where(frame["role"] == "mentor", own))


def terms(result: dk.PresentedResult) -> pd.DataFrame:
    return result.tidy().set_index("term")


def compared(found: pd.DataFrame, names: dict[str, str], theirs: dict[str, object]) -> None:
    """Compare fixed effects: estimates to 1e-6, errors to 1e-5, degrees of freedom to 1e-3."""
    for term, column in names.items():
        at = theirs["columns"].index(column)
        row = found.loc[term]
        assert row["estimate"] == pytest.approx(theirs["coef"][at], abs=1e-6 * theirs["se"][at])
        assert row["std_error"] == pytest.approx(theirs["se"][at], rel=1e-6)
        assert row["df"] == pytest.approx(theirs["df"][at], rel=1e-5)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize(
    ("name", "data", "predictors"),
    [
        ("sides_reciprocal30", "reciprocal30", ["act"]),
        ("sides_empty_reciprocal_gaps28", "reciprocal_gaps28", []),
    ],
)
def test_reciprocal_design_against_r(
    name: str, data: str, predictors: list[str], method: str
) -> None:
    theirs = MODELS[f"{name}_{method.lower()}"]
    result = dk.fit_one_with_many(
        reciprocal(data), "y", predictors, dyad="pair", role="role", person="who", method=method
    )
    found = terms(result)
    assert result.glance()["loglik"].item() == pytest.approx(theirs["loglik"], rel=1e-9)
    effects = {
        "relationship: act (mentor) (mentor)": "rolementor:act",
        "relationship: act (developee) (mentor)": "rolementor:par",
        "relationship: act (developee) (developee)": "roledevelopee:act",
        "relationship: act (mentor) (developee)": "roledevelopee:par",
    }
    intercepts = {f"intercept ({role})": f"role{role}" for role in ("mentor", "developee")}
    compared(found, effects if predictors else intercepts, theirs)
    g = theirs["covariance"]
    actor = g["random1|rolementor|rolementor"]
    partner = g["random1|roledevelopee|roledevelopee"]
    side = {name: g[f"residual|{name}|{name}"] for name in ("mentor", "developee")}
    expected = {
        "actor variance (mentor)": actor,
        "partner variance (developee)": partner,
        "generalised reciprocity": g["random1|roledevelopee|rolementor"] / np.sqrt(actor * partner),
        "relationship variance (mentor)": side["mentor"],
        "relationship variance (developee)": side["developee"],
        "dyadic reciprocity": g["residual|developee|mentor"]
        / np.sqrt(side["mentor"] * side["developee"]),
        "share of focal persons (mentor)": actor / (actor + side["mentor"]),
        "share of focal persons (developee)": partner / (partner + side["developee"]),
    }
    for term, value in expected.items():
        assert found.loc[term, "estimate"] == pytest.approx(value, rel=1e-5)


def sided(name: str) -> pd.DataFrame:
    """Return developees' ratings, and mentors who answered nothing but their experience."""
    frame = data_of(name)
    developees = frame.assign(role="developee", who=frame["developee"]).drop(columns="experience")
    mentors = frame[["mentor", "developee", "experience"]].assign(
        role="mentor", who=frame["mentor"]
    )
    return pd.concat([developees, mentors], ignore_index=True).drop(columns="mentor")


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_one_side_against_r(method: str) -> None:
    theirs = MODELS[f"mentor_intercept_{method.lower()}"]
    result = dk.fit_one_with_many(
        sided("mentees30"),
        "y",
        ["own", "experience"],
        dyad="developee",
        role="role",
        person="who",
        method=method,
    )
    found = terms(result)
    assert result.glance()["loglik"].item() == pytest.approx(theirs["loglik"], rel=1e-9)
    compared(found, {"relationship: own": "own", "focal person: experience": "experience"}, theirs)
    variance = theirs["covariance"]["random1|(Intercept)|(Intercept)"]
    residual = theirs["covariance"]["residual|variance"]
    assert found.loc["partner variance (developee)", "estimate"] == pytest.approx(
        variance, rel=1e-5
    )
    share = found.loc["share of focal persons (developee)", "estimate"]
    assert share == pytest.approx(variance / (variance + residual), rel=1e-5)


def test_a_variance_of_zero_is_said() -> None:
    result = dk.fit_one_with_many(
        sided("mentees_alike22"), "y", "own", dyad="developee", role="role", person="who"
    )
    found = terms(result)
    assert found.loc["partner variance (developee)", "estimate"] == pytest.approx(0.0, abs=1e-8)
    assert found.loc["share of focal persons (developee)", "estimate"] == 0.0
    assert found.loc["ANOVA ICC(1), n₀ (developee)", "estimate"] < 0
    warnings = " ".join(note.text for note in result.notes if note.level == "warning")
    assert "negative ANOVA ICC" in warnings
    assert "At the bound of what is possible" in warnings
    assert result.tables()["variances"]


def test_within_and_between_against_means_computed_otherwise() -> None:
    frame = sided("mentees30")
    result = dk.fit_one_with_many(
        frame, "y", "own", within_between=True, dyad="developee", role="role", person="who"
    )
    plain = data_of("mentees30")
    plain["mean"] = plain.groupby("mentor")["own"].transform("mean")
    plain["apart"] = plain["own"] - plain["mean"]
    fit = dk.fit_mixed(
        "y ~ mean + apart",
        plain,
        dyad="developee",
        random="1 | mentor",
        residual="independent",
    )
    found, expected = terms(result), fit.tidy().set_index("term")
    for term, other in (("between: own", "mean"), ("within: own", "apart")):
        for column in ("estimate", "std_error", "df"):
            assert found.loc[term, column] == pytest.approx(expected.loc[other, column], rel=1e-6)


def test_analysis_of_variance() -> None:
    """Against the mean squares of a balanced and an unbalanced table, computed by hand."""
    balanced = one_way_icc(np.array([1.0, 3.0, 4.0, 8.0, 9.0, 11.0]), np.array([0, 0, 1, 1, 2, 2]))
    # Means 2, 6, 10 about 6: 64/2 = 32 between; within 2 + 8 + 2 = 12 over 3.
    assert balanced.f == pytest.approx(32 / 4, rel=1e-12)
    assert balanced.icc_mean == pytest.approx((32 - 4) / (32 + 4), rel=1e-12)
    assert balanced.icc_n0 == pytest.approx(balanced.icc_mean, rel=1e-12)
    uneven = one_way_icc(np.array([0.0, 4.0, 1.0, 2.0, 3.0]), np.array([0, 0, 1, 1, 1]))
    # Means 2 and 2: nothing between; within 8 + 2 = 10 over 3, n₀ = 5 - 13/5.
    assert uneven.icc_mean == pytest.approx(-1 / (2.5 - 1), rel=1e-12)
    assert uneven.icc_n0 == pytest.approx(-1 / (2.4 - 1), rel=1e-12)


def test_known_truth() -> None:
    """400 mentors with five developees each: all within four standard errors."""
    rng = np.random.default_rng(17)
    mentor = np.repeat(np.arange(400), 5)
    general = rng.multivariate_normal([0, 0], [[0.5, -0.2], [-0.2, 0.4]], 400)[mentor]
    own = rng.multivariate_normal([0, 0], [[1.0, 0.3], [0.3, 0.6]], 2000)
    frame = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(2000), 2),
            "role": ["mentor", "developee"] * 2000,
            "who": np.column_stack([mentor, 10_000 + np.arange(2000)]).ravel(),
            "y": (general + own).ravel(),
        }
    )
    found = terms(dk.fit_one_with_many(frame, "y", dyad="pair", role="role", person="who"))
    for term, truth in {
        "actor variance (mentor)": 0.5,
        "partner variance (developee)": 0.4,
        "generalised reciprocity": -0.2 / np.sqrt(0.2),
        "relationship variance (mentor)": 1.0,
        "relationship variance (developee)": 0.6,
        "dyadic reciprocity": 0.3 / np.sqrt(0.6),
        "share of focal persons (mentor)": 1 / 3,
        "share of focal persons (developee)": 0.4,
    }.items():
        row = found.loc[term]
        assert abs(row["estimate"] - truth) < 4 * row["std_error"]
        assert row["conf_low"] < row["estimate"] < row["conf_high"]


@pytest.fixture(scope="module")
def mentoring() -> Study:
    return dk.read_study(ROOT / "analyses" / "workplace_mentoring" / "study.toml")


def test_the_mentoring_sample(mentoring: Study) -> None:
    dyads = dk.load(mentoring)
    result = dk.fit_one_with_many(dyads, "quality.t1", ["tenure", "support.t1"])
    levels = dict(zip(result.tidy()["predictor"], result.tidy()["effect"], strict=True))
    assert levels["tenure"] == "focal person"
    assert levels["support.t1"] == "relationship"
    assert result.glance()["n_focal"].item() > 200
    assert len(result.figures()) == 1
    text = " ".join(result.text())
    assert "dyadic reciprocity" in text


def said(kind: type[DyadKitError], frame: object, *args: object, **options: object) -> str:
    known = {"dyad": "pair", "role": "role", "person": "who"} | options
    with pytest.raises(kind) as caught:
        dk.fit_one_with_many(frame, *(args or ("y",)), **known)
    assert type(caught.value) is kind
    return str(caught.value)


def test_nobody_has_several_partners() -> None:
    frame = reciprocal("reciprocal30")
    frame["who"] = frame["pair"] + frame["role"]
    message = said(DataError, frame)
    assert "Nobody belongs to several dyads (0 mentor(s)" in message or "0 developee(s)" in message
    assert "actor–partner" in message


def test_both_have_several_partners() -> None:
    frame = reciprocal("reciprocal30")
    developee = frame["role"] == "developee"
    frame.loc[developee, "who"] = frame.loc[developee, "pair"].str[-1] + "x"
    message = said(StudyError, frame)
    assert "focal='mentor'" in message
    assert "focal='developee'" in message
    assert (
        dk.fit_one_with_many(frame, "y", focal="mentor", dyad="pair", role="role", person="who")
        .glance()["n_focal"]
        .item()
        == 30
    )


def test_wrong_options() -> None:
    frame = reciprocal("reciprocal30")
    assert "mentor" in said(StudyError, frame, focal="mentors")
    assert "REML or ML" in said(StudyError, frame, method="ml")
    assert "act" in said(StudyError, frame, "y", "acts")
    assert "numbers" in said(StudyError, frame.assign(act="often"), "y", "act")
    assert "one role" in said(Refused, frame.drop(columns="role"), role=None)


def test_focal_persons_who_answered_once_for_all(tmp_path: Path) -> None:
    """Only what partners said is about relationships then."""
    rng = np.random.default_rng(3)
    mentor = np.repeat(np.arange(30), 3)
    pd.DataFrame(
        {"pair": np.arange(90), "mentor": mentor, "m1": rng.integers(1, 6, 30)[mentor]}
    ).to_csv(tmp_path / "mentors.csv", index=False)
    pd.DataFrame(
        {"pair": np.arange(90), "who": np.arange(90) + 500, "m1": rng.integers(1, 6, 90)}
    ).to_csv(tmp_path / "developees.csv", index=False)
    study = tmp_path / "study.toml"
    study.write_text(
        """
        study.roles = ["mentor", "developee"]
        source = [
            { path = "mentors.csv", role = "mentor", dyad = "pair", person = "mentor" },
            { path = "developees.csv", role = "developee", dyad = "pair", person = "who" },
        ]
        scale.climate = { items = ["m1"], range = [1, 5], level = "person" }
        analysis = [{ type = "one_with_many", name = "Climate", outcome = "climate" }]
        """,
        encoding="utf-8",
    )
    report = dk.analyze(study)
    assert not report.failed
    result = report.results["Climate"]
    assert list(result.tidy()["effect"][:2]) == ["intercept", "partner variance"]
    assert any("answered Climate once" in note.text for note in result.notes)
    report.write(tmp_path / "report")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "Variances and reciprocity of Climate" in page
