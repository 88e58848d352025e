"""Polychoric, polyserial and product-moment correlations of all pairs at once, with scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.estimation.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    normal_density,
)
from dyadkit.estimation.ordinal_variables import OrdinalLayout, OrdinalVariables

_BOUND = 6.5  # of the inverse hyperbolic tangent of a correlation: 0.9999955
_TOLERANCE = 1e-12
_LONGEST_STEP = 1.0
_MOST_STEPS = 200
_UNRESOLVED = 1e-12  # A difference of four probabilities this small is mostly rounding error.
_SMALLEST = 1e-290
_HIGH, _LEVEL = 0.9, 1e-6  # of a correlation, and of its information, where that is 1

# First and second derivative of the log-likelihoods of all pairs, and the sum of squared scores,
# by their correlations; NaN where a probability is too small to be told.
_Derivatives = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalPairs:
    """The m pairs of one sort, each with its correlation and derivatives.

    Attributes
    ----------
    place : ndarray of int, shape (m,)
        Of the correlations among the statistics.
    rho : ndarray, shape (m,)
    scores : ndarray, shape (n, m)
        Of rows, by the correlations.
    squares : ndarray, shape (m,)
        Sums of squares of the scores.
    column : ndarray of int, shape (m, d)
        The thresholds, means and variances of the two variables, by their places; -1 for none.
    crossproducts : ndarray, shape (m, d)
        Of the scores with the pair's derivatives by these.
    """

    place: IntArray
    rho: FloatArray
    scores: FloatArray
    squares: FloatArray
    column: IntArray
    crossproducts: FloatArray


def ordered_pairs(
    single: OrdinalVariables, layout: OrdinalLayout, place: IntArray, low: IntArray, high: IntArray
) -> OrdinalPairs:
    """Return polychoric correlations and their scores, which depend on the table's cell alone."""
    (n, _), m, k = single.codes.shape, place.size, single.limits.shape[1] - 1
    if m == 0:
        return _no_pairs(n)
    cell = single.codes[:, low] * k + single.codes[:, high]
    tables = (
        np.bincount((cell + np.arange(m) * k * k).ravel(), minlength=m * k * k)
        .reshape(m, k, k)
        .astype(np.float64)
    )
    a, b = single.limits[low], single.limits[high]
    at = a[:, :, None], b[:, None, :]
    two_by_two = (single.codes.max(axis=0)[low] == 1) & (single.codes.max(axis=0)[high] == 1)
    filled = _filled(tables, two_by_two)
    observed = filled > 0
    h, g = (np.where(np.isfinite(x), x, 0.0) for x in at)  # densities are zero at the infinite

    def derivatives(rho: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        r = rho[:, None, None]
        cells = _corners(bivariate_normal_cdf(*at, r))
        probability = np.where(cells < _UNRESOLVED, np.nan, cells)
        density = bivariate_normal_density(*at, r)
        squared = (1.0 - r) * (1.0 + r)
        by_rho = density * (r + ((1.0 + r * r) * h * g - r * (h * h + g * g)) / squared) / squared
        score = np.where(observed, _corners(density) / probability, 0.0)
        second = np.where(observed, _corners(by_rho) / probability, 0.0)
        first = np.sum(filled * score, axis=(1, 2))
        squares = np.sum(filled * score**2, axis=(1, 2))
        return first, np.sum(filled * second, axis=(1, 2)) - squares, squares

    z = single.codes - single.codes.mean(axis=0)
    start = np.sum(z[:, low] * z[:, high], axis=0) / np.sqrt(
        np.sum(z**2, axis=0)[low] * np.sum(z**2, axis=0)[high]
    )
    rho = _maximise(derivatives, np.clip(start, -0.9, 0.9))
    r = rho[:, None, None]
    cells = np.maximum(_corners(bivariate_normal_cdf(*at, r)), _UNRESOLVED)
    ratio = np.where(tables > 0, 1.0 / cells, 0.0)
    score = _corners(bivariate_normal_density(*at, r)) * ratio
    weight = tables * score * ratio
    # By a threshold, the cell below it gains what the cell above it loses.
    root = np.sqrt((1.0 - r) * (1.0 + r))
    gain_low = _gain(a, b, r, root)
    gain_high = _gain(b, a, r, root).swapaxes(1, 2)
    by_low = np.sum((weight[:, :-1] - weight[:, 1:]) * gain_low, axis=2)
    by_high = np.sum((weight[:, :, :-1] - weight[:, :, 1:]) * gain_high, axis=1)
    return OrdinalPairs(
        place,
        rho,
        np.take_along_axis(score.reshape(m, k * k), cell.T, axis=1).T,
        np.sum(tables * score**2, axis=(1, 2)),
        np.concatenate([_columns(single, layout, low), _columns(single, layout, high)], axis=1),
        np.concatenate([by_low, by_high], axis=1),
    )


def mixed_pairs(
    single: OrdinalVariables, layout: OrdinalLayout, place: IntArray, u: IntArray, x: IntArray
) -> OrdinalPairs:
    """Return polyserial correlations of ordered u and continuous x, and their scores."""
    (n, _), m, k = single.codes.shape, place.size, single.limits.shape[1] - 1
    if m == 0:
        return _no_pairs(n)
    z, code = single.z[:, x], single.codes[:, u]
    limits = np.stack([single.limits[u, code], single.limits[u, code + 1]])  # (2, n, m)
    finite = np.isfinite(limits)
    cut = np.where(finite, limits, 0.0)

    def at(rho: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return standardised limits, their densities, probabilities and r."""
        root = np.sqrt((1.0 - rho) * (1.0 + rho))
        t = (cut - rho * z) / root
        # An interval above zero is mirrored, where the distribution function keeps its digits.
        low, high = np.where(finite, t, limits)
        mirrored = low > 0
        probability = ndtr(np.where(mirrored, -low, high)) - ndtr(np.where(mirrored, -high, low))
        probability = np.where(probability < _SMALLEST, np.nan, probability)
        return t, finite * normal_density(t), probability, root

    def derivatives(rho: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        t, density, probability, root = at(rho)
        by_rho = (rho * cut - z) / root**3
        twice = cut / root**3 + 3.0 * rho * by_rho / root**2
        score = np.diff(density * by_rho, axis=0)[0] / probability
        second = np.diff(density * (twice - t * by_rho**2), axis=0)[0] / probability
        squares = np.sum(score**2, axis=0)
        return np.sum(score, axis=0), np.sum(second, axis=0) - squares, squares

    centre = single.codes - single.codes.mean(axis=0)
    scale = np.sqrt(np.mean(centre**2, axis=0))[u]
    start = np.mean(centre[:, u] * z, axis=0) / scale
    rho = _maximise(derivatives, np.clip(start, -0.9, 0.9))
    _, density, probability, root = at(rho)
    score = np.diff(density * (rho * cut - z) / root**3, axis=0)[0] / probability
    density = density / probability
    by_z = -z - rho / root * np.diff(density, axis=0)[0]
    deviation = np.sqrt(single.variances[x])
    by_mean = by_z / deviation  # by minus the mean
    by_variance = -0.5 * (1.0 + z * by_z) / single.variances[x]
    # The upper limit of category c is threshold c, its lower limit is threshold c - 1.
    weight = score * density / root
    number = np.arange(k - 1)[:, None, None]
    by_cuts = np.sum(weight[1] * (code == number) - weight[0] * (code == number + 1), axis=1)
    return OrdinalPairs(
        place,
        rho,
        score,
        np.sum(score**2, axis=0),
        np.concatenate(
            [_columns(single, layout, u), layout.first[x][:, None], layout.variance[x][:, None]],
            axis=1,
        ),
        np.concatenate(
            [
                by_cuts.T,
                np.sum(score * by_mean, axis=0)[:, None],
                np.sum(score * by_variance, axis=0)[:, None],
            ],
            axis=1,
        ),
    )


def continuous_pairs(
    single: OrdinalVariables, layout: OrdinalLayout, place: IntArray, low: IntArray, high: IntArray
) -> OrdinalPairs:
    r"""Return product-moment correlations and their scores in the normal likelihood.

    With :math:`q = (z_1^2 - 2 \rho z_1 z_2 + z_2^2) / r^2` the score of the correlation is
    :math:`\{\rho (1 - q) + z_1 z_2\} / r^2`.
    """
    if place.size == 0:
        return _no_pairs(single.codes.shape[0])
    a, b = single.z[:, low], single.z[:, high]
    rho = np.mean(a * b, axis=0)
    squared = np.maximum((1.0 - rho) * (1.0 + rho), 1e-10)  # rho = 1 is refused by the caller
    score = (rho * (1.0 - (a * a - 2.0 * rho * a * b + b * b) / squared) + a * b) / squared
    crossproducts, columns = [], []
    for own, other, variable in ((a, b, low), (b, a, high)):
        by_z = (rho * other - own) / squared
        variance = single.variances[variable]
        crossproducts += [
            np.sum(score * by_z, axis=0) / np.sqrt(variance),  # by minus the mean
            np.sum(score * -0.5 * (1.0 + own * by_z), axis=0) / variance,
        ]
        columns += [layout.first[variable], layout.variance[variable]]
    return OrdinalPairs(
        place,
        rho,
        score,
        np.sum(score**2, axis=0),
        np.stack(columns, axis=1),
        np.stack(crossproducts, axis=1),
    )


def _gain(own: FloatArray, other: FloatArray, rho: FloatArray, root: FloatArray) -> FloatArray:
    r"""Return the derivatives of :math:`P(X \le \tau, Y \in` category) by each threshold of X.

    Parameters
    ----------
    own, other : ndarray, shape (m, K + 1)
        Limits of X and Y.
    rho, root : ndarray, shape (m, 1, 1)

    Returns
    -------
    ndarray, shape (m, K - 1, K)
        :math:`\phi(\tau) [\Phi\{(u - \rho\tau) / r\} - \Phi\{(l - \rho\tau) / r\}]`.
    """
    cut = own[:, 1:-1, None]
    finite = np.where(np.isfinite(cut), cut, 0.0)
    below = ndtr((other[:, None, :] - rho * finite) / root)
    return np.asarray(normal_density(cut) * np.diff(below, axis=2))


def _columns(single: OrdinalVariables, layout: OrdinalLayout, variable: IntArray) -> IntArray:
    """Return the places of the variables' thresholds, shape (m, K - 1); -1 where there is none."""
    cuts = single.limits[variable, 1:-1]
    places = layout.first[variable][:, None] + np.arange(cuts.shape[1])
    return np.where(np.isfinite(cuts), places, -1)


def _no_pairs(n: int) -> OrdinalPairs:
    none, whole = np.empty(0), np.empty(0, dtype=np.int64)
    return OrdinalPairs(
        whole, none, np.empty((n, 0)), none, np.empty((0, 0), dtype=np.int64), np.empty((0, 0))
    )


def _corners(array: FloatArray) -> FloatArray:
    """Return the probabilities of rectangles, given those below their corners (last two axes)."""
    return np.asarray(np.diff(np.diff(array, axis=-1), axis=-2))


def _filled(tables: FloatArray, two_by_two: BoolArray) -> FloatArray:
    """Put 0.5 into the one empty cell of two-by-two tables, the margins kept.

    Parameters
    ----------
    tables : ndarray, shape (m, K, K)
    two_by_two : ndarray of bool, shape (m,)

    Returns
    -------
    ndarray, shape (m, K, K)
    """
    empty = tables[:, :2, :2] == 0
    alone = two_by_two & (empty.sum(axis=(1, 2)) == 1)
    diagonal = empty[:, 0, 0] | empty[:, 1, 1]
    shift = 0.5 * alone * np.where(diagonal, 1.0, -1.0)
    filled = tables.copy()
    filled[:, :2, :2] += shift[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return filled


def _maximise(derivatives: _Derivatives, start: FloatArray) -> FloatArray:
    r"""Maximise log-likelihoods over one correlation each, all at once.

    Parameters
    ----------
    derivatives : callable
        First and second derivatives and sums of squared scores, by the correlations, each of
        shape (m,); NaN where an observed category is too improbable.
    start : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
        The correlations; about 1 or -1 where the likelihood grows up to there.

    Notes
    -----
    Newton steps, or scoring steps where the likelihood is not concave, by
    :math:`\zeta = \operatorname{artanh} \rho`.  The sign of the derivative narrows the interval
    that holds the maximum; a step out of it is replaced by its middle.  Where an observed
    category has become too improbable to be told, the maximum is nearer to independence.
    """
    zeta = np.arctanh(start)
    lower, upper = np.full_like(zeta, -_BOUND), np.full_like(zeta, _BOUND)
    for _ in range(_MOST_STEPS):
        rho = np.tanh(zeta)
        slope = 1.0 / np.cosh(zeta) ** 2
        first, second, information = derivatives(rho)
        lost = np.isnan(first)
        gradient = np.where(lost, -np.sign(zeta), first * slope)
        curvature = second * slope**2 - 2.0 * rho * slope * first
        lower = np.where(gradient > 0, zeta, lower)
        upper = np.where(gradient < 0, zeta, upper)
        bend = np.where(curvature < 0, -curvature, information * slope**2)
        step = gradient / np.where(bend > 0, bend, 1.0)
        proposed = zeta + np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        inside = (proposed >= lower) & (proposed <= upper) & ~lost
        proposed = np.where(inside, proposed, 0.5 * (lower + upper))
        # Without an exception to the order the likelihood levels off long before 1.
        level = ~lost & (np.abs(rho) > _HIGH) & (bend < _LEVEL)
        proposed = np.where(level, np.copysign(_BOUND, zeta), proposed)
        moved = np.abs(np.tanh(proposed) - rho)  # never NaN: neither are the limits
        zeta = proposed
        if (moved <= _TOLERANCE).all():
            return np.asarray(np.tanh(zeta))
    raise FitError(
        f"{int((moved > _TOLERANCE).sum())} of {start.size} correlations of ordered variables did "
        f"not converge in {_MOST_STEPS} steps. Merge categories that few chose."
    )
