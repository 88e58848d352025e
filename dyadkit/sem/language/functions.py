"""Arithmetic on pairs of a value and its first derivatives (forward-mode differentiation).

A derivative has one more axis than the value, over the parameters, or broadcasts to that; None
stands for the derivative of a constant.  With values u and v and derivatives du and dv, the rules
are those of calculus: d(uv) = v du + u dv, d(u/v) = (du - (u/v) dv)/v, d f(u) = f'(u) du.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import expit, ndtr, ndtri

from dyadkit.estimation.arrays import FloatArray

Dual = tuple[FloatArray | np.float64, FloatArray | None]


def _scaled(factor: FloatArray | np.float64, derivative: FloatArray | None) -> FloatArray | None:
    return None if derivative is None else np.asarray(factor)[..., None] * derivative


def _sum(left: FloatArray | None, right: FloatArray | None) -> FloatArray | None:
    if left is None or right is None:
        return right if left is None else left
    return left + right


def negate(u: Dual) -> Dual:
    """Return -u.

    Examples
    --------
    >>> float(negate((np.float64(2.0), None))[0])
    -2.0
    """
    return -u[0], None if u[1] is None else -u[1]


def add(u: Dual, v: Dual) -> Dual:
    """Return u + v."""
    return u[0] + v[0], _sum(u[1], v[1])


def subtract(u: Dual, v: Dual) -> Dual:
    """Return u - v."""
    return u[0] - v[0], _sum(u[1], None if v[1] is None else -v[1])


def multiply(u: Dual, v: Dual) -> Dual:
    """Return u v.

    Examples
    --------
    >>> u, v = (np.float64(3.0), np.array([1.0, 0.0])), (np.float64(5.0), np.array([0.0, 1.0]))
    >>> multiply(u, v)[1].tolist()
    [5.0, 3.0]
    """
    return u[0] * v[0], _sum(_scaled(v[0], u[1]), _scaled(u[0], v[1]))


def divide(u: Dual, v: Dual) -> Dual:
    """Return u / v."""
    ratio = u[0] / v[0]
    return ratio, _sum(_scaled(1.0 / v[0], u[1]), _scaled(-ratio / v[0], v[1]))


def power(u: Dual, v: Dual) -> Dual:
    """Return u to the power of v; NaN for a negative u and a broken v, as in R.

    Examples
    --------
    >>> float(power((np.float64(-2.0), None), (np.float64(3.0), None))[0])
    -8.0
    """
    base, exponent = u[0], v[0]
    raised = np.power(base, exponent)
    slope: FloatArray | None = None
    if u[1] is not None:
        inner = np.where(exponent == 0.0, 0.0, exponent * np.power(base, exponent - 1.0))
        slope = _scaled(inner, u[1])
    if v[1] is not None:
        outer = np.where(raised == 0.0, 0.0, raised * np.log(base))
        slope = _sum(slope, _scaled(outer, v[1]))
    return raised, slope


_Function = Callable[[FloatArray | np.float64], FloatArray | np.float64]


def _chain(function: _Function, derivative: _Function) -> Callable[[Dual], Dual]:
    def apply(u: Dual) -> Dual:
        if u[1] is None:
            return function(u[0]), None
        return function(u[0]), _scaled(derivative(u[0]), u[1])

    return apply


def _density(x: FloatArray | np.float64) -> FloatArray | np.float64:
    return np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


FUNCTIONS: dict[str, Callable[[Dual], Dual]] = {
    "exp": _chain(np.exp, np.exp),
    "log": _chain(np.log, lambda x: 1.0 / x),
    "log10": _chain(np.log10, lambda x: 1.0 / (x * math.log(10.0))),
    "sqrt": _chain(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "abs": _chain(np.abs, np.sign),
    "sin": _chain(np.sin, np.cos),
    "cos": _chain(np.cos, lambda x: -np.sin(x)),
    "tan": _chain(np.tan, lambda x: 1.0 / np.cos(x) ** 2),
    "tanh": _chain(np.tanh, lambda x: 1.0 - np.tanh(x) ** 2),
    "atanh": _chain(np.arctanh, lambda x: 1.0 / (1.0 - x * x)),
    "plogis": _chain(expit, lambda x: expit(x) * expit(-x)),
    "pnorm": _chain(ndtr, _density),
    "qnorm": _chain(ndtri, lambda x: 1.0 / _density(ndtri(x))),
}
"""R's names of the functions of one value that an expression may use."""
