"""Figures of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from dyadkit.display.figures import Interval, IntervalPlot, LaggedFigure, LaggedPath
from dyadkit.display.tables import Cell
from dyadkit.panel.estimates import KEY, Estimate, Key
from dyadkit.panel.lagged.cross_lagged import part
from dyadkit.panel.lagged.fitted import Effect, Panel

_BEFORE = ("Two waves before", "The wave before", "A wave")
"""The waves of effects that are equal between all of them."""


def path_diagram(
    panel: Panel,
    effects: Sequence[Effect],
    standardised: Mapping[Key, Estimate],
    hidden: frozenset[str],
) -> LaggedFigure:
    """Draw the model with all effects: a column for each wave, a row for each series.

    Effects that are equal between waves are drawn once, unstandardised.  Of more than two series,
    cross-lagged effects whose interval includes zero are counted rather than drawn, and
    correlations are left to the table.  Where estimates are hidden no cross-lagged effects of these
    are drawn: their choice would tell of them.
    """
    many, concealed = len(panel.series) > 2, KEY in hidden
    once = panel.equal and len(panel.waves) > 2
    asked = [effect for effect in effects if not once or effect.now == panel.waves[-1]]
    drawn = [
        effect
        for effect in asked
        if not (many and effect.crossed) or not (concealed or effect.unclear)
    ]
    columns = {wave: place for place, wave in enumerate(panel.waves)}
    labels = panel.waves
    if once:
        first = min(columns[effect.before] for effect in asked)
        columns = {wave: place - first for wave, place in columns.items()}
        labels = _BEFORE[first - len(panel.waves) :]
    paths = [_path(panel, effect, columns, raw=once) for effect in drawn]
    if not (many or once):
        paths += _correlations(panel, standardised)
    return LaggedFigure(
        name="paths",
        title="Effects over time",
        alt="Path diagram with a row for each series and a column for each wave; effects stand on "
        "the arrows, as in the table.",
        series=tuple(one.label for one in panel.series),
        waves=labels,
        paths=tuple(paths),
        kinds=_kinds(panel),
        caption=" ".join(
            _caption(
                panel,
                len(asked) - len(drawn),
                once=once,
                dashed=any(path.faint for path in paths),
                concealed=concealed,
            )
        ),
    )


def _kinds(panel: Panel) -> tuple[str, ...]:
    if len(panel.series) == 2:
        return "Autoregressive", "Cross-lagged"
    return (
        *("Autoregressive", "Own other variable (actor)"),
        *("Variable of the partner", "Between member and dyad"),
    )


def _kind(panel: Panel, effect: Effect) -> int:
    """Return the place of an effect among `_kinds`."""
    if not effect.crossed:
        return 0
    if len(panel.series) == 2 or effect.source.role == effect.target.role:
        return 1
    return 2 if effect.source.role and effect.target.role else 3


def _path(panel: Panel, effect: Effect, columns: Mapping[str, int], *, raw: bool) -> LaggedPath:
    shown = effect.raw if raw else effect.standardised
    return LaggedPath(
        source=panel.series.index(effect.source),
        target=panel.series.index(effect.target),
        before=columns[effect.before],
        now=columns[effect.now],
        label=Cell(shown["estimate"], KEY, "statistic" if raw else "correlation"),
        kind=_kind(panel, effect),
        faint=effect.unclear,
    )


def _correlations(panel: Panel, standardised: Mapping[Key, Estimate]) -> Iterator[LaggedPath]:
    """Yield the correlations of two series within waves."""
    for (row, one), (below, other) in combinations(enumerate(panel.series), 2):
        for wave in range(len(panel.waves)):
            ends = [part(each.columns[wave], panel.intercepts) for each in (one, other)]
            found = standardised[ends[0], "~~", ends[1]]
            yield LaggedPath(
                *(row, below, wave, wave),
                Cell(found["estimate"], KEY, "correlation"),
                faint=not (found["conf_low"] > 0 or found["conf_high"] < 0),
            )


def _caption(
    panel: Panel, undrawn: int, *, once: bool, dashed: bool, concealed: bool
) -> Iterator[str]:
    if panel.intercepts:
        yield "Parts within persons; random intercepts are not drawn."
    yield "Effects, equal between all waves, are not standardised." if once else "Standardised."
    if dashed and not concealed:
        yield "Dashed: the interval has zero in it."
    if len(panel.series) == 2 and not once:
        yield "Arrows with two heads: correlations within waves."
        return
    left = ""
    if len(panel.series) > 2 and concealed:
        left = "cross-lagged effects, and "
    elif undrawn:
        what = "effect" if undrawn == 1 else "effects"
        left = f"{undrawn} cross-lagged {what} whose interval has zero in it, and "
    yield f"Not drawn: {left}correlations within waves."


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
