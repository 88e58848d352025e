r"""Thresholds, polychoric and polyserial correlations, and the covariance matrix of them all.

An ordered variable is a standard normal response cut at thresholds, which are the normal quantiles
of the cumulated proportions.  With these, and the means and variances of continuous variables,
held fixed, each pair's likelihood is maximised over its correlation (Olsson, 1979; Olsson, Drasgow
& Dorans, 1982): the two steps that lavaan takes too.  All statistics together solve

.. math:: \sum_i s_i = 0, \qquad s_i = (s_{1i}, s_{2i}),

where :math:`s_{1i}` holds row i's derivatives of the univariate log-likelihoods by thresholds,
means and variances, and :math:`s_{2i}` those of the pairwise ones by the correlations.  Hence
(Muthén, 1984; Muthén & Satorra, 1995)

.. math::

    \Gamma = n A^{-1} B A^{-T}, \qquad B = \sum_i s_i s_i', \qquad
    A = \begin{pmatrix} A_{11} & 0 \\ A_{21} & A_{22} \end{pmatrix},

and A is estimated by crossproducts as well: :math:`A_{11}` is that of the scores of one variable,
:math:`A_{22}` the sums of squares of :math:`s_{2i}`, and :math:`A_{21}` the crossproduct of
:math:`s_{2i}` with the same pair's derivatives by its thresholds, means and variances.

References
----------
Muthén, B. (1984). A general structural equation model with dichotomous, ordered categorical, and
continuous latent variable indicators. Psychometrika, 49, 115-132.

Muthén, B., & Satorra, A. (1995). Technical aspects of Muthén's LISCOMP approach to estimation of
latent variable relations with a comprehensive measurement model. Psychometrika, 60, 489-503.

Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
Psychometrika, 44, 443-460.

Olsson, U., Drasgow, F., & Dorans, N. J. (1982). The polyserial correlation coefficient.
Psychometrika, 47, 337-347.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from dyadkit.errors import DataError, FitError, StudyError
from dyadkit.estimation.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_scores,
    centred,
    constant,
    read_only,
)
from dyadkit.estimation.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    normal_density,
)

THRESHOLD, MEAN, VARIANCE, COVARIANCE = range(4)

_LARGEST = 0.99999  # of a correlation
_BOUND = 6.5  # of its inverse hyperbolic tangent: 0.9999955
_TOLERANCE = 1e-12
_MOST_STEPS = 200
_SMALLEST = 1e-300  # of a probability: keeps logarithms and ratios finite

# First and second derivative of the log-likelihoods of all pairs, and the information (the
# expectation, or a sum of squares), by their correlations.
_Derivatives = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalMoments:
    """Statistics of ordered and continuous variables, and their covariance matrix.

    Attributes
    ----------
    thresholds : tuple of ndarray, length p
        Of each variable, ascending: one less than its categories; none of a continuous one.
    means, variances : ndarray, shape (p,)
        Of continuous variables, with the divisor n; 0 and 1 for the responses behind ordered
        ones.
    covariances : ndarray, shape (p, p)
        Polychoric correlations of two ordered variables, covariances otherwise: of divisor n
        for two continuous ones, polyserial correlation times standard deviation for an ordered
        and a continuous one.  The diagonal holds the variances.
    statistics : ndarray, shape (s,)
        In lavaan's order: by variable thresholds, or MINUS the mean of a continuous one; then
        the variances of continuous variables; then covariances, column by column below the
        diagonal.
    gamma : ndarray, shape (s, s)
        n times the asymptotic covariance matrix of the statistics.
    kind, i, j : ndarray of int, shape (s,)
        What each statistic is: THRESHOLD number j (from 0) of variable i, minus the MEAN or
        the VARIANCE of variable i (j = i), or the COVARIANCE of variables i > j.
    n : int
        Rows.
    """

    thresholds: tuple[FloatArray, ...]
    means: FloatArray
    variances: FloatArray
    covariances: FloatArray
    statistics: FloatArray
    gamma: FloatArray
    kind: IntArray
    i: IntArray
    j: IntArray
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Where the statistics are: of each variable its first place, and its place of variance.

    Attributes
    ----------
    kind, i, j : ndarray of int, shape (s,)
    first : ndarray of int, shape (p,)
        Of the first threshold, or of the mean.
    variance : ndarray of int, shape (p,)
        -1 for ordered variables.
    """

    kind: IntArray
    i: IntArray
    j: IntArray
    first: IntArray
    variance: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """The variables, one by one.

    Attributes
    ----------
    codes : ndarray of int, shape (n, p)
        Categories from 0; 0 for continuous variables.
    limits : ndarray, shape (p, K + 1)
        Minus infinity, the thresholds, and infinity as often as it takes.
    z : ndarray, shape (n, p)
        Standardised scores; 0 for ordered variables.
    means, variances : ndarray, shape (p,)
    """

    codes: IntArray
    limits: FloatArray
    z: FloatArray
    means: FloatArray
    variances: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pairs of one sort, each with its derivatives.

    Attributes
    ----------
    place : ndarray of int, shape (m,)
        Of the correlations among the statistics.
    rho : ndarray, shape (m,)
    scores : ndarray, shape (n, m)
        Of rows, by the correlations.
    squares : ndarray, shape (m,)
        Sums of squares of the scores.
    row, column : ndarray of int, shape (m, d)
        Where the crossproducts stand; column -1 for none.
    crossproducts : ndarray, shape (m, d)
        Of the scores with those by thresholds, means and variances.
    """

    place: IntArray
    rho: FloatArray
    scores: FloatArray
    squares: FloatArray
    column: IntArray
    crossproducts: FloatArray


def ordinal_moments(
    values: ArrayLike, ordered: ArrayLike, names: Sequence[str] = ()
) -> OrdinalMoments:
    r"""Estimate thresholds, polychoric and polyserial correlations and their covariance matrix.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Complete rows.  Ordered columns hold the codes 0 to K - 1, each of them at least once.
    ordered : array_like of bool, shape (p,)
        Which columns are ordered.
    names : sequence of str, length p, optional
        What messages call the variables; by default their numbers, from 1.

    Returns
    -------
    OrdinalMoments

    Raises
    ------
    DataError
        If a score is missing, a variable does not vary, a category is empty, or a correlation
        ends at 1 or -1.
    FitError
        If a correlation does not converge.

    Notes
    -----
    lavaan's conventions are kept.  Where just one cell of a two-by-two table is empty, the
    correlation is estimated with 0.5 in it, the margins kept; the scores that make `gamma` count
    the rows as they are.  The correlation of two continuous variables is the product-moment one.
    """
    matrix = as_scores(values, 2, "values")
    mask: BoolArray = np.asarray(ordered, dtype=np.bool_)
    if mask.shape != matrix.shape[1:]:
        raise StudyError(
            f"The mask of ordered variables must have {matrix.shape[1]} entries, one per column, "
            f"but its shape is {mask.shape}. Pass one truth value per column."
        )
    called = list(names) if names else [str(v + 1) for v in range(mask.size)]
    _require_usable(matrix, mask, called)
    single = _summarise(matrix, mask)
    layout = _lay_out(mask, single)
    low, high = layout.j[layout.kind == COVARIANCE], layout.i[layout.kind == COVARIANCE]
    place = np.flatnonzero(layout.kind == COVARIANCE)
    first, second = mask[low], mask[high]
    sorts = [
        _ordered_pairs(single, layout, *_chosen(first & second, place, low, high)),
        # The ordered variable of a mixed pair comes first, wherever it stands.
        _mixed_pairs(
            single,
            layout,
            *_chosen(
                first != second, place, np.where(first, low, high), np.where(first, high, low)
            ),
        ),
        _continuous_pairs(single, layout, *_chosen(~first & ~second, place, low, high)),
    ]
    rho = np.zeros(layout.kind.size)
    for pairs in sorts:
        rho[pairs.place] = pairs.rho
    _require_inside(rho[place], low, high, called)
    deviations = np.sqrt(single.variances)
    statistics = _statistics(single, layout, rho)
    covariances = np.diag(single.variances)
    covariances[low, high] = covariances[high, low] = statistics[place]
    gamma = _gamma(matrix.shape[0], single, layout, sorts)
    transform = _to_covariances(layout, rho, deviations)
    gamma = transform @ gamma @ transform.T
    gamma = 0.5 * (gamma + gamma.T)
    moments = OrdinalMoments(
        thresholds=tuple(limits[np.isfinite(limits)] for limits in single.limits),
        means=single.means,
        variances=single.variances,
        covariances=covariances,
        statistics=statistics,
        gamma=gamma,
        kind=layout.kind,
        i=layout.i,
        j=layout.j,
        n=matrix.shape[0],
    )
    for array in (
        *moments.thresholds,
        moments.means,
        moments.variances,
        covariances,
        statistics,
        gamma,
        layout.kind,
        layout.i,
        layout.j,
    ):
        read_only(array)
    return moments


def _chosen(which: BoolArray, *arrays: IntArray) -> tuple[IntArray, ...]:
    return tuple(array[which] for array in arrays)


def _require_usable(values: FloatArray, ordered: BoolArray, names: Sequence[str]) -> None:
    """Refuse missing scores, constant variables and codes with a gap."""
    if values.shape[0] == 0 or np.isnan(values).any():
        raise DataError(
            f"Thresholds and correlations need complete rows, but {int(np.isnan(values).sum())} of "
            f"{values.size} values are missing. Leave incomplete rows out first."
        )
    for v in np.flatnonzero(constant(values)).tolist():
        raise DataError(
            f"The variable {names[v]} has one value in all {values.shape[0]} rows, so it cannot "
            "be correlated. Leave it out."
        )
    for v in np.flatnonzero(ordered).tolist():
        found = np.unique(values[:, v])
        if not np.array_equal(found, np.arange(found.size)):
            raise DataError(
                f"The ordered variable {names[v]} must hold the codes 0 to {found.size - 1} of its "
                f"{found.size} categories, but it holds others, or a category between them is "
                "empty. Number the categories that occur, from 0."
            )


def _require_inside(rho: FloatArray, low: IntArray, high: IntArray, names: Sequence[str]) -> None:
    """Refuse the first correlation that is 1 or -1."""
    for pair in np.flatnonzero(~(np.abs(rho) <= _LARGEST)).tolist():
        raise DataError(
            f"The correlation of {names[low[pair]]} and {names[high[pair]]} is estimated at "
            f"{'1' if rho[pair] > 0 else '-1'}: the rows show no exception to their order, so no "
            "covariance matrix of the estimates exists. Leave one of the two variables out, or "
            "merge categories that few chose."
        )


def _summarise(values: FloatArray, ordered: BoolArray) -> _Single:
    """Return thresholds, means and variances of the variables."""
    n, p = values.shape
    codes = np.where(ordered, values, 0.0).astype(np.int64)
    n_categories = int(codes.max(initial=0)) + 1
    counts = (codes[:, :, None] == np.arange(n_categories)).sum(axis=0)
    below = np.cumsum(counts, axis=1)
    limits = np.concatenate([np.full((p, 1), -np.inf), ndtri(below / n)], axis=1)
    deviations = centred(values)
    variances = np.where(ordered, 1.0, np.mean(deviations**2, axis=0))
    means = np.where(ordered, 0.0, values.mean(axis=0))
    z = np.where(ordered, 0.0, deviations / np.sqrt(variances))
    return _Single(codes, limits, z, means, variances)


def _lay_out(ordered: BoolArray, single: _Single) -> _Layout:
    """Return lavaan's order of the statistics."""
    p = ordered.size
    sizes = np.where(ordered, np.isfinite(single.limits).sum(axis=1), 1)
    first = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(p), sizes)
    number = np.where(ordered[owner], np.arange(owner.size) - first[owner], owner)
    continuous = np.flatnonzero(~ordered)
    variance = np.full(p, -1)
    variance[continuous] = owner.size + np.arange(continuous.size)
    column, row = np.triu_indices(p, 1)
    kind = np.concatenate(
        [
            np.where(ordered[owner], THRESHOLD, MEAN),
            np.full(continuous.size, VARIANCE),
            np.full(row.size, COVARIANCE),
        ]
    )
    i = np.concatenate([owner, continuous, row])
    return _Layout(kind, i, np.concatenate([number, continuous, column]), first, variance)


def _statistics(single: _Single, layout: _Layout, rho: FloatArray) -> FloatArray:
    """Return the statistics, given the correlations in their places."""
    deviations = np.sqrt(single.variances)
    chosen = [
        single.limits[layout.i, np.where(layout.kind == THRESHOLD, layout.j + 1, 0)],
        -single.means[layout.i],
        single.variances[layout.i],
        rho * deviations[layout.i] * deviations[layout.j * (layout.kind == COVARIANCE)],
    ]
    return np.asarray(np.choose(layout.kind, chosen))


def _maximise(derivatives: _Derivatives, start: FloatArray) -> FloatArray:
    r"""Maximise log-likelihoods over one correlation each, all at once.

    Parameters
    ----------
    derivatives : callable
        First and second derivatives and information, shapes (m,), by correlations, shape (m,).
    start : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (m,)
        The correlations; about 1 or -1 where the likelihood grows up to there.

    Notes
    -----
    Newton steps, or scoring steps where the likelihood is not concave, by
    :math:`\zeta = \operatorname{artanh} \rho`.  The sign of the derivative narrows the interval
    that holds the maximum; a step out of it is replaced by its middle.
    """
    zeta = np.arctanh(start)
    lower, upper = np.full_like(zeta, -_BOUND), np.full_like(zeta, _BOUND)
    for _ in range(_MOST_STEPS):
        rho = np.tanh(zeta)
        slope = 1.0 / np.cosh(zeta) ** 2
        first, second, information = derivatives(rho)
        gradient = first * slope
        curvature = second * slope**2 - 2.0 * rho * slope * first
        lower = np.where(gradient > 0, zeta, lower)
        upper = np.where(gradient < 0, zeta, upper)
        bend = np.where(curvature < 0, -curvature, information * slope**2)
        proposed = zeta + np.clip(gradient / np.maximum(bend, _SMALLEST), -1.0, 1.0)
        inside = (proposed >= lower) & (proposed <= upper)
        proposed = np.where(inside, proposed, 0.5 * (lower + upper))
        moved = np.abs(np.tanh(proposed) - rho)
        zeta = proposed
        if (moved <= _TOLERANCE).all():
            return np.asarray(np.tanh(zeta))
    raise FitError(
        f"{int((moved > _TOLERANCE).sum())} of {start.size} correlations of ordered variables did "
        f"not converge in {_MOST_STEPS} steps. Merge categories that few chose."
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


def _ordered_pairs(
    single: _Single, layout: _Layout, place: IntArray, low: IntArray, high: IntArray
) -> _Pairs:
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
        probability = np.maximum(_corners(bivariate_normal_cdf(*at, r)), _SMALLEST)
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
    probability = np.maximum(_corners(bivariate_normal_cdf(*at, r)), _SMALLEST)
    ratio = np.where(tables > 0, 1.0 / probability, 0.0)
    score = _corners(bivariate_normal_density(*at, r)) * ratio
    weight = tables * score * ratio
    # By a threshold, the cell below it gains what the cell above it loses.
    root = np.sqrt((1.0 - r) * (1.0 + r))
    gain_low = _gain(a, b, r, root)
    gain_high = _gain(b, a, r, root).swapaxes(1, 2)
    by_low = np.sum((weight[:, :-1] - weight[:, 1:]) * gain_low, axis=2)
    by_high = np.sum((weight[:, :, :-1] - weight[:, :, 1:]) * gain_high, axis=1)
    return _Pairs(
        place,
        rho,
        np.take_along_axis(score.reshape(m, k * k), cell.T, axis=1).T,
        np.sum(tables * score**2, axis=(1, 2)),
        np.concatenate([_columns(single, layout, low), _columns(single, layout, high)], axis=1),
        np.concatenate([by_low, by_high], axis=1),
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


def _columns(single: _Single, layout: _Layout, variable: IntArray) -> IntArray:
    """Return the places of the variables' thresholds, shape (m, K - 1); -1 where there is none."""
    cuts = single.limits[variable, 1:-1]
    places = layout.first[variable][:, None] + np.arange(cuts.shape[1])
    return np.where(np.isfinite(cuts), places, -1)


def _mixed_pairs(
    single: _Single, layout: _Layout, place: IntArray, u: IntArray, x: IntArray
) -> _Pairs:
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
        return t, finite * normal_density(t), np.maximum(probability, _SMALLEST), root

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
    return _Pairs(
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


def _continuous_pairs(
    single: _Single, layout: _Layout, place: IntArray, low: IntArray, high: IntArray
) -> _Pairs:
    r"""Return product-moment correlations and their scores in the normal likelihood.

    With :math:`q = (z_1^2 - 2 \rho z_1 z_2 + z_2^2) / r^2` the score of the correlation is
    :math:`\{\rho (1 - q) + z_1 z_2\} / r^2`.
    """
    if place.size == 0:
        return _no_pairs(single.codes.shape[0])
    a, b = single.z[:, low], single.z[:, high]
    rho = np.mean(a * b, axis=0)
    squared = np.maximum((1.0 - rho) * (1.0 + rho), np.finfo(np.float64).tiny)
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
    return _Pairs(
        place,
        rho,
        score,
        np.sum(score**2, axis=0),
        np.stack(columns, axis=1),
        np.stack(crossproducts, axis=1),
    )


def _no_pairs(n: int) -> _Pairs:
    none, whole = np.empty(0), np.empty(0, dtype=np.int64)
    return _Pairs(
        whole, none, np.empty((n, 0)), none, np.empty((0, 0), dtype=np.int64), np.empty((0, 0))
    )


def _single_scores(single: _Single, layout: _Layout) -> FloatArray:
    """Return each row's derivatives by thresholds, minus means, and variances, shape (n, s1)."""
    kept = layout.kind != COVARIANCE
    kind, i, j = layout.kind[kept], layout.i[kept], layout.j[kept]
    probability = np.diff(ndtr(single.limits), axis=1)
    number = np.where(kind == THRESHOLD, j, 0)
    beside = np.minimum(number + 1, probability.shape[1] - 1)
    density = normal_density(single.limits[i, number + 1])
    # Ordered variables alone have thresholds; elsewhere the quotients are not used.
    at_threshold = kind == THRESHOLD
    below = np.divide(density, probability[i, number], out=np.zeros(i.size), where=at_threshold)
    above = np.divide(density, probability[i, beside], out=np.zeros(i.size), where=at_threshold)
    code, z, variance = single.codes[:, i], single.z[:, i], single.variances[i]
    return np.asarray(
        np.where(
            at_threshold,
            below * (code == number) - above * (code == number + 1),
            np.where(kind == MEAN, -z / np.sqrt(variance), 0.5 * (z * z - 1.0) / variance),
        )
    )


def _gamma(n: int, single: _Single, layout: _Layout, sorts: Sequence[_Pairs]) -> FloatArray:
    """Return n times the covariance matrix of thresholds, means, variances and correlations."""
    size = layout.kind.size
    univariate = _single_scores(single, layout)
    s1 = univariate.shape[1]
    scores = np.empty((n, size))
    scores[:, :s1] = univariate
    cross = np.zeros((size, s1 + 1))  # a last column for what is nowhere
    squares = np.empty(size - s1)
    for pairs in sorts:
        scores[:, pairs.place] = pairs.scores
        squares[pairs.place - s1] = pairs.squares
        cross[pairs.place[:, None], pairs.column] = pairs.crossproducts
    spread = scores.T @ scores
    own = layout.i[:s1, None] == layout.i[:s1]
    upper_inverse = np.linalg.inv(np.where(own, spread[:s1, :s1], 0.0))
    bread = np.zeros((size, size))
    bread[:s1, :s1] = upper_inverse
    bread[s1:, :s1] = -(cross[s1:, :s1] / squares[:, None]) @ upper_inverse
    bread[np.arange(s1, size), np.arange(s1, size)] = 1.0 / squares
    return np.asarray(n * (bread @ spread @ bread.T))


def _to_covariances(layout: _Layout, rho: FloatArray, deviations: FloatArray) -> FloatArray:
    r"""Return the Jacobian of the statistics by the same with correlations for covariances.

    :math:`\sigma_{ij} = \rho_{ij} \sqrt{v_i v_j}`, and so by :math:`v_i` it changes by
    :math:`\rho_{ij} \sqrt{v_j / v_i} / 2`.
    """
    jacobian = np.eye(layout.kind.size)
    place = np.flatnonzero(layout.kind == COVARIANCE)
    i, j = layout.i[place], layout.j[place]
    jacobian[place, place] = deviations[i] * deviations[j]
    for own, other in ((i, j), (j, i)):
        has = layout.variance[own] >= 0
        value = 0.5 * rho[place] * deviations[other] / deviations[own]
        jacobian[place[has], layout.variance[own[has]]] = value[has]
    return jacobian
