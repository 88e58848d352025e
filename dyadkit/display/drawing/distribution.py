"""Distribution plots: a histogram on the scale of density, outlines to compare, marked places."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from dyadkit.display.agreement_figures import Bar, DistributionPlot, Mark, Reference
from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, width, wrap, write
from dyadkit.display.drawing.panels import (
    BEYOND,
    Axis,
    Frame,
    Grid,
    draw_panels,
    left_of_panels,
    room_of_panel,
    write_axis_above,
    write_axis_below,
    write_suppressed,
)
from dyadkit.display.drawing.scale import amount
from dyadkit.display.drawing.spreading import spread
from dyadkit.display.drawing.style import (
    COLOURS,
    FAINT,
    HIDDEN,
    INK,
    MARGIN,
    MUTED,
    SMALL,
    WIDTH,
    Box,
    Page,
    block,
    blocks,
    cut_page,
    new_page,
    rule,
)
from dyadkit.display.formats import format_value

_HEIGHT, _HEIGHT_BESIDE = 170.0, 140.0
_MOST_BESIDE = 3
_BETWEEN = 26.0
_HEIGHT_NAME = "Share per unit of the axis"
_BAR, _BAR_EDGE = "#a6cbe3", "#ffffff"
_OUTLINES = (COLOURS[1], INK, COLOURS[2], COLOURS[3])
_STRIP = 7.0
_LEADER = 9.0
_LABEL, _APART = 76.0, 10.0
_THICK, _THIN = 1.5, 0.9


@dataclass(frozen=True, slots=True)
class _Lettered:
    """The marked places of a panel, their labels, and the room that each takes."""

    marks: tuple[Mark, ...]
    names: tuple[tuple[str, ...], ...]
    values: tuple[str, ...]
    rooms: tuple[float, ...]

    @property
    def tallest(self) -> float:
        """The height of the tallest label."""
        return max((height((*lines, ""), SMALL) for lines in self.names), default=0.0)


def draw_distribution_plot(spec: DistributionPlot, hidden: frozenset[str]) -> Figure:
    """Draw a distribution plot; a hidden bar leaves a strip of fixed height."""
    page = new_page()
    bars = [bar for bar in spec.bars if bar.cell.key not in hidden and amount(bar.cell.value) > 0]
    concealed = [bar for bar in spec.bars if bar.cell.key in hidden]
    outlines = [one for one in spec.references if one.key not in hidden]
    marks = [one for one in spec.marks if one.key not in hidden and math.isfinite(one.value)]
    looks = {
        label: _OUTLINES[number % len(_OUTLINES)]
        for number, label in enumerate(dict.fromkeys(one.label for one in spec.references))
    }
    highest = max(
        (
            *(amount(bar.cell.value) / (bar.high - bar.low) for bar in bars),
            *(float(_densities(one).max()) for one in outlines),
        ),
        default=0.0,
    )
    vertical = Axis(0.0, 1.06 * highest or 1.0, "statistic")
    across = Axis(*_ends(spec, marks), spec.style)
    columns = len(spec.panels) if len(spec.panels) <= _MOST_BESIDE else _MOST_BESIDE - 1
    down = _HEIGHT if columns == 1 else _HEIGHT_BESIDE
    left = left_of_panels(vertical)
    room = room_of_panel(Grid(spec.panels, columns, down, _BETWEEN), left)
    lettered = {
        panel: _letter([one for one in marks if one.panel == panel], spec, room)
        for panel in spec.panels
    }
    above = max(one.tallest for one in lettered.values()) + (_LEADER + 1.0 if marks else 0.0)
    grid = Grid(spec.panels, columns, down, _BETWEEN, above=above)

    def draw_panel(frame: Frame, panel: str) -> None:
        _draw_bars(page, frame, [bar for bar in bars if bar.panel == panel])
        _draw_concealed(page, frame, [bar for bar in concealed if bar.panel == panel])
        for one in outlines:
            if one.panel == panel:
                _draw_outline(page, frame, one, looks[one.label])
        _draw_marks(page, frame, lettered[panel])
        others: tuple[Reference | Mark, ...] = (*spec.references, *spec.marks)
        missing = sum(one.key in hidden for one in others if one.panel == panel)
        write_suppressed(page, frame, missing, total=len(others) + 1)

    top = write_legend(page, _entries(page, spec, looks, hidden, bool(concealed)), MARGIN)
    top = write_axis_above(page, _HEIGHT_NAME, top)
    top = draw_panels(page, grid, across, vertical, top, draw_panel)
    right = WIDTH - MARGIN - BEYOND
    return cut_page(page, write_axis_below(page, spec.axis, left, right, top) + MARGIN)


def _entries(
    page: Page,
    spec: DistributionPlot,
    looks: Mapping[str, str],
    hidden: frozenset[str],
    concealed: bool,
) -> list[Entry]:
    def outline(colour: str) -> Callable[[float, float], None]:
        xs, ys = (-4.0, 0.5, 0.5, 5.0), (2.5, 2.5, -2.5, -2.5)
        return lambda x, y: rule(
            page,
            tuple(x + step for step in xs),
            tuple(y + step for step in ys),
            colour=colour,
            thickness=_THICK,
        )

    shown = {one.label for one in spec.references if one.key not in hidden}

    def bar(x: float, y: float) -> None:
        block(page, x - 4.0, y - 4.0, 8.0, 8.0, fill=_BAR)

    entries = [Entry(spec.observed, bar)]
    entries += [Entry(name, outline(colour)) for name, colour in looks.items() if name in shown]
    if concealed:
        entries.append(Entry("suppressed", lambda x, y: _strip(page, x - 4.0, x + 4.0, y + 3.5)))
    return entries


def _letter(marks: Sequence[Mark], spec: DistributionPlot, room: float) -> _Lettered:
    """Break labels so that all of a panel can stand side by side."""
    values = tuple(format_value(one.value, spec.style) for one in marks)
    limit, least = _LABEL, room / max(len(marks), 1) - _APART
    while True:
        names = tuple(wrap(one.label, limit, SMALL) if one.label.strip() else () for one in marks)
        rooms = tuple(
            max(width(line, SMALL) for line in (*lines, value)) + _APART
            for lines, value in zip(names, values, strict=True)
        )
        if sum(rooms) <= room or limit <= least:
            return _Lettered(tuple(marks), names, values, rooms)
        limit = max(limit - 4.0, least)


def _draw_bars(page: Page, frame: Frame, bars: Sequence[Bar]) -> None:
    boxes: list[Box] = []
    for bar in bars:
        left, right = frame.across.place(bar.low), frame.across.place(bar.high)
        top = frame.vertical.place(amount(bar.cell.value) / (bar.high - bar.low))
        boxes.append((left, top, right - left, frame.vertical.left - top))
    blocks(page, boxes, _BAR, edge=_BAR_EDGE)


def _draw_concealed(page: Page, frame: Frame, bars: Sequence[Bar]) -> None:
    for bar in bars:
        left, right = frame.across.place(bar.low), frame.across.place(bar.high)
        _strip(page, left, right, frame.vertical.left)


def _strip(page: Page, left: float, right: float, bottom: float) -> None:
    block(page, left, bottom - _STRIP, right - left, _STRIP, fill=HIDDEN, edge=FAINT, hatch="/////")


def _draw_outline(page: Page, frame: Frame, one: Reference, colour: str) -> None:
    heights = [0.0, *np.repeat(_densities(one), 2).tolist(), 0.0]
    xs = tuple(frame.across.place(edge) for edge in np.repeat(one.edges, 2).tolist())
    ys = tuple(frame.vertical.place(value) for value in heights)
    rule(page, xs, ys, colour=colour, thickness=_THICK)


def _draw_marks(page: Page, frame: Frame, lettered: _Lettered) -> None:
    """Draw marked places as lines that lead up to their labels."""
    across, vertical = frame.across, frame.vertical
    middles = [across.place(one.value) for one in lettered.marks]
    lefts = spread(middles, lettered.rooms, across.left, across.right)
    half = height(("",), SMALL) / 2
    bottom = vertical.right - half - _LEADER + 3.0
    order = sorted(range(len(middles)), key=lambda number: lefts[number])
    for number in order:
        lines, x = lettered.names[number], middles[number]
        middle = lefts[number] + lettered.rooms[number] / 2
        rule(
            page,
            (x, x),
            (vertical.left, vertical.right),
            colour=INK,
            thickness=_THIN,
            dashed=True,
        )
        rule(page, (x, middle), (vertical.right, bottom + 1.0), colour=MUTED, thickness=0.6)
        top = bottom - height((*lines, ""), SMALL)
        below = write(page, middle, top, lines, size=SMALL, align="center", colour=MUTED)
        write(page, middle, below, (lettered.values[number],), size=SMALL, align="center")


def _densities(one: Reference) -> np.ndarray:
    return np.asarray(one.shares) / np.diff(one.edges)


def _ends(spec: DistributionPlot, marks: Sequence[Mark]) -> tuple[float, float]:
    """Return the ends of the axis: edges are no secret, whatever lies between them."""
    edges = [edge for bar in spec.bars for edge in (bar.low, bar.high)]
    edges += [edge for one in spec.references for edge in one.edges]
    edges += [one.value for one in marks]
    if not edges:
        return 0.0, 1.0
    low, high = min(edges), max(edges)
    return (low, high) if low < high else (low - 0.5, high + 0.5)
