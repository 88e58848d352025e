"""Panels of three variables, with covariates, in groups, latent and of exchangeable members.

End to end against lavaan 0.6-14, whose models R wrote (tests/oracles/panel_more.R).  lavaan's
solutions are polished, its data have three decimals, so that what differs is how far dyadkit's own
optimiser goes: 1e-6 relative, and of standard errors for estimates near zero.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "panel_more.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CASES = {case["name"]: case for case in ORACLE["cases"]}
TOLERANCE = 1e-6
GROUPS = ("online", "onsite")
KNOWN = {
    "age": Variable("age", "Age"),
    "weeks": Variable("weeks", "Weeks", level="dyad"),
    "mode": Variable("mode", "Mode", kind="category", level="dyad"),
}


def framed(columns: dict[str, list[Any]]) -> dk.DyadFrame:
    """Return a frame of columns such as x_mentor_t1, weeks_t1 and mode."""
    wide = pd.DataFrame(columns)
    long = wide.drop(columns="mode", errors="ignore").astype(float).rename_axis("pair")
    long = long.reset_index().melt("pair", var_name="column")
    parts = long["column"].str.extract(r"(?P<variable>[a-z]+\d?)_(?:(?P<role>\w+)_)?(?P<wave>t\d)")
    long = pd.concat([long, parts], axis=1)
    whole = long[long["role"].isna()]
    own = long[long["role"].notna()]
    keys = ["pair", "role", "wave"]
    data = own.pivot(index=keys, columns="variable", values="value").reset_index()
    for name, rows in whole.groupby("variable"):
        data = data.merge(
            rows[["pair", "wave", "value"]].rename(columns={"value": name}),
            "left",
            ["pair", "wave"],
        )
    if "mode" in wide:
        data["mode"] = wide["mode"].to_numpy()[data["pair"]]
    same = set(own["role"]) == {"1", "2"}
    if same:
        data["person"] = data["role"] + "_" + data["pair"].astype(str)
        data["role"] = "peer"
    elif set(own["role"]) == {"mentor"}:
        # The other member answered nothing here.
        data = pd.concat([data, data[["pair", "wave"]].assign(role="developee")])
    names = sorted({name[0] for name in own["variable"] if name[0] in "xyz"})
    itemised = any(f"{name}1" in data for name in names)
    variables = {name: variable for name, variable in KNOWN.items() if name in data}
    for name in names:
        items = tuple(f"{name}{k}" for k in (1, 2, 3)) if itemised else ()
        if itemised and name not in data:
            data[name] = data[list(items)].mean(axis=1)
        variables |= {item: Variable(item, item, kind="item") for item in items}
        variables[name] = Variable(
            name,
            name.upper(),
            items=items,
            reverse=items[1:2],
            item_range=(1, 7) if itemised else None,
        )
    return dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        wave="wave",
        person="person" if same else None,
        roles=("peer",) if same else ("mentor", "developee"),
        variables=variables,
    )


def role_of(case: dict[str, Any]) -> str:
    roles = {name.split("_")[1] for name in case["series"]}
    return ".mentor" if roles == {"mentor"} else ""


@pytest.fixture(scope="module", params=CASES)
def fitted(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dk.Result]:
    case = CASES[request.param]
    variables = list(dict.fromkeys(name.split("_")[0] for name in case["series"]))
    names = {"age_mentor_t1": "age.mentor", "weeks_t1": "weeks"}
    result = dk.fit_panel(
        framed(ORACLE["datasets"][case["dataset"]]),
        *(f"{name}{role_of(case)}" for name in variables),
        kind=case["kind"],
        waves=[f"t{wave}" for wave in range(1, case["waves"] + 1)],
        equal_lags=case["equal_lags"],
        second_order=case["second_order"],
        estimator=case["estimator"],
        covariates=[names[name] for name in case["covariates"]],
        covariates_on=case["covariates_on"],
        by=case.get("by"),
        indicators=case["indicators"],
    )
    return case, result


def close(ours: float, theirs: float, said: str, times: float = 1.0) -> None:
    # atol is for what is 0 in theory: p of a huge chi-square, chi-square of a saturated model.
    np.testing.assert_allclose(ours, theirs, rtol=times * TOLERANCE, atol=1e-7, err_msg=said)


def test_every_case_is_there() -> None:
    """What is compared: each kind with, and each option."""
    assert len(CASES) == 26
    for kind in ("clpm", "riclpm"):
        found = [case for case in CASES.values() if case["kind"] == kind]
        assert {case["estimator"] for case in found} == {"ML", "MLR"}
        assert {case["equal_lags"] for case in found} == {True, False}
        assert {case["indicators"] for case in found} == {"score", "items", "reliability"}
        for part in ("by", "corrected"):
            assert any(part in case for case in found)
        assert any(case["second_order"] and case["covariates"] for case in found)
        assert any(len(case["series"]) == 3 for case in found)
    assert {case["waves"] for case in CASES.values()} == {2, 3, 4, 5, 6}


def test_models_fit_as_in_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    assert sorted(tidy.index[tidy["quantity"] == "model"]) == sorted(
        f"model: {name}" for name in case["models"]
    )
    robust = case["estimator"] == "MLR"
    chi = "_scaled" if robust else ""
    kind = "_robust" if robust else ""
    named = {"estimate": f"chisq{chi}", "df": "df", "cfi": f"cfi{kind}", "tli": f"tli{kind}"}
    named |= {"rmsea": f"rmsea{kind}", "srmr": "srmr", "aic": "aic", "bic": "bic"}
    beyond = {each["model"]: each for each in case.get("corrected", [])}
    for model in case["models"]:
        theirs = dict(MODELS[f"{case['name']}: {model}"]["fit"])
        if beyond:
            theirs |= {named["estimate"]: beyond[model]["chisq"], "df": beyond[model]["df"]}
            theirs |= {f"pvalue{chi}": beyond[model]["pvalue"]}
            theirs |= {f"{name}{kind}": beyond[model].get(name) for name in ("cfi", "tli", "rmsea")}
        elif theirs["df"] == 0:
            # lavaan has no robust indices of a saturated model, and those of ML are what they are.
            for name in ("cfi", "tli", "rmsea"):
                theirs[f"{name}{kind}"] = theirs[name]
        row = tidy.loc[f"model: {model}"]
        for ours, name in named.items():
            if theirs[name] is None:
                assert np.isnan(row[ours]), f"{model} {name}"
            else:
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


def theirs_of(case: dict[str, Any]) -> pd.DataFrame:
    """Return lavaan's parameters of the model with all effects, with our names of columns."""
    found = pd.DataFrame(MODELS[f"{case['name']}: {case['full']}"]["parameters"])
    for side in ("lhs", "rhs"):
        found[f"{side}_part"] = found[side].str.extract("^(ri|p)_", expand=False).fillna("")
        found[f"{side}_name"] = found[side].str.replace("^(ri|p)_", "", regex=True)
        found[f"{side}_name"] = found[f"{side}_name"].str.removeprefix("f_")
    if "by" in case:
        found["suffix"] = [f" ({GROUPS[int(group) - 1]})" for group in found["group"]]
    else:
        found["suffix"] = ""
    return found


def said_of(column: str) -> str:
    """Return "x_mentor T1" of x_mentor_t1."""
    stem, _, wave = column.rpartition("_")
    return f"{stem} {wave.upper()}"


def first_member(case: dict[str, Any], column: str) -> bool:
    return "corrected" not in case or column.split("_")[1] == "1"


def test_effects_are_those_of_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    p = theirs_of(case)
    shown = np.array([first_member(case, name) for name in p["lhs_name"]])
    effects = p[(p["op"] == "~") & shown]
    kinds = tidy["quantity"].value_counts()
    ours = sum(kinds.get(each, 0) for each in ("cross-lagged", "autoregressive", "covariate"))
    assert ours == len(effects)
    for one in effects.itertuples():
        covariate = one.rhs in case["covariates"]
        target = one.lhs_name if one.lhs_part == "ri" else said_of(one.lhs_name)
        source = one.rhs if covariate else said_of(one.rhs_name)
        row = tidy.loc[f"{source} -> {target}{one.suffix}"]
        assert (row["quantity"] == "covariate") == covariate
        assert abs(row["estimate"] - one.est) < TOLERANCE * one.se, f"{one.lhs} {one.rhs}"
        close(row["std_error"], one.se, f"{one.lhs} {one.rhs}")
        close(row["std_all"], one.std_all, f"{one.lhs} {one.rhs} standardised")


def test_random_intercepts_are_those_of_lavaan(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy().set_index("term")
    p = theirs_of(case)
    p = p[(p["lhs_part"] == "ri") & (p["op"] == "~~")]
    checked: set[str] = set()
    for one in p.itertuples():
        left, right = one.lhs_name, one.rhs_name
        if left == right and first_member(case, left):
            term = f"random intercept: {left}{one.suffix}"
            assert abs(tidy.loc[term, "estimate"] - one.est) < TOLERANCE * one.se
            close(tidy.loc[term, "std_error"], one.se, term)
            checked.add(term)
        term = f"random intercepts: {left} with {right}{one.suffix}"
        if left != right and term in tidy.index:
            # lavaan's standard errors of correlations are by numerical derivatives.
            close(tidy.loc[term, "estimate"], one.std_all, term, 10)
            close(tidy.loc[term, "std_error"], one.std_all_se, term, 10)
            checked.add(term)
    kinds = tidy["quantity"].isin(["intercept variance", "intercept correlation"])
    assert checked == set(tidy.index[kinds])


def test_correlations_within_waves_are_those_of_lavaan(
    fitted: tuple[dict[str, Any], dk.Result],
) -> None:
    case, result = fitted
    p = theirs_of(case)
    p = p[(p["op"] == "~~") & (p["lhs_part"] != "ri") & p["lhs_name"].str.match("[xyz]_")]
    known = {
        (frozenset((one.lhs_name, one.rhs_name)), one.suffix): one.std_all for one in p.itertuples()
    }
    (table,) = [each for each in result.table_specs if each.name == "correlations"]
    pairs = pairs_of(case)
    suffixes = list(dict.fromkeys(p["suffix"]))
    waves = range(1, case["waves"] + 1)
    expected = [(s, pair, wave) for s in suffixes for pair in pairs for wave in waves]
    assert len(table.rows) == len(expected)
    for row, (suffix, (one, other), wave) in zip(table.rows, expected, strict=True):
        assert row.cells[0].value.endswith(suffix)
        assert row.cells[1].value == f"T{wave}"
        key = (frozenset((f"{one}_t{wave}", f"{other}_t{wave}")), suffix)
        close(row.cells[2].value, known[key], f"{one} with {other} in {wave}")


def pairs_of(case: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of series: one of those that exchanging members makes the same."""
    found: dict[Any, tuple[str, str]] = {}
    for number, one in enumerate(case["series"]):
        for other in case["series"][number + 1 :]:
            (a, i), (b, j) = one.split("_"), other.split("_")
            key = (frozenset((a, b)), i == j) if "corrected" in case else (one, other)
            found.setdefault(key, (one, other))
    return list(found.values())


def test_tables_show_what_tidy_has(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    tidy = result.tidy()
    specs = {table.name: table for table in result.table_specs}
    models = tidy[tidy["quantity"] == "model"]
    names = ["statistic", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    names += ["difference", "df_difference", "p_difference"]
    shown = [[cell.value for cell in row.cells[1:]] for row in specs["models"].rows]
    np.testing.assert_array_equal(np.array(shown, dtype=float), models[names].to_numpy(float))
    at = {"estimate": 2, "std_error": 3, "p_value": 5, "std_all": 6}
    for table, quantities in {
        "paths": ["autoregressive", "cross-lagged"],
        "covariates": ["covariate"],
    }.items():
        listed = tidy[tidy["quantity"].isin(quantities)]
        assert (table in specs) == (len(listed) > 0)
        if table in specs:
            rows = [row.cells for row in specs[table].rows if not row.heading]
            for name, place in at.items():
                found = np.array([cells[place].value for cells in rows], dtype=float)
                np.testing.assert_array_equal(found, listed[name].to_numpy(float))
    assert ("intercepts" in specs) == (case["kind"] == "riclpm")
    if case["kind"] == "clpm":
        return
    p = theirs_of(case)
    p = p[(p["lhs_part"] == "ri") & (p["op"] == "~~")]
    known = {(frozenset((one.lhs_name, one.rhs_name)), one.suffix): one for one in p.itertuples()}
    suffixes = list(dict.fromkeys(p["suffix"]))
    rows = [row for row in specs["intercepts"].rows if not row.heading]
    alike = "corrected" in case
    names = [name for name in case["series"] if not alike or name.endswith("_1")]
    expected = [
        (suffix, ends)
        for suffix in suffixes
        for ends in [*((name,) for name in names), *pairs_of(case)]
    ]
    assert len(rows) == len(expected)
    for row, (suffix, ends) in zip(rows, expected, strict=True):
        value = row.cells[1].value
        theirs = known[frozenset(ends), suffix]
        if len(ends) == 1:
            assert abs(value - theirs.est) < TOLERANCE * theirs.se
        elif value is not None:
            close(value, theirs.std_all, f"{ends}", 10)
        else:
            assert min(known[frozenset((name,)), suffix].est for name in ends) <= 0


def test_reliabilities_are_those_of_items(fitted: tuple[dict[str, Any], dk.Result]) -> None:
    case, result = fitted
    syntax = result.tidy()["syntax"].dropna().iloc[0]
    held = {found[2]: float(found[1]) for found in re.finditer(r"~~ (0\.\d+)\*(\w+)", syntax)}
    assert len(held) == len(case.get("alphas", {})) * case["waves"]
    columns = ORACLE["datasets"][case["dataset"]]
    for stem, alphas in case.get("alphas", {}).items():
        for wave, alpha in enumerate(alphas, 1):
            score = np.array(columns[f"{stem}_t{wave}"], dtype=float)
            error = (1 - alpha) * np.nanvar(score, ddof=1)
            assert held[f"{stem}_t{wave}"] == pytest.approx(error, rel=1e-10)
