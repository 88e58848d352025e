"""Tables as specifications: what stands in each cell, how it is written, and who supports it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

import pandas as pd

from dyadkit.display.formats import Format, format_value

SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table.

    Attributes
    ----------
    value : object
        A number, a text, a pair of numbers (an interval), None (prints as a dash) or an empty
        text (prints nothing).
    key : str or None
        The support behind the value; None for what tells of nobody's answers (labels, ranges,
        counts of the sample flow).
    style : str or None
        How to write it, where it differs from its column.
    """

    value: object
    key: str | None = None
    style: Format | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in files, its heading in print, and how its values are written."""

    name: str
    heading: str
    style: Format = "text"
    spanner: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells, or a heading that spans the table."""

    cells: tuple[Cell, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A publication table before anything is hidden or written.

    Attributes
    ----------
    name : str
        Short, for file names and for `Result.tables`.
    title : str
        In print, above the table.
    columns, rows : tuple
        The body; every row that is no heading has one cell a column.
    notes : tuple of str
        In print, below the table.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            expected = 1 if row.heading else len(self.columns)
            if len(row.cells) != expected:
                raise ValueError(
                    f"table '{self.name}': a row has {len(row.cells)} cells, not {expected}"
                )


@dataclass(frozen=True, slots=True)
class ShownRow:
    """The texts of a row, ready to print."""

    texts: tuple[str, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table with its hidden cells gone: what reports print and Jupyter shows."""

    name: str
    title: str
    headings: tuple[str, ...]
    spanners: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[ShownRow, ...]
    notes: tuple[str, ...]
    _values: pd.DataFrame = field(repr=False, compare=False)

    def to_frame(self) -> pd.DataFrame:
        """Return the values unrounded; a hidden value reads "suppressed", a blank is None."""
        return self._values.copy()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(text)}</th>" for text in self.headings)
        over = "".join(f"<th colspan='{width}'>{escape(text)}</th>" for text, width in self._over())
        spanned = f"<tr>{over}</tr>" if any(self.spanners) else ""
        body = "".join(
            f"<tr><th colspan='{len(self.headings)}'>{escape(row.texts[0])}</th></tr>"
            if row.heading
            else "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row.texts) + "</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        return (
            f"<table><caption>{escape(self.title)}</caption><thead>{spanned}<tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{notes}"
        )

    def _over(self) -> Iterator[tuple[str, int]]:
        for text, columns in groupby(self.spanners):
            yield text, len(list(columns))


def show_table(table: Table, hidden: frozenset[str], minimum: str) -> ShownTable:
    """Hide what must be hidden and write the rest.

    Parameters
    ----------
    table : Table
    hidden : frozenset of str
        Support keys, from `disclosure.hidden_keys`.
    minimum : str
        How the threshold reads in the note below a table with hidden cells.
    """
    any_hidden = False
    rows: list[ShownRow] = []
    records: list[list[object]] = []
    section = ""
    has_sections = any(row.heading for row in table.rows)
    for row in table.rows:
        if row.heading:
            section = str(row.cells[0].value)
            rows.append(ShownRow((section,), heading=True))
            continue
        texts: list[str] = []
        record: list[object] = [section] if has_sections else []
        for cell, column in zip(row.cells, table.columns, strict=True):
            style = cell.style or column.style
            concealed = cell.key in hidden
            any_hidden |= concealed
            texts.append("s" if concealed else format_value(cell.value, style))
            paired = column.style.endswith("interval")
            if paired:
                pair = cell.value if isinstance(cell.value, tuple) else (None, None)
                record += [SUPPRESSED, SUPPRESSED] if concealed else list(pair)
            else:
                blank = isinstance(cell.value, str) and not cell.value
                record.append(SUPPRESSED if concealed else None if blank else cell.value)
        rows.append(ShownRow(tuple(texts)))
        records.append(record)
    notes = table.notes
    if any_hidden:
        notes = (*notes, f"s = suppressed to protect participants ({minimum}).")
    return ShownTable(
        name=table.name,
        title=table.title,
        headings=tuple(column.heading for column in table.columns),
        spanners=tuple(column.spanner for column in table.columns),
        numeric=tuple(column.style != "text" for column in table.columns),
        rows=tuple(rows),
        notes=notes,
        _values=_frame(records, _names(table.columns, has_sections)),
    )


def _frame(records: Sequence[Sequence[object]], names: Sequence[str]) -> pd.DataFrame:
    """Gather values by column; whole numbers stay whole beside a blank."""
    frame = pd.DataFrame(records, columns=list(names), dtype=object)
    for name in names:
        given = [value for value in frame[name] if value is not None]
        if given and all(isinstance(value, int) for value in given):
            frame[name] = frame[name].astype("Int64")
        elif given and all(isinstance(value, (int, float)) for value in given):
            frame[name] = frame[name].astype(float)
    return frame


def _names(columns: Sequence[Column], has_sections: bool) -> list[str]:
    names = ["section"] if has_sections else []
    for column in columns:
        if column.style.endswith("interval"):
            names += [f"{column.name}_low", f"{column.name}_high"]
        else:
            names.append(column.name)
    return names
