r"""The statistics that a model of ordered outcomes implies, and their derivatives.

The model implies covariances :math:`\Sigma^*` and means :math:`\mu^*` of the latent responses and
the continuous variables (see `dyadkit.sem.implied`).  Let :math:`d_i = 1 / \sqrt{\sigma^*_{ii}}`
for an ordered variable and 1 for a continuous one.  The implied statistics are

.. math:: d_i (\tau_{ik} - \mu^*_i), \qquad -\mu^*_i, \qquad d_i d_j \sigma^*_{ij}

of thresholds, continuous variables and pairs (Muthén, 1984).  Under the theta parameterization
:math:`\sigma^*_{ii}` is the model's.  Under delta :math:`1 / \delta_i^2` is given, and residual
variances e of the ordered variables o follow: with :math:`B = (I - A)^{-1}` and :math:`C_0` the
covariances without them,

.. math:: \sum_{k \in o} B_{ik}^2 e_k = 1 / \delta_i^2 - (C_0)_{ii} , \qquad i \in o,

which holds too where ordered variables predict others.

References
----------
Muthén, B. (1984). A general structural equation model with dichotomous, ordered categorical, and
continuous latent variable indicators. Psychometrika, 49, 115-132.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dyadkit.errors import StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import Implied, implied_moments, jacobian
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.ordinal.statistics import StatisticName, statistic_names
from dyadkit.sem.structure import Fixed, Structure, compile_structure


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalStructure:
    """Where the q free parameters of a model with ordered variables stand.

    Attributes
    ----------
    table : ParTable
        The model of latent responses, without thresholds and scaling factors.  Residual variances
        that follow are among its free parameters: number q + g o + k is that of ordered variable k
        (of o) in group g, counted from 0.
    structure : Structure
        Of this table.
    fixed : Fixed
    names : tuple of (lhs, op, rhs)
        The s statistics: t thresholds and means, then variances and covariances.
    n_free : int
        q.
    ordered : ndarray of int, shape (o,)
        The ordered variables among the observed.
    follows : bool
        Whether their residual variances follow (delta).
    variable : ndarray of int, shape (t,)
        Of each threshold or mean.
    threshold, threshold_parameter : ndarray, shape (G, t)
        The fixed values (0 for a mean), and the parameters; -1 where there is none.
    scale, scale_parameter : ndarray, shape (G, o)
        The same of scaling factors.
    low, high : ndarray of int, shape (s - t,)
        The variables of each variance or covariance, the later one first.
    """

    table: ParTable
    structure: Structure
    fixed: Fixed
    names: tuple[StatisticName, ...]
    n_free: int
    ordered: IntArray
    follows: bool
    variable: IntArray
    threshold: FloatArray
    threshold_parameter: IntArray
    scale: FloatArray
    scale_parameter: IntArray
    low: IntArray
    high: IntArray


class OrdinalImplied(NamedTuple):
    """What b parameter vectors imply.

    Attributes
    ----------
    latent : Implied
        Moments of latent responses, continuous and latent variables.
    residual : ndarray, shape (b, G, o)
        Residual variances that follow; empty under theta.
    factor : ndarray, shape (b, G, p)
        d, NaN where a variance is not positive.
    statistics : ndarray, shape (b, G, s)
    """

    latent: Implied
    residual: FloatArray
    factor: FloatArray
    statistics: FloatArray


class Change(NamedTuple):
    """Derivatives by parameters, where `OrdinalImplied` says of what.

    Shapes: statistics (b, G, s, q); residual (b, G, o, q); factor (b, G, p, q).
    """

    statistics: FloatArray
    residual: FloatArray
    factor: FloatArray


@lru_cache(maxsize=64)
def compile_ordinal(table: ParTable) -> OrdinalStructure:
    """Turn the parameter table of a model with ordered variables into arrays of indices.

    Parameters
    ----------
    table : ParTable

    Raises
    ------
    StudyError
        If no variable is ordered, or moments of exogenous variables are taken from the sample.
    """
    if not table.ordered:
        raise StudyError(
            "The model has no ordered variable. Name one at least, or fit it by maximum likelihood."
        )
    exogenous = [row.lhs for row in table.rows if row.exo and row.op == "~1" and row.group == 1]
    if exogenous:
        raise StudyError(
            f"{listed(exogenous)} predict(s) ordered outcomes, given which these have to be "
            "described; such models are not supported. Leave predictors out, or let them be random "
            "(fixed_x = false)."
        )
    place = {name: number for number, name in enumerate(table.observed)}
    thresholds = dict(table.ordered)
    names = statistic_names(table.observed, thresholds)
    first = [name for name in names if name[1] != "~~"]
    pairs = [name for name in names if name[1] == "~~"]
    ordered = np.array(sorted(place[name] for name in thresholds), dtype=np.int64)
    groups, follows = table.n_groups, table.parameterization == "delta"
    value, number = np.zeros((groups, len(first))), np.full((groups, len(first)), -1)
    scale, scaled = np.ones((groups, ordered.size)), np.full((groups, ordered.size), -1)
    position = {name: k for k, name in enumerate(first)}
    rank = {table.observed[k]: j for j, k in enumerate(ordered.tolist())}
    rows = []
    for row in table.rows:
        g = row.group - 1
        if row.op == "|":
            k = position[row.lhs, row.op, row.rhs]
            value[g, k], number[g, k] = (0.0 if row.free else row.value), row.free - 1
        elif row.op == "~*~":
            k = rank[row.lhs]
            scale[g, k], scaled[g, k] = (1.0 if row.free else row.value), row.free - 1
        elif follows and row.op == "~~" and row.lhs == row.rhs and row.lhs in rank:
            k = table.n_free + g * ordered.size + rank[row.lhs] + 1
            rows.append(replace(row, free=k, value=math.nan))
        else:
            rows.append(row)
    inner = replace(
        table,
        rows=tuple(rows),
        n_free=table.n_free + (groups * ordered.size if follows else 0),
        definitions=(),
        equalities=(),
        inequalities=(),
    )
    structure = compile_structure(inner)
    return OrdinalStructure(
        table=inner,
        structure=structure,
        fixed=Fixed(structure.paths[None], structure.covariances[None], structure.means[None]),
        names=names,
        n_free=table.n_free,
        ordered=ordered,
        follows=follows,
        variable=np.array([place[name[0]] for name in first], dtype=np.int64),
        threshold=value,
        threshold_parameter=number,
        scale=scale,
        scale_parameter=scaled,
        low=np.array([place[name[2]] for name in pairs], dtype=np.int64),
        high=np.array([place[name[0]] for name in pairs], dtype=np.int64),
    )


def _filled(fixed: FloatArray, parameter: IntArray, theta: FloatArray) -> FloatArray:
    """Put parameters (b, q) in their places: shape (b, ...)."""
    return np.where(parameter >= 0, theta[:, np.maximum(parameter, 0)], fixed)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def ordinal_moments(model: OrdinalStructure, theta: FloatArray) -> OrdinalImplied:
    """Return the statistics that parameters imply.

    Parameters
    ----------
    model : OrdinalStructure
    theta : ndarray, shape (b, q)
    """
    b, o, p = theta.shape[0], model.ordered, model.structure.n_observed
    more = model.structure.n_free - model.n_free
    at = implied_moments(
        model.structure, model.fixed, np.concatenate([theta, np.zeros((b, more))], axis=1)
    )
    residual: FloatArray = np.zeros((b, model.structure.n_groups, 0))
    if model.follows:
        effects = at.effects[..., o]
        variance = np.diagonal(at.covariance, axis1=2, axis2=3)[..., o]
        target = _filled(model.scale, model.scale_parameter, theta) ** -2.0
        residual = _solved(effects[:, :, o] ** 2, (target - variance)[..., None])[..., 0]
        added = (effects * residual[:, :, None]) @ np.swapaxes(effects, -1, -2)
        at = at._replace(covariance=at.covariance + added)
    variance = np.diagonal(at.covariance, axis1=2, axis2=3)[..., o]
    factor = np.ones((b, model.structure.n_groups, p))
    factor[..., o] = np.where(variance > 0.0, variance, np.nan) ** -0.5
    thresholds = _filled(model.threshold, model.threshold_parameter, theta)
    k = model.variable
    first = factor[..., k] * (thresholds - at.mean[..., k])
    pairs = factor[..., model.low] * factor[..., model.high]
    second = pairs * at.covariance[..., model.low, model.high]
    return OrdinalImplied(at, residual, factor, np.concatenate([first, second], axis=-1))


def ordinal_jacobian(model: OrdinalStructure, theta: FloatArray, at: OrdinalImplied) -> Change:
    """Return the derivatives of implied statistics.

    Parameters
    ----------
    model : OrdinalStructure
    theta : ndarray, shape (b, q)
    at : OrdinalImplied
        At theta.
    """
    b, q, o, p = theta.shape[0], model.n_free, model.ordered, model.structure.n_observed
    groups = model.structure.n_groups
    whole = jacobian(model.structure, at.latent)
    change = whole[..., :q]
    residual: FloatArray = np.zeros((b, groups, 0, q))
    diagonal = o * (o + 3) // 2
    if model.follows:
        effects = at.latent.effects[..., o]
        target = np.zeros((b, groups, o.size, q))
        g, k = np.nonzero(model.scale_parameter >= 0)
        number = model.scale_parameter[g, k]
        target[:, g, k, number] = -2.0 * theta[:, number] ** -3.0
        residual = _solved(effects[:, :, o] ** 2, target - change[:, :, diagonal])
        own = whole[..., q:].reshape(*whole.shape[:3], groups, o.size)
        among = np.arange(groups)
        # Advanced indexing puts the group first: (G, b, s + p, o).
        mine = np.moveaxis(own[:, among, :, among], 0, 1)
        change = change + mine @ residual
    factor_change = np.zeros((b, groups, p, q))
    factor_change[:, :, o] = -0.5 * at.factor[:, :, o, None] ** 3 * change[:, :, diagonal]
    size = p * (p + 1) // 2
    k = model.variable
    thresholds = _filled(model.threshold, model.threshold_parameter, theta)
    shift = -change[:, :, size + k]
    g, place = np.nonzero(model.threshold_parameter >= 0)
    shift[:, g, place, model.threshold_parameter[g, place]] += 1.0
    offset = thresholds - at.latent.mean[..., k]
    first = at.factor[:, :, k, None] * shift + offset[..., None] * factor_change[:, :, k]
    low, high = model.low, model.high
    d_low, d_high = at.factor[:, :, low, None], at.factor[:, :, high, None]
    cells = np.maximum(low, high) * (np.maximum(low, high) + 1) // 2 + np.minimum(low, high)
    sigma = at.latent.covariance[..., low, high][..., None]
    second = d_low * d_high * change[:, :, cells] + sigma * (
        d_low * factor_change[:, :, high] + d_high * factor_change[:, :, low]
    )
    return Change(np.concatenate([first, second], axis=2), residual, factor_change)


def covariances_among(model: OrdinalStructure, statistics: FloatArray) -> FloatArray:
    """Return the covariance matrices, shape (G, p, p), that statistics (G, s) hold.

    Ordered variables have unit variance.
    """
    groups, p = statistics.shape[0], model.structure.n_observed
    matrix = np.broadcast_to(np.eye(p), (groups, p, p)).copy()
    part = statistics[:, model.variable.size :]
    matrix[:, model.low, model.high] = matrix[:, model.high, model.low] = part
    return matrix
