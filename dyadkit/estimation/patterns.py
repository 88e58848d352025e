"""Which variables are missing together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.estimation.arrays import BoolArray, IntArray, as_scores, read_only


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The distinct patterns of observed and missing variables.

    Attributes
    ----------
    observed : ndarray of bool, shape (m, p)
        True where the pattern has the variable; most frequent pattern first.
    index : ndarray of int, shape (n,)
        The pattern (row of `observed`) of each row of the data.
    counts : ndarray of int, shape (m,)
        Rows of the data with each pattern.
    """

    observed: BoolArray
    index: IntArray
    counts: IntArray


def missing_patterns(values: ArrayLike) -> Patterns:
    """Find the patterns of missing values.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Units in rows, variables in columns; NaN is missing.

    Returns
    -------
    Patterns
        Sorted by falling count; of equally frequent ones, those with the leftmost variables
        observed come first.  Rows that miss everything have a pattern too.

    Raises
    ------
    DataError
        If a value is infinite.

    Examples
    --------
    >>> nan = float("nan")
    >>> patterns = missing_patterns([[1, nan], [2, 3], [4, 5], [nan, 6]])
    >>> patterns.observed.astype(int).tolist(), patterns.counts.tolist()
    ([[1, 1], [1, 0], [0, 1]], [2, 1, 1])
    >>> patterns.index.tolist()
    [1, 0, 0, 2]
    """
    missing = np.isnan(as_scores(values, 2))
    # Eight variables a byte: rows compare as byte strings, for any number of variables, and
    # with missing as 1 the order of the bytes puts the leftmost observed variables first.
    packed = np.packbits(missing, axis=1)
    distinct, index, counts = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
    order = np.lexsort((np.arange(counts.size), -counts))
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    bits = np.unpackbits(distinct[order], axis=1, count=missing.shape[1])
    patterns = Patterns(
        observed=bits == 0,
        index=rank[index.reshape(-1)].astype(np.int64),
        counts=counts[order].astype(np.int64),
    )
    for array in (patterns.observed, patterns.index, patterns.counts):
        read_only(array)
    return patterns
