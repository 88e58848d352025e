"""Ordered and continuous variables one by one, and the order of their statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray, centred
from dyadkit.estimation.bivariate_normal import normal_density

THRESHOLD, MEAN, VARIANCE, COVARIANCE = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalLayout:
    """Where the statistics are: of each variable its first place, and its place of variance.

    Attributes
    ----------
    kind, i, j : ndarray of int, shape (s,)
    first : ndarray of int, shape (p,)
        Of the first threshold, or of the mean.
    variance : ndarray of int, shape (p,)
        -1 for ordered variables.
    """

    kind: IntArray
    i: IntArray
    j: IntArray
    first: IntArray
    variance: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalVariables:
    """The variables, one by one.

    Attributes
    ----------
    codes : ndarray of int, shape (n, p)
        Categories from 0; 0 for continuous variables.
    limits : ndarray, shape (p, K + 1)
        Minus infinity, the thresholds, and infinity as often as it takes.
    z : ndarray, shape (n, p)
        Standardised scores; 0 for ordered variables.
    means, variances : ndarray, shape (p,)
    """

    codes: IntArray
    limits: FloatArray
    z: FloatArray
    means: FloatArray
    variances: FloatArray


def summarise_variables(values: FloatArray, ordered: BoolArray) -> OrdinalVariables:
    """Return thresholds, means and variances of the variables."""
    n, p = values.shape
    codes = np.where(ordered, values, 0.0).astype(np.int64)
    n_categories = int(codes.max(initial=0)) + 1
    counts = (codes[:, :, None] == np.arange(n_categories)).sum(axis=0)
    below = np.cumsum(counts, axis=1)
    limits = np.concatenate([np.full((p, 1), -np.inf), ndtri(below / n)], axis=1)
    deviations = centred(values)
    variances = np.where(ordered, 1.0, np.mean(deviations**2, axis=0))
    means = np.where(ordered, 0.0, values.mean(axis=0))
    z = np.where(ordered, 0.0, deviations / np.sqrt(variances))
    return OrdinalVariables(codes, limits, z, means, variances)


def lay_out(ordered: BoolArray, single: OrdinalVariables) -> OrdinalLayout:
    """Return lavaan's order of the statistics."""
    p = ordered.size
    sizes = np.where(ordered, np.isfinite(single.limits).sum(axis=1), 1)
    first = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(p), sizes)
    number = np.where(ordered[owner], np.arange(owner.size) - first[owner], owner)
    continuous = np.flatnonzero(~ordered)
    variance = np.full(p, -1)
    variance[continuous] = owner.size + np.arange(continuous.size)
    column, row = np.triu_indices(p, 1)
    kind = np.concatenate(
        [
            np.where(ordered[owner], THRESHOLD, MEAN),
            np.full(continuous.size, VARIANCE),
            np.full(row.size, COVARIANCE),
        ]
    )
    i = np.concatenate([owner, continuous, row])
    return OrdinalLayout(kind, i, np.concatenate([number, continuous, column]), first, variance)


def variable_scores(single: OrdinalVariables, layout: OrdinalLayout) -> FloatArray:
    """Return each row's derivatives by thresholds, minus means, and variances, shape (n, s1)."""
    kept = layout.kind != COVARIANCE
    kind, i, j = layout.kind[kept], layout.i[kept], layout.j[kept]
    probability = np.diff(ndtr(single.limits), axis=1)
    number = np.where(kind == THRESHOLD, j, 0)
    beside = np.minimum(number + 1, probability.shape[1] - 1)
    density = normal_density(single.limits[i, number + 1])
    # Ordered variables alone have thresholds; elsewhere the quotients are not used.
    at_threshold = kind == THRESHOLD
    below = np.divide(density, probability[i, number], out=np.zeros(i.size), where=at_threshold)
    above = np.divide(density, probability[i, beside], out=np.zeros(i.size), where=at_threshold)
    code, z, variance = single.codes[:, i], single.z[:, i], single.variances[i]
    return np.asarray(
        np.where(
            at_threshold,
            below * (code == number) - above * (code == number + 1),
            np.where(kind == MEAN, -z / np.sqrt(variance), 0.5 * (z * z - 1.0) / variance),
        )
    )
