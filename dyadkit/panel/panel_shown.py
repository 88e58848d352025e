"""What a report shows of a cross-lagged panel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from math import isnan
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.models.measured import FIT, measure
from dyadkit.panel.cross_lagged import stable
from dyadkit.panel.fitted import KEY, Effect, Estimate, Key, Panel, effects_of, indexed
from dyadkit.panel.panel_figures import effects_plot, path_diagram
from dyadkit.panel.panel_tables import (
    correlations_table,
    intercepts_table,
    models_table,
    paths_table,
)
from dyadkit.panel.shown import Shown, fit_sentence, fit_warnings
from dyadkit.results import Note


def show_panel(panel: Panel, hidden: frozenset[str]) -> Shown:
    """Lay out a panel; what is `hidden` does not choose what is drawn."""
    raw, standardised = indexed(panel.full.fit)
    effects = list(effects_of(panel, raw, standardised))
    shown = Shown()
    shown.rows = [*_model_rows(panel), *_effect_rows(effects)]
    shown.tables = [models_table(panel), paths_table(panel, effects)]
    shown.tables.append(correlations_table(panel, standardised))
    if panel.intercepts:
        shown.rows += _intercept_rows(panel, raw, standardised)
        shown.tables.append(intercepts_table(panel, raw, standardised))
    shown.figures = [effects_plot(panel, effects)]
    if len(panel.series) > 1:
        shown.figures.insert(0, path_diagram(panel, effects, standardised, hidden))
    shown.sentences = list(_sentences(panel, effects))
    shown.methods = list(_methods(panel))
    shown.notes = list(_notes(panel, raw))
    return shown


def _model_rows(panel: Panel) -> Iterator[dict[str, Any]]:
    for each in (*panel.models, *([panel.other] if panel.other else [])):
        yield {
            "term": f"model: {each.model.name}",
            "quantity": "model",
            "estimate": measure(each.fit, "chisq"),
            "statistic": measure(each.fit, "chisq"),
            **{name: measure(each.fit, name) for name in FIT[1:]},
            "aic": float(each.fit.summary["aic"]),
            "bic": float(each.fit.summary["bic"]),
            "difference": each.difference,
            "df_difference": each.df,
            "p_difference": each.p_value,
            "syntax": each.syntax,
        }


def _effect_rows(effects: list[Effect]) -> Iterator[dict[str, Any]]:
    for effect in effects:
        where = f"{effect.source.name} {effect.before} -> {effect.target.name} {effect.now}"
        yield {
            "term": where,
            "quantity": "cross-lagged" if effect.crossed else "autoregressive",
            **effect.raw,
            "statistic": effect.raw["estimate"] / effect.raw["std_error"],
            "std_all": effect.standardised["estimate"],
        }


def _intercept_rows(
    panel: Panel,
    raw: Mapping[Key, Estimate],
    standardised: Mapping[Key, Estimate],
) -> Iterator[dict[str, Any]]:
    for one in panel.series:
        yield {
            "term": f"random intercept: {one.name}",
            "quantity": "intercept variance",
            **raw[stable(one), "~~", stable(one)],
        }
    for one, other in combinations(panel.series, 2):
        yield {
            "term": f"random intercepts: {one.name} with {other.name}",
            "quantity": "intercept correlation",
            **standardised[stable(one), "~~", stable(other)],
        }


def _sentences(panel: Panel, effects: list[Effect]) -> Iterator[Sentence]:
    yield from fit_sentence("The model with all effects", panel.full.fit)
    if panel.other is not None and panel.intercepts and not isnan(panel.other.difference):
        yield Sentence(
            "Without random intercepts it fitted {how}, Δχ²({df}) = {difference}, {p}.",
            {
                "how": Cell("worse" if panel.other.p_value < 1 - panel.confidence else "as well"),
                "df": Cell(panel.other.df, KEY, "df"),
                "difference": Cell(panel.other.difference, KEY, "statistic"),
                "p": Cell(panel.other.p_value, KEY, "p_relation"),
            },
        )
    if len(panel.series) > 2:
        return
    seen = set()
    for effect in (effect for effect in effects if effect.crossed):
        pair = effect.source.name, effect.target.name
        if panel.equal and pair in seen:
            continue
        seen.add(pair)
        yield _sentence(panel, effect)


def _sentence(panel: Panel, effect: Effect) -> Sentence:
    higher = "higher" if effect.raw["estimate"] > 0 else "lower"
    source, target = effect.source.label, effect.target.label
    if panel.equal:
        when, later = "in one wave", "in the next"
    else:
        when, later = f"at {effect.before}", f"at {effect.now}"
    if effect.unclear:
        text = f"No effect of {source} {when} on {target} {later} was shown"
    elif panel.intercepts:
        within = "persons" if effect.source.role == effect.target.role else "dyads"
        text = (
            f"Within {within}, when {source} was above its own level {when}, {target} was "
            f"{higher} than otherwise {later}"
        )
    else:
        text = f"Higher {source} {when} went with {higher} {target} {later}, given {target} {when}"
    beta = "" if panel.equal else ", β = {beta}"
    return Sentence(
        f"{text} (b = {{b}}, {{interval}}, {{p}}{beta}).",
        {
            "b": Cell(effect.raw["estimate"], KEY, "statistic"),
            "interval": Cell((effect.raw["conf_low"], effect.raw["conf_high"]), KEY, "interval"),
            "p": Cell(effect.raw["p_value"], KEY, "p_relation"),
            "beta": Cell(effect.standardised["estimate"], KEY, "correlation"),
        },
    )


def _methods(panel: Panel) -> Iterator[str]:
    what = (
        "Cross-lagged panel models with random intercepts (Hamaker, Kuiper, & Grasman, 2015)"
        if panel.intercepts
        else "Cross-lagged panel models"
    )
    equal = ", with effects that are equal between waves" if panel.equal else ""
    yield (
        f"{what} were fitted by maximum likelihood{equal}; incomplete rows count by full "
        "information. Competing models are compared with the one that has all effects by "
        "chi-square differences."
    )
    if panel.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def _notes(panel: Panel, raw: Mapping[Key, Estimate]) -> Iterator[Note]:
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
    for one in panel.series if panel.intercepts else ():
        found = raw[stable(one), "~~", stable(one)]
        if found["estimate"] <= 0:
            enough = found["conf_high"] > 0
            yield Note(
                f"The random intercept of {one.label} has a negative variance"
                + (
                    ", whose interval reaches above 0: nothing stable beyond the effects over time "
                    "was found, and a model without random intercepts may do."
                    if enough
                    else " below 0 by more than chance: the model is wrong, for instance since "
                    "effects over two waves are missing (second_order)."
                ),
                "warning",
                KEY,
            )
    yield from fit_warnings(panel.full.fit)
