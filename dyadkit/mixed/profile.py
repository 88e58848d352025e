r"""Profile-likelihood intervals of variances and correlations.

The interval of a quantity h(θ) has all values h for which the deviance, minimised under
:math:`h(\theta) = h`, exceeds its minimum by no more than the quantile of χ² with one degree of
freedom (Venzon & Moolgavkar, 1988).  The restricted likelihood has profiles too, of covariance
parameters.

References
----------
Venzon, D. J., & Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
confidence intervals. Applied Statistics, 37, 87-94.
"""

from __future__ import annotations

from math import nan

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import ndtri

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.components import Component, Quantity, on_boundary, wald_component
from dyadkit.mixed.likelihood import slope_at
from dyadkit.mixed.solution import Solution

# So far out, in standard errors on the stretched scale, the boundary itself is meant.
_FAR = 30.0
_GROWTH = 1.6


def profile_component(solution: Solution, quantity: Quantity, confidence: float) -> Component:
    """Estimate a quantity with its profile-likelihood interval.

    An end that the likelihood never excludes is the boundary: a variance of 0, a correlation of −1
    or 1.

    Raises
    ------
    FitError
        When the constrained search does not converge.
    """
    found = wald_component(solution, quantity, confidence)
    if on_boundary(solution, quantity):
        return found
    profile = _Profile(solution, quantity, confidence)
    low, high = (profile.end(side, found) for side in (-1.0, 1.0))
    return Component(found.estimate, found.std_error, low, high)


class _Profile:
    """The deviance above its minimum along a quantity."""

    def __init__(self, solution: Solution, quantity: Quantity, confidence: float) -> None:
        self.solution, self.quantity = solution, quantity
        self.least = float(solution.slope.deviance[0])
        self.allowed = float(ndtri(0.5 + 0.5 * confidence)) ** 2
        self.w = solution.w

    def end(self, side: float, wald: Component) -> float:
        """Return one end of the interval."""
        quantity = self.quantity
        centre = quantity.stretched(wald.estimate)
        step = wald.std_error * quantity.slope(wald.estimate)
        self.w = self.solution.w
        near, far = centre, centre + side * 2.0 * step
        while self.excess(far) < 0.0:
            near, far = far, centre + _GROWTH * (far - centre)
            if abs(far - centre) > _FAR * max(step, 0.1):
                if quantity.signed:
                    return side
                return 0.0 if side < 0 else nan
        return quantity.unstretched(float(brentq(self.excess, near, far, xtol=1e-9, rtol=1e-12)))

    def excess(self, stretched: float) -> float:
        """Return the constrained minimum's distance from what is allowed."""
        solution, quantity = self.solution, self.quantity
        working, units = solution.working, solution.units

        def theta_of(w: FloatArray) -> FloatArray:
            return np.asarray(working.natural(w[None])[0] * units)

        def deviance(w: FloatArray) -> tuple[float, FloatArray]:
            slope = slope_at(solution.data, working.natural(w[None]))
            gradient = slope.gradient[0] @ working.jacobian(w[None])[0]
            return float(slope.deviance[0]) - self.least, gradient

        def gap(w: FloatArray) -> float:
            return quantity.stretched(quantity.value(theta_of(w))) - stretched

        def gap_slope(w: FloatArray) -> FloatArray:
            theta = theta_of(w)
            by_theta = quantity.slope(quantity.value(theta)) * quantity.gradient(theta)
            return np.asarray((by_theta * units) @ working.jacobian(w[None])[0])

        found = minimize(
            deviance,
            self.w,
            jac=True,
            method="SLSQP",
            constraints={"type": "eq", "fun": gap, "jac": gap_slope},
            options={"ftol": 1e-12, "maxiter": 200},
        )
        if not found.success and not (found.status == 8 and abs(gap(found.x)) < 1e-6):
            raise FitError(
                "A profile-likelihood interval did not converge: " + str(found.message) + ". Take "
                "the Wald interval, or the bootstrap."
            )
        self.w = found.x
        return float(found.fun) - self.allowed
