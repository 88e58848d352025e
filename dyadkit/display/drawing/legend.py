"""Legends: symbols with their names, side by side above a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dyadkit.display.drawing.lettering import height, width, wrap, write
from dyadkit.display.drawing.style import MARGIN, SMALL, WIDTH, Page

_SYMBOL = 12.0
_BETWEEN = 16.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, and what draws its symbol around a point."""

    name: str
    symbol: Callable[[float, float], None]


def write_legend(
    page: Page, entries: Sequence[Entry], top: float, symbol: float = _SYMBOL
) -> float:
    """Write entries in as many lines as they take, and return where they end.

    `symbol` is the room that is left for a symbol.
    """
    x, tallest = MARGIN, 0.0
    for entry in entries:
        lines = wrap(entry.name, WIDTH - 2 * MARGIN - symbol, SMALL)
        across = symbol + max(width(line, SMALL) for line in lines)
        if x > MARGIN and x + across > WIDTH - MARGIN:
            x, top, tallest = MARGIN, top + tallest + 2.0, 0.0
        entry.symbol(x + 4.0, top + height(lines[:1], SMALL) / 2)
        write(page, x + symbol, top, lines, size=SMALL)
        tallest = max(tallest, height(lines, SMALL))
        x += across + _BETWEEN
    return top + tallest + 6.0 if entries else top
