"""Weighted sums of chi-squares against other ways to the same probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, ncx2, norm

from dyadkit.estimation.quadratic_forms import weighted_chisq_quantile, weighted_chisq_tail


@pytest.mark.parametrize("weights", [(1.0, 0.3), (2.0, 0.01), (0.7, 0.69)])
@pytest.mark.parametrize("share", [0.02, 0.3, 1.0, 4.0, 12.0])
def test_two_weights_by_convolution(weights, share):
    first, second = weights
    q = share * sum(weights)
    inner, _ = quad(
        lambda y: chi2.sf((q - second * y * y) / first, 1) * 2 * np.exp(-y * y / 2),
        0.0,
        np.sqrt(q / second),
        epsabs=1e-14,
    )
    expected = inner / np.sqrt(2 * np.pi) + chi2.sf(q / second, 1)
    np.testing.assert_allclose(weighted_chisq_tail(q, weights), expected, atol=1e-11)


@pytest.mark.parametrize("pairs", [(1.0, 0.5), (2.0, 1.9), (1.0, 0.05)])
def test_weights_in_pairs_are_exponentials(pairs):
    # 2 a chi-square of 2 df is exponential; two of them have a tail in closed form.
    a, b = pairs
    for q in (0.1, 1.0, 5.0, 20.0):
        expected = (a * np.exp(-q / (2 * a)) - b * np.exp(-q / (2 * b))) / (a - b)
        found = weighted_chisq_tail(q, [a, a, b, b])
        np.testing.assert_allclose(found, expected, atol=1e-11)


def test_signs_and_ends():
    # The difference of two chi-squares of 2 df is a Laplace variable.
    for q in (-3.0, 0.0, 1.0, 4.0):
        expected = 0.5 * np.exp(-q / 2) if q >= 0 else 1 - 0.5 * np.exp(q / 2)
        np.testing.assert_allclose(
            weighted_chisq_tail(q, [1.0, 1.0, -1.0, -1.0]), expected, atol=1e-9
        )
    assert weighted_chisq_tail(-1.0, [1.0, 0.4]) == 1.0
    assert weighted_chisq_tail(0.0, [1.0, 0.4]) == 1.0
    assert weighted_chisq_tail(1.0, []) == 0.0
    np.testing.assert_allclose(weighted_chisq_tail(3.0, [2.0, 2.0]), chi2.sf(1.5, 2), rtol=1e-13)


@pytest.mark.parametrize("df", [1, 2, 7])
@pytest.mark.parametrize("away", [0.0, 0.4, 30.0, 1e5])
@pytest.mark.parametrize("tail", [0.3, 0.05, 1e-4])
def test_quantiles_of_one_weight_are_those_of_a_noncentral_chi_square(df, away, tail):
    parts = np.full(df, away / df)
    expected = 2.5 * ncx2.isf(tail, df, away)
    np.testing.assert_allclose(
        weighted_chisq_quantile(tail, np.full(df, 2.5), parts), expected, rtol=1e-9
    )


@pytest.mark.parametrize("weights", [[2.0, 0.5], [1.0, 1e-3, 1e-8], [3.0, 2.0, 0.1, 0.01]])
def test_quantiles_and_tails_are_inverses(weights):
    for tail in (0.2, 0.05, 0.001):
        q = weighted_chisq_quantile(tail, weights, np.zeros(len(weights)))
        np.testing.assert_allclose(weighted_chisq_tail(q, weights), tail, rtol=1e-9)


def test_quantiles_of_unequal_weights_away_from_zero():
    # P(2(z + 1.5)^2 + .5(w - 1)^2 > q), by integration over z of the normal tails of w.
    weights, away = np.array([2.0, 0.5]), np.array([2.25, 1.0])
    q = weighted_chisq_quantile(0.05, weights, away)
    end = np.sqrt(q / 2.0)

    def inside(x):
        left = np.sqrt((q - 2.0 * x**2) / 0.5)
        return norm.pdf(x - 1.5) * (norm.cdf(left - 1.0) - norm.cdf(-left - 1.0))

    expected = 1.0 - quad(inside, -end, end, epsabs=1e-13, limit=400)[0]
    np.testing.assert_allclose(expected, 0.05, rtol=1e-8)
