"""How often the ladder rejects what is true, and finds what is planted: 400 samples a cell."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtri
from scipy.stats import ncx2

from dyadkit.measurement.ladder import Factor, Step, ladder_syntax
from dyadkit.models.structural import fit_sem

SAMPLES, N = 400, 200
STEPS: tuple[Step, ...] = ("configural", "loadings", "intercepts", "residuals")
NAMES = [f"q{item}_{role}" for role in ("m", "d") for item in range(1, 5)]
FACTORS = (Factor("f_m", "m", tuple(NAMES[:4])), Factor("f_d", "d", tuple(NAMES[4:])))
SYNTAX = {step: ladder_syntax(FACTORS, step) for step in STEPS}


def population(intercept: float, loading: float) -> tuple[np.ndarray, np.ndarray]:
    """Return covariances and means of both members' four items; the second's differ as planted."""
    one = np.array([0.9, 0.8, 0.7, 0.8])
    other = one + np.array([0.0, 0.0, loading, 0.0])
    lam = np.zeros((8, 2))
    lam[:4, 0], lam[4:, 1] = one, other
    phi = np.array([[1.0, 0.4], [0.4, 1.2]])
    theta = np.eye(8) * 0.5
    for item in range(4):
        theta[item, item + 4] = theta[item + 4, item] = 0.1
    means = np.concatenate([np.full(4, 3.0), 3.0 + 0.3 * other])
    means[5] += intercept
    return lam @ phi @ lam.T + theta, means


def differences(intercept: float, loading: float) -> np.ndarray:
    """Return the chi-square differences of the three steps in every sample."""
    sigma, mu = population(intercept, loading)
    rng = np.random.default_rng(2)
    found = np.empty((SAMPLES, 3))
    for sample in range(SAMPLES):
        data = pd.DataFrame(rng.multivariate_normal(mu, sigma, N), columns=NAMES)
        chisq = [fit_sem(SYNTAX[step], data, auto="lavaan").summary["chisq"] for step in STEPS]
        found[sample] = np.diff(chisq)
    return found


def noncentralities(intercept: float, loading: float) -> np.ndarray:
    """Return what the differences are in the population, for N dyads."""
    sigma, mu = population(intercept, loading)
    frame = pd.DataFrame(sigma, index=NAMES, columns=NAMES) * N / (N - 1)
    means = pd.Series(mu, index=NAMES)
    chisq = [
        fit_sem(SYNTAX[step], auto="lavaan", sample_cov=frame, sample_mean=means, n_obs=N).summary[
            "chisq"
        ]
        for step in STEPS
    ]
    return np.diff(chisq)


DF = np.array([3, 3, 4])
CRITICAL = chdtri(DF, 0.05)


@pytest.mark.slow
def test_what_is_equal_is_rejected_as_often_as_it_should_be() -> None:
    share = (differences(0.0, 0.0) > CRITICAL).mean(axis=0)
    allowed = 3.5 * sqrt(0.05 * 0.95 / SAMPLES)
    assert (np.abs(share - 0.05) <= allowed).all(), share


@pytest.mark.slow
@pytest.mark.parametrize(("intercept", "loading", "step"), [(0.25, 0.0, 1), (0.0, -0.3, 0)])
def test_what_is_planted_is_found_as_often_as_predicted(
    intercept: float, loading: float, step: int
) -> None:
    share = float((differences(intercept, loading)[:, step] > CRITICAL[step]).mean())
    effect = float(noncentralities(intercept, loading)[step])
    power = float(ncx2.sf(CRITICAL[step], DF[step], effect))
    assert 0.3 < power < 0.995
    # The noncentral chi-square is itself an approximation: two points beside Monte-Carlo error.
    assert abs(share - power) <= 3.5 * sqrt(power * (1 - power) / SAMPLES) + 0.02, (share, power)
