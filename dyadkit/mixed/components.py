r"""Variances, correlations and decays with standard errors and Wald intervals.

A variance is a linear combination :math:`a'\theta` of natural parameters and a correlation
:math:`c'\theta / \sqrt{(a'\theta)(b'\theta)}`; standard errors follow by the delta method from the
observed Hessian.  Intervals are symmetric on the scale of the logarithm (variances, θ, ratios) and
of Fisher's z (correlations, φ), where the likelihood is nearest to a quadratic (Pinheiro & Bates,
2000, section 2.4.3), and are left out on the boundary.

References
----------
Pinheiro, J. C., & Bates, D. M. (2000). Mixed-effects models in S and S-PLUS. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atanh, exp, log, nan, sqrt, tanh
from typing import Literal

import numpy as np
from scipy.special import ndtri

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.solution import Solution

_BOUNDARY = 1e-5


@dataclass(frozen=True, slots=True)
class Component:
    """One number of a covariance structure.

    Attributes
    ----------
    kind : str
    estimate, std_error, low, high : float
        The last three are NaN on the boundary.
    """

    kind: Literal["variance", "correlation", "decay", "ratio"]
    estimate: float
    std_error: float
    low: float
    high: float


def variance(solution: Solution, a: FloatArray, confidence: float) -> Component:
    """Return the variance a'θ for a (K,)."""
    value = float(a @ solution.theta)
    error = _error(solution, a)
    if value <= (_BOUNDARY * solution.coordinates.scale) ** 2:
        return Component("variance", max(value, 0.0), nan, nan, nan)
    return _logarithmic("variance", value, error, confidence)


def correlation(
    solution: Solution, c: FloatArray, a: FloatArray, b: FloatArray, confidence: float
) -> Component:
    """Return the correlation c'θ/√(a'θ·b'θ) for c, a and b (K,)."""
    theta = solution.theta
    first, second = float(a @ theta), float(b @ theta)
    least = (_BOUNDARY * solution.coordinates.scale) ** 2
    if min(first, second) <= least:
        return Component("correlation", nan, nan, nan, nan)
    length = sqrt(first * second)
    value = float(c @ theta) / length
    if abs(value) >= 1.0 - _BOUNDARY:
        return Component("correlation", max(min(value, 1.0), -1.0), nan, nan, nan)
    error = _error(solution, c / length - 0.5 * value * (a / first + b / second))
    return _by_fisher("correlation", value, error, confidence)


def decay(solution: Solution, place: int, confidence: float) -> Component:
    """Return φ or θ, whichever the parameter at this place of the layout gives."""
    value = float(solution.theta[place])
    unit = np.zeros(solution.theta.size)
    unit[place] = 1.0
    error = _error(solution, unit)
    if solution.problem.residual.serial == "ar1":
        return _by_fisher("decay", value, error, confidence)
    return _logarithmic("decay", exp(value), exp(value) * error, confidence)


def ratio(solution: Solution, place: int, confidence: float) -> Component:
    """Return the ratio of standard deviations whose logarithm stands at this place."""
    value = exp(float(solution.theta[place]))
    unit = np.zeros(solution.theta.size)
    unit[place] = 1.0
    return _logarithmic("ratio", value, value * _error(solution, unit), confidence)


def _error(solution: Solution, gradient: FloatArray) -> float:
    return sqrt(max(float(gradient @ solution.theta_covariance @ gradient), 0.0))


def _logarithmic(
    kind: Literal["variance", "decay", "ratio"], value: float, error: float, confidence: float
) -> Component:
    reach = float(ndtri(0.5 + 0.5 * confidence)) * error / value
    low, high = exp(log(value) - reach), exp(min(log(value) + reach, 700.0))
    return Component(kind, value, error, low, high)


def _by_fisher(
    kind: Literal["correlation", "decay"], value: float, error: float, confidence: float
) -> Component:
    reach = float(ndtri(0.5 + 0.5 * confidence)) * error / (1.0 - value**2)
    centre = atanh(value)
    return Component(kind, value, error, tanh(centre - reach), tanh(centre + reach))
