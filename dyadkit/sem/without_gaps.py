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

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.likelihood import evaluate_likelihood, moment_hessian, residual_product
from dyadkit.sem.sample import Sample, sample_of_moments
from dyadkit.sem.saturated import Reference


def complete_fit(
    sample: Sample,
    saturated: Reference,
    sigma: FloatArray,
    mu: FloatArray,
    change: FloatArray,
    weight: FloatArray,
    spread: FloatArray,
    kept: IntArray,
) -> tuple[float, float]:
    """Return T_c and k.

    Parameters
    ----------
    sample : Sample
        A stack of one.
    saturated : Reference
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
        What the model implies.
    change : ndarray, shape (G, s + p, q)
        Derivatives of these moments.
    weight, spread : ndarray, shape (G, s + p, s + p)
        W and B, at the moments without a model.
    kept : ndarray of int
        The moments that the model is about.
    """
    counts = sample.by_group(sample.counts)[0]
    complete = sample_of_moments(counts.tolist(), list(saturated.mean), list(saturated.covariance))
    at = evaluate_likelihood(complete, saturated.covariance[None], saturated.mean[None])
    whole = moment_hessian(complete, at, residual_product(at), expected=True)[0]
    distance = evaluate_likelihood(complete, sigma[None], mu[None]).value - at.value
    among = np.ix_(np.arange(counts.size), kept, kept)
    w, b, c, d = weight[among], spread[among], whole[among], change[:, kept]
    gamma = np.linalg.solve(w, np.swapaxes(np.linalg.solve(w, b), -1, -2))
    weighted = w @ d
    inner = np.linalg.pinv((np.swapaxes(d, -1, -2) @ weighted).sum(axis=0), hermitian=True)
    # Groups share parameters, so that one's residuals depend on the others' moments.
    plain = float(np.einsum("gij,gji->", c, gamma))
    reach = np.swapaxes(d, -1, -2) @ c @ gamma @ weighted
    cross = float(np.trace(inner @ reach.sum(axis=0)))
    curved = (np.swapaxes(d, -1, -2) @ c @ d).sum(axis=0)
    noise = (np.swapaxes(weighted, -1, -2) @ gamma @ weighted).sum(axis=0)
    both = float(np.trace(curved @ inner @ noise @ inner))
    return 2.0 * float(distance[0]), plain - 2.0 * cross + both
