r"""The bivariate normal distribution, for whole arrays of limits and correlations at once.

With T the function of Owen (1956), :math:`r = \sqrt{1 - \rho^2}` and

.. math::

    a_h = \frac{k - \rho h}{h r}, \qquad a_k = \frac{h - \rho k}{k r},

the distribution function is

.. math::

    \Phi_2(h, k; \rho) = \tfrac12 \{\Phi(h) + \Phi(k)\} - T(h, a_h) - T(k, a_k) - \delta,

where :math:`\delta` is 1/2 if hk < 0, or if hk = 0 and h + k < 0, and 0 otherwise.

References
----------
Owen, D. B. (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical
Statistics, 27, 1075-1090.
"""

from __future__ import annotations

from math import pi, tau

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, owens_t

from dyadkit.estimation.arrays import FloatArray

_FAR = 40.0


def normal_density(x: FloatArray) -> FloatArray:
    """Return the standard normal density, zero at infinity, of the shape of x."""
    return np.asarray(np.exp(-0.5 * x * x) / np.sqrt(tau))


def bivariate_normal_cdf(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> FloatArray:
    r"""Return :math:`P(X \le h, Y \le k)` of standard normal X and Y correlated by rho.

    Parameters
    ----------
    h, k : array_like
        Limits, broadcast against each other; infinite ones are allowed.
    rho : array_like
        Correlations, between -1 and 1, both excluded; broadcast against the limits.

    Returns
    -------
    ndarray of float
        Probabilities of an absolute error of about 1e-16, or of 1e-16 / r where rho is close
        to 1 or -1: there the probability itself depends so much on the last digits.

    Examples
    --------
    >>> float(bivariate_normal_cdf(0, 0, 0.5))  # 1/4 + asin(0.5) / 2 pi
    0.333333333333333...
    >>> float(bivariate_normal_cdf(float("inf"), 0, -0.3))
    0.5
    """
    # Beyond 40 a normal probability is 0 or 1: infinite limits need no rule of their own.
    h = np.clip(np.asarray(h, dtype=np.float64), -_FAR, _FAR)
    k = np.clip(np.asarray(k, dtype=np.float64), -_FAR, _FAR)
    rho = np.asarray(rho, dtype=np.float64)
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    product = h * k
    apart = (product < 0) | ((product == 0) & (h + k < 0))
    total = 0.5 * (ndtr(h) + ndtr(k)) - _owen(h, k, rho, root) - _owen(k, h, rho, root)
    return np.asarray(np.clip(total - 0.5 * apart, 0.0, 1.0))


def _owen(h: FloatArray, k: FloatArray, rho: FloatArray, root: FloatArray) -> FloatArray:
    """Return T(h, a); at h = 0, a quarter with the sign of k, or arccos(rho) / 4 pi if k = 0.

    The numerator k - rho h is taken about the nearer of h and -h, which loses no digits
    where rho is close to 1 or -1.
    """
    toward = np.where(rho < 0, -1.0, 1.0)
    numerator = (k - toward * h) + toward * (1.0 - np.abs(rho)) * h
    zero = h == 0
    slope = numerator / (np.where(zero, 1.0, h) * root)
    at_zero = np.where(k == 0, np.arccos(rho) / (4.0 * pi), 0.25 * np.sign(k))
    found: FloatArray = np.where(zero, at_zero, owens_t(h, slope))
    return found


def bivariate_normal_density(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> FloatArray:
    r"""Return the density of two standard normal variables correlated by rho.

    It is also the derivative of the distribution function by rho (Plackett, 1954).

    Parameters
    ----------
    h, k : array_like
        Points, broadcast against each other; infinite ones have density zero.
    rho : array_like
        Correlations, between -1 and 1, both excluded.

    Returns
    -------
    ndarray of float
        :math:`\exp[-\{(h - k)^2 / (1 - \rho) + (h + k)^2 / (1 + \rho)\} / 4] / (2 \pi r)`.

    References
    ----------
    Plackett, R. L. (1954). A reduction formula for normal multivariate integrals. Biometrika,
    41, 351-360.

    Examples
    --------
    >>> round(float(bivariate_normal_density(0, 0, 0.6)) * 2 * pi, 12)
    1.25
    """
    h = np.clip(np.asarray(h, dtype=np.float64), -_FAR, _FAR)
    k = np.clip(np.asarray(k, dtype=np.float64), -_FAR, _FAR)
    rho = np.asarray(rho, dtype=np.float64)
    squared = (1.0 - rho) * (1.0 + rho)
    form = 0.25 * ((h - k) ** 2 / (1.0 - rho) + (h + k) ** 2 / (1.0 + rho))
    return np.asarray(np.exp(-form) / (tau * np.sqrt(squared)))
