"""What two items have in common, from the rows that answer both, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# So many numbers fit into memory anywhere, some times over.
MOST_NUMBERS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Pairwise:
    """Moments of pairs of items, divisor n - 1 of the rows that answer both.

    Attributes
    ----------
    n : ndarray of float, shape (p, p)
        Rows that answer both.
    covariance : ndarray of float, shape (p, p)
        NaN with fewer than two rows.
    variance : ndarray of float, shape (p, p)
        Variance of the row's item in these rows.
    """

    n: FloatArray
    covariance: FloatArray
    variance: FloatArray

    @property
    def correlation(self) -> FloatArray:
        """The correlations; NaN where an item does not vary."""
        # Answers are codes, so less than this is rounding.
        varies = (self.variance > 1e-9) & (self.variance.T > 1e-9)
        scale = np.sqrt(np.where(varies, self.variance * self.variance.T, 1.0))
        return np.where(varies, self.covariance / scale, np.nan)


def pairwise_moments(items: FloatArray) -> Pairwise:
    """Return variances and covariances as R's ``use = "pairwise.complete.obs"``.

    Parameters
    ----------
    items : ndarray of float, shape (n, p)
        NaN is missing.

    Examples
    --------
    >>> items = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
    >>> moments = pairwise_moments(items)
    >>> moments.covariance.tolist(), moments.n.astype(int).tolist()
    ([[1.0, 1.0], [1.0, 2.0]], [[3, 2], [2, 2]])
    """
    means = column_means(items)
    size = items.shape[1]
    n, sums, squares, products = (np.zeros((size, size)) for _ in range(4))
    for some in slices(len(items), size):
        there = ~np.isnan(items[some])
        known = there.astype(np.float64)
        # Centred first: sums of squares of large codes lose their last digits.
        x = np.where(there, items[some] - means, 0.0)
        n += known.T @ known
        # Row i, column j: item i where item j is answered too.
        sums += x.T @ known
        squares += (x * x).T @ known
        products += x.T @ x
    enough = n > 1
    safe, freedom = np.where(enough, n, 1.0), np.where(enough, n - 1.0, np.nan)
    return Pairwise(
        n=n,
        covariance=(products - sums * sums.T / safe) / freedom,
        variance=np.maximum(squares - sums * sums / safe, 0.0) / freedom,
    )


def column_means(items: FloatArray) -> FloatArray:
    """Return the mean of the answers to each item; 0 where nobody answered.

    Examples
    --------
    >>> column_means(np.array([[1.0, np.nan], [2.0, np.nan]])).tolist()
    [1.5, 0.0]
    """
    there = [~np.isnan(column) for column in items.T]
    sums = [column[known].sum() for column, known in zip(items.T, there, strict=True)]
    counts = [max(int(known.sum()), 1) for known in there]
    return np.array(sums, dtype=np.float64) / np.array(counts, dtype=np.float64)


def slices(length: int, width: int) -> Iterator[slice]:
    """Cut rows into pieces that hold no more than `MOST_NUMBERS` numbers.

    Examples
    --------
    >>> list(slices(3, 1_000_000))
    [slice(0, 2, None), slice(2, 3, None)]
    """
    step = max(MOST_NUMBERS // max(width, 1), 1)
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))
