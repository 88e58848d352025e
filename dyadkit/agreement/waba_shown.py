"""What a report shows of correlations of two variables within and between groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from dyadkit.agreement.behind_groups import support_of_persons
from dyadkit.agreement.group_rows import GroupRatings
from dyadkit.agreement.guide import GROUPS
from dyadkit.agreement.shown import Shown, index_row
from dyadkit.agreement.waba import Waba, within_and_between
from dyadkit.answers.sample import Sample
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import IntArray
from dyadkit.results import Note, Support


def show_waba(sample: Sample, found: Sequence[GroupRatings], confidence: float) -> Shown:
    """Divide the correlation of each two variables of the same persons by level."""
    shown = Shown()
    body: list[Row] = []
    for one, other in combinations(found, 2):
        if (one.role, one.wave) != (other.role, other.wave):
            continue
        _, at_one, at_other = np.intersect1d(one.slot, other.slot, return_indices=True)
        label = one.label.replace(
            one.variable.label, f"{one.variable.label} and {other.variable.label}", 1
        )
        support = _support(sample, one, other, at_one, at_other)
        shown.supports.append(support)
        key = support.key
        try:
            waba = within_and_between(
                one.scores[at_one], other.scores[at_other], one.group[at_one], confidence
            )
        except DataError as error:
            shown.notes.append(Note(f"{label}: {error}", "warning", key))
            continue
        body.append(Row((Cell(label), *_waba_cells(waba, key))))
        term = f"{one.variable.name} and {other.variable.name}"
        place = {"variable": term, "role": one.role, "wave": one.wave}
        for name, result in (("between", waba.between), ("within", waba.within)):
            row = index_row(f"WABA r {name}", GROUPS, term, place, result)
            shown.rows.append((row, key))
    if body:
        shown.tables.append(_waba_table(body))
        shown.methods.append(
            "Within-and-between analysis follows Dansereau, Alutto and Yammarino (1984)."
        )
    return shown


def _support(
    sample: Sample, one: GroupRatings, other: GroupRatings, at_one: IntArray, at_other: IntArray
) -> Support:
    """Count the groups with two members who have both scores, and the persons of their dyads."""
    both = np.zeros(one.scores.size, dtype=bool)
    both[at_one] = ~(np.isnan(one.scores[at_one]) | np.isnan(other.scores[at_other]))
    key = f"{one.key}&{other.variable.name}"
    return replace(support_of_persons(sample, one, both), key=key)


def _waba_cells(waba: Waba, key: str) -> Iterator[Cell]:
    values = (
        *(waba.raw, waba.first.eta_between, waba.second.eta_between),
        *(waba.between.estimate, waba.within.estimate),
        *(waba.between.component, waba.within.component, waba.z, waba.p_value, waba.strength),
    )
    for value in values:
        yield Cell(value, key)


def _waba_table(body: Sequence[Row]) -> Table:
    return Table(
        name="waba",
        title="Correlations within and between groups",
        columns=(
            Column("variables", "Variables"),
            Column("raw", "r", "correlation"),
            Column("eta_first", "First", "correlation", "η between"),
            Column("eta_second", "Second", "correlation", "η between"),
            Column("r_between", "Between", "correlation", "Correlation"),
            Column("r_within", "Within", "correlation", "Correlation"),
            Column("component_between", "Between", "correlation", "Component"),
            Column("component_within", "Within", "correlation", "Component"),
            Column("z", "Z", "statistic"),
            Column("p", "p", "p_value"),
            Column("strength", "Strength"),
        ),
        rows=tuple(body),
        notes=(
            "r = between component + within component. Z: difference of the correlations between "
            "and within. Strength: which of them is larger by a practical margin (15°).",
        ),
    )
