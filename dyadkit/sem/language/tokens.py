"""Model text cut into statements of tokens, and errors that point at the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dyadkit.errors import StudyError

_TOKEN = re.compile(
    r"""[^\S\n]+|[#!][^\n]*
    |(?P<newline>[\n;])
    |(?P<name>(?:[^\W\d_]|\.(?!\d))[\w.]*)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"[^"\n]*"|'[^'\n]*')
    |(?P<operator>~\*~|<->|->|=~|<~|~~|~|==|:=|<=|>=|<|>|=|:|\||%)
    |(?P<symbol>\*\*|[-+*/^(),?])
    |(?P<other>.)""",
    re.VERBOSE,
)
# A statement goes on over the end of a line after the first of these, or before the second.
_GOES_ON_AFTER = frozenset(["+", "-", "*", "/", "^", "**", ",", "?", "("])
_GOES_ON_BEFORE = frozenset(["+", "-", "*", "/", "^", "**", ",", "?", ")"])
# Tildes that text processors and PDF files put in place of the plain one; lavaan reads the first.
_TILDES = str.maketrans({"\u02dc": "~", "\u223c": "~"})
_WIDEST = 100

_QUOTES = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u00b4"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"


class Place(NamedTuple):
    """Where something stands in the model: line and column count from 1."""

    line: int
    column: int
    text: str


class Token(NamedTuple):
    """A word of the model: its kind, its text and where it begins."""

    kind: str
    text: str
    line: int
    column: int


NOWHERE = Place(0, 0, "")


@dataclass(frozen=True, slots=True)
class Clause:
    """The tokens of one statement, and the lines of the model for messages."""

    tokens: tuple[Token, ...]
    lines: Sequence[str] = field(repr=False)

    def place(self, token: Token) -> Place:
        """Return where a token stands."""
        return Place(token.line, token.column, self.lines[token.line - 1])

    def end(self) -> Place:
        """Return the place after the last token."""
        last = self.tokens[-1]
        line = self.lines[last.line - 1]
        return Place(last.line, last.column + len(last.text), line)

    def error(self, at: Token | None, message: str) -> StudyError:
        """Return an error that points at a token, or at the end of the statement."""
        return problem(self.end() if at is None else self.place(at), message)


def problem(place: Place, message: str) -> StudyError:
    """Return an error that names line and column and shows the line with a caret.

    Examples
    --------
    >>> print(problem(Place(1, 3, "y = x"), "'=' is no operator."))
    Line 1, column 3 of the model: '=' is no operator.
    <BLANKLINE>
        y = x
          ^
    """
    if place.line == 0:
        return StudyError(f"The model: {message}")
    first = max(0, place.column - _WIDEST)
    shown = "".join(c if c.isprintable() else " " for c in place.text[first : first + _WIDEST + 20])
    caret = " " * (place.column - 1 - first) + "^"
    return StudyError(
        f"Line {place.line}, column {place.column} of the model: {message}"
        f"\n\n    {shown.rstrip()}\n    {caret}"
    )


def split_clauses(text: str) -> list[Clause]:
    """Cut a model into the tokens of its statements.

    Newlines and semicolons end a statement.  It goes on over the end of a line while a
    parenthesis is open, when the line ends in an operator, a comma or an arithmetic sign, and
    when the next one begins with an arithmetic sign.  Comments run from ``#`` or ``!`` to the
    end of the line.

    Parameters
    ----------
    text : str
        The model.

    Returns
    -------
    list of Clause

    Raises
    ------
    StudyError
        For a character that is not in the language, and for unbalanced parentheses.

    Examples
    --------
    >>> [len(clause.tokens) for clause in split_clauses("y ~ x +\\n z; a == b")]
    [5, 3]
    """
    plain = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").translate(_TILDES)
    lines = plain.split("\n")
    clauses: list[Clause] = []
    tokens: list[Token] = []
    opened: list[Token] = []
    line, line_start = 1, 0
    broken = False
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        if kind is None:
            continue
        word = match.group()
        if kind == "newline":
            if word == "\n":
                line, line_start = line + 1, match.end()
                broken = True
                continue
            if opened:
                raise _never_closed(opened[-1], lines)
            if tokens:
                clauses.append(Clause(tuple(tokens), lines))
                tokens = []
            continue
        if broken:
            broken = False
            if tokens and not opened and not _goes_on(tokens[-1], kind, word):
                clauses.append(Clause(tuple(tokens), lines))
                tokens = []
        token = Token(kind, word, line, match.start() - line_start + 1)
        if kind == "other":
            raise _unknown_character(token, lines)
        if word == "(":
            opened.append(token)
        elif word == ")":
            if not opened:
                raise Clause((token,), lines).error(
                    token,
                    "this ')' closes no parenthesis. Remove it, or add the '(' it belongs to.",
                )
            opened.pop()
        tokens.append(token)
    if opened:
        raise _never_closed(opened[-1], lines)
    if tokens:
        clauses.append(Clause(tuple(tokens), lines))
    return clauses


def _goes_on(last: Token, kind: str, word: str) -> bool:
    """Tell whether a statement goes on over the end of a line between two tokens."""
    return (
        last.text in _GOES_ON_AFTER
        or last.kind == "operator"
        or word in _GOES_ON_BEFORE
        or kind == "operator"
    )


def _never_closed(token: Token, lines: Sequence[str]) -> StudyError:
    return Clause((token,), lines).error(
        token, "this parenthesis is never closed. Add the missing ')'."
    )


def _unknown_character(token: Token, lines: Sequence[str]) -> StudyError:
    character = token.text
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    if character in _QUOTES:
        message = (
            f"{character} is a typographic quotation mark ({name}). Write a plain one, as in "
            '"a"*x; a label needs none: a*x.'
        )
    elif character in _DASHES:
        message = f"{character} is a typographic dash ({name}). Write a plain minus sign: -."
    elif character in "\"'":
        message = 'this quotation mark is not closed on its line. Write a label as "a"*x or a*x.'
    elif character == "_":
        message = "a name cannot begin with '_'. Begin it with a letter."
    elif character == "`":
        message = (
            "backticks are not read. Rename the column with letters, digits, dots and underscores."
        )
    elif character in "[{]}":
        message = f"'{character}' has no meaning in a model. Group with parentheses: ( )."
    elif character == "&":
        message = "'&' has no meaning in a model. Join variables with '+': f =~ x1 + x2."
    else:
        message = (
            f"the character {character!r} ({name}) has no meaning in a model. Names have letters, "
            "digits, dots and underscores; rename a column that has other characters."
        )
    return Clause((token,), lines).error(token, message)
