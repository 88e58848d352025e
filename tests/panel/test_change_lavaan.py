"""Latent change and dynamic panels end to end against lavaan 0.6-14 (tests/oracles/change.R).

R writes the models out in other terms: dual change without latent changes, mean and variance of
the change between two waves also from a model without regressions.  lavaan's solutions are
polished, its data have three decimals, so that what differs is how far dyadkit's own optimiser
goes: 1e-6 relative, and of standard errors for estimates near zero.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "change.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
CASES = {case["name"]: case for case in ORACLE["cases"]}
CHANGE = [name for name, case in CASES.items() if case["kind"] == "latent_change"]
TWO_WAVES = [name for name in CHANGE if CASES[name]["waves"] == 2]
DYNAMIC = [name for name in CASES if name not in CHANGE]
TOLERANCE = 1e-6


def framed(columns: dict[str, list[float]]) -> dk.DyadFrame:
    """Return a frame of columns such as x_mentor_t1, and w, which everybody answered."""
    wide = pd.DataFrame(columns, dtype=float)
    long = wide.rename_axis("pair").reset_index().melt("pair", var_name="column")
    long[["variable", "role", "wave"]] = long["column"].str.split("_", expand=True)
    data = long.pivot(index=["pair", "role", "wave"], columns="variable", values="value")
    every = pd.MultiIndex.from_product(
        [range(len(wide)), ("mentor", "developee"), sorted(set(long["wave"]))],
        names=["pair", "role", "wave"],
    )
    data = data.reindex(every).assign(w=1.0)
    return dk.DyadFrame.from_individual(
        data.reset_index(),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={name: Variable(name, name.upper(), level="person") for name in data},
    )


def asked(case: dict[str, Any]) -> dict[str, Any]:
    """Return what a user writes for a case."""
    stems = [stem.split("_") for stem in case["series"]]
    names = list(dict.fromkeys(variable for variable, _ in stems))
    roles = {role for _, role in stems}
    if len(roles) == 2 and len(stems) > len(names):
        given = names
    else:
        given = [".".join(stem) for stem in stems]
    waves = [f"t{wave}" for wave in range(1, case["waves"] + 1)]
    options = dict(zip(("x", "y"), given, strict=False))
    if case.get("covariates"):
        options["covariates"] = tuple(name.replace("_", ".") for name in case["covariates"])
    return {**options, "waves": waves, "kind": case["kind"], "estimator": case["estimator"]}


@cache
def fitted(name: str) -> tuple[dict[str, Any], dk.Result]:
    case = CASES[name]
    frame = framed(ORACLE["datasets"][case["dataset"]])
    times = case.get("steps", [0, 1, 2, 4][: case["waves"]] if case.get("by_wave") else None)
    if times is not None and case["waves"] > 2:
        known = {f"t{k}": float(time) for k, time in enumerate(times, 1)}
        frame = replace(frame, wave_times=known, time_unit="week")
    return case, dk.fit_panel(frame, **asked(case))


def close(ours: float, theirs: float, said: str) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=1e-7, err_msg=said)


def agree(row: pd.Series, one: pd.Series, said: str) -> None:
    """Compare an estimate and its standard error."""
    assert abs(row["estimate"] - one["est"]) < TOLERANCE * one["se"], said
    close(row["std_error"], one["se"], said)


def parameters(name: str) -> pd.DataFrame:
    return pd.DataFrame(MODELS[name]["parameters"])


@pytest.mark.parametrize("name", CASES)
def test_models_fit_as_in_lavaan(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy()
    models = tidy[tidy["quantity"] == "model"].set_index("term")
    assert list(models.index.str.removeprefix("model: ")) == case["models"]
    robust = case["estimator"] == "MLR"
    chi, kind = ("_scaled", "_robust") if robust else ("", "")
    named = {"estimate": f"chisq{chi}", "df": "df", "cfi": f"cfi{kind}", "tli": f"tli{kind}"}
    named |= {"rmsea": f"rmsea{kind}", "srmr": "srmr", "aic": "aic", "bic": "bic"}
    for model in case["models"]:
        theirs = MODELS[f"{case['name']}: {model}"]["fit"]
        row = models.loc[f"model: {model}"]
        for ours, measure in named.items():
            if theirs[measure] is None:
                # lavaan has no robust index of a saturated model.
                assert theirs["df"] == 0
                continue
            close(row[ours], theirs[measure], f"{model} {measure}")
        if theirs["df"] > 0:
            close(row["p_value"], theirs[f"pvalue{chi}"], f"{model} p")


@pytest.mark.parametrize("name", CASES)
def test_differences_are_those_of_lavaan(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy().set_index("term")
    assert len(case["comparisons"]) == len(case["models"]) - 1
    for each in case["comparisons"]:
        row = tidy.loc[f"model: {each['model']}"]
        close(row["difference"], each["difference"], each["model"])
        assert row["df_difference"] == pytest.approx(abs(each["df"]))
        close(row["p_difference"], each["pvalue"], each["model"])


@pytest.mark.parametrize("name", CHANGE)
def test_changes_are_those_of_lavaan(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy().set_index("term")
    dual = case["waves"] > 2
    p = parameters(f"{case['name']}: {case['full']}")
    labelled = p[p["label"] != ""].drop_duplicates("label").set_index("label")
    variance = p[(p["op"] == "~~") & (p["lhs"] == p["rhs"])].set_index("lhs")
    for stem in case["series"]:
        for ours, theirs in {
            f"mean at T1: {stem}": f"mu.{stem}",
            f"mean change: {stem}": f"mean.{stem}",
            f"mean change in SD: {stem}": f"size.{stem}",
        }.items():
            agree(tidy.loc[ours], labelled.loc[theirs], ours)
        if dual:
            agree(tidy.loc[f"constant change: {stem}"], labelled.loc[f"level.{stem}"], stem)
            for ours, theirs in {
                "variance of true start": f"L0.{stem}",
                "variance of constant change": f"S.{stem}",
                "variance of errors": f"{stem}_t1",
            }.items():
                agree(tidy.loc[f"{ours}: {stem}"], variance.loc[theirs], ours)
    effects = labelled[labelled.index.str.match(r"b\.|k\.") & ~labelled.index.str.match(r"a\.")]
    shown = tidy[tidy["quantity"].isin(["feedback", "coupling", "covariate"])]
    assert len(shown) == len(effects)
    for label, one in effects.iterrows():
        _, target, source = str(label).split(".")
        row = shown.loc[f"{source} -> change of {target}"]
        agree(row, one, str(label))
        if not dual:
            close(row["std_all"], one["std_all"], str(label))
        elif source != target:
            close(row["std_all"], labelled.loc[f"std.{target}.{source}", "est"], str(label))
    for label, one in labelled[labelled.index.str.startswith("diff.")].iterrows():
        _, left, right = str(label).split(".")
        agree(tidy.loc[f"mean change: {left} less {right}"], one, str(label))


@pytest.mark.parametrize("name", TWO_WAVES)
def test_change_of_two_waves_is_that_of_a_model_without_regressions(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy().set_index("term")
    plain = parameters(f"{case['name']}: Plain").set_index(["lhs", "op", "rhs"])
    for stem in case["series"]:
        agree(tidy.loc[f"mean change: {stem}"], plain.loc[(f"D.{stem}", "~1", "")], stem)
        spread = plain.loc[(f"D.{stem}", "~~", f"D.{stem}")]
        agree(tidy.loc[f"variance of change: {stem}"], spread, stem)


@pytest.mark.parametrize("name", CASES)
def test_what_is_related_is_as_in_lavaan(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy()
    related = tidy[tidy["quantity"] == "correlation"].set_index("term")
    p = parameters(f"{case['name']}: {case['full']}")
    theirs = {
        frozenset((one["lhs"], one["rhs"])): one
        for _, one in p[(p["op"] == "~~") & (p["lhs"] != p["rhs"])].iterrows()
    }
    dual = case["waves"] > 2

    def node(name: str) -> str:
        for start, stem in {
            "start of ": "L0." if dual else "",
            "constant change of ": "S.",
        }.items():
            if name.startswith(start):
                return f"{stem}{name.removeprefix(start)}" + ("_t1" if not stem else "")
        return f"D.{name.removeprefix('change of ')}" if name.startswith("change of ") else name

    for term, row in related.iterrows():
        left, right = str(term).split(" with ")
        ends = frozenset((node(left), node(right)))
        if case["kind"] == "dynamic_panel":
            ends = frozenset(("A", right))
        one = theirs[ends]
        ours = [row["estimate"], row["std_error"]]
        found = np.array([one["std_all"], one["std_all_se"]], dtype=float)
        np.testing.assert_allclose(ours, found, rtol=10 * TOLERANCE, atol=1e-6, err_msg=str(term))
    k = len(case["series"])
    if case["kind"] == "dynamic_panel":
        assert len(related) == case["waves"]
    else:
        z = len(case["covariates"])
        count = k * (2 * k - 1) if dual else k * (k - 1) + k * z
        assert len(related) == count


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic_effects_are_those_of_lavaan(name: str) -> None:
    case, result = fitted(name)
    tidy = result.tidy().set_index("term")
    p = parameters(f"{case['name']}: Fixed effects")
    effects = p[p["op"] == "~"]
    kinds = tidy["quantity"].value_counts()
    assert kinds["effect"] + kinds["autoregressive"] == len(effects) == 2 * (case["waves"] - 1)
    for _, one in effects.iterrows():
        ends = [column.rsplit("_", 1) for column in (one["rhs"], one["lhs"])]
        row = tidy.loc[" -> ".join(f"{stem} {wave.upper()}" for stem, wave in ends)]
        agree(row, one, one["lhs"])
        close(row["std_all"], one["std_all"], one["lhs"])
    stable = p[(p["lhs"] == "A") & (p["rhs"] == "A")].iloc[0]
    agree(tidy.loc[f"stable: {case['series'][1]}"], stable, "stable")


@pytest.mark.parametrize("name", CASES)
def test_tables_show_what_tidy_has(name: str) -> None:
    _, result = fitted(name)
    tidy = result.tidy()
    specs = {table.name: table for table in result.table_specs}
    models = tidy[tidy["quantity"] == "model"]
    names = ["statistic", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    names += ["difference", "df_difference", "p_difference"]
    shown = [[cell.value for cell in row.cells[1:]] for row in specs["models"].rows]
    np.testing.assert_array_equal(np.array(shown, dtype=float), models[names].to_numpy(float))
    table, kinds, first = (
        ("paths", ["effect", "autoregressive"], 2)
        if "paths" in specs
        else ("effects", ["feedback", "coupling", "covariate"], 1)
    )
    effects = tidy[tidy["quantity"].isin(kinds)]
    rows = [row.cells for row in specs[table].rows if not row.heading]
    at = {"estimate": 0, "std_error": 1, "p_value": 3, "std_all": 4}
    for column, place in at.items():
        found = np.array([cells[first + place].value for cells in rows], dtype=float)
        np.testing.assert_array_equal(found, effects[column].to_numpy(float))
