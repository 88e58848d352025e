"""Agreement in each group: r_wg, r*_wg, a_wg, standard deviation and coefficient of variation."""

from __future__ import annotations

import numpy as np

from dyadkit.agreement.grouping import (
    Grouped,
    GroupIndex,
    group_means,
    group_variances,
    index_over_groups,
    require_range,
)
from dyadkit.agreement.nulls import Null
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray

_AT_THE_LIMIT = 1e-9


def rwg(data: Grouped, null: Null, confidence: float = 0.95) -> GroupIndex:
    r"""Estimate r_wg, or r_wg(j) of several items, in each group.

    Parameters
    ----------
    data : Grouped
        From `grouped`.
    null : Null
        What the variance is compared with.
    confidence : float
        Level of the interval of the mean over groups.

    Returns
    -------
    GroupIndex
        From 0 to 1; `out_of_range` counts the groups truncated at 0.

    Notes
    -----
    With :math:`\bar s^2` the mean of the J items' variances (divisor n - 1) and
    :math:`q = \min(\bar s^2 / \sigma^2, 1)`,

    .. math:: r_{WG(J)} = \frac{J (1 - q)}{J (1 - q) + q},

    which for one item is :math:`1 - q` (James, Demaree & Wolf, 1984).  Variance above the null's
    is cut to it, as the authors recommend.  It grows with J at the same scatter; `lindell` does
    not.  For a pair on a scale from 1 to 5 and the uniform null, one item takes only the values
    0, .75 and 1.

    References
    ----------
    James, L. R., Demaree, R. G., & Wolf, G. (1984). Estimating within-group interrater reliability
    with and without response bias. Journal of Applied Psychology, 69, 85-98.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> from dyadkit.agreement.nulls import null_named
    >>> rwg(grouped([4, 4, 4, 5, 1, 5], [0, 0, 1, 1, 2, 2]), null_named("uniform", 5)).values
    array([1.  , 0.75, 0.  ])
    """
    ratio = _ratio(data, null)
    out = int((ratio > 1.0 + _AT_THE_LIMIT).sum())
    values = rwg_from_ratio(ratio, data.ratings.shape[1])
    return index_over_groups(values, confidence, out)


def rwg_from_ratio(ratio: FloatArray, items: int) -> FloatArray:
    """Return r_wg(j) from the mean variance over the null's, which is cut to 1."""
    cut = np.minimum(ratio, 1.0)
    agreed = items * (1.0 - cut)
    return np.asarray(agreed / (agreed + cut))


def lindell(data: Grouped, null: Null, confidence: float = 0.95) -> GroupIndex:
    r"""Estimate r*_wg, or r*_wg(j) of several items, in each group.

    Returns
    -------
    GroupIndex
        At most 1, and negative where a group scatters more than the null; `out_of_range` counts
        these.

    Notes
    -----
    :math:`r^*_{WG(J)} = 1 - \bar s^2 / \sigma^2`, neither truncated nor stepped up with the number
    of items (Lindell, Brandt & Whitney, 1999).

    References
    ----------
    Lindell, M. K., Brandt, C. J., & Whitney, D. J. (1999). A revised index of interrater agreement
    for multi-item ratings of a single target. Applied Psychological Measurement, 23, 127-135.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> from dyadkit.agreement.nulls import null_named
    >>> lindell(grouped([4, 5, 1, 5], [1, 1, 2, 2]), null_named("uniform", 5)).values
    array([ 0.75, -3.  ])
    """
    ratio = _ratio(data, null)
    return index_over_groups(1.0 - ratio, confidence, int((ratio > 1.0 + _AT_THE_LIMIT).sum()))


def awg(data: Grouped, low: float, high: float, confidence: float = 0.95) -> GroupIndex:
    r"""Estimate a_wg, or a_wg(j) of several items, in each group.

    Parameters
    ----------
    data : Grouped
    low, high : float
        The ends of the response scale.
    confidence : float

    Returns
    -------
    GroupIndex
        From -1 to 1; NaN where it is undefined for every item.

    Raises
    ------
    StudyError
        If the ends are not in order.
    DataError
        If a rating lies outside them.

    Notes
    -----
    For k members with mean M and variance s² (divisor k - 1),

    .. math:: a_{WG} = 1 - \frac{2 s^2}{[(H + L) M - M^2 - H L] \, k / (k - 1)},

    the variance over half the largest that is possible at this mean.  It is defined for M from
    :math:`[L (k - 1) + H] / k` to :math:`[H (k - 1) + L] / k`; where all members chose the same
    end, it is 1.  a_wg(j) is the mean over the items for which it is defined (Brown & Hauenstein,
    2005).  Of a pair's 25 answers on a scale from 1 to 5, 18 leave it undefined.

    References
    ----------
    Brown, R. D., & Hauenstein, N. M. A. (2005). Interrater agreement reconsidered: An alternative
    to the rwg indices. Organizational Research Methods, 8, 165-184.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> awg(grouped([2, 4, 1, 5, 5, 5, 4, 5], [1, 1, 2, 2, 3, 3, 4, 4]), 1, 5).values
    array([ 0.5, -1. ,  1. ,  nan])
    """
    if not low < high:
        raise StudyError(
            f"The lowest option must lie below the highest, but they are {low!r} and {high!r}."
        )
    require_range(data, low, high)
    mean = group_means(data)
    size = data.size[:, np.newaxis].astype(np.float64)
    slack = _AT_THE_LIMIT * (high - low)
    most = (high - mean) * (mean - low) * size / (size - 1.0)
    inside = (mean >= (low * (size - 1.0) + high) / size - slack) & (
        mean <= (high * (size - 1.0) + low) / size + slack
    )
    same_end = (mean <= low + slack / 10.0) | (mean >= high - slack / 10.0)
    items = np.full(mean.shape, np.nan)
    np.divide(-2.0 * group_variances(data), most, out=items, where=inside)
    items += 1.0
    items[same_end] = 1.0
    defined = ~np.isnan(items)
    count = defined.sum(axis=1)
    values = np.full(data.groups, np.nan)
    np.divide(np.where(defined, items, 0.0).sum(axis=1), count, out=values, where=count > 0)
    return index_over_groups(values, confidence)


def standard_deviation(data: Grouped, confidence: float = 0.95) -> GroupIndex:
    """Return each group's standard deviation, divisor n - 1, averaged over items.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> standard_deviation(grouped([1, 3, 4, 4], [0, 0, 1, 1])).values.round(4)
    array([1.4142, 0.    ])
    """
    return index_over_groups(np.sqrt(group_variances(data)).mean(axis=1), confidence)


def coefficient_of_variation(data: Grouped, confidence: float = 0.95) -> GroupIndex:
    """Return each group's standard deviation over its mean, averaged over items.

    It means something only where zero is a true zero, and changes when a constant is added to the
    scale, as no other index here does.

    Raises
    ------
    DataError
        If a rating is negative, or the mean of a group is zero.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> coefficient_of_variation(grouped([1, 3, 4, 4], [0, 0, 1, 1])).values.round(4)
    array([0.7071, 0.    ])
    """
    means = group_means(data)
    negative, zero = int((data.ratings < 0).sum()), int((means == 0.0).sum())
    if negative or zero:
        raise DataError(
            f"A coefficient of variation needs ratings above zero, but {negative} are negative and "
            f"{zero} mean(s) of a group are zero. Take the standard deviation instead."
        )
    values = (np.sqrt(group_variances(data)) / means).mean(axis=1)
    return index_over_groups(values, confidence)


def _ratio(data: Grouped, null: Null) -> FloatArray:
    return np.asarray(group_variances(data).mean(axis=1) / null.variance)
