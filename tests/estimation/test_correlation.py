"""Pearson correlations against R, exact fractions, published couples and identities."""

from __future__ import annotations

from fractions import Fraction
from math import inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.estimation.correlation import fisher_interval, pearson, pearson_matrix

few = settings(max_examples=25, derandomize=True, deadline=None)
seeds = st.integers(0, 10**6)


@pytest.mark.parametrize("case", range(3))
def test_against_r(oracle, agrees, case) -> None:
    # R 4.2.2, cor.test(x, y, conf.level = ...). Closed forms: 1e-8 relative.
    reference = oracle["correlation"][case]
    x, y = (np.array(reference[name], dtype=float) for name in ("x", "y"))
    agrees(pearson(x, y, reference["confidence"]), reference["expected"])
    assert len(reference["expected"]) == 7


def test_matrix_against_r(oracle) -> None:
    # R 4.2.2, cor(use = "pairwise.complete.obs") and cor.test of each pair.
    reference = oracle["correlation_matrix"]
    matrix = pearson_matrix(np.array(reference["values"], dtype=float))
    np.testing.assert_allclose(matrix.estimate, reference["estimate"], rtol=1e-8)
    np.testing.assert_array_equal(matrix.n, reference["n"])
    rows, columns = np.array(reference["lower"]).T - 1
    np.testing.assert_allclose(matrix.p_value[rows, columns], reference["p_value"], rtol=1e-8)
    np.testing.assert_array_equal(matrix.p_value, matrix.p_value.T)


def test_acitelli_couples(with_moments) -> None:
    # Satisfaction of 148 husbands and wives; published moments, published r .6234 (four digits).
    couples = with_moments(148, [3.6182, 3.5912], [0.4618, 0.5300], [[1, 0.6234], [0.6234, 1]])
    assert pearson(couples[:, 0], couples[:, 1]).estimate == pytest.approx(0.6234, abs=5e-5)


def exact_statistics(x: list[int], y: list[int]) -> tuple[float, float]:
    """Return r squared and t squared in exact rational arithmetic, rounded once."""
    n = len(x)
    mean_x, mean_y = Fraction(sum(x), n), Fraction(sum(y), n)
    xy = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    r2 = xy**2 / (sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y))
    return float(r2), float((n - 2) * r2 / (1 - r2))


@pytest.mark.parametrize(
    ("offset", "step"),
    [(0, 1), (10**9, 1), (10**15, 1), (0, 10**6)],
    ids=["plain", "billion", "quadrillion", "almost one"],
)
def test_badly_scaled_integers_against_exact_fractions(offset: int, step: int) -> None:
    x = [offset + step * i for i in range(12)]
    y = [value + (1 if i % 3 == 0 else 0) for i, value in enumerate(x)]
    r2, t2 = exact_statistics(x, y)
    result = pearson(x, y)
    assert result.estimate**2 == pytest.approx(r2, rel=1e-15)
    # With step 1e6, 1 - r * r is 2e-14: taken as such it would keep two digits.
    assert result.statistic**2 == pytest.approx(t2, rel=1e-6)


@pytest.mark.parametrize("slope", [2.0, -0.5])
def test_perfect_lines(slope: float) -> None:
    line = pearson([1, 2, 3, 4, 5], [slope * value + 3 for value in (1, 2, 3, 4, 5)])
    sign = 1.0 if slope > 0 else -1.0
    assert (line.estimate, line.conf_low, line.conf_high) == (sign, sign, sign)
    assert line.statistic == sign * inf
    assert line.p_value == 0.0


def test_three_pairs_have_a_test_but_no_interval() -> None:
    # By hand: deviations (-1, 0, 1) and (-1, 1, 0) give r = 1/2 and t = r / sqrt(1 - r^2) on 1
    # degree of freedom, whose two-sided p is 1 - 2 atan(t) / pi.
    result = pearson([1, 2, 3], [1, 3, 2])
    t = 0.5 / sqrt(0.75)
    assert result.estimate == pytest.approx(0.5, rel=1e-14)
    assert result.p_value == pytest.approx(1 - 2 * np.arctan(t) / np.pi, rel=1e-12)
    assert isnan(result.conf_low)
    assert isnan(result.conf_high)


def test_too_few_pairs() -> None:
    with pytest.raises(DataError, match="at least 3 complete pairs of scores, but 2 are left"):
        pearson([1, 2, np.nan], [1, 3, 2])


def test_no_variance_in_the_complete_pairs() -> None:
    with pytest.raises(DataError, match="variable 2 has no variance in the 3 complete pairs"):
        pearson([1, 2, 3, np.nan], [4, 4, 4, 9])


def test_fisher_interval_by_hand() -> None:
    # artanh(.5) = .549306; 1.959964 / sqrt(25) = .391993; tanh(.157313) and tanh(.941299).
    low, high = fisher_interval(np.arctanh(0.5), 0.2, 0.95)
    assert (low, high) == pytest.approx((0.156028, 0.735818), abs=1e-6)


@few
@given(seeds, st.floats(0.1, 10), st.floats(-100, 100))
def test_swap_shuffle_and_unit(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 15)) + rng.normal(size=15)
    y[3] = np.nan
    base = pearson(x, y)
    order = rng.permutation(15)
    for other in (pearson(y, x), pearson(x[order], y[order]), pearson(shift + scale * x, y)):
        assert other.estimate == pytest.approx(base.estimate, rel=1e-10, abs=1e-12)
        assert other.p_value == pytest.approx(base.p_value, rel=1e-8)
        assert other.n == 14
    turned = pearson(8 - x, y)
    assert turned.estimate == pytest.approx(-base.estimate, rel=1e-10, abs=1e-12)
    assert turned.conf_low == pytest.approx(-base.conf_high, rel=1e-9, abs=1e-12)


@few
@given(seeds)
def test_matrix_is_pearson_of_each_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(20, 4)) + rng.normal(size=(20, 1)) + [0, 50, 1e6, -3]
    values[rng.random(values.shape) < 0.2] = np.nan
    matrix = pearson_matrix(values)
    for i in range(4):
        for j in range(i):
            pair = pearson(values[:, i], values[:, j])
            assert matrix.estimate[i, j] == pytest.approx(pair.estimate, rel=1e-10, abs=1e-10)
            assert matrix.p_value[i, j] == pytest.approx(pair.p_value, rel=1e-8)
            assert matrix.n[i, j] == pair.n
    np.testing.assert_array_equal(np.diag(matrix.estimate), 1.0)


def test_matrix_where_a_pair_has_no_variance_or_too_few_rows() -> None:
    nan = np.nan
    values = np.array(
        [
            [1, 2, 5, nan],
            [2, 1, 5, nan],
            [3, 5, 5, nan],
            [4, nan, 7, 1],
            [5, nan, 2, 2],
        ]
    )
    matrix = pearson_matrix(values)
    assert isnan(matrix.estimate[1, 2])
    assert isnan(matrix.p_value[1, 2])
    assert isnan(matrix.estimate[0, 3])
    assert matrix.n[1, 2] == 3
    assert matrix.n[0, 3] == 2
    assert matrix.n[1, 3] == 0
    # By hand: 1, 2, 3 with 2, 1, 5 deviate by (-1, 0, 1) and (-2, -5, 7) / 3.
    assert matrix.estimate[0, 1] == pytest.approx(3 / sqrt(2 * 78 / 9), rel=1e-12)


def test_matrix_pair_far_from_its_column_means() -> None:
    # The rows both variables share lie a million away from the rest: sums of squares about the
    # column means would lose the small variation among them.
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, 2))
    values[:30] += 1e6
    values[30:45, 0] = np.nan
    values[45:, 1] = np.nan
    pair = pearson(values[:, 0], values[:, 1])
    assert pearson_matrix(values).estimate[0, 1] == pytest.approx(pair.estimate, rel=1e-10)


def test_matrix_far_from_zero_loses_nothing() -> None:
    # Integers stay exact at 1e9.
    values = np.random.default_rng(2).integers(1, 8, size=(30, 3)).astype(float)
    values[[0, 4], [1, 2]] = np.nan
    near, far = pearson_matrix(values), pearson_matrix(values + 1e9)
    np.testing.assert_allclose(far.estimate, near.estimate, rtol=1e-12)


def test_matrix_of_a_constant_and_of_an_empty_column() -> None:
    values = np.array([[1.0, 3, np.nan], [2, 3, np.nan], [4, 3, np.nan], [3, 3, np.nan]])
    matrix = pearson_matrix(values)
    assert np.isnan(matrix.estimate[1]).all()
    assert np.isnan(matrix.estimate[2]).all()
    assert matrix.estimate[0, 0] == 1.0
    assert matrix.n.tolist() == [[4, 4, 0], [4, 4, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="read-only"):
        matrix.estimate[0, 0] = 0.0
