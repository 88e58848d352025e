"""The first bytes of a file → what it really is, whatever it is called."""

from __future__ import annotations

from pathlib import Path

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive, such as an Excel workbook (.xlsx)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (_OLE, "an old Office document, such as an Excel 97 workbook (.xls)"),
    (b"$FL2@(#)", "an SPSS file (.sav)"),
    (b"$FL3@(#)", "a compressed SPSS file (.zsav)"),
    (b"<stata_dta>", "a Stata file (.dta)"),
    (b"PAR1", "a Parquet file (.parquet)"),
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a word-processor document"),
    (b"\x1f\x8b", "a compressed file (.gz)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive (.7z)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_PAGES = ((b"<!doctype html", "a web page"), (b"<html", "a web page"), (b"<?xml", "an XML file"))
_SAMPLE = 4096


def describe_content(path: Path) -> str:
    """Say what a file really is, as far as its first bytes tell.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    str
        A phrase such as ``"a PDF"`` or ``"a text file"``; empty when nothing is recognised.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        file.seek(0, 2)
        file.seek(max(file.tell() - 4, 0))
        tail = file.read(4)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, what in (*_SIGNATURES, *_PAGES):
        # A text file may well begin with a column called PAR1.
        if (start if what.endswith(("page", "XML file")) else head).startswith(signature) and (
            signature != b"PAR1" or tail == b"PAR1" or b"\0" in head
        ):
            return what
    if len(head) > 3 and 102 <= head[0] <= 115 and head[1] in (1, 2) and head[2] == 1:
        return "a Stata file (.dta)"
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    return "a text file" if head and (wide or b"\0" not in head) else ""
