r"""Inference that does not rest on normal scores or independent rows.

Let A be the information, B the sum over independent units of the outer products of their scores
(gradients of the log-likelihood), both by moments without a model (index 1) or by parameters
(index 0), and C the inverse of :math:`A_0` along the constraints.  Estimates have the covariance
matrix :math:`C B_0 C` (Huber, 1967; White, 1982), and chi-square, which is a mixture, is divided by

.. math:: c = \{\operatorname{tr}(B_1 A_1^{-1}) - \operatorname{tr}(B_0 C)\} / d

(Asparouhov & Muthén, 2005; lavaan's ``yuan.bentler.mplus``).  Units are rows, or clusters, whose
rows' scores are added up (and B is multiplied by C / (C - 1) for the C clusters of a group);
sampling weights multiply scores.  For complete scores

.. math:: c = \operatorname{tr}(U \Gamma) / d, \qquad
          U = W - W \Delta C \Delta' W,

with W the expected information about the moments and :math:`\Gamma` the covariance matrix of
:math:`(y, yy')`, is the scaling of Satorra and Bentler (1994), whose standard errors are those of
:math:`C \Delta' W \Gamma W \Delta C`.

References
----------
Asparouhov, T., & Muthén, B. (2005). Multivariate statistical modeling with survey data. In
Proceedings of the Federal Committee on Statistical Methodology (FCSM) research conference.

Huber, P. J. (1967). The behavior of maximum likelihood estimates under nonstandard conditions. In
Proceedings of the Fifth Berkeley Symposium on Mathematical Statistics and Probability (Vol. 1, pp.
221-233). University of California Press.

Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in
covariance structure analysis. In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis (pp.
399-419). Sage.

White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50, 1-25.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.cases import Cases
from dyadkit.sem.implied import Implied, jacobian
from dyadkit.sem.likelihood import evaluate_likelihood, moment_hessian, residual_product
from dyadkit.sem.objective import Objective
from dyadkit.sem.sample import Sample
from dyadkit.sem.saturated import Reference
from dyadkit.sem.structure import estimated_moments
from dyadkit.sem.without_gaps import complete_fit, completed

Robust = Literal["MLR", "MLM"]


@dataclass(frozen=True, slots=True, eq=False)
class MomentInference:
    """Information and spread of scores by the moments of each group, at given moments.

    Attributes
    ----------
    information : ndarray, shape (G, s + p, s + p)
        A, with s = p (p + 1) / 2: of the lower triangle, row by row, and the means.
    spread : ndarray, shape (G, s + p, s + p)
        B.
    """

    information: FloatArray
    spread: FloatArray


def moment_scores(
    values: FloatArray, observed: BoolArray, sigma: FloatArray, mu: FloatArray
) -> FloatArray:
    r"""Return each row's gradient of the log-likelihood by the moments.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Rows with one pattern of missing scores; NaN is missing.
    observed : ndarray of bool, shape (p,)
        The pattern.
    sigma, mu : ndarray, shapes (p, p) and (p,)

    Returns
    -------
    ndarray, shape (n, s + p)
        With :math:`z = \Sigma^{-1}(y - \mu)` over the scores there are, :math:`z_i z_j -
        \sigma^{ij}` below the diagonal, half of it on the diagonal, and z.
    """
    p = mu.size
    has = np.flatnonzero(observed)
    precision = np.zeros((p, p))
    precision[np.ix_(has, has)] = np.linalg.inv(sigma[np.ix_(has, has)])
    z = np.where(observed, values - mu, 0.0) @ precision
    low, high = np.tril_indices(p)
    half = np.where(low == high, 0.5, 1.0)
    return np.concatenate([half * (z[:, low] * z[:, high] - precision[low, high]), z], axis=1)


def case_scores(cases: Cases, sigma: FloatArray, mu: FloatArray) -> FloatArray:
    """Return the scores of all rows by their own group's moments, shape (n, s + p).

    Parameters
    ----------
    cases : Cases
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
    """
    records, p = cases.records, mu.shape[1]
    scores = np.empty((records.n, p * (p + 1) // 2 + p))
    ends = [*records.starts[1:].tolist(), records.n]
    for number, (begin, end) in enumerate(zip(records.starts.tolist(), ends, strict=True)):
        rows, g = records.order[begin:end], records.group[number]
        scores[rows] = moment_scores(cases.values[rows], records.observed[number], sigma[g], mu[g])
    return scores if cases.weights is None else scores * cases.weights[:, None]


def moment_inference(
    cases: Cases, sample: Sample, sigma: FloatArray, mu: FloatArray, *, expected: bool
) -> MomentInference:
    """Return information and spread of scores at given moments.

    Parameters
    ----------
    cases : Cases
    sample : Sample
        Of these cases.
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
    expected : bool
        The kind of information.
    """
    information = _information(sample, sigma, mu, expected=expected)
    return MomentInference(information, moment_spread(cases, sigma, mu))


def moment_spread(cases: Cases, sigma: FloatArray, mu: FloatArray) -> FloatArray:
    """Return the spread of scores at given moments, shape (G, s + p, s + p)."""
    scores = case_scores(cases, sigma, mu)
    group = cases.groups
    if cases.cluster is not None:
        scores, group = _added_up(scores, cases.cluster, cases.n_units), cases.unit_groups
    parts = [scores[group == g] for g in range(cases.n_groups)]
    spread = np.stack([part.T @ part for part in parts])
    if cases.cluster is not None:
        count = np.bincount(group, minlength=cases.n_groups)[:, None, None]
        spread *= count / np.maximum(count - 1, 1)
    return spread


def _added_up(scores: FloatArray, cluster: IntArray, count: int) -> FloatArray:
    """Add the scores of each cluster's rows up."""
    order = np.argsort(cluster, kind="stable")
    starts = np.searchsorted(cluster[order], np.arange(count))
    return np.asarray(np.add.reduceat(scores[order], starts, axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class RobustInference:
    """What replaces the inference of normal theory.

    Attributes
    ----------
    kind : {"MLR", "MLM"}
    covariance : ndarray, shape (q, q)
        Of the estimates.
    trace, baseline_trace : float
        The scalings times the degrees of freedom, of the model and of the baseline model.
    complete, baseline_complete : tuple of float, or None
        Where scores are missing, chi-square and trace as with complete ones: see
        `dyadkit.sem.without_gaps`.
    """

    kind: Robust
    covariance: FloatArray
    trace: float
    baseline_trace: float
    complete: tuple[float, float] | None = None
    baseline_complete: tuple[float, float] | None = None


def robust_inference(
    kind: Robust,
    *,
    objective: Objective,
    cases: Cases,
    implied: Implied,
    saturated: Reference,
    baseline: Reference,
    within: FloatArray,
    along: FloatArray,
    expected: bool,
    baseline_free: IntArray,
) -> RobustInference:
    """Return robust standard errors and scalings.

    Parameters
    ----------
    kind : {"MLR", "MLM"}
    objective : Objective
        Of a stack of one.
    cases : Cases
    implied : Implied
        At the estimates.
    saturated, baseline : Reference
        Moments without a model and of the baseline model.
    within : ndarray, shape (q, q)
        C, the inverse of the information along the constraints.
    along : ndarray, shape (q, r)
        A basis of the directions that the constraints leave.
    expected : bool
        The kind of this information.
    baseline_free : ndarray of int
        The moments that the baseline model frees.
    """
    structure, sample = objective.structure, objective.sample
    groups, p = sample.n_groups, structure.n_observed
    kept = estimated_moments(structure)
    sigma, mu = implied.sigma[0], implied.mu[0] if structure.has_means else saturated.mean
    about = np.zeros(p * (p + 1) // 2 + p)
    about[kept] = 1.0
    change = jacobian(structure, implied)[0] * about[:, None]
    free = baseline_free[np.isin(baseline_free, kept)]

    def at(sigma: FloatArray, mu: FloatArray) -> MomentInference:
        return moment_inference(cases, sample, sigma, mu, expected=expected)

    if kind == "MLR":
        spread = parameter_spread(moment_spread(cases, sigma, mu), change)
        top = at(saturated.covariance, saturated.mean)
        without = trace_without_model(top, kept)
        base = trace_without_model(at(baseline.covariance, baseline.mean), free)
        found = RobustInference(
            kind,
            within @ spread @ within,
            without - float(np.trace(spread @ within)),
            without - base,
        )
        if sample.complete:
            return found
        # Whatever the kind of information, weights are of the observed one, as in lavaan.
        weight = top.information
        if expected:
            weight = _information(sample, saturated.covariance, saturated.mean, expected=False)
        given = completed(sample, saturated, weight, top.spread, kept)
        chosen = np.zeros((groups, change.shape[1], groups * free.size))
        for g in range(groups):
            chosen[g, free, g * free.size + np.arange(free.size)] = 1.0

        return replace(
            found,
            complete=complete_fit(given, sigma, mu, change @ along),
            baseline_complete=complete_fit(given, baseline.covariance, baseline.mean, chosen),
        )
    weight = _information(sample, sigma, mu)
    fixed = structure.exogenous
    gamma = np.stack([_fourth_moments(cases.rows_of(g), fixed) for g in range(groups)])
    gamma /= sample.by_group(sample.counts)[0][:, None, None]
    weighted = weight @ change
    spread = np.asarray((np.swapaxes(weighted, -1, -2) @ gamma @ weighted).sum(axis=0))
    among = np.ix_(np.arange(groups), kept, kept)
    without = float(np.einsum("gij,gji->", weight[among], gamma[among]))
    at_baseline = _information(sample, baseline.covariance, baseline.mean)
    base = 0.0
    for g in range(groups):
        picked = np.ix_(kept, free)
        column = at_baseline[g][picked]
        inner = np.linalg.inv(at_baseline[g][np.ix_(free, free)])
        project = at_baseline[g][np.ix_(kept, kept)] - column @ inner @ column.T
        base += float(np.einsum("ij,ji->", project, gamma[g][np.ix_(kept, kept)]))
    return RobustInference(
        kind, within @ spread @ within, without - float(np.trace(spread @ within)), base
    )


def _information(
    sample: Sample, sigma: FloatArray, mu: FloatArray, *, expected: bool = True
) -> FloatArray:
    at = evaluate_likelihood(sample, sigma[None], mu[None])
    return np.asarray(moment_hessian(sample, at, residual_product(at), expected=expected)[0])


def _fourth_moments(values: FloatArray, fixed: IntArray) -> FloatArray:
    """Return the covariance matrix of products of deviations and of scores, of divisor n.

    Given fixed variables: what these predict is taken out of products and of scores.
    """
    centred = values - values.mean(axis=0)
    low, high = np.tril_indices(values.shape[1])
    parts = np.concatenate([centred[:, low] * centred[:, high], centred], axis=1)
    if fixed.size:
        x = centred[:, fixed]
        predicted = x @ np.linalg.lstsq(x, centred, rcond=None)[0]
        parts[:, : low.size] -= predicted[:, low] * predicted[:, high]
        parts[:, low.size :] -= predicted
    parts -= parts.mean(axis=0)
    return np.asarray(parts.T @ parts / values.shape[0])


def parameter_spread(spread: FloatArray, change: FloatArray) -> FloatArray:
    """Return B by parameters, shape (q, q).

    Parameters
    ----------
    spread : ndarray, shape (G, s + p, s + p)
        B at the model's moments.
    change : ndarray, shape (G, s + p, q)
        Derivatives of the moments by the parameters.
    """
    return np.asarray((np.swapaxes(change, -1, -2) @ spread @ change).sum(axis=0))


def trace_without_model(at: MomentInference, kept: IntArray) -> float:
    """Return tr(B A⁻¹) over some moments of each group.

    Parameters
    ----------
    at : MomentInference
    kept : ndarray of int
        The moments that count.
    """
    among = np.ix_(np.arange(at.information.shape[0]), kept, kept)
    inverse = np.linalg.solve(at.information[among], at.spread[among])
    return float(np.trace(inverse, axis1=1, axis2=2).sum())
