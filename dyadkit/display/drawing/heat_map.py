"""Heat maps: a grid of numbers shaded by size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from dyadkit.display.drawing.headings import fit_headings, write_headings, write_key
from dyadkit.display.drawing.lettering import height, widest, width, wrap, write
from dyadkit.display.drawing.scale import Scale, write_ticks
from dyadkit.display.drawing.style import (
    DIVERGING,
    FAINT,
    HIDDEN,
    HIDDEN_NOTE,
    INK,
    MARGIN,
    MUTED,
    RULE,
    SEQUENTIAL,
    SMALL,
    WIDTH,
    Box,
    Colour,
    Page,
    block,
    blocks,
    cut_page,
    new_page,
)
from dyadkit.display.figures import HeatMap
from dyadkit.display.formats import Format, format_value
from dyadkit.display.tables import Cell

_GAP = 6.0
_LABEL_LIMIT = 0.38 * WIDTH
_WIDEST_CELL = 92.0
_NARROWEST_CELL = 15.0
_LOWEST_ROW = 15.0
_BAR_WIDTH, _BAR_HEIGHT, _BAR_STEPS = 120.0, 6.0, 48


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of a heat map, from `low` to `high`."""

    palette: Colormap
    low: float
    high: float

    def colour(self, value: float) -> Colour:
        """Return the colour of a value; beyond the scale it is that of the nearer end.

        A diverging scale reaches equally far on both sides of zero, so that equal sizes have
        equally strong colours.
        """
        if self.low < 0:
            high = max(-self.low, abs(self.high))
            low = -high
        else:
            low, high = self.low, self.high
        red, green, blue, alpha = self.palette(min(max((value - low) / (high - low), 0.0), 1.0))
        return red, green, blue, alpha


def draw_heat_map(spec: HeatMap, hidden: frozenset[str]) -> Figure:
    """Draw a heat map; where it is too wide for the page its columns go on further down."""
    page = new_page()
    high = spec.high if spec.high > spec.low else spec.low + 1.0
    shades = Shades(DIVERGING if spec.low < 0 else SEQUENTIAL, spec.low, high)
    texts = [[_text(cell, spec, hidden) for cell in row] for row in spec.cells]
    label_room = min(widest(spec.row_labels), _LABEL_LIMIT)
    labels = [wrap(label, label_room + 0.5) for label in spec.row_labels]
    left = MARGIN + label_room + _GAP
    room = WIDTH - MARGIN - left
    narrowest = max(_NARROWEST_CELL, widest([text for row in texts for text in row], SMALL) + 6.0)
    total = len(spec.column_labels)
    parts = math.ceil(total / max(1, int(room / narrowest)))
    per_part = math.ceil(total / parts) if parts else 1
    across = min(room / per_part, _WIDEST_CELL)
    headings = fit_headings(spec.column_labels, across)

    top = MARGIN
    for start in range(0, total, per_part):
        columns = range(start, min(start + per_part, total))
        top = write_headings(page, headings, columns, top, left, across)
        boxes: list[Box] = []
        fills: list[Colour] = []
        for label, cells, row in zip(labels, spec.cells, texts, strict=True):
            in_cells = [wrap(row[column], across - 2.0, SMALL) for column in columns]
            tallest = max(height(lines, SMALL) for lines in in_cells)
            down = max(_LOWEST_ROW, height(label) + 4.0, tallest + 4.0)
            write(page, MARGIN, top + (down - height(label)) / 2, label)
            for place, column in enumerate(columns):
                box = (left + place * across, top, across, down)
                cell = cells[column]
                fill = None if cell.key in hidden else _fill(cell.value, shades)
                if cell.key in hidden:
                    _draw_hidden(page, box)
                elif fill is not None:
                    boxes.append(box)
                    fills.append(fill)
                _write_value(page, box, in_cells[place], fill)
            top += down
        blocks(page, boxes, fills, edge=FAINT)
        top += 10.0
    any_hidden = any(cell.key in hidden for cells in spec.cells for cell in cells)
    top = _legend(page, spec.style, shades, top, left, any_hidden)
    if headings.key:
        top = write_key(page, headings, top + 6.0)
    return cut_page(page, top + MARGIN)


def _text(cell: Cell, spec: HeatMap, hidden: frozenset[str]) -> str:
    if cell.key in hidden:
        return "s"
    return "" if cell.value is None else format_value(cell.value, cell.style or spec.style)


def _fill(value: object, shades: Shades) -> Colour | None:
    """Return the colour behind a value: None for an empty place, white for what is no number."""
    if value is None:
        return None
    if isinstance(value, (int, float, np.number)) and not math.isnan(value):
        return shades.colour(float(value))
    return 1.0, 1.0, 1.0, 1.0


def _draw_hidden(page: Page, box: Box) -> None:
    left, top, across, down = box
    block(page, left, top, across, down, fill=HIDDEN, edge=FAINT, hatch="/////")
    # A plain ground, or the hatching runs through the letter.
    block(page, left + across / 2 - 4.5, top + down / 2 - 5.0, 9.0, 10.0, fill=HIDDEN)


def _write_value(page: Page, box: Box, lines: Sequence[str], fill: Colour | None) -> None:
    left, top, across, down = box
    colour = INK if fill is None else _contrasting(fill)
    middle = top + (down - height(lines, SMALL)) / 2
    write(page, left + across / 2, middle, lines, size=SMALL, align="center", colour=colour)


def _contrasting(fill: Colour) -> str:
    """Return black or white, whichever stands out more: never below 4.5 : 1 (WCAG 2.1)."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in fill[:3]
    ]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"


def _legend(
    page: Page, style: Format, shades: Shades, top: float, left: float, any_hidden: bool
) -> float:
    """Draw the colour bar, say what "s" means, and return where both end."""
    left = min(left, WIDTH - MARGIN - _BAR_WIDTH)
    scale = Scale(shades.low, shades.high, left, left + _BAR_WIDTH)
    step = _BAR_WIDTH / _BAR_STEPS
    # Each step runs under the next one: no white hairlines between them.
    boxes = [
        (left + number * step, top, min(2 * step, _BAR_WIDTH - number * step), _BAR_HEIGHT)
        for number in range(_BAR_STEPS)
    ]
    values = np.linspace(shades.low, shades.high, _BAR_STEPS)
    blocks(page, boxes, [shades.colour(float(value)) for value in values], edge="none")
    block(page, left, top, _BAR_WIDTH, _BAR_HEIGHT, edge=RULE, thickness=0.5)
    marks = [shades.low, shades.high, *([0.0] if shades.low < 0 < shades.high else [])]
    bottom = write_ticks(page, scale, marks, style, top + _BAR_HEIGHT + 1.0)
    if any_hidden:
        after = left + _BAR_WIDTH + 30.0
        beside = WIDTH - MARGIN - after >= width(HIDDEN_NOTE, SMALL)
        x, y = (after, top - 1.5) if beside else (MARGIN, bottom + 2.0)
        bottom = max(bottom, write(page, x, y, (HIDDEN_NOTE,), size=SMALL, colour=MUTED))
    return bottom
