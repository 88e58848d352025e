"""Diagrams of panels: series in rows, waves in columns, effects from wave to wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.path import Path as Outline

from dyadkit.display.drawing.lagged_layout import lay_out_lagged
from dyadkit.display.drawing.legend import Entry, write_legend
from dyadkit.display.drawing.lettering import height, write
from dyadkit.display.drawing.paths import text_of, write_label
from dyadkit.display.drawing.style import (
    COLOURS,
    DASHED,
    HIDDEN,
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
)
from dyadkit.display.lagged_figures import LaggedFigure

_FAINT = 0.7
_SAMPLE = 26.0
"""How long the samples of arrows in the legend are."""
_AGAIN_NOTE = "Shaded boxes are drawn again; what leads to them stands above."


@dataclass(frozen=True, slots=True)
class _Line:
    """How the arrows of a kind look: different ones in greyscale too."""

    colour: str
    thickness: float
    dashes: tuple[float, ...] = ()


_KINDS = (
    _Line(INK, 1.5),
    _Line(COLOURS[0], 1.1),
    _Line(COLOURS[1], 1.1, (6.0, 1.5, 1.2, 1.5)),
    _Line(COLOURS[2], 1.2, (1.2, 1.4)),
)
_CORRELATION = _Line(MUTED, 0.9)


def draw_lagged_figure(spec: LaggedFigure, hidden: frozenset[str]) -> Figure:
    """Draw a diagram of a panel; the label of a hidden path is a letter that a note explains."""
    page = new_page()
    concealed = [path.label.key in hidden for path in spec.paths]
    entries = list(_entries(page, spec))
    top = write_legend(page, entries, MARGIN, _SAMPLE + 4.0) + 4.0 if entries else MARGIN
    texts = [
        text_of(path.label, "s" if hide else "")
        for path, hide in zip(spec.paths, concealed, strict=True)
    ]
    layout = lay_out_lagged(spec, texts, top)
    for path, route, hide in zip(spec.paths, layout.routes, concealed, strict=True):
        line = _KINDS[path.kind] if path.lag else _CORRELATION
        # Whether an interval includes zero is not told of a hidden one.
        faint = path.faint and not hide
        arrow(
            page,
            Outline(route),
            _FAINT if faint else line.thickness,
            dashes=DASHED if faint else line.dashes,
            colour=line.colour,
            both=not path.lag,
        )
    for box in layout.headings:
        write(page, box.left, box.top, box.lines, size=SMALL, bold=True)
    for each in layout.boxes:
        box, fill = each.box, HIDDEN if each.again else "white"
        across, down = box.right - box.left, box.bottom - box.top
        block(page, box.left, box.top, across, down, fill=fill, edge=INK, thickness=0.9)
        x, y = box.middle
        top = y - height(box.lines, SMALL) / 2
        write(page, x, top, box.lines, size=SMALL, align="center")
    for lines, place, hide in zip(layout.labels, layout.places, concealed, strict=True):
        write_label(page, lines, place, hide)
    bottom = layout.bottom + MARGIN
    notes = [_AGAIN_NOTE] * any(each.again for each in layout.boxes)
    notes += [HIDDEN_NOTE] * any(concealed)
    if notes:
        bottom = write(page, MARGIN, bottom, notes, size=SMALL, colour=MUTED) + MARGIN
    return cut_page(page, bottom)


def _entries(page: Page, spec: LaggedFigure) -> Iterator[Entry]:
    drawn = {path.kind for path in spec.paths if path.lag}
    for number, (name, line) in enumerate(zip(spec.kinds, _KINDS, strict=False)):
        if number in drawn:

            def sample(x: float, y: float, line: _Line = line) -> None:
                ends = Outline([(x - 4.0, y), (x - 4.0 + _SAMPLE, y)])
                arrow(page, ends, line.thickness, dashes=line.dashes, colour=line.colour)

            yield Entry(name, sample)
