"""All indices of two ratings of one thing, from one pass over them."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from dyadkit.agreement.concordance_correlation import Concordance, concordance_of
from dyadkit.agreement.deviation import (
    Deviation,
    coverage_probability_of,
    total_deviation_index_of,
)
from dyadkit.agreement.equivalence import Equivalence, equivalence_of
from dyadkit.agreement.intraclass import IntraclassCorrelations, intraclass_of
from dyadkit.agreement.limits import Limits, limits_of
from dyadkit.agreement.paired_means import MeanDifference, mean_difference_of
from dyadkit.agreement.two_way import mean_squares_of
from dyadkit.estimation.arrays import as_pair
from dyadkit.estimation.correlation import Correlation, pearson_of
from dyadkit.estimation.paired_moments import PairMoments, pair_moments
from dyadkit.estimation.rank_correlation import spearman


@dataclass(frozen=True, slots=True)
class TwoRatings:
    """What there is to say of two ratings of one thing.

    Attributes
    ----------
    moments : PairMoments
    difference : MeanDifference
        First minus second.
    equivalence : Equivalence or None
        None where no margin was given.
    r, rho : Correlation
        Pearson's and Spearman's.
    icc : IntraclassCorrelations
    concordance : Concordance
    limits : Limits
    tdi, coverage : Deviation
        Total deviation index and coverage probability; no coverage without a distance.
    """

    moments: PairMoments
    difference: MeanDifference
    equivalence: Equivalence | None
    r: Correlation
    rho: Correlation
    icc: IntraclassCorrelations
    concordance: Concordance
    limits: Limits
    tdi: Deviation
    coverage: Deviation | None


def compare_ratings(
    first: ArrayLike,
    second: ArrayLike,
    confidence: float = 0.95,
    *,
    margin: float | None = None,
    within: float | None = None,
    share: float = 0.90,
) -> TwoRatings:
    """Estimate every index of two ratings.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    confidence : float
        Level of the intervals, between 0 and 1.
    margin : float, optional
        Of the equivalence test, in the units of the ratings.
    within : float, optional
        The distance of the coverage probability, in those units.
    share : float
        The share of the total deviation index.

    Raises
    ------
    DataError
        If fewer than three complete dyads are left, or a rating does not vary.
    StudyError
        If the lengths differ, or a level or distance is out of its range.

    Examples
    --------
    >>> found = compare_ratings([4, 5, 6, 5, 3], [3, 5, 4, 6, 3], within=1)
    >>> round(found.icc.single_agreement.estimate, 3), round(found.concordance.estimate, 3)
    (0.586, 0.531)
    """
    one, other = as_pair(first, second, "ratings")
    moments = pair_moments(one, other)
    # First of all: its messages tell what is missing.
    r = pearson_of(moments, confidence)
    return TwoRatings(
        moments=moments,
        difference=mean_difference_of(moments, confidence),
        equivalence=None if margin is None else equivalence_of(moments, margin, 1.0 - confidence),
        r=r,
        rho=spearman(one, other, confidence),
        icc=intraclass_of(mean_squares_of(moments), confidence),
        concordance=concordance_of(moments, confidence),
        limits=limits_of(moments, confidence),
        tdi=total_deviation_index_of(moments, share, confidence),
        coverage=None if within is None else coverage_probability_of(moments, within, confidence),
    )
