"""Mean squares of targets rated by the same raters: the two-way analysis of variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, as_scores, constant
from dyadkit.estimation.paired_moments import PairMoments


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Mean squares of n targets by k raters, in squared units of the ratings.

    Attributes
    ----------
    rows, columns, error, within : float
        Between targets; between raters; what neither explains; within targets (raters and error
        together).
    n, k : int
        Complete targets, and raters of each.
    """

    rows: float
    columns: float
    error: float
    within: float
    n: int
    k: int


def mean_squares(ratings: ArrayLike) -> MeanSquares:
    """Analyse the variance of ratings.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        Targets (dyads) in rows, raters in columns; a row with a NaN is dropped.

    Raises
    ------
    DataError
        If fewer than two complete rows or two columns are left, or no rating varies.

    Notes
    -----
    The origin is taken away first, and means of deviations are corrected a second time, so that
    ratings far from zero lose no digits.

    Examples
    --------
    >>> found = mean_squares([[1, 2], [4, 4], [2, 3], [6, 5]])
    >>> round(found.rows, 4), found.columns, round(found.error, 4)
    (6.125, 0.125, 0.4583)
    """
    # A rater a row: sums over raters then run along the targets.
    scores = _complete(ratings)
    k, n = scores.shape
    if k < 2 or n < 2:
        raise DataError(
            "Agreement of raters needs at least 2 targets that 2 raters rated, but the ratings "
            f"have {k} rater(s) and {n} complete target(s). Check the pairing and missing answers."
        )
    if constant(scores.ravel()):
        raise DataError(
            f"An intraclass correlation is undefined because all {n * k} of the ratings are equal. "
            "Leave the variable out, or check its coding."
        )
    alike = bool(constant(scores).all())
    scores = scores - scores.mean()
    scores -= scores.mean()
    of_targets, of_raters = scores.mean(axis=0), scores.mean(axis=1)
    rows = k * float(of_targets @ of_targets) / (n - 1)
    columns = n * float(of_raters @ of_raters) / (k - 1)
    if alike:
        return MeanSquares(rows, 0.0, 0.0, 0.0, n, k)
    scores -= of_targets
    apart = scores.ravel()
    within = float(apart @ apart)
    left = (scores - of_raters[:, np.newaxis]).ravel()
    return MeanSquares(
        rows=rows,
        columns=columns,
        error=float(left @ left) / ((n - 1) * (k - 1)),
        within=within / (n * (k - 1)),
        n=n,
        k=k,
    )


def _complete(ratings: ArrayLike) -> FloatArray:
    """Return a row for each rater, with the targets that all of them rated."""
    scores = np.ascontiguousarray(as_scores(ratings, 2, "ratings").T)
    missing = np.isnan(scores)
    if missing.any():
        return np.asarray(scores[:, ~missing.any(axis=0)])
    return scores


def mean_squares_of(moments: PairMoments) -> MeanSquares:
    r"""Return the mean squares of two raters from their moments.

    With S and D the sums and differences of the pairs, the sums of squares are
    :math:`\sum (S - \bar S)^2 / 2` between targets, :math:`\sum (D - \bar D)^2 / 2` of error, and
    :math:`n \bar D^2 / 2` between raters.

    Raises
    ------
    DataError
        If no rating varies.

    Examples
    --------
    >>> from dyadkit.estimation.paired_moments import pair_moments
    >>> mean_squares_of(pair_moments([1, 4, 2, 6], [2, 4, 3, 5])).columns
    0.125
    """
    n, df = moments.n, moments.n - 1
    between = n * moments.mean_difference**2 / 2.0
    rows, error = moments.ss_sum / 2.0, moments.ss_difference / 2.0
    if rows + error + between == 0.0:
        raise DataError(
            f"An intraclass correlation is undefined because all {2 * n} of the ratings are equal. "
            "Leave the variable out, or check its coding."
        )
    return MeanSquares(rows / df, between, error / df, (error + between) / n, n, 2)
