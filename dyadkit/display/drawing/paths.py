"""Path diagrams: boxes in columns, arrows from each column to those that follow."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path as Outline

from dyadkit.display.drawing.lettering import height, write
from dyadkit.display.drawing.path_layout import Rectangle, Route, lay_out_paths
from dyadkit.display.drawing.style import (
    INK,
    MARGIN,
    MUTED,
    SMALL,
    Page,
    block,
    cut_page,
    new_page,
)
from dyadkit.display.figures import Path, PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import SUPPRESSED


def draw_path_figure(spec: PathFigure, hidden: frozenset[str]) -> Figure:
    """Draw a path diagram; the label of a hidden path is the word for suppressed."""
    page = new_page()
    concealed = [path.label.key in hidden for path in spec.paths]
    texts = [_text(path, hide) for path, hide in zip(spec.paths, concealed, strict=True)]
    layout = lay_out_paths(spec, texts)
    for path, route, hide in zip(spec.paths, layout.routes, concealed, strict=True):
        # Whether an interval includes zero is not told of a hidden one.
        _draw_arrow(page, route, faint=path.faint and not hide, both=path.both)
    for box in layout.boxes.values():
        across, down = box.right - box.left, box.bottom - box.top
        block(page, box.left, box.top, across, down, fill="white", edge=INK, thickness=0.9)
        x, y = box.middle
        top = y - height(box.lines, layout.size) / 2
        write(page, x, top, box.lines, size=layout.size, align="center")
    for lines, place, hide in zip(layout.labels, layout.places, concealed, strict=True):
        _write_label(page, lines, place, hide)
    return cut_page(page, layout.bottom + MARGIN)


def _text(path: Path, hide: bool) -> str:
    if hide:
        return SUPPRESSED
    return format_value(path.label.value, path.label.style or "text")


def _draw_arrow(page: Page, route: Route, *, faint: bool, both: bool) -> None:
    codes = [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3]
    page.canvas.add_patch(
        FancyArrowPatch(
            path=Outline([route.start, route.towards, route.end], codes),
            arrowstyle="<|-|>" if both else "-|>",
            mutation_scale=8.0,
            linewidth=0.7 if faint else 1.3,
            linestyle=(0, (4, 3)) if faint else "-",
            color=INK,
            zorder=1,
        )
    )


def _write_label(page: Page, lines: tuple[str, ...], place: Rectangle, hide: bool) -> None:
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
