"""Column labels of grids: level where they fit, else upright, else numbers with a key below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyadkit.display.drawing.lettering import (
    LEADING,
    height,
    printable,
    width,
    wrap,
    write,
    write_upwards,
)
from dyadkit.display.drawing.style import MARGIN, SMALL, WIDTH, Page

_LEVEL_LIMIT = 5 * LEADING * SMALL
_UPRIGHT_LIMIT = 150.0
_PADDING = 4.0


@dataclass(frozen=True, slots=True)
class Headings:
    """Column labels broken into lines.

    Attributes
    ----------
    lines : tuple of tuple of str
        The lines above each column.
    upright : bool
        Whether they run upwards.
    height : float
        What they take above the grid, in points.
    key : tuple of str
        The labels themselves, where the columns are only numbered.
    """

    lines: tuple[tuple[str, ...], ...]
    upright: bool
    height: float
    key: tuple[str, ...] = ()


def fit_headings(labels: Sequence[str], across: float) -> Headings:
    """Choose how labels stand above columns that are `across` points wide.

    Level if no word must be broken and they stay low; else upright if they stay below a fifth of
    a page; else the columns are numbered and the labels go below the grid.
    """
    room = across - _PADDING
    upright = _upright(labels, across)
    words = [word for label in labels for word in printable(label).split()]
    if all(width(word, SMALL) <= room for word in words):
        lines = tuple(wrap(label, room, SMALL) for label in labels)
        tall = max((height(block, SMALL) for block in lines), default=0.0)
        if tall <= _LEVEL_LIMIT or (upright is not None and tall <= upright.height):
            return Headings(lines, upright=False, height=tall)
    if upright is not None:
        return upright
    numbers = tuple((str(number),) for number in range(1, len(labels) + 1))
    return Headings(numbers, upright=False, height=LEADING * SMALL, key=tuple(labels))


def _upright(labels: Sequence[str], across: float) -> Headings | None:
    """Find the shortest length at which upright labels are no wider than their columns."""
    most = int(across / (LEADING * SMALL))
    if most < 1:
        return None
    for length in (30.0, 45.0, 60.0, 80.0, 100.0, 125.0, _UPRIGHT_LIMIT):
        lines = tuple(wrap(label, length, SMALL) for label in labels)
        words = [word for label in labels for word in printable(label).split()]
        whole = all(width(word, SMALL) <= length for word in words)
        if all(len(block) <= most for block in lines) and (whole or length == _UPRIGHT_LIMIT):
            reach = max((width(line, SMALL) for block in lines for line in block), default=0.0)
            return Headings(lines, upright=True, height=reach)
    return None


def write_headings(
    page: Page, headings: Headings, columns: range, top: float, left: float, across: float
) -> float:
    """Write the labels of some columns, the first at `left`, and return where the grid begins."""
    bottom = top + headings.height
    for place, column in enumerate(columns):
        lines = headings.lines[column]
        middle = left + (place + 0.5) * across
        if headings.upright:
            write_upwards(page, middle, bottom, lines, SMALL)
        else:
            above = bottom - height(lines, SMALL)
            write(page, middle, above, lines, size=SMALL, align="center")
    return bottom + _PADDING


def write_key(page: Page, headings: Headings, top: float) -> float:
    """Write what numbered columns stand for, and return where that ends."""
    for number, label in enumerate(headings.key, 1):
        write(page, MARGIN + 14.0, top, (str(number),), size=SMALL, align="right")
        lines = wrap(label, WIDTH - 2 * MARGIN - 20.0, SMALL)
        top = write(page, MARGIN + 20.0, top, lines, size=SMALL) + 1.5
    return top
