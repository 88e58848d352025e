"""Tables of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.models.measured import FIT, FIT_COLUMNS, difference_columns, measure
from dyadkit.panel.cross_lagged import part, stable
from dyadkit.panel.fitted import KEY, Effect, Estimate, Key, Panel


def models_table(panel: Panel) -> Table:
    """Lay out the competing models."""
    against = "Against all effects"
    rows = []
    for each in (*panel.models, *([panel.other] if panel.other else [])):
        values = [
            *(measure(each.fit, name) for name in FIT),
            *(float(each.fit.summary[name]) for name in ("aic", "bic")),
            *(each.difference, each.df, each.p_value),
        ]
        name = f"{each.model.name}: {each.model.words}"
        rows.append(Row((Cell(name), *(Cell(value, KEY) for value in values))))
    what = "with random intercepts" if panel.intercepts else "without random intercepts"
    return Table(
        name="models",
        title=f"Cross-lagged models {what}{panel.whose}",
        columns=(
            Column("model", "Model"),
            *FIT_COLUMNS,
            Column("aic", "AIC", "statistic_1"),
            Column("bic", "BIC", "statistic_1"),
            *difference_columns(against),
        ),
        rows=tuple(rows),
        notes=(
            "Smaller AIC and BIC are better."
            + " After MLR, chi-squares and differences are scaled." * (panel.estimator == "MLR"),
        ),
    )


def paths_table(panel: Panel, effects: list[Effect]) -> Table:
    """Lay out the effects over time."""
    body: list[Row] = []
    for target in panel.series:
        body.append(Row((Cell(f"On {target.label}"),), heading=True))
        for effect in effects:
            if effect.target is not target:
                continue
            raw = effect.raw
            values = (
                (raw["estimate"], raw["std_error"], (raw["conf_low"], raw["conf_high"])),
                (raw["p_value"], effect.standardised["estimate"]),
            )
            cells = [Cell(value, KEY) for part_of in values for value in part_of]
            when = f"{effect.before} → {effect.now}"
            body.append(Row((Cell(effect.source.label), Cell(when), *cells)))
    percent = f"{100 * panel.confidence:g} % CI"
    return Table(
        name="paths",
        title="Effects over time, of the model with all of them",
        columns=(
            Column("source", "Of"),
            Column("waves", "Waves"),
            Column("estimate", "b", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("interval", percent, "interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "correlation"),
        ),
        rows=tuple(body),
        notes=(
            ("Effects within persons. " if panel.intercepts else "")
            + "β is standardised in each wave: where b is equal between waves, β is not.",
        ),
    )


def correlations_table(panel: Panel, standardised: Mapping[Key, Estimate]) -> Table:
    """Lay out the correlations within waves."""
    rows = []
    for one, other in combinations(panel.series, 2):
        cells = []
        for wave in range(len(panel.waves)):
            names = [part(each.columns[wave], panel.intercepts) for each in (one, other)]
            cells.append(Cell(standardised[names[0], "~~", names[1]]["estimate"], KEY))
        rows.append(Row((Cell(f"{one.label} with {other.label}"), *cells)))
    return Table(
        name="correlations",
        title="Correlations within waves",
        columns=(
            Column("pair", "Pair"),
            *(Column(f"wave_{k}", wave, "correlation") for k, wave in enumerate(panel.waves, 1)),
        ),
        rows=tuple(rows),
        notes=(
            ("Within persons. " if panel.intercepts else "")
            + f"After {panel.waves[0]}, of what the wave before does not explain.",
        ),
    )


def intercepts_table(
    panel: Panel,
    raw: Mapping[Key, Estimate],
    standardised: Mapping[Key, Estimate],
) -> Table:
    """Lay out what is stable in persons."""
    rows = []
    for place, one in enumerate(panel.series):
        found = raw[stable(one), "~~", stable(one)]
        cells = [
            Cell(found["estimate"], KEY),
            Cell((found["conf_low"], found["conf_high"]), KEY),
        ]
        for other in panel.series[:-1]:
            before = panel.series.index(other) < place
            key = (stable(other), "~~", stable(one))
            cells.append(Cell(standardised[key]["estimate"], KEY) if before else Cell(None))
        rows.append(Row((Cell(one.label), *cells)))
    return Table(
        name="intercepts",
        title="Random intercepts: what is stable in persons",
        columns=(
            Column("series", "Of"),
            Column("variance", "Variance", "statistic"),
            Column("interval", f"{100 * panel.confidence:g} % CI", "interval"),
            *(
                Column(f"with_{k}", one.label, "correlation", "Correlation with")
                for k, one in enumerate(panel.series[:-1], 1)
            ),
        ),
        rows=tuple(rows),
    )
