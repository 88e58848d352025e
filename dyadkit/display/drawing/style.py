"""What all figures share: the page, the sizes of type, and colours that everyone can tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.path import Path as Outline

FONT = "DejaVu Sans"
"""Ships with matplotlib, so that a figure looks the same everywhere."""
BODY = 8.0
SMALL = 7.0
WIDTH = 468.0
"""In points: 6.5 inches, the text width of a letter page with one-inch margins."""
MARGIN = 4.0

INK = "#1a1a1a"
MUTED = "#595959"
RULE = "#8c8c8c"
FAINT = "#d9d9d9"
HIDDEN = "#ededed"
HIDDEN_NOTE = "s = suppressed to protect participants"

# Okabe and Ito (2008), without the yellow that white paper swallows; each with its own marker,
# so that series stay apart in greyscale too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")

SEQUENTIAL = LinearSegmentedColormap.from_list(
    "dyadkit_sequential", ["#f7fbff", "#c6dbef", "#6baed6", "#2171b5", "#08306b"]
)
# The negative end stays lighter than the positive one: in greyscale they differ as well.
DIVERGING = LinearSegmentedColormap.from_list(
    "dyadkit_diverging", ["#c8590c", "#f3b27a", "#ffffff", "#92b8d8", "#0b3a6b"]
)

DASHED = (4.0, 3.0)

Colour = tuple[float, float, float, float]
Box = tuple[float, float, float, float]


@contextmanager
def house_style() -> Iterator[None]:
    """Put our settings, and else matplotlib's defaults, in place of the user's for a while."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams["hatch.color"] = "#b0b0b0"
        matplotlib.rcParams["hatch.linewidth"] = 0.6
        matplotlib.rcParams["text.parse_math"] = False
        # Outlines, not references to a font that the reader's machine may lack: Word, browsers
        # and typesetters then show the text where it was measured.
        matplotlib.rcParams["svg.fonttype"] = "path"
        matplotlib.rcParams["svg.hashsalt"] = "dyadkit"
        yield


@dataclass(frozen=True, slots=True)
class Page:
    """A figure, and axes over all of it: units are points from the top left corner."""

    figure: Figure
    canvas: Axes


def new_page() -> Page:
    """Return an empty page of the printed width; `cut_page` gives it its height."""
    figure = Figure(figsize=(WIDTH / 72, 1), dpi=100, facecolor="white")
    FigureCanvasAgg(figure)
    canvas = figure.add_axes((0, 0, 1, 1))
    canvas.set_axis_off()
    canvas.set_autoscale_on(False)
    canvas.set_xlim(0, WIDTH)
    return Page(figure, canvas)


def cut_page(page: Page, bottom: float) -> Figure:
    """Give the page the height that its content takes."""
    page.canvas.set_ylim(bottom, 0)
    page.figure.set_size_inches(WIDTH / 72, bottom / 72)
    return page.figure


def rule(
    page: Page,
    xs: tuple[float, ...],
    ys: tuple[float, ...],
    *,
    colour: str = RULE,
    thickness: float = 0.7,
    dashed: bool = False,
    behind: bool = False,
) -> None:
    """Draw a line through points; `behind` puts it below blocks too."""
    page.canvas.add_artist(
        Line2D(
            xs,
            ys,
            color=colour,
            linewidth=thickness,
            linestyle=(0, DASHED) if dashed else "-",
            solid_capstyle="butt",
            zorder=0.5 if behind else 2,
        )
    )


def arrow(
    page: Page,
    outline: Outline,
    thickness: float,
    *,
    dashes: tuple[float, ...] = (),
    colour: str = INK,
    both: bool = False,
) -> None:
    """Draw a line with a head at its end, or at both ends; without `dashes` it is not broken."""
    page.canvas.add_patch(
        FancyArrowPatch(
            path=outline,
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=8.0,
            linewidth=thickness,
            linestyle=(0, dashes) if dashes else "-",
            color=colour,
            zorder=1,
        )
    )


def block(
    page: Page,
    left: float,
    top: float,
    across: float,
    down: float,
    *,
    fill: str = "none",
    edge: str = "none",
    thickness: float = 0.7,
    hatch: str | None = None,
) -> None:
    """Draw a rectangle."""
    page.canvas.add_artist(
        Rectangle(
            (left, top),
            across,
            down,
            facecolor=fill,
            edgecolor=edge,
            linewidth=thickness,
            hatch=hatch,
        )
    )


def oval(
    page: Page,
    left: float,
    top: float,
    across: float,
    down: float,
    *,
    fill: str = "none",
    edge: str = "none",
    thickness: float = 0.7,
) -> None:
    """Draw an ellipse that fills a rectangle."""
    page.canvas.add_artist(
        Ellipse(
            (left + across / 2, top + down / 2),
            across,
            down,
            facecolor=fill,
            edgecolor=edge,
            linewidth=thickness,
        )
    )


def blocks(page: Page, boxes: Sequence[Box], fills: str | Sequence[Colour], edge: str) -> None:
    """Draw many rectangles, each given by left, top, width and height, as one artist."""
    lefts, tops, acrosses, downs = np.asarray(boxes, dtype=float).reshape(-1, 4).T
    xs = np.stack((lefts, lefts + acrosses, lefts + acrosses, lefts), axis=1)
    ys = np.stack((tops, tops, tops + downs, tops + downs), axis=1)
    page.canvas.add_artist(
        PolyCollection(
            list(np.stack((xs, ys), axis=2)),
            facecolors=fills,
            edgecolors=edge,
            linewidths=0.7,
        )
    )


def mark(page: Page, x: float, y: float, marker: str, colour: str, size: float = 5.0) -> None:
    """Draw one marker."""
    page.canvas.add_artist(
        Line2D(
            (x,),
            (y,),
            marker=marker,
            markersize=size,
            markerfacecolor=colour,
            markeredgecolor=colour,
            markeredgewidth=0.5,
            linestyle="none",
        )
    )
