"""Squared Mahalanobis distances against scipy's, row by row and pattern by pattern."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import mahalanobis

from dyadkit.loading.screening import mahalanobis as module
from dyadkit.loading.screening import pairwise
from dyadkit.loading.screening.mahalanobis import squared_distances
from dyadkit.loading.screening.pairwise import pairwise_moments


def distances_of(items):
    return squared_distances(items, pairwise_moments(items))


def answers(rows=200, missing=0.0):
    rng = np.random.default_rng(11)
    construct = rng.normal(size=(rows, 1))
    items = np.clip(np.round(4 + construct + rng.normal(size=(rows, 6))), 1, 7)
    items[rng.random(items.shape) < missing] = np.nan
    return items


def by_hand(items):
    """One row after the other: the covariance matrix of the items it answers, inverted."""
    covariance, mean = pd.DataFrame(items).cov().to_numpy(), np.nanmean(items, axis=0)
    distances = []
    for row in items:
        there = ~np.isnan(row)
        inverse = np.linalg.inv(covariance[np.ix_(there, there)])
        distances.append(mahalanobis(row[there], mean[there], inverse) ** 2)
    return distances


def test_complete_rows_are_as_far_as_scipy_says():
    items = answers()
    distances, answered = distances_of(items)
    np.testing.assert_allclose(distances, by_hand(items), rtol=1e-10)
    assert set(answered) == {6}
    # With divisor n - 1 the distances add up to (n - 1) p.
    assert distances.sum() == pytest.approx(199 * 6)


@pytest.mark.parametrize("most", [2_000_000, 30])
def test_rows_with_missing_answers_are_judged_by_those_they_have(monkeypatch, most):
    monkeypatch.setattr(pairwise, "MOST_NUMBERS", most)
    monkeypatch.setattr(module, "MOST_NUMBERS", most)
    items = answers(missing=0.25)
    items = items[~np.isnan(items).all(axis=1)]
    distances, answered = distances_of(items)
    np.testing.assert_allclose(distances, by_hand(items), rtol=1e-9)
    assert answered.tolist() == (~np.isnan(items)).sum(axis=1).tolist()
    assert set(answered) >= {2, 3, 4, 5, 6}


def test_neither_unit_nor_direction_of_an_item_matters():
    items = answers(missing=0.1)
    turned = items * np.array([1, -1, 10, 0.1, 1, -1]) + np.array([0, 8, 100, 0, 1, 8])
    np.testing.assert_allclose(distances_of(turned)[0], distances_of(items)[0], rtol=1e-9)


def test_a_row_without_answers_has_no_distance():
    items = answers()
    items[3] = np.nan
    distances, answered = distances_of(items)
    assert np.flatnonzero(np.isnan(distances)).tolist() == [3]
    assert answered[3] == 0


def test_an_item_that_all_answer_alike_does_not_count():
    items = answers()
    with_constant = np.column_stack([np.full(len(items), 0.1), items])
    for found, expected in zip(distances_of(with_constant), distances_of(items), strict=True):
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda items: np.column_stack([items, items[:, :3].sum(axis=1)]),
        lambda items: np.column_stack([items, 8 - items[:, 0]]),
        lambda items: items[:11],
        lambda items: np.column_stack(
            [
                np.where(np.arange(len(items)) < 100, items[:, 0], np.nan),
                np.where(np.arange(len(items)) < 100, np.nan, items[:, 1]),
            ]
        ),
        lambda items: items[:0],
        lambda items: np.full_like(items, 3.0),
    ],
    ids=["sum", "mirror", "few rows", "never together", "no rows", "no variance"],
)
def test_no_distance_is_made_up_where_there_is_none(spoil):
    assert np.isnan(distances_of(spoil(answers()))[0]).all()
