"""What a report shows of latent change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.panel.change.change_figures import (
    change_diagram,
    couplings_plot,
    mean_changes_plot,
)
from dyadkit.panel.change.change_found import Change, Effect, unclear
from dyadkit.panel.change.change_notes import methods_of_change, notes_of_change
from dyadkit.panel.change.change_tables import changes_table, effects_table, related_table
from dyadkit.panel.change.couplings import contrasts
from dyadkit.panel.compared import compared_rows, compared_table
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.series import Series
from dyadkit.panel.shown import Shown, fit_sentence


def show_change(change: Change, hidden: frozenset[str]) -> Shown:
    """Lay out models of change, of which the keys `hidden` may not be shown."""
    effects = list(change.effects())
    shown = Shown()
    shown.rows = [*compared_rows(change.models), *_change_rows(change), *_effect_rows(effects)]
    shown.rows += [
        {"term": name, "quantity": "correlation", **found} for name, _, found in change.related()
    ]
    models = compared_table(
        change.models,
        title=f"Models of change{change.whose}",
        against=f"Against {change.full.model.name.lower()}",
        estimator=change.request.estimator,
    )
    shown.tables = [models, changes_table(change), effects_table(change, effects)]
    shown.tables += related_table(change)
    shown.figures = [change_diagram(change, effects, hidden)]
    if len(change.series) > 1:
        shown.figures += [couplings_plot(change, effects), mean_changes_plot(change)]
    shown.sentences = list(_sentences(change, effects))
    shown.methods = list(methods_of_change(change))
    shown.notes = list(notes_of_change(change))
    return shown


def _change_rows(change: Change) -> Iterator[dict[str, Any]]:
    for one in change.series:
        yield _row(f"mean at {change.waves[0]}: {one.name}", "mean", change.start(one))
        yield _row(f"mean change: {one.name}", "mean change", change.labelled[f"mean_{one.name}"])
        found = change.labelled[f"d_{one.name}"]
        yield _row(f"mean change in SD: {one.name}", "effect size", found)
        if change.dual:
            found = change.labelled[f"level_{one.name}"]
            yield _row(f"constant change: {one.name}", "mean", found)
        for what, found in change.variances(one).items():
            yield _row(f"{what}: {one.name}", "variance", found)
    for one, other, name in contrasts(change.series):
        term = f"mean change: {one.name} less {other.name}"
        yield _row(term, "difference", change.labelled[name])


def _effect_rows(effects: list[Effect]) -> Iterator[dict[str, Any]]:
    for effect in effects:
        yield {
            **_row(f"{effect.name} -> change of {effect.target.name}", effect.kind, effect.raw),
            "std_all": effect.standardised["estimate"],
        }


def _row(term: str, quantity: str, found: Estimate) -> dict[str, Any]:
    statistic = found["estimate"] / found["std_error"]
    return {"term": term, "quantity": quantity, **found, "statistic": statistic}


def _sentences(change: Change, effects: list[Effect]) -> Iterator[Sentence]:
    yield from fit_sentence("The model with all effects", change.full.fit)
    for one in change.series:
        yield _mean_sentence(change, one)
    for one, other, name in contrasts(change.series):
        found = change.labelled[name]
        how = "No difference" if unclear(found) else "A difference"
        text = f"{how} of the mean changes of {one.label} and {other.label} was shown"
        yield _told(text, found, name="difference")
    if len(change.series) < 3:
        yield from (_effect_sentence(change, effect) for effect in effects)


def _mean_sentence(change: Change, one: Series) -> Sentence:
    found = change.labelled[f"mean_{one.name}"]
    span = f"from {change.waves[0]} to {change.waves[-1]}"
    if unclear(found):
        text = f"No mean change of {one.label} {span} was shown"
    else:
        text = f"On average, {one.label} {'rose' if found['estimate'] > 0 else 'fell'} {span}"
    size = Cell(change.labelled[f"d_{one.name}"]["estimate"], KEY, "statistic")
    return _told(text, found, ", d = {size}", name="M", size=size)


def _effect_sentence(change: Change, effect: Effect) -> Sentence:
    target = effect.target.label
    when, until = f"at {change.waves[0]}", f"to {change.waves[-1]}"
    if change.dual:
        when, until = "at one step", "to the next"
    source = effect.label if effect.kind == "covariate" else f"{effect.label} {when}"
    if effect.unclear:
        text = f"No effect of {source} on the change of {target} {until} was shown"
    else:
        how = "positive" if effect.raw["estimate"] > 0 else "negative"
        text = f"Higher {source} went with a more {how} change of {target} {until}"
        if effect.kind != "feedback":
            text += ", given what else it depends on"
    return _told(text, effect.raw)


def _told(
    text: str, found: Estimate, more: str = "", *, name: str = "b", **cells: Cell
) -> Sentence:
    return Sentence(
        f"{text} ({name} = {{b}}, {{interval}}, {{p}}{more}).",
        {
            "b": Cell(found["estimate"], KEY, "statistic"),
            "interval": Cell((found["conf_low"], found["conf_high"]), KEY, "interval"),
            "p": Cell(found["p_value"], KEY, "p_relation"),
            **cells,
        },
    )
