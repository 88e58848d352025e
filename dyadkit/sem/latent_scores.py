r"""Scores of latent variables.

With y a row's scores, mean :math:`\mu` and covariance :math:`\Sigma`, :math:`\alpha` and
:math:`\Phi` those of the latent variables, K their covariances with y, and the loadings
:math:`\Lambda = K' \Phi^{-1}` with the unique covariances
:math:`\Theta = \Sigma - \Lambda \Phi \Lambda'`:

.. math::

    \text{regression}:&\quad \alpha + K \Sigma^{-1} (y - \mu),
        \qquad \Phi - K \Sigma^{-1} K' \\
    \text{Bartlett}:&\quad \alpha + (\Lambda' \Theta^{-1} \Lambda)^{-1} \Lambda' \Theta^{-1}
        (y - \mu), \qquad (\Lambda' \Theta^{-1} \Lambda)^{-1}

with the covariance matrix of their errors on the right (Thurstone, 1935; Bartlett, 1937), over the
scores that the row has.

References
----------
Bartlett, M. S. (1937). The statistical conception of mental factors. British Journal of Psychology,
28, 97-104.

Thurstone, L. L. (1935). The vectors of mind. University of Chicago Press.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.cases import Cases
from dyadkit.sem.casewise import implied_of
from dyadkit.sem.solution import Solution

Method = Literal["regression", "bartlett"]
_SINGULAR = 1e-10


class FactorScores(NamedTuple):
    """Scores of latent variables, their standard errors and how reliable they are.

    Shapes: scores and errors (n, k), NaN where a row has too few scores; variances (G, k), of the
    latent variables; complete_errors (G, k), of a row with all scores.
    """

    scores: FloatArray
    errors: FloatArray
    variances: FloatArray
    complete_errors: FloatArray


def factor_scores(solution: Solution, cases: Cases, method: Method) -> FactorScores:
    """Score the latent variables of each row.

    Parameters
    ----------
    solution : Solution
    cases : Cases
        The rows to score.
    method : {"regression", "bartlett"}
    """
    p = len(solution.table.observed)
    k = len(solution.table.latent)
    _, mu = implied_of(solution)
    whole, mean = solution.implied.covariance[0], solution.implied.mean[0]
    records = cases.records
    scores, errors = np.full((records.n, k), np.nan), np.full((records.n, k), np.nan)
    ends = [*records.starts[1:].tolist(), records.n]
    for number, (begin, end) in enumerate(zip(records.starts.tolist(), ends, strict=True)):
        rows, g = records.order[begin:end], records.group[number]
        has = np.flatnonzero(records.observed[number])
        known, weights, spread = _weights(whole[g], p, has, method)
        centred = cases.values[np.ix_(rows, has)] - mu[g, has]
        scores[np.ix_(rows, known)] = mean[g, p + known] + centred @ weights.T
        errors[np.ix_(rows, known)] = np.sqrt(np.maximum(np.diagonal(spread), 0.0))
    full = np.full((whole.shape[0], k), np.nan)
    for g in range(whole.shape[0]):
        known, _, spread = _weights(whole[g], p, np.arange(p), method)
        full[g, known] = np.sqrt(np.maximum(np.diagonal(spread), 0.0))
    variances = np.diagonal(whole[:, p:, p:], axis1=1, axis2=2)
    return FactorScores(scores, errors, np.asarray(variances), full)


def _weights(
    whole: FloatArray, p: int, has: np.ndarray, method: Method
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """Return which latent variables can be scored, the weights of scores and errors' covariance."""
    sigma, cross, phi = whole[np.ix_(has, has)], whole[p:][:, has], whole[p:, p:]
    everyone = np.arange(phi.shape[0])
    if method == "regression":
        weights = np.linalg.solve(sigma, cross.T).T
        return everyone, weights, phi - weights @ cross.T
    loadings = np.linalg.solve(phi, cross).T
    known = everyone[(np.abs(loadings) > _SINGULAR * np.abs(loadings).max()).any(axis=0)]
    unique = sigma - loadings @ phi @ loadings.T
    loadings = loadings[:, known]
    inner = np.linalg.solve(unique, loadings)
    precision = loadings.T @ inner
    spread = np.linalg.inv(precision)
    return known, spread @ inner.T, spread
