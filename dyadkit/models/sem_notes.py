"""What a reader must know of a fitted structural equation model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from dyadkit.errors import listed
from dyadkit.models.sem_bootstrap import Bootstrap
from dyadkit.models.sem_setup import Setup
from dyadkit.results import Note
from dyadkit.sem.restrictions import Bound
from dyadkit.sem.solution import Solution

# Simulations find the chi-square test far too eager below this many dyads a variable (Bentler &
# Yuan, 1999; Herzog & Boomsma, 2009).
_FEW_PER_VARIABLE = 10


def notes_of(solution: Solution, setup: Setup, draws: Bootstrap | None) -> tuple[Note, ...]:
    """Return the notes of a fit, warnings first."""
    found = [
        *_warnings(solution, setup),
        *([] if draws is None else _resampling(draws)),
        *_conventions(solution, setup),
    ]
    return tuple(sorted(found, key=lambda note: note.level != "warning"))


def _warnings(solution: Solution, setup: Setup) -> Iterator[Note]:
    table, measures = solution.table, solution.measures
    if solution.improper:
        yield Note(
            f"Inadmissible solution: {'; '.join(solution.improper)}. The model is wrong, or the "
            "sample too small for it. Its chi-square is valid; its standardised estimates are not "
            "to be interpreted.",
            "warning",
        )
    n, p = float(solution.objective.sample.n[0]), len(table.observed)
    if n < table.n_free:
        yield Note(
            f"The model has {table.n_free} free parameters and only {n:.0f} {setup.unit}s to "
            "estimate them from. Standard errors, which hold in large samples, are not to be "
            "trusted.",
            "warning",
        )
    if measures.df > 0 and n < _FEW_PER_VARIABLE * p:
        yield Note(
            f"With {n:.0f} {setup.unit}s for {p} variables the chi-square test rejects a correct "
            "model too often, and RMSEA and CFI look worse than they are (Herzog & Boomsma, 2009).",
            "warning",
        )
    if setup.shared:
        yield Note(
            f"Some persons belong to several dyads ({listed(setup.shared)}), which are then not "
            "independent: standard errors are too small and chi-square is too large.",
            "warning",
        )
    binding = solution.constraints.active(solution.theta[None])[0]
    equal = len(solution.constraints.equalities)
    for function, active in zip(solution.constraints.inequalities, binding[equal:], strict=True):
        if not active:
            continue
        after = (
            "its standard error is the one it would have inside, and it has no Wald test"
            if isinstance(function, Bound)
            else "standard errors hold it there"
        )
        yield Note(
            f"The constraint {function.text} is at its limit: the likelihood would be higher "
            f"beyond; {after}.",
            "warning",
        )


def _resampling(draws: Bootstrap) -> Iterator[Note]:
    total = draws.values.shape[0]
    used = total - draws.n_failed
    share = draws.n_failed / total
    yield Note(
        f"Standard errors and percentile intervals are from {used} bootstrap samples of dyads"
        + (f"; {draws.n_failed} more did not converge" if draws.n_failed else "")
        + (f", and {draws.n_improper} had a negative variance" if draws.n_improper else "")
        + ".",
        "warning" if share > 0.01 else "info",
    )


def _conventions(solution: Solution, setup: Setup) -> Iterator[Note]:
    table = solution.table
    sample = solution.objective.sample
    if setup.from_moments:
        yield Note("Fitted to a covariance matrix, taken to have divisor N − 1 and rescaled to N.")
    elif setup.missing == "listwise":
        yield Note(
            f"Rows with every score only; {setup.n_dropped} left out because {setup.dropped_why}."
            if setup.n_dropped
            else "No score is missing in the rows used."
        )
    else:
        patterns = sample.observed.shape[0]
        yield Note(
            (
                f"Full-information maximum likelihood over {patterns} patterns of missing scores "
                f"({setup.n_missing} scores missing), which assumes that scores are missing at "
                "random given those observed."
                if setup.n_missing
                else "Full-information maximum likelihood; no score is missing in the rows used."
            )
            + (
                f" {setup.n_dropped} {setup.unit}(s) left out because {setup.dropped_why}."
                if setup.n_dropped
                else ""
            )
        )
    yield Note(
        f"Standard errors are from the {setup.information} information; chi-square multiplies by "
        "N, not N − 1."
    )
    if table.exogenous:
        how = (
            "taken from the sample"
            if any(row.exo for row in table.rows)
            else "estimated with the model"
        )
        yield Note(
            f"Means, variances and covariances of the exogenous variables "
            f"({listed(table.exogenous)}) are {how}."
        )
    if solution.starts > 1:
        yield Note(
            f"The usual starting values did not lead to a solution; this is the best of "
            f"{solution.starts} sets."
        )
    if setup.engine == "semopy":
        yield Note(f"Estimated by semopy {version('semopy')}, as a second opinion.")
    for text in table.notes:
        yield Note(text)
    if np.isclose(solution.measures.df, 0.0):
        yield Note(
            "The model has no degrees of freedom: it fits any data, and its fit says nothing."
        )
