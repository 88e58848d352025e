"""A model of teams as tables, a figure, sentences and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import format_value
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.one_way import OneWay, one_way_icc
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.numbers import (
    KEY,
    component_cells,
    component_columns,
    known,
    number_cells,
    number_columns,
)
from dyadkit.multilevel.teams_rows import TeamRegressor, TeamRows
from dyadkit.results import Estimates, Note, Support

_FEW = 20


def present_teams(rows: TeamRows, fit: MixedFit, empty: MixedFit) -> PresentedResult:
    """Put everything together."""
    percent = f"{100 * fit.setup.confidence:g} %"
    effects = _effects(rows, fit)
    components = [*_components(fit, "residual", ""), *_components(empty, "empty model", " (empty)")]
    iccs = _iccs(rows)
    outcome = rows.members.labels[0]
    extra = [
        {
            "term": f"ICC(1), {kind}: {name}",
            "effect": "ICC(1)",
            "predictor": name,
            "estimate": value,
            "statistic": found.f,
            "df": found.df1,
            "p_value": found.p_value,
        }
        for name, _, found in iccs
        for kind, value in (("mean size", found.icc_mean), ("n₀", found.icc_n0))
    ]
    every = [*effects, *components, *extra]
    n_teams = fit.setup.n_dyads
    # What is told of a role rests on its members alone.
    n_persons = int(rows.frame["role"].value_counts().min())
    summary = {**fit.summary, "n_persons": n_persons, "n_teams": n_teams}
    shown = [
        row
        for row in effects
        if row["effect"] not in ("intercept", "own + others")
        and not row["effect"].startswith("difference")
    ]
    return PresentedResult(
        type="teams",
        title="Own and others' scores in teams",
        estimates=Estimates(every, [KEY] * len(every)),
        summary=summary,
        table_specs=(
            _effects_table(rows, effects, outcome, percent),
            _dependence_table(components, iccs, percent),
        ),
        figure_specs=(_figure(shown, outcome, percent),) if shown else (),
        sentences=tuple(_sentences(shown, outcome, 1.0 - fit.setup.confidence)),
        methods=(_methods(rows, fit),),
        supports=(Support(KEY, n_teams, n_persons),),
        minimum=rows.members.minimum,
        notes=(*_notes(rows, iccs), *fit.notes),
        convergence=fit.convergence,
    )


def _effects(rows: TeamRows, fit: MixedFit) -> list[dict[str, Any]]:
    weights = np.eye(len(rows.regressors))
    places = {(one.effect, one.predictor, one.role): n for n, one in enumerate(rows.regressors)}
    spread = float(rows.frame["y"].std(ddof=1))
    found = []
    for place, regressor in enumerate(rows.regressors):
        row = _effect(regressor, fit, weights[place])
        if regressor.effect in ("own", "others", "team", "covariate", "size"):
            inside = rows.frame["role"] == regressor.role if regressor.role else slice(None)
            own = float(rows.frame.loc[inside, f"x{place + 1}"].std(ddof=1))
            row["std_estimate"] = row["estimate"] * own / spread
        found.append(row)
        if regressor.effect == "others":
            own_place = places["own", regressor.predictor, regressor.role]
            both = weights[place] + weights[own_place]
            found.append(_effect(replace(regressor, effect="own + others"), fit, both))
    for place, regressor in enumerate(rows.regressors):
        if regressor.role not in rows.roles[1:]:
            continue
        first = places[regressor.effect, regressor.predictor, rows.roles[0]]
        difference = replace(
            regressor,
            effect=f"difference in {regressor.effect}",
            role=f"{regressor.role} − {rows.roles[0]}",
        )
        found.append(_effect(difference, fit, weights[place] - weights[first]))
    return found


def _effect(regressor: TeamRegressor, fit: MixedFit, weights: FloatArray) -> dict[str, Any]:
    return {
        "term": regressor.term,
        "effect": regressor.effect,
        "predictor": regressor.predictor,
        "label": _label(regressor),
        "std_estimate": nan,
    } | fit.combination(weights)


def _label(regressor: TeamRegressor) -> str:
    names = {
        "own": "Own",
        "others": "Others'",
        "own × others": "Own × others'",
        "own + others": "Own + others'",
        "team": "Team's",
        "covariate": "Own (covariate)",
    }
    kind = regressor.effect.removeprefix("difference in ")
    label = f"{names[kind]} {regressor.label}" if kind in names else regressor.label
    if kind != regressor.effect:
        label = f"Difference: {label}"
    return f"{label} ({regressor.role})" if regressor.role else label


def _components(fit: MixedFit, effect: str, suffix: str) -> list[dict[str, Any]]:
    tidy = fit.tidy()
    first = f" ({fit.setup.levels[0]})" if fit.setup.levels else ""
    names = {"variance": f"Variance{first}", "correlation": "Intraclass correlation"}
    return [
        {
            "term": f"{row['term']!s}{suffix}",
            "effect": effect,
            "predictor": "",
            "label": names.get(str(row["term"]), str(row["term"]))
            + (", given the predictors" if effect == "residual" else ", without predictors"),
            **{
                name: float(row[name])
                for name in ("estimate", "std_error", "conf_low", "conf_high")
            },
        }
        for row in tidy[tidy["effect"] == "covariance"].to_dict("records")
    ]


def _iccs(rows: TeamRows) -> list[tuple[str, str, OneWay]]:
    """Return the analysis of variance of outcome and predictors by team, of all who answered."""
    members = rows.members
    shared = {one.predictor for one in rows.regressors if one.effect == "team"}
    found = []
    for name, label in zip(members.names, members.labels, strict=True):
        if name in shared:
            continue
        answered = members.frame[members.frame[name].notna()]
        codes = pd.factorize(answered["team"])[0].astype(np.int64)
        found.append((name, label, one_way_icc(answered[name].to_numpy(np.float64), codes)))
    return found


def _effects_table(
    rows: TeamRows, effects: Sequence[dict[str, Any]], outcome: str, percent: str
) -> Table:
    return Table(
        name="effects",
        title=f"Own and others' effects on {outcome}",
        columns=(
            Column("effect", "Effect"),
            *number_columns(percent, "t"),
            Column("std", "β", "statistic"),
        ),
        rows=tuple(
            Row((Cell(row["label"]), *number_cells(row, "std_estimate"))) for row in effects
        ),
        notes=(
            "Others' = the mean of the other members of the team who answered. Own + others' = all "
            "members' scores are higher by one. β = by the standard deviations of the rows used"
            + (
                f", of the role's members for predictors. Differences are from {rows.roles[0]}."
                if rows.roles
                else "."
            ),
        ),
    )


def _dependence_table(
    components: Sequence[dict[str, Any]], iccs: Sequence[tuple[str, str, OneWay]], percent: str
) -> Table:
    body = [Row((*component_cells(row["label"], row), Cell(None))) for row in components]
    body += [
        Row(
            (
                Cell(f"ICC(1), {kind}: {label}"),
                Cell(known(value), KEY),
                Cell(None),
                Cell(None),
                Cell(known(found.p_value), KEY),
            )
        )
        for _, label, found in iccs
        for kind, value in (("mean size", found.icc_mean), ("n₀", found.icc_n0))
    ]
    return Table(
        name="dependence",
        title="How alike the members of a team are",
        columns=(*component_columns(percent, "Component"), Column("p_value", "p", "p_value")),
        rows=tuple(body),
        notes=(
            "All are signed: negative where the members of one team differ more than strangers. "
            "ICC(1) is from the analysis of variance, with the mean size of teams (Bliese, 2000) "
            "and with n₀, over all who answered; its p is two-sided.",
        ),
    )


def _figure(shown: Sequence[dict[str, Any]], outcome: str, percent: str) -> IntervalPlot:
    return IntervalPlot(
        name="effects",
        title=f"Effects on {outcome}",
        alt=f"Own and others' effects on {outcome} with {percent} intervals, as in the table.",
        axis=f"Effect on {outcome}",
        intervals=tuple(
            Interval(row["label"], row["estimate"], row["conf_low"], row["conf_high"], KEY)
            for row in shown
        ),
        style="statistic",
        reference=0.0,
        interval=f"{percent} CI",
    )


def _sentences(shown: Sequence[dict[str, Any]], outcome: str, alpha: float) -> Iterator[Sentence]:
    for row in shown:
        if row["effect"] not in ("own", "others", "team"):
            continue
        verdict = "went together with" if row["p_value"] < alpha else "was not shown to go with"
        yield Sentence(
            f"{row['label']} {verdict} {outcome} (b = {{b}}, {{interval}}, {{p}}).",
            {
                "b": Cell(row["estimate"], KEY, "statistic"),
                "interval": Cell((row["conf_low"], row["conf_high"]), KEY, "interval"),
                "p": Cell(row["p_value"], KEY, "p_relation"),
            },
        )


def _methods(rows: TeamRows, fit: MixedFit) -> str:
    likelihood = fit.setup.likelihood
    effects, told = {one.effect for one in rows.regressors}, bool(rows.roles)
    parts = []
    if "own" in effects:
        parts += ["members' own scores", "the mean of the other members'"]
    parts += ["what teams differ in"] * ("team" in effects)
    parts += ["the size of the team"] * ("size" in effects)
    parts += ["covariates"] * ("covariate" in effects)
    model = "A group actor–partner model (Kenny & Garcia, 2012)" if "own" in effects else "A model"
    *first, last = parts or ["the mean"]
    what = f"{', '.join(first)} and {last}" if first else last
    by_role = ", with intercepts, effects of scores and residual variances by role" if told else ""
    return (
        f"{model} of {what} was estimated by {likelihood}{by_role}, with one signed residual "
        "correlation of the members of a team."
    )


def _notes(rows: TeamRows, iccs: Sequence[tuple[str, str, OneWay]]) -> Iterator[Note]:
    sizes = rows.frame.groupby("team").size()
    yield Note(
        f"{len(sizes)} teams with {format_value(float(sizes.mean()), 'statistic')} members on "
        "average in the rows used.",
        key=KEY,
    )
    if len(sizes) < _FEW:
        yield Note(
            f"With {len(sizes)} teams, effects of what teams differ in are estimated poorly.",
            "warning",
            KEY,
        )
    members = rows.members
    for count, reason in (
        (rows.incomplete, "because an own answer is missing"),
        (rows.alone, "because nobody else in their team answered"),
        (members.without_team, "because their team is not known"),
    ):
        if count:
            yield Note(f"{count} member(s) were left out {reason}.", "warning", KEY)
    for others in rows.others:
        text = (
            f"The others' mean of {others.label} rests on "
            f"{format_value(others.mean, 'statistic')} answers on average"
        )
        if others.some:
            text += (
                f", at least {others.least}; of {others.some} members not all others answered, and "
                "the mean of those who did stands for them"
            )
        yield Note(f"{text}.", key=KEY)
    if members.in_several:
        yield Note(
            f"{members.in_several} id(s) of persons occur in several teams, and stand for another "
            "person in each. Persons who do belong to several teams make these depend on each "
            "other, which this model leaves out.",
            "warning",
            KEY,
        )
    if members.averaged:
        yield Note(
            f"{members.averaged} person(s) answered about several partners; the mean counts once.",
            key=KEY,
        )
    for _, label, found in iccs[:1]:
        if found.icc_mean < 0.0:
            yield Note(
                f"Members of one team differ more in {label} than members of different ones "
                "(negative ICC); the model's correlation shows it, a random effect could not.",
                key=KEY,
            )
    if rows.centres:
        labels = {one.predictor: one.label for one in rows.regressors}
        parts = [
            f"{labels.get(name, name)} ({format_value(value, 'statistic')})"
            for name, value in rows.centres.items()
        ]
        yield Note(f"Centred about the mean of all members: {listed(parts, 8)}.", key=KEY)
