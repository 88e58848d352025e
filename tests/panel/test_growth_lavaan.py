"""Growth curves end to end against lavaan 0.6-14, whose models R wrote (tests/oracles/growth.R).

lavaan's solutions are polished, its data have three decimals, so that what differs is how far
dyadkit's own optimiser goes: 1e-6 relative, and of standard errors for estimates near zero.
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
from dyadkit.frame import Variable

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "growth.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CASES = {case["name"]: case for case in ORACLE["cases"]}
TOLERANCE = 1e-6
TERMS = {
    "linear": ("level", "change"),
    "quadratic": ("level", "change", "curvature"),
    "piecewise": ("level", "change before", "change after"),
    "latent_basis": ("level", "change"),
}


def framed(case: dict[str, Any]) -> dk.DyadFrame:
    """Return a frame of columns such as x_mentor_t1, with the times of the waves."""
    wide = pd.DataFrame(ORACLE["datasets"][case["dataset"]], dtype=float)
    long = wide.rename_axis("pair").reset_index().melt("pair", var_name="column")
    long[["variable", "role", "wave"]] = long["column"].str.split("_", expand=True)
    data = long.pivot(index=["pair", "role", "wave"], columns="variable", values="value")
    if long["role"].nunique() == 1:
        # The other member answered something else only.
        other = pd.DataFrame({"other": 1.0}, index=data.index).rename(
            index={"mentor": "developee"}, level="role"
        )
        data = pd.concat([data.assign(other=2.0), other])
    frame = dk.DyadFrame.from_individual(
        data.reset_index(),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={name: Variable(name, name.upper(), level="person") for name in data.columns},
    )
    times = {f"t{number}": float(time) for number, time in enumerate(case["times"], 1)}
    return replace(frame, wave_times=times, time_unit="week")


def reference(column: str) -> str:
    return ".".join(column.split("_"))


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dk.Result]:
    case = CASES[request.param]
    x, *others = case["series"]
    both = bool(others) and others[0].startswith("x_")
    predictors = case.get("predictors", [])
    result = dk.fit_panel(
        framed(case),
        "x" if both else reference(x),
        reference(others[0]) if others and not both else None,
        kind="growth",
        shape=case["shape"],
        turn=case.get("turn"),
        waves=[f"t{number}" for number in range(1, len(case["times"]) + 1)],
        estimator=case["estimator"],
        covariates=[reference(column) for column in case.get("covariates", [])],
        predictors=["w"] if len(predictors) > 1 else [reference(one) for one in predictors],
        by=reference(case["group"]) if "group" in case else None,
    )
    return case, result


def close(ours: float, theirs: float, said: str) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=1e-7, err_msg=said)


def test_there_are_cases_of_every_kind() -> None:
    assert {case["shape"] for case in CASES.values()} == set(TERMS)
    assert {len(case["times"]) for case in CASES.values()} == {3, 4, 5, 6}
    assert len(CASES) >= 18


def test_models_fit_as_in_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    robust = case["estimator"] == "MLR"
    chi = "_scaled" if robust else ""
    kind = "_robust" if robust else ""
    named = {"estimate": f"chisq{chi}", "df": "df", "srmr": "srmr", "aic": "aic", "bic": "bic"}
    indices = {"cfi": f"cfi{kind}", "tli": f"tli{kind}", "rmsea": f"rmsea{kind}"}
    models = tidy[tidy["quantity"] == "model"].index.str.removeprefix("model: ")
    assert sorted(models) == sorted(case["models"])
    assert models[-1] == case["full"]
    for model in case["models"]:
        theirs = MODELS[f"{case['name']}: {model}"]["fit"]
        row = tidy.loc[f"model: {model}"]
        for ours, name in (named | (indices if theirs["df"] > 0 else {})).items():
            close(row[ours], theirs[name], f"{model} {name}")
        if theirs["df"] > 0:
            close(row["p_value"], theirs[f"pvalue{chi}"], f"{model} p")


def test_differences_are_those_of_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    compared = {each["model"]: each for each in case["comparisons"]}
    for model in case["models"]:
        row = tidy.loc[f"model: {model}"]
        # Without change its free shape is undefined, and the difference no chi-square.
        irregular = model == "No change" and case["shape"] == "latent_basis"
        if model not in compared or irregular:
            assert np.isnan(row["difference"])
            continue
        close(row["difference"], compared[model]["difference"], model)
        assert row["df_difference"] == pytest.approx(abs(compared[model]["df"]))
        close(row["p_difference"], compared[model]["pvalue"], model)


def terms_of(case: dict[str, Any], lhs: str, op: str, rhs: str) -> list[tuple[str, str]]:
    """Return quantities and terms that a parameter of lavaan has; none where it is not shown.

    Growth factors are F1x_mentor and so on, means of them meanF1x_mentor.
    """

    def factor(name: str) -> str:
        return f"{TERMS[case['shape']][int(name[1]) - 1]}: {name[2:]}"

    outcomes = case["outcomes"]
    if op == ":=":
        return [("growth mean", f"mean of {factor(lhs.removeprefix('mean'))}")]
    if op == "~1" and lhs.startswith("F") and "group" in case:
        return [("growth mean", f"mean of {factor(lhs)}")]
    if op == "=~":
        return [("loading", f"loading: {rhs}")]
    if op == "~" and lhs.startswith("F"):
        return [("covariate effect", f"{rhs} -> {factor(lhs)}")]
    if op == "~" and lhs in outcomes:
        source, target = (name.rsplit("_", 1)[0] for name in (rhs, lhs))
        return [("predictor effect", f"{source} -> {target}")]
    if op == "~~" and lhs.startswith("F") and rhs.startswith("F"):
        if lhs == rhs:
            return [("growth variance", f"variance of {factor(lhs)}")]
        term = f"{factor(lhs)} with {factor(rhs)}"
        return [("growth covariance", term), ("growth correlation", term)]
    if op == "~~" and lhs in outcomes and rhs in outcomes:
        if lhs == rhs:
            return [("residual variance", f"residual of {lhs}")]
        return [("residual covariance", f"residuals of {lhs} with {rhs}")]
    return []


def test_estimates_are_those_of_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index(["quantity", "term"])
    p = pd.DataFrame(MODELS[f"{case['name']}: {case['full']}"]["parameters"])
    at = {(one.lhs, one.op, one.rhs, one.group): one.est for one in p.itertuples()}
    seen = set()
    for one in p.itertuples():
        group = f" ({case['labels'][one.group - 1]})" if "group" in case else ""
        for quantity, term in terms_of(case, one.lhs, one.op, one.rhs):
            row = tidy.loc[(quantity, term + group)]
            said = f"{quantity} {term}"
            seen.add((quantity, term + group))
            pair = [at.get((end, "~~", end, one.group), 1.0) for end in (one.lhs, one.rhs)]
            if quantity == "growth correlation":
                # Beyond 1 it is a correlation of no population.
                if min(pair) <= 0 or abs(one.std_all) > 1:
                    assert np.isnan(row["estimate"])
                    continue
                ours = [row["estimate"], row["std_error"]]
                theirs = [one.std_all, one.std_all_se]
                np.testing.assert_allclose(
                    ours, np.array(theirs, dtype=float), rtol=10 * TOLERANCE, err_msg=said
                )
                continue
            assert abs(row["estimate"] - one.est) < TOLERANCE * one.se, said
            close(row["std_error"], one.se, said)
            if quantity in ("covariate effect", "residual covariance") and min(pair) > 0:
                close(row["std_all"], one.std_all, said)
    ours = tidy.drop(["model", "observed mean", "implied mean", "r squared"], level=0)
    assert set(ours.index) == seen


def test_means_and_explained_shares_are_those_of_r(
    fitted: tuple[dict[str, Any], dk.Result],
) -> None:
    case, result = fitted
    tidy = result.tidy().set_index(["quantity", "term"])
    shares = MODELS[f"{case['name']}: {case['full']}"]["rsquare"]
    number = 0
    for place, label in enumerate(case.get("labels", [""])):
        group = f" ({label})" if label else ""
        for column in case["outcomes"]:
            row = tidy.loc[("implied mean", f"implied mean of {column}{group}")]
            close(row["estimate"], case["implied"][number], column)
            close(row["std_error"], case["implied_se"][number], column)
            row = tidy.loc[("observed mean", f"observed mean of {column}{group}")]
            ours = row[["estimate", "conf_low", "conf_high"]].to_numpy(float)
            np.testing.assert_allclose(ours, case["observed"][number], rtol=1e-9)
            share = tidy.loc[("r squared", f"explained share of {column}{group}"), "estimate"]
            if shares[place][column] is None:
                assert np.isnan(share)
            else:
                close(share, shares[place][column], column)
            number += 1
    assert number == len(case["implied"])


def test_tables_show_what_tidy_has(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    _, result = fitted
    tidy = result.tidy()
    specs = {table.name: table for table in result.table_specs}

    def shown(table: str, *places: int) -> np.ndarray:
        rows = [row.cells for row in specs[table].rows if not row.heading]
        return np.array([[cells[place].value for place in places] for cells in rows], dtype=float)

    models = tidy[tidy["quantity"] == "model"]
    names = ["statistic", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    names += ["difference", "df_difference", "p_difference"]
    np.testing.assert_array_equal(shown("models", *range(1, 13)), models[names].to_numpy(float))
    columns = ["estimate", "p_value"]
    for quantity, places in (("growth mean", (1, 3)), ("growth variance", (4, 6))):
        ours = tidy.loc[tidy["quantity"] == quantity, columns].to_numpy(float)
        np.testing.assert_array_equal(shown("growth", *places), ours)
    ours = tidy.loc[tidy["quantity"] == "growth correlation", columns].to_numpy(float)
    np.testing.assert_array_equal(shown("correlations", 2, 4), ours)
    waves = {"observed mean": 2, "implied mean": 4, "residual variance": 6, "r squared": 7}
    for quantity, place in waves.items():
        ours = tidy.loc[tidy["quantity"] == quantity, ["estimate"]].to_numpy(float)
        np.testing.assert_array_equal(shown("waves", place), ours)
    effects = tidy[tidy["quantity"].isin(["covariate effect", "predictor effect"])]
    if len(effects):
        ours = effects[["estimate", "std_error", "p_value"]].to_numpy(float)
        np.testing.assert_array_equal(shown("effects", 2, 3, 5), ours)
