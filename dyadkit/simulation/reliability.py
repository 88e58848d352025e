"""True reliability coefficients of a scale from its items' exact covariance matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize, root

from dyadkit.errors import FitError

FloatArray = NDArray[np.float64]


def cronbach_alpha(covariance: ArrayLike) -> float:
    r"""Return Cronbach's alpha, :math:`\frac{k}{k-1}(1 - \mathrm{tr}\,\Sigma / 1'\Sigma 1)`.

    Examples
    --------
    >>> round(cronbach_alpha([[1.0, 0.5], [0.5, 1.0]]), 10)
    0.6666666667
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    size = matrix.shape[0]
    return float(size / (size - 1) * (1.0 - np.trace(matrix) / matrix.sum()))


def one_factor_omega(covariance: ArrayLike) -> float:
    r"""Return :math:`(\sum\lambda)^2 / 1'\Sigma 1` from the one-factor ML solution.

    Examples
    --------
    >>> round(one_factor_omega([[1.0, 0.25, 0.25], [0.25, 1.0, 0.25], [0.25, 0.25, 1.0]]), 10)
    0.5
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    return float(one_factor_loadings(matrix).sum() ** 2 / matrix.sum())


def one_factor_loadings(covariance: ArrayLike) -> FloatArray:
    r"""Return the loadings that minimise :math:`\log|\Sigma| + \mathrm{tr}(S\Sigma^{-1})`.

    The implied matrix is :math:`\Sigma = \lambda\lambda' + \Psi` with a diagonal :math:`\Psi`. The
    likelihood equations :math:`\Omega\lambda = 0` and :math:`\mathrm{diag}\,\Omega = 0`, with
    :math:`\Omega = \Sigma^{-1}(\Sigma - S)\Sigma^{-1}` (Jöreskog 1967), are solved for the loadings
    and the logarithms of the unique variances. This is deliberately another route than the
    package's estimator takes, so that the truth cannot share its mistakes.

    Parameters
    ----------
    covariance : array_like, shape (k, k)
        Covariance matrix S of at least three items that one factor with positive unique variances
        describes roughly.

    Returns
    -------
    ndarray, shape (k,)
        Signed so that their sum is positive.

    Raises
    ------
    FitError
        When the equations have no solution nearby.

    References
    ----------
    Jöreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis.
    Psychometrika, 32, 443-482.

    Examples
    --------
    >>> one_factor_loadings([[1.0, 0.56, 0.48], [0.56, 1.0, 0.42], [0.48, 0.42, 1.0]]).round(8)
    array([0.8, 0.7, 0.6])
    """
    sample = np.asarray(covariance, dtype=np.float64)
    size = sample.shape[0]
    deviations = np.sqrt(np.diagonal(sample))
    scaled = sample / np.outer(deviations, deviations)

    def implied_matrix(parameters: FloatArray) -> FloatArray:
        loadings = parameters[:size]
        implied: FloatArray = np.outer(loadings, loadings) + np.diag(np.exp(parameters[size:]))
        return implied

    def discrepancy(parameters: FloatArray) -> float:
        implied = implied_matrix(parameters)
        return float(np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, scaled)))

    def equations(parameters: FloatArray) -> FloatArray:
        implied = implied_matrix(parameters)
        inverse = np.linalg.inv(implied)
        residual = inverse @ (implied - scaled) @ inverse
        unique = np.exp(parameters[size:]) * np.diagonal(residual)
        return np.concatenate([2.0 * residual @ parameters[:size], unique])

    values, vectors = np.linalg.eigh(scaled)
    start = 0.9 * np.clip(np.sqrt(values[-1]) * vectors[:, -1], -1.0, 1.0)
    # Loadings of 0 also solve the equations, so the search goes downhill first and then polishes.
    nearby = minimize(
        discrepancy,
        np.concatenate([start, np.log(1.0 - start**2)]),
        jac=equations,
        method="BFGS",
        options={"gtol": 1e-6},
    ).x
    found = root(equations, nearby, method="hybr", tol=1e-13).x
    gradient = float(np.max(np.abs(equations(found))))
    moved = float(np.max(np.abs(found - nearby)))
    if not (gradient < 1e-10 and moved < 1e-3):
        raise FitError(
            f"The one-factor solution of {size} items was not found: the largest likelihood "
            f"equation is {gradient:.2g} where 0 is due, and the last steps went {moved:.2g} far. "
            "Check that one factor with positive unique variances describes the items."
        )
    loadings: FloatArray = found[:size] * deviations
    return loadings if loadings.sum() > 0 else -loadings
