"""How alike the answer patterns of two members are across items."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import (
    BoolArray,
    FloatArray,
    as_scores,
    read_only,
    require_confidence,
)

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """Indices of each dyad's two profiles; NaN where one is undefined or too few items are shared.

    Attributes
    ----------
    overall, distinctive : ndarray, shape (n,)
        Correlation across items of the answers, and of what is left of them without the means of
        each side's items.
    normative_first, normative_second : ndarray, shape (n,)
        Correlation of each member's answers with the means of the own side's items.
    double_entry : ndarray, shape (n,)
        Double-entry intraclass correlation of the two profiles.
    elevation, scatter : ndarray, shape (n,)
        Difference, first minus second, of the profiles' means and of their standard deviations
        (divisor: the number of items).
    distance : ndarray, shape (n,)
        D² divided by the number of items.
    items : ndarray of int, shape (n,)
        Items that both answered.
    """

    overall: FloatArray
    distinctive: FloatArray
    normative_first: FloatArray
    normative_second: FloatArray
    double_entry: FloatArray
    elevation: FloatArray
    scatter: FloatArray
    distance: FloatArray
    items: FloatArray


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """The distribution of an index over dyads.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : float
        Mean with its t interval over dyads.
    statistic, df, p_value : float
        Test of a mean of 0, two-sided.
    q25, median, q75 : float
    n : int
        Dyads in which it is defined.
    undefined : int
        Dyads with enough shared items in which it is not.
    method : str
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    q25: float
    median: float
    q75: float
    n: int
    undefined: int
    method: str = "t over dyads"


def profile_indices(
    first: ArrayLike,
    second: ArrayLike,
    *,
    minimum_items: int = 3,
    exchangeable: bool = False,
) -> Profiles:
    r"""Compare the two profiles of each dyad.

    Parameters
    ----------
    first, second : array_like, shape (n, p)
        The members' answers to the same items, keyed alike; NaN is missing.
    minimum_items : int
        Items that both must have answered; at least 2.
    exchangeable : bool
        Whether the members share one role: the items' means are then those of all members.

    Raises
    ------
    DataError
        If there is no dyad with enough shared items.
    StudyError
        If the shapes differ.

    Notes
    -----
    Overall similarity is inflated by what everybody shares (normativeness); distinctive similarity
    is the correlation of the deviations from the items' means (Furr, 2008).  With the divisor p,
    elevation e, scatter difference s and overall similarity r of the profiles' shapes,
    :math:`D^2/p = e^2 + s^2 + 2 s_1 s_2 (1 - r)` (Cronbach & Gleser, 1953).  The double-entry
    intraclass correlation takes level, spread and shape together (McCrae, 2008).

    References
    ----------
    Cronbach, L. J., & Gleser, G. C. (1953). Assessing similarity between profiles. Psychological
    Bulletin, 50, 456-473.

    Furr, R. M. (2008). A framework for profile similarity: Integrating similarity, normativeness,
    and distinctiveness. Journal of Personality, 76, 1267-1316.

    McCrae, R. R. (2008). A note on some measures of profile agreement. Journal of Personality
    Assessment, 90, 105-109.

    Examples
    --------
    >>> found = profile_indices([[1, 2, 3, 5], [2, 2, 4, 3]], [[1, 3, 3, 4], [1, 3, 3, 4]])
    >>> found.overall.round(3).tolist(), found.elevation.tolist()
    ([0.892, 0.484], [0.0, 0.0])
    """
    one, other = shared_items(first, second, minimum_items)
    both = ~np.isnan(one)
    norms = item_norms(first, second, exchangeable=exchangeable)
    count = both.sum(axis=1)
    mean_one, mean_other = _row_mean(one, count), _row_mean(other, count)
    sd_one, sd_other = _row_sd(one, mean_one, count), _row_sd(other, mean_other, count)
    gap = np.where(both, one - other, 0.0)
    distance = np.full(len(count), nan)
    enough = count > 0
    distance[enough] = np.square(gap).sum(axis=1)[enough] / count[enough]
    middle = (mean_one + mean_other) / 2.0
    found = Profiles(
        overall=row_correlations(one, other),
        distinctive=row_correlations(one - norms[0], other - norms[1]),
        normative_first=row_correlations(one, np.where(both, norms[0], nan)),
        normative_second=row_correlations(other, np.where(both, norms[1], nan)),
        double_entry=_double_entry(one - middle[:, np.newaxis], other - middle[:, np.newaxis]),
        elevation=mean_one - mean_other,
        scatter=sd_one - sd_other,
        distance=distance,
        items=count.astype(np.float64),
    )
    for name in Profiles.__slots__:
        read_only(getattr(found, name))
    return found


def shared_items(
    first: ArrayLike, second: ArrayLike, minimum_items: int = 3
) -> tuple[FloatArray, FloatArray]:
    """Return both profiles with what only one answered set missing, and short ones altogether.

    Raises
    ------
    DataError
        If no dyad has enough shared items.
    StudyError
        If the shapes differ, or fewer than two items are asked for.
    """
    one, other = as_scores(first, 2, "profiles"), as_scores(second, 2, "profiles")
    if one.shape != other.shape:
        raise StudyError(
            f"The two sets of profiles must have one shape, but have {one.shape} and "
            f"{other.shape}. Pass the same dyads in rows and the same items in columns."
        )
    if minimum_items < 2:
        raise StudyError(f"A profile needs at least 2 items, but minimum_items={minimum_items}.")
    both = ~(np.isnan(one) | np.isnan(other))
    both &= (both.sum(axis=1) >= minimum_items)[:, np.newaxis]
    if not both.any():
        raise DataError(
            f"Profiles need dyads in which both members answered at least {minimum_items} of the "
            f"{one.shape[1]} items, and there is none. Check the pairing, or choose a scale with "
            "more items."
        )
    return np.where(both, one, nan), np.where(both, other, nan)


def item_norms(
    first: ArrayLike, second: ArrayLike, *, exchangeable: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Return the means of each side's items, over all who answered them; of all where alike."""
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if exchangeable:
        norm = _column_mean(np.concatenate([one, other]))
        return norm, norm
    return _column_mean(one), _column_mean(other)


def row_correlations(one: FloatArray, other: FloatArray) -> FloatArray:
    """Correlate the rows of two matrices over the columns in which neither is missing.

    Returns
    -------
    ndarray, shape (n,)
        NaN where a row is empty or does not vary.

    Examples
    --------
    >>> row_correlations(np.array([[1.0, 2, 3]]), np.array([[1.0, 2, 2]])).round(3).tolist()
    [0.866]
    """
    both = ~(np.isnan(one) | np.isnan(other))
    count = both.sum(axis=1)
    u, v = _about(one, both, count), _about(other, both, count)
    squares = np.square(u).sum(axis=1), np.square(v).sum(axis=1)
    level = np.square(np.where(both, one, 0.0)).sum(axis=1)
    level += np.square(np.where(both, other, 0.0)).sum(axis=1)
    flat = np.minimum(*squares) <= _ROUNDING**2 * level
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (u * v).sum(axis=1) / np.sqrt(squares[0] * squares[1])
    return np.where(flat, nan, np.clip(r, -1.0, 1.0))


def summarise(values: FloatArray, items: FloatArray, confidence: float = 0.95) -> ProfileSummary:
    """Summarise an index over dyads.

    Parameters
    ----------
    values, items : ndarray, shape (n,)
        The index, and how many items it rests on (0: not asked).
    confidence : float

    Raises
    ------
    DataError
        If it is defined in fewer than two dyads.
    """
    require_confidence(confidence)
    known = values[~np.isnan(values)]
    n = known.size
    if n < 2:
        raise DataError(
            f"A profile index is defined in {n} dyad(s) only: profiles that do not vary have no "
            "pattern. Check the items' coding."
        )
    mean, error = float(known.mean()), float(known.std(ddof=1)) / sqrt(n)
    reach = float(stdtrit(n - 1.0, 0.5 + confidence / 2.0)) * error
    statistic = mean / error if error > 0.0 else nan
    low, median, high = np.quantile(known, [0.25, 0.5, 0.75]).tolist()
    return ProfileSummary(
        estimate=mean,
        std_error=error,
        conf_low=mean - reach,
        conf_high=mean + reach,
        statistic=statistic,
        df=n - 1.0,
        p_value=float(2.0 * stdtr(n - 1.0, -abs(statistic))),
        q25=low,
        median=median,
        q75=high,
        n=n,
        undefined=int((items > 0).sum()) - n,
    )


def _row_mean(values: FloatArray, count: np.ndarray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(values, axis=1) / np.where(count > 0, count, nan))


def _row_sd(values: FloatArray, mean: FloatArray, count: np.ndarray) -> FloatArray:
    squares = np.nansum(np.square(values - mean[:, np.newaxis]), axis=1)
    return np.asarray(np.sqrt(squares / np.where(count > 0, count, nan)))


def _column_mean(values: FloatArray) -> FloatArray:
    seen = ~np.isnan(values)
    count = seen.sum(axis=0)
    return np.asarray(np.where(seen, values, 0.0).sum(axis=0) / np.where(count > 0, count, nan))


def _about(values: FloatArray, both: BoolArray, count: np.ndarray) -> FloatArray:
    known = np.where(both, values, 0.0)
    mean = known.sum(axis=1) / np.maximum(count, 1)
    return np.where(both, known - mean[:, np.newaxis], 0.0)


def _double_entry(one: FloatArray, other: FloatArray) -> FloatArray:
    """Correlate profiles entered twice, given their deviations from their common mean."""
    product = 2.0 * np.nansum(one * other, axis=1)
    whole = np.nansum(np.square(one), axis=1) + np.nansum(np.square(other), axis=1)
    return np.where(whole > 0.0, product / np.where(whole > 0.0, whole, 1.0), nan)
