"""Tables and the figure of what effects from wave to wave come to over several waves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite

from dyadkit.display.figures import Line, LinePlot
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.over_waves import Found, Response, Route
from dyadkit.panel.lagged.fitted import Panel


def responses_table(panel: Panel, responses: Sequence[Response], intervals: str) -> Table:
    """Lay out the responses after two waves or more; those after one are the paths.

    Of latent change these are effects on changes, so that all responses are laid out.
    """
    changes = panel.kind == "latent_change"
    rows: list[Row] = []
    for target in panel.targets:
        rows.append(Row((Cell(f"On {target.label}"),), heading=True))
        for one in responses:
            if one.target is target and one.later > 1 - changes:
                waves = f"{panel.waves[0]} → {panel.waves[one.later]}"
                rows.append(Row((Cell(one.source.label), Cell(waves), *_cells(one.found))))
    return Table(
        name="responses",
        title=f"Responses over several waves, {_routes(panel)}",
        columns=(Column("source", "Effect of"), Column("waves", "Waves"), *_columns(panel)),
        rows=tuple(rows),
        notes=(
            panel.about
            + f"Of one unit more in {panel.waves[0]}, all else there being equal"
            + ("" if changes else "; those after one wave are the effects from wave to wave")
            + f". β is standardised in the first and in the later wave. {intervals}",
        ),
    )


def indirect_table(panel: Panel, routes: Sequence[Route], intervals: str) -> Table:
    """Lay out the indirect effects over two lags."""
    rows: list[Row] = []
    for target in panel.targets:
        rows.append(Row((Cell(f"On {target.label}"),), heading=True))
        for one in routes:
            if one.target is target:
                waves = " → ".join(panel.waves[one.wave : one.wave + 3])
                when = () if panel.equal else (Cell(waves),)
                ends = Cell(one.source.label), Cell(one.between.label)
                rows.append(Row((*ends, *when, *_cells(one.found))))
    left_out = (
        "Left out: stability (a series on itself by way of itself)."
        if len(panel.series) == 2
        else "Left out: routes of fewer than three series."
    )
    first = "β is standardised in the first and in the third wave. " if panel.equal else ""
    return Table(
        name="indirect",
        title="Indirect effects over two lags",
        columns=(
            Column("source", "Effect of"),
            Column("between", "By way of"),
            *(() if panel.equal else (Column("waves", "Waves"),)),
            *_columns(panel),
        ),
        rows=tuple(rows),
        notes=(panel.about + f"{left_out} {first}{intervals}",),
    )


def _routes(panel: Panel) -> str:
    """Say by which routes responses come about, in a part of a sentence."""
    if panel.kind != "dynamic_panel":
        return "by all routes"
    return f"with later {panel.series[0].label} held"


def _columns(panel: Panel) -> tuple[Column, ...]:
    return (
        Column("estimate", "b", "statistic"),
        Column("std_error", "SE", "statistic"),
        Column("interval", f"{100 * panel.confidence:g} % CI", "interval"),
        Column("beta", "β", "correlation"),
    )


def _cells(found: Found) -> tuple[Cell, ...]:
    return (
        Cell(found["estimate"], KEY),
        Cell(found["std_error"], KEY),
        Cell((found["conf_low"], found["conf_high"]), KEY),
        Cell(found["std_all"], KEY),
    )


def responses_plot(
    panel: Panel, responses: Sequence[Response], hidden: frozenset[str] = frozenset()
) -> Iterator[LinePlot]:
    """Draw the responses by the number of waves, unless a variance below zero forbids it.

    Where numbers are `hidden` it is drawn without them all the same: it would tell of the variance.
    """
    concealed = KEY in hidden
    if not (concealed or all(isfinite(one.factor) for one in responses)):
        return
    lines = []
    for target in panel.targets:
        for source in panel.series:
            own = [one for one in responses if one.source is source and one.target is target]
            y, low, high = (
                tuple(one.found[name] * (1.0 if concealed else one.factor) for one in own)
                for name in ("estimate", "conf_low", "conf_high")
            )
            later = tuple(float(one.later) for one in own)
            panel_name = f"On {target.label}"
            lines.append(Line(source.label, later, y, KEY, low, high, panel=panel_name))
    percent, routes = f"{100 * panel.confidence:g} %", _routes(panel)
    yield LinePlot(
        name="responses",
        title="Responses over several waves",
        alt=f"Standardised responses by the number of waves later, with {percent} bands.",
        x_axis=f"Waves after {panel.waves[0]}",
        y_axis=f"SDs, of one SD more in {panel.waves[0]}",
        lines=tuple(lines),
        x_style="count",
        y_style="correlation",
        reference=0.0,
        caption=panel.about
        + f"{routes[:1].upper()}{routes[1:]}. Bands are {percent} intervals; standard "
        "deviations are taken as known.",
    )
