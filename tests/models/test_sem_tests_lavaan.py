"""Tests of and between models against lavaan 0.6-14, and Vuong's by its formulas in R."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

import dyadkit as dk
from dyadkit.errors import Refused
from tests.models.test_sem_more_lavaan import FOLDER, fit_like, numbers

ORACLE = json.loads((FOLDER / "tests.json").read_text(encoding="utf-8"))
MODELS = {model["name"]: model for model in ORACLE["models"]}
METHODS = {
    "default": "auto",
    "satorra.bentler.2001": "satorra_bentler_2001",
    "satorra.bentler.2010": "satorra_bentler_2010",
}


@cache
def fit(name: str) -> Any:
    return fit_like(MODELS[name])


def of_kind(kind: str) -> list[Any]:
    """Return the oracle's tests of a kind, with names for the runner."""
    return [
        pytest.param(test, id=f"{number}-{test.get('model', '-'.join(test.get('models', [])))}")
        for number, test in enumerate(ORACLE["tests"])
        if test["kind"] == kind and not not_offered(test)
    ]


def not_offered(test: dict[str, Any]) -> bool:
    """Tell what there is no way to ask for here.

    Satorra's difference of 2000, of which lavaan has five variants, and modification indices of
    parameters that are free, which are 0.
    """
    return test.get("method") == "satorra.2000" or "free.remove" in test.get("arguments", ())


def arguments(test: dict[str, Any]) -> dict[str, Any]:
    return {} if isinstance(test["arguments"], list) else dict(test["arguments"])


@pytest.mark.parametrize("test", of_kind("likelihood_ratio"))
def test_likelihood_ratio(test):
    fits = [fit(name) for name in test["models"]]
    method = METHODS[test["method"]]
    if min(x for x in test["difference"] if x is not None) < 0:
        # lavaan returns a negative chi-square.
        with pytest.raises(Refused, match="negative"):
            dk.compare_models(*fits, difference=method)
        return
    tidy = dk.compare_models(*fits, difference=method).tidy()
    assert tidy["df"].tolist() == test["df"]
    np.testing.assert_allclose(tidy["difference"], numbers(test["difference"]), rtol=1e-7)
    np.testing.assert_allclose(tidy["df_difference"], numbers(test["df_difference"]))
    np.testing.assert_allclose(tidy["p_value"], numbers(test["pvalue"]), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("test", of_kind("wald"))
def test_wald(test):
    tested = [test["tested"]] if isinstance(test["tested"], str) else test["tested"]
    found = fit(test["model"]).wald_test("; ".join(tested))
    np.testing.assert_allclose(found.statistic, test["stat"], rtol=1e-7)
    assert found.df == test["df"]
    np.testing.assert_allclose(found.p_value, test["pvalue"], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("test", of_kind("score"))
def test_score(test):
    given = arguments(test)
    found = fit(test["model"]).score_test(
        given.get("add"),
        release=given.get("release"),
        information=given.get("information", "expected"),
    )
    expected = test["univariate"]["X2"]
    np.testing.assert_allclose(
        sorted(found.univariate["statistic"]), sorted(np.atleast_1d(expected)), rtol=1e-7
    )
    if "epc" in test["univariate"]:
        np.testing.assert_allclose(
            sorted(found.univariate["epc"]),
            sorted(np.atleast_1d(test["univariate"]["epc"])),
            rtol=1e-7,
        )
    total, df = test["total"]["X2"][0], test["total"]["df"][0]
    if given.get("information") == "observed" and found.df < df:
        # Where everything let go is not identified, lavaan's inverse of an indefinite matrix is
        # another one.
        return
    np.testing.assert_allclose(found.statistic, total, rtol=1e-7)
    if found.df == df:
        # Where not all is identified, expected changes depend on the inverse taken.
        compare_changes(found.changes, test["epc"], MODELS[test["model"]].get("group_labels"))
    # lavaan counts constraints, here those count that the data can tell of.
    assert found.df <= df


def compare_changes(ours: Any, theirs: dict[str, Any], labels: list[str] | None) -> None:
    """Compare the expected change of each free parameter."""

    def key(lhs: str, op: str, rhs: str, group: Any) -> tuple[Any, ...]:
        return (*(sorted((lhs, rhs)) if op == "~~" else (lhs, rhs)), op, group)

    expected = {}
    count = len(theirs["lhs"])
    groups = theirs.get("group", [1] * count)
    for k in range(count):
        if theirs["epc"][k] in (None, "NA"):
            continue
        group = labels[groups[k] - 1] if labels else groups[k]
        expected[key(theirs["lhs"][k], theirs["op"][k], theirs["rhs"][k], group)] = (
            theirs["epc"][k],
            theirs["sepc.all"][k],
        )
    for row in ours.itertuples():
        lhs, op, *rest = row.term.split()
        values = expected.get(key(lhs, op, rest[0] if rest else "", row.group))
        if values is None:
            assert abs(row.epc) < 1e-6
            continue
        np.testing.assert_allclose(row.epc, values[0], rtol=1e-6, atol=1e-7)
        if not (op == "~~" and lhs == rest[0]):
            # Of a variance lavaan gives the standardised estimate, with the sign of the change.
            np.testing.assert_allclose(row.sepc_all, values[1], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("test", of_kind("modification_indices"))
def test_modification_indices(test):
    given = arguments(test)
    found = fit(test["model"]).modification_indices(given.get("information", "expected"))
    labels = MODELS[test["model"]].get("group_labels")
    table = test["table"]
    exogenous = {row.lhs for row in fit(test["model"]).solution.table.rows if row.exo}

    def key(lhs: str, op: str, rhs: str, group: Any) -> tuple[Any, ...]:
        return (min(lhs, rhs), op, max(lhs, rhs), group) if op == "~~" else (lhs, op, rhs, group)

    groups = table.get("group", [1] * len(table["lhs"]))
    theirs = {
        key(lhs, op, rhs, labels[group - 1] if labels else group): values
        for lhs, op, rhs, group, *values in zip(
            table["lhs"],
            table["op"],
            table["rhs"],
            groups,
            table["mi"],
            table["epc"],
            table["sepc.all"],
            strict=True,
        )
        # Paths to variables whose moments are the sample's are no part of such a model.
        if not (op == "~" and lhs in exogenous)
    }
    ours = {
        key(row.lhs, row.op, row.rhs, row.group): [row.mi, row.epc, row.sepc_all]
        for row in found.itertuples()
    }
    assert set(ours) == set(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, rtol=1e-6, atol=1e-7, err_msg=str(name))
    assert found["mi"].is_monotonic_decreasing


@pytest.mark.parametrize("test", of_kind("vuong"))
def test_vuong(test):
    found = dk.compare_nonnested(*(fit(name) for name in test["models"]))
    np.testing.assert_allclose(found["estimate"][0], test["omega2"], rtol=1e-9)
    np.testing.assert_allclose(
        found["statistic"], [test["distinguishable_stat"], test["z"]], rtol=1e-8
    )
    two_sided = 2 * min(test["pvalue_first_better"], test["pvalue_second_better"])
    np.testing.assert_allclose(
        found["p_value"], [test["distinguishable_pvalue"], two_sided], rtol=1e-7, atol=1e-12
    )


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(Refused, match="different estimators"):
        dk.compare_models(fit("ml_free"), fit("mlr_free"))
    with pytest.raises(Refused, match="from the sample"):
        dk.compare_models(fit("mi_path"), fit("mi_path_random_x"))
    with pytest.raises(Refused, match="same degrees of freedom"):
        dk.compare_models(fit("ml_loadings"), fit("ml_loadings"))
    with pytest.raises(Refused, match="different groups"):
        dk.compare_models(fit("mlr_free"), fit("mlr_loadings"))
    model, data = MODELS["ml_free"], fit("ml_free").cases.values
    names = fit("ml_free").solution.table.observed
    fewer = dk.fit_sem(
        "\n".join(model["syntax"]),
        dk_frame(data[:-10], names),
        auto="cfa",
        missing="listwise",
        meanstructure=False,
    )
    with pytest.raises(Refused, match="different rows"):
        dk.compare_models(fit("ml_free"), fewer)


def test_a_scaled_difference_of_2010_needs_parameters_of_the_same_names():
    large = fit("mlr_free")
    frame = dk_frame(large.cases.values, large.solution.table.observed)
    one = dk.fit_sem(
        "p =~ p1 + p2 + p3 + q1 + q2 + q3",
        frame,
        auto="cfa",
        estimator="MLR",
        missing="listwise",
        meanstructure=large.solution.table.meanstructure,
    )
    # q's loadings are p's in the one-factor model, so that the larger one is not found there.
    with pytest.raises(Refused, match="such as 'f1 ~~ 1\\*f2'"):
        dk.compare_models(large, one, difference="satorra_bentler_2010")


def dk_frame(values: np.ndarray, names: tuple[str, ...]) -> Any:
    import pandas as pd

    return pd.DataFrame(values, columns=list(names))


def test_equations_that_test_nothing_are_refused():
    with pytest.raises(Refused, match="holds in the model already"):
        fit("wald_ml").wald_test("a == a")
    with pytest.raises(Refused, match="more than once"):
        fit("wald_ml").wald_test("a == b; 2*a == 2*b")
    with pytest.raises(dk.StudyError, match="needs equations"):
        fit("wald_ml").wald_test("q ~ p")
    with pytest.raises(Refused, match="no equality constraint"):
        fit("ml_free").score_test()
    with pytest.raises(dk.StudyError, match="free in the model already"):
        fit("ml_free").score_test("p =~ p2")
