"""Figures to draw in tests, small, large and nasty, and what can be read off a drawn one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure as MatplotlibFigure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from dyadkit.display.figures import (
    Bar,
    Bin,
    DistributionPlot,
    Figure,
    FlowDiagram,
    FlowStep,
    HeatMap,
    Interval,
    IntervalPlot,
    Level,
    LimitsPlot,
    Line,
    LinePlot,
    Mark,
    Node,
    Path,
    PathFigure,
    PatternPlot,
    Point,
    Reference,
    Slope,
)
from dyadkit.display.tables import Cell
from tests.display.loops import loop_figure
from tests.display.panels import COVARIATES, SHAPES, SHORT, WAVES, growth_figure, panel_figure

NOTHING: frozenset[str] = frozenset()
NAN, INF = float("nan"), float("inf")
QUESTION = (
    "In the past four weeks, how often did you feel that the other person understood what you "
    "wanted to achieve at work ($ & 5%_x)?"
)
NASTY = (
    "<script>alert(1)</script>",
    "cost $x^2$ and $y_1$ at 100%",
    "Vertrauen in die Führungskraft_α_β",
    "Доверие к коучу",
    "aVeryLongNameWithoutAnyBlank_trust_in_the_other_person_and_in_the_whole_organisation_t1_r",
    "a",
    QUESTION,
    "",
)


def heat_map(
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    low: float = -1.0,
    high: float = 1.0,
    style: str = "correlation",
) -> HeatMap:
    values = np.linspace(low, high, len(rows) * len(columns)).reshape(len(rows), len(columns))
    cells = tuple(
        tuple(Cell(float(value), f"{row}-{column}") for column, value in enumerate(line))
        for row, line in enumerate(values)
    )
    return HeatMap("map", "Map", "A map.", rows, columns, cells, style, low, high)  # type: ignore[arg-type]


def interval_plot(labels: tuple[str, ...], series: tuple[str, ...] = ("",)) -> IntervalPlot:
    draws = np.random.default_rng(5).normal(0.2, 0.3, (len(labels), len(series)))
    intervals = tuple(
        Interval(label, value, value - 0.2, value + 0.3, f"{row}-{name}", name)
        for row, (label, line) in enumerate(zip(labels, draws.tolist(), strict=True))
        for name, value in zip(series, line, strict=True)
    )
    return IntervalPlot("plot", "Plot", "A plot.", "Estimate", intervals, "statistic", 0.0)


def pattern_plot(columns: tuple[str, ...], rows: int = 5) -> PatternPlot:
    observed = np.random.default_rng(7).random((rows, len(columns))) > 0.3
    patterns = tuple(tuple(bool(one) for one in line) for line in observed)
    counts = tuple(Cell(10 * (rows - row), str(row)) for row in range(rows))
    return PatternPlot("gaps", "Gaps", "Gaps.", columns, patterns, counts, Cell(7, "other"))


def line_plot(labels: tuple[str, ...], axis: str = "Tenure (years)") -> LinePlot:
    x = np.linspace(0.0, 10.0, 21)
    lines = []
    for number, label in enumerate(labels):
        y = 0.1 * (number + 1) - 0.03 * number * x
        reach = 0.1 + 0.02 * np.abs(x - 5.0)
        ends = (tuple((y - reach).tolist()), tuple((y + reach).tolist()))
        strong = ((1.3, 4.1), (6.0, 10.0)) if number else None
        points = (tuple(x.tolist()), tuple(y.tolist()))
        lines.append(Line(label, *points, str(number), *ends, strong))
    return LinePlot("lines", "Lines", "Lines.", axis, axis, tuple(lines), reference=0.0)


def with_points(spec: LinePlot) -> LinePlot:
    """Add points to each line, some of them beyond it, the last one without an interval."""
    points = []
    for line in spec.lines:
        for place in range(0, len(line.x), 5):
            y = line.y[place] + 0.02 * place
            reach = 0.1 if place < 20 else NAN
            ends = y - reach, y + reach
            points.append(Point(line.label, line.x[place], y, *ends, line.key, line.panel))
    return replace(spec, points=tuple(points))


def panelled(spec: LinePlot, panels: tuple[str, ...]) -> LinePlot:
    """Draw all lines on each panel, a little higher every time."""
    lines = tuple(
        replace(
            line,
            panel=panel,
            key=f"{line.key}-{number}",
            **{
                end: tuple(value + 0.2 * number for value in getattr(line, end))
                for end in ("y", "low", "high")
            },
        )
        for number, panel in enumerate(panels)
        for line in spec.lines
    )
    return replace(spec, lines=lines)


def limits_plot(
    labels: tuple[str, ...] = ("Bias", "Upper limit", "Lower limit"),
    panels: tuple[str, ...] = ("",),
    axis: str = "Mean of the two",
    spread: float = 1.5,
) -> LimitsPlot:
    bins, lines, slopes = [], [], []
    for number, panel in enumerate(panels):
        counts = 3 + 4 * np.arange(16).reshape(4, 4)
        bins += [
            Bin(2.0 + x, 3.0 + x, y - 2.0, y - 1.0, Cell(int(count), f"{number}-{x}-{y}"), panel)
            for (x, y), count in np.ndenumerate(counts)
        ]
        for place, label in enumerate(labels):
            at = 0.3 + 0.1 * number + spread * (0, 1, -1)[place % 3] + 0.01 * (place // 3)
            lines.append(Level(label, at, at - 0.2, at + 0.3, f"{number}-{place}", panel))
        slopes.append(Slope(2.0, 0.5, 6.0, -0.2, f"{number}-slope", "Trend", panel))
    return LimitsPlot(
        *("limits", "Limits", "Limits.", axis, axis),
        bins=tuple(bins),
        lines=tuple(lines),
        x_limits=(1.0, 7.0),
        y_limits=(-6.0, 6.0),
        slopes=tuple(slopes),
    )


def distribution_plot(
    labels: tuple[str, ...] = ("Mean of couples", "Mean of pseudo-couples", "Critical value"),
    panels: tuple[str, ...] = ("",),
    axis: str = "Profile agreement",
    reference: str = "Pseudo-couples",
) -> DistributionPlot:
    bars, references, marks = [], [], []
    edges = (-1.0, -0.2, 0.0, 0.1, 0.2, 0.5, 1.0)
    shares = (0.1, 0.1, 0.2, 0.25, 0.2, 0.15)
    for number, panel in enumerate(panels):
        bars += [
            Bar(low, high, Cell(share, f"{number}-{place}"), panel)
            for place, ((low, high), share) in enumerate(zip(pairwise(edges), shares, strict=True))
        ]
        even = (-1.0, -0.5, 0.0, 0.5, 1.0)
        references.append(Reference(reference, even, (0.1, 0.4, 0.4, 0.1), f"{number}-r", panel))
        marks += [
            Mark(label, 0.1 + 0.05 * place, f"{number}-{label}", panel)
            for place, label in enumerate(labels)
        ]
    return DistributionPlot(
        *("distribution", "Distribution", "Distribution.", axis),
        bars=tuple(bars),
        references=tuple(references),
        marks=tuple(marks),
        style="correlation",
    )


def path_figure(labels: tuple[str, str, str, str], text: str = "0.26 [−0.14, 0.38]") -> PathFigure:
    names = ("x1", "x2", "y1", "y2")
    nodes = tuple(
        Node(name, label, number // 2, number % 2)
        for number, (name, label) in enumerate(zip(names, labels, strict=True))
    )
    straight = (("x1", "y1"), ("x2", "y2"), ("x1", "y2"), ("x2", "y1"))
    paths = [
        Path(start, end, Cell(text, f"{start}{end}"), faint=number == 3)
        for number, (start, end) in enumerate(straight)
    ]
    paths += [
        Path(start, end, Cell(".23", f"{start}{end}"), both=True)
        for start, end in (("x1", "x2"), ("y1", "y2"))
    ]
    return PathFigure("path", "Path", "A path.", nodes, tuple(paths))


def wave_figure(rows: str, waves: int, text: str) -> PathFigure:
    """All paths from each wave to the next, and around it, with covariances within waves."""
    nodes = tuple(
        Node(f"{row}{wave}", f"Scale {row} t{wave + 1}", wave, place)
        for wave in range(waves)
        for place, row in enumerate(rows)
    )
    paths = [
        Path(f"{one}{wave}", f"{two}{wave + 1}", Cell(text, f"{one}{two}{wave}"), one != two)
        for wave in range(waves - 1)
        for one in rows
        for two in rows
    ]
    ends = (rows[0], rows[-1])
    paths += [
        Path(f"{row}{wave}", f"{row}{wave + 2}", Cell(text, "around"))
        for wave in range(waves - 2)
        for row in ends
    ]
    paths += [
        Path(f"{one}{wave}", f"{two}{wave}", Cell(".23", "within"), both=True)
        for wave in range(waves)
        for one, two in pairwise(rows)
    ]
    return PathFigure("path", "Path", "A path.", nodes, tuple(paths))


def factor_figure(labels: tuple[str, ...], text: str) -> PathFigure:
    """Two factors and a third one above them, each with items, and a covariance."""
    sides = ((0, 1, "f"), (3, 2, "g"))
    nodes = [
        Node(f"{factor}{row}", label, items, row + 1.0)
        for items, _, factor in sides
        for row, label in enumerate(labels)
    ]
    row = (len(labels) + 1) / 2
    nodes += [Node(factor, labels[0], place, row, factor=True) for _, place, factor in sides]
    nodes.append(Node("h", labels[-1], 1.5, row - 4.0, factor=True))
    paths = [
        Path(factor, f"{factor}{row}", Cell(text, f"{factor}{row}"), faint=row == 1)
        for *_, factor in sides
        for row, _ in enumerate(labels)
    ]
    paths += [Path("h", "f", Cell(text, "hf")), Path("f", "g", Cell(text, "fg"), both=True)]
    headings = (labels[0], "", "", labels[-1])
    return PathFigure("factors", "Factors", "Factors.", tuple(nodes), tuple(paths), "", headings)


def factors_beside(labels: tuple[str, ...], text: str) -> PathFigure:
    """Items with a factor on either side, which two columns of items share in the middle."""
    nodes = [
        Node(f"{column}-{row}", label, column, row)
        for column in (1, 3)
        for row, label in enumerate(labels)
    ]
    row = (len(labels) - 1) / 2
    nodes += [
        Node(str(place), label, 2 * place, row, True) for place, label in enumerate(labels[:3])
    ]
    paths = [
        Path(str(place), f"{column}-{row}", Cell(text, f"{place}{column}{row}"))
        for place, column in ((0, 1), (1, 1), (1, 3), (2, 3))
        for row, _ in enumerate(labels)
    ]
    return PathFigure("factors", "Factors", "Factors.", tuple(nodes), tuple(paths))


def flow(streams: int, steps: tuple[FlowStep, ...], merged: tuple[FlowStep, ...]) -> FlowDiagram:
    return FlowDiagram("flow", "Flow", "A flow.", (steps,) * streams, merged)


STEPS = (
    FlowStep("Exports", ("312 rows read", "t1: 160, t2: 152"), ("Left out: 12", "preview: 12")),
    FlowStep("Clients", ("300 rows",)),
    FlowStep("With scores", ("155 persons",), ("No consent: 3",)),
)
NASTY_STEPS = tuple(FlowStep(text, (QUESTION, text), (text, QUESTION)) for text in NASTY)
MERGED = (FlowStep("Dyads", ("150 complete",), ("One-sided: 13",)), FlowStep("Analysed", ("150",)))

SPECS: dict[str, Figure] = {
    "map of one": heat_map(("Trust",), ("coach",), 0.0, 1.0, "percent"),
    "map of none": heat_map((), ()),
    "map": heat_map(("Trust", "Learning", "Alliance"), ("coach t1", "coach t2", "client t1")),
    "map of 40": heat_map(tuple(f"scale {n}" for n in range(40)), ("a", "b", "c"), 0.0, 9.0),
    "wide map": heat_map(("x", "y"), tuple(f"item_{n} (client)" for n in range(45))),
    "wide map, long": heat_map(("x", QUESTION), tuple(f"{n} {QUESTION}" for n in range(20))),
    "lopsided map": heat_map(("x", "y"), ("a", "b"), -1.0, 0.05),
    "flat map": heat_map(("x", "y"), ("a", "b"), 0.0, 0.0),
    "nasty map": heat_map(NASTY, NASTY),
    "map of texts": replace(
        heat_map(("x",), ("a", "b", "c", "d")),
        cells=((Cell(QUESTION), Cell(None), Cell(NAN), Cell((0.1, 0.4), None, "interval")),),
    ),
    "one interval": interval_plot(("actor: trust",)),
    "no interval": interval_plot(()),
    "intervals": interval_plot(("actor: trust", "partner: trust"), ("coach", "client")),
    "40 intervals": interval_plot(tuple(f"scale {n}" for n in range(40))),
    "nasty intervals": replace(
        interval_plot(NASTY, ("coach $a$", QUESTION)), axis=QUESTION, interval=QUESTION
    ),
    "large intervals": IntervalPlot(
        *("plot", "Plot", "A plot.", "Euro"), (Interval("a", 1.2e9, 1.1e9, 3e9, "a"),), "statistic"
    ),
    "tiny intervals": IntervalPlot(
        *("plot", "Plot", "A plot.", "Euro"), (Interval("a", 2e-9, 1e-9, 3e-9, "a"),), "statistic"
    ),
    "one stream": flow(1, STEPS, MERGED),
    "two streams": flow(2, STEPS, MERGED),
    "three streams": flow(3, STEPS, MERGED),
    "four streams": flow(4, STEPS, MERGED),
    "nasty stream": flow(1, NASTY_STEPS, NASTY_STEPS),
    "nasty streams": flow(4, NASTY_STEPS, NASTY_STEPS),
    "uneven streams": FlowDiagram("f", "F", "F.", (STEPS, STEPS[:1], ()), MERGED),
    "streams alone": flow(2, STEPS, ()),
    "merged alone": flow(0, (), MERGED),
    "no steps": flow(0, (), ()),
    "pattern": replace(pattern_plot(("trust",), 1), other=None),
    "patterns": pattern_plot(("trust coach", "trust client", "learning coach")),
    "40 patterns": pattern_plot(tuple(f"scale_{n}_client_t2" for n in range(24)), 40),
    "nasty patterns": pattern_plot(NASTY),
    "wide patterns": pattern_plot(tuple(f"variable {n}" for n in range(70))),
    "lines": line_plot(("Coach", "Client")),
    "one line": line_plot(("",)),
    "no lines": line_plot(()),
    "nasty lines": line_plot(NASTY, QUESTION),
    "two panels": panelled(line_plot(("−1 SD", "mean", "+1 SD")), ("Coach", "Client")),
    "four panels": panelled(line_plot(("a", "b")), ("one", "two", "three", "four")),
    "nasty panels": panelled(line_plot(("a",), QUESTION), (QUESTION, NASTY[4], NASTY[0])),
    "lines with points": with_points(line_plot(("Coach", "Client", ""))),
    "points of panels": with_points(panelled(line_plot(("a", "b")), ("Coach", "Client"))),
    "nasty points": with_points(line_plot(NASTY, QUESTION)),
    "flat line": LinePlot(
        *("l", "L", "L.", "x", "y"), (Line("a", (1.0, 2.0), (0.0, 0.0), "a", (), ()),)
    ),
    "huge lines": LinePlot(
        *("l", "L", "L.", "x", "y"), (Line("a", (1e9, 2e9), (-3e-9, 4e-9), "a"),)
    ),
    "limits": limits_plot(),
    "limits that meet": limits_plot(spread=0.01),
    "no limits": replace(limits_plot(()), bins=(), slopes=()),
    "limits alone": replace(limits_plot(), bins=(), slopes=()),
    "limits of two panels": limits_plot(panels=("Coach", "Client")),
    "limits of four panels": limits_plot(panels=("one", "two", "three", "four")),
    "limits out of reach": replace(limits_plot(spread=40.0), slopes=()),
    "nasty limits": limits_plot(NASTY, axis=QUESTION, spread=0.0),
    "nasty limits of panels": limits_plot(NASTY[:4], (QUESTION, NASTY[4], NASTY[0]), QUESTION),
    "distribution": distribution_plot(),
    "no distribution": DistributionPlot("d", "D", "D.", "Index", ()),
    "distribution of two panels": distribution_plot(panels=("Coach", "Client")),
    "distribution of five panels": distribution_plot(panels=("a", "b", "c", "d", "e")),
    "nasty distribution": distribution_plot(NASTY, axis=QUESTION, reference=QUESTION),
    "nasty distribution of panels": distribution_plot(
        NASTY[:3], (QUESTION, NASTY[4], NASTY[0]), QUESTION, NASTY[4]
    ),
    "path": path_figure(("trust coach", "trust client", "learning coach", "learning client")),
    "nasty path": path_figure((QUESTION, NASTY[0], NASTY[4], NASTY[2]), NASTY[1]),
    "paths of three waves": wave_figure("AB", 3, "0.26 [−0.14, 0.38]"),
    "paths of five waves": wave_figure("AB", 5, "−0.26***"),
    "paths of three scales": wave_figure("ABC", 3, "−0.26***"),
    "loop": loop_figure(("Coach", "Client"), ("0.26", "not identified")),
    "nasty loop": loop_figure((QUESTION, NASTY[0], NASTY[4]), NASTY[1:3], columns=3),
    "factors": factor_figure(("trust_1", "trust_2", "trust_3"), "−.71"),
    "factors of many": factor_figure(tuple(f"an_item_{n}" for n in range(12)), "−.1234"),
    "nasty factors": factor_figure(NASTY[:-1], NASTY[1]),
    "factors beside": factors_beside(tuple(f"an_item_{n}" for n in range(9)), "−.71"),
    "factors beside, wide": factors_beside(("Führungsverantwortliche",) * 12, "−12345.67"),
    "nasty factors beside": factors_beside(NASTY[:-1], NASTY[1]),
    "panel": panel_figure(SHORT[:2], WAVES[:4], second=True),
    "panel of four": panel_figure(SHORT, WAVES[:5], drawn=lambda number: number % 3 == 0),
    "nasty panel": panel_figure(NASTY[:4], NASTY[:5], values=NASTY[:5]),
    "no panel": panel_figure((), ()),
    "growth": growth_figure(SHORT[:2], WAVES[:4], SHAPES["latent_basis"], free=True),
    "growth with covariates": growth_figure(SHORT[:1], WAVES, SHAPES["quadratic"], COVARIATES),
    "nasty growth": growth_figure(NASTY[:2], NASTY[:5], NASTY[2:5], values=NASTY[:5]),
    "nasty growth with covariates": growth_figure(
        NASTY[5:7], NASTY[:3], NASTY[:2], NASTY[:6], values=NASTY[:5]
    ),
    "no path": PathFigure("p", "P", "P.", (), ()),
    "wide patterns, long": pattern_plot(tuple(f"{n} {QUESTION}" for n in range(30))),
}
KINDS = (
    "map",
    "intervals",
    "two streams",
    "patterns",
    "lines",
    "path",
    "panel",
    "growth",
    "limits",
    "distribution",
)


def texts(figure: MatplotlibFigure) -> list[Text]:
    return [text for text in figure.axes[0].texts if text.get_text().strip()]


def words(figure: MatplotlibFigure) -> list[str]:
    return [text.get_text() for text in texts(figure)]


def boxes(figure: MatplotlibFigure, artists: list[Text] | list[Rectangle]) -> np.ndarray:
    """Return left, bottom, right and top of artists, in points."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    extents = [artist.get_window_extent(renderer).extents for artist in artists]
    return np.array(extents).reshape(-1, 4) * 72 / figure.dpi


def frames_of(figure: MatplotlibFigure) -> list[Rectangle]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]


def grids_of(figure: MatplotlibFigure) -> list[PolyCollection]:
    return [grid for grid in figure.axes[0].collections if isinstance(grid, PolyCollection)]


def markers(figure: MatplotlibFigure, marker: str) -> list[float]:
    lines = [line for line in figure.axes[0].lines if line.get_marker() == marker]
    return [float(np.asarray(line.get_xdata())[0]) for line in lines]
