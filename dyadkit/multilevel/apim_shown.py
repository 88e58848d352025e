"""An actor–partner model as tables, figures, sentences and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import Any

import numpy as np

from dyadkit.answers.protection import minimum_of
from dyadkit.display.formats import format_value
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Table
from dyadkit.errors import listed
from dyadkit.frame import DyadFrame
from dyadkit.mixed.bootstrap import Draws
from dyadkit.multilevel.apim_effects import (
    Row,
    average_rows,
    difference_rows,
    dyadic_rows,
    effect_rows,
    pattern_rows,
    ratio_rows,
    scales_of,
)
from dyadkit.multilevel.apim_figures import (
    effects_figure,
    expected_figures,
    moderated_figures,
    path_figures,
)
from dyadkit.multilevel.apim_model import ApimModel
from dyadkit.multilevel.apim_rows import ApimRows, Regressor
from dyadkit.multilevel.apim_sem import SemApim
from dyadkit.multilevel.apim_slopes import moderated_effects, regions_of, slope_rows
from dyadkit.multilevel.apim_tables import (
    differences_table,
    dyadic_table,
    effects_table,
    patterns_table,
    ratios_table,
    residuals_table,
    slopes_table,
)
from dyadkit.multilevel.distinguishability import distinguishability_tests, pseudo_r_squared
from dyadkit.multilevel.member_rows import NOBODY
from dyadkit.multilevel.numbers import KEY, equality_table
from dyadkit.results import Estimates, Note, Support

_TITLE = "Actor–partner interdependence model"
_POOLED = (
    "β = standardised by the standard deviations about the grand mean over both members, the same "
    "for both roles."
)
_IMPLIED = "β = standardised by each role's implied standard deviations of latent variables."


def present_mixed(
    dyads: DyadFrame,
    model: ApimModel,
    *,
    equivalence: float | None,
    bootstrap: int,
    seed: int | np.random.SeedSequence | None,
) -> PresentedResult:
    """Put everything of a mixed model together."""
    rows, fit = model.rows, model.fit
    percent = f"{100 * fit.setup.confidence:g} %"
    told, names = bool(rows.roles), _names(rows.regressors)
    scales = scales_of(model.used(), rows.regressors)
    effects = effect_rows(model, scales)
    draws = fit.refits("cluster", bootstrap, seed) if bootstrap else None
    ratios, without = ratio_rows(model, scales, None if draws is None else draws.beta)
    patterns, dyadic = pattern_rows(model), dyadic_rows(model)
    differences, averages = difference_rows(model, scales, equivalence), average_rows(model)
    slopes = slope_rows(model)
    tests = distinguishability_tests(rows) if told else ()
    explained = pseudo_r_squared(model) if rows.regressors else {}
    tidy = fit.tidy()
    components: list[tuple[str, Row]] = [
        (str(row["term"]).capitalize(), {str(name): value for name, value in row.items()})
        for row in tidy[tidy["effect"] == "covariance"].to_dict("records")
    ]
    tables: list[Table] = [
        effects_table(effects, rows.regressors, rows.outcome_label, percent, "t", _POOLED),
        residuals_table(components, explained, percent),
    ]
    if tests:
        tables.append(equality_table((t.label, t.statistic, t.df, t.p_value) for t in tests))
    if differences:
        tables.append(differences_table(differences, percent, equivalence, names))
    if patterns:
        tables.append(patterns_table(ratios, patterns, percent, told, names))
        tables.append(dyadic_table(dyadic, percent, told, names))
    if slopes:
        tables.append(slopes_table(slopes, percent, names))
    extra = [
        {"term": name, "effect": "residual", "predictor": "", "role": "", **_numbers_of(row)}
        for name, row in components
    ]
    extra += [
        {
            "term": f"test: {test.label.lower()}",
            "effect": "distinguishability",
            "predictor": "",
            "role": "",
            "estimate": test.statistic,
            "statistic": test.statistic,
            "df": test.df,
            "p_value": test.p_value,
        }
        for test in tests
    ]
    extra += [
        {
            "term": f"pseudo-R² ({role})" if role else "pseudo-R²",
            "effect": "pseudo-R²",
            "predictor": "",
            "role": role,
            "estimate": value,
        }
        for role, value in explained.items()
    ]
    every = [*effects, *averages, *differences, *ratios, *patterns, *dyadic, *slopes, *extra]
    return PresentedResult(
        type="apim",
        title=_TITLE,
        estimates=Estimates(every, [KEY] * len(every)),
        summary={**fit.summary, "n_persons": _persons(model)},
        table_specs=tuple(tables),
        figure_specs=(
            *effects_figure(effects, rows.regressors, rows.outcome_label, percent),
            *path_figures(
                effects,
                rows.regressors,
                rows.outcome_label,
                percent,
                _residual(components),
                rows.frame[rows.frame["dyad"].isin(model.used()["dyad"])],
            ),
            *moderated_figures(model, percent),
            *expected_figures(model, percent),
        ),
        sentences=tuple(_sentences(effects, rows, tests, 1.0 - fit.setup.confidence)),
        methods=tuple(_methods(model)),
        supports=(Support(KEY, fit.setup.n_dyads, _persons(model)),),
        minimum=minimum_of(dyads),
        notes=(
            *_notes(dyads, rows),
            *fit.notes,
            *_ratio_notes(without, ratios, draws),
            *_region_notes(model),
        ),
        convergence=fit.convergence,
    )


def present_sem(
    dyads: DyadFrame,
    rows: ApimRows | None,
    found: SemApim,
    confidence: float,
    *,
    latent: bool,
) -> PresentedResult:
    """Put everything of a structural equation model together."""
    percent = f"{100 * confidence:g} %"
    effects: list[Row] = [{**row, "is_z": True} for row in found.rows]
    regressors = (
        rows.regressors
        if rows is not None
        else tuple(
            dict.fromkeys(Regressor(r["effect"], r["predictor"], r["predictor"]) for r in effects)
        )
    )
    outcome = rows.outcome_label if rows is not None else "the outcome"
    notes = [*(_notes(dyads, rows) if rows is not None else ()), *found.fit.notes]
    sentences = []
    if found.isat is not None:
        chisq, df, p = found.isat
        sentences.append(
            Sentence(
                "Whether means, variances and covariances of both members are equal throughout: "
                "χ²({df}) = {chisq}, {p}.",
                {
                    "df": Cell(df, KEY, "count"),
                    "chisq": Cell(chisq, KEY, "statistic"),
                    "p": Cell(p, KEY, "p_relation"),
                },
            )
        )
    glance = dict(found.fit.summary)
    if found.isat is not None:
        glance |= dict(zip(("isat_chisq", "isat_df", "isat_p_value"), found.isat, strict=True))
    tidy = [{name: value for name, value in row.items() if name != "is_z"} for row in effects]
    n = int(found.fit.solution.objective.sample.n[0])
    ratios = [row for row in effects if row["effect"] == "k"]
    effects = [row for row in effects if row["effect"] != "k"]
    ratio_tables = [ratios_table(ratios, percent, _names(regressors))] if ratios else []
    beta = _IMPLIED if latent else _POOLED
    table = effects_table(effects, regressors, outcome, percent, "z", beta)
    return PresentedResult(
        type="apim",
        title=f"{_TITLE} of latent variables" if latent else _TITLE,
        estimates=Estimates(tidy, [KEY] * len(tidy)),
        summary=glance,
        table_specs=(table, *ratio_tables, *found.fit.table_specs[:1]),
        figure_specs=(
            *effects_figure(effects, regressors, outcome, percent),
            *path_figures(
                effects, regressors, outcome, percent, nan, None if rows is None else rows.frame
            ),
        ),
        sentences=tuple(sentences),
        methods=(
            "The actor–partner interdependence model was estimated as a structural equation model"
            + (
                " of latent variables, with loadings equal in both roles and the residuals of one "
                "item correlated across partners."
                if latent
                else " by maximum likelihood."
            ),
        ),
        supports=(Support(KEY, n, found.fit.setup.fewest_persons or n),),
        minimum=minimum_of(dyads),
        notes=tuple(notes),
        convergence=found.fit.convergence,
    )


def _names(regressors: Sequence[Regressor]) -> dict[str, str]:
    """Return what readers call predictors."""
    return {"": "", **{regressor.predictor: regressor.label for regressor in regressors}}


def _residual(components: Sequence[tuple[str, Row]]) -> float:
    return float(
        next(row["estimate"] for name, row in components if name.startswith("Correlation"))
    )


def _numbers_of(row: Row) -> Row:
    return {name: row[name] for name in ("estimate", "std_error", "conf_low", "conf_high")}


def _sentences(
    effects: Sequence[Row], rows: ApimRows, tests: Sequence[Any], alpha: float
) -> Iterator[Sentence]:
    labels = {(r.effect, r.predictor): r.label for r in rows.regressors}
    for row in effects:
        if row["effect"] not in ("actor", "partner"):
            continue
        whose = f"{role_label(row['role'])}: " if row["role"] else ""
        source = "their own" if row["effect"] == "actor" else "their partner's"
        source = source if whose else source.capitalize()
        verdict = "went together with" if row["p_value"] < alpha else "was not shown to go with"
        yield Sentence(
            f"{whose}{source} {labels[row['effect'], row['predictor']]} {verdict} "
            f"{rows.outcome_label} (b = {{b}}, {{interval}}, {{p}}, β = {{beta}}).",
            {
                "b": Cell(row["estimate"], KEY, "statistic"),
                "interval": Cell((row["conf_low"], row["conf_high"]), KEY, "interval"),
                "p": Cell(row["p_value"], KEY, "p_relation"),
                "beta": Cell(row["std_estimate"], KEY, "statistic"),
            },
        )
    for test in tests:
        if test.name == "all":
            yield Sentence(
                "Taken together, the two roles "
                + ("differed" if test.p_value < alpha else "were not shown to differ")
                + " in intercepts, effects and residual variances (χ²({df}) = {chisq}, {p}).",
                {
                    "df": Cell(test.df, KEY, "count"),
                    "chisq": Cell(test.statistic, KEY, "statistic"),
                    "p": Cell(test.p_value, KEY, "p_relation"),
                },
            )


def _methods(model: ApimModel) -> Iterator[str]:
    setup = model.fit.setup
    likelihood, df = setup.likelihood, setup.df_name
    members = (
        f"Members were told apart by role ({' and '.join(model.rows.roles)}): effects, residual "
        "variances and their signed correlation were estimated for each"
        if model.rows.roles
        else "Members were treated as exchangeable, with one residual variance and a signed "
        "correlation"
    )
    yield (
        f"An actor–partner interdependence model was estimated by {likelihood} with {df} degrees "
        f"of freedom. {members}."
    )


def _notes(dyads: DyadFrame, rows: ApimRows) -> Iterator[Note]:
    if rows.centres:
        names = _names(rows.regressors)
        if rows.moderator is not None:
            names[rows.moderator.name] = rows.moderator.label
        parts = [
            f"{names.get(name, name)} ({format_value(value, 'statistic')})"
            for name, value in rows.centres.items()
        ]
        where = "about the mean over both members" if rows.about_mean else "about a chosen value"
        yield Note(
            f"Centred {where}: {listed(parts, 8)}. Intercepts, and effects in products, hold "
            "there.",
            key=KEY,
        )
    people = rows.frame.dropna(subset=["y"])
    own = people[~people["person"].astype(str).str.startswith(NOBODY)]
    if own["person"].duplicated().any():
        yield Note(
            "Some persons belong to several dyads, which are then not independent: standard errors "
            "are too small. Take the one-with-many analysis, or a random effect of these persons "
            "with fit_mixed.",
            "warning",
        )
    if dyads.exchangeable:
        yield Note("Which member of a dyad comes first is arbitrary, and changes nothing here.")


def _ratio_notes(
    without: Sequence[str], ratios: Sequence[Row], draws: Draws | None
) -> Iterator[Note]:
    if ratios and draws is not None:
        failed = f", {draws.failed} of which failed" if draws.failed else ""
        yield Note(
            f"Intervals of k are percentiles of {draws.converged.size} refits to dyads drawn with "
            f"replacement{failed}."
        )
    elif ratios:
        yield Note("Intervals of k are Fieller's.")
    if without:
        yield Note(
            f"No k for {listed(list(without), 8)}: the standardised actor effect is below .10, or "
            "its interval includes 0, so that the ratio of partner to actor effect means nothing."
        )


def _region_notes(model: ApimModel) -> Iterator[Note]:
    for effect in moderated_effects(model):
        if effect.moderator.categories:
            continue
        shift = model.rows.centres.get(effect.moderator.name, 0.0)
        low, high = (_shown(end + shift) for end in effect.moderator.limits)
        found = regions_of(effect)
        where = " and ".join(
            f"{_shown(region.low + shift)} to {_shown(region.high + shift)}" for region in found
        )
        yield Note(
            f"{effect.name} differs from 0 "
            + (f"where {effect.moderator.label} is {where}" if found else "nowhere")
            + f" (Johnson–Neyman, from {low} to {high}).",
            key=KEY,
        )


def _shown(value: float) -> str:
    return format_value(value, "statistic")


def _persons(model: ApimModel) -> int:
    """Count distinct persons in the role that has fewest."""
    used = model.used()
    if not model.rows.roles:
        return int(used["person"].nunique())
    return int(used.groupby("role")["person"].nunique().min())
