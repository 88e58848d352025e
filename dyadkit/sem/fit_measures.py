r"""How well a model fits: chi-square and the indices made of it.

With chi-square :math:`\chi^2` on d degrees of freedom, :math:`\chi_0^2` on :math:`d_0` for the
baseline model, N units and G groups (the formulas are lavaan's; N, not N - 1):

.. math::

    \mathrm{CFI} &= 1 - \frac{\max(\chi^2 - d, 0)}{\max(\chi^2 - d, \chi_0^2 - d_0, 0)}, \qquad
    \mathrm{TLI} = 1 - \frac{(\chi^2 - d)\, d_0}{(\chi_0^2 - d_0)\, d}, \\
    \mathrm{RMSEA} &= \sqrt{G \max(\chi^2 / (N d) - 1 / N, 0)} .

References
----------
Bentler, P. M. (1990). Comparative fit indexes in structural models. Psychological Bulletin, 107,
238-246.

Browne, M. W., & Cudeck, R. (1992). Alternative ways of assessing model fit. Sociological Methods &
Research, 21, 230-258.

Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index. Structural
Equation Modeling, 5, 411-419.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import log, nan, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chndtr

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray

_CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class FitMeasures:
    """Fit of a model.

    Attributes
    ----------
    n_parameters : int
        Free parameters less independent equality constraints.
    chisq, df, p_value : float
        Likelihood ratio against the saturated model; p is NaN without degrees of freedom.
    baseline_chisq, baseline_df : float
        The same of the baseline model.
    cfi, tli, rmsea, srmr : float
    rmsea_low, rmsea_high : float
        90 % interval.
    rmsea_close : float
        p-value of the hypothesis that RMSEA is .05 or less.
    loglik, saturated_loglik : float
    aic, bic, sabic : float
        With the number of units in BIC; (n + 2) / 24 in its place in SABIC.
    """

    n_parameters: int
    chisq: float
    df: float
    p_value: float
    baseline_chisq: float
    baseline_df: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    rmsea_close: float
    srmr: float
    loglik: float
    saturated_loglik: float
    aic: float
    bic: float
    sabic: float


def measure_fit(
    *,
    loglik: float,
    saturated: float,
    baseline: float,
    n: float,
    n_groups: int,
    n_parameters: int,
    df: int,
    baseline_df: int,
    srmr: float,
) -> FitMeasures:
    """Return the fit measures from three log-likelihoods.

    Parameters
    ----------
    loglik, saturated, baseline : float
        Log-likelihoods of the model and of the two it is held against.
    n : float
        Units.
    n_groups, n_parameters, df, baseline_df : int
    srmr : float
        From `root_mean_square_residual`.

    Examples
    --------
    >>> fit = measure_fit(
    ...     loglik=-1020.0, saturated=-1000.0, baseline=-1300.0, n=200, n_groups=1,
    ...     n_parameters=10, df=24, baseline_df=36, srmr=0.05,
    ... )
    >>> fit.chisq, round(fit.cfi, 4), round(fit.rmsea, 4)
    (40.0, 0.9716, 0.0577)
    """
    # A perfect fit may come out below zero by rounding, never otherwise.
    chisq = max(2.0 * (saturated - loglik), 0.0)
    chisq_0 = 2.0 * (saturated - baseline)
    excess, excess_0 = chisq - df, chisq_0 - baseline_df
    worst = max(excess, excess_0, 0.0)
    low, high = noncentrality_interval(chisq, df, 0.90)
    return FitMeasures(
        n_parameters=n_parameters,
        chisq=chisq,
        df=float(df),
        p_value=float(chdtrc(df, chisq)) if df > 0 else nan,
        baseline_chisq=chisq_0,
        baseline_df=float(baseline_df),
        cfi=1.0 - max(excess, 0.0) / worst if worst > 0 else 1.0,
        tli=1.0 - excess * baseline_df / (excess_0 * df) if df > 0 and excess_0 != 0 else 1.0,
        rmsea=sqrt(n_groups * max(excess / (n * df), 0.0)) if df > 0 else 0.0,
        rmsea_low=sqrt(n_groups * low / (n * df)) if df > 0 else 0.0,
        rmsea_high=sqrt(n_groups * high / (n * df)) if df > 0 else 0.0,
        rmsea_close=_close_fit(chisq, df, n * df * _CLOSE**2 / n_groups),
        srmr=srmr,
        loglik=loglik,
        saturated_loglik=saturated,
        aic=2.0 * n_parameters - 2.0 * loglik,
        bic=log(n) * n_parameters - 2.0 * loglik,
        sabic=log((n + 2.0) / 24.0) * n_parameters - 2.0 * loglik,
    )


@dataclass(frozen=True, slots=True)
class ScaledMeasures:
    """Fit of a model by a chi-square that is divided by a scaling.

    Attributes
    ----------
    scaling, baseline_scaling : float
        c and c0; NaN without degrees of freedom.
    chisq, p_value, baseline_chisq : float
        Scaled, on the degrees of freedom of the others.
    cfi, tli, rmsea, rmsea_low, rmsea_high : float
        Computed from scaled chi-squares as if these were none.
    cfi_robust, tli_robust, rmsea_robust, rmsea_robust_low, rmsea_robust_high : float
        Estimates of what the indices are in the population (Brosseau-Liard & Savalei, 2014).
    """

    scaling: float
    baseline_scaling: float
    chisq: float
    p_value: float
    baseline_chisq: float
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    cfi_robust: float
    tli_robust: float
    rmsea_robust: float
    rmsea_robust_low: float
    rmsea_robust_high: float


def scale_fit(
    fit: FitMeasures,
    traces: tuple[float, float],
    complete: tuple[float, float] | None,
    baseline_complete: tuple[float, float] | None,
    *,
    n: float,
    n_groups: int,
) -> ScaledMeasures:
    r"""Return scaled and robust fit measures.

    Parameters
    ----------
    fit : FitMeasures
        Without scaling.
    traces : tuple of float
        The scalings c and :math:`c_0` times the degrees of freedom.
    complete, baseline_complete : tuple of float, or None
        Chi-square and trace from which robust indices are made in place of these.
    n : float
        Units.
    n_groups : int

    Raises
    ------
    FitError
        When the scaling is not positive.

    Notes
    -----
    In robust indices the excess of chi-square over its mean c d takes the place of that over d:
    :math:`\chi^2 - c d`; the interval of RMSEA is c times that of the scaled chi-square
    (Brosseau-Liard, Savalei & Li, 2012).

    References
    ----------
    Brosseau-Liard, P. E., & Savalei, V. (2014). Adjusting incremental fit indices for nonnormality.
    Multivariate Behavioral Research, 49, 460-470.

    Brosseau-Liard, P. E., Savalei, V., & Li, L. (2012). An investigation of the sample performance
    of two nonnormality corrections for RMSEA. Multivariate Behavioral Research, 47, 904-930.
    """
    df, df_0 = fit.df, fit.baseline_df
    trace, trace_0 = traces
    c_0 = trace_0 / df_0 if df_0 > 0 else nan
    if df <= 0:
        perfect = dict.fromkeys((field.name for field in fields(ScaledMeasures)), 0.0)
        perfect |= dict.fromkeys(("cfi", "tli", "cfi_robust", "tli_robust"), 1.0)
        perfect |= {"scaling": nan, "p_value": nan, "baseline_scaling": c_0}
        perfect |= {"baseline_chisq": fit.baseline_chisq / c_0}
        return ScaledMeasures(**perfect)
    c = trace / df
    whole, share = complete or (fit.chisq, trace)
    if min(trace, share) <= 0:
        raise FitError(
            f"The scaling of chi-square would be {min(trace, share) / df:.3g}, and no chi-square "
            "is negative: the model fits so badly that there is no robust test of it. Use "
            "estimator='ML', or a model that fits better."
        )
    chisq, chisq_0 = fit.chisq / c, fit.baseline_chisq / c_0
    excess, excess_0 = chisq - df, chisq_0 - df_0
    worst = max(excess, excess_0, 0.0)
    whole_0, share_0 = baseline_complete or (fit.baseline_chisq, trace_0)
    beyond, beyond_0 = whole - share, whole_0 - share_0
    farthest = max(beyond, beyond_0, 0.0)
    low, high = noncentrality_interval(whole * df / share, df, 0.90)
    # As in lavaan this one is of chi-square itself, on c d degrees of freedom.
    naive = noncentrality_interval(fit.chisq, trace, 0.90)

    def error(noncentrality: float) -> float:
        return sqrt(n_groups * max(noncentrality, 0.0) / (n * df))

    return ScaledMeasures(
        scaling=c,
        baseline_scaling=c_0,
        chisq=chisq,
        p_value=float(chdtrc(df, chisq)),
        baseline_chisq=chisq_0,
        cfi=1.0 - max(excess, 0.0) / worst if worst > 0 else 1.0,
        tli=1.0 - excess * df_0 / (excess_0 * df) if excess_0 != 0 else 1.0,
        rmsea=error(excess),
        rmsea_low=sqrt(n_groups * naive[0] / (n * trace)),
        rmsea_high=sqrt(n_groups * naive[1] / (n * trace)),
        cfi_robust=1.0 - max(beyond, 0.0) / farthest if farthest > 0 else 1.0,
        tli_robust=1.0 - beyond * df_0 / (beyond_0 * df) if beyond_0 != 0 else 1.0,
        rmsea_robust=error(beyond),
        rmsea_robust_low=error(share / df * low),
        rmsea_robust_high=error(share / df * high),
    )


def _close_fit(chisq: float, df: int, noncentrality: float) -> float:
    return float(1.0 - chndtr(chisq, df, noncentrality)) if df > 0 else nan


def noncentrality_interval(chisq: float, df: float, confidence: float) -> tuple[float, float]:
    """Return the interval of the noncentrality of which the chi-square is a draw.

    Each bound is 0 where even a central chi-square would not leave enough beyond.

    Examples
    --------
    >>> low, high = noncentrality_interval(85.306, 24, 0.90)
    >>> round(low, 3), round(high, 3)
    (36.847, 93.354)
    """
    if df <= 0:
        return 0.0, 0.0
    tail = (1.0 - confidence) / 2.0

    def bound(probability: float) -> float:
        if chndtr(chisq, df, 0.0) <= probability:
            return 0.0
        top = max(chisq, 1.0)
        while chndtr(chisq, df, top) > probability:
            top *= 2.0
        return float(
            brentq(lambda value: chndtr(chisq, df, value) - probability, 0.0, top, xtol=1e-12)
        )

    return bound(1.0 - tail), bound(tail)


def root_mean_square_residual(
    covariance: FloatArray,
    mean: FloatArray,
    sigma: FloatArray,
    mu: FloatArray,
    counts: FloatArray,
    has_means: bool,
) -> float:
    r"""Return the SRMR.

    Parameters
    ----------
    covariance, mean : ndarray, shapes (G, p, p) and (G, p)
        The saturated model's moments.
    sigma, mu : ndarray, shapes (G, p, p) and (G, p)
        The model's.
    counts : ndarray, shape (G,)
        Rows of each group, which weigh the groups.
    has_means : bool
        Whether residuals of means count too.

    Notes
    -----
    The root of the mean square of :math:`(s_{ij} - \sigma_{ij}) / \sqrt{s_{ii} s_{jj}}` over the
    lower triangle with its diagonal, and of :math:`(m_i - \mu_i) / \sqrt{s_{ii}}` with a mean
    structure (Bentler, 1995; lavaan's ``srmr``).
    """
    p = mean.shape[1]
    sd = np.sqrt(covariance.diagonal(0, 1, 2))
    square = ((covariance - sigma) / (sd[:, :, None] * sd[:, None, :])) ** 2
    total, count = 0.5 * (square.sum(axis=(1, 2)) + square.trace(0, 1, 2)), p * (p + 1) // 2
    if has_means:
        total, count = total + (((mean - mu) / sd) ** 2).sum(axis=1), count + p
    by_group = np.sqrt(total / count)
    return float((counts * by_group).sum() / counts.sum())
