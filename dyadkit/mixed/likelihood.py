r"""The likelihood of a linear mixed model and its derivatives, for b points at once.

With :math:`A = X' V^{-1} X`, :math:`\Phi = A^{-1}`, :math:`e = y - X\hat\beta`,
:math:`D_k = X' V^{-1} V_k V^{-1} X`, :math:`h_k = X' V^{-1} V_k V^{-1} e` and subscripts for
derivatives, the deviance is

.. math::

    d &= n^* \log 2\pi + \log|V| + [\log|A|] + e' V^{-1} e, \\
    d_k &= \operatorname{tr}(V^{-1} V_k) - [\operatorname{tr}(\Phi D_k)]
           - e' V^{-1} V_k V^{-1} e, \\
    d_{kl} &= -t_{kl} + [2 \operatorname{tr}(\Phi Q_{kl}) - \operatorname{tr}(\Phi D_k \Phi D_l)]
           + 2 (e' V^{-1} V_k V^{-1} V_l V^{-1} e - h_k' \Phi h_l) \\
           &\quad + \operatorname{tr}(V^{-1} V_{kl})
           - [\operatorname{tr}(\Phi X' V^{-1} V_{kl} V^{-1} X)] - e' V^{-1} V_{kl} V^{-1} e,

with :math:`t_{kl} = \operatorname{tr}(V^{-1} V_k V^{-1} V_l)` and
:math:`Q_{kl} = X' V^{-1} V_k V^{-1} V_l V^{-1} X`; terms in brackets belong to the restricted
likelihood, for which n* is n − p, without the constant :math:`\log|X'X|` (as SAS, lme4 and nlme
have it).  The expectation of :math:`d_{kl}` is
:math:`\operatorname{tr}(P V_k P V_l)` with the projection P
:math:`= V^{-1} - V^{-1} X \Phi X' V^{-1}`, and :math:`t_{kl}` without restriction (Harville, 1977).

References
----------
Harville, D. A. (1977). Maximum likelihood approaches to variance component estimation and to
related problems. Journal of the American Statistical Association, 72, 320-338.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.mixed.covariance import Basis
from dyadkit.mixed.products import Contracted, Gram, Units

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """All that a likelihood needs of the rows.

    Attributes
    ----------
    bases : tuple of Basis
        One a block.
    products : tuple of Gram or Units
        One a block; of predictors and outcome together, the outcome last.
    n : ndarray, shape (1 or b,)
        Rows.
    width : int
        Predictors, p.
    reml : bool
    """

    bases: tuple[Basis, ...]
    products: tuple[Gram | Units, ...]
    n: FloatArray
    width: int
    reml: bool


@dataclass(frozen=True, eq=False)
class Value:
    """The deviance (b,) of b points; infinite where a matrix is not positive definite.

    `phi` (b, p, p) is the covariance matrix of the effects `beta` (b, p).
    """

    deviance: FloatArray
    beta: FloatArray
    phi: FloatArray


@dataclass(frozen=True, eq=False)
class Slope(Value):
    """The deviance with all that its derivatives need; see the module's formulas.

    Attributes
    ----------
    traces : ndarray, shape (b, K)
        :math:`\\operatorname{tr}(V^{-1} V_k)`.
    double_traces : ndarray, shape (b, K, K)
        :math:`t_{kl}`.
    second_traces : ndarray, shape (b, s)
    sums : Contracted
    bent : tuple of (int, int)
        Which second derivatives of V are not zero.
    reml : bool
    """

    traces: FloatArray
    double_traces: FloatArray
    second_traces: FloatArray
    sums: Contracted
    bent: tuple[tuple[int, int], ...]
    reml: bool

    @cached_property
    def direction(self) -> FloatArray:
        """(−β, 1), which makes residuals of rows (b, c)."""
        return np.concatenate([-self.beta, np.ones((self.beta.shape[0], 1))], axis=1)

    @cached_property
    def by_predictors(self) -> FloatArray:
        """D (b, K, p, p)."""
        p = self.beta.shape[1]
        return self.sums.slope[..., :p, :p]

    @cached_property
    def turned(self) -> FloatArray:
        """ΦD (b, K, p, p)."""
        return np.asarray(self.phi[:, None] @ self.by_predictors)

    @cached_property
    def gradient(self) -> FloatArray:
        """The derivatives of the deviance (b, K)."""
        found = self.traces - _form(self.sums.slope, self.direction)
        if self.reml:
            found = found - np.trace(self.turned, axis1=-2, axis2=-1)
        return np.asarray(found)

    @cached_property
    def hessian(self) -> FloatArray:
        """The second derivatives of the deviance (b, K, K)."""
        p = self.beta.shape[1]
        v = self.direction
        h = (self.sums.slope @ v[:, None, :, None])[..., :p, 0]
        found = 2.0 * (_form(self.sums.bend, v) - h @ self.phi @ np.swapaxes(h, 1, 2))
        found -= self.double_traces
        if self.reml:
            found += 2.0 * self._phi_trace(self.sums.bend) - self._double_turned
        if not self.bent:
            return np.asarray(found)
        second = self.second_traces - _form(self.sums.second, v)
        if self.reml:
            second = second - self._phi_trace(self.sums.second)
        for number, (k, j) in enumerate(self.bent):
            found[:, k, j] += second[:, number]
            if k != j:
                found[:, j, k] += second[:, number]
        return np.asarray(found)

    @cached_property
    def expected(self) -> FloatArray:
        """The expectation of the second derivatives (b, K, K)."""
        if not self.reml:
            return self.double_traces
        return self.double_traces - 2.0 * self._phi_trace(self.sums.bend) + self._double_turned

    @cached_property
    def _double_turned(self) -> FloatArray:
        b, k = self.turned.shape[:2]
        left = self.turned.reshape(b, k, -1)
        right = np.swapaxes(self.turned, -1, -2).reshape(b, k, -1)
        return np.asarray(left @ np.swapaxes(right, 1, 2))

    def _phi_trace(self, sums: FloatArray) -> FloatArray:
        """Return tr(Φ S) for sums (b, …, c, c)."""
        p = self.beta.shape[1]
        between = (None,) * (sums.ndim - 3)
        part = sums[..., :p, :p] * self.phi[(slice(None), *between)]
        return np.asarray(part.sum(axis=(-2, -1)))


def value_at(data: Data, theta: FloatArray) -> Value:
    """Return the deviance at parameters (b, K)."""
    b = theta.shape[0]
    log_det = np.zeros(b)
    level = np.zeros((b, data.width + 1, data.width + 1))
    for basis, products in zip(data.bases, data.products, strict=True):
        inverse, logs = _inverted(basis.at(theta))
        log_det += (logs * products.counts).sum(axis=1)
        level += products.level(inverse)
    return Value(*_assembled(data, log_det, level))


def slope_at(data: Data, theta: FloatArray) -> Slope:
    """Return the deviance at parameters (b, K) with all that its derivatives need."""
    blocks = zip(data.bases, data.products, strict=True)
    found = [_block_at(basis, products, theta) for basis, products in blocks]
    parts = found[0] if len(found) == 1 else tuple(map(_total, zip(*found, strict=True)))
    log_det, traces, double_traces, second_traces, *sums = parts
    return Slope(
        *_assembled(data, log_det, sums[0]),
        traces,
        double_traces,
        second_traces,
        Contracted(*sums),
        data.bases[0].bent,
        data.reml,
    )


def _block_at(basis: Basis, products: Gram | Units, theta: FloatArray) -> tuple[FloatArray, ...]:
    """Return what a block adds to log|V|, the traces of `Slope` and the sums of `Contracted`."""
    b, k = theta.shape
    at = basis.derivatives(theta)
    inverse, logs = _inverted(at.value)
    counts = products.counts
    by_inverse = inverse[:, None] @ at.by
    sums = products.contract(inverse, at.by, by_inverse, at.second)
    own = np.trace(by_inverse, axis1=-2, axis2=-1)
    weighted = (by_inverse * counts[:, None, :, None, None]).reshape(b, k, -1)
    turned = np.swapaxes(by_inverse, -1, -2).reshape(b, k, -1)
    second = np.zeros((b, 0))
    if at.second.shape[1]:
        traces = (inverse[:, None] * at.second).sum(axis=(-2, -1))
        second = (traces * counts[:, None]).sum(axis=-1)
    return (
        (logs * counts).sum(axis=1),
        (own * counts[:, None]).sum(axis=-1),
        weighted @ np.swapaxes(turned, 1, 2),
        second,
        sums.level,
        sums.slope,
        sums.bend,
        sums.second,
    )


def _total(parts: tuple[FloatArray, ...]) -> FloatArray:
    return np.asarray(sum(parts[1:], parts[0]))


def _assembled(
    data: Data, log_det: FloatArray, level: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return deviance, effects and their covariance matrix."""
    p = data.width
    information, right = level[:, :p, :p], level[:, :p, p]
    phi, log_information = _inverted(information)
    beta = (phi @ right[:, :, None])[:, :, 0]
    deviance = log_det + level[:, p, p] - (right * beta).sum(axis=1)
    if data.reml:
        deviance = deviance + log_information + (data.n - p) * _LOG_2PI
    else:
        deviance = deviance + data.n * _LOG_2PI
    return np.where(np.isfinite(deviance), deviance, np.inf), beta, phi


def _inverted(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return inverses and log-determinants; NaN where a matrix is not positive definite."""
    if matrices.shape[-1] == 0:
        return matrices, np.zeros(matrices.shape[:-2])
    try:
        root = np.linalg.cholesky(matrices)
        # A matrix at the edge may have a root and, by rounding, no inverse.
        inverse = np.linalg.inv(matrices)
    except np.linalg.LinAlgError:
        return _inverted_where_definite(matrices)
    logs: FloatArray = 2.0 * np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    return np.asarray(inverse, dtype=np.float64), logs


def _inverted_where_definite(matrices: FloatArray) -> tuple[FloatArray, FloatArray]:
    finite: BoolArray = np.array(np.isfinite(matrices).all(axis=(-2, -1)))
    usable = np.where(finite[..., None, None], matrices, np.eye(matrices.shape[-1]))
    roots, vectors = np.linalg.eigh(usable)
    definite: BoolArray = np.array(roots[..., 0] > 1e-14 * np.abs(roots[..., -1]))
    definite &= finite
    safe = np.where(definite[..., None], roots, 1.0)
    inverse = (vectors / safe[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    logs = np.where(definite, np.log(safe).sum(axis=-1), np.nan)
    return np.where(definite[..., None, None], inverse, np.nan), logs


def _form(sums: FloatArray, v: FloatArray) -> FloatArray:
    """Return v'Sv for sums (b, …, c, c) and v (b, c)."""
    between = (None,) * (sums.ndim - 3)
    w = v[(slice(None), *between)]
    return np.asarray(((sums @ w[..., None])[..., 0] * w).sum(axis=-1))
