"""Line plots: lines with bands over a numeric scale, told apart by colour and marker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.scale import Scale, draw_axis, tick_labels
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

_HEIGHT = 170.0
_GAP = 5.0
_TICK = 3.0
_MARKS = 5
_THIN, _THICK = 0.7, 1.6


def draw_line_plot(spec: LinePlot, hidden: frozenset[str]) -> Figure:
    """Draw a line plot; the name of the vertical axis stands above it, to be read like the rest."""
    page = new_page()
    shown = [line for line in spec.lines if line.key not in hidden]
    looks = {
        id(line): (COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)])
        for number, line in enumerate(spec.lines)
    }
    top = write_legend(page, list(_entries(page, spec.lines, looks)), MARGIN)
    name = wrap(spec.y_axis, WIDTH - 2 * MARGIN, SMALL)
    top = write(page, MARGIN, top, name, size=SMALL) + 4.0
    # Half a label may stand above and below the ends of the axis.
    top += height(("",), SMALL) / 2
    bottom = top + _HEIGHT
    low, high = _ends([value for line in shown for value in (*line.y, *line.low, *line.high)], spec)
    vertical = Scale(low, high, bottom, top)
    ticks = _ticks(vertical)
    labels = tick_labels(ticks, spec.y_style)
    left = MARGIN + widest(labels, SMALL) + _TICK + _GAP
    begin, end = _ends([value for line in shown for value in line.x], None)
    across = Scale(begin, end, left, WIDTH - MARGIN - 6.0)
    rule(page, (left, left), (top, bottom), colour=INK)
    for tick, label in zip(ticks, labels, strict=True):
        y = vertical.place(tick)
        rule(page, (left - _TICK, left), (y, y), colour=INK)
        at = y - height((label,), SMALL) / 2
        write(page, left - _TICK - 2.0, at, (label,), size=SMALL, align="right", colour=MUTED)
    if spec.reference is not None and vertical.holds(spec.reference):
        y = vertical.place(spec.reference)
        rule(page, (left, across.right), (y, y), colour=RULE, dashed=True, behind=True)
    for line in shown:
        _draw_band(page, line, across, vertical, looks[id(line)][0])
    for line in shown:
        _draw_line(page, line, across, vertical, looks[id(line)])
    if len(shown) < len(spec.lines):
        word = (SUPPRESSED if not shown else f"{len(spec.lines) - len(shown)} {SUPPRESSED}",)
        middle = (left + across.right) / 2
        at = (top + bottom) / 2 if not shown else top
        write(page, middle, at, word, size=SMALL, align="center", italic=True, colour=MUTED)
    under = draw_axis(page, across, spec.x_axis, spec.x_style, bottom)
    return cut_page(page, under + MARGIN)


def _entries(
    page: Page, lines: Sequence[Line], looks: dict[int, tuple[str, str]]
) -> Iterator[Entry]:
    def symbol(colour: str, marker: str) -> Callable[[float, float], None]:
        def drawn(x: float, y: float) -> None:
            rule(page, (x - 5.0, x + 5.0), (y, y), colour=colour, thickness=_THICK)
            mark(page, x, y, marker, colour, size=4.0)

        return drawn

    for line in lines:
        if line.label:
            yield Entry(line.label, symbol(*looks[id(line)]))


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
