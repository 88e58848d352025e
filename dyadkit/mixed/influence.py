r"""How much the fixed effects owe to each cluster.

With :math:`A = \sum A_i`, :math:`A_i = X_i' V_i^{-1} X_i` and :math:`b_i = X_i' V_i^{-1} e_i`, the
effects without cluster i, for the same covariance parameters, are
:math:`\hat\beta - (A - A_i)^{-1} b_i`, exactly; Cook's distance is
:math:`D_i = \Delta_i' A \Delta_i / p` (Christensen, Pearson & Johnson, 1992).

References
----------
Christensen, R., Pearson, L. M., & Johnson, W. (1992). Case-deletion diagnostics for mixed models.
Technometrics, 34, 38-45.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """By cluster, in the order of their codes.

    Attributes
    ----------
    change : ndarray, shape (N, p)
        Effects without the cluster minus those of all.
    cooks_distance : ndarray, shape (N,)
        NaN where the effects could not be estimated without the cluster.
    """

    change: FloatArray
    cooks_distance: FloatArray


def influence_of(solution: Solution) -> Influence:
    """Return what leaving out each cluster does to the fixed effects."""
    p = solution.data.width
    n = int(solution.problem.cluster.max()) + 1
    information, score = np.zeros((n, p, p)), np.zeros((n, p))
    theta = solution.scaled_theta[None]
    rows = solution.coordinates.rows
    direction = solution.slope.direction[0]
    for block, basis in zip(solution.blocks, solution.data.bases, strict=True):
        inverse = np.linalg.inv(basis.at(theta)[0])[block.pattern]
        own = np.where(block.present[:, :, None], rows[block.rows], 0.0)
        x, error = own[:, :, :p], own @ direction
        solved = np.swapaxes(x, 1, 2) @ inverse
        information[block.clusters] = solved @ x
        score[block.clusters] = (solved @ error[:, :, None])[:, :, 0]
    whole = information.sum(axis=0)
    left = whole - information
    definite = np.linalg.eigvalsh(left)[:, 0] > 1e-10 * np.linalg.eigvalsh(whole)[-1]
    left[~definite] = np.eye(p)
    change = -np.linalg.solve(left, score[:, :, None])[:, :, 0]
    distance = ((change @ whole) * change).sum(axis=1) / p
    change[~definite], distance[~definite] = np.nan, np.nan
    return Influence(np.asarray(change @ solution.back.T), distance)
