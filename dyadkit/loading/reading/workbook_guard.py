"""Look at a workbook from outside before it is opened: damaged, locked, or a trap?"""

from __future__ import annotations

import zipfile
from pathlib import Path

from dyadkit.errors import DataError
from dyadkit.loading.reading.raw import cause_of
from dyadkit.loading.reading.signatures import describe_content

# What all parts of a workbook may come to when unpacked, and how far beyond its packed size.
# Spreadsheet XML shrinks to about a tenth, a sheet of equal rows to about a hundredth; only a
# part that is nothing but repetition comes near a thousandth.
LARGEST_UNPACKED = 2 * 2**30
HIGHEST_RATIO = 250
# Below this size any ratio is harmless.
SMALL_UNPACKED = 50 * 2**20
MOST_PARTS = 20_000

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BIFF = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))


def check_workbook(path: Path, name: str) -> None:
    """Refuse a file that is no readable workbook, or that would unpack to an absurd size.

    Parameters
    ----------
    path : pathlib.Path
        An existing file.
    name : str
        What messages call it.

    Raises
    ------
    DataError
        When it is empty, protected by a password, an old .xls file, of another format, damaged,
        or a zip bomb.
    """
    what = describe_content(path)
    if what.startswith("an old Office"):
        raise DataError(_ole_message(path.read_bytes(), name))
    if "zip archive" not in what:
        raise DataError(
            f"{name} is called {path.suffix} but is {what or 'damaged or of an unknown format'}, "
            "no Excel workbook. Open it in a spreadsheet program and save it as .xlsx, or give it "
            "the ending of what it is."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise DataError(
            f"{name} is a workbook that is cut off or damaged ({cause_of(error)}). Copy it "
            "again, or export it again."
        ) from error
    _check_parts(parts, name)


def _check_parts(parts: list[zipfile.ZipInfo], name: str) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise DataError(
            f"{name} is a zip archive protected by a password. Unpack it, and name the file that "
            "is in it."
        )
    if "xl/workbook.bin" in names:
        raise DataError(
            f"{name} is a binary Excel workbook (.xlsb). Save it as .xlsx in Excel or LibreOffice."
        )
    if "[Content_Types].xml" not in names or not any(part.startswith("xl/") for part in names):
        kind = "an OpenDocument file (.ods)" if "content.xml" in names else "a zip archive"
        raise DataError(
            f"{name} is {kind}, no Excel workbook. If exports are packed in it, unpack them and "
            "name one; if it is a spreadsheet of another program, save it as .xlsx."
        )
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
        raise DataError(
            f"{name} would unpack to {unpacked / 2**20:,.0f} MB in {len(parts):,} parts; more than "
            f"{LARGEST_UNPACKED / 2**20:,.0f} MB or {MOST_PARTS:,} parts are not read, for fear "
            "of a zip bomb. Save the sheet as CSV if the file is what it should be."
        )
    if unpacked > SMALL_UNPACKED and unpacked > HIGHEST_RATIO * packed:
        raise DataError(
            f"{name} would unpack from {packed / 2**20:,.1f} to {unpacked / 2**20:,.0f} MB, "
            f"{unpacked / packed:,.0f} times its size, as a zip bomb does and no survey; more than "
            f"{HIGHEST_RATIO} times is not read. Save the sheet as CSV if the file is what it "
            "should be."
        )


def _ole_message(data: bytes, name: str) -> str:
    if _ENCRYPTED in data:
        return (
            f"{name} is protected by a password. Open it, save it without one (in Excel: File, "
            "Info, Protect Workbook, Encrypt with Password, and empty the field), and name that "
            "file; dyadkit asks for no passwords."
        )
    if any(stream in data for stream in _BIFF):
        return (
            f"{name} is a workbook of Excel 97 to 2003 (.xls). Open it in Excel or LibreOffice "
            "and save it as .xlsx."
        )
    return f"{name} is an old Office document and no Excel workbook. Save the data as .xlsx or CSV."
