"""What each family of indices adds to the result, and how rows and cells of it are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from dyadkit.agreement.comparisons import Comparison
from dyadkit.display.figures import Figure
from dyadkit.display.formats import Format
from dyadkit.display.labels import wave_label
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import listed
from dyadkit.results import Note, Support, Total

_TIDY = (
    *("estimate", "std_error", "statistic", "df", "df2", "p_value", "conf_low", "conf_high"),
    *("n", "method"),
)


@dataclass(slots=True)
class Shown:
    """Estimates, tables, figures and words of one family of indices."""

    rows: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    supports: list[Support] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def add(self, other: Shown) -> None:
        """Take in what another family has to show."""
        for each in fields(self):
            getattr(self, each.name).extend(getattr(other, each.name))


def index_row(
    index: str,
    family: str,
    term: str,
    place: Mapping[str, str],
    found: object,
    **more: float | int | str,
) -> dict[str, Any]:
    """Return the row of `tidy` of one index.

    Parameters
    ----------
    index, family, term : str
        The index's name, its family, and what `tidy` calls the place.
    place : mapping of str
        The columns that tell where it belongs.
    found : object
        A result, from which the fields that `tidy` has are taken.
    **more
        Values in place of, or beside, those of the result.
    """
    values = {name: getattr(found, name) for name in _TIDY if hasattr(found, name)}
    return {
        "term": f"{index}: {term}",
        "family": family,
        "index": index,
        **place,
        **values,
        **more,
    }


def estimate_columns(
    name: str, title: str, style: Format, percent: str, spanner: str = ""
) -> tuple[Column, Column]:
    """Return the columns of an estimate and its interval."""
    interval: Format = "correlation_interval" if style == "correlation" else "interval"
    return (
        Column(name, title, style, spanner),
        Column(f"{name}_conf", percent, interval, spanner),
    )


def estimate_cells(found: Any, key: str) -> tuple[Cell, Cell]:
    """Return the cells of an estimate and its interval."""
    return Cell(found.estimate, key), Cell((found.conf_low, found.conf_high), key)


def placed_rows(
    comparisons: Sequence[Comparison], cells: Sequence[Sequence[Cell]]
) -> Iterator[Row]:
    """Yield the rows of comparisons, under the heading of their subject where it has several."""
    labels = [comparison.subject.label for comparison in comparisons]
    for place, (comparison, own) in enumerate(zip(comparisons, cells, strict=True)):
        parts = (wave_label(comparison.wave), comparison.level)
        label = ", ".join(part for part in parts if part)
        if not label and labels.count(labels[place]) == 1:
            yield Row((Cell(labels[place]), *own))
            continue
        if place == 0 or labels[place - 1] != labels[place]:
            yield Row((Cell(labels[place]),), heading=True)
        yield Row((Cell(label or "All"), *own))


def unused(why: str, **told: object) -> list[Note]:
    """Note the options that were given but have no effect."""
    given = [name for name, value in told.items() if value is not None and value != ()]
    if not given:
        return []
    return [Note(f"{listed(given)}: without effect, since {why}.", "warning")]
