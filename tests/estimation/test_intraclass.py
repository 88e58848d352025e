"""Intraclass correlations against R, publications, exact fractions and identities."""

from __future__ import annotations

from fractions import Fraction
from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.estimation.intraclass import double_entry, icc_mean_squares

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", range(4))
def test_mean_squares_against_r(oracle, agrees, case) -> None:
    # R 4.2.2, aov(y ~ g) and the F interval written out. Closed forms: 1e-8 relative.
    reference = oracle["intraclass"][case]
    ratings = np.array(reference["ratings"], dtype=float)
    icc = icc_mean_squares(ratings, reference["confidence"])
    agrees(icc, reference["expected"])
    assert len(reference["expected"]) == 11
    # psych 2.2.9, ICC(lmer = FALSE, alpha = .05): always its 95 % interval.
    agrees(icc_mean_squares(ratings, 0.95), reference["psych"])
    # nlme 3.1-162, gls(corCompSymm, REML): an optimum, reached to about 1e-6.
    assert icc.estimate == pytest.approx(reference["gls_reml"], abs=3e-6)


def test_shrout_fleiss_table() -> None:
    # Six targets, four judges (Shrout & Fleiss, 1979, Table 2): ICC(1,1) = .17. The NAG manual's
    # example of its one-way ICC prints for it F 1.79 on 5 and 18, upper tail .165, -.13 to .72.
    table = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    icc = icc_mean_squares(table)
    assert round(icc.estimate, 2) == 0.17
    assert (round(icc.f, 2), icc.df1, icc.df2) == (1.79, 5, 18)
    assert (round(icc.conf_low, 2), round(icc.conf_high, 2)) == (-0.13, 0.72)
    assert icc.p_value / 2 == pytest.approx(0.165, abs=5e-4)


def test_acitelli_couples(with_moments) -> None:
    # Published for 148 couples' satisfaction: mean-square ICC .6185, double entry .6164, residual
    # r of the empty REML model .6185. Moments are rounded to four digits, hence 1e-4.
    couples = with_moments(148, [3.6182, 3.5912], [0.4618, 0.5300], [[1, 0.6234], [0.6234, 1]])
    assert icc_mean_squares(couples).estimate == pytest.approx(0.6185, abs=1e-4)
    assert double_entry(couples[:, 0], couples[:, 1]).estimate == pytest.approx(0.6164, abs=1e-4)


def test_opposites_are_negative_and_significant() -> None:
    # By hand: dyad means 3, 3.5, 3, 2.5 (MSB = 2 * .5 / 3), MSW = (8 + 4.5 + 8 + 4.5) / 4.
    icc = icc_mean_squares([[1, 5], [2, 5], [5, 1], [4, 1]])
    between, within = 2 * 0.5 / 3, 25 / 4
    assert icc.estimate == pytest.approx((between - within) / (between + within), rel=1e-13)
    assert icc.f < 1
    assert icc.p_value < 0.05


def exact_icc(rows: list[list[int]]) -> float:
    n, k = len(rows), len(rows[0])
    means = [Fraction(sum(row), k) for row in rows]
    grand = sum(means) / n
    between = k * sum((m - grand) ** 2 for m in means) / (n - 1)
    within = sum((v - m) ** 2 for row, m in zip(rows, means, strict=True) for v in row)
    within /= n * (k - 1)
    return float((between - within) / (between + (k - 1) * within))


@pytest.mark.parametrize("offset", [0, 10**9, 10**14])
def test_badly_scaled_integers_against_exact_fractions(offset: int) -> None:
    rows = [[offset + a, offset + b] for a, b in [(1, 2), (4, 4), (2, 3), (6, 5), (3, 7)]]
    assert icc_mean_squares(rows).estimate == pytest.approx(exact_icc(rows), rel=1e-13)
    first, second = zip(*rows, strict=True)
    near = double_entry([1, 4, 2, 6, 3], [2, 4, 3, 5, 7])
    assert double_entry(first, second).estimate == pytest.approx(near.estimate, rel=1e-13)


def test_bounds_of_the_coefficient() -> None:
    same = icc_mean_squares([[1, 1], [3, 3], [0.1 + 0.2, 0.3]])
    assert (same.estimate, same.conf_low, same.conf_high) == (1.0, 1.0, 1.0)
    assert (same.f, same.p_value) == (inf, 0.0)
    mirror = icc_mean_squares([[1, 3], [3, 1], [0, 4]])
    assert (mirror.estimate, mirror.conf_low, mirror.conf_high) == (-1.0, -1.0, -1.0)
    assert (mirror.f, mirror.p_value) == (0.0, 0.0)
    twins, mirrored = double_entry([1, 2, 4], [1, 2, 4]), double_entry([1, 3, 0], [3, 1, 4])
    assert (twins.estimate, twins.conf_low, twins.conf_high) == (1.0, 1.0, 1.0)
    assert (mirrored.estimate, mirrored.conf_low, mirrored.conf_high) == (-1.0, -1.0, -1.0)


def test_no_p_value_where_there_is_no_f() -> None:
    # The squares of such scores exceed the largest double, so that F is inf / inf.
    with np.errstate(over="ignore"):
        icc = icc_mean_squares([[1e200, 2e200], [3e200, -1e200], [-2e200, 1e200]])
    assert np.isnan([icc.estimate, icc.f, icc.p_value]).all()


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([[1, 2], [3, np.nan]], r"2 member\(s\) and 1 complete group"),
        ([[1], [2], [3]], r"1 member\(s\)"),
        ([[2, 2], [2, 2]], "all 4 of the scores are equal"),
    ],
)
def test_mean_squares_of_degenerate_scores(ratings, message) -> None:
    with pytest.raises(DataError, match=message):
        icc_mean_squares(ratings)


def test_double_entry_of_degenerate_scores() -> None:
    with pytest.raises(DataError, match="at least 2 complete dyads, but 1 are left"):
        double_entry([1, 2], [3, np.nan])
    with pytest.raises(DataError, match="all 4 of the scores are equal"):
        double_entry([2, 2], [2, 2])


@pytest.mark.parametrize("case", range(2))
def test_double_entry_against_r(oracle, agrees, case) -> None:
    # R 4.2.2: cor(c(a, b), c(b, a)); interval tanh(atanh(r) -/+ z / sqrt(n - 1.5)), Z r sqrt(n).
    reference = oracle["double_entry"][case]
    first, second = (np.array(reference[name], dtype=float) for name in ("first", "second"))
    result = double_entry(first, second, reference["confidence"])
    agrees(result, reference["expected"])
    assert len(reference["expected"]) == 6
    assert result.df == inf
    # nlme 3.1-162, gls(corCompSymm, ML): the same estimate, an optimum reached to about 1e-6.
    assert result.estimate == pytest.approx(reference["gls_ml"], abs=3e-6)


@few
@given(seeds, st.floats(0.1, 10), st.floats(-100, 100))
def test_members_groups_and_unit_do_not_matter(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.normal(size=(12, 3)) + rng.normal(size=(12, 1))
    base = icc_mean_squares(ratings)
    turned = rng.permuted(rng.permutation(ratings), axis=1)
    for other in (turned, shift + scale * ratings, shift - scale * ratings):
        icc = icc_mean_squares(other)
        for field in ("estimate", "conf_low", "conf_high", "f", "p_value"):
            # Shifting scores by 100 units costs them two digits.
            assert getattr(icc, field) == pytest.approx(getattr(base, field), rel=1e-9, abs=1e-10)
    # A change of unit reaches the mean squares as its square.
    assert icc_mean_squares(scale * ratings).ms_within == pytest.approx(scale**2 * base.ms_within)


@few
@given(seeds)
def test_both_estimates_of_dyads_are_functions_of_each_other(seed: int) -> None:
    # MSB / MSW = n / (n - 1) * (1 + r) / (1 - r) for the double-entry r of n dyads.
    rng = np.random.default_rng(seed)
    pair = rng.normal(size=(9, 2)) + rng.normal(size=(9, 1))
    r = double_entry(*pair.T).estimate
    swap = rng.random(9) < 0.5
    pair[swap] = pair[swap][:, ::-1]
    assert double_entry(*pair.T).estimate == pytest.approx(r, rel=1e-11, abs=1e-13)
    assert icc_mean_squares(pair).f == pytest.approx(9 / 8 * (1 + r) / (1 - r), rel=1e-10)


def test_double_entry_interval_covers() -> None:
    # Correlation .4, 30 dyads, 4,000 samples: 95 % within 3.5 Monte-Carlo standard errors plus
    # .006 for the bias of z, -log(n / (n - 1)) / 2, which the interval leaves in.
    rng = np.random.default_rng(20)
    rho, n, samples = 0.4, 30, 4000
    shared = rng.normal(size=(samples, n)) * sqrt(rho)
    a, b = shared + rng.normal(size=(2, samples, n)) * sqrt(1 - rho)
    inside = sum(
        result.conf_low < rho < result.conf_high
        for result in (double_entry(first, second) for first, second in zip(a, b, strict=True))
    )
    assert inside / samples == pytest.approx(0.95, abs=3.5 * sqrt(0.95 * 0.05 / samples) + 0.006)
