"""How far a row of answers lies from the others, given how the items go together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dyadkit.loading.screening.pairwise import (
    MOST_NUMBERS,
    FloatArray,
    IntArray,
    Pairwise,
    column_means,
    slices,
)


def squared_distances(items: FloatArray, moments: Pairwise) -> tuple[FloatArray, IntArray]:
    r"""Return each row's squared Mahalanobis distance from the mean.

    .. math:: D^2_i = (x_i - \bar x)_o' \, S_{oo}^{-1} \, (x_i - \bar x)_o

    with the items :math:`o` that row i answers: :math:`S` is the covariance matrix (divisor
    n - 1, for each pair of items) of the answers that are there.  In normal data :math:`D^2` of a
    row with k answers follows about a chi-square distribution with k degrees of freedom.

    Parameters
    ----------
    items : ndarray of float, shape (n, p)
        Answers; NaN is missing.
    moments : Pairwise
        Of the same items.

    Returns
    -------
    distances : ndarray of float, shape (n,)
        NaN for rows without answers.  All are NaN when there are not at least twice as many rows
        as items, or when the covariance matrix cannot be inverted: an item may be the sum of
        others, or too few people answered a pair of items.
    answered : ndarray of int, shape (n,)
        The degrees of freedom.  Items that all answer alike tell nothing and do not count.

    Examples
    --------
    >>> from dyadkit.loading.screening.pairwise import pairwise_moments
    >>> items = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]])
    >>> squared_distances(items, pairwise_moments(items))[0].round(3).tolist()
    [1.5, 1.5, 1.5, 1.5]
    """
    # Answers are codes, so less than this is rounding.
    varying = np.flatnonzero(np.diag(moments.variance) > 1e-9)
    answered = np.zeros(len(items), dtype=np.int64)
    for column in varying:
        answered += ~np.isnan(items[:, column])
    distances = np.full(len(items), np.nan)
    if not len(varying) or len(items) < 2 * len(varying):
        return distances, answered
    inverse = _inverse(moments.covariance[np.ix_(varying, varying)])
    if inverse is None:
        return distances, answered
    means = column_means(items)[varying]
    for some in slices(len(items), len(varying)):
        deviations = items[some][:, varying] - means
        absent = np.isnan(deviations)
        distances[some] = _forms(np.where(absent, 0.0, deviations), absent, inverse)
    distances[answered == 0] = np.nan
    return distances, answered


def _inverse(covariance: FloatArray) -> FloatArray | None:
    if not np.isfinite(covariance).all():
        return None
    spread = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(spread, spread))
    # Below this nothing is left of an item that the others do not say, but rounding.
    if values[0] < 1e-8 * values[-1]:
        return None
    return np.asarray((vectors / values) @ vectors.T / np.outer(spread, spread))


def _forms(deviations: FloatArray, absent: NDArray[np.bool_], inverse: FloatArray) -> FloatArray:
    """Return the quadratic form of each row in the items that it has.

    Of the inverse P of the whole matrix, the inverse of the part that is there is
    ``P_oo - P_om P_mm^-1 P_mo``, so rows with as many missing answers are solved together,
    whichever they are.
    """
    # Deviations of missing answers are 0, so this is P_oo d_o and P_mo d_o in one.
    pulled = deviations @ inverse
    forms = np.einsum("ij,ij->i", deviations, pulled)
    lacking = absent.sum(axis=1)
    for size in np.unique(lacking[(lacking > 0) & (lacking < absent.shape[1])]).tolist():
        rows = np.flatnonzero(lacking == size)
        for some in np.array_split(rows, -(-len(rows) * size**2 // MOST_NUMBERS)):
            where = np.nonzero(absent[some])[1].reshape(len(some), size)
            missing = inverse[where[:, :, None], where[:, None, :]]
            pull = pulled[some[:, None], where]
            gained = np.linalg.solve(missing, pull[:, :, None])[:, :, 0]
            forms[some] -= np.einsum("ij,ij->i", pull, gained)
    return np.asarray(forms)
