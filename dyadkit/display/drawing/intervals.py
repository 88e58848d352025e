"""Interval plots: estimates with intervals on a common scale, their values printed beside them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import groupby

from matplotlib.figure import Figure

from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, widest, width, wrap, write
from dyadkit.display.drawing.scale import Scale, draw_axis
from dyadkit.display.drawing.style import (
    COLOURS,
    FAINT,
    MARGIN,
    MARKERS,
    MUTED,
    RULE,
    SMALL,
    WIDTH,
    Page,
    block,
    cut_page,
    mark,
    new_page,
    rule,
)
from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import Format, format_value
from dyadkit.display.tables import SUPPRESSED

_GAP = 10.0
_LABEL_LIMIT = 0.34 * WIDTH
_VALUE_LIMIT = 0.34 * WIDTH
_LINE = 13.0
_ARROW = 3.5


def draw_interval_plot(spec: IntervalPlot, hidden: frozenset[str]) -> Figure:
    """Draw an interval plot; neighbours with the same label share it."""
    page = new_page()
    heading = f"Estimate [{spec.interval}]" if spec.interval else "Estimate"
    values = [_value_text(interval, spec.style, hidden) for interval in spec.intervals]
    value_room = min(max(widest(values), width(heading, SMALL)), _VALUE_LIMIT)
    label_room = min(widest([interval.label for interval in spec.intervals]), _LABEL_LIMIT)
    left = MARGIN + label_room + _GAP
    right = WIDTH - MARGIN - value_room - _GAP
    low, high = _ends(spec, hidden)
    scale = Scale(low, high, left, right)
    looks = _looks(spec.intervals)

    top = _legend(page, looks, MARGIN)
    head = wrap(heading, value_room + 0.5, SMALL)
    top = write(page, right + _GAP, top, head, size=SMALL, colour=MUTED) + 2.0
    first = top
    rows = zip(spec.intervals, values, strict=True)
    for number, (label, group) in enumerate(groupby(rows, key=lambda row: row[0].label)):
        members = list(group)
        lines = wrap(label, label_room + 0.5)
        texts = [wrap(text, value_room + 0.5) for _, text in members]
        rooms = [max(_LINE, height(text) + 3.0) for text in texts]
        down = max(height(lines) + 5.0, sum(rooms))
        if number and (len(members) > 1 or len(lines) > 1):
            rule(page, (MARGIN, WIDTH - MARGIN), (top, top), colour=FAINT, thickness=0.5)
        write(page, MARGIN, top + (down - height(lines)) / 2, lines)
        y = top + (down - sum(rooms)) / 2
        for (interval, _), text, room in zip(members, texts, rooms, strict=True):
            concealed = interval.key in hidden
            _draw_interval(page, scale, interval, y + room / 2, looks[interval.series], concealed)
            write(page, right + _GAP, y + (room - height(text)) / 2, text)
            y += room
        top += down
    if spec.reference is not None and scale.holds(spec.reference):
        x = scale.place(spec.reference)
        rule(page, (x, x), (first, top + 3.0), colour=RULE, dashed=True, behind=True)
    bottom = draw_axis(page, scale, spec.axis, spec.style, top + 3.0)
    return cut_page(page, bottom + MARGIN)


def _value_text(interval: Interval, style: Format, hidden: frozenset[str]) -> str:
    if interval.key in hidden:
        return ""  # the word stands in place of the interval
    estimate = format_value(interval.estimate, style)
    if math.isnan(interval.low) and math.isnan(interval.high):
        return estimate
    low, high = (format_value(end, style) for end in (interval.low, interval.high))
    return f"{estimate} [{low}, {high}]"


def _ends(spec: IntervalPlot, hidden: frozenset[str]) -> tuple[float, float]:
    """Return the ends of the axis; what is hidden must not show in them."""
    if spec.limits is not None and spec.limits[0] < spec.limits[1]:
        return spec.limits
    shown = [interval for interval in spec.intervals if interval.key not in hidden]
    values = [
        end for shown_one in shown for end in (shown_one.low, shown_one.estimate, shown_one.high)
    ]
    if spec.reference is not None:
        values.append(spec.reference)
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    margin = 0.05 * (high - low) or 0.5 * abs(low) or 0.5
    return low - margin, high + margin


def _looks(intervals: Sequence[Interval]) -> dict[str, tuple[str, str]]:
    """Give each series a colour and a marker of its own."""
    series = list(dict.fromkeys(interval.series for interval in intervals))
    return {
        name: (COLOURS[number % len(COLOURS)], MARKERS[number % len(MARKERS)])
        for number, name in enumerate(series)
    }


def _legend(page: Page, looks: dict[str, tuple[str, str]], top: float) -> float:
    def symbol(colour: str, marker: str) -> Callable[[float, float], None]:
        return lambda x, y: mark(page, x, y, marker, colour)

    entries = [Entry(name, symbol(*look)) for name, look in looks.items() if name]
    return write_legend(page, entries, top)


def _draw_interval(
    page: Page, scale: Scale, interval: Interval, y: float, look: tuple[str, str], concealed: bool
) -> None:
    colour, marker = look
    if concealed:
        middle = (scale.left + scale.right) / 2
        half = width(SUPPRESSED, SMALL, italic=True) / 2 + 2.0
        # A white ground, or the reference line runs through the word.
        block(page, middle - half, y - 5.0, 2 * half, 10.0, fill="white")
        top = y - height((SUPPRESSED,), SMALL) / 2
        word = (SUPPRESSED,)
        write(page, middle, top, word, size=SMALL, align="center", italic=True, colour=MUTED)
        return
    low, estimate, high = interval.low, interval.estimate, interval.high
    # A one-sided interval runs from the estimate.
    ends = [estimate if math.isnan(end) else end for end in (low, high)]
    if not any(map(math.isnan, ends)):
        places = (scale.place(min(ends)), scale.place(max(ends)))
        rule(page, places, (y, y), colour=colour, thickness=1.3)
    if math.isfinite(estimate) and scale.holds(estimate):
        mark(page, scale.place(estimate), y, marker, colour)
    if any(end < scale.low and not scale.holds(end) for end in (*ends, estimate)):
        mark(page, scale.left - _ARROW, y, "<", colour, size=4.0)
    if any(end > scale.high and not scale.holds(end) for end in (*ends, estimate)):
        mark(page, scale.right + _ARROW, y, ">", colour, size=4.0)
