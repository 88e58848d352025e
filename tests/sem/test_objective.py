"""The likelihood of a model and its derivatives, against differences and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from dyadkit.sem.implied import implied_moments, jacobian
from dyadkit.sem.likelihood import (
    evaluate_likelihood,
    moment_hessian,
    positive_definite,
    residual_product,
)
from dyadkit.sem.objective import Objective, make_objective
from dyadkit.sem.sample import records_of
from tests.sem.making_models import Case, random_case

few = settings(max_examples=30, derandomize=True, deadline=None)
cases = st.builds(
    random_case,
    st.integers(0, 10**6),
    gaps=st.booleans(),
    groups=st.sampled_from([1, 1, 2, 3]),
    means=st.booleans(),
)


def objective_of(case: Case) -> Objective:
    return make_objective(case.structure, case.records.sample())


def usable(case: Case) -> bool:
    return bool(np.isfinite(objective_of(case).at(case.theta[None]).value[0]))


def differences(function, theta: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Return central differences, good to about 1e-9 relative for these smooth functions."""
    shifts = step * np.eye(theta.size)
    return np.array(
        [(function(theta + shift) - function(theta - shift)) / (2 * step) for shift in shifts]
    )


@few
@given(cases)
def test_gradient_is_that_of_the_value(case) -> None:
    if not usable(case):
        return
    objective = objective_of(case)
    found = objective.slope(objective.at(case.theta[None])).by_parameter[0]
    by_value = differences(lambda theta: objective.at(theta[None]).value[0], case.theta)
    np.testing.assert_allclose(found, by_value, rtol=1e-6, atol=1e-6 * np.abs(by_value).max())


@few
@given(cases)
def test_hessian_is_that_of_the_gradient(case) -> None:
    if not usable(case):
        return
    objective = objective_of(case)
    point = objective.at(case.theta[None])
    found = objective.hessian(point, objective.slope(point))[0]
    by_gradient = differences(
        lambda theta: objective.slope(objective.at(theta[None])).by_parameter[0], case.theta
    )
    np.testing.assert_allclose(found, by_gradient, rtol=1e-6, atol=1e-6 * np.abs(by_gradient).max())


@few
@given(cases)
def test_jacobian_is_that_of_the_moments(case) -> None:
    if not usable(case):
        return
    objective = objective_of(case)
    p = case.structure.n_observed
    low, high = np.tril_indices(p)

    def moments(theta: np.ndarray) -> np.ndarray:
        at = implied_moments(case.structure, objective.fixed, theta[None])
        return np.concatenate([at.sigma[0][:, low, high], at.mu[0]], axis=1)

    at = implied_moments(case.structure, objective.fixed, case.theta[None])
    found = jacobian(case.structure, at)[0]
    by_moments = np.moveaxis(differences(moments, case.theta), 0, -1)
    np.testing.assert_allclose(found, by_moments, rtol=1e-6, atol=1e-8)


@few
@given(st.integers(0, 10**6), st.booleans())
def test_information_is_the_hessian_at_data_that_fit_exactly(seed: int, means: bool) -> None:
    # With the implied moments as data R = P and d = 0, and the curvature vanishes.
    case = random_case(seed, means=means)
    if not usable(case):
        return
    objective = objective_of(case)
    at = implied_moments(case.structure, objective.fixed, case.theta[None])
    sample = objective.sample
    exact = type(sample)(sample.observed, sample.group, sample.counts, at.mu, at.sigma)
    fitted = Objective(case.structure, exact, objective.fixed)
    point = fitted.at(case.theta[None])
    slope = fitted.slope(point)
    np.testing.assert_allclose(slope.by_parameter, 0.0, atol=1e-9)
    np.testing.assert_allclose(
        fitted.information(point, slope), fitted.hessian(point, slope), rtol=1e-8, atol=1e-8
    )


@few
@given(st.integers(0, 10**6), st.booleans())
def test_both_paths_to_the_information_agree(seed: int, means: bool) -> None:
    # Complete data take products of scalars; the other path goes over all pairs of moments.
    case = random_case(seed, means=means, groups=1 + seed % 2)
    if not usable(case):
        return
    objective = objective_of(case)
    point = objective.at(case.theta[None])
    slope = objective.slope(point)
    by_moments = moment_hessian(objective.sample, point.moments, slope.product, expected=True)
    change = jacobian(case.structure, point.implied)
    if not case.structure.has_means:
        s = change.shape[2] - case.structure.n_observed
        change, by_moments = change[:, :, :s], by_moments[:, :, :s, :s]
    expected = (np.swapaxes(change, 2, 3) @ by_moments @ change).sum(axis=1)
    np.testing.assert_allclose(objective.information(point, slope), expected, rtol=1e-8, atol=1e-8)


@few
@given(st.integers(0, 10**6))
def test_value_is_the_normal_density_row_by_row(seed: int) -> None:
    case = random_case(seed, gaps=True)
    if not usable(case):
        return
    objective = objective_of(case)
    at = implied_moments(case.structure, objective.fixed, case.theta[None])
    records = case.records
    total = 0.0
    for number in range(records.n):
        pattern = np.searchsorted(records.starts, number, side="right") - 1
        has = records.observed[pattern]
        score = (records.deviations[number] + records.origin)[has]
        sigma = at.sigma[0, 0][np.ix_(has, has)]
        total += multivariate_normal.logpdf(score, at.mu[0, 0][has], sigma)
        total += 0.5 * has.sum() * np.log(2 * np.pi)
    np.testing.assert_allclose(objective.at(case.theta[None]).value[0], -total, rtol=1e-10)


@few
@given(st.integers(0, 10**6), st.booleans())
def test_a_stack_is_its_members(seed: int, gaps: bool) -> None:
    case = random_case(seed, gaps=gaps)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(case.records.n, np.full(case.records.n, 1 / case.records.n), size=4)
    stack = make_objective(case.structure, case.records.weighted(weights))
    thetas = case.theta + 0.02 * rng.normal(size=(4, case.theta.size))
    point = stack.at(thetas)
    if not np.isfinite(point.value).all():
        return
    slope = stack.slope(point)
    hessian = stack.hessian(point, slope)
    for number in range(4):
        one = stack.rows(np.array([number]))
        alone = one.at(thetas[number : number + 1])
        sloped = one.slope(alone)
        np.testing.assert_allclose(alone.value[0], point.value[number], rtol=1e-12)
        np.testing.assert_allclose(
            sloped.by_parameter[0], slope.by_parameter[number], rtol=1e-9, atol=1e-9
        )
        np.testing.assert_allclose(
            one.hessian(alone, sloped)[0], hessian[number], rtol=1e-9, atol=1e-8
        )


def test_outside_its_range_the_value_is_infinite() -> None:
    case = random_case(3)
    objective = objective_of(case)
    theta = case.theta.copy()
    theta[[name == "a1~~a1" for name in case.table.names]] = -50.0
    assert objective.at(theta[None]).value[0] == np.inf


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_positive_definite_whatever_the_unit(unit: float) -> None:
    good, bad = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])
    scale = np.diag([unit, 1.0])
    stack = np.stack([scale @ good @ scale, scale @ bad @ scale, np.full((2, 2), np.nan)])
    assert positive_definite(stack).tolist() == [True, False, False]


def test_missing_scores_leave_no_trace() -> None:
    # What stands in the place of a missing score is zero in mean and scatter, and stays out.
    case = random_case(11, gaps=True)
    sample = case.records.sample()
    at = implied_moments(
        case.structure, make_objective(case.structure, sample).fixed, case.theta[None]
    )
    found = evaluate_likelihood(sample, at.sigma, at.mu)
    product = residual_product(found)
    absent = ~sample.observed
    assert (found.precision[0][absent] == 0).all()
    assert (product[0][absent] == 0).all()
    assert (found.offset[0][absent] == 0).all()


@few
@given(st.integers(0, 10**6), st.sampled_from([12, 30]), st.sampled_from([1, 2]))
def test_wide_precision_is_the_inverse_of_what_a_set_has(seed: int, p: int, groups: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(60, p))
    gone = rng.random((60, p)) < rng.uniform(0.0, 0.9, size=(60, 1))
    gone[np.arange(60), rng.integers(p, size=60)] = False
    group = np.arange(60) % groups
    sample = records_of(np.where(gone, np.nan, values), group).sample().repeated(2)
    half = rng.normal(size=(2, groups, p, 2))
    sigma = half @ half.mT + np.eye(p)
    found = evaluate_likelihood(sample, sigma, rng.normal(size=(2, groups, p)))
    for number in range(2):
        value = 0.0
        for m, has in enumerate(sample.observed):
            among = np.ix_(has, has)
            inverse = np.linalg.inv(sigma[number, sample.group[m]][among])
            precision = found.precision[number, m]
            np.testing.assert_allclose(precision[among], inverse, rtol=0, atol=1e-12)
            assert (precision[~has] == 0).all()
            assert (precision[:, ~has] == 0).all()
            trace = (inverse * found.square[number, m][among]).sum()
            logdet = np.linalg.slogdet(sigma[number, sample.group[m]][among])[1]
            value += 0.5 * sample.counts[number, m] * (logdet + trace)
        np.testing.assert_allclose(found.value[number], value, rtol=1e-12)


def test_variables_that_nearly_follow_from_others_keep_their_precision() -> None:
    # The inverse of all would lose nine digits, that of what a set has loses none.
    rng = np.random.default_rng(1)
    sigma = np.eye(14)
    sigma[12, 13] = sigma[13, 12] = 1 - 3e-10
    values = rng.normal(size=(40, 14))
    values[:, 13] = np.where(np.arange(40) < 20, np.nan, values[:, 12])
    sample = records_of(values).sample()
    found = evaluate_likelihood(sample, sigma[None, None], np.zeros((1, 1, 14)))
    gap = int(np.flatnonzero(~sample.observed[:, 13])[0])
    wanted = np.diag(sample.observed[gap].astype(float))
    np.testing.assert_allclose(found.precision[0, gap], wanted, rtol=0, atol=1e-12)


@few
@given(st.integers(0, 10**6), st.booleans())
def test_row_by_row_and_all_at_once_pick_the_same(seed: int, expected: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(40, 13))
    values[rng.random((40, 13)) < 0.2] = np.nan
    sample = records_of(values, np.arange(40) % 2).sample().repeated(2)
    half = rng.normal(size=(2, 2, 13, 3))
    at = evaluate_likelihood(sample, half @ half.mT + np.eye(13), rng.normal(size=(2, 2, 13)))
    product = residual_product(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dyadkit.sem.likelihood._WIDE", 100)
        wanted = moment_hessian(sample, at, product, expected=expected)
    found = moment_hessian(sample, at, product, expected=expected)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13 * np.abs(wanted).max())
