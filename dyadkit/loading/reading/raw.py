"""A file as it stands, whatever its format: every cell a text, and what the file says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.errors import DataError
from dyadkit.frame.coded import distinct_values

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
Codes = np.ndarray[tuple[int], np.dtype[Any]]

# A table of this many cells takes several gigabytes; no survey has as many.
MOST_CELLS = 200_000_000
# What str.strip takes off: no space stands beyond the first general-purpose blocks.
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as it stands: every cell a text, an empty cell an empty text.

    A column keeps each distinct text once, in the order in which they come, without the spaces
    around it and with accents in their usual form (NFC).

    Attributes
    ----------
    columns : tuple of str
        The names in the file, which may repeat.
    rows : ndarray of int, shape (n,)
        The number of each record as the program that owns the file shows it: in a spreadsheet or
        text file its row, the header being row 1; elsewhere its case number, from 1.
    blank, short, long : ndarray of bool, shape (n,)
        Records without any text; with fewer cells than the header; with text right of its end.
    cells : tuple of Categorical
        One for each column, made by `encode_texts` or `encode_arrow`; nothing in it is NaN.
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
    cells: tuple[pd.Categorical, ...]
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
        """Return the texts of a column that the file has exactly once, as a categorical Series.

        Parameters
        ----------
        name : str
            The name in the file, or an alias.

        Raises
        ------
        ValueError
            When there is no such column, which callers check first.
        """
        return pd.Series(self.cells[self.columns.index(self.own_name(name))])


def encode_texts(texts: Sequence[str]) -> pd.Categorical:
    """Make the cells of a column: each distinct text once, stripped, and a code for each row.

    Parameters
    ----------
    texts : sequence of str, length n

    Examples
    --------
    >>> cells = encode_texts(["5 ", "", "5"])
    >>> list(cells), cells.categories.tolist(), cells.codes.tolist()
    (['5', '', '5'], ['5', ''], [0, 1, 0])
    """
    return encode_arrow(arrow_texts(texts))


def encode_arrow(texts: Any) -> pd.Categorical:
    """Make the cells of a column from texts that Arrow holds; see `encode_texts`.

    Parameters
    ----------
    texts : Array, ChunkedArray or sequence of Array, length n
        Of strings, or of dictionaries of strings; a null is an empty text.

    Examples
    --------
    >>> encode_arrow(pa.array(["a", None, " a"]).dictionary_encode()).codes.tolist()
    [0, 1, 0]
    """
    column = texts if isinstance(texts, pa.ChunkedArray) else pa.chunked_array(texts)
    if not len(column):
        return cells_of(np.zeros(0, dtype=np.int8), pa.array([], pa.large_string()))
    if not pa.types.is_dictionary(column.type):
        column = column.fill_null("")
        if pc.all(pc.less_equal(column.slice(0, len(column) - 1), column.slice(1))).as_py():
            return _encode_ascending(column)
        encoded = pc.dictionary_encode(column)
        return cells_of(codes_of(encoded), encoded.chunk(0).dictionary)
    encoded = column.unify_dictionaries()
    words = encoded.chunk(0).dictionary
    # Null has no code, and may be a word too; one more word stands for both.
    words = pa.concat_arrays([words.fill_null(""), pa.array([""], words.type)])
    return encode_codes(codes_of(encoded), words)


def _encode_ascending(column: Any) -> pd.Categorical:
    """Encode texts in their order, as ids often are: equal ones are neighbours."""
    changes = pc.not_equal(column.slice(0, len(column) - 1), column.slice(1))
    first = np.append(True, changes.to_numpy())
    return cells_of(
        np.cumsum(first, dtype=np.int32) - np.int32(1),
        column.filter(pa.array(first)).combine_chunks(),
    )


def codes_of(encoded: Any) -> Codes:
    """Return the codes of a ChunkedArray that has one dictionary; for a null, the next code."""
    n_words = len(encoded.chunk(0).dictionary)
    return np.concatenate(
        [part.indices.cast(pa.int32()).fill_null(n_words).to_numpy() for part in encoded.chunks]
    )


def encode_codes(codes: Codes, words: Any) -> pd.Categorical:
    """Make the cells of a column from a code for each row and the text of each code.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Places in `words`.
    words : Array of string
        They may repeat, and not all of them need occur.

    Examples
    --------
    >>> encode_codes(np.array([2, 1, 2]), pa.array(["a", "b", "c"])).categories.tolist()
    ['c', 'b']
    """
    places, used = pd.factorize(codes)
    merged = words.take(pa.array(used)).dictionary_encode()
    return cells_of(merged.indices.to_numpy()[places], merged.dictionary)


def cells_of(codes: Codes, words: Any) -> pd.Categorical:
    """Make the cells of a column from codes and words that stand in the order of the rows.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Places in `words`, all of which occur, the first words first.
    words : Array of string
        All different; those that differ only in spaces around them become one.

    Examples
    --------
    >>> cells_of(np.array([0, 1, 0]), pa.array(["a", "a "])).categories.tolist()
    ['a']
    """
    clean = clean_texts(words)
    if not clean.equals(words):
        merged = clean.dictionary_encode()
        codes, clean = merged.indices.to_numpy()[codes], merged.dictionary
    kind = distinct_values(pd.Index(pd.array(clean, dtype="str")))
    cells: pd.Categorical = pd.Categorical.from_codes(codes, dtype=kind)
    return cells


def arrow_texts(texts: Sequence[str]) -> Any:
    """Hand texts over to Arrow; halves of characters, which are no text, become �.

    Examples
    --------
    >>> arrow_texts(["ä", chr(0xD800)]).to_pylist()
    ['ä', '�']
    """
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        whole = [
            text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts
        ]
        return pa.array(whole, pa.large_string())


def clean_texts(texts: Any) -> Any:
    """Strip texts that Arrow holds, and bring their accents to the usual form.

    Parameters
    ----------
    texts : Array of string

    Examples
    --------
    >>> clean_texts(pa.array([" e\\u0301 "])).to_pylist() == ["é"]
    True
    """
    if _is_clean(texts):
        return texts
    stripped = pc.utf8_trim(texts, characters=_SPACES)
    accented = pc.invert(pc.string_is_ascii(stripped))
    # Arrow can normalise too, but its older versions do not compose.
    usual = [normalize("NFC", text) for text in stripped.filter(accented).to_pylist()]
    if not usual:
        return stripped
    return pc.replace_with_mask(stripped, accented, pa.array(usual, stripped.type))


def _is_clean(texts: Any) -> bool:
    """Tell whether texts hold neither spaces nor letters beyond ASCII, looking at all at once."""
    _, ends, data = texts.buffers()
    if data is None:
        return False
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    bounds = np.frombuffer(ends, dtype=kind)[[texts.offset, texts.offset + len(texts)]]
    found = np.frombuffer(data, dtype=np.uint8)[slice(*bounds)]
    return bool(found.min(initial=127) > ord(" ") and found.max(initial=0) < 128)


def clean_text(text: str) -> str:
    """Strip a text, and bring its accents to the usual form, as `encode_texts` does."""
    return normalize("NFC", text).strip()


def is_empty(cells: pd.Categorical) -> Mask:
    """Mark the empty cells of a column.

    Examples
    --------
    >>> is_empty(encode_texts(["5", " "])).tolist()
    [False, True]
    """
    place = np.flatnonzero(np.asarray(cells.categories == "", dtype=bool))
    found: Mask = cells.codes == (place[0] if len(place) else -1)
    return found


def blank_rows(columns: Sequence[pd.Categorical], n_rows: int) -> Mask:
    """Mark the rows in which every cell is empty.

    Examples
    --------
    >>> blank_rows([encode_texts(["5", " "]), encode_texts(["", ""])], 2).tolist()
    [False, True]
    """
    blank = np.ones(n_rows, dtype=bool)
    for cells in columns:
        if not blank.any():
            break
        blank &= is_empty(cells)
    return blank


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
