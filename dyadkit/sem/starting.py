"""Starting values: rough, but inside the model's range and in the units of the data.

Intercepts start at the means, regressions among observed variables at least squares, other paths
at 0 (a loading at 1) and covariances of exogenous observed variables at the sample's.  Variances
are shared out: half of an indicator's variance goes to the factors behind it, in equal parts, or
all of it where its residual variance is fixed at 0; a factor starts with the mean of what its
indicators give.  The implied variances then are about the sample's, and no implied correlation is
large, so that the implied matrix is positive definite.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.sample import Sample
from dyadkit.sem.structure import Structure


@dataclass(frozen=True, slots=True, eq=False)
class _Sharing:
    """How f factors that do not measure each other share the variances of their indicators.

    Attributes
    ----------
    factors : ndarray of int, shape (f,)
    indicators : ndarray of int, shape (f, k)
        Of a factor with fewer than k, the last one over again.
    free : ndarray of bool, shape (f, k)
        Whether the indicator's residual variance is free.
    fixed : ndarray, shape (f, k)
        What it is fixed at.
    scale : ndarray, shape (f, k)
        1 / (number of the indicator's factors x squared loading).
    weight : ndarray, shape (f, k)
        Of each indicator in the factor's mean: 0 where it is there over again.
    """

    factors: IntArray
    indicators: IntArray
    free: BoolArray
    fixed: FloatArray
    scale: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What starts where in a group, which the model alone decides.

    Attributes
    ----------
    own : pair of ndarray of int
        Variables with a free variance, and its parameter.
    between : three ndarrays of int
        Exogenous observed variables with a free covariance (row and column), and its parameter.
    means : pair of ndarray of int
        Observed variables with a free intercept, and its parameter.
    paths : ndarray of int
        Parameters of the paths.
    regressions : tuple
        Of each observed variable that only observed ones lead to, freely: itself, these, and the
        parameters of the slopes and of the residual variance.
    sharing : tuple of _Sharing
        Inside out.
    measured : ndarray of bool, shape (v,)
        Variables that are indicators.
    """

    own: tuple[IntArray, IntArray]
    between: tuple[IntArray, IntArray, IntArray]
    means: tuple[IntArray, IntArray]
    paths: IntArray
    regressions: tuple[tuple[int, IntArray, IntArray, IntArray], ...]
    sharing: tuple[_Sharing, ...]
    measured: BoolArray


def starting_values(
    structure: Structure,
    sample: Sample,
    given: FloatArray,
    loading: BoolArray,
    communality: float = 0.5,
    between: float = 1.0,
) -> FloatArray:
    """Return starting values for each sample of a stack.

    Parameters
    ----------
    structure : Structure
    sample : Sample
        A stack of b.
    given : ndarray, shape (q,)
        The user's starting values; NaN where there is none.
    loading : ndarray of bool, shape (q,)
        Which parameters are loadings.
    communality : float
        The part of an indicator's variance that its factors get.
    between : float
        The part of the covariances of exogenous observed variables: those of pairwise available
        scores, and those that are held equal, may not be positive definite.

    Returns
    -------
    ndarray, shape (b, q)
    """
    mean, variance, covariance = overall_moments(sample)
    theta = np.zeros((mean.shape[0], structure.n_free))
    for g, plan in enumerate(_plans(structure, tuple(loading.tolist()))):
        spread = _variances(plan, variance[:, g], communality)
        theta[:, plan.own[1]] = spread[:, plan.own[0]]
        row, column, parameter = plan.between
        theta[:, parameter] = between * covariance[:, g, row, column]
        theta[:, plan.means[1]] = mean[:, g, plan.means[0]]
        theta[:, plan.paths] = loading[plan.paths]
        for outcome, predictors, slope, residual in plan.regressions:
            slopes, left = _least_squares(covariance[:, g], outcome, predictors)
            theta[:, slope] = slopes
            theta[:, residual] = left[:, None]
    return np.asarray(np.where(np.isnan(given), theta, given))


def overall_moments(sample: Sample) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return means, variances and covariances of available scores, by group.

    Shapes: (b, G, p), (b, G, p) and (b, G, p, p).  Covariances are of pairwise available scores
    and may not be positive definite; 0 where no row has both.
    """
    if sample.complete:
        return sample.means, np.diagonal(sample.scatter, axis1=2, axis2=3), sample.scatter
    counts, observed = sample.counts, sample.observed
    weight = counts[:, :, None] * observed
    seen = np.maximum(sample.by_group(weight), 1.0)
    mean = sample.by_group(weight * sample.means) / seen
    offset = np.where(observed, sample.means - mean[:, sample.group], 0.0)
    square = counts[:, :, None, None] * (
        sample.scatter + offset[..., :, None] * offset[..., None, :]
    )
    both = counts[:, :, None, None] * (observed[:, :, None] & observed[:, None, :])
    covariance = sample.by_group(square) / np.maximum(sample.by_group(both), 1.0)
    return mean, np.diagonal(covariance, axis1=2, axis2=3), covariance


def _least_squares(
    covariance: FloatArray, outcome: int, predictors: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return slopes (b, k) and residual variances (b,) of a regression within each sample."""
    among = covariance[:, predictors[:, None], predictors]
    # Covariances of pairwise available scores may not be positive definite; this keeps them so.
    diagonal = np.arange(predictors.size)
    among[:, diagonal, diagonal] *= 1.0 + 1e-6
    cross = covariance[:, predictors, outcome]
    definite = positive_definite(among)
    among[~definite] = np.eye(predictors.size)
    slopes = np.where(definite[:, None], np.linalg.solve(among, cross[..., None])[..., 0], 0.0)
    variance = covariance[:, outcome, outcome]
    return slopes, np.maximum(variance - (slopes * cross).sum(axis=1), 0.05 * variance)


def _variances(plan: _Plan, own: FloatArray, communality: float) -> FloatArray:
    """Share out the variances (b, p) of the observed variables; returns shape (b, v)."""
    b, p = own.shape
    total = np.concatenate([own, np.ones((b, plan.measured.size - p))], axis=1)
    for part in plan.sharing:
        whole = total[:, part.indicators]
        given = np.where(part.free, communality * whole, whole - part.fixed) * part.scale
        mean = (given * part.weight).sum(axis=2)
        total[:, part.factors] = np.maximum(mean, 1e-3 * given.max(axis=2))
    total[:, plan.measured] *= 1.0 - communality
    return total


@lru_cache(maxsize=64)
def _plans(structure: Structure, loading: tuple[bool, ...]) -> tuple[_Plan, ...]:
    """Return the plan of each group."""
    is_loading = np.array(loading, dtype=np.bool_)
    return tuple(_plan(structure, g, is_loading) for g in range(structure.means.shape[0]))


def _plan(structure: Structure, g: int, loading: BoolArray) -> _Plan:
    p, kinds = structure.n_observed, structure.kinds[g]
    row, column, parameter = structure.row[g], structure.column[g], structure.parameter[g]
    covs, paths = kinds.covariances, kinds.paths
    loadings = _loadings(structure, g, loading)
    led = (structure.paths[g] != 0).any(axis=1)
    led[row[paths]] = True
    outer = ~led
    outer[p:] = False
    own = covs[row[covs] == column[covs]]
    between = covs[(row[covs] != column[covs]) & outer[row[covs]] & outer[column[covs]]]
    means = kinds.means[row[kinds.means] < p]
    free = np.zeros(structure.n_variables, dtype=np.bool_)
    free[row[own]] = True
    fixed = np.diagonal(structure.covariances[g])
    regressions = []
    for i in np.unique(row[paths]):
        cells = paths[row[paths] == i]
        if i < p and not (structure.paths[g, i] != 0).any() and (column[cells] < p).all():
            residual = parameter[own[row[own] == i]]
            regressions.append((int(i), column[cells], parameter[cells], residual))
    return _Plan(
        own=(row[own], parameter[own]),
        between=(row[between], column[between], parameter[between]),
        means=(row[means], parameter[means]),
        paths=parameter[paths],
        regressions=tuple(regressions),
        sharing=tuple(_sharing(part, loadings, free, fixed) for part in _outward(loadings, p)),
        measured=(loadings != 0).any(axis=1),
    )


def _loadings(structure: Structure, g: int, loading: BoolArray) -> FloatArray:
    """Return the starting loadings of a group, shape (v, v): fixed ones, and 1 where free.

    A fixed path counts where it leads from a latent variable to one that something measures.
    """
    p, paths = structure.n_observed, structure.kinds[g].paths
    found = np.zeros(structure.paths[g].shape)
    found[:, p:] = structure.paths[g, :, p:]
    cells = paths[loading[structure.parameter[g, paths]]]
    found[structure.row[g, cells], structure.column[g, cells]] = 1.0
    return found


def _sharing(
    factors: list[int], loadings: FloatArray, free: BoolArray, fixed: FloatArray
) -> _Sharing:
    """Return how these factors share variances, given all loadings and residual variances."""
    sizes = (loadings[:, factors] != 0).sum(axis=0)
    indicators = np.empty((len(factors), sizes.max()), dtype=np.int64)
    for row, factor in zip(indicators, factors, strict=True):
        own = np.flatnonzero(loadings[:, factor])
        row[: own.size], row[own.size :] = own, own[-1]
    sources = (loadings[indicators] != 0).sum(axis=2)
    column = np.array(factors)[:, None]
    once = np.arange(indicators.shape[1]) < sizes[:, None]
    return _Sharing(
        factors=column[:, 0],
        indicators=indicators,
        free=free[indicators],
        fixed=fixed[indicators],
        scale=1.0 / (sources * loadings[indicators, column] ** 2),
        weight=once / sizes[:, None],
    )


def _outward(loadings: FloatArray, p: int) -> list[list[int]]:
    """Order the latent variables with indicators so that each comes after those that measure it.

    Those that come together do not measure each other.
    """
    waiting = list(range(p, loadings.shape[0]))
    ordered: list[list[int]] = []
    while waiting:
        ready = [
            factor
            for factor in waiting
            if not any(loadings[other, factor] for other in waiting if other != factor)
        ]
        ready = ready or waiting[:1]
        ordered.append([factor for factor in ready if loadings[:, factor].any()])
        waiting = [factor for factor in waiting if factor not in ready]
    return [factors for factors in ordered if factors]
