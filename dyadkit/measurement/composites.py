"""Reliability of composites, what a factor shares with its items, whether two factors differ."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray


def composite_reliability(loadings: FloatArray, residuals: FloatArray) -> float:
    r"""Return the reliability of the sum of items with one factor of variance 1.

    Parameters
    ----------
    loadings, residuals : ndarray, shape (items,)
        Loadings and residual variances.

    Notes
    -----
    :math:`(\sum \lambda)^2 / \{(\sum \lambda)^2 + \sum \theta\}` (Jöreskog, 1971): ω with the
    variance that the model implies, where McDonald's has the observed one.

    References
    ----------
    Jöreskog, K. G. (1971). Statistical analysis of sets of congeneric tests. Psychometrika, 36,
    109-133.

    Examples
    --------
    >>> composite_reliability(np.array([1.0, 1.0]), np.array([0.5, 0.5]))
    0.8
    """
    true = float(loadings.sum()) ** 2
    return true / (true + float(residuals.sum()))


def average_variance_extracted(standardised: FloatArray) -> float:
    r"""Return the mean share of the items' variances that is due to the factor.

    Parameters
    ----------
    standardised : ndarray, shape (items,)
        Standardised loadings.

    Notes
    -----
    :math:`\sum \lambda^2 / J` (Fornell & Larcker, 1981).  Two factors are told apart when the
    square of their correlation is below both of theirs.

    References
    ----------
    Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with unobservable
    variables and measurement error. Journal of Marketing Research, 18, 39-50.

    Examples
    --------
    >>> average_variance_extracted(np.array([0.8, 0.6]))
    0.5
    """
    return float((standardised**2).mean())


def heterotrait_monotrait(
    correlations: FloatArray, first: IntArray, second: IntArray, *, geometric: bool = False
) -> float:
    r"""Return how strongly items of two scales correlate, beside those within each.

    Parameters
    ----------
    correlations : ndarray, shape (p, p)
    first, second : ndarray of int
        Places of the two scales' items; at least two each.
    geometric : bool
        Whether means are geometric (HTMT2), which suits items with different loadings.

    Returns
    -------
    float
        Near the correlation of the two factors; .85 or .90 are usual limits.  NaN where a mean
        within a scale is 0.

    Notes
    -----
    Of absolute correlations (Henseler, Ringle & Sarstedt, 2015; HTMT2: Roemer, Schuberth &
    Henseler, 2021).

    References
    ----------
    Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant
    validity in variance-based structural equation modeling. Journal of the Academy of Marketing
    Science, 43, 115-135.

    Roemer, E., Schuberth, F., & Henseler, J. (2021). HTMT2 – an improved criterion for assessing
    discriminant validity in structural equation modeling. Industrial Management & Data Systems,
    121, 2637-2650.

    Examples
    --------
    >>> r = np.array([[1, 0.6, 0.3, 0.3], [0.6, 1, 0.3, 0.3], [0.3, 0.3, 1, 0.6],
    ...               [0.3, 0.3, 0.6, 1]])
    >>> heterotrait_monotrait(r, np.array([0, 1]), np.array([2, 3]))
    0.5
    """
    sizes = np.abs(correlations)

    def mean(values: FloatArray) -> float:
        if not geometric:
            return float(values.mean())
        return float(np.exp(np.log(values).mean())) if (values > 0.0).all() else 0.0

    def within(items: IntArray) -> float:
        block = sizes[np.ix_(items, items)]
        return mean(block[np.tril_indices(items.size, -1)])

    whole = within(first) * within(second)
    return mean(sizes[np.ix_(first, second)].ravel()) / sqrt(whole) if whole > 0.0 else nan


def combined_reliability(
    sd: tuple[float, float],
    correlation: float,
    reliability: tuple[float, float],
    *,
    difference: bool,
) -> float:
    r"""Return the reliability of two members' difference, or of their mean.

    Parameters
    ----------
    sd, reliability : tuple of float
        Of either member's score.
    correlation : float
        Of the two scores.
    difference : bool
        Of the difference, else of the mean (or sum).

    Notes
    -----
    True over total variance,
    :math:`(\sum s_i^2 \rho_i \mp 2 r s_1 s_2)/(\sum s_i^2 \mp 2 r s_1 s_2)`, with errors of the
    two members independent (Rogosa, Brandt & Zimowski, 1982).  The more alike members are, the less
    reliable is their difference.

    References
    ----------
    Rogosa, D., Brandt, D., & Zimowski, M. (1982). A growth curve approach to the measurement of
    change. Psychological Bulletin, 92, 726-748.

    Examples
    --------
    >>> round(combined_reliability((1.0, 1.0), 0.6, (0.8, 0.8), difference=True), 4)
    0.5
    """
    shared = (-2.0 if difference else 2.0) * correlation * sd[0] * sd[1]
    total = sd[0] ** 2 + sd[1] ** 2 + shared
    true = sd[0] ** 2 * reliability[0] + sd[1] ** 2 * reliability[1] + shared
    return true / total if total > 0.0 else nan
