"""Arithmetic of labels, as in ``indirect := a*b``, parsed into postfix order.

In that order neither parsing nor evaluation recurses, however deep the parentheses.  Precedence is
R's: ``^`` binds tighter than a sign and to the right (``-2^2`` is -4), a sign tighter than ``*``
and ``/``, these tighter than ``+`` and ``-``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyadkit.errors import StudyError, nearest
from dyadkit.sem.language.functions import FUNCTIONS
from dyadkit.sem.language.tokens import Clause, Token, split_clauses

SIGN = "sign"
"""What the steps call a minus sign before a value."""
_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, SIGN: 3, "^": 4}

Step = float | str
"""A number; or a name, marked by a leading "$"; or what to do with the values before it."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An expression as written: its steps in postfix order, and its text.

    Attributes
    ----------
    steps : tuple
        Numbers, names (with a leading ``$``), and the operations on what precedes them.
    text : str
        The expression in plain R syntax, without spaces.
    """

    steps: tuple[Step, ...]
    text: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names that occur, each once, in order."""
        found = (step[1:] for step in self.steps if isinstance(step, str) and step[0] == "$")
        return tuple(dict.fromkeys(found))

    def minus(self, other: Arithmetic) -> Arithmetic:
        """Return the difference of two expressions."""
        return Arithmetic((*self.steps, *other.steps, "-"), f"{self.text}-({other.text})")


def read_expression(source: str | Clause, tokens: Sequence[Token] | None = None) -> Arithmetic:
    """Parse an expression of numbers, names, ``+ - * / ^``, parentheses and functions.

    Parameters
    ----------
    source : str or Clause
        The text, or the statement that the expression is part of.
    tokens : sequence of Token, optional
        The part of the statement; by default all of it.

    Returns
    -------
    Arithmetic

    Raises
    ------
    StudyError
        At the token at which the expression stops making sense.

    Examples
    --------
    >>> read_expression("-a^2 + exp(b)").steps
    ('$a', 2.0, '^', 'sign', '$b', 'exp', '+')
    """
    clause = _only_clause(source) if isinstance(source, str) else source
    words = clause.tokens if tokens is None else tokens
    output: list[Step] = []
    waiting: list[tuple[str, Token]] = []
    text: list[str] = []
    want_value = True
    previous: Token | None = None
    for position, token in enumerate(words):
        word = "^" if token.text == "**" else token.text
        text.append(word)
        if want_value:
            if token.kind == "number":
                output.append(float(word))
                want_value = False
            elif token.kind == "name":
                follows = words[position + 1].text if position + 1 < len(words) else ""
                if follows == "(":
                    waiting.append((_function(clause, token), token))
                else:
                    output.append(f"${word}")
                    want_value = False
            elif word == "(":
                waiting.append(("(", token))
            elif word == "-":
                waiting.append((SIGN, token))
            elif word != "+":
                raise _no_value(clause, token, previous)
        elif word in ("+", "-", "*", "/", "^"):
            _apply_tighter(word, waiting, output)
            waiting.append((word, token))
            want_value = True
        elif word == ")":
            while waiting and waiting[-1][0] != "(":
                output.append(waiting.pop()[0])
            if not waiting:
                raise clause.error(token, "this ')' closes no parenthesis of the expression.")
            waiting.pop()
            if waiting and waiting[-1][0] in FUNCTIONS:
                output.append(waiting.pop()[0])
        else:
            raise _no_sign(clause, token)
        previous = token
    if want_value:
        raise _no_value(clause, None, previous)
    while waiting:
        operation, token = waiting.pop()
        if operation == "(":
            raise clause.error(token, "this parenthesis is never closed. Add the missing ')'.")
        output.append(operation)
    return Arithmetic(tuple(output), "".join(text))


def _only_clause(text: str) -> Clause:
    clauses = split_clauses(text)
    if len(clauses) != 1:
        raise StudyError(
            f"An expression is one line of arithmetic, but {len(clauses)} were passed: {text!r}."
        )
    return clauses[0]


def _apply_tighter(word: str, waiting: list[tuple[str, Token]], output: list[Step]) -> None:
    """Move the waiting operations that bind tighter than the next one to the output."""
    level = _PRECEDENCE[word]
    while waiting:
        bound = _PRECEDENCE.get(waiting[-1][0], 0)
        if bound < level or (bound == level and word == "^"):
            return
        output.append(waiting.pop()[0])


def _function(clause: Clause, token: Token) -> str:
    if token.text not in FUNCTIONS:
        raise clause.error(
            token,
            f"there is no function '{token.text}' here.{nearest(token.text, list(FUNCTIONS))} "
            f"The functions are {', '.join(FUNCTIONS)}. A product needs its '*': a*(b + c).",
        )
    return token.text


def _no_value(clause: Clause, token: Token | None, previous: Token | None) -> StudyError:
    found = "the expression ends" if token is None else f"'{token.text}' stands"
    where = "" if previous is None else f" after '{previous.text}'"
    if token is None and previous is None:
        return clause.error(None, "an expression is missing here. Write one, such as a*b.")
    return clause.error(
        token, f"{found}{where} where a number, a label or a function is needed, as in a*b."
    )


def _no_sign(clause: Clause, token: Token) -> StudyError:
    if token.text == ",":
        return clause.error(
            token, "functions take one value here: write log(x)/log(2) for log(x, 2)."
        )
    if token.kind == "operator":
        return clause.error(
            token, f"'{token.text}' cannot stand in an expression. One statement has one operator."
        )
    return clause.error(
        token, f"an arithmetic sign (+ - * / ^) is missing before '{token.text}', as in a*b."
    )
