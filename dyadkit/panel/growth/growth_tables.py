"""Tables of a growth model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.compared import compared_table
from dyadkit.panel.estimates import KEY
from dyadkit.panel.growth.growth_estimates import Found, Growth


def tables_of(growth: Growth) -> Iterator[Table]:
    """Yield all tables."""
    yield _models(growth)
    yield _factors(growth)
    yield _correlations(growth)
    if effects := [*growth.get("covariate effect"), *growth.get("predictor effect")]:
        yield _effects(growth, effects)
    yield _waves(growth)
    if len(growth.inputs.series) > 1:
        yield _residuals(growth)


def _percent(growth: Growth) -> str:
    return f"{100 * growth.inputs.request.confidence:g} % CI"


def _heading(growth: Growth, label: str, found: Found | None = None, group: str = "") -> Row:
    group = found.group.label if found is not None else group
    told = f"{label} ({group})" if group else label
    return Row((Cell(told),), heading=True)


def _models(growth: Growth) -> Table:
    apart = any(not each.model.tested for each in growth.models)
    return compared_table(
        growth.models,
        title=f"Growth models{growth.inputs.whose}",
        against=f"Against {growth.chosen.model.name.lower()}",
        estimator=growth.inputs.request.estimator,
        note="Models that the last one does not contain as a regular case have no difference."
        * apart,
    )


def _factors(growth: Growth) -> Table:
    rows: list[Row] = []
    pairs = zip(growth.get("growth mean"), growth.get("growth variance"), strict=True)
    for (label, _), block in groupby(pairs, key=lambda pair: (pair[0].labels[0], pair[0].group)):
        members = list(block)
        rows.append(_heading(growth, label, members[0][0]))
        for mean, variance in members:
            cells = [Cell(mean.labels[1])]
            for one in (mean, variance):
                raw = one.raw
                cells += [
                    Cell(raw["estimate"], KEY),
                    Cell((raw["conf_low"], raw["conf_high"]), KEY),
                    Cell(raw["p_value"], KEY),
                ]
            rows.append(Row(tuple(cells)))
    adjusted = bool(growth.inputs.covariates)
    at = means_at(growth)
    return Table(
        name="growth",
        title=f"Means and variances of growth factors{growth.inputs.whose}",
        columns=(
            Column("factor", "Factor"),
            Column("mean", "M", "statistic_3", "Mean"),
            Column("mean_interval", _percent(growth), "statistic_3_interval", "Mean"),
            Column("mean_p", "p", "p_value", "Mean"),
            Column("variance", "s²", "statistic_3", "Variance"),
            Column("variance_interval", _percent(growth), "statistic_3_interval", "Variance"),
            Column("variance_p", "p", "p_value", "Variance"),
        ),
        rows=tuple(rows),
        notes=tuple(
            text
            for text in (at, "Variances are those that covariates leave." if adjusted else "")
            if text
        ),
    )


def means_at(growth: Growth) -> str:
    """Say at which values of covariates and predictors means are."""
    parts = []
    if growth.inputs.covariates:
        own = "the group's average" if len(growth.inputs.groups) > 1 else "average"
        parts.append(f"at {own} covariates")
    if growth.inputs.predictors:
        parts.append("with predictors as they were on average at first")
    return f"Means are those {' and '.join(parts)}." if parts else ""


def _correlations(growth: Growth) -> Table:
    rows: list[Row] = []
    for group, block in groupby(growth.get("growth covariance"), key=lambda one: one.group):
        if group.label:
            rows.append(Row((Cell(group.label),), heading=True))
        for one in block:
            standard = one.standardised
            rows.append(
                Row(
                    (
                        Cell(" with ".join(one.labels)),
                        Cell(one.raw["estimate"], KEY),
                        Cell(standard["estimate"], KEY),
                        Cell((standard["conf_low"], standard["conf_high"]), KEY),
                        Cell(standard["p_value"], KEY),
                    )
                )
            )
    return Table(
        name="correlations",
        title=f"How level and change go together{growth.inputs.whose}",
        columns=(
            Column("pair", "Growth factors"),
            Column("covariance", "Covariance", "statistic_3"),
            Column("correlation", "r", "correlation"),
            Column("interval", _percent(growth), "correlation_interval"),
            Column("p", "p", "p_value"),
        ),
        rows=tuple(rows),
        notes=("Beyond covariates.",) if growth.inputs.covariates else (),
    )


def _effects(growth: Growth, effects: Sequence[Found]) -> Table:
    rows: list[Row] = []
    blocks = groupby(effects, key=lambda one: (one.quantity, one.group))
    for (quantity, group), block in blocks:
        what = "Covariates" if quantity == "covariate effect" else "Predictors, in every wave"
        rows.append(_heading(growth, what, group=group.label))
        for one in block:
            raw = one.raw
            covariate = quantity == "covariate effect"
            rows.append(
                Row(
                    (
                        Cell(one.labels[0]),
                        Cell(one.labels[1]),
                        Cell(raw["estimate"], KEY),
                        Cell(raw["std_error"], KEY),
                        Cell((raw["conf_low"], raw["conf_high"]), KEY),
                        Cell(raw["p_value"], KEY),
                        Cell(one.standardised["estimate"] if covariate else "", KEY),
                    )
                )
            )
    varying = bool(growth.inputs.predictors)
    return Table(
        name="effects",
        title=f"Effects of covariates and predictors{growth.inputs.whose}",
        columns=(
            Column("source", "Effect of"),
            Column("target", "On"),
            Column("estimate", "b", "statistic_3"),
            Column("std_error", "SE", "statistic_3"),
            Column("interval", _percent(growth), "statistic_3_interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "correlation"),
        ),
        rows=tuple(rows),
        notes=(
            "Effects of predictors are on the same wave, equal in all waves (their β is not), and "
            "those within persons, beyond level and change.",
        )
        * varying,
    )


def _waves(growth: Growth) -> Table:
    loadings = {(one.labels, one.group.label): one for one in growth.get("loading")}
    residuals = {(one.labels, one.group.label): one for one in growth.get("residual variance")}
    inputs = growth.inputs
    rows: list[Row] = []
    for each in growth.trajectories:
        rows.append(_heading(growth, each.series.label, group=each.group))
        for wave, label in enumerate(inputs.request.wave_labels):
            column, place = each.series.columns[wave], ((each.series.label, label), each.group)
            values: list[object] = [
                int(each.n[wave]),
                float(each.observed[wave]),
                (float(each.observed_low[wave]), float(each.observed_high[wave])),
                float(each.implied[wave]),
                (float(each.implied_low[wave]), float(each.implied_high[wave])),
                residuals[place].raw["estimate"],
                growth.explained[each.group, column],
            ]
            if loadings:
                edge = 0.0 if wave == 0 else 1.0
                values.append(loadings[place].raw["estimate"] if place in loadings else edge)
            rows.append(Row((Cell(label), *(Cell(value, KEY) for value in values))))
    percent = _percent(growth)
    columns = [
        Column("wave", "Wave"),
        Column("n", "n", "count", "Observed"),
        Column("observed", "M", "statistic", "Observed"),
        Column("observed_interval", percent, "interval", "Observed"),
        Column("implied", "M", "statistic", "Of the model"),
        Column("implied_interval", percent, "interval", "Of the model"),
        Column("residual", "Residual s²", "statistic", "Of the model"),
        Column("r_squared", "R²", "correlation", "Of the model"),
    ]
    if loadings:
        columns.append(Column("loading", "Share of change", "statistic", "Of the model"))
    return Table(
        name="waves",
        title=f"Wave by wave{inputs.whose}",
        columns=tuple(columns),
        rows=tuple(rows),
        notes=(
            "R²: the share of variance that growth explains"
            + (", and predictors" if inputs.predictors else "")
            + "."
            + " Means are those of the first item." * (inputs.request.indicators == "items"),
        ),
    )


def _residuals(growth: Growth) -> Table:
    inputs = growth.inputs
    found = growth.get("residual covariance")
    rows: list[Row] = []
    for (group, *pair), block in groupby(found, key=lambda one: (one.group, *one.labels[:2])):
        told = " with ".join(pair) + (f" ({group.label})" if group.label else "")
        rows.append(Row((Cell(told), *(Cell(one.standardised["estimate"], KEY) for one in block))))
    return Table(
        name="residuals",
        title="Correlations of residuals within waves",
        columns=(
            Column("pair", "Pair"),
            *(
                Column(f"wave_{number}", label, "correlation")
                for number, label in enumerate(inputs.request.wave_labels, 1)
            ),
        ),
        rows=tuple(rows),
        notes=("Of what growth does not explain.",),
    )
