"""Tables of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.compared import compared_table
from dyadkit.panel.estimates import KEY, ByGroup, Estimate
from dyadkit.panel.lagged.cross_lagged import part, stable
from dyadkit.panel.lagged.equalities import Equality
from dyadkit.panel.lagged.fitted import Effect, Panel, covariate_keys


def models_table(panel: Panel) -> Table:
    """Lay out the competing models."""
    notes = []
    if panel.other is not None and not panel.intercepts:
        notes.append(
            "Random intercepts make the model larger: their p says whether it fits better."
        )
    if panel.other is not None and panel.covariates.columns:
        notes.append(
            "With and without random intercepts CFI and TLI rest on different null models."
        )
    what = "with random intercepts" if panel.intercepts else "without random intercepts"
    return compared_table(
        panel.compared,
        title=f"Cross-lagged models {what}{panel.whose}",
        against=f"Against '{panel.full.model.name}'",
        estimator=panel.estimator,
        note=" ".join(notes),
    )


def paths_table(panel: Panel, effects: list[Effect]) -> Table:
    """Lay out the effects over time."""
    body: list[Row] = []
    for group, target in product(panel.groups, panel.targets):
        body.append(Row((Cell(f"On {target.label}" + _among(group)),), heading=True))
        for effect in effects:
            if effect.target is not target or effect.group != group:
                continue
            raw = effect.raw
            values = (
                (raw["estimate"], raw["std_error"], (raw["conf_low"], raw["conf_high"])),
                (raw["p_value"], effect.standardised["estimate"]),
            )
            cells = [Cell(value, KEY) for part_of in values for value in part_of]
            when = f"{effect.before} → {effect.now}"
            body.append(Row((Cell(effect.source.label), Cell(when), *cells)))
    return Table(
        name="paths",
        title="Effects over time, in the model with all effects",
        columns=(
            Column("source", "Effect of"),
            Column("waves", "Waves"),
            *_effect_columns(panel),
        ),
        rows=tuple(body),
        notes=(
            (f"Effects within {panel.within}. " if panel.intercepts else "")
            + "β is standardised in each wave: where b is equal between waves, β is not.",
        ),
    )


def _effect_columns(panel: Panel) -> tuple[Column, ...]:
    return (
        Column("estimate", "b", "statistic"),
        Column("std_error", "SE", "statistic"),
        Column("interval", f"{100 * panel.confidence:g} % CI", "interval"),
        Column("p", "p", "p_value"),
        Column("beta", "β", "correlation"),
    )


def correlations_table(panel: Panel, standardised: ByGroup) -> Table:
    """Lay out the correlations within waves."""
    body: list[Row] = []
    for group, (one, other) in product(panel.groups, panel.pairs):
        pair = f"{one.label} with {other.label}" + _among(group)
        for wave, label in enumerate(panel.waves):
            names = [part(each.columns[wave], panel.intercepts) for each in (one, other)]
            found = standardised[group]
            # The engine completes the first wave in an order of its own.
            there = found.get((names[0], "~~", names[1])) or found[names[1], "~~", names[0]]
            # A variance below 0 has no correlations.
            proper = all(found[name, "~~", name]["estimate"] > 0 for name in names)
            cells = _with_interval(there) if proper else (Cell(None, KEY),) * 3
            body.append(Row((Cell(pair), Cell(label), *cells)))
    return Table(
        name="correlations",
        title="Correlations within waves",
        columns=(
            Column("pair", "Pair"),
            Column("wave", "Wave"),
            *_correlation_columns(panel),
        ),
        rows=tuple(body),
        notes=(
            (f"Within {panel.within}. " if panel.intercepts else "")
            + f"After {panel.waves[0]}: correlations of what the wave before does not explain.",
        ),
    )


def _with_interval(found: Estimate) -> tuple[Cell, Cell, Cell]:
    bounds = found["conf_low"], found["conf_high"]
    return Cell(found["estimate"], KEY), Cell(bounds, KEY), Cell(found["p_value"], KEY)


def _correlation_columns(panel: Panel) -> tuple[Column, ...]:
    return (
        Column("r", "r", "correlation"),
        Column("interval", f"{100 * panel.confidence:g} % CI", "correlation_interval"),
        Column("p", "p", "p_value"),
    )


def _among(group: str) -> str:
    return f" ({group})" if group else ""


def covariates_table(panel: Panel, raw: ByGroup, standardised: ByGroup) -> Table:
    """Lay out the effects of covariates."""
    rows = []
    labels = dict(zip(panel.covariates.columns, panel.covariates.labels, strict=True))
    for group in panel.groups:
        for covariate, one, wave, key in covariate_keys(panel, raw[group]):
            found = raw[group][key]
            values = (
                (found["estimate"], found["std_error"], (found["conf_low"], found["conf_high"])),
                (found["p_value"], standardised[group][key]["estimate"]),
            )
            cells = [Cell(value, KEY) for part_of in values for value in part_of]
            where = ", ".join(filter(None, (one.label, wave))) + _among(group)
            rows.append(Row((Cell(labels[covariate]), Cell(where), *cells)))
    onto = "random intercepts" if panel.covariates.on_intercepts else "waves"
    return Table(
        name="covariates",
        title=f"Effects of covariates on {onto}",
        columns=(
            Column("covariate", "Effect of"),
            Column("on", "On"),
            *_effect_columns(panel),
        ),
        rows=tuple(rows),
    )


def intercepts_table(panel: Panel, raw: ByGroup, standardised: ByGroup) -> Table:
    """Lay out what is stable in persons; a variance below 0 has no correlations."""
    body: list[Row] = []
    for group in panel.groups:
        body.append(Row((Cell("Variances" + _among(group)),), heading=True))
        for one in panel.targets:
            found = raw[group][stable(one), "~~", stable(one)]
            bounds = found["conf_low"], found["conf_high"]
            estimate = Cell(found["estimate"], KEY, "statistic")
            cells = estimate, Cell(bounds, KEY, "interval"), Cell(None)
            body.append(Row((Cell(one.label), *cells)))
        body.append(Row((Cell("Correlations" + _among(group)),), heading=True))
        for one, other in panel.pairs:
            ends = [raw[group][stable(each), "~~", stable(each)] for each in (one, other)]
            there = all(each["estimate"] > 0 for each in ends)
            found = standardised[group][stable(one), "~~", stable(other)]
            none = (Cell(None, KEY),) * 3
            pair = f"{one.label} with {other.label}"
            body.append(Row((Cell(pair), *(_with_interval(found) if there else none))))
    return Table(
        name="intercepts",
        title="Random intercepts: what is stable in persons",
        columns=(
            Column("series", "Of"),
            Column("estimate", "Estimate", "correlation"),
            Column("interval", f"{100 * panel.confidence:g} % CI", "correlation_interval"),
            Column("p", "p", "p_value"),
        ),
        rows=tuple(body),
        notes=(
            "Variances have no p: the test of random intercepts is that of the model without them. "
            "Where little is known of a correlation, its interval goes beyond 1.",
        ),
    )


_BETWEEN = {
    "waves": "Between waves",
    "roles": "Between roles",
    "directions": "Between directions (standardised)",
    "groups": "Between groups",
}


def equalities_table(found: Sequence[Equality]) -> Table:
    """Lay out the tests of equal effects."""
    body: list[Row] = []
    for kind, heading in _BETWEEN.items():
        tests = [one for one in found if one.kind == kind]
        if tests:
            body.append(Row((Cell(heading),), heading=True))
        for one in tests:
            values = (one.statistic, one.df, one.p_value)
            body.append(Row((Cell(one.what), *(Cell(value, KEY) for value in values))))
    return Table(
        name="equalities",
        title="Are effects equal?",
        columns=(
            Column("effects", "Effects"),
            Column("statistic", "χ²", "statistic"),
            Column("df", "df", "df"),
            Column("p", "p", "p_value"),
        ),
        rows=tuple(body),
        notes=(
            "Wald tests in the model with all effects, not adjusted for their number. Directions "
            "are compared in standardised form, since the units of their effects differ.",
        ),
    )
