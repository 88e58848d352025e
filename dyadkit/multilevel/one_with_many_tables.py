"""Tables and the figure of a one-with-many model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.labels import role_plural, role_word
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import listed
from dyadkit.estimation.one_way import OneWay
from dyadkit.multilevel.numbers import (
    KEY,
    component_cells,
    component_columns,
    known,
    number_cells,
    number_columns,
)
from dyadkit.multilevel.one_with_many_rows import FocalRows


def variance_table(
    rows: FocalRows, components: Sequence[dict[str, Any]], anova: dict[str, OneWay], percent: str
) -> Table:
    """Return variances, reciprocities, shares and signed intraclass correlations."""
    body = [Row(component_cells(row["label"], row)) for row in components]
    body += [
        Row(
            (
                Cell(f"{name}, {role_plural(role)}' ratings"),
                Cell(known(value), KEY),
                Cell(None),
                Cell(None),
            )
        )
        for role, found in anova.items()
        for name, value in (
            ("ANOVA ICC(1), mean size", found.icc_mean),
            ("ANOVA ICC(1), n₀", found.icc_n0),
        )
    ]
    return Table(
        name="variances",
        title=f"Variances and reciprocity of {rows.outcome_label}",
        columns=component_columns(percent, "Component"),
        rows=tuple(body),
        notes=(
            "Variances about the fixed effects; a share is the focal persons' variance over it and "
            "the relationships'. The ICC of the analysis of variance is of the outcome itself and "
            "signed: negative where the partners of one focal person differ more than strangers.",
        ),
    )


def effects_table(rows: FocalRows, effects: Sequence[dict[str, Any]], percent: str) -> Table:
    """Return the fixed effects, and whose each predictor is."""
    body: list[Row] = []
    heading = ""
    for row in effects:
        title = row["label"]
        if rows.reciprocal and title != heading:
            body.append(Row((Cell(title),), heading=True))
            heading = title
        head = f"Rated by {role_plural(row['role'])}" if rows.reciprocal else title
        body.append(Row((Cell(head), *number_cells(row))))
    whose = {
        "focal person": f"the {role_word(rows.focal)}'s",
        "partner": f"the {role_word(rows.partner)}'s",
        "relationship": "of the relationship",
        "dyad": "the dyad's",
    }
    levels = [f"{r.label} ({whose[r.level]})" for r in rows.regressors]
    return Table(
        name="effects",
        title=f"Fixed effects on {rows.outcome_label}",
        columns=(Column("effect", "Effect"), *number_columns(percent, "t")),
        rows=tuple(body),
        notes=_level_notes(rows, levels),
    )


def _level_notes(rows: FocalRows, levels: Sequence[str]) -> tuple[str, ...]:
    if not levels:
        return ()
    found = [f"Level of predictors: {listed(list(levels), 12)}."]
    many = role_plural(rows.focal)
    if any(r.effect == "within" for r in rows.regressors):
        found.append(
            f"Between = means of {many}, over all dyads with the predictor; within = deviations "
            "from these."
        )
    elif any(r.effect == "relationship" for r in rows.regressors):
        found.append(
            f"Effects of predictors that differ within {many} mix effects within and between them "
            "(within_between = true divides them)."
        )
    return tuple(found)


def shares_figure(
    rows: FocalRows, components: Sequence[dict[str, Any]], percent: str
) -> IntervalPlot:
    """Return shares of variance and reciprocities with intervals."""
    shown = [
        row
        for row in components
        if row["effect"]
        in ("share of focal persons", "generalised reciprocity", "dyadic reciprocity")
    ]
    return IntervalPlot(
        name="shares",
        title=f"Shares of variance and reciprocity of {rows.outcome_label}",
        alt="Shares of focal persons and reciprocities with intervals, as in the table.",
        axis="Share or correlation",
        intervals=tuple(
            Interval(row["label"], row["estimate"], row["conf_low"], row["conf_high"], KEY)
            for row in shown
        ),
        style="statistic",
        reference=0.0,
        limits=(-1.0, 1.0) if rows.reciprocal else (0.0, 1.0),
        interval=f"{percent} CI",
    )
