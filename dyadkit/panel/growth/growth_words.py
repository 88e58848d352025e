"""What a growth model says in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import isnan

from dyadkit.display.formats import Format
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.growth.growth_estimates import Found, Growth
from dyadkit.panel.growth.growth_inputs import Group
from dyadkit.panel.growth.growth_models import Competing
from dyadkit.panel.growth.growth_shapes import Factor
from dyadkit.panel.series import Series
from dyadkit.panel.shown import fit_sentence


def sentences_of(growth: Growth) -> Iterator[Sentence]:
    """Yield all sentences."""
    yield from fit_sentence("The growth model", growth.chosen.fit)
    for each in growth.models:
        yield from _of_model(growth, each)
    for group in growth.inputs.groups:
        where = f"{group.label}: " if group.label else ""
        for series in growth.inputs.series:
            yield from _of_series(growth, group, series, where)
        yield from _between_series(growth, group, where)
        yield from _of_effects(growth, group, where)


_MODELS = {
    "Same change for all": "all changed alike",
    "Equal levels in both roles": "both roles began at the same average level",
    "Equal change in both roles": "both roles changed alike on average",
    "Equal means in groups": "groups had the same average level and change",
}


def _of_model(growth: Growth, each: Compared[Competing]) -> Iterator[Sentence]:
    if each.model.name not in _MODELS or isnan(each.difference):
        return
    worse = each.p_value < 1 - growth.inputs.request.confidence
    yield Sentence(
        f"A model in which {_MODELS[each.model.name]} fitted {'worse' if worse else 'no worse'}, "
        "Δχ²({df}) = {difference}, {p}.",
        {
            "df": Cell(each.df, KEY, "df"),
            "difference": Cell(each.difference, KEY, "statistic"),
            "p": Cell(each.p_value, KEY, "p_relation"),
        },
    )


def _unclear(found: Estimate) -> bool:
    return not (found["conf_low"] > 0 or found["conf_high"] < 0)


def _sentence(
    text: str, symbol: str, found: Estimate, style: Format = "statistic_3", unit: str = ""
) -> Sentence:
    """End a sentence with an estimate, its interval and p."""
    interval: Format = "correlation_interval" if style == "correlation" else "statistic_3_interval"
    return Sentence(
        f"{text} ({symbol} = {{estimate}}{unit}, {{interval}}, {{p}}).",
        {
            "estimate": Cell(found["estimate"], KEY, style),
            "interval": Cell((found["conf_low"], found["conf_high"]), KEY, interval),
            "p": Cell(found["p_value"], KEY, "p_relation"),
        },
    )


def _when(growth: Growth, factor: Factor) -> str:
    """Say when a change was."""
    shape, waves = growth.inputs.request.shape, growth.inputs.request.wave_labels
    turn = waves[growth.inputs.turn]
    return {
        "change": f"at {waves[0]}" if shape == "quadratic" else f"from {waves[0]} to {waves[-1]}",
        "change before": f"until {turn}",
        "change after": f"after {turn}",
        "curvature": "over time",
    }[factor.term]


def _of_series(growth: Growth, group: Group, series: Series, where: str) -> Iterator[Sentence]:
    means = {one.term: one.raw for one in growth.get("growth mean", group)}
    variances = {one.term: one.raw for one in growth.get("growth variance", group)}
    changes = growth.inputs.factors[1:]
    for factor in changes:
        term = f"{factor.term}: {series.name}"
        yield _average(growth, factor, series, means[f"mean of {term}"], where)
        yield from _spread(growth, factor, series, variances[f"variance of {term}"], where)
    for factor in changes:
        if factor.term != "curvature":
            yield from _level_and_change(growth, group, factor, series, where)


def _average(
    growth: Growth, factor: Factor, series: Series, mean: Estimate, where: str
) -> Sentence:
    unclear, up, time = _unclear(mean), mean["estimate"] > 0, _when(growth, factor)
    unit = "" if factor.free else f" per {growth.inputs.unit}"
    if factor.term == "curvature":
        unit = f"{unit}²"
        text = (
            f"That the change of {series.label} itself changes {time} was not shown"
            if unclear
            else f"On average, the change of {series.label} became "
            f"{'more' if up else 'less'} positive {time}"
        )
    elif unclear:
        text = f"No change of {series.label} {time} was shown on average"
    else:
        text = f"On average, {series.label} {'rose' if up else 'fell'} {time}"
    return _sentence(where + text, "b", mean, unit=unit)


def _spread(
    growth: Growth, factor: Factor, series: Series, variance: Estimate, where: str
) -> Iterator[Sentence]:
    """Say whether persons differ in their change; nothing where the model is wrong about it."""
    who = "Persons" if series.role else "Dyads"
    what = "curvature" if factor.term == "curvature" else f"change {_when(growth, factor)}"
    if variance["conf_low"] > 0:
        text = f"{who} differed in their {what} of {series.label}"
        yield _sentence(where + text, "s²", variance)
    elif variance["conf_high"] > 0:
        text = f"That {who.lower()} differ in their {what} of {series.label} was not shown"
        yield _sentence(where + text, "s²", variance)


def _level_and_change(
    growth: Growth, group: Group, factor: Factor, series: Series, where: str
) -> Iterator[Sentence]:
    ends = (f"{one.term}: {series.name}" for one in (growth.inputs.factors[0], factor))
    found = _covariance(growth, group, *ends).standardised
    if isnan(found["std_error"]):
        return
    change, first = f"change {_when(growth, factor)}", growth.inputs.request.wave_labels[0]
    if _unclear(found):
        text = f"No relation of the level of {series.label} with its {change} was shown"
    else:
        more = "more" if found["estimate"] > 0 else "less"
        text = f"The higher {series.label} was at {first}, the {more} positive its {change}"
    yield _sentence(where + text, "r", found, "correlation")


def _covariance(growth: Growth, group: Group, left: str, right: str) -> Found:
    found = {one.term: one for one in growth.get("growth covariance", group)}
    return found[f"{left} with {right}"]


def _between_series(growth: Growth, group: Group, where: str) -> Iterator[Sentence]:
    """Say whether series change together."""
    for one, other in combinations(growth.inputs.series, 2):
        for factor in growth.inputs.factors[1:]:
            terms = (f"{factor.term}: {each.name}" for each in (one, other))
            found = _covariance(growth, group, *terms)
            if isnan(found.standardised["std_error"]):
                continue
            what = {"change before": "earlier change", "change after": "later change"}.get(
                factor.term, factor.term
            )
            if _unclear(found.standardised):
                text = f"No relation of the {what} of {one.label} with that of {other.label} "
                text += "was shown"
            else:
                more = "more" if found.standardised["estimate"] > 0 else "less"
                text = f"The more positive the {what} of {one.label}, the {more} positive that of "
                text += other.label
            yield _sentence(where + text, "r", found.standardised, "correlation")


def _of_effects(growth: Growth, group: Group, where: str) -> Iterator[Sentence]:
    for one in growth.get("covariate effect", group):
        source, target = one.labels
        target = target if len(growth.inputs.series) > 1 else target[0].lower() + target[1:]
        if _unclear(one.raw):
            text = f"No relation of {source} with {target} was shown"
        else:
            more = "greater" if one.raw["estimate"] > 0 else "smaller"
            text = f"Higher {source} went with {more} {target}"
        yield _sentence(where + text, "b", one.raw)
    for one in growth.get("predictor effect", group):
        source, target = one.labels
        if _unclear(one.raw):
            text = f"No effect of {source} on {target} in the same wave was shown"
        else:
            more = "higher" if one.raw["estimate"] > 0 else "lower"
            text = (
                f"In waves in which {source} was higher, {target} was {more} than its level and "
                "change would have it"
            )
        yield _sentence(where + text, "b", one.raw)
