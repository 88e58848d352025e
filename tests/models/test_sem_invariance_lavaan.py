"""Models of measurement invariance, across places and groups, against lavaan 0.6-14.

The reference is lavaan's solution polished by Newton steps (tests/oracles/invariance.R); bounds are
those of the core (test_sem_lavaan.py), and of ordered items those of test_ordinal_fit.py.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from tests.models.test_ordinal_fit import SCALED as OF_ORDERED
from tests.models.test_sem_lavaan import FIT, numbers
from tests.models.test_sem_more_lavaan import SCALED, fit_like

FILE = Path(__file__).resolve().parents[1] / "oracles" / "invariance.json"
ORACLE = json.loads(FILE.read_text(encoding="utf-8"))
MODELS = {model["name"]: model for model in ORACLE["models"]}
ORDERED = [name for name, model in MODELS.items() if model["options"]["estimator"] == "WLSMV"]
NORMAL = [name for name in MODELS if name not in ORDERED]


@cache
def dataset(name: str) -> pd.DataFrame:
    return pd.DataFrame(ORACLE["datasets"][name])


@cache
def fitted(name: str) -> Any:
    model = MODELS[name]
    data = dataset(model["dataset"])
    if name in NORMAL:
        return fit_like(model, data)
    return dk.fit_sem("\n".join(model["syntax"]), data, auto=model["auto"], **model["options"])


def require_estimates(theirs: dict[str, Any], ours: Any) -> None:
    """Compare by name: lavaan numbers groups, and orders rows as its syntax does."""
    tidy, expected = ours.tidy(), theirs["parameters"]
    numbered = {label: k for k, label in enumerate(dict.fromkeys(tidy["group"]), start=1)}
    found = tidy.assign(group=tidy["group"].map(numbered))
    found = found.set_index(["lhs", "op", "rhs", "group"])
    keys = zip(*(expected[key] for key in ("lhs", "op", "rhs", "group")), strict=True)
    found = found.loc[list(keys)]
    assert len(found) == len(expected["est"])
    estimate, se = numbers(expected["est"]), np.nan_to_num(numbers(expected["se"]))
    slack = 1e-5 * np.where(se > 0, se, 1e-3)
    np.testing.assert_array_less(np.abs(found["estimate"] - estimate), slack)
    np.testing.assert_allclose(np.nan_to_num(found["std_error"]), se, rtol=1e-5, atol=1e-9)


def require_fit(found: Any, expected: dict[str, Any], names: dict[str, str]) -> None:
    for mine, key in names.items():
        value = np.nan if expected.get(key) is None else expected[key]
        np.testing.assert_allclose(getattr(found, mine), value, rtol=1e-6, atol=1e-6, err_msg=mine)


@pytest.mark.parametrize("name", NORMAL)
def test_places_and_groups(name):
    theirs, ours = MODELS[name], fitted(name)
    require_estimates(theirs, ours)
    require_fit(ours.solution.measures, theirs["fit"], FIT)
    scaled = ours.solution.scaled
    assert (scaled is None) == ("chisq_scaling_factor" not in theirs["fit"])
    if scaled is not None:
        require_fit(scaled, theirs["fit"], SCALED)


@pytest.mark.parametrize("name", ORDERED)
def test_ordered_items(name):
    """Thresholds first, then loadings, intercepts and residuals (Wu & Estabrook, 2016)."""
    theirs, ours = MODELS[name], fitted(name)
    require_estimates(theirs, ours)
    for mine, key in OF_ORDERED.items():
        np.testing.assert_allclose(
            ours.summary[mine], theirs["fit"][key], rtol=1e-6, atol=1e-6, err_msg=mine
        )


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(pair, id=f"{pair['wide']}-{pair['narrow'].split('_')[-1]}")
        for pair in ORACLE["comparisons"]
        if pair["wide"] in ORDERED
    ],
)
def test_steps_of_ordered_items(pair):
    """lavTestLRT: scaled and shifted, with the restriction by derivatives (Satorra, 2000)."""
    found = dk.compare_models(fitted(pair["narrow"]), fitted(pair["wide"])).tidy().iloc[1]
    np.testing.assert_allclose(found["difference"], pair["difference"], rtol=2e-7)
    np.testing.assert_allclose(found["p_value"], pair["pvalue"], rtol=5e-6)
    assert found["df_difference"] == pair["df"]
    for measure in ("cfi", "rmsea"):
        change = pair["change"][f"{measure}_scaled"]
        np.testing.assert_allclose(found[f"{measure}_difference"], change, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", [name for name in MODELS if name.endswith("_marker")])
def test_fit_does_not_depend_on_what_sets_the_scale(name):
    marker, fixed = fitted(name), fitted(name.removesuffix("_marker"))
    for measure in ("chisq", "df", "loglik", "cfi", "rmsea", "srmr"):
        # SRMR is no minimum: it moves with the estimates themselves.
        np.testing.assert_allclose(
            marker.summary[measure], fixed.summary[measure], rtol=1e-7, atol=1e-8, err_msg=measure
        )


@pytest.mark.parametrize(
    "freed", [pytest.param(freed, id=freed["name"]) for freed in ORACLE["alternatives"]]
)
def test_an_item_freed(freed):
    narrow = MODELS[freed["model"]]
    options = narrow["options"] | {"group_partial": freed.get("group_partial", ())}
    wide = fit_like(
        narrow | {"syntax": freed["syntax"], "options": options}, dataset(narrow["dataset"])
    )
    row = dk.compare_models(wide, fitted(freed["model"])).tidy().iloc[1]
    np.testing.assert_allclose(row["difference"], freed["difference"], rtol=1e-6, atol=1e-7)
    assert row["df_difference"] == freed["df"]
    np.testing.assert_allclose(row["p_value"], freed["pvalue"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(wide.summary["chisq"], freed["fit"]["chisq"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(wide.summary["srmr"], freed["fit"]["srmr"], rtol=1e-6, atol=1e-6)
