"""Path diagrams with effects within columns: side by side, clear of all else, none hidden."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dyadkit.display.drawing import draw, to_svg
from dyadkit.display.figures import Node, Path, PathFigure
from dyadkit.display.tables import Cell
from tests.display.clear import PIXEL, arrows_of, corners, points_of, touching_in_panel
from tests.display.drawn import NASTY, NOTHING, QUESTION, words
from tests.display.loops import loop_figure
from tests.display.panels import LONG

TEXTS = (
    ("0.26",),
    ("−1.13", "not identified"),
    ("not identified",),
    ("0.26 [−0.14, 0.38]",),
    ("suppressed",),
)
NAMES = (("Coach", "Client", "Team"), LONG, (QUESTION, *NASTY[:2]), NASTY[2:5])


@pytest.mark.parametrize("texts", [*TEXTS, NASTY[1:2], (QUESTION,)])
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("rows", [2, 3])
def test_nothing_overlaps(rows: int, names: tuple[str, ...], texts: tuple[str, ...]) -> None:
    for columns in (2, 3):
        for related in (False, True):
            spec = loop_figure(names[:rows], texts, columns=columns, related=related)
            assert touching_in_panel(draw(spec, NOTHING), spec) == []
            every = frozenset(str(number) for number in range(len(spec.paths)))
            assert touching_in_panel(draw(spec, every), spec) == []


@pytest.mark.parametrize("texts", TEXTS)
def test_both_directions_stand_side_by_side(texts: tuple[str, ...]) -> None:
    """Straight from box to box, down on the left and up on the right."""
    spec = loop_figure(("Coach", "Client"), texts)
    figure = draw(spec, NOTHING)
    upper, lower = corners(figure, nodes=True)[2:]
    down, up = (points_of(arrow) for arrow in arrows_of(figure)[2:4])
    labels = corners(figure, nodes=False)[2:4]
    for line, label, (start, end) in (
        (down, labels[0], (upper[3], lower[1])),
        (up, labels[1], (lower[1], upper[3])),
    ):
        assert np.ptp(line[:, 0]) < 1e-9
        assert line[[0, -1], 1] == pytest.approx([start, end], abs=PIXEL)
        assert upper[0] < line[0, 0] < upper[2]
        assert label[[0, 2]].mean() == pytest.approx(line[0, 0])
    # Side by side, however wide they are.
    assert labels[0, [1, 3]].mean() == pytest.approx(labels[1, [1, 3]].mean())
    assert down[0, 0] < labels[0, 2] <= labels[1, 0] < up[0, 0]
    assert [bool(path.faint) for path in spec.paths[2:4]] == [True, False]
    assert [arrow.get_linestyle() != "-" for arrow in arrows_of(figure)[2:4]] == [True, False]


def test_a_covariance_in_a_middle_column_stands_between_both_directions() -> None:
    spec = loop_figure(("Coach", "Client"), columns=3)
    arrows = dict(zip(spec.paths, arrows_of(draw(spec, NOTHING)), strict=True))
    middle = [
        (points_of(arrow)[0, 0], path.both, path.start)
        for path, arrow in arrows.items()
        if {path.start, path.end} == {"1-0", "1-1"}
    ]
    assert [(both, start) for _, both, start in sorted(middle)] == [
        *((False, "1-0"), (True, "1-0"), (False, "1-1"))
    ]
    assert all(two[0] - one[0] > 20 for one, two in pairwise(sorted(middle)))


def test_one_direction_alone_stands_in_the_middle() -> None:
    nodes = (Node("a", "A", 0, 0), Node("b", "B", 1, 0), Node("c", "C", 1, 1))
    paths = (Path("a", "b", Cell(".1")), Path("c", "b", Cell(".2")))
    spec = PathFigure("p", "P", "P.", nodes, paths)
    figure = draw(spec, NOTHING)
    assert touching_in_panel(figure, spec) == []
    left, _, right, _ = corners(figure, nodes=True)[1]
    assert points_of(arrows_of(figure)[1])[0, 0] == pytest.approx((left + right) / 2, abs=PIXEL)


def test_hidden_numbers_leave_no_trace() -> None:
    spec = loop_figure(("Coach", "Client"))
    every = frozenset(str(number) for number in range(len(spec.paths)))
    other = replace(
        spec,
        paths=tuple(
            replace(path, label=replace(path.label, value="not identified"), faint=not path.faint)
            for path in spec.paths
        ),
    )
    assert words(draw(spec, every)).count("suppressed") == len(spec.paths)
    assert to_svg(draw(spec, every)) == to_svg(draw(other, every))
    one = frozenset({"2"})
    far = replace(spec, paths=(*spec.paths[:2], other.paths[2], *spec.paths[3:]))
    assert to_svg(draw(spec, one)) == to_svg(draw(far, one))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(far, NOTHING))


def test_effects_lead_to_the_next_box_of_a_column_only() -> None:
    nodes = tuple(Node(name, name, 0, row) for row, name in enumerate("abc"))
    for start, end, said in (("a", "c", "past a box"), ("c", "a", "past a box"), ("a", "a", "no")):
        with pytest.raises(ValueError, match=said):
            PathFigure("p", "P", "P.", nodes, (Path(start, end, Cell(1.0)),))
    PathFigure("p", "P", "P.", nodes, (Path("b", "a", Cell(1.0)), Path("b", "c", Cell(1.0))))
