"""Comparisons of mixed models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import Refused
from dyadkit.mixed.comparison import likelihood_ratio
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.results import Estimates, Note, Support

_KEY = "model"
_COLUMNS = (
    Column("term", "Model"),
    Column("n_parameters", "Parameters", "count"),
    Column("loglik", "Log-likelihood", "statistic"),
    Column("difference", "χ²", "statistic"),
    Column("df_difference", "df", "count"),
    Column("p_value", "p", "p_value"),
    Column("aic", "AIC", "statistic"),
    Column("aic_weight", "Weight (AIC)", "statistic"),
    Column("bic", "BIC", "statistic"),
    Column("bic_weight", "Weight (BIC)", "statistic"),
)


def compare_mixed(fits: Sequence[MixedFit], names: Sequence[str]) -> PresentedResult:
    """Compare nested mixed models; see `dyadkit.compare_models`."""
    order = sorted(range(len(fits)), key=lambda number: fits[number].summary["n_parameters"])
    chosen, called = [fits[number] for number in order], [names[number] for number in order]
    rows: list[dict[str, float | str]] = []
    boundary = False
    for number, fit in enumerate(chosen):
        row: dict[str, float | str] = {
            "term": called[number],
            **{name: fit.summary[name] for name in ("n_parameters", "loglik", "aic", "bic")},
            "difference": np.nan,
            "df_difference": np.nan,
            "p_value": np.nan,
        }
        if number:
            try:
                found = likelihood_ratio(fit.solution, chosen[number - 1].solution)
            except Refused as error:
                pair = f"'{called[number - 1]}' and '{called[number]}'"
                raise Refused(f"{pair} cannot be compared. {error}") from error
            row |= {
                "difference": found.statistic,
                "df_difference": found.df,
                "p_value": found.p_value,
            }
            boundary = boundary or found.boundary
        rows.append(row)
    for name in ("aic", "bic"):
        values = np.array([float(row[name]) for row in rows])
        weight = np.exp(-0.5 * (values - values.min()))
        for row, share in zip(rows, (weight / weight.sum()).tolist(), strict=True):
            row[f"{name}_weight"] = share
    setup = fits[0].setup
    return PresentedResult(
        type="comparison",
        title="Comparison of mixed models",
        estimates=Estimates(rows, [_KEY] * len(rows)),
        summary={"n_obs": setup.n_rows, "n_models": len(rows)},
        table_specs=(
            Table(
                name="comparison",
                title="Comparison of mixed models",
                columns=_COLUMNS,
                rows=tuple(Row(tuple(map(_cell, _COLUMNS, _values(row)))) for row in rows),
                notes=("χ² is the likelihood-ratio test of each model against the one above.",),
            ),
        ),
        supports=(Support(_KEY, setup.n_dyads, setup.n_persons),),
        notes=(_BOUNDARY,) if boundary else (),
        convergence=fits[0].convergence,
    )


_BOUNDARY = Note(
    "A model without a random effect has a variance of 0, which lies on the boundary of the larger "
    "model: the true p is smaller than the one shown, for one variance half of it (Self & Liang, "
    "1987).",
    "warning",
)


def _values(row: dict[str, float | str]) -> list[float | str]:
    return [row[column.name] for column in _COLUMNS]


def _cell(column: Column, value: float | str) -> Cell:
    if isinstance(value, str):
        return Cell(value)
    return Cell(None if np.isnan(value) else value, _KEY)
