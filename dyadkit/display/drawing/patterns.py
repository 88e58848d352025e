"""Pattern plots: which variables are there together, and how many dyads have each pattern."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from dyadkit.display.drawing.headings import fit_headings, write_headings, write_key
from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import LEADING, height, printable, widest, width, write
from dyadkit.display.drawing.scale import amount
from dyadkit.display.drawing.style import (
    COLOURS,
    HIDDEN_NOTE,
    INK,
    MARGIN,
    MUTED,
    RULE,
    SMALL,
    WIDTH,
    Box,
    Page,
    block,
    blocks,
    cut_page,
    new_page,
)
from dyadkit.display.figures import PatternPlot
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell

_ROW = 14.0
_INSET = 1.5
_GAP = 12.0
_NARROWEST_TILE, _WIDEST_TILE = 9.0, 44.0
_BARS = 100.0
_LONGEST_BAR = 220.0
_OTHER = "other patterns"
# Fill and edge of the tiles: observed, missing.
_LOOKS = ((COLOURS[0], COLOURS[0]), ("white", RULE))
_BAR, _OTHER_BAR = "#7f7f7f", "#c4c4c4"


def draw_pattern_plot(spec: PatternPlot, hidden: frozenset[str]) -> Figure:
    """Draw patterns of missing answers; too many variables go on further down."""
    page = new_page()
    cells = [*spec.counts, *([spec.other] if spec.other else [])]
    total = len(spec.column_labels)
    room = WIDTH - 2 * MARGIN - _GAP - _BARS
    parts = math.ceil(total / int(room / _NARROWEST_TILE))
    per_part = math.ceil(total / parts) if parts else 1
    across = min(room / per_part, _WIDEST_TILE)
    headings = fit_headings(spec.column_labels, across)
    after = MARGIN + max(per_part * across, width(_OTHER, SMALL, italic=True)) + _GAP
    bars = _bars(cells, hidden, min(WIDTH - MARGIN - after, _LONGEST_BAR))

    top = write_legend(
        page, [Entry("observed", _key(page, 0)), Entry("missing", _key(page, 1))], MARGIN
    )
    for start in range(0, total, per_part):
        columns = range(start, min(start + per_part, total))
        top = write_headings(page, headings, columns, top, MARGIN, across)
        above = top - 4.0 - LEADING * SMALL
        write(page, after, above, ("Dyads",), size=SMALL, colour=MUTED)
        tiles: tuple[list[Box], list[Box]] = ([], [])
        for pattern, bar in zip(spec.patterns, bars, strict=False):
            for place, column in enumerate(columns):
                corner = (MARGIN + place * across + _INSET, top + _INSET)
                size = (across - 2 * _INSET, _ROW - 2 * _INSET)
                tiles[0 if pattern[column] else 1].append((*corner, *size))
            _draw_bar(page, after, top, bar, _BAR)
            top += _ROW
        for boxes, look in zip(tiles, _LOOKS, strict=True):
            blocks(page, boxes, *look)
        if spec.other is not None:
            middle = top + (_ROW - height((_OTHER,), SMALL)) / 2
            write(page, MARGIN + _INSET, middle, (_OTHER,), size=SMALL, italic=True)
            _draw_bar(page, after, top, bars[-1], _OTHER_BAR)
            top += _ROW
        top += 8.0
    if any(cell.key in hidden for cell in cells):
        top = write(page, MARGIN, top, (HIDDEN_NOTE,), size=SMALL, colour=MUTED) + 4.0
    if headings.key:
        top = write_key(page, headings, top + 2.0)
    return cut_page(page, top + MARGIN)


def _key(page: Page, which: int) -> Callable[[float, float], None]:
    """Return what draws the sample of a tile in the legend."""
    return lambda x, y: blocks(page, [(x - 4.0, y - 4.0, 8.0, 8.0)], *_LOOKS[which])


def _bars(cells: Sequence[Cell], hidden: frozenset[str], room: float) -> list[tuple[str, float]]:
    """Return the text and the length of each bar; the longest shown one fills the room."""
    texts = [
        "s" if cell.key in hidden else format_value(cell.value, cell.style or "count")
        for cell in cells
    ]
    sizes = [0.0 if cell.key in hidden else amount(cell.value) for cell in cells]
    reach = max(room - widest(texts, SMALL) - 4.0, 10.0)
    longest = max(sizes, default=0.0) or 1.0
    return [(text, reach * size / longest) for text, size in zip(texts, sizes, strict=True)]


def _draw_bar(page: Page, left: float, top: float, bar: tuple[str, float], colour: str) -> None:
    text, length = bar
    if length > 0:
        block(page, left, top + 2.5, length, _ROW - 5.0, fill=colour)
    middle = top + (_ROW - height((text,), SMALL)) / 2
    write(
        page,
        left + (length + 4.0 if length else 0.0),
        middle,
        (printable(text),),
        size=SMALL,
        colour=INK,
    )
