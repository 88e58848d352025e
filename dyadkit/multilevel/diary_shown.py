"""A diary analysis as tables, a figure, sentences and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dyadkit.answers.protection import minimum_of
from dyadkit.display.formats import format_value
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Table
from dyadkit.errors import listed
from dyadkit.frame import DyadFrame
from dyadkit.multilevel.diary_compliance import Compliance
from dyadkit.multilevel.diary_effects import (
    Row,
    component_rows,
    contextual_rows,
    difference_rows,
    effect_rows,
    equality_rows,
    share_rows,
    trajectory_rows,
)
from dyadkit.multilevel.diary_figures import effects_figure, trajectory_figure
from dyadkit.multilevel.diary_model import DiaryModel
from dyadkit.multilevel.diary_reliability import DiaryReliability, reliabilities
from dyadkit.multilevel.diary_rows import DiaryRows
from dyadkit.multilevel.diary_tables import (
    ANSWERED,
    compliance_table,
    components_table,
    contrasts_table,
    effects_table,
    reliability_table,
    trajectory_table,
)
from dyadkit.multilevel.numbers import KEY, equality_table
from dyadkit.results import Estimates, Note, Support

_LABELS = Mapping[tuple[str, str], str]


def present(dyads: DyadFrame, model: DiaryModel, compliance: Compliance) -> PresentedResult:
    """Put everything of a diary analysis together."""
    rows, fit = model.rows, model.fit
    percent = f"{100 * fit.setup.confidence:g} %"
    labels = {(r.effect, r.predictor): r.label for r in rows.regressors}
    names = {r.predictor: r.label for r in rows.regressors}
    effects, contextual = effect_rows(model), contextual_rows(model)
    differences = difference_rows(model)
    equal, untested = equality_rows(model)
    shares, unshared = share_rows(model)
    components = component_rows(model)
    expected, unit = trajectory_rows(model), rows.moments.unit
    reliable: list[tuple[str, str, DiaryReliability]] = []
    without: list[str] = []
    for label, role, found in reliabilities(dyads, rows):
        if isinstance(found, str):
            without.append(f"{label}{f' ({role})' if role else ''}: {found}")
        else:
            reliable.append((label, role, found))
    tables: list[Table] = [
        compliance_table(compliance),
        effects_table(effects, labels, rows.outcome_label, percent),
        components_table(components, shares, percent),
    ]
    if contextual:
        title = "Contextual effects: between less within"
        tables.append(contrasts_table("contextual", title, contextual, names, percent))
    if differences:
        title = f"Differences between the roles ({differences[0]['role']})"
        tables.append(contrasts_table("role_differences", title, differences, names, percent))
    if equal:
        tables.append(
            equality_table(
                (row["label"], row["statistic"], row["df"], row["p_value"]) for row in equal
            )
        )
    if reliable:
        tables.append(reliability_table(reliable))
    if expected:
        tables.append(trajectory_table(expected, rows.outcome_label, unit, percent))
    modelled = [*effects, *contextual, *differences, *equal, *components, *shares, *expected]
    others = [*_compliance_rows(compliance), *_reliability_rows(reliable)]
    estimates = Estimates(
        [
            {name: value for name, value in row.items() if name not in ("label", "time")}
            for row in (*modelled, *others)
        ],
        [KEY] * len(modelled) + [ANSWERED] * len(others),
    )
    persons = min(one.persons for one in compliance.roles)
    return PresentedResult(
        type="diary",
        title="Diary of dyads",
        estimates=estimates,
        summary={**fit.summary, "n_persons": model.n_persons},
        table_specs=tuple(tables),
        figure_specs=(
            effects_figure(effects, labels, rows.outcome_label, percent),
            *trajectory_figure(expected, rows.outcome_label, unit, percent),
        ),
        sentences=tuple(_sentences(effects, labels, rows.outcome_label, model)),
        methods=tuple(_methods(model)),
        supports=(
            Support(KEY, fit.setup.n_dyads, model.n_persons),
            Support(ANSWERED, dyads.n_dyads, persons),
        ),
        minimum=minimum_of(dyads),
        notes=(
            *_losses(rows),
            *_persons(dyads, rows),
            *_centres(rows),
            *fit.notes,
            *(Note(text, "warning") for text in (untested, unshared) if text),
            *([Note(f"No reliability within persons of {listed(without, 6)}.")] if without else []),
        ),
        convergence=fit.convergence,
    )


def _compliance_rows(found: Compliance) -> Iterator[Row]:
    for one in found.roles:
        tail = f" ({one.role})" if one.role else ""
        counts = [("occasions answered", float(one.answered))]
        if one.expected is not None:
            counts.append(("share of occasions answered", one.answered / one.expected))
        for name, value in counts:
            yield {
                "term": f"{name}{tail}",
                "effect": "compliance",
                "predictor": "",
                "role": one.role,
                "estimate": value,
            }

    if found.either:
        yield {
            "term": "share of occasions answered by both",
            "effect": "compliance",
            "predictor": "",
            "role": "",
            "estimate": found.both / found.either,
        }


def _reliability_rows(found: Sequence[tuple[str, str, DiaryReliability]]) -> Iterator[Row]:
    for label, role, one in found:
        for name, value in (("within", one.within), ("between", one.between)):
            yield {
                "term": f"reliability {name}: {label}{f' ({role})' if role else ''}",
                "effect": f"reliability {name}",
                "predictor": label,
                "role": role,
                "estimate": value,
            }


def _sentences(
    effects: Sequence[Row], labels: _LABELS, outcome: str, model: DiaryModel
) -> Iterator[Sentence]:
    alpha = 1.0 - model.fit.setup.confidence
    for row in effects:
        side, _, kind = str(row["effect"]).partition(", ")
        label = labels.get((row["effect"], row["predictor"]), "")
        own = side.endswith("actor")
        differs = row["p_value"] < alpha
        verdict = "higher" if row["estimate"] > 0 else "lower"
        if kind == "within" and side != "covariate":
            when = "after occasions" if side.startswith("lagged") else "on occasions"
            whose = "their own" if own else "their partner's"
            found = verdict if differs else "not shown to differ"
            text = f"{when} with {whose} {label} above its usual level, {outcome} was {found}"
        elif kind == "between" and side != "covariate":
            who = "persons" if own else "persons whose partner was"
            found = f"{verdict} in" if differs else "not shown to differ in"
            text = f"{who} generally higher in {label} were {found} {outcome}"
        else:
            continue
        role = f"{role_label(row['role'])}: " if row["role"] else ""
        text = f"{text} (b = {{b}}, {{interval}}, {{p}})."
        yield Sentence(
            role + text if role else text[0].upper() + text[1:],
            {
                "b": Cell(row["estimate"], KEY, "statistic"),
                "interval": Cell((row["conf_low"], row["conf_high"]), KEY, "interval"),
                "p": Cell(row["p_value"], KEY, "p_relation"),
            },
        )


def _methods(model: DiaryModel) -> Iterator[str]:
    setup, rows = model.fit.setup, model.rows
    likelihood, df = setup.likelihood, setup.df_name
    members = (
        f"Members were told apart by role ({' and '.join(rows.roles)}), with random intercepts and "
        "residuals of either role and their covariances"
        if rows.roles
        else "Members were treated as exchangeable, with random intercepts and residuals of equal "
        "variances that are correlated between members"
    )
    slopes = ""
    if rows.slopes:
        names = [rows.regressors[place].label for place in rows.slopes]
        slopes = f" Own effects of {listed(names)} within persons varied between persons."
    decay = ""
    if setup.wanted.serial is not None:
        law = "φ to the power of the gap" if setup.wanted.serial == "ar1" else "exp(−gap/θ)"
        decay = f" Residual covariances decayed with the gap in time by {law}."
    lags = ""
    if any(r.effect.startswith("lagged") for r in rows.regressors):
        lags = (
            " Lagged predictors are the person's last earlier answers; those too long ago count as "
            "missing."
        )
    yield (
        "Daily reports of both members were analysed by a linear mixed model of occasions within "
        "persons within dyads. Predictors were split into deviations from the person's mean over "
        "occasions and these means about their mean over persons, each with an actor and a partner "
        f"effect. {members}. The model was estimated by {likelihood} with {df} degrees of freedom."
        f"{slopes}{decay}{lags}"
    )


def _losses(rows: DiaryRows) -> Iterator[Note]:
    total = len(rows.moments.frame)
    for reason, count in rows.lost.items():
        yield Note(
            f"{count} of {total} rows (one per member and occasion) were left out because "
            f"{reason}.",
            "warning",
        )
    if rows.moments.unordered:
        yield Note(
            f"{rows.moments.unordered} time stamps are not later than the person's stamp on the "
            "occasion before. Gaps were measured by occasions; check the stamps.",
            "warning",
        )


def _persons(dyads: DyadFrame, rows: DiaryRows) -> Iterator[Note]:
    for name, count in rows.few.items():
        yield Note(
            f"{count} person(s) answered '{name}' on one occasion only; they tell nothing of "
            "changes within persons.",
            "warning",
            key=KEY,
        )
    parts = rows.outcome_parts
    constant = int(((parts.answered > 1) & ~parts.varies).sum())
    if constant:
        # So few could be made out.
        least = dyads.privacy.minimum_persons
        many = f"{constant}" if constant >= least else f"Fewer than {least}"
        yield Note(
            f"{many} persons gave the same answer to '{rows.outcome}' on all of their occasions.",
            key=KEY,
        )
    people = rows.frame[["dyad", "person"]].drop_duplicates()
    if people["person"].duplicated().any():
        yield Note(
            "Some persons belong to several dyads, which are then not independent: standard errors "
            "are too small. Take a random effect of these persons with fit_mixed.",
            "warning",
        )
    if dyads.exchangeable:
        yield Note("Which member of a dyad comes first is arbitrary, and changes nothing here.")


def _centres(rows: DiaryRows) -> Iterator[Note]:
    parts = [f"{name} ({_shown(value)})" for name, value in rows.centres.items()]
    if parts:
        yield Note(
            f"Intercepts hold at these means: {listed(parts, 8)}; those of predictors are means of "
            "the persons' means, each person counting once.",
            key=KEY,
        )
    used = np.unique(rows.frame["number"].to_numpy(np.float64)).size
    yield Note(
        f"Means of persons are over the occasions that they answered; {used} different occasions "
        "are in the model. Of few occasions such means are unreliable, which draws effects between "
        "persons toward those within (Lüdtke et al., 2008)."
    )


def _shown(value: Any) -> str:
    return format_value(value, "statistic")
