"""Ladders of ordered answers against lavaan: every step, every item, with effect sizes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dyadkit.measurement.climbing import Climb, climb
from dyadkit.measurement.ladder import STEPS, Factor, Step
from dyadkit.measurement.ladder_models import LadderModels
from dyadkit.measurement.places import Ladder
from dyadkit.models.measured import measure

FOLDER = Path(__file__).parents[1] / "oracles"
LADDERS: dict[str, Any] = json.loads((FOLDER / "invariance.json").read_text(encoding="utf-8"))
MODELS = {model["name"]: model for model in LADDERS["models"]}
ITEMS: dict[str, Any] = json.loads((FOLDER / "ordered_items.json").read_text(encoding="utf-8"))
NAMES = ("ordered_roles", "ordered_groups")


def models_of(name: str) -> LadderModels:
    data = pd.DataFrame(LADDERS["datasets"][name])
    if name == "ordered_groups":
        factors = (Factor("f", "x", tuple(f"{letter}_x" for letter in "abcde")),)
        return LadderModels.of(Ladder(name, name, name, factors, "arm"), data, "WLSMV")
    factors = tuple(
        Factor(f"f_{role}", f"f_{role}", tuple(f"{letter}_{role}" for letter in "abcd"))
        for role in "md"
    )
    return LadderModels.of(Ladder(name, name, name, factors), data, "WLSMV")


@cache
def climbed(name: str, steps: tuple[Step, ...] = STEPS) -> Climb:
    return climb(models_of(name), steps, (), 0.95)


@pytest.mark.parametrize("name", NAMES)
def test_every_step(name: str) -> None:
    found = climbed(name)
    assert [step.step for step in found.steps] == list(STEPS)
    for step in found.steps:
        expected = MODELS[f"{name}_wlsmv_{step.step}"]["fit"]
        assert step.fit.summary["n_parameters"] == expected["npar"]
        assert measure(step.fit, "df") == expected["df"]
        for ours in ("chisq", "cfi", "tli", "rmsea"):
            theirs = expected[f"{ours}_scaled"]
            np.testing.assert_allclose(measure(step.fit, ours), theirs, rtol=1e-6, err_msg=ours)
        np.testing.assert_allclose(measure(step.fit, "srmr"), expected["srmr"], rtol=1e-6)
    for before, step in zip(found.steps, found.steps[1:], strict=False):
        (pair,) = [
            pair
            for pair in LADDERS["comparisons"]
            if pair["wide"] == f"{name}_wlsmv_{before.step}"
            and pair["narrow"] == f"{name}_wlsmv_{step.step}"
        ]
        assert step.df == pair["df"]
        assert step.difference == pytest.approx(pair["difference"], rel=2e-7)
        assert step.p_value == pytest.approx(pair["pvalue"], rel=5e-6)
        assert step.cfi_change == pytest.approx(pair["change"]["cfi_scaled"], abs=1e-7)
        assert step.rmsea_change == pytest.approx(pair["change"]["rmsea_scaled"], abs=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_every_item(name: str) -> None:
    # lavaan's optimiser stops some way from the minimum; its differences inherit that.
    letters = [item[0] for item in climbed(name).ladder.factors[0].indicators]
    at_once = climbed(name, ("configural", "residuals"))
    for expected in ITEMS[name]["tests"]:
        tests, step = climbed(name).tests, expected["step"]
        if step == "all":
            tests, step = at_once.tests, "residuals"
        (test,) = [t for t in tests if t.step == step and letters[t.item] == expected["item"]]
        assert test.df == expected["df"]
        assert test.statistic == pytest.approx(expected["statistic"], rel=1e-5, abs=1e-6)
        assert test.p_value == pytest.approx(expected["p_value"], rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_every_effect_size(name: str) -> None:
    found = climbed(name)
    letters = [item[0] for item in found.ladder.factors[0].indicators]
    assert len(found.sizes) == len(ITEMS[name]["sizes"]) == len(letters)
    for expected in ITEMS[name]["sizes"]:
        (size,) = [size for size in found.sizes if letters[size.item] == expected["item"]]
        assert size.place == expected["place"]
        for ours, key in ((size.loading, "loading"), (size.level, "threshold")):
            np.testing.assert_allclose([ours.first, ours.here], expected[key], rtol=2e-5, atol=1e-6)
            half = (ours.high - ours.low) / 2.0 / 1.959963984540054
            assert half == pytest.approx(expected[f"{key}_se"], rel=1e-4)
        assert size.size.estimate == pytest.approx(expected["estimate"], rel=1e-4, abs=1e-6)
        assert size.size.signed == pytest.approx(expected["signed"], rel=1e-4, abs=5e-6)
