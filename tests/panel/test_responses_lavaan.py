"""Panels over several waves end to end against lavaan (tests/oracles/responses.R).

There every response is the sum of all its routes, written out as a defined parameter.  Estimates
agree within 1e-6.  lavaan's standard errors are those of the delta method, ours of Monte-Carlo
draws, as are R's spreads and intervals beside them, from 40,000 draws: the errors of both
simulations bound how far they may differ.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.panel.implied.drawn_effects import MONTE_CARLO_DRAWS
from tests.panel.test_panel_lavaan import framed

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "responses.json").read_text(encoding="utf-8")
)
CASES = {case["name"]: case for case in ORACLE["cases"]}
CONTINUOUS = [name for name, case in CASES.items() if "continuous" in case]
THEIR_DRAWS = 40_000
# Of some hundred comparisons none is beyond 4.5 standard errors of the simulations.
FAR = 4.5
EITHER = 1 / MONTE_CARLO_DRAWS + 1 / THEIR_DRAWS


def fit(case: dict[str, Any], **options: Any) -> dk.Result:
    dyads = framed(ORACLE["datasets"][case["dataset"]])
    if "continuous" in case:
        lag = case["continuous"]["lag"]
        times = {f"t{wave}": lag * (wave - 1) for wave in range(1, case["waves"] + 1)}
        dyads = replace(dyads, wave_times=times, time_unit="month")
        options["continuous_time"] = True
    role = f".{case['series'][0].split('_')[1]}" if len(case["series"]) == 2 else ""
    return dk.fit_panel(
        dyads,
        f"x{role}",
        f"y{role}",
        kind=case["kind"],
        waves=[f"t{wave}" for wave in range(1, case["waves"] + 1)],
        equal_lags=case["equal_lags"],
        second_order=case["second_order"],
        estimator=case["estimator"],
        seed=11,
        **options,
    )


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], pd.DataFrame]:
    case = CASES[request.param]
    return case, fit(case).tidy().set_index("term")


def row_of(tidy: pd.DataFrame, one: dict[str, Any]) -> pd.Series:
    stops = " -> ".join(
        f"{stem} T{wave}" for stem, wave in zip(one["series"], one["waves"], strict=True)
    )
    return tidy.loc[f"{one['quantity'].split()[0].replace('impulse', 'response')}: {stops}"]


def test_estimates_are_the_defined_parameters(
    fitted: tuple[dict[str, Any], pd.DataFrame],
) -> None:
    case, tidy = fitted
    ours = tidy["quantity"].isin(["impulse response", "indirect effect"])
    assert ours.sum() == len(case["found"])
    for one in case["found"]:
        row = row_of(tidy, one)
        assert row["quantity"] == one["quantity"]
        assert abs(row["estimate"] - one["estimate"]) < 1e-6 * one["std_error"], row.name
        np.testing.assert_allclose(row["std_all"], one["std_all"], rtol=1e-5, atol=1e-7)


def test_intervals_are_those_of_the_estimates_distribution(
    fitted: tuple[dict[str, Any], pd.DataFrame],
) -> None:
    case, tidy = fitted
    # The errors of a spread and of a tail's quantile, beside the spread: those of normal draws, and
    # those of products of two, which are largest about zero, where their kurtosis is 9 and their
    # density at the quantile half that of normal draws (0.0286 for 0.0584).
    for one in case["found"]:
        row = row_of(tidy, one)
        alone = one["waves"][-1] == one["waves"][0] + 1
        spread = np.sqrt((0.5 if alone else 2.0) * EITHER)
        at_end = np.sqrt(0.025 * 0.975 * EITHER) / (0.0584 if alone else 0.0286)
        assert abs(row["std_error"] / one["spread"] - 1) < FAR * spread, row.name
        for ours, theirs in (("conf_low", "low"), ("conf_high", "high")):
            assert abs(row[ours] - one[theirs]) < FAR * at_end * one["spread"], row.name


def test_one_effect_has_the_delta_methods_standard_error(
    fitted: tuple[dict[str, Any], pd.DataFrame],
) -> None:
    case, tidy = fitted
    # Responses after one wave are no products, and normal.
    for one in case["found"]:
        if one["quantity"] == "impulse response" and one["waves"][1] == 2:
            row = row_of(tidy, one)
            assert abs(row["std_error"] / one["std_error"] - 1) < FAR / np.sqrt(
                2 * MONTE_CARLO_DRAWS
            )


@pytest.mark.parametrize("name", CONTINUOUS)
def test_rates_are_those_of_eigenvalues(name: str) -> None:
    case = CASES[name]
    theirs = case["continuous"]
    result = fit(case)
    tidy = result.tidy().set_index("term")
    names = case["series"]
    order = list(zip(theirs["source"], theirs["target"], strict=True))
    for number, (source, target) in enumerate(order):
        row = tidy.loc[f"drift: {names[source - 1]} -> {names[target - 1]}"]
        spread = theirs["spread"][number]
        assert abs(row["estimate"] - theirs["rate"][number]) < 2e-6 * spread
        assert row["std_error"] == pytest.approx(spread, rel=0.05)
        assert row["conf_low"] == pytest.approx(theirs["low"][number], abs=0.15 * spread)
        assert row["conf_high"] == pytest.approx(theirs["high"][number], abs=0.15 * spread)
        if source != target:
            assert row["peak_lag"] == pytest.approx(theirs["peak"], rel=1e-5)
        else:
            assert np.isnan(row["peak_lag"])
    (figure,) = [each for each in result.figure_specs if each.name == "continuous_time"]
    lines = {(line.label, line.panel): line for line in figure.lines}
    for lag, effects in zip(theirs["lags"], theirs["effects"], strict=True):
        for number, (source, target) in enumerate(order):
            if source == target:
                line = lines[names[source - 1][0].upper(), f"On {names[target - 1][0].upper()}"]
                at = int(np.argmin(np.abs(np.array(line.x) - lag)))
                assert line.x[at] == pytest.approx(lag, rel=1e-12)
                assert line.y[at] == pytest.approx(effects[number], rel=1e-5)
