"""Read an SPSS or Stata file in a process of its own, and hand its contents back, pickled.

The C library behind pyreadstat can crash on a damaged file, and would take the analysis with it.
`dyadkit.loading.statistical` runs this file as a script: it imports nothing else of dyadkit.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any


def read(kind: str, path: str, encoding: str | None) -> dict[str, Any]:
    """Read a file into plain lists and dictionaries.

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
        ``names``, ``values`` (a list for each column) and what the file says of its columns; or
        ``error`` and ``message``.
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
        "values": [list(values) for values in columns.values()],
        "labels": dict(meta.column_names_to_labels),
        "types": dict(meta.readstat_variable_types),
        "formats": dict(meta.original_variable_types),
        "value_labels": {name: dict(codes) for name, codes in meta.variable_value_labels.items()},
        "missing_ranges": {name: list(parts) for name, parts in meta.missing_ranges.items()},
        "n_rows": meta.number_rows,
    }


def main(arguments: list[str]) -> None:
    """Read the file that the command line names and write its contents to standard output."""
    kind, path, *encoding = arguments
    pickle.dump(read(kind, path, encoding[0] if encoding else None), sys.stdout.buffer, protocol=5)


if __name__ == "__main__":
    main(sys.argv[1:])
