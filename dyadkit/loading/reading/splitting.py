"""The lines of a delimited text file → its cells: by Arrow where it is plain, else by csv.

Both give the same cells: the csv module's, strict about quotation marks.  Arrow is many times
faster, and takes every block of lines in which all records have equally many cells, no line is
empty, and each quotation mark stands at an edge of a cell or is written twice.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.loading.reading.collecting import SIGN, Part, part_of_columns, part_of_records

# So many cells are Python texts at a time, where the csv module reads them.
_MOST_CELLS = 500_000
# Arrow splits so many bytes in one thread; a longer line is left to the csv module.
_ARROW_BLOCK = 1 << 19
_EMPTY_LINE = (b"\n\n", b"\n\r", b"\r\r")


class StrayQuotationMark(Exception):
    """A quotation mark stands where nobody can tell what it means.

    Attributes
    ----------
    row : int
        How many rows are above it.
    """

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def split_records(
    blocks: Iterable[bytes], delimiter: str, *, strict: bool
) -> Iterator[tuple[list[str], int]]:
    """Split text into records with the csv module, one by one.

    Parameters
    ----------
    blocks : iterable of bytes
        Whole lines of UTF-8.
    delimiter : str
    strict : bool
        Whether a stray quotation mark is an error.

    Yields
    ------
    record : list of str
    end : int
        The number of bytes up to its end.

    Raises
    ------
    csv.Error
        At a stray quotation mark, or a cell longer than the csv module's limit.

    Examples
    --------
    >>> list(split_records([b'a,b\\n"1\\n', b'2",3'], ",", strict=True))
    [(['a', 'b'], 4), (['1\\n2', '3'], 11)]
    """
    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for line in chain.from_iterable(map(io.BytesIO, blocks)):
            for part in line.splitlines(keepends=True):
                end += len(part)
                yield part.decode("utf-8")

    for record in _reader(lines(), delimiter, strict=strict):
        yield record, end


def split_parts(blocks: Iterable[bytes], delimiter: str, width: int) -> Iterator[Part]:
    """Split the rows below a header into cells.

    Parameters
    ----------
    blocks : iterable of bytes
        Whole lines of UTF-8.
    delimiter : str
    width : int
        How many columns the table has.

    Raises
    ------
    StrayQuotationMark
    """
    n_rows = 0
    waiting = filter(None, blocks)
    rest = b""
    signs: Collection[int] | None = None
    while block := rest + next(waiting, b""):
        whole, rest = _cut(block, delimiter)
        plain = None
        if whole:
            likely = _likely_signs(whole, delimiter, width) if signs is None else signs
            plain = _split_plain(whole, delimiter, width, likely)
            if plain is None and likely:
                plain = _split_plain(whole, delimiter, width, ())
        if plain:
            places = range(width) if signs is None else signs
            signs = [place for place in places if _are_signs(plain.columns[place])]
            parts = iter([plain])
        else:
            parts, rest = _split_quoted(block, waiting, delimiter, width), b""
        try:
            for part in parts:
                n_rows += len(part.short)
                yield part
        except StrayQuotationMark as stray:
            raise StrayQuotationMark(n_rows + stray.row) from None


def _cut(block: bytes, delimiter: str) -> tuple[bytes, bytes]:
    """Cut lines where the last whole record ends; nothing is whole if that is not so simple."""
    if b'"' not in block:
        return block, b""
    if len(delimiter.encode()) > 1:
        return b"", block
    text = np.frombuffer(block, dtype=np.uint8)
    marks = np.flatnonzero(text == ord('"'))
    # Outside a cell or inside, by turns.  One mark of two in a row closes and one opens again.
    edges = np.isin(np.arange(256), [*delimiter.encode(), *b'\r\n"'])
    first, opening, closing = marks[:1], marks[2::2], marks[1::2]
    if (first[0] and not edges[text[first[0] - 1]]) or not (
        edges[text[opening - 1]].all() and edges[text[closing[closing < len(text) - 1] + 1]].all()
    ):
        return b"", block
    if len(marks) % 2 == 0:
        return block, b""
    end = int(marks[-1])
    while end := 1 + max(block.rfind(b"\n", 0, end), block.rfind(b"\r", 0, end)):
        if np.searchsorted(marks, end) % 2 == 0:
            return block[:end], block[end:]
        end -= 1
    return b"", block


def _split_plain(block: bytes, delimiter: str, width: int, signs: Collection[int]) -> Part | None:
    """Split whole records that have equally many cells; None where it is not so simple.

    Columns of answers on a scale, whose cells hold one byte or none, are read as such: `signs`
    are the places of those that are tried.
    """
    from pyarrow import csv as arrow

    if len(delimiter.encode()) > 1:
        return None
    quoted = b'"' in block
    n_cells = len(next(split_records([block], delimiter, strict=True))[0])
    if not n_cells:
        return None
    names = [str(place) for place in range(n_cells)]
    try:
        table = arrow.read_csv(
            pa.py_buffer(block),
            arrow.ReadOptions(column_names=names, block_size=_ARROW_BLOCK),
            arrow.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                double_quote=quoted,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
            ),
            arrow.ConvertOptions(
                column_types={
                    name: SIGN if place in signs else pa.string()
                    for place, name in enumerate(names)
                },
                null_values=[""],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        # Some line is shorter, longer or larger than the others, which the csv module can split;
        # or a cell of the signs has several bytes.
        return None
    # For Arrow an empty line has as many cells as the others; looking for one takes as long as
    # splitting, so that only blocks with an empty first cell are looked through.
    first = table.column(0)
    empty = first.null_count or (first.type != SIGN and pc.any(pc.equal(first, "")).as_py())
    if empty and _has_empty_line(block):
        return None
    return part_of_columns(table.columns, width)


def _likely_signs(block: bytes, delimiter: str, width: int) -> list[int]:
    """Return the places of the cells in the first record that have one byte or none."""
    first, _ = next(split_records([block], delimiter, strict=True))
    return [place for place, cell in enumerate(first[:width]) if len(cell.encode()) <= 1]


def _are_signs(texts: Any) -> bool:
    """Tell whether no text has more than one byte."""
    return bool(texts.type == SIGN or pc.max(pc.binary_length(texts)).as_py() <= 1)


def _has_empty_line(block: bytes) -> bool:
    return block[:1] in (b"\n", b"\r") or any(two in block for two in _EMPTY_LINE)


def _split_quoted(
    block: bytes, waiting: Iterator[bytes], delimiter: str, width: int
) -> Iterator[Part]:
    """Split a block with the csv module, and as many after it as its last record goes on in."""
    left = 0

    def lines() -> Iterator[str]:
        nonlocal left
        for text in chain([block], waiting):
            whole = text.splitlines(keepends=True)
            left = len(whole)
            for line in whole:
                left -= 1
                yield line.decode("utf-8")

    most = max(1, _MOST_CELLS // max(width, 1))
    records: list[list[str]] = []
    try:
        for record in _reader(lines(), delimiter, strict=True):
            records.append(record)
            if len(records) == most or not left:
                yield part_of_records(records, width)
                records = []
            if not left:
                return
    except csv.Error:
        raise StrayQuotationMark(len(records)) from None


def _reader(lines: Iterator[str], delimiter: str, *, strict: bool) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != " ", strict=strict)


@contextmanager
def cells_of_any_length() -> Iterator[None]:
    """Lift the csv module's limit on the length of a cell, which holds for the whole process."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)
