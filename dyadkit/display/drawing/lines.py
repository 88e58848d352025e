"""Line plots: lines with bands over a numeric scale, told apart by colour and marker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.scale import Scale, draw_scale, tick_labels
from dyadkit.display.drawing.style import (
    COLOURS,
    INK,
    MARGIN,
    MARKERS,
    MUTED,
    RULE,
    SMALL,
    WIDTH,
    Page,
    cut_page,
    mark,
    new_page,
    rule,
)
from dyadkit.display.figures import Line, LinePlot
from dyadkit.display.tables import SUPPRESSED

_HEIGHT, _HEIGHT_BESIDE = 170.0, 150.0
_MOST_BESIDE = 3
_BETWEEN, _BEYOND = 30.0, 6.0
_GAP = 5.0
_TICK = 3.0
_MARKS = 5
_THIN, _THICK = 0.7, 1.6


@dataclass(frozen=True, slots=True)
class _Frame:
    """The space of a panel, and how lines look in it."""

    across: Scale
    vertical: Scale
    looks: dict[str, tuple[str, str]]


def draw_line_plot(spec: LinePlot, hidden: frozenset[str]) -> Figure:
    """Draw a line plot; the name of the vertical axis stands above it, to be read like the rest."""
    page = new_page()
    shown = [line for line in spec.lines if line.key not in hidden]
    looks = {
        label: (COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)])
        for number, label in enumerate(dict.fromkeys(line.label for line in spec.lines))
    }
    top = write_legend(page, list(_entries(page, looks)), MARGIN)
    name = wrap(spec.y_axis, WIDTH - 2 * MARGIN, SMALL)
    top = write(page, MARGIN, top, name, size=SMALL) + 4.0
    low, high = _ends([value for line in shown for value in (*line.y, *line.low, *line.high)], spec)
    begin, end = _ends([value for line in shown for value in line.x], None)
    ticks = _ticks(Scale(low, high, 0.0, 1.0))
    labels = tick_labels(ticks, spec.y_style)
    left = MARGIN + widest(labels, SMALL) + _TICK + _GAP
    panels = list(dict.fromkeys(line.panel for line in spec.lines)) or [""]
    columns = len(panels) if len(panels) <= _MOST_BESIDE else _MOST_BESIDE - 1
    between = _BETWEEN if columns > 1 else 0.0
    room = (WIDTH - MARGIN - _BEYOND - left - (columns - 1) * between) / columns
    down = _HEIGHT if columns == 1 else _HEIGHT_BESIDE
    for first in range(0, len(panels), columns):
        row = panels[first : first + columns]
        headings = [wrap(panel, room, SMALL, bold=True) if panel else () for panel in row]
        # Half a label may stand above and below the ends of the axis.
        top += max(height(lines, SMALL) for lines in headings) + height(("",), SMALL) / 2
        vertical = Scale(low, high, top + down, top)
        under = top
        for place, (panel, heading) in enumerate(zip(row, headings, strict=True)):
            start = left + place * (room + between)
            frame = _Frame(Scale(begin, end, start, start + room), vertical, looks)
            above = top - height(("",), SMALL) / 2 - height(heading, SMALL)
            middle = start + room / 2
            write(page, middle, above, heading, size=SMALL, align="center", bold=True)
            _draw_vertical(page, frame, ticks, labels if place == 0 else ())
            _draw_panel(page, frame, spec, panel, hidden)
            under = draw_scale(page, frame.across, spec.x_style, top + down)
        top = under + (6.0 if first + columns < len(panels) else 2.0)
    middle = (left + WIDTH - MARGIN - _BEYOND) / 2
    lines = wrap(spec.x_axis, 2 * (WIDTH - MARGIN - middle), SMALL)
    return cut_page(page, write(page, middle, top, lines, size=SMALL, align="center") + MARGIN)


def _draw_vertical(
    page: Page, frame: _Frame, ticks: Sequence[float], labels: Sequence[str]
) -> None:
    """Draw the vertical axis of a panel; without labels where the panel beside it has them."""
    left, vertical = frame.across.left, frame.vertical
    rule(page, (left, left), (vertical.right, vertical.left), colour=INK)
    for tick in ticks:
        y = vertical.place(tick)
        rule(page, (left - _TICK, left), (y, y), colour=INK)
    for tick, label in zip(ticks, labels, strict=False):
        at = vertical.place(tick) - height((label,), SMALL) / 2
        write(page, left - _TICK - 2.0, at, (label,), size=SMALL, align="right", colour=MUTED)


def _draw_panel(
    page: Page, frame: _Frame, spec: LinePlot, panel: str, hidden: frozenset[str]
) -> None:
    across, vertical = frame.across, frame.vertical
    lines = [line for line in spec.lines if line.panel == panel]
    shown = [line for line in lines if line.key not in hidden]
    if spec.reference is not None and vertical.holds(spec.reference):
        y = vertical.place(spec.reference)
        rule(page, (across.left, across.right), (y, y), colour=RULE, dashed=True, behind=True)
    for line in shown:
        _draw_band(page, line, across, vertical, frame.looks[line.label][0])
    for line in shown:
        _draw_line(page, line, across, vertical, frame.looks[line.label])
    if len(shown) < len(lines):
        word = (SUPPRESSED if not shown else f"{len(lines) - len(shown)} {SUPPRESSED}",)
        middle = (across.left + across.right) / 2
        at = (vertical.left + vertical.right) / 2 if not shown else vertical.right
        write(page, middle, at, word, size=SMALL, align="center", italic=True, colour=MUTED)


def _entries(page: Page, looks: Mapping[str, tuple[str, str]]) -> Iterator[Entry]:
    def symbol(colour: str, marker: str) -> Callable[[float, float], None]:
        def drawn(x: float, y: float) -> None:
            rule(page, (x - 5.0, x + 5.0), (y, y), colour=colour, thickness=_THICK)
            mark(page, x, y, marker, colour, size=4.0)

        return drawn

    for label, look in looks.items():
        if label:
            yield Entry(label, symbol(*look))


def _ends(values: Sequence[float], spec: LinePlot | None) -> tuple[float, float]:
    """Return the ends of a scale that holds all values; a vertical one has some room beyond."""
    finite = [value for value in values if math.isfinite(value)]
    if spec is not None and spec.reference is not None:
        finite.append(spec.reference)
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if low == high:
        spread = 0.5 * abs(low) or 0.5
        return low - spread, high + spread
    room = 0.04 * (high - low) if spec is not None else 0.0
    return low - room, high + room


def _ticks(scale: Scale) -> list[float]:
    locator = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10])
    values = [float(value) for value in locator.tick_values(scale.low, scale.high)]
    return [value for value in values if scale.holds(value)]


def _draw_band(page: Page, line: Line, across: Scale, vertical: Scale, colour: str) -> None:
    if not line.low:
        return
    x = [across.place(value) for value in line.x]
    low = [vertical.place(value) for value in line.low]
    high = [vertical.place(value) for value in line.high]
    outline = [*zip(x, low, strict=True), *zip(x[::-1], high[::-1], strict=True)]
    page.canvas.add_collection(
        PolyCollection([outline], facecolors=colour, edgecolors="none", alpha=0.15, zorder=1)
    )


def _draw_line(
    page: Page, line: Line, across: Scale, vertical: Scale, look: tuple[str, str]
) -> None:
    colour, marker = look
    x, y = np.asarray(line.x), np.asarray(line.y)
    if not x.size:
        return
    thin = _THICK if line.strong is None else _THIN
    _trace(page, x, y, across, vertical, colour, thin)
    for begin, end in line.strong or ():
        inside = (x > begin) & (x < end)
        ends = np.clip([begin, end], x[0], x[-1])
        part = np.concatenate([ends[:1], x[inside], ends[1:]])
        _trace(page, part, np.interp(part, x, y), across, vertical, colour, _THICK)
    for place in np.linspace(x[0], x[-1], _MARKS + 2)[1:-1].tolist():
        height_there = float(np.interp(place, x, y))
        mark(page, across.place(place), vertical.place(height_there), marker, colour, size=4.0)


def _trace(
    page: Page,
    x: np.ndarray,
    y: np.ndarray,
    across: Scale,
    vertical: Scale,
    colour: str,
    thickness: float,
) -> None:
    xs = tuple(across.place(value) for value in x.tolist())
    ys = tuple(vertical.place(value) for value in y.tolist())
    rule(page, xs, ys, colour=colour, thickness=thickness)
