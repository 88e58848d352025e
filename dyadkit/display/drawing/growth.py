"""Diagrams of growth: growth factors, the waves they are seen in, and what goes with them."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from dyadkit.display.drawing.growth_layout import lay_out_growth
from dyadkit.display.drawing.layouts import Box
from dyadkit.display.drawing.lettering import height, write
from dyadkit.display.drawing.paths import text_of, write_label
from dyadkit.display.drawing.style import (
    DASHED,
    HIDDEN_NOTE,
    INK,
    MARGIN,
    MUTED,
    RULE,
    SMALL,
    Page,
    arrow,
    block,
    cut_page,
    new_page,
    oval,
)
from dyadkit.display.growth_figures import GrowthFigure

_FAINT, _FIXED, _CORRELATION, _ESTIMATED = 0.7, 0.8, 0.9, 1.1


def draw_growth_figure(spec: GrowthFigure, hidden: frozenset[str]) -> Figure:
    """Draw a diagram of growth; what is hidden is a letter that a note explains."""
    page = new_page()
    concealed = [path.label.key in hidden for path in spec.paths]
    texts = [
        text_of(path.label, "s" if hide else "")
        for path, hide in zip(spec.paths, concealed, strict=True)
    ]
    told = [pair for row in spec.factors for factor in row for pair in factor.numbers]
    numbers = [
        [
            f"{name} = {text_of(cell, 's' if cell.key in hidden else '')}"
            for name, cell in factor.numbers
        ]
        for row in spec.factors
        for factor in row
    ]
    layout = lay_out_growth(spec, texts, numbers)
    related = len(spec.loadings) + len(spec.effects)
    for number, (path, route, hide) in enumerate(
        zip(spec.paths, layout.routes, concealed, strict=True)
    ):
        both = number >= related
        thickness, colour = (_CORRELATION, MUTED) if both else (_ESTIMATED, INK)
        if path.label.key is None:
            thickness, colour = _FIXED, RULE
        # Whether an interval includes zero is not told of a hidden one.
        faint = path.faint and not hide
        arrow(
            page,
            Outline(route),
            _FAINT if faint else thickness,
            dashes=DASHED if faint else (),
            colour=colour,
            both=both,
        )
    for outline, nodes in ((block, layout.boxes), (oval, layout.ovals)):
        for box in nodes:
            across, down = box.right - box.left, box.bottom - box.top
            outline(page, box.left, box.top, across, down, fill="white", edge=INK, thickness=0.9)
            _write(page, box)
    for box in layout.headings:
        _write(page, box, bold=True)
    for lines, place, hide in zip(layout.labels, layout.places, concealed, strict=True):
        write_label(page, lines, place, hide)
    bottom = layout.bottom + MARGIN
    if any(concealed) or any(cell.key in hidden for _, cell in told):
        bottom = write(page, MARGIN, bottom, (HIDDEN_NOTE,), size=SMALL, colour=MUTED) + MARGIN
    return cut_page(page, bottom)


def _write(page: Page, box: Box, *, bold: bool = False) -> None:
    x, y = box.middle
    top = y - height(box.lines, SMALL) / 2
    write(page, x, top, box.lines, size=SMALL, align="center", bold=bold)
