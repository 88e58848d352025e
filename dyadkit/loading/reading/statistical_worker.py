"""Read an SPSS or Stata file in a process of its own, and hand its contents back, pickled.

The C library behind pyreadstat can crash on a damaged file, and would take the analysis with it.
`dyadkit.loading.reading.statistical` runs this file as a script: it imports nothing else of
dyadkit.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np


def read(kind: str, path: str, encoding: str | None) -> dict[str, Any]:
    """Read a file into plain lists, arrays and dictionaries.

    Parameters
    ----------
    kind : str
        "sav" or "dta".
    path : str
    encoding : str or None
        Only where the one in the file is wrong.

    Returns
    -------
    dict
        ``names``, ``values`` (as `encode` returns them for each column) and what the file says of
        its columns; or ``error`` and ``message``.
    """
    try:
        import pyreadstat

        reader = pyreadstat.read_dta if kind == "dta" else pyreadstat.read_sav
        columns, meta = reader(
            path,
            encoding=encoding,
            user_missing=True,
            disable_datetime_conversion=True,
            output_format="dict",
        )
    except Exception as error:
        # Whatever a damaged file makes it stumble over is told to the caller, who knows the file.
        return {"error": type(error).__name__, "message": str(error)}
    return {
        "names": list(meta.column_names),
        "values": [encode(values) for values in columns.values()],
        "labels": dict(meta.column_names_to_labels),
        "types": dict(meta.readstat_variable_types),
        "formats": dict(meta.original_variable_types),
        "value_labels": {name: dict(codes) for name, codes in meta.variable_value_labels.items()},
        "missing_ranges": {name: list(parts) for name, parts in meta.missing_ranges.items()},
        "n_rows": meta.number_rows,
    }


def encode(values: Sequence[Any]) -> tuple[list[Any], np.ndarray[tuple[int], np.dtype[Any]]]:
    """Return the distinct values of a column, and the place of each row's value among them.

    Parameters
    ----------
    values : sequence, length n

    Returns
    -------
    list
        In the order in which they come.
    ndarray of int, shape (n,)

    Examples
    --------
    >>> encode([2.0, None, 2.0])
    ([2.0, None], array([0, 1, 0], dtype=uint8))
    """
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    narrow = np.min_scalar_type(len(places))
    found = np.fromiter(map(places.__getitem__, values), dtype=narrow, count=len(values))
    return list(places), found


def main(arguments: list[str]) -> None:
    """Read the file that the command line names and write its contents to standard output."""
    kind, path, *encoding = arguments
    pickle.dump(read(kind, path, encoding[0] if encoding else None), sys.stdout.buffer, protocol=5)


if __name__ == "__main__":
    main(sys.argv[1:])
