"""How those who left before the last wave differed from those who stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Answers, BoolArray, Sample
from dyadkit.display.formats import statistic_style
from dyadkit.display.labels import wave_label
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DataError
from dyadkit.estimation.comparison import chi_square_independence, welch
from dyadkit.results import Note, Support


@dataclass(frozen=True, slots=True)
class Comparison:
    """Completers against leavers on what they answered in the first wave."""

    tables: tuple[Table, ...]
    rows: tuple[tuple[dict[str, Any], str], ...]
    supports: tuple[Support, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Compared:
    """One variable: the row of its table, of `tidy`, and who supports it."""

    row: Row
    tidy: dict[str, Any]
    support: Support


def compare_leavers(sample: Sample, places: Sequence[Place], confidence: float) -> Comparison:
    """Compare completers and leavers on each number and category of the first wave."""
    first, last = sample.dyads.waves[0], sample.dyads.waves[-1]
    numbers: list[_Compared] = []
    categories: list[_Compared] = []
    nobody_left: list[str] = []
    failed: list[str] = []
    for place in places:
        if place.wave != first or not (place.variable.numeric or place.variable.kind == "category"):
            continue
        answers = sample.answers(place)
        stayed = answers.once & _at_end(sample, place, answers, last)
        left = answers.once & ~stayed
        if not left.any():
            nobody_left.append(place.label)
            continue
        try:
            if place.variable.numeric:
                numbers.append(_compare_numbers(sample, place, answers, (stayed, left), confidence))
            else:
                categories.append(_compare_categories(sample, place, answers, (stayed, left)))
        except DataError:
            failed.append(place.label)
    reasons = {
        "nobody who had answered left": nobody_left,
        "too few leavers or completers, or too little variation": failed,
    }
    notes = [
        Note(f"Leavers and completers are not compared, because {reason}: {'; '.join(labels)}.")
        for reason, labels in reasons.items()
        if labels
    ]
    tables = (
        *((_number_table(numbers, first, last),) if numbers else ()),
        *((_category_table(categories, first, last),) if categories else ()),
    )
    both = [*numbers, *categories]
    return Comparison(
        tables,
        tuple((entry.tidy, entry.support.key) for entry in both),
        tuple(entry.support for entry in both),
        tuple(notes),
    )


def _at_end(sample: Sample, place: Place, answers: Answers, last: str) -> BoolArray:
    """Mark the slots whose owner took part in the last wave, in whichever dyad."""
    there = sample.present[last]
    if not place.role:
        return np.asarray(there.all(axis=1))
    alike = sample.dyads.exchangeable
    column = slice(None) if alike else sample.members.index(place.role)
    here = there[:, column].T.ravel()
    if place.variable.level != "person":
        return np.asarray(here)
    now = sample.people_at[last][:, column].T.ravel()[here]
    return np.asarray(np.isin(answers.units, now))


def _compare_numbers(
    sample: Sample,
    place: Place,
    answers: Answers,
    groups: tuple[BoolArray, BoolArray],
    confidence: float,
) -> _Compared:
    stayed, left = groups
    found = welch(answers.values[stayed], answers.values[left], confidence)
    key = f"{place.key}#leavers"
    style = statistic_style(found.sd_x)
    row = Row(
        (
            Cell(_label(place)),
            Cell(found.n_x, key),
            Cell(found.mean_x, key, style),
            Cell(found.sd_x, key, style),
            Cell(found.n_y, key),
            Cell(found.mean_y, key, style),
            Cell(found.sd_y, key, style),
            Cell(found.statistic, key),
            Cell(found.df, key),
            Cell(found.p_value, key),
            Cell(found.cohens_d, key),
        )
    )
    tidy = {
        "term": f"completers − leavers: {place.term}",
        "quantity": "difference",
        **place.columns,
        "n": found.n_x + found.n_y,
        "estimate": found.difference,
        "statistic": found.statistic,
        "df": found.df,
        "p_value": found.p_value,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "cohens_d": found.cohens_d,
    }
    supports = [sample.support_of_values(key, group, answers.values) for group in groups]
    return _Compared(row, tidy, _smallest(supports))


def _compare_categories(
    sample: Sample, place: Place, answers: Answers, groups: tuple[BoolArray, BoolArray]
) -> _Compared:
    stayed, left = groups
    names = np.unique(answers.values[answers.once].astype(str))
    cells = [[group & (answers.values == name) for name in names] for group in groups]
    found = chi_square_independence([[int(cell.sum()) for cell in row] for row in cells])
    key = f"{place.key}#leavers"
    row = Row(
        (
            Cell(_label(place)),
            Cell(int(stayed.sum()), key),
            Cell(int(left.sum()), key),
            Cell(found.statistic, key),
            Cell(found.df, key),
            Cell(found.p_value, key),
            Cell(found.cramers_v, key),
        )
    )
    tidy = {
        "term": f"leaving by category: {place.term}",
        "quantity": "association",
        **place.columns,
        "n": found.n,
        "estimate": found.cramers_v,
        "statistic": found.statistic,
        "df": found.df,
        "p_value": found.p_value,
    }
    # With the margins known, χ² gives back the cells: the smallest of them must be large enough.
    supports = [sample.support(key, cell) for group in cells for cell in group if cell.any()]
    return _Compared(row, tidy, _smallest(supports))


def _smallest(supports: Sequence[Support]) -> Support:
    return min(supports, key=lambda support: (support.dyads, support.persons))


def _number_table(found: Sequence[_Compared], first: str, last: str) -> Table:
    return Table(
        name="leavers",
        title=f"Completers and leavers compared at {wave_label(first)}",
        columns=(
            Column("variable", "Variable"),
            Column("n_completers", "n", "count", "Completers"),
            Column("mean_completers", "M", "statistic", "Completers"),
            Column("sd_completers", "SD", "statistic", "Completers"),
            Column("n_leavers", "n", "count", "Leavers"),
            Column("mean_leavers", "M", "statistic", "Leavers"),
            Column("sd_leavers", "SD", "statistic", "Leavers"),
            Column("t", "t", "statistic"),
            Column("df", "df", "df"),
            Column("p", "p", "p_value"),
            Column("d", "d", "statistic"),
        ),
        rows=tuple(entry.row for entry in found),
        notes=(
            f"{_who(last)} t = Welch's test, d = difference over the pooled standard deviation; "
            "both are positive where completers are higher. The tests are not corrected for their "
            "number.",
        ),
    )


def _category_table(found: Sequence[_Compared], first: str, last: str) -> Table:
    return Table(
        name="leavers-categories",
        title=f"Completers and leavers compared at {wave_label(first)}: categories",
        columns=(
            Column("variable", "Variable"),
            Column("n_completers", "Completers", "count"),
            Column("n_leavers", "Leavers", "count"),
            Column("chi_square", "χ²", "statistic"),
            Column("df", "df", "df"),
            Column("p", "p", "p_value"),
            Column("v", "V", "correlation"),
        ),
        rows=tuple(entry.row for entry in found),
        notes=(
            f"{_who(last)} χ² = Pearson's test of independence, V = Cramér's. The tests are not "
            "corrected for their number.",
        ),
    )


def _who(last: str) -> str:
    wave = wave_label(last)
    return (
        f"Leavers = those who did not take part at {wave}; of what belongs to the dyad, dyads of "
        "which a member did not."
    )


def _label(place: Place) -> str:
    """Return the label without the wave, which the title names."""
    return Place(place.variable, place.role, "").label
