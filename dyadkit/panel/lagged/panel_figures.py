"""Figures of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dyadkit.display.figures import Interval, IntervalPlot, LaggedFigure
from dyadkit.panel.estimates import KEY, Estimate, Key
from dyadkit.panel.lagged.cross_lagged import part
from dyadkit.panel.lagged.fitted import Effect, Panel
from dyadkit.panel.lagged.path_diagrams import Diagram, lagged_figure, once


def path_diagram(
    panel: Panel,
    effects: Sequence[Effect],
    standardised: Mapping[Key, Estimate],
    hidden: frozenset[str],
) -> LaggedFigure:
    """Draw the model with all effects: a column for each wave, a row for each series.

    Effects that are equal between waves are drawn once, unstandardised.  Of more than two series
    correlations are left to the table.
    """
    equal = panel.equal and len(panel.waves) > 2
    columns, drawn = once(panel.waves, effects) if equal else (panel.waves, tuple(effects))
    diagram = Diagram(
        series=panel.series,
        columns=columns,
        effects=drawn,
        equal="between all waves" if equal else "",
        related="correlations within waves" if len(panel.series) > 1 else "",
        correlations={} if equal else _correlations(panel, standardised),
        first="Parts within persons; random intercepts are not drawn." if panel.intercepts else "",
    )
    return lagged_figure(diagram, hidden)


def _correlations(panel: Panel, standardised: Mapping[Key, Estimate]) -> dict[str, Estimate]:
    """Return the correlations of two series by wave."""
    if len(panel.series) != 2:
        return {}
    one, other = (
        [part(column, panel.intercepts) for column in each.columns] for each in panel.series
    )
    ends = zip(panel.waves, one, other, strict=True)
    return {wave: standardised[left, "~~", right] for wave, left, right in ends}


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
        caption=f"Effects within {panel.within}." if panel.intercepts else "",
    )
