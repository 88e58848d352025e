"""Line plots: lines with bands over a numeric scale, told apart by colour and marker."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.panels import (
    BEYOND,
    Axis,
    Frame,
    Grid,
    draw_panels,
    ends_of,
    left_of_panels,
    write_axis_above,
    write_axis_below,
    write_suppressed,
)
from dyadkit.display.drawing.scale import Scale
from dyadkit.display.drawing.style import (
    COLOURS,
    MARGIN,
    MARKERS,
    RULE,
    WIDTH,
    Page,
    cut_page,
    mark,
    new_page,
    rule,
)
from dyadkit.display.figures import Line, LinePlot, Point

_HEIGHT, _HEIGHT_BESIDE = 170.0, 150.0
_MOST_BESIDE = 3
_BETWEEN = 30.0
_MARKS = 5
_FEW = 12
_THIN, _THICK = 0.7, 1.6
_APART = 5.0


def draw_line_plot(spec: LinePlot, hidden: frozenset[str]) -> Figure:
    """Draw a line plot; the name of the vertical axis stands above it, to be read like the rest."""
    page = new_page()
    shown = [line for line in spec.lines if line.key not in hidden]
    points = [point for point in spec.points if point.key not in hidden]
    looks = {
        label: (COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)])
        for number, label in enumerate(dict.fromkeys(line.label for line in spec.lines))
    }
    top = write_legend(page, list(_entries(page, looks)), MARGIN)
    top = write_axis_above(page, spec.y_axis, top)
    heights = [value for line in shown for value in (*line.y, *line.low, *line.high)]
    heights += [value for point in points for value in (point.y, point.low, point.high)]
    heights += [] if spec.reference is None else [spec.reference]
    vertical = Axis(*ends_of(heights, 0.04), spec.y_style)
    along = [value for line in shown for value in line.x] + [point.x for point in points]
    # Points at the ends have room for their marks.
    across = Axis(*ends_of(along, 0.03 if points else 0.0), spec.x_style)
    panels = tuple(dict.fromkeys(line.panel for line in spec.lines)) or ("",)
    columns = len(panels) if len(panels) <= _MOST_BESIDE else _MOST_BESIDE - 1
    grid = Grid(panels, columns, _HEIGHT if columns == 1 else _HEIGHT_BESIDE, _BETWEEN)

    def draw_panel(frame: Frame, panel: str) -> None:
        _draw_panel(page, frame, spec, panel, looks, hidden)
        _draw_points(page, frame, [point for point in points if point.panel == panel], looks)

    top = draw_panels(page, grid, across, vertical, top, draw_panel)
    left, right = left_of_panels(vertical), WIDTH - MARGIN - BEYOND
    return cut_page(page, write_axis_below(page, spec.x_axis, left, right, top) + MARGIN)


def _draw_panel(
    page: Page,
    frame: Frame,
    spec: LinePlot,
    panel: str,
    looks: Mapping[str, tuple[str, str]],
    hidden: frozenset[str],
) -> None:
    across, vertical, reference = frame.across, frame.vertical, spec.reference
    lines = [line for line in spec.lines if line.panel == panel]
    shown = [line for line in lines if line.key not in hidden]
    if reference is not None and vertical.holds(reference):
        y = vertical.place(reference)
        rule(page, (across.left, across.right), (y, y), colour=RULE, dashed=True, behind=True)
    for line in shown:
        _draw_band(page, line, across, vertical, looks[line.label][0])
    for line in shown:
        _draw_line(page, line, across, vertical, looks[line.label], marked=not spec.points)
    write_suppressed(page, frame, len(lines) - len(shown), len(lines))


def _entries(page: Page, looks: Mapping[str, tuple[str, str]]) -> Iterator[Entry]:
    def symbol(colour: str, marker: str) -> Callable[[float, float], None]:
        def drawn(x: float, y: float) -> None:
            rule(page, (x - 5.0, x + 5.0), (y, y), colour=colour, thickness=_THICK)
            mark(page, x, y, marker, colour, size=4.0)

        return drawn

    for label, look in looks.items():
        if label:
            yield Entry(label, symbol(*look))


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


def _draw_points(
    page: Page, frame: Frame, points: Sequence[Point], looks: Mapping[str, tuple[str, str]]
) -> None:
    """Draw points, those of one label in a column of their own."""
    labels = [label for label in looks if label in {point.label for point in points}]
    for point in points:
        colour, marker = looks[point.label]
        aside = _APART * (labels.index(point.label) - (len(labels) - 1) / 2)
        x = frame.across.place(point.x) + aside
        if math.isfinite(point.low) and math.isfinite(point.high):
            ends = frame.vertical.place(point.low), frame.vertical.place(point.high)
            rule(page, (x, x), ends, colour=colour, thickness=_THIN)
        mark(page, x, frame.vertical.place(point.y), marker, colour, size=4.0)


def _draw_line(
    page: Page,
    line: Line,
    across: Scale,
    vertical: Scale,
    look: tuple[str, str],
    *,
    marked: bool,
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
    # Few values of a scale are marked where they are; of a curve some places on the way.
    few = 2 < x.size <= _FEW
    places = x if few else np.linspace(x[0], x[-1], _MARKS + 2)[1:-1]
    for place in places.tolist() if marked else ():
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
