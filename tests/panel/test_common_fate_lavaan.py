"""Common fate and mutual influence end to end against lavaan 0.6-14 (tests/oracles/common_fate.R).

lavaan's solutions are polished, its data have three decimals, so that what differs is how far
dyadkit's own optimiser goes: 1e-6 relative, and of standard errors for estimates.
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
from dyadkit.results import Result

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "common_fate.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CASES = {case["name"]: case for case in ORACLE["cases"]}
TOLERANCE = 1e-6
Fitted = tuple[dict[str, Any], Result]


def framed(columns: dict[str, list[float]], *, exchangeable: bool) -> dk.DyadFrame:
    """Return a frame of columns such as x_mentor_t1, or x_1_t1 of exchangeable members."""
    wide = pd.DataFrame(columns, dtype=float)
    long = wide.rename_axis("pair").reset_index().melt("pair", var_name="column")
    long[["variable", "side", "wave"]] = long["column"].str.split("_", expand=True)
    data = long.pivot(index=["pair", "side", "wave"], columns="variable", values="value")
    data = data.reset_index()
    # Members are numbered by the ids of persons.
    data["who"] = data["pair"].astype(str).str.zfill(4) + "-" + data["side"]
    told: dict[str, Any] = {"role": "side", "roles": ("mentor", "developee")}
    if exchangeable:
        data, told = data.drop(columns="side"), {"roles": ("friend",)}
    return dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        person="who",
        wave="wave",
        variables={name: Variable(name, name.upper(), level="person") for name in ("x", "y")},
        **told,
    )


def of_kind(kind: str) -> list[str]:
    return [name for name, case in CASES.items() if case["kind"] == kind]


def alike(case: dict[str, Any]) -> bool:
    return bool(case["members"] == ["1", "2"])


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> Fitted:
    case = CASES[request.param]
    result = dk.fit_panel(
        framed(ORACLE["datasets"][case["dataset"]], exchangeable=alike(case)),
        *case["variables"],
        kind=case["kind"],
        waves=[f"t{wave}" for wave in range(1, case["waves"] + 1)],
        equal_lags=case["equal_lags"],
        estimator=case["estimator"],
    )
    return case, result


def close(ours: float, theirs: float | None, said: str) -> None:
    expected = np.nan if theirs is None else theirs
    np.testing.assert_allclose(ours, expected, rtol=TOLERANCE, atol=2e-7, err_msg=said)


def full_parameters(case: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(MODELS[f"{case['name']}: {case['full']}"]["parameters"])


def compare(row: pd.Series, theirs: Any, said: str, *, std: bool = False) -> None:
    """Compare an estimate, its standard error and, if asked for, its standardised form."""
    assert abs(row["estimate"] - theirs.est) < TOLERANCE * theirs.se, said
    close(row["std_error"], theirs.se, said)
    if std:
        expected = np.nan if theirs.std_all is None else float(theirs.std_all)
        np.testing.assert_allclose(row["std_all"], expected, rtol=TOLERANCE, err_msg=said)


def test_models_fit_as_in_lavaan(fitted: Fitted) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    robust = case["estimator"] == "MLR"
    chi = "_scaled" if robust else ""
    kind = "_robust" if robust else ""
    named = {"estimate": f"chisq{chi}", "df": "df", "p_value": f"pvalue{chi}"}
    named |= {"cfi": f"cfi{kind}", "tli": f"tli{kind}", "rmsea": f"rmsea{kind}"}
    every = {"srmr": "srmr", "aic": "aic", "bic": "bic"}
    shown = tidy.index[tidy["quantity"] == "model"].str.removeprefix("model: ")
    assert shown.tolist() == case["models"]
    for model in case["models"]:
        fit = MODELS[f"{case['name']}: {model}"]["fit"]
        row = tidy.loc[f"model: {model}"]
        for ours, theirs in every.items():
            close(row[ours], fit[theirs], f"{model} {theirs}")
        if not alike(case):
            for ours, theirs in named.items():
                close(row[ours], fit.get(theirs, fit.get(ours)), f"{model} {theirs}")
            continue
        # Beyond what exchanging the members cannot change.
        beyond = case["corrected"][model]
        for ours, theirs in {"estimate": "chisq", "df": "df", "p_value": "pvalue"}.items():
            if beyond["df"] > 0:
                close(row[ours], beyond[theirs], f"{model} {theirs}")
        assert row["df"] == pytest.approx(beyond["df"])
        for name in ("cfi", "tli", "rmsea"):
            close(row[name], beyond.get(name), f"{model} {name}")


def test_differences_are_those_of_lavaan(fitted: Fitted) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    untested = [case["full"]] + ["Actor and partner"] * (case["kind"] == "mutual_influence")
    assert len(case["comparisons"]) == len(case["models"]) - len(untested)
    for each in case["comparisons"]:
        row = tidy.loc[f"model: {each['model']}"]
        close(row["difference"], each["chisq"], each["model"])
        assert row["df_difference"] == pytest.approx(each["df"])
        close(row["p_difference"], each["pvalue"], each["model"])
    assert tidy.loc[[f"model: {name}" for name in untested], "difference"].isna().all()


@pytest.mark.parametrize("fitted", of_kind("common_fate"), indirect=True, scope="module")
def test_what_the_dyad_shares_is_that_of_lavaan(fitted: Fitted) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    p = full_parameters(case)
    effects = p[p["op"] == "~"]
    kinds = ["effect", "autoregressive", "cross-lagged"]
    assert tidy["quantity"].isin(kinds).sum() == len(effects)
    for one in effects.itertuples():
        # F, variable, wave: Fx1.
        ends = [f"{name[1]} T{name[2:]}" for name in (str(one.rhs), str(one.lhs))]
        compare(tidy.loc[" -> ".join(ends)], one, f"{one.lhs} {one.rhs}", std=True)
    defined = p[p["op"] == ":="].set_index("lhs")
    variances = defined[defined.index.str.startswith("tau")]
    assert (tidy["quantity"] == "dyad variance").sum() == len(variances)
    for name, one in variances.iterrows():
        compare(tidy.loc[f"dyad: {str(name)[3]} T{str(name)[4:]}"], one, str(name))
    shares = defined[defined.index.str.startswith("icc")]
    assert (tidy["quantity"] == "dyad share").sum() == len(shares)
    for name, one in shares.iterrows():
        _, variable, member, wave = str(name).split("_")
        whose = "" if alike(case) else f", {member}"
        compare(tidy.loc[f"share of the dyad: {variable} {wave.upper()}{whose}"], one, str(name))
    for one in p[(p["op"] == "~~") & p["lhs"].str.startswith("F")].itertuples():
        row = tidy.loc[f"x with y T{str(one.lhs)[2:]}"]
        ours = [row["estimate"], row["std_error"]]
        theirs = np.array([one.std_all, one.std_all_se], dtype=float)
        np.testing.assert_allclose(ours, theirs, rtol=10 * TOLERANCE, atol=1e-6)


@pytest.mark.parametrize("fitted", of_kind("mutual_influence"), indirect=True, scope="module")
def test_influence_is_that_of_lavaan(fitted: Fitted) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    p = full_parameters(case).drop_duplicates("label").set_index("label")
    ends = [("one member", "the partner")]
    if not alike(case):
        ends = [("mentor", "developee"), ("developee", "mentor")]
    for number, (source, target) in enumerate(ends, start=1):
        tag = "" if alike(case) else str(number)
        to = f"{source} -> {target}"
        compare(tidy.loc[f"influence: {to}"], p.loc[f"be{tag}"], to, std=True)
        compare(tidy.loc[f"actor: {source}"], p.loc[f"ga{tag}"], source, std=True)
        compare(tidy.loc[f"total actor: {source}"], p.loc[f"own{tag}"], source)
        compare(tidy.loc[f"total partner: {to}"], p.loc[f"other{tag}"], to)
    compare(tidy.loc["loop"], p.loc["product"], "loop")
    compare(tidy.loc["multiplier"], p.loc["times"], "multiplier")
    table = full_parameters(case)
    rest = table[table["op"] == "~~"].iloc[0]
    theirs = np.array([rest["std_all"], rest["std_all_se"]], dtype=float)
    ours = tidy.loc["residuals", ["estimate", "std_error"]].to_numpy(float)
    np.testing.assert_allclose(ours, theirs, rtol=10 * TOLERANCE)
    # The actor-partner model is the same in other parameters, and its effects are those through
    # the loop.
    apart = pd.DataFrame(MODELS[f"{case['name']}: Actor and partner"]["parameters"])
    apart = apart.drop_duplicates("label").set_index("label")
    for number, (source, target) in enumerate(ends, start=1):
        tag = "" if alike(case) else str(number)
        actor, partner = apart.loc[f"ga{tag}"], apart.loc[f"pa{tag}"]
        compare(tidy.loc[f"total actor: {source}"], actor, source)
        compare(tidy.loc[f"total partner: {source} -> {target}"], partner, source)
        row = tidy.loc[f"influence by Fieller: {source} -> {target}"]
        assert row["estimate"] == pytest.approx(partner["est"] / actor["est"], rel=TOLERANCE)


def test_tables_show_what_tidy_has(fitted: Fitted) -> None:
    _, result = fitted
    tidy = result.tidy()
    specs = {table.name: table for table in result.table_specs}
    models = tidy[tidy["quantity"] == "model"]
    names = ["statistic", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    names += ["difference", "df_difference", "p_difference"]
    shown = [[cell.value for cell in row.cells[1:]] for row in specs["models"].rows]
    np.testing.assert_array_equal(np.array(shown, dtype=float), models[names].to_numpy(float))
    if "variances" in specs:
        rows = [row.cells for row in specs["variances"].rows]
        for name, at in (("dyad variance", [2]), ("dyad share", range(4, len(rows[0]), 2))):
            found = [[cells[place].value for place in at] for cells in rows]
            expected = tidy.loc[tidy["quantity"] == name, "estimate"]
            np.testing.assert_array_equal(np.ravel(found), expected)
