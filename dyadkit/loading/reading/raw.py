"""A file as it stands, whatever its format: every cell a text, and what the file says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dyadkit.errors import DataError

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Rows = np.ndarray[tuple[int], np.dtype[np.int64]]

# A table of this many cells takes several gigabytes; no survey has as many.
MOST_CELLS = 200_000_000


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as it stands: every cell a text, an empty cell an empty text.

    Attributes
    ----------
    columns : tuple of str
        The names in the file, which may repeat.
    rows : ndarray of int, shape (n,)
        The number of each record as the program that owns the file shows it: in a spreadsheet or
        text file its row, the header being row 1; elsewhere its case number, from 1.
    blank, short, long : ndarray of bool, shape (n,)
        Records without any text; with fewer cells than the header; with text right of its end.
    cells : tuple of tuple of str
        One tuple for each column.
    questions : mapping
        The question text of a column, where the file has one.
    platform : str
        "qualtrics", "limesurvey", "surveymonkey", or "" for a plain file.
    delimiter : str
        What delimits the cells of a text file; empty for other formats.
    aliases : mapping
        Further names a column goes by, such as "Finished" for the V10 of an old Qualtrics export.
    missing : mapping
        The texts of a column that the file itself declares missing; ranges of codes are resolved
        against the codes that occur.
    value_labels : mapping
        For a column, the text of each code to its label.
    dates : frozenset of str
        Columns that hold dates, which are written as ISO 8601.
    sheet : str
        The sheet of a workbook.
    notes : tuple of str
        What the reader should know about how the file was read.
    """

    name: str
    columns: tuple[str, ...]
    rows: Rows
    blank: Mask
    short: Mask
    long: Mask
    cells: tuple[tuple[str, ...], ...]
    questions: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    delimiter: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: frozenset[str] = frozenset()
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, name: str) -> bool:
        """Tell whether a column goes by this name."""
        return name in self.columns or name in self.aliases

    def own_name(self, name: str) -> str:
        """Return the name in the file of a column that may be named by an alias."""
        return name if name in self.columns else self.aliases.get(name, name)

    def column(self, name: str) -> pd.Series:
        """Return the stripped texts of a column that the file has exactly once.

        Parameters
        ----------
        name : str
            The name in the file, or an alias.

        Raises
        ------
        ValueError
            When there is no such column, which callers check first.
        """
        cells = self.cells[self.columns.index(self.own_name(name))]
        return pd.Series(list(map(str.strip, cells)), dtype="object")


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a sheet or text file, before anybody knows which rows are its header.

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
    delimiter: str = ""
    sheet: str = ""
    dates: Mapping[int, Sequence[int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def with_text(records: Iterable[Sequence[str]]) -> Mask:
    """Mark the records that have any text.

    Examples
    --------
    >>> with_text([["", "a"], [" ", ""]]).tolist()
    [True, False]
    """
    return np.array([bool("".join(cells).strip()) for cells in records], dtype=bool)


def cause_of(error: Exception) -> str:
    """Say on one line what a library complained of.

    Examples
    --------
    >>> cause_of(KeyError("xl/workbook.xml"))
    "KeyError: 'xl/workbook.xml'"
    """
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(": ")


def check_size(name: str, n_rows: int, n_columns: int) -> None:
    """Refuse a table that cannot be a survey, before memory is spent on it.

    Raises
    ------
    DataError
        When it has more than `MOST_CELLS` cells.
    """
    if n_rows * n_columns > MOST_CELLS:
        raise DataError(
            f"{name} has {n_rows:,} rows and {n_columns:,} columns, {n_rows * n_columns:,} cells; "
            f"more than {MOST_CELLS:,} are not read. It is damaged or no survey: export it again, "
            "or save only the columns and rows that are needed."
        )
