"""Limits of agreement and distributions: where everything stands, and what must not show."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from scipy.optimize import minimize

import dyadkit
from dyadkit.display.drawing import draw, points_figure, to_png, to_svg
from dyadkit.display.drawing.limits import count_classes
from dyadkit.display.drawing.spreading import spread
from dyadkit.display.drawing.style import COLOURS
from dyadkit.display.figures import Bar, Bin, DistributionPlot, Level, Mark, Reference, Slope
from dyadkit.display.tables import Cell
from dyadkit.errors import DataError
from tests.display.drawn import (
    INF,
    NAN,
    NOTHING,
    boxes,
    distribution_plot,
    frames_of,
    grids_of,
    limits_plot,
    markers,
    texts,
    words,
)

SQUARE = (2.0, 3.0, -1.0, 1.0)


def rectangles(figure: Figure) -> np.ndarray:
    """Return left, top, right and bottom of the shaded rectangles that are no band."""
    found = [
        (*path.vertices.min(axis=0), *path.vertices.max(axis=0))
        for grid in grids_of(figure)
        if grid.get_alpha() is None
        for path in grid.get_paths()
    ]
    return np.array(found).reshape(-1, 4)


def bands(figure: Figure) -> np.ndarray:
    """Return the upper and lower ends of the translucent bands."""
    found = [
        (path.vertices[:, 1].min(), path.vertices[:, 1].max())
        for grid in grids_of(figure)
        if grid.get_alpha() is not None
        for path in grid.get_paths()
    ]
    return np.array(found).reshape(-1, 2)


def traces(figure: Figure, colour: str) -> list[tuple[np.ndarray, np.ndarray, object]]:
    return [
        (np.asarray(line.get_xdata()), np.asarray(line.get_ydata()), line.get_linestyle())
        for line in figure.axes[0].lines
        if line.get_color() == colour and len(line.get_xdata()) > 1
    ]


# Limits of agreement


def test_squares_bands_and_lines_stand_where_the_scales_say() -> None:
    lines = (Level("Bias", 0.0, -3.0, 3.0, "a"), Level("Upper limit", 6.0, NAN, NAN, "a"))
    square = Bin(1.0, 4.0, 0.0, 3.0, Cell(9, "a"))
    spec = replace(limits_plot(), bins=(square,), lines=lines, slopes=())
    figure = draw(spec, NOTHING)
    xs, ys, _ = next(trace for trace in traces(figure, COLOURS[1]) if len(trace[0]) == 2)
    left, right = xs
    centre = ys[0]
    (band,) = bands(figure)
    # 12 units of difference from top to bottom, 6 of the mean from left to right.
    unit = (band[1] - band[0]) / 6.0
    assert (band[0] + band[1]) / 2 == pytest.approx(centre)
    found = rectangles(figure)
    expected = (left, centre - 3 * unit, left + (right - left) / 2, centre)
    assert any(np.allclose(one, expected) for one in found)
    level = [ys for xs, ys, _ in traces(figure, COLOURS[1]) if xs[-1] - xs[0] > 100]
    np.testing.assert_allclose([ys[0] for ys in level], [centre, centre - 6 * unit])


def test_the_bias_is_solid_and_the_limits_are_dashed() -> None:
    figure = draw(limits_plot(panels=("a", "b")), NOTHING)
    across = [style for xs, _, style in traces(figure, COLOURS[1]) if xs[-1] - xs[0] > 60]
    assert len(across) == 6
    assert sum(style == "-" for style in across) == 2


def test_values_stand_beside_their_lines_from_top_to_bottom() -> None:
    shown = words(draw(limits_plot(), NOTHING))
    order = ("Upper limit", "1.80 [1.60, 2.10]", "Bias", "0.30 [0.10, 0.60]", "Lower limit")
    places = [shown.index(text) for text in order]
    assert places == sorted(places)


def test_what_lies_beyond_the_scale_is_not_drawn_as_if_on_its_edge() -> None:
    lines = (
        Level("Bias", 0.0, -INF, INF, "a"),
        Level("Upper limit", 6.5, 6.2, 6.9, "a"),
        Level("Lower limit", -7.0, -8.0, -5.0, "a"),
        Level("Unknown", NAN, NAN, NAN, "a"),
    )
    figure = draw(replace(limits_plot(), bins=(), lines=lines, slopes=()), NOTHING)
    assert len(markers(figure, "^")) == len(markers(figure, "v")) == 1
    across = [ys for xs, ys, _ in traces(figure, COLOURS[1]) if xs[-1] - xs[0] > 60]
    assert len(across) == 1
    # The whole panel, and the part of the lower limit's interval that lies within.
    heights = np.diff(bands(figure)).ravel()
    assert heights.tolist() == pytest.approx([210.0, 210.0 / 12])
    assert {"0.00 [−∞, ∞]", "6.50 [6.20, 6.90]", "–"} <= set(words(figure))


def test_slopes_end_at_the_edge_of_the_panel() -> None:
    slope = Slope(0.0, -12.0, 8.0, 12.0, "a")
    parts = (slope, replace(slope, x0=2.0, x1=2.0), replace(slope, y0=9.0, y1=9.0))
    spec = replace(limits_plot(()), bins=(), slopes=(*parts, replace(slope, y1=NAN)))
    figure = draw(spec, NOTHING)
    white = [trace for trace in traces(figure, "white") if len(trace[0]) == 2]
    assert len(white) == 2
    # x from 1 to 7 and y from −6 to 6: y = 3x − 12 is −6 at x = 2, and 6 at x = 6.
    axis = next(xs for xs, ys, _ in traces(figure, "#1a1a1a") if xs[-1] - xs[0] > 300)
    unit = (axis[-1] - axis[0]) / 6.0
    np.testing.assert_allclose(white[0][0], [axis[0] + unit, axis[0] + 5 * unit])
    assert abs(white[0][1][1] - white[0][1][0]) == pytest.approx(210.0)
    np.testing.assert_allclose(white[1][0], axis[0] + unit)


def test_no_byte_depends_on_a_hidden_count() -> None:
    spec = limits_plot(panels=("Coach", "Client"))
    key = spec.bins[3].cell.key
    hidden = frozenset({key})

    def with_count(count: object) -> bytes:
        bins = tuple(
            replace(one, cell=Cell(count, key)) if one.cell.key == key else one for one in spec.bins
        )
        return to_svg(draw(replace(spec, bins=bins), hidden))

    absent = replace(spec, bins=tuple(one for one in spec.bins if one.cell.key != key))
    svgs = {with_count(count) for count in (1, 3, 4, 99_999, None, 0, NAN)}
    assert svgs == {to_svg(draw(absent, NOTHING))}
    assert svgs != {to_svg(draw(spec, NOTHING))}
    assert to_png(draw(spec, hidden)) == to_png(draw(absent, NOTHING))


def test_absent_counts_are_not_drawn() -> None:
    spec = replace(limits_plot(()), slopes=())
    empty = tuple(replace(spec.bins[0], cell=Cell(count)) for count in (None, 0, NAN))
    bare = replace(spec, bins=())
    assert to_svg(draw(replace(spec, bins=empty), NOTHING)) == to_svg(draw(bare, NOTHING))


def test_hidden_lines_show_neither_value_nor_place() -> None:
    spec = limits_plot()
    far = replace(spec.lines[1], estimate=5.4321, low=5.1, high=5.8)
    steep = replace(spec.slopes[0], y0=5.0)
    other = replace(spec, lines=(spec.lines[0], far, spec.lines[2]), slopes=(steep,))
    hidden = frozenset({"0-1", "0-slope"})
    figure = draw(other, hidden)
    assert to_svg(figure) == to_svg(draw(spec, hidden))
    assert to_svg(draw(other, NOTHING)) != to_svg(draw(spec, NOTHING))
    shown = words(figure)
    assert "2 suppressed" in shown
    assert "Upper limit" not in shown
    assert "suppressed" in words(draw(spec, frozenset({"0-0", "0-1", "0-2", "0-slope"})))
    # A hidden bias leaves the limits dashed.
    left = traces(draw(spec, frozenset({"0-0"})), COLOURS[1])
    assert not any(style == "-" for xs, _, style in left if xs[-1] - xs[0] > 60)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=40))
def test_each_count_has_the_shade_of_its_class(counts: list[int]) -> None:
    classes = count_classes(sorted(set(counts)))
    assert 1 <= len(classes.names) <= 5
    bounds = [[int(part.replace(",", "")) for part in name.split("–")] for name in classes.names]
    assert all(before[-1] < after[0] for before, after in pairwise(bounds))
    for count in counts:
        (own,) = [number for number, each in enumerate(bounds) if each[0] <= count <= each[-1]]
        assert classes.colour(count) == classes.shade(own)


def test_classes_can_be_told_apart_in_greyscale() -> None:
    classes = count_classes([1, 9, 40, 200, 900, 4000])
    shades = [
        np.dot(classes.shade(number)[:3], (0.2126, 0.7152, 0.0722))
        for number in range(len(classes.names))
    ]
    assert len(shades) == 4
    assert all(before - after > 0.08 for before, after in pairwise(shades))


def test_limits_plots_must_fit_together() -> None:
    spec = limits_plot()
    with pytest.raises(ValueError, match="'limits': limits and edges are finite and rise"):
        replace(spec, y_limits=(3.0, 3.0))
    with pytest.raises(ValueError, match="finite and rise"):
        replace(spec, x_limits=(NAN, 3.0))
    with pytest.raises(ValueError, match="finite and rise"):
        replace(spec, bins=(Bin(3.0, 2.0, 0.0, 1.0, Cell(9)),))
    with pytest.raises(ValueError, match="a bin lies outside the limits"):
        replace(spec, bins=(Bin(2.0, 3.0, 5.0, 7.0, Cell(9)),))


# Single points, on the researcher's own screen


def test_points_stand_for_everyone_and_grow_where_they_coincide() -> None:
    spec = limits_plot(panels=("Coach", "Client"))
    x, y = [2.0, 2.0, 2.0, 5.0, NAN, 4.0], [1.0, 1.0, -1.0, 0.0, 0.0, 0.5]
    panels = ["Coach"] * 5 + ["Client"]
    figure = points_figure(spec, x, y, panels)
    coach, client = (one for one in figure.axes[0].collections if isinstance(one, PathCollection))
    sizes = coach.get_sizes()
    np.testing.assert_allclose(sizes / sizes.min(), [1.0, 2.0, 1.0])
    assert len(client.get_offsets()) == 1
    assert len(rectangles(figure)) == len(rectangles(draw(replace(spec, bins=()), NOTHING)))
    assert figure.get_label() == spec.alt
    kept = {word for word in words(figure) if "dyads" in word}
    assert not kept


def test_points_must_fit_the_plot() -> None:
    spec = limits_plot()
    with pytest.raises(DataError, match="x has 2 values, y 1 and panels 2"):
        points_figure(spec, [2.0, 3.0], [1.0])
    with pytest.raises(DataError, match="2 of 3 points lie outside the axes"):
        points_figure(spec, [0.0, 3.0, 3.0], [1.0, 1.0, 7.0])
    with pytest.raises(DataError, match="has the panels 'a', 'b'"):
        points_figure(limits_plot(panels=("a", "b")), [3.0], [1.0])
    with pytest.raises(DataError, match="has the panels ''"):
        points_figure(spec, [3.0], [1.0], ["c"])


def test_nothing_in_the_package_draws_points() -> None:
    """Single points are drawn when the researcher calls for them, and never by the package."""
    callers = set()
    root = Path(dyadkit.__file__).parent
    named = ("points_figure", "draw_limits_points", "plot_agreement_points")
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            name = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            if name in named:
                callers.add(path.relative_to(root).as_posix())
    # Where it is drawn, and the function for the researcher with the public name it has.
    assert callers == {
        *("__init__.py", "agreement/points.py"),
        *("display/drawing/__init__.py", "display/drawing/limits.py"),
    }


# Distributions


def test_areas_are_shares_however_wide_the_bins() -> None:
    spec = replace(distribution_plot(), marks=())
    figure = draw(spec, NOTHING)
    bars = rectangles(figure)
    areas = (bars[:, 2] - bars[:, 0]) * (bars[:, 3] - bars[:, 1])
    shares = [bar.cell.value for bar in spec.bars]
    np.testing.assert_allclose(areas / areas.sum(), shares)
    np.testing.assert_allclose(bars[1:, 0], bars[:-1, 2])
    # The outline encloses as much as the bars do together.
    xs, ys, _ = max(traces(figure, COLOURS[1]), key=lambda trace: len(trace[0]))
    np.testing.assert_allclose(np.trapezoid(ys.max() - ys, xs), areas.sum())
    assert (xs[0], xs[-1]) == pytest.approx((bars[0, 0], bars[-1, 2]))


def test_marks_stand_at_their_values_and_lead_to_their_labels() -> None:
    spec = replace(distribution_plot(), bars=(), references=())
    values = (-1.0, 0.0, 0.5, 1.0)
    marks = tuple(Mark(f"m{number}", value) for number, value in enumerate(values))
    figure = draw(replace(spec, marks=marks), NOTHING)
    upright = [xs[0] for xs, ys, style in traces(figure, "#1a1a1a") if style != "-"]
    spans = np.diff(upright)
    np.testing.assert_allclose(spans / spans[-1], [2.0, 1.0, 1.0])
    shown = {text.get_text(): text for text in texts(figure)}
    assert {"−1.00", ".00", ".50", "1.00"} <= set(shown)
    extents = boxes(figure, [shown[f"m{number}"] for number in range(4)])
    assert (np.diff(extents[:, 0]) > 0).all()


def test_hidden_bars_do_not_show_in_the_axis_either() -> None:
    spec = distribution_plot()

    def with_share(share: object) -> bytes:
        bar = replace(spec.bars[3], cell=Cell(share, "0-3"))
        changed = replace(spec, bars=(*spec.bars[:3], bar, *spec.bars[4:]))
        return to_svg(draw(changed, frozenset({"0-3"})))

    assert len({with_share(share) for share in (0.0001, 0.25, 0.9, None, 0.0)}) == 1
    figure = draw(spec, frozenset({"0-3"}))
    hatched = [patch for patch in frames_of(figure) if patch.get_hatch()]
    assert len(hatched) == 2  # its place, and the legend
    assert "suppressed" in words(figure)
    assert "suppressed" not in words(draw(spec, NOTHING))


def test_hidden_references_and_marks_do_not_show_in_the_axes_either() -> None:
    spec = distribution_plot()
    steep = Reference("Pseudo-couples", (-1.0, 0.999, 1.0), (0.1, 0.9), "0-r")
    far = replace(spec.marks[0], value=400.0)
    other = replace(spec, references=(steep,), marks=(far, *spec.marks[1:]))
    hidden = frozenset({"0-r", "0-Mean of couples"})
    figure = draw(other, hidden)
    assert to_svg(figure) == to_svg(draw(spec, hidden))
    assert to_svg(draw(other, NOTHING)) != to_svg(draw(spec, NOTHING))
    shown = words(figure)
    assert "2 suppressed" in shown
    assert "Pseudo-couples" not in shown


def test_references_with_one_label_look_alike_and_others_differ() -> None:
    spec = distribution_plot(panels=("a", "b"))
    second = replace(spec.references[0], label="Null")
    figure = draw(replace(spec, references=(*spec.references, second)), NOTHING)
    outlines = [
        line.get_color() for line in figure.axes[0].lines if len(np.asarray(line.get_xdata())) > 4
    ]
    assert len(outlines) == 3
    assert outlines.count(COLOURS[1]) == 2


def test_distributions_must_fit_together() -> None:
    with pytest.raises(ValueError, match="'Null': edges and shares do not match"):
        Reference("Null", (0.0, 1.0), (0.5, 0.5))
    with pytest.raises(ValueError, match="finite and rise"):
        Reference("Null", (0.0, 0.0), (1.0,))
    with pytest.raises(ValueError, match="not negative"):
        Reference("Null", (0.0, 1.0), (-1.0,))
    with pytest.raises(ValueError, match="distribution plot 'd': limits and edges"):
        DistributionPlot("d", "D", "D.", "x", (Bar(1.0, 1.0, Cell(1.0)),))


# Labels side by side

SIZED = st.lists(st.tuples(st.floats(-20.0, 120.0), st.floats(1.0, 30.0)), min_size=1, max_size=8)


@given(SIZED)
def test_spread_labels_never_overlap_and_stay_within(labels: list[tuple[float, float]]) -> None:
    middles, sizes = map(list, zip(*labels, strict=True))
    begins = np.array(spread(middles, sizes, 0.0, 100.0))
    order = np.argsort(begins, kind="stable")
    ends = begins + sizes
    assert (begins[order][1:] >= ends[order][:-1] - 1e-6).all()
    assert begins.min() >= -1e-6
    if sum(sizes) <= 100.0:
        assert ends.max() <= 100.0 + 1e-6
    in_order = np.argsort(middles, kind="stable")
    assert (np.diff(begins[in_order]) > 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_spread_labels_are_as_near_as_they_can_be(seed: int) -> None:
    """Against a general minimiser of the squared shifts under the same limits."""
    generator = np.random.default_rng(seed)
    middles = np.sort(generator.uniform(0.0, 100.0, 5))
    sizes = generator.uniform(5.0, 18.0, 5)
    wanted = middles - sizes / 2
    limits = [
        {"type": "ineq", "fun": lambda begins: begins[1:] - (begins + sizes)[:-1]},
        {"type": "ineq", "fun": lambda begins: begins[0]},
        {"type": "ineq", "fun": lambda begins: 100.0 - begins[-1] - sizes[-1]},
    ]
    best = minimize(
        lambda begins: ((begins - wanted) ** 2).sum(),
        np.cumsum(sizes) - sizes,
        constraints=limits,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    found = spread(middles.tolist(), sizes.tolist(), 0.0, 100.0)
    np.testing.assert_allclose(found, best.x, atol=1e-5)
