r"""How well a model of ordered outcomes fits.

The indices of `dyadkit.sem.fit_measures` are made of the chi-square of weighted least squares, with
N - G in the place of N, and once more of the scaled and shifted one, on the same degrees of
freedom.  SRMR is over variances, of which those of ordered variables leave no residual, and
covariances.  All of this is lavaan's convention (0.6-14).  Chi-squares of a mixture are no draws of
the distributions that the indices without scaling assume.
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
)
from dyadkit.sem.ordinal.inference import MixtureTest, Weighted
from dyadkit.sem.ordinal.moments import OrdinalStructure


def measure_ordinal_fit(
    test: MixtureTest, baseline: MixtureTest, *, n: float, n_groups: int, count: int, srmr: float
) -> tuple[FitMeasures, ScaledMeasures]:
    """Return fit measures without and with scaling.

    Parameters
    ----------
    test, baseline : MixtureTest
        Of the model and of the baseline model.
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
        Scaled and shifted; NaN in place of robust indices.
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
    without = dict.fromkeys(("loglik", "saturated_loglik", "aic", "bic", "sabic"), nan)
    return replace(plain, **without), ScaledMeasures(
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
        cfi_robust=nan,
        tli_robust=nan,
        rmsea_robust=nan,
        rmsea_robust_low=nan,
        rmsea_robust_high=nan,
    )


def ordinal_srmr(model: OrdinalStructure, sample: Weighted, implied: FloatArray) -> float:
    """Return the SRMR of implied statistics, shape (G, s)."""
    zero = np.zeros((sample.n.size, model.structure.n_observed))
    return root_mean_square_residual(
        covariances_of(model, sample.values),
        zero,
        covariances_of(model, implied),
        zero,
        sample.n,
        False,
    )


def covariances_of(model: OrdinalStructure, statistics: FloatArray) -> FloatArray:
    """Return the covariance matrices (G, p, p) among statistics (G, s).

    Ordered variables have unit variance.
    """
    groups, p = statistics.shape[0], model.structure.n_observed
    matrix = np.broadcast_to(np.eye(p), (groups, p, p)).copy()
    part = statistics[:, model.variable.size :]
    matrix[:, model.low, model.high] = matrix[:, model.high, model.low] = part
    return matrix
