"""The test of random intercepts within matrices of data."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import chdtrc

import dyadkit as dk
from dyadkit.errors import Refused
from dyadkit.sem.variance_cone import cone_p_value, cone_statistic

OPTIONS = {"auto": "lavaan", "missing": "listwise", "meanstructure": False}
PANEL = "\n".join(
    [
        "tx =~ 1*x1 + 1*x2 + 1*x3 + 1*x4; ty =~ 1*y1 + 1*y2 + 1*y3 + 1*y4",
        *(f"{v}{t} ~ x{t - 1} + y{t - 1}" for t in (2, 3, 4) for v in "xy"),
        *(f"x{t} ~~ y{t}; x{t} ~~ x{t}; y{t} ~~ y{t}" for t in (1, 2, 3, 4)),
    ]
)
FULL = PANEL + "\ntx ~~ tx + ty; ty ~~ ty"
ZERO = PANEL + "\ntx ~~ 0*tx + 0*ty; ty ~~ 0*ty"


def panel(rng: np.random.Generator, n: int, trait: float = 0.0) -> pd.DataFrame:
    """Simulate four waves with a random intercept of the given standard deviation."""
    shared = trait * rng.normal(size=(n, 2))
    state, waves = rng.normal(size=(n, 2)), []
    for wave in range(4):
        if wave:
            state = state @ np.array([[0.4, 0.1], [0.2, 0.3]]) + rng.normal(size=(n, 2))
        waves.append(state + shared)
    names = [f"{v}{t}" for t in (1, 2, 3, 4) for v in "xy"]
    return pd.DataFrame(np.hstack(waves), columns=names)


def compare(data: pd.DataFrame, **options) -> pd.DataFrame:
    full, zero = (dk.fit_sem(model, data, **OPTIONS) for model in (FULL, ZERO))
    return dk.compare_zero_variances(zero, full, ["tx", "ty"], seed=1, **options)


def test_the_nearest_matrix_is_found():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(3, 3))
    precision = root @ root.T + 0.3 * np.eye(3)
    draws = rng.normal(size=(40, 3))
    found = cone_statistic(draws, precision)
    for z, statistic in zip(draws, found, strict=True):

        def distance(low: np.ndarray, z: np.ndarray = z) -> float:
            a, b, c = low
            off = z - np.array([a * a, a * b, b * b + c * c])
            return float(off @ precision @ off)

        best = min(
            minimize(
                distance, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
            ).fun
            for start in rng.normal(size=(6, 3))
        )
        assert abs(statistic - (z @ precision @ z - best)) < 1e-4


def test_one_variance_is_half_and_half():
    rng = np.random.default_rng(3)
    p_value, error = cone_p_value(2.5, np.array([[0.7]]), 400_000, rng)
    assert abs(p_value - 0.5 * chdtrc(1, 2.5)) < 3.5 * error


def test_intercepts_that_are_there_are_found():
    found = compare(panel(np.random.default_rng(4), 400, trait=0.8), draws=20_000)
    assert found["p_value"].tolist()[0] < 0.001
    assert found["p_value"].tolist()[1] < 0.001
    # Inside the cone both statistics are one.
    np.testing.assert_allclose(*found["statistic"], rtol=1e-9)
    assert found["monte_carlo_error"].iloc[1] < 0.001


def test_what_differs_by_more_is_refused():
    data = panel(np.random.default_rng(5), 200)
    full = dk.fit_sem(FULL, data, **OPTIONS)
    less = dk.fit_sem(ZERO.replace("x4 ~ x3 + y3", "x4 ~ x3"), data, **OPTIONS)
    with pytest.raises(Refused, match="4 degrees of freedom"):
        dk.compare_zero_variances(less, full, ["tx", "ty"])
    with pytest.raises(Refused, match="one or two latent"):
        dk.compare_zero_variances(less, full, ["tx", "ty", "tz"])


@pytest.mark.slow
def test_rejection_rates():
    # Both are right at 5 %, at N = 1,000; 3.5 Monte-Carlo standard errors of 600 samples.
    rng = np.random.default_rng(6)
    found = np.array([compare(panel(rng, 1000), draws=2000)["p_value"] for _ in range(600)])
    rates = (found < 0.05).mean(axis=0)
    assert np.abs(rates - 0.05).max() < 3.5 * sqrt(0.05 * 0.95 / 600)
