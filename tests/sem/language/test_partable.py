"""The parameter table against lavaan's own, row by row and in its order."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path
from typing import Any

import pytest

from dyadkit.errors import StudyError
from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.language.syntax import parse_model

# Written by partables.R with lavaan 0.6-14, whose functions made 9 in 10 of the tables again.
ORACLE = json.loads(
    (Path(__file__).parents[2] / "oracles" / "partables.json").read_text(encoding="utf-8")
)
CASES = ORACLE["cases"]


def settings(case: dict[str, Any]) -> str:
    shown = {k: v for k, v in case["options"].items() if v not in ([], 1)}
    return " ".join([case["model"], *(f"{k}={v}" for k, v in shown.items())])


def flags(values: list[bool]) -> str:
    return "".join(str(int(value)) for value in values)


def finite_or_none(values: list[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]


@pytest.mark.parametrize("case", CASES, ids=settings)
def test_the_table_is_that_of_lavaan(case):
    table = build_partable(ORACLE["models"][case["model"]], **case["options"])
    rows = table.rows
    assert [f"{r.lhs} {r.op} {r.rhs}".strip() for r in rows] == case["rows"]
    assert [r.free for r in rows] == case["free"]
    assert flags([r.user for r in rows]) == case["user"]
    assert flags([r.exo for r in rows]) == case["exo"]
    assert [r.group for r in rows] == case.get("group", [1] * len(rows))
    assert [r.label for r in rows] == case.get("label", [""] * len(rows))
    # R's JSON has 15 digits; in memory 1/3 is 1/3.
    values = [r.start if r.free else r.value for r in rows]
    expected = [math.nan if v is None else v for v in case["fixed_or_start"]]
    assert values == pytest.approx(expected, rel=1e-14, abs=0, nan_ok=True)
    none = [None] * len(rows)
    assert finite_or_none([r.lower for r in rows]) == case.get("lower", none)
    assert finite_or_none([r.upper for r in rows]) == case.get("upper", none)
    assert list(table.observed) == case["observed"]
    assert list(table.latent) == case["latent"]
    assert list(table.exogenous) == case["exogenous"]
    assert list(table.names) == case["names"]
    assert table.n_free == len(case["names"])
    relations = [f"{d.name} := {d.text}" for d in table.definitions]
    relations += [c.text for c in (*table.equalities, *table.inequalities)]
    assert sorted(relations) == sorted(case.get("relations", []))


@pytest.mark.parametrize("case", CASES[::10], ids=settings)
def test_what_a_row_says_hangs_together(case):
    table = build_partable(ORACLE["models"][case["model"]], **case["options"])
    free = sorted({row.free for row in table.rows} - {0})
    assert free == list(range(1, table.n_free + 1))
    for row in table.rows:
        assert math.isnan(row.value) == bool(row.free or row.exo)
        assert math.isnan(row.start) or row.free
        assert not (row.exo and row.free)
        assert row.lower <= row.upper


def test_the_oracle_is_broad():
    assert len(ORACLE["models"]) >= 60
    assert len(CASES) >= 300


# What lavaan warns of is in the notes


@pytest.mark.parametrize(
    ("model", "options", "note"),
    [
        ("y ~ x + z; x ~~ x", {}, "is written for x"),
        ("y ~ x; x ~ 1", {}, "is written for x"),
        ("y ~ a*x", {"n_groups": 2}, "'a' makes y~x equal in all 2 groups"),
        ("f =~ start(0.8)*x1 + x2 + x3", {}, "fixed, so that its starting value 0.8 became"),
        ("f =~ a*x1 + a*x2 + x3", {}, "f=~x2 shares the label 'a' with f=~x1, which is fixed at 1"),
    ],
)
def test_surprises_are_noted(model, options, note):
    (only,) = build_partable(model, **options).notes
    assert note in only


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("y ~ x + z", {}),
        ("y ~ x; x ~~ x", {"fixed_x": False}),
        ("y ~ c(a, a)*x", {"n_groups": 2}),
        ("f =~ x1 + x2 + x3; y ~ f; m ~ y; y ~~ y; f ~~ f; x1 ~ 1", {}),
    ],
)
def test_nothing_is_noted_without_a_surprise(model, options):
    assert build_partable(model, **options).notes == ()


# Errors


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("", {}, "has no formula"),
        ("# nothing\n", {}, "has no formula"),
        ("a == b", {}, "has no formula"),
        ("y ~ x; y ~ x", {}, "'y ~ x' is in the model already"),
        ("y ~ 1; y ~ 1 + x", {}, "'y ~1' is in the model already"),
        ("x ~~ y\ny ~~ x", {}, "Line 2, column 6 of the model: 'y ~~ x' is in the model already"),
        ("f =~ x1 + f", {}, "cannot be measured by itself. For a latent variable without"),
        ("y ~ y", {}, "cannot be regressed on itself"),
        ("y ~ c(a, b)*x", {}, "has 2 values, but there is 1 group. Give one value"),
        ("y ~ c(a, b)*x", {"n_groups": 3}, "has 2 values, but there are 3 groups"),
        ("f =~ 1*x1 + a*x1 + 2*x2 + a*x2", {}, "by the label 'a', but are fixed at 1 and 2"),
        (
            "f =~ x1 + c(1, 2)*x2 + x3",
            {"n_groups": 2, "group_equal": "loadings"},
            "f=~x2 and f=~x2.g2 are held equal in groups, but are fixed at 1 and 2",
        ),
        ("y ~ lower(2)*x + upper(1)*x", {}, "lower bound 2 of y~x is above its upper bound 1"),
        (
            "y ~ slope*x; slop > 0",
            {},
            "'slop' in 'slop' is no label of this model. Did you mean 's",
        ),
        ("y ~ x; x == z", {}, "'x' is a variable; constraints and definitions are about"),
        ("y ~ x\nd := 2 *\n bb", {}, "'bb' in '2*bb' is no label, and this model has none"),
        ("y ~ x; d := .p9.", {}, "'.p9.' in '.p9.' is no label"),
        ("y ~ x; d := .p3.", {}, "'.p3.' is a moment of the sample"),
        ("y ~ a*x; a := 2", {}, "'a' is the label of a parameter. Give the definition another"),
        ("y ~ a*x; d := a; d := 2*a", {}, "'d' is defined already"),
        ("y ~ a*x; d := e; e := d", {}, "The definitions go in a circle: e -> d -> e"),
        ("y ~ a*x; d := d", {}, "The definitions go in a circle: d -> d"),
        ("y ~ 2*x + a*x; a > 1", {}, "'a > 1' has no free parameter"),
    ],
)
def test_an_error_says_what_and_what_next(model, options, message):
    with pytest.raises(StudyError) as error:
        build_partable(model, **options)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"auto": "seem"},
            "auto is one of sem, cfa, growth, lavaan, not 'seem'. Did you mean 'sem'",
        ),
        ({"n_groups": 0}, "at least one group"),
        ({"group_equal": ["loading"]}, "Did you mean 'loadings'?"),
        ({"group_equal": ["thresholds"]}, "cannot be held equal"),
        (
            {"group_equal": ["loadings"], "group_partial": ["f=~x9"], "n_groups": 2},
            "group_partial names 'f=~x9'",
        ),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(options, message):
    with pytest.raises(StudyError) as error:
        build_partable("f =~ x1 + x2 + x3", **options)
    assert message in str(error.value)


def test_an_unknown_label_is_shown_where_it_stands():
    with pytest.raises(StudyError) as error:
        build_partable("y ~ a*x\n  a == 2 * aa")
    assert "Line 2, column 12 of the model" in str(error.value)
    assert str(error.value).endswith("      a == 2 * aa\n               ^")


# Definitions and constraints


def test_definitions_are_evaluated_in_any_order():
    table = build_partable("m ~ a*x; y ~ b*m + c*x; total := ind + c; ind := a*b")
    theta = [0.5, 0.4, 0.1, 1.0, 1.0]
    total, indirect = table.definitions
    assert (total.name, indirect.text) == ("total", "a*b")
    value, gradient = total.evaluate(theta)
    assert value == pytest.approx(0.3)
    assert gradient.tolist() == [0.4, 0.5, 1.0, 0.0, 0.0]


def test_constraints_are_differences():
    table = build_partable("y ~ a*x + b*z + 3*w + c*w; a == b^2; a < c; b > 0.5")
    (equal,) = table.equalities
    less, more = table.inequalities
    theta = [1.0, 2.0, 1.0]
    assert float(equal.evaluate(theta)[0]) == 1.0 - 4.0
    assert equal.evaluate(theta)[1].tolist() == [1.0, -4.0, 0.0]
    assert float(less.evaluate(theta)[0]) == 2.0
    assert float(more.evaluate(theta)[0]) == 1.5
    assert [c.text for c in (equal, less, more)] == ["a == b^2", "a < c", "b > 0.5"]


def test_a_constraint_between_labels_stays_a_constraint():
    table = build_partable("y ~ a*x + b*z; a == b; a == 0.3")
    assert table.n_free == 3
    assert [c.name for c in table.equalities] == ["a == b", "a == 0.3"]


def test_automatic_labels_are_rows():
    table = build_partable("f =~ x1 + x2 + x3; d := .p1. + 2*.p3.")
    value, gradient = table.definitions[0].evaluate(range(1, 7))
    assert float(value) == 1 + 2 * 2
    assert gradient.tolist() == [0.0, 2.0, 0.0, 0.0, 0.0, 0.0]


# Identities


def test_statements_and_text_give_one_table():
    model = "f =~ x1 + x2 + x3\nf ~ age"
    assert build_partable(parse_model(model)) == build_partable(model)


def test_the_same_model_is_built_once():
    model = "one_more =~ x1 + x2 + x3"
    assert build_partable(model, group_equal=["loadings"]) is build_partable(
        model, group_equal=("loadings",)
    )
    assert build_partable(model) is not build_partable(model, auto="cfa")


@pytest.mark.parametrize("case", CASES[::25], ids=settings)
def test_statements_written_out_give_the_same_table(case):
    model = ORACLE["models"][case["model"]]
    again = "\n".join(str(statement) for statement in parse_model(model))
    assert build_partable(again, **case["options"]) == build_partable(model, **case["options"])


def test_order_of_statements_changes_no_parameter():
    lines = ["f =~ x1 + x2 + x3", "g =~ y1 + y2 + y3", "g ~ f + age", "x1 ~~ y1", "x2 ~ 1"]

    def content(table: ParTable) -> set[tuple[Any, ...]]:
        return {
            (*([r.lhs, r.rhs] if r.op != "~~" else sorted([r.lhs, r.rhs])), r.op, bool(r.free))
            for r in table.rows
        }

    assert content(build_partable("\n".join(lines))) == content(
        build_partable("\n".join(reversed(lines)))
    )


def test_a_table_is_frozen_hashable_and_picklable():
    table = build_partable("m ~ a*x; y ~ b*m; ind := a*b; a > 0")
    again = pickle.loads(pickle.dumps(table))
    assert again.names == table.names
    assert again.definitions == table.definitions
    assert hash(table) == hash(table)
    with pytest.raises(AttributeError):
        table.n_free = 3  # type: ignore[misc]
