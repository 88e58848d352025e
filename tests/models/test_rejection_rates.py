"""Rejection rates of every test at 5 %, where what it tests is true.

Each case simulates 2,000 samples, large ones, since these tests hold in large samples; 3.5
Monte-Carlo standard errors are allowed, which is 1.7 percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import sqrt

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk

DRAWS = 2000
SLACK = 3.5 * sqrt(0.05 * 0.95 / DRAWS)
NAMES = ["x1", "x2", "x3", "x4"]
FREE = "f =~ NA*x1 + a*x1 + b*x2 + c*x3 + d*x4; f ~~ 1*f"
EQUAL = "f =~ NA*x1 + a*x1 + a*x2 + a*x3 + a*x4; f ~~ 1*f"
OPTIONS = {"auto": "cfa", "missing": "listwise"}


def rate(p_values: Iterator[float]) -> float:
    found = np.fromiter(p_values, dtype=float)
    assert found.size == DRAWS
    assert np.isfinite(found).all()
    return float((found < 0.05).mean())


def samples(seed: int, n: int, draw: Callable[..., np.ndarray]) -> Iterator[pd.DataFrame]:
    rng = np.random.default_rng(seed)
    for _ in range(DRAWS):
        yield pd.DataFrame(draw(rng, n), columns=NAMES)


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))


def skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    """Scores of a skewed factor with skewed errors; loadings are equal."""
    return rng.gamma(2.0, size=(n, 1)) / sqrt(2.0) + rng.gamma(2.0, size=(n, 4)) / sqrt(2.0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["model", "likelihood ratio", "Wald", "score", "index"])
def test_normal_theory(kind):
    def p_value(data: pd.DataFrame) -> float:
        if kind == "model":
            return dk.fit_sem(FREE, data, **OPTIONS).summary["p_value"]
        if kind == "Wald":
            return dk.fit_sem(FREE, data, **OPTIONS).wald_test("a == b; b == c; c == d").p_value
        equal = dk.fit_sem(EQUAL, data, **OPTIONS)
        if kind == "score":
            return equal.score_test().p_value
        if kind == "index":
            return equal.score_test("x1 ~~ x2").p_value
        free = dk.fit_sem(FREE, data, **OPTIONS)
        return dk.compare_models(free, equal).tidy()["p_value"].iloc[1]

    assert abs(rate(p_value(data) for data in samples(1, 500, normal)) - 0.05) < SLACK


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["MLR", "MLM"])
@pytest.mark.parametrize("kind", ["model", "2001", "2010", "Wald"])
def test_skewed_scores(estimator, kind):
    options = OPTIONS | {"estimator": estimator}

    def p_value(data: pd.DataFrame) -> float:
        free = dk.fit_sem(FREE, data, **options)
        if kind == "model":
            return free.summary["p_value_scaled"]
        if kind == "Wald":
            return free.wald_test("a == b; b == c; c == d").p_value
        equal = dk.fit_sem(EQUAL, data, **options)
        compared = dk.compare_models(free, equal, difference=f"satorra_bentler_{kind}")
        return compared.tidy()["p_value"].iloc[1]

    assert abs(rate(p_value(data) for data in samples(2, 2000, skewed)) - 0.05) < SLACK


@pytest.mark.slow
def test_normal_theory_rejects_skewed_scores_too_often():
    # What the scaling is for: without it a true model is rejected far too often.
    found = rate(
        dk.fit_sem(EQUAL, data, **OPTIONS).score_test().p_value
        for data in samples(2, 1000, lambda rng, n: rng.gamma(0.4, size=(n, 1)) * normal(rng, n))
    )
    assert found > 0.10


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["model", "Wald"])
def test_clusters(kind):
    clusters = 300

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        shared = rng.normal(size=(clusters, 1)) + 0.5 * rng.normal(size=(clusters, 4))
        return np.repeat(shared, n // clusters, axis=0) + normal(rng, n)

    def p_value(data: pd.DataFrame) -> float:
        found = dk.fit_sem(
            FREE,
            data.assign(coach=np.arange(len(data)) // 4),
            estimator="MLR",
            cluster="coach",
            **OPTIONS,
        )
        if kind == "model":
            return found.summary["p_value_scaled"]
        return found.wald_test("a == b; b == c; c == d").p_value

    assert abs(rate(p_value(data) for data in samples(3, 4 * clusters, draw)) - 0.05) < SLACK


@pytest.mark.slow
def test_models_that_are_as_good():
    # Both leave out a cause of the same weight, so that neither is better.
    def p_value(data: pd.DataFrame) -> float:
        data = data.assign(x3=0.5 * data["x1"] + 0.5 * data["x2"] + data["x3"])
        first, second = (
            dk.fit_sem(f"x3 ~ b*x1 + c*x2; {kept} == 0; x1 ~~ x2", data, fixed_x=False, **OPTIONS)
            for kept in "bc"
        )
        return dk.compare_nonnested(first, second)["p_value"].iloc[1]

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        return rng.normal(size=(n, 4))

    assert abs(rate(p_value(data) for data in samples(4, 500, draw)) - 0.05) < SLACK


@pytest.mark.slow
def test_skewed_scores_with_gaps():
    # A third of the rows miss the last two scores, by chance: MLR under full information.
    def p_value(data: pd.DataFrame) -> float:
        data = data.copy()
        data.loc[data.index % 3 == 0, ["x3", "x4"]] = np.nan
        return dk.fit_sem(EQUAL, data, auto="cfa", estimator="MLR").summary["p_value_scaled"]

    assert abs(rate(p_value(data) for data in samples(5, 2000, skewed)) - 0.05) < SLACK


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["model", "Wald"])
def test_ordered_answers(kind):
    def p_value(data: pd.DataFrame) -> float:
        answers = pd.DataFrame(
            np.searchsorted([-1.5, 0.0, 1.0], data.to_numpy()) + 1, columns=NAMES
        )
        found = dk.fit_sem(
            "f =~ x1 + b*x2 + c*x3 + d*x4", answers, auto="cfa", estimator="WLSMV", ordered=True
        )
        if kind == "model":
            return found.summary["p_value_scaled"]
        return found.wald_test("b == c; c == d").p_value

    assert abs(rate(p_value(data) for data in samples(6, 1000, normal)) - 0.05) < SLACK


@pytest.mark.slow
def test_groups_that_are_alike():
    def p_value(data: pd.DataFrame) -> float:
        data = data.assign(arm=np.arange(len(data)) % 2)
        free, equal = (
            dk.fit_sem("f =~ x1 + x2 + x3 + x4", data, group="arm", group_equal=held, **OPTIONS)
            for held in ((), ("loadings", "intercepts"))
        )
        return dk.compare_models(free, equal).tidy()["p_value"].iloc[1]

    assert abs(rate(p_value(data) for data in samples(7, 800, normal)) - 0.05) < SLACK


@pytest.mark.slow
def test_corrected_chi_squares_of_small_samples():
    # 20 variables and 60 rows: the plain test rejects a true model far too often; corrections
    # take most of that away.  Swain's is to reject between 1 and 10 %.
    names = [f"x{number}" for number in range(1, 21)]
    rng = np.random.default_rng(8)
    model = "f =~ " + " + ".join(names)
    plain, swain = [], []
    for _ in range(500):
        values = rng.normal(size=(60, 1)) + rng.normal(size=(60, 20))
        found = dk.fit_sem(model, pd.DataFrame(values, columns=names), **OPTIONS)
        plain.append(found.summary["p_value"])
        tests = found.small_sample_tests().set_index("term")
        swain.append(tests.loc["Swain (1975)", "p_value"])
    rates = [(np.array(found) < 0.05).mean() for found in (plain, swain)]
    assert rates[0] > 0.25
    assert 0.01 < rates[1] < 0.10
