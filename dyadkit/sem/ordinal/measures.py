r"""How well a model of ordered outcomes fits.

The indices of `dyadkit.sem.fit_measures` are made of the chi-square of weighted least squares, with
N - G in the place of N, and once more of the scaled and shifted one, on the same degrees of
freedom.  SRMR is over the lower triangle of the covariance matrix, with 0 for the residuals of
variances, also those of continuous variables, on its diagonal; thresholds and means do not count.
All of this is lavaan's convention (0.6-14).  A chi-square of weighted least squares is a mixture,
so that the indices without scaling assume what does not hold.
"""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.fit_measures import (
    FitMeasures,
    ScaledMeasures,
    measure_fit,
    root_mean_square_residual,
    scale_fit,
)
from dyadkit.sem.ordinal.inference import MixtureTest, Weighted
from dyadkit.sem.ordinal.moments import OrdinalStructure, covariances_among
from dyadkit.sem.ordinal.population import Discrepancy

_ROBUST = ("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_robust_low", "rmsea_robust_high")


def measure_ordinal_fit(
    test: MixtureTest,
    baseline: MixtureTest,
    discrepancies: tuple[Discrepancy, Discrepancy] | None,
    *,
    n: float,
    n_groups: int,
    count: int,
    srmr: float,
) -> tuple[FitMeasures, ScaledMeasures]:
    """Return fit measures without and with scaling.

    Parameters
    ----------
    test, baseline : MixtureTest
        Of the model and of the baseline model.
    discrepancies : tuple of Discrepancy, or None
        Of these, what robust indices are made of: see `dyadkit.sem.ordinal.population`.
    n : float
        Rows of all groups.
    n_groups : int
    count : int
        Free parameters less independent equality constraints.
    srmr : float

    Returns
    -------
    FitMeasures
        NaN where there is none without a likelihood.
    ScaledMeasures
        Scaled and shifted; NaN in place of robust indices where there are no discrepancies.
    """

    def measured(chisq: float, baseline_chisq: float) -> FitMeasures:
        return measure_fit(
            loglik=-0.5 * chisq,
            saturated=0.0,
            baseline=-0.5 * baseline_chisq,
            n=n - n_groups,
            n_groups=n_groups,
            n_parameters=count,
            df=test.df,
            baseline_df=baseline.df,
            srmr=srmr,
        )

    plain = measured(test.chisq, baseline.chisq)
    scaled = measured(test.adjusted, baseline.adjusted)
    robust = dict.fromkeys(_ROBUST, nan)
    if discrepancies is not None:
        whole, whole_0 = ((part.chisq, part.trace) for part in discrepancies)
        traces = (test.trace, baseline.trace)
        indices = scale_fit(plain, traces, whole, whole_0, n=n - n_groups, n_groups=n_groups)
        robust = {name: getattr(indices, name) for name in _ROBUST}
    plain = replace(plain, loglik=nan, saturated_loglik=nan, aic=nan, bic=nan, sabic=nan)
    return plain, ScaledMeasures(
        scaling=test.scaling,
        baseline_scaling=baseline.scaling,
        chisq=scaled.chisq,
        p_value=test.p_value,
        baseline_chisq=scaled.baseline_chisq,
        cfi=scaled.cfi,
        tli=scaled.tli,
        rmsea=scaled.rmsea,
        rmsea_low=scaled.rmsea_low,
        rmsea_high=scaled.rmsea_high,
        **robust,
    )


def ordinal_srmr(model: OrdinalStructure, sample: Weighted, implied: FloatArray) -> float:
    """Return the SRMR of implied statistics, shape (G, s)."""
    zero = np.zeros((sample.n.size, model.structure.n_observed))
    found, fitted = covariances_among(model, sample.values), covariances_among(model, implied)
    k = np.arange(zero.shape[1])
    fitted[:, k, k] = found[:, k, k]
    return root_mean_square_residual(
        found,
        zero,
        fitted,
        zero,
        sample.n,
        False,
    )
