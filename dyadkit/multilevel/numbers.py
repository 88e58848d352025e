"""Estimates with standard errors, intervals and tests, as the cells of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

from dyadkit.display.tables import Cell, Column, Row, Table

KEY = "model"


def number_columns(percent: str, t: str) -> tuple[Column, ...]:
    """Return the columns of estimates with t or z tests."""
    return (
        Column("estimate", "b", "statistic"),
        Column("std_error", "SE", "statistic"),
        Column("conf", f"{percent} CI", "interval"),
        Column("statistic", t, "statistic"),
        *((Column("df", "df", "df"),) if t == "t" else ()),
        Column("p_value", "p", "p_value"),
    )


def number_cells(row: Mapping[str, Any], *more: str) -> tuple[Cell, ...]:
    """Return the cells of an estimate below `number_columns`, and more columns of its row."""
    # A z test has no degrees of freedom, and no column for them.
    with_df = () if row.get("is_z") else (Cell(known(row["df"]), KEY),)
    return (
        Cell(row["estimate"], KEY),
        Cell(known(row["std_error"]), KEY),
        Cell((row["conf_low"], row["conf_high"]), KEY),
        Cell(known(row["statistic"]), KEY),
        *with_df,
        Cell(known(row["p_value"]), KEY),
        *(Cell(known(row[name]), KEY) for name in more),
    )


def component_columns(percent: str, heading: str = "Parameter") -> tuple[Column, ...]:
    """Return the columns of variances and correlations."""
    return (
        Column("component", heading),
        Column("estimate", "Estimate", "statistic_3"),
        Column("std_error", "SE", "statistic_3"),
        Column("conf", f"{percent} CI", "interval"),
    )


def component_cells(name: str, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return the cells of a variance or correlation below `component_columns`."""
    return (
        Cell(name),
        Cell(known(row["estimate"]), KEY),
        Cell(known(row["std_error"]), KEY),
        Cell((row["conf_low"], row["conf_high"]), KEY),
    )


def known(value: float) -> float | None:
    """Return a number, or None where there is none."""
    return None if isnan(value) else value


def equality_table(tests: Iterable[tuple[str, float, float, float]]) -> Table:
    """Show likelihood-ratio tests of equality of the roles: label, χ², df and p."""
    return Table(
        name="distinguishability",
        title="Do the two roles differ?",
        columns=(
            Column("restriction", "Restriction"),
            Column("statistic", "χ²", "statistic"),
            Column("df", "df", "count"),
            Column("p_value", "p", "p_value"),
        ),
        rows=tuple(
            Row((Cell(label), *(Cell(number, KEY) for number in numbers)))
            for label, *numbers in tests
        ),
        notes=("Each against the model in which everything differs, by maximum likelihood.",),
    )
