"""The estimates of a structural equation model as rows of a DataFrame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from dyadkit.estimation.arrays import FloatArray
from dyadkit.models.sem_bootstrap import Bootstrap
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.implied import fill
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.restrictions import Bound
from dyadkit.sem.solution import Solution
from dyadkit.sem.standardised import Scale, standardise

# A standard error below this is that of a parameter that constraints fix.
_NOTHING = 1.5e-8
_ROUNDING = 1e-10
_COLUMNS = (
    "lhs",
    "op",
    "rhs",
    "group",
    "free",
    "value",
    "start",
    "label",
    "user",
    "exo",
    "lower",
    "upper",
)


def row_estimates(solution: Solution) -> FloatArray:
    """Return the value of each row of the parameter table, fixed ones too."""
    table, structure = solution.table, solution.objective.structure
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    parts = fill(structure, solution.objective.fixed, solution.theta[None])
    _, covariances, means = (part[0] for part in parts)
    found = []
    for row in table.rows:
        if row.free:
            found.append(float(solution.theta[row.free - 1]))
        elif not row.exo:
            found.append(row.value)
        elif row.op == "~1":
            found.append(float(means[row.group - 1, place[row.lhs]]))
        else:
            found.append(float(covariances[row.group - 1, place[row.lhs], place[row.rhs]]))
    return np.array(found)


def defined_values(solution: Solution) -> tuple[FloatArray, FloatArray]:
    """Return the defined parameters and their standard errors by the delta method."""
    values, errors = [], []
    for definition in solution.table.definitions:
        value, gradient = definition.evaluate(solution.theta)
        values.append(float(value))
        variance = float(gradient @ solution.covariance @ gradient)
        errors.append(np.sqrt(max(variance, 0.0)))
    return np.array(values), np.array(errors)


def estimates_of(
    solution: Solution,
    confidence: float,
    draws: Bootstrap | None = None,
    labels: Sequence[str] = (),
) -> pd.DataFrame:
    """Return one row per parameter and per defined parameter; see `SemFit.tidy`."""
    table = solution.table
    free = np.array([row.free for row in table.rows], dtype=np.int64)
    own = np.sqrt(np.maximum(np.diagonal(solution.covariance), 0.0))
    errors = np.where(free > 0, own[free - 1], np.nan)
    defined, defined_errors = defined_values(solution)
    frame = head_of(solution.table, labels)
    estimate = np.concatenate([row_estimates(solution), defined])
    error = np.concatenate([errors, defined_errors])
    if draws is not None:
        spread = draws.std_errors()
        error = np.concatenate(
            [np.where(free > 0, spread[free - 1], np.nan), spread[table.n_free :]]
        )
    frame = with_tests(frame, estimate, error, confidence)
    at_bound = _at_bounds(solution)
    if at_bound:
        bound = np.isin(np.concatenate([free - 1, np.full(defined.size, -1)]), at_bound)
        frame.loc[bound, ["statistic", "p_value"]] = np.nan
    if draws is not None:
        intervals = draws.intervals(solution, "percentile", confidence, None)
        for name in ("conf_low", "conf_high"):
            bounds = intervals[name].to_numpy()
            frame[name] = np.concatenate(
                [np.where(free > 0, bounds[free - 1], np.nan), bounds[table.n_free :]]
            )
    standard = standardise(
        table, solution.objective.structure, solution.objective.fixed, solution.theta, "std_all"
    )
    return frame.assign(std_all=standard.value)


def standardised_frame(
    solution: Solution, scale: Scale, confidence: float, labels: Sequence[str] = ()
) -> pd.DataFrame:
    """Return standardised estimates; see `SemFit.standardized`."""
    objective = solution.objective
    found = standardise(solution.table, objective.structure, objective.fixed, solution.theta, scale)
    variance = np.einsum("rq,qs,rs->r", found.gradient, solution.covariance, found.gradient)
    error = np.sqrt(np.maximum(variance, 0.0))
    # Rounding leaves a fixed standardised value a standard error of about 1e-9.
    error = np.where(error < _NOTHING * np.maximum(1.0, np.abs(found.value)), 0.0, error)
    return with_tests(head_of(solution.table, labels), found.value, error, confidence)


def explained_shares(solution: Solution, setup: Setup) -> pd.Series:
    """Return the explained share of variance by variable; see `SemFit.r_squared`."""
    table = solution.table
    standard = standardised_frame(solution, "std_all", 0.95, setup.labels)
    led = {row.rhs for row in table.rows if row.op == "=~"}
    led |= {row.lhs for row in table.rows if row.op == "~"}
    variance = (standard["op"] == "~~") & (standard["lhs"] == standard["rhs"])
    own = standard[variance & standard["lhs"].isin(led)]
    # A variance at its bound of zero may be below it by rounding.
    share = 1.0 - own["estimate"].where(own["estimate"].abs() > _ROUNDING, 0.0)
    index: pd.Index = pd.Index(own["lhs"].tolist())
    if setup.labels:
        index = pd.MultiIndex.from_frame(own[["group", "lhs"]], names=["group", None])
    return pd.Series(share.where(share <= 1.0).to_numpy(), index=index)


def named_moments(
    solution: Solution, setup: Setup, covariance: FloatArray, mean: FloatArray
) -> tuple[pd.DataFrame, pd.Series]:
    """Name moments of shapes (G, p, p) and (G, p), one group below the other."""
    names = list(solution.table.observed)
    index: pd.Index = pd.Index(names)
    if setup.labels:
        index = pd.MultiIndex.from_product([setup.labels, names], names=["group", None])
    return (
        pd.DataFrame(covariance.reshape(-1, len(names)), index=index, columns=names),
        pd.Series(mean.reshape(-1), index=index),
    )


def head_of(table: ParTable, labels: Sequence[str]) -> pd.DataFrame:
    """Return what each row of a table is, then each definition."""
    several = bool(labels)
    of = [f" ({label})" for label in labels] or [""]
    rows = [
        (
            f"{row.lhs} {row.op} {row.rhs}".strip() + of[row.group - 1],
            row.lhs,
            row.op,
            row.rhs,
            labels[row.group - 1] if several else row.group,
            row.label,
        )
        for row in table.rows
    ]
    rows += [
        (
            definition.name,
            definition.name,
            ":=",
            definition.text,
            "" if several else 0,
            definition.name,
        )
        for definition in table.definitions
    ]
    return pd.DataFrame(rows, columns=["term", "lhs", "op", "rhs", "group", "label"])


def table_frame(table: ParTable, estimates: FloatArray) -> pd.DataFrame:
    """Return a parameter table as a DataFrame; see `SemFit.partable`."""
    frame = pd.DataFrame(
        {name: [getattr(row, name) for row in table.rows] for name in _COLUMNS}
    ).rename(columns={"value": "fixed_at"})
    return frame.assign(estimate=estimates)


def with_tests(
    frame: pd.DataFrame, estimate: FloatArray, error: FloatArray, confidence: float
) -> pd.DataFrame:
    """Add Wald tests and intervals."""
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(error > _NOTHING, estimate / error, np.nan)
    reach = float(ndtri(0.5 + confidence / 2.0)) * error
    return frame.assign(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=np.nan,
        p_value=2.0 * ndtr(-np.abs(statistic)),
        conf_low=estimate - reach,
        conf_high=estimate + reach,
    )


def _at_bounds(solution: Solution) -> list[int]:
    """Return the parameters that lie at a bound, whose Wald test has no meaning."""
    return [
        function.parameter
        for function in solution.constraints.inequalities
        if isinstance(function, Bound)
        and abs(solution.theta[function.parameter] - function.limit) < _NOTHING
    ]
