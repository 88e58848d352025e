"""What follows from a solution, against dense matrices and refits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dyadkit.errors import Refused
from dyadkit.mixed.bootstrap import refit_counts, resample_clusters, simulate_outcomes
from dyadkit.mixed.comparison import likelihood_ratio
from dyadkit.mixed.influence import influence_of
from dyadkit.mixed.prediction import explained_variance, random_effects, residuals_of
from dyadkit.mixed.solution import solve
from dyadkit.mixed.terms import Problem, RandomTerm
from tests.mixed.making_problems import (
    KINDS,
    dense_random,
    dense_residual,
    dense_v,
    problem_of,
    repeated,
    rows_of,
)

WITH_EFFECTS = ("intercept", "slopes", "diagonal", "exchangeable", "everything")


@pytest.mark.parametrize("kind", KINDS)
def test_refits_to_resampled_clusters_are_those_of_the_repeated_rows(kind: str) -> None:
    problem = problem_of(kind, 5, clusters=30)
    solution = solve(problem)
    counts = np.random.default_rng(2).multinomial(30, np.full(30, 1 / 30), size=3)
    found = refit_counts(solution, counts)
    for number, own in enumerate(counts):
        alone = solve(repeated(problem, own))
        if not found.converged[number]:
            continue
        error = np.sqrt(np.diagonal(alone.covariance))
        np.testing.assert_allclose((found.beta[number] - alone.beta) / error, 0.0, atol=2e-4)
    assert found.converged.sum() >= 2


def test_bootstrap_errors_are_those_of_theory() -> None:
    """Over 4,000 draws a standard deviation is within 5 of its own errors, 1/sqrt(2 · 4000)."""
    solution = solve(problem_of("unstructured", 8, clusters=200))
    error = np.sqrt(np.diagonal(solution.covariance))
    found = simulate_outcomes(solution, 4000, np.random.default_rng(3))
    assert found.failed == 0
    np.testing.assert_allclose(found.beta.std(axis=0) / error, 1.0, atol=5 / np.sqrt(8000))
    wald = np.sqrt(np.diagonal(solution.theta_covariance))
    np.testing.assert_allclose(found.theta.std(axis=0) / wald, 1.0, atol=0.1)
    np.testing.assert_allclose(
        (found.theta.mean(axis=0) - solution.theta) / wald, 0.0, atol=5 / np.sqrt(4000)
    )
    clusters = resample_clusters(solution, 2000, np.random.default_rng(4))
    np.testing.assert_allclose(clusters.beta.std(axis=0) / error, 1.0, atol=0.2)


def test_draws_do_not_depend_on_how_many_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    solution = solve(problem_of("intercept", 8, clusters=25))
    whole = resample_clusters(solution, 40, np.random.default_rng(3))
    monkeypatch.setattr("dyadkit.mixed.bootstrap._CELLS", 40_000)
    parts = resample_clusters(solution, 40, np.random.default_rng(3))
    np.testing.assert_allclose(whole.beta, parts.beta, rtol=1e-9)


@pytest.mark.parametrize("kind", WITH_EFFECTS)
def test_predicted_effects(kind: str) -> None:
    problem = problem_of(kind, 4, clusters=20, holes=0.0)
    solution = solve(problem)
    z, g = dense_random(problem, solution.theta)
    e = problem.y - problem.x @ solution.beta
    expected = g @ z.T @ np.linalg.solve(dense_v(problem, solution.theta), e)
    found = np.concatenate([effects.ravel() for effects in random_effects(solution)])
    np.testing.assert_allclose(found, expected, atol=1e-9)
    residuals = residuals_of(solution)
    np.testing.assert_allclose(residuals.conditional, e - z @ expected, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_residuals_and_explained_variance(kind: str) -> None:
    problem = problem_of(kind)
    solution = solve(problem)
    v = dense_v(problem, solution.theta)
    e = problem.y - problem.x @ solution.beta
    found = residuals_of(solution)
    np.testing.assert_allclose(found.marginal, e, atol=1e-10)
    assert found.normalized @ found.normalized == pytest.approx(
        e @ np.linalg.solve(v, e), rel=1e-10
    )
    z, g = dense_random(problem, solution.theta)
    fixed = np.var(problem.x @ solution.beta)
    random = np.trace(z @ g @ z.T) / e.size
    residual = np.trace(dense_residual(problem, solution.theta)) / e.size
    shares = explained_variance(solution)
    assert shares.marginal == pytest.approx(fixed / (fixed + random + residual), rel=1e-9)
    assert shares.conditional == pytest.approx(
        (fixed + random) / (fixed + random + residual), rel=1e-9
    )


@pytest.mark.parametrize("kind", ["unstructured", "exchangeable", "ar1"])
def test_influence_is_that_of_fits_without_the_cluster(kind: str) -> None:
    problem = problem_of(kind, 6, clusters=15)
    solution = solve(problem)
    found = influence_of(solution)
    v = dense_v(problem, solution.theta)

    def gls(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, own = problem.x[rows], v[np.ix_(rows, rows)]
        information = x.T @ np.linalg.solve(own, x)
        return np.linalg.solve(
            information, x.T @ np.linalg.solve(own, problem.y[rows])
        ), information

    everything, information = gls(np.arange(problem.y.size))
    for code in range(15):
        without, _ = gls(np.flatnonzero(problem.cluster != code))
        change = without - everything
        np.testing.assert_allclose(found.change[code], change, atol=1e-9)
        distance = change @ information @ change / change.size
        assert found.cooks_distance[code] == pytest.approx(distance, rel=1e-7)


def test_a_cluster_that_an_effect_rests_on() -> None:
    problem = problem_of("unstructured", 6, clusters=15, holes=0.0)
    alone = np.column_stack([problem.x, problem.cluster == 3])
    found = influence_of(solve(replace(problem, x=alone)))
    assert np.isnan(found.cooks_distance[3])
    assert np.isfinite(np.delete(found.cooks_distance, 3)).all()


def test_likelihood_ratio() -> None:
    larger = problem_of("unstructured", 6, reml=False)
    smaller = replace(larger, x=larger.x[:, :3])
    one, two = solve(larger), solve(smaller)
    found = likelihood_ratio(one, two)
    assert found.statistic == pytest.approx(2 * (one.loglik - two.loglik), rel=1e-12)
    assert (found.df, found.boundary) == (1.0, False)


def _refusal(larger: Problem, smaller: Problem) -> str:
    with pytest.raises(Refused) as caught:
        likelihood_ratio(solve(larger), solve(smaller))
    return str(caught.value)


def test_invalid_comparisons_are_refused() -> None:
    problem = problem_of("unstructured", 6)
    fewer = replace(problem, x=problem.x[:, :3])
    assert "different fixed effects" in _refusal(problem, fewer)
    assert "One model is fitted by REML" in _refusal(problem, replace(problem, reml=False))
    some = rows_of(problem, np.flatnonzero(problem.cluster < 30))
    assert "different rows" in _refusal(problem, some)
    full = replace(problem, reml=False)
    other = replace(full, x=np.column_stack([full.x[:, :3], full.x[:, 3] ** 2]))
    assert "not among those" in _refusal(full, other)
    assert "Neither model" in _refusal(full, full)


def test_a_smaller_model_that_fits_better_is_none_of_the_larger_one() -> None:
    """Members who differ: a correlation shows it, no variance of dyads or of slopes can."""
    rng = np.random.default_rng(4)
    paired = problem_of("compound_symmetry", 6, holes=0.0)
    apart = rng.normal(size=40)[paired.cluster] * (1.0 - 2.0 * paired.residual.member)
    smaller = replace(paired, y=2.0 * apart + rng.normal(size=apart.size))
    z = np.column_stack([np.ones(apart.size), rng.normal(size=apart.size)])
    alone = replace(smaller.residual, kind="independent")
    larger = replace(smaller, residual=alone, random=(RandomTerm(z, smaller.cluster),))
    one, two = solve(larger), solve(smaller)
    assert one.w.size > two.w.size
    assert one.loglik < two.loglik
    with pytest.raises(Refused, match="not nested"):
        likelihood_ratio(one, two)
