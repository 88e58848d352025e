"""Draws from the normal distribution of estimates."""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray


def draw_estimates(
    rng: np.random.Generator, theta: FloatArray, covariance: FloatArray, draws: int
) -> FloatArray:
    """Return draws of estimates, shape (draws, q), whatever units these have.

    Estimates are drawn in standard errors: beside variances of a billion, rounding would drown a
    path of 0.3.  One without a standard error is the same in all draws.

    Parameters
    ----------
    rng : numpy.random.Generator
    theta : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        It may be singular.
    draws : int

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> covariance = np.diag([1e-4, 1e30])
    >>> found = draw_estimates(rng, np.zeros(2), covariance, 10_000)
    >>> [f"{spread:.1g}" for spread in found.std(axis=0)]
    ['0.01', '1e+15']
    """
    errors = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    units = np.where(errors > 0, errors, 1.0)
    scaled = covariance / (units[:, None] * units)
    drawn = rng.multivariate_normal(np.zeros(theta.size), scaled, size=draws, method="eigh")
    return np.asarray(theta + units * drawn)
