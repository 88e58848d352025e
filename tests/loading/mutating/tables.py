"""Tables that are known cell by cell, and the export files that they become."""

from __future__ import annotations

import datetime
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from unicodedata import normalize

import pandas as pd
import pyarrow as pa
import pyreadstat
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from pyarrow import parquet

#: A cell that is written to a workbook as a formula without a result.
FORMULA = "=2+2"
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,8}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,6})\.[0-9]{0,4}[1-9]")
_DAY = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])")
# When a workbook, and when an SPSS or Stata file was made; and what stands there instead.
_MADE_AT = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_SAVED_AT = re.compile(rb"[0-9]{2} [A-Z][a-z]{2} [0-9 :]{10}")
_STAMPS = {"sav": b"01 Jan 2600:00:00", "dta": b"01 Jan 2026 00:00"}
# What a cell of each format can hold, in characters.
_LONGEST = {"xlsx": 32_767, "sav": 3_000, "dta": 400}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is written: its format, and for a text file everything that programs vary."""

    kind: str = "text"
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    quote_all: bool = False
    #: Whether days in a workbook are dates, not texts.
    dates: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An export file: names of columns, rows between these and the records, and the records.

    A record may have fewer or more cells than there are columns; one without cells is an empty
    line.  Columns in `numeric` are numbers in formats that know numbers, where their cells are.
    """

    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    manner: Manner = Manner()
    above: tuple[tuple[str, ...], ...] = ()
    numeric: frozenset[str] = frozenset()

    @property
    def first_row(self) -> int:
        """The number that a reader of the file sees at the first record."""
        return 2 + len(self.above) if self.manner.kind in ("text", "xlsx") else 1

    def texts(self, column: str) -> list[str]:
        """The cells of the only column of a name, as a reader of texts sees them."""
        place = self.names.index(column)
        return [
            normalize("NFC", record[place]).strip() if place < len(record) else ""
            for record in self.records
        ]

    @property
    def names(self) -> list[str]:
        """The columns' names, as a reader of texts sees them."""
        return [normalize("NFC", column).strip() for column in self.columns]


def storable(table: Table) -> Table:
    """Return the table as its format can hold it; this is what counts as written."""
    kind = table.manner.kind
    clean = _CLEANING[kind](table.manner)
    columns = tuple(clean(column)[:200] for column in table.columns)
    records = [tuple(clean(cell) for cell in record) for record in table.records]
    if kind == "xlsx":
        # A sheet ends with its last filled row.
        while records and not any(records[-1]):
            records.pop()
    if kind not in ("text", "xlsx"):
        width = len(columns)
        records = [(*record, *[""] * width)[:width] for record in records]
    if kind in ("sav", "dta"):
        columns = _variable_names(columns)
    return replace(
        table,
        columns=columns,
        records=tuple(records),
        above=tuple(tuple(clean(cell) for cell in row) for row in table.above),
    )


def _clean_text(manner: Manner) -> Callable[[str], str]:
    codec = manner.encoding
    return lambda text: text.encode(codec, "ignore").decode(codec).removeprefix("\ufeff")


def _clean_workbook(manner: Manner) -> Callable[[str], str]:
    return lambda text: ILLEGAL_CHARACTERS_RE.sub("", text.replace("\r", " "))[: _LONGEST["xlsx"]]


def _clean_statistical(manner: Manner) -> Callable[[str], str]:
    longest = _LONGEST[manner.kind]
    return lambda text: text.replace("\0", "")[:longest]


_CLEANING = {
    "text": _clean_text,
    "xlsx": _clean_workbook,
    "sav": _clean_statistical,
    "dta": _clean_statistical,
    "parquet": lambda manner: lambda text: text,
}


def _variable_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return names that statistics programs allow: letters, digits, none of them twice."""
    names: list[str] = []
    for place, column in enumerate(columns):
        name = re.sub(r"[^A-Za-z0-9_]", "_", column)[:24] or "v"
        name = name if name[0].isalpha() else f"v{name}"
        known = {other.casefold() for other in names}
        names.append(f"{name}_{place}" if name.casefold() in known else name)
    return tuple(names)


def write_table(table: Table) -> bytes:
    """Return the bytes of a file that holds a `storable` table."""
    return _WRITERS[table.manner.kind](table)


def _write_text(table: Table) -> bytes:
    # Not by the csv module, which leaves a carriage return bare when lines end otherwise.
    manner = table.manner
    lines = [
        manner.delimiter.join(_quoted(cell, manner, alone=len(record) == 1) for cell in record)
        for record in (table.columns, *table.above, *table.records)
    ]
    return "".join(line + manner.line_end for line in lines).encode(manner.encoding)


def _quoted(cell: str, manner: Manner, *, alone: bool) -> str:
    special = {manner.delimiter, '"', "\r", "\n", " "}
    bare = not manner.quote_all and not special.intersection(cell) and (cell or not alone)
    return cell if bare else '"' + cell.replace('"', '""') + '"'


def _write_workbook(table: Table) -> bytes:
    book = Workbook()
    sheet = book.active
    body = 2 + len(table.above)
    for row, record in enumerate([table.columns, *table.above, *table.records], start=1):
        for column, text in enumerate(record, start=1):
            name = table.columns[column - 1] if column <= len(table.columns) else ""
            if text and (row < body or name not in table.numeric or _number(text) is None):
                dated = table.manner.dates and row >= body and _DAY.fullmatch(text)
                cell = sheet.cell(row, column, datetime.date.fromisoformat(text) if dated else text)
                if not dated and text != FORMULA:
                    cell.data_type = "s"
            elif text:
                sheet.cell(row, column, _number(text))
    made = io.BytesIO()
    book.save(made)
    return timeless(made.getvalue())


def timeless(made: bytes) -> bytes:
    """Write an archive anew, without the time at which it was made."""
    again = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as old,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _MADE_AT.sub(b"2026-01-01T00:00:00Z", data)
            new.writestr(zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0)), data)
    return again.getvalue()


def _write_statistical(table: Table) -> bytes:
    write = pyreadstat.write_sav if table.manner.kind == "sav" else pyreadstat.write_dta
    frame = pd.DataFrame(
        {
            name: pd.Series(
                values, dtype="object" if any(isinstance(v, str) for v in values) else "float64"
            )
            for name, values in _typed(table)
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{table.manner.kind}"
        write(frame, str(path))
        return _SAVED_AT.sub(_STAMPS[table.manner.kind], path.read_bytes(), count=1)


def _write_parquet(table: Table) -> bytes:
    typed = _typed(table)
    arrays = [
        pa.array(values, pa.string() if any(isinstance(v, str) for v in values) else pa.float64())
        for _, values in typed
    ]
    made = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, names=[name for name, _ in typed]), made)
    return made.getvalue()


_WRITERS: dict[str, Callable[[Table], bytes]] = {
    "text": _write_text,
    "xlsx": _write_workbook,
    "sav": _write_statistical,
    "dta": _write_statistical,
    "parquet": _write_parquet,
}


def _typed(table: Table) -> list[tuple[str, list[str] | list[float | None]]]:
    """Return columns of numbers where all of a numeric column's cells are, else of texts."""
    columns: list[tuple[str, list[str] | list[float | None]]] = []
    for place, name in enumerate(table.columns):
        texts = [record[place] for record in table.records]
        numbers = [_number(text) for text in texts]
        plain = all(
            not text or number is not None for text, number in zip(texts, numbers, strict=True)
        )
        columns.append((name, numbers if name in table.numeric and plain else texts))
    return columns


def _number(text: str) -> float | None:
    """Return the number that is written as this text, if there is one."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else None
