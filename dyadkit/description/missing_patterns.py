"""Which values are missing together, in how many dyads, and whether it looks random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import BoolArray, FloatArray, Sample
from dyadkit.description.missing_shares import KEY
from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import PatternPlot
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DyadKitError
from dyadkit.estimation.missing import LittleTest, little_mcar
from dyadkit.estimation.patterns import missing_patterns
from dyadkit.results import Note, Support

_MOST_PATTERNS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One column of the dyads' answers side by side: its label, its numbers, who answered."""

    label: str
    scores: FloatArray | None
    seen: BoolArray


def side_by_side(sample: Sample, places: Sequence[Place]) -> tuple[Side, ...]:
    """Return the dyads' answers side by side; exchangeable members have a column each."""
    sides = []
    for place in places:
        answers = sample.answers(place)
        blocks = len(answers.seen) // sample.n
        seen = answers.seen.reshape(blocks, sample.n)
        values = answers.values.reshape(blocks, sample.n)
        for number in range(blocks):
            label = place.label if blocks == 1 else f"{place.label}, member {number + 1}"
            scores = values[number].astype(float) if place.variable.numeric else None
            sides.append(Side(label, scores, seen[number]))
    return tuple(sides)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of missing values: what is there, in how many dyads, and who they are."""

    observed: tuple[bool, ...]
    count: int
    support: Support


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """The common patterns, and how many dyads have one of the rare patterns."""

    labels: tuple[str, ...]
    common: tuple[Pattern, ...]
    n_rare: int
    rest: int
    n: int


def count_patterns(sample: Sample, sides: Sequence[Side], minimum: Minimum) -> PatternCounts:
    """Count the dyads with each pattern; a rare one is a dyad's own record and is not listed."""
    seen = np.column_stack([side.seen for side in sides])
    found = missing_patterns(np.where(seen, 0.0, np.nan))
    common: list[Pattern] = []
    for number in range(min(len(found.counts), _MOST_PATTERNS)):
        here = found.index == number
        support = sample.support(f"pattern {number + 1}", here)
        if not minimum.allows(support.dyads, support.persons):
            break
        common.append(Pattern(tuple(found.observed[number].tolist()), int(here.sum()), support))
    return PatternCounts(
        labels=tuple(side.label for side in sides),
        common=tuple(common),
        n_rare=len(found.counts) - len(common),
        rest=sample.n - sum(pattern.count for pattern in common),
        n=sample.n,
    )


def pattern_table(counts: PatternCounts, unit: str, minimum: Minimum) -> Table:
    """Lay out what is missing together."""

    def row(label: str, count: int, key: str = KEY) -> Row:
        return Row((Cell(label), Cell(count, key), Cell(count / counts.n, key)))

    rows = []
    for pattern in counts.common:
        there = zip(counts.labels, pattern.observed, strict=True)
        absent = [label for label, seen in there if not seen]
        everything = len(absent) == len(counts.labels)
        label = "everything" if everything else "; ".join(absent) or "nothing"
        rows.append(row(label, pattern.count, pattern.support.key))
    if counts.rest:
        other = "other " if counts.common else ""
        label = f"{counts.n_rare} {other}pattern{'s' if counts.n_rare != 1 else ''}"
        rows.append(row(label, counts.rest))
    rows.append(row(f"All {unit}", counts.n))
    floor = f"fewer than {minimum.dyads} dyads or {minimum.persons} persons"
    return Table(
        name="patterns",
        title="Patterns of missing values",
        columns=(
            Column("missing", "Missing"),
            Column(unit, unit.capitalize(), "count"),
            Column("share", "Share", "percent"),
        ),
        rows=tuple(rows),
        notes=(
            f"Patterns of {floor}, and more than {_MOST_PATTERNS} patterns, are taken together.",
        )
        if counts.rest
        else (),
    )


def pattern_plot(counts: PatternCounts, unit: str) -> PatternPlot:
    """Show which values are there together."""
    return PatternPlot(
        name="patterns",
        title="Patterns of missing values",
        alt=f"Which values occur together and in how many {unit}, as in the table of patterns.",
        column_labels=counts.labels,
        patterns=tuple(pattern.observed for pattern in counts.common),
        counts=tuple(Cell(pattern.count, pattern.support.key) for pattern in counts.common),
        other=Cell(counts.rest, KEY) if counts.rest else None,
    )


@dataclass(frozen=True, slots=True)
class Randomness:
    """Little's test, or None, what it leaves out, and who stands behind these notes."""

    little: LittleTest | None
    notes: tuple[Note, ...]
    supports: tuple[Support, ...]


def check_randomness(sample: Sample, sides: Sequence[Side], unit: str) -> Randomness:
    """Run Little's test over all numeric columns that vary, and say what it leaves out."""
    varied: list[FloatArray] = []
    notes: list[Note] = []
    supports: list[Support] = []
    for side in sides:
        if side.scores is None:
            continue
        if _varies(side.scores):
            varied.append(side.scores)
            continue
        key = f"{side.label}#constant"
        supports.append(sample.support(key, side.seen))
        why = "everybody gave the same answer" if side.seen.any() else "nobody answered"
        notes.append(Note(f"{side.label}: left out of Little's test, because {why}.", key=key))
    little, said = _little(varied, unit)
    return Randomness(little, (*notes, *said), tuple(supports))


def _little(varied: Sequence[FloatArray], unit: str) -> tuple[LittleTest | None, tuple[Note, ...]]:
    if not varied:
        return None, (Note("Little's test was not computed: no number varies."),)
    scores = np.column_stack(varied)
    seen = ~np.isnan(scores)
    if seen[seen.any(axis=1)].all():
        return None, (Note("Little's test was not computed: no number is missing."),)
    try:
        return little_mcar(scores), ()
    except (DyadKitError, np.linalg.LinAlgError):
        reason = (
            f"Little's test was not computed: the covariances of {len(varied)} columns could not "
            f"be estimated from these {unit}. There are too few of them, too much is missing "
            "together, or one column follows from others. Choose fewer variables."
        )
        return None, (Note(reason, "warning"),)


def little_row(little: LittleTest) -> dict[str, Any]:
    """Return the tidy row of Little's test."""
    return {
        "term": "Little's MCAR test",
        "quantity": "test",
        "n": little.n,
        "statistic": little.statistic,
        "df": float(little.df),
        "p_value": little.p_value,
    }


def little_sentence(little: LittleTest, alpha: float, key: str) -> Sentence:
    """Say what Little's test found."""
    verdict = (
        "rejects that values are missing completely at random"
        if little.p_value < alpha
        else "does not reject that values are missing completely at random, which does not prove it"
    )
    return Sentence(
        f"Little's test {verdict}: χ²({{df}}) = {{statistic}}, {{p}}, {{patterns}} patterns.",
        {
            "df": Cell(little.df, key, "df"),
            "statistic": Cell(little.statistic, key, "statistic"),
            "p": Cell(little.p_value, key, "p_relation"),
            "patterns": Cell(little.n_patterns, key, "count"),
        },
    )


def _varies(scores: FloatArray) -> bool:
    known = scores[~np.isnan(scores)]
    return known.size > 1 and bool(np.ptp(known) > 1e-12 * np.abs(known).max())
