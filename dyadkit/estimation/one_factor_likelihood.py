r"""Discrepancy of the one-factor model and its derivatives, for a stack of matrices.

The model is :math:`\Sigma = \lambda\lambda' + \Psi` with diagonal :math:`\Psi`, and its discrepancy
from S is :math:`F = \log|\Sigma| + \operatorname{tr}(S\Sigma^{-1}) - \log|S| - k` (Joreskog, 1967).
With :math:`P = \Sigma^{-1}`, :math:`R = PSP`, :math:`Q = P - R`, :math:`v = P\lambda`,
:math:`w = R\lambda`, :math:`c = \lambda'v`, :math:`d = \lambda'w` and :math:`\circ` the elementwise
product, the derivatives are

.. math::

    g_\lambda &= 2(v - w), \qquad g_\psi = \operatorname{diag} Q, \\
    H_{\lambda\lambda} &= 2\{(d - c) P + c R + Q + v w' + w v' - v v'\}, \\
    H_{\lambda\psi} &= 2\{P \operatorname{diag}(w - v) + R \operatorname{diag}(v)\}, \\
    H_{\psi\psi} &= P \circ (2R - P).

Putting R = P gives the expected Hessian: :math:`2(cP + vv')`, :math:`2P\operatorname{diag}(v)` and
:math:`P \circ P`, which is twice the information of one unit (Lawley & Maxwell, 1971).

Residual variances are not bounded.  :math:`\Sigma` is therefore inverted as a whole: the
Sherman-Morrison form :math:`\Psi^{-1} - \Psi^{-1}\lambda\lambda'\Psi^{-1}/(1 +
\lambda'\Psi^{-1}\lambda)` is cheaper, but loses its digits where a residual variance passes
through zero.  A matrix of rank one lifts at most one eigenvalue above zero, so
:math:`\Sigma` is positive definite if and only if at most one residual variance is negative and
its determinant is positive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray

_RIDGE = 1e-10
_FLAT = 1e-8


class Pieces(NamedTuple):
    """What gradient and Hessian share, for b matrices of k items: see the module's equations.

    Shapes: loadings, v and w (b, k); precision (P) and product (R) (b, k, k).
    """

    loadings: FloatArray
    precision: FloatArray
    product: FloatArray
    v: FloatArray
    w: FloatArray

    def rows(self, chosen: BoolArray) -> Pieces:
        """Return the pieces of the chosen matrices."""
        return Pieces(*(part[chosen] for part in self))


def discrepancy(cov: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return F without its constant, and the inverse of Sigma.

    Parameters
    ----------
    cov : ndarray, shape (b, k, k)
        Covariance matrices.
    theta : ndarray, shape (b, 2k)
        Loadings, then residual variances.

    Returns
    -------
    value : ndarray, shape (b,)
        ``log|Sigma| + tr(S Sigma^-1)``, infinite where Sigma is not positive definite.
    precision : ndarray, shape (b, k, k)
        Inverse of Sigma; meaningless where the value is infinite.
    """
    k = cov.shape[-1]
    loadings, residuals = theta[:, :k], theta[:, k:]
    sigma = loadings[:, :, None] * loadings[:, None, :]
    sigma[:, np.arange(k), np.arange(k)] += residuals
    sign, logdet = np.linalg.slogdet(sigma)
    definite = (sign > 0) & ((residuals < 0).sum(axis=1) <= 1)
    sigma[~definite] = np.eye(k)
    precision = np.asarray(np.linalg.inv(sigma), dtype=np.float64)
    trace = np.einsum("bij,bij->b", cov, precision)
    return np.asarray(np.where(definite, logdet + trace, np.inf)), precision


def pieces(cov: FloatArray, theta: FloatArray, precision: FloatArray) -> Pieces:
    """Return what gradient and Hessian share, given the inverse of Sigma."""
    loadings = theta[:, : cov.shape[-1]]
    product = precision @ cov @ precision
    return Pieces(
        loadings=loadings,
        precision=precision,
        product=product,
        v=np.einsum("bij,bj->bi", precision, loadings),
        w=np.einsum("bij,bj->bi", product, loadings),
    )


def gradient(of: Pieces) -> FloatArray:
    """Return the gradient of F by loadings and residual variances, shape (b, 2k)."""
    diagonal = np.diagonal(of.precision - of.product, axis1=1, axis2=2)
    return np.concatenate([2.0 * (of.v - of.w), diagonal], axis=1)


def hessian(of: Pieces) -> FloatArray:
    """Return the observed Hessian of F, shape (b, 2k, 2k)."""
    count, k = of.loadings.shape
    c = np.einsum("bi,bi->b", of.loadings, of.v)[:, None, None]
    d = np.einsum("bi,bi->b", of.loadings, of.w)[:, None, None]
    vw = of.v[:, :, None] * of.w[:, None, :]
    result = np.empty((count, 2 * k, 2 * k))
    result[:, :k, :k] = 2.0 * (
        (d - c + 1.0) * of.precision
        + (c - 1.0) * of.product
        + vw
        + vw.transpose(0, 2, 1)
        - of.v[:, :, None] * of.v[:, None, :]
    )
    mixed = 2.0 * (of.precision * (of.w - of.v)[:, None, :] + of.product * of.v[:, None, :])
    result[:, :k, k:] = mixed
    result[:, k:, :k] = mixed.transpose(0, 2, 1)
    result[:, k:, k:] = of.precision * (2.0 * of.product - of.precision)
    return result


def expected_hessian(of: Pieces) -> FloatArray:
    """Return the expected Hessian of F, shape (b, 2k, 2k), which is positive semidefinite."""
    return hessian(of._replace(product=of.precision, w=of.v))


def downhill_step(slope: FloatArray, of: Pieces) -> FloatArray:
    """Return Newton's step, or that of Fisher's scoring where F is not convex.

    Newton's method is drawn to saddle points, Fisher's scoring only to minima.

    Parameters
    ----------
    slope : ndarray, shape (b, 2k)
        The gradient.
    of : Pieces
        Of the same b matrices.

    Returns
    -------
    ndarray, shape (b, 2k)
        The step, of full length.
    """
    curvature = hessian(of)
    bent = ~_convex(curvature)
    if bent.any():
        curvature[bent] = expected_hessian(of.rows(bent))
    # The ridge is far below the accuracy of a step; it keeps an exactly singular matrix, such as
    # that of an item unrelated to all others, from ending the whole stack.
    size = curvature.shape[-1]
    curvature[:, np.arange(size), np.arange(size)] += _RIDGE
    return np.asarray(-np.linalg.solve(curvature, slope[:, :, None])[:, :, 0])


def escape_step(of: Pieces) -> tuple[BoolArray, FloatArray]:
    """Tell which stationary points are saddles, and return a step down from each of these.

    Returns
    -------
    saddle : ndarray of bool, shape (b,)
        Where the Hessian has a negative eigenvalue beyond rounding.
    step : ndarray, shape (saddles, 2k)
        Along its eigenvector, of a length that is large for loadings of standardised items.
    """
    curvature = hessian(of)
    saddle = ~_convex(curvature)
    roots, vectors = np.linalg.eigh(curvature[saddle])
    bent = roots[:, 0] < -_FLAT
    saddle[saddle] = bent
    return saddle, 0.5 * vectors[bent, :, 0]


def _convex(curvature: FloatArray) -> BoolArray:
    """Tell which matrices are positive definite."""
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:  # says only that one of them is not: look which
        return np.asarray(np.linalg.eigvalsh(curvature)[:, 0] > 0)
    return np.ones(curvature.shape[0], dtype=np.bool_)
