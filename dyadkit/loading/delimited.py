"""A delimited text file → a table of texts, finding out how it was written."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, listed, nearest
from dyadkit.loading.decoding import read_text
from dyadkit.loading.problems import Problem, plural

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE = re.compile(r"sep=(.)\r?\n")
_SAMPLE = 200
_IMPORT_ID = re.compile(r"""\s*\{\s*["']importid["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as it stands: every cell a text, an empty cell an empty text.

    Attributes
    ----------
    columns : tuple of str
        The names in the file, which may repeat.
    rows : ndarray of int, shape (n,)
        The row of each record as a spreadsheet shows it, the header being row 1.
    blank, short, long : ndarray of bool, shape (n,)
        Records without any text; with fewer cells than the header; with text right of its end.
    questions : mapping
        The question text of a column, where the file has one.
    platform : str
        "qualtrics", or "" for a plain file.
    """

    name: str
    columns: tuple[str, ...]
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    blank: Mask
    short: Mask
    long: Mask
    cells: tuple[tuple[str, ...], ...]
    questions: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    delimiter: str = ","

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> pd.Series:
        """Return the stripped texts of a column that the file has exactly once."""
        cells = self.cells[self.columns.index(name)]
        return pd.Series(list(map(str.strip, cells)), dtype="object")


def read_delimited(
    path: Path,
    *,
    name: str,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: int | None = None,
    may_be_empty: bool = False,
) -> RawTable:
    """Read a CSV or TSV file of unknown delimiter and encoding.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        What messages call the file.
    delimiter, encoding, header : optional
        Only where detection is wrong; `header` is the number of header rows: 1, 2 (a row of
        question texts below the names) or 3 (Qualtrics).
    may_be_empty : bool
        Whether a header alone is all right.

    Raises
    ------
    StudyError
        When there is no such file, or it is of a format that cannot be read yet.
    DataError
        When it is empty, holds null bytes, cannot be decoded, or has a stray quotation mark.
    """
    text = read_text(path, name, encoding)
    announced = _SEP_LINE.match(text)
    separator = delimiter or (announced[1] if announced else _detect_delimiter(text))
    with _cells_of_any_length():
        records = _split(text, separator, name)
    if announced:
        # Spreadsheets read this line, and do not show it.
        records = records[1:]
    above = next((place for place, cells in enumerate(records) if _has_text(cells)), 0)
    records = records[above:]
    columns = tuple(cell.strip() for cell in records[0]) if records else ()
    while columns and not columns[-1]:
        columns = columns[:-1]
    qualtrics = len(records) > 2 and any(map(_IMPORT_ID.match, records[2]))
    heads = header or (3 if qualtrics else 1)
    if len(records) < heads:
        raise DataError(
            f"{name} has {plural(len(records), 'row')}, but header = {heads} announces {heads} "
            "header rows. Take 'header' out of its [[source]], or export the file again."
        )
    body = records[heads:]
    if not body and not may_be_empty:
        raise DataError(
            f"{name} has a header ({listed(columns, 6)}) but no rows below it. Export it again, "
            "or take it out of the study file."
        )
    questions = [" ".join(cell.split()) for cell in records[1]] if heads > 1 else []
    widths = np.fromiter(map(len, body), dtype=np.int64, count=len(body))
    cells = list(zip_longest(*body, fillvalue=""))
    beyond = cells[len(columns) :]
    return RawTable(
        name=name,
        columns=columns,
        rows=np.arange(len(body)) + above + heads + 1,
        blank=~_with_text(body),
        short=widths < len(columns),
        long=_with_text(list(zip(*beyond, strict=True)) or [()] * len(body)),
        cells=(*cells[: len(columns)], *[("",) * len(body)] * (len(columns) - len(cells))),
        questions={
            column: question
            for column, question in zip(columns, questions, strict=False)
            if column and question
        },
        platform="qualtrics" if heads == 3 else "",
        delimiter=separator,
    )


def require_columns(
    table: RawTable, needed: Mapping[str, str], *, secret: bool = False
) -> list[Problem]:
    """Complain about columns that are missing or named twice.

    Parameters
    ----------
    table : RawTable
    needed : mapping
        Column to what it is needed for.
    secret : bool
        Whether the file's first line must not be shown: a list of people without a header
        begins with a person.

    Returns
    -------
    list of Problem
        One for each kind of problem; empty when all is well.
    """
    problems = []
    missing = [column for column in needed if column not in table.columns]
    if missing and secret:
        problems.append(
            Problem(
                f"{table.name} has no column '{missing[0]}' in its first line, where "
                "the study file expects it. Write the name above the ids, or correct it in the "
                "[[withdrawal]]."
            )
        )
    elif missing and len(table.columns) == 1:
        problems.append(
            Problem(
                f"{table.name} was read as a single column, '{table.columns[0][:60]}', with the "
                f"delimiter {_DELIMITERS.get(table.delimiter, repr(table.delimiter))}. If cells "
                'are delimited otherwise, say delimiter = "…" in its [[source]]; if the header '
                "is missing, write one."
            )
        )
    elif missing:
        named = [
            f"'{column}' ({needed[column]}){nearest(column, table.columns)}"
            for column in missing[:6]
        ]
        more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
        problems.append(
            Problem(
                f"{table.name} lacks {plural(len(missing), 'column')} that the study file names: "
                f"{'; '.join(named)}{more}. The file's columns are: "
                f"{listed([column[:40] for column in table.columns], 25)}. Correct the name, or "
                "say in which roles and waves it was asked (roles = […], waves = […])."
            )
        )
    counts = Counter(table.columns)
    twice = [column for column in needed if counts[column] > 1]
    if twice:
        problems.append(
            Problem(
                f"{table.name} has more than one column called {listed(twice)}, so nobody can know "
                "which is meant. Rename one of them in the file."
            )
        )
    return problems


def _has_text(cells: Sequence[str]) -> bool:
    return bool("".join(cells).strip())


def _with_text(records: Sequence[Sequence[str]]) -> Mask:
    """Mark the records that have any text."""
    texts = map(str.strip, map("".join, records))
    return np.fromiter(map(bool, texts), dtype=bool, count=len(records))


def _detect_delimiter(text: str) -> str:
    """Choose the delimiter with which the rows have as many cells as the header has."""
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        records: list[list[str]] = []
        # A cell longer than the csv module likes ends it; the records above tell enough.
        with suppress(csv.Error):
            records.extend(islice(_reader(text, candidate, strict=False), _SAMPLE))
        widths = [len(record) for record in records if _has_text(record)]
        if widths and widths[0] > 1:
            fitting = sum(width == widths[0] for width in widths) / len(widths)
            score = (round(fitting, 1), widths[0])
            if score > best_score:
                best, best_score = candidate, score
    return best


def _split(text: str, delimiter: str, name: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        records.extend(_reader(text, delimiter, strict=True))
    except csv.Error:
        row = len(records) + 1
        raise DataError(
            f"{name}: row {row:,} has a stray quotation mark, so nobody can tell where its cells "
            f"end (the file was read with the delimiter "
            f"{_DELIMITERS.get(delimiter, repr(delimiter))}). A quotation mark within a quoted "
            'cell is written twice, "". Export the file again, or correct the row.',
            rows=[row],
        ) from None
    return records


def _reader(text: str, delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        skipinitialspace=delimiter != " ",
        strict=strict,
    )


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the csv module's limit on the length of a cell, which holds for the whole process."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
