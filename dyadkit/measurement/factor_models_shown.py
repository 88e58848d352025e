"""What a report shows of factor models that are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.measurement.misfit import misfit_of
from dyadkit.measurement.misfit_shown import Left, misfit_notes, misfit_rows, misfit_tables
from dyadkit.models.measured import FIT, FIT_COLUMNS, difference_columns, measure
from dyadkit.models.sem_fit import SemFit
from dyadkit.results import Note


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A fitted model, and its chi-square difference to the one with all factors."""

    name: str
    factors: int
    syntax: str
    fit: SemFit
    difference: float = nan
    df: float = nan
    p_value: float = nan


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """The models of one role, or of both members, in one wave; the one with all factors first."""

    title: str
    key: str
    places: tuple[Place, ...]
    variants: tuple[Variant, ...]


@dataclass(slots=True)
class Shown:
    """Estimates, tables and words."""

    rows: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def show_models(compared: Sequence[Compared], estimator: str, method_factor: bool) -> Shown:
    """Lay out all models."""
    left = [
        Left(each.title, each.key, misfit_of(each.variants[0].fit, each.places))
        for each in compared
    ]
    shown = Shown()
    shown.rows = [*_rows(compared), *misfit_rows(left)]
    shown.tables = [
        _models_table(compared, estimator),
        _loadings_table(compared),
        *misfit_tables(left, estimator),
    ]
    shown.sentences = [_sentence(each) for each in compared]
    shown.methods = [
        "Factor models were fitted by maximum likelihood with incomplete rows; factors have "
        "variance 1 and are correlated, and residuals of the same item are correlated across "
        "members and waves. Each alternative is compared with the model that has a factor for each "
        "scale."
    ]
    shown.notes = [
        Note(
            "That a single factor fits badly (Harman's test) does not show that there is no common "
            "method variance; ratings of one scale by both members say more."
        ),
        *misfit_notes(),
    ]
    if method_factor:
        shown.notes.append(
            Note(
                "The unmeasured method factor, on which all items load alike, takes up whatever "
                "all items share, method or not."
            )
        )
    for each in compared:
        for variant in each.variants:
            end = variant.fit.convergence
            if end is not None and not end.admissible:
                shown.notes.append(
                    Note(
                        f"{each.title}, {variant.name}: a variance is negative or a correlation of "
                        "factors beyond 1; its estimates are not to be interpreted.",
                        "warning",
                        each.key,
                    )
                )
    return shown


def _rows(compared: Sequence[Compared]) -> Iterator[tuple[dict[str, Any], str]]:
    for each in compared:
        for variant in each.variants:
            yield (
                {
                    "term": f"{variant.name}: {each.title}",
                    "quantity": "model",
                    "place": each.title,
                    "factors": variant.factors,
                    "estimate": measure(variant.fit, "chisq"),
                    "statistic": measure(variant.fit, "chisq"),
                    "df": measure(variant.fit, "df"),
                    "p_value": measure(variant.fit, "p_value"),
                    "cfi": measure(variant.fit, "cfi"),
                    "tli": measure(variant.fit, "tli"),
                    "rmsea": measure(variant.fit, "rmsea"),
                    "srmr": measure(variant.fit, "srmr"),
                    "difference": variant.difference,
                    "df_difference": variant.df,
                    "p_difference": variant.p_value,
                    "syntax": variant.syntax,
                },
                each.key,
            )


def _models_table(compared: Sequence[Compared], estimator: str) -> Table:
    body: list[Row] = []
    for each in compared:
        body.append(Row((Cell(each.title),), heading=True))
        for variant in each.variants:
            values = [
                variant.factors,
                *(measure(variant.fit, name) for name in FIT),
                *(variant.difference, variant.df, variant.p_value),
            ]
            body.append(Row((Cell(variant.name), *(Cell(value, each.key) for value in values))))
    against = "Against a factor for each"
    return Table(
        name="models",
        title="Factor models compared",
        columns=(
            Column("model", "Model"),
            Column("factors", "Factors", "count"),
            *FIT_COLUMNS,
            *difference_columns(against),
        ),
        rows=tuple(body),
        notes=(
            "Two factors are one when their correlation is 1, which lies at the edge of what is "
            "possible: p of such a difference is a little too large."
            + (" After MLR, chi-squares and differences are scaled." * (estimator == "MLR")),
        ),
    )


def _loadings_table(compared: Sequence[Compared]) -> Table:
    body: list[Row] = []
    for each in compared:
        tidy = each.variants[0].fit.tidy()
        loadings = tidy[tidy["op"] == "=~"]
        std = loadings["std_all"].to_numpy(np.float64).tolist()
        error = loadings["std_error"].to_numpy(np.float64).tolist()
        raw = loadings["estimate"].to_numpy(np.float64).tolist()
        body.append(Row((Cell(each.title),), heading=True))
        number = 0
        for place in each.places:
            for item in place.variable.items:
                cells = [Cell(value[number], each.key) for value in (raw, error, std)]
                body.append(Row((Cell(place.label), Cell(item), *cells)))
                number += 1
    return Table(
        name="loadings",
        title="Loadings of the models with a factor for each scale",
        columns=(
            Column("scale", "Scale"),
            Column("item", "Item"),
            Column("loading", "Loading", "statistic"),
            Column("std_error", "SE", "statistic"),
            Column("standardised", "Standardised", "correlation"),
        ),
        rows=tuple(body),
        notes=("Items keyed in reverse are turned round.",),
    )


def _sentence(each: Compared) -> Sentence:
    first = each.variants[0]
    values = {
        "title": Cell(each.title),
        "chisq": Cell(measure(first.fit, "chisq"), each.key, "statistic"),
        "df": Cell(measure(first.fit, "df"), each.key, "df"),
        "cfi": Cell(measure(first.fit, "cfi"), each.key, "statistic_3"),
        "rmsea": Cell(measure(first.fit, "rmsea"), each.key, "statistic_3"),
        "srmr": Cell(measure(first.fit, "srmr"), each.key, "statistic_3"),
    }
    text = (
        "{title}: a factor for each scale, χ²({df}) = {chisq}, CFI = {cfi}, RMSEA = {rmsea}, "
        "SRMR = {srmr}"
    )
    others = [
        variant
        for variant in each.variants[1:]
        if variant.factors < first.factors and not isnan(variant.difference)
    ]
    if others:
        nearest = min(others, key=lambda variant: variant.difference / variant.df)
        values |= {
            "change": Cell(nearest.difference, each.key, "statistic"),
            "ddf": Cell(nearest.df, each.key, "df"),
            "p": Cell(nearest.p_value, each.key, "p_relation"),
        }
        text += f"; nearest to it comes '{nearest.name}', Δχ²({{ddf}}) = {{change}}, {{p}}"
    return Sentence(f"{text}.", values)
