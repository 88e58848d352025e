"""How much is missing of each variable, by role and wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from dyadkit.answers.places import Place
from dyadkit.answers.sample import BoolArray, Sample, first_of_each
from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import HeatMap
from dyadkit.display.labels import wave_label
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table

#: Counts of who answered are taken over all members, so that all of them stand behind each.
KEY = "all"


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a variable is missing in one place.

    Attributes
    ----------
    place : Place
    members : int
        Whose answers there would be if everybody had taken part.
    present : int
        How many took part in the wave.
    answered : int
        How many have a value.
    items, items_left_out : int
        Answers to single items that were asked of those present, and how many they left out;
        0 for what is no scale.
    """

    place: Place
    members: int
    present: int
    answered: int
    items: int
    items_left_out: int

    @property
    def missing(self) -> int:
        """Members without a value."""
        return self.members - self.answered

    @property
    def skipped(self) -> int:
        """Those who took part and have no value."""
        return self.present - self.answered

    @property
    def share(self) -> float:
        """The share of members without a value."""
        return self.missing / self.members if self.members else float("nan")

    @property
    def item_share(self) -> float | None:
        """The share of item answers left out by those who took part."""
        return self.items_left_out / self.items if self.items else None


def share_missing(sample: Sample, place: Place) -> Share:
    """Count whom a question was put to, who took part in the wave, and who has a value."""
    answers = sample.answers(place)
    present = _present(sample, place)
    everybody = np.ones(len(present), dtype=bool)
    once = first_of_each(present, answers.units)
    items, left_out = 0, 0
    if sample.holds_items(place.variable):
        blank = sample.items_missing(place)[once]
        items, left_out = blank.size, int(blank.sum())
    return Share(
        place,
        members=int(first_of_each(everybody, answers.units).sum()),
        present=int(once.sum()),
        answered=int(answers.once.sum()),
        items=items,
        items_left_out=left_out,
    )


def _present(sample: Sample, place: Place) -> BoolArray:
    """Mark the slots whose owner took part in the wave."""
    there = sample.present[place.wave]
    if sample.dyads.exchangeable:
        return there.T.ravel() if place.role else np.asarray(there.any(axis=1))
    asked = [place.role] if place.role else list(place.variable.roles or sample.members)
    return np.asarray(there[:, [sample.members.index(role) for role in asked]].any(axis=1))


def share_rows(shares: Sequence[Share]) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows and their support keys."""
    rows: list[tuple[dict[str, Any], str]] = []
    for share in shares:
        place = share.place
        row = {"quantity": "missing share", **place.columns, "n": share.members}
        rows.append(({"term": f"missing: {place.term}", **row, "estimate": share.share}, KEY))
    for share in shares:
        place = share.place
        if share.item_share is not None:
            row = {"quantity": "item answers left out", **place.columns, "n": share.items}
            term = f"item answers left out: {place.term}"
            rows.append(({"term": term, **row, "estimate": share.item_share}, KEY))
    return rows


def share_table(shares: Sequence[Share]) -> Table:
    """Lay out members, participants and what is missing."""
    waves = any(share.place.wave for share in shares)
    items = any(share.items for share in shares)
    rows: list[Row] = []
    current = ""
    for share in shares:
        place = share.place
        if place.variable.label != current:
            current = place.variable.label
            rows.append(Row((Cell(current),), heading=True))
        left_out = share.items_left_out if share.items else None
        rows.append(
            Row(
                (
                    Cell(place.who),
                    *([Cell(wave_label(place.wave))] if waves else []),
                    Cell(share.members, KEY),
                    Cell(share.present, KEY),
                    Cell(share.skipped, KEY),
                    Cell(share.missing, KEY),
                    Cell(share.share, KEY),
                    *([Cell(left_out, KEY), Cell(share.item_share, KEY)] if items else []),
                )
            )
        )
    single = " Item answers left out: by those who took part, of all the scale's items."
    return Table(
        name="missingness",
        title="Missing values by variable, role and wave",
        columns=(
            Column("role", "Role"),
            *([Column("wave", "Wave")] if waves else []),
            Column("members", "Members", "count"),
            Column("took_part", "Took part", "count"),
            Column("skipped", "No value", "count"),
            Column("missing", "n", "count", spanner="Missing"),
            Column("share", "Share", "percent", spanner="Missing"),
            *(
                (
                    Column("items_left_out", "n", "count", spanner="Item answers left out"),
                    Column("items_share", "Share", "percent", spanner="Item answers left out"),
                )
                if items
                else ()
            ),
        ),
        rows=tuple(rows),
        notes=(
            "Members = those who belong to the dyads kept; took part = answered the wave; no value "
            "= took part, but left the question out or answered too few items for a score; missing "
            f"= members without a value.{single if items else ''}",
        ),
    )


def share_map(sample: Sample, shares: Sequence[Share], minimum: Minimum) -> HeatMap:
    """Shade the shares: one row a variable and role, one column a wave."""
    by_key = {share.place.key: share for share in shares}
    places = [share.place for share in shares]
    lines = dict.fromkeys((place.variable.name, place.role) for place in places)
    waves = [w for w in sample.dyads.occasions if any(place.wave == w for place in places)]
    cells = []
    labels = []
    for name, who in lines:
        variable = sample.dyads.variables[name]
        labels.append(Place(variable, who, "").label)
        found = [by_key.get(Place(variable, who, wave).key) for wave in waves]
        cells.append(tuple(Cell(share.share, KEY) if share else Cell(None) for share in found))
    everyone = sample.everyone()
    shown = minimum.allows(everyone.dyads, everyone.persons)
    # The end of the scale must not tell what a hidden cell holds.
    largest = max(share.share for share in shares) if shown else 1.0
    return HeatMap(
        name="missingness",
        title="Share of missing values",
        alt="Shaded grid of the shares that the table of missing values lists.",
        row_labels=tuple(labels),
        column_labels=tuple(wave_label(wave) or "Share" for wave in waves),
        cells=tuple(cells),
        style="percent",
        low=0.0,
        high=max(0.1, ceil(10 * largest) / 10),
        caption="Blank where the question was not asked." if len(waves) > 1 else "",
    )


def total_sentence(shares: Sequence[Share]) -> Sentence:
    """Say how much is missing over all variables, and why."""
    asked = sum(share.members for share in shares)
    missing = sum(share.missing for share in shares)
    skipped = sum(share.skipped for share in shares)
    if not missing:
        return Sentence("All {asked} values are there.", {"asked": Cell(asked, KEY, "count")})
    reasons = {
        "{absent} because a member did not take part in a wave": missing - skipped,
        "{skipped} because someone who took part left answers out": skipped,
    }
    why = " and ".join(reason for reason, count in reasons.items() if count)
    return Sentence(
        "Of the {asked} values that complete participation would have given, {missing} ({share}) "
        f"are missing: {why}.",
        {
            "asked": Cell(asked, KEY, "count"),
            "missing": Cell(missing, KEY, "count"),
            "share": Cell(missing / asked, KEY, "percent"),
            "absent": Cell(missing - skipped, KEY, "count"),
            "skipped": Cell(skipped, KEY, "count"),
        },
    )
