"""A delimited text file → a table of texts, finding out how it was written."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NoReturn

from dyadkit.errors import DataError, listed, nearest
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.collecting import Body, collect
from dyadkit.loading.reading.decoding import BLOCK, Decoding, find_decoding, utf8_blocks
from dyadkit.loading.reading.raw import RawTable
from dyadkit.loading.reading.splitting import (
    StrayQuotationMark,
    cells_of_any_length,
    split_parts,
    split_records,
)

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEP_LINE = re.compile(r'sep=([^\r\n"])\r?\n')
_SAMPLE = 200
# However long its cells are, this much of a file tells its delimiter.
_SAMPLE_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class Opening:
    """How a text file is written, and its first rows.

    Attributes
    ----------
    records : tuple of tuples of str
        From the first row with any text.
    row : int
        The row of the first record as a spreadsheet shows it.
    ends : tuple of int
        Where in the file, in bytes of UTF-8, each record ends.
    """

    decoding: Decoding
    delimiter: str
    records: tuple[tuple[str, ...], ...]
    row: int
    ends: tuple[int, ...]


def open_delimited(
    path: Path,
    *,
    name: str,
    delimiter: str | None = None,
    encoding: str | None = None,
    n_records: int = 3,
) -> Opening:
    """Find out the delimiter and encoding of a CSV or TSV file, and read its first rows.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        What messages call the file.
    delimiter, encoding : optional
        Only where detection is wrong.
    n_records : int
        How many rows to read, of those from the first that has any text.

    Raises
    ------
    StudyError
        When it cannot be opened, or there is no such encoding.
    DataError
        When it is empty, holds null bytes, cannot be decoded, or has a stray quotation mark.
    """
    decoding = find_decoding(path, name, encoding)
    start = next(_beginning(path, decoding))[:16].decode("utf-8", "replace")
    announced = _SEP_LINE.match(start)
    # Spreadsheets read the announcement, and do not show it.
    row = 0 if announced else 1
    records: list[tuple[str, ...]] = []
    ends: list[int] = []
    with cells_of_any_length():
        sign = delimiter or (announced[1] if announced else _detect_delimiter(path, decoding))
        blocks = (block for block, _ in utf8_blocks(path, decoding))
        try:
            for record, end in split_records(blocks, sign, strict=True):
                if records or (row and _has_text(record)):
                    records.append(tuple(record))
                    ends.append(end)
                else:
                    row += 1
                if len(records) == n_records:
                    break
        except csv.Error:
            _complain_of_quotation_mark(name, row + len(records), sign)
    return Opening(decoding, sign, tuple(records), row, tuple(ends))


def read_body(
    path: Path,
    opening: Opening,
    *,
    name: str,
    n_header: int,
    width: int,
    on_rows: Callable[[int, int], None] | None = None,
) -> Body:
    """Read the rows below the header of a CSV or TSV file.

    Parameters
    ----------
    path : pathlib.Path
    opening : Opening
        What `open_delimited` found.
    name : str
        What messages call the file.
    n_header : int
        How many of the first records are the header.
    width : int
        How many columns it has.
    on_rows : callable, optional
        Called now and then with the number of bytes done and of all bytes.

    Raises
    ------
    DataError
        When there is a stray quotation mark.
    """
    start = opening.ends[n_header - 1]
    n_bytes = path.stat().st_size

    def below() -> Iterator[bytes]:
        skip = start
        for block, done in utf8_blocks(path, opening.decoding, BLOCK):
            yield block[skip:]
            skip = max(0, skip - len(block))
            if on_rows is not None:
                on_rows(done, n_bytes)

    with cells_of_any_length():
        try:
            return collect(split_parts(below(), opening.delimiter, width), width)
        except StrayQuotationMark as stray:
            row = opening.row + n_header + stray.row
            _complain_of_quotation_mark(name, row, opening.delimiter)


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
                f"{table.name} was read as a single column, with the delimiter "
                f"{_DELIMITERS.get(table.delimiter, repr(table.delimiter))}. If cells "
                'are delimited otherwise, say delimiter = "…" in its [[source]]; if the header '
                "is missing, write one."
            )
        )
    elif len(missing) == len(needed) > 1:
        # Without a header the first row is somebody's, who may have refused.
        quoted = [f"'{column}'" for column in missing]
        problems.append(
            Problem(
                f"{table.name} has none of the {plural(len(needed), 'column')} that the study file "
                f"names ({listed(quoted)}). Its first row is not shown, since it may be a person's "
                "answers. Look whether the header is missing, whether rows stand above it, and "
                "whether the names in the study file are those of this file."
            )
        )
    elif missing:
        named = [
            f"'{column}' ({needed[column]}){nearest(column, table.columns)}"
            for column in missing[:6]
        ]
        more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
        scale = next((w for c in missing if (w := needed[c]).startswith("scale ")), "")
        other = (
            ". If items have other names in this file, list them in "
            f"[[{scale.replace('scale ', 'scale.')}.version]]"
            if scale
            else ""
        )
        problems.append(
            Problem(
                f"{table.name} lacks {plural(len(missing), 'column')} that the study file names: "
                f"{'; '.join(named)}{more}. The file's columns are: "
                f"{listed([column[:40] for column in table.columns], 25)}. Correct the name, or "
                f"say in which roles and waves it was asked (roles = […], waves = […]){other}."
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


def _beginning(path: Path, decoding: Decoding) -> Iterator[bytes]:
    return (block for block, _ in islice(utf8_blocks(path, decoding), _SAMPLE_BLOCKS))


def _detect_delimiter(path: Path, decoding: Decoding) -> str:
    """Choose the delimiter with which the rows have as many cells as the header has."""
    best, best_score = ",", (0.0, 0)
    for candidate in _DELIMITERS:
        blocks = _beginning(path, decoding)
        records = islice(split_records(blocks, candidate, strict=False), _SAMPLE)
        widths = [len(record) for record, _ in records if _has_text(record)]
        if widths and widths[0] > 1:
            fitting = sum(width == widths[0] for width in widths) / len(widths)
            score = (round(fitting, 1), widths[0])
            if score > best_score:
                best, best_score = candidate, score
    return best


def _complain_of_quotation_mark(name: str, row: int, delimiter: str) -> NoReturn:
    raise DataError(
        f"{name}: row {row:,} has a stray quotation mark, so nobody can tell where its cells "
        f"end (the file was read with the delimiter "
        f"{_DELIMITERS.get(delimiter, repr(delimiter))}). A quotation mark within a quoted "
        'cell is written twice, "". Export the file again, or correct the row.',
        rows=[row],
    )
