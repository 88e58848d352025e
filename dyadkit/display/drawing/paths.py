"""Path diagrams: boxes in columns, arrows from each column to those that follow."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from dyadkit.display.drawing.lettering import height, widest, wrap, write
from dyadkit.display.drawing.style import (
    INK,
    MARGIN,
    MUTED,
    SMALL,
    WIDTH,
    Page,
    block,
    cut_page,
    new_page,
)
from dyadkit.display.figures import Path, PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import SUPPRESSED

_ROW = 92.0
_PAD = 6.0
_BULGE = 34.0
_WIDEST_BOX = 128.0
# Where labels stand on arrows: those within a row in the middle, those across rows near their
# start, where arrows that cross are apart.
_LEVEL, _CROSSING = 0.5, 0.26
_ASIDE = 8.0


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def draw_path_figure(spec: PathFigure, hidden: frozenset[str]) -> Figure:
    """Draw a path diagram; the label of a hidden path is the word for suppressed."""
    page = new_page()
    boxes = _boxes(spec)
    for path in spec.paths:
        draw = _draw_curve if path.both else _draw_arrow
        draw(page, spec, path, boxes, _label(path, hidden))
    for box in boxes.values():
        block(
            page,
            box.left,
            box.top,
            box.right - box.left,
            box.bottom - box.top,
            fill="white",
            edge=INK,
            thickness=0.9,
        )
        middle = (box.left + box.right) / 2
        write(page, middle, box.middle - height(box.lines) / 2, box.lines, align="center")
    return cut_page(page, max((box.bottom for box in boxes.values()), default=0.0) + 2 * MARGIN)


def _label(path: Path, hidden: frozenset[str]) -> tuple[str, bool]:
    """Return what stands on a path, and whether it is hidden."""
    if path.label.key in hidden:
        return SUPPRESSED, True
    return format_value(path.label.value, path.label.style or "text"), False


def _boxes(spec: PathFigure) -> dict[str, _Box]:
    columns = max((node.column for node in spec.nodes), default=0) + 1
    margin = MARGIN + (_curve_room(spec) if any(path.both for path in spec.paths) else 0.0)
    room = (WIDTH - 2 * margin) / max(columns + 0.8 * (columns - 1), 1.0)
    across = min(room, _WIDEST_BOX)
    step = (WIDTH - 2 * margin - across) / max(columns - 1, 1)
    found = {}
    for node in spec.nodes:
        lines = wrap(node.label, across - 2 * _PAD)
        found[node.name] = (node, lines)
    tallest = max((height(lines) for _, lines in found.values()), default=0.0) + 2 * _PAD
    down = max(_ROW, tallest + 40.0)
    return {
        name: _Box(
            margin + node.column * step,
            MARGIN + node.row * down,
            margin + node.column * step + across,
            MARGIN + node.row * down + tallest,
            lines,
        )
        for name, (node, lines) in found.items()
    }


def _curve_room(spec: PathFigure) -> float:
    """Return what curves and their labels take beside the first and the last column."""
    texts = [_label(path, frozenset())[0] for path in spec.paths if path.both]
    return _BULGE / 2 + 6.0 + min(widest([*texts, SUPPRESSED], SMALL), 60.0)


def _draw_arrow(
    page: Page, spec: PathFigure, path: Path, boxes: dict[str, _Box], label: tuple[str, bool]
) -> None:
    one, two = boxes[path.start], boxes[path.end]
    rows = {node.name: node.row for node in spec.nodes}
    falls = rows[path.end] - rows[path.start]
    # Arrows across rows leave and arrive beside those within one.
    aside = _ASIDE * ((falls > 0) - (falls < 0))
    start, end = (one.right, one.middle + aside), (two.left, two.middle - aside)
    _arrow(page, start, end, path, "-|>", 0.0)
    share = _CROSSING if falls else _LEVEL
    x = start[0] + share * (end[0] - start[0])
    y = start[1] + share * (end[1] - start[1])
    _write_label(page, x, y, label, abs(end[0] - start[0]) - 8.0)


def _draw_curve(
    page: Page, spec: PathFigure, path: Path, boxes: dict[str, _Box], label: tuple[str, bool]
) -> None:
    one, two = sorted((boxes[path.start], boxes[path.end]), key=lambda box: box.top)
    last = one.left > WIDTH / 2 - 1.0
    x = one.right if last else one.left
    down = max(two.middle - one.middle, 1.0)
    bend = 2 * _BULGE / down / 2
    _arrow(page, (x, one.middle), (x, two.middle), path, "<|-|>", -bend if last else bend)
    outside = x + (_BULGE / 2 + 4.0) * (1.0 if last else -1.0)
    lines = wrap(label[0], 60.0, SMALL)
    middle = (one.middle + two.middle) / 2
    write(
        page,
        outside,
        middle - height(lines, SMALL) / 2,
        lines,
        size=SMALL,
        align="left" if last else "right",
        italic=label[1],
        colour=MUTED if label[1] else INK,
    )


def _arrow(
    page: Page,
    start: tuple[float, float],
    end: tuple[float, float],
    path: Path,
    head: str,
    bend: float,
) -> None:
    page.canvas.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle=head,
            connectionstyle=f"arc3,rad={bend}",
            mutation_scale=8.0,
            linewidth=0.7 if path.faint else 1.3,
            linestyle=(0, (4, 3)) if path.faint else "-",
            color=INK,
            shrinkA=0.0,
            shrinkB=0.0,
            zorder=1,
        )
    )


def _write_label(page: Page, x: float, y: float, label: tuple[str, bool], room: float) -> None:
    text, concealed = label
    lines = wrap(text, max(room, 20.0), SMALL)
    half = widest(lines, SMALL) / 2 + 2.0
    tall = height(lines, SMALL)
    block(page, x - half, y - tall / 2, 2 * half, tall, fill="white")
    write(
        page,
        x,
        y - tall / 2,
        lines,
        size=SMALL,
        align="center",
        italic=concealed,
        colour=MUTED if concealed else INK,
    )
