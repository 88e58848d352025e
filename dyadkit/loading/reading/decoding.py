"""The bytes of an export file → its text, block by block."""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.loading.problems import plural

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_BOMS = tuple(bom for bom, codec in _BOMS if codec != "utf-8")
# Blocks of this size keep all processors busy; smaller ones stay near the processor.
BLOCK = 4 << 20
SMALL_BLOCK = 1 << 18
_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_FALLBACK = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the bytes of a text file become text.

    Attributes
    ----------
    codec : str
    strays : tuple of int
        The lines, from 1, of a UTF-8 file that are not UTF-8, and are read as Windows-1252.
    """

    codec: str
    strays: tuple[int, ...] = ()

    def notes(self, name: str) -> tuple[str, ...]:
        """Say what the reader should know."""
        if not self.strays:
            return ()
        one = len(self.strays) == 1
        return (
            f"{name}: {plural(len(self.strays), 'line')} ({listed(self.strays)}) "
            f"{'is' if one else 'are'} not in UTF-8 as the others are, and "
            f"{'was' if one else 'were'} read as Windows-1252. If letters there look wrong, "
            "export the file again as CSV (UTF-8).",
        )


def find_decoding(path: Path, name: str, encoding: str | None = None) -> Decoding:
    """Find out in which encoding a text file is.

    A byte-order mark decides, else UTF-8 if that fits, else Windows-1252, which covers Latin-1.
    Where some lines have letters in UTF-8 and some cannot be UTF-8, those are Windows-1252.

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
        When it cannot be opened, or there is no such encoding.
    DataError
        When it is empty, holds null bytes, or cannot be decoded.
    """
    try:
        with path.open("rb") as file:
            start = file.read(400)
        codec = encoding or _marked(start) or _unmarked_utf_16(start) or "utf-8"
        if codecs.lookup(codec).name in ("utf-16", "utf-32") and not start.startswith(_WIDE_BOMS):
            # Without a mark these mean the machine's own order, if decoded as a whole.
            codec += "-le" if sys.byteorder == "little" else "-be"
        decoding = Decoding(codec)
        try:
            _check(path, name, decoding)
        except ValueError:
            if encoding or codec != "utf-8":
                _refuse(name, encoding or codec)
            decoding = _mixed(path, marked=start.startswith(codecs.BOM_UTF8))
            try:
                _check(path, name, decoding)
            except ValueError:
                _refuse(name, f"utf-8 or {_FALLBACK}")
    except LookupError:
        raise StudyError(f"{name}: there is no encoding called '{encoding}'.") from None
    except OSError as error:
        raise StudyError(f"{name}: {path} cannot be read: {error.strerror}.") from None
    return decoding


def utf8_blocks(
    path: Path, decoding: Decoding, size: int = SMALL_BLOCK
) -> Iterator[tuple[bytes, int]]:
    """Read a text file as UTF-8, a few lines or megabytes at a time.

    Parameters
    ----------
    path : pathlib.Path
    decoding : Decoding
        As `find_decoding` found it.
    size : int
        About how many bytes to read at a time.

    Yields
    ------
    block : bytes
        Whole lines, without a byte-order mark.
    done : int
        How many bytes of the file have been read.
    """
    with path.open("rb") as file:
        blocks = _whole_lines(_pieces(file, decoding.codec, size))
        for place, block in enumerate(blocks):
            if not place:
                block = block.removeprefix(codecs.BOM_UTF8)
            if decoding.strays and not _is_utf8(block):
                block = b"".join(map(_line_in_utf8, block.splitlines(keepends=True)))
            yield block, file.tell()


def _marked(start: bytes) -> str | None:
    return next((codec for bom, codec in _BOMS if start.startswith(bom)), None)


def _unmarked_utf_16(start: bytes) -> str | None:
    """Recognise UTF-16 without a byte-order mark: every second byte of Western text is null."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if 4 * max(even, odd) <= len(start) or 4 * min(even, odd) > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _pieces(file: io.BufferedReader, codec: str, size: int) -> Iterator[bytes | bytearray]:
    """Read a file as UTF-8 in pieces that end anywhere, each to be used before the next."""
    if codecs.lookup(codec).name == "utf-8":
        # One buffer for all pieces: memory that is touched for the first time takes long.
        buffer = bytearray(size)
        while count := file.readinto(buffer):
            yield buffer[:count] if count < size else buffer
        return
    text = io.TextIOWrapper(file, encoding=codec, newline="")
    for piece in iter(lambda: text.read(size), ""):
        yield piece.encode("utf-8", "replace")
    text.detach()


def _whole_lines(pieces: Iterable[bytes | bytearray]) -> Iterator[bytes]:
    """Cut pieces anew where lines end: after a line feed, or a carriage return without one."""
    rest: list[bytes | bytearray] = []
    for piece in pieces:
        # Whether a line feed follows the last byte shows in the next piece.
        end = 1 + max(piece.rfind(b"\n"), piece.rfind(b"\r", 0, len(piece) - 1))
        if end:
            yield b"".join([*rest, memoryview(piece)[:end]])
            rest = []
        rest.append(piece[end:])
    if any(rest):
        yield b"".join(rest)


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line_in_utf8(line: bytes) -> bytes:
    return line if _is_utf8(line) else line.decode(_FALLBACK).encode("utf-8")


def _check(path: Path, name: str, decoding: Decoding) -> None:
    """Read a file through; raise ValueError where it cannot be decoded."""
    empty, null = True, False
    for block, _ in utf8_blocks(path, decoding):
        if not _is_utf8(block):
            raise ValueError
        empty = empty and (not block or block.isspace())
        null = null or b"\0" in block
    if empty:
        raise DataError(f"{name} is empty. Export it again, or take it out of the study file.")
    if null:
        _complain_of_nulls(path, name, decoding)


def _mixed(path: Path, *, marked: bool) -> Decoding:
    """Tell a UTF-8 file with stray lines from one that is Windows-1252 throughout."""
    strays: list[int] = []
    above = 0
    letters = marked
    with path.open("rb") as file:
        for block in _whole_lines(_pieces(file, "utf-8", SMALL_BLOCK)):
            lines = block.splitlines()
            if not _is_utf8(block):
                strays += [
                    number for number, line in enumerate(lines, above + 1) if not _is_utf8(line)
                ]
            letters = letters or _LETTER.search(block) is not None
            above += len(lines)
    return Decoding("utf-8", tuple(strays)) if letters else Decoding(_FALLBACK)


def _complain_of_nulls(path: Path, name: str, decoding: Decoding) -> NoReturn:
    count = line = above = 0
    for block, _ in utf8_blocks(path, decoding):
        if not count and b"\0" in block:
            line = above + len(block[: block.index(b"\0") + 1].splitlines())
        count += block.count(b"\0")
        above += len(block.splitlines())
    raise DataError(
        f"{name} holds {plural(count, 'null byte')}, the first on line {line:,}; it is damaged, "
        "or no text file. Export it again as CSV (UTF-8).",
        rows=[line],
    )


def _refuse(name: str, tried: str) -> NoReturn:
    raise DataError(
        f"{name} cannot be read as {tried}. Export it as CSV (UTF-8), or name "
        'its encoding in its [[source]], e.g. encoding = "cp1250".'
    )
