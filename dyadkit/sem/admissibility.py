"""Solutions that no population can have: negative variances, impossible covariance matrices."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dyadkit.errors import listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import Implied, fill
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.objective import Objective

_ROUNDING = 1e-8


def improper(
    table: ParTable, objective: Objective, theta: FloatArray, implied: Implied
) -> list[str]:
    """Name what no population can have: negative variances and covariance matrices of no data.

    Parameters
    ----------
    table : ParTable
    objective : Objective
    theta : ndarray, shape (q,)
    implied : Implied
        At theta.

    Returns
    -------
    list of str
        One phrase each; empty for an admissible solution.
    """
    least = smallest_variances(table, implied)
    below = {place for place, limit in least.items() if theta[place] < limit}
    negative = [
        f"the variance of {row.lhs} is negative ({theta[row.free - 1]:.3g})"
        for row in (table.rows if below else ())
        if row.free and row.free - 1 in below
    ]
    p, names = len(table.observed), (*table.observed, *table.latent)
    residual = fill(objective.structure, objective.fixed, theta[None])[1][0]
    found = list(dict.fromkeys(negative))
    for g in range(residual.shape[0]):
        where = f" in group {g + 1}" if residual.shape[0] > 1 else ""
        latent = implied.covariance[0, g, p:, p:]
        spread = np.abs(np.diagonal(implied.covariance[0, g]))
        for matrix, what, members, total in (
            (latent, "the covariance matrix of the latent variables", names[p:], spread[p:]),
            (residual[g, :p, :p], "the residual covariance matrix", names[:p], spread[:p]),
        ):
            involved = _not_definite(matrix, total)
            if involved.size and not negative:
                found.append(
                    f"{what}{where} is not positive definite "
                    f"({listed([members[number] for number in involved])})"
                )
    return found


def smallest_variances(table: ParTable, implied: Implied) -> dict[int, float]:
    """Return, for each parameter that is a variance, the value below which it is negative.

    That is zero but for rounding, of which a variance held at a bound of zero has some.
    """
    parameter, group, place = _variances(table)
    least = -_ROUNDING * np.abs(implied.covariance[0, group, place, place])
    return dict(zip(parameter.tolist(), least.tolist(), strict=True))


@lru_cache(maxsize=64)
def _variances(table: ParTable) -> tuple[IntArray, IntArray, IntArray]:
    """Return the parameters that are variances, with group and variable."""
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    found = [
        (row.free - 1, row.group - 1, place[row.lhs])
        for row in table.rows
        if row.free and row.op == "~~" and row.lhs == row.rhs
    ]
    parameter, group, variable = np.array(found, dtype=np.int64).reshape(-1, 3).T
    return parameter, group, variable


def _not_definite(matrix: FloatArray, total: FloatArray) -> IntArray:
    """Return the variables in the negative direction of a covariance matrix, none if there is none.

    Variables without variance of their own, beside their total variance, do not count.
    """
    sd = np.sqrt(np.abs(np.diagonal(matrix)))
    kept = np.flatnonzero(sd**2 > _ROUNDING * total)
    if not kept.size:
        return kept
    if kept.size < sd.size:
        matrix, sd = matrix[kept[:, None], kept], sd[kept]
    scaled = matrix / (sd[:, None] * sd)
    if positive_definite(scaled + 1e-8 * np.eye(kept.size)):
        return kept[:0]
    roots, vectors = np.linalg.eigh(scaled)
    if roots[0] > -1e-8:
        return kept[:0]
    return np.asarray(kept[np.abs(vectors[:, 0]) > 0.1])
