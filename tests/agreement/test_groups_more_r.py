"""Summaries, intervals, within-and-between analysis and random groups against R and brute force."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dyadkit.agreement.average_deviation import average_deviations
from dyadkit.agreement.group_reliability import (
    anova_reliability,
    bootstrap_reliability,
)
from dyadkit.agreement.grouping import Grouped, GroupIndex, grouped
from dyadkit.agreement.nulls import Null, null_named
from dyadkit.agreement.random_groups import random_group_resampling
from dyadkit.agreement.reml_reliability import mixed_reliability
from dyadkit.agreement.waba import within_and_between
from dyadkit.agreement.within_group import (
    awg,
    coefficient_of_variation,
    lindell,
    rwg,
    standard_deviation,
)
from dyadkit.estimation.one_way import one_way_icc
from dyadkit.estimation.resample import (
    bias_corrected_interval,
    bootstrap_weights,
    jackknife_acceleration,
)

ORACLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "agreement_groups_more.json").read_text("utf-8")
)
UNIFORM = null_named("uniform", 5)
EXACT = {"rtol": 1e-8, "atol": 1e-13}


def numbers(values: object) -> np.ndarray:
    return np.array(values, dtype=float)


def items(name: str) -> Grouped:
    data = ORACLE["data"]
    ratings, group = {
        "teams": ("items", "team"),
        "balanced": ("even", "even_team"),
        "pairs": ("paired", "pair"),
        "even": ("even", "even_team"),
        "opposed": ("opposed", "opposed_team"),
    }[name]
    return grouped(numbers(data[ratings]), np.array(data[group]))


def agrees(found: object, expected: dict[str, float], rtol: float = 1e-8) -> None:
    for field, value in expected.items():
        np.testing.assert_allclose(
            getattr(found, field), value, rtol=rtol, atol=1e-13, err_msg=field
        )


# Every group, and the summaries


@pytest.mark.parametrize(
    ("name", "low", "high"), [("teams", 1, 5), ("balanced", 1, 7), ("pairs", 1, 5)]
)
def test_every_group(name: str, low: int, high: int) -> None:
    # multilevel 2.7: rwg, rwg.j, rwg.j.lindell, awg, ad.m; variances of one item by var().
    data, expected = items(name), ORACLE[name]
    null = null_named("uniform", high)
    found = {
        "rwg": rwg(data, null),
        "lindell": lindell(data, null),
        "awg": awg(data, 1, high),
        "ad_mean": average_deviations(data),
        "ad_median": average_deviations(data, "median"),
        "sd": standard_deviation(data),
        "cv": coefficient_of_variation(data),
    }
    for index, result in found.items():
        np.testing.assert_allclose(result.values, numbers(expected[index]), err_msg=index, **EXACT)
    assert data.size.tolist() == expected["size"]
    assert data.code.tolist() == expected["code"]
    undefined = int(np.isnan(numbers(expected["awg"])).sum())
    assert found["awg"].undefined == undefined
    assert found["rwg"].out_of_range == int((numbers(expected["lindell"]) < 0).sum())


def test_incomplete_persons_and_groups_of_one_are_counted() -> None:
    data = items("teams")
    assert data.incomplete == 3
    # Two teams have one member; a missing item may leave others alone.
    complete = ~np.isnan(numbers(ORACLE["data"]["items"])).all(axis=1)
    assert complete.all()
    assert data.alone >= 2
    assert data.groups + data.alone == len(set(ORACLE["data"]["team"]))


def test_a_skewed_null() -> None:
    data, expected = items("teams"), ORACLE["skewed"]
    null = null_named("slight skew", 5)
    np.testing.assert_allclose(rwg(data, null).values, expected["rwg"], **EXACT)
    np.testing.assert_allclose(lindell(data, null).values, expected["lindell"], **EXACT)


@pytest.mark.parametrize("index", ["rwg", "lindell", "awg", "ad_mean", "ad_median", "sd"])
def test_summaries_over_groups(index: str) -> None:
    # R: mean, sd, quantile(type = 7) and mean -/+ qt(.975, n - 1) sd / sqrt(n).
    data = items("teams")
    found: GroupIndex = {
        "rwg": lambda: rwg(data, UNIFORM),
        "lindell": lambda: lindell(data, UNIFORM),
        "awg": lambda: awg(data, 1, 5),
        "ad_mean": lambda: average_deviations(data),
        "ad_median": lambda: average_deviations(data, "median"),
        "sd": lambda: standard_deviation(data),
    }[index]()
    assert len(ORACLE["summaries"][index]) == 8
    agrees(found, ORACLE["summaries"][index])
    assert found.method == "t over groups"
    with pytest.raises(ValueError, match="read-only"):
        found.values[0] = 0.0


# Reliability


@pytest.mark.parametrize("name", ["teams", "even", "opposed", "pairs"])
def test_f_intervals(name: str) -> None:
    # aov, multilevel's ICC1 and ICC2, qf; for unequal sizes Thomas & Hultquist (1978) written out.
    expected = ORACLE["reliability"][name]
    found = anova_reliability(items(name), expected["confidence"])
    for part in ("icc1_mean", "icc1_n0", "icc2", "anova"):
        agrees(getattr(found, part), expected[part])
    assert found.icc2.method.startswith("approximate" if name == "teams" else "exact")
    if name == "opposed":
        assert found.icc1_mean.conf_high < 0.0
        assert found.anova.p_value < 0.05


@pytest.mark.parametrize("name", ["teams", "even", "opposed", "pairs"])
def test_restricted_likelihood(name: str) -> None:
    # A dense restricted likelihood of our own in R, its root by differences (about 1e-8).
    expected = dict(ORACLE["mixed"][name])
    lme4, mult_icc = expected.pop("lme4", None), expected.pop("mult_icc", None)
    found = mixed_reliability(items(name))
    agrees(found.icc1, {key: expected[key] for key in ("estimate", "conf_low", "conf_high")}, 1e-6)
    for field in ("variance_between", "variance_within", "mean", "loglik"):
        assert getattr(found, field) == pytest.approx(expected[field], rel=1e-6)
    assert (lme4 is None) == (found.icc1.estimate < 0.0)
    if lme4 is not None:
        # lme4 1.1-31's optimiser stops within 1e-7; mult.icc's (nlme's) within 2e-5.
        for field, value in lme4.items():
            assert getattr(found, field) == pytest.approx(value, rel=5e-7)
        assert found.icc1.estimate == pytest.approx(mult_icc["ICC1"], rel=5e-5)
        assert found.icc2.estimate == pytest.approx(mult_icc["ICC2"], rel=5e-5)


@pytest.mark.parametrize("name", ["even", "pairs"])
def test_equal_sizes_give_the_mean_square_estimate(name: str) -> None:
    one, other = anova_reliability(items(name)), mixed_reliability(items(name))
    assert one.icc1_mean.estimate == pytest.approx(other.icc1.estimate, rel=1e-9)
    assert one.icc1_n0.estimate == pytest.approx(other.icc1.estimate, rel=1e-9)
    assert one.icc2.estimate == pytest.approx(other.icc2.estimate, rel=1e-9)


def test_bootstrap_against_groups_copied_row_by_row() -> None:
    # The same samples of groups, their rows copied and analysed one sample after the other.
    data, draws = items("teams"), 150
    found = bootstrap_reliability(data, np.random.default_rng(5), draws)
    scores = data.ratings.mean(axis=1)
    parts = np.split(scores, data.starts[1:])

    def coefficients(drawn: list[np.ndarray]) -> tuple[float, float, float]:
        group = np.repeat(np.arange(len(drawn)), [part.size for part in drawn])
        result = one_way_icc(np.concatenate(drawn), group)
        return result.icc_mean, result.icc_n0, result.icc2

    every = np.arange(data.groups)
    (counts,) = bootstrap_weights(data.groups, draws, np.random.default_rng(5))
    sampled = np.array(
        [
            coefficients([parts[place] for place in np.repeat(np.arange(data.groups), row)])
            for row in counts
        ]
    )
    left_out = np.array([coefficients(parts[:place] + parts[place + 1 :]) for place in every])
    for column, name in enumerate(("icc1_mean", "icc1_n0", "icc2")):
        result = getattr(found, name)
        acceleration = jackknife_acceleration(left_out[:, column], result.estimate)
        low, high = bias_corrected_interval(sampled[:, column], result.estimate, 0.95, acceleration)
        assert (result.conf_low, result.conf_high) == pytest.approx((low, high), rel=1e-9)
    assert found.failed == 0


# Within and between; random groups


def test_within_and_between() -> None:
    # multilevel 2.7: waba without groups of one; aov's F; bounds and Z written out.
    data, expected = ORACLE["data"], ORACLE["waba"]
    x = numbers(data["items"]).mean(axis=1)
    found = within_and_between(x, data["other"], np.array(data["team"]))
    pairs = [
        (found.raw, "raw"),
        (found.first.eta_between, "eta_bx"),
        (found.first.eta_within, "eta_wx"),
        (found.second.eta_between, "eta_by"),
        (found.second.eta_within, "eta_wy"),
        (found.between.estimate, "r_b"),
        (found.within.estimate, "r_w"),
        (found.first.e_ratio, "e_ratio"),
        (found.first.f, "f"),
        (found.first.f, "f_aov"),
        (found.a_difference, "a_difference"),
        (found.z, "z"),
        (found.p_value, "p_value"),
        (found.between.n, "groups"),
        (found.within.n, "n"),
    ]
    for value, name in pairs:
        assert value == pytest.approx(expected[name], rel=1e-8), name
    assert (found.between.conf_low, found.between.conf_high) == pytest.approx(expected["between"])
    assert (found.within.conf_low, found.within.conf_high) == pytest.approx(expected["within"])
    assert found.between.component + found.within.component == pytest.approx(found.raw, rel=1e-12)
    # E = 1.54 lies above 1.30 and below 1.73; the angle of .72 above 30 degrees.
    assert (found.first.induction, found.first.induction_30) == ("wholes", "equivocal")
    assert (found.strength, found.strength_30) == ("wholes", "wholes")
    turned = within_and_between(6 - x, data["other"], np.array(data["team"]))
    assert turned.raw == pytest.approx(-found.raw, rel=1e-10)
    assert turned.a_difference == pytest.approx(found.a_difference, rel=1e-10)


@pytest.mark.parametrize("name", ["teams", "opposed"])
def test_random_groups(name: str) -> None:
    # multilevel 2.7, rgr.agree with 4,000 random groupings: both simulate, so the mean agrees
    # within five standard errors of both, the standard deviation and z within 2 %.
    data, expected = items(name), ORACLE["random_groups"][name]
    found = random_group_resampling(data, np.random.default_rng(3), 4000)
    assert found.estimate == pytest.approx(expected["actual"], rel=1e-8)
    error = expected["random_sd"] * np.sqrt(2 / expected["count"])
    assert found.random_mean == pytest.approx(expected["random_mean"], abs=5 * error)
    assert found.random_sd == pytest.approx(expected["random_sd"], rel=0.02)
    assert found.z == pytest.approx(expected["z"], rel=0.02)
    if name == "opposed":
        assert found.percentile > 0.99
        assert found.estimate > found.conf_high
    else:
        assert found.percentile == 0.0
        assert found.p_value == pytest.approx(1 / 4001, rel=1e-12)


def test_random_groups_against_all_ways_to_deal() -> None:
    # Six persons in two groups of three: 20 ways, of which 4 have no more variance than {1, 2, 4}
    # and {3, 5, 9}; counted here.
    scores, group = np.array([1.0, 2, 4, 3, 5, 9]), np.repeat([0, 1], 3)
    means = []
    for chosen in product([False, True], repeat=6):
        if sum(chosen) == 3:
            inside = np.array(chosen)
            means.append((scores[inside].var(ddof=1) + scores[~inside].var(ddof=1)) / 2)
    assert len(means) == 20
    actual = (scores[:3].var(ddof=1) + scores[3:].var(ddof=1)) / 2
    share = float(np.mean(np.array(means) <= actual + 1e-12))
    found = random_group_resampling(grouped(scores, group), np.random.default_rng(1), 20_000)
    assert found.percentile == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))
    assert 0.0 < share < 1.0


# One item


@pytest.mark.parametrize("null", [UNIFORM, null_named("moderate skew", 5)], ids=lambda n: n.name)
def test_one_item_needs_no_step_up(null: Null) -> None:
    data = items("pairs")
    found, unstepped = rwg(data, null), lindell(data, null)
    cut = np.maximum(unstepped.values, 0.0)
    np.testing.assert_allclose(found.values, cut, rtol=1e-12, atol=1e-13)
    assert found.out_of_range == unstepped.out_of_range
