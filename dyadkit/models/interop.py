"""A fitted model in the words of other programs."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.models.sem_setup import Setup
from dyadkit.sem.language.lavaan_script import to_lavaan_script
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
        group=setup.columns.group,
        group_labels=setup.labels,
        options=options,
    )
