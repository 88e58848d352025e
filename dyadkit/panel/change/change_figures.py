"""Figures of latent change."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.figures import Interval, IntervalPlot, LaggedFigure
from dyadkit.panel.change.change_found import Change, Effect
from dyadkit.panel.change.change_two_waves import change as change_name
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.lagged.fitted import Effect as Lagged
from dyadkit.panel.lagged.path_diagrams import Diagram, lagged_figure


def change_diagram(
    change: Change, effects: Sequence[Effect], hidden: frozenset[str]
) -> LaggedFigure:
    """Draw what change depends on: where series stand, and their changes.

    Of three waves or more effects are equal at all steps, and are drawn unstandardised.
    """
    dual, several = change.dual, len(change.series) > 1
    columns = change.waves[0], f"Change to {change.waves[-1]}"
    if dual:
        columns = "A step", "Change to the next"
    known = {one.name: one for one in change.series}
    drawn = tuple(
        Lagged(known[each.name], each.target, *columns, each.raw, each.standardised)
        for each in effects
        if each.kind != "covariate"
    )
    related = "correlations" if dual else "correlations of starts, and of what is left of changes"
    undrawn = ["constant change"] * dual + ["covariates and their effects"] * bool(
        change.covariates
    )
    diagram = Diagram(
        series=change.series,
        columns=columns,
        effects=drawn,
        equal="at all steps" if dual else "",
        related=related if several else "",
        correlations={} if dual else _correlations(change, columns),
        undrawn=tuple(undrawn),
        kinds=("Feedback", "Coupling"),
        crossed="coupling",
        title=f"What change depends on{change.whose}",
        alt="Path diagram with a row for each series; effects of where series stand on the changes "
        "that follow stand on the arrows, as in the table.",
    )
    return lagged_figure(diagram, hidden)


def _correlations(change: Change, columns: tuple[str, str]) -> dict[str, Estimate]:
    """Return the correlations of two starts, and of what is left of two changes."""
    if len(change.series) != 2:
        return {}
    one, other = change.series
    ends = (one.columns[0], other.columns[0]), (change_name(one), change_name(other))
    return {
        column: change.standardised[left, "~~", right]
        for column, (left, right) in zip(columns, ends, strict=True)
    }


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
