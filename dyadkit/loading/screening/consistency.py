"""Do people answer items alike that others answer alike?  Psychometric synonyms and antonyms."""

from __future__ import annotations

import numpy as np

from dyadkit.loading.screening.pairwise import FloatArray, IntArray, Pairwise, slices

_FEWEST_PEOPLE = 30
_FEWEST_PAIRS = 3


def correlated_pairs(moments: Pairwise, above: float) -> tuple[IntArray, IntArray]:
    """Find the pairs of items that go together, and those that go against each other.

    Parameters
    ----------
    moments : Pairwise
        Of answers as they were given, reverse-keyed items not turned.
    above : float
        How high the correlation must be (r > .60, or r < -.60).

    Returns
    -------
    synonyms, antonyms : ndarray of int, shape (m, 2)
        Positions of two items, the one that was asked earlier first.  Correlations rest on at
        least 30 people who answered both.

    Examples
    --------
    >>> from dyadkit.loading.screening.pairwise import pairwise_moments
    >>> x = np.arange(40.0)
    >>> moments = pairwise_moments(np.column_stack([x, -x, x**2]))
    >>> synonyms, antonyms = correlated_pairs(moments, 0.60)
    >>> synonyms.tolist(), antonyms.tolist()
    ([[0, 2]], [[0, 1], [1, 2]])
    """
    first, second = np.triu_indices(len(moments.n), k=1)
    r = np.where(moments.n >= _FEWEST_PEOPLE, moments.correlation, np.nan)[first, second]
    pairs = np.column_stack([first, second]).astype(np.int64)
    return pairs[r > above], pairs[r < -above]


def within_person(items: FloatArray, pairs: IntArray) -> tuple[FloatArray, IntArray]:
    """Correlate, within each row, the first items of the pairs with the second ones.

    Parameters
    ----------
    items : ndarray of float, shape (n, p)
    pairs : ndarray of int, shape (m, 2)

    Returns
    -------
    correlation : ndarray of float, shape (n,)
        NaN with fewer than three answered pairs, or where all answers on one side are the same.
    used : ndarray of int, shape (n,)
        Pairs of which the row answers both items.

    Examples
    --------
    >>> pairs = np.array([[0, 3], [1, 4], [2, 5]])
    >>> r, used = within_person(np.array([[1.0, 2, 3, 2, 4, 7]]), pairs)
    >>> r.round(3).tolist(), used.tolist()
    ([0.993], [3])
    """
    correlation = np.full(len(items), np.nan)
    used = np.zeros(len(items), dtype=np.int64)
    for some in slices(len(items), len(pairs)):
        correlation[some], used[some] = _correlate(
            items[some][:, pairs[:, 0]], items[some][:, pairs[:, 1]]
        )
    return correlation, used


def _correlate(first: FloatArray, second: FloatArray) -> tuple[FloatArray, IntArray]:
    """Correlate two arrays row by row, where both have a value."""
    both = ~np.isnan(first) & ~np.isnan(second)
    used = both.sum(axis=1)
    n = np.maximum(used, 1)[:, None]
    x, y = (np.where(both, side, 0.0) for side in (first, second))
    x, y = (np.where(both, side - side.sum(axis=1, keepdims=True) / n, 0.0) for side in (x, y))
    xx, yy, xy = (x * x).sum(axis=1), (y * y).sum(axis=1), (x * y).sum(axis=1)
    # Answers are codes, so less than this is rounding.
    known = (used >= _FEWEST_PAIRS) & (np.minimum(xx, yy) > 1e-9)
    scale = np.sqrt(np.where(known, xx * yy, 1.0))
    return np.where(known, np.clip(xy / scale, -1.0, 1.0), np.nan), used.astype(np.int64)
