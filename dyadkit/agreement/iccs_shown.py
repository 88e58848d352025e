"""Intraclass correlations as a table, and coefficients of agreement as a figure."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.concordance_correlation import Concordance
from dyadkit.agreement.intraclass import RaterIcc
from dyadkit.agreement.shown import estimate_cells, estimate_columns
from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.tables import Cell, Column, Row, Table


def icc_table(found: Sequence[tuple[Comparison, Sequence[RaterIcc]]], percent: str) -> Table:
    """Lay out the forms of the intraclass correlation of each comparison."""
    body: list[Row] = []
    for comparison, forms in found:
        key = comparison.key
        body.append(Row((Cell(comparison.label),), heading=True))
        for form in forms:
            test = (form.statistic, form.df, form.df2, form.p_value)
            names = (Cell(form.name), Cell(form.shrout_fleiss))
            cells = (Cell(value, key) for value in test)
            body.append(Row((*names, *estimate_cells(form, key), *cells)))
    return Table(
        name="intraclass",
        title="Intraclass correlations under both of their names",
        columns=(
            Column("mcgraw_wong", "McGraw & Wong"),
            Column("shrout_fleiss", "Shrout & Fleiss"),
            *estimate_columns("icc", "ICC", "correlation", percent),
            Column("f", "F", "statistic"),
            Column("df1", "df1", "df"),
            Column("df2", "df2", "df"),
            Column("p", "p", "p_value"),
        ),
        rows=tuple(body),
        notes=(
            "1: which member is which does not count. A: the members' roles are told apart, and "
            "differences in level count; C: they do not. k: of the mean of both. F tests are "
            "two-sided.",
        ),
    )


def coefficient_plot(
    found: Sequence[tuple[Comparison, str, RaterIcc | Concordance]], percent: str
) -> IntervalPlot:
    """Show coefficients side by side: of each variable, wave and group."""
    return IntervalPlot(
        name="agreement",
        title="Agreement of the two members",
        alt="Agreement coefficients with their confidence intervals, as in the table of agreement.",
        axis="Agreement",
        intervals=tuple(
            Interval(
                comparison.label,
                index.estimate,
                index.conf_low,
                index.conf_high,
                comparison.key,
                name,
            )
            for comparison, name, index in found
        ),
        style="correlation",
        reference=0.0,
        limits=(-1.0, 1.0),
        interval=percent,
    )
