"""Weighted sums of chi-squares against other ways to the same probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from dyadkit.estimation.quadratic_forms import weighted_chisq_tail


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
