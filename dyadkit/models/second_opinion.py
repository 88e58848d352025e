"""The estimates of another program, semopy, where it can be trusted with the model."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from dyadkit.errors import FitError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.objective import make_objective
from dyadkit.sem.sample import Sample
from dyadkit.sem.saturated_means import with_means, without_means
from dyadkit.sem.structure import compile_structure


def semopy_estimates(table: ParTable, sample: Sample, values: FloatArray | None) -> FloatArray:
    """Fit a model with semopy and return the free parameters.

    Parameters
    ----------
    table : ParTable
    sample : Sample
    values : ndarray, shape (n, p), or None
        The scores, complete.

    Returns
    -------
    ndarray, shape (q,)
        Covariance structure by semopy; free intercepts are the sample's means.

    Raises
    ------
    Refused
        For models in which semopy 2.3.11 was found to be wrong or does something else: missing
        scores, mean structures that are not saturated, constraints, shared labels, bounds.
    StudyError
        When semopy is not installed.
    FitError
        When semopy reports failure.
    """
    smaller = without_means(table) if table.meanstructure else table
    reasons = _reasons(table, smaller, sample, values)
    if reasons or values is None or smaller is None:
        raise Refused(
            f"engine='semopy' is not offered for this model: {listed(reasons)}. There semopy gives "
            "other numbers or none. Leave engine out."
        )
    # Names of ours could be syntax of semopy's.
    names = {name: f"o{number}" for number, name in enumerate(table.observed)}
    names |= {name: f"l{number}" for number, name in enumerate(table.latent)}
    found = _fitted(_description(smaller, names), values, list(names.values()))
    theta = np.empty(smaller.n_free)
    for row in smaller.rows:
        if not row.free:
            continue
        lhs, rhs = names[row.lhs], names[row.rhs]
        if row.op != "~~":
            theta[row.free - 1] = found[(rhs, lhs) if row.op == "=~" else (lhs, rhs), "~"]
        elif {row.lhs, row.rhs} <= {*table.exogenous}:
            # semopy takes the moments of exogenous variables from the sample and lists none.
            i, j = (table.observed.index(name) for name in (row.lhs, row.rhs))
            theta[row.free - 1] = sample.scatter[0, 0, i, j]
        else:
            pair = (lhs, rhs) if ((lhs, rhs), "~~") in found else (rhs, lhs)
            theta[row.free - 1] = found[pair, "~~"]
    if not table.meanstructure:
        return theta
    objective = make_objective(compile_structure(table), sample)
    return np.asarray(with_means(objective, table, theta[None])[0])


def _fitted(
    description: str, values: FloatArray, names: list[str]
) -> dict[tuple[tuple[str, str], str], float]:
    """Run semopy; return its estimates by both variables and operator."""
    data = pd.DataFrame(values, columns=names[: values.shape[1]])
    with warnings.catch_warnings():
        # semopy 2.3.11 calls pandas and numpy in ways that they deprecate; no number depends on it.
        warnings.simplefilter("ignore")
        try:
            import semopy
        except ModuleNotFoundError:
            raise StudyError(
                "engine='semopy' needs the package semopy, which is not installed: "
                "pip install 'dyadkit[semopy]'."
            ) from None
        model = semopy.Model(description)
        solved = model.fit(data)
        inspected = model.inspect()
    if not solved.success:
        raise FitError(f"semopy did not converge: {solved.message}.")
    return {
        ((str(row.lval), str(row.rval)), str(row.op)): float(row.Estimate)
        for row in inspected.itertuples(index=False)
    }


def _reasons(
    table: ParTable, smaller: ParTable | None, sample: Sample, values: FloatArray | None
) -> list[str]:
    free = [row.free for row in table.rows if row.free]
    checks = (
        (values is None, "there are no rows, only a covariance matrix"),
        (not sample.complete, "scores are missing"),
        (bool(table.equalities or table.inequalities), "it has constraints"),
        (len(free) > len(set(free)), "parameters share a label"),
        (any(np.isfinite([row.lower, row.upper]).any() for row in table.rows), "it has bounds"),
        (table.n_groups > 1, "it has several groups"),
    )
    found = [reason for wrong, reason in checks if wrong]
    return found or (["its means are modelled"] if smaller is None else [])


def _description(table: ParTable, names: dict[str, str]) -> str:
    """Write every path and covariance, free ones bare, fixed ones with their value."""
    lines = []
    for row in table.rows:
        if row.exo:
            continue
        if row.op == "~~" and {row.lhs, row.rhs} <= {*table.exogenous}:
            continue
        value = "" if row.free else f"{row.value!r}*"
        lines.append(f"{names[row.lhs]} {row.op} {value}{names[row.rhs]}")
    return "\n".join(lines)
