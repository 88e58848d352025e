"""Cells that come a few thousand rows at a time → the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.loading.reading.raw import (
    Codes,
    Mask,
    arrow_texts,
    cells_of,
    clean_texts,
    encode_arrow,
)

# A column with more distinct texts is encoded in one go when all of it is there.
_MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table.

    Attributes
    ----------
    columns : sequence of Array or ChunkedArray of string
    short, beyond : ndarray of bool, shape (n,)
        Rows with fewer cells than the header; with text right of its end.
    """

    columns: Sequence[Any]
    short: Mask
    beyond: Mask


@dataclass(frozen=True, slots=True)
class Body:
    """All rows of a table; see `Part`."""

    cells: tuple[pd.Categorical, ...]
    short: Mask
    beyond: Mask


def part_of_records(records: Sequence[Sequence[str]], width: int) -> Part:
    """Turn rows of cells into columns.

    Parameters
    ----------
    records : sequence of sequences of str
        They may differ in length.
    width : int
        How many columns the table has.

    Examples
    --------
    >>> part = part_of_records([["P1"], ["P2", "5", " ", "x"]], 2)
    >>> [column.to_pylist() for column in part.columns]
    [['P1', 'P2'], ['', '5']]
    >>> part.short.tolist(), part.beyond.tolist()
    ([True, False], [False, True])
    """
    widths = np.fromiter(map(len, records), dtype=np.int64, count=len(records))
    beyond = np.zeros(len(records), dtype=bool)
    for place in np.flatnonzero(widths > width).tolist():
        beyond[place] = bool("".join(records[place][width:]).strip())
    texts = list(zip_longest(*(record[:width] for record in records), fillvalue=""))
    texts += [("",) * len(records)] * (width - len(texts))
    return Part(tuple(map(arrow_texts, texts)), widths < width, beyond)


def part_of_columns(columns: Sequence[Any], width: int) -> Part:
    """Turn columns of equal length, one or more, into the columns of a table.

    Examples
    --------
    >>> part = part_of_columns([pa.array(["P1", "P2"]), pa.array([" ", "x"])], 1)
    >>> len(part.columns), part.beyond.tolist()
    (1, [False, True])
    """
    n_rows = len(columns[0])
    beyond = np.zeros(n_rows, dtype=bool)
    for column in columns[width:]:
        beyond |= pc.not_equal(clean_texts(_whole(column)), "").to_numpy(zero_copy_only=False)
    lacking = width - len(columns)
    empty = [pa.array([""] * n_rows, pa.large_string())] if lacking > 0 else []
    return Part([*columns[:width], *(empty * lacking)], np.full(n_rows, lacking > 0), beyond)


def collect(parts: Iterable[Part], width: int) -> Body:
    """Put the parts of a table together.

    Parameters
    ----------
    parts : iterable of Part
        Each of them is let go before the next is asked for.
    width : int
        How many columns the table has.

    Examples
    --------
    >>> body = collect([part_of_records([["P1", "5"], ["P2"]], 2)], 2)
    >>> [list(column) for column in body.cells]
    [['P1', 'P2'], ['5', '']]
    """
    columns = [_Column() for _ in range(width)]
    short, beyond = [np.zeros(0, dtype=bool)], [np.zeros(0, dtype=bool)]
    for part in parts:
        for column, texts in zip(columns, part.columns, strict=True):
            column.add(texts)
        short.append(part.short)
        beyond.append(part.beyond)
    cells = []
    while columns:
        # What a column has collected is not needed any more when it is encoded.
        cells.append(columns.pop().encode())
    # What Arrow keeps for later would be missed by the rest of the way.
    pa.default_memory_pool().release_unused()
    return Body(tuple(reversed(cells)), np.concatenate(short), np.concatenate(beyond))


@dataclass(slots=True)
class _Column:
    """What has been collected of a column: codes, or the texts as they came if they repeat little.

    Attributes
    ----------
    known : dict
        The code of each text, in the order in which they came.
    signs, sign_codes : bytes, bytearray
        The texts of a single byte among them, a zero standing for no text, and their codes.
    """

    codes: list[Codes] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    signs: bytes = b""
    sign_codes: bytearray = field(default_factory=lambda: bytearray(256))
    texts: list[Any] = field(default_factory=list)

    def add(self, texts: Any) -> None:
        chunk = _whole(texts)
        if self.texts:
            self.texts.append(chunk.cast(pa.large_string()))
            return
        # Answers on a scale are single bytes, which need not be looked up one by one.
        signs = _signs(chunk) if len(self.known) < 128 else None
        if signs is not None:
            self._add_signs(signs)
            return
        encoded = pc.dictionary_encode(chunk)
        if len(self.known) + len(encoded.dictionary) > _MOST_WORDS:
            known = pa.array(list(self.known), pa.large_string())
            self.texts = [known.take(pa.array(codes)) for codes in self.codes]
            self.texts.append(chunk.cast(pa.large_string()))
            self.codes, self.known = [], {}
            return
        codes = [self._code(word) for word in encoded.dictionary.to_pylist()]
        narrow = np.array(codes, dtype=np.min_scalar_type(len(self.known)))
        self.codes.append(narrow.take(encoded.indices.to_numpy()))

    def _add_signs(self, signs: bytes) -> None:
        strange = signs.translate(None, self.signs)
        while strange:
            sign = strange[:1]
            self.sign_codes[sign[0]] = self._code(sign.decode().rstrip("\0"))
            self.signs += sign
            strange = strange.translate(None, sign)
        self.codes.append(np.frombuffer(signs.translate(self.sign_codes), dtype=np.uint8))

    def _code(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known))

    def encode(self) -> pd.Categorical:
        if self.texts:
            return encode_arrow(self.texts)
        codes = np.concatenate(self.codes or [np.zeros(0, dtype=np.int8)])
        return cells_of(codes, pa.array(list(self.known), pa.large_string()))


def _signs(texts: Any) -> bytes | None:
    """Return the only byte of each text, zero for an empty one; None if some text has more."""
    _, ends, data = texts.buffers()
    if texts.type != pa.string() or data is None or not len(texts):
        return None
    bounds = np.frombuffer(ends, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    lengths = np.diff(bounds)
    if lengths.max() > 1:
        return None
    signs = np.zeros(len(texts), dtype=np.uint8)
    signs[lengths > 0] = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]]
    return signs.tobytes()


def _whole(texts: Any) -> Any:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
