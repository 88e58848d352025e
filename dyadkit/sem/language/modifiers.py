"""What stands before a variable's ``*``: fixed values, starts, labels and bounds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from dyadkit.errors import nearest
from dyadkit.sem.language.arithmetic import read_expression
from dyadkit.sem.language.expressions import constant_value
from dyadkit.sem.language.functions import FUNCTIONS
from dyadkit.sem.language.tokens import Clause, Token

_LABELS = ("label", "equal")
_CALLED = ("start", "label", "equal", "lower", "upper", "c")
_REFUSED = {
    "efa": "exploratory factors (efa) are not supported. Write a confirmatory factor with =~.",
    "prior": "priors are not supported: this engine fits by maximum likelihood.",
    "rv": "random slopes (rv) are not supported.",
}
RESERVED = frozenset(
    {"NA", "NaN", "Inf", "NULL", "TRUE", "FALSE", "if", "else", "for", "while", "repeat"}
    | {"function", "next", "break", "in"}
)
"""Words that R keeps for itself; lavaan takes none of them as a variable's name."""


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What is said about one parameter: a value for each group, or one for all of them.

    Attributes
    ----------
    fixed : tuple of float or None
        Values to fix the parameter at; None (written NA) frees it.
    start : tuple of float
        Starting values.
    label : tuple of str
        Labels; an empty one is none.
    lower, upper : tuple of float
        Bounds.
    """

    fixed: tuple[float | None, ...] = ()
    start: tuple[float, ...] = ()
    label: tuple[str, ...] = ()
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()

    def written(self) -> list[str]:
        """Return each modifier in lavaan syntax, without the ``*``.

        Examples
        --------
        >>> Modifiers(fixed=(None,), label=("a", "b")).written()
        ['NA', 'c("a","b")']
        """
        parts = []
        if self.fixed:
            parts.append(_vector("NA" if v is None else number_text(v) for v in self.fixed))
        if self.start:
            parts.append(f"start({_vector(map(number_text, self.start))})")
        if self.label:
            parts.append(_vector(f'"{name}"' for name in self.label))
        for bound in ("lower", "upper"):
            if values := getattr(self, bound):
                parts.append(f"{bound}({_vector(map(number_text, values))})")
        return parts


NONE = Modifiers()


def _vector(texts: Iterable[str]) -> str:
    parts = list(texts)
    return parts[0] if len(parts) == 1 else f"c({','.join(parts)})"


def number_text(value: float) -> str:
    """Return a number as R reads it back exactly.

    Examples
    --------
    >>> number_text(0.1), number_text(2.0), number_text(-math.inf)
    ('0.1', '2', '-Inf')
    """
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def read_modifier(clause: Clause, tokens: Sequence[Token]) -> Modifiers:
    """Parse what stands before the ``*`` of a term.

    Parameters
    ----------
    clause : Clause
        The statement.
    tokens : sequence of Token
        Its part before the ``*``; not empty.

    Returns
    -------
    Modifiers

    Raises
    ------
    StudyError
        Where it is no number, label, NA, or one of ``c() start() label() equal() lower()
        upper()``.

    Examples
    --------
    >>> from dyadkit.sem.language.tokens import split_clauses
    >>> clause = split_clauses("c(a, b)")[0]
    >>> read_modifier(clause, clause.tokens).label
    ('a', 'b')
    """
    first = tokens[0]
    if len(tokens) == 1:
        if first.kind == "string":
            return Modifiers(label=(_unquoted(clause, first),))
        if first.kind == "name":
            if first.text == "NA":
                return Modifiers(fixed=(None,))
            return Modifiers(label=(_label(clause, first),))
        if first.kind == "number":
            return Modifiers(fixed=(_finite(clause, tokens, infinite=False),))
    if first.kind == "name" and tokens[1].text == "(" and _closes_last(tokens):
        name = first.text
        if name in _REFUSED:
            raise clause.error(first, _REFUSED[name])
        if name in _CALLED:
            return _called(clause, first, _arguments(clause, tokens))
        if name not in FUNCTIONS:
            raise clause.error(
                first,
                f"there is no modifier '{name}'.{nearest(name, [*_CALLED, *FUNCTIONS])} The "
                f"modifiers are {', '.join(f'{called}()' for called in _CALLED)}, NA, numbers and "
                "labels.",
            )
    return Modifiers(fixed=(_finite(clause, tokens, infinite=False),))


def merge(clause: Clause, token: Token, old: Modifiers, new: Modifiers) -> Modifiers:
    """Join what two terms of one formula say about one variable.

    Raises
    ------
    StudyError
        If both fix it, label it, or give it a start or a bound, and not the same one.

    Examples
    --------
    >>> from dyadkit.sem.language.tokens import split_clauses
    >>> clause = split_clauses("f =~ NA*x1 + a*x1")[0]
    >>> free, labelled = Modifiers(fixed=(None,)), Modifiers(label=("a",))
    >>> merge(clause, clause.tokens[-1], free, labelled).written()
    ['NA', '"a"']
    """
    values = {}
    for part in fields(Modifiers):
        mine, yours = getattr(old, part.name), getattr(new, part.name)
        if mine and yours and mine != yours:
            what = "fixed value" if part.name == "fixed" else part.name
            raise clause.error(
                token, f"'{token.text}' gets a second {what} in this formula. Keep one of the two."
            )
        values[part.name] = mine or yours
    return Modifiers(**values)


def _closes_last(tokens: Sequence[Token]) -> bool:
    """Tell whether the parenthesis that opens at the second token closes at the last one."""
    depth = 0
    for position, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and position > 0:
            return position == len(tokens) - 1
    return False


def _arguments(clause: Clause, call: Sequence[Token]) -> list[Sequence[Token]]:
    """Return the arguments of a call, those of a ``c()`` among them in its place."""
    found: list[Sequence[Token]] = []
    depth, begin = 0, 2
    for position, token in enumerate(call):
        depth += (token.text == "(") - (token.text == ")")
        at_end = position == len(call) - 1
        if at_end or (depth == 1 and token.text == ","):
            argument = call[begin:position]
            begin = position + 1
            if not argument:
                raise clause.error(
                    token, f"a value is missing before '{token.text}'. Write NA for none."
                )
            found.append(argument)
    flat: list[Sequence[Token]] = []
    for argument in found:
        nested = len(argument) > 2 and argument[0].text == "c" and argument[1].text == "("
        if nested and _closes_last(argument):
            if call[0].text == "c":
                raise clause.error(argument[0], "c() inside c() is not read. Write one c(a, b).")
            flat += _arguments(clause, argument)
        else:
            flat.append(argument)
    return flat


def _called(clause: Clause, name: Token, arguments: list[Sequence[Token]]) -> Modifiers:
    labels: list[str] = []
    numbers: list[float | None] = []
    bare = False
    for argument in arguments:
        word = argument[0]
        single = len(argument) == 1
        if single and word.text == "NA":
            labels.append("")
            numbers.append(None)
        elif single and word.kind == "string":
            labels.append(_unquoted(clause, word))
        elif single and word.kind == "name" and word.text != "Inf":
            labels.append(_label(clause, word))
            bare = True
        else:
            numbers.append(_finite(clause, argument, infinite=name.text in ("lower", "upper")))
    count = len(arguments)
    if name.text in _LABELS:
        if len(labels) < count:
            raise clause.error(name, f"{name.text}() takes labels, one for each group.")
        return Modifiers(label=tuple(labels))
    if name.text == "c":
        if len(numbers) == count:
            return Modifiers(fixed=tuple(numbers))
        if len(labels) < count:
            raise clause.error(name, "c() takes labels only or numbers only, one for each group.")
        if bare and len(numbers) > 0:
            raise clause.error(
                name,
                "c() has labels and NA, which lavaan reads as one label for every group. "
                'Quote the labels, with "" where a group has none: c("a", "")*x.',
            )
        return Modifiers(label=tuple(labels))
    values = tuple(value for value in numbers if value is not None)
    if len(values) < count:
        raise clause.error(name, f"{name.text}() takes numbers, one for each group.")
    if name.text == "start":
        return Modifiers(start=values)
    return Modifiers(lower=values) if name.text == "lower" else Modifiers(upper=values)


def _label(clause: Clause, token: Token) -> str:
    if token.text in RESERVED:
        raise clause.error(
            token, f"'{token.text}' is a reserved word, not a label. Choose another label."
        )
    return token.text


def _unquoted(clause: Clause, token: Token) -> str:
    label = "".join(token.text[1:-1].split())
    if any(character in label for character in '"\\#!;'):
        raise clause.error(
            token,
            "a label cannot have quotation marks, backslashes, '#', '!' or ';', which lavaan reads "
            "otherwise. Use letters, digits, dots and underscores.",
        )
    return label


def _finite(clause: Clause, tokens: Sequence[Token], *, infinite: bool) -> float:
    """Return the value of arithmetic without names."""
    if infinite and len(tokens) in (1, 2) and tokens[-1].text == "Inf":
        if len(tokens) == 1:
            return math.inf
        if tokens[0].text in "+-":
            return -math.inf if tokens[0].text == "-" else math.inf
    expression = read_expression(clause, tokens)
    if expression.names:
        named = next(token for token in tokens if token.text == expression.names[0])
        raise clause.error(named, _no_number(tokens, expression.names[0]))
    value = constant_value(expression)
    if not math.isfinite(value):
        raise clause.error(tokens[0], f"the value before '*' is not finite: {expression.text}.")
    return value


def _no_number(tokens: Sequence[Token], name: str) -> str:
    if any(token.text == "*" for token in tokens):
        return (
            "a term has one '*': what is before it is a number, NA or a label, and what is after "
            "it is the variable. Give several modifiers in several terms: NA*x + a*x."
        )
    return (
        f"'{name}' cannot stand in the arithmetic before a '*'. Label the parameter and write the "
        f"arithmetic as a constraint of its own: y ~ b*x, then b == 2*a."
    )


def refuse_variable(clause: Clause, token: Token) -> None:
    """Refuse a variable's name that R, and so lavaan, keeps for itself.

    Raises
    ------
    StudyError
        For such a word.
    """
    if token.text in RESERVED:
        raise clause.error(
            token,
            f"'{token.text}' is a reserved word and cannot name a variable. Rename the column.",
        )
