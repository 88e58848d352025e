"""Figures of latent change."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.panel.change.change_found import Change, Effect
from dyadkit.panel.estimates import KEY, Estimate


def couplings_plot(change: Change, effects: Sequence[Effect]) -> IntervalPlot:
    """Draw all couplings with their intervals."""
    percent = f"{100 * change.request.confidence:g} % CI"
    caption = (
        f"In standard deviations of {change.waves[0]}."
        if change.dual
        else "In standard deviations of start and change."
    )
    return IntervalPlot(
        name="couplings",
        title="Couplings",
        alt=f"Standardised effects of one series on the change of another, with {percent}.",
        axis="Standardised effect on change",
        intervals=tuple(
            _interval(f"{effect.label} → {effect.target.label}", effect.standardised)
            for effect in effects
            if effect.kind == "coupling"
        ),
        style="correlation",
        reference=0.0,
        interval=percent,
        caption=caption,
    )


def mean_changes_plot(change: Change) -> IntervalPlot:
    """Draw mean changes in standard deviations of the first wave."""
    percent = f"{100 * change.request.confidence:g} % CI"
    first, last = change.waves[0], change.waves[-1]
    return IntervalPlot(
        name="mean_changes",
        title=f"Mean change from {first} to {last}",
        alt=f"Mean change of each series in standard deviations of {first}, with {percent}.",
        axis=f"Mean change, SD of {first}",
        intervals=tuple(
            _interval(one.label, change.labelled[f"d_{one.name}"]) for one in change.series
        ),
        style="statistic",
        reference=0.0,
        interval=percent,
    )


def _interval(label: str, found: Estimate) -> Interval:
    return Interval(label, found["estimate"], found["conf_low"], found["conf_high"], KEY)
