"""A one-with-many model as tables, a figure, sentences and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri

from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import Interval, IntervalPlot
from dyadkit.display.formats import format_value
from dyadkit.display.labels import role_label
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import listed
from dyadkit.estimation.one_way import OneWay, one_way_icc
from dyadkit.frame import DyadFrame
from dyadkit.mixed.components import Component, Quantity, on_boundary, wald_component
from dyadkit.models.mixed_covariances import quantities_of
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.numbers import KEY, known, number_cells, number_columns
from dyadkit.multilevel.one_with_many_rows import FocalRows
from dyadkit.results import Estimates, Note, Support

_FEW = 20


def present_focal(dyads: DyadFrame, rows: FocalRows, fit: MixedFit) -> PresentedResult:
    """Put everything together."""
    percent = f"{100 * fit.setup.confidence:g} %"
    effects = _effects(rows, fit)
    components = _components(rows, fit)
    anova = _anova(rows)
    tables = [
        _variance_table(rows, components, anova, percent),
        _effects_table(rows, effects, percent),
    ]
    extra = [
        {
            "term": f"ANOVA ICC(1), {'mean size' if kind == 'mean' else 'n₀'} ({role})",
            "effect": "anova ICC(1)",
            "role": role,
            "estimate": getattr(found, f"icc_{kind}"),
            "statistic": found.f,
            "df": found.df1,
            "p_value": found.p_value,
        }
        for role, found in anova.items()
        for kind in ("mean", "n0")
    ]
    every = [*effects, *components, *extra]
    n_focal = int(rows.frame["focal"].nunique())
    persons = min(n_focal, fit.setup.n_dyads)
    return PresentedResult(
        type="one_with_many",
        title="One-with-many model",
        estimates=Estimates(every, [KEY] * len(every)),
        summary={**fit.summary, "n_persons": persons, "n_focal": n_focal},
        table_specs=tuple(tables),
        figure_specs=(_figure(rows, components, percent),),
        sentences=tuple(_sentences(rows, components)),
        methods=(_methods(rows, fit),),
        supports=(Support(KEY, fit.setup.n_dyads, persons),),
        minimum=Minimum(dyads.privacy.minimum_dyads, dyads.privacy.minimum_persons),
        notes=(*_notes(rows, anova), *fit.notes),
        convergence=fit.convergence,
    )


def _effects(rows: FocalRows, fit: MixedFit) -> list[dict[str, Any]]:
    found = fit.combinations(np.eye(len(fit.setup.names)))
    roles = rows.roles if rows.reciprocal else ("",)
    described = [("intercept", "", "Intercept")]
    described += [(r.effect, r.predictor, r.label) for r in rows.regressors]
    effects = []
    place = 0
    for effect, predictor, label in described:
        for role in roles:
            term = f"{effect}: {predictor}" if predictor else effect
            effects.append(
                {
                    "term": f"{term} ({role})" if role else term,
                    "effect": effect,
                    "predictor": predictor,
                    "label": label,
                    "role": role,
                    **{name: float(values[place]) for name, values in found.items()},
                }
            )
            place += 1
    return effects


def _components(rows: FocalRows, fit: MixedFit) -> list[dict[str, Any]]:
    """Return variances, reciprocities and shares, each with its name in this design."""
    solution = fit.solution
    quantities = {
        (group, name): quantity for group, name, quantity in quantities_of(solution, fit.setup)
    }
    confidence = fit.setup.confidence
    found = []

    def add(effect: str, label: str, role: str, quantity: Quantity) -> None:
        component = wald_component(solution, quantity, confidence)
        found.append(_row(effect, label, role, component))

    focal, partner = rows.focal, rows.partner
    names = {
        focal: ("actor variance", f"{focal}s as raters (actor variance)"),
        partner: ("partner variance", f"{focal}s as rated by partners (partner variance)"),
    }
    single = not rows.reciprocal
    own = {
        role: quantities["focal", "variance: Intercept" if single else f"variance: role[{role}]"]
        for role in rows.roles
    }
    rest = {
        role: quantities["residual", "variance" if single else f"variance: {role}"]
        for role in rows.roles
    }
    for role in rows.roles:
        add(*names[role], role, own[role])
    if rows.reciprocal:
        add("generalised reciprocity", "Generalised reciprocity", "", _between(quantities, "focal"))
    for role in rows.roles:
        label = f"Relationship and error, rated by {role}s"
        add("relationship variance", label, role, rest[role])
    if rows.reciprocal:
        add("dyadic reciprocity", "Dyadic reciprocity", "", _between(quantities, "residual"))
    for role in rows.roles:
        label = f"Share of {focal}s in {role}s' ratings"
        share = _share(fit, own[role], rest[role])
        found.append(_row("share of focal persons", label, role, share))
    return found


def _share(fit: MixedFit, focal: Quantity, rest: Quantity) -> Component:
    """Return a share of variance, with an interval symmetric in its logit."""
    if on_boundary(fit.solution, focal):
        return Component(0.0, nan, nan, nan)
    total = focal.c + rest.c
    found = wald_component(
        fit.solution, Quantity("correlation", focal.c, total, total), fit.setup.confidence
    )
    share = found.estimate
    reach = float(ndtri(0.5 + 0.5 * fit.setup.confidence)) * found.std_error / (share * (1 - share))
    low, high = (float(expit(logit(share) + side * reach)) for side in (-1.0, 1.0))
    return Component(share, found.std_error, low, high)


def _between(quantities: dict[tuple[str, str], Quantity], group: str) -> Quantity:
    return next(
        quantity
        for (where, name), quantity in quantities.items()
        if where == group and name.startswith("correlation")
    )


def _row(effect: str, label: str, role: str, found: Component) -> dict[str, Any]:
    return {
        "term": f"{effect} ({role})" if role else effect,
        "effect": effect,
        "predictor": "",
        "label": label[0].upper() + label[1:],
        "role": role,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.low,
        "conf_high": found.high,
    }


def _anova(rows: FocalRows) -> dict[str, OneWay]:
    """Return the analysis of variance of each side's outcome by focal persons."""
    found = {}
    for role in rows.roles:
        own = rows.frame[rows.frame["role"] == role]
        found[role] = one_way_icc(own["y"].to_numpy(np.float64), pd.factorize(own["focal"])[0])
    return found


def _variance_table(
    rows: FocalRows, components: Sequence[dict[str, Any]], anova: dict[str, OneWay], percent: str
) -> Table:
    body = [
        Row(
            (
                Cell(row["label"]),
                Cell(known(row["estimate"]), KEY),
                Cell(known(row["std_error"]), KEY),
                Cell((row["conf_low"], row["conf_high"]), KEY),
            )
        )
        for row in components
    ]
    body += [
        Row((Cell(f"{name}, {role}s' ratings"), Cell(known(value), KEY), Cell(None), Cell(None)))
        for role, found in anova.items()
        for name, value in (
            ("ANOVA ICC(1), mean size", found.icc_mean),
            ("ANOVA ICC(1), n₀", found.icc_n0),
        )
    ]
    return Table(
        name="variances",
        title=f"Variances and reciprocity of {rows.outcome_label}",
        columns=(
            Column("component", "Component"),
            Column("estimate", "Estimate", "statistic_3"),
            Column("std_error", "SE", "statistic_3"),
            Column("conf", f"{percent} CI", "interval"),
        ),
        rows=tuple(body),
        notes=(
            "Variances about the fixed effects; a share is the focal persons' variance over it and "
            "the relationships'. The ICC of the analysis of variance is of the outcome itself and "
            "signed: negative where the partners of one focal person differ more than strangers.",
        ),
    )


def _effects_table(rows: FocalRows, effects: Sequence[dict[str, Any]], percent: str) -> Table:
    body: list[Row] = []
    heading = ""
    for row in effects:
        title = row["label"]
        if rows.reciprocal and title != heading:
            body.append(Row((Cell(title),), heading=True))
            heading = title
        head = f"Rated by {role_label(row['role']).lower()}s" if rows.reciprocal else title
        body.append(Row((Cell(head), *number_cells(row))))
    levels = [f"{r.label} ({r.effect})" for r in rows.regressors]
    return Table(
        name="effects",
        title=f"Fixed effects on {rows.outcome_label}",
        columns=(Column("effect", "Effect"), *number_columns(percent, "t")),
        rows=tuple(body),
        notes=(f"Level of predictors: {listed(levels, 12)}.",) if levels else (),
    )


def _figure(rows: FocalRows, components: Sequence[dict[str, Any]], percent: str) -> IntervalPlot:
    shown = [
        row
        for row in components
        if row["effect"]
        in ("share of focal persons", "generalised reciprocity", "dyadic reciprocity")
    ]
    return IntervalPlot(
        name="shares",
        title=f"Shares of variance and reciprocity of {rows.outcome_label}",
        alt="Shares of focal persons and reciprocities with intervals, as in the table.",
        axis="Share or correlation",
        intervals=tuple(
            Interval(row["label"], row["estimate"], row["conf_low"], row["conf_high"], KEY)
            for row in shown
        ),
        style="statistic",
        reference=0.0,
        limits=(-1.0, 1.0) if rows.reciprocal else (0.0, 1.0),
        interval=f"{percent} CI",
    )


def _sentences(rows: FocalRows, components: Sequence[dict[str, Any]]) -> Iterator[Sentence]:
    for row in components:
        values = {
            "share": Cell(row["estimate"], KEY, "statistic"),
            "interval": Cell((row["conf_low"], row["conf_high"]), KEY, "interval"),
        }
        if row["effect"] == "share of focal persons":
            yield Sentence(
                f"Of the variance of {rows.outcome_label} rated by {row['role']}s, the share of "
                f"the {rows.focal}s was {{share}} {{interval}}.",
                values,
            )
        elif row["effect"] == "dyadic reciprocity":
            yield Sentence(
                f"Within relationships, {rows.focal}s' and {rows.partner}s' ratings correlated "
                "{share} {interval} (dyadic reciprocity).",
                values,
            )
        elif row["effect"] == "generalised reciprocity" and not np.isnan(row["estimate"]):
            yield Sentence(
                f"How {rows.focal}s rate in general and how they are rated correlated {{share}} "
                "{interval} (generalised reciprocity).",
                values,
            )


def _methods(rows: FocalRows, fit: MixedFit) -> str:
    likelihood = (
        "restricted maximum likelihood" if fit.setup.method == "REML" else "maximum likelihood"
    )
    sides = (
        f"both {rows.focal}s' and {rows.partner}s' ratings, with random effects of {rows.focal}s "
        "in either, their correlation, and correlated residuals of the two ratings of one dyad"
        if rows.reciprocal
        else f"{rows.roles[0]}s' ratings, with a random effect of {rows.focal}s"
    )
    return f"A one-with-many model was estimated by {likelihood} for {sides}."


def _notes(rows: FocalRows, anova: dict[str, OneWay]) -> Iterator[Note]:
    partners = rows.frame.groupby("focal")["dyad"].nunique()
    alone = int((partners == 1).sum())
    yield Note(
        f"{len(partners)} {rows.focal}s with {format_value(float(partners.mean()), 'statistic')} "
        f"{rows.partner}s on average"
        + (f"; {alone} have one, and tell of variances only together" if alone else "")
        + ".",
        key=KEY,
    )
    if len(partners) < _FEW:
        yield Note(
            f"With {len(partners)} {rows.focal}s their variances and correlation are estimated "
            "poorly.",
            "warning",
            KEY,
        )
    yield Note("Relationship variances include error: these come apart with replicates only.")
    if rows.answered_once:
        yield Note(
            f"The {rows.focal}s answered {rows.outcome_label} once, not about each {rows.partner}: "
            f"their answers are left out, and the model is of {rows.partner}s' ratings.",
            "warning",
        )
    if rows.without_focal:
        yield Note(
            f"{rows.without_focal} dyad(s) are left out because their {rows.focal} is not known.",
            "warning",
        )
    for role, found in anova.items():
        if found.icc_mean < 0.0:
            yield Note(
                f"{role_label(role)}s' ratings of or by one {rows.focal} differ more than those of "
                "different ones (negative ICC), which no variance can show: it is estimated as 0.",
                "warning",
                KEY,
            )
    if rows.centres:
        parts = [
            f"{name} ({format_value(value, 'statistic')})" for name, value in rows.centres.items()
        ]
        yield Note(f"Centred about the mean of all dyads: {listed(parts, 8)}.", key=KEY)
