"""Ratings by categories: what is counted, what is refused, and the weights of categories."""

from __future__ import annotations

from math import comb, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyadkit.agreement.category_counts import count_categories, weights_of
from dyadkit.errors import DataError, StudyError

few = settings(max_examples=60, derandomize=True, deadline=None)


@few
@given(
    st.integers(0, 10**6),
    st.integers(2, 6),
    st.sampled_from(
        [
            [0.0, 1.0],
            [1.0, 2.0, 5.0],
            [-2.999, -0.999, 0.001],
            [-3.0, 0.5, 0.6, 7e3],
            list(range(40)),
        ]
    ),
    st.booleans(),
)
def test_counts_and_patterns_by_brute_force(seed, raters, codes, declared) -> None:
    rng = np.random.default_rng(seed)
    ratings = rng.choice(np.array(codes, dtype=float), size=(30, raters))
    ratings[rng.random(ratings.shape) < 0.2] = nan
    ratings[:2] = codes[0]
    order = rng.permutation(codes) if declared else np.unique(ratings[~np.isnan(ratings)])
    counted = count_categories(ratings, order.tolist() if declared else None)
    rated = ratings[~np.isnan(ratings).all(axis=1)]
    by_hand = np.array([[(row == code).sum() for code in order] for row in rated])
    np.testing.assert_array_equal(counted.values, order)
    np.testing.assert_array_equal(counted.counts, by_hand)
    named = np.append(order, nan)[counted.places]
    np.testing.assert_array_equal(named, rated)
    rows, times = np.unique(by_hand, axis=0, return_counts=True)
    order_of = np.lexsort(counted.patterns.T[::-1])
    np.testing.assert_array_equal(counted.patterns[order_of], rows)
    np.testing.assert_array_equal(counted.times[order_of], times)
    assert counted.n == (by_hand.sum(axis=1) > 1).sum()
    assert counted.raters == raters
    if raters == 2:
        both = rated[~np.isnan(rated).any(axis=1)]
        table = [[((both == [a, b]).all(axis=1)).sum() for b in order] for a in order]
        np.testing.assert_array_equal(counted.table, table)


def test_what_came_in_is_not_changed() -> None:
    ratings, categories = np.array([[1.0, 2.0], [2.0, nan], [2.0, 2.0]]), np.array([1.0, 2.0])
    counted = count_categories(ratings, categories)
    np.testing.assert_array_equal(ratings, [[1.0, 2.0], [2.0, nan], [2.0, 2.0]])
    assert ratings.flags.writeable
    assert categories.flags.writeable
    for array in (counted.places, counted.values, counted.patterns, counted.times):
        assert not array.flags.writeable


@pytest.mark.parametrize(
    ("ratings", "categories", "error", "message"),
    [
        ([[1], [2]], None, DataError, "at least 2 raters, one in each column, but there are 1"),
        ([[1, nan], [2, nan]], None, DataError, "Of 2 raters 1 rated nothing: number 2"),
        ([[nan, nan], [nan, nan]], None, DataError, "Of 2 raters 2 rated nothing: number 1.+2"),
        ([[1, 1], [2, nan]], None, DataError, "of 2 units 1 were"),
        ([[1, nan], [nan, 2]], None, DataError, "of 2 units 0 were"),
        ([[1, 4], [2, 4], [1, 2]], [1, 2, 3], DataError, r"2 rating\(s\) are none of the .+ 4"),
        ([[1, 1.5], [2, 1]], [1, 2, 3], DataError, r"1 rating\(s\) are none of the .+ 1\.5"),
        ([[1, np.inf], [2, 1]], None, DataError, "infinite"),
        ([[1, 2], [2, 1]], [1, 2, 2], StudyError, "some twice"),
        ([[1, 2], [2, 1]], [1, 2, nan], StudyError, "finite numbers"),
        ([[1, 2], [2, 1]], [[1, 2]], StudyError, "finite numbers"),
        ([1, 2], None, StudyError, "2 dimension"),
    ],
)
def test_what_cannot_be_counted(ratings, categories, error, message) -> None:
    with pytest.raises(error, match=message):
        count_categories(ratings, categories)


def test_weights() -> None:
    values = np.array([1.0, 2.0, 4.0])
    np.testing.assert_array_equal(weights_of("unweighted", values), np.eye(3))
    np.testing.assert_allclose(weights_of("linear", values)[0], [1, 2 / 3, 0], rtol=1e-15)
    np.testing.assert_allclose(weights_of("quadratic", values)[1], [8 / 9, 1, 5 / 9], rtol=1e-15)
    # Gwet's (2014) ordinal weights of five categories.
    first = [1 - comb(k, 2) / comb(5, 2) for k in range(1, 6)]
    np.testing.assert_allclose(weights_of("ordinal", np.arange(5.0))[0], first, rtol=1e-15)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("cubic", "'cubic' is not known"),
        ([[1, 0], [0, 1]], "symmetric matrix of 3 by 3"),
        ([[1, 0.5, 0], [0, 1, 0], [0, 0, 1]], "symmetric matrix"),
        ([[1, nan, 0], [nan, 1, 0], [0, 0, 1]], "symmetric matrix"),
        ([[0, 1, 4], [1, 0, 1], [4, 1, 0]], "1 on the diagonal"),
        ([[1, 2, 0], [2, 1, 0], [0, 0, 1]], "nowhere above 1"),
    ],
)
def test_what_are_no_weights(weights, message) -> None:
    with pytest.raises(StudyError, match=message):
        weights_of(weights, np.array([1.0, 2.0, 3.0]))
