from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from dyadkit.errors import DataError
from dyadkit.simulation.likert import cut, likert_moments, orthant_covariance
from dyadkit.simulation.population import standard_normals

THRESHOLDS = ([-1.3, -0.2, 0.9], [-0.6, 0.1, 0.8, 1.7], [0.4])
CORRELATION = np.array([[1.0, 0.62, -0.35], [0.62, 1.0, 0.2], [-0.35, 0.2, 1.0]])


def joint_below(h, k, rho):
    return multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k])


def covariance_from_cells(first, second, rho):
    """Sum codes times cell probabilities: the definition, without any identity."""
    rows, columns = [-9.0, *first, 9.0], [-9.0, *second, 9.0]
    below = np.array([[joint_below(h, k, rho) for k in columns] for h in rows])
    cells = np.diff(np.diff(below, axis=0), axis=1)
    x, y = np.arange(1, len(rows)), np.arange(1, len(columns))
    return x @ cells @ y - (cells.sum(1) @ x) * (cells.sum(0) @ y)


# orthant_covariance


@pytest.mark.parametrize("rho", [-0.999, -0.7, -0.01, 0.0, 0.3, 0.95, 0.999])
def test_the_median_orthant_is_sheppards(rho):
    # Sheppard (1899): P(X < 0, Y < 0) = 1/4 + arcsin(rho) / (2 pi). Rounding only.
    value = float(orthant_covariance(0.0, 0.0, rho))
    assert value == pytest.approx(np.arcsin(rho) / (2 * np.pi), abs=1e-15)


def test_the_integral_agrees_with_r():
    # R 4.2.2, pbivnorm 0.6.0 (Genz's Fortran):
    # h <- c(-1.2, .3, 1.5, .4); k <- c(.7, .3, -2, .5); r <- c(.6, -.85, .25, .97)
    # print(pbivnorm(h, k, r) - pnorm(h) * pnorm(k), digits = 15)
    expected = [0.02557351477207505, -0.13047510397515505, 0.00116482866939515, 0.18206361914965818]
    found = orthant_covariance(
        [-1.2, 0.3, 1.5, 0.4], [0.7, 0.3, -2.0, 0.5], [0.6, -0.85, 0.25, 0.97]
    )
    # Genz's routine is good to about 1e-15.
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-15)


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.15, 0.62, 0.93])
@pytest.mark.parametrize(("h", "k"), [(-2.4, 1.0), (0.3, 0.3), (1.5, -0.2), (2.6, 2.4)])
def test_the_integral_agrees_with_scipy(h, k, rho):
    expected = joint_below(h, k, rho) - norm.cdf(h) * norm.cdf(k)
    # scipy asks its own routine for 1e-8 in two dimensions but does better.
    assert float(orthant_covariance(h, k, rho)) == pytest.approx(expected, abs=1e-9)


def test_the_integral_is_symmetric_and_reflects():
    h, k, rho = np.array([0.4, -1.1]), np.array([1.3, 0.2]), np.array([0.5, -0.8])
    value = orthant_covariance(h, k, rho)
    np.testing.assert_allclose(orthant_covariance(k, h, rho), value, rtol=1e-13)
    np.testing.assert_allclose(orthant_covariance(-h, -k, rho), value, rtol=1e-13)
    np.testing.assert_allclose(orthant_covariance(-h, k, -rho), -value, rtol=1e-13)


@pytest.mark.parametrize("rho", [1.0, -1.0, 1.2, np.nan])
def test_an_impossible_correlation_is_refused(rho):
    with pytest.raises(DataError, match="strictly between -1 and 1"):
        orthant_covariance([0.0, 0.1], 0.2, [0.5, rho])


# likert_moments


def test_one_item_by_hand():
    # Three answers of a third each: mean 2, variance (1 + 0 + 1) / 3.
    moments = likert_moments([norm.ppf([1 / 3, 2 / 3])], [[1.0]])
    assert moments.mean[0] == pytest.approx(2.0, abs=1e-14)
    assert moments.covariance[0, 0] == pytest.approx(2 / 3, abs=1e-14)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (0, 2), (1, 2)])
def test_covariances_are_those_of_the_cells(one, other):
    found = likert_moments(THRESHOLDS, CORRELATION).covariance[one, other]
    expected = covariance_from_cells(THRESHOLDS[one], THRESHOLDS[other], CORRELATION[one, other])
    # The cells come from scipy's cdf, a dozen of them at about 1e-9 each.
    assert found == pytest.approx(expected, abs=1e-7)


def test_means_and_variances_are_those_of_the_categories():
    moments = likert_moments(THRESHOLDS, CORRELATION)
    for item, row in enumerate(THRESHOLDS):
        shares = np.diff(norm.cdf([-np.inf, *row, np.inf]))
        codes = np.arange(1, len(shares) + 1)
        mean = shares @ codes
        assert moments.mean[item] == pytest.approx(mean, abs=1e-14)
        assert moments.covariance[item, item] == pytest.approx(
            shares @ (codes - mean) ** 2, abs=1e-13
        )


def test_many_answers_approach_the_normal_correlation():
    # With a fine grid the codes are the normal variables over the step, .05; grouping into
    # intervals adds step^2 / 12 to the variance (Sheppard's correction), 1 + .0002.
    grid = np.arange(-6.0, 6.0, 0.05)
    moments = likert_moments([grid, grid], [[1.0, 0.37], [0.37, 1.0]])
    assert moments.covariance[0, 1] * 0.05**2 == pytest.approx(0.37, abs=1e-6)
    assert moments.covariance[0, 0] * 0.05**2 == pytest.approx(1 + 0.05**2 / 12, abs=1e-6)


def test_the_order_of_the_items_changes_nothing():
    moments = likert_moments(THRESHOLDS, CORRELATION)
    order = [2, 0, 1]
    turned = likert_moments([THRESHOLDS[i] for i in order], CORRELATION[np.ix_(order, order)])
    np.testing.assert_allclose(turned.mean, moments.mean[order], rtol=1e-14)
    np.testing.assert_allclose(
        turned.covariance, moments.covariance[np.ix_(order, order)], rtol=1e-12
    )


def test_turning_an_item_round_turns_its_covariances_round():
    turned = [THRESHOLDS[0], [-t for t in reversed(THRESHOLDS[1])], THRESHOLDS[2]]
    sign = np.array([1.0, -1.0, 1.0])
    moments = likert_moments(THRESHOLDS, CORRELATION)
    found = likert_moments(turned, CORRELATION * np.outer(sign, sign))
    np.testing.assert_allclose(
        found.covariance, moments.covariance * np.outer(sign, sign), rtol=1e-12
    )
    assert found.mean[1] == pytest.approx(6 - moments.mean[1], abs=1e-13)


@pytest.mark.parametrize(
    "correlation",
    [
        [[1.0, 0.5], [0.4, 1.0]],
        [[1.0, 0.5], [0.5, 2.0]],
        [[1.0]],
        [[1.0, np.nan], [np.nan, 1.0]],
    ],
)
def test_what_is_no_correlation_matrix_is_refused(correlation):
    with pytest.raises(DataError, match="correlation matrix of 2 items"):
        likert_moments([[0.0], [0.0]], correlation)


@pytest.mark.parametrize("row", [[], [0.5, 0.5], [1.0, 0.0], [0.0, np.inf], [[0.0]]])
def test_thresholds_that_do_not_rise_are_refused(row):
    with pytest.raises(DataError, match=r"items in order: \[2\]"):
        likert_moments([[0.0], row], np.eye(2))


# cut


def test_a_code_counts_the_thresholds_exceeded():
    codes = cut([[-2.0, 0.3], [0.0, 0.30001], [5.0, -1.0]], [[-1.0, 1.0], [0.3]])
    assert codes.tolist() == [[1, 1], [2, 2], [3, 1]]


def test_values_need_a_column_an_item():
    with pytest.raises(DataError, match="thresholds of 1 items"):
        cut([[0.0, 1.0]], [[0.0]])


# Against draws


@pytest.mark.slow
def test_moments_are_those_of_many_draws():
    n = 2_000_000
    rng = np.random.default_rng(52)
    factor = np.linalg.cholesky(CORRELATION)
    codes = cut(standard_normals(rng, (n, 3)) @ factor.T, THRESHOLDS).astype(float)
    moments = likert_moments(THRESHOLDS, CORRELATION)
    centred = codes - moments.mean
    products = centred[:, :, None] * centred[:, None, :]
    # 3.5 Monte-Carlo standard errors, each from the draws themselves.
    mean_error = 3.5 * codes.std(axis=0) / np.sqrt(n)
    product_error = 3.5 * products.std(axis=0) / np.sqrt(n)
    assert np.all(np.abs(codes.mean(axis=0) - moments.mean) < mean_error)
    assert np.all(np.abs(products.mean(axis=0) - moments.covariance) < product_error)
