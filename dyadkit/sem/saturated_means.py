r"""Means that a model leaves alone, taken out of the search.

Where each observed variable has an intercept of its own and latent variables have none, the model
can give the observed variables any means whatever its other parameters are, and complete data then
make them the sample's.  The likelihood without them, of covariances only, has the same maximum
(it is the profile likelihood), with fewer parameters and no mean terms.  Afterwards, with
:math:`\nu` the means of all variables, o and l the observed and latent ones,

.. math:: \nu_l = (I - A_{ll})^{-1} A_{lo} \bar y, \qquad
          t_o = \bar y - A_{oo} \bar y - A_{ol} \nu_l .

Incomplete data leave the means in the search, but about the origin that suits it best: intercepts
and slopes are hard to tell apart where means are large beside standard deviations, and in
deviations from the means they are not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import fill
from dyadkit.sem.language.partable import Parameter, ParTable
from dyadkit.sem.objective import Objective
from dyadkit.sem.structure import Structure


@lru_cache(maxsize=64)
def without_means(table: ParTable) -> ParTable | None:
    """Return the model of covariances only, where the means are saturated.

    Parameters
    ----------
    table : ParTable

    Returns
    -------
    ParTable or None
        Its parameters are those of `table` but for the intercepts, in the same order.  None where
        the means are not saturated, or constraints and bounds may involve them.
    """
    bounded = any(np.isfinite([row.lower, row.upper]).any() for row in table.rows if row.free)
    if not table.meanstructure or table.equalities or table.inequalities or bounded:
        return None
    means = [row for row in table.rows if row.op == "~1"]
    others = [row for row in table.rows if row.op != "~1"]
    free = [row.free for row in means if row.free]
    kept = sorted({row.free for row in others if row.free})
    if len(set(free)) < len(free) or set(free) & set(kept) or not kept:
        return None
    if not all(_saturated(row, table) for row in means):
        return None
    if len(means) < (len(table.observed) + len(table.latent)) * table.n_groups:
        return None
    number = {old: new for new, old in enumerate(kept, start=1)} | {0: 0}
    return replace(
        table,
        rows=tuple(replace(row, free=number[row.free]) for row in others),
        n_free=len(kept),
        names=tuple(table.names[old - 1] for old in kept),
        definitions=(),
        meanstructure=False,
    )


def _saturated(row: Parameter, table: ParTable) -> bool:
    if row.lhs in table.observed:
        return bool(row.free) or row.exo
    return not row.free and row.value == 0.0


def with_means(objective: Objective, table: ParTable, reduced: FloatArray) -> FloatArray:
    """Put the intercepts that give the sample's means beside the other parameters.

    Parameters
    ----------
    objective : Objective
        Of the whole model, for a stack of b complete samples.
    table : ParTable
        The whole model.
    reduced : ndarray, shape (b, k)
        Parameters of `without_means`.

    Returns
    -------
    ndarray, shape (b, q)
    """
    theta = np.zeros((reduced.shape[0], table.n_free))
    theta[:, covariance_parameters(objective.structure)] = reduced
    return shifted(objective, theta, objective.sample.means)


def shifted(objective: Objective, theta: FloatArray, shift: FloatArray) -> FloatArray:
    """Change the intercepts so that the implied means of observed variables move.

    Parameters
    ----------
    objective : Objective
        Of a model whose means are saturated.
    theta : ndarray, shape (b, q)
    shift : ndarray, shape (b, G, p)
        What is added to the means of the observed variables.

    Returns
    -------
    ndarray, shape (b, q)
    """
    structure = objective.structure
    paths, _, _ = fill(structure, objective.fixed, theta)
    p, v = structure.n_observed, structure.n_variables
    mean = shift[..., None]
    latent = np.linalg.solve(np.eye(v - p) - paths[..., p:, p:], paths[..., p:, :p] @ mean)
    intercept = (mean - paths[..., :p, :p] @ mean - paths[..., :p, p:] @ latent)[..., 0]
    moved = theta.copy()
    for g, kinds in enumerate(structure.kinds):
        rows = structure.row[g, kinds.means]
        moved[:, structure.parameter[g, kinds.means]] += intercept[:, g, rows]
    return moved


@lru_cache(maxsize=64)
def covariance_parameters(structure: Structure) -> IntArray:
    """Return the parameters of a model that are no intercepts."""
    means = np.unique(structure.mean_places.parameter)
    return np.setdiff1d(np.arange(structure.n_free), means)
