"""What a report shows of a growth model."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Any

from dyadkit.panel.compared import compared_rows
from dyadkit.panel.estimates import KEY
from dyadkit.panel.growth.growth_estimates import Found, Growth
from dyadkit.panel.growth.growth_figures import path_diagrams
from dyadkit.panel.growth.growth_syntax import factor_name
from dyadkit.panel.growth.growth_tables import tables_of
from dyadkit.panel.growth.growth_words import sentences_of
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.shown import Shown, column_labels, fit_warnings
from dyadkit.panel.trajectories import trajectory_plot
from dyadkit.results import Note

# A standard error that three decimals leave nothing of.
_TOO_SMALL = 0.0005


def show_growth(growth: Growth, hidden: frozenset[str]) -> Shown:
    """Lay out a growth model; diagrams say nothing of what is `hidden`."""
    request = growth.inputs.request
    return Shown(
        rows=[*compared_rows(growth.models), *_estimate_rows(growth), *_wave_rows(growth)],
        tables=list(tables_of(growth)),
        figures=[
            trajectory_plot(request, growth.trajectories),
            *path_diagrams(growth, hidden),
        ],
        sentences=list(sentences_of(growth)),
        methods=list(_methods(growth)),
        notes=list(_notes(growth)),
    )


def _estimate_rows(growth: Growth) -> Iterator[dict[str, Any]]:
    for one in growth.found:
        row = one.row()
        yield row
        if one.quantity == "growth covariance":
            standard = one.standardised
            yield {
                **row,
                "quantity": "growth correlation",
                **standard,
                "statistic": standard["estimate"] / (standard["std_error"] or nan),
            }


def _wave_rows(growth: Growth) -> Iterator[dict[str, Any]]:
    for each in growth.trajectories:
        group = f" ({each.group})" if each.group else ""
        for wave, column in enumerate(each.series.columns):
            score = growth.inputs.score(column)
            yield {
                "term": f"observed mean of {score}{group}",
                "quantity": "observed mean",
                "group": each.group,
                "estimate": float(each.observed[wave]),
                "conf_low": float(each.observed_low[wave]),
                "conf_high": float(each.observed_high[wave]),
            }
            yield {
                "term": f"implied mean of {score}{group}",
                "quantity": "implied mean",
                "group": each.group,
                "estimate": float(each.implied[wave]),
                "std_error": float(each.std_error[wave]),
                "conf_low": float(each.implied_low[wave]),
                "conf_high": float(each.implied_high[wave]),
            }
            yield {
                "term": f"explained share of {score}{group}",
                "quantity": "r squared",
                "group": each.group,
                "estimate": growth.explained[each.group, column],
            }


def _methods(growth: Growth) -> Iterator[str]:
    inputs = growth.inputs
    shape = {
        "linear": "linear change",
        "quadratic": "quadratic change",
        "piecewise": f"linear change that turns at {inputs.request.wave_labels[inputs.turn]}",
        "latent_basis": "change of free shape, a latent basis (Meredith & Tisak, 1990),",
    }[inputs.request.shape]
    what = {1: "of one series", 2: "of two series together"}.get(
        len(inputs.series), f"of {len(inputs.series)} series together"
    )
    yield (
        f"Latent growth curve models (Bollen & Curran, 2006) {what} with {shape} were fitted by "
        f"maximum likelihood; {INCOMPLETE}. Growth factors covary freely, "
        "residual variances differ by wave"
        + (", and residuals of one wave covary." if len(inputs.series) > 1 else ".")
        + " Competing models are compared with this one by chi-square differences."
    )
    if inputs.predictors or inputs.covariates:
        yield (
            "Covariates and predictors are part of the model, so that dyads in which some are "
            "missing count."
        )
    if inputs.predictors:
        yield (
            "Predictors have the same effect in every wave, and are related to growth factors, so "
            "that their effects are not mixed up with lasting differences between persons."
        )
    if inputs.request.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def _notes(growth: Growth) -> Iterator[Note]:
    inputs = growth.inputs
    if inputs.request.times is None:
        yield Note(
            "The study does not say when the waves were. They count 0, 1, 2, … as if they were "
            "equally far apart: say when each wave was (time = …)."
        )
    else:
        *others, last = (f"{time:g}" for time in inputs.times.tolist())
        told = f"{', '.join(others)} and {last}"
        yield Note(
            f"Time counts in {inputs.unit}s since {inputs.request.wave_labels[0]}; waves were at "
            f"{told}."
        )
    free = inputs.request.shape == "latent_basis"
    yield Note(
        "Variances are not bounded, so that chi-square differences are the right tests of whether "
        + ("" if free else "there is change, and whether ")
        + "persons differ in change."
        + " That there is any has no test here, since without change its shape is undefined: "
        'shape = "linear" has one.' * free
    )
    where = " and in both roles" if inputs.both_roles else " and groups" * (len(inputs.groups) > 1)
    if inputs.request.indicators != "items":
        yield Note(
            "Means are compared as they are: that scales measure the same in all waves"
            f'{where} is taken for granted (see type = "invariance").'
        )
    for one in (*growth.get("growth variance"), *growth.get("residual variance")):
        if one.raw["estimate"] <= 0:
            yield Note(_negative(one), "warning", KEY)
    if inputs.left_out:
        yield Note(
            f"{inputs.left_out} dyads have no answer to '{inputs.request.by}'; they are in no "
            "group, and left out.",
            "warning",
            KEY,
        )
    found = (*growth.get("growth mean"), *growth.get("growth variance"))
    if any(one.raw["std_error"] < _TOO_SMALL for one in found):
        yield Note(
            f"Change per {inputs.unit} is of small numbers, which three decimals do not tell. Give "
            "scores a smaller unit, or waves' times a larger one.",
            key=KEY,
        )
    if growth.chosen.fit.summary["df"] == 0:
        yield Note(
            f"With {len(inputs.times)} waves growth of this shape fits any data, so that its fit "
            "is no evidence for it."
        )
    yield from _shares_of_nothing(growth)
    labels = column_labels((*inputs.series, *inputs.predictors), inputs.request.wave_labels)
    labels |= {
        factor_name(factor, one): f"'{factor.label}' of {one.label}"
        for one in inputs.series
        for factor in inputs.factors
    }
    yield from fit_warnings(growth.chosen.fit, labels)


def _shares_of_nothing(growth: Growth) -> Iterator[Note]:
    """Warn of free loadings of a change that was not shown."""
    if growth.inputs.request.shape != "latent_basis":
        return
    pairs = zip(growth.get("growth mean"), growth.get("growth variance"), strict=True)
    for mean, variance in list(pairs)[1::2]:
        on_average = mean.raw["conf_low"] > 0 or mean.raw["conf_high"] < 0
        if not on_average and not variance.raw["conf_low"] > 0:
            whose = mean.labels[0] + (f" ({mean.group.label})" if mean.group.label else "")
            yield Note(
                f"No change of {whose} was shown, on average or of persons, so that the shares of "
                'it that waves reach say nothing. Take shape = "linear".',
                "warning",
                KEY,
            )


def _negative(one: Found) -> str:
    whose, what = one.labels
    growth = one.quantity == "growth variance"
    told = (
        f"The variance of '{what}' of {whose}"
        if growth
        else f"The residual variance of {whose} at {what}"
    )
    where = f" ({one.group.label})" if one.group.label else ""
    if one.raw["conf_high"] > 0:
        return f"{told}{where} is negative, with an interval that reaches above 0" + (
            ": that persons differ in it was not found, and its correlations mean nothing."
            if growth
            else ": chance may have made it so; what else the model says of the wave is shaky."
        )
    return (
        f"{told}{where} is negative, by more than chance: the model is wrong, for instance in the "
        "shape of change."
    )
