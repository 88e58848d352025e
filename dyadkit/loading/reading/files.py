"""Any export file → a `RawTable`: the reader is chosen by the file's ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.collecting import collect, part_of_records
from dyadkit.loading.reading.columnar import read_columnar
from dyadkit.loading.reading.delimited import open_delimited, read_body
from dyadkit.loading.reading.headers import read_header
from dyadkit.loading.reading.raw import RawTable, blank_rows, is_empty, with_text
from dyadkit.loading.reading.signatures import describe_content
from dyadkit.loading.reading.statistical import read_statistical
from dyadkit.loading.reading.workbook import Grid, read_workbook

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
# So many rows of a sheet become columns at a time.
_AT_ONCE = 10_000
_SETTINGS = {
    "sheet": _WORKBOOKS,
    "delimiter": _TEXT,
    "encoding": (*_TEXT, *_STATISTICAL),
    "header": (*_TEXT, *_WORKBOOKS),
}


def settings_of(path: Path) -> tuple[str, ...]:
    """Return the settings that say something about files with such an ending.

    Examples
    --------
    >>> settings_of(Path("answers.sav"))
    ('encoding',)
    """
    return tuple(name for name, endings in _SETTINGS.items() if path.suffix.lower() in endings)


def read_apart(path: Path) -> bool:
    """Tell whether a process of its own reads such files.

    Examples
    --------
    >>> read_apart(Path("answers.sav")), read_apart(Path("answers.csv"))
    (True, False)
    """
    return path.suffix.lower() in _STATISTICAL


def read_file(
    path: Path,
    *,
    name: str,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: int | None = None,
    may_be_empty: bool = False,
    on_rows: Callable[[int, int], None] | None = None,
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
    on_rows : callable, optional
        Called now and then with the number of bytes done and of all bytes, at the end at least.

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
    elif suffix in _WORKBOOKS:
        table = _sheet_table(read_workbook(path, name=name, sheet=sheet), name, header)
    else:
        table = _text_table(path, name, delimiter, encoding, header, on_rows)
    if on_rows is not None:
        on_rows(path.stat().st_size, path.stat().st_size)
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
        _complain_of_emptiness(name)


def _near(path: Path) -> str:
    """Say what is where the file should be."""
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    holds = listed(names) or "nothing"
    return f"{nearest(path.name, names)} The folder {path.parent} holds: {holds}."


def _text_table(
    path: Path,
    name: str,
    delimiter: str | None,
    encoding: str | None,
    header: int | None,
    on_rows: Callable[[int, int], None] | None,
) -> RawTable:
    what = describe_content(path)
    if what not in ("", "a text file"):
        raise DataError(
            f"{name} is called {path.suffix} but is {what}, no text file. Give it the ending of "
            "what it is, or export it again as CSV (UTF-8)."
        )
    opening = open_delimited(
        path, name=name, delimiter=delimiter, encoding=encoding, n_records=max(3, header or 0)
    )
    if not opening.records:
        _complain_of_emptiness(name)
    head = read_header(opening.records, name=name, header=header)
    body = read_body(
        path,
        opening,
        name=name,
        n_header=head.rows,
        width=len(head.columns),
        on_rows=on_rows,
    )
    first = opening.row + head.rows
    return RawTable(
        name=name,
        columns=head.columns,
        rows=np.arange(first, first + len(body.short)),
        blank=blank_rows(body.cells, len(body.short)) & ~body.beyond,
        short=body.short,
        long=body.beyond,
        cells=body.cells,
        questions=head.questions,
        platform=head.platform,
        delimiter=opening.delimiter,
        aliases=head.aliases,
        notes=opening.decoding.notes(name),
    )


def _sheet_table(grid: Grid, name: str, header: int | None) -> RawTable:
    """Tell the header of a sheet from the rows below it."""
    filled = np.flatnonzero(with_text(grid.records))
    if not len(filled):
        _complain_of_emptiness(name)
    top = int(filled[0])
    head = read_header(grid.records[top : top + max(3, header or 0)], name=name, header=header)
    start = top + head.rows
    width = len(head.columns)
    parts = (
        part_of_records(grid.records[place : place + _AT_ONCE], width)
        for place in range(start, len(grid.records), _AT_ONCE)
    )
    body = collect(parts, width)
    rows = grid.rows[start:]
    notes = list(grid.notes)
    if body.beyond.any():
        aside = rows[body.beyond].tolist()
        notes.append(
            f"{name}: {plural(len(aside), 'row')} ({listed(aside)}) of the sheet '{grid.sheet}' "
            "have cells right of the table, in columns without a name, which were not read."
        )
    # A sheet does not store the empty cells at the end of a row, and may have asides.
    neither = np.zeros(len(rows), dtype=bool)
    return RawTable(
        name=name,
        columns=head.columns,
        rows=rows,
        blank=blank_rows(body.cells, len(rows)) & ~body.beyond,
        short=neither,
        long=neither,
        cells=body.cells,
        questions=head.questions,
        platform=head.platform,
        aliases=head.aliases,
        dates=_date_columns(grid, head.columns, body.cells, start),
        sheet=grid.sheet,
        notes=tuple(notes),
    )


def _complain_of_emptiness(name: str) -> NoReturn:
    raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")


def _date_columns(
    grid: Grid, columns: Sequence[str], cells: Sequence[pd.Categorical], start: int
) -> frozenset[str]:
    """Return the columns in which every cell that is not empty is a date."""
    dated = set()
    for place, records in grid.dates.items():
        n_dates = sum(record >= start for record in records)
        if place < len(columns) and n_dates == (~is_empty(cells[place])).sum() > 0:
            dated.add(columns[place])
    return frozenset(dated)
