"""Panels: plots side by side, and in rows, on the same scales."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator

from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.scale import Scale, draw_scale, tick_labels
from dyadkit.display.drawing.style import INK, MARGIN, MUTED, SMALL, WIDTH, Page, rule
from dyadkit.display.formats import Format
from dyadkit.display.tables import SUPPRESSED

BEYOND = 6.0
"""What the last label of the horizontal axis may reach beyond the last panel."""
_GAP = 5.0
_TICK = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """The space of a panel."""

    across: Scale
    vertical: Scale


@dataclass(frozen=True, slots=True)
class Grid:
    """How panels share the page.

    Attributes
    ----------
    panels : tuple of str
    columns : int
    down : float
        The height of each.
    between : float
        What stands between two of a row.
    beside, above : float
        The room for what stands to the right of each, and above it below its heading.
    """

    panels: tuple[str, ...]
    columns: int
    down: float
    between: float
    beside: float = 0.0
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class Axis:
    """The ends of an axis that all panels share, and how its values are written."""

    low: float
    high: float
    style: Format


def left_of_panels(vertical: Axis) -> float:
    """Return where the first panel of a row begins, beside the values of its axis."""
    labels = tick_labels(_ticks(vertical), vertical.style)
    return MARGIN + widest(labels, SMALL) + _TICK + _GAP


def room_of_panel(grid: Grid, left: float) -> float:
    """Return how wide each panel is."""
    columns, between, beside = grid.columns, grid.between, grid.beside
    return (WIDTH - MARGIN - BEYOND - left - (columns - 1) * between) / columns - beside


def draw_panels(
    page: Page,
    grid: Grid,
    across: Axis,
    vertical: Axis,
    top: float,
    draw: Callable[[Frame, str], None],
) -> float:
    """Draw axes and headings, let `draw` fill each panel, and return where the last row ends."""
    ticks = _ticks(vertical)
    labels = tick_labels(ticks, vertical.style)
    left = left_of_panels(vertical)
    room = room_of_panel(grid, left)
    down, columns = grid.down, grid.columns
    for first in range(0, len(grid.panels), columns):
        row = grid.panels[first : first + columns]
        headings = [wrap(panel, room, SMALL, bold=True) if panel else () for panel in row]
        # Half a label may stand above and below the ends of the axis.
        half = height(("",), SMALL) / 2
        top += max(height(lines, SMALL) for lines in headings) + grid.above + half
        upright = Scale(vertical.low, vertical.high, top + down, top)
        under = top
        for place, (panel, heading) in enumerate(zip(row, headings, strict=True)):
            start = left + place * (room + grid.beside + grid.between)
            frame = Frame(Scale(across.low, across.high, start, start + room), upright)
            over = top - half - grid.above - height(heading, SMALL)
            middle = start + room / 2
            write(page, middle, over, heading, size=SMALL, align="center", bold=True)
            _draw_vertical(page, frame, ticks, labels if place == 0 else ())
            draw(frame, panel)
            under = draw_scale(page, frame.across, across.style, top + down)
        top = under + (6.0 if first + columns < len(grid.panels) else 2.0)
    return top


def write_axis_above(page: Page, name: str, top: float) -> float:
    """Write the name of a vertical axis above it, to be read like the rest."""
    lines = wrap(name, WIDTH - 2 * MARGIN, SMALL)
    return write(page, MARGIN, top, lines, size=SMALL) + 4.0


def write_axis_below(page: Page, name: str, left: float, right: float, top: float) -> float:
    """Write the name of a horizontal axis below the middle of the panels."""
    middle = (left + right) / 2
    lines = wrap(name, 2 * min(middle - MARGIN, WIDTH - MARGIN - middle), SMALL)
    return write(page, middle, top, lines, size=SMALL, align="center")


def write_suppressed(page: Page, frame: Frame, hidden: int, total: int) -> None:
    """Say in a panel how many of its lines are hidden."""
    across, vertical = frame.across, frame.vertical
    if hidden:
        word = (SUPPRESSED if hidden == total else f"{hidden} {SUPPRESSED}",)
        middle = (across.left + across.right) / 2
        at = (vertical.left + vertical.right) / 2 if hidden == total else vertical.right
        write(page, middle, at, word, size=SMALL, align="center", italic=True, colour=MUTED)


def ends_of(values: Sequence[float], room: float = 0.0) -> tuple[float, float]:
    """Return ends that hold all values, and go beyond them by a share of their span."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if low == high:
        spread = 0.5 * abs(low) or 0.5
        return low - spread, high + spread
    return low - room * (high - low), high + room * (high - low)


def _draw_vertical(page: Page, frame: Frame, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Draw the vertical axis of a panel; without labels where the panel beside it has them."""
    left, vertical = frame.across.left, frame.vertical
    rule(page, (left, left), (vertical.right, vertical.left), colour=INK)
    for tick in ticks:
        y = vertical.place(tick)
        rule(page, (left - _TICK, left), (y, y), colour=INK)
    for tick, label in zip(ticks, labels, strict=False):
        at = vertical.place(tick) - height((label,), SMALL) / 2
        write(page, left - _TICK - 2.0, at, (label,), size=SMALL, align="right", colour=MUTED)


def _ticks(axis: Axis) -> list[float]:
    scale = Scale(axis.low, axis.high, 0.0, 1.0)
    locator = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10])
    values = [float(value) for value in locator.tick_values(scale.low, scale.high)]
    return [value for value in values if scale.holds(value)]
