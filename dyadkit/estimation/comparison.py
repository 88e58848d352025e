"""Two groups compared: Welch's t test for means, the chi-square test for categories."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, stdtr, stdtrit

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import (
    FloatArray,
    as_scores,
    centred,
    constant,
    present,
    require_confidence,
)


@dataclass(frozen=True, slots=True)
class Welch:
    """Difference of two independent means, with unequal variances allowed.

    Attributes
    ----------
    difference, conf_low, conf_high : float
        Mean of x minus mean of y and its interval, in the unit of the scores.
    statistic, df, p_value : float
        t, Welch-Satterthwaite degrees of freedom, two-sided p.
    n_x, n_y : int
        Scores that are not missing.
    mean_x, mean_y, sd_x, sd_y : float
        Means and standard deviations (divisor n - 1).
    cohens_d : float
        Difference over the pooled standard deviation.
    """

    difference: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    n_x: int
    n_y: int
    mean_x: float
    mean_y: float
    sd_x: float
    sd_y: float
    cohens_d: float


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Pearson's chi-square test of independence.

    Attributes
    ----------
    statistic, df, p_value : float
        Chi-square without continuity correction, its degrees of freedom and upper tail.
    n : int
        Units in the table.
    cramers_v : float
        Cramer's V, from 0 to 1.
    smallest_expected : float
        Smallest expected count; below 5 the p-value is rough.
    """

    statistic: float
    df: float
    p_value: float
    n: int
    cramers_v: float
    smallest_expected: float


def welch(x: ArrayLike, y: ArrayLike, confidence: float = 0.95) -> Welch:
    r"""Compare the means of two independent groups.

    Parameters
    ----------
    x, y : array_like, shape (n_x,) and (n_y,)
        Scores of the two groups in one unit; NaN is missing and is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Welch
        `difference` is positive when x has the larger mean.

    Raises
    ------
    DataError
        If either group has fewer than two scores, or neither varies.
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    With :math:`v = s^2/n` per group, :math:`t = (\bar x - \bar y)/\sqrt{v_x + v_y}` on
    :math:`(v_x + v_y)^2 / (v_x^2/(n_x-1) + v_y^2/(n_y-1))` degrees of freedom (Welch, 1947).
    Cohen's (1988) d divides by the pooled standard deviation of divisor n_x + n_y - 2.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.).
    Erlbaum.

    Welch, B. L. (1947). The generalization of "Student's" problem when several different
    population variances are involved. Biometrika, 34, 28-35.

    Examples
    --------
    >>> result = welch([5, 6, 7, 8], [1, 3, 5, 7, 9])
    >>> result.difference, round(result.statistic, 4), round(result.df, 4)
    (1.5, 0.9649, 5.5208)
    """
    require_confidence(confidence)
    first, second = present(x), present(y)
    for position, group in enumerate((first, second), start=1):
        if group.size < 2:
            raise DataError(
                f"Comparing two means needs at least 2 scores in each group, but group {position} "
                f"has {group.size}. Merge groups or report the means without a test."
            )
    if constant(first) and constant(second):
        raise DataError(
            "Two means cannot be tested when the scores of neither group vary "
            f"({first.size} and {second.size} equal scores). Report the means without a test."
        )
    n_x, n_y = first.size, second.size
    # Taken about a common origin, a small difference of large means keeps its digits.
    origin = float(first.mean())
    difference = float((first - origin).mean() - (second - origin).mean())
    variance_x, variance_y = _variance(first), _variance(second)
    error_x, error_y = variance_x / n_x, variance_y / n_y
    std_error = sqrt(error_x + error_y)
    df = (error_x + error_y) ** 2 / (error_x**2 / (n_x - 1) + error_y**2 / (n_y - 1))
    statistic = difference / std_error
    reach = float(stdtrit(df, 0.5 + confidence / 2.0)) * std_error
    pooled = ((n_x - 1) * variance_x + (n_y - 1) * variance_y) / (n_x + n_y - 2)
    return Welch(
        difference=difference,
        conf_low=difference - reach,
        conf_high=difference + reach,
        statistic=statistic,
        df=df,
        p_value=float(2.0 * stdtr(df, -abs(statistic))),
        n_x=n_x,
        n_y=n_y,
        mean_x=float(first.mean()),
        mean_y=float(second.mean()),
        sd_x=sqrt(variance_x),
        sd_y=sqrt(variance_y),
        cohens_d=difference / sqrt(pooled),
    )


def chi_square_independence(table: ArrayLike) -> ChiSquare:
    r"""Test whether two classifications are independent.

    Parameters
    ----------
    table : array_like, shape (r, c)
        Counts.  A row or column without any unit says nothing and is left out.

    Returns
    -------
    ChiSquare
        Without continuity correction.

    Raises
    ------
    DataError
        If a count is missing or negative, or fewer than two rows or columns hold a unit.

    Notes
    -----
    :math:`\chi^2 = \sum (O - E)^2/E` on (r - 1)(c - 1) degrees of freedom (Pearson, 1900),
    and :math:`V = \sqrt{\chi^2 / (n \min(r - 1, c - 1))}` (Cramer, 1946).

    References
    ----------
    Cramer, H. (1946). Mathematical methods of statistics. Princeton University Press.

    Pearson, K. (1900). On the criterion that a given system of deviations from the probable
    in the case of a correlated system of variables is such that it can be reasonably
    supposed to have arisen from random sampling. Philosophical Magazine, 50, 157-175.

    Examples
    --------
    >>> result = chi_square_independence([[30, 10], [20, 40]])
    >>> round(result.statistic, 4), result.df, round(result.cramers_v, 4)
    (16.6667, 1.0, 0.4082)
    """
    counts = as_scores(table, 2, "counts")
    if np.isnan(counts).any() or (counts < 0).any():
        raise DataError(
            "A contingency table holds counts, but a cell is missing or negative. Count the units "
            "of each combination, and write 0 where there is none."
        )
    counts = counts[counts.sum(axis=1) > 0]
    counts = counts[:, counts.sum(axis=0) > 0]
    rows, columns = counts.shape
    if rows < 2 or columns < 2:
        raise DataError(
            f"A test of independence needs at least 2 rows and 2 columns with units in them, but "
            f"{rows} row(s) and {columns} column(s) are left. There is nothing to compare."
        )
    n = float(counts.sum())
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = float((rows - 1) * (columns - 1))
    return ChiSquare(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        n=round(n),
        cramers_v=sqrt(statistic / (n * (min(rows, columns) - 1))),
        smallest_expected=float(expected.min()),
    )


def _variance(scores: FloatArray) -> float:
    if constant(scores):
        return 0.0
    return float((centred(scores) ** 2).sum()) / (scores.size - 1)
