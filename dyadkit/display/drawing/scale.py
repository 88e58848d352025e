"""Scales: from values to places on the page, and the axis that tells which is where."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator

from dyadkit.display.drawing.lettering import height, width, wrap, write
from dyadkit.display.drawing.style import INK, MARGIN, MUTED, SMALL, WIDTH, Page, rule
from dyadkit.display.formats import MINUS, Format

_TICK = 3.0
_APART = 4.0
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """The values from `low` to `high` spread from `left` to `right`."""

    low: float
    high: float
    left: float
    right: float

    def place(self, value: float) -> float:
        """Return where a value lies; values beyond the ends lie on them."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return self.left + share * (self.right - self.left)

    def holds(self, value: float) -> bool:
        """Return whether a value lies within the ends, give or take rounding."""
        slack = 1e-9 * (self.high - self.low)
        return self.low - slack <= value <= self.high + slack


def amount(value: object) -> float:
    """Return a count or a share, 0 where there is none."""
    if isinstance(value, (int, float, np.number)) and math.isfinite(value):
        return max(float(value), 0.0)
    return 0.0


def draw_axis(page: Page, scale: Scale, name: str, style: Format, y: float) -> float:
    """Draw an axis with its ticks and its name below it, and return where that ends."""
    top = draw_scale(page, scale, style, y) + 2.0
    middle = (scale.left + scale.right) / 2
    lines = wrap(name, 2 * min(middle - MARGIN, WIDTH - MARGIN - middle), SMALL)
    return write(page, middle, top, lines, size=SMALL, align="center")


def draw_scale(page: Page, scale: Scale, style: Format, y: float) -> float:
    """Draw an axis with its ticks and their values, and return where that ends."""
    rule(page, (scale.left, scale.right), (y, y), colour=INK)
    ticks = _ticks(scale, style)
    for tick in ticks:
        x = scale.place(tick)
        rule(page, (x, x), (y, y + _TICK), colour=INK)
    return write_ticks(page, scale, ticks, style, y + _TICK + 1.0)


def write_ticks(
    page: Page, scale: Scale, ticks: Sequence[float], style: Format, top: float
) -> float:
    """Write values below their places, leave out those without room, and return where they end.

    The first ticks have precedence.
    """
    taken: list[tuple[float, float]] = []
    for tick, label in zip(ticks, tick_labels(ticks, style), strict=True):
        half = width(label, SMALL) / 2
        x = min(max(scale.place(tick), MARGIN + half), WIDTH - MARGIN - half)
        if all(x - half - _APART >= right or x + half + _APART <= left for left, right in taken):
            write(page, x, top, (label,), size=SMALL, align="center", colour=MUTED)
            taken.append((x - half, x + half))
    return top + height(("",), SMALL)


def _ticks(scale: Scale, style: Format) -> list[float]:
    """Return as many round values as have room for their labels, at most seven; whole counts."""
    chosen: list[float] = []
    whole = style == "count"
    for intervals in (6, 5, 4, 3, 2, 1):
        locator = MaxNLocator(nbins=intervals, steps=[1, 2, 2.5, 5, 10], integer=whole)
        values = [float(value) for value in locator.tick_values(scale.low, scale.high)]
        chosen = [value for value in values if scale.holds(value)]
        room = sum(width(label, SMALL) + 2 * _APART for label in tick_labels(chosen, style))
        if room <= scale.right - scale.left:
            break
    return chosen


def tick_labels(values: Sequence[float], style: Format) -> list[str]:
    """Write the values of ticks with as many decimals as a hundredth of their span needs.

    Examples
    --------
    >>> tick_labels([-0.25, 0.0, 0.25], "correlation")
    ['−.25', '.00', '.25']
    >>> tick_labels([0.0, 0.5, 1.0], "percent")
    ['0 %', '50 %', '100 %']
    >>> tick_labels([0.0, 0.12345], "percent")
    ['0.0 %', '12.3 %']
    """
    times = 100.0 if style == "percent" else 1.0
    scaled = [times * value for value in values]
    largest = max((abs(value) for value in scaled), default=0.0)
    fine = 0.01 * (max(scaled, default=0.0) - min(scaled, default=0.0)) or 1e-9 * largest
    decimals = 0
    while decimals < _MOST_DECIMALS and any(
        abs(round(value, decimals) - value) > fine for value in scaled
    ):
        decimals += 1
    # Adding zero turns a negative zero into a plain one.
    rounded = [round(value, decimals) + 0.0 for value in scaled]
    if largest >= 1e7 or len(set(rounded)) < len(scaled):
        texts = [f"{value:.4g}" for value in scaled]
    else:
        texts = [f"{value:,.{decimals}f}" for value in rounded]
    if style.startswith(("correlation", "p_value")):
        texts = [re.sub(r"^(-?)0\.", r"\1.", text) for text in texts]
    unit = " %" if style == "percent" else ""
    return [text.replace("-", MINUS) + unit for text in texts]
