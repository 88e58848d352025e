r"""The curvature of paths: derivatives by moments times second derivatives of moments.

It is the second part of the Hessian of `dyadkit.sem.objective`.  Let :math:`W = B'L_\Sigma B`,
:math:`X = B'L_\Sigma C` and :math:`h = B'L_\mu`, over rows of observed variables.  Moments are
linear in S and t, so that only paths have a share:

.. math::

    A_{ij}, A_{kl}:&\quad 2 (B_{li} X_{kj} + C_{lj} W_{ik} + B_{jk} X_{il})
        + B_{li} h_k \nu_j + B_{jk} h_i \nu_l, \\
    A_{ij}, S_{kl}:&\quad 2 w (B_{jk} W_{il} + B_{jl} W_{ik}), \\
    A_{ij}, t_k:&\quad B_{jk} h_i .

With :math:`Y = 2 X + h \nu'` this is K + K', where K has rows of paths only, all of the same form:

.. math::

    A_{ij}, A_{kl}:&\quad B_{li} Y_{kj} + C_{lj} W_{ik}, \\
    A_{ij}, S_{kl}:&\quad 2 w (B_{jk} W_{il} + B_{jl} W_{ik}), \\
    A_{ij}, t_k:&\quad B_{jk} h_i + 0 .
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import Implied
from dyadkit.sem.structure import CellKinds, Structure


class _Plan(NamedTuple):
    """Where the factors of K stand in a row of B, W, Y, C, h and 0, for one group.

    Shapes: paths (k,); first to fourth (k, c); weight (c,).
    """

    paths: IntArray
    first: IntArray
    second: IntArray
    third: IntArray
    fourth: IntArray
    weight: FloatArray


def path_curvature(
    structure: Structure, at: Implied, by_sigma: FloatArray, by_mu: FloatArray
) -> FloatArray:
    """Return the second part of the Hessian by cells, shape (b, G, c, c).

    Parameters
    ----------
    structure : Structure
    at : Implied
        For b parameter vectors.
    by_sigma, by_mu : ndarray, shapes (b, G, p, p) and (b, G, p)
        Derivatives by moments.
    """
    b, groups, v = at.mean.shape
    transposed = at.effects[:, :, : at.n_observed].mT
    rows = transposed @ by_sigma
    twice = 2.0 * (rows @ at.covariance[:, :, : at.n_observed])
    pulled = np.zeros((b, groups, v))
    if structure.has_means:
        pulled = (transposed @ by_mu[..., None])[..., 0]
        twice += pulled[..., :, None] * at.mean[..., None, :]
    parts = (at.effects, rows @ transposed.mT, twice, at.covariance)
    flat = [part.reshape(b, groups, v * v) for part in parts]
    factors = np.concatenate([*flat, pulled, np.zeros((b, groups, 1))], axis=-1)
    c = structure.row.shape[1]
    total = np.zeros((b, groups, c, c))
    for g, plan in enumerate(_plans(structure)):
        if plan.paths.size:
            own = factors[:, g]
            half = own.take(plan.first, axis=1) * own.take(plan.second, axis=1)
            half += own.take(plan.third, axis=1) * own.take(plan.fourth, axis=1)
            half *= plan.weight
            total[:, g, plan.paths] = half
    return np.asarray(total + total.mT)


@lru_cache(maxsize=64)
def _plans(structure: Structure) -> tuple[_Plan, ...]:
    return tuple(_plan(structure, g, kinds) for g, kinds in enumerate(structure.kinds))


def _plan(structure: Structure, g: int, kinds: CellKinds) -> _Plan:
    v, c = structure.n_variables, structure.row.shape[1]
    paths, covs, means = kinds.paths, kinds.covariances, kinds.means
    row, column = structure.row[g], structure.column[g]
    effect, pulling, twice, covariance, pulled = (number * v * v for number in range(5))
    nothing = pulled + v
    i, j = row[paths][:, None], column[paths][:, None]
    # Padding, of which nothing is asked, keeps the product of zero and zero.
    first, second, third, fourth = (np.full((paths.size, c), nothing) for _ in range(4))
    weight = np.ones(c)
    k, m = row[paths], column[paths]
    first[:, paths], second[:, paths] = effect + m * v + i, twice + k * v + j
    third[:, paths], fourth[:, paths] = covariance + m * v + j, pulling + i * v + k
    k, m = row[covs], column[covs]
    first[:, covs], second[:, covs] = effect + j * v + k, pulling + i * v + m
    third[:, covs], fourth[:, covs] = effect + j * v + m, pulling + i * v + k
    weight[covs] = 2.0 * structure.weight[g, covs]
    first[:, means], second[:, means] = effect + j * v + row[means], pulled + i
    return _Plan(paths, first, second, third, fourth, weight)
