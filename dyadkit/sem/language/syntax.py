"""lavaan model syntax, read into statements.

The language is that of lavaan 0.6-14: ``f =~ x1 + x2`` (measured by), ``y ~ x`` (regression),
``y ~~ x`` ((co)variance), ``y ~ 1`` (intercept), ``d := a*b`` (defined parameter), and the
constraints ``a == b``, ``a < b`` and ``a > b``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dyadkit.errors import StudyError
from dyadkit.sem.language.arithmetic import Arithmetic, read_expression
from dyadkit.sem.language.diagnosis import no_operator, refuse_operator, second_operator, wrong_term
from dyadkit.sem.language.modifiers import NONE, Modifiers, merge, read_modifier, refuse_variable
from dyadkit.sem.language.tokens import NOWHERE, Clause, Place, Token, split_clauses

FORMULAS = ("=~", "~", "~~", "|")
RELATIONS = (":=", "==", "<", ">")


@dataclass(frozen=True, slots=True)
class Term:
    """One variable on the right of a formula, with what is said about its parameter.

    Attributes
    ----------
    name : str
        The variable; empty for an intercept (``y ~ 1``), and for the zero of ``f =~ 0``, a latent
        variable without indicators.
    modifiers : Modifiers
        Fixed values, starts, labels and bounds.
    place : Place
        Where it stands; not compared.
    """

    name: str
    modifiers: Modifiers = NONE
    place: Place = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Formula:
    """A statement about variables: each on the left with each term on the right.

    Attributes
    ----------
    lhs : tuple of str
        Variables on the left.
    op : str
        ``=~``, ``~``, ``~~`` or ``|``.
    terms : tuple of Term
        The right side, terms of one variable joined.
    """

    lhs: tuple[str, ...]
    op: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        parts = []
        for term in self.terms:
            name = term.name or ("0" if self.op == "=~" else "1")
            written = term.modifiers.written() if name != "0" else []
            parts += [f"{modifier}*{name}" for modifier in written] or [name]
        return f"{' + '.join(self.lhs)} {self.op} {' + '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Relation:
    """A statement about labels: a definition or a constraint.

    Attributes
    ----------
    lhs : Arithmetic
        The left side; of a definition, the new name alone.
    op : str
        ``:=``, ``==``, ``<`` or ``>``.
    rhs : Arithmetic
        The right side.
    place : Place
        Where the statement begins; not compared.
    """

    lhs: Arithmetic
    op: str
    rhs: Arithmetic
    place: Place = field(default=NOWHERE, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.lhs.text} {self.op} {self.rhs.text}"


Statement = Formula | Relation


def parse_model(text: str, *, thresholds: bool = False) -> tuple[Statement, ...]:
    """Read a model in lavaan syntax.

    Parameters
    ----------
    text : str
        The model: a statement on each line, or several with semicolons.  A statement goes on
        over the end of a line that ends in an operator or an arithmetic sign, before a line that
        begins with an arithmetic sign, and while a parenthesis is open.  Comments begin with
        ``#`` or ``!``.
    thresholds : bool
        Whether thresholds (``y | a*t1 + t2``) are read.

    Returns
    -------
    tuple of Formula or Relation
        The statements in order; ``str()`` of each gives it back in lavaan syntax.

    Raises
    ------
    StudyError
        Where the text is no model.  The message gives line and column, shows the line with a
        caret, and says what could have been meant.  Composites, scaling factors, products of
        variables, blocks (``group:``, ``level:``) and exploratory factors are refused.

    References
    ----------
    Rosseel, Y. (2012). lavaan: An R package for structural equation modeling. Journal of
    Statistical Software, 48(2), 1-36.

    Examples
    --------
    >>> for statement in parse_model('''
    ...     trust =~ NA*t1 + l1*t1 + t2   # two modifiers on one loading
    ...     learning ~ b*trust; b > 0
    ... '''):
    ...     print(statement)
    trust =~ NA*t1 + "l1"*t1 + t2
    learning ~ "b"*trust
    b > 0
    """
    if not isinstance(text, str):
        raise StudyError(
            f"A model is text in lavaan syntax, such as 'y ~ x', but a {type(text).__name__} was "
            "passed."
        )
    return tuple(_statement(clause, thresholds) for clause in split_clauses(text))


def _statement(clause: Clause, thresholds: bool) -> Statement:
    tokens = clause.tokens
    operators = [i for i, token in enumerate(tokens) if token.kind == "operator"]
    if not operators:
        raise no_operator(clause)
    at = operators[0]
    operator = tokens[at]
    refuse_operator(clause, at, thresholds=thresholds)
    if len(operators) > 1:
        raise second_operator(clause, at, operators[1])
    left, right = tokens[:at], tokens[at + 1 :]
    if not left:
        raise clause.error(
            operator, f"nothing stands before '{operator.text}'. Begin with a name: y ~ x."
        )
    if not right:
        raise clause.error(
            None, f"nothing stands after '{operator.text}'. Write what belongs there, as in y ~ x."
        )
    if operator.text in RELATIONS:
        return _relation(clause, left, operator, right)
    lhs = _left_side(clause, left)
    return Formula(lhs, operator.text, _right_side(clause, operator, right))


def _relation(
    clause: Clause, left: Sequence[Token], operator: Token, right: Sequence[Token]
) -> Relation:
    if operator.text == ":=" and (len(left) > 1 or left[0].kind != "name"):
        raise clause.error(left[0], "a definition has one new name on its left: indirect := a*b.")
    place = clause.place(left[0])
    return Relation(
        read_expression(clause, left), operator.text, read_expression(clause, right), place
    )


def _left_side(clause: Clause, tokens: Sequence[Token]) -> tuple[str, ...]:
    names: list[str] = []
    for position, token in enumerate(tokens):
        if position % 2:
            if token.text != "+":
                raise wrong_term(clause, tokens, position, left=True)
            continue
        if token.kind != "name":
            raise wrong_term(clause, tokens, position, left=True)
        if position + 1 < len(tokens) and tokens[position + 1].text in ("(", "*"):
            raise wrong_term(clause, tokens, position + 1, left=True)
        refuse_variable(clause, token)
        if token.text in names:
            raise clause.error(token, f"'{token.text}' stands twice on the left. Keep one.")
        names.append(token.text)
    if tokens[-1].text == "+":
        raise wrong_term(clause, tokens, len(tokens) - 1, left=True)
    return tuple(names)


def _right_side(clause: Clause, operator: Token, tokens: Sequence[Token]) -> tuple[Term, ...]:
    if operator.text == "=~" and len(tokens) == 1 and tokens[0].text == "0":
        return (Term("", Modifiers(fixed=(0.0,)), clause.place(tokens[0])),)
    terms: dict[str, Term] = {}
    zero = False
    for part in _parts(clause, tokens):
        term, token = _term(clause, operator, part)
        if term.name == "" and len(part) == 1:
            if zero or (token.text == "0" and "" in terms):
                raise clause.error(
                    token, "the intercept stands twice in this formula. Write 1 or 0*1, not both."
                )
            zero = token.text == "0"
        known = terms.get(term.name)
        if known is not None:
            joined = merge(clause, token, known.modifiers, term.modifiers)
            term = Term(term.name, joined, known.place)
        terms[term.name] = term
    return tuple(terms.values())


def _parts(clause: Clause, tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Cut the right side at each '+' outside parentheses."""
    parts: list[Sequence[Token]] = []
    depth = begin = 0
    for position, token in enumerate(tokens):
        text = token.text
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == "+" and depth == 0:
            if position == begin and position > 0:
                raise clause.error(
                    token, "a variable is missing between two '+'. Write one, or remove a '+'."
                )
            if position > begin:
                parts.append(tokens[begin:position])
            begin = position + 1
    if begin == len(tokens):
        raise clause.error(
            tokens[-1], "the statement ends in '+'. Add a variable after it, or remove it."
        )
    parts.append(tokens[begin:])
    return parts


def _term(clause: Clause, operator: Token, part: Sequence[Token]) -> tuple[Term, Token]:
    last = part[-1]
    if len(part) == 1:
        return Term(_variable(clause, operator, part, 0), _constant(last), clause.place(last)), last
    sign = part[-2].text
    if sign not in ("*", "?") or len(part) == 2:
        raise wrong_term(clause, part, None, left=False)
    before = part[:-2]
    if sign == "?":
        given = read_modifier(clause, before)
        if len(given.fixed) != 1 or given.fixed[0] is None:
            raise clause.error(
                before[0], "what stands before '?' is a starting value, a number: 0.5?x."
            )
        modifiers = Modifiers(start=(given.fixed[0],))
    else:
        modifiers = read_modifier(clause, before)
    return Term(
        _variable(clause, operator, part, len(part) - 1), modifiers, clause.place(last)
    ), last


def _constant(token: Token) -> Modifiers:
    return Modifiers(fixed=(0.0,)) if token.text == "0" else NONE


def _variable(clause: Clause, operator: Token, part: Sequence[Token], position: int) -> str:
    token = part[position]
    if token.kind == "name":
        refuse_variable(clause, token)
        return token.text
    if token.kind == "number" and operator.text == "~":
        if token.text == "1" or (token.text == "0" and len(part) == 1):
            return ""
        raise clause.error(
            token,
            f"the intercept is written 1, and a fixed one {token.text}*1; "
            f"{token.text} alone means nothing here.",
        )
    if token.text in ("0", "1") and position == 0:
        meant = "measured by" if operator.text == "=~" else "a covariance with"
        raise clause.error(
            token, f"'{operator.text}' is {meant} variables. An intercept is written y ~ 1."
        )
    raise wrong_term(clause, part, position, left=False)
