"""The verdict on aggregation: each condition met and missed in turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dyadkit.agreement.aggregation import Aggregation, agreement_word, judge_aggregation
from dyadkit.agreement.group_agreement import GroupAgreement, group_indices
from dyadkit.agreement.grouping import grouped
from dyadkit.agreement.nulls import null_named
from dyadkit.estimation.one_way import OneWay


def found_of(ratings: object, group: object) -> GroupAgreement:
    nulls = (null_named("uniform", 5), null_named("slight skew", 5))
    return group_indices(
        grouped(ratings, group),  # type: ignore[arg-type]
        nulls,
        1,
        5,
        rng=np.random.default_rng(1),
        draws=0,
    )


def alike(shift: float) -> GroupAgreement:
    """Return 30 groups of four, whose members differ by at most a point, at 3 or about it."""
    rng = np.random.default_rng(8)
    level = 3.0 + shift * rng.integers(-1, 2, 30)
    ratings = np.clip(np.repeat(level, 4) + rng.integers(0, 2, 120), 1, 5)
    return found_of(ratings, np.repeat(np.arange(30), 4))


def met(judged: Aggregation) -> dict[str, bool]:
    return {criterion.name: criterion.met for criterion in judged.criteria}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0.0, "lack of"),
        (0.30, "lack of"),
        (0.304, "lack of"),
        (0.31, "weak"),
        (0.50, "weak"),
        (0.51, "moderate"),
        (0.70, "moderate"),
        (0.71, "strong"),
        (0.90, "strong"),
        (0.91, "very strong"),
        (1.0, "very strong"),
    ],
)
def test_words_of_lebreton_and_senter(value: float, word: str) -> None:
    assert agreement_word(value) == f"{word} agreement"


def test_all_conditions_met() -> None:
    judged = judge_aggregation(alike(1.0))
    assert judged.justified
    assert judged.reason == "all conditions are met"
    assert set(met(judged).values()) == {True}
    assert len(judged.criteria) == 5


def test_members_who_agree_in_groups_that_do_not_differ() -> None:
    judged = judge_aggregation(alike(0.0))
    assert not judged.justified
    assert met(judged)["Mean r_wg, uniform null"]
    assert not met(judged)["ICC(1)"]
    assert not met(judged)["ICC(2)"]
    assert judged.reason == "not met: ICC(1); ICC(2)"


def test_groups_that_differ_by_members_who_do_not_agree() -> None:
    rng = np.random.default_rng(2)
    size = 30
    level = rng.normal(3, 0.7, 40)
    ratings = np.clip(np.rint(np.repeat(level, size) + rng.normal(0, 1.3, 40 * size)), 1, 5)
    judged = judge_aggregation(found_of(ratings, np.repeat(np.arange(40), size)))
    assert met(judged)["ICC(1)"]
    assert met(judged)["ICC(2)"]
    assert not met(judged)["Mean r_wg, slight skew null"]
    assert not judged.justified


def test_a_verdict_must_hold_by_every_null() -> None:
    # Variance .5 in each pair: .75 beside the uniform null, .63 beside the slightly skewed one.
    found = found_of([1, 2, 4, 5, 3, 4, 1, 2], np.repeat(np.arange(4), 2))
    judged = judge_aggregation(found)
    assert met(judged)["Mean r_wg, uniform null"]
    assert not met(judged)["Mean r_wg, slight skew null"]
    assert not judged.justified


def test_members_less_alike_than_strangers_never_justify() -> None:
    rng = np.random.default_rng(3)
    first = rng.integers(1, 6, 60).astype(float)
    found = found_of(np.column_stack([first, 6 - first]).ravel(), np.repeat(np.arange(60), 2))
    assert found.reliability is not None
    assert found.reliability.anova.p_value < 0.05
    assert not met(judge_aggregation(found))["ICC(1)"]


@pytest.mark.parametrize(
    ("icc", "word"),
    [(0.03, "less than small"), (0.05, "small"), (0.10, "medium"), (0.25, "large")],
)
def test_size_of_the_effect_of_groups(icc: float, word: str) -> None:
    found = alike(1.0)
    assert found.reliability is not None
    anova: OneWay = found.reliability.anova
    one = replace(found.reliability.icc1_mean, estimate=icc)
    changed = replace(found, reliability=replace(found.reliability, icc1_mean=one, anova=anova))
    reading = {line.name: line.reading for line in judge_aggregation(changed).criteria}["ICC(1)"]
    assert reading == f"{word} effect of the group"


def test_one_group_is_not_judged() -> None:
    judged = judge_aggregation(found_of([3, 4, 4], [0, 0, 0]))
    assert not judged.justified
    assert judged.reason.startswith("whether groups differ cannot be told")
