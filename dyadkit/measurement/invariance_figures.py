"""Figures of measurement invariance: what each step costs, and which items differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def difference_plots(
    climbs: Sequence[Climb], variable: Variable, ordered: bool, confidence: float
) -> Iterator[IntervalPlot]:
    """Draw how far every item's loading and level differ between places, with intervals."""
    level = "mean thresholds" if ordered else "intercepts"
    for name, word in (("loading", "loadings"), ("level", level)):
        yield IntervalPlot(
            name=f"{name}_differences",
            title=f"Differences of {word}: {variable.label}",
            alt=f"Difference of {word} of every item and place from the first, with intervals.",
            axis=f"Difference of {word}, here minus first",
            intervals=tuple(
                Interval(
                    variable.items[item],
                    apart.estimate,
                    apart.low,
                    apart.high,
                    climb.ladder.name,
                    f"{climb.ladder.label.split(': ')[-1]}: {size.place}",
                )
                for climb in climbs
                for item in range(len(variable.items))
                for size in climb.sizes
                if size.item == item
                for apart in [size.loading if name == "loading" else size.level]
            ),
            style="statistic",
            reference=0.0,
            interval=f"{100 * confidence:g} % CI",
            caption="Each item is freed in turn, the others held equal between places.",
        )
