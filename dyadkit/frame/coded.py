"""Columns of few distinct values: each value once, and a code for each row.

A frame keeps answers and ids like this, which takes a fraction of the room; whoever asks for them
gets plain columns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

Codes = np.ndarray[tuple[int], np.dtype[Any]]
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]
Positions = np.ndarray[tuple[int], np.dtype[np.intp]]

# So many categories have codes of two bytes.
_MOST = 2**15 - 2


def coded_numbers(numbers: Numbers, codes: Codes) -> pd.Categorical[float] | Numbers:
    """Choose numbers by their places; they are kept as codes unless there are very many.

    Parameters
    ----------
    numbers : ndarray of float
        They may repeat; NaN is missing.
    codes : ndarray of int, shape (n,)
        Places in `numbers`.

    Examples
    --------
    >>> chosen = coded_numbers(np.array([5.0, np.nan, 5.0]), np.array([0, 1, 2], dtype=np.int8))
    >>> chosen.codes.tolist(), chosen.categories.tolist()
    ([0, -1, 0], [5.0])
    """
    # Adding zero turns -0.0 into 0.0, which is the same number.
    places, distinct = pd.factorize(numbers + 0.0)
    if len(distinct) > _MOST:
        return numbers.take(codes)
    narrow = places.astype(np.int8 if len(distinct) < 127 else np.int16)
    return pd.Categorical.from_codes(replaced(codes, narrow), pd.Index(distinct))


def placed(
    parts: Sequence[tuple[Positions, pd.Categorical[float] | Numbers]], size: int
) -> pd.Categorical[float] | Numbers:
    """Put numbers in their places among `size` rows; where none are, they are missing.

    Parameters
    ----------
    parts : sequence of tuple
        The places, and the numbers: coded or not.
    size : int

    Examples
    --------
    >>> two = coded_numbers(np.array([4.0, 5.0]), np.array([1, 0]))
    >>> placed([(np.array([2, 0]), two), (np.array([1]), two[:1])], 4).tolist()
    [4.0, 5.0, 5.0, nan]
    """
    if len(parts) == 1 and len(parts[0][0]) == size:
        return parts[0][1]
    coded = [(at, part) for at, part in parts if isinstance(part, pd.Categorical)]
    if len(coded) < len(parts):
        numbers = np.full(size, np.nan)
        for at, part in parts:
            numbers[at] = part
        return numbers
    codes = np.zeros(size, dtype=np.int64)
    known = [np.array([np.nan])]
    for at, part in coded:
        codes[at] = np.where(part.codes < 0, 0, part.codes + np.int64(sum(map(len, known))))
        known.append(part.categories.to_numpy())
    return coded_numbers(np.concatenate(known), codes)


def only_used(column: pd.Categorical, *, but: str | None = None) -> pd.Categorical:
    """Drop the categories that no row has, so that nothing is kept of rows that are left out.

    Parameters
    ----------
    column : Categorical
    but : str, optional
        A text that means nothing; rows that have it are missing.

    Examples
    --------
    >>> column = pd.Categorical(["b", "", "b"], categories=["a", "b", ""])
    >>> only_used(column, but="").categories.tolist(), only_used(column, but="").codes.tolist()
    (['b'], [0, -1, 0])
    """
    words = column.categories
    seen = _occurring(column.codes, len(words))
    if but is not None:
        seen &= words != but
    if seen.all():
        return column
    places = np.where(seen, np.cumsum(seen) - 1, -1).astype(column.codes.dtype)
    codes = replaced(column.codes, np.append(places, places.dtype.type(-1)))
    kind = distinct_values(pd.Index(words.array.take(np.flatnonzero(seen)), copy=False))
    left: pd.Categorical = pd.Categorical.from_codes(codes, dtype=kind)
    return left


def _occurring(codes: Codes, n_codes: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if codes.dtype == np.int8:
        # Most codes turn up at once.
        text = codes.tobytes()
        return np.array([bytes([code]) in text for code in range(n_codes)], dtype=bool)
    seen = np.zeros(n_codes + 1, dtype=bool)
    seen[codes] = True
    return seen[:-1]


def distinct_values(values: pd.Index) -> pd.CategoricalDtype:
    """Return the type of a column of values that are known to be distinct.

    It is made as if by unpickling: pandas would look whether they are, for which it makes, and
    keeps, a Python text of each.
    """
    kind = pd.CategoricalDtype()
    kind.__setstate__({"categories": values, "ordered": False})  # type: ignore[attr-defined]
    return kind


def replaced(codes: Codes, values: np.ndarray) -> np.ndarray:
    """Return the value of each code; the last value, of further ones, is that of -1.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
    values : ndarray, shape (codes,) or (codes + 1,)

    Examples
    --------
    >>> replaced(np.array([1, 0, -1], dtype=np.int8), np.array([4, 7, 0], dtype=np.int8)).tolist()
    [7, 4, 0]
    """
    if codes.dtype != np.int8 or values.dtype != np.int8:
        return values.take(codes)
    # Byte for byte is several times faster than looking each code up.
    table = np.zeros(256, dtype=np.int8)
    table[: len(values)] = values
    table[-1] = values[-1] if len(values) else 0
    return np.frombuffer(bytearray(codes).translate(table.tobytes()), dtype=np.int8)


def coded_columns(data: pd.DataFrame) -> frozenset[str]:
    """Name the categorical columns of a table."""
    kinds = data.dtypes.items()
    return frozenset(str(name) for name, kind in kinds if isinstance(kind, pd.CategoricalDtype))


def plain(data: pd.DataFrame, coded: Collection[str]) -> pd.DataFrame:
    """Return a table with plain columns in place of those that are coded.

    Parameters
    ----------
    data : DataFrame
        Is not changed.
    coded : collection of str
        Columns of numbers or texts; those among them that are no categoricals stay as they are.

    Examples
    --------
    >>> data = pd.DataFrame({"item": coded_numbers(np.array([4.0, np.nan]), np.array([1, 0]))})
    >>> plain(data, ["item"])["item"].tolist()
    [nan, 4.0]
    """
    columns: dict[str, Any] = {}
    for name in data.columns.intersection(list(coded)):
        values = data[name].array
        if isinstance(values, pd.Categorical):
            some = bool((values.codes < 0).any())
            columns[name] = values.categories.array.take(values.codes, allow_fill=some)
    return data.assign(**columns)
