"""What a report shows of a common fate model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan
from typing import Any

from dyadkit.display.figures import Figure
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.panel.compared import Compared, compared_rows, compared_table
from dyadkit.panel.estimates import KEY, Estimate, Key, indexed
from dyadkit.panel.lagged.fitted import Effect, Panel, effects_of
from dyadkit.panel.lagged.panel_figures import effects_plot, path_diagram
from dyadkit.panel.lagged.panel_tables import correlations_table, paths_table
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.rivals import Rival
from dyadkit.panel.rivals_told import difference_sentence
from dyadkit.panel.series import Series
from dyadkit.panel.shown import Shown, column_labels, fit_sentence, fit_warnings
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.common_fate_figures import fate_diagram
from dyadkit.panel.together.common_fate_models import Fate, latent, share, variance
from dyadkit.panel.together.common_fate_tables import effect_table, shares_plot, variances_table
from dyadkit.panel.together.shared_variance import SharedVariance
from dyadkit.results import Note


@dataclass(frozen=True)
class CommonFate:
    """All that was fitted.

    Attributes
    ----------
    variables : tuple of Both
    waves : tuple of str
        What a reader calls them.
    fate : Fate
        Of the model with all effects.
    models : tuple of Compared
        That with all effects last.
    confidence : float
    estimator : str
    of_latent : bool
        Whether what members share is in latent variables, not in their answers.
    """

    variables: tuple[Both, ...]
    waves: tuple[str, ...]
    fate: Fate
    models: tuple[Compared[Rival], ...]
    confidence: float
    estimator: str
    of_latent: bool

    @property
    def said(self) -> str:
        """What of the members indicates the dyad's variables, as a sentence has it."""
        return "latent variables" if self.of_latent else "answers"

    @property
    def full(self) -> Compared[Rival]:
        """The model with all effects."""
        return self.models[-1]

    @property
    def at_once(self) -> bool:
        """Whether there is one wave."""
        return len(self.waves) == 1

    @cached_property
    def estimates(self) -> tuple[dict[Key, Estimate], dict[Key, Estimate]]:
        """Raw and standardised estimates of the model with all effects."""
        return indexed(self.full.fit)

    @cached_property
    def panel(self) -> Panel:
        """The dyad's variables as series of a cross-lagged panel."""
        series = tuple(
            Series(
                one.name,
                one.name,
                one.label,
                "",
                tuple(latent(one, wave) for wave in range(len(self.waves))),
                one.label,
            )
            for one in self.variables
        )
        kind = "common_fate"
        given = self.confidence, self.estimator
        return Panel(series, self.waves, kind, self.fate.equal, (), None, *given)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """The effects of the dyad's variables on one another."""
        raw, standardised = self.estimates
        if not self.at_once:
            return tuple(effects_of(self.panel, raw, standardised))
        x, y = self.panel.series
        key = (y.columns[0], "~", x.columns[0])
        return (Effect(x, y, self.waves[0], self.waves[0], raw[key], standardised[key]),)

    @cached_property
    def shared(self) -> tuple[SharedVariance, ...]:
        """The variances of the dyad's variables, by variable and wave."""
        raw, _ = self.estimates
        defined = {lhs: found for (lhs, op, _), found in raw.items() if op == ":="}
        return tuple(
            SharedVariance(one, self.waves[wave], *self._shared(one, wave, raw, defined))
            for one in self.variables
            for wave in range(len(self.waves))
        )

    @property
    def negative(self) -> tuple[SharedVariance, ...]:
        """The variances below zero; where there are any, effects are not to be interpreted."""
        return tuple(shared for shared in self.shared if shared.negative)

    def _shared(
        self, one: Both, wave: int, raw: Mapping[Key, Estimate], defined: Mapping[str, Estimate]
    ) -> tuple[Estimate, tuple[Estimate, ...]]:
        name = latent(one, wave)
        whole = defined.get(variance(one, wave), raw[name, "~~", name])
        alike = self.fate.exchangeable
        names = (share(one, wave, m, exchangeable=alike) for m in (0, 1)[: 1 if alike else 2])
        return whole, tuple(defined[name] for name in names)


def show_common_fate(model: CommonFate, hidden: frozenset[str]) -> Shown:
    """Lay out a common fate model, of which the keys `hidden` may not be shown."""
    shown = Shown()
    _, standardised = model.estimates
    percent = f"{100 * model.confidence:g} % CI"
    shown.rows = list(_rows(model))
    shown.tables = [
        compared_table(
            model.models,
            title="Common fate models",
            against=f"Against '{model.full.model.name}'",
            estimator=model.estimator,
        )
    ]
    if model.at_once:
        shown.tables.append(effect_table(model.effects[0], percent))
    else:
        shown.tables.append(paths_table(model.panel, list(model.effects)))
        if len(model.variables) > 1:
            shown.tables.append(correlations_table(model.panel, {"": standardised}))
    shown.tables.append(variances_table(model.shared, percent, model.said))
    shown.figures = list(_figures(model, hidden))
    shown.figures.append(shares_plot(model.shared, percent, model.said))
    shown.sentences = list(_sentences(model))
    shown.methods = list(_methods(model))
    shown.notes = list(_notes(model))
    return shown


def _figures(model: CommonFate, hidden: frozenset[str]) -> Iterator[Figure]:
    """Yield diagrams; none where some standardised value does not exist, unless it is hidden."""
    _, standardised = model.estimates
    effects = list(model.effects)
    if model.at_once:
        alike = model.fate.exchangeable
        yield from fate_diagram(
            model.variables,
            effects[0],
            standardised,
            hidden,
            exchangeable=alike,
            of_latent=model.of_latent,
        )
        return
    missing = any(isnan(effect.standardised["estimate"]) for effect in effects)
    if missing and KEY not in hidden:
        return
    diagram = path_diagram(model.panel, effects, standardised, hidden)
    yield replace(diagram, title="Effects over time of the dyad's variables")
    if len(model.variables) > 1:
        yield effects_plot(model.panel, effects)


def _rows(model: CommonFate) -> Iterator[dict[str, Any]]:
    yield from compared_rows(model.models)
    for effect in model.effects:
        kind = "cross-lagged" if effect.crossed else "autoregressive"
        ends = (effect.source.name, effect.before), (effect.target.name, effect.now)
        yield {
            "term": " -> ".join(" ".join(part for part in end if part) for end in ends),
            "quantity": "effect" if model.at_once else kind,
            **effect.raw,
            "statistic": effect.raw["estimate"] / effect.raw["std_error"],
            "std_all": effect.standardised["estimate"],
        }
    for shared in model.shared:
        where = " ".join(part for part in (shared.variable.name, shared.wave) if part)
        yield {"term": f"dyad: {where}", "quantity": "dyad variance", **shared.whole}
        for whose, found in shared.by_member():
            yield {
                "term": f"share of the dyad: {where}{whose and f', {whose}'}",
                "quantity": "dyad share",
                **found,
            }
    if model.at_once or len(model.variables) < 2:
        return
    _, standardised = model.estimates
    for wave, told in enumerate(model.waves):
        key = (latent(model.variables[0], wave), "~~", latent(model.variables[1], wave))
        x, y = (one.name for one in model.variables)
        yield {
            "term": f"{x} with {y} {told}",
            "quantity": "correlation",
            **standardised[key],
        }


def _sentences(model: CommonFate) -> Iterator[Sentence]:
    which = "The common fate model" if model.at_once else "The model with all effects"
    yield from fit_sentence(which, model.full.fit, model.full.measure)
    for shared in model.negative:
        yield Sentence(
            f"What the members said of {shared.named} has a negative covariance, so that the "
            "dyad's variance is negative ({variance}, {interval}): effects of the dyad are not to "
            "be interpreted.",
            {
                "variance": Cell(shared.whole["estimate"], KEY, "statistic"),
                "interval": Cell(shared.interval, KEY, "interval"),
            },
        )
    if model.negative:
        return
    seen = set()
    for effect in model.effects:
        if not (effect.crossed or len(model.variables) == 1):
            continue
        pair = effect.source.name, effect.target.name
        if not (model.fate.equal and pair in seen):
            yield _effect_sentence(model, effect)
        seen.add(pair)
    smallest = model.models[0]
    if len(model.models) > 1:
        without = {
            "No effect": "Without the effect",
            "No stability": "Without effects",
        }
        name = smallest.model.name
        text = f"{without.get(name, 'Without cross-lagged effects')}, the model fitted {{how}}"
        yield from difference_sentence(text, smallest)


def _effect_sentence(model: CommonFate, effect: Effect) -> Sentence:
    higher = "higher" if effect.raw["estimate"] > 0 else "lower"
    source, target = effect.source.label, effect.target.label
    when, later = (f" at {effect.before}", f" at {effect.now}")
    if model.at_once:
        when = later = ""
    elif model.fate.equal:
        when, later = " in one wave", " in the next"
    before = f"earlier {target}" if model.fate.equal else f"{target}{when}"
    given = f", given {before}" if effect.crossed and not model.at_once else ""
    if effect.unclear:
        what = "relation" if model.at_once else "effect"
        text = f"No {what} of the dyad's {source}{when} with its {target}{later} was shown"
    else:
        text = f"Dyads higher in shared {source}{when} were {higher} in {target}{later}{given}"
    beta = effect.standardised["estimate"]
    # Equal effects are not equal when they are standardised.
    told = "" if isnan(beta) or model.fate.equal else ", β = {beta}"
    return Sentence(
        f"{text} (b = {{b}}, {{interval}}, {{p}}{told}).",
        {
            "b": Cell(effect.raw["estimate"], KEY, "statistic"),
            "interval": Cell((effect.raw["conf_low"], effect.raw["conf_high"]), KEY, "interval"),
            "p": Cell(effect.raw["p_value"], KEY, "p_relation"),
            "beta": Cell(beta, KEY, "correlation"),
        },
    )


def _methods(model: CommonFate) -> Iterator[str]:
    yield (
        "Common fate models (Kenny & La Voie, 1985; Ledermann & Kenny, 2012) were fitted by "
        f"maximum likelihood; {INCOMPLETE}. Both members' {model.said} "
        f"{'of' if model.of_latent else 'to'} a variable indicate one variable of the dyad, with "
        "loadings of 1."
    )
    within = "one member's residuals of both variables covary" + " within a wave" * (
        not model.at_once
    )
    across = "one member's residuals of one variable covary between all waves"
    kept = [within] * (len(model.variables) > 1) + [across] * (not model.at_once)
    told = " and ".join(kept)
    yield f"{told[:1].upper()}{told[1:]}; no other residuals do."
    if model.fate.equal and not model.at_once:
        yield "Unstandardised effects are equal between waves."
    if model.fate.exchangeable:
        yield (
            "Members share one role: means, variances and covariances that exchanging them cannot "
            "change are equal, and fit is corrected by the saturated and the null model of "
            "exchangeable members (Olsen & Kenny, 2006)."
        )
    if model.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def _notes(model: CommonFate) -> Iterator[Note]:
    instead = 'type = "apim"' if model.at_once else 'kind = "clpm"'
    for shared in model.shared:
        if shared.negative:
            yield Note(
                f"The dyad's variance of {shared.named} is negative: members' {model.said} "
                "covary negatively, as where one has what the other lacks, and not as where both "
                "tell of one thing. It is shown as it was estimated; standardised values that rest "
                f"on it do not exist. A model of two persons ({instead}) takes such {model.said}.",
                "warning",
                KEY,
            )
        elif not shared.whole["conf_low"] > 0:
            yield Note(
                f"The interval of the dyad's variance of {shared.named} has zero in it: whether "
                "members share anything was not shown, and effects of the dyad are poorly "
                "determined.",
                "warning",
                KEY,
            )
    if model.negative and len(model.waves) > 2:
        yield Note(
            "What effects come to over several waves is left out, since effects of the dyad are "
            "not to be interpreted.",
            "info",
            KEY,
        )
    if model.at_once:
        x, y = (one.label for one in model.variables)
        yield Note(
            f"{x} and {y} were measured at the same time: the direction of the effect is assumed, "
            "not tested."
        )
        if model.fate.exchangeable:
            yield Note(
                "Of exchangeable members the common fate model of one wave fits as the saturated "
                "one does: its fit says nothing for or against it."
            )
    else:
        yield Note(
            "Effects mix lasting differences between dyads with changes within them: there are no "
            "random intercepts."
        )
    yield Note(
        "The dyad's variables have mean 0, and each "
        + ("latent variable of a member" if model.of_latent else "answer")
        + " has its own mean"
        + (", the same for both members." if model.fate.exchangeable else ".")
    )
    labels = {
        column: " at ".join(part for part in (f"what members share of {one.label}", wave) if part)
        for one in model.panel.series
        for column, wave in zip(one.columns, model.panel.waves, strict=True)
    }
    members = [one for both in model.variables for one in both.members]
    labels |= column_labels(members, model.waves)
    yield from fit_warnings(model.full.fit, labels)
