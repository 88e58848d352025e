"""What single rows do to a fitted model, and what small samples do to its chi-square."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import chdtrc
from threadpoolctl import threadpool_limits

from dyadkit.errors import Refused
from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.bootstrap import jackknife_counts, refit
from dyadkit.sem.cases import Cases
from dyadkit.sem.casewise import case_logliks, implied_of
from dyadkit.sem.objective import make_objective
from dyadkit.sem.solution import Solution


def own_logliks(solution: Solution, cases: Cases) -> FloatArray:
    """Return the log-likelihood of each row, given exogenous variables that are fixed."""
    found = case_logliks(cases, *implied_of(solution))
    fixed = solution.objective.structure.exogenous
    if not fixed.size:
        return found
    inner = Cases(cases.values[:, fixed], cases.group)
    sigma = solution.saturated.covariance[:, fixed[:, None], fixed]
    return np.asarray(found - case_logliks(inner, sigma, solution.saturated.mean[:, fixed]))


def influence_of(solution: Solution, cases: Cases) -> pd.DataFrame:
    """Return what leaving each row or cluster out does; see `SemFit.influence`."""
    structure = solution.objective.structure
    records = cases.records
    parts = []
    with threadpool_limits(limits=1):
        for weights in jackknife_counts(cases, structure):
            found = refit(solution, records, [weights])
            objective = make_objective(structure, records.weighted(weights))
            point = objective.at(np.where(found.converged[:, None], found.theta, solution.theta))
            slope = objective.slope(point)
            information = (
                objective.information(point, slope)
                if solution.information == "expected"
                else objective.hessian(point, slope)
            )
            change = solution.theta - found.theta
            distance = np.einsum("bi,bij,bj->b", change, information, change)
            parts.append(np.column_stack([distance, change]))
    found_all = np.concatenate(parts)
    names = list(solution.table.names)
    size = np.sqrt(np.diagonal(solution.covariance))
    frame = pd.DataFrame({"cooks_distance": found_all[:, 0]})
    if cases.cluster is None:
        frame.insert(0, "loglik", own_logliks(solution, cases))
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = found_all[:, 1:] / size
    return pd.concat([frame, pd.DataFrame(moved, columns=names)], axis=1)


def small_sample_tests(solution: Solution, setup: Setup) -> pd.DataFrame:
    """Return corrected chi-squares; see `SemFit.small_sample_tests`."""
    measures, sample = solution.measures, solution.objective.sample
    if setup.labels or setup.estimator != "ML" or not sample.complete:
        raise Refused(
            "Corrections of chi-square for small samples are for one group, complete scores and "
            "estimator='ML'; of incomplete scores or robust tests none is known to hold. Use "
            "missing='listwise', or a bootstrap."
        )
    if measures.df <= 0:
        raise Refused("The model has no degrees of freedom, so that there is no test to correct.")
    n = float(sample.n[0]) - 1.0
    p, k, df = len(solution.table.observed), len(solution.table.latent), measures.df
    statistic = measures.chisq * n / (n + 1.0)
    free = p * (p + 1) / 2 - df
    q = (sqrt(1.0 + 8.0 * free) - 1.0) / 2.0
    factors = {
        "Swain (1975)": 1.0
        - (p * (2 * p**2 + 3 * p - 1) - q * (2 * q**2 + 3 * q - 1)) / (12.0 * df * n),
        "Bartlett (1950)": 1.0 - (2 * p + 4 * k + 5) / (6.0 * n),
        "Yuan (2005)": 1.0 - (2 * p + 2 * k + 7) / (6.0 * n),
        "Yuan, Tian & Yanagihara (2015)": (n + 1.0 - (2.381 + 0.361 * p + 0.006 * free)) / n,
    }
    values = np.array(list(factors.values()))
    if (values <= 0).any():
        raise Refused(
            f"With {n + 1:.0f} rows for {p} variables a correction would make chi-square negative. "
            "The sample is too small for this model."
        )
    return pd.DataFrame(
        {
            "term": list(factors),
            "factor": values,
            "statistic": values * statistic,
            "df": df,
            "p_value": chdtrc(df, values * statistic),
        }
    )


def simulated(
    solution: Solution, setup: Setup, n: int, seed: int | np.random.SeedSequence | None
) -> pd.DataFrame:
    """Draw rows from the fitted model; see `SemFit.simulate`."""
    rng = np.random.default_rng(seed)
    sigma, mu = implied_of(solution)
    names = list(solution.table.observed)
    parts = []
    for g in range(sigma.shape[0]):
        values = rng.multivariate_normal(mu[g], sigma[g], size=n, method="cholesky")
        part = pd.DataFrame(values, columns=names)
        if setup.columns.group is not None:
            part[setup.columns.group] = setup.labels[g]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)
