"""Drawing: from the specification of a figure to a matplotlib figure, and to bytes."""

from __future__ import annotations

import warnings
from typing import assert_never

from matplotlib.figure import Figure as MatplotlibFigure

from dyadkit.display.drawing.flow import draw_flow_diagram
from dyadkit.display.drawing.heat_map import draw_heat_map
from dyadkit.display.drawing.intervals import draw_interval_plot
from dyadkit.display.drawing.lettering import REPLACEMENT
from dyadkit.display.drawing.lines import draw_line_plot
from dyadkit.display.drawing.paths import draw_path_figure
from dyadkit.display.drawing.patterns import draw_pattern_plot
from dyadkit.display.drawing.saving import to_png, to_svg
from dyadkit.display.drawing.style import house_style
from dyadkit.display.figures import (
    Figure,
    FlowDiagram,
    HeatMap,
    IntervalPlot,
    LinePlot,
    PathFigure,
    PatternPlot,
)

__all__ = ["draw", "to_png", "to_svg"]


def draw(spec: Figure, hidden: frozenset[str]) -> MatplotlibFigure:
    """Draw a figure from its specification.

    Parameters
    ----------
    spec : HeatMap, IntervalPlot, FlowDiagram, PatternPlot, LinePlot or PathFigure
        Its title and caption are left to the text around the figure, as journals want it; its
        alternative text becomes the label of the figure.
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
            case _:
                assert_never(spec)
    figure.set_label(spec.alt)
    texts = figure.axes[0].texts
    unprintable = sum(REPLACEMENT in text.get_text() for text in texts)
    if unprintable:
        warnings.warn(
            f"Figure '{spec.name}': {unprintable} lines of text hold characters that no installed "
            f"font has, and show {REPLACEMENT} in their place. Install a font that has them, such "
            "as Noto Sans CJK, or use labels in another script.",
            stacklevel=2,
        )
    return figure
