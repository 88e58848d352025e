"""The two models that a model is held against: all moments free, and no covariance at all."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from dyadkit.errors import FitError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.estimation.missing import em_normal
from dyadkit.sem.cases import Cases
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.likelihood import evaluate_likelihood, positive_definite
from dyadkit.sem.sample import Sample
from dyadkit.sem.starting import overall_moments
from dyadkit.sem.structure import complete_moments

_EDGE = 1e-7


class Reference(NamedTuple):
    """Moments of a reference model, by group, and minus its log-likelihood without constants.

    Shapes: mean (G, p), covariance (G, p, p).
    """

    mean: FloatArray
    covariance: FloatArray
    value: float


def saturated_model(sample: Sample, cases: Cases | None, names: Sequence[str] = ()) -> Reference:
    """Return the moments that fit best, without any model.

    Parameters
    ----------
    sample : Sample
        A stack of one.
    cases : Cases or None
        The rows, needed where some scores are missing: EM runs on them.
    names : sequence of str, length p, optional
        What messages call the variables.

    Raises
    ------
    FitError
        If EM does not converge or the covariance matrix is singular.
    """
    if sample.complete:
        return Reference(sample.means[0], sample.scatter[0], _least(sample))
    if cases is None:
        raise ValueError("incomplete moments without scores")
    moments = []
    for g in range(sample.n_groups):
        found = em_normal(cases.rows_of(g), names=names, weights=cases.weights_of(g))
        if not found.converged:
            raise FitError(
                f"The means and covariances of the {len(found.mean)} variables, which the model is "
                f"held against, did not converge in {found.iterations} EM steps. Too much is "
                "missing together: leave out the variables with the fewest scores, or set "
                "missing='listwise'."
            )
        _require_apart(found.covariance, names)
        moments.append(found)
    return _reference(
        sample,
        np.stack([found.mean for found in moments]),
        np.stack([found.covariance for found in moments]),
    )


def _require_apart(covariance: FloatArray, names: Sequence[str]) -> None:
    """Refuse moments at the edge of singularity, which EM reaches only in the limit."""
    sd = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(sd, sd)
    if positive_definite(correlation - _EDGE * np.eye(sd.size)):
        return
    _, vectors = np.linalg.eigh(correlation)
    involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.05).tolist()
    called = [names[number] if names else f"variable {number + 1}" for number in involved]
    raise FitError(
        f"The covariance matrix is singular but for rounding: {listed(called)} determine each "
        "other in the rows that have them. Leave one of them out."
    )


def baseline_model(sample: Sample, cases: Cases | None, exogenous: IntArray) -> Reference:
    """Return the moments of lavaan's baseline: no covariances but those of exogenous variables.

    Parameters
    ----------
    sample : Sample
        A stack of one.
    cases : Cases or None
        As for `saturated_model`.
    exogenous : ndarray of int
        The exogenous observed variables, whose moments are free (or fixed to the sample's).
    """
    x = exogenous
    if sample.complete and not x.size:
        return _apart(sample)
    mean, variance, _ = overall_moments(sample)
    mean, p = mean[0].copy(), mean.shape[-1]
    covariance = np.zeros((sample.n_groups, p, p))
    covariance[:, np.arange(p), np.arange(p)] = variance[0]
    if x.size:
        if sample.observed[:, x].all():
            found_mean, found_covariance = complete_moments(sample, x)
            found_mean, found_covariance = found_mean[0], found_covariance[0]
        elif cases is None:
            raise ValueError("incomplete moments without scores")
        else:
            parts = [
                em_normal(cases.rows_of(g)[:, x], weights=cases.weights_of(g))
                for g in range(sample.n_groups)
            ]
            found_mean = np.stack([part.mean for part in parts])
            found_covariance = np.stack([part.covariance for part in parts])
        mean[:, x] = found_mean
        covariance[:, x[:, None], x] = found_covariance
    return _reference(sample, mean, covariance)


def _least(sample: Sample) -> float:
    """Return minus the log-likelihood of complete data at their own moments: no other is less."""
    sign, logdet = np.linalg.slogdet(sample.scatter[0])
    if not (sign > 0.0).all():
        return inf
    return 0.5 * float(sample.counts[0] @ (logdet + sample.means.shape[-1]))


def _apart(sample: Sample) -> Reference:
    """Return the moments of complete variables that do not covary, and what they leave."""
    variance = sample.scatter[0].diagonal(0, 1, 2)
    covariance = variance[:, :, None] * np.eye(variance.shape[1])
    value = 0.5 * float(sample.counts[0] @ (np.log(variance) + 1.0).sum(axis=1))
    return Reference(sample.means[0], covariance, value)


def exogenous_places(table: ParTable) -> IntArray:
    """Return the exogenous observed variables of a model, by number."""
    known = table.exogenous
    return np.array([k for k, name in enumerate(table.observed) if name in known], dtype=np.int64)


def exogenous_value(sample: Sample, exogenous: IntArray) -> float:
    """Return minus the log-likelihood, without constants, of complete exogenous variables alone."""
    if not exogenous.size:
        return 0.0
    _, covariance = complete_moments(sample, exogenous)
    counts = sample.by_group(sample.counts)
    return 0.5 * float((counts * (np.linalg.slogdet(covariance)[1] + exogenous.size)).sum())


def _reference(sample: Sample, mean: FloatArray, covariance: FloatArray) -> Reference:
    at = evaluate_likelihood(sample, covariance[None], mean[None])
    return Reference(mean, covariance, float(at.value[0]))
