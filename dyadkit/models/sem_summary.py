"""A fitted structural equation model in one row of numbers."""

from __future__ import annotations

from dyadkit.models.sem_setup import Setup
from dyadkit.sem.ordinal.solve import OrdinalSolution
from dyadkit.sem.solution import Solution

_MEASURES = (
    "chisq",
    "df",
    "p_value",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_low",
    "rmsea_high",
    "rmsea_close",
    "srmr",
    "loglik",
    "aic",
    "bic",
    "sabic",
    "baseline_chisq",
    "baseline_df",
)
# What a glance calls the measures of robust inference.
_SCALED = {
    "scaling": "scaling",
    "chisq_scaled": "chisq",
    "p_value_scaled": "p_value",
    "cfi_scaled": "cfi",
    "tli_scaled": "tli",
    "rmsea_scaled": "rmsea",
    "cfi_robust": "cfi_robust",
    "tli_robust": "tli_robust",
    "rmsea_robust": "rmsea_robust",
    "rmsea_robust_low": "rmsea_robust_low",
    "rmsea_robust_high": "rmsea_robust_high",
}


def ordinal_summary(solution: OrdinalSolution, setup: Setup) -> dict[str, float]:
    """Return the columns of `OrdinalFit.glance`, without measures of a likelihood."""
    measures, scaled = solution.measures, solution.scaled
    sizes: dict[str, float] = {"n_obs": float(solution.sample.n.sum())}
    if setup.labels:
        sizes["n_groups"] = float(len(setup.labels))
    none = {"loglik", "aic", "bic", "sabic"}
    return (
        sizes
        | {"n_parameters": float(measures.n_parameters)}
        | {name: getattr(measures, name) for name in _MEASURES if name not in none}
        | {name: getattr(scaled, at) for name, at in _SCALED.items()}
        | {"shift": solution.test.shift}
    )


def summary_of(solution: Solution, setup: Setup) -> dict[str, float]:
    """Return the columns of `SemFit.glance`."""
    measures, scaled = solution.measures, solution.scaled
    sizes: dict[str, float] = {"n_obs": float(solution.objective.sample.n[0])}
    if setup.n_persons:
        sizes |= {"n_dyads": sizes["n_obs"], "n_persons": float(setup.n_persons)}
    if setup.labels:
        sizes["n_groups"] = float(len(setup.labels))
    if setup.n_clusters:
        sizes["n_clusters"] = float(setup.n_clusters)
    found = sizes | {
        "n_parameters": measures.n_parameters,
        **{name: getattr(measures, name) for name in _MEASURES},
    }
    if scaled is not None:
        found |= {name: getattr(scaled, at) for name, at in _SCALED.items()}
    return found
