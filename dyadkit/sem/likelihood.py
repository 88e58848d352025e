r"""The normal likelihood as a function of moments, and its derivatives.

For the sets m of rows that share a group and a pattern of missing scores, with :math:`n_m` rows,
mean :math:`\bar y_m` and covariance :math:`V_m` (divisor :math:`n_m`), let :math:`P_m` be the
inverse of the observed part of :math:`\Sigma`, zero elsewhere, :math:`d_m = \bar y_m - \mu`,
:math:`T_m = V_m + d_m d_m'` and :math:`R_m = P_m T_m P_m`.  Minus the log-likelihood, constants
left out, is

.. math:: L = \tfrac12 \sum_m n_m \{\log|\Sigma_m| + \operatorname{tr}(P_m T_m)\}.

Its derivatives, with :math:`a` and :math:`b` symmetric directions of :math:`\Sigma`, are

.. math::

    L_\Sigma &= \tfrac12 \sum_m n_m (P_m - R_m), \qquad L_\mu = -\sum_m n_m P_m d_m, \\
    L_{\Sigma\Sigma}(a, b) &= \sum_m n_m \operatorname{tr}\{(R_m - \tfrac12 P_m)\, a P_m b\}, \\
    L_{\mu\Sigma}(\cdot, b) &= \sum_m n_m P_m b P_m d_m, \qquad
    L_{\mu\mu} = \sum_m n_m P_m .

Their expectations have :math:`R_m = P_m` and :math:`d_m = 0` (Jamshidian & Bentler, 1999).

References
----------
Jamshidian, M., & Bentler, P. M. (1999). ML estimation of mean and covariance structures with
missing data using complete data routines. Journal of Educational and Behavioral Statistics, 24,
21-41.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.sample import Sample

_ROUNDING = 1e-12
_WIDE = 12
_APART = 1e-4


class MomentPoint(NamedTuple):
    """The likelihood at b pairs of moments.

    Shapes: value (b,), infinite where a covariance matrix is not positive definite; precision (P)
    (b, M, p, p); offset (d) (b, M, p); square (T) (b, M, p, p).
    """

    value: FloatArray
    precision: FloatArray
    offset: FloatArray
    square: FloatArray

    def rows(self, chosen: IntArray | BoolArray) -> MomentPoint:
        """Return some of the stack."""
        return MomentPoint(*(part[chosen] for part in self))


def evaluate_likelihood(
    sample: Sample, sigma: FloatArray, mu: FloatArray, has_means: bool = True
) -> MomentPoint:
    """Evaluate the likelihood.

    Parameters
    ----------
    sample : Sample
        A stack of b.
    sigma : ndarray, shape (b, G, p, p)
        Covariances.
    mu : ndarray, shape (b, G, p)
        Means.
    has_means : bool
        False takes the means of the sample in place of `mu`.
    """
    definite, left = _factorised(sigma)
    every = bool(definite.all())
    if not every:
        sigma, left = np.where(definite[..., None, None], sigma, np.eye(sigma.shape[-1])), None
    precision, logdet = _precision(sample, sigma, left)
    if has_means:
        offset = sample.means - mu[:, sample.group]
        if not sample.complete:
            offset = np.where(sample.observed, offset, 0.0)
        square = sample.scatter + offset[..., :, None] * offset[..., None, :]
    else:
        offset, square = np.zeros_like(sample.means), sample.scatter
    trace = np.einsum("bmij,bmij->bm", precision, square)
    value = 0.5 * (sample.counts * (logdet + trace)).sum(axis=1)
    if not every:
        value = np.where(definite.all(axis=1), value, np.inf)
    return MomentPoint(np.asarray(value), precision, offset, np.asarray(square))


def positive_definite(matrices: FloatArray) -> BoolArray:
    """Tell which matrices of a stack (..., p, p) are positive definite beyond rounding."""
    return _factorised(matrices)[0]


def _factorised(matrices: FloatArray) -> tuple[BoolArray, FloatArray | None]:
    """Tell which matrices are positive definite; return what is left of variances if all factor.

    That is what is left of each when those before it are accounted for, shape (..., p).
    """
    variance = matrices.diagonal(0, -2, -1)
    try:
        left = _left(matrices)
    except np.linalg.LinAlgError:  # says only that one of them is not: look which
        usable = np.asarray(np.isfinite(matrices).all(axis=(-1, -2)) & (variance > 0).all(axis=-1))
        sd = np.sqrt(np.where(usable[..., None], variance, 1.0))
        safe = np.where(usable[..., None, None], matrices, -np.eye(matrices.shape[-1]))
        # In units of unit variance the smallest root does not depend on those of the variables.
        roots = np.linalg.eigvalsh(safe / (sd[..., :, None] * sd[..., None, :]))
        return np.asarray(roots[..., 0] > _ROUNDING), None
    return np.asarray((left > _ROUNDING * variance).all(axis=-1)), left


def _left(matrices: FloatArray) -> FloatArray:
    """Return the squared diagonals of Cholesky's factors."""
    return np.asarray(np.linalg.cholesky(matrices).diagonal(0, -2, -1) ** 2)


def _precision(
    sample: Sample, sigma: FloatArray, left: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return P and the log determinant of each set, shapes (b, M, p, p) and (b, M)."""
    if sample.complete:
        logdet = np.log(_left(sigma) if left is None else left).sum(axis=-1)
        return np.asarray(np.linalg.inv(sigma)), np.asarray(logdet)
    if left is not None and sigma.shape[-1] >= _WIDE:
        variance = sigma.diagonal(0, -2, -1)
        if (left > _APART * variance).all():
            return _precision_by_gaps(sample, sigma, left)
    observed = sample.observed
    both = observed[:, :, None] & observed[:, None, :]
    # A unit variance for the missing ones leaves determinant and inverse of the rest alone.
    part = np.where(both, sigma[:, sample.group], 0.0)
    diagonal = np.arange(sigma.shape[-1])
    part[..., diagonal, diagonal] += ~observed
    inverse = np.linalg.inv(part)
    logdet = np.linalg.slogdet(part)[1]
    inverse[..., diagonal, diagonal] -= ~observed
    return np.asarray(inverse), np.asarray(logdet)


def _precision_by_gaps(
    sample: Sample, sigma: FloatArray, left: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Return what `_precision` does, from one inverse a group and small ones of what is missing.

    With K the inverse of Sigma and m what a set misses, P is
    :math:`K - K_{.m} K_{mm}^{-1} K_{m.}` and its log determinant that of Sigma plus that of
    :math:`K_{mm}`.  It has the rounding error of K, which is that of P if no variable nearly
    follows from others.
    """
    b, groups, p, _ = sigma.shape
    whole = np.zeros((b, groups, p + 1, p + 1))
    whole[..., :p, :p] = np.linalg.inv(sigma)
    flat = whole.reshape(b, groups, -1)
    logdet = np.log(left).sum(axis=-1)[:, sample.group]
    precision = whole[:, sample.group, :p, :p]
    for gap in sample.gaps:
        group, observed = sample.group[gap.patterns], sample.observed[gap.patterns]
        matrix = flat[:, group[:, None, None], gap.cells]
        diagonal = np.arange(gap.index.shape[1])
        matrix[..., diagonal, diagonal] += gap.padding
        rows = whole[:, group[:, None], gap.index, :p]
        part = precision[:, gap.patterns]
        part -= rows.mT @ (np.linalg.inv(matrix) @ rows)
        part *= observed[:, :, None] & observed[:, None, :]
        precision[:, gap.patterns] = part
        logdet[:, gap.patterns] += np.linalg.slogdet(matrix)[1]
    return precision, logdet


def residual_product(at: MomentPoint) -> FloatArray:
    """Return R, shape (b, M, p, p)."""
    return np.asarray(at.precision @ at.square @ at.precision)


def moment_gradient(
    sample: Sample, at: MomentPoint, product: FloatArray, has_means: bool = True
) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives by Sigma and by mu, shapes (b, G, p, p) and (b, G, p).

    Parameters
    ----------
    sample : Sample
    at : MomentPoint
    product : ndarray, shape (b, M, p, p)
        R, from `residual_product`.
    has_means : bool
        As for `evaluate_likelihood`: False leaves nothing to pull at means.
    """
    counts = sample.counts
    by_sigma = (0.5 * counts)[:, :, None, None] * (at.precision - product)
    by_mu = at.offset
    if has_means:
        by_mu = -counts[:, :, None] * (at.precision @ at.offset[..., None])[..., 0]
    return sample.by_group(by_sigma), sample.by_group(by_mu)


def moment_hessian(
    sample: Sample, at: MomentPoint, product: FloatArray, *, expected: bool = False
) -> FloatArray:
    r"""Return the second derivatives by the moments of each group.

    Parameters
    ----------
    sample : Sample
    at : MomentPoint
    product : ndarray, shape (b, M, p, p)
        R, from `residual_product`; not used when `expected`.
    expected : bool
        Whether to take the expectation, which is the information.

    Returns
    -------
    ndarray, shape (b, G, s + p, s + p)
        With s = p (p + 1) / 2: by the lower triangle of :math:`\Sigma`, row by row, where a
        change of an element changes its mirror image too, and by :math:`\mu`.

    Notes
    -----
    The sums over sets of products :math:`Q_{ik} P_{jl}` are matrix products of the lower triangles
    of the matrices, set by set in a row; the second derivatives pick their elements from these.
    """
    b, _, p, _ = at.precision.shape
    low, high = np.tril_indices(p)
    s = low.size
    where = np.empty((p, p), dtype=np.int64)
    where[low, high] = where[high, low] = np.arange(s)
    triangle = at.precision[:, :, low, high]
    counts = sample.counts[:, :, None]
    inner = triangle if expected else 2.0 * product[:, :, low, high] - triangle
    first = _group_products(sample, 0.5 * counts * inner, triangle)
    half = np.where(low == high, 0.5, 1.0)
    hessian = np.zeros((b, first.shape[1], s + p, s + p))
    _fill_pairs(hessian[..., :s, :s], first, where)
    rows = np.arange(p)
    weighted = sample.by_group(counts * triangle)
    hessian[..., s:, s:] = weighted[..., where]
    if expected:
        return hessian
    pull = (at.precision @ at.offset[..., None])[..., 0]
    second = _group_products(sample, counts * triangle, pull)
    mixed = half * (
        second[..., where[rows[:, None], low], high] + second[..., where[rows[:, None], high], low]
    )
    hessian[..., s:, :s] = mixed
    hessian[..., :s, s:] = np.swapaxes(mixed, -1, -2)
    return hessian


def _fill_pairs(hessian: FloatArray, first: FloatArray, where: IntArray) -> None:
    """Fill in tr(Q a P b), shape (b, G, s, s), from the sums of products of elements.

    For a = e_i e_j' + e_j e_i' and b = e_k e_m' + e_m e_k' it has four products; on the diagonal a
    is e_i e_i', half of that.
    """
    p = where.shape[0]
    low, high = np.tril_indices(p)
    half = np.where(low == high, 0.5, 1.0)
    if p < _WIDE:
        i, j, k, m = low[:, None], high[:, None], low[None, :], high[None, :]
        pairs = (
            first[..., where[i, k], where[j, m]]
            + first[..., where[i, m], where[j, k]]
            + first[..., where[j, k], where[i, m]]
            + first[..., where[j, m], where[i, k]]
        )
        hessian[...] = half[:, None] * half * pairs
        return
    # Row by row of a, picking from what fits into the processor's cache.
    both, triangle = first + first.mT, low * p + high
    for row in range(p):
        form = both.take(where[row], axis=-2).take(where[: row + 1], axis=-1)
        form = np.swapaxes(form, -2, -3)
        form = (form + form.mT).reshape(*form.shape[:-2], p * p).take(triangle, axis=-1)
        form *= half
        form[..., row, :] *= 0.5
        begin = row * (row + 1) // 2
        hessian[..., begin : begin + row + 1, :] = form


def _group_products(sample: Sample, left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the sums over each group's sets of outer products, shape (b, G, r, c)."""
    left = np.swapaxes(left, -1, -2)
    if sample.n_groups == 1:
        return np.asarray((left @ right)[:, None])
    starts = np.searchsorted(sample.group, np.arange(sample.n_groups))
    return np.stack(
        [
            left[..., begin:end] @ right[:, begin:end]
            for begin, end in pairwise([*starts.tolist(), sample.group.size])
        ],
        axis=1,
    )
