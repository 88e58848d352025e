"""Factor scores, casewise likelihoods, influence, interactions, small samples: lavaan, semTools."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from tests.models.test_sem_more_lavaan import FOLDER, dataset, fit_like, numbers

SCORES, INTERACTIONS, SMALL = (
    json.loads((FOLDER / f"{part}.json").read_text(encoding="utf-8"))
    for part in ("scores", "interactions", "small_samples")
)
MODELS = {model["name"]: model for part in (SCORES, SMALL) for model in part["models"]}


@cache
def fit(name: str) -> Any:
    return fit_like(MODELS[name])


def in_order(groups: list[Any], rows: list[list[int]]) -> np.ndarray:
    """Put lavaan's values by group back into the order of the data."""
    values = np.concatenate([np.array([numbers(np.atleast_1d(v)) for v in g]) for g in groups])
    return values[np.argsort(np.concatenate(rows), kind="stable")]


@pytest.mark.parametrize("expected", SCORES["scores"], ids=lambda test: test["model"])
@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_factor_scores(expected, method):
    found = fit(expected["model"]).factor_scores(method)
    names = expected["latent"]
    theirs = in_order(expected[method], expected["rows"])
    assert np.isfinite(theirs).sum() > 0.9 * theirs.size
    np.testing.assert_allclose(found[names].to_numpy(), theirs, rtol=1e-6, atol=1e-7)
    errors = expected[f"{method}_se"]
    rows = [
        group * len(r) if len(group) == 1 else group
        for group, r in zip(errors, expected["rows"], strict=True)
    ]
    theirs = in_order(rows, expected["rows"])
    ours = found[[f"{name}_se" for name in names]].to_numpy()
    known = np.isfinite(theirs)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-6)


def test_scores_are_as_reliable_as_said():
    fitted = fit("scores_cfa_means")
    drawn = fitted.refit(fitted.simulate(20_000, seed=5))
    whole = drawn.solution.implied.covariance[0, 0]
    for method in ("regression", "bartlett"):
        score = drawn.factor_scores(method)
        said = drawn.factor_score_reliability(method).set_index("term")["reliability"]
        for k, name in enumerate(drawn.solution.table.latent):
            variance = whole[6 + k, 6 + k]
            ratio = score[name].var() / variance
            # A regression score's variance is its reliability, a Bartlett score's the inverse.
            assert abs(ratio - (said[name] if method == "regression" else 1 / said[name])) < 0.02


@pytest.mark.parametrize("expected", SCORES["casewise"], ids=lambda test: test["model"])
def test_casewise_loglikelihood(expected):
    from dyadkit.models.sem_diagnostics import own_logliks

    fitted = fit(expected["model"])
    found = own_logliks(fitted.solution, fitted.cases)
    theirs = in_order(expected["loglik"], expected["rows"])[:, 0]
    np.testing.assert_allclose(found, theirs, rtol=1e-7)
    np.testing.assert_allclose(found.sum(), expected["logl"], rtol=1e-10)


@pytest.mark.parametrize("expected", SCORES["influence"], ids=lambda test: test["model"])
def test_influence(expected):
    # Each refit ends with a Newton step from within 1e-3 standard errors, exact to its square.
    found = fit(expected["model"]).influence()
    np.testing.assert_allclose(found["cooks_distance"], expected["gcd"], rtol=1e-4)
    fitted = fit(expected["model"])
    size = np.sqrt(np.diagonal(fitted.solution.covariance))
    without = np.array(expected["estimates"], dtype=float)
    theirs = (fitted.solution.theta - without) / size
    changes = found.drop(columns=["loglik", "cooks_distance"]).to_numpy()
    np.testing.assert_allclose(changes, theirs, atol=2e-5)


def with_products(expected: dict[str, Any]) -> pd.DataFrame:
    """Add the products that the oracle names."""
    first, second = (
        list(dict.fromkeys(name.split(".")[part] for name in expected["columns"]))
        for part in (0, 1)
    )
    match = len(first) == len(expected["columns"])
    return dk.product_indicators(dataset(expected["from"]), first, second, match=match)


@pytest.mark.parametrize("expected", INTERACTIONS["products"], ids=lambda test: test["name"])
def test_product_indicators(expected):
    data = dataset(expected["from"])
    before = data.copy()
    found = with_products(expected)
    pd.testing.assert_frame_equal(data, before)
    theirs = np.array([numbers(column) for column in expected["values"]])
    ours = found[expected["columns"]].to_numpy()
    if theirs.shape != ours.shape:
        theirs = theirs.T
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", INTERACTIONS["models"], ids=lambda model: model["name"])
def test_latent_interactions(model):
    products = {entry["name"]: entry for entry in INTERACTIONS["products"]}
    found = fit_like(model, with_products(products[model["dataset"]]))
    theirs = model["parameters"]
    se = np.nan_to_num(numbers(theirs["se"]))
    free = se > 0
    tidy = found.tidy()
    off = (tidy["estimate"] - numbers(theirs["est"]))[free] / se[free]
    assert np.abs(off).max() < 1e-5
    np.testing.assert_allclose(tidy["std_error"][free], se[free], rtol=1e-5)
    np.testing.assert_allclose(
        found.solution.scaled.scaling, model["fit"]["chisq_scaling_factor"], rtol=1e-6
    )


@pytest.mark.parametrize("expected", SMALL["corrections"], ids=lambda test: test["model"])
def test_small_sample_tests(expected):
    found = fit(expected["model"]).small_sample_tests().set_index("term")
    for term, name in (
        ("Swain (1975)", "swain"),
        ("Bartlett (1950)", "bartlett"),
        ("Yuan (2005)", "yuan_2005"),
        ("Yuan, Tian & Yanagihara (2015)", "yuan_2015"),
    ):
        theirs = expected["published"][name]
        np.testing.assert_allclose(found.loc[term, "factor"], theirs["factor"], rtol=1e-12)
        np.testing.assert_allclose(found.loc[term, "statistic"], theirs["chisq"], rtol=1e-8)
        np.testing.assert_allclose(found.loc[term, "p_value"], theirs["pvalue"], rtol=1e-7)


def test_refit_asks_for_the_same():
    fitted = fit("scores_fiml_groups")
    again = fitted.refit(dataset("programmes_mar"))
    pd.testing.assert_frame_equal(again.tidy(), fitted.tidy())
    assert again.setup.request == fitted.setup.request


def test_simulated_rows_have_the_models_moments():
    fitted = fit("scores_groups")
    drawn = fitted.simulate(50_000, seed=1)
    assert drawn["programme"].value_counts().tolist() == [50_000, 50_000]
    covariance, mean = fitted.implied()
    for label, part in drawn.groupby("programme"):
        np.testing.assert_allclose(
            part.drop(columns="programme").cov(), covariance.loc[label], atol=0.03
        )
        np.testing.assert_allclose(
            part.drop(columns="programme").mean(), mean.loc[label], atol=0.03
        )
    pd.testing.assert_frame_equal(drawn, fitted.simulate(50_000, seed=1))


def test_products_of_a_factor_with_itself_are_its_square():
    data = dataset("product")
    found = dk.product_indicators(data, ["s1", "s2"], ["s1", "s2"], match=False)
    added = [name for name in found if name not in data]
    assert added == ["s1.s1", "s1.s2", "s2.s2"]
    centred = data["s1"] - data["s1"].mean()
    np.testing.assert_allclose(found["s1.s1"], centred**2 - (centred**2).mean())


def test_what_has_no_meaning_is_refused():
    with pytest.raises(Refused, match="no latent variable"):
        fit("casewise_fiml").factor_scores()
    with pytest.raises(Refused, match="small samples"):
        fit("scores_fiml").small_sample_tests()
    with pytest.raises(StudyError, match="one to one"):
        dk.product_indicators(dataset("product"), ["s1", "s2"], ["r1"])
    with pytest.raises(StudyError, match="no column 's9'"):
        dk.product_indicators(dataset("product"), ["s9"], ["r1"])


@pytest.mark.parametrize("expected", SCORES["auxiliary"], ids=lambda test: test["name"])
def test_auxiliary_variables(expected):
    options = {} if isinstance(expected["options"], list) else dict(expected["options"])
    auxiliary = expected["auxiliary"]
    found = dk.fit_sem(
        "\n".join(expected["syntax"]),
        dataset(expected["dataset"]),
        auto=expected["auto"],
        auxiliary=auxiliary,
        **options,
    )
    theirs = expected["parameters"]
    values = {
        (*sorted((lhs, rhs)), op): (est, se)
        for lhs, op, rhs, est, se in zip(
            theirs["lhs"],
            theirs["op"],
            theirs["rhs"],
            numbers(theirs["est"]),
            np.nan_to_num(numbers(theirs["se"])),
            strict=True,
        )
    }
    tidy = found.tidy()
    assert len(tidy) == len(values)
    for row in tidy.itertuples():
        rhs = row.rhs.replace(" ", "")
        est, se = values[(*sorted((row.lhs, rhs)), row.op)]
        assert abs(row.estimate - est) <= 2e-5 * max(se, 1e-3)
        np.testing.assert_allclose(np.nan_to_num(row.std_error), se, rtol=2e-5)
    measures, fit_values = found.solution.measures, expected["fit"]
    for name in ("chisq", "df", "baseline_chisq", "baseline_df", "cfi", "tli"):
        np.testing.assert_allclose(
            getattr(measures, name), fit_values[name], rtol=1e-6, err_msg=name
        )
    if found.solution.scaled is not None:
        np.testing.assert_allclose(
            [found.solution.scaled.scaling, found.solution.scaled.baseline_scaling],
            [
                expected["tests"][1]["scaling_factor"],
                expected["baseline_tests"][1]["scaling_factor"],
            ],
            rtol=1e-5,
        )
