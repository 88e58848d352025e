"""What a report shows of the likeness of answer patterns across items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dyadkit.agreement.comparisons import Comparison
from dyadkit.agreement.guide import PROFILES
from dyadkit.agreement.profiles import (
    Profiles,
    ProfileSummary,
    item_norms,
    profile_indices,
    row_correlations,
    shared_items,
    summarise,
)
from dyadkit.agreement.pseudo_pairs import PseudoCouples, pseudo_couples
from dyadkit.agreement.shown import Shown, estimate_cells, estimate_columns, index_row, placed_rows
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Table
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import BoolArray, IntArray

_INDICES = {
    "overall": "overall similarity",
    "distinctive": "distinctive similarity",
    "normative_first": "normative similarity, first",
    "normative_second": "normative similarity, second",
    "double_entry": "double-entry profile ICC",
    "elevation": "elevation difference",
    "scatter": "scatter difference",
    "distance": "D2 per item",
}


@dataclass(frozen=True, slots=True, eq=False)
class Profiled:
    """The patterns of one comparison.

    Attributes
    ----------
    profiles : Profiles
        Of the comparison's dyads.
    summaries : dict of ProfileSummary
        By index; an index that is undefined in nearly all dyads is not there.
    distinctive, overall : PseudoCouples
        Beside pairs at random.
    items : int
    """

    comparison: Comparison
    profiles: Profiles
    summaries: dict[str, ProfileSummary]
    distinctive: PseudoCouples
    overall: PseudoCouples
    items: int


def profile(
    comparison: Comparison,
    cluster: IntArray,
    *,
    permutations: int,
    rng: np.random.Generator,
    confidence: float,
) -> Profiled:
    """Compare the patterns of a comparison's dyads with each other and with pairs at random.

    Raises
    ------
    DataError
        If there are too few.
    """
    here = comparison.slots
    first, second = comparison.first_items[here], comparison.second_items[here]
    alike = not comparison.subject.roles
    profiles = profile_indices(first, second, exchangeable=alike)
    one, other = shared_items(first, second)
    norms = item_norms(first, second, exchangeable=alike)
    summaries = {}
    for name in _INDICES:
        try:
            summaries[name] = summarise(getattr(profiles, name), profiles.items, confidence)
        except DataError:
            # Without roles elevation has no sign; elsewhere what does not vary has no pattern.
            if name in ("overall", "distinctive"):
                raise
    codes = cluster[here]
    both = [
        pseudo_couples(x, y, draws=permutations, rng=rng, cluster=codes, exchangeable=alike)
        for x, y in ((one - norms[0], other - norms[1]), (one, other))
    ]
    items = comparison.first_items.shape[1]
    return Profiled(comparison, profiles, summaries, both[0], both[1], items)


def with_patterns(comparison: Comparison) -> BoolArray:
    """Mark the dyads whose two patterns can be compared, overall and without the items' means."""
    first, second = comparison.first_items, comparison.second_items
    try:
        one, other = shared_items(first, second)
    except DataError:
        return np.zeros(len(first), dtype=bool)
    here, alike = comparison.slots, not comparison.subject.roles
    norms = item_norms(first[here], second[here], exchangeable=alike)
    overall, distinctive = (
        row_correlations(x, y) for x, y in ((one, other), (one - norms[0], other - norms[1]))
    )
    return ~(np.isnan(overall) | np.isnan(distinctive))


def show_profiles(found: Sequence[Profiled], percent: str) -> Shown:
    """Lay out estimates, tables and sentences of all comparisons."""
    shown = Shown()
    if not found:
        return shown
    for each in found:
        shown.rows += [(row, each.comparison.key) for row in _rows(each)]
        shown.sentences.append(_sentence(each, percent))
    shown.tables = [_table(found, percent), _parts_table(found)]
    draws = found[0].distinctive.draws
    shown.methods = [
        "Likeness of answer patterns is the correlation across items within a dyad: overall, and "
        "distinctive, after the means of each side's items are taken away (Furr, 2008). Partners "
        f"are compared with pseudo-couples, pairs at random, by {draws:,} permutations, "
        "p = (b + 1)/(m + 1); partners who share a person are exchanged together.",
    ]
    return shown


def _rows(each: Profiled) -> Iterator[dict[str, Any]]:
    comparison = each.comparison

    def row(index: str, result: object, **more: float | int | str) -> dict[str, Any]:
        place = comparison.columns
        return index_row(index, PROFILES, comparison.term, place, result, **more)

    signed = bool(comparison.subject.roles)
    for name, label in _INDICES.items():
        if name in each.summaries and (signed or name not in ("elevation", "scatter")):
            yield row(label, each.summaries[name])
    for label, couples in (("distinctive", each.distinctive), ("overall", each.overall)):
        yield row(f"{label} similarity above pseudo-couples", couples)


def _table(found: Sequence[Profiled], percent: str) -> Table:
    cells = [
        (
            Cell(each.summaries["distinctive"].n, each.comparison.key),
            *estimate_cells(each.summaries["distinctive"], each.comparison.key),
            Cell(each.distinctive.baseline, each.comparison.key),
            Cell(each.distinctive.p_value, each.comparison.key),
            *estimate_cells(each.summaries["overall"], each.comparison.key),
            Cell(each.overall.baseline, each.comparison.key),
            Cell(each.overall.p_value, each.comparison.key),
        )
        for each in found
    ]
    return Table(
        name="profiles",
        title="How alike the two members' answer patterns are",
        columns=(
            Column("variable", "Variable"),
            Column("n_dyads", "Dyads", "count"),
            *estimate_columns("distinctive", "r", "correlation", percent, "Distinctive"),
            Column("distinctive_random", "At random", "correlation", "Distinctive"),
            Column("distinctive_p", "p", "p_value", "Distinctive"),
            *estimate_columns("overall", "r", "correlation", percent, "Overall"),
            Column("overall_random", "At random", "correlation", "Overall"),
            Column("overall_p", "p", "p_value", "Overall"),
        ),
        rows=tuple(placed_rows([each.comparison for each in found], cells)),
        notes=(
            "Means over dyads of the correlation across items. Distinctive: without what all share "
            "(the items' means); this is the one to interpret. At random: of pseudo-couples; p: of "
            "the difference to them. Dyads in which a member gave the same answer to all items "
            "have no pattern and are left out.",
        ),
    )


def _parts_table(found: Sequence[Profiled]) -> Table:
    cells = []
    for each in found:
        key, summaries = each.comparison.key, each.summaries
        signed = bool(each.comparison.subject.roles)

        def mean(name: str, summaries: dict[str, ProfileSummary] = summaries) -> float | None:
            return summaries[name].estimate if name in summaries else None

        values = (
            each.items,
            mean("normative_first"),
            mean("normative_second"),
            mean("elevation") if signed else None,
            mean("scatter") if signed else None,
            mean("distance"),
            mean("double_entry"),
        )
        cells.append([Cell(value, key) for value in values])
    one, other = found[0].comparison.subject.sides
    return Table(
        name="profile_parts",
        title="What the likeness of patterns is made of",
        columns=(
            Column("variable", "Variable"),
            Column("n_items", "Items", "count"),
            Column("normative_first", one, "correlation", "Normative"),
            Column("normative_second", other, "correlation", "Normative"),
            Column("elevation", "Elevation", "statistic", "Difference"),
            Column("scatter", "Scatter", "statistic", "Difference"),
            Column("distance", "D² per item", "statistic"),
            Column("double_entry", "Double-entry ICC", "correlation"),
        ),
        rows=tuple(placed_rows([each.comparison for each in found], cells)),
        notes=(
            "Means over dyads. Normative: correlation with the mean answers of the own side. "
            "Elevation and scatter: difference of the patterns' means and standard deviations, "
            f"{one.lower()} minus {other.lower()}.",
        ),
    )


def _sentence(each: Profiled, percent: str) -> Sentence:
    key, found = each.comparison.key, each.summaries["distinctive"]
    return Sentence(
        f"{{label}}: distinctive similarity of answer patterns is {{r}}, {percent} {{interval}}, "
        "beside {baseline} in pseudo-couples ({p}, {n} dyads).",
        {
            "label": Cell(each.comparison.label),
            "r": Cell(found.estimate, key, "correlation"),
            "interval": Cell((found.conf_low, found.conf_high), key, "correlation_interval"),
            "baseline": Cell(each.distinctive.baseline, key, "correlation"),
            "p": Cell(each.distinctive.p_value, key, "p_relation"),
            "n": Cell(found.n, key, "count"),
        },
    )
