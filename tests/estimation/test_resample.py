"""Bootstrap counts and the percentile interval."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np
import pytest

from dyadkit.errors import StudyError
from dyadkit.estimation.resample import bootstrap_weights, percentile_interval


@pytest.mark.parametrize("case", range(4))
def test_percentile_interval_against_r(oracle, case) -> None:
    # R 4.2.2, boot 1.3-28.1, boot:::perc.ci, which boot.ci(type = "perc") calls.
    reference = oracle["percentile"]
    expected = reference["intervals"][case]
    found = percentile_interval(reference["values"], expected["confidence"])
    assert found == pytest.approx(expected["interval"], rel=1e-8)


def test_whole_order_statistics_by_hand() -> None:
    # 999 values, 95 %: number 1000 * .025 and 1000 * .975, in any order, failed draws apart.
    values = np.random.default_rng(3).permutation(np.arange(1.0, 1000.0))
    values = np.insert(values, [0, 500], np.nan)
    assert percentile_interval(values) == pytest.approx((25, 975), abs=1e-9)


def test_fewer_than_two_values_give_no_interval() -> None:
    assert all(isnan(bound) for bound in percentile_interval([1.0, np.nan]))
    assert all(isnan(bound) for bound in percentile_interval([]))


def test_turning_the_values_turns_the_interval() -> None:
    values = np.random.default_rng(4).gamma(2.0, size=150)
    low, high = percentile_interval(values, 0.9)
    assert percentile_interval(5 - values, 0.9) == pytest.approx((5 - high, 5 - low), rel=1e-12)


def test_counts_do_not_depend_on_how_many_are_held() -> None:
    all_at_once = np.concatenate(list(bootstrap_weights(30, 40, np.random.default_rng(9))))
    parts = list(bootstrap_weights(30, 40, np.random.default_rng(9), cells=100))
    assert [part.shape for part in parts] == [(3, 30)] * 13 + [(1, 30)]
    np.testing.assert_array_equal(np.concatenate(parts), all_at_once)


def test_one_sample_may_exceed_the_cells() -> None:
    assert next(bootstrap_weights(50, 2, np.random.default_rng(1), cells=10)).shape == (1, 50)


def test_counts_are_multinomial() -> None:
    # Mean 1, variance 1 - 1/n and covariance -1/n of each count, within 3.5 standard errors of
    # 20,000 draws (the variance of a count's square is below 4).
    n, draws = 5, 20_000
    counts = np.concatenate(list(bootstrap_weights(n, draws, np.random.default_rng(12))))
    assert (counts.sum(axis=1) == n).all()
    allowed = 3.5 * 2 / sqrt(draws)
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=allowed)
    covariance = np.cov(counts.T)
    np.testing.assert_allclose(np.diag(covariance), 1 - 1 / n, atol=allowed)
    np.testing.assert_allclose(covariance[np.triu_indices(n, 1)], -1 / n, atol=allowed)


def test_no_draws() -> None:
    assert list(bootstrap_weights(5, 0, np.random.default_rng(1))) == []


@pytest.mark.parametrize(("n", "draws"), [(0, 5), (5, -1)])
def test_impossible_calls(n: int, draws: int) -> None:
    with pytest.raises(StudyError, match=f"but {n} and {draws} were passed"):
        bootstrap_weights(n, draws, np.random.default_rng(1))
