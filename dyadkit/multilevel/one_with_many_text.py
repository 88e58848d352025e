"""Sentences and notes of a one-with-many model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan
from typing import Any

import pandas as pd

from dyadkit.display.formats import format_value
from dyadkit.display.labels import role_plural, role_word
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.errors import listed
from dyadkit.estimation.one_way import OneWay
from dyadkit.models.mixed_fit import MixedFit
from dyadkit.multilevel.numbers import KEY
from dyadkit.multilevel.one_with_many_rows import FocalRows
from dyadkit.results import Note

_FEW = 20


def sentences_of(rows: FocalRows, components: Sequence[dict[str, Any]]) -> Iterator[Sentence]:
    """Say shares and reciprocities in words."""
    focal, partners = role_plural(rows.focal), role_plural(rows.partner)
    for row in components:
        if isnan(row["estimate"]):
            continue
        values = {"value": Cell(row["estimate"], KEY, "statistic")}
        found = "{value} (at its bound, so without an interval)"
        if not isnan(row["std_error"]):
            values["interval"] = Cell((row["conf_low"], row["conf_high"]), KEY, "interval")
            found = "{value} {interval}"
        if row["effect"] == "share of focal persons":
            yield Sentence(
                f"Of the variance of {rows.outcome_label} rated by {role_plural(row['role'])}, "
                f"the share of the {focal} was {found}.",
                values,
            )
        elif row["effect"] == "dyadic reciprocity":
            yield Sentence(
                f"Within relationships, {focal}' and {partners}' ratings correlated {found} "
                "(dyadic reciprocity).",
                values,
            )
        elif row["effect"] == "generalised reciprocity":
            yield Sentence(
                f"How {focal} rate in general and how they are rated correlated {found} "
                "(generalised reciprocity).",
                values,
            )


def methods_of(rows: FocalRows, fit: MixedFit) -> str:
    """Say how the model was estimated."""
    likelihood = fit.setup.likelihood
    focal = role_plural(rows.focal)
    sides = (
        f"both {focal}' and {role_plural(rows.partner)}' ratings, with random effects of {focal} "
        "in either, their correlation, and correlated residuals of the two ratings of one dyad"
        if rows.reciprocal
        else f"{role_plural(rows.roles[0])}' ratings, with a random effect of {focal}"
    )
    return (
        f"A one-with-many model (Kenny, Kashy & Cook, 2006, ch. 10) was estimated by {likelihood} "
        f"for {sides}."
    )


def notes_of(
    rows: FocalRows,
    used: pd.DataFrame,
    components: Sequence[dict[str, Any]],
    anova: dict[str, OneWay],
) -> Iterator[Note]:
    """Return what the reader must know, of the rows used."""
    yield from _persons(rows, used)
    yield Note("Relationship variances include error: these come apart with replicates only.")
    yield from _left_out(rows)
    yield from _bounds(rows, components, anova)
    if rows.centres:
        labels = {one.predictor: one.label.partition(": ")[0] for one in rows.regressors}
        parts = [
            f"{labels.get(name, name)} ({format_value(value, 'statistic')})"
            for name, value in rows.centres.items()
        ]
        yield Note(f"Centred about the mean of all dyads: {listed(parts, 8)}.", key=KEY)


def _persons(rows: FocalRows, used: pd.DataFrame) -> Iterator[Note]:
    focal, partners = role_plural(rows.focal), role_plural(rows.partner)
    counts = used.groupby("focal")["dyad"].nunique()
    alone = int((counts == 1).sum())
    yield Note(
        f"{len(counts)} {focal} with {format_value(float(counts.mean()), 'statistic')} "
        f"{partners} on average"
        + (
            f"; {alone} with one only, who cannot tell the two kinds of variance apart"
            if alone
            else ""
        )
        + ".",
        key=KEY,
    )
    if len(counts) < _FEW:
        yield Note(
            f"With {len(counts)} {focal} their variances and correlation are estimated poorly.",
            "warning",
            KEY,
        )
    shared = int((used.groupby("partner")["dyad"].nunique() > 1).sum())
    if shared:
        yield Note(
            f"Of the {partners}, {shared} belong(s) to several dyads. What these have in common is "
            "not in the model, so that standard errors may be too small.",
            "warning",
            KEY,
        )


def _left_out(rows: FocalRows) -> Iterator[Note]:
    focal = role_plural(rows.focal)
    if rows.answered_once:
        yield Note(
            f"The {focal} answered {rows.outcome_label} once, not about each "
            f"{role_word(rows.partner)}: their answers are left out, and the model is of "
            f"{role_plural(rows.partner)}' ratings.",
            "warning",
        )
    if rows.silent:
        yield Note(
            f"No answers of {role_plural(rows.silent)} to {rows.outcome_label} can be used, so "
            "that the model is of the other side's ratings.",
            "warning",
        )
    if rows.without_focal:
        yield Note(
            f"{rows.without_focal} dyad(s) are left out because their {role_word(rows.focal)} is "
            "not known.",
            "warning",
            KEY,
        )


def _bounds(
    rows: FocalRows, components: Sequence[dict[str, Any]], anova: dict[str, OneWay]
) -> Iterator[Note]:
    at_bound = [
        row["label"].split(" (")[0]
        for row in components
        if row["effect"] != "share of focal persons" and isnan(row["std_error"])
    ]
    if at_bound:
        yield Note(
            f"At the bound of what is possible (a variance of 0, a correlation of ±1 or without "
            f"variances): {listed(at_bound, 6)}. Do not read this as an exact value.",
            "warning",
            KEY,
        )
    for role, found in anova.items():
        if found.icc_mean < 0.0:
            yield Note(
                f"In {role_plural(role)}' ratings, those that share a {role_word(rows.focal)} "
                "differ more than those that do not (negative ANOVA ICC); no variance can show "
                "this.",
                "warning",
                KEY,
            )
