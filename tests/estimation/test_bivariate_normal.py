"""The bivariate normal distribution against closed forms and numerical integration."""

from __future__ import annotations

from math import asin, pi

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from dyadkit.estimation.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    normal_density,
)


def integrated(h: float, k: float, rho: float) -> float:
    # Plackett's integral over the angle asin(rho), by Gauss and Legendre on 40 pieces that shrink
    # towards the end, where the integrand changes fastest.
    nodes, weights = np.polynomial.legendre.leggauss(40)
    ends = asin(rho) * (1 - np.linspace(1, 0, 41) ** 3)
    width = np.diff(ends)[:, None]
    sine = np.sin(ends[:-1, None] + width * (nodes + 1) / 2)
    form = ((h - k) ** 2 / (1 - sine) + (h + k) ** 2 / (1 + sine)) / 4
    total = np.sum(width / 2 * weights * np.exp(-form))
    return float(ndtr(h) * ndtr(k) + total / (2 * pi))


def points() -> list[tuple[float, float, float]]:
    rng = np.random.default_rng(1956)
    found = []
    for _ in range(600):
        h, k = rng.normal(size=2) * rng.choice([0.01, 1, 3])
        rho = rng.choice([rng.uniform(-1, 1), np.tanh(2 * rng.normal())])
        found += [(h, k, rho), (0.0, k, rho), (h, h * (1 + 1e-9), rho), (-h, h, rho)]
    return found


def test_distribution_against_integration() -> None:
    h, k, rho = np.array(points()).T
    expected = [integrated(*point) for point in zip(h, k, rho, strict=True)]
    np.testing.assert_allclose(bivariate_normal_cdf(h, k, rho), expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("rho", [-0.999, -0.95, -0.4, 0.0, 0.7, 0.93, 0.999])
def test_distribution_against_scipy(rho) -> None:
    # scipy integrates numerically to about 1e-8 or better.
    at = np.random.default_rng(3).normal(size=(40, 2))
    reference = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf(at)
    np.testing.assert_allclose(bivariate_normal_cdf(*at.T, rho), reference, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rho", [-0.9999, -0.5, 0.0, 0.3, 0.9999])
def test_distribution_in_closed_form(rho) -> None:
    x = np.array([-np.inf, -50.0, -1.3, 0.0, -0.0, 0.4, 50.0, np.inf])
    quadrant = 0.25 + asin(rho) / (2 * pi)
    assert bivariate_normal_cdf(0, -0.0, rho) == pytest.approx(quadrant, abs=1e-15)
    for edge in (np.inf, 60.0):
        np.testing.assert_allclose(bivariate_normal_cdf(x, edge, rho), ndtr(x), rtol=0, atol=1e-15)
        np.testing.assert_allclose(bivariate_normal_cdf(edge, x, rho), ndtr(x), rtol=0, atol=1e-15)
        np.testing.assert_allclose(bivariate_normal_cdf(x, -edge, rho), 0, rtol=0, atol=1e-15)
    h, k = x[:, None], x
    found = bivariate_normal_cdf(h, k, rho)
    np.testing.assert_allclose(found, found.T, rtol=0, atol=1e-15)
    np.testing.assert_allclose(
        found + bivariate_normal_cdf(h, -k, -rho), np.broadcast_to(ndtr(h), found.shape), atol=1e-15
    )


def test_density() -> None:
    at = np.random.default_rng(4).normal(size=(50, 2))
    reference = multivariate_normal(cov=[[1, -0.8], [-0.8, 1]]).pdf(at)
    np.testing.assert_allclose(bivariate_normal_density(*at.T, -0.8), reference, rtol=1e-12)
    assert bivariate_normal_density(np.inf, -np.inf, 0.5) == 0
    assert bivariate_normal_density(np.inf, 1.0, 0.5) == 0
    np.testing.assert_allclose(normal_density(np.array([0.0, np.inf])), [1 / np.sqrt(2 * pi), 0])


def test_density_is_the_derivative_by_the_correlation() -> None:
    rho = np.linspace(-0.9, 0.9, 19)
    ahead, behind = (bivariate_normal_cdf(0.3, -0.8, rho + e) for e in (1e-5, -1e-5))
    found = bivariate_normal_density(0.3, -0.8, rho)
    np.testing.assert_allclose((ahead - behind) / 2e-5, found, atol=1e-8)
