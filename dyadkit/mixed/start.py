r"""Starting values in closed form.

For residuals e of ordinary least squares, :math:`\sum_k \theta_k E_k` is fitted to :math:`e e'` by
least squares: :math:`\sum_l \operatorname{tr}(E_k E_l)\, \theta_l = e' E_k e` (Rao, 1972, MINQUE
with prior values of 0, without its correction for estimated effects).

References
----------
Rao, C. R. (1972). Estimation of variance and covariance components in linear models. Journal of
the American Statistical Association, 67, 112-115.
"""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.likelihood import Data
from dyadkit.mixed.working import Working

_FLOOR = 0.05
_CORRELATION = 0.2
_RANK = 1e-12


def starting_values(data: Data, working: Working, gap: float) -> FloatArray:
    """Return working parameters to start from, shape (1, K).

    Parameters
    ----------
    data : Data
        Of one sample, whose outcome is residuals of ordinary least squares.
    working : Working
    gap : float
        The middle gap between occasions; the decay starts from a correlation of 0.2 there.
    """
    basis = data.bases[0]
    lines = basis.linear.shape[0]
    theta = np.zeros((1, working.layout[-1].end))
    if basis.serial == "ar1":
        theta[0, lines] = _CORRELATION
    elif basis.serial == "exponential":
        theta[0, lines] = np.log(-gap / np.log(_CORRELATION))
    cross, square = np.zeros((lines, lines)), np.zeros(lines)
    diagonal, total = np.zeros(lines), 0.0
    for basis, products in zip(data.bases, data.products, strict=True):
        by = basis.derivatives(theta).by[0, :lines]
        flat = by.reshape(lines, basis.padding.shape[0], -1)
        weighted = flat * products.counts[0][:, None]
        cross += weighted.reshape(lines, -1) @ flat.reshape(lines, -1).T
        diagonal += np.trace(by, axis1=-2, axis2=-1) @ products.counts[0]
        present = np.eye(basis.padding.shape[-1]) - basis.padding
        sums = products.level(np.concatenate([by, present[None]]))[:, -1, -1]
        square += sums[:-1]
        total += float(sums[-1])
    theta[0, :lines] = _solved(cross, square)
    if data.reml:
        # Complete dyads whose members have the same predictors are then where they ought to be.
        theta[0, :lines] *= data.n[0] / (data.n[0] - data.width)
    # A variance whose part of all rows' variance would be less than this starts there.
    floors = np.ones(theta.shape[1])
    floors[:lines] = _FLOOR * total / np.where(diagonal > 0, diagonal, data.n[0])
    return working.inverse(theta[0], floors)[None]


def _solved(cross: FloatArray, square: FloatArray) -> FloatArray:
    """Return the shortest least squares solution for a matrix of cross products."""
    roots, vectors = np.linalg.eigh(cross)
    kept = roots > _RANK * roots[-1]
    vectors = vectors[:, kept]
    return np.asarray(vectors @ ((vectors.T @ square) / roots[kept]))
