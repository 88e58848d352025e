from __future__ import annotations

import numpy as np
import pytest

from dyadkit.errors import FitError
from dyadkit.estimation.one_factor import fit_one_factor
from dyadkit.simulation.reliability import cronbach_alpha, one_factor_loadings, one_factor_omega

# Not exactly one factor, so that the solution depends on what is minimised.
ITEMS = np.array(
    [
        [1.20, 0.55, 0.60, 0.48, 0.52],
        [0.55, 0.95, 0.44, 0.47, 0.41],
        [0.60, 0.44, 1.40, 0.50, 0.62],
        [0.48, 0.47, 0.50, 1.10, 0.45],
        [0.52, 0.41, 0.62, 0.45, 1.30],
    ]
)


def test_alpha_by_hand():
    # Variances 5.95 in all, covariances 5.04 off one side: 5 / 4 (1 - 5.95 / 16.03).
    assert cronbach_alpha(ITEMS) == pytest.approx(1.25 * (1 - 5.95 / 16.03), abs=1e-14)


def test_loadings_and_omega_agree_with_r():
    # R 4.2.2, with S the matrix above:
    # f <- factanal(covmat = cov2cor(S), factors = 1,
    #               control = list(opt = list(factr = 1e-3, pgtol = 0)))
    # l <- f$loadings[, 1] * sqrt(diag(S)); print(l, digits = 12); sum(l)^2 / sum(S)
    loadings = [0.781674223674, 0.653401493731, 0.765591596856, 0.656872627524, 0.691988587581]
    # factanal's L-BFGS-B stops at about 1e-8 of the optimum.
    np.testing.assert_allclose(one_factor_loadings(ITEMS), loadings, rtol=0, atol=2e-8)
    assert one_factor_omega(ITEMS) == pytest.approx(0.7859733488, abs=1e-9)


def test_loadings_agree_with_the_estimator_that_takes_another_route():
    # Two programs of one package agree here; R above says that both are right.
    np.testing.assert_allclose(
        one_factor_loadings(ITEMS), fit_one_factor(ITEMS).loadings, rtol=0, atol=1e-8
    )


def test_an_exact_factor_is_recovered_whatever_its_sign():
    loadings = np.array([0.9, -0.5, 1.4, 0.3])
    matrix = np.outer(loadings, loadings) + np.diag([0.4, 0.8, 0.5, 1.0])
    np.testing.assert_allclose(one_factor_loadings(matrix), loadings, rtol=0, atol=1e-9)


def test_rescaling_an_item_rescales_its_loading():
    scale = np.array([1.0, 10.0, 0.1, 2.0, 5.0])
    found = one_factor_loadings(ITEMS * np.outer(scale, scale))
    np.testing.assert_allclose(found, scale * one_factor_loadings(ITEMS), rtol=1e-9)


def test_shuffling_the_items_shuffles_the_loadings():
    order = [3, 0, 4, 2, 1]
    found = one_factor_loadings(ITEMS[np.ix_(order, order)])
    np.testing.assert_allclose(found, one_factor_loadings(ITEMS)[order], rtol=0, atol=1e-10)


def test_items_without_a_factor_are_an_error():
    # A Heywood case: the third item would need a negative unique variance.
    matrix = [[1.0, 0.1, 0.7], [0.1, 1.0, 0.7], [0.7, 0.7, 1.0]]
    with pytest.raises(FitError, match="not found"):
        one_factor_loadings(matrix)
