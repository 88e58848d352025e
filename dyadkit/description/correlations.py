"""Correlations within a role, across partners and across waves, with exact p and n."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Answers, Sample, first_of_each
from dyadkit.display.labels import role_label
from dyadkit.errors import DataError
from dyadkit.estimation.correlation import Correlation, pearson
from dyadkit.results import Note, Support


@dataclass(frozen=True, slots=True)
class Pair:
    """The correlation of two places.

    Attributes
    ----------
    first, second : Place
    found : Correlation or None
        None where it could not be had.
    support : Support
        Who answered both.
    """

    first: Place
    second: Place
    found: Correlation | None
    support: Support


def correlate(
    sample: Sample, answered: Sequence[tuple[Place, Answers]], confidence: float
) -> tuple[Pair, ...]:
    """Correlate every two places over the dyads (or persons) in which both were answered.

    Each pair of answers counts once, however many dyads it is filed under.  Exchangeable members
    are pooled; since they are not independent, no p and no interval is given, unless nobody has a
    partner.
    """
    pooled = sample.dyads.exchangeable and sample.paired
    pairs = []
    for row, second in enumerate(answered):
        for first in answered[:row]:
            pair = _pair(sample, first, second, confidence)
            pairs.append(_without_test(pair) if pooled else pair)
    return tuple(pairs)


def correlate_partners(
    sample: Sample, answered: Sequence[tuple[Place, Answers]], confidence: float
) -> tuple[Pair, ...]:
    """Correlate one exchangeable member's answers with the other's, by double entry.

    Every dyad enters twice, with either member first, so that the arbitrary order of the members
    does not matter; n is the number of dyads, and the pairs of a place with itself are included.
    """
    personal = [(place, answers) for place, answers in answered if place.role]
    pairs = []
    for row, (second, theirs) in enumerate(personal):
        other = Answers(*(np.roll(part, sample.n) for part in _parts(theirs)))
        for first in personal[: row + 1]:
            pair = _pair(sample, first, (second, other), confidence)
            support = replace(pair.support, key=f"{first[0].key}~partner's {second.key}")
            found = pair.found and replace(pair.found, n=support.dyads)
            pairs.append(_without_test(replace(pair, found=found, support=support)))
    return tuple(pairs)


def correlation_notes(sample: Sample, places: Sequence[Place]) -> tuple[Note, ...]:
    """Say what the p-values and intervals do not allow for."""
    if sample.dyads.exchangeable and sample.paired:
        text = (
            "Correlations pool both members of each dyad, who are not independent; no p is given."
        )
        return (Note(text),)
    notes = [
        f"{role_label(role)}: some belong to several dyads; across partners these dyads are not "
        "independent, so that the p-values are too small and the intervals too narrow."
        for role in sample.shared_roles
        if not sample.dyads.exchangeable
    ]
    notes += [
        f"{place.label}: belongs to the group; with answers of its members, the p-values are too "
        "small and the intervals too narrow."
        for place in places
        if place.variable.level == "group"
    ]
    return tuple(Note(text, "warning") for text in notes)


def correlation_rows(
    pairs: Sequence[Pair], *, partner: bool = False
) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows and their support keys."""
    rows: list[tuple[dict[str, Any], str]] = []
    for pair in pairs:
        if pair.found is None:
            continue
        first, second, found = pair.first, pair.second, pair.found
        rows.append(
            (
                {
                    "term": f"r: {first.term} ~ {'partner’s ' if partner else ''}{second.term}",
                    "quantity": "partner correlation" if partner else "correlation",
                    **first.columns,
                    **{f"other_{name}": value for name, value in second.columns.items()},
                    "n": found.n,
                    "estimate": found.estimate,
                    "statistic": found.statistic,
                    "df": found.df,
                    "p_value": found.p_value,
                    "conf_low": found.conf_low,
                    "conf_high": found.conf_high,
                },
                pair.support.key,
            )
        )
    return rows


def _pair(
    sample: Sample, one: tuple[Place, Answers], other: tuple[Place, Answers], confidence: float
) -> Pair:
    (first, x), (second, y) = one, other
    # What belongs to the dyad stands beside both of its exchangeable members.
    slots = max(len(x.seen), len(y.seen))
    mine, theirs = ([np.resize(part, slots) for part in _parts(a)] for a in (x, y))
    both = first_of_each(mine[1] & theirs[1], mine[2], theirs[2])
    try:
        found: Correlation | None = pearson(mine[0][both], theirs[0][both], confidence)
    except DataError:  # too few pairs or no variance: the table shows a dash
        found = None
    return Pair(first, second, found, sample.support(f"{first.key}~{second.key}", both))


def _parts(answers: Answers) -> tuple[Any, Any, Any]:
    return answers.values, answers.seen, answers.units


def _without_test(pair: Pair) -> Pair:
    if pair.found is None:
        return pair
    nan = float("nan")
    found = replace(pair.found, conf_low=nan, conf_high=nan, statistic=nan, df=nan, p_value=nan)
    return replace(pair, found=found)
