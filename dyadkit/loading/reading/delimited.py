"""A delimited text file → a table of texts, finding out how it was written."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import numpy as np

from dyadkit.errors import DataError, listed, nearest
from dyadkit.loading.decoding import read_text
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.raw import Grid, RawTable

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE = re.compile(r"sep=(.)\r?\n")
_SAMPLE = 200


def read_delimited(
    path: Path, *, name: str, delimiter: str | None = None, encoding: str | None = None
) -> Grid:
    """Read the cells of a CSV or TSV file of unknown delimiter and encoding.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        What messages call the file.
    delimiter, encoding : optional
        Only where detection is wrong.

    Raises
    ------
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
    return Grid(records, np.arange(1, len(records) + 1), delimiter=separator)


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
    missing = [column for column in needed if not table.has(column)]
    if missing and secret:
        problems.append(
            Problem(
                f"{table.name} has no column '{missing[0]}' in its first line, where "
                "the study file expects it. Write the name above the ids, or correct it in the "
                "[[withdrawal]]."
            )
        )
    elif missing and len(table.columns) == 1 and table.delimiter:
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
    twice = [column for column in needed if counts[table.own_name(column)] > 1]
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
