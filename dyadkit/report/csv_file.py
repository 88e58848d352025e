"""A table as CSV: unrounded, and opened right by spreadsheets.

The file is UTF-8 with a byte-order mark, since Excel takes a file without one for the system's
old code page; pandas skips the mark by itself, R with ``fileEncoding = "UTF-8-BOM"``.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

import pandas as pd

from dyadkit.report.characters import printable

# What a spreadsheet would run as a formula, full-width look-alikes included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def table_csv(frame: pd.DataFrame) -> bytes:
    """Write a table as CSV.

    Parameters
    ----------
    frame : DataFrame
        Any columns.  Missing and infinite numbers become empty cells.

    Returns
    -------
    bytes
        A text that a spreadsheet would take for a formula starts with an apostrophe; numbers
        are written in full and are not touched.

    Examples
    --------
    >>> table_csv(pd.DataFrame({"term": ["=1+1"], "estimate": [-0.25]}))
    b"\\xef\\xbb\\xbfterm,estimate\\r\\n'=1+1,-0.25\\r\\n"
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_cell(name) for name in frame.columns)
    rows: Iterable[tuple[object, ...]] = zip(
        *(frame.iloc[:, position].tolist() for position in range(frame.shape[1])), strict=True
    )
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(_FORMULA) else text
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    return _cell(str(value))
