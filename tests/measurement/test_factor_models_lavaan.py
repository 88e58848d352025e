"""Marker variables, and what factor models leave unexplained, against lavaan (oracles/marker.R)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.answers.places import places_of
from dyadkit.answers.sample import Sample
from dyadkit.display.presented import PresentedResult
from dyadkit.measurement.items import keyed_items
from dyadkit.measurement.marker_models import fit_marker_models
from dyadkit.study import Scale

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "marker.json").read_text(encoding="utf-8")
)
MODELS = {model["name"]: model for model in ORACLE["models"]}
ROLES = ("mentor", "developee")
TITLES = {"mentor": "Mentor", "developee": "Developee", "both": "Both members"}
COMPARED = ("trust", "support", "learning")
ITEMS = {
    name: tuple(f"{name[0]}{number}" for number in (1, 2, 3)) for name in (*COMPARED, "marker")
}
CALLED = {
    "cfa": "CFA",
    "baseline": "Baseline",
    "c": "Method-C",
    "u": "Method-U",
    "r": "Method-R",
}
ESTIMATORS: dict[str, Literal["ML", "MLR"]] = {"complete": "ML", "gaps": "ML", "skewed": "MLR"}


def dyads_of(name: str) -> dk.DyadFrame:
    """Return a data set of the R script."""
    wide = pd.DataFrame(ORACLE["datasets"][name], dtype=float)
    parts = []
    for role in ROLES:
        own = wide[[column for column in wide if column.endswith(f"_{role}")]]
        own = own.rename(columns=lambda column: column.split("_")[0])
        parts.append(own.assign(pair=np.arange(len(wide)), role=role))
    dyads = dk.DyadFrame.from_individual(
        pd.concat(parts, ignore_index=True), dyad="pair", role="role", roles=ROLES
    )
    scales = [Scale(name=name, items=items, range=(-90, 90)) for name, items in ITEMS.items()]
    return dk.score_scales(dyads, scales)


@cache
def compared(name: str) -> PresentedResult:
    return dk.compare_factor_models(
        dyads_of(name), COMPARED, marker="marker", estimator=ESTIMATORS[name]
    )


def called(column: str, who: str) -> str:
    """Return how dyadkit calls an item."""
    item, role = column.split("_")
    return f"{item}, {role}" if who == "both" else item


def factor(name: str, who: str) -> str:
    number = int(name[1:]) - 1
    label = COMPARED[number % 3].capitalize()
    return f"{label}, {ROLES[number // 3]}" if who == "both" else label


def each_misfit() -> list[Any]:
    return [
        pytest.param(entry, id=f"{entry['dataset']}-{entry['who']}") for entry in ORACLE["misfits"]
    ]


@pytest.mark.parametrize("expected", each_misfit())
def test_residuals_are_those_of_lavaan(expected: dict[str, Any]) -> None:
    who, variables = expected["who"], expected["variables"]
    tidy = compared(expected["dataset"]).tidy()
    found = tidy[(tidy["quantity"] == "residual") & (tidy["place"] == TITLES[who])]
    found = found.set_index("term")
    size = np.array(expected["residual"], dtype=float)
    z = np.array(expected["z"], dtype=float)
    pairs = {
        f"{called(variables[i], who)} with {called(variables[j], who)}: {TITLES[who]}": (i, j)
        for i in range(len(variables))
        for j in range(i + 1, len(variables))
    }
    # 9 items are a matrix; of the 18 of both members the ten that are largest are shown.
    assert len(found) == (10 if who == "both" else 36)
    assert set(found["candidates"]) == {len(pairs)}
    for term, row in found.iterrows():
        i, j = pairs[str(term)]
        # Both optima are polished, and everything after them is a closed form.
        assert row["estimate"] == pytest.approx(size[i, j], rel=1e-8, abs=1e-11)
        assert row["statistic"] == pytest.approx(z[i, j], rel=1e-8)
    largest = sorted(np.abs(z[np.triu_indices(len(variables), 1)]), reverse=True)
    ours = sorted(found["statistic"].abs(), reverse=True)
    np.testing.assert_allclose(ours, largest[: len(found)], rtol=1e-8)


@pytest.mark.parametrize("expected", each_misfit())
def test_modification_indices_are_those_of_lavaan(expected: dict[str, Any]) -> None:
    who, model = expected["who"], MODELS[expected["model"]]
    tidy = compared(expected["dataset"]).tidy()
    found = tidy[(tidy["quantity"] == "modification_index") & (tidy["place"] == TITLES[who])]
    assert set(found["candidates"]) == {expected["candidates"]}
    scaling = model["chisq"] / model["chisq_scaled"] if "chisq_scaled" in model else 1.0
    theirs = {}
    indices = expected["indices"]
    for lhs, op, rhs, *values in zip(
        *(indices[name] for name in ("lhs", "op", "rhs", "mi", "epc", "sepc.all")), strict=True
    ):
        name = (
            f"{called(rhs, who)} on {factor(lhs, who)}"
            if op == "=~"
            else f"{called(lhs, who)} with {called(rhs, who)}"
        )
        theirs[f"{name}: {TITLES[who]}"] = values
    assert len(found) == 10
    for row in found.itertuples():
        mi, epc, sepc = theirs[row.term]
        assert row.statistic == pytest.approx(mi / scaling, rel=1e-8)
        assert row.estimate == pytest.approx(epc, rel=1e-8)
        assert row.std_all == pytest.approx(sepc, rel=1e-8)
        assert row.p_bonferroni == pytest.approx(min(1.0, row.p_value * row.candidates), rel=1e-12)
    np.testing.assert_allclose(
        found["statistic"], np.array(indices["mi"][:10]) / scaling, rtol=1e-8
    )


def test_items_beyond_a_matrix_are_listed() -> None:
    tables = compared("complete").tables()
    matrix = tables["residuals"].to_frame()
    # The bound is the normal quantile at 0.025 / 36.
    bound = "36 residuals, Bonferroni's bound |z| = 3.20"
    assert set(matrix["section"]) == {f"Mentor: {bound}", f"Developee: {bound}"}
    tidy = compared("complete").tidy().query("quantity == 'residual'").set_index("term")
    mentor = matrix[matrix["section"].str.startswith("Mentor")].reset_index(drop=True)
    row = tidy.loc["t1 with s2: Mentor"]
    # Below the diagonal the residual, above it z; s2 is the fifth item.
    assert mentor.loc[4, "item_1"] == row["estimate"]
    assert mentor.loc[0, "item_5"] == row["statistic"]
    assert pd.isna(mentor.loc[0, "item_1"])
    listed = tables["largest_residuals"].to_frame()
    assert listed["section"].unique().tolist() == ["Both members: the largest of 153"]
    assert listed["z"].abs().is_monotonic_decreasing
    first = listed.iloc[0]
    assert first["p_bonferroni"] == pytest.approx(min(1.0, 153 * first["p"]), rel=1e-12)
    assert first["p_bonferroni"] < 0.05
    assert any("large by chance" in note.text for note in compared("complete").notes)
    assert "Bonferroni" in tables["modification_indices"].notes[0]
    assert "scaled" not in tables["modification_indices"].notes[0]
    assert "scaled" in compared("skewed").tables()["modification_indices"].notes[0]


def each_place() -> list[Any]:
    return [pytest.param(name, role, id=f"{name}-{role}") for name in ESTIMATORS for role in ROLES]


@pytest.mark.parametrize(("name", "role"), each_place())
def test_models_with_a_marker_are_those_of_lavaan(name: str, role: str) -> None:
    tidy = compared(name).tidy()
    found = tidy[tidy["quantity"] == "marker_model"].set_index("term")
    for short, model in CALLED.items():
        row, expected = found.loc[f"{model}: {TITLES[role]}"], MODELS[f"{name}_{role}_{short}"]
        assert row["df"] == expected["df"]
        chisq = expected.get("chisq_scaled", expected["chisq"])
        assert row["statistic"] == pytest.approx(chisq, rel=1e-8)
        assert row["srmr"] == pytest.approx(expected["srmr_bentler"], rel=1e-8)
        # Robust indices rest on the saturated moments of data with gaps, which are EM's in lavaan.
        cfi, rmsea = (expected.get(f"{key}_robust", expected[key]) for key in ("cfi", "rmsea"))
        assert row["cfi"] == pytest.approx(cfi, rel=1e-6)
        assert row["rmsea"] == pytest.approx(rmsea, rel=1e-6, abs=1e-9)
        parameters = expected["parameters"]
        share = [
            std**2
            for lhs, rhs, std in zip(
                *(parameters[key] for key in ("lhs", "rhs", "std_all")), strict=True
            )
            if lhs == "marker" and rhs[0] != "m"
        ]
        if share:
            assert row["method_share"] == pytest.approx(np.mean(share), rel=1e-8)
        else:
            assert np.isnan(row["method_share"])


@pytest.mark.parametrize("expected", ORACLE["comparisons"], ids=lambda entry: entry["narrow"])
def test_comparisons_of_models_with_a_marker_are_those_of_lavaan(expected: dict[str, Any]) -> None:
    tidy = compared(expected["dataset"]).tidy()
    found = tidy[tidy["quantity"] == "marker_model"].set_index("term")
    wide, narrow = (CALLED[expected[key].split("_")[2]] for key in ("wide", "narrow"))
    # The row of the model that says something new: one with method, or Method-R.
    place = TITLES[expected["role"]]
    row = found.loc[f"{narrow if narrow == 'Method-R' else wide}: {place}"]
    assert row["against"] == (wide if narrow == "Method-R" else narrow)
    assert row["df_difference"] == expected["df"]
    # Differences of chi-squares that agree to 1e-8 or better.
    assert row["difference"] == pytest.approx(expected["difference"], rel=1e-6)
    assert row["p_difference"] == pytest.approx(expected["pvalue"], rel=1e-6)


@pytest.mark.parametrize(("name", "role"), each_place())
def test_estimates_of_models_with_a_marker_are_those_of_lavaan(name: str, role: str) -> None:
    dyads = dyads_of(name)
    places = places_of(dyads, [f"{scale}.{role}" for scale in COMPARED])
    (marker,) = places_of(dyads, [f"marker.{role}"])
    frame = keyed_items(Sample.of(dyads), [*places, marker])
    models, why = fit_marker_models(places, marker, frame, estimator=ESTIMATORS[name], alpha=0.05)
    assert why == ""
    assert [model.name for model in models] == list(CALLED.values())
    for model, short in zip(models, CALLED, strict=True):
        parameters = MODELS[f"{name}_{role}_{short}"]["parameters"]
        keys = list(zip(*(parameters[key] for key in ("lhs", "op", "rhs")), strict=True))
        for column, theirs in (("estimate", "est"), ("std_all", "std_all")):
            loadings, covariances = model.values("=~", column), model.values("~~", column)
            ours = [
                (loadings if op == "=~" else covariances)[f"{lhs} {rhs}"] for lhs, op, rhs in keys
            ]
            # Polished optima; 1e-9 is for the loading that is almost 0.
            np.testing.assert_allclose(ours, parameters[theirs], rtol=1e-8, atol=1e-9)
