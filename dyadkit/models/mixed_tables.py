"""How a linear mixed model is shown: tables, a figure, sentences."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

import pandas as pd

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import Format
from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.models.mixed_setup import MixedSetup
from dyadkit.results import Convergence, Estimates, Note, Support

_KEY = "model"


def presented(
    setup: MixedSetup,
    tidy: pd.DataFrame,
    summary: Mapping[str, float],
    notes: tuple[Note, ...],
    convergence: Convergence | None,
) -> PresentedResult:
    """Put tables, figure and sentences of a fit together."""
    records = [{str(name): value for name, value in row.items()} for row in tidy.to_dict("records")]
    fixed = [row for row in records if row["effect"] == "fixed"]
    return PresentedResult(
        type="mixed",
        title="Linear mixed model",
        estimates=Estimates(records, [_KEY] * len(records)),
        summary=dict(summary),
        table_specs=(
            _fit_table(summary),
            _estimates_table(records, setup),
        ),
        figure_specs=(_plot(fixed, setup),) if fixed else (),
        methods=(
            f"A linear mixed model was estimated by {setup.likelihood}, with {setup.df_name} "
            "degrees of freedom.",
        ),
        supports=(Support(_KEY, setup.n_dyads, setup.n_persons),),
        notes=notes,
        convergence=convergence,
    )


def _fit_table(summary: Mapping[str, float]) -> Table:
    cells: tuple[tuple[str, str, Format], ...] = (
        ("Rows", "n_obs", "count"),
        ("Dyads", "n_dyads", "count"),
        ("Independent clusters", "n_clusters", "count"),
        ("Parameters", "n_parameters", "count"),
        ("−2 log-likelihood", "deviance", "statistic"),
        ("AIC", "aic", "statistic"),
        ("BIC", "bic", "statistic"),
    )
    return Table(
        name="fit",
        title="Fit of the model",
        columns=(Column("measure", "Measure"), Column("value", "Value", "statistic")),
        rows=tuple(
            Row((Cell(label), Cell(summary[name], _KEY, style))) for label, name, style in cells
        ),
    )


def _estimates_table(records: list[dict[str, Any]], setup: MixedSetup) -> Table:
    rows: list[Row] = []
    for effect, heading in (
        ("fixed", "Fixed effects"),
        ("covariance", "Variances and correlations"),
    ):
        part = [record for record in records if record["effect"] == effect]
        if part:
            rows.append(Row((Cell(heading),), heading=True))
            rows += [_row(record) for record in part]
    return Table(
        name="estimates",
        title="Estimates",
        columns=(
            Column("term", "Parameter"),
            Column("estimate", "Estimate", "statistic_3"),
            Column("std_error", "SE", "statistic_3"),
            Column("conf", f"{100 * setup.confidence:g} % CI", "interval"),
            Column("statistic", "t", "statistic"),
            Column("df", "df", "df"),
            Column("p_value", "p", "p_value"),
        ),
        rows=tuple(rows),
    )


def _row(record: Mapping[str, Any]) -> Row:
    def number(name: str) -> Any:
        value = record[name]
        return None if isinstance(value, float) and isnan(value) else value

    label = str(record["term"])
    return Row(
        (
            Cell(label),
            Cell(number("estimate"), _KEY),
            Cell(number("std_error"), _KEY),
            Cell((record["conf_low"], record["conf_high"]), _KEY),
            Cell(number("statistic"), _KEY),
            Cell(number("df"), _KEY),
            Cell(number("p_value"), _KEY),
        )
    )


def _plot(fixed: list[dict[str, Any]], setup: MixedSetup) -> IntervalPlot:
    percent = f"{100 * setup.confidence:g} %"
    return IntervalPlot(
        name="effects",
        title="Fixed effects",
        alt=f"The fixed effects of the model with their {percent} intervals.",
        axis="Effect",
        intervals=tuple(
            Interval(row["term"], row["estimate"], row["conf_low"], row["conf_high"], _KEY)
            for row in fixed
        ),
        style="statistic",
        reference=0.0,
        interval=f"{percent} CI",
    )
