"""The average deviation: by how many scale points the members of a group differ from its middle."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dyadkit.agreement.grouping import Grouped, GroupIndex, group_means, index_over_groups
from dyadkit.errors import StudyError
from dyadkit.estimation.arrays import FloatArray

Middle = Literal["mean", "median"]


def average_deviations(
    data: Grouped, around: Middle = "mean", confidence: float = 0.95
) -> GroupIndex:
    r"""Estimate AD, or AD(J) over several items, in each group.

    Parameters
    ----------
    data : Grouped
        From `grouped`.
    around : {"mean", "median"}
    confidence : float
        Level of the interval of the mean over groups.

    Returns
    -------
    GroupIndex
        In scale points: 0 is full agreement.

    Notes
    -----
    :math:`AD = \sum |x_i - m| / n` with m the group's mean or median, divided by n, and averaged
    over items (Burke, Finkelstein & Dusig, 1999).

    References
    ----------
    Burke, M. J., Finkelstein, L. M., & Dusig, M. S. (1999). On average deviation indices for
    estimating interrater agreement. Organizational Research Methods, 2, 49-68.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> data = grouped([1, 1, 4, 3, 4], [0, 0, 0, 1, 1])
    >>> average_deviations(data).values.round(4), average_deviations(data, "median").values
    (array([1.3333, 0.5   ]), array([1. , 0.5]))
    """
    return index_over_groups(item_deviations(data, around).mean(axis=1), confidence)


def item_deviations(data: Grouped, around: Middle = "mean") -> FloatArray:
    """Return each group's AD of each item, shape (groups, items).

    Raises
    ------
    StudyError
        If `around` is neither mean nor median.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> item_deviations(grouped([[1, 2], [3, 2]], [5, 5])).tolist()
    [[1.0, 0.0]]
    """
    if around not in ("mean", "median"):
        raise StudyError(
            f"The average deviation is taken around 'mean' or 'median', not {around!r}."
        )
    middle = group_means(data) if around == "mean" else _medians(data)
    deviations = np.abs(data.ratings - np.repeat(middle, data.size, axis=0))
    sums = np.add.reduceat(deviations, data.starts, axis=0)
    return np.asarray(sums / data.size[:, np.newaxis])


def upper_limit(options: int) -> float:
    """Return the AD up to which agreement counts as practically significant, A / 6.

    Notes
    -----
    Burke and Dunlap (2002) derive A/6 from a uniform null.  For other nulls no limit is given
    here: see the simulated critical values.

    References
    ----------
    Burke, M. J., & Dunlap, W. P. (2002). Estimating interrater agreement with the average deviation
    index: A user's guide. Organizational Research Methods, 5, 159-172.

    Examples
    --------
    >>> round(upper_limit(5), 4)
    0.8333
    """
    if options < 2:
        raise StudyError(f"A response scale needs at least 2 options, but {options} were given.")
    return options / 6.0


def _medians(data: Grouped) -> FloatArray:
    member = data.member
    lower, upper = data.starts + (data.size - 1) // 2, data.starts + data.size // 2
    medians = np.empty((data.groups, data.ratings.shape[1]))
    for item, scores in enumerate(data.ratings.T):
        ordered = scores[np.lexsort((scores, member))]
        medians[:, item] = (ordered[lower] + ordered[upper]) / 2.0
    return medians
