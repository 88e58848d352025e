"""Rows and cells of how far apart answers lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.deviation import Deviation
from dyadkit.agreement.guide import RATINGS
from dyadkit.agreement.limits import Limits
from dyadkit.agreement.shown import index_row
from dyadkit.display.tables import Cell, Column


def distance_rows(
    comparison: Comparison, limits: Limits, tdi: Deviation, coverage: Deviation | None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of `tidy`."""
    place, term = comparison.columns, comparison.term
    for side in ("lower", "upper"):
        values = {
            "estimate": getattr(limits, side),
            "conf_low": getattr(limits, f"{side}_low"),
            "conf_high": getattr(limits, f"{side}_high"),
            "n": limits.n,
            "method": limits.method,
        }
        yield index_row(f"{side} limit of agreement", RATINGS, term, place, None, **values)
    yield index_row("total deviation index", RATINGS, term, place, tdi, given=tdi.given)
    if coverage is not None:
        name = "coverage probability"
        yield index_row(name, RATINGS, term, place, coverage, given=coverage.given)


def distance_columns(tdi: Deviation, coverage: Deviation | None) -> tuple[Column, ...]:
    """Return the columns of the limits and of what follows from the differences' spread."""
    columns = (
        Column("limits", "Limits of agreement", "interval"),
        Column("tdi", f"{100 * tdi.given:g} % within", "statistic"),
    )
    if coverage is None:
        return columns
    return (*columns, Column("coverage", f"Within {coverage.given:g}", "percent"))


def distance_cells(
    key: str, limits: Limits, tdi: Deviation, coverage: Deviation | None
) -> tuple[Cell, ...]:
    """Return the cells of these columns."""
    cells = (Cell((limits.lower, limits.upper), key), Cell(tdi.estimate, key))
    return cells if coverage is None else (*cells, Cell(coverage.estimate, key))
