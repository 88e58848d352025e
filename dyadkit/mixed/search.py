r"""Newton's method for the deviance of a stack of fits, in working parameters.

With gradient g and Hessian H by natural parameters θ and :math:`J = d\theta/dw`, those by working
ones are :math:`J'g` and :math:`J'HJ + \sum_k g_k\, d^2\theta_k/dw\,dw'`.  Where this is not
positive definite, and in the first steps, its place is taken by :math:`J'EJ` with the expected
Hessian E (Fisher's scoring) and the positive part of the second term, without which steps towards
a boundary, where J loses rank, would be too long.  A step is halved until the deviance falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.mixed.likelihood import Data, Slope, slope_at, value_at
from dyadkit.mixed.working import Working

_HALVINGS = 30
_RIDGE = 1e-10
_SCORING_RIDGE = 1e-6
_NEAR = 4.0
_NOISE = 64 * np.finfo(np.float64).eps
# A deviance cannot be told from its neighbours' below this; a parameter on its boundary may keep
# a decrement of that order for ever.
_FLAT = 1e-9
# A step to be left out, as it is shorter than a trillionth of a standard error.
_NOTHING = 1e-24
# Of the gradient by row; below this a search may have started at the optimum.
_LEVEL = 1e-9


class Curvature(NamedTuple):
    """Hessians (b, K, K) in units in which their diagonals are 1.

    Attributes
    ----------
    unit : ndarray, shape (b, K)
    roots, vectors : ndarray, shape (b, K) and (b, K, K)
        Eigenvalues, which do not decrease, and eigenvectors.
    """

    unit: FloatArray
    roots: FloatArray
    vectors: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where a stack of b fits ended.

    Attributes
    ----------
    w : ndarray, shape (b, K)
        Working parameters.
    converged : ndarray of bool, shape (b,)
        Whether the last step's decrement was below the tolerance where the Hessian is positive
        (semi)definite.
    iterations : ndarray of int, shape (b,)
    decrement : ndarray, shape (b,)
        Twice what the quadratic at the last point says the deviance could still fall.
    slope : Slope or None
        The likelihood at w, unless last steps led away from where it was taken.
    curvature : Curvature or None
        Of the deviance there, where the search had not to move.
    """

    w: FloatArray
    converged: BoolArray
    iterations: IntArray
    decrement: FloatArray
    slope: Slope | None
    curvature: Curvature | None = None


def minimise(
    data: Data,
    working: Working,
    start: FloatArray,
    *,
    tolerance: float = 1e-12,
    max_iterations: int = 200,
) -> Optimum:
    """Minimise the deviance from given working parameters (b, K).

    Returns
    -------
    Optimum
        Look at `converged` before using any of it.
    """
    w = np.array(start, dtype=np.float64)
    b = w.shape[0]
    slope = slope_at(data, working.natural(w))
    level = np.abs(slope.gradient).max(axis=1) <= _LEVEL * data.n
    if level.all():
        jacobian = working.jacobian(w)
        curvature = curvature_of(slope, working, w, jacobian)
        _, found = _step(curvature, _gradient(slope, jacobian), _RIDGE)
        there = (curvature.roots[:, 0] > -_SCORING_RIDGE) & (found <= _NOTHING)
        if there.all():
            return Optimum(w, there, np.ones(b, dtype=np.int64), found, slope, curvature)
    converged, iterations = np.zeros(b, dtype=np.bool_), np.zeros(b, dtype=np.int64)
    decrement = np.full(b, np.inf)
    stuck = np.zeros(b, dtype=np.bool_)
    for iteration in range(1, max_iterations + 1):
        stuck |= ~np.isfinite(slope.deviance)
        near = decrement < _NEAR
        direction, newton, found = _direction(slope, working, w, near, ~stuck)
        there = ~near & (found <= tolerance)
        if there.any():
            # Nothing is left to fall by the expected Hessian: what does the observed one say?
            direction, newton, found = _direction(slope, working, w, near | there, ~stuck)
        going = ~(converged | stuck)
        iterations[going] = iteration
        decrement[going] = found[going]
        last = going & newton & (found <= tolerance)
        converged |= last
        if (converged | stuck).all():
            last &= found > _NOTHING
            w[last] += direction[last]
            return Optimum(w, converged, iterations, decrement, None if last.any() else slope)
        direction[~going] = 0.0
        w, slope, moved = _descend(data, working, w, slope.deviance, direction, found, last)
        # Where rounding hides any fall, the point is as good as the deviance can tell.
        flat = going & ~moved
        converged |= flat & newton & (found <= _FLAT)
        stuck |= flat & ~converged
        if (converged | stuck).all():
            break
    return Optimum(w, converged, iterations, decrement, slope)


def curvature_of(slope: Slope, working: Working, w: FloatArray, jacobian: FloatArray) -> Curvature:
    """Return how the deviance curves by working parameters; see `hessian_by_working`."""
    return _curvature(hessian_by_working(slope, working, w, jacobian))


def hessian_by_working(
    slope: Slope, working: Working, w: FloatArray, jacobian: FloatArray
) -> FloatArray:
    """Return the second derivatives of the deviance by working parameters (b, K, K).

    `jacobian` (b, K, K) is that of `working` at w.
    """
    transposed = np.swapaxes(jacobian, 1, 2)
    return np.asarray(transposed @ slope.hessian @ jacobian + working.bend(w, slope.gradient))


def _direction(
    slope: Slope, working: Working, w: FloatArray, near: BoolArray, usable: BoolArray
) -> tuple[FloatArray, BoolArray, FloatArray]:
    """Return the step, whether it is Newton's, and its decrement."""
    jacobian = working.jacobian(w)
    gradient = _gradient(slope, jacobian)
    newton = near & usable
    matrix = jacobian
    if newton.any():
        matrix = hessian_by_working(slope, working, w, jacobian)
        if not newton.all():
            matrix = np.where(newton[:, None, None], matrix, np.eye(w.shape[1]))
        curvature = _curvature(matrix)
        newton &= curvature.roots[:, 0] > -_SCORING_RIDGE
    if not newton.all():
        scoring = _scoring(slope, working, w, jacobian, usable)
        curvature = _curvature(np.where(newton[:, None, None], matrix, scoring))
        gradient = np.where(usable[:, None], gradient, 0.0)
    step, found = _step(curvature, gradient, np.where(newton, _RIDGE, _SCORING_RIDGE)[:, None])
    return step, newton, found


def _gradient(slope: Slope, jacobian: FloatArray) -> FloatArray:
    """Return the derivatives of the deviance by working parameters (b, K)."""
    return np.asarray((np.swapaxes(jacobian, 1, 2) @ slope.gradient[:, :, None])[:, :, 0])


def _step(
    curvature: Curvature, gradient: FloatArray, ridge: FloatArray | float
) -> tuple[FloatArray, FloatArray]:
    """Return the step downhill (b, K) and its decrement (b,)."""
    unit, roots, vectors = curvature
    roots = np.maximum(np.abs(roots + ridge), _RIDGE)
    inner = -(gradient * unit)
    along = (np.swapaxes(vectors, 1, 2) @ inner[:, :, None])[:, :, 0]
    step = (vectors @ (along / roots)[:, :, None])[:, :, 0]
    return unit * step, np.asarray((along**2 / roots).sum(axis=1))


def _scoring(
    slope: Slope, working: Working, w: FloatArray, jacobian: FloatArray, usable: BoolArray
) -> FloatArray:
    """Return Fisher's matrix with the positive part of the curvature; 1 where there is none."""
    gradient = np.where(usable[:, None], slope.gradient, 0.0)
    roots, vectors = np.linalg.eigh(working.bend(w, gradient))
    bend = (vectors * np.maximum(roots, 0.0)[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    found = np.swapaxes(jacobian, 1, 2) @ slope.expected @ jacobian + bend
    return np.where(usable[:, None, None], found, np.eye(w.shape[1]))


def _curvature(matrix: FloatArray) -> Curvature:
    size = np.abs(np.diagonal(matrix, axis1=1, axis2=2))
    largest = size.max(axis=1, keepdims=True)
    unit = 1.0 / np.sqrt(np.maximum(size, np.maximum(1e-12 * largest, 1e-300)))
    return Curvature(unit, *np.linalg.eigh(matrix * unit[:, :, None] * unit[:, None, :]))


def _descend(
    data: Data,
    working: Working,
    w: FloatArray,
    before: FloatArray,
    direction: FloatArray,
    decrement: FloatArray,
    last: BoolArray,
) -> tuple[FloatArray, Slope, BoolArray]:
    """Go along the steps, halved until the deviance falls.

    Returns where to, the slope there, and which moved.
    """
    allowance = _NOISE * (1.0 + np.abs(before))
    # Whole steps are nearly always good: their derivatives are needed next.
    slope = slope_at(data, working.natural(w + direction))
    reached = slope.deviance
    good = (reached <= before - 1e-4 * decrement + allowance) | (last & np.isfinite(reached))
    if good.all():
        return w + direction, slope, good
    length = np.ones(w.shape[0])
    for _ in range(_HALVINGS):
        length = np.where(good, length, 0.5 * length)
        reached = value_at(data, working.natural(w + length[:, None] * direction)).deviance
        good |= reached <= before - 1e-4 * length * decrement + allowance
        if good.all():
            break
    w = w + np.where(good, length, 0.0)[:, None] * direction
    return w, slope_at(data, working.natural(w)), good
