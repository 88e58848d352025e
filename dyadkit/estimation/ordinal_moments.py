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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    as_scores,
    constant,
    read_only,
)
from dyadkit.estimation.ordinal_pairs import (
    OrdinalPairs,
    continuous_pairs,
    mixed_pairs,
    ordered_pairs,
)
from dyadkit.estimation.ordinal_variables import (
    COVARIANCE,
    THRESHOLD,
    OrdinalLayout,
    OrdinalVariables,
    lay_out,
    summarise_variables,
    variable_scores,
)

_LARGEST = 0.99999  # of a correlation


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
        What each statistic is, as numbered in `ordinal_variables`: THRESHOLD number j (from 0)
        of variable i, minus the MEAN or the VARIANCE of variable i (j = i), or the COVARIANCE
        of variables i > j.
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


def estimate_ordinal_moments(
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
        If a score is missing, a variable does not vary, a category is empty, a continuous
        variable has two values only, or a correlation ends at 1 or -1.
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
    single = summarise_variables(matrix, mask)
    layout = lay_out(mask, single)
    low, high = layout.j[layout.kind == COVARIANCE], layout.i[layout.kind == COVARIANCE]
    place = np.flatnonzero(layout.kind == COVARIANCE)
    first, second = mask[low], mask[high]
    sorts = [
        ordered_pairs(single, layout, *_chosen(first & second, place, low, high)),
        # The ordered variable of a mixed pair comes first, wherever it stands.
        mixed_pairs(
            single,
            layout,
            *_chosen(
                first != second, place, np.where(first, low, high), np.where(first, high, low)
            ),
        ),
        continuous_pairs(single, layout, *_chosen(~first & ~second, place, low, high)),
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
    two = ((values == values.min(axis=0)) | (values == values.max(axis=0))).all(axis=0)
    for v in np.flatnonzero(two & ~ordered).tolist():
        raise DataError(
            f"The variable {names[v]} has only two values, so its mean and its variance cannot "
            "both be estimated. Declare it ordered."
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


def _statistics(single: OrdinalVariables, layout: OrdinalLayout, rho: FloatArray) -> FloatArray:
    """Return the statistics, given the correlations in their places."""
    deviations = np.sqrt(single.variances)
    chosen = [
        single.limits[layout.i, np.where(layout.kind == THRESHOLD, layout.j + 1, 0)],
        -single.means[layout.i],
        single.variances[layout.i],
        rho * deviations[layout.i] * deviations[layout.j * (layout.kind == COVARIANCE)],
    ]
    return np.asarray(np.choose(layout.kind, chosen))


def _gamma(
    n: int, single: OrdinalVariables, layout: OrdinalLayout, sorts: Sequence[OrdinalPairs]
) -> FloatArray:
    """Return n times the covariance matrix of thresholds, means, variances and correlations."""
    size = layout.kind.size
    univariate = variable_scores(single, layout)
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


def _to_covariances(layout: OrdinalLayout, rho: FloatArray, deviations: FloatArray) -> FloatArray:
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
