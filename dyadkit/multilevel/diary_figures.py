"""The figures of a diary analysis: effects, and expected trajectories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dyadkit.display.figures import Interval, IntervalPlot, Line, LinePlot
from dyadkit.display.labels import role_label
from dyadkit.multilevel.diary_effects import Row
from dyadkit.multilevel.diary_tables import title_of
from dyadkit.multilevel.numbers import KEY


def effects_figure(
    effects: Sequence[Row], labels: Mapping[tuple[str, str], str], outcome: str, percent: str
) -> IntervalPlot:
    """Show all effects but intercepts with their intervals."""
    return IntervalPlot(
        name="effects",
        title=f"Effects on {outcome}",
        alt=f"Effects on {outcome} within and between persons with {percent} intervals, as in the "
        "table.",
        axis=f"Effect on {outcome}",
        intervals=tuple(
            Interval(
                title_of(row, labels),
                row["estimate"],
                row["conf_low"],
                row["conf_high"],
                KEY,
                role_label(row["role"]) if row["role"] else "",
            )
            for row in effects
            if row["effect"] != "intercept"
        ),
        style="statistic",
        reference=0.0,
        interval=f"{percent} CI",
    )


def trajectory_figure(
    expected: Sequence[Row], outcome: str, unit: str, percent: str
) -> Iterator[LinePlot]:
    """Draw the expected outcome over time, a line for each role."""
    if not expected:
        return
    lines = []
    for role in dict.fromkeys(row["role"] for row in expected):
        own = [row for row in expected if row["role"] == role]
        x, y, low, high = (
            tuple(float(row[name]) for row in own)
            for name in ("time", "estimate", "conf_low", "conf_high")
        )
        lines.append(Line(role_label(role) if role else "", x, y, KEY, low, high))
    yield LinePlot(
        name="trajectory",
        title=f"Expected {outcome} over time",
        alt=f"Expected {outcome} over time with {percent} bands, as in the table.",
        x_axis=f"Time ({unit}s)",
        y_axis=outcome,
        lines=tuple(lines),
        caption="Implied by the model for a person at the means; of no real dyad. Bands are "
        f"{percent} intervals.",
    )
