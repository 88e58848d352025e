"""Self–other categories: who rates higher than the other, who lower, who alike."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray, IntArray, as_scores, read_only, require_confidence
from dyadkit.estimation.paired_moments import pair_moments

CATEGORIES = ("lower", "in agreement", "higher")
CAVEAT = (
    "Self–other categories turn a difference into three groups: they depend on the cut, lose what "
    "lies within a group, and cannot tell whether the self, the other or both matter for an "
    "outcome. Polynomial regression keeps both ratings (Edwards & Parry, 1993) and is preferred."
)


@dataclass(frozen=True, slots=True, eq=False)
class SelfOther:
    """Dyads by the difference of their standardised ratings.

    Attributes
    ----------
    codes : ndarray of int, shape (n,)
        −1 first lower (under-estimation, where the first is the self), 0 in agreement, 1 first
        higher (over-estimation); −9 where a rating is missing.
    counts : tuple of int
        In the order of `CATEGORIES`.
    shares, conf_low, conf_high : tuple of float
        Shares with Wilson's intervals.
    cut : float
        In units of standardised ratings: further apart than this is a category of its own.
    n : int
    method : str
    """

    codes: IntArray
    counts: tuple[int, int, int]
    shares: tuple[float, float, float]
    conf_low: tuple[float, float, float]
    conf_high: tuple[float, float, float]
    cut: float
    n: int
    method: str = "Wilson"


def self_other_categories(
    first: ArrayLike, second: ArrayLike, width: float = 0.5, confidence: float = 0.95
) -> SelfOther:
    r"""Sort dyads by who rates higher.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The self's and the other's ratings; NaN is missing.
    width : float
        Half the width of the middle category, in standard deviations of the difference of
        standardised ratings.
    confidence : float
        Level of the intervals, between 0 and 1.

    Raises
    ------
    DataError
        If fewer than three complete dyads are left, or a rating does not vary.
    StudyError
        If the lengths differ, or the width is not above 0.

    Notes
    -----
    With z the ratings standardised within each side, a dyad is in agreement when
    :math:`|z_1 - z_2| \le w\, s_{z_1 - z_2}`, w = ½ by convention (Fleenor,
    McCauley & Brutus, 1996).

    References
    ----------
    Edwards, J. R., & Parry, M. E. (1993). On the use of polynomial regression equations as an
    alternative to difference scores in organizational research. Academy of Management Journal, 36,
    1577-1613.

    Fleenor, J. W., McCauley, C. D., & Brutus, S. (1996). Self-other rating agreement and leader
    effectiveness. The Leadership Quarterly, 7, 487-506.

    Examples
    --------
    >>> found = self_other_categories([5, 3, 4, 2, 4], [3, 3, 4, 4, 5])
    >>> found.codes.tolist(), found.counts
    ([1, 0, 0, -1, -1], (2, 2, 1))
    """
    require_confidence(confidence)
    if not width > 0.0:
        raise StudyError(f"The width of the middle category must be above 0, not {width!r}.")
    one, other = as_scores(first, 1), as_scores(second, 1)
    moments = pair_moments(one, other, at_least=3)
    if min(moments.ss_first, moments.ss_second) == 0.0:
        raise DataError(
            f"Self–other categories are undefined because one side's ratings do not vary in the "
            f"{moments.n} dyads. Leave the variable out, or check its coding."
        )
    apart = (one - moments.mean_first) / moments.sd_first
    apart -= (other - moments.mean_second) / moments.sd_second
    # The variance of the difference of two standardised ratings.
    cut = width * sqrt(max(0.0, 2.0 - 2.0 * moments.r))
    codes = np.full(one.size, -9, dtype=np.int64)
    known = ~np.isnan(apart)
    beyond = np.abs(apart[known]) > cut + 1e-12
    codes[known] = np.where(beyond, np.sign(apart[known]), 0.0).astype(np.int64)
    read_only(codes)
    counts = [int((codes == code).sum()) for code in (-1, 0, 1)]
    shares, low, high = wilson(np.array(counts, dtype=np.float64), moments.n, confidence)
    return SelfOther(
        codes=codes,
        counts=(counts[0], counts[1], counts[2]),
        shares=_three(shares),
        conf_low=_three(low),
        conf_high=_three(high),
        cut=cut,
        n=moments.n,
    )


def wilson(
    counts: FloatArray, n: int, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return shares with Wilson's (1927) intervals.

    Examples
    --------
    >>> [side.round(3).tolist() for side in wilson(np.array([0.0, 5.0]), 10, 0.95)]
    [[0.0, 0.5], [0.0, 0.237], [0.278, 0.763]]
    """
    z = float(ndtri(0.5 + confidence / 2.0))
    share = counts / n
    middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n)
    reach = z / (1.0 + z * z / n) * np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n))
    return share, np.clip(middle - reach, 0.0, 1.0), np.clip(middle + reach, 0.0, 1.0)


def _three(values: FloatArray) -> tuple[float, float, float]:
    one, two, three = values.tolist()
    return one, two, three
