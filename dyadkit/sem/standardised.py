r"""Standardised estimates with their derivatives.

An estimate is divided and multiplied by standard deviations: with :math:`\sigma_k` the implied
standard deviation of variable k and :math:`\psi_k` the parameter of its (residual) variance,

.. math:: \lambda \frac{\sigma_f}{\sigma_y}, \quad \beta \frac{\sigma_x}{\sigma_y}, \quad
          \frac{\psi_k}{\sigma_k^2}, \quad \frac{\psi_{kl}}{\sqrt{|\psi_k \psi_l|}}, \quad
          \frac{\tau_k}{\sigma_k},

so that a residual covariance becomes a residual correlation.  ``"std_lv"`` takes the standard
deviations of latent variables only, ``"std_all"`` all, ``"std_nox"`` all but those of exogenous
observed variables.  Standard errors follow by the delta method, in which fixed moments of
exogenous variables are constants.  All of this is lavaan's convention.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.implied import cell_derivatives, fill, implied_moments, to_parameters
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.structure import Fixed, Structure

Scale = Literal["std_lv", "std_all", "std_nox"]


class Standardised(NamedTuple):
    """Values of the table's rows, then of its definitions, and their derivatives.

    Shapes: value (r,); gradient (r, q).
    """

    value: FloatArray
    gradient: FloatArray


class _Factors(NamedTuple):
    """Standard deviations and their relative derivatives: (G, v) and (G, v, q)."""

    sd: FloatArray
    log_gradient: FloatArray


def standardise(
    table: ParTable, structure: Structure, fixed: Fixed, theta: FloatArray, scale: Scale
) -> Standardised:
    """Standardise the estimates of one fit.

    Parameters
    ----------
    table : ParTable
    structure : Structure
    fixed : Fixed
    theta : ndarray, shape (q,)
    scale : {"std_lv", "std_all", "std_nox"}

    Returns
    -------
    Standardised
        NaN where a standard deviation does not exist.
    """
    total, residual = _factors(structure, fixed, theta)
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    scaled = np.ones(structure.n_variables, dtype=bool)
    if scale == "std_lv":
        scaled[: structure.n_observed] = False
    elif scale == "std_nox":
        scaled[[place[name] for name in table.exogenous]] = False
    paths, covariances, means = (part[0] for part in fill(structure, fixed, theta[None]))
    free = np.eye(structure.n_free)
    values, gradients = [], []
    # A standard deviation of zero, or of a negative variance, leaves infinite or missing values.
    with np.errstate(divide="ignore", invalid="ignore"):
        for row in table.rows:
            g, lhs = row.group - 1, place[row.lhs]
            rhs = lhs if row.op == "~1" else place[row.rhs]
            powers: tuple[tuple[_Factors, int, float], ...]
            if row.op == "~1":
                own, powers = means[g, lhs], ((total, lhs, -1.0),)
            elif row.op == "=~":
                own, powers = paths[g, rhs, lhs], ((total, lhs, 1.0), (total, rhs, -1.0))
            elif row.op == "~":
                own, powers = paths[g, lhs, rhs], ((total, rhs, 1.0), (total, lhs, -1.0))
            elif lhs == rhs:
                own, powers = covariances[g, lhs, lhs], ((total, lhs, -2.0),)
            else:
                own, powers = (
                    covariances[g, lhs, rhs],
                    (
                        (residual, lhs, -1.0),
                        (residual, rhs, -1.0),
                    ),
                )
            factor, relative = np.float64(1.0), np.zeros(structure.n_free)
            for source, variable, power in powers:
                if scaled[variable]:
                    factor *= source.sd[g, variable] ** power
                    relative = relative + power * source.log_gradient[g, variable]
            values.append(own * factor)
            change = free[row.free - 1] * factor if row.free else 0.0
            gradients.append(change + own * factor * relative)
    return _with_definitions(table, np.array(values), np.array(gradients))


def standardising_factors(
    table: ParTable,
    structure: Structure,
    fixed: Fixed,
    theta: FloatArray,
    keys: Sequence[tuple[str, str, str, int]],
) -> FloatArray:
    """Return what completely standardises parameters (lhs, op, rhs, group), shape (keys,)."""
    total, residual = _deviations(structure, fixed, theta)
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    lhs = np.array([place[key[0]] for key in keys], dtype=np.int64)
    rhs = np.array([place.get(key[2], 0) for key in keys], dtype=np.int64)
    g = np.array([key[3] - 1 for key in keys], dtype=np.int64)
    op = np.array([key[1] for key in keys])
    with np.errstate(divide="ignore", invalid="ignore"):
        by_op = {
            "=~": total[g, lhs] / total[g, rhs],
            "~": total[g, rhs] / total[g, lhs],
            "~~": np.where(
                lhs == rhs,
                total[g, lhs] ** -2.0,
                1.0 / (residual[g, lhs] * residual[g, rhs]),
            ),
            "~1": 1.0 / total[g, lhs],
        }
    return np.asarray(np.select([op == name for name in by_op], list(by_op.values())))


def _deviations(
    structure: Structure, fixed: Fixed, theta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the implied and the residual standard deviations, shapes (G, v)."""
    at = implied_moments(structure, fixed, theta[None])
    variance = np.diagonal(at.covariance[0], axis1=1, axis2=2)
    own = np.diagonal(fill(structure, fixed, theta[None])[1][0], axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        return np.sqrt(variance), np.sqrt(np.abs(own))


def _factors(structure: Structure, fixed: Fixed, theta: FloatArray) -> tuple[_Factors, _Factors]:
    """Return the implied and the residual standard deviations."""
    at = implied_moments(structure, fixed, theta[None])
    cells = cell_derivatives(structure, at, structure.n_variables)
    change = to_parameters(structure, 2.0 * cells.w[:, None, :] * cells.u * cells.r)[0]
    variance = np.diagonal(at.covariance[0], axis1=1, axis2=2)
    own = np.diagonal(fill(structure, fixed, theta[None])[1][0], axis1=1, axis2=2)
    own_change = np.zeros_like(change)
    on_diagonal = cells.w == 0.5
    group, cell = np.nonzero(on_diagonal)
    own_change[group, structure.row[group, cell], structure.parameter[group, cell]] = 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        return (
            _Factors(np.sqrt(variance), _relative(change, variance)),
            _Factors(np.sqrt(np.abs(own)), _relative(own_change, own)),
        )


def _relative(change: FloatArray, variance: FloatArray) -> FloatArray:
    """Return the derivatives of log standard deviations; 0 for a variance that does not change."""
    return np.where(change == 0.0, 0.0, 0.5 * change / variance[..., None])


def _with_definitions(table: ParTable, values: FloatArray, gradients: FloatArray) -> Standardised:
    """Evaluate the definitions at the standardised free parameters."""
    if not table.definitions:
        return Standardised(values, gradients)
    first = {row.free: number for number, row in reversed(list(enumerate(table.rows)))}
    places = [first[number] for number in range(1, table.n_free + 1)]
    theta, change = values[places], gradients[places]
    found = [definition.evaluate(theta) for definition in table.definitions]
    more = np.array([value for value, _ in found])
    slopes = np.array([gradient @ change for _, gradient in found])
    return Standardised(np.concatenate([values, more]), np.concatenate([gradients, slopes]))
