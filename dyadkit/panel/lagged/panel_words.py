"""What a cross-lagged panel says in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.errors import listed
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY
from dyadkit.panel.lagged.competing import Competing
from dyadkit.panel.lagged.fitted import Effect, Panel
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.shown import fit_sentence


def panel_sentences(
    panel: Panel, effects: Sequence[Effect], inadmissible: str = ""
) -> Iterator[Sentence]:
    """Say how the models fit, and what effects two series have on each other.

    Parameters
    ----------
    panel : Panel
    effects : sequence of Effect
    inadmissible : str
        What no population can have in the model with all effects, as a sentence.
    """
    full = panel.full
    yield from fit_sentence("The model with all effects", full.fit, full.measure)
    if inadmissible:
        yield Sentence(f"{inadmissible}{{nothing}}", {"nothing": Cell("", KEY)})
    yield from _simplest(panel)
    yield from _same_in_groups(panel)
    if panel.other is not None and not isnan(panel.other.difference):
        worse = panel.other.p_value < 1 - panel.confidence
        how = {True: "worse", False: "no worse"}[worse]
        text = "Without random intercepts it fitted {how}"
        if not panel.intercepts:
            how = "better" if worse else "no better"
            text = "With random intercepts it fitted {how}"
        yield Sentence(
            f"{text}, Δχ²({{df}}) = {{difference}}, {{p}}.",
            {"how": Cell(how, KEY)} | _tested(panel.other),
        )
    order = {one.name: place for place, one in enumerate(panel.series)}
    crossed = {
        (effect.source.name, effect.target.name, effect.group)
        + (() if panel.equal else (effect.before, effect.now)): effect
        for effect in effects
        if effect.crossed
    }
    # The effects of the first variable come first: they are what most studies are about.
    told = sorted(
        crossed.values(), key=lambda each: (order[each.source.name], order[each.target.name])
    )
    if len(panel.series) > 2:
        told = [effect for effect in told if not effect.unclear]
        yield Sentence(
            "Of {all} cross-lagged effects, {clear} had an interval without zero.",
            {"all": Cell(len(crossed), KEY, "count"), "clear": Cell(len(told), KEY, "count")},
        )
    yield from (_sentence(panel, effect) for effect in told)


def _tested(each: Compared[Competing]) -> dict[str, Cell]:
    return {
        "df": Cell(each.df, KEY, "df"),
        "difference": Cell(each.difference, KEY, "statistic"),
        "p": Cell(each.p_value, KEY, "p_relation"),
    }


def _simplest(panel: Panel) -> Iterator[Sentence]:
    """Say which model without some of the effects fits as all of them do."""
    fewer = [
        each
        for each in panel.models[:-1]
        if each.model.cross != panel.full.model.cross and not isnan(each.p_value)
    ]
    if not fewer:
        return
    kept = [each for each in fewer if each.p_value >= 1 - panel.confidence]
    if not kept:
        none = {"none": Cell("Each", KEY)}
        yield Sentence("{none} model with fewer cross-lagged effects fitted worse.", none)
        return
    # Of several with as few effects the one that fits best.
    best = min(kept, key=lambda each: (len(each.model.cross), each.difference))
    yield Sentence(
        "The simplest model that fitted no worse was '{name}' ({words}), Δχ²({df}) = {difference}, "
        "{p}.",
        {"name": Cell(best.model.name, KEY), "words": Cell(best.model.words, KEY)} | _tested(best),
    )


def _same_in_groups(panel: Panel) -> Iterator[Sentence]:
    for each in panel.models:
        if each.model.same_groups and not isnan(each.difference):
            differ = each.p_value < 1 - panel.confidence
            how = "Effects differed" if differ else "No difference of effects was shown"
            yield Sentence(
                "{how} between groups, Δχ²({df}) = {difference}, {p}.",
                {"how": Cell(how, KEY)} | _tested(each),
            )


def _sentence(panel: Panel, effect: Effect) -> Sentence:
    higher = "higher" if effect.raw["estimate"] > 0 else "lower"
    source, target = effect.source.label, effect.target.label
    if panel.equal:
        when, later = "in one wave", "in the next"
    else:
        when, later = f"at {effect.before}", f"at {effect.now}"
    one_role = effect.source.role == effect.target.role != ""
    within = "persons" if one_role else "dyads"
    given = f"earlier {target}" if panel.equal else f"{target} {when}"
    if effect.unclear:
        text = f"No effect of {source} {when} on {target} {later} was shown"
        text += f" within {within}" * panel.intercepts
    elif panel.intercepts:
        text = (
            f"Within {within}, when {source} was above its own level {when}, {target} was "
            f"{higher} than otherwise {later}"
        )
    else:
        text = f"Higher {source} {when} went with {higher} {target} {later}, given {given}"
    beta = "" if panel.equal else ", β = {beta}"
    whose = f"{effect.group}: " if effect.group else ""
    return Sentence(
        f"{whose}{text} (b = {{b}}, {{interval}}, {{p}}{beta}).",
        {
            "b": Cell(effect.raw["estimate"], KEY, "statistic"),
            "interval": Cell((effect.raw["conf_low"], effect.raw["conf_high"]), KEY, "interval"),
            "p": Cell(effect.raw["p_value"], KEY, "p_relation"),
            "beta": Cell(effect.standardised["estimate"], KEY, "correlation"),
        },
    )


def panel_methods(panel: Panel, hidden: frozenset[str]) -> Iterator[str]:
    """Say which models were fitted, and how, without numbers where these are `hidden`."""
    what = (
        "Cross-lagged panel models with random intercepts (Hamaker, Kuiper, & Grasman, 2015)"
        if panel.intercepts
        else "Cross-lagged panel models"
    )
    equal = ", with effects that are equal between waves" if panel.equal else ""
    yield (
        f"{what} were fitted by maximum likelihood{equal}; {INCOMPLETE}. "
        "Competing models are compared with the one that has all effects by "
        "chi-square differences."
    )
    if panel.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )
    if len(panel.groups) > 1:
        yield f"All effects, means and variances are free in each group ({listed(panel.groups)})."
    if panel.exchangeable:
        yield (
            "Members share one role: parameters are equal that exchanging them cannot change, and "
            "χ², CFI, TLI and RMSEA are corrected for the arbitrary order of members (I-SAT and "
            "I-NULL; Olsen & Kenny, 2006); SRMR is not."
        )
    if panel.covariates.columns:
        onto = (
            "the random intercepts"
            if panel.covariates.on_intercepts
            else "the scores of every wave"
            if panel.intercepts
            else "every wave after the first, beside the wave before"
        )
        yield f"Covariates predict {onto}."
