"""Pearson correlation: one pair of variables, or all pairs of a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, inf, log, nan, sqrt, tanh

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr

from dyadkit.errors import DataError
from dyadkit.estimation.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_pair,
    as_scores,
    centred,
    constant,
    read_only,
    require_confidence,
)
from dyadkit.estimation.paired_moments import PairMoments


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation with its interval and its test against zero.

    Attributes
    ----------
    estimate : float
        The correlation.
    conf_low, conf_high : float
        Fisher z interval; NaN where the sample is too small for one.
    statistic, df : float
        Test statistic, t on `df` degrees of freedom; `df` is infinite where it is a z.
    p_value : float
        Two-sided.
    n : int
        Complete pairs.
    """

    estimate: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationMatrix:
    """Pairwise-complete correlations of p variables.

    Attributes
    ----------
    estimate, p_value : ndarray, shape (p, p)
        Correlations and two-sided p-values; NaN where a pair has fewer than three complete
        rows or a variable that does not vary in them.
    n : ndarray of int, shape (p, p)
        Complete rows of each pair; on the diagonal, of each variable.
    """

    estimate: FloatArray
    p_value: FloatArray
    n: IntArray


def pearson(x: ArrayLike, y: ArrayLike, confidence: float = 0.95) -> Correlation:
    r"""Correlate two variables over their complete pairs.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Paired scores in any units; a pair with a NaN is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Correlation
        With t on n - 2 degrees of freedom.

    Raises
    ------
    DataError
        If fewer than three complete pairs are left, or either variable does not vary in them.
    StudyError
        If the lengths differ or the confidence level is not between 0 and 1.

    Notes
    -----
    :math:`t = r\sqrt{(n-2)/(1-r^2)}` is exact for bivariate normal scores; the interval is
    :math:`\tanh(\operatorname{artanh} r \pm z_{1-\alpha/2}/\sqrt{n-3})` (Fisher, 1921).
    With u and v the centred scores of length one, :math:`1 \mp r = \lVert u \mp v\rVert^2/2`,
    so neither loses digits when r is close to 1 in size.

    References
    ----------
    Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced
    from a small sample. Metron, 1, 3-32.

    Examples
    --------
    >>> result = pearson([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    >>> round(result.estimate, 4), round(result.p_value, 4), result.n
    (0.8, 0.1041, 5)
    """
    require_confidence(confidence)
    first, second = as_pair(x, y)
    n = first.size
    _require_pairs(n)
    for position, scores in enumerate((first, second), start=1):
        if constant(scores):
            raise _no_variance(position, n)
    u, v = _unit_length(first), _unit_length(second)
    return _tested(float(((u + v) ** 2).sum()), float(((u - v) ** 2).sum()), n, confidence)


def pearson_of(moments: PairMoments, confidence: float = 0.95) -> Correlation:
    """Correlate two variables given their moments; see `pearson`.

    Of correlations within 1e-6 of ±1 the test is only as accurate as 1 − r can be from moments.

    Raises
    ------
    DataError
        If there are fewer than three pairs, or either variable does not vary.
    """
    require_confidence(confidence)
    _require_pairs(moments.n)
    for position, ss in enumerate((moments.ss_first, moments.ss_second), start=1):
        if ss == 0.0:
            raise _no_variance(position, moments.n)
    r = moments.r
    return _tested(2.0 * (1.0 + r), 2.0 * (1.0 - r), moments.n, confidence)


def _tested(alike: float, unlike: float, n: int, confidence: float) -> Correlation:
    """Test a correlation r from 2(1 + r) and 2(1 − r)."""
    estimate = (alike - unlike) / (alike + unlike)
    df = n - 2.0
    if abs(estimate) == 1.0:
        statistic, z = copysign(inf, estimate), copysign(inf, estimate)
    else:
        statistic = estimate * sqrt(df) * (alike + unlike) / (2.0 * sqrt(alike * unlike))
        z = 0.5 * log(alike / unlike)
    low, high = fisher_interval(z, 1.0 / sqrt(n - 3.0), confidence) if n > 3 else (nan, nan)
    return Correlation(
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        statistic=statistic,
        df=df,
        p_value=float(2.0 * stdtr(df, -abs(statistic))),
        n=n,
    )


def _require_pairs(n: int) -> None:
    if n < 3:
        raise DataError(
            f"A correlation needs at least 3 complete pairs of scores, but {n} are left. "
            "Check how many units answered both."
        )


def _no_variance(position: int, n: int) -> DataError:
    return DataError(
        f"A correlation is undefined because variable {position} has no variance in the "
        f"{n} complete pairs of scores. Leave it out, or check its coding."
    )


def fisher_interval(z: float, std_error: float, confidence: float) -> tuple[float, float]:
    """Return the interval of a correlation from its Fisher z.

    Parameters
    ----------
    z : float
        ``artanh(r)``, which may be infinite.
    std_error : float
        Standard error of z.
    confidence : float
        Level of the interval.

    Returns
    -------
    tuple of float
        Lower and upper bound on the scale of r.

    Examples
    --------
    >>> low, high = fisher_interval(0.0, 0.1, 0.95)
    >>> round(low, 4), round(high, 4)
    (-0.1935, 0.1935)
    """
    reach = float(ndtri(0.5 + confidence / 2.0)) * std_error
    return tanh(z - reach), tanh(z + reach)


def pearson_matrix(values: ArrayLike) -> CorrelationMatrix:
    """Correlate every pair of columns over the rows complete for that pair.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Units in rows, variables in columns; NaN is missing.

    Returns
    -------
    CorrelationMatrix
        Each entry equals `pearson` of that pair, or is NaN where `pearson` would raise.

    Raises
    ------
    DataError
        If a score is infinite.

    Notes
    -----
    All pairs come from a few matrix products of the centred, zero-filled columns and
    their masks.  A pair whose complete rows are nearly constant compared with their
    distance from the column mean would lose digits that way and is computed singly.

    Examples
    --------
    >>> matrix = pearson_matrix([[1, 2], [2, 1], [3, 4], [4, 3], [5, 5]])
    >>> matrix.estimate.round(2).tolist()
    [[1.0, 0.8], [0.8, 1.0]]
    """
    scores = as_scores(values, 2)
    seen = ~np.isnan(scores)
    mask = seen.astype(np.float64)
    z = _standardised(scores, seen)
    sizes = mask.T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = z.T @ mask
        squares = (z * z).T @ mask
        variation = squares - sums * sums / sizes
        covariation = z.T @ z - sums * sums.T / sizes
        shares = variation / squares
    # Rounding leaves about eps / share of relative error in what is left after subtraction.
    safe = (shares > 1e-4) & (shares.T > 1e-4) & (sizes >= 3)
    estimate = np.full(sizes.shape, nan)
    estimate[safe] = covariation[safe] / np.sqrt(variation[safe] * variation.T[safe])
    estimate = np.clip(estimate, -1.0, 1.0)
    np.fill_diagonal(estimate, np.where(np.diag(safe), 1.0, nan))
    p_value = _p_values(estimate, sizes)
    for i, j in np.argwhere(np.triu(~safe & (sizes >= 3), k=1)):
        try:
            pair = pearson(scores[:, i], scores[:, j])
        except DataError:  # no variance in the rows of this pair: stays NaN, as documented
            continue
        estimate[i, j] = estimate[j, i] = pair.estimate
        p_value[i, j] = p_value[j, i] = pair.p_value
    counts = sizes.astype(np.int64)
    for array in (estimate, p_value, counts):
        read_only(array)
    return CorrelationMatrix(estimate=estimate, p_value=p_value, n=counts)


def _unit_length(scores: FloatArray) -> FloatArray:
    deviations = centred(scores)
    deviations = deviations / np.abs(deviations).max()
    return np.asarray(deviations / sqrt(float(deviations @ deviations)))


def _standardised(scores: FloatArray, seen: BoolArray) -> FloatArray:
    """Centre each column on its observed mean, divide by its largest deviation, fill with 0."""
    counts = np.maximum(seen.sum(axis=0), 1)
    means = np.where(seen, scores, 0.0).sum(axis=0) / counts
    z = np.where(seen, scores - means, 0.0)
    largest = np.abs(z).max(axis=0, initial=0.0)
    magnitude = np.abs(np.where(seen, scores, 0.0)).max(axis=0, initial=0.0)
    varies = largest > 8 * np.finfo(np.float64).eps * magnitude
    return np.asarray(np.where(varies, z / np.where(varies, largest, 1.0), 0.0))


def _p_values(estimate: FloatArray, sizes: FloatArray) -> FloatArray:
    df = np.maximum(sizes - 2.0, 1.0)
    with np.errstate(divide="ignore"):
        statistic = np.abs(estimate) * np.sqrt(df / ((1.0 - estimate) * (1.0 + estimate)))
    return np.asarray(2.0 * stdtr(df, -statistic))
