"""What is read, what is refused, and where the caret stands."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import StudyError
from dyadkit.sem.language.arithmetic import read_expression
from dyadkit.sem.language.modifiers import RESERVED, Modifiers, number_text
from dyadkit.sem.language.partable import build_partable
from dyadkit.sem.language.syntax import Formula, Relation, Term, parse_model

ORACLE = Path(__file__).parents[2] / "oracles" / "partables.json"
MODELS = list(json.loads(ORACLE.read_text(encoding="utf-8"))["models"].values())
QUICK = settings(deadline=None)


def formula(text: str) -> Formula:
    (statement,) = parse_model(text)
    assert isinstance(statement, Formula)
    return statement


def written(text: str) -> list[str]:
    return [str(statement) for statement in parse_model(text)]


# Statements


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("y ~ x", ["y ~ x"]),
        ("y~x;z~x", ["y ~ x", "z ~ x"]),
        ("\n\n y ~ x\n\n\n; ;\n z ~ x\n", ["y ~ x", "z ~ x"]),
        ("y ~ x # why; not\nz ~ x ! either", ["y ~ x", "z ~ x"]),
        ("#first\n!second\ny ~ x", ["y ~ x"]),
        ("y ~ x\r\nz ~ x\r w ~ x", ["y ~ x", "z ~ x", "w ~ x"]),
        ("y ~ x +\n  z", ["y ~ x + z"]),
        ("y ~ x\n + z\n\n + w", ["y ~ x + z + w"]),
        ("y ~ x + # a comment\n ! another\n z", ["y ~ x + z"]),
        ("y ~\nx", ["y ~ x"]),
        ("f\n=~ x1", ["f =~ x1"]),
        ("f1 +\nf2 =~ x1", ["f1 + f2 =~ x1"]),
        ("y ~ a*\nx", ['y ~ "a"*x']),
        ("y ~ c(a,\n b)*x", ['y ~ c("a","b")*x']),
        ("y ~ c(a\n, b\n)*x", ['y ~ c("a","b")*x']),
        ("y ~ + x", ["y ~ x"]),
        ("d := a*b\n - c", ["d := a*b-c"]),
        ("d := (a\n + b)", ["d := (a+b)"]),
        ("a == b\nc < 1; d > -1", ["a == b", "c < 1", "d > -1"]),
        ("f =~ 0", ["f =~ 0"]),
        ("y \u02dc x; z \u223c\u223c x", ["y ~ x", "z ~~ x"]),
        ("\ufeffy\u00a0~\tx", ["y ~ x"]),
        ("förtroende =~ ärlig.1 + öppen_2 + .x", ["förtroende =~ ärlig.1 + öppen_2 + .x"]),
        ("信任 ~ 支持", ["信任 ~ 支持"]),
        ("c ~ start + label", ["c ~ start + label"]),
    ],
)
def test_statements_are_read(text, statements):
    assert written(text) == statements


@pytest.mark.parametrize(
    ("text", "modifiers"),
    [
        ("x", Modifiers()),
        ("1*x", Modifiers(fixed=(1.0,))),
        ("-1*x", Modifiers(fixed=(-1.0,))),
        ("+2*x", Modifiers(fixed=(2.0,))),
        ("1e-3*x", Modifiers(fixed=(0.001,))),
        (".5*x", Modifiers(fixed=(0.5,))),
        ("1/4*x", Modifiers(fixed=(0.25,))),
        ("2*3*x", Modifiers(fixed=(6.0,))),
        ("(1 + 2)*x", Modifiers(fixed=(3.0,))),
        ("sqrt(4)*x", Modifiers(fixed=(2.0,))),
        ("NA*x", Modifiers(fixed=(None,))),
        ("a*x", Modifiers(label=("a",))),
        ('"a"*x', Modifiers(label=("a",))),
        ("'a'*x", Modifiers(label=("a",))),
        ("c*x", Modifiers(label=("c",))),
        ('label("a")*x', Modifiers(label=("a",))),
        ('equal("f=~x2")*x', Modifiers(label=("f=~x2",))),
        ("start(0.5)*x", Modifiers(start=(0.5,))),
        ("start(-1/2)*x", Modifiers(start=(-0.5,))),
        ("0.5?x", Modifiers(start=(0.5,))),
        ("(-0.5)?x", Modifiers(start=(-0.5,))),
        ("lower(0)*x", Modifiers(lower=(0.0,))),
        ("upper(-Inf)*x", Modifiers(upper=(float("-inf"),))),
        ("c(a, b)*x", Modifiers(label=("a", "b"))),
        ('c("a", NA)*x', Modifiers(label=("a", ""))),
        ('c(a, "b")*x', Modifiers(label=("a", "b"))),
        ("c(1, NA)*x", Modifiers(fixed=(1.0, None))),
        ("c(NA, NA)*x", Modifiers(fixed=(None, None))),
        ("c(1)*x", Modifiers(fixed=(1.0,))),
        ("c(-1/2, sqrt(4))*x", Modifiers(fixed=(-0.5, 2.0))),
        ("start(c(1, 2))*x", Modifiers(start=(1.0, 2.0))),
        ("start(1, 2)*x", Modifiers(start=(1.0, 2.0))),
        ('label(c("a", NA))*x', Modifiers(label=("a", ""))),
        ("NA*x + a*x", Modifiers(fixed=(None,), label=("a",))),
        ("a*x + start(1)*x + lower(0)*x", Modifiers(label=("a",), start=(1.0,), lower=(0.0,))),
        ("x + a*x", Modifiers(label=("a",))),
        ("a*x + a*x", Modifiers(label=("a",))),
    ],
)
def test_modifiers_are_read(text, modifiers):
    assert formula(f"y ~ {text}").terms == (Term("x", modifiers),)


def test_terms_of_one_variable_are_joined_where_it_stands_first():
    assert [t.name for t in formula("f =~ NA*x1 + x2 + l1*x1 + x3").terms] == ["x1", "x2", "x3"]


@pytest.mark.parametrize(
    ("text", "modifiers"),
    [
        ("y ~ 1", Modifiers()),
        ("y ~ 0", Modifiers(fixed=(0.0,))),
        ("y ~ 0*1", Modifiers(fixed=(0.0,))),
        ("y ~ NA*1 + m*1", Modifiers(fixed=(None,), label=("m",))),
        ("y ~ 3?1", Modifiers(start=(3.0,))),
    ],
)
def test_intercepts_are_terms_without_a_name(text, modifiers):
    assert formula(text).terms == (Term("", modifiers),)


def test_a_relation_has_two_sides():
    (relation,) = parse_model("b3 == b1 ** 2")
    assert relation == Relation(read_expression("b3"), "==", read_expression("b1^2"))


def test_statements_are_frozen_hashable_and_picklable():
    statements = parse_model("f =~ NA*x1 + x2; d := a*b")
    assert hash(statements) == hash(parse_model("f =~ NA*x1 + x2;; d := a * b"))
    assert pickle.loads(pickle.dumps(statements)) == statements
    with pytest.raises(AttributeError):
        statements[0].op = "~"  # type: ignore[misc]


# Errors


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        # Operators
        ("y = x", 1, 3, "'=' is no operator. Write '~' for a regression, as in y ~ x"),
        ("f =- x", 1, 3, "'=-' is no operator. Write '=~', as in f =~ x1 + x2."),
        ("y ~~~ x", 1, 3, "'~~~' is no operator. Write '~~' for a covariance"),
        ("f ~= x", 1, 3, "'~=' is no operator. Write '=~'"),
        ("a === b", 1, 3, "'===' is no operator. Write '=='"),
        ("d =: a", 1, 3, "'=:' is no operator. Write ':='"),
        ("d : = a", 1, 3, "a definition is written ':=', without a space between"),
        ("a <= b", 1, 3, "'<=' is written '<' here"),
        ("a =< b", 1, 3, "'=<' is no operator. Write '<'"),
        ("x -> y", 1, 3, "arrows are not read. Write y ~ x"),
        ("x <-> y", 1, 3, "arrows are not read. Write x ~~ y"),
        ("y ~ x\nz", 2, 1, "this statement has no operator. Write one of =~ (measured by), ~"),
        ("+ x ~ y", 1, 1, "a statement cannot begin with '+'"),
        ("~ x", 1, 1, "nothing stands before '~'"),
        ("y ~", 1, 4, "nothing stands after '~'"),
        ("a ==", 1, 5, "nothing stands after '=='"),
        ("y ~ x ~ z", 1, 7, "a second operator ('~' after '~') in one statement. Write two"),
        ("a < b < c", 1, 7, "Write two constraints, one on each line"),
        ("y ~ x +\nz ~ w", 1, 7, "line 1 ends in '+', so that line 2 goes on"),
        # Terms
        ("y ~ x +", 1, 7, "the statement ends in '+'. Add a variable after it, or remove it"),
        ("y ~ x + + z", 1, 9, "a variable is missing between two '+'"),
        ("y ~ x z", 1, 7, "'+' or an operator is missing between 'x' and 'z'. Names have no"),
        ("y z ~ x", 1, 3, "'+' or an operator is missing between 'y' and 'z'"),
        ("y + ~ x", 1, 3, "a name is missing after '+'"),
        ("y ~ 2x", 1, 5, "A name cannot begin with a digit: rename '2x'"),
        ("y ~ 2 x", 1, 5, "Write 2*x to fix the coefficient"),
        ("y ~ x - z", 1, 7, "variables are joined by '+' only"),
        ("y ~ trust-1", 1, 10, "no name has a '-' in it"),
        ("trust-1 ~ y", 1, 6, "no name has a '-' in it"),
        ("y ~ *x", 1, 5, "'*' has nothing before it"),
        ("y ~ a*", 1, 6, "'*' has nothing after it"),
        ("a*y ~ x", 1, 2, "stand on the right of the operator: y ~ a*x, not a*y ~ x"),
        ("y ~ log(x)", 1, 8, "functions of variables are not computed"),
        ("y ~ a*(x + z)", 1, 7, "parentheses do not group variables"),
        ("y ~ x, z", 1, 6, "',' stands where a variable's name is needed"),
        ("y ~ x/2", 1, 6, "'/' stands where a variable's name is needed"),
        ('y ~ "x"', 1, 5, "'\"x\"' stands where a variable's name is needed"),
        ("y ~ 5 + x", 1, 5, "the intercept is written 1, and a fixed one 5*1"),
        ("y ~ 1 + 0", 1, 9, "the intercept stands twice"),
        ("y ~~ 1", 1, 6, "'~~' is a covariance with variables. An intercept is written y ~ 1"),
        ("f =~ 1", 1, 6, "'=~' is measured by variables. An intercept is written y ~ 1"),
        ("f =~ 1 + x", 1, 6, "'=~' is measured by variables"),
        ("1 ~ x", 1, 1, "'1' stands where a variable's name is needed"),
        ("y + y ~ x", 1, 5, "'y' stands twice on the left"),
        ("NA ~ x", 1, 1, "'NA' is a reserved word and cannot name a variable"),
        ("y ~ TRUE", 1, 5, "'TRUE' is a reserved word"),
        # Modifiers
        ("y ~ a*b*x", 1, 5, "a term has one '*'"),
        ("y ~ 2*a*x", 1, 7, "a term has one '*'"),
        ("y ~ (a + 1)*x", 1, 6, "Label the parameter and write the arithmetic as a constraint"),
        ("y ~ strat(1)*x", 1, 5, "there is no modifier 'strat'. Did you mean 'start'?"),
        ("y ~ start(a)*x", 1, 5, "start() takes numbers"),
        ("y ~ start(NA)*x", 1, 5, "start() takes numbers"),
        ("y ~ start()*x", 1, 11, "a value is missing before ')'"),
        ("y ~ c(a, )*x", 1, 10, "a value is missing before ')'"),
        ("y ~ c(a, NA)*x", 1, 5, "lavaan reads as one label for every group"),
        ("y ~ c(a, 1)*x", 1, 5, "c() takes labels only or numbers only"),
        ("y ~ c(c(1, 2), 3)*x", 1, 7, "c() inside c() is not read"),
        ("y ~ label(1)*x", 1, 5, "label() takes labels"),
        ("y ~ NA?x", 1, 5, "what stands before '?' is a starting value"),
        ("y ~ a?x", 1, 5, "what stands before '?' is a starting value"),
        ("y ~ 1/0*x", 1, 5, "the value before '*' is not finite: 1/0"),
        ('y ~ "a#b"*x', 1, 5, "a label cannot have quotation marks, backslashes, '#'"),
        ("y ~ TRUE*x", 1, 5, "'TRUE' is a reserved word, not a label"),
        ("y ~ 1*x + 2*x", 1, 13, "'x' gets a second fixed value in this formula"),
        ("y ~ a*x + b*x", 1, 13, "'x' gets a second label in this formula"),
        ('y ~ prior("dnorm(0,1)")*x', 1, 5, "priors are not supported"),
        ('y ~ rv("s")*x', 1, 5, "random slopes (rv) are not supported"),
        ('efa("b")*f1 =~ x1', 1, 1, "exploratory factors (efa) are not supported"),
        # What is not supported
        ("y | t1", 1, 3, "thresholds ('|') are not supported: variables are continuous"),
        ("y ~*~ y", 1, 3, "scaling factors ('~*~') are not supported"),
        ("f <~ x1 + x2", 1, 3, "composites ('<~') are not supported"),
        ("y ~ x:z", 1, 6, "products of variables ('x:z') are not supported. Compute the product"),
        ("x:z ~ y", 1, 2, "products of variables ('x:z') are not supported"),
        ("y ~ x %in% z", 1, 7, "a second operator"),
        ("y ~ x\ngroup: 1\ny ~ x", 2, 1, "blocks ('group:') are not supported. Write one model"),
        ("level: within", 1, 1, "blocks ('level:') are not supported"),
        # Characters
        ("y ~ “a”*x", 1, 5, "typographic quotation mark (left double quotation mark)"),
        ("y ~ \u22121*x", 1, 5, "typographic dash (minus sign). Write a plain minus sign"),
        ('y ~ "a*x', 1, 5, "this quotation mark is not closed on its line"),
        ("y ~ `my x`", 1, 5, "backticks are not read"),
        ("y ~ _x", 1, 5, "a name cannot begin with '_'"),
        ("y ~ x[1]", 1, 6, "'[' has no meaning in a model"),
        ("y ~ x & z", 1, 7, "Join variables with '+'"),
        ("y ~ x$z", 1, 6, "the character '$' (dollar sign) has no meaning"),
        ("y ~ (x", 1, 5, "this parenthesis is never closed"),
        ("y ~ c(a; b)*x", 1, 6, "this parenthesis is never closed"),
        ("y ~ x)", 1, 6, "this ')' closes no parenthesis"),
        # Relations
        ("2*d := a", 1, 1, "a definition has one new name on its left"),
        ("d := a +", 1, 9, "the expression ends after '+'"),
        ("a == b c", 1, 8, "an arithmetic sign (+ - * / ^) is missing before 'c'"),
        ("d := a:b", 1, 7, "products of variables ('a:b') are not supported"),
        ("d := foo(a)", 1, 6, "there is no function 'foo' here"),
    ],
)
def test_an_error_points_at_its_cause(text, line, column, message):
    with pytest.raises(StudyError) as error:
        parse_model(text)
    shown = str(error.value)
    assert shown.startswith(f"Line {line}, column {column} of the model: ")
    assert message in shown
    assert shown.splitlines()[-1] == " " * (column + 3) + "^"
    assert shown.splitlines()[-2] == "    " + text.split("\n")[line - 1]


def test_the_caret_stands_below_a_tab_and_in_a_long_line():
    with pytest.raises(StudyError) as error:
        parse_model("\ty = x")
    assert str(error.value).endswith("     y = x\n       ^")
    with pytest.raises(StudyError) as error:
        parse_model("f =~ " + " + ".join(f"x{i}" for i in range(500)) + " = x")
    *_, shown, caret = str(error.value).splitlines()
    assert len(shown) < 150
    assert shown[caret.index("^")] == "="


@pytest.mark.parametrize("model", [None, 3, b"y ~ x", ["y ~ x"]])
def test_a_model_is_text(model):
    with pytest.raises(StudyError, match="A model is text in lavaan syntax"):
        parse_model(model)


# Round trips


_NAMES = st.from_regex(r"[a-zA-Zé.][a-zA-Z_.é][a-zA-Z0-9_.]{0,4}", fullmatch=True).filter(
    lambda name: name not in RESERVED
)
_FLOATS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: value + 0.0)
_LABELS = st.one_of(_NAMES, st.sampled_from(["f=~x2", "a b".replace(" ", ""), "1", "x~1.g2"]))


def _tuples(values, **kwargs):
    return st.lists(values, max_size=3, **kwargs).map(tuple)


_MODIFIERS = st.builds(
    Modifiers,
    fixed=_tuples(st.one_of(st.none(), _FLOATS)),
    start=_tuples(_FLOATS),
    label=_tuples(_LABELS),
    lower=_tuples(st.one_of(_FLOATS, st.just(float("-inf")))),
    upper=_tuples(st.one_of(_FLOATS, st.just(float("inf")))),
)


@st.composite
def _formulas(draw):
    op = draw(st.sampled_from(["=~", "~", "~~"]))
    lhs = tuple(draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True)))
    names = st.one_of(_NAMES, st.just("")) if op == "~" else _NAMES
    terms = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    return Formula(lhs, op, tuple(Term(name, draw(_MODIFIERS)) for name in terms))


_WRITTEN = st.lists(_formulas(), min_size=1, max_size=4)
_SEPARATORS = st.sampled_from([" ; ", "\n", "\n\n# x\n"])


@QUICK
@given(_WRITTEN, _SEPARATORS)
def test_statements_read_back_as_they_were_written(formulas, separator):
    assert parse_model(separator.join(map(str, formulas))) == tuple(formulas)


def test_models_read_back_as_they_were_written():
    for model in MODELS:
        statements = parse_model(model)
        assert parse_model("\n".join(map(str, statements))) == statements


@QUICK
@given(st.floats(allow_nan=False))
def test_numbers_are_written_exactly(value):
    text = number_text(value)
    assert float(text.replace("Inf", "inf")) == value


# Fuzz: whatever is passed, it is a model or a StudyError

_PIECES = st.one_of(
    st.sampled_from(["f", "x1", "x2", "y", "a", "b", "NA", "1", "0", "0.5", "d", ".p1.", "é"]),
    st.sampled_from(["=~", "~", "~~", "~1", ":=", "==", "<", ">", "=", "~*~", "<~", "|", ":", "%"]),
    st.sampled_from(["+", "-", "*", "/", "^", "**", "(", ")", ",", "?", ".", "_", "“", "\\", "#"]),
    st.sampled_from(
        ["c(", "start(", "label(", "equal(", "lower(", "Inf", "group:", "efa(", "sqrt("]
    ),
    st.sampled_from(["\n", ";", "!", '"', "'", "\t", " "]),
)


_SHUFFLED = st.lists(_PIECES, max_size=25).map(" ".join)
_GLUED = st.lists(_PIECES, max_size=15).map("".join)


@QUICK
@given(_SHUFFLED)
def test_shuffled_pieces_raise_nothing_but_study_errors(text):
    _attempt(text)


@QUICK
@given(_GLUED)
def test_glued_pieces_raise_nothing_but_study_errors(text):
    _attempt(text)


@QUICK
@given(st.text(max_size=40))
def test_any_text_raises_nothing_but_study_errors(text):
    _attempt(text)


@QUICK
@given(st.data())
def test_damaged_models_raise_nothing_but_study_errors(data):
    model = data.draw(st.sampled_from(MODELS))
    at = data.draw(st.integers(0, len(model)))
    gone = data.draw(st.integers(0, 5))
    _attempt(model[:at] + data.draw(_PIECES) + model[at + gone :])


def _attempt(text: str) -> None:
    try:
        table = build_partable(text, n_groups=2, meanstructure=True)
    except StudyError:
        return
    theta = [0.5] * table.n_free
    for relation in (*table.definitions, *table.equalities, *table.inequalities):
        value, gradient = relation.evaluate(theta)
        assert value.shape == ()
        assert gradient.shape == (table.n_free,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "strategies"),
    [
        (test_shuffled_pieces_raise_nothing_but_study_errors, (_SHUFFLED,)),
        (test_glued_pieces_raise_nothing_but_study_errors, (_GLUED,)),
        (test_any_text_raises_nothing_but_study_errors, (st.text(max_size=40),)),
        (test_damaged_models_raise_nothing_but_study_errors, (st.data(),)),
        (test_statements_read_back_as_they_were_written, (_WRITTEN, _SEPARATORS)),
    ],
)
def test_many_more(test, strategies):
    settings(deadline=None, max_examples=3_000)(given(*strategies)(test.hypothesis.inner_test))()
