"""Psychometric synonyms and antonyms, against numpy's correlations person by person."""

from __future__ import annotations

import numpy as np
import pytest

from dyadkit.loading.screening import pairwise
from dyadkit.loading.screening.consistency import correlated_pairs, within_person
from dyadkit.loading.screening.pairwise import pairwise_moments


def answers(rows=300, missing=0.1):
    """Three pairs of items that agree, and one item that is turned round."""
    rng = np.random.default_rng(3)
    construct = np.repeat(rng.normal(size=(rows, 3)), 2, axis=1)
    items = construct + 0.5 * rng.normal(size=(rows, 6))
    items = np.column_stack([items, -construct[:, 0] + 0.5 * rng.normal(size=rows)])
    items[rng.random(items.shape) < missing] = np.nan
    return np.round(items * 2)


def test_pairs_are_those_beyond_the_limit():
    synonyms, antonyms = correlated_pairs(pairwise_moments(answers()), 0.60)
    assert synonyms.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert antonyms.tolist() == [[0, 6], [1, 6]]


def test_few_people_make_no_pairs():
    assert [len(found) for found in correlated_pairs(pairwise_moments(answers(29, 0.0)), 0.60)] == [
        0,
        0,
    ]
    assert len(correlated_pairs(pairwise_moments(answers(30, 0.0)), 0.60)[0]) >= 3


@pytest.mark.parametrize("most", [2_000_000, 50])
def test_the_correlation_is_that_over_the_answered_pairs(monkeypatch, most):
    monkeypatch.setattr(pairwise, "MOST_NUMBERS", most)
    items = answers(missing=0.2)
    pairs = np.array([[0, 1], [2, 3], [4, 5], [0, 3], [2, 5]])
    found, used = within_person(items, pairs)
    for row, r, n in zip(items, found, used, strict=True):
        both = row[pairs][~np.isnan(row[pairs]).any(axis=1)]
        assert n == len(both)
        if len(both) < 3 or (np.ptp(both, axis=0) == 0).any():
            assert np.isnan(r)
        else:
            assert r == pytest.approx(np.corrcoef(both.T)[0, 1], abs=1e-12)
    assert 0 < np.isnan(found).sum() < 150


def test_without_pairs_there_is_nothing_to_correlate():
    found, used = within_person(answers(), np.empty((0, 2), dtype=np.int64))
    assert np.isnan(found).all()
    assert used.tolist() == [0] * 300
