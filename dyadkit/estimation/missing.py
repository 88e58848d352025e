"""Mean and covariance of incomplete data by maximum likelihood, and Little's test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from dyadkit.errors import FitError, Refused, listed
from dyadkit.estimation.arrays import FloatArray, as_scores, read_only
from dyadkit.estimation.completion import Gaps, complete_sums, gaps_of
from dyadkit.estimation.pattern_statistics import (
    PatternStatistics,
    observed_inverse,
    summarise_patterns,
)

_SINGULAR = 1e-9
_SETTLED = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class NormalMoments:
    """Maximum-likelihood moments of an incomplete multivariate normal sample.

    Attributes
    ----------
    mean : ndarray, shape (p,)
        Means, in the units of the variables.
    covariance : ndarray, shape (p, p)
        Covariances, of divisor n.
    loglik : float
        Observed-data log-likelihood, constants included.
    iterations : int
        EM steps taken.
    converged : bool
        Whether the last EM step was as small as asked.
    n, n_dropped : int
        Rows with at least one score, and rows with none, which are left out.
    n_patterns : int
        Distinct patterns of missing scores among the n rows.
    """

    mean: FloatArray
    covariance: FloatArray
    loglik: float
    iterations: int
    converged: bool
    n: int
    n_dropped: int
    n_patterns: int


@dataclass(frozen=True, slots=True)
class LittleTest:
    """Little's test of data missing completely at random.

    Attributes
    ----------
    statistic, df, p_value : float
        d-squared, its degrees of freedom and the upper tail of chi-square.
    n, n_patterns, n_variables : int
        Rows with at least one score, their patterns, and variables.
    """

    statistic: float
    df: float
    p_value: float
    n: int
    n_patterns: int
    n_variables: int


def em_normal(
    values: ArrayLike,
    tolerance: float = 1e-12,
    max_iterations: int = 20_000,
    names: Sequence[str] = (),
    weights: ArrayLike | None = None,
) -> NormalMoments:
    r"""Estimate mean and covariance of incomplete normal data by maximum likelihood.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Units in rows, variables in columns; NaN is missing.  Rows without any score are
        left out and counted.
    tolerance : float
        Largest change of a mean or covariance in one EM step, variables having unit
        variance, at which the estimates have converged; the rounding error of a step, if
        larger.
    max_iterations : int
        EM steps at most.
    names : sequence of str, length p, optional
        What messages call the variables; by default their numbers, from 1.
    weights : array_like, shape (n,), optional
        How often each row counts, more than 0; by default once.

    Returns
    -------
    NormalMoments
        Look at `converged` before using it.

    Raises
    ------
    DataError
        If a variable is missing throughout or does not vary, rows are not more than
        variables, or two variables are never observed together.
    FitError
        If the covariance matrix becomes singular.

    Notes
    -----
    EM (Dempster, Laird & Rubin, 1977) on the sufficient statistics of each pattern of
    missing scores.  For pattern m with :math:`n_m` rows, let :math:`G_m` be the inverse of
    the observed part of :math:`\Sigma`, zero elsewhere, :math:`d_m` the pattern's mean
    minus :math:`\mu`, and :math:`T_m` its mean square about :math:`\mu`, both zero where
    missing.  With :math:`g = \sum n_m G_m d_m / n` and
    :math:`E = \sum n_m (G_m T_m G_m - G_m) / n`, one step is

    .. math::

        \mu \leftarrow \mu + \delta, \qquad
        \Sigma \leftarrow \Sigma + \Sigma E \Sigma - \delta\delta', \qquad \delta = \Sigma g,

    whose fixed point makes both scores, g and E, vanish; it is taken from what missing scores
    are expected to be, which costs less (`dyadkit.estimation.completion`).  Pairs of
    steps are extrapolated by SQUAREM (Varadhan & Roland, 2008, steplength S3); an
    extrapolation that lowers the likelihood is undone.

    References
    ----------
    Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Maximum likelihood from incomplete
    data via the EM algorithm. Journal of the Royal Statistical Society B, 39, 1-38.

    Varadhan, R., & Roland, C. (2008). Simple and globally convergent methods for
    accelerating the convergence of any EM algorithm. Scandinavian Journal of Statistics,
    35, 335-353.

    Examples
    --------
    >>> nan = float("nan")
    >>> moments = em_normal([[1, 2], [2, 1], [3, 4], [4, nan], [5, nan]])
    >>> moments.converged, moments.mean.round(4).tolist()
    (True, [3.0, 3.3333])
    """
    data = summarise_patterns(values, weights)
    mean, covariance, loglik, iterations, converged = _maximise(
        data, tolerance, max_iterations, names
    )
    mean = data.origin + mean * data.unit
    covariance = covariance * np.outer(data.unit, data.unit)
    for array in (mean, covariance):
        read_only(array)
    return NormalMoments(
        mean=mean,
        covariance=covariance,
        loglik=loglik,
        iterations=iterations,
        converged=converged,
        n=data.n,
        n_dropped=data.n_dropped,
        n_patterns=data.counts.size,
    )


def little_mcar(values: ArrayLike) -> LittleTest:
    r"""Test whether scores are missing completely at random.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Units in rows, variables in columns; NaN is missing.

    Returns
    -------
    LittleTest
        A small p-value speaks against MCAR; a large one does not show it, and no test can
        tell MAR from MNAR.

    Raises
    ------
    Refused
        If nothing is missing, rows without any score apart.
    DataError
        As `em_normal`.
    FitError
        If the moments do not converge or are singular.

    Notes
    -----
    :math:`d^2 = \sum_m n_m (\bar y_m - \mu_m)' \Sigma_m^{-1} (\bar y_m - \mu_m)` over the patterns,
    on :math:`\sum_m p_m - p` degrees of freedom (Little, 1988), with the moments of
    `em_normal` for the variables that pattern m has.  The covariance matrix is the
    maximum-likelihood one, of divisor n, as in the R package naniar; Little's own
    equation multiplies it by n/(n - 1), which makes d-squared smaller by that factor.
    The test rests on several rows a pattern: where every row has a pattern of its own,
    d-squared is the number of scores whatever they are.

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data
    with missing values. Journal of the American Statistical Association, 83, 1198-1202.

    Examples
    --------
    >>> nan = float("nan")
    >>> rows = [[1, 2], [2, 1], [3, 4], [4, nan], [5, nan], [nan, 3], [nan, 1]]
    >>> test = little_mcar(rows)
    >>> test.df, test.n_patterns
    (2.0, 3)
    """
    missing = np.isnan(as_scores(values, 2))
    if not (missing.any(axis=1) & ~missing.all(axis=1)).any():
        raise Refused(
            f"Little's test compares patterns of missing scores, but nothing is missing in the "
            f"{int((~missing.all(axis=1)).sum())} rows with any score. Report these as complete "
            "and the other rows, if any, as nonresponse."
        )
    data = summarise_patterns(values)
    p = data.unit.size
    mean, covariance, _, iterations, converged = _maximise(data, 1e-12, 20_000)
    if not converged:
        raise FitError(
            f"Little's test needs the maximum-likelihood moments of the {p} variables, but these "
            f"did not converge in {iterations} EM steps. Too much is missing together: leave out "
            "the variables with the fewest scores."
        )
    statistic = 0.0
    for block in data.blocks():
        inverse, _ = observed_inverse(covariance, data.observed[block])
        offset = np.where(data.observed[block], data.means[block] - mean, 0.0)
        statistic += float(np.einsum("m,mi,mij,mj->", data.counts[block], offset, inverse, offset))
    df = float(data.observed.sum() - p)
    return LittleTest(
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        n=data.n,
        n_patterns=data.counts.size,
        n_variables=p,
    )


def _maximise(
    data: PatternStatistics, tolerance: float, max_iterations: int, names: Sequence[str] = ()
) -> tuple[FloatArray, FloatArray, float, int, bool]:
    """Run SQUAREM to the maximum; return mean, covariance, log-likelihood, steps, converged."""
    p = data.unit.size
    gaps = gaps_of(data.observed, data.scatter.shape[0])
    within = np.einsum("m,mij->ij", data.counts[: data.scatter.shape[0]], data.scatter)
    theta = np.concatenate([np.zeros((1, p)), np.eye(p)])
    first, loglik = _em_step(theta, data, gaps, within)
    steps, converged = 1, False
    while True:
        change = first - theta
        # Inverting the covariance matrix leaves a step with this much rounding error.
        root = _smallest_root(theta, data, names)
        rounding = 4 * np.finfo(np.float64).eps / root
        converged = bool(np.abs(change).max() <= max(tolerance, rounding))
        # On the way to a singular matrix its root still falls while all else stands.
        fall = abs(float(np.linalg.eigvalsh(first[1:])[0]) - root)
        converged = converged and fall <= _SETTLED * root
        if converged or steps >= max_iterations:
            break
        second, _ = _em_step(first, data, gaps, within)
        steps += 1
        curvature = (second - first) - change
        length = sqrt(float((change**2).sum()) / max(float((curvature**2).sum()), 1e-300))
        candidate = theta + 2.0 * length * change + length**2 * curvature
        if length > 1.0 and np.linalg.eigvalsh(candidate[1:])[0] > _SINGULAR:
            after, reached = _em_step(candidate, data, gaps, within)
            steps += 1
            if reached >= loglik:
                theta, first, loglik = candidate, after, reached
                continue
        theta = second
        first, loglik = _em_step(theta, data, gaps, within)
        steps += 1
    constants = -0.5 * log(2.0 * pi) * float(data.counts @ data.observed.sum(axis=1))
    units = float(data.counts @ (data.observed @ np.log(data.unit)))
    return theta[0], theta[1:], loglik + constants - units, steps, converged


def _em_step(
    theta: FloatArray, data: PatternStatistics, gaps: tuple[Gaps, ...], within: FloatArray
) -> tuple[FloatArray, float]:
    """Return the next mean (first row) and covariance, and the log-likelihood of these ones."""
    mean, covariance = theta[0], theta[1:]
    found = complete_sums(data, gaps, within, mean, covariance)
    total = data.counts.sum()
    step = found.total / total
    after = found.square / total - np.outer(step, step)
    return np.concatenate([(mean + step)[None, :], 0.5 * (after + after.T)]), found.loglik


def _smallest_root(theta: FloatArray, data: PatternStatistics, names: Sequence[str]) -> float:
    """Return the smallest eigenvalue of the covariance matrix, which must be positive."""
    roots, vectors = np.linalg.eigh(theta[1:])
    if roots[0] <= _SINGULAR:
        involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.05).tolist()
        called = [names[number] if names else number + 1 for number in involved]
        raise FitError(
            f"The covariance matrix is singular: over the {data.n} rows, one of variable "
            f"{listed(called)} is determined by the others (a total and its parts, or "
            "too few rows with all of them). Leave one out."
        )
    return float(roots[0])
