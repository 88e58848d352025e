r"""The test that latent variances are zero, where their covariance matrix cannot be negative.

If the covariance matrix S of one or two latent variables (random intercepts, say) must be positive
semidefinite, S = 0 lies at the tip of the cone of such matrices, and the likelihood ratio of a
refit within it is not chi-square: it is distributed as

.. math:: \bar\chi^2 = z' V^{-1} z - \min_{S \succeq 0} (z - s)' V^{-1} (z - s),
          \qquad z \sim N(0, V),

with s the lower triangle of S and V the covariance matrix of its unrestricted estimates at S = 0
(Stoel, Garre, Dolan & van den Wittenboer, 2006; Savalei & Kolenikov, 2008).  It is simulated here.
Within the cone the statistic is :math:`z'V^{-1}z`; else the nearest matrix has rank one at most,
:math:`s = r\, u(\varphi)` with :math:`u = (\cos^2\varphi, \cos\varphi \sin\varphi, \sin^2\varphi)`,
and it is the largest :math:`(u'V^{-1}z)_+^2 / u'V^{-1}u` over the angle.

References
----------
Savalei, V., & Kolenikov, S. (2008). Constrained versus unconstrained estimation in structural
equation modeling. Psychological Methods, 13, 150-170.

Stoel, R. D., Garre, F. G., Dolan, C., & van den Wittenboer, G. (2006). On the likelihood ratio test
in structural equation modeling when parameters are subject to boundary constraints. Psychological
Methods, 11, 439-455.
"""

from __future__ import annotations

from math import pi

import numpy as np

from dyadkit.estimation.arrays import FloatArray

_ANGLES = 720
_BLOCK = 4096


def cone_statistic(z: FloatArray, precision: FloatArray) -> FloatArray:
    """Return the statistic of draws z, shape (b, 1) or (b, 3), with V inverted.

    Of two variables z is (variance, covariance, variance).

    Examples
    --------
    >>> z = np.array([[1.0, 0.0, 1.0], [-1.0, 0.0, -1.0], [1.0, 0.0, -1.0]])
    >>> cone_statistic(z, np.eye(3)).round(6).tolist()
    [2.0, 0.0, 1.0]
    """
    if z.shape[1] == 1:
        return np.asarray(np.maximum(z[:, 0], 0.0) ** 2 * precision[0, 0])
    whole = np.einsum("bi,ij,bj->b", z, precision, z)
    inside = (z[:, 0] >= 0) & (z[:, 2] >= 0) & (z[:, 0] * z[:, 2] >= z[:, 1] ** 2)
    found = np.where(inside, whole, 0.0)
    outside = np.flatnonzero(~inside)
    angle = np.asarray(np.arange(_ANGLES) * (pi / _ANGLES), dtype=np.float64)
    for begin in range(0, outside.size, _BLOCK):
        rows = outside[begin : begin + _BLOCK]
        pulled = z[rows] @ precision
        gain = _gain(pulled[:, None, :], angle, precision)
        best = gain.argmax(axis=1)
        middle = np.take_along_axis(gain, best[:, None], axis=1)[:, 0]
        before = np.take_along_axis(gain, (best[:, None] - 1) % _ANGLES, axis=1)[:, 0]
        after = np.take_along_axis(gain, (best[:, None] + 1) % _ANGLES, axis=1)[:, 0]
        # The top of the parabola through the best angle and its neighbours.
        bend = before - 2.0 * middle + after
        step = np.where(bend < 0, 0.5 * (before - after) / np.where(bend < 0, bend, 1.0), 0.0)
        there = np.asarray(angle[best] + step * (pi / _ANGLES))
        found[rows] = np.maximum(middle, _gain(pulled, there, precision))
    return np.asarray(found)


def nearest_face(z: FloatArray, precision: FloatArray) -> tuple[float, float]:
    """Return angle and length r of the matrix of rank one that is nearest to z, shape (3,)."""
    angle = np.asarray(np.arange(_ANGLES) * (pi / _ANGLES), dtype=np.float64)
    pulled = z @ precision
    best = float(angle[_gain(pulled, angle, precision).argmax()])
    u = np.array([np.cos(best) ** 2, np.cos(best) * np.sin(best), np.sin(best) ** 2])
    return best, max(float(u @ pulled) / float(u @ precision @ u), 0.0)


def _gain(pulled: FloatArray, angle: FloatArray, precision: FloatArray) -> FloatArray:
    u = np.stack([np.cos(angle) ** 2, np.cos(angle) * np.sin(angle), np.sin(angle) ** 2], axis=-1)
    size = np.einsum("...i,ij,...j->...", u, precision, u)
    return np.asarray(np.maximum((pulled * u).sum(axis=-1), 0.0) ** 2 / size)


def cone_p_value(
    statistic: float, covariance: FloatArray, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the probability of a statistic as large, and its Monte-Carlo standard error.

    Parameters
    ----------
    statistic : float
    covariance : ndarray, shape (1, 1) or (3, 3)
        V.
    draws : int
    rng : numpy.random.Generator
    """
    z = rng.multivariate_normal(np.zeros(covariance.shape[0]), covariance, draws, method="eigh")
    simulated = cone_statistic(np.asarray(z), np.asarray(np.linalg.inv(covariance)))
    share = (float((simulated >= statistic).sum()) + 1.0) / (draws + 1.0)
    return share, float(np.sqrt(share * (1.0 - share) / draws))
