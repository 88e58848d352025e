"""What each row contributes to the likelihood of a fitted model."""

from __future__ import annotations

from math import log, pi

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.cases import Cases
from dyadkit.sem.implied import jacobian
from dyadkit.sem.robust import case_scores
from dyadkit.sem.solution import Solution


def case_logliks(cases: Cases, sigma: FloatArray, mu: FloatArray) -> FloatArray:
    """Return the log-likelihood of each row, without its weight, shape (n,).

    Parameters
    ----------
    cases : Cases
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
    """
    records = cases.records
    found = np.empty(records.n)
    ends = [*records.starts[1:].tolist(), records.n]
    for number, (begin, end) in enumerate(zip(records.starts.tolist(), ends, strict=True)):
        rows, g = records.order[begin:end], records.group[number]
        has = np.flatnonzero(records.observed[number])
        factor = np.linalg.cholesky(sigma[g][np.ix_(has, has)])
        z = np.linalg.solve(factor, (cases.values[np.ix_(rows, has)] - mu[g, has]).T)
        logdet = 2.0 * float(np.log(np.diagonal(factor)).sum())
        found[rows] = -0.5 * ((z**2).sum(axis=0) + logdet + has.size * log(2.0 * pi))
    return found


def implied_of(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Return implied moments (G, p, p) and (G, p); sample means where they are not modelled."""
    implied = solution.implied
    has_means = solution.table.meanstructure
    return implied.sigma[0], implied.mu[0] if has_means else solution.saturated.mean


def parameter_scores(solution: Solution, cases: Cases) -> FloatArray:
    """Return the gradient of each row's log-likelihood, with its weight, shape (n, q)."""
    sigma, mu = implied_of(solution)
    change = jacobian(solution.objective.structure, solution.implied)[0]
    if not solution.table.meanstructure:
        change = change.copy()
        change[:, -mu.shape[1] :] = 0.0
    scores = case_scores(cases, sigma, mu)
    if cases.group is None:
        return np.asarray(scores @ change[0])
    found = np.empty((scores.shape[0], change.shape[2]))
    for g in range(cases.n_groups):
        found[cases.group == g] = scores[cases.group == g] @ change[g]
    return found
