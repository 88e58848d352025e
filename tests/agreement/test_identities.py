"""What must not matter to two ratings: who is first, origin, direction, the sample twice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from dyadkit.agreement.chance_pairs import chance_shares
from dyadkit.agreement.two_members import compare_members
from dyadkit.agreement.two_ratings import TwoRatings, compare_ratings
from dyadkit.estimation.intraclass import icc_mean_squares
from dyadkit.estimation.rank_correlation import mid_ranks

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


def ratings(seed: int, n: int = 25) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=n)
    return np.round(4 + shared + rng.normal(size=n), 1), np.round(
        4.3 + shared + 1.4 * rng.normal(size=n), 1
    )


def unsigned(found: TwoRatings) -> list[float]:
    """Return what does not depend on who is first, nor on origin and direction."""
    assert found.coverage is not None
    assert found.equivalence is not None
    parts = [*found.icc.forms, found.concordance, found.r, found.rho, found.tdi, found.coverage]
    values = [value for part in parts for value in (part.estimate, part.conf_low, part.conf_high)]
    values += [found.concordance.bias_factor, found.limits.sd, found.limits.slope_p]
    return [*values, found.difference.p_value, found.equivalence.p_value]


def compared(first: np.ndarray, second: np.ndarray) -> TwoRatings:
    return compare_ratings(first, second, margin=0.6, within=1.0)


@few
@given(seeds)
def test_swapping_raters(seed: int) -> None:
    first, second = ratings(seed)
    one, other = compared(first, second), compared(second, first)
    np.testing.assert_allclose(unsigned(one), unsigned(other), rtol=1e-9, atol=1e-12)
    assert one.difference.estimate == pytest.approx(-other.difference.estimate, rel=1e-12)
    assert one.difference.d_av_low == pytest.approx(-other.difference.d_av_high, rel=1e-7)
    assert one.limits.lower_low == pytest.approx(-other.limits.upper_high, rel=1e-9)
    assert one.concordance.scale_shift == pytest.approx(1 / other.concordance.scale_shift)
    assert one.limits.slope == pytest.approx(-other.limits.slope, rel=1e-9)


@few
@given(seeds, st.sampled_from([-3.0, 17.0, 1e5]))
def test_adding_a_constant_to_both(seed: int, constant: float) -> None:
    first, second = ratings(seed)
    one, other = compared(first, second), compared(first + constant, second + constant)
    np.testing.assert_allclose(unsigned(one), unsigned(other), rtol=1e-6, atol=1e-9)
    assert one.limits.upper == pytest.approx(other.limits.upper, rel=1e-9)


@few
@given(seeds)
def test_reversing_the_scale(seed: int) -> None:
    first, second = ratings(seed)
    one, other = compared(first, second), compared(8 - first, 8 - second)
    np.testing.assert_allclose(unsigned(one), unsigned(other), rtol=1e-9, atol=1e-12)
    assert one.difference.d_z == pytest.approx(-other.difference.d_z, rel=1e-9)


@few
@given(seeds)
def test_doubling_the_unit_doubles_distances_and_nothing_else(seed: int) -> None:
    first, second = ratings(seed)
    one = compared(first, second)
    other = compare_ratings(2 * first, 2 * second, margin=1.2, within=2.0)
    assert other.tdi.estimate == pytest.approx(2 * one.tdi.estimate, rel=1e-12)
    assert one.coverage is not None
    assert other.coverage is not None
    assert other.coverage.estimate == pytest.approx(one.coverage.estimate, rel=1e-12)
    assert other.difference.d_av == pytest.approx(one.difference.d_av, rel=1e-12)
    assert other.icc.single_agreement.estimate == pytest.approx(
        one.icc.single_agreement.estimate, rel=1e-12
    )


@few
@given(seeds)
def test_the_sample_twice_gives_the_estimates_of_divisor_n_again(seed: int) -> None:
    first, second = ratings(seed)
    one, twice = compared(first, second), compared(np.tile(first, 2), np.tile(second, 2))
    for part in ("concordance", "r", "rho"):
        assert getattr(twice, part).estimate == pytest.approx(
            getattr(one, part).estimate, rel=1e-12
        )
    assert twice.difference.estimate == pytest.approx(one.difference.estimate, rel=1e-12)


@few
@given(seeds)
def test_members_may_change_places_dyad_by_dyad(seed: int) -> None:
    first, second = ratings(seed)
    turned = np.random.default_rng(seed).random(first.size) < 0.5
    one = compare_members(first, second, within=1.0)
    other = compare_members(
        np.where(turned, second, first), np.where(turned, first, second), within=1.0
    )
    for part in ("icc", "icc_of_mean", "r", "tdi", "coverage"):
        assert getattr(one, part).estimate == pytest.approx(
            getattr(other, part).estimate, rel=1e-9
        ), part
    assert one.limits.upper == pytest.approx(-one.limits.lower, rel=1e-12)
    alike = icc_mean_squares(np.column_stack([first, second]))
    assert one.icc.estimate == pytest.approx(alike.estimate, rel=1e-10)
    assert one.icc.conf_low == pytest.approx(alike.conf_low, rel=1e-9)


def test_the_two_corrections_of_concordance_multiply_to_it() -> None:
    first, second = ratings(3)
    found = compared(first, second).concordance
    assert found.estimate == pytest.approx(found.r * found.bias_factor, rel=1e-12)
    u, v = found.location_shift, found.scale_shift
    assert found.bias_factor == pytest.approx(2 / (v + 1 / v + u * u), rel=1e-12)


def test_equal_ratings_agree_perfectly() -> None:
    first, _ = ratings(3)
    found = compare_ratings(first, first, within=0.5, margin=0.1)
    assert found.concordance.estimate == 1.0
    assert found.icc.single_agreement.estimate == 1.0
    assert found.icc.single_agreement.conf_low == 1.0
    assert found.limits.lower == found.limits.upper == 0.0
    assert found.coverage is not None
    assert found.coverage.estimate == 1.0
    assert found.tdi.estimate == 0.0


@few
@given(seeds)
def test_random_pairs_against_all_pairs(seed: int) -> None:
    first, second = ratings(seed, n=12)
    every = np.abs(first[:, np.newaxis] - second)
    apart = every[~np.eye(12, dtype=bool)]
    distances = [0.0, 0.5, 1.0, 3.0]
    expected = [float((apart <= distance + 1e-9).mean()) for distance in distances]
    np.testing.assert_allclose(chance_shares(first, second, distances), expected, rtol=1e-12)


@few
@given(seeds, st.integers(1, 4))
def test_ranks_of_a_lattice_and_of_anything(seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.normal(size=40) * parts) / parts
    np.testing.assert_array_equal(mid_ranks(values), rankdata(values))
