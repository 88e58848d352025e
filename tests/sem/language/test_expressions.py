"""Expressions: R's precedence, values against Python's, gradients against complex steps."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from dyadkit.errors import StudyError
from dyadkit.sem.language.arithmetic import Arithmetic, read_expression
from dyadkit.sem.language.expressions import Expression, compile_expression, constant_value
from dyadkit.sem.language.functions import FUNCTIONS

QUICK = settings(deadline=None)

NAMES = ("a", "b", "c.1", "d_2")
PLACES = {name: place for place, name in enumerate(NAMES)}


def compiled(text: str) -> Expression:
    return compile_expression(read_expression(text), PLACES, n_free=len(NAMES))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # Rscript -e 'c(-2^2, 2^-1^2, 2^3^2, -2^-2, 2^-1*4, 1 - 2 - 3, 12/3/2, -3*-2, --3, 2 - -3)'
        ("-2^2", -4.0),
        ("2^-1^2", 0.5),
        ("2^3^2", 512.0),
        ("-2^-2", -0.25),
        ("2^-1*4", 2.0),
        ("1 - 2 - 3", -4.0),
        ("12/3/2", 2.0),
        ("-3*-2", 6.0),
        ("--3", 3.0),
        ("2 - -3", 5.0),
        # Rscript -e 'c(2**3, (1 + 2)*3, +4, 1e-3 + .5, exp(log(2))^2, abs(-2))'
        ("2**3", 8.0),
        ("(1 + 2)*3", 9.0),
        ("+4", 4.0),
        ("1e-3 + .5", 0.501),
        ("exp(log(2))^2", 4.0),
        ("abs(-2)", 2.0),
        # Rscript -e 'print(c(pnorm(1), qnorm(0.9), plogis(2), atanh(0.5), log10(2)), digits = 15)'
        ("pnorm(1)", 0.841344746068543),
        ("qnorm(0.9)", 1.2815515655446),
        ("plogis(2)", 0.880797077977882),
        ("atanh(0.5)", 0.549306144334055),
        ("log10(2)", 0.301029995663981),
    ],
)
def test_arithmetic_is_that_of_r(text, value):
    assert constant_value(read_expression(text)) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("text", ["log(-1)", "sqrt(-1)", "0/0", "(-8)^(1/3)", "qnorm(2)"])
def test_what_has_no_value_is_nan(text):
    assert math.isnan(constant_value(read_expression(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a *", "the expression ends after '*' where a number, a label or a function is needed"),
        ("* a", "column 1 of the model: '*' stands where a number"),
        ("a b", "column 3 of the model: an arithmetic sign (+ - * / ^) is missing before 'b'"),
        ("2a", "an arithmetic sign (+ - * / ^) is missing before 'a'"),
        ("(a", "never closed"),
        ("a)", "closes no parenthesis"),
        ("()", "')' stands after '(' where a number"),
        ("a + * b", "column 5 of the model: '*' stands after '+'"),
        ("log(a, 2)", "column 6 of the model: functions take one value here"),
        ("expp(a)", "there is no function 'expp' here. Did you mean 'exp'?"),
        ("max(a)", "The functions are exp, log, log10, sqrt"),
        ("a(b + 1)", "A product needs its '*'"),
        ("a ~ b", "'~' cannot stand in an expression"),
        ('"a" + 1', "'\"a\"' stands where a number"),
        ("", "one line of arithmetic, but 0 were passed"),
        ("a; b", "one line of arithmetic, but 2 were passed"),
    ],
)
def test_an_error_points_at_the_token(text, message):
    with pytest.raises(StudyError) as error:
        read_expression(text)
    assert message in str(error.value)


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(StudyError, match=r"'cc' in 'a\+cc' is no label of this model"):
        compiled("a + cc")
    with pytest.raises(StudyError, match=r"Did you mean 'd_2'"):
        compiled("d2")


def test_definitions_in_a_circle_are_refused():
    definitions = {
        "p": read_expression("q + a"),
        "q": read_expression("r*2"),
        "r": read_expression("p"),
    }
    with pytest.raises(StudyError, match="circle: p -> q -> r -> p"):
        compile_expression(read_expression("p"), PLACES, definitions, n_free=4)


def test_definitions_that_share_one_are_no_circle():
    definitions = {
        "p": read_expression("q*r"),
        "q": read_expression("r + a"),
        "r": read_expression("2*b"),
    }
    both = compile_expression(read_expression("p + q"), PLACES, definitions, n_free=4)
    value, gradient = both.evaluate([1.0, 3.0, 0.0, 0.0])
    assert float(value) == 7 * 6 + 7
    assert gradient.tolist() == [7.0, 2 * 6 + 2 * 7 + 2, 0.0, 0.0]


def test_many_definitions_on_each_other_take_no_time():
    definitions = {f"x{i}": read_expression(f"x{i - 1} + x{i - 1}") for i in range(1, 60)}
    definitions["x0"] = read_expression("a")
    last = compile_expression(read_expression("x59"), PLACES, definitions, n_free=4)
    assert last.evaluate([1.0, 0, 0, 0])[1].tolist() == [2.0**59, 0.0, 0.0, 0.0]


def test_deep_and_long_expressions_are_read():
    deep = "(" * 5000 + "a" + ")" * 5000
    assert float(compiled(deep).evaluate([2.0, 0, 0, 0])[0]) == 2.0
    long = compiled(" + ".join(["a*b"] * 5000))
    assert float(long.evaluate([1.0, 2.0, 0, 0])[0]) == 10_000.0
    assert constant_value(read_expression("-" * 5001 + "1")) == -1.0


def test_fixed_parameters_are_constants():
    parameters = {"a": 0, "half": 0.5}
    product = compile_expression(read_expression("a*half"), parameters, n_free=2)
    assert product.uses == (0,)
    value, gradient = product.evaluate([3.0, 1.0])
    assert float(value) == 1.5
    assert gradient.tolist() == [0.5, 0.0]


def test_pi_is_a_constant_unless_it_is_a_label():
    assert float(compiled("pi").evaluate([0, 0, 0, 0])[0]) == math.pi
    labelled = compile_expression(read_expression("pi^2"), {"pi": 0}, n_free=1)
    assert float(labelled.evaluate([3.0])[0]) == 9.0


def test_a_constant_has_no_gradient():
    value, gradient = compiled("2^3").evaluate(np.ones((5, 4)))
    assert value.tolist() == [8.0] * 5
    assert gradient.tolist() == np.zeros((5, 4)).tolist()


@pytest.mark.parametrize("shape", [(3,), (0,), (), (2, 5)])
def test_the_last_axis_is_that_of_the_parameters(shape):
    with pytest.raises(StudyError, match="function of 4 free parameter"):
        compiled("a").evaluate(np.zeros(shape))


@pytest.mark.parametrize("lead", [(), (1,), (7,), (2, 3), (0,)])
def test_a_stack_is_evaluated_like_its_members(lead):
    expression = compiled("a*b - exp(c.1)/d_2 + 1")
    theta = np.random.default_rng(3).uniform(0.5, 2.0, size=(*lead, 4))
    value, gradient = expression.evaluate(theta)
    assert value.shape == lead
    assert gradient.shape == (*lead, 4)
    for place in np.ndindex(*lead):
        one, slope = expression.evaluate(theta[place])
        np.testing.assert_array_equal(value[place], one)
        np.testing.assert_array_equal(gradient[place], slope)


def test_evaluation_changes_and_shares_nothing():
    expression = compiled("a")
    theta = np.array([1.0, 2.0, 3.0, 4.0])
    value, gradient = expression.evaluate(theta)
    value[...] = 9.0
    gradient[...] = 9.0
    assert theta.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert expression.evaluate(theta)[0] == 1.0
    assert pickle.loads(pickle.dumps(expression)) == expression


@pytest.mark.parametrize(
    ("text", "at", "gradient"),
    [
        ("a^2", 0.0, 0.0),
        ("a^1", 0.0, 1.0),
        ("a^0", 0.0, 0.0),
        ("(a^2)^0.5", 3.0, 1.0),
        ("2^a", 0.0, math.log(2.0)),
        ("0^a", 2.0, 0.0),
        ("a^a", 1.0, 1.0),
        ("(-2)^2*a", 1.0, 4.0),
        ("a^3", -2.0, 12.0),
        ("a^-1", -2.0, -0.25),
        ("abs(a)", -2.0, -1.0),
    ],
)
def test_powers_have_the_derivatives_of_calculus(text, at, gradient):
    assert compiled(text).evaluate([at, 1, 1, 1])[1][0] == pytest.approx(gradient, rel=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("at", [0.2, 0.55, 0.9])
def test_each_function_has_its_derivative(name, at):
    step = 1e-6
    expression = compiled(f"{name}(a)")
    up, down = (float(expression.evaluate([at + d, 0, 0, 0])[0]) for d in (step, -step))
    # Central differences: an error of order step^2, and rounding of order 1e-16/step.
    assert expression.evaluate([at, 0, 0, 0])[1][0] == pytest.approx(
        (up - down) / (2 * step), rel=1e-7
    )


# Random expressions.  Each is drawn as a pair: written for dyadkit, and written for Python, where
# n() makes the number type: Python's own floats raise where R's give infinity or NaN.

_NUMBERS = st.one_of(st.integers(0, 9), st.sampled_from([0.5, 1.25, 1e-2, 30.0]))
_LEAVES = st.one_of(
    _NUMBERS.map(lambda number: (repr(number), f"n({number})")),
    st.sampled_from(NAMES).map(lambda name: (name, f"n(v[{PLACES[name]}])")),
)
Pair = tuple[str, str]


def _joined(left: Pair, operator: str, right: Pair) -> Pair:
    return f"({left[0]} {operator} {right[0]})", f"({left[1]} {operator} {right[1]})"


def _raised(base: Pair, exponent: float) -> Pair:
    return f"({base[0]})^{exponent}", f"np.power({base[1]}, {float(exponent)})"


def _negated(inner: Pair) -> Pair:
    return f"-({inner[0]})", f"(-({inner[1]}))"


def _called(name: str, inner: Pair) -> Pair:
    return f"{name}({inner[0]})", f"np.{name}({inner[1]})"


def _branches(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(
        st.builds(_joined, inner, st.sampled_from("+-*/"), inner),
        st.builds(_raised, inner, st.sampled_from([2, 3, 0.5, -1])),
        st.builds(_negated, inner),
        st.builds(_called, st.sampled_from(["exp", "log", "sqrt", "tanh", "sin"]), inner),
    )


EXPRESSIONS = st.recursive(_LEAVES, _branches, max_leaves=8)
THETA = st.lists(st.floats(0.2, 2.0), min_size=4, max_size=4)


def _python(text: str, values: Sequence[complex], number: type = np.complex128) -> Any:
    return eval(text, {"np": np, "v": values, "n": number})


@QUICK
@given(EXPRESSIONS, THETA)
def test_value_and_gradient_of_random_expressions(expression, theta):
    """The gradient by complex steps, Im f(x + ih)/h, has no rounding error of differences."""
    ours, python = expression
    with np.errstate(all="ignore"):
        expected = _python(python, theta)
        value, gradient = compiled(ours).evaluate(theta)
        assume(np.isfinite(value) and abs(value) < 1e8)
        # Complex arithmetic gives roots and logarithms of negative numbers a value.
        assume(abs(expected.imag) < 1e-300)
        assert float(value) == pytest.approx(expected.real, rel=1e-9, abs=1e-9)
        for place in range(4):
            stepped = [v + (1e-30j if i == place else 0) for i, v in enumerate(theta)]
            slope = _python(python, stepped).imag / 1e-30
            # At the edge of a root, such as sqrt(a - a), there is no derivative.
            assume(np.isfinite(slope) and abs(slope) < 1e8 and np.isfinite(gradient[place]))
            assert gradient[place] == pytest.approx(slope, rel=1e-6, abs=1e-6)


# Without parentheses: Python has R's precedence for these, with ** for ^.

_CHAIN = st.lists(
    st.tuples(st.sampled_from(["+", "-", "*", "/", "^"]), st.sampled_from(["", "-"]), _LEAVES),
    max_size=6,
)


@QUICK
@given(_LEAVES, _CHAIN, THETA)
def test_precedence_without_parentheses(first, chain, theta):
    ours, python = first
    for operator, sign, leaf in chain:
        ours += f" {operator} {sign}{leaf[0]}"
        python += f" {'**' if operator == '^' else operator} {sign}{leaf[1]}"
    with np.errstate(all="ignore"):
        expected = _python(python, theta, np.float64)
        value, _ = compiled(ours).evaluate(theta)
    np.testing.assert_allclose(value, expected, rtol=1e-10)


_GARBAGE = st.text(alphabet="ab1.e+-*/^()<, exp", max_size=25)


@QUICK
@given(_GARBAGE)
def test_garbage_raises_nothing_but_study_errors(text):
    try:
        expression = read_expression(text)
    except StudyError:
        return
    assert isinstance(expression, Arithmetic)
    again = read_expression(expression.text)
    assert again == expression


def test_pnorm_against_scipy():
    value, gradient = compiled("pnorm(a/b)").evaluate([0.3, 0.7, 0, 0])
    assert float(value) == pytest.approx(norm.cdf(0.3 / 0.7), rel=1e-14)
    assert gradient[0] == pytest.approx(norm.pdf(0.3 / 0.7) / 0.7, rel=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "strategies"),
    [
        (test_value_and_gradient_of_random_expressions, (EXPRESSIONS, THETA)),
        (test_precedence_without_parentheses, (_LEAVES, _CHAIN, THETA)),
        (test_garbage_raises_nothing_but_study_errors, (_GARBAGE,)),
    ],
)
def test_many_more(test, strategies):
    settings(deadline=None, max_examples=3_000)(given(*strategies)(test.hypothesis.inner_test))()
