"""Limits-of-agreement plots: shaded counts, and lines with their values beside the panel."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from dyadkit.display.agreement_figures import Level, LimitsPlot, Slope
from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.panels import (
    BEYOND,
    Axis,
    Frame,
    Grid,
    draw_panels,
    left_of_panels,
    write_axis_above,
    write_axis_below,
    write_suppressed,
)
from dyadkit.display.drawing.scale import amount
from dyadkit.display.drawing.spreading import spread
from dyadkit.display.drawing.style import (
    COLOURS,
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
    blocks,
    cut_page,
    mark,
    new_page,
    rule,
)
from dyadkit.display.formats import format_value

_HEIGHT, _HEIGHT_BESIDE = 210.0, 170.0
_BETWEEN = 24.0
_BESIDE_LIMIT, _BESIDE_LIMIT_TWO = 0.27 * WIDTH, 0.165 * WIDTH
_LEADER = 12.0
_APART = 3.0
_MOST_CLASSES = 5
_LINE, _TREND = COLOURS[1], INK
_THICK, _THIN, _TREND_THICK = 1.5, 1.1, 1.1
_EDGE = 1.2  # A white edge sets lines off from dark squares.

Content = Callable[[Page, Frame, str], None]


@dataclass(frozen=True, slots=True)
class _Lettered:
    """A line of a panel, and what stands beside it."""

    level: Level
    name: tuple[str, ...]
    value: tuple[str, ...]

    @property
    def room(self) -> float:
        return height((*self.name, *self.value), SMALL) + _APART


@dataclass(frozen=True, slots=True)
class _Classes:
    """Classes of counts, each with a shade; `begins` are the smallest counts of each."""

    begins: tuple[int, ...]
    names: tuple[str, ...]

    def colour(self, count: float) -> Colour:
        """Return the colour of the class to which a count belongs."""
        number = max(bisect_right(self.begins, count) - 1, 0)
        return self.shade(number)

    def shade(self, number: int) -> Colour:
        """Return the colour of a class: darker for more, and no darker than it takes."""
        red, green, blue, alpha = SEQUENTIAL(min(0.22 + 0.19 * number, 1.0))
        return red, green, blue, alpha


def draw_limits_plot(spec: LimitsPlot, hidden: frozenset[str]) -> Figure:
    """Draw a limits-of-agreement plot from counts in bins."""
    counts = {
        (one.panel, one.x_low, one.x_high, one.y_low, one.y_high): amount(one.cell.value)
        for one in spec.bins
        if one.cell.key not in hidden and amount(one.cell.value)
    }
    classes = count_classes(sorted({round(count) for count in counts.values()}))

    def content(page: Page, frame: Frame, panel: str) -> None:
        boxes: list[Box] = []
        fills: list[Colour] = []
        for (where, x_low, x_high, y_low, y_high), count in counts.items():
            if where == panel:
                left, right = frame.across.place(x_low), frame.across.place(x_high)
                top, bottom = frame.vertical.place(y_high), frame.vertical.place(y_low)
                boxes.append((left, top, right - left, bottom - top))
                fills.append(classes.colour(count))
        blocks(page, boxes, fills, edge="white")

    def legend(page: Page) -> list[Entry]:
        return [
            Entry(f"{name} dyads", _swatch(page, classes.shade(number)))
            for number, name in enumerate(classes.names)
        ]

    return _draw(spec, hidden, legend, content)


def draw_limits_points(
    spec: LimitsPlot, x: np.ndarray, y: np.ndarray, panels: np.ndarray
) -> Figure:
    """Draw the same plot with single points; larger ones where several coincide."""

    def content(page: Page, frame: Frame, panel: str) -> None:
        inside = panels == panel
        points, times = np.unique(
            np.column_stack((x[inside], y[inside])), axis=0, return_counts=True
        )
        places = [(frame.across.place(a), frame.vertical.place(b)) for a, b in points.tolist()]
        if places:
            at_x, at_y = zip(*places, strict=True)
            page.canvas.scatter(
                at_x,
                at_y,
                s=12.0 * times,
                color=COLOURS[0],
                alpha=0.5,
                linewidths=0.0,
                zorder=1.5,
            )

    return _draw(spec, frozenset(), lambda page: [], content)


def _draw(
    spec: LimitsPlot,
    hidden: frozenset[str],
    legend: Callable[[Page], list[Entry]],
    content: Content,
) -> Figure:
    page = new_page()
    columns = min(len(spec.panels), 2)
    limit = _BESIDE_LIMIT if columns == 1 else _BESIDE_LIMIT_TWO
    shown = [level for level in spec.lines if level.key not in hidden]
    texts = [text for level in shown for text in (level.label, _value(level, spec))]
    beside = min(widest(texts, SMALL), limit) + 0.5
    lettered = {
        panel: [
            _Lettered(
                level,
                wrap(level.label, beside, SMALL) if level.label.strip() else (),
                wrap(_value(level, spec), beside, SMALL),
            )
            for level in shown
            if level.panel == panel
        ]
        for panel in spec.panels
    }
    tallest = max(sum(one.room for one in column) for column in lettered.values())
    down = max(_HEIGHT if columns == 1 else _HEIGHT_BESIDE, tallest)
    grid = Grid(spec.panels, columns, down, _BETWEEN, beside + _LEADER + 2.0 if texts else 0.0)
    across, vertical = Axis(*spec.x_limits, spec.style), Axis(*spec.y_limits, spec.style)

    def draw_panel(frame: Frame, panel: str) -> None:
        slopes = [slope for slope in spec.slopes if slope.panel == panel]
        drawn = [slope for slope in slopes if slope.key not in hidden]
        content(page, frame, panel)
        if frame.vertical.holds(0.0):
            y = frame.vertical.place(0.0)
            rule(page, (frame.across.left, frame.across.right), (y, y), colour=RULE)
        first = next((level for level in spec.lines if level.panel == panel), None)
        for one in lettered[panel]:
            _draw_level(page, frame, one.level, dashed=one.level is not first)
        for slope in drawn:
            _draw_slope(page, frame, slope)
        _write_beside(page, frame, lettered[panel])
        total = sum(level.panel == panel for level in spec.lines) + len(slopes)
        write_suppressed(page, frame, total - len(lettered[panel]) - len(drawn), total)

    entries = legend(page)
    names = dict.fromkeys(s.label for s in spec.slopes if s.label and s.key not in hidden)
    entries += [Entry(name, _sample(page)) for name in names]
    top = write_legend(page, entries, MARGIN)
    top = write_axis_above(page, spec.y_axis, top)
    top = draw_panels(page, grid, across, vertical, top, draw_panel)
    right = WIDTH - MARGIN - BEYOND - grid.beside
    left = left_of_panels(vertical)
    return cut_page(page, write_axis_below(page, spec.x_axis, left, right, top) + MARGIN)


def count_classes(counts: Sequence[int]) -> _Classes:
    """Return at most five classes of round bounds for distinct counts in rising order.

    Examples
    --------
    >>> count_classes([5, 6, 9]).names
    ('5', '6', '9')
    >>> count_classes([5, 6, 9, 14, 15, 21, 33]).names
    ('5–9', '10–19', '20–49')
    """
    if len(counts) <= 3:
        return _Classes(tuple(counts), tuple(f"{count:,}" for count in counts))
    steps = [digit * 10**power for power in range(len(str(counts[-1])) + 1) for digit in (1, 2, 5)]
    first = bisect_right(steps, counts[0]) - 1
    begins = [step for step in steps[first:] if step <= counts[-1]]
    every = math.ceil(len(begins) / _MOST_CLASSES)
    begins = begins[::every]
    ends = [*(begin - 1 for begin in begins[1:]), _next(steps, begins[-1], every) - 1]
    names = tuple(
        f"{begin:,}" if begin == end else f"{begin:,}–{end:,}"
        for begin, end in zip(begins, ends, strict=True)
    )
    return _Classes(tuple(begins), names)


def _next(steps: Sequence[int], begin: int, every: int) -> int:
    place = steps.index(begin) + every
    return steps[place] if place < len(steps) else 10 * begin


def _value(level: Level, spec: LimitsPlot) -> str:
    estimate = format_value(level.estimate, spec.style)
    if math.isnan(level.low) and math.isnan(level.high):
        return estimate
    low, high = (format_value(end, spec.style) for end in (level.low, level.high))
    return f"{estimate} [{low}, {high}]"


def _draw_level(page: Page, frame: Frame, level: Level, dashed: bool) -> None:
    """Draw a line and its band; a line beyond the panel ends in a triangle at its edge."""
    across, vertical = frame.across, frame.vertical
    thickness = _THIN if dashed else _THICK
    y = vertical.place(level.estimate)
    if vertical.holds(level.estimate):
        down = thickness + _EDGE
        box = (across.left, y - down / 2, across.right - across.left, down)
        blocks(page, [box], "white", edge="none")
    ends = [level.estimate if math.isnan(end) else end for end in (level.low, level.high)]
    if not any(map(math.isnan, ends)) and ends[1] > vertical.low and ends[0] < vertical.high:
        low, high = (vertical.place(end) for end in ends)
        corners = [(across.left, low), (across.right, low)]
        corners += [(across.right, high), (across.left, high)]
        page.canvas.add_collection(
            PolyCollection([corners], facecolors=_LINE, edgecolors="none", alpha=0.2, zorder=1.2)
        )
    if math.isnan(level.estimate):
        return
    if vertical.holds(level.estimate):
        xs = (across.left, across.right)
        rule(page, xs, (y, y), colour=_LINE, thickness=thickness, dashed=dashed)
    else:
        marker = "^" if level.estimate > vertical.high else "v"
        mark(page, across.right, y, marker, _LINE, size=4.0)


def _draw_slope(page: Page, frame: Frame, slope: Slope) -> None:
    """Draw a sloping line as far as it lies within the panel."""
    ends = np.array([[slope.x0, slope.y0], [slope.x1, slope.y1]])
    if not np.isfinite(ends).all():
        return
    step = ends[1] - ends[0]
    low = np.array([frame.across.low, frame.vertical.low])
    high = np.array([frame.across.high, frame.vertical.high])
    begin, end = 0.0, 1.0
    for place in range(2):
        if step[place] == 0.0:
            if not low[place] <= ends[0, place] <= high[place]:
                return
            continue
        bounds = (np.array([low[place], high[place]]) - ends[0, place]) / step[place]
        begin, end = max(begin, float(bounds.min())), min(end, float(bounds.max()))
    if begin >= end:
        return
    points = [ends[0] + share * step for share in (begin, end)]
    xs = tuple(frame.across.place(float(point[0])) for point in points)
    ys = tuple(frame.vertical.place(float(point[1])) for point in points)
    rule(page, xs, ys, colour="white", thickness=_TREND_THICK + _EDGE)
    rule(page, xs, ys, colour=_TREND, thickness=_TREND_THICK)


def _write_beside(page: Page, frame: Frame, lettered: Sequence[_Lettered]) -> None:
    """Write names and values beside their lines, shifted where they would overlap."""
    right, vertical = frame.across.right, frame.vertical
    middle = (vertical.low + vertical.high) / 2
    ys = [
        vertical.place(middle if math.isnan(one.level.estimate) else one.level.estimate)
        for one in lettered
    ]
    tops = spread(ys, [one.room for one in lettered], vertical.right, vertical.left)
    for one, y, top in sorted(zip(lettered, ys, tops, strict=True), key=lambda each: each[2]):
        if not math.isnan(one.level.estimate):
            beside = top + one.room / 2
            xs = (right + 1.0, right + 4.0, right + _LEADER - 3.0, right + _LEADER - 1.0)
            rule(page, xs, (y, y, beside, beside), colour=_LINE, thickness=0.6)
        below = write(page, right + _LEADER, top + _APART / 2, one.name, size=SMALL, colour=MUTED)
        write(page, right + _LEADER, below, one.value, size=SMALL)


def _swatch(page: Page, shade: Colour) -> Callable[[float, float], None]:
    return lambda x, y: blocks(page, [(x - 4.0, y - 4.0, 8.0, 8.0)], [shade], edge=RULE)


def _sample(page: Page) -> Callable[[float, float], None]:
    def drawn(x: float, y: float) -> None:
        rule(page, (x - 4.0, x + 5.0), (y + 2.5, y - 2.5), colour=_TREND, thickness=_TREND_THICK)

    return drawn
