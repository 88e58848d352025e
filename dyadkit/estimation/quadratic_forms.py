r"""The distribution of weighted sums of chi-squares.

:math:`Q = \sum_k \lambda_k \chi^2_1` has the upper tail (Imhof, 1961)

.. math:: P(Q > q) = \frac12 + \frac1\pi \int_0^\infty \frac{\sin \theta(u)}{u\, \varrho(u)}\, du,
          \quad
          \theta(u) = \tfrac12 \sum_k \arctan(\lambda_k u) - \tfrac12 q u, \quad
          \varrho(u) = \prod_k (1 + \lambda_k^2 u^2)^{1/4} .

Quantiles are found where weights are positive, of :math:`\sum_k \lambda_k \chi^2_1(\delta_k)` with
noncentralities :math:`\delta_k`.  With the cumulant generating function K, the tail beyond
:math:`K'(c)` is an integral through the saddle point c > 0 (Rice, 1980),

.. math:: P\{Q > K'(c)\} = \frac{1}{2 \pi i} \int \frac{e^{K(s) - s K'(c)}}{s}\, ds ,
          \quad
          K(s) = \sum_k \Bigl\{ \frac{\delta_k \lambda_k s}{1 - 2 \lambda_k s} -
          \tfrac12 \log(1 - 2 \lambda_k s) \Bigr\} ,

along a parabola that bends around the singularities, on which the integrand falls as fast as a
normal density, so that the trapezoidal rule is exact to rounding.

References
----------
Imhof, J. P. (1961). Computing the distribution of quadratic forms in normal variables. Biometrika,
48, 419-426.

Rice, S. O. (1980). Distribution of quadratic forms in normal random variables: Evaluation by
numerical integration. SIAM Journal on Scientific and Statistical Computing, 1, 438-448.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import chdtrc

from dyadkit.estimation.arrays import FloatArray

_TINY = 1e-12
_PARTS = 40
# Of the trapezoidal rule, in units of the integrand's width.
_STEPS = np.arange(0.0, 150.0, 0.15)


def weighted_chisq_tail(q: float, weights: ArrayLike) -> float:
    """Return the probability that a weighted sum of chi-squares of 1 df exceeds q.

    Parameters
    ----------
    q : float
    weights : array_like, shape (k,)
        Those that are nothing beside the largest are left out.

    Examples
    --------
    >>> round(weighted_chisq_tail(5.991465, [1.0, 1.0]), 6)
    0.05
    >>> round(weighted_chisq_tail(3.0, [2.0, 0.5]), 6)
    0.279317
    """
    sizes = np.asarray(weights, dtype=np.float64)
    sizes = sizes[np.abs(sizes) > _TINY * np.abs(sizes).max(initial=0.0)]
    if not sizes.size:
        return float(q < 0.0)
    if np.ptp(sizes) <= _TINY * np.abs(sizes).max() and sizes[0] > 0:
        return float(chdtrc(sizes.size, max(q, 0.0) / sizes[0]))
    if q == 0.0 or ((sizes > 0).all() and q < 0.0):
        return 1.0 if (sizes > 0).all() else _half(sizes)
    scale = np.abs(sizes).max()
    sizes, q = sizes / scale, q / scale

    def height(u: float) -> float:
        wave = 0.5 * float(np.arctan(sizes * u).sum()) - 0.5 * q * u
        size = float(np.exp(0.25 * np.log1p((sizes * u) ** 2).sum()))
        return float(np.sin(wave)) / (u * size)

    # Half a wave at a time: parts that alternate in sign, whose sum is accelerated.
    step = 2.0 * pi / abs(q)
    sums, begin = [0.0], 0.0
    while len(sums) <= _PARTS:
        part, _ = quad(height, begin, begin + step, limit=400, epsabs=1e-14, epsrel=1e-10)
        sums.append(sums[-1] + part)
        begin += step
        if abs(part) < 1e-13:
            break
    total = sums[-1] if len(sums) <= _PARTS else _limit(sums[1:])
    return float(min(max(0.5 + total / pi, 0.0), 1.0))


def weighted_chisq_quantile(tail: float, weights: ArrayLike, noncentrality: ArrayLike) -> float:
    """Return what a weighted sum of noncentral chi-squares of 1 df exceeds with a probability.

    Parameters
    ----------
    tail : float
        The probability, at most .3.
    weights : array_like, shape (k,)
        Positive.
    noncentrality : array_like, shape (k,)
        The squared means of the normal variables whose squares are summed.

    Examples
    --------
    >>> round(weighted_chisq_quantile(0.05, [1.0, 1.0], [0.0, 0.0]), 6)
    5.991465
    >>> round(weighted_chisq_quantile(0.05, [2.0, 0.5], [3.0, 1.0]), 6)
    23.928464
    """
    sizes = np.asarray(weights, dtype=np.float64)
    away = np.asarray(noncentrality, dtype=np.float64)
    scale = float(sizes.max())
    sizes = sizes / scale

    def slope(c: float) -> float:
        left = 1.0 - 2.0 * sizes * c
        return float((sizes / left + away * sizes / left**2).sum())

    def beyond(c: float) -> float:
        """Return the tail beyond K'(c)."""
        left = 1.0 - 2.0 * sizes * c
        curve = float((2.0 * sizes**2 / left**2 + 4.0 * away * sizes**2 / left**3).sum())
        x = _STEPS / np.sqrt(curve + 1.0 / c**2)
        bend = 1.0 / (1.0 - 2.0 * c)
        s = c + bend * x**2 + 1j * x
        apart = 1.0 - 2.0 * sizes[:, None] * s
        cumulant = (away[:, None] * sizes[:, None] * s / apart - 0.5 * np.log(apart)).sum(axis=0)
        height = (np.exp(cumulant - s * slope(c)) / s * (1.0 - 2j * bend * x)).real
        height[0] *= 0.5
        return float(height.sum() * x[1] / pi)

    c = brentq(lambda at: beyond(at) - tail, 1e-9, 0.5 - 1e-9, xtol=1e-14, rtol=1e-14)
    return slope(float(c)) * scale


def _half(sizes: FloatArray) -> float:
    """Return P(Q > 0) where weights have both signs."""
    tail, _ = quad(
        lambda u: (
            float(np.sin(0.5 * np.arctan(sizes * u).sum()))
            / (u * float(np.exp(0.25 * np.log1p((sizes * u) ** 2).sum())))
        ),
        0.0,
        np.inf,
        limit=400,
    )
    return float(0.5 + tail / pi)


def _limit(sums: list[float]) -> float:
    """Return the limit of partial sums by Wynn's epsilon algorithm."""
    before, row = [0.0] * (len(sums) + 1), list(sums)
    best = sums[-1]
    for column in range(1, len(sums)):
        after = []
        for k in range(len(row) - 1):
            gap = row[k + 1] - row[k]
            if gap == 0.0:
                return best
            after.append(before[k + 1] + 1.0 / gap)
        before, row = row, after
        if column % 2 == 0:
            best = row[-1]
    return best
