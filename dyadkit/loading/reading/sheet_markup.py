"""What the XML of a sheet says beyond its values: hidden rows, merged cells, bare formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from dyadkit.errors import listed
from dyadkit.loading.problems import plural

_CHUNK = 1 << 20
_WORTH_PARSING = re.compile(rb"[ :<]hidden=|mergeCell|<(?:\w+:)?f[ />]")
_LONGEST_SIGN = 64
_LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True)
class Markup:
    """The facts about a sheet that change what its cells mean.

    Attributes
    ----------
    hidden_rows, hidden_columns : int
    merged : tuple of str
        Ranges such as "A1:B3".
    uncalculated : tuple of str
        The cells with a formula whose result is not stored.
    """

    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: tuple[str, ...] = ()
    uncalculated: tuple[str, ...] = ()

    def notes(self, name: str) -> list[str]:
        """Say what the reader should know, a paragraph for each fact."""
        notes = []
        if self.hidden_rows or self.hidden_columns:
            hidden = [
                plural(count, what)
                for count, what in ((self.hidden_rows, "row"), (self.hidden_columns, "column"))
                if count
            ]
            notes.append(f"{name}: {' and '.join(hidden)} hidden in the sheet were read too.")
        if self.merged:
            notes.append(
                f"{name}: {plural(len(self.merged), 'range')} of merged cells "
                f"({listed(self.merged, 4)}) counted as the text in the top left corner, and empty "
                "cells."
            )
        return notes


class _Reader:
    """Handlers for the XML parser, and what they have seen."""

    def __init__(self) -> None:
        self.hidden_rows = self.hidden_columns = 0
        self.merged: list[str] = []
        self.uncalculated: list[str] = []
        self._cell = self._kind = ""
        self._formula = self._result = self._in_result = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell = attributes.get("r", "?")
            self._kind = attributes.get("t", "n")
            self._formula = self._result = False
        elif tag == "f":
            self._formula = True
        elif tag == "v":
            self._in_result = True
            # A formula may well give an empty text, and then its result is stored as such.
            self._result = self._kind == "str"
        elif tag == "row":
            self.hidden_rows += attributes.get("hidden") in ("1", "true")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            # Who hides everything right of the table hides no data.
            self.hidden_columns += 1 + last - first if last < _LAST_COLUMN else 0
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", "?"))

    def text(self, data: str) -> None:
        self._result = self._result or (self._in_result and bool(data.strip()))

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self._in_result = False
        elif tag == "c" and self._formula and not self._result:
            self.uncalculated.append(self._cell)


def read_markup(source: IO[bytes]) -> Markup:
    """Read the facts about a sheet from its XML.

    Parameters
    ----------
    source : binary file
        A seekable one: it is parsed only where a quick look shows that it is worth the time.

    Raises
    ------
    xml.parsers.expat.ExpatError
        When it is damaged.
    """
    kept = b""
    for chunk in iter(lambda: source.read(_CHUNK), b""):
        if _WORTH_PARSING.search(kept + chunk):
            break
        kept = chunk[-_LONGEST_SIGN:]
    else:
        return Markup()
    source.seek(0)
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.ParseFile(source)
    return Markup(
        reader.hidden_rows,
        reader.hidden_columns,
        tuple(reader.merged),
        tuple(reader.uncalculated),
    )
