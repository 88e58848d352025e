"""`describe` against R, hand arithmetic and affine identities."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.estimation.moments import describe

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", range(3))
def test_against_r(oracle, agrees, case) -> None:
    # R 4.2.2: mean, sd, quantile(type = 7), G1 by formula. Closed forms: 1e-8 relative.
    reference = oracle["moments"][case]
    x = np.array(reference["x"], dtype=float)
    agrees(describe(x), reference["expected"])
    assert len(reference["expected"]) == 10


def test_skewness_by_hand() -> None:
    # Deviations -3 -1 -1 0 5: m2 = 36/5, m3 = 96/5, so G1 = 19.2 / 7.2^1.5 * sqrt(20) / 3.
    assert describe([2, 4, 4, 5, 10]).skewness == pytest.approx(
        19.2 / 7.2**1.5 * 20**0.5 / 3, rel=1e-13
    )


def test_one_score_has_no_spread() -> None:
    one = describe([4.0, np.nan])
    assert (one.n, one.mean, one.median) == (1, 4.0, 4.0)
    assert isnan(one.sd)
    assert isnan(one.std_error)
    assert isnan(one.skewness)


def test_equal_scores_have_no_skewness() -> None:
    same = describe([0.1 + 0.2, 0.3, 0.3])
    assert (same.sd, same.std_error) == (0.0, 0.0)
    assert isnan(same.skewness)


def test_two_scores_have_no_skewness() -> None:
    assert isnan(describe([1, 2]).skewness)


@pytest.mark.parametrize("scores", [[], [np.nan, np.nan]])
def test_nothing_to_describe(scores) -> None:
    with pytest.raises(DataError, match="every one of the scores is missing"):
        describe(scores)


@few
@given(seeds, st.floats(0.01, 100), st.floats(-1000, 1000))
def test_affine_change_of_unit(seed: int, scale: float, shift: float) -> None:
    x = np.random.default_rng(seed).gamma(2.0, size=17)
    old, new, turned = describe(x), describe(shift + scale * x), describe(shift - scale * x)
    # Adding 1000 to scores of scale 0.01 costs five of sixteen digits.
    assert new.sd == pytest.approx(scale * old.sd, rel=1e-9)
    assert new.skewness == pytest.approx(old.skewness, rel=1e-7, abs=1e-8)
    assert turned.skewness == pytest.approx(-old.skewness, rel=1e-7, abs=1e-8)
    assert turned.q10 == pytest.approx(shift - scale * old.q90, rel=1e-9, abs=1e-9)


@few
@given(seeds)
def test_order_and_missing_scores_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=21)
    padded = np.insert(rng.permutation(x), [0, 5], np.nan)
    for field, value in asdict(describe(x)).items():
        assert getattr(describe(padded), field) == pytest.approx(value, rel=1e-12, abs=1e-13)


def test_scores_far_from_zero_lose_nothing() -> None:
    # Integers stay exact at 1e9, so only the arithmetic can lose digits; it must not.
    x = np.array([1.0, 5, 2, 7, 3, 3, 6])
    near, far = describe(x), describe(x + 1e9)
    assert far.sd == pytest.approx(near.sd, rel=1e-14)
    assert far.skewness == pytest.approx(near.skewness, rel=1e-13)


@pytest.mark.parametrize("unit", [1e-200, 1e120])
def test_units_of_any_size(unit: float) -> None:
    x = np.array([1.0, 5, 2, 7, 3, 3, 6])
    assert describe(x * unit).skewness == pytest.approx(describe(x).skewness, rel=1e-12)
    assert describe(x * unit).sd == pytest.approx(unit * describe(x).sd, rel=1e-12)


def test_the_result_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        describe([1, 2, 3]).n = 4
