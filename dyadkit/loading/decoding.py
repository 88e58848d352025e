"""The bytes of an export file → its text."""

from __future__ import annotations

import codecs
from pathlib import Path
from unicodedata import normalize

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.loading.problems import plural

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook (or another zipped file)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"$FL2", "an SPSS file"),
    (b"$FL3", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a word-processor document"),
    (b"\x1f\x8b", "a compressed file"),
)


def read_text(path: Path, name: str, encoding: str | None = None) -> str:
    """Read a text file of unknown encoding.

    A byte-order mark decides, else UTF-8 if that fits, else Windows-1252, which covers Latin-1.
    Letters whose accents stand apart become the usual ones, so that names can be compared.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        What messages call the file.
    encoding : str, optional
        Only where detection is wrong.

    Raises
    ------
    StudyError
        When there is no such file, or it is of a format that cannot be read yet.
    DataError
        When it is empty, holds null bytes, or cannot be decoded.
    """
    data = _bytes_of(path, name)
    for magic, what in _OTHER_FORMATS:
        if data.startswith(magic):
            raise StudyError(
                f"{name}: {path.name} is {what}, and this version of dyadkit reads delimited text "
                "only. Save it as CSV (UTF-8) and name that file in the study file."
            )
    text = _decode(data, name, encoding)
    if not text.strip():
        raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")
    return text


def _bytes_of(path: Path, name: str) -> bytes:
    try:
        if path.is_dir():
            raise StudyError(f"{name}: {path} is a folder; name the export file in it.")
        if not path.exists():
            raise StudyError(f"{name}: there is no file {path}.{_near(path)}")
        if not path.is_file():
            raise StudyError(f"{name}: {path} is no ordinary file, so it cannot be an export.")
        return path.read_bytes()
    except OSError as error:
        raise StudyError(f"{name}: {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise StudyError(f"{name}: {str(path)!r} cannot be the name of a file.") from None


def _near(path: Path) -> str:
    """Say what is where the file should be."""
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = sorted(entry.name for entry in path.parent.iterdir() if not entry.name.startswith("."))
    holds = listed(names) or "nothing"
    return f"{nearest(path.name, names)} The folder {path.parent} holds: {holds}."


def _decode(data: bytes, name: str, encoding: str | None) -> str:
    if encoding is None:
        encoding = next((codec for bom, codec in _BOMS if data.startswith(bom)), None)
    if encoding is None:
        encoding = _unmarked_utf_16(data[:400])
    candidates = [encoding] if encoding else ["utf-8", "cp1252"]
    for candidate in candidates:
        try:
            text = normalize("NFC", data.decode(candidate).removeprefix("\ufeff"))
        except LookupError:
            raise StudyError(f"{name}: there is no encoding called '{candidate}'.") from None
        except ValueError:
            continue
        if "\0" in text:
            above = text[: text.index("\0")]
            line = 1 + max(above.count("\n"), above.count("\r"))
            raise DataError(
                f"{name} holds {plural(text.count(chr(0)), 'null byte')}, the first on line "
                f"{line:,}; it is damaged, or no text file. Export it again as CSV (UTF-8).",
                rows=[line],
            )
        return text
    raise DataError(
        f"{name} cannot be read as {' or '.join(candidates)}. Export it as CSV (UTF-8), or name "
        'its encoding in its [[source]], e.g. encoding = "cp1250".'
    )


def _unmarked_utf_16(start: bytes) -> str | None:
    """Recognise UTF-16 without a byte-order mark: every second byte of Western text is null."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if 4 * max(even, odd) <= len(start) or 4 * min(even, odd) > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"
