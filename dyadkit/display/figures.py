"""Figures as specifications: what is shown and who supports each mark; `drawing` draws them.

No figure holds a single person's or dyad's value.
"""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.formats import Format
from dyadkit.display.tables import Cell


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A grid of numbers shaded by size, such as the share of missing answers.

    Attributes
    ----------
    cells : tuple of tuple of Cell
        One row for each of `row_labels`; a None value leaves the place empty.
    low, high : float
        The ends of the colour scale; diverging around zero when `low` is negative.
    """

    name: str
    title: str
    alt: str
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    style: Format
    low: float
    high: float
    caption: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.cells}
        if len(self.cells) != len(self.row_labels) or widths - {len(self.column_labels)}:
            raise ValueError(f"heat map '{self.name}': the cells do not match the labels")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its interval; `series` gives colour and marker.

    Neighbours with the same label share it.  An end may be infinite, or NaN where there is none.
    """

    label: str
    estimate: float
    low: float
    high: float
    key: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class IntervalPlot:
    """Estimates with intervals, one line each, on a common scale.

    Attributes
    ----------
    reference : float or None
        Where a reference line stands, such as zero.
    limits : tuple of float or None
        The ends of the axis; an interval that reaches further ends in an arrow.
    interval : str
        What the interval is, such as "95 % CI"; printed above the column of values.
    """

    name: str
    title: str
    alt: str
    axis: str
    intervals: tuple[Interval, ...]
    style: Format
    reference: float | None = None
    limits: tuple[float, float] | None = None
    caption: str = ""
    interval: str = "interval"


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One box of a participant-flow diagram, and what was left out after it.

    Attributes
    ----------
    heading : str
    lines : tuple of str
        What the box says.
    left_out : tuple of str
        What the box beside the downward arrow says; empty for none.
    """

    heading: str
    lines: tuple[str, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowDiagram:
    """Who came in, who was left out and why: one column of boxes for each stream.

    Attributes
    ----------
    streams : tuple of tuple of FlowStep
        One stream a role (or source), drawn side by side.
    merged : tuple of FlowStep
        Boxes below all streams, where the partners have been paired.
    """

    name: str
    title: str
    alt: str
    streams: tuple[tuple[FlowStep, ...], ...]
    merged: tuple[FlowStep, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class PatternPlot:
    """Patterns of missing answers: which variables are there together, and how often.

    Attributes
    ----------
    column_labels : tuple of str
    patterns : tuple of tuple of bool
        True where observed, one tuple a pattern, the commonest first.
    counts : tuple of Cell
        Dyads with each pattern.
    other : Cell or None
        Dyads with a rarer pattern, taken together.
    """

    name: str
    title: str
    alt: str
    column_labels: tuple[str, ...]
    patterns: tuple[tuple[bool, ...], ...]
    counts: tuple[Cell, ...]
    other: Cell | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        widths = {len(pattern) for pattern in self.patterns}
        if len(self.counts) != len(self.patterns) or widths - {len(self.column_labels)}:
            raise ValueError(f"pattern plot '{self.name}': patterns, counts and labels differ")


Figure = HeatMap | IntervalPlot | FlowDiagram | PatternPlot
