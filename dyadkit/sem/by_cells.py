r"""Second derivatives by cells, of incomplete data, without a matrix of all pairs of moments.

With :math:`d\Sigma_a = w_a (u_a r_a' + r_a u_a')` and :math:`d\mu_a = s_a u_a` (see
`dyadkit.sem.implied`), the second derivatives of the head of `dyadkit.sem.likelihood` need the sets
only through

.. math:: F_{xy,zt} = \sum_m n_m (x' Q_m y)(z' P_m t), \qquad Q_m = R_m - \tfrac12 P_m,

of the few different vectors x, y, z, t among all u and r: those of a factor model are its p
variables, and two a factor.  Then

.. math:: L_{ab} = w_a w_b \{F_{u_a u_b, r_a r_b} + F_{r_a r_b, u_a u_b}
                   + F_{u_a r_b, r_a u_b} + F_{r_a u_b, u_a r_b}\}

for covariances, and so on for means.  F is one product of matrices, set by set in a row, of which
the cells pick their elements.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import CellDerivatives
from dyadkit.sem.likelihood import MomentPoint, group_products
from dyadkit.sem.sample import Sample
from dyadkit.sem.structure import Structure

# What picking an element costs, as so many sets in its sum: measured, and far from the margin.
_PICKED = 1500


def cells_are_cheaper(structure: Structure, sample: Sample) -> bool:
    """Tell whether this takes less time than `dyadkit.sem.likelihood.moment_hessian`."""
    sets, p = sample.observed.shape
    cells, moments = structure.row.shape[1], p * (p + 1) // 2
    vectors = _vectors(structure)[0].shape[1]
    pairs = vectors * (vectors + 1) // 2
    return bool(sets * pairs**2 + _PICKED * cells**2 < (sets + _PICKED) * moments**2)


def cell_hessian(
    structure: Structure,
    sample: Sample,
    at: MomentPoint,
    cells: CellDerivatives,
    product: FloatArray | None,
) -> FloatArray:
    """Return the first part of the Hessian by cells, shape (b, G, c, c).

    Parameters
    ----------
    structure : Structure
    sample : Sample
    at : MomentPoint
    cells : CellDerivatives
    product : ndarray, shape (b, M, p, p), or None
        R, from `dyadkit.sem.likelihood.residual_product`; None for the expected information.
    """
    source, u, r = _vectors(structure)
    stacked = np.concatenate([cells.u, cells.r], axis=-1)
    chosen = np.take_along_axis(stacked, source[None, :, None, :], axis=-1)[:, sample.group]
    k = source.shape[1]
    low, high = np.tril_indices(k)
    where = np.empty((k, k), dtype=np.int64)
    where[low, high] = where[high, low] = np.arange(low.size)
    counts = sample.counts[:, :, None]
    reach = at.precision @ chosen
    own = (chosen.mT @ reach)[:, :, low, high]
    inner = own
    if product is not None:
        inner = 2.0 * (chosen.mT @ (product @ chosen))[:, :, low, high] - own
    first = group_products(sample, 0.5 * counts * inner, own)
    total = np.empty((*first.shape[:2], u.shape[1], u.shape[1]))
    for g in range(u.shape[0]):
        uu, rr = where[u[g][:, None], u[g]], where[r[g][:, None], r[g]]
        ur = where[u[g][:, None], r[g]]
        total[:, g] = first[:, g, uu, rr] + first[:, g, rr, uu]
        total[:, g] += first[:, g, ur, ur.T] + first[:, g, ur.T, ur]
    total *= cells.w[:, :, None] * cells.w[:, None, :]
    if not structure.has_means:
        return total
    weighted = sample.by_group(counts * own)
    for g in range(u.shape[0]):
        uu = where[u[g][:, None], u[g]]
        total[:, g] += cells.s[:, g, :, None] * cells.s[:, g, None, :] * weighted[:, g][:, uu]
    if product is None:
        return total
    pull = (reach.mT @ at.offset[..., None])[..., 0]
    second = group_products(sample, counts * own, pull)
    for g in range(u.shape[0]):
        mixed = second[:, g, where[u[g][:, None], u[g]], r[g]]
        mixed = mixed + second[:, g, where[u[g][:, None], r[g]], u[g]]
        mixed *= cells.s[:, g, :, None] * cells.w[g]
        total[:, g] += mixed + mixed.mT
    return total


@lru_cache(maxsize=64)
def _vectors(structure: Structure) -> tuple[IntArray, IntArray, IntArray]:
    """Return where the different vectors of each group are, among u and r, and each u's and r's.

    Shapes: (G, k), with the last over again where a group has fewer, (G, c) and (G, c).
    """
    v = structure.n_variables
    found = []
    for u, r in zip(structure.u_from, structure.r_from, strict=True):
        _, source, number = np.unique(
            np.concatenate([v + u, r]), return_index=True, return_inverse=True
        )
        found.append((source, number.reshape(2, -1)))
    k = max(source.size for source, _ in found)
    padded = [np.pad(source, (0, k - source.size), mode="edge") for source, _ in found]
    numbers = np.stack([number for _, number in found])
    return np.stack(padded), numbers[:, 0], numbers[:, 1]
