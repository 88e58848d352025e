r"""Variances, correlations and decays with standard errors and intervals.

A variance is a linear combination :math:`a'\theta` of natural parameters and a correlation
:math:`c'\theta / \sqrt{(a'\theta)(b'\theta)}`; standard errors follow by the delta method from the
observed Hessian.  Wald intervals are symmetric on the scale of the logarithm (variances, θ, ratios)
and of Fisher's z (correlations, φ), where the likelihood is nearest to a quadratic (Pinheiro &
Bates, 2000, section 2.4.3), and are left out on the boundary.  The one correlation of k members
lies above :math:`-1/(k-1)`, and its :math:`z = \frac12 \ln\frac{1 + (k-1)\rho}{1 - \rho}` (Fisher,
1925, chapter VII).

References
----------
Fisher, R. A. (1925). Statistical methods for research workers. Oliver & Boyd.

Pinheiro, J. C., & Bates, D. M. (2000). Mixed-effects models in S and S-PLUS. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log, nan, sqrt, tanh
from typing import Literal

import numpy as np
from scipy.special import ndtri

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.solution import Solution

_BOUNDARY = 1e-5
# Of logarithms: what no float holds, and a decay or ratio that has run away to 0 or infinity in
# whatever unit of time.
_LARGEST = 700.0
_ENDLESS = 50.0

Kind = Literal["variance", "correlation", "phi", "exponential"]


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """A number that the natural parameters θ (K,) give.

    Attributes
    ----------
    kind : str
        c'θ as a "variance"; the "correlation" c'θ/√(a'θ·b'θ); c'θ as "phi", or its "exponential".
    c, a, b : ndarray, shape (K,)
    least : float
        The bound of a correlation: −1, or −1/(k − 1) of k members who share one.
    """

    kind: Kind
    c: FloatArray
    a: FloatArray | None = None
    b: FloatArray | None = None
    least: float = -1.0

    def values(self, theta: FloatArray) -> FloatArray:
        """Return the number at each of b parameter vectors (b, K); NaN where there is none."""
        found: FloatArray = theta @ self.c
        if self.kind == "exponential":
            return np.exp(np.minimum(found, _LARGEST))
        if self.kind == "correlation" and self.a is not None and self.b is not None:
            square = (theta @ self.a) * (theta @ self.b)
            there = square > 0.0
            return np.where(there, found / np.sqrt(np.where(there, square, 1.0)), nan)
        return found

    def value(self, theta: FloatArray) -> float:
        """Return the number; NaN for a correlation without variances."""
        found = float(self.c @ theta)
        if self.kind == "exponential":
            return exp(min(found, _LARGEST))
        if self.kind == "correlation" and self.a is not None and self.b is not None:
            square = float(self.a @ theta) * float(self.b @ theta)
            return found / sqrt(square) if square > 0.0 else nan
        return found

    def gradient(self, theta: FloatArray) -> FloatArray:
        """Return the derivatives by θ (K,)."""
        if self.kind == "exponential":
            return self.value(theta) * self.c
        if self.kind == "correlation" and self.a is not None and self.b is not None:
            first, second = float(self.a @ theta), float(self.b @ theta)
            value = self.value(theta)
            return np.asarray(
                self.c / sqrt(first * second) - 0.5 * value * (self.a / first + self.b / second)
            )
        return self.c

    @property
    def signed(self) -> bool:
        """Whether it lies between `least` and 1, and not above 0."""
        return self.kind in ("correlation", "phi")

    def stretched(self, value: float) -> float:
        """Return Fisher's z of what is signed, the logarithm of the rest."""
        if self.signed:
            if not self.least < value < 1.0:
                return inf * value
            return 0.5 * log((1.0 - value / self.least) / (1.0 - value))
        return log(value) if value > 0.0 else -inf

    def unstretched(self, value: float) -> float:
        """Undo `stretched`."""
        if not self.signed:
            return exp(min(value, _LARGEST))
        # With k members (e²ᶻ − 1)/(e²ᶻ + k − 1), here for tanh z = (e²ᶻ − 1)/(e²ᶻ + 1).
        shown = tanh(value)
        return 2.0 * shown / (1.0 + shown - (1.0 - shown) / self.least)

    def slope(self, value: float) -> float:
        """Return the derivative of `stretched`."""
        if not self.signed:
            return 1.0 / value
        return 0.5 * (1.0 - self.least) / ((1.0 - value) * (value - self.least))


@dataclass(frozen=True, slots=True)
class Component:
    """An estimate with its interval.

    Attributes
    ----------
    estimate, std_error, low, high : float
        The last three are NaN on the boundary.
    """

    estimate: float
    std_error: float
    low: float
    high: float


def wald_component(solution: Solution, quantity: Quantity, confidence: float) -> Component:
    """Estimate a quantity, with the interval that its standard error gives."""
    theta = solution.theta
    value = quantity.value(theta)
    if on_boundary(solution, quantity):
        if quantity.kind == "variance":
            value = max(value, 0.0)
        return Component(value, nan, nan, nan)
    gradient = quantity.gradient(theta)
    error = sqrt(max(float(gradient @ solution.theta_covariance @ gradient), 0.0))
    reach = float(ndtri(0.5 + 0.5 * confidence)) * error * quantity.slope(value)
    centre = quantity.stretched(value)
    low, high = (quantity.unstretched(centre + side * reach) for side in (-1.0, 1.0))
    return Component(value, error, low, high)


def on_boundary(solution: Solution, quantity: Quantity) -> bool:
    """Tell whether a quantity is a variance of 0, needs one, is at its bound, or endless."""
    value = quantity.value(solution.theta)
    least = (_BOUNDARY * solution.coordinates.scale) ** 2
    if quantity.kind == "variance":
        return value <= least
    if quantity.kind == "exponential":
        return abs(float(quantity.c @ solution.theta)) > _ENDLESS
    if quantity.kind == "correlation" and quantity.a is not None and quantity.b is not None:
        variances = (float(quantity.a @ solution.theta), float(quantity.b @ solution.theta))
        inside = quantity.least + _BOUNDARY < value < 1.0 - _BOUNDARY
        return min(variances) <= least or not inside
    return False
