"""What a report shows of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dyadkit.display.figures import LaggedFigure
from dyadkit.panel.compared import compared_rows
from dyadkit.panel.estimates import KEY, ByGroup, indexed
from dyadkit.panel.lagged.cross_lagged import part, stable
from dyadkit.panel.lagged.equalities import Equality
from dyadkit.panel.lagged.fitted import Effect, Panel, covariate_keys, effects_of
from dyadkit.panel.lagged.panel_figures import effects_plot, path_diagram
from dyadkit.panel.lagged.panel_tables import (
    correlations_table,
    covariates_table,
    equalities_table,
    intercepts_table,
    models_table,
    paths_table,
)
from dyadkit.panel.lagged.panel_words import panel_methods, panel_sentences
from dyadkit.panel.shown import Shown, fit_warnings
from dyadkit.results import Note


def show_panel(panel: Panel, equalities: Sequence[Equality], hidden: frozenset[str]) -> Shown:
    """Lay out a panel and the tests of equal effects; what is `hidden` chooses no arrows."""
    found = {group: indexed(panel.full.fit, group) for group in panel.groups}
    raw = {group: one for group, (one, _) in found.items()}
    standardised = {group: one for group, (_, one) in found.items()}
    effects = [
        effect for group, pair in found.items() for effect in effects_of(panel, *pair, group)
    ]
    shown = Shown()
    shown.rows = [*compared_rows(panel.compared), *_effect_rows(effects)]
    shown.tables = [models_table(panel), paths_table(panel, effects)]
    if equalities:
        shown.rows += [
            {
                "term": f"equal between {one.kind}: {one.what}",
                "quantity": "equality",
                "statistic": one.statistic,
                "df": one.df,
                "p_value": one.p_value,
            }
            for one in equalities
        ]
        shown.tables.append(equalities_table(equalities))
    shown.tables.append(correlations_table(panel, standardised))
    if panel.covariates.columns:
        shown.rows += _covariate_rows(panel, raw, standardised)
        shown.tables.append(covariates_table(panel, raw, standardised))
    if panel.intercepts:
        shown.rows += _intercept_rows(panel, raw, standardised)
        shown.tables.append(intercepts_table(panel, raw, standardised))
    shown.figures = [effects_plot(panel, effects)]
    shown.figures = [*_diagrams(panel, raw, standardised, hidden), *shown.figures]
    shown.sentences = list(panel_sentences(panel, effects, _inadmissible(panel)))
    shown.methods = list(panel_methods(panel, hidden))
    shown.notes = list(_notes(panel, raw))
    return shown


def _diagrams(
    panel: Panel, raw: ByGroup, standardised: ByGroup, hidden: frozenset[str]
) -> Iterator[LaggedFigure]:
    """Draw the model with all effects, of both members even if they are exchangeable."""
    both = replace(panel, exchangeable=False)
    for number, group in enumerate(panel.groups, start=1):
        effects = list(effects_of(both, raw[group], standardised[group], group))
        figure = path_diagram(both, effects, standardised[group], hidden)
        if group:
            title = f"{figure.title} ({group})"
            figure = replace(figure, name=f"{figure.name}_{number}", title=title)
        yield figure


def _of(group: str) -> str:
    return f" ({group})" if group else ""


def _effect_rows(effects: list[Effect]) -> Iterator[dict[str, Any]]:
    for effect in effects:
        where = f"{effect.source.name} {effect.before} -> {effect.target.name} {effect.now}"
        yield {
            "term": where + _of(effect.group),
            "quantity": "cross-lagged" if effect.crossed else "autoregressive",
            "group": effect.group,
            **effect.raw,
            "statistic": effect.raw["estimate"] / effect.raw["std_error"],
            "std_all": effect.standardised["estimate"],
        }


def _covariate_rows(panel: Panel, raw: ByGroup, standardised: ByGroup) -> Iterator[dict[str, Any]]:
    for group in panel.groups:
        for covariate, one, wave, key in covariate_keys(panel, raw[group]):
            found = raw[group][key]
            where = " ".join(filter(None, (one.name, wave)))
            yield {
                "term": f"{covariate} -> {where}" + _of(group),
                "quantity": "covariate",
                "group": group,
                **found,
                "statistic": found["estimate"] / found["std_error"],
                "std_all": standardised[group][key]["estimate"],
            }


def _intercept_rows(panel: Panel, raw: ByGroup, standardised: ByGroup) -> Iterator[dict[str, Any]]:
    for group in panel.groups:
        for one in panel.targets:
            yield {
                "term": f"random intercept: {one.name}" + _of(group),
                "quantity": "intercept variance",
                "group": group,
                **raw[group][stable(one), "~~", stable(one)],
            }
        for one, other in panel.pairs:
            yield {
                "term": f"random intercepts: {one.name} with {other.name}" + _of(group),
                "quantity": "intercept correlation",
                "group": group,
                **standardised[group][stable(one), "~~", stable(other)],
            }


def _notes(panel: Panel, raw: ByGroup) -> Iterator[Note]:
    if not panel.intercepts:
        yield Note(
            "Without random intercepts effects mix differences between persons with changes within "
            "them, and say of neither alone (Hamaker, Kuiper & Grasman, 2015)."
        )
    elif panel.other is not None:
        yield Note(
            "Variances are not bounded, so that the chi-square difference is the right test of "
            "whether there are random intercepts at all."
        )
    for group in panel.groups if panel.intercepts else ():
        yield from _negative(panel, raw, group)
    labels = {}
    for one in panel.series:
        labels[stable(one)] = f"the random intercept of {one.label}"
        for column, wave in zip(one.columns, panel.waves, strict=True):
            labels |= dict.fromkeys((column, part(column, True)), f"{one.label} at {wave}")
    yield from fit_warnings(panel.full.fit, labels)


def _inadmissible(panel: Panel) -> str:
    """Say at once where no population can have the estimates."""
    admissible = panel.full.fit.solution.convergence.admissible
    if admissible:
        return ""
    return (
        "Its solution is inadmissible (see the warnings below): standardised effects and "
        "correlations are not to be interpreted."
    )


def _negative(panel: Panel, raw: ByGroup, group: str) -> Iterator[Note]:
    """Warn of each random intercept whose variance is not above 0."""
    for one in panel.targets:
        found = raw[group][stable(one), "~~", stable(one)]
        if found["estimate"] > 0:
            continue
        enough = found["conf_high"] > 0
        yield Note(
            f"The random intercept of {one.label}{_of(group)} has a negative variance"
            + (
                ", whose interval reaches above 0: the sample shows nothing stable in it beyond "
                "the effects over time."
                if enough
                else " below 0 by more than chance: the model is wrong, for instance since "
                "effects over two waves are missing (second_order)."
            ),
            "warning",
            KEY,
        )
