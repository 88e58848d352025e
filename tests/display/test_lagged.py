"""Diagrams of panels: nothing overlaps, whatever is drawn, and nothing hidden shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from matplotlib.colors import to_hex

from dyadkit.display.drawing import draw, lagged_layout, to_svg
from dyadkit.display.drawing.style import HIDDEN, HIDDEN_NOTE, INK
from dyadkit.display.figures import LaggedFigure, LaggedPath
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from tests.display.clear import (
    PIXEL,
    arrows_of,
    corners,
    nodes_of,
    points_of,
    touching_in_panel,
)
from tests.display.drawn import NASTY, NOTHING, QUESTION, words
from tests.display.panels import KINDS, LATER, LONG, SHORT, WAVES, panel_figure

ALL = frozenset({"all"})
DRAWN: dict[str, Callable[[int], bool]] = {
    "all": lambda _: True,
    "some": lambda number: number % 7 in (1, 4),
    "none": lambda _: False,
}


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("names", [SHORT, LONG])
@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("waves", [2, 3, 4, 5])
def test_nothing_overlaps(waves: int, rows: int, names: tuple[str, ...], second: bool) -> None:
    columns = (LATER if names is LONG else WAVES)[:waves]
    for kind, drawn in DRAWN.items():
        spec = panel_figure(names[:rows], columns, second=second, drawn=drawn)
        assert touching_in_panel(draw(spec, NOTHING), spec) == []
        if kind == "all":
            assert touching_in_panel(draw(spec, ALL), spec) == []


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("waves", range(6, 11))
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_many_waves_go_on_below(rows: int, waves: int, second: bool) -> None:
    spec = panel_figure(SHORT[:rows], WAVES[:waves], second=second)
    figure = draw(spec, NOTHING)
    assert touching_in_panel(figure, spec) == []
    fills = [to_hex(node.get_facecolor()) for node in nodes_of(figure)]
    # Those that are drawn again are shaded, and each wave is drawn once besides.
    assert fills.count("#ffffff") == rows * waves
    assert fills.count(HIDDEN) == len(fills) - rows * waves > 0
    assert any("drawn again" in text for text in words(figure))


@pytest.mark.parametrize("waves", [1, 2, 3, 5])
def test_names_of_any_kind_do_not_overlap(waves: int) -> None:
    for second in (False, True):
        for rows in (2, 5):
            spec = panel_figure(NASTY[:rows], NASTY[:waves], second=second, values=NASTY[:5])
            spec = replace(spec, kinds=NASTY[:4])
            found = touching_in_panel(draw(spec, NOTHING), spec)
            # Steep arrows of five series come close, and one label is empty.
            assert [one for one in found if one != "empty" and "together" not in one] == []


def test_names_that_are_taller_than_boxes_do_not_overlap() -> None:
    for waves in (3, 7):
        spec = panel_figure((QUESTION, QUESTION), WAVES[:waves], drawn=DRAWN["none"])
        assert touching_in_panel(draw(spec, NOTHING), spec) == []


def test_the_check_finds_what_overlaps(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = panel_figure(LONG, WAVES[:5], second=True)
    assert touching_in_panel(draw(spec, NOTHING), spec) == []
    for name, value, said in (
        ("_BETWEEN_LABELS", -4.0, {"texts", "labels"}),
        ("_HEAD", -6.0, {"label", "box"}),
        ("_LANE", -4.0, {"arrow"}),
        ("_BETWEEN_ROWS", -40.0, {"boxes"}),
        ("_AFTER_HEADING", -20.0, {"box"}),
        ("SMALL", 6.0, {"size"}),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(lagged_layout, name, value)
            if name == "SMALL":
                patch.setattr("dyadkit.display.drawing.lagged.SMALL", value)
            kinds = {found.split()[0] for found in touching_in_panel(draw(spec, NOTHING), spec)}
        assert said <= kinds, name
    with monkeypatch.context() as patch:
        # Arrows that are level no sooner than at their box run through the labels of others.
        patch.setattr(lagged_layout._Measures, "before", lagged_layout._Measures.left)
        found = touching_in_panel(draw(spec, NOTHING), spec)
        assert any(each.startswith("arrow ") and "label" in each for each in found)


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("rows", [2, 3, 4])
@pytest.mark.parametrize("waves", [2, 3, 4])
def test_arrows_lead_from_box_to_box_below_the_labels_of_sources_before(
    waves: int, rows: int, second: bool
) -> None:
    spec = panel_figure(SHORT[:rows], WAVES[:waves], second=second, drawn=DRAWN["some"])
    figure = draw(spec, NOTHING)
    frames = corners(figure, nodes=True).reshape(waves, rows, 4)
    labels = corners(figure, nodes=False)
    shown = words(figure)[-len(spec.paths) :]
    heights: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for path, arrow, label, text in zip(
        spec.paths, arrows_of(figure)[-len(spec.paths) :], labels, shown, strict=True
    ):
        start, end = points_of(arrow)[[0, -1]]
        one, two = frames[path.before, path.source], frames[path.now, path.target]
        assert text == format_value(path.label.value, "correlation")
        if not path.lag:
            # From the lower edge of the upper box to the upper edge of the lower one.
            assert start[1] == pytest.approx(one[3], abs=PIXEL)
            assert end[1] == pytest.approx(two[1], abs=PIXEL)
            continue
        assert start[0] == pytest.approx(one[2], abs=PIXEL)
        assert end[0] == pytest.approx(two[0], abs=PIXEL)
        assert one[1] < start[1] < one[3]
        assert two[1] < end[1] < two[3]
        assert label[[1, 3]].mean() == pytest.approx(end[1])
        if path.source == path.target and path.lag == 1:
            assert start[1] == pytest.approx(end[1])
        if path.lag == 1:
            heights.setdefault((path.target, path.now), []).append((path.source, end[1]))
    for found in heights.values():
        assert [source for _, source in sorted((y, source) for source, y in found)] == sorted(
            source for source, _ in found
        )


def test_effects_of_two_waves_before_lead_around_the_box_between() -> None:
    spec = panel_figure(SHORT[:2], WAVES[:3], second=True, drawn=DRAWN["none"])
    figure = draw(spec, NOTHING)
    frames = corners(figure, nodes=True).reshape(3, 2, 4)
    above, below = (
        points_of(arrow)
        for path, arrow in zip(spec.paths, arrows_of(figure)[-len(spec.paths) :], strict=True)
        if path.lag == 2
    )
    between = frames[1]
    for line, beyond in (
        (above, above[:, 1] < between[0, 1]),
        (below, below[:, 1] > between[1, 3]),
    ):
        passing = (line[:, 0] > between[0, 0]) & (line[:, 0] < between[0, 2])
        assert passing.any()
        assert beyond[passing].all()


def test_crowded_columns_go_on_below_too() -> None:
    """Where more than eight arrows cross between columns, three of these stand side by side."""
    for drawn, lines in (("all", 2), ("some", 1)):
        figure = draw(panel_figure(SHORT, WAVES[:5], drawn=DRAWN[drawn]), NOTHING)
        lefts = np.unique(np.round(corners(figure, nodes=True)[:, 0]))
        assert len(lefts) == (3 if lines == 2 else 5)


def test_lines_of_kinds_differ_in_greyscale_and_stand_in_the_legend() -> None:
    cell = Cell(0.5, "all", "correlation")
    paths = [LaggedPath(0, row, 0, 1, cell, row) for row in range(4)]
    spec = LaggedFigure("p", "P", "P.", SHORT, WAVES[:2], tuple(paths), KINDS)
    arrows = arrows_of(draw(spec, NOTHING))
    looks = [
        (to_hex(one.get_edgecolor()), one.get_linewidth(), str(one.get_linestyle()))
        for one in arrows
    ]
    # The samples of the legend come first.
    assert looks[:4] == looks[4:]
    assert len({look[1:] for look in looks}) == 4
    assert words(draw(spec, NOTHING))[: len(KINDS)] == list(KINDS)
    without = replace(spec, paths=(paths[0], paths[2]))
    assert words(draw(without, NOTHING))[:2] == [KINDS[0], KINDS[2]]
    faint = replace(spec, paths=(replace(paths[0], faint=True),))
    sample, arrow = arrows_of(draw(faint, NOTHING))
    assert to_hex(arrow.get_edgecolor()) == INK
    assert arrow.get_linewidth() < sample.get_linewidth()
    assert sample.get_linestyle() == "-" != arrow.get_linestyle()


def test_hidden_numbers_leave_no_trace() -> None:
    spec = panel_figure(SHORT[:2], WAVES[:3], second=True)
    other = replace(
        spec,
        paths=tuple(
            replace(path, label=replace(path.label, value=-10.25), faint=not path.faint)
            for path in spec.paths
        ),
    )
    figure = draw(spec, ALL)
    assert words(figure).count("s") == len(spec.paths)
    assert HIDDEN_NOTE in words(figure)
    assert to_svg(figure) == to_svg(draw(other, ALL))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))
    assert HIDDEN_NOTE not in words(draw(spec, NOTHING))


def test_one_hidden_path_among_others_tells_neither_its_number_nor_of_zero() -> None:
    spec = panel_figure(SHORT[:2], WAVES[:3])
    paths = list(spec.paths)
    paths[3] = replace(paths[3], label=Cell(0.12, "few", "correlation"), faint=True)
    far = [*paths[:3], replace(paths[3], label=Cell(-9.87, "few", "correlation"), faint=False)]
    one, two = (replace(spec, paths=(*each, *paths[4:])) for each in (paths[:4], far))
    few = frozenset({"few"})
    figure = draw(one, few)
    assert words(figure).count("s") == 1
    assert to_svg(figure) == to_svg(draw(two, few))


def test_drawing_is_fast() -> None:
    spec = panel_figure(LONG, LATER, second=True)
    draw(spec, NOTHING)
    begun = process_time()
    draw(spec, NOTHING)
    assert process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ((0, 2, 0, 1), "no box"),
        ((0, 0, 0, 3), "no box"),
        ((-1, 0, 0, 1), "no box"),
        ((1, 0, 1, 1), "row below"),
        ((0, 0, 1, 1), "row below"),
        ((0, 0, 1, 0), "neither to the next column"),
        ((0, 1, 0, 2), "neither to the next column"),
        ((0, 1, 0, 1, 4), "no kind"),
    ],
)
def test_what_no_panel_has_is_refused(path: tuple[int, ...], said: str) -> None:
    ends, kind = path[:4], path[4] if len(path) > 4 else 0
    with pytest.raises(ValueError, match=said):
        LaggedFigure(
            *("p", "P", "P.", SHORT[:2], WAVES[:3]),
            paths=(LaggedPath(*ends, Cell(0.1), kind),),  # type: ignore[misc]
            kinds=KINDS,
        )


def test_boxes_can_be_left_out_where_no_path_ends() -> None:
    spec = panel_figure(SHORT[:2], WAVES[:3], drawn=DRAWN["none"])
    kept = tuple(path for path in spec.paths if path.lag and (path.target, path.now) != (1, 2))
    without = replace(spec, paths=kept, without=frozenset({(1, 2)}))
    figure = draw(without, NOTHING)
    assert touching_in_panel(figure, without) == []
    assert len(nodes_of(figure)) == 5
    with pytest.raises(ValueError, match="no box"):
        replace(without, paths=spec.paths)


def test_no_path_is_drawn_twice() -> None:
    spec = panel_figure(SHORT[:2], WAVES[:2])
    with pytest.raises(ValueError, match="twice"):
        replace(spec, paths=(spec.paths[0], spec.paths[0]))
