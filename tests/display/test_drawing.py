"""Drawing: nothing overlaps or is cut, nothing hidden shows, and the same figure gives the same
bytes."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from dyadkit.display.drawing import draw, to_png, to_svg
from dyadkit.display.drawing.style import COLOURS
from dyadkit.display.figures import (
    DistributionPlot,
    FlowDiagram,
    GrowthFigure,
    HeatMap,
    IntervalPlot,
    LaggedFigure,
    LimitsPlot,
    Line,
    LinePlot,
    Node,
    Path,
    PathFigure,
    PatternPlot,
    Point,
)
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from tests.display.drawn import (
    KINDS,
    NOTHING,
    SPECS,
    boxes,
    frames_of,
    heat_map,
    interval_plot,
    line_plot,
    path_figure,
    pattern_plot,
    texts,
    with_points,
    words,
)


@pytest.mark.parametrize("name", SPECS)
def test_no_text_leaves_the_page_or_touches_another(name: str) -> None:
    figure = draw(SPECS[name], NOTHING)
    extents = boxes(figure, texts(figure))
    page = figure.get_size_inches() * 72
    assert page[0] == pytest.approx(6.5 * 72)
    assert (extents[:, :2] >= 0).all()
    assert (extents[:, 2:] <= page).all()
    # Extents are those of inked pixels at 100 dpi; they may share a pixel (0.72 points).
    low = np.maximum(extents[:, None, :2], extents[None, :, :2])
    high = np.minimum(extents[:, None, 2:], extents[None, :, 2:])
    overlapping = ((high - low) > 0.73).all(axis=2)
    np.fill_diagonal(overlapping, False)
    shown = words(figure)
    assert [(shown[a], shown[b]) for a, b in np.argwhere(overlapping)] == []


@pytest.mark.parametrize("name", [name for name in SPECS if "stream" in name])
def test_every_line_of_a_flow_lies_in_a_box(name: str) -> None:
    figure = draw(SPECS[name], NOTHING)
    lines = boxes(figure, texts(figure))[:, None]
    frames = boxes(figure, frames_of(figure))[None]
    inside = (lines[..., :2] >= frames[..., :2]) & (lines[..., 2:] <= frames[..., 2:])
    assert (inside.all(axis=2).sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", SPECS)
def test_no_word_is_lost_and_no_markup_is_read(name: str) -> None:
    spec = SPECS[name]
    figure = draw(spec, NOTHING)
    assert not any(text.get_parse_math() for text in texts(figure))
    match spec:
        case HeatMap():
            expected = [*spec.row_labels, *spec.column_labels]
        case IntervalPlot():
            expected = [text for one in spec.intervals for text in (one.label, one.series)]
        case FlowDiagram():
            steps = [step for stream in (*spec.streams, spec.merged) for step in stream]
            expected = [text for one in steps for text in (one.heading, *one.lines, *one.left_out)]
        case PatternPlot():
            expected = [*spec.column_labels]
        case LinePlot():
            expected = [text for line in spec.lines for text in (line.label, line.panel)]
            expected += [spec.x_axis, spec.y_axis]
        case LimitsPlot():
            expected = [text for level in spec.lines for text in (level.label, level.panel)]
            expected += [*(slope.label for slope in spec.slopes), spec.x_axis, spec.y_axis]
        case DistributionPlot():
            expected = [text for one in spec.marks for text in (one.label, one.panel)]
            expected += [*(one.label for one in spec.references), spec.axis, spec.observed]
        case PathFigure():
            expected = [node.label for node in spec.nodes]
            expected += [str(path.label.value) for path in spec.paths]
        case LaggedFigure():
            expected = [*spec.series, *spec.waves]
            expected += [format_value(one.label.value, "correlation") for one in spec.paths]
        case GrowthFigure():
            factors = [factor for row in spec.factors for factor in row]
            expected = [*spec.series, *spec.waves, *spec.covariates]
            expected += [factor.label for factor in factors]
            expected += [
                format_value(cell.value, cell.style or "text")
                for cell in (
                    *(one.label for one in spec.paths),
                    *(cell for factor in factors for _, cell in factor.numbers),
                )
            ]
    # Lines are written in reading order, so that the parts of a wrapped label follow each other.
    written = "".join("".join(words(figure)).split())
    assert [text for text in expected if "".join(text.split()) not in written] == []


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_are_the_same_whatever_the_users_settings(kind: str) -> None:
    first = draw(SPECS[kind], NOTHING)
    svg, png = to_svg(first), to_png(first)
    assert (to_svg(first), to_png(first)) == (svg, png)
    mine = {
        "font.family": "serif",
        "svg.fonttype": "none",
        "savefig.bbox": "tight",
        "figure.facecolor": "red",
        "axes.facecolor": "red",
        "lines.linewidth": 9,
        "hatch.linewidth": 9,
        "text.parse_math": True,
    }
    with matplotlib.rc_context(mine):
        second = draw(SPECS[kind], NOTHING)
        assert (to_svg(second), to_png(second)) == (svg, png)
        assert {name: matplotlib.rcParams[name] for name in mine} == {
            **mine,
            "font.family": ["serif"],
        }


@pytest.mark.parametrize("kind", KINDS)
def test_svg_is_labelled_outlines(kind: str) -> None:
    alternative = "Trust <script>\"&' rises\x00, $x$ — über"
    svg = to_svg(draw(replace(SPECS[kind], alt=alternative), NOTHING))
    root = ElementTree.fromstring(svg)
    shown = alternative.replace("\x00", " ")
    assert root.get("role") == "img"
    assert root.get("aria-label") == shown
    assert root.findtext("{http://www.w3.org/2000/svg}title") == shown
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "text", "image"}
    assert b"Matplotlib v" not in svg
    assert b"<dc:date>" not in svg


@pytest.mark.parametrize("name", [name for name in SPECS if "nasty" in name])
def test_text_of_users_is_no_markup_in_svg(name: str) -> None:
    svg = to_svg(draw(SPECS[name], NOTHING))
    assert b"<script" not in svg
    assert "script" not in {element.tag for element in ElementTree.fromstring(svg).iter()}


def test_control_characters_and_dashes_leave_svg_well_formed() -> None:
    label = "a -- b --> \x00\x08\x1f\n\tc\ud800 ]]> \ufffe"
    with pytest.warns(UserWarning, match=r"Figure 'plot': 1 lines .* Install a font"):
        figure = draw(interval_plot((label,)), NOTHING)
    ElementTree.fromstring(to_svg(figure))
    assert "a -- b --> c\ufffd ]]> \ufffd" in words(figure)


def test_png_has_the_size_of_the_page_and_no_version() -> None:
    figure = draw(SPECS["intervals"], NOTHING)
    png = to_png(figure, dpi=200)
    across, down = struct.unpack(">II", png[16:24])
    assert across == 1300  # 6.5 in x 200 dpi
    assert down == int(figure.get_figheight() * 200)
    assert b"Software" not in png


def test_drawing_does_without_pyplot() -> None:
    code = (
        "import sys, dyadkit.display.drawing;"
        "sys.exit('matplotlib.pyplot' in sys.modules or 'tkinter' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# What is hidden: figures that differ in hidden numbers only are the same file.


def test_hidden_cells_do_not_show() -> None:
    spec = heat_map(("Trust", "Learning"), ("t1", "t2"), 0.0, 1.0, "percent")
    rows = [list(row) for row in spec.cells]
    rows[0][1] = Cell(0.98765, "0-1")
    other = replace(spec, cells=tuple(tuple(row) for row in rows))
    hidden = frozenset({"0-1"})
    figure = draw(spec, hidden)
    assert words(figure).count("s") == 1
    assert sum(patch.get_hatch() is not None for patch in frames_of(figure)) == 1
    assert to_svg(figure) == to_svg(draw(other, hidden))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))


def test_hidden_intervals_do_not_show_in_the_axis_either() -> None:
    spec = interval_plot(("actor", "partner"), ("coach", "client"))
    first, *rest = spec.intervals
    other = replace(spec, intervals=(replace(first, estimate=70, low=-900, high=900), *rest))
    hidden = frozenset({first.key})
    figure = draw(spec, hidden)
    assert words(figure).count("suppressed") == 1
    assert to_svg(figure) == to_svg(draw(other, hidden))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))


def test_hidden_counts_do_not_show_in_other_bars_either() -> None:
    spec = pattern_plot(("trust", "learning"), 3)
    other = replace(spec, counts=(Cell(900, "0"), *spec.counts[1:]), other=Cell(901, "other"))
    hidden = frozenset({"0", "other"})
    figure = draw(spec, hidden)
    assert words(figure).count("s") == 2
    assert to_svg(figure) == to_svg(draw(other, hidden))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))


def test_hidden_lines_do_not_show_in_the_axes_either() -> None:
    spec = line_plot(("Coach", "Client"))
    far = replace(spec.lines[1], y=tuple(50.0 + value for value in spec.lines[1].y))
    other = replace(spec, lines=(spec.lines[0], replace(far, strong=None)))
    figure = draw(other, frozenset({"1"}))
    assert to_svg(figure) == to_svg(draw(spec, frozenset({"1"})))
    assert to_svg(draw(other, NOTHING)) != to_svg(draw(spec, NOTHING))
    shown = words(figure)
    assert "1 suppressed" in shown
    assert not any(word.startswith("50") for word in shown)
    assert "suppressed" in words(draw(spec, frozenset({"0", "1"})))


def test_hidden_points_do_not_show_in_the_axes_either() -> None:
    spec = with_points(line_plot(("Coach", "Client")))
    far = tuple(
        replace(point, y=50.0, low=49.0, high=51.0) if point.key == "1" else point
        for point in spec.points
    )
    other = replace(spec, points=far)
    figure = draw(other, frozenset({"1"}))
    assert to_svg(figure) == to_svg(draw(spec, frozenset({"1"})))
    assert to_svg(draw(other, NOTHING)) != to_svg(draw(spec, NOTHING))
    assert "1 suppressed" in words(figure)


def test_hidden_paths_have_no_number_and_do_not_tell_of_zero() -> None:
    spec = path_figure(("a", "b", "c", "d"))
    hidden = frozenset({"x2y1", "x1x2"})
    paths = tuple(
        replace(path, label=replace(path.label, value="−12.345 [−99.99, 0.01]"), faint=False)
        if path.label.key in hidden
        else path
        for path in spec.paths
    )
    other = replace(spec, paths=paths)
    figure = draw(spec, hidden)
    assert words(figure).count("suppressed") == 2
    assert words(figure).count(".23") == 1
    assert to_svg(figure) == to_svg(draw(other, hidden))
    assert to_svg(draw(spec, NOTHING)) != to_svg(draw(other, NOTHING))


def test_lines_stand_where_the_scales_say() -> None:
    """A line from corner to corner, thick on its second half."""
    line = Line("", (0.0, 1.0), (0.0, 1.0), "a", strong=((0.5, 1.0),))
    figure = draw(LinePlot("l", "L", "L.", "x", "y", (line,)), NOTHING)
    traces = [
        (artist.get_linewidth(), *np.asarray(artist.get_data()))
        for artist in figure.axes[0].lines
        if artist.get_color() == COLOURS[0] and len(artist.get_xdata()) > 1
    ]
    thin, thick = sorted(trace for trace in traces if trace[0] != 1.6 or len(trace[1]) == 2)[-2:]
    assert thin[0] < thick[0]
    middle = [0.5 * (thin[place][0] + thin[place][-1]) for place in (1, 2)]
    np.testing.assert_allclose([thick[1][0], thick[2][0]], middle)
    np.testing.assert_allclose([thick[1][-1], thick[2][-1]], [thin[1][-1], thin[2][-1]])


def test_lines_and_paths_must_fit_together() -> None:
    with pytest.raises(ValueError, match="belongs to no line"):
        replace(line_plot(("a",)), points=(Point("b", 1.0, 1.0, 0.0, 2.0, "k"),))
    with pytest.raises(ValueError, match="differ"):
        Line("a", (1.0, 2.0), (1.0,), "a")
    with pytest.raises(ValueError, match="differ"):
        Line("a", (1.0,), (1.0,), "a", (0.5,))
    nodes = (Node("a", "A", 0, 0), Node("b", "B", 1, 0))
    with pytest.raises(ValueError, match="unknown"):
        PathFigure("p", "P", "P.", nodes[:1], (Path("a", "b", Cell(1.0)),))
    with pytest.raises(ValueError, match="no later column"):
        PathFigure("p", "P", "P.", nodes, (Path("b", "a", Cell(1.0)),))
    with pytest.raises(ValueError, match="leaves its column"):
        PathFigure("p", "P", "P.", nodes, (Path("a", "b", Cell(1.0), both=True),))


def test_paths_between_factors_and_items_must_fit_together() -> None:
    nodes = (
        *(Node(name, name, column, 0, factor=True) for name, column in (("f", 1), ("g", 2))),
        *(Node(name, name, column, row) for name, column, row in (("a", 0, 0), ("b", 3, 0))),
    )
    PathFigure("p", "P", "P.", nodes, (Path("f", "a", Cell(1.0)), Path("g", "b", Cell(1.0))))
    for start, end in (("a", "f"), ("f", "b"), ("f", "f")):
        with pytest.raises(ValueError, match="not from a factor to the column"):
            PathFigure("p", "P", "P.", nodes, (Path(start, end, Cell(1.0)),))
    for start, end in (("a", "b"), ("f", "a"), ("f", "f")):
        with pytest.raises(ValueError, match="joins not factors of two columns"):
            PathFigure("p", "P", "P.", nodes, (Path(start, end, Cell(1.0), both=True),))


def test_factors_alone_can_be_drawn() -> None:
    nodes = tuple(Node(name, name, column, 0, factor=True) for column, name in enumerate("fgh"))
    paths = tuple(Path(one, two, Cell(".5"), both=True) for one, two in ("fg", "gh"))
    assert words(draw(PathFigure("p", "P", "P.", nodes, paths), NOTHING)) == [*"fgh", ".5", ".5"]
