"""Figures of measurement invariance: what each step costs, and which items differ."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Literal

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.frame import Variable
from dyadkit.measurement.climbing import CFI_FALL, RMSEA_RISE, Climb
from dyadkit.measurement.ladder import STEPS


def change_plot(
    climbs: Sequence[Climb], variable: Variable, measure: Literal["CFI", "RMSEA"]
) -> IntervalPlot:
    """Draw how a fit measure changes with every step, and from where it changes too much."""
    cfi = measure == "CFI"
    too_much = "to the left of it CFI falls" if cfi else "to the right of it RMSEA rises"
    return IntervalPlot(
        name=f"{measure.lower()}_change",
        title=f"Change of {measure} with each step: {variable.label}",
        alt=f"Change of {measure} at every step that holds more equal, as in the table.",
        axis=f"Change of {measure} to the step before",
        intervals=tuple(
            Interval(
                step.capitalize(),
                climbed.cfi_change if cfi else climbed.rmsea_change,
                nan,
                nan,
                climb.ladder.name,
                climb.ladder.label.split(": ")[-1],
            )
            for step in STEPS
            for climb in climbs
            for climbed in climb.steps[1:]
            if climbed.step == step
        ),
        style="statistic_3",
        reference=-CFI_FALL if cfi else RMSEA_RISE,
        caption=f"The line is the cut-off: {too_much} too much.",
        interval="",
    )


def sizes_plot(climbs: Sequence[Climb], variable: Variable) -> IntervalPlot:
    """Draw how far expected answers to every item differ between places."""
    intervals = tuple(
        Interval(
            variable.items[size.item],
            size.size.signed,
            nan,
            nan,
            climb.ladder.name,
            f"{climb.ladder.label.split(': ')[-1]}: {size.place}",
        )
        for climb in climbs
        for item in range(len(variable.items))
        for size in climb.sizes
        if size.item == item
    )
    return IntervalPlot(
        name="sizes",
        title=f"Differences of items: {variable.label}",
        alt="Signed dMACS of every item and place, as in the table.",
        axis="Difference of expected answers (SD of the item)",
        intervals=intervals,
        style="statistic",
        reference=0.0,
        interval="",
    )
