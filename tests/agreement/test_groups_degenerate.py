"""Pairs, one group, constants, full agreement: what few or equal answers leave of the indices."""

from __future__ import annotations

from itertools import product
from math import isnan, nan

import numpy as np
import pytest

from dyadkit.agreement.average_deviation import average_deviations, item_deviations, upper_limit
from dyadkit.agreement.group_agreement import group_indices
from dyadkit.agreement.group_reliability import anova_reliability, bootstrap_reliability
from dyadkit.agreement.grouping import grouped
from dyadkit.agreement.nulls import null_named
from dyadkit.agreement.random_groups import random_group_resampling
from dyadkit.agreement.reml_reliability import mixed_reliability
from dyadkit.agreement.waba import within_and_between
from dyadkit.agreement.within_group import awg, coefficient_of_variation, rwg
from dyadkit.errors import DataError, FitError, Refused, StudyError

UNIFORM = null_named("uniform", 5)


# Pairs


def test_all_pairs_of_answers_on_five_options() -> None:
    answers = np.array(list(product(range(1, 6), repeat=2)), dtype=float)
    data = grouped(answers.ravel(), np.repeat(np.arange(25), 2))
    values = rwg(data, UNIFORM).values
    assert sorted(set(values.round(12).tolist())) == [0.0, 0.75, 1.0]
    # Differences of 0, 1 and more: 5, 8 and 12 of 25 pairs.
    assert [int(np.isclose(values, value).sum()) for value in (1.0, 0.75, 0.0)] == [5, 8, 12]
    # A difference of 2 gives the variance of the null itself, which does not exceed it.
    assert rwg(data, UNIFORM).out_of_range == 6
    found = awg(data, 1, 5)
    assert (found.undefined, found.n) == (18, 7)
    defined = {
        tuple(pair.tolist()): float(value)
        for pair, value in zip(answers, found.values, strict=True)
        if not isnan(value)
    }
    # By hand: the mean must be 3, where half the largest variance is 4; both at one end agree.
    assert defined == {
        (1, 1): 1.0,
        (5, 5): 1.0,
        (3, 3): 1.0,
        (2, 4): 0.5,
        (4, 2): 0.5,
        (1, 5): -1.0,
        (5, 1): -1.0,
    }
    assert average_deviations(data).values.tolist() == (np.ptp(answers, axis=1) / 2).tolist()


def test_limit_of_the_average_deviation() -> None:
    # Burke & Dunlap (2002): A/6.
    assert upper_limit(5) == pytest.approx(0.8333, abs=5e-5)
    assert upper_limit(7) == pytest.approx(1.1667, abs=5e-5)
    with pytest.raises(StudyError, match="at least 2 options"):
        upper_limit(1)


# What cannot be had


def test_groups_that_are_none() -> None:
    with pytest.raises(DataError, match=r"none of the 3 group\(s\) has; 1 person\(s\)"):
        grouped([1, 2, 3, nan], [0, 1, 2, 2])
    with pytest.raises(StudyError, match="one group code"):
        grouped([1, 2], [0, 1, 2])
    with pytest.raises(StudyError, match="whole numbers"):
        grouped([1, 2], [0.0, 1.0])
    with pytest.raises(StudyError, match="at least one item"):
        grouped(np.empty((3, 0)), [0, 0, 0])


def test_one_group_has_agreement_only() -> None:
    data = grouped([3, 4, 4, 1], [7, 7, 7, 2])
    found = rwg(data, UNIFORM)
    # By hand: variance 1/3 over 2.
    assert found.values.tolist() == pytest.approx([5 / 6], rel=1e-12)
    assert (found.n, data.alone, found.method) == (1, 1, "none: fewer than two groups")
    assert isnan(found.conf_low)
    assert isnan(found.sd)
    for estimate in (anova_reliability, mixed_reliability):
        with pytest.raises(DataError, match=r"there is 1; 1 group\(s\) of one"):
            estimate(data)
    with pytest.raises(DataError, match="there is 1"):
        random_group_resampling(data, np.random.default_rng(1))
    with pytest.raises(DataError, match="there is 1"):
        within_and_between([1, 2, 3], [1, 3, 2], [0, 0, 0])


def test_constants() -> None:
    data = grouped(np.full(6, 4.0), [0, 0, 0, 1, 1, 1])
    assert rwg(data, UNIFORM).values.tolist() == [1.0, 1.0]
    # Three members' mean of 4 is above (2 · 5 + 1) / 3; one of 3 is within reach of both ends.
    assert awg(data, 1, 5).undefined == 2
    assert awg(grouped(np.full(3, 3.0), [0, 0, 0]), 1, 5).values.tolist() == [1.0]
    with pytest.raises(DataError, match="all 6 scores are equal"):
        anova_reliability(data)
    with pytest.raises(DataError, match="the second variable does not vary between groups"):
        within_and_between([1, 2, 3, 4], [1, 2, 1, 2], [0, 0, 1, 1])
    with pytest.raises(DataError, match="the first variable does not vary within groups"):
        within_and_between([1, 1, 3, 3], [1, 2, 1, 3], [0, 0, 1, 1])


def test_full_agreement_has_no_restricted_likelihood() -> None:
    data = grouped([1, 1, 3, 3, 4, 4], [0, 0, 1, 1, 2, 2])
    assert anova_reliability(data).icc1_mean.estimate == 1.0
    assert anova_reliability(data).icc2.conf_low == 1.0
    with pytest.raises(FitError, match="no maximum"):
        mixed_reliability(data)


def test_equal_means_of_groups() -> None:
    data = grouped([1, 3, 2, 2, 0, 4], [0, 0, 1, 1, 2, 2])
    found = anova_reliability(data)
    assert found.icc1_mean.estimate == -1.0
    assert found.anova.f == 0.0


def test_many_groups_of_equal_means() -> None:
    data = grouped(np.tile([1.0, 5.0], 30), np.repeat(np.arange(30), 2))
    found = bootstrap_reliability(data, np.random.default_rng(1), 200)
    assert found.icc1_mean.estimate == -1.0
    assert found.icc2.estimate == -np.inf
    assert isnan(found.icc2.conf_low)
    assert isnan(found.icc2.conf_high)


@pytest.mark.parametrize("members", [[2.0, 2.0], [1.0, 5.0]], ids=["same", "opposed"])
def test_what_is_left_without_a_mixed_model(members: list[float]) -> None:
    # Members who agree fully in groups that differ; opposed members in groups that do not.
    differ = np.repeat(np.arange(30) % 3, 2) if members == [2.0, 2.0] else 0.0
    data = grouped(np.tile(members, 30) + differ, np.repeat(np.arange(30), 2))
    found = group_indices(data, (UNIFORM,), 1, 5, rng=np.random.default_rng(1), draws=200)
    assert found.mixed is None
    assert "no maximum" in found.why_no_mixed
    assert found.why_not == ""
    assert found.reliability is not None
    assert abs(found.reliability.icc1_mean.estimate) == 1.0
    assert found.random is not None


def test_few_groups_are_not_resampled() -> None:
    data = grouped([1, 2, 4, 5], [0, 0, 1, 1])
    with pytest.raises(Refused, match="over 2 groups"):
        bootstrap_reliability(data, np.random.default_rng(1))


def test_ratings_off_the_scale() -> None:
    data = grouped([[1, 2], [3, 6], [0, 2], [3, 3]], [0, 0, 1, 1])
    with pytest.raises(DataError, match=r"2 rating\(s\) lie outside .* item\(s\) 1, 2"):
        awg(data, 1, 5)
    with pytest.raises(StudyError, match="lowest option"):
        awg(data, 5, 1)
    with pytest.raises(DataError, match=r"0 are negative and 1 mean\(s\)"):
        coefficient_of_variation(grouped([0, 0, 1, 2], [0, 0, 1, 1]))
    with pytest.raises(StudyError, match="'mean' or 'median'"):
        item_deviations(data, "mode")  # type: ignore[arg-type]
