"""Distances of members who share one role: exact in a normal population, whoever comes first."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dyadkit.agreement.two_members import compare_members

N, SIGMA, DRAWS = 8, 1.7, 4000


def test_distances_do_not_depend_on_who_comes_first() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 30))
    turn = rng.random(30) < 0.5
    swapped = np.where(turn, other, one), np.where(turn, one, other)
    found, again = (compare_members(*pair, within=1.0) for pair in ((one, other), swapped))
    for name in ("tdi", "coverage"):
        for value in ("estimate", "conf_low", "conf_high"):
            expected = getattr(getattr(found, name), value)
            assert getattr(getattr(again, name), value) == pytest.approx(expected, rel=1e-12)


def test_estimates_follow_from_the_root_mean_square() -> None:
    one, other = np.random.default_rng(2).normal(size=(2, 30))
    spread = np.sqrt(np.mean((one - other) ** 2))
    found = compare_members(one, other, within=1.0, share=0.8)
    assert found.tdi.estimate == pytest.approx(stats.norm(0, spread).ppf(0.9), rel=1e-12)
    inside = stats.norm(0, spread).cdf(1) - stats.norm(0, spread).cdf(-1)
    assert found.coverage.estimate == pytest.approx(inside, rel=1e-12)
    wide = spread * np.sqrt(30 / stats.chi2(30).ppf([0.975, 0.025]))
    ends = [found.tdi.conf_low, found.tdi.conf_high]
    assert ends == pytest.approx((stats.norm.ppf(0.9) * wide).tolist(), rel=1e-10)


def test_intervals_cover_in_small_samples_as_they_say() -> None:
    # Differences N(0, σ²), n = 8, 4,000 draws, nominal 95 %: within 3.5 Monte-Carlo errors.
    rng = np.random.default_rng(3)
    truth = stats.norm(0, SIGMA).ppf(0.95)
    share = 2 * stats.norm(0, SIGMA).cdf(1.0) - 1
    held = np.zeros(2)
    for gap in rng.normal(0, SIGMA, (DRAWS, N)):
        middle = rng.normal(0, 3, N)
        found = compare_members(middle + gap / 2, middle - gap / 2, within=1.0)
        held += [
            found.tdi.conf_low <= truth <= found.tdi.conf_high,
            found.coverage.conf_low <= share <= found.coverage.conf_high,
        ]
    error = np.sqrt(0.95 * 0.05 / DRAWS)
    assert np.abs(held / DRAWS - 0.95).max() < 3.5 * error


def test_members_who_agree_fully_are_within_any_distance() -> None:
    found = compare_members([1, 2, 3, 4], [1, 2, 3, 4], within=0.5)
    assert (found.tdi.estimate, found.coverage.estimate) == (0.0, 1.0)
