"""Columns of text in which each distinct text is stored, and looked at, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.frame.coded import replaced
from dyadkit.loading.reading.raw import encode_arrow, encode_texts, is_empty

__all__ = [
    "Positions",
    "as_texts",
    "each",
    "encode_texts",
    "from_words",
    "is_empty",
    "named_texts",
    "number_texts",
    "plain_texts",
    "said",
    "same_text",
    "stack",
    "stack_frames",
    "used",
]

Positions = np.ndarray[tuple[int], np.dtype[np.intp]]


def as_texts(values: pd.Series) -> pd.Categorical:
    """Return the texts of a Series as a categorical array, whose categories are texts.

    Examples
    --------
    >>> as_texts(pd.Series(["b", "a", "b"])).categories.tolist()
    ['b', 'a']
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        texts: pd.Categorical = values.array
        return texts
    return encode_arrow(pa.array(values.astype("str")))


def said(words: Sequence[str], places: np.ndarray) -> pd.Series:
    """Return texts chosen from a few words by their places, as an ordinary column of text.

    Examples
    --------
    >>> said(["", "blank"], np.array([1, 0])).tolist()
    ['blank', '']
    """
    return pd.Series(pd.array(list(words), dtype="str").take(places))


def same_text(text: str, size: int) -> pd.Categorical:
    """Return one text `size` times."""
    return pd.Categorical.from_codes(np.zeros(size, dtype=np.int8), _words([text]))


def from_words(words: Sequence[str], places: np.ndarray) -> pd.Categorical:
    """Return texts chosen from distinct words by their places.

    Examples
    --------
    >>> list(from_words(["", "t1"], np.array([1, 0])))
    ['t1', '']
    """
    return pd.Categorical.from_codes(places, _words(words))


def each(texts: pd.Categorical, function: Callable[[str], Any], dtype: Any = object) -> np.ndarray:
    """Apply a function to each distinct text, and return its value for every text.

    Parameters
    ----------
    texts : Categorical, shape (n,)
    function : callable
    dtype : optional
        Of the array returned.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> each(as_texts(pd.Series(["a", "bb", "a"])), len, int).tolist()
    [1, 2, 1]
    """
    known = np.empty(len(texts.categories), dtype=dtype)
    for place, text in enumerate(texts.categories):
        known[place] = function(text)
    if not len(known):
        return np.empty(len(texts), dtype=dtype)
    return replaced(texts.codes, known)


def used(texts: pd.Categorical) -> list[str]:
    """List the distinct texts that occur, in the order of the categories.

    Examples
    --------
    >>> used(as_texts(pd.Series(["b", "a", "b"])).take([0]))
    ['b']
    """
    counts = np.bincount(texts.codes, minlength=len(texts.categories))
    return [str(text) for text in texts.categories[np.flatnonzero(counts)]]


def plain_texts(texts: pd.Categorical) -> pd.Series:
    """Return texts as an ordinary column of text.

    Examples
    --------
    >>> plain_texts(as_texts(pd.Series(["b", "a"]))).tolist()
    ['b', 'a']
    """
    return pd.Series(texts.categories.array.take(texts.codes), dtype="str")


def named_texts(texts: pd.Categorical) -> pd.Series:
    """Return texts as an ordinary column of text, in which an empty one is missing.

    Examples
    --------
    >>> named_texts(encode_texts(["b", ""])).tolist()
    ['b', nan]
    """
    empty = is_empty(texts)
    plain = plain_texts(texts)
    return plain.mask(empty) if empty.any() else plain


def number_texts(columns: Sequence[pd.Categorical]) -> tuple[list[Positions], Any]:
    """Give each distinct text of several columns a number.

    Returns
    -------
    tuple
        The numbers in each column, −1 for an empty text; and the texts, as Arrow holds them.

    Examples
    --------
    >>> numbers, words = number_texts([encode_texts(["b", ""]), encode_texts(["a", "b"])])
    >>> [column.tolist() for column in numbers]
    [[0, -1], [2, 0]]
    """
    words = [pa.array(column.categories).cast(pa.large_string()) for column in columns]
    encoded = pc.dictionary_encode(pa.chunked_array(words, pa.large_string())).combine_chunks()
    known = np.asarray(encoded.indices, dtype=np.int64)
    known[np.asarray(pc.equal(encoded.dictionary, ""), dtype=bool)[known]] = -1
    numbers, start = [], 0
    for column in columns:
        mine = known[start : start + len(column.categories)]
        numbers.append(mine[column.codes] if len(column) else np.empty(0, dtype=np.int64))
        start += len(column.categories)
    return numbers, encoded.dictionary


def stack(parts: Sequence[pd.Categorical]) -> pd.Categorical:
    """Put columns of text below one another; categories that no text uses are left out.

    Examples
    --------
    >>> list(stack([as_texts(pd.Series(["b"])), as_texts(pd.Series(["a", "b"]))]))
    ['b', 'a', 'b']
    """
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    return encode_arrow(
        [
            pa.DictionaryArray.from_arrays(
                pa.array(part.codes.astype(np.int32)),
                pa.array(part.categories).cast(pa.large_string()),
            )
            for part in filled
        ]
        or [pa.array([], pa.large_string())]
    )


def stack_frames(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames below one another, keeping columns of text what they are; rows are renumbered."""
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    if len(filled) == 1:
        return filled[0].reset_index(drop=True)
    names = list(dict.fromkeys(name for frame in filled for name in frame.columns))
    columns: dict[str, Any] = {}
    for name in names:
        kind = next(frame[name].dtype for frame in filled if name in frame)
        parts = [frame.get(name, _nothing(len(frame), kind)) for frame in filled]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            columns[name] = stack([pd.Categorical(part) for part in parts])
        else:
            columns[name] = pd.concat(
                [
                    part.astype("object") if isinstance(part.dtype, pd.CategoricalDtype) else part
                    for part in parts
                ],
                ignore_index=True,
            )
    return pd.DataFrame(columns)


def _nothing(size: int, kind: Any) -> pd.Series:
    """Return a column of nothing: empty texts, unknown moments, or missing values."""
    if isinstance(kind, pd.CategoricalDtype):
        return pd.Series(same_text("", size))
    return pd.Series([None] * size, dtype=kind if kind.kind == "M" else "object")


def _words(words: Sequence[str]) -> pd.Index:
    return pd.Index(list(words), dtype="str")
