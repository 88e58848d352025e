"""Definitions and constraints, bound to the free parameters of a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.language.arithmetic import Arithmetic
from dyadkit.sem.language.defaults import Row
from dyadkit.sem.language.expressions import (
    CONSTANTS,
    Expression,
    compile_expression,
    unknown_label,
)
from dyadkit.sem.language.syntax import Relation
from dyadkit.sem.language.tokens import Place, problem
from dyadkit.sem.language.vocabulary import Vocabulary

_AUTOMATIC_LABEL = re.compile(r"\.p(\d{1,9})\.")


@dataclass(frozen=True, slots=True)
class Definition:
    """A defined parameter, such as an indirect effect.

    Attributes
    ----------
    name : str
        What is defined.
    text : str
        Its expression, as written.
    expression : Expression
        The same, compiled.
    """

    name: str
    text: str
    expression: Expression

    def evaluate(self, theta: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return value, shape (...), and gradient, shape (..., q), at free parameters (..., q)."""
        return self.expression.evaluate(theta)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint between parameters.

    Attributes
    ----------
    lhs, op, rhs : str
        The constraint as written.
    expression : Expression
        What must be zero (``==``) or at least zero (``<`` and ``>``).
    """

    lhs: str
    op: str
    rhs: str
    expression: Expression

    @property
    def text(self) -> str:
        """The constraint as written."""
        return f"{self.lhs} {self.op} {self.rhs}"

    @property
    def name(self) -> str:
        """The constraint as written."""
        return self.text

    def evaluate(self, theta: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return value, shape (...), and gradient, shape (..., q), at free parameters (..., q)."""
        return self.expression.evaluate(theta)


def compile_relations(
    relations: Sequence[Relation],
    rows: Sequence[Row],
    numbers: Sequence[int],
    vocabulary: Vocabulary,
    n_free: int,
) -> tuple[tuple[Definition, ...], list[Constraint]]:
    """Bind definitions and constraints to the free parameters."""
    parameters: dict[str, int | float] = {}
    for row, number in zip(rows, numbers, strict=True):
        if row.label and row.label not in parameters:
            parameters[row.label] = number - 1 if number else float(row.value)
    defined: dict[str, Arithmetic] = {}
    for relation in relations:
        name = relation.lhs.text
        if relation.op != ":=":
            continue
        if name in defined or name in parameters:
            what = "defined already" if name in defined else "the label of a parameter"
            raise problem(relation.place, f"'{name}' is {what}. Give the definition another name.")
        defined[name] = relation.rhs
    known = {*parameters, *defined}
    for relation in relations:
        sides = (relation.rhs,) if relation.op == ":=" else (relation.lhs, relation.rhs)
        for side in sides:
            for name in side.names:
                if name not in known and name not in CONSTANTS:
                    parameters[name] = _automatic(
                        name, side, relation, rows, numbers, vocabulary, known
                    )
    definitions = tuple(
        Definition(name, side.text, compile_expression(side, parameters, defined, n_free=n_free))
        for name, side in defined.items()
    )
    constraints = []
    for relation in relations:
        if relation.op == ":=":
            continue
        low, high = relation.lhs, relation.rhs
        must = high.minus(low) if relation.op == "<" else low.minus(high)
        expression = compile_expression(must, parameters, defined, n_free=n_free)
        if not expression.uses:
            raise problem(
                relation.place,
                f"'{relation}' has no free parameter, so that there is nothing to constrain. "
                "Remove it, or free a parameter with NA*.",
            )
        constraints.append(
            Constraint(relation.lhs.text, relation.op, relation.rhs.text, expression)
        )
    return definitions, constraints


def _automatic(
    name: str,
    side: Arithmetic,
    relation: Relation,
    rows: Sequence[Row],
    numbers: Sequence[int],
    vocabulary: Vocabulary,
    known: Collection[str],
) -> int | float:
    """Return what lavaan's automatic label ``.p3.`` (of the third row) stands for."""
    found = _AUTOMATIC_LABEL.fullmatch(name)
    place = relation.place
    at = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])").search(place.text, place.column - 1)
    if at is not None:
        place = Place(place.line, at.start() + 1, place.text)
    if found is None or not 1 <= int(found[1]) <= len(rows):
        others = [label for label in known if relation.op != ":=" or label != relation.lhs.text]
        message = unknown_label(name, side.text, others)
        if name in (*vocabulary.observed, *vocabulary.latent):
            message += f" '{name}' is a variable; constraints and definitions are about parameters."
        raise problem(place, message)
    position = int(found[1]) - 1
    if rows[position].exo:
        raise problem(place, f"'{name}' is a moment of the sample (fixed_x), not a parameter.")
    return numbers[position] - 1 if numbers[position] else float(rows[position].value)
