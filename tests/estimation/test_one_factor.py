"""The one-factor model against lavaan, numerical derivatives and algebra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.estimation import one_factor_likelihood as likelihood
from dyadkit.estimation.one_factor import fit_one_factor

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


def simulated(seed: int, n: int = 80, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, 1)) * rng.uniform(0.5, 0.9, k) + rng.normal(size=(n, k)) * 0.7
    return np.cov(scores.T, bias=True)


@pytest.mark.parametrize("name", ["items", "heywood", "triplet"])
def test_against_lavaan(oracle, name) -> None:
    # lavaan 0.6-14, cfa(std.lv = TRUE), polished by Newton steps to a gradient below 1e-12. Ours
    # stops at 1e-9, which near the optimum is about 1e-9 of a standardised loading.
    reference = oracle["one_factor"][name]
    fit = fit_one_factor(reference["cov"])
    assert bool(fit.converged)
    np.testing.assert_allclose(fit.loadings, reference["loadings"], rtol=1e-8)
    np.testing.assert_allclose(fit.residual_variances, reference["residual_variances"], rtol=1e-8)
    np.testing.assert_allclose(fit.discrepancy, reference["discrepancy"], rtol=1e-8, atol=1e-13)
    # lavaan's own output, before polishing: its optimiser stops at a gradient of about 1e-6.
    lavaan = np.array(reference["lavaan_loadings"])
    np.testing.assert_allclose(fit.loadings, lavaan * np.sign(lavaan.sum()), rtol=1e-4)


def test_heywood_case_is_reported_as_such(oracle) -> None:
    reference = oracle["one_factor"]["heywood"]
    assert fit_one_factor(reference["cov"]).residual_variances[0] < -0.1


def test_stack_against_lavaan_one_by_one(oracle) -> None:
    # Twelve bootstrap samples, each fitted by lavaan, here in one call from the full solution.
    reference = oracle["resamples"]
    items = np.array(reference["items"], dtype=float)
    weights = np.array(reference["weights"])
    stack = np.array([np.cov(items.T, fweights=row, bias=True) for row in weights])
    full = fit_one_factor(np.cov(items.T, bias=True))
    fits = fit_one_factor(stack, start=full)
    assert fits.converged.all()
    np.testing.assert_allclose(fits.loadings, reference["loadings"], rtol=1e-7)
    np.testing.assert_allclose(fit_one_factor(stack).loadings, fits.loadings, rtol=1e-7)


def test_three_items_in_closed_form() -> None:
    # Just identified: loading 1 squared is s12 * s13 / s23 (Lawley & Maxwell, 1971).
    cov = np.array([[4.0, 1.2, 0.9], [1.2, 2.0, 0.6], [0.9, 0.6, 1.0]])
    fit = fit_one_factor(cov)
    first = np.sqrt(1.2 * 0.9 / 0.6)
    np.testing.assert_allclose(fit.loadings, [first, 1.2 / first, 0.9 / first], rtol=1e-9)
    np.testing.assert_allclose(fit.residual_variances, np.diag(cov) - fit.loadings**2, rtol=1e-9)
    assert float(fit.discrepancy) < 1e-14


@few
@given(seeds)
def test_derivatives_are_those_of_the_discrepancy(seed: int) -> None:
    # Central differences with steps of 1e-5 are good to about 1e-8 for these smooth functions.
    rng = np.random.default_rng(seed)
    k, h = 4, 1e-5
    cov = simulated(seed, k=k)[None]
    theta = np.concatenate([rng.uniform(0.3, 0.8, k), rng.uniform(0.3, 0.8, k)])

    def value(at: np.ndarray) -> float:
        return float(likelihood.discrepancy(cov, at[None])[0][0])

    def pieces(at: np.ndarray) -> likelihood.Pieces:
        return likelihood.pieces(cov, at[None], likelihood.discrepancy(cov, at[None])[1])

    steps = h * np.eye(2 * k)
    slope = likelihood.gradient(pieces(theta))[0]
    by_value = [(value(theta + step) - value(theta - step)) / (2 * h) for step in steps]
    np.testing.assert_allclose(slope, by_value, rtol=1e-5, atol=1e-6)
    by_slope = [
        (likelihood.gradient(pieces(theta + step)) - likelihood.gradient(pieces(theta - step)))[0]
        / (2 * h)
        for step in steps
    ]
    np.testing.assert_allclose(likelihood.hessian(pieces(theta))[0], by_slope, rtol=1e-5, atol=1e-6)


@few
@given(seeds)
def test_expected_hessian_is_the_observed_one_of_a_perfect_model(seed: int) -> None:
    rng = np.random.default_rng(seed)
    theta = rng.uniform(0.3, 0.8, 8)
    sigma = (np.outer(theta[:4], theta[:4]) + np.diag(theta[4:]))[None]
    at = likelihood.pieces(sigma, theta[None], np.linalg.inv(sigma))
    expected = likelihood.expected_hessian(at)[0]
    np.testing.assert_allclose(expected, likelihood.hessian(at)[0], rtol=1e-8, atol=1e-10)
    # By definition, tr(P dSigma_a P dSigma_b), here for the first loading and residual variance.
    change = np.zeros((4, 4))
    change[0] += theta[:4]
    change[:, 0] += theta[:4]
    product = at.precision[0] @ change @ at.precision[0]
    assert expected[0, 0] == pytest.approx(np.trace(product @ change), rel=1e-9)
    assert expected[0, 4] == pytest.approx(product[0, 0], rel=1e-9)
    assert np.linalg.eigvalsh(expected)[0] > -1e-10


def test_outside_the_model_the_discrepancy_is_infinite() -> None:
    cov = np.broadcast_to(np.eye(3), (3, 3, 3))
    loadings = [0.5, 0.5, 0.5]
    theta = np.array([[*loadings, 1, 1, 1], [*loadings, -0.1, 1, 1], [2, 2, 0, -0.1, -0.1, 1]])
    value, _ = likelihood.discrepancy(cov, theta)
    # Second: -.1 + .25 > 0 but the Schur complement decides; third: two negative ones never do.
    eigenvalues = [
        np.linalg.eigvalsh(np.outer(row[:3], row[:3]) + np.diag(row[3:]))[0] for row in theta
    ]
    assert np.isfinite(value).tolist() == [bool(root > 0) for root in eigenvalues]
    assert np.isinf(value[2])


@few
@given(seeds, st.floats(0.01, 100))
def test_unit_order_and_sign_of_items(seed: int, scale: float) -> None:
    cov = simulated(seed)
    base = fit_one_factor(cov)
    units = np.array([scale, 1, 1, 1 / scale, 1])
    scaled = fit_one_factor(cov * np.outer(units, units))
    # Convergence at a gradient of 1e-9 leaves about that much to either fit.
    np.testing.assert_allclose(scaled.loadings, base.loadings * units, rtol=1e-7)
    assert float(scaled.discrepancy) == pytest.approx(float(base.discrepancy), rel=1e-8, abs=1e-12)
    order = [3, 1, 4, 0, 2]
    np.testing.assert_allclose(
        fit_one_factor(cov[np.ix_(order, order)]).loadings, base.loadings[order], rtol=1e-7
    )
    signs = np.array([-1, 1, 1, 1, 1])
    turned = fit_one_factor(cov * np.outer(signs, signs))
    np.testing.assert_allclose(turned.loadings, base.loadings * signs, rtol=1e-7)


def test_loadings_sum_to_something_positive() -> None:
    signs = np.array([-1, -1, 1, -1, -1])
    fit = fit_one_factor(simulated(3) * np.outer(signs, signs))
    assert fit.loadings.sum() > 0
    assert fit.loadings[2] < 0


def test_leading_shape_is_kept() -> None:
    stack = np.array([simulated(seed) for seed in range(6)]).reshape(2, 3, 5, 5)
    fit = fit_one_factor(stack)
    assert fit.loadings.shape == (2, 3, 5)
    assert fit.converged.shape == fit.discrepancy.shape == fit.iterations.shape == (2, 3)
    np.testing.assert_allclose(
        fit.loadings[1, 2], fit_one_factor(simulated(5)).loadings, rtol=1e-12
    )
    empty = fit_one_factor(np.empty((0, 5, 5)))
    assert empty.loadings.shape == (0, 5)


def test_what_cannot_be_fitted_does_not_claim_convergence() -> None:
    good = simulated(1, k=4)
    singular = np.ones((4, 4))
    missing = np.full((4, 4), np.nan)
    no_variance = good.copy()
    no_variance[2, :] = no_variance[:, 2] = 0.0
    fit = fit_one_factor(np.array([good, singular, missing, no_variance]))
    assert fit.converged.tolist() == [True, False, False, False]
    assert np.isnan(fit.loadings[1:]).all()
    assert np.isnan(fit.residual_variances[1:]).all()
    assert np.isnan(fit.discrepancy[1:]).all()
    np.testing.assert_allclose(fit.loadings[0], fit_one_factor(good).loadings, rtol=1e-12)


def test_too_few_steps_do_not_claim_convergence() -> None:
    fit = fit_one_factor(simulated(2), max_iterations=1)
    assert not bool(fit.converged)
    assert int(fit.iterations) == 1
    assert np.isnan(fit.loadings).all()


def test_no_minimum_does_not_claim_convergence() -> None:
    # An odd number of negative correlations among three items has no real solution: the squared
    # loading would be negative. Loadings (a, 0, a) make the gradient vanish, at a saddle point;
    # lavaan 0.6-14 says "a solution has NOT been found" at a loading of 59.
    cov = np.array([[1.0, -0.4, 0.4], [-0.4, 1.0, 0.4], [0.4, 0.4, 1.0]])
    assert not bool(fit_one_factor(cov).converged)


def test_a_saddle_point_is_left() -> None:
    # Without any loading the gradient is exactly zero: diag(S) is a saddle, not the answer.
    cov = simulated(7)
    answer = fit_one_factor(cov)
    saddle = replace(answer, loadings=np.zeros(5), residual_variances=np.diag(cov))
    fit = fit_one_factor(cov, start=saddle)
    assert bool(fit.converged)
    assert float(fit.discrepancy) == pytest.approx(float(answer.discrepancy), rel=1e-8)
    np.testing.assert_allclose(fit.loadings, answer.loadings, rtol=1e-7)


def test_hard_cases_against_lavaan(oracle) -> None:
    # Twelve persons, four nearly unrelated items: where the discrepancy has a minimum it is
    # lavaan's (whose optimiser stops with F good to about 1e-9); where lavaan ran off to loadings
    # beyond 20 items' standard deviations, whether it called that converged or not, there is none.
    cases = oracle["hard"]
    fit = fit_one_factor([case["cov"] for case in cases])
    minimum = np.array([case["largest"] < 20 for case in cases])
    assert 8 <= minimum.sum() <= len(cases) - 8
    assert any(case["converged"] and case["largest"] >= 20 for case in cases)
    np.testing.assert_array_equal(fit.converged, minimum)
    expected = np.array([case["discrepancy"] for case in cases])[minimum]
    np.testing.assert_allclose(fit.discrepancy[minimum], expected, atol=1e-8)


@few
@given(seeds)
def test_small_samples_end_in_a_zero_gradient_or_in_failure(seed: int) -> None:
    # Nearly unrelated items in small samples are the hard cases: Heywood cases, no minimum.
    rng = np.random.default_rng(seed)
    stack = np.array([np.cov(rng.normal(size=(4, 12)), bias=True) for _ in range(40)])
    fit = fit_one_factor(stack)
    sds = np.sqrt(np.diagonal(stack, axis1=1, axis2=2))[fit.converged]
    corr = stack[fit.converged] / (sds[:, :, None] * sds[:, None, :])
    theta = np.concatenate(
        [fit.loadings[fit.converged] / sds, fit.residual_variances[fit.converged] / sds**2], axis=1
    )
    value, precision = likelihood.discrepancy(corr, theta)
    slope = likelihood.gradient(likelihood.pieces(corr, theta, precision))
    assert np.isfinite(value).all()
    assert np.abs(slope).max() < 1e-8
    assert fit.converged.mean() > 0.3
    curvature = np.linalg.eigvalsh(likelihood.hessian(likelihood.pieces(corr, theta, precision)))
    assert curvature.min() > -1e-7


def test_two_items_are_refused_and_one_is_an_error() -> None:
    with pytest.raises(Refused, match=r"two items is not identified.*alpha.*Spearman-Brown"):
        fit_one_factor(np.eye(2))
    with pytest.raises(DataError, match="at least 3 items, but there is 1"):
        fit_one_factor(np.eye(1))


def test_wrong_shapes_are_wrong_calls() -> None:
    with pytest.raises(StudyError, match=r"shape \(3, 4\)"):
        fit_one_factor(np.ones((3, 4)))
    with pytest.raises(StudyError, match=r"loadings of shape \(4,\).*need \(5,\)"):
        fit_one_factor(simulated(1), start=fit_one_factor(simulated(1, k=4)))
