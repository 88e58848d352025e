"""What a request for a structural equation model may and may not ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from dyadkit.errors import Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame
from dyadkit.models.design import DesignColumns
from dyadkit.models.model_data import ModelData, columns_of
from dyadkit.sem.language.partable import ParTable
from dyadkit.sem.robust import Robust

_AUTO = ("sem", "cfa", "growth", "lavaan")
_BOUNDS = ("pos.var", "pos.ov.var", "pos.lv.var")


def count_groups(data: pd.DataFrame | DyadFrame, group: str) -> int:
    """Count the groups, enough to lay the model out; what is wrong is said later, by name."""
    frame = columns_of(data)
    if [str(name) for name in frame.columns].count(group) != 1:
        return 1
    return max(1, min(int(frame[group].nunique()), 50))


def require_use(correlates: Sequence[str], table: ParTable, missing: str, fixed_x: bool) -> None:
    """Refuse auxiliary variables that can be of no use."""
    twice = sorted({name for name in correlates if table.observed.count(name) > 1})
    if twice:
        raise StudyError(
            f"auxiliary names {listed(twice)}, which the model has already (or twice). Auxiliary "
            "variables are those that it is not about."
        )
    if missing != "fiml" or fixed_x or not table.meanstructure:
        raise Refused(
            "Auxiliary variables help where scores are missing, under full information with means "
            "and without moments taken from the sample. Use missing='fiml', and leave fixed_x and "
            "meanstructure out."
        )


def require_data(columns: DesignColumns, estimator: str) -> None:
    """Refuse what cannot be had from a covariance matrix."""
    if columns.names:
        raise StudyError(
            f"A covariance matrix has no column {listed(list(columns.names))}: group=, cluster= "
            "and sampling_weights= need the data themselves. Pass data=…."
        )
    if estimator != "ML":
        raise Refused(
            f"estimator={estimator!r} corrects for the distribution of scores, of which a "
            "covariance matrix says nothing. Pass data=…, or use estimator='ML'."
        )


def robust_kind(estimator: str, columns: DesignColumns, used: ModelData | None) -> Robust | None:
    """Return the kind of robust inference, and refuse kinds that have no meaning here."""
    if estimator == "ML":
        if columns.cluster is not None or columns.weights is not None:
            which = "cluster=" if columns.cluster is not None else "sampling_weights="
            raise Refused(
                f"{which} needs robust standard errors, since those of estimator='ML' take rows "
                "for independent and equal. Use estimator='MLR'."
            )
        return None
    if estimator == "MLR":
        return "MLR"
    if used is not None and used.n_missing:
        raise Refused(
            f"estimator='MLM' needs complete scores, but {used.n_missing} are missing: its "
            "scaling is from fourth moments of complete rows. Use estimator='MLR', which is robust "
            "under full information too, or missing='listwise'."
        )
    if columns.cluster is not None or columns.weights is not None:
        raise Refused(
            "estimator='MLM' takes rows for independent and equal, which clusters and sampling "
            "weights are not. Use estimator='MLR'."
        )
    return "MLM"


def check_choices(
    auto: str,
    missing: str,
    estimator: str,
    information: str | None,
    bounds: str | None,
    engine: str,
    bootstrap: int,
) -> None:
    """Refuse arguments that are none of the choices."""
    for name, value, choices in (
        ("auto", auto, _AUTO),
        ("missing", missing, ("fiml", "listwise")),
        ("estimator", estimator, ("ML", "MLR", "MLM", "WLSMV", "ULSMV")),
        ("information", information or "expected", ("expected", "observed")),
        ("bounds", bounds or "pos.var", _BOUNDS),
        ("engine", engine, ("dyadkit", "semopy")),
    ):
        if value not in choices:
            raise StudyError(
                f"{name}={value!r} is not a choice.{nearest(str(value), choices)} It takes "
                f"{listed(choices)}."
            )
    if bootstrap < 0:
        raise StudyError(f"bootstrap is a number of draws and cannot be {bootstrap}.")


def bounded(table: ParTable, bounds: str) -> ParTable:
    """Give variances a lower bound of zero."""
    chosen = {
        "pos.var": {*table.observed, *table.latent},
        "pos.ov.var": {*table.observed},
        "pos.lv.var": {*table.latent},
    }[bounds]
    rows = tuple(
        replace(row, lower=max(row.lower, 0.0))
        if row.free and row.op == "~~" and row.lhs == row.rhs and row.lhs in chosen
        else row
        for row in table.rows
    )
    return replace(table, rows=rows)


def require_identifiable(table: ParTable) -> None:
    """Refuse more parameters than moments, before any data are looked at."""
    p = len(table.observed)
    x = len({row.lhs for row in table.rows if row.exo})
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + ((p - x) if table.meanstructure else 0)
    moments *= table.n_groups
    count = table.n_free - len(table.equalities)
    if table.n_free == 0:
        raise StudyError(
            "The model has no free parameter, so that there is nothing to estimate. Free one with "
            "NA*, or leave a fixed value out."
        )
    if count > moments:
        raise StudyError(
            f"The model has {count} free parameters, but {p} observed variables give only "
            f"{moments} means, variances and covariances to estimate them from. Fix or equate at "
            f"least {count - moments} of them."
        )


def as_texts(value: Sequence[str] | str) -> tuple[str, ...]:
    """Return one text or several as several."""
    return (value,) if isinstance(value, str) else tuple(value)
