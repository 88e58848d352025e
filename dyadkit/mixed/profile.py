r"""Profile-likelihood intervals of variances and correlations.

The interval of a quantity h(θ) reaches from the least to the greatest h among all θ whose deviance
exceeds the minimum by no more than the quantile of χ² with one degree of freedom: where the
deviance minimised under h(θ) = h does so (Venzon & Moolgavkar, 1988).  The restricted likelihood
has profiles too, of covariance parameters.

References
----------
Venzon, D. J., & Moolgavkar, S. H. (1988). A method for computing profile-likelihood-based
confidence intervals. Applied Statistics, 37, 87-94.
"""

from __future__ import annotations

from math import exp

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.components import Component, Quantity, on_boundary, wald_component
from dyadkit.mixed.likelihood import slope_at
from dyadkit.mixed.solution import Solution

# The deviance at an end is right to this.
_ACTIVE = 1e-5
_PARALLEL = 1e-3
# Nearer than this to a variance of 0, or a correlation of 1, is there.
_EDGE = 1e-4


def profile_component(solution: Solution, quantity: Quantity, confidence: float) -> Component:
    """Estimate a quantity with its profile-likelihood interval.

    An end that the likelihood never excludes is the boundary: a variance of 0, a correlation at
    its bound.

    Raises
    ------
    FitError
        When the search does not converge.
    """
    found = wald_component(solution, quantity, confidence)
    if on_boundary(solution, quantity):
        return found
    allowed = float(ndtri(0.5 + 0.5 * confidence)) ** 2
    low, high = (_end(solution, quantity, side, allowed) for side in (-1.0, 1.0))
    return Component(found.estimate, found.std_error, low, high)


def _end(solution: Solution, quantity: Quantity, side: float, allowed: float) -> float:
    """Return the least (side −1) or the greatest value that the likelihood allows."""
    working, units = solution.working, solution.units
    least = float(solution.slope.deviance[0])
    # Of what is exponential its logarithm, of a variance its share of the estimate.
    linear = quantity.kind == "exponential"
    scale = quantity.value(solution.theta) if quantity.kind == "variance" else 1.0
    # The search is in standard units, w = ŵ + Bv, in which the deviance is about |v|².
    roots, vectors = np.linalg.eigh(solution.working_covariance)
    b = vectors * np.sqrt(np.maximum(roots, 0.0))

    def goal(v: FloatArray) -> float:
        theta = working.natural((solution.w + b @ v)[None])[0] * units
        return -side * (float(quantity.c @ theta) if linear else quantity.value(theta)) / scale

    def goal_slope(v: FloatArray) -> FloatArray:
        w = (solution.w + b @ v)[None]
        theta = working.natural(w)[0] * units
        gradient = quantity.c if linear else quantity.gradient(theta)
        return np.asarray(-side * (gradient * units) @ working.jacobian(w)[0] @ b / scale)

    def room(v: FloatArray) -> float:
        w = (solution.w + b @ v)[None]
        deviance = float(slope_at(solution.data, working.natural(w)).deviance[0])
        return (allowed + least - deviance) / allowed

    def room_slope(v: FloatArray) -> FloatArray:
        w = (solution.w + b @ v)[None]
        gradient = slope_at(solution.data, working.natural(w)).gradient[0]
        return np.asarray(-(gradient @ working.jacobian(w)[0]) @ b / allowed)

    edge = (1.0 if side > 0.0 else quantity.least) if quantity.signed else 0.0
    has_edge = quantity.signed or (side < 0.0 and not linear)
    falling = goal_slope(np.zeros(b.shape[1]))
    reach = -falling * np.sqrt(allowed) / max(float(np.linalg.norm(falling)), 1e-300)
    message = ""
    for share in (1.0, 0.5, 0.0):
        found = minimize(
            goal,
            share * reach,
            jac=goal_slope,
            method="SLSQP",
            constraints={"type": "ineq", "fun": room, "jac": room_slope},
            options={"ftol": 1e-10, "maxiter": 500},
        )
        value, left, message = goal(found.x), room(found.x), str(found.message)
        if has_edge and left > -_ACTIVE and abs(-side * value * scale - edge) <= _EDGE * scale:
            return edge
        # At an end the likelihood alone holds the quantity back: their gradients are parallel.
        falling, narrowing = goal_slope(found.x), room_slope(found.x)
        hold = float(falling @ narrowing) / float(narrowing @ narrowing)
        apart = float(np.linalg.norm(falling - hold * narrowing))
        if abs(left) <= _ACTIVE and hold > 0.0 and apart <= _PARALLEL * np.linalg.norm(falling):
            value = -side * (value - hold * left) * scale
            return exp(value) if linear else value
    raise FitError(
        f"A profile-likelihood interval did not converge ({message}). Take the Wald interval of "
        "tidy(), or the bootstrap."
    )
