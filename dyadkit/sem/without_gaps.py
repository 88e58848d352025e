r"""Fit as it would be with complete scores, for fit indices under full information.

CFI and RMSEA from a chi-square under full information depend on what is missing.  With the moments
without a model m, their weights W (observed information) and spread of scores B as they are, and
:math:`W_c` the information about them of as many complete rows, the model's distance is

.. math:: T_c = N F(m, m(\hat\theta)), \qquad
          k = \operatorname{tr}(Q' W_c Q\, W^{-1} B W^{-1}), \qquad
          Q = I - \Delta (\Delta' W \Delta)^{-1} \Delta' W,

F being the fit function of complete data and k what T_c is by chance (Zhang & Savalei, 2023).

References
----------
Zhang, X., & Savalei, V. (2023). New computations for RMSEA and CFI following FIML and TS
estimation with missing data. Psychological Methods, 28, 263-283.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.likelihood import evaluate_likelihood, moment_hessian, residual_product
from dyadkit.sem.sample import Sample, sample_of_moments
from dyadkit.sem.saturated import Reference


class Completed(NamedTuple):
    """What the measures of complete scores share, whatever the model.

    Attributes
    ----------
    sample : Sample
        Complete, with the moments without a model.
    value : float
        Minus its log-likelihood at these.
    kept : ndarray of int
        The moments that models are about.
    weight, whole, gamma : ndarray, shape (G, kept, kept)
        W, W_c and W^-1 B W^-1.
    """

    sample: Sample
    value: float
    kept: IntArray
    weight: FloatArray
    whole: FloatArray
    gamma: FloatArray


def completed(
    sample: Sample, saturated: Reference, weight: FloatArray, spread: FloatArray, kept: IntArray
) -> Completed:
    """Prepare for `complete_fit`.

    Parameters
    ----------
    sample : Sample
        A stack of one.
    saturated : Reference
    weight, spread : ndarray, shape (G, s + p, s + p)
        W and B, at the moments without a model.
    kept : ndarray of int
        The moments that models are about.
    """
    counts = sample.by_group(sample.counts)[0]
    complete = sample_of_moments(counts.tolist(), list(saturated.mean), list(saturated.covariance))
    at = evaluate_likelihood(complete, saturated.covariance[None], saturated.mean[None])
    whole = moment_hessian(complete, at, residual_product(at), expected=True)[0]
    among = np.ix_(np.arange(counts.size), kept, kept)
    w, b = weight[among], spread[among]
    gamma = np.linalg.solve(w, np.swapaxes(np.linalg.solve(w, b), -1, -2))
    return Completed(complete, float(at.value[0]), kept, w, whole[among], gamma)


def complete_fit(
    given: Completed, sigma: FloatArray, mu: FloatArray, change: FloatArray
) -> tuple[float, float]:
    """Return T_c and k.

    Parameters
    ----------
    given : Completed
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
        What the model implies.
    change : ndarray, shape (G, s + p, q)
        Derivatives of these moments.
    """
    distance = float(evaluate_likelihood(given.sample, sigma[None], mu[None]).value[0])
    w, c, gamma, d = given.weight, given.whole, given.gamma, change[:, given.kept]
    weighted = w @ d
    inner = np.linalg.pinv((np.swapaxes(d, -1, -2) @ weighted).sum(axis=0), hermitian=True)
    # Groups share parameters, so that one's residuals depend on the others' moments.
    plain = float(np.einsum("gij,gji->", c, gamma))
    reach = np.swapaxes(d, -1, -2) @ c @ gamma @ weighted
    cross = float(np.trace(inner @ reach.sum(axis=0)))
    curved = (np.swapaxes(d, -1, -2) @ c @ d).sum(axis=0)
    noise = (np.swapaxes(weighted, -1, -2) @ gamma @ weighted).sum(axis=0)
    both = float(np.trace(curved @ inner @ noise @ inner))
    return 2.0 * (distance - given.value), plain - 2.0 * cross + both
