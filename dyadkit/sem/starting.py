"""Starting values: rough, but inside the model's range and in the units of the data.

Intercepts start at the means, regressions among observed variables at least squares, other paths
at 0 (a loading at 1) and covariances of exogenous observed variables at the sample's.  Variances
are shared out: half of an indicator's variance goes to the factors behind it, in equal parts, or
all of it where its residual variance is fixed at 0; a factor starts with the mean of what its
indicators give.  The implied variances then are about the sample's, and no implied correlation is
large, so that the implied matrix is positive definite.
"""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.sample import Sample
from dyadkit.sem.structure import Structure


def starting_values(
    structure: Structure,
    sample: Sample,
    given: FloatArray,
    loading: BoolArray,
    communality: float = 0.5,
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

    Returns
    -------
    ndarray, shape (b, q)
    """
    mean, variance, covariance = overall_moments(sample)
    b = mean.shape[0]
    theta = np.zeros((b, structure.n_free))
    indicator = _loadings(structure, loading)
    for g, kinds in enumerate(structure.kinds):
        row, column, parameter = (
            part[g] for part in (structure.row, structure.column, structure.parameter)
        )
        spread = _variances(structure, g, indicator[g], variance[:, g], communality)
        outer = ~_led_to(structure, g)
        outer[structure.n_observed :] = False
        covs = kinds.covariances
        own = row[covs] == column[covs]
        theta[:, parameter[covs[own]]] = spread[:, row[covs[own]]]
        between = covs[~own & outer[row[covs]] & outer[column[covs]]]
        theta[:, parameter[between]] = covariance[:, g, row[between], column[between]]
        means = kinds.means[row[kinds.means] < structure.n_observed]
        theta[:, parameter[means]] = mean[:, g, row[means]]
        theta[:, parameter[kinds.paths]] = loading[parameter[kinds.paths]]
        for i, cells in _observed_regressions(structure, g):
            slopes, residual = _least_squares(covariance[:, g], i, structure.column[g, cells])
            theta[:, parameter[cells]] = slopes
            theta[:, parameter[covs[own & (row[covs] == i)]]] = residual[:, None]
    return np.asarray(np.where(np.isnan(given), theta, given))


def overall_moments(sample: Sample) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return means, variances and covariances of available scores, by group.

    Shapes: (b, G, p), (b, G, p) and (b, G, p, p).  Covariances are of pairwise available scores
    and may not be positive definite; 0 where no row has both.
    """
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


def _observed_regressions(structure: Structure, g: int) -> list[tuple[int, IntArray]]:
    """Return the observed variables that only observed ones lead to, freely, with these cells."""
    p = structure.n_observed
    paths = structure.kinds[g].paths
    found = []
    for i in np.unique(structure.row[g, paths]):
        cells = paths[structure.row[g, paths] == i]
        fixed = (structure.paths[g, i] != 0).any()
        if i < p and not fixed and (structure.column[g, cells] < p).all():
            found.append((int(i), cells))
    return found


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


def _loadings(structure: Structure, loading: BoolArray) -> FloatArray:
    """Return the starting loadings of each group, shape (G, v, v): fixed ones, and 1 where free.

    A fixed path counts where it leads from a latent variable to one that something measures.
    """
    groups, v = structure.means.shape
    p = structure.n_observed
    found = np.zeros((groups, v, v))
    found[:, :, p:] = structure.paths[:, :, p:]
    for g, kinds in enumerate(structure.kinds):
        cells = kinds.paths[loading[structure.parameter[g, kinds.paths]]]
        found[g, structure.row[g, cells], structure.column[g, cells]] = 1.0
    return found


def _led_to(structure: Structure, g: int) -> BoolArray:
    """Tell which variables some path leads to."""
    led = (structure.paths[g] != 0).any(axis=1)
    led[structure.row[g, structure.kinds[g].paths]] = True
    return np.asarray(led)


def _variances(
    structure: Structure, g: int, loadings: FloatArray, own: FloatArray, communality: float
) -> FloatArray:
    """Share out the variances of the observed variables; returns shape (b, v)."""
    v, p = structure.n_variables, structure.n_observed
    free = np.zeros(v, dtype=bool)
    covs = structure.kinds[g].covariances
    free[structure.row[g, covs][structure.row[g, covs] == structure.column[g, covs]]] = True
    fixed = np.diagonal(structure.covariances[g])
    total = np.concatenate([own, np.ones((own.shape[0], v - p))], axis=1)
    for factor in _outward(loadings, p):
        indicators = np.flatnonzero(loadings[:, factor])
        if not indicators.size:
            continue
        sources = (loadings[indicators] != 0).sum(axis=1)
        common = np.where(
            free[indicators],
            communality * total[:, indicators],
            total[:, indicators] - fixed[indicators],
        )
        given = common / sources / loadings[indicators, factor] ** 2
        total[:, factor] = np.maximum(given.mean(axis=1), 1e-3 * given.max(axis=1))
    total[:, (loadings != 0).any(axis=1)] *= 1.0 - communality
    return total


def _outward(loadings: FloatArray, p: int) -> list[int]:
    """Order the latent variables so that each comes after the latent ones that measure it."""
    waiting = list(range(p, loadings.shape[0]))
    ordered: list[int] = []
    while waiting:
        ready = [
            factor
            for factor in waiting
            if not any(loadings[other, factor] for other in waiting if other != factor)
        ]
        ready = ready or waiting[:1]
        ordered += ready
        waiting = [factor for factor in waiting if factor not in ready]
    return ordered
