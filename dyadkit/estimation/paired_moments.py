"""What all indices of two ratings rest on: means, and sums of squares and products about them."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import as_pair, constant

_BLOCK = 2**14


@dataclass(frozen=True, slots=True)
class PairMoments:
    """Sufficient statistics of n pairs of ratings.

    Attributes
    ----------
    n : int
        Complete pairs.
    mean_first, mean_second, mean_difference : float
    ss_first, ss_second : float
        Sums of squares about the means; exactly 0 for ratings that do not vary.
    ss_sum, ss_difference : float
        The same of the pairs' sums and differences, which are summed by themselves so that no
        digit is lost where the two ratings are nearly equal.
    cross : float
        Sum of the products of the two ratings about their means.
    """

    n: int
    mean_first: float
    mean_second: float
    mean_difference: float
    ss_first: float
    ss_second: float
    ss_sum: float
    ss_difference: float
    cross: float

    @property
    def r(self) -> float:
        """Pearson's correlation; NaN where a rating does not vary."""
        if self.ss_first == 0.0 or self.ss_second == 0.0:
            return nan
        return max(-1.0, min(1.0, self.cross / sqrt(self.ss_first * self.ss_second)))

    @property
    def sd_first(self) -> float:
        """Standard deviation of the first rating, divisor n − 1."""
        return sqrt(self.ss_first / (self.n - 1))

    @property
    def sd_second(self) -> float:
        """Standard deviation of the second rating, divisor n − 1."""
        return sqrt(self.ss_second / (self.n - 1))

    @property
    def sd_difference(self) -> float:
        """Standard deviation of the differences, divisor n − 1."""
        return sqrt(self.ss_difference / (self.n - 1))


def pair_moments(first: ArrayLike, second: ArrayLike, at_least: int = 2) -> PairMoments:
    """Take the sufficient statistics of two ratings.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a pair with a NaN is dropped.
    at_least : int
        Complete pairs that are needed.

    Raises
    ------
    DataError
        If fewer complete pairs are left.
    StudyError
        If the lengths differ.

    Examples
    --------
    >>> moments = pair_moments([1, 2, 3], [2, 2, 5])
    >>> moments.n, moments.mean_difference, round(moments.r, 4)
    (3, -1.0, 0.866)
    """
    one, other = as_pair(first, second)
    n = one.size
    if n < at_least:
        raise DataError(
            f"Agreement of two ratings needs at least {at_least} dyads in which both are given, "
            f"but {n} are left. Check the pairing and the missing answers."
        )
    means = float(one.mean()), float(other.mean())
    left, products = np.zeros(2), np.zeros(5)
    low, high = np.full(4, np.inf), np.full(4, -np.inf)
    for start in range(0, n, _BLOCK):
        block = one[start : start + _BLOCK], other[start : start + _BLOCK]
        # Differences of the ratings as they are: exact where the two are close.
        d = block[0] - block[1]
        x, y = block[0] - means[0], block[1] - means[1]
        s = x + y
        for place, part in enumerate((*block, s, d)):
            low[place] = min(low[place], part.min())
            high[place] = max(high[place], part.max())
        d -= means[0] - means[1]
        left += x.sum(), y.sum()
        products += x @ x, y @ y, s @ s, d @ d, x @ y
    # What rounding has left of the means is taken away (two passes).
    a, b = left.tolist()
    products -= np.array([a * a, b * b, (a + b) ** 2, (a - b) ** 2, a * b]) / n
    origin = np.array([0.0, 0.0, means[0] + means[1], 0.0])
    products[:4][constant(np.array([low, high]) + origin)] = 0.0
    ss_first, ss_second, ss_sum, ss_difference, cross = products.tolist()
    return PairMoments(
        n=n,
        mean_first=means[0] + a / n,
        mean_second=means[1] + b / n,
        mean_difference=(means[0] - means[1]) + (a - b) / n,
        ss_first=max(0.0, ss_first),
        ss_second=max(0.0, ss_second),
        ss_sum=max(0.0, ss_sum),
        ss_difference=max(0.0, ss_difference),
        cross=cross,
    )


def require_variance(moments: PairMoments, what: str) -> None:
    """Refuse ratings that do not vary at all.

    Raises
    ------
    DataError
    """
    if moments.ss_first == 0.0 and moments.ss_second == 0.0:
        raise DataError(
            f"{what} is undefined because neither rating varies over the {moments.n} dyads. Leave "
            "the variable out, or check its coding."
        )
