"""The E step of EM against its definition, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from dyadkit.estimation.completion import complete_sums, gaps_of
from dyadkit.estimation.pattern_statistics import summarise_patterns

few = settings(max_examples=20, derandomize=True, deadline=None)


def scores(rng: np.random.Generator, n: int, p: int, patterns: int) -> np.ndarray:
    """Return scores of few patterns of many rows, of rows with gaps of their own, and no gaps."""
    values = rng.normal(size=(n, 1)) + rng.normal(size=(n, p)) * rng.uniform(0.5, 2, size=p)
    shared = rng.random((patterns, p)) < rng.uniform(0.1, 0.7, size=(patterns, 1))
    gone = shared[rng.integers(patterns, size=n)]
    gone[: n // 3] = rng.random((n // 3, p)) < 0.1
    gone[-(p + 3) :] = False
    return np.where(gone, np.nan, values)[~gone.all(axis=1)]


@few
@given(st.integers(0, 10**6), st.sampled_from([2, 5, 12, 30]), st.booleans())
def test_sums_and_likelihood_row_by_row(seed: int, p: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    values = scores(rng, 90, p, 5)
    weights = rng.uniform(0.2, 3, size=len(values)) if weighted else np.ones(len(values))
    data = summarise_patterns(values, weights if weighted else None)
    half = rng.normal(size=(p, p + 5))
    mean, covariance = 0.3 * rng.normal(size=p), half @ half.T / p + 0.1 * np.eye(p)
    within = np.einsum("m,mij->ij", data.counts[: len(data.scatter)], data.scatter)
    found = complete_sums(data, gaps_of(data.observed, len(data.scatter)), within, mean, covariance)
    total, square, loglik = np.zeros(p), np.zeros((p, p)), 0.0
    for row, weight in zip((values - data.origin) / data.unit, weights, strict=True):
        has = ~np.isnan(row)
        sigma = covariance[np.ix_(has, has)]
        slopes = covariance[:, has] @ np.linalg.inv(sigma)
        filled = slopes @ (row[has] - mean[has])
        left = covariance - slopes @ covariance[has]
        total += weight * filled
        square += weight * (np.outer(filled, filled) + left)
        density = multivariate_normal.logpdf(row[has], mean[has], sigma)
        loglik += weight * (density + 0.5 * has.sum() * np.log(2 * np.pi))
    np.testing.assert_allclose(found.total, total, rtol=0, atol=1e-10 * np.abs(total).max())
    np.testing.assert_allclose(found.square, square, rtol=0, atol=1e-10 * np.abs(square).max())
    assert found.loglik == pytest.approx(loglik, rel=1e-10)


def test_every_gap_is_in_one_set(monkeypatch) -> None:
    monkeypatch.setattr("dyadkit.estimation.completion._CELLS", 2000)
    data = summarise_patterns(scores(np.random.default_rng(1), 200, 30, 5))
    gaps = gaps_of(data.observed, len(data.scatter))
    assert len(gaps) > 4
    seen = np.ones((len(data.counts), 31), dtype=np.bool_)
    for gap in gaps:
        assert gap.index.size * 30 <= 2000 or gap.patterns.size == 1
        for pattern, index, padding in zip(gap.patterns, gap.index, gap.padding, strict=True):
            assert seen[pattern].all()
            seen[pattern, index[~padding]] = False
            assert (index[padding] == 30).all()
        assert (gap.patterns[: gap.several] < len(data.scatter)).all()
        assert (gap.patterns[gap.several :] >= len(data.scatter)).all()
    np.testing.assert_array_equal(seen[:, :30], data.observed)


def test_nothing_missing_leaves_the_sums_of_the_data() -> None:
    values = np.random.default_rng(2).normal(size=(40, 3))
    data = summarise_patterns(values)
    assert gaps_of(data.observed, len(data.scatter)) == ()
    found = complete_sums(data, (), 40.0 * data.scatter[0], np.zeros(3), np.eye(3))
    z = (values - data.origin) / data.unit
    np.testing.assert_allclose(found.total, z.sum(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.square, z.T @ z, rtol=1e-12, atol=1e-12)
    assert found.loglik == pytest.approx(-0.5 * (z**2).sum(), rel=1e-12)
