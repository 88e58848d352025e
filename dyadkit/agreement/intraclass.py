"""All intraclass correlations of raters, under both of their names."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtr, fdtrc, fdtri

from dyadkit.agreement.two_way import MeanSquares, mean_squares
from dyadkit.estimation.arrays import require_confidence


@dataclass(frozen=True, slots=True)
class RaterIcc:
    """One form of the intraclass correlation.

    Attributes
    ----------
    name : str
        McGraw and Wong's (1996) name, such as "ICC(A,1)".
    shrout_fleiss : str
        Shrout and Fleiss' (1979), such as "ICC(2,1)".
    estimate, conf_low, conf_high : float
        Signed.
    statistic, df, df2, p_value : float
        F against 0 with its degrees of freedom; two-sided, since F < 1 may be significant.
    n, k : int
        Targets, and raters of each.
    method : str
        How the interval was made.
    """

    name: str
    shrout_fleiss: str
    estimate: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    df2: float
    p_value: float
    n: int
    k: int
    method: str


@dataclass(frozen=True, slots=True)
class IntraclassCorrelations:
    """All forms, and the mean squares they come from.

    Attributes
    ----------
    single_one_way, average_one_way : RaterIcc
        ICC(1), ICC(k): other raters for each target, or raters that are interchangeable.
    single_agreement, average_agreement : RaterIcc
        ICC(A,1), ICC(A,k): differences between raters' means count.
    single_consistency, average_consistency : RaterIcc
        ICC(C,1), ICC(C,k): they do not.
    mean_squares : MeanSquares
    """

    single_one_way: RaterIcc
    single_agreement: RaterIcc
    single_consistency: RaterIcc
    average_one_way: RaterIcc
    average_agreement: RaterIcc
    average_consistency: RaterIcc
    mean_squares: MeanSquares

    @property
    def forms(self) -> tuple[RaterIcc, ...]:
        """The six forms: of single raters, then of their mean."""
        return (
            self.single_one_way,
            self.single_agreement,
            self.single_consistency,
            self.average_one_way,
            self.average_agreement,
            self.average_consistency,
        )


def intraclass_correlations(ratings: ArrayLike, confidence: float = 0.95) -> IntraclassCorrelations:
    r"""Estimate every intraclass correlation of raters.

    Parameters
    ----------
    ratings : array_like, shape (n, k)
        Targets (dyads) in rows, raters in columns; a row with a NaN is dropped.
    confidence : float
        Level of the intervals, between 0 and 1.

    Raises
    ------
    DataError
        If fewer than two complete rows or two columns are left, or no rating varies.
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    With mean squares R (targets), C (raters), E (error), W (within targets), of McGraw and Wong
    (1996, Table 4): ICC(1) = (R − W)/(R + (k−1)W), ICC(C,1) = (R − E)/(R + (k−1)E), ICC(A,1) =
    (R − E)/(R + (k−1)E + k(C − E)/n); for the mean of the k raters (R − W)/R, (R − E)/R and
    (R − E)/(R + (C − E)/n).  Whether raters are a random sample or fixed changes the meaning, not
    the number, except that no average form is sound for fixed raters who interact with targets.
    None is truncated at 0.

    Intervals of the one-way and consistency forms are exact, by F.  Those of the agreement forms
    have Satterthwaite's degrees of freedom for the combination of C and E (McGraw & Wong, 1996,
    Table 7; Shrout & Fleiss, 1979, Eq. 8).

    References
    ----------
    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation
    coefficients. Psychological Methods, 1, 30-46.

    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater
    reliability. Psychological Bulletin, 86, 420-428.

    Examples
    --------
    >>> found = intraclass_correlations(
    ...     [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> [(form.name, round(form.estimate, 2)) for form in found.forms[:3]]
    [('ICC(1)', 0.17), ('ICC(A,1)', 0.29), ('ICC(C,1)', 0.71)]
    """
    return intraclass_of(mean_squares(ratings), confidence)


def intraclass_of(squares: MeanSquares, confidence: float = 0.95) -> IntraclassCorrelations:
    """Estimate all forms given the mean squares; see `intraclass_correlations`."""
    require_confidence(confidence)
    rows, columns, error, within = squares.rows, squares.columns, squares.error, squares.within
    n, k = squares.n, squares.k
    tail = (1.0 - confidence) / 2.0
    df, df_within, df_error = n - 1.0, n * (k - 1.0), (n - 1.0) * (k - 1.0)

    one_way = _exact(rows, within, df, df_within, k, tail)
    consistent = _exact(rows, error, df, df_error, k, tail)
    between = k * (columns - error) / n
    agreement = _share(rows - error, rows + (k - 1.0) * error + between)
    ends = _agreement_interval(squares, agreement, tail)

    f_within = _ratio(rows, within), df, df_within
    f_error = _ratio(rows, error), df, df_error
    satterthwaite = "Satterthwaite-type F"

    def form(
        name: str,
        other: str,
        values: tuple[float, float, float],
        test: tuple[float, float, float],
        method: str,
    ) -> RaterIcc:
        f, df1, df2 = test
        lower = float(fdtr(df1, df2, f)) if isfinite(f) else 1.0
        upper = float(fdtrc(df1, df2, f)) if isfinite(f) else 0.0
        p = float(np.minimum(1.0, 2.0 * np.minimum(lower, upper)))
        return RaterIcc(name, other, *values, f, df1, df2, p, n, k, method)

    return IntraclassCorrelations(
        form("ICC(1)", "ICC(1,1)", one_way, f_within, "exact F"),
        form("ICC(A,1)", "ICC(2,1)", (agreement, *ends), f_error, satterthwaite),
        form("ICC(C,1)", "ICC(3,1)", consistent, f_error, "exact F"),
        form("ICC(k)", "ICC(1,k)", _of_mean(one_way, k), f_within, "exact F"),
        form("ICC(A,k)", "ICC(2,k)", _of_mean((agreement, *ends), k), f_error, satterthwaite),
        form("ICC(C,k)", "ICC(3,k)", _of_mean(consistent, k), f_error, "exact F"),
        squares,
    )


def _exact(
    rows: float, other: float, df1: float, df2: float, k: int, tail: float
) -> tuple[float, float, float]:
    f = _ratio(rows, other)
    low = f / float(fdtri(df1, df2, 1.0 - tail))
    high = f * float(fdtri(df2, df1, 1.0 - tail))
    return _share(rows - other, rows + (k - 1.0) * other), _from_f(low, k), _from_f(high, k)


def _agreement_interval(squares: MeanSquares, rho: float, tail: float) -> tuple[float, float]:
    """Return the bounds of ICC(A,1).

    With a = kρ/(n(1−ρ)) and b = 1 + kρ(n−1)/(n(1−ρ)), the combination aC + bE has
    ν = (aC + bE)² / ((aC)²/(k−1) + (bE)²/((n−1)(k−1))) degrees of freedom.
    """
    rows, columns, error = squares.rows, squares.columns, squares.error
    n, k = squares.n, squares.k
    if not isfinite(rho) or rho >= 1.0:
        return (rho, rho) if rho >= 1.0 else (nan, nan)
    odds = k * rho / (n * (1.0 - rho))
    a, b = odds * columns, (1.0 + odds * (n - 1.0)) * error
    spread = a * a / (k - 1.0) + b * b / ((n - 1.0) * (k - 1.0))
    if spread == 0.0:
        return nan, nan
    df = (a + b) ** 2 / spread
    rest = k * columns + (k * n - k - n) * error
    above = float(fdtri(n - 1.0, df, 1.0 - tail))
    below = float(fdtri(df, n - 1.0, 1.0 - tail))
    low = n * (rows - above * error) / (above * rest + n * rows)
    high = n * (below * rows - error) / (rest + n * below * rows)
    return low, high


def _of_mean(values: tuple[float, float, float], k: int) -> tuple[float, float, float]:
    """Step up from single raters to the mean of k (Spearman-Brown), estimate and bounds alike."""
    one, low, high = (
        k * value / (1.0 + (k - 1.0) * value) if 1.0 + (k - 1.0) * value > 0.0 else -inf
        for value in values
    )
    return one, low, high


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else nan


def _ratio(above: float, below: float) -> float:
    if below > 0.0:
        return above / below
    return inf if above > 0.0 else nan


def _from_f(f: float, k: int) -> float:
    return 1.0 if f == inf else (f - 1.0) / (f + k - 1.0)
