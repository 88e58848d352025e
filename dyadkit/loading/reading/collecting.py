"""Cells that come a few thousand rows at a time → the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.frame.coded import replaced
from dyadkit.loading.reading.raw import (
    Codes,
    Mask,
    arrow_texts,
    cells_of,
    clean_texts,
    encode_arrow,
)

# The type of texts of a single byte, a null standing for an empty one.
SIGN = pa.binary(1)
# A column with more distinct texts is encoded in one go when all of it is there.
_MOST_WORDS = 2000
# The text of each byte; there are no null bytes, so that zero means no text.
_ASCII = pa.array(["", *map(chr, range(1, 128))], pa.large_string())


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table.

    Attributes
    ----------
    columns : sequence of Array or ChunkedArray
        Of strings, or of `SIGN`.
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
        Each of them is let go before the next but one is asked for.
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
    for part in _ahead(parts):
        for column, texts in zip(columns, part.columns, strict=True):
            column.add(texts)
        short.append(part.short)
        beyond.append(part.beyond)
    with ThreadPoolExecutor(2) as workers:
        cells = tuple(workers.map(_Column.encode, columns))
    # What Arrow keeps for later would be missed by the rest of the way.
    pa.default_memory_pool().release_unused()
    return Body(cells, np.concatenate(short), np.concatenate(beyond))


def _ahead(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield parts, each while the next is being made."""
    making = iter(parts)
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, making, None)
        while part := coming.result():
            coming = worker.submit(next, making, None)
            yield part


@dataclass(slots=True)
class _Column:
    """What has been collected of a column: codes, or the texts as they came if they repeat little.

    Attributes
    ----------
    known : dict
        The code of each text, in the order in which they came.
    """

    codes: list[Codes] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)
    texts: list[Any] = field(default_factory=list)

    def add(self, texts: Any) -> None:
        if texts.type == SIGN and not self.texts:
            self._add_signs(_bytes(texts))
            return
        chunk = _whole(texts)
        if chunk.type == SIGN:
            chunk = _ASCII.take(pa.array(_bytes(texts)))
        if self.texts:
            self.texts.append(chunk.cast(pa.large_string()))
            return
        encoded = pc.dictionary_encode(chunk)
        if len(self.known) + len(encoded.dictionary) > _MOST_WORDS:
            known = pa.array(list(self.known), pa.large_string())
            self.texts = [known.take(pa.array(codes)) for codes in self.codes]
            self.texts.append(chunk.cast(pa.large_string()))
            self.codes, self.known = [], {}
            return
        codes = [self._code(word) for word in encoded.dictionary.to_pylist()]
        self.codes.append(np.array(codes, self._kind()).take(encoded.indices.to_numpy()))

    def _add_signs(self, signs: Codes) -> None:
        codes = replaced(signs, self._sign_codes())
        if codes.min(initial=0) < 0:
            for sign in pd.unique(signs[codes < 0]).tolist():
                self._code(_ASCII[sign].as_py())
            codes = replaced(signs, self._sign_codes())
        self.codes.append(codes)

    def _sign_codes(self) -> Codes:
        """Return the code of each byte, −1 for one that is not known."""
        codes = np.full(len(_ASCII), -1, self._kind())
        for word, code in self.known.items():
            if len(word) < 2 and word.isascii():
                codes[ord(word or "\0")] = code
        return codes

    def _code(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known))

    def _kind(self) -> np.dtype[Any]:
        return np.min_scalar_type(-1 - len(self.known))

    def encode(self) -> pd.Categorical:
        # What has been collected is not needed any more.
        texts, self.texts = self.texts, []
        if texts:
            return encode_arrow(texts)
        codes = np.concatenate(self.codes or [np.zeros(0, dtype=np.int8)])
        self.codes = []
        return cells_of(codes, pa.array(list(self.known), pa.large_string()))


def _bytes(signs: Any) -> Codes:
    """Return the byte of each sign, zero for none."""
    found = _stored(signs)
    # Arrow promises nothing about what stands in the place of a null.
    if np.count_nonzero(found) + signs.null_count > len(found):
        found = _stored(pc.fill_null(signs, pa.scalar(b"\0", SIGN)))
    return found


def _stored(signs: Any) -> Codes:
    chunks = signs.chunks if isinstance(signs, pa.ChunkedArray) else [signs]
    return np.concatenate(
        [
            np.frombuffer(chunk.buffers()[1], dtype=np.int8)[chunk.offset :][: len(chunk)]
            for chunk in chunks
        ]
    )


def _whole(texts: Any) -> Any:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
