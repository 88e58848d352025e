"""What ordered outcomes are summarised by: thresholds, means, variances and correlations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.errors import StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.estimation.ordinal_moments import OrdinalMoments

StatisticName = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalStatistics:
    """The sample statistics of one group.

    Attributes
    ----------
    names : tuple of (lhs, op, rhs)
        What each is: ``("u1", "|", "t1")`` a threshold, ``("y", "~1", "")`` minus the mean of a
        continuous variable, ``("y", "~~", "y")`` its variance and ``("u1", "~~", "y")`` a
        covariance of the latent responses and the continuous variables, whose ordered ones have
        unit variance (so that it is a polychoric correlation between two ordered variables).
    values : ndarray, shape (s,)
    gamma : ndarray, shape (s, s)
        Their asymptotic covariance matrix times n.
    n : float
        Rows.
    """

    names: tuple[StatisticName, ...]
    values: FloatArray
    gamma: FloatArray
    n: float


def named_statistics(
    moments: OrdinalMoments, observed: Sequence[str], n: float | None = None
) -> OrdinalStatistics:
    """Name the statistics that were estimated from the rows of a group.

    Parameters
    ----------
    moments : OrdinalMoments
        Of `dyadkit.estimation.ordinal_moments.estimate_ordinal_moments`.
    observed : sequence of str
        The variables, in its order.
    n : float, optional
        Rows, where they are not those of `moments`.

    Examples
    --------
    >>> from dyadkit.estimation.ordinal_moments import estimate_ordinal_moments
    >>> rows = [[0, 0], [0, 1], [1, 1], [1, 0], [1, 1], [0, 0], [1, 1]]
    >>> found = named_statistics(estimate_ordinal_moments(rows, [True, True]), ["a", "b"])
    >>> [" ".join(name) for name in found.names], found.n
    (['a | t1', 'b | t1', 'a ~~ b'], 7.0)
    """
    counts = {
        name: part.size
        for name, part in zip(observed, moments.thresholds, strict=True)
        if part.size
    }
    return OrdinalStatistics(
        names=statistic_names(observed, counts),
        values=moments.statistics,
        gamma=moments.gamma,
        n=float(moments.n if n is None else n),
    )


def statistic_names(
    observed: Sequence[str], thresholds: Mapping[str, int]
) -> tuple[StatisticName, ...]:
    """Return the statistics of some variables in lavaan's order.

    Parameters
    ----------
    observed : sequence of str
    thresholds : mapping of str to int
        The ordered ones among them and their numbers of thresholds.

    Returns
    -------
    tuple of (lhs, op, rhs)
        Thresholds and (minus) means by variable, variances of continuous variables, covariances
        column by column below the diagonal.

    Examples
    --------
    >>> for name in statistic_names(["y", "u"], {"u": 2}):
    ...     print(*name)
    y ~1
    u | t1
    u | t2
    y ~~ y
    y ~~ u
    """
    names: list[StatisticName] = []
    for name in observed:
        if name in thresholds:
            names += [(name, "|", f"t{number + 1}") for number in range(thresholds[name])]
        else:
            names.append((name, "~1", ""))
    names += [(name, "~~", name) for name in observed if name not in thresholds]
    for position, name in enumerate(observed):
        names += [(name, "~~", other) for other in observed[position + 1 :]]
    return tuple(names)


def in_order(
    statistics: OrdinalStatistics, names: Sequence[StatisticName], group: int
) -> tuple[FloatArray, FloatArray]:
    """Return values (s,) and gamma (s, s) of statistics in a given order.

    Parameters
    ----------
    statistics : OrdinalStatistics
        In any order; a covariance may stand either way round.
    names : sequence of (lhs, op, rhs)
    group : int
        For the message.

    Raises
    ------
    StudyError
        If one is missing, there is one too many, or shapes do not agree.
    """
    place = {_key(name): number for number, name in enumerate(statistics.names)}
    missing = [name for name in names if _key(name) not in place]
    if missing or len(place) != len(names):
        wanted = {_key(name) for name in names}
        extra = [name for name in statistics.names if _key(name) not in wanted]
        what = "lack" if missing else "have, beyond the model,"
        raise StudyError(
            f"The sample statistics of group {group} {what} "
            f"{listed([''.join(name) for name in missing or extra])}. Each group needs the same "
            "thresholds, means, variances and covariances: those of the variables of the model."
        )
    size = len(names)
    if statistics.values.shape != (size,) or statistics.gamma.shape != (size, size):
        raise StudyError(
            f"The sample statistics of group {group} have shapes {statistics.values.shape} and "
            f"{statistics.gamma.shape}, but {size} names."
        )
    order: IntArray = np.array([place[_key(name)] for name in names], dtype=np.int64)
    return statistics.values[order], statistics.gamma[np.ix_(order, order)]


def _key(name: StatisticName) -> StatisticName:
    lhs, op, rhs = name
    return (rhs, op, lhs) if op == "~~" and rhs < lhs else name
