"""The saturated model of exchangeable members."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dyadkit.models.indistinguishable import isat_df, isat_syntax
from dyadkit.models.structural import fit_sem

VARIABLES = ("a", "b", "c", "d", "e", "f")


def answers(seed: int, missing: float) -> pd.DataFrame:
    """Return answers of 60 pairs to variables that are closely related."""
    rng = np.random.default_rng(seed)
    columns = [f"{name}_{member}" for name in VARIABLES for member in (1, 2)]
    shared = rng.normal(size=(60, 2))
    values = shared[:, np.arange(12) % 2] + 0.5 * rng.normal(size=(60, 12))
    values[rng.random(values.shape) < missing] = np.nan
    return pd.DataFrame(values, columns=columns)


@pytest.mark.parametrize("seed", range(6))
def test_closely_related_variables_with_gaps_are_fitted(seed: int) -> None:
    # Covariances of available pairs that are held equal are no covariance matrix to begin with.
    fit = fit_sem(isat_syntax(VARIABLES), answers(seed, 0.15), auto="lavaan")
    assert fit.convergence is not None
    assert fit.convergence.converged
    assert fit.summary["df"] == isat_df(len(VARIABLES))
    # Less than eight standard deviations of its distribution, which it has only about.
    assert 0 <= fit.summary["chisq"] < 42 + 8 * np.sqrt(2 * 42)


def test_complete_moments_are_those_averaged_over_both_orders() -> None:
    data = answers(1, 0.0)
    fit = fit_sem(isat_syntax(VARIABLES), data, auto="lavaan")
    turned = data.rename(columns=lambda name: f"{name[:-1]}{3 - int(name[-1])}")[data.columns]
    both = pd.concat([data, turned])
    covariance, mean = fit.implied()
    np.testing.assert_allclose(
        covariance.loc[data.columns, data.columns], both.cov(ddof=0), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_allclose(mean[data.columns], both.mean(), rtol=1e-6, atol=1e-8)
