"""Figures of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from dyadkit.display.figures import Interval, IntervalPlot, Node, Path, PathFigure
from dyadkit.display.tables import Cell
from dyadkit.panel.cross_lagged import part
from dyadkit.panel.fitted import KEY, Effect, Estimate, Key, Panel


def path_diagram(
    panel: Panel,
    effects: list[Effect],
    standardised: Mapping[Key, Estimate],
) -> PathFigure:
    """Draw the model with all effects: a column for each wave, a row for each series."""
    nodes = [
        Node(one.columns[wave], f"{one.label}, {label}", wave, row)
        for row, one in enumerate(panel.series)
        for wave, label in enumerate(panel.waves)
    ]
    at = {label: wave for wave, label in enumerate(panel.waves)}
    paths = [
        Path(
            effect.source.columns[at[effect.before]],
            effect.target.columns[at[effect.now]],
            Cell(effect.standardised["estimate"], KEY, "correlation"),
            faint=effect.unclear,
        )
        for effect in effects
    ]
    for one, other in combinations(panel.series, 2):
        for wave in range(len(panel.waves)):
            ends = one.columns[wave], other.columns[wave]
            key = (part(ends[0], panel.intercepts), "~~", part(ends[1], panel.intercepts))
            found = standardised[key]
            paths.append(
                Path(
                    *ends,
                    Cell(found["estimate"], KEY, "correlation"),
                    faint=not (found["conf_low"] > 0 or found["conf_high"] < 0),
                    both=True,
                )
            )
    who = "parts within persons; random intercepts are not drawn. " if panel.intercepts else ""
    return PathFigure(
        name="paths",
        title="Effects over time",
        alt="Path diagram with a column for each wave and a row for each series; standardised "
        "effects stand on the arrows, as in the table.",
        nodes=tuple(nodes),
        paths=tuple(paths),
        caption=f"{who.capitalize()}Standardised. Dashed: the interval has zero in it.",
    )


def effects_plot(panel: Panel, effects: list[Effect]) -> IntervalPlot:
    """Draw all cross-lagged effects with their intervals."""
    percent = f"{100 * panel.confidence:g} % CI"
    return IntervalPlot(
        name="cross_lagged",
        title="Cross-lagged effects",
        alt=f"Standardised cross-lagged effects with their {percent}.",
        axis="Standardised effect on the next wave",
        intervals=tuple(
            Interval(
                f"{effect.source.label} → {effect.target.label}",
                effect.standardised["estimate"],
                effect.standardised["conf_low"],
                effect.standardised["conf_high"],
                KEY,
                ", ".join(filter(None, (f"{effect.before} → {effect.now}", effect.group))),
            )
            for target in panel.targets
            for source in panel.series
            for effect in effects
            if effect.crossed and effect.source is source and effect.target is target
        ),
        style="correlation",
        reference=0.0,
        interval=percent,
        caption="Effects within persons." if panel.intercepts else "",
    )
