"""Fits against dense likelihoods, differences, statsmodels and identities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from dyadkit.errors import FitError
from dyadkit.mixed.blocks import blocks_of
from dyadkit.mixed.covariance import basis_of
from dyadkit.mixed.likelihood import Data, slope_at, value_at
from dyadkit.mixed.products import Gram, Units, resampled
from dyadkit.mixed.search import hessian_by_working
from dyadkit.mixed.solution import coordinates_of, solve
from dyadkit.mixed.terms import Problem, RandomTerm, ResidualTerm
from tests.mixed.making_problems import (
    KINDS,
    at_theta,
    data_of,
    dense_loglik,
    problem_of,
    repeated,
    rows_of,
)

both = pytest.mark.parametrize("reml", [True, False])
kinds = pytest.mark.parametrize("kind", KINDS)


def somewhere(working, seed: int, b: int = 2) -> np.ndarray:
    """Return working parameters that are no optimum."""
    rng = np.random.default_rng(seed)
    w = rng.normal(scale=0.4, size=(b, working.layout[-1].end))
    for part in working.layout:
        if part.kind == "matrix":
            lower = np.zeros((part.size, part.size))
            lower[np.tril_indices(part.size)] = w[0, part.begin : part.end]
            places = part.begin + np.array([i * (i + 1) // 2 + i for i in range(part.size)])
            w[:, places] = 0.7 + np.abs(w[:, places])
        elif part.kind in {"variances", "compound_symmetry"}:
            w[:, part.begin : part.end] = 0.7 + np.abs(w[:, part.begin : part.end])
    return w


@kinds
@both
def test_derivatives_against_central_differences(kind: str, reml: bool) -> None:
    data, working = data_of(problem_of(kind, 3, clusters=12, reml=reml))
    w = somewhere(working, 5)
    slope = slope_at(data, working.natural(w))
    gradient = np.einsum("bki,bk->bi", working.jacobian(w), slope.gradient)
    hessian = hessian_by_working(slope, working, w, working.jacobian(w))
    step = 1e-5
    for k in range(w.shape[1]):
        ends = []
        for sign in (1.0, -1.0):
            moved = w.copy()
            moved[:, k] += sign * step
            found = slope_at(data, working.natural(moved))
            by = np.einsum("bki,bk->bi", working.jacobian(moved), found.gradient)
            ends.append((value_at(data, working.natural(moved)).deviance, by))
        # Central differences of deviances of order 1e2 lose eight digits.
        numeric = (ends[0][0] - ends[1][0]) / (2 * step)
        np.testing.assert_allclose(gradient[:, k], numeric, rtol=1e-6, atol=1e-5)
        numeric = (ends[0][1] - ends[1][1]) / (2 * step)
        np.testing.assert_allclose(hessian[:, k], numeric, rtol=1e-6, atol=1e-5)


@kinds
def test_both_forms_give_the_same_sums(kind: str) -> None:
    problem = problem_of(kind, 4, clusters=12)
    data, working = data_of(problem)
    rows = coordinates_of(problem).rows
    theta = working.natural(somewhere(working, 6))
    found = []
    for form in (_gram, _units):
        products = tuple(form(block, rows) for block in blocks_of(problem))
        found.append(slope_at(replace(data, products=products), theta))
    for name in ("deviance", "beta", "phi", "gradient", "hessian", "expected"):
        one, two = (getattr(slope, name) for slope in found)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9 * np.abs(two).max() + 1e-12)


def _units(block, rows) -> Units:
    data = np.where(block.present[..., None], rows[block.rows], 0.0)
    counts = np.bincount(block.pattern, minlength=block.n_patterns)[None].astype(float)
    weight = np.ones((1, block.rows.shape[0]))
    return Units(data, block.pattern, weight, counts, rows.shape[1])


def _gram(block, rows) -> Gram:
    units = _units(block, rows)
    m, c = block.size, rows.shape[1]
    moments = np.zeros((block.n_patterns, m, m, c, c))
    each = np.einsum("uaj,ubl->uabjl", units.data, units.data)
    np.add.at(moments, block.pattern, each)
    return Gram(moments.reshape(1, -1, c * c), units.counts, c)


@kinds
@both
def test_log_likelihood_against_dense_matrices(kind: str, reml: bool) -> None:
    problem = problem_of(kind, 7, clusters=12, reml=reml)
    problem = replace(problem, y=30.0 * problem.y + 400.0)
    solution = solve(problem)
    assert solution.loglik == pytest.approx(dense_loglik(problem, solution.theta), rel=1e-9)
    rng = np.random.default_rng(1)
    moved = at_theta(solution, solution.w + 0.1 * rng.normal(size=solution.w.size))
    assert moved.loglik == pytest.approx(dense_loglik(problem, moved.theta), rel=1e-9)
    assert moved.loglik < solution.loglik


@kinds
def test_no_point_nearby_is_better(kind: str) -> None:
    solution = solve(problem_of(kind, 8))
    best = solution.slope.deviance[0]
    rng = np.random.default_rng(2)
    w = solution.w + 10.0 ** rng.uniform(-4, 0, size=(400, 1)) * rng.normal(
        size=(400, solution.w.size)
    )
    found = value_at(solution.data, solution.working.natural(w)).deviance
    assert (found >= best - 1e-9).all()


@kinds
def test_order_and_names_do_not_matter(kind: str) -> None:
    problem = problem_of(kind, 9)
    solution = solve(problem)
    rng = np.random.default_rng(3)
    other = rows_of(problem, rng.permutation(problem.y.size))
    names = rng.permutation(int(problem.cluster.max()) + 1)
    groups = tuple(
        replace(term, group=1000 - 3 * term.group, sign=None if term.sign is None else -term.sign)
        for term in other.random
    )
    residual = replace(other.residual, pair=5000 - 2 * other.residual.pair)
    shuffled = solve(replace(other, cluster=names[other.cluster], random=groups, residual=residual))
    np.testing.assert_allclose(shuffled.beta, solution.beta, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(shuffled.theta, solution.theta, rtol=1e-4, atol=1e-5)
    assert shuffled.loglik == pytest.approx(solution.loglik, abs=1e-8)


@kinds
@both
def test_units_and_origins_do_not_matter(kind: str, reml: bool) -> None:
    problem = problem_of(kind, 10, reml=reml)
    solution = solve(problem)
    change = np.array([[1, 0, 5, -3], [0, 1, 2, 0], [0, 0, 0.01, 0], [0, 0, 0, 700.0]])
    other = solve(replace(problem, y=50.0 * problem.y + 3.0, x=problem.x @ change))
    beta = np.linalg.solve(change, 50.0 * solution.beta + np.array([3.0, 0, 0, 0]))
    np.testing.assert_allclose(other.beta, beta, rtol=1e-6, atol=1e-7)
    units = np.where(solution.units == 1.0, 1.0, 2500.0)
    np.testing.assert_allclose(other.theta / units, solution.theta, rtol=1e-4, atol=1e-5)
    n = problem.y.size - (4 if reml else 0)
    determinant = np.linalg.slogdet(change)[1] if reml else 0.0
    expected = solution.loglik - n * np.log(50.0) - determinant
    assert other.loglik == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("kind", ["compound_symmetry", "exchangeable"])
def test_exchangeable_partners_may_swap(kind: str) -> None:
    problem = problem_of(kind, 11)
    problem = replace(problem, x=problem.x[:, [0, 2, 3]])
    solution = solve(problem)
    member = problem.residual.member
    swapped_in = problem.cluster % 3 == 0
    swapped = replace(
        problem,
        residual=replace(problem.residual, member=np.where(swapped_in, 1 - member, member)),
        random=tuple(
            replace(term, sign=np.where(swapped_in, -term.sign, term.sign))
            for term in problem.random
        ),
    )
    other = solve(swapped)
    np.testing.assert_allclose(other.beta, solution.beta, rtol=1e-7)
    np.testing.assert_allclose(other.theta, solution.theta, rtol=1e-5, atol=1e-6)
    assert other.loglik == pytest.approx(solution.loglik, abs=1e-9)


@both
def test_random_intercept_against_statsmodels(reml: bool) -> None:
    problem = problem_of("intercept", 12, reml=reml)
    solution = solve(problem)
    peer = MixedLM(problem.y, problem.x, problem.cluster).fit(reml=reml)
    # statsmodels stops at about six digits.
    np.testing.assert_allclose(solution.beta, peer.fe_params, rtol=1e-5)
    np.testing.assert_allclose(
        solution.theta, [float(peer.cov_re.squeeze()), peer.scale], rtol=1e-3
    )
    # statsmodels has neither log|X'X| nor another constant in its restricted likelihood.
    assert solution.loglik == pytest.approx(float(peer.llf), abs=1e-5)


def test_resampled_sums_are_those_of_the_repeated_data() -> None:
    problem = problem_of("unstructured", 13, clusters=20)
    rng = np.random.default_rng(4)
    counts = rng.multinomial(20, np.full(20, 1 / 20), size=3)
    data, working = data_of(problem)
    rows = coordinates_of(problem).rows
    products = tuple(
        resampled(block, rows, counts[:, block.clusters].astype(float))
        for block in blocks_of(problem)
    )
    sizes = np.bincount(problem.cluster)
    drawn = Data(data.bases, products, counts @ sizes.astype(float), data.width, True)
    theta = working.natural(somewhere(working, 7, b=1)).repeat(3, axis=0)
    found = slope_at(drawn, theta)
    for number in range(3):
        big = repeated(problem, counts[number])
        # The same coordinates, which the repeated data would not choose.
        own = np.concatenate(
            [np.flatnonzero(problem.cluster == c) for c in np.repeat(np.arange(20), counts[number])]
        )
        blocks = blocks_of(big)
        single = Data(
            tuple(basis_of(big, block) for block in blocks),
            tuple(_units(block, rows[own]) for block in blocks),
            np.array([float(big.y.size)]),
            data.width,
            True,
        )
        other = slope_at(single, theta[:1])
        np.testing.assert_allclose(found.deviance[number], other.deviance[0], rtol=1e-10)
        np.testing.assert_allclose(found.hessian[number], other.hessian[0], rtol=1e-8)


# Degenerate data.


def test_nearly_collinear_predictors() -> None:
    problem = problem_of("unstructured", 14)
    near = problem.x[:, 2] + 1e-6 * problem.x[:, 3]
    solution = solve(replace(problem, x=np.column_stack([problem.x[:, :3], near])))
    plain = solve(problem)
    np.testing.assert_allclose(solution.theta, plain.theta, rtol=1e-5)
    np.testing.assert_allclose(solution.beta[3], plain.beta[3] * 1e6, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
@kinds
def test_tiny_and_huge_outcomes(kind: str, scale: float) -> None:
    problem = problem_of(kind, 15, clusters=25)
    solution = solve(problem)
    other = solve(replace(problem, y=scale * problem.y))
    np.testing.assert_allclose(other.beta, scale * solution.beta, rtol=1e-5)


@pytest.mark.parametrize("small", [1e-6, 1e-3, 1e3, 1e6])
def test_very_unequal_variances(small: float) -> None:
    # Variances of the roles 1e-12 to 1e12 apart; complete dyads, each role its own intercept and
    # slope: the estimates are those of seemingly unrelated regressions with equal predictors.
    rng = np.random.default_rng(5)
    n = 60
    cluster, member = np.arange(n).repeat(2), np.tile([0, 1], n)
    own = rng.normal(size=n).repeat(2)
    design = np.column_stack([member == 0, member == 1, (member == 0) * own, (member == 1) * own])
    errors = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.5 * small], [0.0, small]])
    y = design @ [1.0, 2.0, 3.0, 4.0] + errors.ravel()
    problem = Problem(
        y, design.astype(float), cluster, ResidualTerm("unstructured", member, cluster)
    )
    solution = solve(problem)
    x = np.column_stack([np.ones(n), own[::2]])
    wide = y.reshape(n, 2)
    beta = np.linalg.lstsq(x, wide, rcond=None)[0]
    left = wide - x @ beta
    expected = left.T @ left / (n - 2)
    np.testing.assert_allclose(solution.theta, expected[np.tril_indices(2)], rtol=1e-6)


def test_three_dyads() -> None:
    problem = problem_of("unstructured", 16, clusters=3, holes=0.0)
    solution = solve(replace(problem, x=problem.x[:, :2]))
    wide = np.empty((3, 2))
    wide[problem.cluster, problem.residual.member] = problem.y
    np.testing.assert_allclose(solution.theta, np.cov(wide.T)[np.tril_indices(2)], rtol=1e-7)


@pytest.mark.parametrize("seed", range(8))
@both
def test_random_effects_that_are_not_there(seed: int, reml: bool) -> None:
    rng = np.random.default_rng(seed)
    problem = problem_of("slopes", seed, clusters=15, reml=reml)
    y = problem.x @ [1.0, 0.3, 0.5, -0.2] + rng.normal(size=problem.y.size)
    residual = ResidualTerm("independent", problem.residual.member, np.arange(y.size))
    solution = solve(replace(problem, y=y, residual=residual))
    w = solution.w + rng.normal(scale=0.1, size=(300, solution.w.size))
    found = value_at(solution.data, solution.working.natural(w)).deviance
    assert (found >= solution.slope.deviance[0] - 1e-8).all()


def test_negative_covariance_within_clusters_makes_the_intercept_vanish() -> None:
    rng = np.random.default_rng(6)
    n = 100
    shared = rng.normal(size=n)
    y = (np.column_stack([shared, -shared]) + rng.normal(size=(n, 2))).ravel()
    cluster, member = np.arange(n).repeat(2), np.tile([0, 1], n)
    residual = ResidualTerm("independent", member, np.arange(2 * n))
    term = RandomTerm(np.ones((2 * n, 1)), cluster)
    solution = solve(Problem(y, np.ones((2 * n, 1)), cluster, residual, (term,)))
    assert solution.singular.tolist() == [True, False]
    assert solution.theta[0] == pytest.approx(0.0, abs=1e-8)
    assert solution.theta[1] == pytest.approx(y.var(ddof=1), rel=1e-7)


@pytest.mark.parametrize("phi", [-0.9, -0.3, -1e-9, 0.0, 1e-9, 0.5, 0.99])
@pytest.mark.parametrize("seed", range(3))
def test_autoregression_of_any_sign(phi: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons, days = 60, 8
    day = np.arange(days)
    root = np.linalg.cholesky(phi ** np.abs(day[:, None] - day[None]))
    y = (rng.normal(size=(persons, days)) @ root.T).ravel()
    cluster = np.arange(persons).repeat(days)
    residual = ResidualTerm(
        "independent",
        np.zeros(y.size, dtype=np.int64),
        cluster,
        "ar1",
        np.tile(day, persons).astype(float),
    )
    problem = Problem(y, np.ones((y.size, 1)), cluster, residual)
    solution = solve(problem)
    assert abs(solution.theta[1] - phi) < 0.2
    grid = np.tanh(solution.w[1] + np.linspace(-0.3, 0.3, 61))
    theta = np.column_stack([np.full(61, solution.scaled_theta[0]), grid])
    found = value_at(solution.data, theta).deviance
    assert found.argmin() == 30


@pytest.mark.parametrize("power", [1, 2, 3])
def test_derivatives_by_an_autoregression_of_zero(power: int) -> None:
    # φ^power has derivatives at 0 that a quotient by φ cannot give.
    n = 10
    cluster = np.arange(n).repeat(2)
    residual = ResidualTerm(
        "independent", np.zeros(2 * n, dtype=np.int64), cluster, "ar1", np.tile([0.0, power], n)
    )
    rng = np.random.default_rng(7)
    problem = Problem(rng.normal(size=2 * n), np.ones((2 * n, 1)), cluster, residual)
    at = basis_of(problem, blocks_of(problem)[0]).derivatives(np.array([[2.0, 0.0]]))
    np.testing.assert_allclose(at.by[0, 1, 0, 0, 1], 2.0 if power == 1 else 0.0, atol=1e-7)
    np.testing.assert_allclose(at.second[0, 1, 0, 0, 1], 4.0 if power == 2 else 0.0, atol=1e-6)


def test_an_exponential_decay_that_is_not_there() -> None:
    rng = np.random.default_rng(8)
    for seed in range(6):
        problem = problem_of("exponential", seed)
        y = rng.normal(size=problem.y.size)
        solution = solve(replace(problem, y=y, random=()))
        assert np.isfinite(solution.loglik)


def test_an_outcome_explained_completely_is_refused() -> None:
    problem = problem_of("unstructured", 17)
    for y in (problem.x @ [1.0, 2.0, 3.0, 4.0], np.full(problem.y.size, 0.1)):
        with pytest.raises(FitError, match="4 fixed effects explain the outcome completely"):
            solve(replace(problem, y=y))
