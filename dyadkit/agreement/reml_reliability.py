r"""ICC(1) and ICC(2) of groups by restricted maximum likelihood.

Members of a group correlate by :math:`\rho`, which may be negative: the residual correlation is
modelled (compound symmetry), not a variance that cannot fall below zero.  Where :math:`\rho` is
positive, the fit is that of a random intercept.  Everything but :math:`\rho` has a closed form, so
that one equation in :math:`\rho` is solved, from each group's size, mean and sum of squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

from dyadkit.agreement.group_reliability import Reliability, mean_reliability, person_scores
from dyadkit.agreement.grouping import Grouped
from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray, require_confidence

_GRID = 400
_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class MixedReliability:
    """ICC(1) and ICC(2) of the model with correlated members.

    Attributes
    ----------
    icc1, icc2 : Reliability
        The correlation of two members, and the reliability of the mean of a group of mean size.
    variance_between, variance_within : float
        Covariance of two members (signed), and the rest of the variance.
    loglik : float
        Restricted log-likelihood.
    mean : float
        Generalised least-squares mean of the scores.
    mean_size : float
    """

    icc1: Reliability
    icc2: Reliability
    variance_between: float
    variance_within: float
    loglik: float
    mean: float
    mean_size: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """What the likelihood needs of the data, by the sizes that occur.

    `count` groups have each `size`; `mean` is the mean of their means, `spread` the sum of squares
    of their means about it.
    """

    size: FloatArray
    count: FloatArray
    mean: FloatArray
    spread: FloatArray
    within: float
    n: int
    groups: int


def mixed_reliability(data: Grouped, confidence: float = 0.95) -> MixedReliability:
    r"""Estimate ICC(1) and ICC(2) by restricted maximum likelihood, signed.

    Parameters
    ----------
    data : Grouped
        From `grouped`; a person's score is the mean over items.
    confidence : float

    Returns
    -------
    MixedReliability
        Intervals by the profile of the restricted likelihood; a bound may be the smallest possible
        correlation, :math:`-1/(n_{max} - 1)`.

    Raises
    ------
    DataError
        If there are fewer than two groups, or no score varies.
    FitError
        If the likelihood has no maximum inside the possible correlations (all members of each
        group agree fully, for example).

    Notes
    -----
    With :math:`w_j = n_j / (1 + (n_j - 1)\rho)`, :math:`\mu = \sum w_j \bar y_j / \sum w_j` and
    :math:`Q = SS_W / (1 - \rho) + \sum w_j (\bar y_j - \mu)^2`,

    .. math:: -2\ell_R = (N - 1)\{1 + \log[2\pi Q / (N - 1)]\} + (N - J)\log(1 - \rho)
        + \sum \log[1 + (n_j - 1)\rho] + \log \sum w_j.

    Variance between groups is :math:`\rho \hat\sigma^2`, within :math:`(1 - \rho) \hat\sigma^2`,
    with :math:`\hat\sigma^2 = Q / (N - 1)`.  Groups of equal size give the mean-square estimate.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> found = mixed_reliability(grouped([1, 2, 4, 4, 2, 3, 6, 5], [0, 0, 1, 1, 2, 2, 3, 3]))
    >>> round(found.icc1.estimate, 4), round(found.variance_within, 4)
    (0.8846, 0.375)
    """
    require_confidence(confidence)
    scores = person_scores(data)
    origin = float(data.ratings.mean(axis=1).mean())
    sums = _sums(data, scores)
    lowest = -1.0 / (float(sums.size.max()) - 1.0)
    rho = _maximum(sums, lowest)
    mean, spread = _mean_and_spread(sums, rho)
    variance = spread / (sums.n - 1.0)
    deviance = _deviance(sums, rho)
    low, high = _profile(sums, rho, lowest, deviance + float(chdtri(1, 1.0 - confidence)))
    average = sums.n / sums.groups
    method = "REML profile"
    return MixedReliability(
        icc1=Reliability(rho, low, high, method, sums.groups),
        icc2=Reliability(
            mean_reliability(rho, average),
            mean_reliability(low, average),
            mean_reliability(high, average),
            method,
            sums.groups,
        ),
        variance_between=rho * variance,
        variance_within=(1.0 - rho) * variance,
        loglik=-deviance / 2.0,
        mean=origin + mean,
        mean_size=average,
    )


def _sums(data: Grouped, scores: FloatArray) -> _Sums:
    means = np.add.reduceat(scores, data.starts) / data.size
    within = float(((scores - np.repeat(means, data.size)) ** 2).sum())
    size, place = np.unique(data.size, return_inverse=True)
    count = np.bincount(place).astype(np.float64)
    mean = np.bincount(place, weights=means) / count
    spread = np.bincount(place, weights=(means - mean[place]) ** 2).astype(np.float64)
    return _Sums(size.astype(np.float64), count, mean, spread, within, scores.size, data.groups)


def _maximum(sums: _Sums, lowest: float) -> float:
    """Find the correlation at which the derivative changes its sign, at the best such place."""
    width = 1.0 - lowest
    # Denser towards both ends, where the likelihood bends most.
    grid = lowest + width * (0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, _GRID)))
    grid[0], grid[-1] = lowest + _EDGE * width, 1.0 - _EDGE * width
    slopes = np.array([_slope(sums, float(rho)) for rho in grid])
    turns = np.flatnonzero((slopes[:-1] < 0.0) & (slopes[1:] >= 0.0))
    found = [
        float(brentq(lambda rho: _slope(sums, rho), grid[turn], grid[turn + 1], xtol=1e-15))
        for turn in turns
    ]
    best = min(found, key=lambda rho: _deviance(sums, rho), default=None)
    ends = min(_deviance(sums, float(grid[0])), _deviance(sums, float(grid[-1])))
    if best is None or ends < _deviance(sums, best):
        raise FitError(
            f"The restricted likelihood of {sums.groups} groups ({sums.n} members) has no maximum "
            f"between the correlations {lowest:.4g} and 1. Members of each group agree fully, the "
            "groups have equal means, or one group is much larger than all others; take the "
            "coefficient from the analysis of variance."
        )
    return best


def _profile(sums: _Sums, rho: float, lowest: float, level: float) -> tuple[float, float]:
    """Find where the deviance reaches a level on either side of its minimum."""

    def above(value: float) -> float:
        return _deviance(sums, value) - level

    width = 1.0 - lowest
    start, end = lowest + _EDGE * width, 1.0 - _EDGE * width
    low = float(brentq(above, start, rho, xtol=1e-14)) if above(start) > 0.0 else lowest
    high = float(brentq(above, rho, end, xtol=1e-14)) if above(end) > 0.0 else 1.0
    return low, high


def _mean_and_spread(sums: _Sums, rho: float) -> tuple[float, float]:
    weight = sums.size / (1.0 + (sums.size - 1.0) * rho)
    each = weight * sums.count
    mean = float(each @ sums.mean) / float(each.sum())
    between = float(weight @ (sums.spread + sums.count * (sums.mean - mean) ** 2))
    return mean, sums.within / (1.0 - rho) + between


def _deviance(sums: _Sums, rho: float) -> float:
    _, spread = _mean_and_spread(sums, rho)
    below = 1.0 + (sums.size - 1.0) * rho
    df = sums.n - 1.0
    return (
        df * (1.0 + log(2.0 * pi * spread / df))
        + (sums.n - sums.groups) * log(1.0 - rho)
        + float(sums.count @ np.log(below))
        + log(float(sums.count @ (sums.size / below)))
    )


def _slope(sums: _Sums, rho: float) -> float:
    """Return the derivative of the deviance; μ drops out, since it minimises the spread."""
    mean, spread = _mean_and_spread(sums, rho)
    below = 1.0 + (sums.size - 1.0) * rho
    turned = -sums.size * (sums.size - 1.0) / below**2
    between = float(turned @ (sums.spread + sums.count * (sums.mean - mean) ** 2))
    return (
        (sums.n - 1.0) * (sums.within / (1.0 - rho) ** 2 + between) / spread
        - (sums.n - sums.groups) / (1.0 - rho)
        + float(sums.count @ ((sums.size - 1.0) / below))
        + float(sums.count @ turned) / float(sums.count @ (sums.size / below))
    )
