"""Figures as specifications: what is shown and who supports each mark; `drawing` draws them.

No figure holds a single person's or dyad's value.
"""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.agreement_figures import (
    Bar,
    Bin,
    DistributionPlot,
    Level,
    LimitsPlot,
    Mark,
    Reference,
    Slope,
)
from dyadkit.display.formats import Format
from dyadkit.display.growth_figures import GrowthArrow, GrowthFactor, GrowthFigure
from dyadkit.display.lagged_figures import LaggedFigure, LaggedPath
from dyadkit.display.path_figures import Node, Path, PathFigure
from dyadkit.display.tables import Cell

__all__ = [
    "Bar",
    "Bin",
    "DistributionPlot",
    "Figure",
    "FlowDiagram",
    "FlowStep",
    "GrowthArrow",
    "GrowthFactor",
    "GrowthFigure",
    "HeatMap",
    "Interval",
    "IntervalPlot",
    "LaggedFigure",
    "LaggedPath",
    "Level",
    "LimitsPlot",
    "Line",
    "LinePlot",
    "Mark",
    "Node",
    "Path",
    "PathFigure",
    "PatternPlot",
    "Point",
    "Reference",
    "Slope",
]


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
        What the interval is, such as "95 % CI"; printed above the column of values; empty for
        estimates without one.
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


@dataclass(frozen=True, slots=True)
class Line:
    """Estimates along a scale, such as an effect over the values of a moderator.

    Attributes
    ----------
    label : str
    x, y : tuple of float
        In the order of x.
    key : str
    low, high : tuple of float
        The ends of the interval at each x; empty for none.
    strong : tuple of pair of float, optional
        The parts of the scale where the line is drawn thick; by default all of it.
    panel : str
        The panel on which it is drawn.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    key: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    strong: tuple[tuple[float, float], ...] | None = None
    panel: str = ""

    def __post_init__(self) -> None:
        sizes = {len(self.x), len(self.y)} | ({len(self.low), len(self.high)} - {0})
        if len(sizes) > 1 or bool(self.low) != bool(self.high):
            raise ValueError(f"line '{self.label}': x, y and the ends of its interval differ")


@dataclass(frozen=True, slots=True)
class Point:
    """A mean with its interval, beside the line of the same label.

    Attributes
    ----------
    label : str
    x, y : float
    low, high : float
        The ends of its interval; NaN for none.
    key : str
    panel : str
        The panel on which it is drawn.
    """

    label: str
    x: float
    y: float
    low: float
    high: float
    key: str
    panel: str = ""


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Lines with bands over a numeric scale: simple slopes, regions, trajectories.

    Attributes
    ----------
    x_axis, y_axis : str
    x_style, y_style : Format
    lines : tuple of Line
        Those with one label look the same; panels stand side by side on the same scales.
    points : tuple of Point
        Each has the label and the panel of a line; those of different labels stand a little apart.
    reference : float or None
        Where a horizontal reference line stands, such as zero.
    """

    name: str
    title: str
    alt: str
    x_axis: str
    y_axis: str
    lines: tuple[Line, ...]
    x_style: Format = "statistic"
    y_style: Format = "statistic"
    reference: float | None = None
    caption: str = ""
    points: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        lines = {(line.label, line.panel) for line in self.lines}
        if any((point.label, point.panel) not in lines for point in self.points):
            raise ValueError(f"line plot '{self.name}': a point belongs to no line")


Figure = (
    HeatMap
    | IntervalPlot
    | FlowDiagram
    | PatternPlot
    | LinePlot
    | PathFigure
    | LaggedFigure
    | GrowthFigure
    | LimitsPlot
    | DistributionPlot
)
