"""What each kind of figure shows, and where."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import ArrowStyle

from dyadkit.display.drawing import draw
from dyadkit.display.drawing.scale import tick_labels
from dyadkit.display.drawing.style import COLOURS, DIVERGING, SEQUENTIAL
from dyadkit.display.figures import (
    FlowDiagram,
    FlowStep,
    HeatMap,
    Interval,
    IntervalPlot,
    Line,
    LinePlot,
    PathFigure,
    Point,
)
from dyadkit.display.tables import Cell
from tests.display.clear import (
    PIXEL,
    arrows_of,
    corners,
    entered,
    extents_of,
    nodes_of,
    shared,
)
from tests.display.drawn import (
    INF,
    NAN,
    NOTHING,
    SPECS,
    frames_of,
    grids_of,
    heat_map,
    interval_plot,
    markers,
    path_figure,
    pattern_plot,
    texts,
    words,
)

# Heat maps


def test_heat_map_writes_values_in_the_style_of_tables() -> None:
    cells = ((Cell(-0.456, "a"), Cell(None, "b")), (Cell(0.5, "c", "percent"), Cell(NAN, "d")))
    spec = HeatMap("m", "M", "M.", ("x", "y"), ("p", "q"), cells, "correlation", -1.0, 1.0)
    shown = words(draw(spec, NOTHING))
    assert {"−.46", "50.0 %", "–"} <= set(shown)
    assert len(shown) == 4 + 3 + len(("−1", "0", "1"))


def luminance(colour: object) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]  # type: ignore[arg-type]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_values_stand_out_from_their_cell(low: float) -> None:
    columns = tuple("abcdefgh")
    spec = heat_map(tuple(str(row) for row in range(10)), columns, low, 1.0)
    figure = draw(spec, NOTHING)
    shown = [text for text in texts(figure) if text.get_color() in ("#000000", "#ffffff")]
    grid = max(grids_of(figure), key=lambda one: len(one.get_facecolor()))
    fills = grid.get_facecolor()
    assert len(shown) == len(fills) == 80
    for text, fill in zip(shown, fills, strict=True):
        light, dark = sorted((luminance(text.get_color()), luminance(fill)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # what WCAG 2.1, 1.4.3 asks of text
    assert {text.get_color() for text in shown} == {"#000000", "#ffffff"}


def test_palettes_can_be_read_in_greyscale() -> None:
    steps = np.linspace(0, 1, 65)
    rising = [luminance(SEQUENTIAL(step)) for step in steps]
    assert all(after < before for before, after in pairwise(rising))
    arms = [luminance(DIVERGING(step)) for step in steps]
    assert all(after > before for before, after in pairwise(arms[:33]))
    assert all(after < before for before, after in pairwise(arms[32:]))
    assert arms[0] > 3 * arms[-1]


def test_diverging_colours_are_as_strong_on_both_sides_of_zero() -> None:
    spec = heat_map(("x",), ("a", "b"), -1.0, 0.5)
    figure = draw(replace(spec, cells=((Cell(0.0), Cell(0.5)),)), NOTHING)
    grid = grids_of(figure)[0]
    assert to_rgb(grid.get_facecolor()[0]) == pytest.approx(DIVERGING(0.5)[:3])
    assert to_rgb(grid.get_facecolor()[1]) == pytest.approx(DIVERGING(0.75)[:3])


def test_cells_must_match_labels() -> None:
    with pytest.raises(ValueError, match="'map': the cells do not match"):
        replace(heat_map(("x",), ("a", "b")), column_labels=("a",))
    with pytest.raises(ValueError, match="'gaps': patterns, counts"):
        replace(pattern_plot(("x", "y")), column_labels=("x",))


# Interval plots


def test_estimates_stand_where_the_scale_says() -> None:
    intervals = tuple(Interval(str(n), n / 4, n / 4, n / 4, "k") for n in range(5))
    spec = replace(interval_plot(()), intervals=intervals, limits=(0.0, 1.0))
    places = markers(draw(spec, NOTHING), "o")
    assert np.diff(places) == pytest.approx([places[1] - places[0]] * 4)
    assert places[1] > places[0]


def test_what_lies_beyond_the_limits_ends_in_an_arrow() -> None:
    intervals = (
        Interval("both", 0.0, -9.0, INF, "k"),
        Interval("above", 5.0, 4.0, 6.0, "k"),
        Interval("inside", 0.5, -1.0, 1.0, "k"),
        Interval("one-sided", 0.5, NAN, 2.0, "k"),
        Interval("nowhere", NAN, NAN, NAN, "k"),
    )
    spec = replace(interval_plot(()), intervals=intervals, limits=(-1.0, 1.0))
    figure = draw(spec, NOTHING)
    assert len(markers(figure, "<")) == 1
    assert len(markers(figure, ">")) == 3
    assert len(markers(figure, "o")) == 3
    shown = words(figure)
    assert "0.00 [−9.00, ∞]" in shown
    assert "0.50 [–, 2.00]" in shown
    assert shown.count("–") == 1
    ticks = [text for text in shown if text in ("−1.0", "0.0", "1.0")]
    assert len(ticks) == 3


def test_series_differ_in_colour_and_marker() -> None:
    figure = draw(interval_plot(("a", "b"), ("coach", "client", "supervisor")), NOTHING)
    looks = {
        (line.get_marker(), line.get_markerfacecolor())
        for line in figure.axes[0].lines
        if line.get_linestyle() == "None"
    }
    assert len(looks) == len({marker for marker, _ in looks}) == 3
    assert len({colour for _, colour in looks}) == 3
    assert words(figure).count("a") == 1  # shared by its three lines
    assert {"coach", "client", "supervisor"} <= set(words(figure))


def test_estimates_are_printed_beside_their_interval() -> None:
    spec = IntervalPlot(
        *("p", "P", "P.", "r"),
        (Interval("x", 0.301, 0.118, 0.462, "k"),),
        "correlation",
        interval="95 % CI",
    )
    shown = words(draw(spec, NOTHING))
    assert ".30 [.12, .46]" in shown
    assert "Estimate [95 % CI]" in shown
    alone = replace(spec, interval="", intervals=(Interval("x", 0.301, NAN, NAN, "k"),))
    assert {"Estimate", ".30"} <= set(words(draw(alone, NOTHING)))


@pytest.mark.parametrize(
    ("values", "style", "expected"),
    [
        ([-0.5, 0.0, 0.5], "statistic", ["−0.5", "0.0", "0.5"]),
        ([-0.5, -1e-17, 0.5], "correlation", ["−.5", ".0", ".5"]),
        ([0.0, 0.125], "percent", ["0.0 %", "12.5 %"]),
        ([0.0, 1000.0], "count", ["0", "1,000"]),
        ([1e9, 2e9], "statistic", ["1e+09", "2e+09"]),
        ([1e-9, 2e-9], "statistic", ["1e−09", "2e−09"]),
        ([], "statistic", []),
    ],
)
def test_ticks_have_the_decimals_they_need(
    values: list[float], style: str, expected: list[str]
) -> None:
    assert tick_labels(values, style) == expected  # type: ignore[arg-type]


# Flow diagrams


def test_streams_stand_side_by_side_and_meet_in_the_middle() -> None:
    left = (FlowStep("Coaches", ("1",), ("gone",)), FlowStep("Kept", ("2",)))
    right = (FlowStep("Clients", ("3",)), FlowStep("Stayed", ("4",)))
    figure = draw(FlowDiagram("f", "F", "F.", (left, right), (FlowStep("Dyads", ()),)), NOTHING)
    at = {text.get_text(): text.get_position() for text in texts(figure)}
    assert at["Coaches"][1] == at["Clients"][1] < at["gone"][1]
    assert at["gone"][1] < at["Kept"][1] == at["Stayed"][1] < at["Dyads"][1]
    assert at["Coaches"][0] == at["Kept"][0] < at["gone"][0] < at["Clients"][0]
    frames = frames_of(figure)
    lowest = max(frames, key=lambda frame: frame.get_y())
    assert lowest.get_x() + lowest.get_width() / 2 == pytest.approx(6.5 * 72 / 2)


# Pattern plots


def test_bars_are_as_long_as_counts_are_large() -> None:
    spec = replace(
        pattern_plot(("x", "y"), 2),
        counts=(Cell(1200, "a"), Cell(300, "b")),
        other=Cell(600, "c"),
    )
    figure = draw(spec, NOTHING)
    frames = frames_of(figure)
    assert [frame.get_width() / frames[0].get_width() for frame in frames] == pytest.approx(
        [1.0, 0.25, 0.5]
    )
    shown = words(figure)
    assert [text for text in shown if text in ("1,200", "300", "600")] == ["1,200", "300", "600"]
    assert shown.index("other patterns") > shown.index("300")


def test_tiles_tell_observed_from_missing() -> None:
    spec = replace(pattern_plot(("x", "y"), 2), patterns=((True, True), (True, False)), other=None)
    sizes = [len(tiles.get_paths()) for tiles in grids_of(draw(spec, NOTHING))]
    assert sizes == [1, 1, 3, 1]  # two samples in the legend, three observed, one missing


# Line plots


def curves(figure: Figure) -> dict[str, list[np.ndarray]]:
    """Return the lines of a figure in points, by colour."""
    found: dict[str, list[np.ndarray]] = {}
    for line in figure.axes[0].lines:
        if line.get_color() in COLOURS and len(line.get_xdata()) > 2:
            found.setdefault(line.get_color(), []).append(np.asarray(line.get_data()))
    return found


def test_panels_share_scales_and_looks() -> None:
    x, y = (0.0, 1.0, 4.0), (0.0, -2.0, 6.0)
    lines = tuple(
        Line(label, x, tuple(times * value for value in y), "k", panel=panel)
        for panel in ("Coach", "Client")
        for label, times in (("low", 1.0), ("high", 0.5))
    )
    figure = draw(LinePlot("l", "L", "L.", "Tenure", "Trust", lines), NOTHING)
    found = curves(figure)
    assert list(found) == list(COLOURS[:2])
    for left, right in found.values():
        np.testing.assert_allclose(left[1], right[1])
        np.testing.assert_allclose(np.diff(left[0]), np.diff(right[0]))
        assert left[0].max() < right[0].min()
    (low, _), (high, last) = found.values()
    np.testing.assert_allclose(low[0], high[0])
    assert np.diff(low[1]) == pytest.approx(2 * np.diff(high[1]))
    assert low[1][2] < low[1][0] < low[1][1]  # up the page is more
    assert np.diff(low[0])[1] == pytest.approx(3 * np.diff(low[0])[0])
    shown = words(figure)
    assert all(shown.count(word) == 1 for word in ("low", "high", "Coach", "Client", "Tenure"))
    at = {text.get_text(): text.get_position() for text in texts(figure)}
    assert at["Coach"][0] == pytest.approx((low[0][0] + low[0][-1]) / 2)
    assert at["Client"][0] == pytest.approx((last[0][0] + last[0][-1]) / 2)


def test_bands_reach_from_end_to_end_of_their_intervals() -> None:
    line = Line("", (0.0, 2.0), (1.0, 1.0), "k", (0.0, 0.5), (2.0, 1.5))
    figure = draw(LinePlot("l", "L", "L.", "x", "y", (line,), reference=1.0), NOTHING)
    (band,) = grids_of(figure)
    ends = band.get_paths()[0].vertices[:4]
    (reference,) = [one for one in figure.axes[0].lines if one.get_linestyle() == "--"]
    level = reference.get_ydata()[0]
    np.testing.assert_allclose((level - ends[:, 1]) / (level - ends[3, 1]), [-1.0, -0.5, 0.5, 1.0])
    np.testing.assert_allclose(ends[:, 0], ends[[0, 1, 1, 0], 0])


def test_points_stand_beside_their_lines_by_their_values() -> None:
    """Two lines with a point each at the same place, whose interval is that of the band."""
    x, points, lines = (0.0, 2.0), [], []
    for label, y in (("one", 1.0), ("two", 3.0)):
        ends = (y - 0.5, y - 0.5), (y + 1.0, y + 1.0)
        lines.append(Line(label, x, (y, y), "k", *ends))
        points.append(Point(label, 1.0, y, y - 0.5, y + 1.0, "k"))
    points.append(Point("two", 2.0, 3.5, NAN, NAN, "k"))
    figure = draw(LinePlot("l", "L", "L.", "x", "y", tuple(lines), points=tuple(points)), NOTHING)
    bands = [one.get_paths()[0].vertices for one in grids_of(figure)]
    middle = bands[0][:4, 0].mean()
    assert [len(markers(figure, marker)) for marker in ("o", "s")] == [2, 3]  # legend, points
    places = {}
    for number, marker in enumerate("os"):
        inside = [
            line
            for line in figure.axes[0].lines
            if line.get_marker() == marker and abs(line.get_xdata()[0] - middle) < 10.0
        ]
        (point,) = inside
        places[marker] = point.get_xdata()[0]
        bars = [
            np.asarray(line.get_data())
            for line in figure.axes[0].lines
            if line.get_marker() in ("None", "", None)
            and len(line.get_xdata()) == 2
            and line.get_xdata()[0] == line.get_xdata()[1] == point.get_xdata()[0]
        ]
        (bar,) = bars
        ends = bands[number][:4, 1]
        np.testing.assert_allclose(sorted(bar[1]), [ends.min(), ends.max()])
        down = (ends.max() - point.get_ydata()[0]) / (ends.max() - ends.min())
        assert down == pytest.approx(1 / 3)
    assert places["o"] < middle < places["s"]
    assert (places["o"] + places["s"]) / 2 == pytest.approx(middle)


def test_suppressed_lines_are_counted_on_their_panel() -> None:
    figure = draw(SPECS["two panels"], frozenset({"0-0", "1-0", "2-0", "1-1"}))
    at = {text.get_text(): text.get_position() for text in texts(figure)}
    assert at["suppressed"][0] == pytest.approx(at["Coach"][0])
    assert at["1 suppressed"][0] == pytest.approx(at["Client"][0])
    assert set(curves(figure)) == {COLOURS[0], COLOURS[2]}


# Path diagrams


PATHS = [name for name, spec in SPECS.items() if isinstance(spec, PathFigure) and spec.paths]


@pytest.mark.parametrize("name", PATHS)
def test_labels_of_paths_stand_clear_of_boxes_and_of_each_other(name: str) -> None:
    figure = draw(SPECS[name], NOTHING)
    labels, nodes = corners(figure, nodes=False), corners(figure, nodes=True)
    assert len(labels) == len(SPECS[name].paths)  # type: ignore[union-attr]
    assert len(nodes) == len(SPECS[name].nodes)  # type: ignore[union-attr]
    assert not shared(labels, nodes).any()
    assert shared(labels, labels).sum() == len(labels)
    extents = extents_of(figure, [one for one in texts(figure) if one.get_weight() != "bold"])
    every = np.concatenate([labels, nodes])
    inside = (extents[:, None, :2] > every[None, :, :2] - PIXEL).all(axis=2)
    inside &= (extents[:, None, 2:] < every[None, :, 2:] + PIXEL).all(axis=2)
    assert (inside.sum(axis=1) == 1).all()


@pytest.mark.parametrize("name", PATHS)
def test_paths_lead_around_boxes(name: str) -> None:
    figure = draw(SPECS[name], NOTHING)
    assert not any(entered(arrow, node) for arrow in arrows_of(figure) for node in nodes_of(figure))


def test_arrows_lead_from_box_to_box() -> None:
    """Two actor paths level, two partner paths across, one faint, and two covariances outside."""
    figure = draw(path_figure(("a", "b", "c", "d")), NOTHING)
    x1, x2, y1, y2 = corners(figure, nodes=True)
    arrows = arrows_of(figure)
    ends = [arrow._path_original.vertices[[0, -1]] for arrow in arrows]
    for (start, end), (one, two) in zip(
        ends[:4], ((x1, y1), (x2, y2), (x1, y2), (x2, y1)), strict=True
    ):
        assert (start[0], end[0]) == pytest.approx((one[2], two[0]))
        assert one[1] < start[1] < one[3]
        assert two[1] < end[1] < two[3]
    assert all(start[1] == end[1] for start, end in ends[:2])
    assert [arrow.get_linestyle() != "-" for arrow in arrows] == [False] * 3 + [True] + [False] * 2
    widths = [arrow.get_linewidth() for arrow in arrows]
    assert widths[3] < min(widths[:3] + widths[4:])
    both = [isinstance(arrow.get_arrowstyle(), ArrowStyle.CurveFilledAB) for arrow in arrows]
    assert both == [False] * 4 + [True] * 2
    towards = [arrow._path_original.vertices[1, 0] for arrow in arrows[4:]]
    assert towards[0] < x1[0]
    assert towards[1] > y1[2]
