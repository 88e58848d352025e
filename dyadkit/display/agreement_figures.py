"""Figures of agreement as specifications: limits of agreement, and distributions over dyads.

Both show counts or shares in bins; `binning` makes bins of which none need be hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from dyadkit.display.formats import Format
from dyadkit.display.tables import Cell


@dataclass(frozen=True, slots=True)
class Bin:
    """A rectangle of a plot and the number of dyads in it.

    Attributes
    ----------
    x_low, x_high, y_low, y_high : float
    cell : Cell
        The count; None or 0 draws nothing, as does a hidden one.
    panel : str
    """

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    cell: Cell
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line with its interval, such as the bias or a limit of agreement.

    Attributes
    ----------
    label : str
    estimate, low, high : float
        An end may be infinite, or NaN where there is none.
    key : str
    panel : str
    """

    label: str
    estimate: float
    low: float
    high: float
    key: str
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Slope:
    """A sloping line from one point to another, such as the trend of differences over means.

    Attributes
    ----------
    x0, y0, x1, y1 : float
    key : str
    label : str
        Its name in the legend; empty for none.
    panel : str
    """

    x0: float
    y0: float
    x1: float
    y1: float
    key: str
    label: str = ""
    panel: str = ""


@dataclass(frozen=True, slots=True)
class LimitsPlot:
    """A plot of limits of agreement (Bland & Altman, 1986) with counts in place of points.

    Attributes
    ----------
    x_axis, y_axis : str
        The mean of the two, and the first less the second.
    bins : tuple of Bin
        Those of one panel may not overlap; panels stand side by side on the same scales.
    lines : tuple of Level
        The first of each panel, the bias, is drawn solid, the others dashed; the values of all
        stand beside the panel.
    x_limits, y_limits : tuple of float
        What the scale makes possible, never the extremes of the data.
    slopes : tuple of Slope
    style : Format
        How the values on the axes and of the lines are written.
    """

    name: str
    title: str
    alt: str
    x_axis: str
    y_axis: str
    bins: tuple[Bin, ...]
    lines: tuple[Level, ...]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    slopes: tuple[Slope, ...] = ()
    style: Format = "statistic"
    caption: str = ""

    def __post_init__(self) -> None:
        _require_rising(f"limits plot '{self.name}'", self.x_limits, self.y_limits)
        for one in self.bins:
            across, up = (one.x_low, one.x_high), (one.y_low, one.y_high)
            _require_rising(f"limits plot '{self.name}'", across, up)
            if not (_holds(self.x_limits, across) and _holds(self.y_limits, up)):
                raise ValueError(f"limits plot '{self.name}': a bin lies outside the limits")

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels, in the order in which lines, then bins, then slopes name them."""
        return _panels(*self.lines, *self.bins, *self.slopes)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bin of a histogram.

    Attributes
    ----------
    low, high : float
    cell : Cell
        The share of all dyads that lie in it, from 0 to 1.
    panel : str
    """

    low: float
    high: float
    cell: Cell
    panel: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A distribution to compare with, such as that of pseudo-couples or of a null model.

    Attributes
    ----------
    label : str
    edges : tuple of float
        One more than shares; they may differ from those of the bars.
    shares : tuple of float
        From 0 to 1.
    key : str or None
        None where it rests on nobody's answers.
    panel : str
    """

    label: str
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    key: str | None = None
    panel: str = ""

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.shares) + 1 or not self.shares:
            raise ValueError(f"reference '{self.label}': edges and shares do not match")
        _require_rising(f"reference '{self.label}'", *pairwise(self.edges))
        if not all(math.isfinite(share) and share >= 0 for share in self.shares):
            raise ValueError(f"reference '{self.label}': shares are finite and not negative")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the axis of a distribution: a mean, a critical value.

    Attributes
    ----------
    label : str
    value : float
    key : str or None
        None where it rests on nobody's answers.
    panel : str
    """

    label: str
    value: float
    key: str | None = None
    panel: str = ""


@dataclass(frozen=True, slots=True)
class DistributionPlot:
    """A histogram of an index with one value a dyad, beside reference distributions.

    Heights are shares per unit of the axis: areas are shares, however wide a bin is.

    Attributes
    ----------
    axis : str
        The index.
    bars : tuple of Bar
    references : tuple of Reference
        Drawn as outlines; those with one label look the same.
    marks : tuple of Mark
        Drawn as lines, with their values.
    observed : str
        What the bars are, in the legend.
    style : Format
        How the values on the axis and of the marks are written.
    """

    name: str
    title: str
    alt: str
    axis: str
    bars: tuple[Bar, ...]
    references: tuple[Reference, ...] = ()
    marks: tuple[Mark, ...] = ()
    observed: str = "Dyads"
    style: Format = "statistic"
    caption: str = ""

    def __post_init__(self) -> None:
        _require_rising(f"distribution plot '{self.name}'", *((b.low, b.high) for b in self.bars))

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels, in the order in which bars, then references, then marks name them."""
        return _panels(*self.bars, *self.references, *self.marks)


def _require_rising(where: str, *pairs: tuple[float, float]) -> None:
    for low, high in pairs:
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise ValueError(f"{where}: limits and edges are finite and rise")


def _holds(limits: tuple[float, float], pair: tuple[float, float]) -> bool:
    slack = 1e-9 * (limits[1] - limits[0])
    return limits[0] - slack <= pair[0] and pair[1] <= limits[1] + slack


def _panels(*marks: Bin | Level | Slope | Bar | Reference | Mark) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mark.panel for mark in marks)) or ("",)
