"""The ladder against lavaan: every step, every difference, item by item, with effect sizes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dyadkit.measurement.climbing import Climb, climb
from dyadkit.measurement.ladder import STEPS, Factor
from dyadkit.measurement.ladder_models import LadderModels
from dyadkit.measurement.places import Ladder
from dyadkit.models.measured import measure

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "invariance.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
COMPARISONS = {pair["narrow"]: pair for pair in ORACLE["comparisons"]}
FAMILIES = ("roles", "waves", "both", "programmes", "three")
ESTIMATORS = ("ml", "mlr", "fiml", "mlr_fiml")
LADDERS = [f"{family}_{estimator}" for family in FAMILIES for estimator in ESTIMATORS]
FIT = {"chisq": "chisq", "df": "df", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}


def places(name: str) -> Ladder:
    """Return the factors of a family, from the syntax of its first model."""
    model = MODELS[f"{name}_configural"]
    factors = []
    for line in model["syntax"]:
        if "=~" in line:
            factor, right = line.split(" =~ ")
            items = tuple(term.removeprefix("NA*") for term in right.split(" + "))
            factors.append(Factor(factor, factor, items))
    return Ladder(name, name, name, tuple(factors), model["options"].get("group"))


@cache
def climbed(name: str) -> Climb:
    family, estimator = name.split("_", 1)
    data = pd.DataFrame(ORACLE["datasets"][MODELS[f"{name}_configural"]["dataset"]])
    steps = [step for step in STEPS if f"{family}_{estimator}_{step}" in MODELS]
    how = "MLR" if "mlr" in estimator else "ML"
    return climb(LadderModels.of(places(name), data, how), steps, (), 0.95)


@pytest.mark.parametrize("name", LADDERS)
def test_every_step(name: str) -> None:
    found = climbed(name)
    assert len(found.steps) == 6
    for step in found.steps:
        expected = MODELS[f"{name}_{step.step}"]["fit"]
        summary = step.fit.summary
        assert summary["df"] == expected["df"]
        assert summary["n_parameters"] == expected["npar"]
        for ours, theirs in FIT.items():
            np.testing.assert_allclose(
                summary[ours], expected[theirs], rtol=1e-6, atol=1e-8, err_msg=f"{step.step} {ours}"
            )
        if "chisq_scaled" in expected:
            for ours in ("chisq_scaled", "cfi_robust", "rmsea_robust"):
                np.testing.assert_allclose(
                    summary[ours], expected[ours], rtol=1e-5, atol=1e-7, err_msg=ours
                )


@pytest.mark.parametrize("name", LADDERS)
def test_every_difference(name: str) -> None:
    checked = 0
    for step in climbed(name).steps[1:]:
        expected = COMPARISONS[f"{name}_{step.step}"]
        assert step.difference == pytest.approx(expected["difference"], rel=1e-5, abs=1e-7)
        assert step.df == expected["df"]
        assert step.p_value == pytest.approx(expected["pvalue"], rel=1e-4, abs=1e-10)
        change = expected["change"]
        cfi, rmsea = (
            change.get(f"{key}_robust" if "mlr" in name else key) for key in ("cfi", "rmsea")
        )
        if cfi is not None:
            assert step.cfi_change == pytest.approx(cfi, abs=1e-6)
            assert step.rmsea_change == pytest.approx(rmsea, abs=1e-6)
            checked += 1
    assert checked


@pytest.mark.parametrize("name", [name for name in LADDERS if "mlr" not in name])
def test_items_one_by_one(name: str) -> None:
    found = climbed(name)
    letters = [item[0] for item in found.ladder.factors[0].indicators]
    scores = [score for score in ORACLE["scores"] if score["model"].rsplit("_", 1)[0] == name]
    assert scores
    for score in scores:
        step = score["model"].rsplit("_", 1)[1]
        if step != score["kind"]:
            continue
        (test,) = [
            test
            for test in found.tests
            if test.step == step and letters[test.item] == score["item"]
        ]
        assert test.df == score["released"]
        assert test.statistic == pytest.approx(score["stat"], rel=1e-8), score


SIZED = sorted(
    {size["model"].split("_intercepts")[0] for size in ORACLE["sizes"] if size["from"] == "partial"}
)


@pytest.mark.parametrize("name", SIZED)
def test_effect_sizes(name: str) -> None:
    found = climbed(name)
    letters = [item[0] for item in found.ladder.factors[0].indicators]
    sizes = [
        size
        for size in ORACLE["sizes"]
        if size["from"] == "partial" and size["model"].startswith(f"{name}_intercepts")
    ]
    assert sizes
    for expected in sizes:
        (size,) = [
            size
            for size in found.sizes
            if letters[size.item] == expected["item"] and size.place == expected["place"]
        ]
        np.testing.assert_allclose(
            [size.loading.first, size.loading.here], expected["loading"], rtol=1e-5
        )
        np.testing.assert_allclose(
            [size.level.first, size.level.here], expected["intercept"], rtol=1e-5
        )
        assert size.size.estimate == pytest.approx(expected["dmacs"], rel=1e-4, abs=1e-6)
        assert size.size.signed == pytest.approx(expected["signed"], rel=1e-4, abs=1e-6)


def test_partial_invariance() -> None:
    from dyadkit.measurement.ladder import Free
    from dyadkit.measurement.ladder import ladder_syntax as write
    from dyadkit.models.structural import fit_sem

    name = "roles_ml_intercepts_free_loadings_c_intercepts_c_d"
    model = MODELS[name]
    free = [Free("loadings", 2), Free("intercepts", 2), Free("intercepts", 3)]
    syntax = write(places("roles_ml").factors, "intercepts", free)
    data = pd.DataFrame(ORACLE["datasets"][model["dataset"]])
    fit = fit_sem(syntax, data, auto="lavaan")
    assert measure(fit, "chisq") == pytest.approx(model["fit"]["chisq"], rel=1e-7)
    assert measure(fit, "df") == model["fit"]["df"]
