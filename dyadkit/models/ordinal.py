"""Structural equation models of ordered outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from dyadkit.errors import Refused, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.models.design import DesignColumns
from dyadkit.models.model_data import columns_of, persons_of, take_variables
from dyadkit.models.ordinal_data import encode, statistics_of, with_numbers
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.sem_request import count_groups
from dyadkit.models.sem_setup import Setup
from dyadkit.sem.cases import Cases
from dyadkit.sem.language.partable import ParTable, build_partable
from dyadkit.sem.language.syntax import Formula, parse_model
from dyadkit.sem.ordinal.solve import solve_ordinal


def fit_ordered(
    model: str,
    data: pd.DataFrame | DyadFrame,
    ordered: Sequence[str] | bool,
    *,
    estimator: Literal["WLSMV", "ULSMV"],
    parameterization: Literal["delta", "theta"],
    group: str | None,
    confidence: float,
    options: Mapping[str, Any],
    request: Mapping[str, Any],
) -> OrdinalFit:
    """Fit a model of ordered outcomes; see `dyadkit.fit_sem`.

    Parameters
    ----------
    model, data, ordered, estimator, parameterization, group, confidence
        As in `dyadkit.fit_sem`.
    options : mapping
        Of `dyadkit.sem.language.partable.build_partable`.
    request : mapping
        What fits the same model to other data.
    """
    build: Callable[..., ParTable] = build_partable
    plain = {key: value for key, value in options.items() if not key.startswith("group_")}
    # Which variables there are, before the data say how many thresholds.
    formulas = [
        statement
        for statement in parse_model(model, thresholds=True)
        if isinstance(statement, Formula) and statement.op != "|"
    ]
    count = 1 if group is None else count_groups(data, group)
    table = build(formulas, **plain, meanstructure=True, fixed_x=False, n_groups=count)
    names = list(table.observed) if ordered is True else [] if ordered is False else [*ordered]
    inside = [name for name in names if name in table.observed]
    if not inside:
        raise StudyError(
            f"estimator={estimator!r} is for ordered variables: name those of the model, as in "
            f"ordered=['{table.observed[0]}', …], or set ordered=True for all of them."
        )
    frame = with_numbers(columns_of(data), inside)
    columns = DesignColumns(group)
    used = take_variables(frame, table.observed, listwise=True, columns=columns)
    design = used.design
    cases = Cases(used.values, design.group)
    values, thresholds = encode(cases, table.observed, inside, design.labels)
    fitted = build(
        model,
        **options,
        meanstructure=True,
        fixed_x=False,
        n_groups=max(1, len(design.labels)),
        ordered=thresholds,
        parameterization=parameterization,
    )
    statistics = statistics_of(cases, values, table.observed, thresholds)
    weights: Literal["DWLS", "ULS"] = "DWLS" if estimator == "WLSMV" else "ULS"
    solution = solve_ordinal(fitted, statistics, weights=weights)
    persons = persons_of(frame[used.kept], data) if isinstance(data, DyadFrame) else {}
    setup = Setup(
        model=model,
        auto=str(options["auto"]),
        missing="listwise",
        information="expected",
        unit="dyad" if isinstance(data, DyadFrame) else "row",
        n_dropped=used.n_dropped,
        dropped_why=used.dropped_why,
        n_persons=sum(persons.values()),
        fewest_persons=min(persons.values(), default=0),
        shared=tuple(role for role, count in persons.items() if count < used.values.shape[0]),
        estimator=estimator,
        columns=columns,
        labels=design.labels,
        sizes=tuple(np.bincount(cases.groups).tolist()) if group is not None else (),
        request=request,
    )
    return OrdinalFit(solution, setup, confidence)


def refuse_beyond(asked: Mapping[str, bool], estimator: str) -> None:
    """Refuse what models of ordered outcomes do not offer.

    Parameters
    ----------
    asked : mapping of str to bool
        Arguments, and whether they ask for something.
    estimator : str
    """
    for name, wanted in asked.items():
        if wanted:
            raise Refused(
                f"{name} is not offered with estimator={estimator!r}. Leave it out, or treat the "
                "variables as continuous (estimator='MLR')."
            )
