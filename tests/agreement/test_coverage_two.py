"""How often the intervals of two ratings hold the truth: 4,000 samples a cell.

A deviation of 3.5 Monte-Carlo standard errors from the nominal 95 % is allowed (1.2 points).
"""

from __future__ import annotations

from collections.abc import Callable
from math import asin, pi, sqrt

import numpy as np
import pytest
from scipy.special import chndtrix, ndtr

from dyadkit.agreement.intraclass import intraclass_correlations
from dyadkit.agreement.self_other import self_other_categories
from dyadkit.agreement.two_members import compare_members
from dyadkit.agreement.two_ratings import TwoRatings, compare_ratings

DRAWS, N = 4_000, 120
ALLOWED = 3.5 * sqrt(0.95 * 0.05 / DRAWS)
# Means, standard deviations and correlation of the two ratings.
WORLDS = {
    "alike": (0.0, 0.0, 1.0, 1.0, 0.6),
    "shifted": (0.0, 0.4, 1.0, 1.3, 0.4),
    "opposed": (0.0, 0.2, 1.0, 0.9, -0.3),
}
WITHIN, SHARE = 1.0, 0.9

Interval = Callable[[TwoRatings], tuple[float, float]]


def truths(world: str) -> dict[str, float]:
    one, other, s1, s2, r = WORLDS[world]
    mean, sd = one - other, sqrt(s1 * s1 + s2 * s2 - 2 * r * s1 * s2)
    return {
        "mean difference": mean,
        "d_av": mean / sqrt((s1 * s1 + s2 * s2) / 2),
        "d_z": mean / sd,
        "r": r,
        "rho": 6.0 / pi * asin(r / 2.0),
        "CCC": 2 * r * s1 * s2 / (s1 * s1 + s2 * s2 + mean * mean),
        "upper limit": mean + 1.959963984540054 * sd,
        "lower limit": mean - 1.959963984540054 * sd,
        "slope": 2 * (s1 * s1 - s2 * s2) / (s1 * s1 + s2 * s2 + 2 * r * s1 * s2),
        "TDI": sd * sqrt(float(chndtrix(SHARE, 1.0, (mean / sd) ** 2))),
        "coverage": float(ndtr((WITHIN - mean) / sd) - ndtr((-WITHIN - mean) / sd)),
        "ICC(C,1)": 2 * r * s1 * s2 / (s1 * s1 + s2 * s2),
    }


INTERVALS: dict[str, Interval] = {
    "mean difference": lambda f: (f.difference.conf_low, f.difference.conf_high),
    "d_av": lambda f: (f.difference.d_av_low, f.difference.d_av_high),
    "d_z": lambda f: (f.difference.d_z_low, f.difference.d_z_high),
    "r": lambda f: (f.r.conf_low, f.r.conf_high),
    "rho": lambda f: (f.rho.conf_low, f.rho.conf_high),
    "CCC": lambda f: (f.concordance.conf_low, f.concordance.conf_high),
    "upper limit": lambda f: (f.limits.upper_low, f.limits.upper_high),
    "lower limit": lambda f: (f.limits.lower_low, f.limits.lower_high),
    "slope": lambda f: (f.limits.slope_low, f.limits.slope_high),
    "TDI": lambda f: (f.tdi.conf_low, f.tdi.conf_high),
    "coverage": lambda f: (f.coverage.conf_low, f.coverage.conf_high),
    "ICC(C,1)": lambda f: (f.icc.single_consistency.conf_low, f.icc.single_consistency.conf_high),
}
# Exact only where both ratings vary alike: McGraw and Wong's model has one error variance.
ONE_VARIANCE = {"ICC(C,1)"}


def drawn(world: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    one, other, s1, s2, r = WORLDS[world]
    z = rng.normal(size=(2, N))
    return one + s1 * z[0], other + s2 * (r * z[0] + sqrt(1 - r * r) * z[1])


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_intervals_of_two_ratings(world: str) -> None:
    rng = np.random.default_rng(20260101)
    expected = truths(world)
    held = dict.fromkeys(INTERVALS, 0)
    for _ in range(DRAWS):
        found = compare_ratings(*drawn(world, rng), within=WITHIN, share=SHARE)
        for name, interval in INTERVALS.items():
            low, high = interval(found)
            held[name] += low <= expected[name] <= high
    shares = {name: count / DRAWS for name, count in held.items()}
    outside = {
        name: share
        for name, share in shares.items()
        if abs(share - 0.95) > ALLOWED and not (name in ONE_VARIANCE and world != "alike")
    }
    assert not outside, shares


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("raters", [2, 5])
def test_intervals_of_intraclass_correlations(share: float, raters: int) -> None:
    # Targets and raters at random: a two-way model with rater variance .1 beside.
    rng = np.random.default_rng(7)
    between, lenient = share, 0.1
    error = 1.0 - share - lenient
    expected = {
        "ICC(C,1)": between / (between + error),
        "ICC(A,1)": between / (between + lenient + error),
    }
    held = dict.fromkeys(expected, 0)
    for _ in range(DRAWS):
        ratings = (
            rng.normal(0, sqrt(between), (60, 1))
            + rng.normal(0, sqrt(lenient), raters)
            + rng.normal(0, sqrt(error), (60, raters))
        )
        found = intraclass_correlations(ratings)
        for form in found.forms:
            if form.name in expected:
                held[form.name] += form.conf_low <= expected[form.name] <= form.conf_high
    shares = {name: count / DRAWS for name, count in held.items()}
    assert abs(shares["ICC(C,1)"] - 0.95) <= ALLOWED, shares
    # Satterthwaite's approximation, with one or four degrees of freedom between raters.
    assert abs(shares["ICC(A,1)"] - 0.95) <= 0.02, shares


@pytest.mark.slow
@pytest.mark.parametrize("r", [-0.4, 0.5])
def test_intervals_of_members_of_one_role(r: float) -> None:
    rng = np.random.default_rng(8)
    sd = sqrt(2.0 * (1.0 - r))
    expected = {
        "icc": r,
        "r": r,
        "upper limit": 1.959963984540054 * sd,
        "tdi": sd * sqrt(float(chndtrix(SHARE, 1.0, 0.0))),
        "coverage": float(2.0 * ndtr(WITHIN / sd) - 1.0),
    }
    held = dict.fromkeys(expected, 0)
    for _ in range(DRAWS):
        z = rng.normal(size=(2, N))
        found = compare_members(z[0], r * z[0] + sqrt(1 - r * r) * z[1], within=WITHIN)
        assert found.coverage is not None
        intervals = {
            "icc": found.icc,
            "r": found.r,
            "tdi": found.tdi,
            "coverage": found.coverage,
        }
        for name, result in intervals.items():
            held[name] += result.conf_low <= expected[name] <= result.conf_high
        limits = found.limits
        held["upper limit"] += limits.upper_low <= expected["upper limit"] <= limits.upper_high
    shares = {name: count / DRAWS for name, count in held.items()}
    assert all(abs(share - 0.95) <= ALLOWED for share in shares.values()), shares


@pytest.mark.slow
def test_intervals_of_self_other_shares() -> None:
    # Wilson's interval of a share; the cut is estimated too, which the interval does not know.
    rng = np.random.default_rng(9)
    # Differences of standardised ratings are normal: half a standard deviation to either side.
    expected = (float(ndtr(-0.5)), float(2 * ndtr(0.5) - 1), float(ndtr(-0.5)))
    held = np.zeros(3)
    for _ in range(DRAWS):
        first, second = rng.normal(size=(2, N))
        found = self_other_categories(first, second)
        low, high = np.array(found.conf_low), np.array(found.conf_high)
        held += (low <= expected) & (expected <= high)
    assert (held / DRAWS >= 0.95 - ALLOWED).all(), held / DRAWS
