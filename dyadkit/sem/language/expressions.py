"""Expressions compiled against the numbering of the free parameters, with their gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.language.arithmetic import SIGN, Arithmetic, Step
from dyadkit.sem.language.functions import (
    FUNCTIONS,
    Dual,
    add,
    divide,
    multiply,
    negate,
    power,
    subtract,
)

CONSTANTS = {"pi": math.pi}
_OPERATIONS = {"+": add, "-": subtract, "*": multiply, "/": divide, "^": power}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression compiled against the numbering of the free parameters.

    Attributes
    ----------
    text : str
        The expression in plain R syntax.
    n_free : int
        Number of free parameters, q.
    uses : tuple of int
        Places (from 0) of the parameters that it depends on, itself or through definitions.
    """

    text: str
    n_free: int
    uses: tuple[int, ...]
    _program: tuple[tuple[str, tuple[Step | int, ...]], ...]

    def evaluate(self, theta: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return value and gradient at each of a stack of parameter vectors.

        Parameters
        ----------
        theta : array_like, shape (..., q)
            Free parameters.

        Returns
        -------
        value : ndarray, shape (...)
            NaN or infinite where the expression has no finite value, such as a logarithm of a
            negative number.
        gradient : ndarray, shape (..., q)
            First derivatives, by the chain rule carried forward through each step.

        Raises
        ------
        StudyError
            If the last axis of `theta` is not q long.

        Examples
        --------
        >>> from dyadkit.sem.language.arithmetic import read_expression
        >>> product = compile_expression(read_expression("a * b"), {"a": 0, "b": 2}, n_free=3)
        >>> value, gradient = product.evaluate([0.5, 9.0, 0.25])
        >>> float(value), gradient.tolist()
        (0.125, [0.25, 0.0, 0.5])
        """
        values = np.asarray(theta, dtype=np.float64)
        if values.ndim == 0 or values.shape[-1] != self.n_free:
            raise StudyError(
                f"'{self.text}' is a function of {self.n_free} free parameter(s), but an array of "
                f"shape {values.shape} was passed."
            )
        lead = values.shape[:-1]
        index: IntArray = np.asarray(self.uses, dtype=np.int64)
        used = values[..., index]
        directions = np.eye(index.size)
        known: dict[str, Dual] = {}
        with np.errstate(all="ignore"):
            for name, steps in self._program:
                known[name] = _run(steps, used, directions, known)
        value, slope = known[""]
        gradient = np.zeros((*lead, self.n_free))
        if slope is not None:
            gradient[..., index] = slope
        return np.array(np.broadcast_to(value, lead)), gradient


def _run(
    steps: Sequence[Step | int], used: FloatArray, directions: FloatArray, known: Mapping[str, Dual]
) -> Dual:
    """Carry values and derivatives through the steps; an int is a place among the used."""
    stack: list[Dual] = []
    for step in steps:
        if isinstance(step, int):
            stack.append((used[..., step], directions[step]))
        elif isinstance(step, float):
            stack.append((np.float64(step), None))
        elif step[0] == "$":
            stack.append(known[step[1:]])
        elif step == SIGN:
            stack.append(negate(stack.pop()))
        elif step in _OPERATIONS:
            right, left = stack.pop(), stack.pop()
            stack.append(_OPERATIONS[step](left, right))
        else:
            stack.append(FUNCTIONS[step](stack.pop()))
    return stack.pop()


def constant_value(expression: Arithmetic) -> float:
    """Return the value of an expression without names, such as 1/3 or sqrt(2).

    Examples
    --------
    >>> from dyadkit.sem.language.arithmetic import read_expression
    >>> constant_value(read_expression("2^-1^2"))
    0.5
    """
    with np.errstate(all="ignore"):
        value, _ = _run(expression.steps, np.empty(0), np.empty((0, 0)), {})
    return float(value)


def compile_expression(
    expression: Arithmetic,
    parameters: Mapping[str, int | float],
    definitions: Mapping[str, Arithmetic] | None = None,
    *,
    n_free: int,
) -> Expression:
    """Bind the names of an expression to free parameters, fixed values and definitions.

    Parameters
    ----------
    expression : Arithmetic
        What to compile.
    parameters : mapping of str to int or float
        For each label the place of its free parameter (from 0), or the value it is fixed at.
        A name that is none may be ``pi``.
    definitions : mapping of str to Arithmetic, optional
        Other expressions that it may use, which may use each other in any order.
    n_free : int
        Number of free parameters.

    Returns
    -------
    Expression

    Raises
    ------
    StudyError
        For an unknown name (the nearest one is given) and for definitions that go in a circle.

    Examples
    --------
    >>> from dyadkit.sem.language.arithmetic import read_expression
    >>> total = compile_expression(
    ...     read_expression("indirect + c"),
    ...     {"a": 0, "b": 1, "c": 0.5},
    ...     {"indirect": read_expression("a*b")},
    ...     n_free=2,
    ... )
    >>> float(total.evaluate([2.0, 3.0])[0])
    6.5
    """
    defined = definitions or {}
    values = {**CONSTANTS, **parameters}
    order = _in_order(expression, defined)
    needed = [*(defined[name] for name in order), expression]
    places: dict[str, int] = {}
    for part in needed:
        for name in part.names:
            if name in defined:
                continue
            if name not in values:
                raise StudyError(unknown_label(name, part.text, [*parameters, *defined]))
            place = values[name]
            if isinstance(place, int):
                places[name] = place
    uses = sorted(set(places.values()))
    local = {place: position for position, place in enumerate(uses)}

    def bind(step: Step) -> Step | int:
        if isinstance(step, float) or step[0] != "$" or step[1:] in defined:
            return step
        name = step[1:]
        return local[places[name]] if name in places else float(values[name])

    program = tuple(
        (name, tuple(bind(step) for step in part.steps))
        for name, part in zip([*order, ""], needed, strict=True)
    )
    return Expression(expression.text, n_free, tuple(uses), program)


def unknown_label(name: str, text: str, labels: Sequence[str]) -> str:
    """Say that a name in an expression is no label of the model, and what the labels are.

    Examples
    --------
    >>> unknown_label("bb", "a*bb", ["a", "b1"])
    "'bb' in 'a*bb' is no label of this model. The labels are: a, b1. ..."
    """
    shown = [label for label in labels if not label.startswith(".p")]
    if not shown:
        return (
            f"'{name}' in '{text}' is no label, and this model has none. "
            f"Give a parameter its label with '{name}*', as in y ~ {name}*x."
        )
    return (
        f"'{name}' in '{text}' is no label of this model.{nearest(name, shown)} "
        f"The labels are: {listed(shown)}. Give a parameter its label with '{name}*', as in "
        f"y ~ {name}*x."
    )


def _in_order(expression: Arithmetic, definitions: Mapping[str, Arithmetic]) -> list[str]:
    """Return the definitions that an expression needs, each after those that it needs itself."""
    order: dict[str, None] = {}
    path: dict[str, None] = {}
    todo = [(name, False) for name in reversed(expression.names) if name in definitions]
    while todo:
        name, done = todo.pop()
        if done:
            del path[name]
            order[name] = None
        elif name in path:
            circle = " -> ".join([*list(path)[list(path).index(name) :], name])
            raise StudyError(
                f"The definitions go in a circle: {circle}. Define one of them without the others."
            )
        elif name not in order:
            path[name] = None
            todo.append((name, True))
            todo += [(n, False) for n in reversed(definitions[name].names) if n in definitions]
    return list(order)
