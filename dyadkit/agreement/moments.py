"""What all indices of two ratings rest on: means, and sums of squares and products about them."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import as_pair, constant


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
    """

    n: int
    mean_first: float
    mean_second: float
    mean_difference: float
    ss_first: float
    ss_second: float
    ss_sum: float
    ss_difference: float

    @property
    def cross(self) -> float:
        """Sum of the products of the two ratings about their means."""
        return (self.ss_sum - self.ss_difference) / 4.0

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
    one, other = as_pair(first, second, "ratings")
    n = one.size
    if n < at_least:
        raise DataError(
            f"Agreement of two ratings needs at least {at_least} dyads in which both are given, "
            f"but {n} are left. Check the pairing and the missing answers."
        )
    mean_first, mean_second = float(one.mean()), float(other.mean())
    difference = one - other
    mean_difference = float(difference.mean())
    first_about, second_about = one - mean_first, other - mean_second
    # The pair of squares, of one sum and one difference, is what rounding spares.
    sums = first_about + second_about
    return PairMoments(
        n=n,
        mean_first=mean_first,
        mean_second=mean_second,
        mean_difference=mean_difference,
        ss_first=_squares(one, first_about),
        ss_second=_squares(other, second_about),
        ss_sum=_squares(sums + (mean_first + mean_second), sums),
        ss_difference=_squares(difference, difference - mean_difference),
    )


def _squares(values: np.ndarray, about: np.ndarray) -> float:
    """Sum the squares about the mean, correcting for what rounding left of it (two-pass)."""
    if constant(values):
        return 0.0
    left = float(about.sum())
    return max(0.0, float(about @ about) - left * left / about.size)


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
