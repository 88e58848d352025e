"""Ratings sorted by group: who counts, and the sums of each group."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray, as_scores, read_only, require_confidence

_T_OVER_GROUPS = "t over groups"
_ONE_GROUP = "none: fewer than two groups"


@dataclass(frozen=True, slots=True)
class Grouped:
    """Complete ratings of groups with at least two members, sorted by group.

    Attributes
    ----------
    ratings : ndarray, shape (persons, items)
    size : ndarray of int, shape (groups,)
        Members of each group.
    starts : ndarray of int, shape (groups,)
        Row of each group's first member.
    code : ndarray of int, shape (groups,)
        The code each group came with.
    incomplete : int
        Persons left out because a rating was missing.
    alone : int
        Groups left out because one complete member was left.
    """

    ratings: FloatArray
    size: IntArray
    starts: IntArray
    code: IntArray
    incomplete: int
    alone: int

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return self.size.size

    @property
    def member(self) -> IntArray:
        """The place of each person's group, from 0."""
        return np.repeat(np.arange(self.size.size), self.size)


@dataclass(frozen=True, slots=True)
class GroupIndex:
    """An index of agreement in each group, and its distribution over groups.

    Attributes
    ----------
    values : ndarray, shape (groups,)
        Read-only; NaN where the index is undefined.
    estimate : float
        Mean over the groups in which it is defined.
    conf_low, conf_high : float
        Interval of that mean, with groups as units; NaN for fewer than two groups.
    method : str
    n : int
        Groups with a value.
    sd, q25, median, q75 : float
        Over these groups.
    undefined : int
        Groups without one.
    out_of_range : int
        Groups in which the variance exceeds the null's; 0 for indices without a null.
    """

    values: FloatArray
    estimate: float
    conf_low: float
    conf_high: float
    method: str
    n: int
    sd: float
    q25: float
    median: float
    q75: float
    undefined: int
    out_of_range: int

    def share_at_least(self, threshold: float) -> float:
        """Return the share of the groups with a value that reach a threshold."""
        defined = self.values[~np.isnan(self.values)]
        return float((defined >= threshold).mean()) if defined.size else nan


def grouped(ratings: ArrayLike, group: ArrayLike) -> Grouped:
    """Sort complete ratings by group, and leave out groups of one.

    Parameters
    ----------
    ratings : array_like, shape (persons,) or (persons, items)
        NaN is missing; a person with a missing rating is left out.
    group : array_like of int, shape (persons,)
        Any whole numbers; equal ones are one group.

    Raises
    ------
    StudyError
        If the lengths differ, or the codes are not whole numbers.
    DataError
        If a rating is infinite or no group has two complete members.

    Examples
    --------
    >>> found = grouped([3, 4, 5, 1], [7, 2, 7, 2])
    >>> found.code.tolist(), found.ratings[:, 0].tolist(), found.starts.tolist()
    ([2, 7], [4.0, 1.0, 3.0, 5.0], [0, 2])
    """
    raw = np.asarray(ratings, dtype=np.float64)
    table = as_scores(raw[:, np.newaxis] if raw.ndim == 1 else raw, 2, "ratings")
    codes = np.asarray(group)
    if codes.shape != (table.shape[0],):
        raise StudyError(
            f"Every person's ratings need one group code, but there are {table.shape[0]} persons "
            f"and codes of shape {codes.shape}. Pass one code per row of the ratings."
        )
    if not np.issubdtype(codes.dtype, np.integer):
        raise StudyError(
            f"Group codes must be whole numbers, but they are of type {codes.dtype}. Number the "
            "groups, and leave out persons without a group."
        )
    if table.shape[1] == 0:
        raise StudyError("Agreement needs at least one item, but the ratings have no column.")
    complete = ~np.isnan(table).any(axis=1)
    incomplete = int(table.shape[0] - complete.sum())
    if incomplete:
        table, codes = table[complete], codes[complete]
    # A sort of what is sorted already is skipped: it would cost more than the index.
    if codes.size and not (codes[1:] >= codes[:-1]).all():
        order = np.argsort(codes, kind="stable")
        table, codes = table[order], codes[order]
    new = np.ones(codes.size, dtype=bool)
    new[1:] = codes[1:] != codes[:-1]
    starts = np.flatnonzero(new)
    size = np.diff(np.append(starts, codes.size))
    code = codes[starts].astype(np.int64)
    several = size >= 2
    alone = int(size.size - several.sum())
    if not several.any():
        raise DataError(
            f"Agreement within groups needs a group with at least 2 complete members, but none of "
            f"the {size.size} group(s) has; {incomplete} person(s) had a rating missing. Check the "
            "group codes and the missing ratings."
        )
    if alone:
        table = table[np.repeat(several, size)]
        size, code = size[several], code[several]
        starts = np.concatenate([[0], np.cumsum(size)[:-1]])
    return Grouped(table, size, starts.astype(np.int64), code, incomplete, alone)


def group_means(data: Grouped) -> FloatArray:
    """Return each group's mean of each item, shape (groups, items)."""
    sums = np.add.reduceat(data.ratings, data.starts, axis=0)
    return np.asarray(sums / data.size[:, np.newaxis])


def group_variances(data: Grouped) -> FloatArray:
    """Return each group's variance of each item, divisor n - 1, shape (groups, items).

    Examples
    --------
    >>> group_variances(grouped([1, 3, 4, 4], [0, 0, 1, 1])).ravel().tolist()
    [2.0, 0.0]
    """
    deviations = data.ratings - np.repeat(group_means(data), data.size, axis=0)
    np.square(deviations, out=deviations)
    sums = np.add.reduceat(deviations, data.starts, axis=0)
    return np.asarray(sums / (data.size - 1.0)[:, np.newaxis])


def require_range(data: Grouped, low: float, high: float) -> None:
    """Refuse ratings outside the response scale.

    Raises
    ------
    DataError
        With how many lie outside.
    """
    outside = int(((data.ratings < low) | (data.ratings > high)).sum())
    if outside:
        items = np.flatnonzero(((data.ratings < low) | (data.ratings > high)).any(axis=0)) + 1
        raise DataError(
            f"{outside} rating(s) lie outside the response scale from {low:g} to {high:g}, in "
            f"item(s) {listed(items.tolist())}. Correct the lowest option and the number of "
            "options, or the ratings."
        )


def index_over_groups(
    values: FloatArray, confidence: float = 0.95, out_of_range: int = 0
) -> GroupIndex:
    """Describe the values of an index over groups; the array becomes read-only.

    The interval is that of the mean over groups, :math:`m ± t s / √n` with n - 1 degrees of
    freedom: groups are the units, whatever their size.
    """
    require_confidence(confidence)
    defined = values[~np.isnan(values)]
    n = defined.size
    mean = float(defined.mean()) if n else nan
    sd = float(defined.std(ddof=1)) if n > 1 else nan
    reach = float(stdtrit(n - 1, 0.5 + confidence / 2.0)) * sd / sqrt(n) if n > 1 else nan
    q25, median, q75 = np.quantile(defined, (0.25, 0.5, 0.75)).tolist() if n else (nan, nan, nan)
    read_only(values)
    return GroupIndex(
        values=values,
        estimate=mean,
        conf_low=mean - reach,
        conf_high=mean + reach,
        method=_T_OVER_GROUPS if n > 1 else _ONE_GROUP,
        n=n,
        sd=sd,
        q25=q25,
        median=median,
        q75=q75,
        undefined=values.size - n,
        out_of_range=out_of_range,
    )
