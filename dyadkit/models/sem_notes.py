"""What a reader must know of a fitted structural equation model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from dyadkit.errors import listed
from dyadkit.models.sem_bootstrap import Bootstrap
from dyadkit.models.sem_setup import Setup
from dyadkit.results import Note
from dyadkit.sem.restrictions import Bound
from dyadkit.sem.solution import Solution

# Simulations find the chi-square test far too eager below this many dyads a variable (Bentler &
# Yuan, 1999; Herzog & Boomsma, 2009).
_FEW_PER_VARIABLE = 10
# With fewer independent units sandwich standard errors are too small (Cameron & Miller, 2015).
_FEW_UNITS = 50


def notes_of(solution: Solution, setup: Setup, draws: Bootstrap | None) -> tuple[Note, ...]:
    """Return the notes of a fit, warnings first."""
    found = [
        *_warnings(solution, setup),
        *([] if draws is None else _resampling(draws, "cluster" if setup.n_clusters else "dyad")),
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
    if setup.shared and setup.columns.cluster is None:
        yield Note(
            f"Some persons belong to several dyads ({listed(setup.shared)}), which are then not "
            "independent: standard errors are too small and chi-square is too large. Name their "
            "column with cluster=, and estimator='MLR'.",
            "warning",
        )
    yield from _few_units(solution, setup)
    if not solution.constraints.inequalities:
        return
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


def _few_units(solution: Solution, setup: Setup) -> Iterator[Note]:
    """Warn where robust standard errors come from few independent units."""
    if setup.estimator == "ML":
        return
    count = setup.n_clusters or float(solution.objective.sample.n[0])
    what = "cluster" if setup.n_clusters else setup.unit
    if setup.n_clusters and count < solution.table.n_free:
        yield Note(
            f"{count:.0f} clusters are fewer than the {solution.table.n_free} free parameters: the "
            "scores of all parameters together cannot be told apart, and the scaling of chi-square "
            "is not to be trusted.",
            "warning",
        )
    elif count < _FEW_UNITS:
        yield Note(
            f"Robust standard errors hold in large samples; with {count:.0f} {what}s they tend to "
            "be too small.",
            "warning",
        )


def _errors(setup: Setup) -> str:
    if setup.estimator == "MLM":
        return (
            "Standard errors and chi-square are Satorra and Bentler's (1994), robust against "
            "scores that are not normal; chi-square multiplies by N, not N − 1."
        )
    if setup.estimator == "MLR":
        units = (
            f"clusters ({setup.columns.cluster}: {setup.n_clusters}) in place of rows"
            if setup.columns.cluster is not None
            else "rows"
        )
        weights = (
            f", weighted by {setup.columns.weights} (scaled to add up to the number of rows)"
            if setup.columns.weights is not None
            else ""
        )
        return (
            f"Standard errors are Huber and White's, from the {setup.information} information and "
            f"the scores of {units}{weights}; chi-square is scaled as in Mplus (Yuan–Bentler) and "
            "multiplies by N, not N − 1. Robust CFI, TLI and RMSEA estimate the population's. "
            "Scaled chi-squares must not be subtracted."
        )
    return (
        f"Standard errors are from the {setup.information} information; chi-square multiplies by "
        "N, not N − 1."
    )


def _resampling(draws: Bootstrap, unit: str) -> Iterator[Note]:
    total = draws.values.shape[0]
    used = total - draws.n_failed
    share = draws.n_failed / total
    yield Note(
        f"Standard errors and percentile intervals are from {used} bootstrap samples of {unit}s"
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
    if setup.labels:
        where = f" ({setup.columns.group})" if setup.columns.group is not None else ""
        counts = [f"{label}: {int(n)}" for label, n in zip(setup.labels, setup.sizes, strict=True)]
        yield Note(f"Groups{where} in the order in which they appear: {listed(counts, 20)}.")
    yield Note(_errors(setup))
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
    if solution.measures.df == 0:
        yield Note(
            "The model has no degrees of freedom: it fits any data, and its fit says nothing."
        )
