"""Tables and figures of a common fate model."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.estimates import KEY
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.together.shared_variance import SharedVariance


def effect_table(effect: Effect, percent: str) -> Table:
    """Lay out the effect within one wave; `percent` heads its interval."""
    raw = effect.raw
    values = (
        *(raw["estimate"], raw["std_error"], (raw["conf_low"], raw["conf_high"]), raw["p_value"]),
        effect.standardised["estimate"],
    )
    words = f"{effect.source.label} → {effect.target.label}"
    return Table(
        name="effect",
        title="Effect between the dyad's variables",
        columns=(
            Column("effect", "Effect"),
            Column("estimate", "b", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("interval", percent, "interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "correlation"),
        ),
        rows=(Row((Cell(words), *(Cell(value, KEY) for value in values))),),
    )


def variances_table(shared: Sequence[SharedVariance], percent: str, said: str) -> Table:
    """Lay out the variances of the dyad's variables, and their shares in what members `said`."""
    whose = [role for role, _ in shared[0].by_member()]
    rows = []
    for one in shared:
        cells = [Cell(one.whole["estimate"], KEY), Cell(one.interval, KEY)]
        for _, found in one.by_member():
            cells += [
                Cell(found["estimate"], KEY),
                Cell((found["conf_low"], found["conf_high"]), KEY),
            ]
        rows.append(Row((Cell(one.variable.label), Cell(one.wave or None), *cells)))
    columns = [
        Column("variable", "Of"),
        Column("wave", "Wave"),
        Column("variance", "Variance", "statistic", "The dyad's"),
        Column("interval", percent, "interval", "The dyad's"),
    ]
    for k, role in enumerate(whose, 1):
        over = f"Share of variance, {role}" if role else "Share of variance"
        columns += [
            Column(f"share_{k}", "Share", "correlation", over),
            Column(f"share_interval_{k}", percent, "correlation_interval", over),
        ]
    return Table(
        name="variances",
        title="Variances of the dyad's variables",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(f"A negative variance is that of members whose {said} covary negatively.",),
    )


def shares_plot(shared: Sequence[SharedVariance], percent: str, said: str) -> IntervalPlot:
    """Draw what share the dyad has in the variance of what members `said`."""
    return IntervalPlot(
        name="shares",
        title=f"Share of the dyad in the variance of members' {said}",
        alt=f"Shares of variance that is the dyad's, by variable, wave and member, with {percent}.",
        axis="Share of variance that is the dyad's",
        intervals=tuple(
            Interval(
                f"{one.variable.label}{one.wave and f', {one.wave}'}",
                found["estimate"],
                found["conf_low"],
                found["conf_high"],
                KEY,
                role.capitalize(),
            )
            for one in shared
            for role, found in one.by_member()
        ),
        style="correlation",
        reference=0.0,
        interval=percent,
    )
