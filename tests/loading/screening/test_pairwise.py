"""Moments of pairs of items, compared with those of pandas, which leaves out rows pair by pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading.screening import pairwise
from dyadkit.loading.screening.pairwise import column_means, pairwise_moments, slices


@pytest.fixture(params=[2_000_000, 40], ids=["at once", "in pieces"])
def items(request, monkeypatch):
    monkeypatch.setattr(pairwise, "MOST_NUMBERS", request.param)
    rng = np.random.default_rng(5)
    items = rng.integers(1, 8, size=(60, 4)) + np.array([0, 0, 1e6, 0])
    items[rng.random(items.shape) < 0.2] = np.nan
    return items


def test_moments_are_those_of_pandas(items):
    moments = pairwise_moments(items)
    table = pd.DataFrame(items)
    # Relative to codes of a million, six digits are the last ones.
    np.testing.assert_allclose(moments.covariance, table.cov(), rtol=1e-8)
    np.testing.assert_allclose(moments.correlation, table.corr(), rtol=1e-8, atol=1e-12)
    there = ~np.isnan(items)
    for i in range(4):
        for j in range(4):
            both = there[:, i] & there[:, j]
            assert moments.n[i, j] == both.sum()
            assert moments.variance[i, j] == pytest.approx(np.var(items[both, i], ddof=1))


def test_items_that_never_meet_have_no_covariance():
    moments = pairwise_moments(np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 3.0]]))
    assert np.isnan(moments.covariance).tolist() == [[False, True], [True, True]]
    assert np.isnan(moments.correlation).tolist() == [[False, True], [True, True]]


def test_an_item_that_all_answer_alike_correlates_with_nothing():
    moments = pairwise_moments(np.array([[1.0, 0.1], [2.0, 0.1], [3.0, 0.1]]))
    assert np.isnan(moments.correlation).tolist() == [[False, True], [True, True]]


def test_means_are_of_the_answers():
    assert column_means(np.array([[1.0, np.nan], [4.0, np.nan]])).tolist() == [2.5, 0.0]
    assert column_means(np.empty((0, 2))).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("length", "width"), [(0, 3), (1, 0), (7, 5_000_000), (5, 700_000)])
def test_pieces_hold_every_row_once(length, width):
    rows = [row for piece in slices(length, width) for row in range(length)[piece]]
    assert rows == list(range(length))
