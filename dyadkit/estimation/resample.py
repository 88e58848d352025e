"""Bootstrap by counts: how often each unit is drawn, and intervals from the draws."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from dyadkit.errors import StudyError
from dyadkit.estimation.arrays import FloatArray, IntArray, require_confidence

_CELLS = 2**20


def bootstrap_weights(
    n: int, draws: int, rng: np.random.Generator, cells: int = _CELLS
) -> Iterator[IntArray]:
    """Draw bootstrap samples as counts, some samples at a time.

    Parameters
    ----------
    n : int
        Units that are resampled (dyads, persons, clusters).
    draws : int
        Bootstrap samples.
    rng : numpy.random.Generator
        Source of randomness; the counts do not depend on `cells`.
    cells : int
        Largest number of counts held at once, at least one sample's.

    Yields
    ------
    ndarray of int, shape (some draws, n)
        How often each unit is in each sample; a row sums to n (multinomial).

    Raises
    ------
    StudyError
        If there is no unit to draw, or the number of draws is negative.

    Notes
    -----
    A statistic of weighted sums needs the counts only, so no row of data is copied
    (Efron & Tibshirani, 1993, chapter 6, call counts over n the resampling vector).

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> [part.sum(axis=1).tolist() for part in bootstrap_weights(4, 5, rng, cells=8)]
    [[4, 4], [4, 4], [4]]
    """
    if n < 1 or draws < 0:
        raise StudyError(
            f"A bootstrap needs at least one unit and a number of draws that is not negative, "
            f"but {n} and {draws} were passed."
        )
    return _weights(n, draws, rng, max(1, cells // n))


def _weights(n: int, draws: int, rng: np.random.Generator, at_once: int) -> Iterator[IntArray]:
    for begun in range(0, draws, at_once):
        size = min(at_once, draws - begun)
        drawn = rng.integers(n, size=(size, n))
        drawn += n * np.arange(size)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.int64)


def percentile_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[float, float]:
    r"""Return the bootstrap percentile interval.

    Parameters
    ----------
    values : array_like, shape (draws,)
        The statistic in each bootstrap sample; NaN for a draw that failed.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper bound; both NaN when fewer than two draws gave a value.

    Raises
    ------
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    The bounds are the order statistics number :math:`(R+1)\alpha/2` and
    :math:`(R+1)(1-\alpha/2)` of R values, interpolated on the normal quantile scale where
    these are not whole (Davison & Hinkley, 1997, equation 5.8), as `boot.ci` in R does.
    Where R is so small that they lie outside the sample, its ends are taken.

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application.
    Cambridge University Press.

    Examples
    --------
    >>> low, high = percentile_interval(np.arange(1, 1000))
    >>> round(low, 6), round(high, 6)
    (25.0, 975.0)
    """
    require_confidence(confidence)
    estimates = np.asarray(values, dtype=np.float64)
    ordered = np.sort(estimates[~np.isnan(estimates)])
    if ordered.size < 2:
        return nan, nan
    tail = (1.0 - confidence) / 2.0
    return _order_statistic(ordered, tail), _order_statistic(ordered, 1.0 - tail)


def _order_statistic(ordered: FloatArray, probability: float) -> float:
    draws = ordered.size
    rank = int((draws + 1) * probability)
    if rank == 0:
        return float(ordered[0])
    if rank >= draws:
        return float(ordered[-1])
    here, wanted, there = ndtri([rank / (draws + 1), probability, (rank + 1) / (draws + 1)])
    share = (wanted - here) / (there - here)
    return float(ordered[rank - 1] + share * (ordered[rank] - ordered[rank - 1]))


def bias_corrected_interval(
    values: ArrayLike,
    estimate: float,
    confidence: float = 0.95,
    acceleration: float = 0.0,
) -> tuple[float, float]:
    r"""Return the bias-corrected (and accelerated) bootstrap interval.

    Parameters
    ----------
    values : array_like, shape (draws,)
        The statistic in each bootstrap sample; NaN for a draw that failed.
    estimate : float
        The statistic of the sample itself.
    confidence : float
        Level of the interval, between 0 and 1.
    acceleration : float
        0 for the bias-corrected interval; from `jackknife_acceleration` for BCa.

    Returns
    -------
    tuple of float
        Lower and upper bound; both NaN when fewer than two draws gave a value, or when all of
        them lie on one side of the estimate.

    Raises
    ------
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    With :math:`w = \Phi^{-1}(\#\{t^* < t\} / R)`, a the acceleration and :math:`z` the normal
    quantile of either tail, the bounds are the percentiles
    :math:`\Phi(w + (w + z) / (1 - a (w + z)))` (Efron, 1987; Davison & Hinkley, 1997,
    equations 5.20 and 5.21).

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application.
    Cambridge University Press.

    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American
    Statistical Association, 82, 171-185.

    Examples
    --------
    >>> draws = np.arange(1, 1000)
    >>> low, high = bias_corrected_interval(draws, 500.5)
    >>> round(low), round(high)
    (25, 975)
    """
    require_confidence(confidence)
    estimates = np.asarray(values, dtype=np.float64)
    ordered = np.sort(estimates[~np.isnan(estimates)])
    below = float((ordered < estimate).mean()) if ordered.size else 0.0
    if ordered.size < 2 or not 0.0 < below < 1.0:
        return nan, nan
    shift = float(ndtri(below))
    tail = (1.0 - confidence) / 2.0
    bounds = []
    for probability in (tail, 1.0 - tail):
        moved = shift + float(ndtri(probability))
        bounds.append(
            _order_statistic(ordered, float(ndtr(shift + moved / (1.0 - acceleration * moved))))
        )
    return bounds[0], bounds[1]


def jackknife_acceleration(values: ArrayLike, estimate: float) -> float:
    r"""Return the acceleration of a statistic from its jackknife values.

    Parameters
    ----------
    values : array_like, shape (n,)
        The statistic without each unit in turn.
    estimate : float
        The statistic of all units.

    Returns
    -------
    float
        :math:`\sum l_i^3 / \{6 (\sum l_i^2)^{3/2}\}` with :math:`l_i` the estimate minus value i,
        in proportion to the jackknife's empirical influence values (Davison & Hinkley, 1997,
        sections 2.7.3 and 5.3.2), as R's boot has it; 0 where they do not vary.

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application.
    Cambridge University Press.

    Examples
    --------
    >>> round(jackknife_acceleration([1.0, 1.1, 0.9, 0.2], 0.8), 4)
    0.0849
    """
    jackknife = np.asarray(values, dtype=np.float64)
    influence = estimate - jackknife
    squares = float((influence**2).sum())
    if squares == 0.0:
        return 0.0
    return float((influence**3).sum() / (6.0 * squares**1.5))
