"""The diary analysis against R, model by model.

Reference: tests/oracles/diary.R.  Centring, means and previous answers are computed there row by
row; the models are fitted by a dense likelihood that agrees with nlme and lme4 where these can say
them.  Columns agree within 1e-12, log-likelihoods within 1e-10 relative, estimates within 1e-7 of
a standard error, standard errors within 1e-7, covariances within 1e-6 relative (asked for: 1e-8,
1e-6, 1e-5, 1e-4).  Reliabilities come from mean squares where answers are complete (1e-8), else
from lme4, whose optimiser leaves about 1e-7 (tolerance 1e-6).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.display.presented import PresentedResult
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.diary_model import (
    DiaryModel,
    Fitting,
    empty_model,
    fit_diary_rows,
    restricted,
)
from dyadkit.multilevel.diary_reliability import reliability_of
from dyadkit.multilevel.diary_rows import lay_out

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "oracles" / "diary.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CHOICES: dict[str, dict[str, Any]] = {
    "concurrent": {"predictors": ["stress"], "covariates": ["age", "years"]},
    "lagged": {"predictors": ["stress"], "lagged": ["support"]},
    "slopes": {"predictors": ["stress"], "slopes": ["stress"]},
    "serial": {"predictors": ["stress"], "trend": False, "serial": "ar1"},
    "peers": {"predictors": ["stress"]},
    "prompts": {"lagged": ["stress"], "max_gap": 1.3, "clock": "time", "serial": "exponential"},
}
DATA = {"peers": "peers", "prompts": "prompts"}
SUFFIXES = {
    "actor, within": "w",
    "partner, within": "pw",
    "actor, between": "b",
    "partner, between": "pb",
    "lagged actor, within": "lw",
    "lagged partner, within": "lpw",
}


@cache
def diary(name: str) -> DyadFrame:
    """Return one of R's data sets, its rows in another order."""
    data = pd.DataFrame(ORACLE["datasets"][name]).sample(frac=1, random_state=5)
    return DyadFrame.from_individual(
        data,
        dyad="dyad",
        role=None if name == "peers" else "role",
        person="person",
        occasion="day",
        time="stamp",
        dyad_level=["years"],
    )


@cache
def model_of(name: str, method: str = "REML") -> DiaryModel:
    """Return our model."""
    chosen = dict(CHOICES[name])
    dyads = diary(DATA.get(name, "couples"))
    serial = chosen.pop("serial", None)
    rows = lay_out(
        dyads,
        "mood",
        chosen.pop("predictors", []),
        distinguishable=name != "peers",
        **{
            "lagged": [],
            "max_gap": None,
            "covariates": [],
            "slopes": [],
            "trend": True,
            "clock": "occasion",
            **chosen,
        },
    )
    return fit_diary_rows(rows, Fitting(serial, method, "satterthwaite", 0.95))


@cache
def result_of(name: str) -> PresentedResult:
    """Return what is public of it."""
    return dk.fit_diary(diary(DATA.get(name, "couples")), "mood", **CHOICES[name])


def r_name(effect: str, predictor: str, role: str) -> str:
    """Return R's name of an effect."""
    if effect == "intercept":
        return f"role{role}" if role else "(Intercept)"
    column = {"trend": "trend", "covariate": f"{predictor}_c"}.get(effect)
    column = column or f"{predictor}_{SUFFIXES[effect]}"
    return f"role{role}:{column}" if role else column


def same_name(name: str) -> str:
    """Return a name of R's that does not depend on the order of interactions."""
    return ":".join(sorted(name.split(":")))


@pytest.mark.parametrize(
    "name",
    [name for name in MODELS if name.rpartition("_")[0] in CHOICES],
)
def test_estimates(name):
    theirs = MODELS[name]
    base, _, method = name.rpartition("_")
    ours = model_of(base, method.upper())
    assert ours.fit.setup.n_rows == theirs["n"]
    assert ours.fit.summary["n_parameters"] == theirs["n_parameters"]
    assert ours.fit.solution.loglik == pytest.approx(theirs["loglik"], rel=1e-10)
    expected = {
        same_name(column): values
        for column, *values in zip(
            theirs["columns"], theirs["coef"], theirs["se"], theirs["df"], strict=True
        )
    }
    for regressor, role, weights in ours.effects():
        found = ours.fit.combination(weights)
        coef, se, df = expected.pop(same_name(r_name(regressor.effect, regressor.predictor, role)))
        assert (found["estimate"] - coef) / se == pytest.approx(0.0, abs=1e-7), regressor
        assert found["std_error"] == pytest.approx(se, rel=1e-7), regressor
        assert found["df"] == pytest.approx(df, rel=1e-6), regressor
    assert not expected
    compare_covariances(ours.fit, theirs["covariance"])


def compare_covariances(fit: MixedFit, expected: dict[str, float]) -> None:
    """Compare variances and correlations with R's variances and covariances."""
    tidy = fit.tidy()
    ours = tidy[tidy["effect"] == "covariance"].set_index(["group", "term"])["estimate"]
    left = dict(expected)
    for (group, term), value in ours.items():
        part = "residual" if group == "residual" else "random1"
        kind, _, names = str(term).partition(": ")
        if kind in ("φ", "θ"):
            key = {"φ": "serial|phi", "θ": "serial|theta"}[kind]
            assert value == pytest.approx(left.pop(key), rel=1e-6)
            continue
        if fit.setup.told_apart:
            first, _, second = names.partition(", ")
            second = second or first
            covariance = left.pop(key_of(left, part, first, second))
            sizes = [expected[key_of(expected, part, one, one)] for one in (first, second)]
        else:
            keys = {
                ("residual", "variance"): "residual|variance",
                ("residual", "correlation"): "residual|covariance",
                ("random1", "variance"): "random1|same|(Intercept)|(Intercept)",
                ("random1", "correlation between members"): (
                    "random1|different|(Intercept)|(Intercept)"
                ),
            }
            covariance = left.pop(keys[part, kind])
            sizes = [expected[keys[part, "variance"]]] * 2
        wanted = covariance
        if kind != "variance":
            wanted = covariance / np.sqrt(sizes[0] * sizes[1])
        assert value == pytest.approx(wanted, rel=1e-6, abs=1e-7), (group, term)
    assert not left


def key_of(found: dict[str, float], part: str, first: str, second: str) -> str:
    """Return R's key of a covariance."""
    names = [re.sub(r"role\[(.*?)\]", r"role\1", one) for one in (first, second)]
    names = [one.replace(":x2", ":stress_w") for one in names]
    (key,) = {
        key
        for key in found
        if key in (f"{part}|{names[0]}|{names[1]}", f"{part}|{names[1]}|{names[0]}")
    }
    return key


@pytest.mark.parametrize("name", ["lagged", "peers", "prompts"])
def test_columns_are_those_of_r(name):
    ours = model_of(name).rows
    theirs = pd.DataFrame(ORACLE["rows"][name])
    key = ["dyad", "person", "day"]
    frame = ours.frame.rename(columns={"occasion": "day"}).sort_values(key, ignore_index=True)
    theirs = theirs.sort_values(key, ignore_index=True)
    assert (
        frame[["dyad", "person"]].to_numpy().tolist()
        == theirs[["dyad", "person"]].to_numpy().tolist()
    )
    for number, regressor in enumerate(ours.regressors):
        expected = theirs[r_name(regressor.effect, regressor.predictor, "")].to_numpy()
        np.testing.assert_allclose(frame[f"x{number + 1}"], expected, rtol=0, atol=1e-12)


def test_equality_of_the_roles():
    """χ² is twice the difference of R's log-likelihoods."""
    rows = model_of("concurrent").rows
    fitted = {
        name: fit for name, _, fit in restricted(rows, Fitting(None, "REML", "satterthwaite", 0.95))
    }
    names = {"full": "concurrent_ml", "effects": "equal_effects_ml", "all": "indistinguishable_ml"}
    for name, theirs in names.items():
        assert fitted[name].solution.loglik == pytest.approx(MODELS[theirs]["loglik"], rel=1e-10)
    tidy = result_of("concurrent").tidy().set_index("term")
    for term, theirs in (
        ("test: equal effects", "equal_effects_ml"),
        ("test: indistinguishable: all of them", "indistinguishable_ml"),
    ):
        full = MODELS["concurrent_ml"]
        chisq = 2.0 * (full["loglik"] - MODELS[theirs]["loglik"])
        assert tidy.loc[term, "statistic"] == pytest.approx(chisq, abs=1e-6)
        assert tidy.loc[term, "df"] == full["n_parameters"] - MODELS[theirs]["n_parameters"]
    # Seven effects and the intercept, a residual and an intercept variance.
    assert tidy.loc["test: indistinguishable: all of them", "df"] == 10


def test_shares_of_variance():
    theirs, full = MODELS["empty_reml"]["covariance"], MODELS["concurrent_reml"]["covariance"]
    assert empty_model(model_of("concurrent")).solution.loglik == pytest.approx(
        MODELS["empty_reml"]["loglik"], rel=1e-10
    )
    tidy = result_of("concurrent").tidy().set_index("term")["estimate"]
    for role in ("client", "coach"):
        between = f"random1|role{role}|role{role}"
        within = f"residual|{role}|{role}"
        expected = {
            "share between persons": theirs[between] / (theirs[between] + theirs[within]),
            "pseudo-R² within": 1 - full[within] / theirs[within],
            "pseudo-R² between": 1 - full[between] / theirs[between],
        }
        for name, value in expected.items():
            assert tidy[f"{name} ({role})"] == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize(("name", "tolerance"), [("complete", 1e-8), ("incomplete", 1e-6)])
def test_reliabilities(name, tolerance):
    theirs = ORACLE["reliability"][name]
    data = pd.DataFrame(theirs["data"]).astype(float)
    wide = data.pivot_table(index=["person", "day"], columns="item", values="answer")
    place = wide.index.to_frame().to_numpy(np.int64)
    found = reliability_of(wide.to_numpy(), place[:, 0], place[:, 1])
    components = {
        "p": found.person,
        "pi": found.person_item,
        "pd": found.person_occasion,
        "e": found.error,
    }
    for part, value in components.items():
        assert value == pytest.approx(theirs["components"][part], rel=tolerance), part
    assert found.within == pytest.approx(theirs["within"], rel=tolerance)
    assert found.between == pytest.approx(theirs["between"], rel=tolerance)
