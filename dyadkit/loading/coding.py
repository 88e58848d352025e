"""Texts as numbers: a million rows are grouped by whole numbers many times faster."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.loading.texts import Positions, as_texts

Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


def codes_of(column: pd.Series) -> Codes:
    """Number the distinct values of a column, from 0 in order of appearance.

    Examples
    --------
    >>> codes_of(pd.Series(["b", "a", "b"])).tolist()
    [0, 1, 0]
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.codes
    return np.asarray(pd.factorize(column)[0], dtype=np.int64)


def group_codes(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Number the groups of rows that agree in some columns, in order of appearance.

    Examples
    --------
    >>> frame = pd.DataFrame({"role": ["a", "a", "b", "a"], "wave": [1, 2, 1, 1]})
    >>> group_codes(frame, ["role", "wave"]).tolist()
    [0, 1, 2, 0]
    """
    codes = np.zeros(len(frame), dtype=np.int64)
    for name in columns:
        more = codes_of(frame[name])
        codes = np.asarray(pd.factorize(codes * (more.max(initial=0) + 1) + more)[0], np.int64)
    return codes


def number_groups(frame: pd.DataFrame, columns: Sequence[str]) -> Codes:
    """Number the groups of rows that agree in some columns of text, in any order and with gaps.

    Examples
    --------
    >>> frame = pd.DataFrame({"role": ["a", "a", "b", "a"], "wave": ["1", "2", "1", "1"]})
    >>> number_groups(frame, ["role", "wave"]).tolist()
    [0, 1, 2, 0]
    """
    together, bound = np.zeros(len(frame), dtype=np.int64), 1
    for name in columns:
        texts = as_texts(frame[name])
        width = len(texts.categories)
        if bound * width >= _MOST:
            together = pd.factorize(together)[0].astype(np.int64)
            bound = len(frame)
        if width > 1:
            together *= width
            together += texts.codes
            bound *= width
    # Numbers with few gaps between them do as well as those without.
    if bound > 8 * len(frame) + 1000:
        together = pd.factorize(together)[0].astype(np.int64)
    return together


# Products below this fit into 64 bits.
_MOST = 2**62


def shared(groups: Codes) -> Positions:
    """Return the positions of the rows whose group has another row.

    Examples
    --------
    >>> shared(np.array([3, 0, 3, 1])).tolist()
    [0, 2]
    """
    counts = np.bincount(groups, minlength=1)
    if counts.max() < 2:
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero((counts > 1)[groups])


def n_distinct(codes: Codes, values: Codes) -> Codes:
    """Count, for each row, the distinct values in its group.

    Examples
    --------
    >>> n_distinct(np.array([0, 0, 1]), np.array([5, 6, 5])).tolist()
    [2, 2, 1]
    """
    pairs = pd.DataFrame({"code": codes, "value": values}).drop_duplicates()
    counts = np.bincount(pairs["code"].to_numpy(), minlength=codes.max(initial=-1) + 1)
    return counts[codes].astype(np.int64)


def person_codes(keys: pd.DataFrame) -> Codes:
    """Number the people of a study.

    A row without an id stands for the only person of its role in the dyad.

    Parameters
    ----------
    keys : DataFrame
        With ``person``, ``role`` and ``dyad``.

    Examples
    --------
    >>> keys = pd.DataFrame({"person": ["a", "a", "", ""], "role": ["x", "x", "x", "x"],
    ...                      "dyad": ["1", "2", "1", "2"]})
    >>> person_codes(keys).tolist()
    [0, 0, 1, 2]
    """
    dyad = keys["dyad"].astype("object").where(keys["person"].eq(""), "")
    who = pd.DataFrame({"person": keys["person"], "role": keys["role"], "dyad": dyad})
    return group_codes(who, ["person", "role", "dyad"])
