r"""What a model leaves unexplained, and how large that is beside chance.

The moments s (lower triangle of the covariance matrix, and means) have the asymptotic covariance
matrix :math:`\Gamma`, the inverse of the information about them at the moments without a model.
With W the same information at the implied moments, :math:`\Delta` the derivatives of these by the
parameters and :math:`Q = I - \Delta (\Delta' W \Delta)^{-1} \Delta' W`, the residuals have the
asymptotic covariance matrix :math:`Q \Gamma Q'` (Ogasawara, 2001; Maydeu-Olivares, 2017), as in
lavaan's ``lavResiduals``.  After MLR :math:`\Gamma` is :math:`A^{-1} B A^{-1}`, with A that
information and B the spread of the rows' scores.

References
----------
Maydeu-Olivares, A. (2017). Assessing the size of model misfit in structural equation models.
Psychometrika, 82, 533-558.

Ogasawara, H. (2001). Standard errors of fit indices using residuals in structural equation
modeling. Psychometrika, 66, 421-436.
"""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.cases import Cases
from dyadkit.sem.implied import jacobian
from dyadkit.sem.inference import binding_jacobian, covariance_of_estimates
from dyadkit.sem.likelihood import evaluate_likelihood, moment_hessian, residual_product
from dyadkit.sem.robust import moment_spread
from dyadkit.sem.solution import Solution
from dyadkit.sem.structure import estimated_moments


def residuals_of(solution: Solution, *, scaled: bool) -> tuple[FloatArray, FloatArray]:
    """Return residual covariances (G, p, p) and means (G, p).

    Parameters
    ----------
    solution : Solution
    scaled : bool
        Whether to divide by the standard deviations of the moments without a model.
    """
    reference, implied = solution.saturated, solution.implied
    covariance = reference.covariance - implied.sigma[0]
    mean = (
        reference.mean - implied.mu[0]
        if solution.table.meanstructure
        else np.zeros_like(reference.mean)
    )
    if not scaled:
        return covariance, mean
    sd = np.sqrt(np.diagonal(reference.covariance, axis1=1, axis2=2))
    return covariance / (sd[:, :, None] * sd[:, None, :]), mean / sd


def residual_z(solution: Solution, cases: Cases | None = None) -> tuple[FloatArray, FloatArray]:
    """Return residual covariances (G, p, p) and means (G, p) over their standard errors.

    NaN where a residual cannot differ from zero.

    Parameters
    ----------
    solution : Solution
    cases : Cases, optional
        For standard errors that do not rest on normal scores.
    """
    objective, implied, reference = solution.objective, solution.implied, solution.saturated
    groups, p = reference.mean.shape
    kept = estimated_moments(objective.structure)
    among = np.ix_(np.arange(groups), kept, kept)
    weight = _information(solution, implied.sigma, implied.mu)[among]
    change = jacobian(objective.structure, implied)[0][:, kept]
    across = np.swapaxes(change, -1, -2)
    binding = binding_jacobian(solution.constraints, solution.theta)
    within = covariance_of_estimates((across @ weight @ change).sum(axis=0), binding)
    moments = _information(solution, reference.covariance[None], reference.mean[None])[among]
    spread = np.linalg.inv(moments)
    if cases is not None:
        scores = moment_spread(cases, reference.covariance, reference.mean)[among]
        spread = spread @ scores @ spread
    # Groups share parameters: a group's moments move the estimates, and so the others' residuals.
    pull = change @ within @ across @ weight
    own = np.eye(kept.size) - pull
    variance = np.einsum("gij,gjk,gik->gi", own, spread, own)
    noise = across @ weight @ spread @ weight @ change
    reach = change @ within
    variance += np.einsum("gir,rs,gis->gi", reach, noise.sum(axis=0), reach)
    variance -= np.einsum("gir,grs,gis->gi", reach, noise, reach)
    raw, mean = residuals_of(solution, scaled=False)
    low, high = np.tril_indices(p)
    residual = np.concatenate([raw[:, low, high], mean], axis=1)
    z = np.full(residual.shape, np.nan)
    known = variance > 1e-9 * np.diagonal(spread, axis1=1, axis2=2)
    root = np.sqrt(np.where(known, variance, 1.0))
    z[:, kept] = np.where(known, residual[:, kept] / root, np.nan)
    covariance = np.empty((groups, p, p))
    covariance[:, low, high] = covariance[:, high, low] = z[:, : low.size]
    return covariance, z[:, low.size :]


def _information(solution: Solution, sigma: FloatArray, mu: FloatArray) -> FloatArray:
    """Return the information about each group's moments, of the kind that the errors use."""
    sample, has_means = solution.objective.sample, solution.table.meanstructure
    at = evaluate_likelihood(sample, sigma, mu, has_means)
    expected = solution.information == "expected"
    found = moment_hessian(sample, at, residual_product(at), expected=expected)
    return np.asarray(found[0])
