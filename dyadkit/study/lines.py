"""Where things stand in the text of a study file, as far as a scan finds them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]

_WORD = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_PATH = rf"{_WORD}(?:\s*\.\s*{_WORD})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*|[\[\]{}]')


def scan_lines(text: str) -> dict[Place, int]:
    """Find the line of every table and key.

    Returns
    -------
    dict
        Place to line; a place is the path that a validation error names, such as
        ``("source", 0, "dyad")``.

    Examples
    --------
    >>> scan_lines('[[source]]\\ndyad = "pair"')[("source", 0, "dyad")]
    2
    """
    lines: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in _statements(text):
        header = _HEADER.fullmatch(line)
        if header:
            table = _within(_path(header[2]), counts)
            if header[1] == "[[":
                position = counts.get(table, 0)
                counts[table] = position + 1
                lines.setdefault(table, number)
                table = (*table, position)
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            path = (*table, *_path(key[1]))
            for end in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:end], number)
    return lines


def line_of(place: Place, lines: Mapping[Place, int]) -> int:
    """Return the line of a place or of the nearest place around it; 0 where a scan finds none."""
    return next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 0)


def _within(path: Place, counts: Mapping[Place, int]) -> Place:
    """Put the number of the last entry behind each array of tables that a path passes through."""
    place: Place = ()
    for step in path[:-1]:
        place = (*place, step)
        if place in counts:
            place = (*place, counts[place] - 1)
    return (*place, *path[-1:])


def _path(text: str) -> Place:
    return tuple(word.strip("\"'") for word in re.findall(_WORD, text))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines on which a statement begins, leaving out what goes on from a line above."""
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote and depth == 0:
            yield number, line
            if _HEADER.fullmatch(line):
                continue
        rest = line
        if quote:
            _, ended, rest = line.partition(quote)
            if not ended:
                continue
            quote = ""
        for token in _TOKEN.finditer(rest):
            word = token[0]
            if word in ('"""', "'''"):
                _, ended, _ = rest[token.end() :].partition(word)
                if not ended:
                    quote = word
                    break
            elif word in "[{":
                depth += 1
            elif word in "]}":
                depth = max(depth - 1, 0)
