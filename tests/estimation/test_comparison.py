"""Welch's t and the chi-square test against R, hand arithmetic and identities."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.estimation.comparison import chi_square_independence, welch

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", range(2))
def test_welch_against_r(oracle, agrees, case) -> None:
    # R 4.2.2, t.test(x, y, conf.level = ...); d by its formula. Closed forms: 1e-8 relative.
    reference = oracle["comparison"]["welch"][case]
    x, y = (np.array(reference[name], dtype=float) for name in ("x", "y"))
    agrees(welch(x, y, reference["confidence"]), reference["expected"])
    assert len(reference["expected"]) == 13


@pytest.mark.parametrize("case", range(2))
def test_chi_square_against_r(oracle, agrees, case) -> None:
    # R 4.2.2, chisq.test(table, correct = FALSE).
    reference = oracle["comparison"]["chi_square"][case]
    agrees(chi_square_independence(reference["table"]), reference["expected"])
    assert len(reference["expected"]) == 6


def test_cohens_d_by_hand() -> None:
    # Means 6.5 and 5, sums of squares 5 and 40 on 3 and 4 degrees of freedom.
    assert welch([5, 6, 7, 8], [1, 3, 5, 7, 9]).cohens_d == pytest.approx(
        1.5 / sqrt(45 / 7), rel=1e-13
    )


def test_one_group_may_be_constant() -> None:
    # By hand: the standard error is 1 / sqrt(3) from the second group alone, on its 2 df.
    result = welch([4, 4, 4, 4], [1, 2, 3])
    assert result.statistic == pytest.approx(2 * sqrt(3), rel=1e-13)
    assert result.df == pytest.approx(2, rel=1e-13)
    assert result.sd_x == 0.0


def test_degenerate_groups() -> None:
    with pytest.raises(DataError, match="group 2 has 1"):
        welch([1, 2, 3], [4, np.nan])
    with pytest.raises(DataError, match=r"neither group vary \(3 and 2 equal scores\)"):
        welch([1, 1, 1], [2, 2])


@few
@given(seeds, st.floats(0.1, 10), st.floats(-100, 100))
def test_swap_shuffle_and_unit(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=12), rng.normal(0.5, 2, size=9)
    base, swapped = welch(x, y), welch(y, x)
    assert swapped.statistic == pytest.approx(-base.statistic, rel=1e-9, abs=1e-12)
    assert swapped.conf_low == pytest.approx(-base.conf_high, rel=1e-9, abs=1e-12)
    other = welch(shift + scale * rng.permutation(x), shift + scale * y)
    assert other.difference == pytest.approx(scale * base.difference, rel=1e-9, abs=1e-10)
    for field in ("statistic", "df", "p_value", "cohens_d"):
        assert getattr(other, field) == pytest.approx(getattr(base, field), rel=1e-9, abs=1e-11)


def test_scores_far_from_zero_lose_nothing() -> None:
    x, y = np.array([1.0, 4, 2, 5]), np.array([3.0, 6, 7, 4, 8])
    near, far = welch(x, y), welch(x + 1e9, y + 1e9)
    for field in ("difference", "statistic", "df", "p_value", "cohens_d", "sd_x"):
        assert getattr(far, field) == pytest.approx(getattr(near, field), rel=1e-13)


def test_empty_rows_and_columns_say_nothing() -> None:
    full = chi_square_independence([[30, 10], [20, 40]])
    assert chi_square_independence([[30, 0, 10], [0, 0, 0], [20, 0, 40]]) == full


def test_perfect_association_and_transposition() -> None:
    assert chi_square_independence([[7, 0], [0, 5]]).cramers_v == pytest.approx(1.0, rel=1e-14)
    table = np.array([[5, 9, 3], [8, 2, 6]])
    one, other = chi_square_independence(table), chi_square_independence(table.T[::-1])
    assert other.statistic == pytest.approx(one.statistic, rel=1e-13)
    assert other.cramers_v == pytest.approx(one.cramers_v, rel=1e-13)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2], [np.nan, 3]], "a cell is missing or negative"),
        ([[1, -2], [4, 3]], "a cell is missing or negative"),
        ([[1, 2], [0, 0]], r"1 row\(s\) and 2 column\(s\)"),
        ([[0, 0], [0, 0]], r"0 row\(s\)"),
    ],
)
def test_impossible_tables(table, message) -> None:
    with pytest.raises(DataError, match=message):
        chi_square_independence(table)
