"""Any export file → a `RawTable`: the reader is chosen by the file's ending."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.loading.columnar import read_columnar
from dyadkit.loading.delimited import read_delimited
from dyadkit.loading.headers import read_header
from dyadkit.loading.problems import plural
from dyadkit.loading.raw import Grid, RawTable, with_text
from dyadkit.loading.signatures import describe_content
from dyadkit.loading.statistical import read_statistical
from dyadkit.loading.workbook import read_workbook

_TEXT = (".csv", ".tsv", ".tab", ".txt")
_WORKBOOKS = (".xlsx", ".xlsm")
_STATISTICAL = (".sav", ".zsav", ".dta")
_COLUMNAR = (".parquet",)
_SUFFIXES = (*_TEXT, *_WORKBOOKS, *_STATISTICAL, *_COLUMNAR)
_INSTEAD = {
    ".xls": "Open it in Excel or LibreOffice and save it as .xlsx.",
    ".xlsb": "Open it in Excel or LibreOffice and save it as .xlsx.",
    ".ods": "Open it in LibreOffice and save it as .xlsx.",
    ".numbers": "Open it in Numbers and export it as .xlsx.",
    ".por": "Open it in SPSS and save it as .sav.",
    ".zip": "Unpack it, and name the file that is in it.",
    ".gz": "Unpack it, and name the file that is in it.",
    ".rds": "Read it in R and write it as .parquet, .sav or .csv.",
    ".rdata": "Read it in R and write it as .parquet, .sav or .csv.",
    ".sas7bdat": "Export it from SAS as .sav or .csv.",
}
_SETTINGS = {
    "sheet": _WORKBOOKS,
    "delimiter": _TEXT,
    "encoding": (*_TEXT, *_STATISTICAL),
    "header": (*_TEXT, *_WORKBOOKS),
}


def read_file(
    path: Path,
    *,
    name: str,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: int | None = None,
    may_be_empty: bool = False,
) -> RawTable:
    """Read an export file of any format.

    Parameters
    ----------
    path : pathlib.Path
        .csv, .tsv, .tab, .txt, .xlsx, .xlsm, .sav, .zsav, .dta or .parquet.
    name : str
        What messages call the file.
    sheet : str, optional
        The sheet of a workbook that has several.
    delimiter, encoding, header : optional
        Only where detection is wrong; `header` is the number of header rows.
    may_be_empty : bool
        Whether a header alone is all right.

    Returns
    -------
    RawTable

    Raises
    ------
    StudyError
        When there is no such file, its ending is none of these, a setting does not apply to its
        format, or the sheet is not there.
    DataError
        When it is empty, damaged, or not what its ending says.
    """
    suffix = path.suffix.lower()
    _check_file(path, name, suffix)
    given = {"sheet": sheet, "delimiter": delimiter, "encoding": encoding, "header": header}
    for setting, suffixes in _SETTINGS.items():
        if given[setting] is not None and suffix not in suffixes:
            raise StudyError(
                f"{name}: '{setting}' says nothing about {suffix} files; it is for "
                f"{listed(suffixes)}. Take it out of its [[source]]."
            )
    if suffix in _STATISTICAL:
        table = read_statistical(path, name=name, encoding=encoding)
    elif suffix in _COLUMNAR:
        table = read_columnar(path, name=name)
    else:
        grid = (
            read_workbook(path, name=name, sheet=sheet)
            if suffix in _WORKBOOKS
            else _read_text_file(path, name, delimiter, encoding)
        )
        table = _to_table(grid, name, header)
    if not len(table) and not may_be_empty:
        raise DataError(
            f"{name} has a header ({listed(table.columns, 6)}) but no rows below it. Export it "
            "again, or take it out of the study file."
        )
    return table


def _check_file(path: Path, name: str, suffix: str) -> None:
    """Refuse what is not there, is no file, or has an ending that says nothing."""
    try:
        if path.is_dir():
            raise StudyError(f"{name}: {path} is a folder; name the export file in it.")
        if not path.exists():
            raise StudyError(f"{name}: there is no file {path}.{_near(path)}")
        if not path.is_file():
            raise StudyError(f"{name}: {path} is no ordinary file, so it cannot be an export.")
        if suffix not in _SUFFIXES:
            instead = _INSTEAD.get(suffix, "Export it as one of these.")
            raise StudyError(
                f"{name}: {path.name} ends in '{suffix}', which cannot be read; the endings that "
                f"can are {listed(_SUFFIXES, 20)}. {instead}"
            )
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise StudyError(f"{name}: {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StudyError(f"{name}: {str(path)!r} cannot be the name of a file.") from error
    if empty:
        raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")


def _near(path: Path) -> str:
    """Say what is where the file should be."""
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    holds = listed(names) or "nothing"
    return f"{nearest(path.name, names)} The folder {path.parent} holds: {holds}."


def _read_text_file(path: Path, name: str, delimiter: str | None, encoding: str | None) -> Grid:
    what = describe_content(path)
    if what not in ("", "a text file"):
        raise DataError(
            f"{name} is called {path.suffix} but is {what}, no text file. Give it the ending of "
            "what it is, or export it again as CSV (UTF-8)."
        )
    return read_delimited(path, name=name, delimiter=delimiter, encoding=encoding)


def _to_table(grid: Grid, name: str, header: int | None) -> RawTable:
    """Tell the header from the rows below it."""
    filled = np.flatnonzero(with_text(grid.records))
    if not len(filled):
        raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")
    top = int(filled[0])
    head = read_header(grid.records[top : top + max(3, header or 0)], name=name, header=header)
    start = top + head.rows
    body = grid.records[start:]
    width = len(head.columns)
    cells = list(zip_longest(*body, fillvalue=""))[:width] if body else []
    cells += [("",) * len(body)] * (width - len(cells))
    beyond = with_text([record[width:] for record in body])
    text_file = bool(grid.delimiter)
    notes = list(grid.notes)
    if not text_file and beyond.any():
        rows = grid.rows[start:][beyond].tolist()
        notes.append(
            f"{name}: {plural(len(rows), 'row')} ({listed(rows)}) of the sheet '{grid.sheet}' have "
            "cells right of the table, in columns without a name, which were not read."
        )
    widths = np.fromiter(map(len, body), dtype=np.int64, count=len(body))
    return RawTable(
        name=name,
        columns=head.columns,
        rows=grid.rows[start:],
        blank=~with_text(body),
        # A sheet does not store the empty cells at the end of a row.
        short=(widths < width) & text_file,
        long=beyond & text_file,
        cells=tuple(cells),
        questions=head.questions,
        platform=head.platform,
        delimiter=grid.delimiter,
        aliases=head.aliases,
        dates=_date_columns(grid, head.columns, cells, start),
        sheet=grid.sheet,
        notes=tuple(notes),
    )


def _date_columns(
    grid: Grid, columns: Sequence[str], cells: Sequence[Sequence[str]], start: int
) -> frozenset[str]:
    """Return the columns in which every cell that is not empty is a date."""
    dated = set()
    for place, records in grid.dates.items():
        n_dates = sum(record >= start for record in records)
        if place < len(columns) and n_dates == sum(map(bool, cells[place])) > 0:
            dated.add(columns[place])
    return frozenset(dated)
