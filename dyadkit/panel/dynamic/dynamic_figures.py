"""Figures of a dynamic panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from dyadkit.display.figures import Interval, IntervalPlot, LaggedFigure
from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.estimates import KEY, indexed
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.lagged.path_diagrams import Diagram, lagged_figure, once


def dynamic_diagram(
    found: Dynamic, effects: Sequence[Effect], hidden: frozenset[str]
) -> Iterator[LaggedFigure]:
    """Draw the effects on later y, once where they are equal between all waves.

    There is none where some standardised effect that it would show does not exist.
    """
    equal = not found.form.by_wave
    columns, drawn = once(found.waves, effects) if equal else (found.waves, tuple(effects))
    missing = any(isnan(effect.standardised["estimate"]) for effect in effects)
    if missing and not equal and KEY not in hidden:
        return
    yield lagged_figure(
        Diagram(
            series=(found.x, found.y),
            columns=columns,
            effects=drawn,
            equal="between all waves" if equal else "",
            related="correlations",
            undrawn=(f"fixed effects (what is stable in {found.y.label})",),
            kinds=("Autoregressive", f"Effect of {found.x.label}"),
            title=f"Effects over time on {found.y.label}{found.whose}",
        ),
        hidden,
    )


def effects_plot(found: Dynamic) -> IntervalPlot:
    """Draw the effect of x in all models that have one."""
    return IntervalPlot(
        name="effects",
        title=f"Effect of {found.x.label} on later {found.y.label}",
        alt=f"Unstandardised effects by model, with {found.percent}.",
        axis="Effect on the next wave, b",
        intervals=tuple(_intervals(found)),
        style="statistic",
        reference=0.0,
        interval=found.percent,
        caption="What other models assume stands in the table of models.",
    )


def _intervals(found: Dynamic) -> Iterator[Interval]:
    for each in reversed(found.models):
        seen: set[float] = set()
        raw, _ = indexed(each.fit)
        for now in range(1, len(found.waves)):
            b = raw.get((found.y.columns[now], "~", found.x.columns[now - 1]))
            if b is None or b["estimate"] in seen:
                continue
            seen.add(b["estimate"])
            label = each.model.name
            if found.form.by_wave or label == "Different between waves":
                label = f"{label}, {found.waves[now - 1]} → {found.waves[now]}"
            yield Interval(label, b["estimate"], b["conf_low"], b["conf_high"], KEY)
