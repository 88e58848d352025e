"""Panels end to end against lavaan 0.6-14, whose models R wrote (tests/oracles/panel.R).

lavaan's solutions are polished, its data have three decimals, so that what differs is how far
dyadkit's own optimiser goes: 1e-6 relative, and of standard errors for estimates near zero.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "panel.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CASES = {case["name"]: case for case in ORACLE["cases"]}
TOLERANCE = 1e-6


def framed(columns: dict[str, list[float]]) -> dk.DyadFrame:
    """Return a frame of columns such as x_mentor_t1."""
    wide = pd.DataFrame(columns, dtype=float)
    long = wide.rename_axis("pair").reset_index().melt("pair", var_name="column")
    long[["variable", "role", "wave"]] = long["column"].str.split("_", expand=True)
    data = long.pivot(index=["pair", "role", "wave"], columns="variable", values="value")
    roles = tuple(role for role in ("mentor", "developee") if role in set(long["role"]))
    if len(roles) == 1:
        # The other member answered something else only.
        other = data.reset_index().assign(role="developee", x=np.nan, y=np.nan, z=1.0)
        data = pd.concat([data.assign(z=2.0), other.set_index(["pair", "role", "wave"])])
    names = ("x", "y") if len(roles) == 2 else ("x", "y", "z")
    return dk.DyadFrame.from_individual(
        data.reset_index(),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={name: Variable(name, name.upper(), level="person") for name in names},
    )


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dk.Result]:
    case = CASES[request.param]
    role = f".{case['series'][0].split('_')[1]}" if len(case["series"]) == 2 else ""
    result = dk.fit_panel(
        framed(ORACLE["datasets"][case["dataset"]]),
        f"x{role}",
        f"y{role}",
        kind=case["kind"],
        waves=[f"t{wave}" for wave in range(1, case["waves"] + 1)],
        equal_lags=case["equal_lags"],
        second_order=case["second_order"],
        estimator=case["estimator"],
    )
    return case, result


def close(ours: float, theirs: float, said: str) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=1e-7, err_msg=said)


def test_models_fit_as_in_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    robust = case["estimator"] == "MLR"
    chi = "_scaled" if robust else ""
    kind = "_robust" if robust else ""
    named = {"estimate": f"chisq{chi}", "df": "df", "cfi": f"cfi{kind}", "tli": f"tli{kind}"}
    named |= {"rmsea": f"rmsea{kind}", "srmr": "srmr", "aic": "aic", "bic": "bic"}
    for model in case["models"]:
        theirs = MODELS[f"{case['name']}: {model}"]["fit"]
        row = tidy.loc[f"model: {model}"]
        for ours, name in named.items():
            close(row[ours], theirs[name], f"{model} {name}")
        if theirs["df"] > 0:
            close(row["p_value"], theirs[f"pvalue{chi}"], f"{model} p")


def test_differences_are_those_of_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    assert len(case["comparisons"]) == len(case["models"]) - 1
    for each in case["comparisons"]:
        row = tidy.loc[f"model: {each['model']}"]
        close(row["difference"], each["difference"], each["model"])
        assert row["df_difference"] == pytest.approx(abs(each["df"]))
        close(row["p_difference"], each["pvalue"], each["model"])


def test_effects_and_intercepts_are_those_of_lavaan(
    fitted: tuple[dict[str, Any], dk.Result],
) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    p = pd.DataFrame(MODELS[f"{case['name']}: {case['full']}"]["parameters"])
    effects = p[p["op"] == "~"]
    kinds = tidy["quantity"].value_counts()
    assert kinds["cross-lagged"] + kinds["autoregressive"] == len(effects)
    for one in effects.itertuples():
        ends = [str(name).removeprefix("p_").rsplit("_", 1) for name in (one.rhs, one.lhs)]
        row = tidy.loc[" -> ".join(f"{stem} {wave.upper()}" for stem, wave in ends)]
        assert abs(row["estimate"] - one.est) < TOLERANCE * one.se
        close(row["std_error"], one.se, f"{one.lhs} {one.rhs}")
        close(row["std_all"], one.std_all, f"{one.lhs} {one.rhs}")
    for one in p[p["op"] == "~~"].itertuples():
        left, right = (str(name).removeprefix("ri_") for name in (one.lhs, one.rhs))
        if left == right:
            row = tidy.loc[f"random intercept: {left}"]
            assert abs(row["estimate"] - one.est) < TOLERANCE * one.se
            close(row["std_error"], one.se, left)
        else:
            row = tidy.loc[f"random intercepts: {left} with {right}"]
            ours = [row["estimate"], row["std_error"]]
            theirs = np.array([one.std_all, one.std_all_se], dtype=float)
            if abs(one.std_all) > 1:
                # A correlation of no population, which lavaan shows all the same.
                theirs[:] = np.nan
            np.testing.assert_allclose(ours, theirs, rtol=10 * TOLERANCE, err_msg=f"{left} {right}")


def test_tables_show_what_tidy_has(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    _, result = fitted
    tidy = result.tidy()
    specs = {table.name: table for table in result.table_specs}
    models = tidy[tidy["quantity"] == "model"]
    names = ["statistic", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    names += ["difference", "df_difference", "p_difference"]
    shown = [[cell.value for cell in row.cells[1:]] for row in specs["models"].rows]
    np.testing.assert_array_equal(np.array(shown, dtype=float), models[names].to_numpy(float))
    paths = tidy[tidy["quantity"].isin(["autoregressive", "cross-lagged"])]
    rows = [row.cells for row in specs["paths"].rows if not row.heading]
    at = {"estimate": 2, "std_error": 3, "p_value": 5, "std_all": 6}
    for name, place in at.items():
        found = np.array([cells[place].value for cells in rows], dtype=float)
        np.testing.assert_array_equal(found, paths[name].to_numpy(float))
