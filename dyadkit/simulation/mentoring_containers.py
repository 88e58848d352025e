"""SPSS and Excel files as bytes in which no clock leaves a trace.

Both formats hold the time of writing.  It is replaced by a fixed one, so that equal content gives
equal bytes on any day.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dyadkit.errors import DataError

# The file header record: "$FL2", the product (60), five integers, the bias (8), the date and time.
_SAV_MAGIC = b"$FL2"
_SAV_STAMP = slice(92, 109)
_SAV_TIME = b"01 Jun 2500:00:00"
_XLSX_TIME = b"2025-06-01T00:00:00Z"
# The earliest time that a zip archive can hold.
_ZIP_STAMP = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


@dataclass(frozen=True, slots=True)
class SavVariable:
    """A column of an SPSS file.

    Attributes
    ----------
    values : sequence
        Texts, numbers, or dates; None is system-missing.
    value_labels : mapping
        Code to what it means.
    user_missing : tuple of int
        Codes that are declared missing.
    """

    name: str
    label: str
    values: Sequence[object]
    value_labels: Mapping[int, str] = field(default_factory=dict)
    user_missing: tuple[int, ...] = ()
    measure: Literal["nominal", "ordinal", "scale"] = "scale"


def sav_bytes(variables: Sequence[SavVariable], *, title: str) -> bytes:
    """Return an SPSS system file, compressed as SPSS itself saves it.

    Parameters
    ----------
    variables : sequence of SavVariable
        All equally long.
    title : str
        The file's label, of at most 64 characters.

    Raises
    ------
    DataError
        When the file that pyreadstat writes does not begin as SPSS files do.
    """
    import pandas as pd
    import pyreadstat

    table = pd.DataFrame(
        {
            variable.name: pd.Series(
                list(variable.values),
                dtype="float64" if _is_number(variable.values) else "object",
            )
            for variable in variables
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sav"
        pyreadstat.write_sav(
            table,
            path,
            file_label=title,
            column_labels={variable.name: variable.label for variable in variables},
            variable_value_labels={
                variable.name: {float(code): label for code, label in variable.value_labels.items()}
                for variable in variables
                if variable.value_labels
            },
            missing_ranges={
                variable.name: list(variable.user_missing)
                for variable in variables
                if variable.user_missing
            },
            variable_measure={variable.name: variable.measure for variable in variables},
            # Whole numbers, without the two decimals that SPSS would show.
            variable_format={v.name: "F3.0" for v in variables if _is_number(v.values)},
            row_compress=True,
        )
        content = bytearray(path.read_bytes())
    if not content.startswith(_SAV_MAGIC):
        raise DataError(
            f"The SPSS file '{title}' does not begin with {_SAV_MAGIC.decode()}, so its time stamp "
            "cannot be found. Check the installed version of pyreadstat."
        )
    content[_SAV_STAMP] = _SAV_TIME
    return bytes(content)


def xlsx_bytes(sheets: Mapping[str, Sequence[Sequence[object]]], *, author: str) -> bytes:
    """Return an Excel workbook.

    Parameters
    ----------
    sheets : mapping
        Name to rows of cells; None is an empty cell, and a row of them an empty line.
    author : str
        Stands in the file's properties.
    """
    from openpyxl import Workbook

    book = Workbook()
    # A new workbook comes with an empty sheet.
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet: Any = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.properties.creator = author
    buffer = io.BytesIO()
    book.save(buffer)
    return _without_clock(buffer.getvalue())


def _without_clock(content: bytes) -> bytes:
    """Return the workbook with fixed times in its properties and in its archive."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:(\w+)[^>]*>)[^<]*", rb"\g<1>" + _XLSX_TIME, part)
            entry = zipfile.ZipInfo(name, _ZIP_STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            new.writestr(entry, part)
    return fixed.getvalue()


def _is_number(values: Sequence[object]) -> bool:
    return all(value is None or isinstance(value, int | float) for value in values)
