"""Cohen's kappa of two raters, plain or weighted, and the largest that their habits allow."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linprog
from scipy.special import ndtr, ndtri

from dyadkit.agreement.category_counts import CategoryCounts, count_categories, weights_of
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, require_confidence


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : float
    std_error_null, statistic, p_value : float
        Standard error if there were no agreement beyond chance, and the z test of that, two-sided.
    observed, chance : float
        (Weighted) share of agreement, and that expected from both raters' habits.
    maximum, of_maximum : float
        The largest kappa that the raters' shares of the categories allow, and kappa's part of it.
    n : int
    method : str
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    std_error_null: float
    statistic: float
    p_value: float
    observed: float
    chance: float
    maximum: float
    of_maximum: float
    n: int
    method: str = "large-sample z"


def cohen_kappa(
    ratings: ArrayLike | CategoryCounts,
    weights: str | ArrayLike = "unweighted",
    confidence: float = 0.95,
) -> Kappa:
    r"""Estimate Cohen's kappa of two raters.

    Parameters
    ----------
    ratings : array_like, shape (n, 2), or CategoryCounts
        Codes; a unit with a NaN is dropped.
    weights : str or array_like, shape (q, q)
        See `dyadkit.agreement.category_counts.weights_of`.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If there are not two raters, fewer than two units are left, or both raters always chose one
        and the same category.

    Notes
    -----
    :math:`\kappa_w = (p_o - p_e)/(1 - p_e)` (Cohen, 1968) with the large-sample standard errors of
    Fleiss, Cohen and Everitt (1969).  The maximum is that of the weighted agreement over all tables
    with the same margins, a transport problem.

    References
    ----------
    Cohen, J. (1968). Weighted kappa: Nominal scale agreement with provision for scaled disagreement
    or partial credit. Psychological Bulletin, 70, 213-220.

    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and
    weighted kappa. Psychological Bulletin, 72, 323-327.

    Examples
    --------
    >>> found = cohen_kappa([[1, 1], [1, 1], [1, 2], [2, 2], [2, 1], [2, 2]])
    >>> round(found.estimate, 4), round(found.maximum, 4)
    (0.3333, 1.0)
    """
    require_confidence(confidence)
    counted = ratings if isinstance(ratings, CategoryCounts) else count_categories(ratings)
    if counted.raters != 2:
        raise DataError(
            f"Cohen's kappa is of 2 raters, but there are {counted.raters}. Choose two of them, or "
            "Conger's kappa, its extension."
        )
    table = counted.table
    n = int(table.sum())
    if n < 2:
        raise DataError(f"Kappa needs at least 2 units that both raters rated, but {n} are left.")
    w = weights_of(weights, counted.values)
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, chance = float((w * p).sum()), float(rows @ w @ columns)
    if 1.0 - chance <= 1e-12:
        raise DataError(
            f"Kappa is undefined because both raters put all {n} units into one and the same "
            "category, so that chance alone would do it too. Report the percentage of agreement, "
            "or AC1."
        )
    kappa = (observed - chance) / (1.0 - chance)
    mean_row, mean_column = w @ columns, rows @ w
    both = mean_row[:, np.newaxis] + mean_column
    # Sums of squares about their means, which loses no digits when kappa is close to 1.
    slopes = w - both * (1.0 - kappa)
    error = sqrt(_variance(table, slopes) / n) / (1.0 - chance)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    error_null = sqrt(_variance(expected, w - both) / n) / (1.0 - chance)
    reach = float(ndtri(0.5 + confidence / 2.0)) * error
    statistic = kappa / error_null if error_null > 0.0 else nan
    largest = _largest(w, table.sum(axis=1), table.sum(axis=0)) / n
    maximum = (largest - chance) / (1.0 - chance)
    return Kappa(
        estimate=kappa,
        std_error=error,
        # Weighted kappa may lie below −1.
        conf_low=max(-1.0 if np.array_equal(w, np.eye(len(w))) else -inf, kappa - reach),
        conf_high=min(1.0, kappa + reach),
        std_error_null=error_null,
        statistic=statistic,
        p_value=float(2.0 * ndtr(-abs(statistic))),
        observed=observed,
        chance=chance,
        maximum=maximum,
        of_maximum=kappa / maximum if maximum > 0.0 else nan,
        n=n,
    )


def _variance(counts: FloatArray, values: FloatArray) -> float:
    total = float(counts.sum())
    mean = float((counts * values).sum()) / total
    return float((counts * (values - mean) ** 2).sum()) / total


def _largest(w: FloatArray, rows: FloatArray, columns: FloatArray) -> float:
    """Return the largest weighted number of agreements of a table with these margins."""
    q = rows.size
    if np.array_equal(w, np.eye(q)):
        return float(np.minimum(rows, columns).sum())
    by_row = np.kron(np.eye(q), np.ones(q))
    by_column = np.kron(np.ones(q), np.eye(q))
    # The last equation follows from the others.
    found = linprog(
        -w.ravel(),
        A_eq=np.concatenate([by_row, by_column[:-1]]),
        b_eq=np.concatenate([rows, columns[:-1]]),
        method="highs-ds",
    )
    if not found.success or found.x is None:
        raise DataError(f"The largest kappa possible was not found: {found.message}")
    # A corner of the tables with whole margins is a table of whole numbers.
    return float(w.ravel() @ np.rint(found.x))
