"""Latent series in growth, change, dynamic panels, common fate and influence, against lavaan."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import dyadkit as dk
from tests.panel.test_panel_more_lavaan import close, framed

ORACLE = json.loads(
    (Path(__file__).parents[1] / "oracles" / "panel_latent.json").read_text(encoding="utf-8")
)
CASES = {case["name"]: case for case in ORACLE["cases"]}
MODELS = {model["name"]: model for model in ORACLE["models"]}
KINDS = {"growth", "latent_change", "dynamic_panel", "common_fate", "mutual_influence"}
TOLERANCE = 1e-6

each_case = pytest.mark.parametrize("name", CASES)


@cache
def fitted(name: str) -> dk.PresentedResult:
    case = CASES[name]
    series = case["series"]
    variables = list(dict.fromkeys(one.split("_")[0] for one in series))
    # Without a role both members' series are meant.
    one_role = len(variables) == len(series)
    role = f".{series[0].split('_')[1]}" if one_role else ""
    return dk.fit_panel(
        framed(ORACLE["datasets"][case["dataset"]]),
        *(f"{variable}{role}" for variable in variables),
        kind=case["kind"],
        waves=[f"t{wave}" for wave in range(1, case["waves"] + 1)],
        indicators=case["indicators"],
        estimator=case["estimator"],
    )


def test_the_oracle_covers_what_series_are_in_every_kind() -> None:
    found = {(case["kind"], case["indicators"]) for case in CASES.values()}
    assert found == {(kind, how) for kind in KINDS for how in ("items", "reliability")}
    assert {case["estimator"] for case in CASES.values()} == {"ML", "MLR"}
    assert {
        MODELS[f"{c['name']}: {c['full']}"]["effective"]["missing"] for c in CASES.values()
    } == {
        "fiml",
        "listwise",
    }


@each_case
def test_models_fit_as_in_lavaan(name: str) -> None:
    case = CASES[name]
    tidy = fitted(name).tidy()
    rows = tidy[tidy["quantity"] == "model"].set_index("term")
    assert set(rows.index) == {f"model: {model}" for model in case["models"]}
    robust = case["estimator"] == "MLR"
    for model in case["models"]:
        theirs, ours = MODELS[f"{name}: {model}"]["fit"], rows.loc[f"model: {model}"]
        suffix = "_scaled" if robust else ""
        index = "_robust" if robust else ""
        named = {
            "estimate": f"chisq{suffix}",
            "df": "df",
            "cfi": f"cfi{index}",
            "tli": f"tli{index}",
            "rmsea": f"rmsea{index}",
            "srmr": "srmr",
            "aic": "aic",
            "bic": "bic",
        }
        indices = {"cfi", "tli", "rmsea"} if not theirs["df"] > 0 else set()
        for column, measure in named.items():
            if column not in indices:
                close(ours[column], theirs[measure], f"{model} {measure}")
    for told in case["comparisons"]:
        ours = rows.loc[f"model: {told['model']}"]
        for column, value in (
            ("difference", "difference"),
            ("df_difference", "df"),
            ("p_difference", "pvalue"),
        ):
            close(ours[column], told[value], f"{told['model']} {value}", 10)


@each_case
def test_estimates_are_those_of_lavaan(name: str) -> None:
    case = CASES[name]
    tidy = fitted(name).tidy()
    rows = tidy[~tidy["quantity"].str.contains("model|correlation")].set_index("term")
    assert len(case["terms"]) >= 3
    for term, theirs in case["terms"].items():
        ours = rows.loc[term]
        assert abs(ours["estimate"] - theirs["estimate"]) < TOLERANCE * theirs["std_error"], term
        close(ours["std_error"], theirs["std_error"], f"SE of {term}", 10)


@each_case
def test_readers_are_told_how_series_are_measured(name: str) -> None:
    case, result = CASES[name], fitted(name)
    *_, told = result.methods
    notes = " ".join(note.text for note in result.notes)
    if case["indicators"] == "reliability":
        assert "single indicators of latent variables" in told
        assert "Error variances are held at what alpha leaves" in notes
        return
    assert told.startswith("Series are latent variables of their items")
    assert ("for both members" in told) == (len({s.split("_")[1] for s in case["series"]}) > 1)
    assert ("in all waves" in told) == (case["waves"] > 1)
    assert "taken for granted" not in notes
    assert "units and the means of the first item" in notes
    # The items of a wave that the model has no part for are not measured either.
    syntax = str(result.tidy()["syntax"].dropna().iloc[0])
    last = f"x1_mentor_t{case['waves']}"
    assert (last in syntax) == (case["kind"] != "dynamic_panel")


@pytest.mark.parametrize("name", ["growth_items", "dynamic_items_gaps", "fate_items_gaps"])
def test_trajectories_of_factors_are_in_the_units_of_the_first_item(name: str) -> None:
    result = fitted(name)
    case = CASES[name]
    data = ORACLE["datasets"][case["dataset"]]
    variable = "y" if case["kind"] == "dynamic_panel" else "x"
    spec = next(each for each in result.figure_specs if each.name.startswith("trajectories"))
    assert "Means are those of the first item" in spec.caption
    if case["kind"] == "common_fate":
        spec = next(each for each in result.figure_specs if each.name == "trajectories_x")
    for wave, point in enumerate(spec.points[: case["waves"]], 1):
        scores = np.array(data[f"{variable}1_mentor_t{wave}"], dtype=float)
        assert point.y == pytest.approx(np.nanmean(scores), rel=1e-12)


def test_members_who_share_one_role_have_scores() -> None:
    columns = {
        name.replace("mentor", "1").replace("developee", "2"): values
        for name, values in ORACLE["datasets"]["fate"].items()
    }
    with pytest.raises(dk.Refused, match='one role take indicators = "score"'):
        dk.fit_panel(framed(columns), "x", "y", kind="common_fate", indicators="items")


def test_what_series_are_is_one_of_three() -> None:
    dyads = framed(ORACLE["datasets"]["growth"])
    with pytest.raises(dk.StudyError, match="'item' is none of score, reliability, items"):
        dk.fit_panel(dyads, "x.mentor", kind="growth", indicators="item")  # type: ignore[arg-type]
