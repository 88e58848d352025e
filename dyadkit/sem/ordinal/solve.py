"""From a parameter table and sample statistics of ordered outcomes to a solution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal, cast

import numpy as np

from dyadkit.errors import FitError, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.results import Convergence
from dyadkit.sem.admissibility import improper
from dyadkit.sem.fit_measures import FitMeasures, ScaledMeasures
from dyadkit.sem.inference import binding_jacobian, rank_of, undetermined
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.newton import Optimum, minimise
from dyadkit.sem.objective import Objective
from dyadkit.sem.ordinal.inference import (
    MixtureTest,
    Weighted,
    baseline_test,
    information_of,
    mixture_test,
    model_traces,
    robust_covariance,
    weighted_squares,
)
from dyadkit.sem.ordinal.measures import measure_ordinal_fit, ordinal_srmr
from dyadkit.sem.ordinal.moments import (
    OrdinalImplied,
    OrdinalStructure,
    compile_ordinal,
    ordinal_jacobian,
    ordinal_moments,
)
from dyadkit.sem.ordinal.objective import LeastSquares
from dyadkit.sem.ordinal.population import ml_discrepancies
from dyadkit.sem.ordinal.starting import other_starts, sample_of_responses, usual_start
from dyadkit.sem.ordinal.statistics import OrdinalStatistics, in_order
from dyadkit.sem.restrictions import Constraints, constraints_of

Weights = Literal["DWLS", "ULS"]

# The length of the last step in standard errors, squared, so that no digit of results is its.
_TOLERANCE = 1e-19


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalSolution:
    """A model of ordered outcomes fitted by weighted least squares.

    Attributes
    ----------
    table : ParTable
    model : OrdinalStructure
    sample : Weighted
    weights : {"DWLS", "ULS"}
    constraints : Constraints
    theta : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        Of the estimates, robust.
    within : ndarray, shape (q, q)
        The inverse of the weighted crossproduct along the constraints: no covariance matrix.
    implied : OrdinalImplied
        At theta, a stack of one.
    change : ndarray, shape (G, s, q)
        Derivatives of the implied statistics.
    test, baseline : MixtureTest
        Of the model and of the baseline model.
    measures : FitMeasures
    scaled : ScaledMeasures
        Of the scaled and shifted chi-square.
    convergence : Convergence
    improper : tuple of str
        What no population can have: see `dyadkit.sem.admissibility`.
    starts : int
        Sets of starting values that were tried.
    """

    table: ParTable
    model: OrdinalStructure
    sample: Weighted
    weights: Weights
    constraints: Constraints
    theta: FloatArray
    covariance: FloatArray
    within: FloatArray
    implied: OrdinalImplied
    change: FloatArray
    test: MixtureTest
    baseline: MixtureTest
    measures: FitMeasures
    scaled: ScaledMeasures
    convergence: Convergence
    improper: tuple[str, ...]
    starts: int


def solve_ordinal(
    table: ParTable, statistics: Sequence[OrdinalStatistics], *, weights: Weights = "DWLS"
) -> OrdinalSolution:
    """Fit a model of ordered outcomes by weighted least squares.

    Parameters
    ----------
    table : ParTable
        With ordered variables, see `dyadkit.sem.language.partable.build_partable`.
    statistics : sequence of OrdinalStatistics
        Those of each group.
    weights : {"DWLS", "ULS"}
        The reciprocals of the statistics' asymptotic variances, or 1.

    Returns
    -------
    OrdinalSolution
        What lavaan calls ``WLSMV`` (or ``ULSMV``).

    Raises
    ------
    StudyError
        For a model without ordered variables or with predictors whose moments are taken from the
        sample, and statistics that are not those of the model.
    FitError
        If no minimum is found, or the data do not determine a parameter.
    """
    model = compile_ordinal(table)
    sample = weigh(model, statistics, weights)
    constraints = constraints_of(table)
    # A group's share of the minimum is that of its n - 1, as in lavaan.
    objective = LeastSquares(model, sample.values, (sample.n - 1.0)[:, None] * sample.weight)
    optimum, starts = _optimum(table, objective, sample, constraints)
    theta = optimum.theta[0]
    implied = ordinal_moments(model, theta[None])
    change = ordinal_jacobian(model, theta[None], implied).statistics[0]
    jacobian = binding_jacobian(constraints, theta)
    flat = undetermined(information_of(sample, change), jacobian)
    if flat:
        raise FitError(
            f"The data do not determine {len(flat)} parameter(s): "
            f"{listed([table.names[number] for number in flat])}. Values of these can change "
            "together without changing what the model implies, so that it is not identified. Fix "
            "one of them, set them equal, or simplify the model.",
            _convergence(optimum, admissible=False, converged=False),
        )
    covariance, within = robust_covariance(sample, change, jacobian)
    count = table.n_free - rank_of(
        np.asarray(constraints.evaluate(theta[None])[1][0][: len(constraints.equalities)])
    )
    test = mixture_test(
        weighted_squares(sample, implied.statistics[0]),
        sample.values.size - count,
        *model_traces(sample, change, within),
    )
    baseline = baseline_test(sample, _among(table, model))
    measures, scaled = measure_ordinal_fit(
        test,
        baseline,
        ml_discrepancies(model, sample, implied.statistics[0], change, within),
        n=float(sample.n.sum()),
        n_groups=table.n_groups,
        count=count,
        srmr=ordinal_srmr(model, sample, implied.statistics[0]),
    )
    responses = Objective(model.structure, sample_of_responses(model, sample), model.fixed)
    whole = np.concatenate([theta, implied.residual[0].ravel()])
    wrong = tuple(improper(model.table, responses, whole, implied.latent))
    return OrdinalSolution(
        table=table,
        model=model,
        sample=sample,
        weights=weights,
        constraints=constraints,
        theta=theta,
        covariance=covariance,
        within=within,
        implied=implied,
        change=change,
        test=test,
        baseline=baseline,
        measures=measures,
        scaled=scaled,
        convergence=_convergence(optimum, admissible=not wrong, converged=True),
        improper=wrong,
        starts=starts,
    )


def weigh(
    model: OrdinalStructure, statistics: Sequence[OrdinalStatistics], weights: Weights
) -> Weighted:
    """Put the statistics of all groups in the model's order, and give them weights.

    Raises
    ------
    StudyError
        If there is not one set for each group, or a set is not that of the model.
    FitError
        If a statistic has no positive variance.
    """
    groups = model.structure.n_groups
    if len(statistics) != groups:
        raise StudyError(
            f"The model has {groups} group(s), but there are sample statistics of "
            f"{len(statistics)}."
        )
    parts = [in_order(part, model.names, g + 1) for g, part in enumerate(statistics)]
    values = np.stack([part[0] for part in parts])
    gamma = np.stack([part[1] for part in parts])
    variance = np.diagonal(gamma, axis1=1, axis2=2)
    bad = ~(np.isfinite(values) & np.isfinite(variance) & (variance > 0.0)).all(axis=0)
    if bad.any():
        names = ["".join(model.names[number]) for number in np.flatnonzero(bad).tolist()]
        raise FitError(
            f"{len(names)} sample statistic(s) have no sampling variance that could be estimated: "
            f"{listed(names)}. Join rare categories, or leave out variables without variance."
        )
    return Weighted(
        values=values,
        gamma=gamma,
        weight=np.asarray(1.0 / variance) if weights == "DWLS" else np.ones_like(variance),
        n=np.array([part.n for part in statistics], dtype=np.float64),
    )


def _optimum(
    table: ParTable, objective: LeastSquares, sample: Weighted, constraints: Constraints
) -> tuple[Optimum, int]:
    """Minimise from the usual start, and where that fails from others, all at once."""

    def search(starts: FloatArray) -> Optimum:
        # It has all that the search asks for.
        return minimise(cast("Any", objective), starts, constraints, tolerance=_TOLERANCE)

    optimum = search(usual_start(table, objective.model, sample)[None])
    if optimum.converged[0] and _settled(objective, constraints, optimum.theta[0]):
        return optimum, 1
    others = other_starts(table, objective.model, sample)
    further = search(others)
    starts = 1 + others.shape[0]
    if not further.converged.any():
        if optimum.converged[0]:
            return optimum, starts
        ends = np.concatenate([optimum.theta, further.theta])
        raise _failure(table, constraints, optimum, ends)
    # Where the value falls for ever, steps end at no minimum, and one elsewhere counts.
    settled = further.converged & np.array(
        [
            bool(ended) and _settled(objective, constraints, theta)
            for ended, theta in zip(further.converged, further.theta, strict=True)
        ]
    )
    kept = settled if settled.any() else further.converged
    best = int(np.argmin(np.where(kept, further.value, np.inf)))
    return Optimum(*(getattr(further, name)[best : best + 1] for name in further.__slots__)), starts


def _settled(objective: LeastSquares, constraints: Constraints, theta: FloatArray) -> bool:
    """Tell whether the data determine all parameters where a search ended."""
    point = objective.at(theta[None])
    information = objective.information(point, objective.slope(point))[0]
    return not undetermined(information, binding_jacobian(constraints, theta))


def _failure(
    table: ParTable, constraints: Constraints, optimum: Optimum, ends: FloatArray
) -> FitError:
    """Say that no minimum was found."""
    starts = ends.shape[0]
    convergence = _convergence(optimum, admissible=False, converged=False)
    broken = constraints.violated(ends)
    if broken:
        return FitError(
            f"No values of the parameters were found that keep the constraint(s) {listed(broken)}, "
            f"from {starts} sets of starting values. Constraints that contradict each other, or "
            "that no number can keep, leave nothing to estimate.",
            convergence,
        )
    hint = ""
    if table.parameterization == "theta":
        hint = (
            " Where responses fit best with a negative residual variance, the theta "
            "parameterization has no minimum: parameterization='delta' shows whether that is so."
        )
    return FitError(
        f"The model did not converge from {starts} sets of starting values "
        f"({int(optimum.iterations[0])} steps from the first).{hint} No estimates are returned, "
        "since they would not be those of weighted least squares. Simplify the model, check that "
        "each factor is measured, or give starting values with start().",
        convergence,
    )


def _convergence(optimum: Optimum, *, admissible: bool, converged: bool) -> Convergence:
    return Convergence(
        converged=converged,
        iterations=int(optimum.iterations[0]),
        gradient_norm=sqrt(max(float(optimum.decrement[0]), 0.0)),
        admissible=admissible,
    )


def _among(table: ParTable, model: OrdinalStructure) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the covariances that the baseline model makes zero: not those among predictors."""
    predictors = {*table.exogenous}
    return np.array(
        [
            number
            for number, (lhs, op, rhs) in enumerate(model.names)
            if op == "~~" and lhs != rhs and not {lhs, rhs} <= predictors
        ],
        dtype=np.int64,
    )
