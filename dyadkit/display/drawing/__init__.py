"""Drawing: from the specification of a figure to a matplotlib figure, and to bytes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import assert_never

import numpy as np
from matplotlib.figure import Figure as MatplotlibFigure
from numpy.typing import ArrayLike

from dyadkit.display.drawing.distribution import draw_distribution_plot
from dyadkit.display.drawing.flow import draw_flow_diagram
from dyadkit.display.drawing.growth import draw_growth_figure
from dyadkit.display.drawing.heat_map import draw_heat_map
from dyadkit.display.drawing.intervals import draw_interval_plot
from dyadkit.display.drawing.lagged import draw_lagged_figure
from dyadkit.display.drawing.lettering import REPLACEMENT
from dyadkit.display.drawing.limits import draw_limits_plot, draw_limits_points
from dyadkit.display.drawing.lines import draw_line_plot
from dyadkit.display.drawing.paths import draw_path_figure
from dyadkit.display.drawing.patterns import draw_pattern_plot
from dyadkit.display.drawing.saving import to_png, to_svg
from dyadkit.display.drawing.style import house_style
from dyadkit.display.figures import (
    DistributionPlot,
    Figure,
    FlowDiagram,
    GrowthFigure,
    HeatMap,
    IntervalPlot,
    LaggedFigure,
    LimitsPlot,
    LinePlot,
    PathFigure,
    PatternPlot,
)
from dyadkit.errors import DataError

__all__ = ["draw", "points_figure", "to_png", "to_svg"]


def draw(spec: Figure, hidden: frozenset[str]) -> MatplotlibFigure:
    """Draw a figure from its specification.

    Parameters
    ----------
    spec : Figure
        One of the kinds in `dyadkit.display.figures`.  Its title and caption are left to the text
        around the figure, as journals want it; its alternative text becomes the label of the
        figure.
    hidden : frozenset of str
        Support keys, from `dyadkit.display.disclosure.hidden_keys`.  A mark with one of them is
        drawn as suppressed, and neither its value nor an axis that reaches for it is shown.

    Returns
    -------
    matplotlib.figure.Figure
        6.5 inches wide and as high as the content takes.

    Warns
    -----
    UserWarning
        Where no installed font has a character; U+FFFD stands in its place.

    Examples
    --------
    >>> from dyadkit.display.figures import Interval
    >>> spec = IntervalPlot(
    ...     name="effects", title="Effects", alt="One effect, above zero.", axis="Estimate",
    ...     intervals=(Interval("actor: trust", 0.4, 0.2, 0.6, key="all"),), style="statistic",
    ... )
    >>> figure = draw(spec, hidden=frozenset())
    >>> float(figure.get_figwidth())
    6.5
    >>> to_png(figure)[1:4]
    b'PNG'
    """
    with house_style():
        match spec:
            case HeatMap():
                figure = draw_heat_map(spec, hidden)
            case IntervalPlot():
                figure = draw_interval_plot(spec, hidden)
            case FlowDiagram():
                figure = draw_flow_diagram(spec)
            case PatternPlot():
                figure = draw_pattern_plot(spec, hidden)
            case LinePlot():
                figure = draw_line_plot(spec, hidden)
            case PathFigure():
                figure = draw_path_figure(spec, hidden)
            case LaggedFigure():
                figure = draw_lagged_figure(spec, hidden)
            case GrowthFigure():
                figure = draw_growth_figure(spec, hidden)
            case LimitsPlot():
                figure = draw_limits_plot(spec, hidden)
            case DistributionPlot():
                figure = draw_distribution_plot(spec, hidden)
            case _:
                assert_never(spec)
    return _labelled(figure, spec)


def points_figure(
    spec: LimitsPlot, x: ArrayLike, y: ArrayLike, panels: Sequence[str] = ()
) -> MatplotlibFigure:
    """Draw a limits-of-agreement plot with one point a dyad: for the researcher's own screen only.

    A partner who knows their own answer can read the other's from a point.  Nothing that writes a
    report, a file of results or a notebook's output may call this.

    Parameters
    ----------
    spec : LimitsPlot
        Its bins are left out, its lines drawn as they are, nothing hidden.
    x, y : array_like
        Mean and difference of each dyad; a dyad with NaN in either is left out.
    panels : sequence of str
        The panel of each dyad, where the plot has several.

    Returns
    -------
    matplotlib.figure.Figure
        Points that coincide are drawn as one, its area in proportion to their number.

    Raises
    ------
    DataError
        Where x, y and panels do not fit each other or the plot.

    Examples
    --------
    >>> spec = LimitsPlot(
    ...     name="limits", title="Limits", alt="Limits.", x_axis="Mean", y_axis="Difference",
    ...     bins=(), lines=(), x_limits=(1.0, 5.0), y_limits=(-4.0, 4.0),
    ... )
    >>> figure = points_figure(spec, x=[2.0, 3.5, 3.5], y=[0.0, 1.0, 1.0])
    >>> len(figure.axes[0].collections)
    1
    """
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    named = np.asarray(panels if len(panels) else [spec.panels[0]] * across.size, dtype=object)
    if across.ndim != 1 or not across.shape == up.shape == named.shape:
        raise DataError(
            f"x has {across.size} values, y {up.size} and panels {named.size}: give one of each "
            "for every dyad."
        )
    if (len(spec.panels) > 1 and not len(panels)) or set(named.tolist()) - set(spec.panels):
        raise DataError(
            f"Figure '{spec.name}' has the panels {', '.join(map(repr, spec.panels))}. Name one of "
            "them for every point."
        )
    there = ~(np.isnan(across) | np.isnan(up))
    across, up, named = across[there], up[there], named[there]
    outside = np.zeros(across.size, dtype=bool)
    for values, (low, high) in ((across, spec.x_limits), (up, spec.y_limits)):
        slack = 1e-9 * (high - low)
        outside |= (values < low - slack) | (values > high + slack)
    if outside.any():
        raise DataError(
            f"{int(outside.sum())} of {across.size} points lie outside the axes of figure "
            f"'{spec.name}'. Let x_limits and y_limits be what the scale makes possible."
        )
    with house_style():
        figure = draw_limits_points(spec, across, up, named)
    return _labelled(figure, spec)


def _labelled(figure: MatplotlibFigure, spec: Figure) -> MatplotlibFigure:
    """Give a figure its alternative text, and warn of characters that no font has."""
    figure.set_label(spec.alt)
    texts = figure.axes[0].texts
    unprintable = sum(REPLACEMENT in text.get_text() for text in texts)
    if unprintable:
        warnings.warn(
            f"Figure '{spec.name}': {unprintable} lines of text hold characters that no installed "
            f"font has, and show {REPLACEMENT} in their place. Install a font that has them, such "
            "as Noto Sans CJK, or use labels in another script.",
            stacklevel=3,
        )
    return figure
