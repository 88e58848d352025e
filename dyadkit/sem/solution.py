"""From a parameter table and moments to a solution: start, minimise, look at it, invert."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import log, pi, sqrt
from typing import Literal

import numpy as np

from dyadkit.errors import FitError, listed
from dyadkit.estimation.arrays import BoolArray, FloatArray
from dyadkit.results import Convergence
from dyadkit.sem.admissibility import improper
from dyadkit.sem.auxiliary import baseline_moments, baseline_table
from dyadkit.sem.cases import Cases
from dyadkit.sem.fit_measures import (
    FitMeasures,
    ScaledMeasures,
    measure_fit,
    root_mean_square_residual,
    scale_fit,
)
from dyadkit.sem.implied import Implied
from dyadkit.sem.inference import (
    binding_jacobian,
    covariance_of_estimates,
    free_directions,
    rank_of,
    undetermined,
)
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.newton import Optimum, minimise
from dyadkit.sem.objective import Objective, make_objective
from dyadkit.sem.restrictions import Constraints, constraints_of
from dyadkit.sem.robust import Robust, robust_inference
from dyadkit.sem.sample import Sample
from dyadkit.sem.saturated import (
    Reference,
    baseline_model,
    exogenous_places,
    exogenous_value,
    saturated_model,
)
from dyadkit.sem.saturated_means import shifted, with_means, without_means
from dyadkit.sem.starting import overall_moments, starting_values
from dyadkit.sem.structure import compile_structure

Information = Literal["expected", "observed"]

_COMMUNALITIES = (0.2, 0.8, 0.35, 0.65, 0.05, 0.95)
_BETWEEN = (0.5, 0.0)
_SHAKEN = 6
_ELSEWHERE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A model fitted to one sample.

    Attributes
    ----------
    table : ParTable
    objective : Objective
        Of this one sample.
    constraints : Constraints
    theta : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        Of the estimates.
    model_covariance : ndarray, shape (q, q)
        The same by normal theory, where `covariance` is robust.
    implied : Implied
        At theta, a stack of one.
    information : {"expected", "observed"}
        What `covariance` is the inverse of.
    saturated : Reference
        The moments without a model.
    baseline : Reference
        Those of the baseline model.
    measures : FitMeasures
    scaled : ScaledMeasures or None
        Of robust inference.
    convergence : Convergence
    improper : tuple of str
        What no population can have: see `dyadkit.sem.admissibility`.
    starts : int
        Sets of starting values that were tried.
    """

    table: ParTable
    objective: Objective
    constraints: Constraints
    theta: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    implied: Implied
    information: Information
    saturated: Reference
    baseline: Reference
    measures: FitMeasures
    scaled: ScaledMeasures | None
    convergence: Convergence
    improper: tuple[str, ...]
    starts: int


def solve(
    table: ParTable,
    sample: Sample,
    *,
    information: Information,
    cases: Cases | None = None,
    found: FloatArray | None = None,
    robust: Robust | None = None,
) -> Solution:
    """Fit a model by maximum likelihood.

    Parameters
    ----------
    table : ParTable
    sample : Sample
        A stack of one.
    information : {"expected", "observed"}
        What standard errors come from.
    cases : Cases, optional
        The rows, needed where scores are missing.
    found : ndarray, shape (q,), optional
        Where another program ended.  It is taken as it is, if it is an optimum.
    robust : {"MLR", "MLM"}, optional
        The kind of standard errors and chi-square that do not rest on normal scores; needs cases.

    Raises
    ------
    FitError
        If no minimum is found, if the data do not determine a parameter, or if the moments
        without a model cannot be estimated.
    """
    # First, since moments that do not exist have no model: this says which variables are to blame.
    saturated = saturated_model(sample, cases, table.observed)
    structure = compile_structure(table)
    objective = make_objective(structure, sample)
    constraints = constraints_of(table)
    optimum, starts = (
        _searched(table, objective, constraints)
        if found is None
        else (_elsewhere(objective, constraints, found), 1)
    )
    theta = optimum.theta[0]
    point = objective.at(theta[None])
    slope = objective.slope(point)
    matrix = (
        objective.hessian(point, slope)
        if information == "observed"
        else objective.information(point, slope)
    )[0]
    jacobian = binding_jacobian(constraints, theta)
    flat = undetermined(matrix, jacobian)
    if flat:
        names = [table.names[number] for number in flat]
        raise FitError(
            f"The data do not determine {len(flat)} parameter(s): {listed(names)}. Values of these "
            "can change together without changing the likelihood, so that the model is not "
            "identified, or not by these data. Fix one of them, set them equal, or simplify the "
            "model.",
            _convergence(optimum, admissible=False, converged=False),
        )
    covariance = within = covariance_of_estimates(matrix, jacobian)
    baseline = (
        _fitted_baseline(table, sample)
        if table.auxiliary
        else baseline_model(sample, cases, exogenous_places(table))
    )
    value = float(point.value[0])
    measures = _measures(
        table, objective, constraints, theta, value, point.implied, saturated, baseline
    )
    scaled: ScaledMeasures | None = None
    if robust is not None and cases is not None:
        corrected = robust_inference(
            robust,
            objective=objective,
            cases=cases,
            implied=point.implied,
            saturated=saturated,
            baseline=baseline,
            within=within,
            along=free_directions(matrix, jacobian),
            expected=information == "expected",
            baseline_free=baseline_moments(table),
        )
        covariance = corrected.covariance
        scaled = scale_fit(
            measures,
            (corrected.trace, corrected.baseline_trace),
            corrected.complete,
            corrected.baseline_complete,
            n=float(sample.n[0]),
            n_groups=table.n_groups,
        )
    wrong = tuple(improper(table, objective, theta, point.implied))
    return Solution(
        table=table,
        objective=objective,
        constraints=constraints,
        theta=theta,
        covariance=covariance,
        model_covariance=within,
        implied=point.implied,
        information=information,
        saturated=saturated,
        baseline=baseline,
        measures=measures,
        scaled=scaled,
        convergence=_convergence(optimum, admissible=not wrong, converged=True),
        improper=wrong,
        starts=starts,
    )


def _fitted_baseline(table: ParTable, sample: Sample) -> Reference:
    """Fit the baseline model where it is not in closed form."""
    small = baseline_table(table)
    objective = make_objective(compile_structure(small), sample)
    optimum, _ = _searched(small, objective, Constraints())
    point = objective.at(optimum.theta)
    return Reference(point.implied.mu[0], point.implied.sigma[0], float(point.value[0]))


def _searched(
    table: ParTable, objective: Objective, constraints: Constraints
) -> tuple[Optimum, int]:
    """Find the optimum, without the means, or about them, where the model leaves these alone."""
    smaller, sample = without_means(table), objective.sample
    if smaller is None:
        return _optimum(table, objective, constraints)
    if not sample.complete:
        origin = overall_moments(sample)[0][0]
        centred = make_objective(objective.structure, sample.shifted(-origin))
        optimum, starts = _optimum(table, centred, constraints)
        return replace(optimum, theta=shifted(objective, optimum.theta, origin[None])), starts
    reduced = make_objective(compile_structure(smaller), objective.sample)
    optimum, starts = _optimum(smaller, reduced, constraints)
    return replace(optimum, theta=with_means(objective, table, optimum.theta)), starts


def _optimum(
    table: ParTable, objective: Objective, constraints: Constraints
) -> tuple[Optimum, int]:
    """Minimise from the usual start, and where that fails from others, all at once."""
    given, loading = _marked(table)
    structure, sample = objective.structure, objective.sample
    first = starting_values(structure, sample, given, loading)
    optimum = minimise(objective, first, constraints)
    if optimum.converged[0]:
        return optimum, 1
    rng = np.random.default_rng(0)
    others = []
    # The starts of the user may be what is wrong: the second round leaves them out.
    for kept in (given, np.full_like(given, np.nan))[: 1 + bool(np.isfinite(given).any())]:
        usual = starting_values(structure, sample, kept, loading)[0]
        others += [
            starting_values(structure, sample, kept, loading, communality)[0]
            for communality in _COMMUNALITIES
        ]
        others += [
            starting_values(structure, sample, kept, loading, between=between)[0]
            for between in _BETWEEN
        ]
        size = np.sqrt(np.abs(usual)) + 0.1
        others += [usual + 0.3 * size * rng.standard_normal(size.size) for _ in range(_SHAKEN)]
        others.append(usual)
    together = make_objective(structure, sample.repeated(len(others)))
    further = minimise(together, np.array(others), constraints, race=True)
    starts = 1 + len(others)
    if not further.converged.any():
        ends = np.concatenate([optimum.theta, further.theta])
        raise _failure(table, objective, constraints, optimum, ends)
    best = int(np.argmin(np.where(further.converged, further.value, np.inf)))
    return Optimum(*(getattr(further, name)[best : best + 1] for name in further.__slots__)), starts


@lru_cache(maxsize=64)
def _marked(table: ParTable) -> tuple[FloatArray, BoolArray]:
    """Return the user's starting values, NaN where there is none, and which are loadings."""
    given = np.full(table.n_free, np.nan)
    loading = np.zeros(table.n_free, dtype=np.bool_)
    for row in table.rows:
        if row.free:
            loading[row.free - 1] |= row.op == "=~"
            if not np.isnan(row.start):
                given[row.free - 1] = row.start
    return given, loading


def _elsewhere(objective: Objective, constraints: Constraints, found: FloatArray) -> Optimum:
    """Look at the solution of another program: how far is the optimum from there?"""
    optimum = minimise(objective, found[None], constraints)
    point = objective.at(optimum.theta)
    information = objective.information(point, objective.slope(point))[0]
    change = optimum.theta[0] - found
    distance = sqrt(max(float(change @ information @ change), 0.0))
    if not optimum.converged[0] or distance > _ELSEWHERE:
        raise FitError(
            f"The other program stopped {distance:.2g} standard errors from the optimum, farther "
            f"than {_ELSEWHERE:g}. Its estimates are not those of maximum likelihood."
        )
    return replace(optimum, theta=found[None], decrement=np.array([distance**2]))


def _failure(
    table: ParTable,
    objective: Objective,
    constraints: Constraints,
    optimum: Optimum,
    ends: FloatArray,
) -> FitError:
    """Say that no minimum was found, and what stands out where the searches ended."""
    broken = constraints.violated(ends)
    if broken:
        return FitError(
            f"No values of the parameters were found that keep the constraint(s) "
            f"{listed(broken)}, from {ends.shape[0]} sets of starting values. Constraints that "
            "contradict each other, or that no number can keep, leave nothing to estimate.",
            _convergence(optimum, admissible=False, converged=False),
        )
    theta = optimum.theta
    point = objective.at(theta)
    hint = ""
    if np.isfinite(point.value[0]):
        information = objective.information(point, objective.slope(point))[0]
        flat = undetermined(information, np.zeros((0, theta.shape[1])))
        if flat:
            names = [table.names[number] for number in flat]
            hint = f" Where the search ended, the data said next to nothing about {listed(names)}."
    else:
        hint = (
            " The first starting values already implied covariances that no data can have; give "
            "others with start()."
        )
    return FitError(
        f"The model did not converge from {ends.shape[0]} sets of starting values "
        f"({int(optimum.iterations[0])} steps from the first).{hint} No estimates are returned, "
        "since they would not be those of maximum likelihood. Simplify the model, check that each "
        "factor is measured, or give starting values with start().",
        _convergence(optimum, admissible=False, converged=False),
    )


def _convergence(optimum: Optimum, *, admissible: bool, converged: bool) -> Convergence:
    return Convergence(
        converged=converged,
        iterations=int(optimum.iterations[0]),
        gradient_norm=sqrt(max(float(optimum.decrement[0]), 0.0)),
        admissible=admissible,
    )


def _measures(
    table: ParTable,
    objective: Objective,
    constraints: Constraints,
    theta: FloatArray,
    value: float,
    implied: Implied,
    saturated: Reference,
    baseline: Reference,
) -> FitMeasures:
    sample = objective.sample
    p, groups = len(table.observed), sample.n_groups
    fixed = objective.structure.exogenous
    offset = exogenous_value(sample, fixed)
    scores = sample.counts[0] @ sample.observed.sum(axis=1) - sample.n[0] * fixed.size
    constant = 0.5 * log(2.0 * pi) * float(scores)
    moments = p * (p + 1) // 2 + (p if table.meanstructure else 0)
    taken = fixed.size * (fixed.size + 1) // 2 + (fixed.size if table.meanstructure else 0)
    count = table.n_free - rank_of(_equality_jacobian(constraints, theta))
    by_group = sample.by_group(sample.counts)[0]
    return measure_fit(
        loglik=offset - value - constant,
        saturated=offset - saturated.value - constant,
        baseline=offset - baseline.value - constant,
        n=float(sample.n[0]),
        n_groups=groups,
        n_parameters=count,
        df=groups * (moments - taken) - count,
        baseline_df=groups * (p * (p + 3) // 2 - baseline_moments(table).size),
        srmr=root_mean_square_residual(
            saturated.covariance,
            saturated.mean,
            implied.sigma[0],
            implied.mu[0],
            by_group,
            table.meanstructure,
        ),
    )


def _equality_jacobian(constraints: Constraints, theta: FloatArray) -> FloatArray:
    return np.asarray(constraints.evaluate(theta[None])[1][0][: len(constraints.equalities)])
