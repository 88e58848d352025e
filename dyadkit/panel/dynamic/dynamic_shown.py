"""What a report shows of a dynamic panel."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.panel.compared import compared_rows, compared_table
from dyadkit.panel.dynamic.dynamic_figures import dynamic_diagram, effects_plot
from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.dynamic.dynamic_models import stable
from dyadkit.panel.dynamic.dynamic_notes import methods_of_dynamic, notes_of_dynamic
from dyadkit.panel.estimates import KEY, Estimate, related
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.shown import Shown, fit_sentence


def show_dynamic(found: Dynamic, hidden: frozenset[str]) -> Shown:
    """Lay out a dynamic panel, of which the keys `hidden` may not be shown."""
    effects = list(found.effects())
    shown = Shown()
    shown.rows = [*compared_rows(found.models), *_effect_rows(effects), *_stable_rows(found)]
    models = compared_table(
        found.models,
        title=f"Dynamic panel models of {found.y.label}{found.whose}",
        against="Against fixed effects",
        estimator=found.request.estimator,
    )
    shown.tables = [models, _paths_table(found, effects), _stable_table(found)]
    shown.figures = [*dynamic_diagram(found, effects, hidden), effects_plot(found)]
    shown.sentences = list(_sentences(found, effects))
    shown.methods = list(methods_of_dynamic(found))
    shown.notes = list(notes_of_dynamic(found, effects))
    return shown


def _effect_rows(effects: list[Effect]) -> Iterator[dict[str, Any]]:
    for effect in effects:
        yield {
            "term": f"{effect.source.name} {effect.before} -> {effect.target.name} {effect.now}",
            "quantity": "effect" if effect.crossed else "autoregressive",
            **effect.raw,
            "statistic": effect.raw["estimate"] / effect.raw["std_error"],
            "std_all": effect.standardised["estimate"],
        }


def _related(found: Dynamic) -> Iterator[tuple[str, str, Estimate]]:
    """Yield what goes with what is stable: its column, its label, the correlation."""
    name = stable(found.y)
    columns = [(found.y, 0), *((found.x, wave) for wave in range(len(found.waves) - 1))]
    for one, wave in columns:
        column = one.columns[wave]
        r = related(found.standardised, name, column)
        if r is not None:
            score = found.request.measurement.score(column)
            yield score, f"{one.label}, {found.waves[wave]}", r


def _stable_rows(found: Dynamic) -> Iterator[dict[str, Any]]:
    name = stable(found.y)
    row = {"term": f"stable: {found.y.name}", "quantity": "variance"}
    yield {**row, **found.raw[name, "~~", name]}
    for column, _, r in _related(found):
        yield {"term": f"stable with {column}", "quantity": "correlation", **r}


def _paths_table(found: Dynamic, effects: list[Effect]) -> Table:
    rows = []
    for effect in effects:
        raw = effect.raw
        values = [raw["estimate"], raw["std_error"], (raw["conf_low"], raw["conf_high"])]
        values += [raw["p_value"], effect.standardised["estimate"]]
        cells = [Cell(effect.source.label), Cell(f"{effect.before} → {effect.now}")]
        rows.append(Row((*cells, *(Cell(value, KEY) for value in values))))
    return Table(
        name="paths",
        title=f"Effects on later {found.y.label}, with fixed effects",
        columns=(
            Column("source", "Effect of"),
            Column("waves", "Waves"),
            Column("estimate", "b", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("interval", found.percent, "interval"),
            Column("p", "p", "p_value"),
            Column("beta", "β", "correlation"),
        ),
        rows=tuple(rows),
        notes=(
            f"Effects within {found.within}. β is standardised in each wave: where b is equal "
            "between waves, β is not.",
        ),
    )


def _stable_table(found: Dynamic) -> Table:
    variance = found.raw[stable(found.y), "~~", stable(found.y)]
    interval = (variance["conf_low"], variance["conf_high"])
    heading = Row((Cell("Correlation of what is stable with"),), heading=True)
    rows = [
        Row((Cell("Variance"), Cell(variance["estimate"], KEY), Cell(interval, KEY))),
        heading,
        *(
            Row(
                (
                    Cell(label),
                    Cell(r["estimate"], KEY, "correlation"),
                    Cell((r["conf_low"], r["conf_high"]), KEY, "correlation_interval"),
                )
            )
            for _, label, r in _related(found)
        ),
    ]
    return Table(
        name="stable",
        title=f"What is stable in {found.y.label}",
        columns=(
            Column("of", "Of"),
            Column("estimate", "Estimate", "statistic"),
            Column("interval", found.percent, "interval"),
        ),
        rows=tuple(rows),
    )


def _sentences(found: Dynamic, effects: list[Effect]) -> Iterator[Sentence]:
    yield from fit_sentence("The model with fixed effects", found.models[-1].fit)
    told = [effect for effect in effects if effect.crossed]
    for effect in told if found.form.by_wave else told[:1]:
        yield _sentence(found, effect)
    random = found.model("Random effects")
    if random is not None and not isnan(random.difference):
        worse = random.p_value < 1 - found.request.confidence
        yield Sentence(
            f"What is stable in {found.y.label} {{how}} related to {found.x.label}: random effects "
            "fitted {fit}, Δχ²({df}) = {difference}, {p}.",
            {
                "how": Cell("is" if worse else "was not shown to be"),
                "fit": Cell("worse" if worse else "no worse"),
                "df": Cell(random.df, KEY, "df"),
                "difference": Cell(random.difference, KEY, "statistic"),
                "p": Cell(random.p_value, KEY, "p_relation"),
            },
        )


def _sentence(found: Dynamic, effect: Effect) -> Sentence:
    x, y = effect.source.label, effect.target.label
    if found.form.by_wave:
        when, later = f"at {effect.before}", f"at {effect.now}"
    else:
        when, later = "in one wave", "in the next"
    if effect.unclear:
        text = f"No effect of {x} {when} on {y} {later} was shown within {found.within}"
    else:
        higher = "higher" if effect.raw["estimate"] > 0 else "lower"
        text = (
            f"Within {found.within}, when {x} was above its usual level {when}, {y} was {higher} "
            f"than otherwise {later}"
        )
    return Sentence(
        f"{text} (b = {{b}}, {{interval}}, {{p}}).",
        {
            "b": Cell(effect.raw["estimate"], KEY, "statistic"),
            "interval": Cell((effect.raw["conf_low"], effect.raw["conf_high"]), KEY, "interval"),
            "p": Cell(effect.raw["p_value"], KEY, "p_relation"),
        },
    )
