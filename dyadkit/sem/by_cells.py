r"""Second derivatives by cells, of incomplete data, without a matrix of all pairs of moments.

With :math:`d\Sigma_a = w_a (u_a r_a' + r_a u_a')` and :math:`d\mu_a = s_a u_a` (see
`dyadkit.sem.implied`), the second derivatives of the head of `dyadkit.sem.likelihood` need the sets
only through the forms :math:`x' P_m y` and :math:`x' Q_m y`, :math:`Q_m = R_m - \tfrac12 P_m`, of
the few different vectors among all u and r: those of a factor model are its p variables, and two a
factor.  For one cell a, and x and y any of these vectors, let

.. math:: F_{xy} = \sum_m n_m \{(u_a' Q_m x)(r_a' P_m y) + (r_a' Q_m x)(u_a' P_m y)\},

two products of matrices.  Then :math:`L_{ab} = w_a w_b (F_{u_b r_b} + F_{r_b u_b})` for
covariances, and for means

.. math::

    L_{ab} = s_a w_b \sum_m n_m \{(u_a' P_m u_b)(r_b' P_m d_m) + (u_a' P_m r_b)(u_b' P_m d_m)\},
    \qquad s_a s_b \sum_m n_m\, u_a' P_m u_b .
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.implied import CellDerivatives
from dyadkit.sem.likelihood import MomentPoint
from dyadkit.sem.sample import Sample
from dyadkit.sem.structure import Structure

# What picking a second derivative by moments costs, as so many sets in its sum.
_PICKED = 1500
# What a cell costs beside its products of matrices, in the same unit.
_CELL = 1_000_000


def cells_are_cheaper(structure: Structure, sample: Sample) -> bool:
    """Tell whether this takes less time than `dyadkit.sem.likelihood.moment_hessian`."""
    sets, p = sample.observed.shape
    moments = p * (p + 1) // 2
    cells, vectors = structure.row.shape[1], _vectors(structure)[0].shape[1]
    # Long thin products take about twice the time of square ones.
    by_cells = cells * (4 * sets * vectors**2 + _CELL)
    return bool(by_cells < (sets + _PICKED) * moments**2)


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
    source, left, right = _vectors(structure)
    stacked = np.concatenate([cells.u, cells.r], axis=-1)
    chosen = np.take_along_axis(stacked, source[None, :, None, :], axis=-1)
    starts = np.searchsorted(sample.group, np.arange(sample.n_groups)).tolist()
    b, groups, c = cells.s.shape
    total = np.empty((b, groups, c, c))
    for g, (begin, end) in enumerate(pairwise([*starts, sample.group.size])):
        sets = slice(begin, end)
        vectors, counts = chosen[:, g, None], sample.counts[:, sets]
        precision, each = at.precision[:, sets], counts[..., None, None]
        reach = precision @ vectors
        own = vectors.mT @ reach
        if product is None:
            inner = 0.5 * each * own
        else:
            inner = product[:, sets] - 0.5 * precision
            inner *= each
            inner = vectors.mT @ (inner @ vectors)
        u, r, w = left[g], right[g], cells.w[g]
        covariances = np.flatnonzero(w)
        part = np.zeros((b, c, c))
        part[:, covariances] = _rows(inner, own, u, r, covariances, product is None)
        part *= w[:, None] * w
        if structure.has_means:
            s, k = cells.s[:, g], own.shape[-1]
            flat = own.reshape(b, -1, k * k).mT
            among = (flat @ counts[..., None]).reshape(b, k, k)
            part += s[:, :, None] * s[:, None, :] * among[:, u[:, None], u]
            if product is not None:
                pull = counts[..., None] * (reach.mT @ at.offset[:, sets, :, None])[..., 0]
                second = flat @ pull
                mixed = second[:, u[:, None] * k + u, r] + second[:, u[:, None] * k + r, u]
                mixed *= s[:, :, None] * w
                part += mixed + mixed.mT
        total[:, g] = part
    return total


def _rows(
    inner: FloatArray,
    own: FloatArray,
    u: IntArray,
    r: IntArray,
    chosen: IntArray,
    expected: bool,
) -> FloatArray:
    """Return the rows of some cells, without weights: shape (b, cells, c)."""
    found = np.empty((own.shape[0], chosen.size, u.size))
    for number, cell in enumerate(chosen.tolist()):
        i, j = u[cell], r[cell]
        if expected:  # Q is P but for a factor, and the second product the first's mirror image
            form = 2.0 * (inner[:, :, i].mT @ own[:, :, j])
        else:
            form = inner[:, :, i].mT @ own[:, :, j] + inner[:, :, j].mT @ own[:, :, i]
        found[:, number] = form[:, u, r] + form[:, r, u]
    return found


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
