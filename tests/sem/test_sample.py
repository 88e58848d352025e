"""Moments per group and pattern, against numpy on the rows themselves."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.sem.sample import mean_and_scatter, records_of, sample_of_moments

few = settings(max_examples=25, derandomize=True, deadline=None)


def incomplete(seed: int, n: int = 40, p: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p)) * [1, 10, 0.1, 1] + [0, 1e4, 3, -5]
    holes = rng.random((n, p)) < 0.3
    holes[holes.all(axis=1)] = False
    return np.where(holes, np.nan, values)


@few
@given(st.integers(0, 10**6), st.booleans())
def test_each_set_has_the_moments_of_its_rows(seed: int, grouped: bool) -> None:
    values = incomplete(seed)
    group = np.random.default_rng(seed).integers(2, size=40) if grouped else None
    if grouped:
        group[:2] = [0, 1]
    sample = records_of(values, group).sample()
    assert sample.n.tolist() == [40]
    labels = np.zeros(40, dtype=int) if group is None else group
    for number, (has, label) in enumerate(zip(sample.observed, sample.group, strict=True)):
        rows = values[(labels == label) & ((~np.isnan(values)) == has).all(axis=1)][:, has]
        assert sample.counts[0, number] == len(rows)
        np.testing.assert_allclose(sample.means[0, number, has], rows.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(
            sample.scatter[0, number][np.ix_(has, has)],
            np.cov(rows.T, bias=True) if len(rows) > 1 else np.zeros((has.sum(), has.sum())),
            rtol=1e-9,
            atol=1e-11,
        )


@few
@given(st.integers(0, 10**6))
def test_weights_are_copies_of_rows(seed: int) -> None:
    values = incomplete(seed)
    weights = np.random.default_rng(seed).multinomial(40, np.full(40, 1 / 40), size=3)
    weighted = records_of(values).weighted(weights)
    for number, counts in enumerate(weights):
        copied = records_of(np.repeat(values, counts, axis=0)).sample()
        kept = weighted.counts[number] > 0
        order = {tuple(has): place for place, has in enumerate(copied.observed.tolist())}
        places = [order[tuple(has)] for has in weighted.observed[kept].tolist()]
        assert weighted.counts[number, kept].tolist() == copied.counts[0, places].tolist()
        np.testing.assert_allclose(
            weighted.means[number, kept], copied.means[0, places], rtol=1e-11, atol=1e-11
        )
        np.testing.assert_allclose(
            weighted.scatter[number, kept], copied.scatter[0, places], rtol=1e-8, atol=1e-9
        )


def test_one_pass_is_accurate_far_from_zero() -> None:
    # The variance of 1e8 + {0, 1, 2} is 2/3: a naive sum of squares would lose every digit.
    values = np.tile(1e8 + np.array([[0.0], [1.0], [2.0]]), (10_000, 1))
    mean, scatter = mean_and_scatter(values)
    assert mean[0] == 1e8 + 1.0
    np.testing.assert_allclose(scatter, [[2 / 3]], rtol=1e-10)


def test_blocks_do_not_show() -> None:
    values = np.random.default_rng(5).normal(size=(20_001, 3))
    mean, scatter = mean_and_scatter(values)
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(scatter, np.cov(values.T, bias=True), rtol=1e-12)


def test_moments_as_passed() -> None:
    sample = sample_of_moments([10], [np.array([1.0, 2.0])], [np.eye(2)])
    assert sample.complete
    assert sample.n_groups == 1
    assert sample.repeated(3).counts.tolist() == [[10.0]] * 3
