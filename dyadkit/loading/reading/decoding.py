"""The bytes of an export file → its text."""

from __future__ import annotations

import codecs
from pathlib import Path
from unicodedata import normalize

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.problems import plural

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
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
        When it cannot be opened.
    DataError
        When it is empty, holds null bytes, or cannot be decoded.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{name}: {path} cannot be read: {error.strerror}.") from None
    text = _decode(data, name, encoding)
    if not text.strip():
        raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")
    return text


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
