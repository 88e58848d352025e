"""What a report shows of reliability and of whether scales differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dyadkit.answers.places import Place
from dyadkit.display.labels import wave_label
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.estimation.reliability import Omega, Reliability
from dyadkit.frame import Variable
from dyadkit.results import Support


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The reliability of a scale in one place; None where it could not be had."""

    place: Place
    n: int
    alpha: Reliability | None
    omega: Omega | None
    composite: float | None
    ave: float | None
    support: Support


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """What tells two scales, or the two members' answers to one, apart."""

    one: Place
    other: Place
    key: str
    phi: float | None
    htmt: float
    htmt2: float
    fornell_larcker: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """The reliability of two members' difference and mean: by their ω, and by the factor model."""

    variable: Variable
    wave: str
    key: str
    n: int
    correlation: float
    difference: float
    mean: float
    difference_by_model: float | None
    mean_by_model: float | None


@dataclass(slots=True)
class Shown:
    """Estimates, tables and words."""

    rows: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)


def show_reliability(
    scored: Sequence[Scored],
    pairs: Sequence[Pair],
    combined: Sequence[Combined],
    confidence: float,
) -> Shown:
    """Lay out all scales, pairs and combinations."""
    shown = Shown()
    shown.rows = [*_rows(scored, pairs, combined)]
    shown.tables = [_scales_table(scored, f"{100 * confidence:g} % CI")]
    if pairs:
        shown.tables.append(_pairs_table(pairs))
    if combined:
        shown.tables.append(_members_table(combined))
        shown.sentences = [_sentence(each) for each in combined]
    shown.methods = [
        "α has Feldt's interval; ω is from one factor and the observed variance of the sum, with a "
        "bootstrap interval; composite reliability (Jöreskog, 1971) and the average variance "
        "extracted (Fornell & Larcker, 1981) are from one factor model a wave of all scales of "
        "both members, residuals of the same item correlated between members. HTMT is of absolute "
        "correlations (Henseler, Ringle & Sarstedt, 2015).",
    ]
    return shown


def _rows(
    scored: Sequence[Scored], pairs: Sequence[Pair], combined: Sequence[Combined]
) -> Iterator[tuple[dict[str, Any], str]]:
    for each in scored:
        place = {**each.place.columns, "n": each.n}
        for name, found in (("alpha", each.alpha), ("omega", each.omega)):
            if found is not None:
                values = {
                    "estimate": found.estimate,
                    "conf_low": found.conf_low,
                    "conf_high": found.conf_high,
                }
                term = f"{name}: {each.place.term}"
                yield {"term": term, "quantity": name, **place, **values}, each.place.key
        for name, value in (
            ("composite reliability", each.composite),
            ("average variance extracted", each.ave),
        ):
            if value is not None:
                term = f"{name}: {each.place.term}"
                yield {"term": term, "quantity": name, **place, "estimate": value}, each.place.key
    for pair in pairs:
        between = f"{pair.one.term} with {pair.other.term}"
        for name, value in (("factor r", pair.phi), ("HTMT", pair.htmt), ("HTMT2", pair.htmt2)):
            if value is not None:
                row = {"term": f"{name}: {between}", "quantity": name, "estimate": value}
                yield row, pair.key
    for both in combined:
        where = {"variable": both.variable.name, "wave": both.wave, "n": both.n}
        for name, value in (
            ("reliability of the difference", both.difference),
            ("reliability of the mean", both.mean),
            ("reliability of the difference, by model", both.difference_by_model),
            ("reliability of the mean, by model", both.mean_by_model),
        ):
            if value is not None:
                term = f"{name}: {both.variable.name}" + (f" ({both.wave})" if both.wave else "")
                yield {"term": term, "quantity": name, **where, "estimate": value}, both.key


def _scales_table(scored: Sequence[Scored], percent: str) -> Table:
    rows = []
    for each in scored:
        key, alpha, omega = each.place.key, each.alpha, each.omega
        rows.append(
            Row(
                (
                    Cell(each.place.label),
                    Cell(each.n, key),
                    Cell(len(each.place.variable.items)),
                    Cell(None if alpha is None else alpha.estimate, key),
                    Cell(None if alpha is None else (alpha.conf_low, alpha.conf_high), key),
                    Cell(None if omega is None else omega.estimate, key),
                    Cell(None if omega is None else (omega.conf_low, omega.conf_high), key),
                    Cell(each.composite, key),
                    Cell(each.ave, key),
                )
            )
        )
    return Table(
        name="reliability",
        title="Reliability by role and wave",
        columns=(
            Column("scale", "Scale"),
            Column("n", "n", "count"),
            Column("n_items", "Items", "count"),
            Column("alpha", "α", "correlation", "Alpha"),
            Column("alpha_conf", percent, "correlation_interval", "Alpha"),
            Column("omega", "ω", "correlation", "Omega"),
            Column("omega_conf", percent, "correlation_interval", "Omega"),
            Column("composite", "CR", "correlation", "Factor model"),
            Column("ave", "AVE", "correlation", "Factor model"),
        ),
        rows=tuple(rows),
        notes=(
            "n: persons who answered every item. CR = composite reliability, AVE = average "
            "variance extracted, by the wave's factor model, which takes incomplete answers too.",
        ),
    )


def _pairs_table(pairs: Sequence[Pair]) -> Table:
    return Table(
        name="validity",
        title="Are scales, and the two members' views, told apart?",
        columns=(
            Column("one", "Scale"),
            Column("other", "With"),
            Column("phi", "Factor r", "correlation"),
            Column("htmt", "HTMT", "correlation"),
            Column("htmt2", "HTMT2", "correlation"),
            Column("fornell_larcker", "Fornell–Larcker"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(pair.one.label),
                    Cell(pair.other.label),
                    Cell(pair.phi, pair.key),
                    Cell(pair.htmt, pair.key),
                    Cell(pair.htmt2, pair.key),
                    Cell(
                        None
                        if pair.fornell_larcker is None
                        else "met"
                        if pair.fornell_larcker
                        else "not met",
                        pair.key,
                    ),
                )
            )
            for pair in pairs
        ),
        notes=(
            "HTMT below .85 (or .90) and a squared factor correlation below both average variances "
            "extracted (Fornell–Larcker) speak for different constructs. Between the two members' "
            "answers to one scale they say how far the two views are one.",
        ),
    )


def _members_table(combined: Sequence[Combined]) -> Table:
    return Table(
        name="members",
        title="Reliability of the two members' difference and mean",
        columns=(
            Column("scale", "Scale"),
            Column("n_dyads", "Dyads", "count"),
            Column("r", "r", "correlation"),
            Column("difference", "By ω", "correlation", "Difference"),
            Column("difference_model", "By model", "correlation", "Difference"),
            Column("mean", "By ω", "correlation", "Mean"),
            Column("mean_model", "By model", "correlation", "Mean"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(", ".join(p for p in (each.variable.label, wave_label(each.wave)) if p)),
                    Cell(each.n, each.key),
                    Cell(each.correlation, each.key),
                    Cell(each.difference, each.key),
                    Cell(each.difference_by_model, each.key),
                    Cell(each.mean, each.key),
                    Cell(each.mean_by_model, each.key),
                )
            )
            for each in combined
        ),
        notes=(
            "By ω: errors of the two members are independent; by the model, what the same item "
            "shares between members is error too. The more alike the members, the less reliable "
            "their difference.",
        ),
    )


def _sentence(each: Combined) -> Sentence:
    label = ", ".join(part for part in (each.variable.label, wave_label(each.wave)) if part)
    return Sentence(
        "{label}: the reliability of the two members' difference is {difference}, that of their "
        "mean {mean}.",
        {
            "label": Cell(label),
            "difference": Cell(each.difference, each.key, "correlation"),
            "mean": Cell(each.mean, each.key, "correlation"),
        },
    )
