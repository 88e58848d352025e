"""The one-with-many analysis against R: predictors at three levels, both sides incomplete.

Reference: tests/oracles/one_with_many.R.  Centring and means by mentor are computed there dyad by
dyad; the models are fitted by a dense likelihood that agrees with nlme and lme4; standard errors
of variances come from its observed information by numerical derivatives.  Log-likelihoods agree
within 1e-9 relative, estimates within 1e-6 of a standard error, standard errors within 1e-6,
degrees of freedom within 1e-5, variances and correlations within 1e-6 relative (asked for: 1e-8,
1e-6, 1e-5, 1e-3, 1e-4); standard errors and intervals of the last within 1e-5 (R's derivatives).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.presented import PresentedResult

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "one_with_many.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
PREDICTORS = ["experience", "need", "months"]
CHOICES: dict[str, dict[str, Any]] = {
    "three_levels": {"predictors": PREDICTORS},
    "divided": {"predictors": PREDICTORS[:2], "within_between": True},
    "empty": {},
    "one_side_mentor": {"outcome": "y.mentor", "predictors": PREDICTORS},
    "one_side_developee": {"outcome": "y.developee", "predictors": PREDICTORS},
    "together": {},
}
EFFECTS = {
    "focal person: experience": "experience",
    "relationship: need": "need",
    "relationship: months": "months",
    "between: need": "need_b",
    "within: need": "need_w",
}
BOTH = {
    "actor variance (mentor)": "actor",
    "partner variance (developee)": "partner",
    "generalised reciprocity": "generalised",
    "relationship variance (mentor)": "rest_mentor",
    "relationship variance (developee)": "rest_developee",
    "dyadic reciprocity": "dyadic",
    "share of focal persons (mentor)": "share_mentor",
    "share of focal persons (developee)": "share_developee",
}


def frame_of(data: str = "mentors40") -> pd.DataFrame:
    """Return R's data, its rows in another order."""
    return pd.DataFrame(ORACLE["datasets"][data]).sample(frac=1, random_state=3)


def fit(frame: pd.DataFrame, **options: Any) -> PresentedResult:
    """Fit a model to a data set."""
    dyads = dk.DyadFrame.from_individual(
        frame, dyad="pair", role="role", person="who", dyad_level=["months"]
    )
    outcome = options.pop("outcome", "y")
    return dk.fit_one_with_many(dyads, outcome, options.pop("predictors", ()), **options)


@cache
def fitted(name: str) -> PresentedResult:
    """Return our fit of a model."""
    kind, method = name.rsplit("_", 1)
    data = "together24" if kind == "together" else "mentors40"
    return fit(frame_of(data), method=method.upper(), **CHOICES[kind])


@pytest.fixture(params=list(MODELS))
def pair(request) -> tuple[dict[str, Any], PresentedResult, pd.DataFrame]:
    """Return R's values, ours, and ours by term."""
    found = fitted(request.param)
    return MODELS[request.param], found, found.tidy().set_index("term")


def column_of(row: Any) -> str:
    """Return R's name of a fixed effect."""
    side = f"role{row.role}" if row.role else ""
    name = "" if row.effect == "intercept" else EFFECTS[f"{row.effect}: {row.predictor}"]
    return ":".join(filter(None, (side, name))) or "(Intercept)"


def test_fixed_effects(pair):
    theirs, result, found = pair
    summary = result.glance().iloc[0]
    assert summary["loglik"] == pytest.approx(theirs["loglik"], rel=1e-9)
    assert summary["n_obs"] == theirs["n"]
    assert summary["n_focal"] == theirs["n_clusters"]
    assert found.index.is_unique
    kinds = ["intercept", "focal person", "relationship", "between", "within"]
    fixed = found[found["effect"].isin(kinds)]
    at = [theirs["columns"].index(column_of(row)) for row in fixed.itertuples()]
    assert sorted(at) == list(range(len(theirs["columns"])))
    error = np.array(theirs["se"])[at]
    np.testing.assert_allclose(
        (fixed["estimate"] - np.array(theirs["coef"])[at]) / error, 0.0, atol=1e-6
    )
    np.testing.assert_allclose(fixed["std_error"], error, rtol=1e-6)
    np.testing.assert_allclose(fixed["df"], np.array(theirs["df"])[at], rtol=1e-5)


@pytest.mark.parametrize("name", [name for name in MODELS if not name.startswith("together")])
def test_variances_reciprocities_and_shares(name):
    theirs, found = MODELS[name]["components"], fitted(name).tidy().set_index("term")
    names = BOTH
    if name.startswith("one_side"):
        side = name.split("_")[2]
        kind = {"mentor": "actor", "developee": "partner"}[side]
        names = {
            f"{kind} variance ({side})": "focal",
            f"relationship variance ({side})": "rest",
            f"share of focal persons ({side})": "share",
        }
    assert set(names.values()) == set(theirs)
    for term, other in names.items():
        row, expected = found.loc[term], theirs[other]
        assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-6), term
        for ours, column in (("std_error", "se"), ("conf_low", "low"), ("conf_high", "high")):
            assert row[ours] == pytest.approx(expected[column], rel=1e-5), (term, column)


def test_signed_intraclass_correlations(pair):
    """Closed forms, of the rows that the model uses."""
    theirs, _, found = pair
    for role, expected in theirs["anova"].items():
        for kind, name in (("mean", "mean size"), ("n0", "n₀")):
            row = found.loc[f"ANOVA ICC(1), {name} ({role})"]
            assert row["estimate"] == pytest.approx(expected[kind], rel=1e-8)
            assert row["statistic"] == pytest.approx(expected["f"], rel=1e-8)


def test_a_correlation_at_its_bound():
    """R's model of rank 1 is where the likelihood is highest; no interval is claimed."""
    theirs, result = MODELS["together_reml"]["covariance"], fitted("together_reml")
    found = result.tidy().set_index("term")
    assert found.loc["generalised reciprocity", "estimate"] == pytest.approx(1.0, abs=1e-6)
    assert found.loc["generalised reciprocity", ["std_error", "conf_low"]].isna().all()
    for term, side in (
        ("actor variance (mentor)", "rolementor"),
        ("partner variance (developee)", "roledevelopee"),
    ):
        expected = theirs[f"random1|{side}|{side}"]
        assert found.loc[term, "estimate"] == pytest.approx(expected, rel=1e-4)
    (said,) = [note.text for note in result.notes if note.text.startswith("At the bound")]
    assert "Generalised reciprocity" in said
    assert "variance of 0" in said
    assert any("1.00 (at its bound" in text for text in result.text())


def test_levels_of_predictors():
    found = fitted("three_levels_reml").tidy()
    levels = dict(zip(found["predictor"], found["level"], strict=True))
    assert levels["experience"] == "focal person"
    assert levels["need"] == "relationship"
    assert levels["months"] == "dyad"
    table = fitted("three_levels_reml").tables()["effects"]
    assert "the mentor's" in str(table)
    assert "the dyad's" in str(table)


def test_other_units_and_names_change_nothing_else():
    """Scores times ten, and another origin: variances a hundredfold, correlations the same."""
    frame = frame_of()
    other = frame.assign(
        y=10 * frame["y"] - 300,
        role=frame["role"].map({"mentor": "z", "developee": "a"}),
        who=frame["who"].str[::-1],
    )
    ours = fitted("three_levels_reml").tidy().set_index("term")
    theirs = fit(other, predictors=PREDICTORS).tidy()
    renamed = theirs["term"].str.replace("(z)", "(mentor)").str.replace("(a)", "(developee)")
    theirs = theirs.set_index(renamed)
    for term, name in BOTH.items():
        factor = 100.0 if name in ("actor", "partner", "rest_mentor", "rest_developee") else 1.0
        for column in ("estimate", "std_error", "conf_high"):
            expected = factor * ours.loc[term, column]
            assert theirs.loc[term, column] == pytest.approx(expected, rel=1e-5)
    term = "relationship: need (developee)"
    assert theirs.loc[term, "estimate"] == pytest.approx(10 * ours.loc[term, "estimate"], rel=1e-7)
    assert theirs.loc[term, "df"] == pytest.approx(ours.loc[term, "df"], rel=1e-6)
