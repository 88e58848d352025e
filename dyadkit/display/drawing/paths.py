"""Path diagrams: boxes and factors in columns, and arrows from column to column."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from dyadkit.display.drawing.factor_layout import lay_out_factors
from dyadkit.display.drawing.layouts import Rectangle, Route
from dyadkit.display.drawing.lettering import height, write
from dyadkit.display.drawing.path_layout import lay_out_paths
from dyadkit.display.drawing.style import (
    DASHED,
    HIDDEN_NOTE,
    INK,
    MARGIN,
    MUTED,
    SMALL,
    Page,
    arrow,
    block,
    cut_page,
    new_page,
    oval,
)
from dyadkit.display.figures import PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import SUPPRESSED, Cell


def draw_path_figure(spec: PathFigure, hidden: frozenset[str]) -> Figure:
    """Draw a path diagram; the label of a hidden path is the word for suppressed.

    Among factors, where labels are close, it is a letter that a note explains.
    """
    page = new_page()
    concealed = [path.label.key in hidden for path in spec.paths]
    word = "s" if spec.has_factors else SUPPRESSED
    texts = [
        text_of(path.label, word if hide else "")
        for path, hide in zip(spec.paths, concealed, strict=True)
    ]
    layout = (lay_out_factors if spec.has_factors else lay_out_paths)(spec, texts)
    for path, route, hide in zip(spec.paths, layout.routes, concealed, strict=True):
        # Whether an interval includes zero is not told of a hidden one.
        thickness = 0.7 if path.faint and not hide else 0.9 if spec.has_factors else 1.3
        _draw_arrow(page, route, thickness, dashed=path.faint and not hide, both=path.both)
    for node in spec.nodes:
        box = layout.boxes[node.name]
        across, down = box.right - box.left, box.bottom - box.top
        outline = oval if node.factor else block
        outline(page, box.left, box.top, across, down, fill="white", edge=INK, thickness=0.9)
        x, y = box.middle
        top = y - height(box.lines, layout.size) / 2
        write(page, x, top, box.lines, size=layout.size, align="center")
    for box in layout.headings:
        write(page, box.middle[0], box.top, box.lines, size=SMALL, align="center", bold=True)
    for lines, place, hide in zip(layout.labels, layout.places, concealed, strict=True):
        write_label(page, lines, place, hide)
    bottom = layout.bottom + MARGIN
    if spec.has_factors and any(concealed):
        bottom = write(page, MARGIN, bottom, (HIDDEN_NOTE,), size=SMALL, colour=MUTED) + MARGIN
    return cut_page(page, bottom)


def text_of(label: Cell, instead: str) -> str:
    """Return what stands on an arrow; `instead` unless it is empty."""
    return instead or format_value(label.value, label.style or "text")


def _draw_arrow(page: Page, route: Route, thickness: float, *, dashed: bool, both: bool) -> None:
    codes = [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3]
    outline = Outline([route.start, route.towards, route.end], codes)
    arrow(page, outline, thickness, dashes=DASHED if dashed else (), both=both)


def write_label(page: Page, lines: tuple[str, ...], place: Rectangle, hide: bool) -> None:
    """Write the label of an arrow on white; of a hidden one as such."""
    left, top, right, bottom = place
    block(page, left, top, right - left, bottom - top, fill="white")
    write(
        page,
        (left + right) / 2,
        top,
        lines,
        size=SMALL,
        align="center",
        italic=hide,
        colour=MUTED if hide else INK,
    )
