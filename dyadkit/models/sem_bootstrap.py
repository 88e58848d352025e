"""Bootstrap draws of a structural equation model, and the intervals that they give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from dyadkit.errors import FitError, Refused, StudyError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.normal_draws import draw_estimates
from dyadkit.estimation.resample import (
    bias_corrected_interval,
    jackknife_acceleration,
    percentile_interval,
)
from dyadkit.sem.admissibility import smallest_variances
from dyadkit.sem.bootstrap import bootstrap_counts, jackknife_counts, refit
from dyadkit.sem.cases import Cases
from dyadkit.sem.solution import Solution

_FEWEST_FOR_BCA = 20


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrap:
    """Estimates from bootstrap samples.

    Attributes
    ----------
    names : tuple of str
        The free parameters, then the defined ones.
    values : ndarray, shape (draws, names)
        NaN in draws that did not converge.
    n_failed : int
        How many these are.
    n_improper : int
        Draws among the others with a negative variance.
    """

    names: tuple[str, ...]
    values: FloatArray
    n_failed: int
    n_improper: int

    def frame(self) -> pd.DataFrame:
        """Return the draws as a DataFrame, one row per bootstrap sample."""
        return pd.DataFrame(self.values, columns=list(self.names))

    def std_errors(self) -> FloatArray:
        """Return the standard deviations of the draws that converged, shape (names,)."""
        return np.asarray(np.nanstd(self.values, axis=0, ddof=1))

    def intervals(
        self, solution: Solution, kind: str, confidence: float, cases: Cases | None
    ) -> pd.DataFrame:
        """Return an interval for each name; see `SemFit.bootstrap_intervals`."""
        estimates = _with_definitions(solution, solution.theta[None])[0]
        accelerations = np.zeros(len(self.names))
        if kind == "bca" and cases is not None:
            accelerations = _accelerations(solution, cases, estimates)
        bounds = [
            percentile_interval(drawn, confidence)
            if kind == "percentile"
            else bias_corrected_interval(drawn, estimate, confidence, acceleration)
            for drawn, estimate, acceleration in zip(
                self.values.T, estimates.tolist(), accelerations.tolist(), strict=True
            )
        ]
        return pd.DataFrame(
            {
                "term": list(self.names),
                "estimate": estimates,
                "std_error": self.std_errors(),
                "conf_low": [low for low, _ in bounds],
                "conf_high": [high for _, high in bounds],
            }
        )


def bootstrap_solution(
    solution: Solution, cases: Cases, draws: int, rng: np.random.Generator
) -> Bootstrap:
    """Fit the model to bootstrap samples of rows, or of clusters, group by group.

    Raises
    ------
    FitError
        When fewer than half of them converge: no interval could be trusted.
    """
    structure = solution.objective.structure
    with threadpool_limits(limits=1):
        found = refit(solution, cases.records, bootstrap_counts(cases, structure, draws, rng))
    failed = int((~found.converged).sum())
    if 2 * failed > draws:
        raise FitError(
            f"{failed} of {draws} bootstrap samples did not converge, too many for an interval. "
            "The model asks too much of so few rows: simplify it, or use Wald or Monte-Carlo "
            "intervals."
        )
    table = solution.table
    least = smallest_variances(table, solution.implied)
    variances = found.theta[found.converged][:, list(least)]
    improper = (variances < list(least.values())).any(axis=1)
    return Bootstrap(
        names=(*table.names, *(definition.name for definition in table.definitions)),
        values=_with_definitions(solution, found.theta),
        n_failed=failed,
        n_improper=int(improper.sum()),
    )


def _accelerations(solution: Solution, cases: Cases, estimates: FloatArray) -> FloatArray:
    """Return the acceleration of each parameter from the jackknife over rows or clusters."""
    n, unit = cases.n_units, "row" if cases.cluster is None else "cluster"
    if n < _FEWEST_FOR_BCA:
        raise Refused(
            f"The acceleration of a BCa interval cannot be estimated from {n} {unit}s; it takes at "
            f"least {_FEWEST_FOR_BCA}. Use kind='percentile' or 'bc'."
        )
    structure = solution.objective.structure
    with threadpool_limits(limits=1):
        found = refit(solution, cases.records, jackknife_counts(cases, structure))
    if not found.converged.all():
        raise FitError(
            f"{int((~found.converged).sum())} of the {n} samples that leave one {unit} out did not "
            "converge, so that there is no acceleration for a BCa interval. Use kind='bc'."
        )
    jackknife = _with_definitions(solution, found.theta)
    return np.array(
        [
            jackknife_acceleration(column, estimate)
            for column, estimate in zip(jackknife.T, estimates.tolist(), strict=True)
        ]
    )


def _with_definitions(solution: Solution, theta: FloatArray) -> FloatArray:
    """Put the defined parameters beside the free ones."""
    defined = [
        np.broadcast_to(definition.evaluate(theta)[0], theta.shape[:1])
        for definition in solution.table.definitions
    ]
    return np.column_stack([theta, *defined])


def monte_carlo_intervals(
    solution: Solution, confidence: float, draws: int, seed: int | np.random.SeedSequence | None
) -> pd.DataFrame:
    """Return intervals of defined parameters from normal draws of the free ones."""
    table, theta = solution.table, solution.theta
    if not table.definitions:
        raise StudyError(
            "The model defines no parameter. Add a line such as 'indirect := a*b', with labels "
            "a and b on the paths."
        )
    rng = np.random.default_rng(seed)
    drawn = draw_estimates(rng, theta, solution.covariance, draws)
    rows = []
    for definition in table.definitions:
        found, _ = definition.evaluate(drawn)
        low, high = percentile_interval(found, confidence)
        rows.append(
            {
                "term": definition.name,
                "estimate": float(definition.evaluate(theta)[0]),
                "std_error": float(np.nanstd(found, ddof=1)),
                "conf_low": low,
                "conf_high": high,
            }
        )
    return pd.DataFrame(rows)
