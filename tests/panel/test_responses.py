"""Responses, routes and rates as arrays: written-out products, companion form, logarithms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm, logm

from dyadkit.panel.implied.drift import STEPS, drift_of, has_logarithm, peak_of
from dyadkit.panel.implied.responses import impulse_responses, indirect_effects

RNG = np.random.default_rng(12)


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("waves", [2, 3, 5])
def test_responses_are_products(k: int, waves: int) -> None:
    first = RNG.normal(size=(3, waves - 1, k, k))
    found = impulse_responses(first)
    assert found.shape == first.shape
    for draw in range(3):
        product = np.eye(k)
        for wave in range(waves - 1):
            product = first[draw, wave] @ product
            np.testing.assert_allclose(found[draw, wave], product, rtol=1e-12)


@pytest.mark.parametrize("k", [2, 4])
def test_responses_of_second_order_are_those_of_the_companion_form(k: int) -> None:
    waves = 6
    first = RNG.normal(size=(2, waves - 1, k, k))
    second = RNG.normal(size=(2, waves - 2, k, k))
    found = impulse_responses(first, second)
    for draw in range(2):
        state = np.vstack([np.eye(k), np.zeros((k, k))])
        for wave in range(waves - 1):
            before = second[draw, wave - 1] if wave else np.zeros((k, k))
            companion = np.block([[first[draw, wave], before], [np.eye(k), np.zeros((k, k))]])
            state = companion @ state
            np.testing.assert_allclose(found[draw, wave], state[:k], rtol=1e-10, atol=1e-12)
    none = np.zeros_like(second)
    np.testing.assert_array_equal(impulse_responses(first, none), impulse_responses(first))


def test_routes_over_two_lags_sum_to_the_response() -> None:
    first = RNG.normal(size=(5, 3, 3, 3))
    routes = indirect_effects(first)
    assert routes.shape == (5, 2, 3, 3, 3)
    # By way of 1, from 0 in the second wave to 2 in the fourth.
    np.testing.assert_allclose(routes[:, 1, 2, 1, 0], first[:, 2, 2, 1] * first[:, 1, 1, 0])
    np.testing.assert_allclose(
        routes[:, 0].sum(axis=-2), impulse_responses(first)[:, 1], rtol=1e-12, atol=1e-14
    )


def sylvester(effects: np.ndarray) -> np.ndarray:
    """Return the logarithm of a 2 x 2 matrix with two eigenvalues above zero."""
    middle, turn = np.trace(effects) / 2, np.linalg.det(effects)
    root = np.sqrt(middle**2 - turn)
    big, small = middle + root, middle - root
    one = np.eye(2)
    return (np.log(big) * (effects - small * one) - np.log(small) * (effects - big * one)) / (
        big - small
    )


def test_rates_are_those_of_sylvesters_formula() -> None:
    effects = 0.45 * np.eye(2) + 0.1 * RNG.random((200, 2, 2))
    found = drift_of(effects, 4.0)
    assert found.real.all()
    expected = np.array([sylvester(each) / 4.0 for each in effects])
    np.testing.assert_allclose(found.rate, expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_rates_lead_back_to_the_effects(k: int) -> None:
    # Eigenvalues are complex in many of them, and near zero or below it in some.
    effects = 0.4 * np.eye(k) + 0.15 * RNG.normal(size=(2000, k, k))
    found = drift_of(effects, 2.5)
    real = found.real
    assert 0.8 < real.mean() < 1.0
    assert np.isnan(found.rate[~real]).all()
    assert np.isnan(found.step[~real]).all()
    back = expm(2.5 * found.rate[real])
    np.testing.assert_allclose(back, effects[real], rtol=0, atol=1e-10)
    steps = np.linalg.matrix_power(found.step[real], STEPS)
    np.testing.assert_allclose(steps, effects[real], rtol=0, atol=1e-10)
    for number in np.flatnonzero(real)[:50]:
        theirs = np.real(logm(effects[number])) / 2.5
        np.testing.assert_allclose(found.rate[number], theirs, rtol=1e-9, atol=1e-11)


def test_equal_eigenvalues_do_no_harm() -> None:
    # Of one eigenvector only: log of r I + N is log(r) I + N / r where N N = 0.
    found = drift_of(np.array([[[0.3, 0.0], [0.25, 0.3]]]), 1.0)
    expected = [[np.log(0.3), 0.0], [0.25 / 0.3, np.log(0.3)]]
    np.testing.assert_allclose(found.rate[0], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("effects", "real"),
    [
        ([[0.5, 0.1], [0.1, 0.5]], True),
        ([[0.1, 0.5], [0.5, 0.1]], False),
        ([[0.2, 0.2], [0.2, 0.2]], False),
        ([[0.3, 0.1], [0.6, 0.2]], False),
        # A turn of a right angle has a logarithm, a half turn has none.
        ([[0.0, -0.5], [0.5, 0.0]], True),
        ([[-0.5, 0.0], [0.0, -0.5]], False),
        ([[np.nan, 0.0], [0.0, 0.5]], False),
    ],
)
def test_what_has_no_real_rates_is_known(effects: list[list[float]], real: bool) -> None:
    assert has_logarithm(np.array([effects])).tolist() == [real]


def test_an_effect_is_strongest_where_its_slope_is_zero() -> None:
    # exp(-s) - exp(-2 s) is largest at log 2; before that it grows, and no effect has no peak.
    rate = np.array([[-1.0, 0.0], [0.5, -2.0]])
    assert peak_of(rate, 1, 0, 5.0) == pytest.approx(np.log(2.0), abs=1e-6)
    assert np.isnan(peak_of(rate, 1, 0, 0.5))
    assert np.isnan(peak_of(rate, 0, 1, 5.0))
