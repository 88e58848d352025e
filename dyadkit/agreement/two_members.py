"""Indices of two members who share one role, so that which comes first is arbitrary."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from dyadkit.agreement.deviation import (
    Deviation,
    coverage_probability_about_zero,
    total_deviation_index_about_zero,
)
from dyadkit.agreement.intraclass import RaterIcc, intraclass_of
from dyadkit.agreement.limits import Limits, limits_about_zero
from dyadkit.agreement.two_way import mean_squares_of
from dyadkit.estimation.arrays import as_pair
from dyadkit.estimation.correlation import Correlation
from dyadkit.estimation.intraclass import double_entry
from dyadkit.estimation.paired_moments import pair_moments


@dataclass(frozen=True, slots=True)
class TwoMembers:
    """What there is to say of two interchangeable members' answers.

    Attributes
    ----------
    n : int
        Complete dyads.
    icc, icc_of_mean : RaterIcc
        ICC(1) and ICC(k).
    r : Correlation
        Double-entry correlation.
    limits : Limits
        Symmetric about 0.
    tdi, coverage : Deviation
        Total deviation index and coverage probability; no coverage without a distance.
    """

    n: int
    icc: RaterIcc
    icc_of_mean: RaterIcc
    r: Correlation
    limits: Limits
    tdi: Deviation
    coverage: Deviation | None


def compare_members(
    first: ArrayLike,
    second: ArrayLike,
    confidence: float = 0.95,
    *,
    within: float | None = None,
    share: float = 0.90,
) -> TwoMembers:
    r"""Estimate the indices that do not depend on which member comes first.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    confidence : float
        Level of the intervals, between 0 and 1.
    within : float, optional
        The distance of the coverage probability, in those units.
    share : float
        The share of the total deviation index.

    Raises
    ------
    DataError
        If fewer than three complete dyads are left, or no answer varies.
    StudyError
        If the lengths differ, or a level or distance is out of its range.

    Notes
    -----
    A difference has no sign, so that its mean is 0 by design and its variance
    :math:`\sum d^2 / n`; see `dyadkit.agreement.limits.limits_about_zero`.

    Examples
    --------
    >>> found = compare_members([4, 5, 6, 5, 3], [3, 5, 4, 6, 3])
    >>> round(found.icc.estimate, 3), round(found.limits.upper, 3)
    (0.593, 2.147)
    >>> swapped = compare_members([3, 5, 4, 5, 3], [4, 5, 6, 6, 3])
    >>> round(swapped.icc.estimate, 3), round(swapped.limits.upper, 3)
    (0.593, 2.147)
    """
    one, other = as_pair(first, second)
    moments = pair_moments(one, other, at_least=3)
    icc = intraclass_of(mean_squares_of(moments), confidence)
    n = moments.n
    squares = moments.ss_difference + n * moments.mean_difference**2
    return TwoMembers(
        n=n,
        icc=icc.single_one_way,
        icc_of_mean=icc.average_one_way,
        r=double_entry(one, other, confidence),
        limits=limits_about_zero(squares, n, confidence),
        tdi=total_deviation_index_about_zero(squares, n, share, confidence),
        coverage=None
        if within is None
        else coverage_probability_about_zero(squares, n, within, confidence),
    )
