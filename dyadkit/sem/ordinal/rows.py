r"""Estimates, standardised ones among them, of all rows of the table, with their derivatives.

Beyond what `dyadkit.sem.standardised` standardises, a threshold is multiplied by its variable's
factor d, which makes it one of a response of unit variance, and a scaling factor becomes 1.
Residual variances and scaling factors that follow change with the parameters; so their standard
errors are those of functions of these.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.implied import fill
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.ordinal.moments import OrdinalStructure, ordinal_jacobian, ordinal_moments
from dyadkit.sem.standardised import Scale, Standardised, standardise


def ordinal_rows(
    table: ParTable,
    model: OrdinalStructure,
    theta: FloatArray,
    scale: Scale | Literal["none"] = "none",
) -> Standardised:
    """Return the estimate of each row, then of each definition, with derivatives.

    Parameters
    ----------
    table : ParTable
    model : OrdinalStructure
        Of this table.
    theta : ndarray, shape (q,)
    scale : {"none", "std_lv", "std_all", "std_nox"}
        How they are standardised.
    """
    q = model.n_free
    at = ordinal_moments(model, theta[None])
    change = ordinal_jacobian(model, theta[None], at)
    follow = at.residual[0].ravel()
    whole = np.concatenate([theta, follow])
    chain = np.concatenate([np.eye(q), change.residual[0].reshape(follow.size, q)])
    if scale == "none":
        inner = _as_they_are(model, whole)
    else:
        inner = standardise(model.table, model.structure, model.fixed, whole, scale)
    gradients = inner.gradient @ chain
    place = {name: number for number, name in enumerate(table.observed)}
    responses = scale in ("std_all", "std_nox")
    eye = np.eye(q)
    values, slopes = np.empty(len(table.rows)), np.zeros((len(table.rows), q))
    others = iter(range(inner.value.size))
    for number, row in enumerate(table.rows):
        g, free = row.group - 1, row.free - 1
        if row.op not in ("|", "~*~"):
            k = next(others)
            values[number], slopes[number] = inner.value[k], gradients[k]
            continue
        factor, bend = at.factor[0, g, place[row.lhs]], change.factor[0, g, place[row.lhs]]
        if row.op == "~*~":
            values[number], slopes[number] = (1.0, 0.0) if responses else (factor, bend)
            continue
        value, slope = (theta[free], eye[free]) if row.free else (row.value, np.zeros(q))
        values[number], slopes[number] = value, slope
        if responses:
            values[number], slopes[number] = value * factor, slope * factor + value * bend
    return _with_definitions(table, values, slopes)


def _as_they_are(model: OrdinalStructure, whole: FloatArray) -> Standardised:
    """Return the values of the rows of the inner table, and their derivatives."""
    place = {
        name: number for number, name in enumerate((*model.table.observed, *model.table.latent))
    }
    paths, covariances, means = (
        part[0] for part in fill(model.structure, model.fixed, whole[None])
    )
    free = np.eye(whole.size)
    values, slopes = [], []
    for row in model.table.rows:
        g, lhs = row.group - 1, place[row.lhs]
        if row.op == "~1":
            values.append(means[g, lhs])
        elif row.op == "~~":
            values.append(covariances[g, lhs, place[row.rhs]])
        elif row.op == "=~":
            values.append(paths[g, place[row.rhs], lhs])
        else:
            values.append(paths[g, lhs, place[row.rhs]])
        slopes.append(free[row.free - 1] if row.free else np.zeros(whole.size))
    return Standardised(np.array(values), np.array(slopes))


def _with_definitions(table: ParTable, values: FloatArray, slopes: FloatArray) -> Standardised:
    """Evaluate the definitions at the values of the free parameters' first rows."""
    if not table.definitions:
        return Standardised(values, slopes)
    first = {row.free: number for number, row in reversed(list(enumerate(table.rows)))}
    places = [first[number] for number in range(1, table.n_free + 1)]
    found = [definition.evaluate(values[places]) for definition in table.definitions]
    more = np.array([value for value, _ in found])
    bends = np.array([gradient @ slopes[places] for _, gradient in found])
    return Standardised(np.concatenate([values, more]), np.concatenate([slopes, bends]))


def explained_variance(table: ParTable, standardised: FloatArray) -> dict[tuple[str, int], float]:
    """Return R² of each variable that others explain, by variable and group.

    Parameters
    ----------
    table : ParTable
    standardised : ndarray, shape (rows,) or longer
        The completely standardised estimates; of an ordered variable R² is that of its response.
    """
    led = {row.rhs for row in table.rows if row.op == "=~"}
    led |= {row.lhs for row in table.rows if row.op == "~"}
    return {
        (row.lhs, row.group): float(1.0 - standardised[number])
        for number, row in enumerate(table.rows)
        if row.op == "~~" and row.lhs == row.rhs and row.lhs in led
    }
