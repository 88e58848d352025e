r"""Newton's method for a stack of fits, with constraints.

In units in which the Hessian H has a unit diagonal, each fit's step solves

.. math:: \begin{pmatrix} H & J' \\ J & 0 \end{pmatrix}
          \begin{pmatrix} \Delta \\ \lambda \end{pmatrix}
          = - \begin{pmatrix} g \\ c \end{pmatrix}

for gradient g, binding constraints c and their Jacobian J (Nocedal & Wright, 2006, equation 18.6);
H is that of the Lagrangian.
The first steps, and those where H is not positive definite along the constraints, have the expected
information in its place, which makes them Fisher's scoring; once a step is shorter than five
standard errors, Newton's takes over.  A step is halved until the merit
:math:`L + \varrho \sum |c|` falls enough.  The decrement :math:`\Delta' H \Delta` is the squared
length of a step in standard errors; when Newton's is below the tolerance that step, which is exact
to its square, is the last.

Inequalities bind by an active set: where a solution violates some, these are made to bind, and let
go again when their multiplier says that the likelihood would gain inside.

References
----------
Nocedal, J., & Wright, S. J. (2006). Numerical optimization (2nd ed.). Springer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.objective import Objective, Point, Slope
from dyadkit.sem.restrictions import Constraints

_RIDGE = 1e-12
_TINY = 1e-290
_SCORING_RIDGE = 1e-6
_HALVINGS = 40
_ACTIVE_ROUNDS = 25
_A_FEW = 20
_NEAR = 25.0
_NOISE = 64 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class Optimum:
    """Where a stack of b fits ended.

    Attributes
    ----------
    theta : ndarray, shape (b, q)
    value : ndarray, shape (b,)
        Minus the log-likelihood without constants.
    converged : ndarray of bool, shape (b,)
        Whether this is a minimum: the last Newton step was below the tolerance, the Hessian is
        positive definite along the constraints, and these hold.
    iterations : ndarray of int, shape (b,)
    decrement : ndarray, shape (b,)
        Squared length, in standard errors, of the last step.
    active : ndarray of bool, shape (b, r)
        The binding constraints, equalities first.
    """

    theta: FloatArray
    value: FloatArray
    converged: BoolArray
    iterations: IntArray
    decrement: FloatArray
    active: BoolArray


class _Step(NamedTuple):
    """Steps of a stack: direction (b, q), fall of the merit (b,) and what decides the end."""

    direction: FloatArray
    descent: FloatArray
    penalty: FloatArray
    decrement: FloatArray
    newton: BoolArray
    held: BoolArray
    multipliers: FloatArray


def minimise(
    objective: Objective,
    start: FloatArray,
    constraints: Constraints,
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 200,
    race: bool = False,
) -> Optimum:
    """Minimise minus the log-likelihood from given starting values.

    Parameters
    ----------
    objective : Objective
        Of a stack of b samples.
    start : ndarray, shape (b, q)
        Starting values.
    constraints : Constraints
    tolerance : float
        Largest decrement of the last step.
    max_iterations : int
        Steps at most.
    race : bool
        Whether all are starts for one sample: when one has converged, the others have as many
        steps again, and a few.

    Returns
    -------
    Optimum
        Look at `converged` before using any of it.
    """
    b, r = start.shape[0], len(constraints)
    equal = len(constraints.equalities)
    active = np.zeros((b, r), dtype=np.bool_)
    active[:, :equal] = True
    found, multipliers = _newton(
        objective, start, constraints, active, tolerance, max_iterations, race=race
    )
    if not constraints.inequalities:
        return found
    for _ in range(_ACTIVE_ROUNDS):
        values, _ = constraints.evaluate(found.theta)
        violated = ~found.active & (values < -1e-9)
        # L gains where the multiplier of c >= 0, for which L' + J'm = 0, is positive.
        let_go = found.active & (multipliers > 1e-9)
        let_go[:, :equal] = False
        again = np.flatnonzero(found.converged & (violated | let_go).any(axis=1))
        if not again.size:
            return found
        active = (found.active | violated) & ~(let_go & ~violated.any(axis=1, keepdims=True))
        part, some = _newton(
            objective.rows(again),
            found.theta[again],
            constraints,
            active[again],
            tolerance,
            max_iterations,
        )
        multipliers[again] = some
        found = _merged(found, part, again)
    values, _ = constraints.evaluate(found.theta)
    found.converged[(values < -1e-9).any(axis=1)] = False
    return found


def _merged(whole: Optimum, part: Optimum, rows: IntArray) -> Optimum:
    for name in Optimum.__dataclass_fields__:
        getattr(whole, name)[rows] = getattr(part, name)
    return whole


def _newton(
    objective: Objective,
    start: FloatArray,
    constraints: Constraints,
    active: BoolArray,
    tolerance: float,
    max_iterations: int,
    *,
    race: bool = False,
) -> tuple[Optimum, FloatArray]:
    """Minimise with the given constraints binding; return multipliers (b, r) too."""
    b = start.shape[0]
    theta = np.array(start, dtype=np.float64)
    value, decrement = np.full(b, np.inf), np.full(b, np.inf)
    converged, iterations = np.zeros(b, dtype=np.bool_), np.zeros(b, dtype=np.int64)
    multipliers = np.zeros(active.shape)
    point = objective.at(theta)
    value[:] = point.value
    bound = constraints.evaluate(theta)
    usable = np.isfinite(value) & np.isfinite(bound[0]).all(axis=1)
    running = np.flatnonzero(usable & np.isfinite(bound[1]).all(axis=(1, 2)))
    if running.size < b:
        objective, point = objective.rows(running), point.rows(running)
    at = theta[running]
    for iteration in range(max_iterations):
        if not running.size:
            break
        here = running if running.size < b else slice(None)
        slope = objective.slope(point)
        bound = constraints.evaluate(at)
        near = decrement[here] < _NEAR
        bend = (
            constraints.curvature(at, multipliers[here])
            if len(constraints) and near.any()
            else None
        )
        step = _step(objective, point, slope, bound, active[here], near, bend)
        iterations[here] = iteration + 1
        decrement[here] = step.decrement
        multipliers[here] = step.multipliers
        last = step.newton & step.held & (step.decrement <= tolerance)
        if last.all():
            # So short a step keeps the quadratic: the value falls by half of its descent.
            theta[here] = at + step.direction
            value[here] = point.value + 0.5 * step.descent
            converged[here] = True
            break
        moved, at, point = _descend(
            objective, at, point, step, constraints, bound[0], active[here], last
        )
        theta[here], value[here], converged[here] = at, point.value, last & moved
        if race and converged.any() and iteration >= 2 * iterations[converged].min() + _A_FEW:
            break
        going = moved & ~last
        if not going.all():
            running = running[going]
            objective, point, at = objective.rows(going), point.rows(going), at[going]
    return Optimum(theta, value, converged, iterations, decrement, active.copy()), multipliers


def _step(
    objective: Objective,
    point: Point,
    slope: Slope,
    bound: tuple[FloatArray, FloatArray],
    active: BoolArray,
    near: BoolArray,
    bend: FloatArray | None,
) -> _Step:
    gradient = slope.by_parameter
    b, q = gradient.shape
    c, jacobian = bound
    r = c.shape[1]
    if r:
        c, jacobian = np.where(active, c, 0.0), np.where(active[:, :, None], jacobian, 0.0)
    unit, scaled, newton = _quadratic(objective, point, slope, jacobian, near, bend)
    if not r:
        pulled = -(gradient * unit)
        inner = np.linalg.solve(scaled, pulled[:, :, None])[:, :, 0]
        descent = np.asarray(-(pulled * inner).sum(axis=1))
        # Without constraints H times the step is minus the gradient.
        held = np.ones(b, dtype=np.bool_)
        return _Step(unit * inner, descent, c, -descent, newton, held, c)
    rows = jacobian * unit[:, None, :]
    length = np.sqrt((rows**2).sum(axis=2))
    length[length == 0.0] = 1.0
    rows, off = rows / length[:, :, None], c / length
    matrix = np.zeros((b, q + r, q + r))
    matrix[:, :q, :q] = scaled
    matrix[:, q:, :q], matrix[:, :q, q:] = rows, np.swapaxes(rows, 1, 2)
    corner = np.arange(q, q + r)
    # A constraint that does not bind gets a multiplier of 0; dependent ones stay solvable.
    matrix[:, corner, corner] = np.where(active, -1e-12, 1.0)
    right = -np.concatenate([gradient * unit, off], axis=1)
    solved = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    inner, raw = solved[:, :q], solved[:, q:]
    penalty = 2.0 * np.abs(raw).max(axis=1, initial=0.0)
    direction = inner * unit
    descent = np.einsum("bi,bi->b", gradient, direction) - penalty * np.abs(off).sum(axis=1)
    return _Step(
        direction=direction,
        descent=descent,
        penalty=penalty[:, None] / length,
        decrement=np.einsum("bi,bij,bj->b", inner, scaled, inner),
        newton=newton,
        held=(np.abs(off) <= 1e-6).all(axis=1),
        multipliers=np.where(active, raw / length, 0.0),
    )


def _quadratic(
    objective: Objective,
    point: Point,
    slope: Slope,
    jacobian: FloatArray,
    near: BoolArray,
    bend: FloatArray | None,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the parameters' units, the Hessian in these, and where it is the observed one.

    It is where that serves, and else the expected one.
    """
    newton, hessian = near, np.empty((near.size, *slope.by_parameter.shape[1:] * 2))
    if near.all():
        hessian = objective.hessian(point, slope)
        if bend is not None:
            hessian = hessian + bend
        unit, scaled = _scaled(hessian, _RIDGE)
        newton = _convex(scaled, unit, jacobian)
        if newton.all():
            return unit, scaled, newton
    elif near.any():
        part = objective.rows(near).hessian(point.rows(near), slope.rows(near))
        if bend is not None:
            part = part + bend[near]
        hessian[near], newton = part, near.copy()
        unit, scaled = _scaled(part, _RIDGE)
        newton[near] = _convex(scaled, unit, jacobian[near])
    if newton.any():
        bent = ~newton
        hessian[bent] = objective.rows(bent).information(point.rows(bent), slope.rows(bent))
    else:
        hessian = objective.information(point, slope)
    ridge = np.where(newton, _RIDGE, _SCORING_RIDGE)[:, None]
    return *_scaled(hessian, ridge), newton


def _scaled(hessian: FloatArray, ridge: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    """Return the parameters' units, and the Hessian in these: its diagonal is 1 (or -1), ridged."""
    b, q, _ = hessian.shape
    size = np.abs(hessian.reshape(b, -1)[:, :: q + 1])
    unit = 1.0 / np.sqrt(np.where(size > _TINY, size, 1.0))
    scaled = hessian * unit[:, :, None]
    scaled *= unit[:, None, :]
    scaled.reshape(b, -1)[:, :: q + 1] += ridge
    return unit, scaled


def _convex(scaled: FloatArray, unit: FloatArray, jacobian: FloatArray) -> BoolArray:
    """Tell where the Hessian is positive definite along the constraints (Debreu's lemma)."""
    if jacobian.shape[1]:
        rows = jacobian * unit[:, None, :]
        length = (rows**2).sum(axis=2, keepdims=True)
        scaled = scaled + 1e4 * rows.mT @ (rows / np.where(length > 0, length, 1.0))
    return positive_definite(scaled)


def _descend(
    objective: Objective,
    at: FloatArray,
    point: Point,
    step: _Step,
    constraints: Constraints,
    off: FloatArray,
    active: BoolArray,
    last: BoolArray,
) -> tuple[BoolArray, FloatArray, Point]:
    """Go along the steps, halved until the merit falls; tell which moved, and to where."""

    def merit(values: FloatArray, c: FloatArray, of: IntArray | slice) -> FloatArray:
        if not c.shape[1]:
            return values
        return np.asarray(
            values + (step.penalty[of] * np.abs(np.where(active[of], c, 0.0))).sum(axis=1)
        )

    everyone = slice(None)
    before = merit(point.value, off, everyone)
    allowance = _NOISE * (1.0 + np.abs(point.value))
    candidate = at + step.direction
    there = objective.at(candidate)
    reached = merit(there.value, constraints.evaluate(candidate)[0], everyone)
    # The last step is within rounding of the optimum, where the merit cannot tell steps apart.
    enough = (reached <= before + 1e-4 * step.descent + allowance) | (last & np.isfinite(reached))
    if enough.all():
        return enough, candidate, there
    pending = np.flatnonzero(~enough)
    length = 0.5
    moved = enough.copy()
    for _ in range(_HALVINGS):
        trial = at[pending] + length * step.direction[pending]
        part = objective.rows(pending).at(trial)
        reached = merit(part.value, constraints.evaluate(trial)[0], pending)
        good = (
            reached
            <= before[pending] + 1e-4 * length * step.descent[pending] + (allowance[pending])
        )
        accepted = pending[good]
        candidate[accepted] = trial[good]
        moved[accepted] = True
        pending = pending[~good]
        if not pending.size:
            break
        length /= 2.0
    candidate[pending] = at[pending]
    return moved, candidate, objective.at(candidate)
