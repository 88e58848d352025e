"""Linear mixed models against R, model by model.

The reference is a dense likelihood maximised to a vanishing gradient (tests/oracles/mixed.R), which
agrees with nlme, lme4, lmerTest and pbkrtest wherever these can state the model.  Both sides end
with a Newton step, so that rounding alone is left: log-likelihoods within 1e-10 relative, estimates
within 1e-7 of a standard error, standard errors within 1e-7, degrees of freedom within 1e-6
relative.  Asked for are 1e-8, 1e-6, 1e-5 and 1e-3.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dyadkit.mixed.degrees import KenwardRoger, Satterthwaite
from dyadkit.mixed.working import matrix_of
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.models.mixed_models import fit_rows
from dyadkit.models.mixed_rows import Columns
from dyadkit.models.mixed_structure import Wanted

FOLDER = Path(__file__).parent.parent / "oracles" / "mixed"
FAMILIES = ("apim", "residual", "random", "serial")
# Two factors multiply one standard deviation here; variance_by takes one.
TWO_FACTORS = {"formats_role_variances_reml", "formats_role_variances_ml"}
STRUCTURES = {
    "unstructured": "{formula} | {group}",
    "diagonal": "{formula} || {group}",
    "exchangeable": "exchangeable({formula} | {group})",
}


@cache
def read(name: str) -> dict[str, Any]:
    """Return one of the JSON files that mixed.R wrote."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


MODELS = {
    model["name"]: model
    for family in FAMILIES
    for model in read(family)["models"]
    if model["name"] not in TWO_FACTORS
}


@cache
def fitted(name: str) -> MixedFit:
    """Return our fit of a model."""
    model = MODELS[name]
    residual, serial = model["residual"], model.get("serial") or {}
    by_role = residual["structure"] == "diagonal"
    unit = residual["unit"]
    dyad, *occasion = [unit] if isinstance(unit, str) else unit
    columns = Columns(
        dyad,
        residual.get("role"),
        residual.get("person"),
        serial.get("time") or (occasion[0] if occasion else None),
        residual["role"] if by_role else model.get("heteroscedastic"),
    )
    terms = [
        STRUCTURES[term["structure"]].format(
            formula=term["formula"].lstrip("~ "), group=term["group"]
        )
        for term in model.get("random") or ()
    ]
    return fit_rows(
        model["formula"],
        pd.DataFrame(read("data")["datasets"][model["dataset"]]),
        columns,
        Wanted("independent" if by_role else residual["structure"], serial.get("structure"), None),
        random=terms,
        method=model["method"],
    )


def r_name(effect: str) -> str:
    """Return R's name of a column of a design matrix."""
    return "(Intercept)" if effect == "Intercept" else re.sub(r"\[(?:T\.)?(.*?)\]", r"\1", effect)


def order(name: str) -> list[int]:
    """Return where our effects stand among R's columns."""
    ours = [r_name(effect) for effect in fitted(name).setup.names]
    theirs = MODELS[name]["columns"]
    assert sorted(ours) == sorted(theirs)
    return [theirs.index(effect) for effect in ours]


@pytest.fixture(params=list(MODELS))
def pair(request) -> tuple[dict[str, Any], MixedFit, list[int]]:
    """Return R's values, our fit, and the order of the effects."""
    return MODELS[request.param], fitted(request.param), order(request.param)


def test_likelihood(pair):
    theirs, ours, _ = pair
    assert ours.solution.loglik == pytest.approx(theirs["loglik"], rel=1e-10)
    summary = ours.glance().iloc[0]
    assert summary["n_obs"] == theirs["n"]
    # R counts the parameters of a matrix of lower rank, at its boundary.
    held = any("rank" in term for term in theirs.get("random") or ())
    assert held or summary["n_parameters"] == theirs["n_parameters"]
    assert held == bool(ours.solution.singular.any())


def test_effects(pair):
    theirs, ours, at = pair
    error = np.array(theirs["se"])[at]
    np.testing.assert_allclose(
        (ours.solution.beta - np.array(theirs["coef"])[at]) / error, 0.0, atol=1e-7
    )
    np.testing.assert_allclose(
        ours.solution.covariance / np.outer(error, error),
        np.atleast_2d(theirs["vcov"])[np.ix_(at, at)] / np.outer(error, error),
        atol=1e-7,
    )


def test_degrees_of_freedom(pair):
    theirs, ours, at = pair
    found = Satterthwaite(ours.solution).df(np.eye(len(at)))
    np.testing.assert_allclose(found, np.array(theirs["df"])[at], rtol=1e-6)


def test_residual_covariances(pair):
    theirs, ours, _ = pair
    wanted = ("residual", "serial", "ratio")
    expected = {
        name: value for name, value in theirs["covariance"].items() if name.startswith(wanted)
    }
    scale = max(abs(value) for value in expected.values())
    for name, value in named_covariances(ours, theirs).items():
        assert value == pytest.approx(expected.pop(name), abs=1e-6 * scale), name
    assert not expected


def named_covariances(fit: MixedFit, model: dict[str, Any]) -> dict[str, float]:
    """Return our natural parameters of the residual under R's names."""
    setup = fit.setup
    names: dict[str, float] = {}
    parts = fit.solution.layout
    n_random = sum(2 if term.kind == "exchangeable" else 1 for term in setup.random)
    theta = list(fit.solution.theta[parts[n_random].begin :])
    structure = model["residual"]["structure"]
    if structure == "unstructured":
        for i in range(len(setup.members)):
            for j in range(i + 1):
                names[f"residual|{setup.members[j]}|{setup.members[i]}"] = theta.pop(0)
    elif structure == "diagonal":
        first, ratio = theta.pop(0), float(np.exp(theta.pop(0)))
        names[f"residual|{setup.levels[0]}|{setup.levels[0]}"] = first
        names[f"residual|{setup.levels[1]}|{setup.levels[1]}"] = first * ratio**2
        return names
    else:
        names["residual|variance"] = theta.pop(0)
        if structure == "compound_symmetry":
            names["residual|covariance"] = theta.pop(0)
    if setup.wanted.serial == "ar1":
        names["serial|phi"] = theta.pop(0)
    elif setup.wanted.serial is not None:
        names["serial|theta"] = float(np.exp(theta.pop(0)))
    for level in setup.levels[1:]:
        names[f"ratio|{level}"] = float(np.exp(theta.pop(0)))
    return names


def test_random_covariances(pair):
    theirs, ours, _ = pair
    parts = list(ours.solution.layout)
    expected = theirs.get("G") or []
    assert len(expected) == len(ours.setup.random)
    for term, effects, r in zip(ours.setup.random, ours.setup.effects, expected, strict=True):
        at = [r["names"].index(r_name(effect)) for effect in effects]
        part = parts.pop(0)
        values = ours.solution.theta[part.begin : part.end]
        if term.kind == "exchangeable":
            other = parts.pop(0)
            shared = matrix_of(values, part.size)
            differing = matrix_of(ours.solution.theta[other.begin : other.end], part.size)
            found = {"same": shared + differing, "different": shared - differing}
        elif term.kind == "diagonal":
            found = {"matrix": np.diag(values)}
        else:
            found = {"matrix": matrix_of(values, part.size)}
        for name, matrix in found.items():
            reference = np.atleast_2d(np.array(r[name], dtype=float))[np.ix_(at, at)]
            sd = np.sqrt(np.diagonal(np.atleast_2d(np.array(r.get("same", r[name]), dtype=float))))[
                at
            ]
            unit = np.outer(sd, sd) + 1e-6
            np.testing.assert_allclose(matrix / unit, reference / unit, atol=1e-5)


def test_kenward_roger(pair):
    theirs, ours, at = pair
    expected = theirs.get("kenward_roger")
    if not expected:
        return
    found = KenwardRoger(ours.solution)
    error = np.sqrt(np.diagonal(found.covariance))
    np.testing.assert_allclose(error, np.array(expected["se"])[at], rtol=1e-7)
    np.testing.assert_allclose(found.df(np.eye(len(at))), np.array(expected["df"])[at], rtol=1e-6)


def test_joint_tests(pair):
    theirs, ours, at = pair
    for contrast in theirs.get("contrasts") or []:
        rows = np.atleast_2d(np.array(contrast["L"], dtype=float))[:, at]
        found = Satterthwaite(ours.solution).test(rows)
        assert found.statistic == pytest.approx(contrast["f"], rel=1e-6)
        assert found.df_denominator == pytest.approx(contrast["ddf"], rel=1e-6)
        assert found.p_value == pytest.approx(contrast["pvalue"], rel=1e-5)
        if contrast.get("kr"):
            adjusted = KenwardRoger(ours.solution).test(rows)
            assert adjusted.statistic == pytest.approx(contrast["kr"]["f"], rel=1e-6)
            assert adjusted.df_denominator == pytest.approx(contrast["kr"]["ddf"], rel=1e-6)
