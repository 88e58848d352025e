"""A sheet of an .xlsx workbook → its cells as texts."""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from dyadkit.errors import DataError, DyadKitError, StudyError, listed, nearest
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Rows, cause_of, check_size
from dyadkit.loading.reading.sheet_markup import read_markup
from dyadkit.loading.reading.workbook_guard import check_workbook
from dyadkit.loading.reading.written import number_text, time_texts

# The rows of the largest sheet that spreadsheet programs make.
MOST_ROWS = 1_048_576
# A spreadsheet keeps 15 significant digits of a number.
_FIRST_INEXACT = 10**15
_ZEROS = re.compile(r"0{2,}")
# The letter of a carriage return in the XML of a sheet.
_RETURN = "_x000D_"


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet, before anybody knows which rows are its header.

    Attributes
    ----------
    records : sequence of sequences of str
        They may differ in length.
    rows : ndarray of int, shape (n,)
        The row of each record as a spreadsheet shows it.
    dates : mapping
        For the position of a column, the positions of the records where it holds a date.
    """

    records: Sequence[Sequence[str]]
    rows: Rows
    sheet: str = ""
    dates: Mapping[int, Sequence[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    """What was seen on the way through a sheet: cells of each kind, by their names."""

    errors: list[str] = field(default_factory=list)
    inexact: list[str] = field(default_factory=list)
    dates: dict[int, list[int]] = field(default_factory=dict)


def read_workbook(path: Path, *, name: str, sheet: str | None = None) -> Grid:
    """Read one sheet of a workbook, row by row.

    Numbers become their shortest text ("5", "4.5"), dates ISO 8601, truth values "True" and
    "False", and error values such as #N/A empty; formulas count with their stored result.  A
    number shown with leading zeros, by a format such as 00000, keeps them.

    Parameters
    ----------
    path : pathlib.Path
        An existing .xlsx file.
    name : str
        What messages call it.
    sheet : str, optional
        May be left out when only one sheet has anything in it.

    Returns
    -------
    Grid
        Without the empty rows at the end.

    Raises
    ------
    StudyError
        When there is no such sheet, or none is named and several have something in them.
    DataError
        When the file is damaged, locked, a zip bomb or no workbook, or when a formula has no
        stored result.
    """
    check_workbook(path, name)
    with warnings.catch_warnings():
        # They are about decoration that openpyxl does not keep, and about dates that are errors.
        warnings.filterwarnings("ignore", module=r"openpyxl(\.|$)")
        try:
            # Opened here, for openpyxl leaves a damaged file open.
            with path.open("rb") as file:
                return _read(file, name, sheet)
        except DyadKitError:
            raise
        except Exception as error:
            # A damaged part ends in whatever the parser stumbles over: XML, zlib, key, value.
            raise DataError(
                f"{name} is a damaged workbook ({cause_of(error)}). Open "
                "it in Excel or LibreOffice, which may repair it, and save it anew, or export it "
                "again."
            ) from error


def _read(file: IO[bytes], name: str, wanted: str | None) -> Grid:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheet = _choose_sheet(book, name, wanted)
    with sheet._get_source() as source:
        markup = read_markup(source)
    if markup.uncalculated:
        raise DataError(
            f"{name}: {plural(len(markup.uncalculated), 'cell')} of the sheet '{sheet.title}' "
            f"({listed(markup.uncalculated)}) hold formulas whose results are not stored in the "
            "file. Open it in Excel or LibreOffice, let it calculate, and save it; or replace the "
            "formulas by their values."
        )
    findings = _Findings()
    records = _records(sheet, name, findings)
    return Grid(
        records=records,
        rows=np.arange(1, len(records) + 1),
        sheet=sheet.title,
        dates=findings.dates,
        notes=(*markup.notes(name), *_notes(name, findings)),
    )


def _choose_sheet(book: Any, name: str, wanted: str | None) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if not sheets:
        raise DataError(
            f"{name} has no sheets that can be read. If it was saved as 'Strict Open XML', save it "
            "as an ordinary Excel workbook (.xlsx)."
        )
    titles = list(sheets)
    if wanted is not None:
        if wanted not in sheets:
            raise StudyError(
                f"{name} has no sheet called '{wanted}'.{nearest(wanted, titles)} Its sheets are: "
                f"{listed([repr(title) for title in titles], 20)}."
            )
        return sheets[wanted]
    filled = [title for title in titles if _is_filled(sheets[title])]
    shown = [title for title in filled if sheets[title].sheet_state == "visible"] or filled
    if not shown:
        raise DataError(f"{name} is empty: none of its sheets ({listed(titles)}) has a cell.")
    if len(shown) > 1:
        raise StudyError(
            f"{name} has {len(shown)} sheets with something in them: "
            f'{listed([repr(title) for title in shown], 20)}. Say which, with sheet = "…" in its '
            "[[source]]."
        )
    return sheets[shown[0]]


def _is_filled(sheet: Any) -> bool:
    return any(
        cell is not None and str(cell).strip() != ""
        for row in islice(_rows(sheet, values_only=True), MOST_ROWS)
        for cell in row
    )


def _rows(sheet: Any, *, values_only: bool) -> Iterator[Sequence[Any]]:
    # The size a sheet claims may be wrong either way, by a million rows.
    sheet.reset_dimensions()
    return iter(sheet.iter_rows(values_only=values_only))


def _records(sheet: Any, name: str, findings: _Findings) -> list[list[str]]:
    records: list[list[str]] = []
    last, widest = 0, 0
    for place, cells in enumerate(_rows(sheet, values_only=False)):
        if place >= MOST_ROWS:
            raise DataError(
                f"{name}: the sheet '{sheet.title}' claims more than {MOST_ROWS:,} rows, which no "
                "spreadsheet has; it is damaged. Save it anew, or as CSV."
            )
        record = [
            "" if cell.value is None else _text(cell, place, column, findings)
            for column, cell in enumerate(cells)
        ]
        while record and not record[-1]:
            record.pop()
        records.append(record)
        if record:
            last, widest = place + 1, max(widest, len(record))
            check_size(name, last, widest)
    return records[:last]


def _text(cell: Any, row: int, column: int, findings: _Findings) -> str:
    value = cell.value
    if cell.data_type == "e":
        findings.errors.append(cell.coordinate)
        return ""
    if isinstance(value, str):
        return value.replace(_RETURN, "") if _RETURN in value else value
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return _number(cell, value, findings)
    if isinstance(value, datetime.datetime):
        findings.dates.setdefault(column, []).append(row)
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else _to_milliseconds(value)
    if isinstance(value, datetime.date):
        findings.dates.setdefault(column, []).append(row)
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return time_texts(np.array([value / datetime.timedelta(milliseconds=1)]))[0]
    return value.isoformat() if isinstance(value, datetime.time) else str(value)


def _number(cell: Any, value: float, findings: _Findings) -> str:
    if abs(value) >= _FIRST_INEXACT and abs(value) != float("inf"):
        findings.inexact.append(cell.coordinate)
    text = str(value) if isinstance(value, int) else number_text(value)
    shown = _ZEROS.fullmatch(str(cell.number_format).split(";")[0])
    if shown and text.isdecimal():
        return text.zfill(len(shown[0]))
    return text


def _to_milliseconds(value: datetime.datetime) -> str:
    """Write a time as a spreadsheet means it: its fractions of a day are not exact."""
    rounded = value + datetime.timedelta(microseconds=500)
    return rounded.isoformat(timespec="milliseconds").removesuffix(".000")


def _notes(name: str, findings: _Findings) -> list[str]:
    notes = []
    if findings.errors:
        notes.append(
            f"{name}: {plural(len(findings.errors), 'cell')} with an error value such as #N/A "
            f"({listed(findings.errors)}) counted as empty."
        )
    if findings.inexact:
        notes.append(
            f"{name}: {plural(len(findings.inexact), 'cell')} ({listed(findings.inexact)}) hold "
            "numbers of more than 15 digits, of which a spreadsheet keeps 15 only. If they are "
            "ids, format the column as text before pasting them in, or export them as CSV."
        )
    return notes
