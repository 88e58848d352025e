"""A fitted model in the words of other programs."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.models.sem_setup import Setup
from dyadkit.sem.language.lavaan_script import to_lavaan_script
from dyadkit.sem.language.mplus_input import to_mplus_input
from dyadkit.sem.language.semopy_syntax import to_semopy_model
from dyadkit.sem.solution import Solution


def lavaan_script(solution: Solution, setup: Setup, data_file: str) -> str:
    """Return an R script that fits the same model with lavaan; see `SemFit.to_lavaan`."""
    options: dict[str, bool | float | str | Sequence[str]] = {
        "missing": setup.missing,
        "information": setup.information,
    }
    if setup.estimator != "ML":
        options["estimator"] = setup.estimator
    if setup.columns.cluster is not None:
        options["cluster"] = setup.columns.cluster
    if setup.columns.weights is not None:
        options["sampling.weights"] = setup.columns.weights
    return to_lavaan_script(
        solution.table,
        data_file=data_file,
        group=setup.columns.group or ("group" if setup.labels else None),
        group_labels=setup.labels,
        options=options,
    )


def mplus_input(solution: Solution, setup: Setup, data_file: str) -> str:
    """Return an Mplus input file of the same model; see `SemFit.to_mplus`."""
    columns = [*solution.table.observed, *setup.columns.names]
    return to_mplus_input(
        solution.table,
        columns=columns,
        data_file=data_file,
        estimator=setup.estimator,
        group=setup.columns.group,
        group_labels=setup.labels,
        cluster=setup.columns.cluster,
        weights=setup.columns.weights,
    )


def semopy_model(solution: Solution) -> str:
    """Return the model in semopy's syntax; see `SemFit.to_semopy`."""
    return to_semopy_model(solution.table)
