"""Groups' answers, from what was asked to what is shown of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.agreement.aggregation import Aggregation, judge_aggregation
from dyadkit.agreement.behind_groups import groups_support
from dyadkit.agreement.derived import DerivedValues
from dyadkit.agreement.group_agreement import group_indices
from dyadkit.agreement.group_figures import agreement_distribution
from dyadkit.agreement.group_rows import DYAD, TEAM, GroupRatings, group_ratings_of
from dyadkit.agreement.grouping import grouped
from dyadkit.agreement.groups_shown import GroupFound, show_groups
from dyadkit.agreement.nulls_asked import NullOption, nulls_of
from dyadkit.agreement.shown import Shown
from dyadkit.agreement.waba_shown import show_waba
from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.disclosure import hidden_keys
from dyadkit.display.labels import role_plural
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.errors import DataError, listed
from dyadkit.results import Note, Verdict

_PAIRS_WARNING = (
    "r_wg of pairs takes very few values (on a scale from 1 to 5 only 0, .75 and 1 for one item), "
    "and a_wg is undefined for most pairs. Prefer the absolute difference, AD and ICC(A,1)."
)


@dataclass(frozen=True, slots=True)
class GroupSettings:
    """What was asked for; see `assess_agreement`."""

    groups: str
    nulls: tuple[NullOption, ...]
    confidence: float
    percent: str
    draws: int


def show_group_agreement(
    sample: Sample,
    variables: Sequence[str] | None,
    settings: GroupSettings,
    derived: DerivedValues,
    rng: np.random.Generator,
) -> tuple[Shown, list[Verdict]]:
    """Estimate and lay out the agreement of groups in each variable."""
    shown, verdicts = Shown(), []
    found: list[GroupFound] = []
    everything, left_out = group_ratings_of(sample, variables, settings.groups)
    shown.notes += left_out
    for ratings in everything:
        support = groups_support(sample, ratings)
        shown.supports.append(support)
        try:
            each = _estimate(sample, ratings, settings, rng)
        except DataError as error:
            lost = ratings.without_group
            unknown = f" Of {lost} person(s) the group is not known." if lost else ""
            text = f"{ratings.label}: {error}{unknown}"
            shown.notes.append(Note(text, "warning", ratings.key))
            continue
        found.append(each)
        _derive(each, derived)
        shown.supports += each.supports(support)
        shown.notes += _notes(each)
    words = _words(settings.groups)
    shown.add(show_groups(found, settings.percent, words))
    if found:
        judged = [
            (each.ratings, judge_aggregation(each.found, 1.0 - settings.confidence))
            for each in found
        ]
        shown.tables.append(_aggregation_table(judged))
        # What may not be shown is no finding that other analyses could cite.
        hidden = hidden_keys(shown.supports, (), minimum_of(sample.dyads))
        verdicts = [
            Verdict(
                ratings.variable.name,
                f"aggregation over {words}",
                aggregation.justified,
                f"{ratings.label}: aggregation over {words} is "
                f"{'justified' if aggregation.justified else 'not justified'} "
                f"({aggregation.reason}).",
                ("teams",),
            )
            for ratings, aggregation in judged
            if ratings.key not in hidden
        ]
        shown.add(show_waba(sample, [each.ratings for each in found], settings.confidence))
        for place in dict.fromkeys((e.ratings.variable.name, e.ratings.role) for e in found):
            own = [e for e in found if (e.ratings.variable.name, e.ratings.role) == place]
            plot = agreement_distribution(sample, own, rng)
            shown.figures += [] if plot is None else [plot]
    if any(each.found.usual_size == 2 for each in found):
        shown.notes.append(Note(_PAIRS_WARNING, "warning"))
    return shown, verdicts


def _estimate(
    sample: Sample, ratings: GroupRatings, settings: GroupSettings, rng: np.random.Generator
) -> GroupFound:
    low, high = ratings.possible
    nulls, why_not = nulls_of(settings.nulls, ratings)
    data = grouped(ratings.ratings, ratings.group)
    confidence, draws = settings.confidence, settings.draws
    found = group_indices(data, nulls, low, high, rng=rng, draws=draws, confidence=confidence)
    return GroupFound(ratings, found, why_not)


def _notes(each: GroupFound) -> Iterator[Note]:
    ratings, data = each.ratings, each.found.data
    left_out = (
        (data.alone, "group(s) with a single complete member"),
        (data.incomplete, "person(s) with a missing item"),
        (ratings.without_group, "person(s) whose group is not known"),
    )
    said = [f"{count} {what}" for count, what in left_out if count]
    if said:
        yield Note(f"{ratings.label}: left out {listed(said)}.", "info", ratings.key)
    for why in (*each.nulls_left_out, each.found.why_not, each.found.why_no_mixed):
        if why:
            yield Note(f"{ratings.label}: {why}", "warning", ratings.key)


def _derive(each: GroupFound, derived: DerivedValues) -> None:
    """Give every dyad the agreement of its group."""
    ratings, data = each.ratings, each.found.data
    suffix = f"_{ratings.role}" if ratings.role else ""
    place = np.full(int(ratings.group.max()) + 1, -1, dtype=np.int64)
    place[data.code] = np.arange(data.groups)
    at = np.where(ratings.of_dyad >= 0, place[ratings.of_dyad], -1)
    slots = at >= 0
    chosen = [("ad", "AD of the group", each.found.ad_mean.values)]
    if each.found.nulls:
        chosen.append(("rwg", "r_wg of the group", each.found.nulls[0].rwg.values))
    for name, words, values in chosen:
        label = f"{ratings.variable.label}: {words}"
        name = f"{ratings.variable.name}{suffix}_{name}"
        derived.add(name, label, ratings.wave, slots, values[at[slots]])


def _words(groups: str) -> str:
    if groups == DYAD:
        return "dyads"
    return "groups" if groups == TEAM else f"{role_plural(groups)}' partners"


def _aggregation_table(judged: Sequence[tuple[GroupRatings, Aggregation]]) -> Table:
    body: list[Row] = []
    for ratings, aggregation in judged:
        key = ratings.key
        body.append(Row((Cell(ratings.label),), heading=True))
        for criterion in aggregation.criteria:
            body.append(
                Row(
                    (
                        Cell(criterion.name),
                        Cell(criterion.value, key),
                        Cell(criterion.wanted),
                        Cell("yes" if criterion.met else "no", key),
                        Cell(criterion.reading, key),
                    )
                )
            )
        verdict = "justified" if aggregation.justified else "not justified"
        body.append(
            Row(
                (
                    *(Cell("Together"), Cell(""), Cell("all of them")),
                    Cell("yes" if aggregation.justified else "no", key),
                    Cell(f"aggregation is {verdict}", key),
                )
            )
        )
    return Table(
        name="aggregation",
        title="May group means stand for groups?",
        columns=(
            Column("criterion", "Condition"),
            Column("value", "Value", "statistic"),
            Column("wanted", "Wanted"),
            Column("met", "Met"),
            Column("reading", "Reading"),
        ),
        rows=tuple(body),
        notes=(
            "Conventions of LeBreton and Senter (2008): .00–.30 lack of, .31–.50 weak, .51–.70 "
            "moderate, .71–.90 strong, .91–1 very strong agreement. All conditions must be met.",
        ),
    )
