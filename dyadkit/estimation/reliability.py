"""Internal consistency of a scale: coefficient alpha and McDonald's omega."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from dyadkit.errors import DataError, FitError, StudyError, listed
from dyadkit.estimation.arrays import (
    BoolArray,
    FloatArray,
    centred,
    complete_rows,
    constant,
    require_confidence,
)
from dyadkit.estimation.one_factor import OneFactor, fit_one_factor, require_identified
from dyadkit.estimation.resample import bootstrap_weights, percentile_interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability coefficient with its interval.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        The coefficient, signed: a negative one is shown as such.
    n, k : int
        Persons with every item answered, and items.
    method : str
        Coefficient and interval in words.
    """

    estimate: float
    conf_low: float
    conf_high: float
    n: int
    k: int
    method: str


@dataclass(frozen=True, slots=True)
class Omega:
    """McDonald's omega with its bootstrap interval.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        The coefficient and its percentile interval; NaN bounds without draws.
    n, k : int
        Persons with every item answered, and items.
    draws, failed_draws, inadmissible_draws : int
        Bootstrap samples; those without a converged fit, which the interval leaves out; and
        those whose fit has a negative residual variance, which it keeps.
    inadmissible : bool
        Whether the fit of the sample itself has a negative residual variance.
    loadings : tuple of float
        Loadings on a factor of variance 1, in the unit of the items (divisor n).
    method : str
        Coefficient and interval in words.
    """

    estimate: float
    conf_low: float
    conf_high: float
    n: int
    k: int
    draws: int
    failed_draws: int
    inadmissible_draws: int
    inadmissible: bool
    loadings: tuple[float, ...]
    method: str


def cronbach_alpha(items: ArrayLike, confidence: float = 0.95) -> Reliability:
    r"""Estimate coefficient alpha with Feldt's interval.

    Parameters
    ----------
    items : array_like, shape (n, k)
        Persons in rows, items (reversed where they have to be) in columns; a row with a NaN
        is dropped.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    Reliability
        `method` is ``"alpha (Feldt)"``.

    Raises
    ------
    DataError
        If fewer than two items or two complete rows are left, or their sum does not vary.
    StudyError
        If the confidence level is not between 0 and 1.

    Notes
    -----
    :math:`\alpha = \frac{k}{k-1}\left(1 - \sum s_i^2 / s_{sum}^2\right)` (Cronbach, 1951), and
    :math:`(1 - \alpha)/(1 - \hat\alpha)` is distributed as F on n - 1 and (n - 1)(k - 1)
    degrees of freedom (Feldt, 1965), so the bounds are :math:`1 - (1 - \hat\alpha)
    F_{1-\alpha/2}` and :math:`1 - (1 - \hat\alpha) F_{\alpha/2}`.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
    Psychometrika, 16, 297-334.

    Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson
    reliability coefficient twenty. Psychometrika, 30, 357-370.

    Examples
    --------
    >>> alpha = cronbach_alpha([[1, 2, 1], [3, 3, 4], [2, 4, 3], [5, 4, 5], [4, 5, 5]])
    >>> round(alpha.estimate, 4), alpha.n, alpha.k
    (0.9244, 5, 3)
    """
    require_confidence(confidence)
    scores = complete_rows(items, "item scores")
    n, k = scores.shape
    if k < 2 or n < 2:
        raise DataError(
            f"Coefficient alpha needs at least 2 items and 2 persons who answered them all, but "
            f"the scores have {k} item(s) and {n} complete row(s). Check the items and their "
            "missing codes."
        )
    deviations = centred(scores)
    deviations[:, constant(scores)] = 0.0
    sums = deviations.sum(axis=1)
    total, parts = float(sums @ sums), float((deviations**2).sum())
    if total <= 1e-14 * parts or parts == 0.0:
        raise DataError(
            f"Coefficient alpha is undefined because the sum of the {k} items does not vary over "
            f"the {n} complete rows. Check the coding, reversed items above all."
        )
    estimate = k / (k - 1.0) * (1.0 - parts / total)
    df1, df2 = n - 1.0, (n - 1.0) * (k - 1.0)
    tail = (1.0 - confidence) / 2.0
    return Reliability(
        estimate=estimate,
        conf_low=1.0 - (1.0 - estimate) * float(fdtri(df1, df2, 1.0 - tail)),
        conf_high=1.0 - (1.0 - estimate) * float(fdtri(df1, df2, tail)),
        n=n,
        k=k,
        method="alpha (Feldt)",
    )


def mcdonald_omega(
    items: ArrayLike,
    confidence: float = 0.95,
    draws: int = 1000,
    rng: np.random.Generator | None = None,
) -> Omega:
    r"""Estimate omega from a one-factor model, with a bootstrap interval over persons.

    Parameters
    ----------
    items : array_like, shape (n, k)
        Persons in rows, items (reversed where they have to be) in columns; a row with a NaN
        is dropped.
    confidence : float
        Level of the interval, between 0 and 1.
    draws : int
        Bootstrap samples; 0 for an estimate without an interval.
    rng : numpy.random.Generator, optional
        Source of randomness; needed unless `draws` is 0.

    Returns
    -------
    Omega
        With the loadings, and the counts of failed and inadmissible fits.

    Raises
    ------
    Refused
        For two items: a one-factor model is not identified.
    DataError
        If there are fewer than two items, no more complete rows than items, or an item does
        not vary.
    FitError
        If an item is a sum of others, or the model does not converge.
    StudyError
        If the confidence level or the number of draws is impossible, or `rng` is missing.

    Notes
    -----
    :math:`\omega = (\sum \lambda_i)^2 / s_{sum}^2` (McDonald, 1999, chapter 6) with the
    maximum-likelihood loadings of `fit_one_factor` and, as denominator, the *observed*
    variance of the sum; with the model-implied one, which is also in use, misfit is counted
    as reliability.  This is not the omega total of an exploratory bifactor model.  The
    interval is the percentile one (Kelley & Pornprasertmanit, 2016, compare it with others).
    With a negative residual variance the estimate is to be read with great care.

    References
    ----------
    Kelley, K., & Pornprasertmanit, S. (2016). Confidence intervals for population
    reliability coefficients. Psychological Methods, 21, 69-92.

    McDonald, R. P. (1999). Test theory: A unified treatment. Erlbaum.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> scores = rng.normal(size=(100, 1)) + rng.normal(size=(100, 5))
    >>> omega = mcdonald_omega(scores, draws=200, rng=rng)
    >>> omega.conf_low < omega.estimate < omega.conf_high, omega.failed_draws
    (True, 0)
    """
    require_confidence(confidence)
    scores = complete_rows(items, "item scores")
    n, k = scores.shape
    require_identified(k)
    _require_varied(scores)
    if draws < 0 or (draws > 0 and rng is None):
        raise StudyError(
            f"A bootstrap of {draws} draws was asked for, {'with' if rng else 'without'} a random "
            "generator. Pass a number of draws and rng=numpy.random.default_rng(seed), so that it "
            "can be repeated, or draws=0 for no interval."
        )
    # Standardised items are better conditioned; loadings are put back into their unit below.
    deviations = centred(scores)
    sds = np.sqrt((deviations**2).mean(axis=0))
    z = deviations / sds
    corr = z.T @ z / n
    fit = fit_one_factor(corr)
    if not fit.converged:
        raise _no_fit(corr, n)
    omegas, inadmissible = np.empty(0), np.empty(0, dtype=np.bool_)
    if draws > 0 and rng is not None:
        omegas, inadmissible = _bootstrap(z, sds, fit, draws, rng)
    low, high = percentile_interval(omegas, confidence)
    interval = f"percentile bootstrap, {draws} draws" if draws else "no interval"
    return Omega(
        estimate=float(_omega(fit.loadings, corr, sds)),
        conf_low=low,
        conf_high=high,
        n=n,
        k=k,
        draws=draws,
        failed_draws=int(np.isnan(omegas).sum()),
        inadmissible_draws=int(inadmissible.sum()),
        inadmissible=bool((fit.residual_variances < 0).any()),
        loadings=tuple((fit.loadings * sds).tolist()),
        method=f"omega (one-factor ML, observed variance; {interval})",
    )


def _omega(loadings: FloatArray, cov: FloatArray, sds: FloatArray) -> FloatArray:
    """Return omega of the sum of the items in their own unit."""
    return np.asarray((loadings @ sds) ** 2 / np.einsum("i,...ij,j->...", sds, cov, sds))


def _bootstrap(
    z: FloatArray, sds: FloatArray, fit: OneFactor, draws: int, rng: np.random.Generator
) -> tuple[FloatArray, BoolArray]:
    """Return omega (NaN where the fit failed) and inadmissibility of each bootstrap sample."""
    n, k = z.shape
    rows, columns = np.triu_indices(k)
    products = z[:, rows] * z[:, columns]
    cov = np.empty((draws, k, k))
    done = 0
    for weights in bootstrap_weights(n, draws, rng):
        part = slice(done, done + weights.shape[0])
        counts = weights.astype(np.float64)
        means = counts @ z / n
        second = counts @ products / n - means[:, rows] * means[:, columns]
        cov[part, rows, columns] = second
        cov[part, columns, rows] = second
        done = part.stop
    # An item that does not vary in a sample has no loading there; rounding may hide its zero.
    cov[(np.diagonal(cov, axis1=1, axis2=2) < 1e-12).any(axis=1)] = nan
    fits = fit_one_factor(cov, start=fit)
    # Estimates of a failed fit are NaN, and so is its omega; NaN < 0 is False.
    return _omega(fits.loadings, cov, sds), np.asarray((fits.residual_variances < 0).any(axis=-1))


def _require_varied(scores: FloatArray) -> None:
    n, k = scores.shape
    if n <= k:
        raise DataError(
            f"A one-factor model of {k} items needs more than {k} persons who answered them all, "
            f"but there are {n}. Score the scale from fewer items or report no omega."
        )
    fixed = np.flatnonzero(constant(scores)) + 1
    if fixed.size:
        raise DataError(
            f"A one-factor model needs items that vary, but item {listed(fixed.tolist())} has one "
            f"and the same answer in all {n} complete rows. Leave it out of the scale."
        )


def _no_fit(corr: FloatArray, n: int) -> FitError:
    k = corr.shape[0]
    roots, vectors = np.linalg.eigh(corr)
    if roots[0] <= 1e-8:
        involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.05) + 1
        return FitError(
            f"A one-factor model cannot be fitted because item {listed(involved.tolist())} are "
            f"redundant: one is a sum of the others over the {n} complete rows. Leave one out."
        )
    return FitError(
        f"The one-factor model of the {k} items did not converge on the {n} complete rows: no "
        "single factor describes them. Check reversed items, look at the correlations, and "
        "report alpha."
    )
