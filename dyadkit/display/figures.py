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


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a path diagram, in a column and a row counted from 0.

    A `factor` is an oval; it may stand between columns or rows, as at 1.5.
    """

    name: str
    label: str
    column: float
    row: float
    factor: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """An arrow between two boxes.

    Attributes
    ----------
    start, end : str
        Names of nodes.
    label : Cell
        What stands on it.
    faint : bool
        Whether it is drawn thin and dashed, as one whose interval includes zero.
    both : bool
        Whether it is a covariance: curved, with a head at either end.
    """

    start: str
    end: str
    label: Cell
    faint: bool = False
    both: bool = False


@dataclass(frozen=True, slots=True)
class PathFigure:
    """A path diagram: boxes in columns, and arrows between them.

    Attributes
    ----------
    nodes : tuple of Node
    paths : tuple of Path
        Effects lead to a later column, around boxes that stand in between; covariances join two
        boxes of one column.  Where there are factors, effects lead from these to the column on
        either side, and covariances join factors of two columns.
    headings : tuple of str
        What stands above each column of boxes beside factors; empty for nothing.
    """

    name: str
    title: str
    alt: str
    nodes: tuple[Node, ...]
    paths: tuple[Path, ...]
    caption: str = ""
    headings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        ends = {end for path in self.paths for end in (path.start, path.end)}
        if len(set(names)) < len(names) or ends - set(names):
            raise ValueError(f"path figure '{self.name}': names of nodes are repeated or unknown")
        nodes = {node.name: node for node in self.nodes}
        for path in self.paths:
            start, end = nodes[path.start], nodes[path.end]
            wrong = _wrong_among_factors if self.has_factors else _wrong_among_boxes
            if found := wrong(path, start, end):
                raise ValueError(f"path figure '{self.name}': {found}")

    @property
    def has_factors(self) -> bool:
        """Whether some node is a factor."""
        return any(node.factor for node in self.nodes)


def _wrong_among_boxes(path: Path, start: Node, end: Node) -> str:
    onwards = end.column - start.column
    if path.both and (onwards or path.start == path.end):
        return "a covariance leaves its column"
    return "an effect leads to no later column" if not path.both and onwards <= 0 else ""


def _wrong_among_factors(path: Path, start: Node, end: Node) -> str:
    apart = abs(end.column - start.column)
    if path.both:
        joined = start.factor and end.factor and apart
        return "" if joined else "a covariance joins not factors of two columns"
    if not start.factor or not 0 < apart <= 1:
        return "an effect leads not from a factor to the column beside it"
    return ""


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
