"""Tables of latent change."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.change.change_found import Change, Effect
from dyadkit.panel.estimates import KEY, Estimate

_HEADINGS = {
    "variance of change": "Variance of change",
    "variance of true start": "Variance of start",
    "variance of constant change": "Variance of constant change",
    "variance of errors": "Error variance",
}


def changes_table(change: Change) -> Table:
    """Lay out how much each series changed, and how much persons differ in it."""
    percent = f"{100 * change.request.confidence:g} % CI"
    rows = []
    for one in change.series:
        mean = change.labelled[f"mean_{one.name}"]
        size = change.labelled[f"d_{one.name}"]
        values = [change.start(one)["estimate"], mean["estimate"], _interval(mean)]
        values += [mean["p_value"], size["estimate"], _interval(size)]
        if change.dual:
            values.append(change.labelled[f"level_{one.name}"]["estimate"])
        for found in change.variances(one).values():
            values += [found["estimate"], _interval(found)]
        rows.append(Row((Cell(one.label), *(Cell(value, KEY) for value in values))))
    spreads = [
        column
        for k, what in enumerate(change.variances(change.series[0]))
        for column in (
            Column(f"variance_{k}", "Estimate", "statistic", _HEADINGS[what]),
            Column(f"interval_{k}", percent, "interval", _HEADINGS[what]),
        )
    ]
    constant = [Column("constant", "Constant change, M", "statistic")] * change.dual
    parts = (
        f" Starts are true scores, {change.errors} apart (error variance); change per step is the "
        "constant part and what depends on true scores."
    )
    return Table(
        name="changes",
        title=f"Change from {change.waves[0]} to {change.waves[-1]}{change.whose}",
        columns=(
            Column("series", "Of"),
            Column("start", f"M, {change.waves[0]}", "statistic"),
            Column("change", "M", "statistic", "Mean change"),
            Column("change_interval", percent, "interval", "Mean change"),
            Column("p", "p", "p_value", "Mean change"),
            Column("d", "d", "statistic", "Mean change"),
            Column("d_interval", f"{percent} of d", "interval", "Mean change"),
            *constant,
            *spreads,
        ),
        rows=tuple(rows),
        notes=(
            f"d is the mean change in standard deviations of {change.waves[0]}."
            + parts * change.dual,
        ),
    )


def effects_table(change: Change, effects: Sequence[Effect]) -> Table:
    """Lay out what change depends on."""
    body: list[Row] = []
    for target in change.series:
        body.append(Row((Cell(f"On the change of {target.label}"),), heading=True))
        for effect in effects:
            if effect.target is not target:
                continue
            raw, beta = effect.raw, effect.standardised["estimate"]
            values = [raw["estimate"], raw["std_error"], _interval(raw), raw["p_value"]]
            # Feedback has no scale but its own.
            cells = [Cell(value, KEY) for value in values]
            cells.append(Cell(None if change.dual and effect.kind == "feedback" else beta, KEY))
            body.append(Row((Cell(effect.label), *cells)))
    first, last = change.waves[0], change.waves[-1]
    note = (
        f"β counts both series in their standard deviations of {first}."
        if change.dual
        else f"Of {first} on the change to {last}; β is in standard deviations of start and change."
    )
    return Table(
        name="effects",
        title="What change depends on, in the model with all effects",
        columns=(
            Column("source", "Effect of"),
            Column("estimate", "b", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("interval", f"{100 * change.request.confidence:g} % CI", "interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "correlation"),
        ),
        rows=tuple(body),
        notes=(note,),
    )


def related_table(change: Change) -> list[Table]:
    """Lay out how starts and changes go together, where there are two or more of them."""
    rows = [
        Row(
            (
                Cell(label),
                Cell(r["estimate"], KEY),
                Cell(_interval(r), KEY),
                Cell(r["p_value"], KEY),
            )
        )
        for _, label, r in change.related()
    ]
    if not rows:
        return []
    table = Table(
        name="correlations",
        title="What starts and changes have in common",
        columns=(
            Column("pair", "Pair"),
            Column("r", "r", "correlation"),
            Column("interval", f"{100 * change.request.confidence:g} % CI", "correlation_interval"),
            Column("p", "p", "p_value"),
        ),
        rows=tuple(rows),
        notes=() if change.dual else ("Changes: of what their predictors leave.",),
    )
    return [table]


def _interval(found: Estimate) -> tuple[float, float]:
    return found["conf_low"], found["conf_high"]
