"""Composites and dyadic factor models against lavaan and semTools, formulas written out in R."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dyadkit.estimation.reliability import cronbach_alpha
from dyadkit.measurement.composites import (
    average_variance_extracted,
    combined_reliability,
    composite_reliability,
    heterotrait_monotrait,
)
from dyadkit.measurement.ladder import Factor
from dyadkit.measurement.scale_factors import FactorModel, combined_by_model, fit_factors

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "measurement.json").read_text(encoding="utf-8")
)
NAMES = list(ORACLE["results"])
ITEMS = {"trust": ("t1", "t2", "t3", "t4"), "support": ("s1", "s2", "s3")}


def frame(name: str) -> pd.DataFrame:
    return pd.DataFrame(ORACLE["datasets"][name])


@pytest.fixture(scope="module")
def models() -> dict[str, FactorModel]:
    """Return the model of both members' scales, fitted to each data set."""
    factors = [
        Factor(f"{scale}_{role}", f"{scale}, {role}", tuple(f"{item}_{role}" for item in items))
        for role in ("m", "d")
        for scale, items in ITEMS.items()
    ]
    return {name: fit_factors(factors, [(0, 2), (1, 3)], frame(name)) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_scales(name: str, models: dict[str, FactorModel]) -> None:
    model = models[name]
    names = [factor.name for factor in model.factors]
    for expected in ORACLE["results"][name]["scales"]:
        k = names.index(expected["factor"])
        # The optimum of either program: 1e-6 of an estimate.
        sign = np.sign(model.loadings[k][0]) * np.sign(expected["loadings"][0])
        np.testing.assert_allclose(sign * model.loadings[k], expected["loadings"], rtol=2e-6)
        np.testing.assert_allclose(model.residuals[k], expected["residuals"], rtol=2e-6)
        found = composite_reliability(model.loadings[k], model.residuals[k])
        assert found == pytest.approx(expected["composite_reliability"], rel=2e-6)
        ave = average_variance_extracted(model.standardised[k])
        assert ave == pytest.approx(expected["ave_std"], rel=2e-6)
        alpha = cronbach_alpha(frame(name)[list(expected["items"])]).estimate
        assert alpha == pytest.approx(expected["alpha"], rel=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_pairs(name: str, models: dict[str, FactorModel]) -> None:
    model, data = models[name], frame(name)
    names = [factor.name for factor in model.factors]
    columns = list(data.columns)
    correlations = np.corrcoef(data.to_numpy().T)
    for expected in ORACLE["results"][name]["pairs"]:
        one, other = (names.index(each) for each in expected["pair"])
        assert abs(model.phi[one, other]) == pytest.approx(abs(expected["correlation"]), rel=1e-5)
        places = [
            np.array([columns.index(item) for item in model.factors[k].indicators])
            for k in (one, other)
        ]
        htmt = heterotrait_monotrait(correlations, *places)
        assert htmt == pytest.approx(expected["htmt"], rel=1e-8)
        htmt2 = heterotrait_monotrait(correlations, *places, geometric=True)
        assert htmt2 == pytest.approx(expected["htmt2"], rel=1e-8)
        square = model.phi[one, other] ** 2
        told_apart = min(average_variance_extracted(model.standardised[k]) for k in (one, other))
        assert (told_apart > square) == expected["fornell_larcker"]


@pytest.mark.parametrize("name", NAMES)
def test_difference_and_mean_of_members(name: str, models: dict[str, FactorModel]) -> None:
    model = models[name]
    names = [factor.name for factor in model.factors]
    for expected in ORACLE["results"][name]["dyads"]:
        sd, r = tuple(expected["sd"]), expected["correlation"]
        for kind, reliability in (("alpha", expected["alpha"]), ("omega", expected["omega"])):
            for difference, word in ((True, "difference"), (False, "mean")):
                found = combined_reliability(sd, r, tuple(reliability), difference=difference)
                assert found == pytest.approx(expected[f"{word}_{kind}"], rel=1e-8)
        first, second = (names.index(f"{expected['construct']}_{role}") for role in ("m", "d"))
        for difference, word in ((True, "difference"), (False, "mean")):
            found = combined_by_model(model, first, second, difference=difference)
            assert found == pytest.approx(expected[f"{word}_model"], rel=1e-5)
