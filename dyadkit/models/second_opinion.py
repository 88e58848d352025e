"""The estimates of another program, semopy, where it can be trusted with the model."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from dyadkit.errors import FitError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.partable import ParTable
from dyadkit.sem.sample import Sample


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
    reasons = _reasons(table, sample, values)
    if reasons or values is None:
        raise Refused(
            f"engine='semopy' is not offered for this model: {listed(reasons)}. There semopy gives "
            "other numbers or none. Leave engine out."
        )
    # Names of ours could be syntax of semopy's.
    names = {name: f"o{number}" for number, name in enumerate(table.observed)}
    names |= {name: f"l{number}" for number, name in enumerate(table.latent)}
    data = pd.DataFrame(values, columns=[names[name] for name in table.observed])
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
        model = semopy.Model(_description(table, names))
        solved = model.fit(data)
        inspected = model.inspect()
    if not solved.success:
        raise FitError(f"semopy did not converge: {solved.message}.")
    found = {
        (str(row.lval), str(row.op), str(row.rval)): float(row.Estimate)
        for row in inspected.itertuples(index=False)
    }
    theta = np.empty(table.n_free)
    for row in table.rows:
        if not row.free:
            continue
        lhs, rhs = names[row.lhs], names.get(row.rhs, "")
        if row.op == "~1":
            theta[row.free - 1] = sample.means[0, 0, table.observed.index(row.lhs)]
        elif row.op == "~~":
            theta[row.free - 1] = found.get((lhs, "~~", rhs), found.get((rhs, "~~", lhs), np.nan))
        else:
            key = (rhs, "~", lhs) if row.op == "=~" else (lhs, "~", rhs)
            theta[row.free - 1] = found[key]
    x = [number for number, name in enumerate(table.observed) if name in table.exogenous]
    for row in table.rows:
        # semopy takes the moments of exogenous variables from the sample and does not list them.
        if row.free and row.op == "~~" and {row.lhs, row.rhs} <= {*table.exogenous}:
            i, j = table.observed.index(row.lhs), table.observed.index(row.rhs)
            theta[row.free - 1] = sample.scatter[0, 0, i, j] if {i, j} <= {*x} else np.nan
    return theta


def _reasons(table: ParTable, sample: Sample, values: FloatArray | None) -> list[str]:
    free = [row.free for row in table.rows if row.free]
    means = [row for row in table.rows if row.op == "~1" and not row.exo]
    saturated = all(bool(row.free) == (row.lhs in table.observed) for row in means)
    checks = (
        (values is None, "there are no rows, only a covariance matrix"),
        (not sample.complete, "scores are missing"),
        (not saturated, "its means are modelled"),
        (bool(table.equalities or table.inequalities), "it has constraints"),
        (len(free) > len(set(free)), "parameters share a label"),
        (any(np.isfinite([row.lower, row.upper]).any() for row in table.rows), "it has bounds"),
        (table.n_groups > 1, "it has several groups"),
    )
    return [reason for wrong, reason in checks if wrong]


def _description(table: ParTable, names: dict[str, str]) -> str:
    """Write every path and covariance, free ones bare, fixed ones with their value."""
    lines = []
    for row in table.rows:
        if row.op == "~1" or row.exo:
            continue
        if row.op == "~~" and {row.lhs, row.rhs} <= {*table.exogenous}:
            continue
        value = "" if row.free else f"{row.value!r}*"
        lines.append(f"{names[row.lhs]} {row.op} {value}{names[row.rhs]}")
    return "\n".join(lines)
