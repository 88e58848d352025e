"""Messages for what researchers write where lavaan syntax means something else."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.errors import StudyError
from dyadkit.sem.language.tokens import Clause, Token

_OPERATORS = (
    "=~ (measured by), ~ (regressed on), ~~ (covaries with), ~ 1 (intercept), := (defined as), "
    "== < > (constraints on labels)"
)
_BLOCKS = ("group", "level", "block", "class")


def no_operator(clause: Clause) -> StudyError:
    """Say that a statement has no operator."""
    first = clause.tokens[0]
    if first.text == "+" and first.line > 1:
        hint = "Nothing stands before it to go on with."
    else:
        hint = (
            f"Write one of {_OPERATORS}. If the line goes on with the one before, "
            "begin it with '+' or end the one before in '+'."
        )
    return clause.error(first, f"this statement has no operator. {hint}")


def refuse_operator(clause: Clause, at: int, *, thresholds: bool = False) -> None:
    """Refuse a first operator that is misspelt or not supported, and say what is.

    Parameters
    ----------
    clause : Clause
        The statement.
    at : int
        Position of the operator among its tokens.
    thresholds : bool
        Whether ``|`` is supported.

    Raises
    ------
    StudyError
        Unless it is one of ``=~ ~ ~~ := == < >``, and no other operator touches it.
    """
    tokens = clause.tokens
    operator = tokens[at]
    text = operator.text
    follower = tokens[at + 1] if at + 1 < len(tokens) else None
    touching = follower is not None and _touch(operator, follower)
    joined = text + follower.text if follower is not None and touching else text
    left = "".join(token.text for token in tokens[:at]) or "y"
    if follower is not None and follower.kind == "operator" and joined in _MISSPELT:
        raise clause.error(operator, f"'{joined}' is no operator. {_MISSPELT[joined]}")
    if text == "=":
        hint = f"Write '=~'{_as(left, '=~', 'x1 + x2')}." if joined == "=-" else _equals(left)
        raise clause.error(
            operator, f"'{joined if joined == '=-' else '='}' is no operator. {hint}"
        )
    if text in ("<=", ">="):
        raise clause.error(
            operator,
            f"'{text}' is written '{text[0]}' here, and allows equality too: a {text[0]} b.",
        )
    if text in ("->", "<->"):
        meant = "y ~ x (y regressed on x)" if text == "->" else "x ~~ y"
        raise clause.error(operator, f"arrows are not read. Write {meant}.")
    if text == ":":
        raise _colon(clause, at)
    if text in _UNSUPPORTED and not (thresholds and text == "|"):
        raise clause.error(operator, f"{_UNSUPPORTED[text]} Supported are {_OPERATORS}.")


_UNSUPPORTED = {
    "<~": "composites ('<~') are not supported. Compute the composite as a column of the data.",
    "~*~": "scaling factors ('~*~') are not supported: variables are continuous here.",
    "|": "thresholds ('|') are not supported: variables are continuous here.",
    "%": "'%' is not supported.",
}
_MISSPELT = {
    "~~~": "Write '~~' for a covariance or '~' for a regression.",
    "~~~~": "Write '~~' for a covariance or '~' for a regression.",
    "~=": "Write '=~' to measure a latent variable, or '~' for a regression.",
    "~~=": "Write '=~' to measure a latent variable, or '~~' for a covariance.",
    "=~~": "Write '=~' to measure a latent variable, or '~~' for a covariance.",
    "=~=": "Write '=~' to measure a latent variable.",
    "===": "Write '==' for a constraint on labels.",
    ":==": "Write ':=' to define a parameter.",
    ":=~": "Write ':=' to define a parameter, or '=~' to measure a latent variable.",
    "=:": "Write ':=' to define a parameter.",
    "=<": "Write '<', which allows equality too.",
    "=>": "Write '>', which allows equality too.",
    "<>": "There is no constraint of difference.",
    "<<": "Write '<'.",
    ">>": "Write '>'.",
    "==~": "Write '=~' to measure a latent variable, or '==' for a constraint on labels.",
    "~>": "Write 'y ~ x' where y is regressed on x.",
    "=~>": "Write 'f =~ x' where f is measured by x.",
}


def _as(left: str, operator: str, right: str) -> str:
    return f", as in {left} {operator} {right}" if len(left) < 40 else ""


def _equals(left: str) -> str:
    return (
        f"Write '~' for a regression{_as(left, '~', 'x')}, '=~' to measure a latent variable, "
        "'==' for a constraint on labels, ':=' to define a parameter."
    )


def _touch(first: Token, second: Token) -> bool:
    return first.line == second.line and first.column + len(first.text) == second.column


def _colon(clause: Clause, at: int) -> StudyError:
    tokens = clause.tokens
    operator = tokens[at]
    if at == 1 and tokens[0].text.lower() in _BLOCKS:
        return clause.error(
            tokens[0],
            f"blocks ('{tokens[0].text}:') are not supported. Write one model for every group, "
            "with a value or label for each in c(), as in y ~ c(a, b)*x.",
        )
    follower = tokens[at + 1] if at + 1 < len(tokens) else None
    if follower is not None and follower.text in ("=", "=="):
        return clause.error(operator, "a definition is written ':=', without a space between.")
    return _product(clause, at)


def _product(clause: Clause, at: int) -> StudyError:
    tokens = clause.tokens
    before = tokens[at - 1].text if at > 0 else "x"
    after = tokens[at + 1].text if at + 1 < len(tokens) else "z"
    return clause.error(
        tokens[at],
        f"products of variables ('{before}:{after}') are not supported. Compute the product as a "
        f"column of the data and use its name, such as {before}_{after}. A definition is written "
        "':='.",
    )


def second_operator(clause: Clause, first: int, second: int) -> StudyError:
    """Say that a statement has two operators, and that a line before ran on if one did."""
    tokens = clause.tokens
    one, two = tokens[first], tokens[second]
    if two.text == ":":
        return _product(clause, second)
    for position in range(first, second):
        here, following = tokens[position], tokens[position + 1]
        if here.line < following.line:
            return clause.error(
                here,
                f"line {here.line} ends in '{here.text}', so that line {following.line} goes on "
                f"with its statement, but that has an operator of its own ('{two.text}'). Add what "
                f"is missing after '{here.text}', or remove it.",
            )
    if {one.text, two.text} & {"=="} or {one.text, two.text} <= {"<", ">"}:
        hint = "Write two constraints, one on each line: a == b, then b == c."
    else:
        hint = "Write two statements, one on each line or with ';' between them."
    return clause.error(
        two, f"a second operator ('{two.text}' after '{one.text}') in one statement. {hint}"
    )


def wrong_term(
    clause: Clause, tokens: Sequence[Token], position: int | None, *, left: bool
) -> StudyError:
    """Say what is wrong with variables that are not joined by '+'.

    Parameters
    ----------
    clause : Clause
        The statement.
    tokens : sequence of Token
        The left side, or one term of the right side.
    position : int or None
        The offending token; None to look for it.
    left : bool
        Whether the tokens are the left side.
    """
    at = _first_wrong(tokens) if position is None else position
    token = tokens[at]
    before = tokens[at - 1] if at > 0 else None
    if tokens[0].text == "efa" and len(tokens) > 1 and tokens[1].text == "(":
        return clause.error(
            tokens[0], "exploratory factors (efa) are not supported. Write a confirmatory one."
        )
    if token.text == "-" or (token.kind == "number" and before is not None and before.text == "-"):
        return clause.error(
            token,
            "variables are joined by '+' only. A coefficient is fixed with '*', as in -1*x; an "
            "intercept is fixed at zero with 0*1; and no name has a '-' in it.",
        )
    if token.kind == "name" and before is not None and before.kind == "number":
        whole = before.text + token.text
        hint = (
            f"A name cannot begin with a digit: rename '{whole}'."
            if _touch(before, token)
            else f"Write {before.text}*{token.text} to fix the coefficient."
        )
        return clause.error(before, f"'*' is missing between a number and a name. {hint}")
    if token.kind in ("name", "number", "string") and before is not None:
        return clause.error(
            token,
            f"'+' or an operator is missing between '{before.text}' and '{token.text}'. Names have "
            "no spaces; a new statement begins on a new line.",
        )
    if left and token.text in ("*", "(", "?"):
        return clause.error(
            token, "labels and values stand on the right of the operator: y ~ a*x, not a*y ~ x."
        )
    if token.text in ("*", "?"):
        what = "before it" if at == 0 else "after it"
        return clause.error(
            token,
            f"'{token.text}' has nothing {what}. A term is a label or value, '*', a variable.",
        )
    if token.text == "(":
        return clause.error(
            token,
            "parentheses do not group variables, and functions of variables are not computed. "
            "Write a*x1 + a*x2 for a*(x1 + x2), and log(x) as a column of the data.",
        )
    if token.text == "+" and at == 0:
        return clause.error(token, "a statement cannot begin with '+'. Begin with a name: y ~ x.")
    if token.text == "+":
        return clause.error(token, "a name is missing after '+'. Add it, or remove the '+'.")
    return clause.error(
        token, f"'{token.text}' stands where a variable's name is needed, as in y ~ x1 + x2."
    )


def _first_wrong(tokens: Sequence[Token]) -> int:
    """Return the first token of a term that cannot follow the one before it."""
    for position, token in enumerate(tokens):
        previous = tokens[position - 1] if position else None
        if token.text in ("-", "/", "^", "**", ","):
            return position
        if previous is None:
            continue
        values = ("name", "number", "string")
        if token.kind in values and previous.kind in values:
            return position
    texts = [token.text for token in tokens]
    if texts[-1] in ("*", "?"):
        return len(texts) - 1
    for position in range(1, len(texts)):
        if texts[position] == "(" and texts[position - 1] in ("*", "?"):
            return position
    return next((i for i, text in enumerate(texts) if text in ("(", "*", "?")), 0)
