"""Critical values against the exact distribution, found by going through all answers, and R."""

from __future__ import annotations

import json
from itertools import product
from math import isnan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.agreement.critical_values import CriticalValue, critical_value
from dyadkit.agreement.nulls import (
    Null,
    null_named,
    null_with_probabilities,
    null_with_variance,
)
from dyadkit.errors import Refused, StudyError

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_groups_more.json").read_text("utf-8")
)
SKEWED = null_named("slight skew", 5)


def exact(index: str, size: int, null: Null, alpha: float) -> tuple[float, float, float]:
    """Return the critical value of one item, its probability, and that of the next value.

    Goes through every possible set of answers; written apart from the code that is tested.
    """
    assert null.probabilities is not None
    chance: dict[float, float] = {}
    for answers in product(range(null.options), repeat=size):
        x = np.array(answers, dtype=float)
        if index == "rwg":
            value = max(0.0, 1.0 - x.var(ddof=1) / null.variance)
        else:
            middle = x.mean() if index == "ad_mean" else np.median(x)
            value = float(np.abs(x - middle).mean())
        key = round(value, 9)
        share = float(np.prod([null.probabilities[answer] for answer in answers]))
        chance[key] = chance.get(key, 0.0) + share
    ordered = sorted(chance, reverse=index == "rwg")
    reached, found = 0.0, (float("nan"), chance[ordered[0]], 0.0)
    for value in ordered:
        if reached + chance[value] > alpha:
            return found[0], found[1], reached + chance[value]
        reached += chance[value]
        found = (value, reached, 0.0)
    raise AssertionError("every value is reached with certainty")


@pytest.mark.parametrize("index", ["rwg", "ad_mean", "ad_median"])
@pytest.mark.parametrize(
    ("size", "null"),
    [
        (3, null_named("uniform", 5)),
        (5, null_named("uniform", 5)),
        (6, null_named("uniform", 5)),
        (4, null_named("uniform", 7)),
        (5, SKEWED),
        (6, null_named("normal", 5)),
    ],
    ids=["3 of 5", "5 of 5", "6 of 5", "4 of 7", "skewed", "normal"],
)
def test_against_all_possible_answers(index: Any, size: int, null: Null) -> None:
    draws = 60_000
    value, share, after = exact(index, size, null, 0.05)
    # Halfway between two probabilities that can be had, so that the draws can tell the side.
    alpha = (share + after) / 2 if share < 0.05 else 0.05
    error = sqrt(alpha * (1 - alpha) / draws)
    assert min(abs(share - alpha), abs(after - alpha)) > 4 * error
    rng = np.random.default_rng(11)
    found = critical_value(index, size, 1, null, rng, alpha=alpha, draws=draws)
    if isnan(value):
        assert isnan(found.estimate)
    else:
        assert found.estimate == pytest.approx(value, abs=1e-9)
    assert found.attained == pytest.approx(share, abs=4 * sqrt(share * (1 - share) / draws))


def test_full_agreement_of_a_pair_may_be_chance() -> None:
    # One of five: no value of a pair is rare enough.
    null = null_named("uniform", 5)
    for index in ("rwg", "ad_mean", "ad_median"):
        found = critical_value(index, 2, 1, null, np.random.default_rng(2), draws=20_000)
        assert isnan(found.estimate)
        assert found.attained == pytest.approx(0.2, abs=0.01)
    lenient = critical_value("rwg", 2, 1, null, np.random.default_rng(2), alpha=0.3, draws=20_000)
    assert lenient.estimate == pytest.approx(1.0, abs=1e-9)


def share_in(case: dict[str, Any], draws: int) -> CriticalValue:
    return critical_value(
        case["index"],
        case["size"],
        case["items"],
        null_named("uniform", 5),
        np.random.default_rng(3),
        draws=draws,
        correlation=case["correlation"],
    )


@pytest.mark.parametrize("case", ORACLE["critical"], ids=lambda case: f"{case['items']} items")
def test_against_the_simulations_of_multilevel(case: dict[str, Any]) -> None:
    # multilevel 2.7: rwg.sim, rwg.j.sim (equicorrelated normals, cut at quantiles) and ad.m.sim, by
    # 4,000 to 20,000 draws: the same value of one item, and within .02 of several items.
    ours = share_in(case, 40_000)
    step = 1e-9 if case["items"] == 1 else 0.02
    assert ours.estimate == pytest.approx(case["value"], abs=step)
    assert ours.conf_low <= ours.estimate <= ours.conf_high
    assert ours.monte_carlo_error == pytest.approx(
        sqrt(ours.attained * (1 - ours.attained) / 40_000), rel=1e-12
    )


def test_related_items_reach_more_by_chance() -> None:
    null, draws = null_named("uniform", 5), 20_000
    apart, related = (
        critical_value("rwg", 6, 5, null, np.random.default_rng(4), draws=draws, correlation=r)
        for r in (0.0, 0.6)
    )
    assert related.estimate > apart.estimate + 0.05


def test_turning_the_scale_round_changes_nothing_but_chance() -> None:
    turned = null_with_probabilities((SKEWED.probabilities or ())[::-1])
    one, other = (
        critical_value("ad_mean", 6, 2, null, np.random.default_rng(seed), draws=40_000)
        for seed, null in ((5, SKEWED), (6, turned))
    )
    assert one.estimate == pytest.approx(other.estimate, abs=0.04)


def test_seeds_repeat_and_options_of_no_probability_are_never_chosen() -> None:
    null = null_with_probabilities((0.0, 0.5, 0.0, 0.5, 0.0))
    first, again = (
        critical_value("ad_mean", 8, 1, null, np.random.default_rng(9)) for _ in range(2)
    )
    assert first == again
    # Answers 2 and 4 only.  One in eight differs: AD = 2 · 7/8 · 1/8 · 2 = .4375, P = 18/256 > .05.
    assert first.estimate == pytest.approx(0.0, abs=1e-12)
    assert first.attained == pytest.approx(2 / 256, abs=0.004)


def test_a_shape_is_needed() -> None:
    for null in (null_named("slight skew", 7), null_with_variance(1.5, 5)):
        with pytest.raises(Refused, match="only the variance"):
            critical_value("rwg", 5, 1, null, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"index": "icc"}, "must be one of rwg"),
        ({"size": 1}, "at least 2 members"),
        ({"items": 0}, "at least 1 item"),
        ({"alpha": 1.0}, "alpha must lie"),
        ({"draws": 10}, "at least 1000 draws"),
        ({"correlation": 1.0}, "correlation must lie"),
    ],
)
def test_wrong_calls(change: dict[str, Any], said: str) -> None:
    call: dict[str, Any] = {"index": "rwg", "size": 5, "items": 1, "null": SKEWED, **change}
    with pytest.raises(StudyError, match=said):
        critical_value(rng=np.random.default_rng(1), **call)
