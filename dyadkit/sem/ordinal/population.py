r"""Estimates of what fit indices are in the population of latent responses.

Indices made of the chi-square of weighted least squares depend on the weights, and so on numbers of
categories and rows.  Savalei (2021) takes the discrepancy of maximum likelihood between the
polychoric correlations R and the correlations P that the estimates imply in its place,

.. math:: T = \sum_g n_g \{ \log|P_g| - \log|R_g| + \operatorname{tr}(R_g P_g^{-1}) - p \},
    \qquad k = \operatorname{tr}(Q' V Q \Gamma), \qquad Q = I - \Delta C \Delta' W,

where k is about the mean of T in a population that the model fits: V is the weight of maximum
likelihood, :math:`v_{ij,kl} = p^{ik} p^{jl} + p^{il} p^{jk}` by elements of :math:`P^{-1}`; groups
are put together, and W and C are, as in `dyadkit.sem.ordinal.inference`.  Indices are made of T - k
and of the same of the baseline model.

As in lavaan (0.6-14) there are none where a variable is continuous, and where the model restricts
thresholds, whose misfit T does not see.  There the baseline model's k of several groups is too
large: each group's part is divided by its share of rows.  Here it is not.

References
----------
Savalei, V. (2021). Improving fit indices in structural equation modeling with categorical data.
Multivariate Behavioral Research, 56, 390-407.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.ordinal.inference import Weighted
from dyadkit.sem.ordinal.moments import OrdinalStructure, covariances_among

_ROUNDING = 1e-8


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """The discrepancy T of maximum likelihood and about its mean, k, if the model holds."""

    chisq: float
    trace: float


def ml_discrepancies(
    model: OrdinalStructure,
    sample: Weighted,
    implied: FloatArray,
    change: FloatArray,
    within: FloatArray,
) -> tuple[Discrepancy, Discrepancy] | None:
    """Return discrepancies of the model and of the baseline model.

    Parameters
    ----------
    model : OrdinalStructure
    sample : Weighted
    implied : ndarray, shape (G, s)
        The implied statistics.
    change : ndarray, shape (G, s, q)
        Their derivatives.
    within : ndarray, shape (q, q)
        C / N.

    Returns
    -------
    tuple of Discrepancy, or None
        None where a variable is continuous, where the model restricts thresholds, and where a
        matrix of correlations is not positive definite.
    """
    if model.ordered.size < model.structure.n_observed:
        return None
    groups, s, q = change.shape
    t, c = model.variable.size, model.low.size
    share, n = sample.share, sample.n.sum()
    weighted = (share[:, None] * sample.weight)[..., None] * change
    outer = change.reshape(groups * s, q) @ (within * n) @ weighted.reshape(groups * s, q).T
    residual = (np.eye(groups * s) - outer).reshape(groups, s, groups * s)
    if np.abs(residual[:, :t]).max() > _ROUNDING:
        return None
    found, fitted = covariances_among(model, sample.values), covariances_among(model, implied)
    if not (positive_definite(found).all() and positive_definite(fitted).all()):
        return None
    precision = np.asarray(np.linalg.inv(fitted), dtype=np.float64)
    weight = share[:, None, None] * _weight(model, precision)
    gamma = np.zeros((groups, s, groups, s))
    for g in range(groups):
        gamma[g, :, g] = sample.gamma[g] / share[g]
    kept = residual[:, t:]
    spread = kept @ gamma.reshape(groups * s, groups * s) @ np.swapaxes(kept, 1, 2)
    log_found = np.linalg.slogdet(found)[1]
    value = np.linalg.slogdet(fitted)[1] - log_found
    value += np.einsum("gij,gji->g", found, precision) - found.shape[1]
    nothing = np.arange(t, t + c)
    return (
        Discrepancy(
            max(float(sample.n @ value), 0.0), float(np.einsum("gij,gji->", weight, spread))
        ),
        Discrepancy(float(-sample.n @ log_found), float(sample.gamma[:, nothing, nothing].sum())),
    )


def _weight(model: OrdinalStructure, precision: FloatArray) -> FloatArray:
    """Return the weights of maximum likelihood of correlations, shape (G, c, c)."""
    low, high = model.low, model.high
    one, two = low[:, None], high[:, None]
    return np.asarray(
        precision[:, one, low] * precision[:, two, high]
        + precision[:, one, high] * precision[:, two, low]
    )
