"""Who took part in each wave, and how many of the first wave's members still did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, wave_label
from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class Retention:
    """How many of a role took part in a wave, and how many of the first wave still did."""

    role: str
    wave: str
    present: int
    began: int
    stayed: int

    @property
    def share(self) -> float:
        """The share of the first wave's members who took part."""
        return self.stayed / self.began if self.began else float("nan")


def count_retention(sample: Sample) -> tuple[Retention, ...]:
    """Count for each role and wave who took part; members of several dyads count in each."""
    first = sample.present[sample.dyads.waves[0]]
    found = []
    for role in sample.dyads.roles:
        alike = sample.dyads.exchangeable
        columns = slice(None) if alike else sample.members.index(role)
        began = first[:, columns]
        for wave in sample.dyads.waves:
            here = sample.present[wave][:, columns]
            counts = (int(here.sum()), int(began.sum()), int((began & here).sum()))
            found.append(Retention(role, wave, *counts))
    return tuple(found)


def retention_table(sample: Sample, found: Sequence[Retention]) -> Table:
    """Lay out who took part: counts of the sample flow, shown whatever their size."""
    first = sample.dyads.waves[0]
    complete = _complete(sample) if sample.paired else ()
    body: list[Row] = []
    for heading, entries in groupby((*found, *complete), key=lambda entry: entry.role):
        label = role_label(heading) if heading else "Dyads with both members"
        body.append(Row((Cell(label),), heading=True))
        for entry in entries:
            gone = entry.began - entry.stayed
            later = (entry.stayed, gone, entry.share) if entry.wave != first else (None,) * 3
            cells = (wave_label(entry.wave), entry.present, *later)
            body.append(Row(tuple(Cell(value) for value in cells)))
    over = f"Of those at {wave_label(first)}"
    return Table(
        name="retention",
        title="Participation by wave",
        columns=(
            Column("wave", "Wave"),
            Column("n", "Took part", "count"),
            Column("stayed", "Stayed", "count", over),
            Column("left", "Left", "count", over),
            Column("retention", "Retention", "percent", over),
        ),
        rows=tuple(body),
        notes=("Who belongs to several dyads counts once in each.",) if sample.shared_roles else (),
    )


def _complete(sample: Sample) -> tuple[Retention, ...]:
    """Count the dyads with both members, under an empty role."""
    both = {wave: there.all(axis=1) for wave, there in sample.present.items()}
    began = both[sample.dyads.waves[0]]
    return tuple(
        Retention("", wave, int(here.sum()), int(began.sum()), int((began & here).sum()))
        for wave, here in both.items()
    )


def retention_rows(found: Sequence[Retention]) -> list[tuple[dict[str, Any], str]]:
    """Return the tidy rows of the later waves."""
    first = found[0].wave
    return [
        (
            {
                "term": f"retention: {entry.role} ({entry.wave})",
                "quantity": "retention",
                "role": entry.role,
                "wave": entry.wave,
                "n": entry.began,
                "estimate": entry.share,
            },
            "all",
        )
        for entry in found
        if entry.wave != first
    ]


def retention_sentences(sample: Sample, found: Sequence[Retention]) -> Iterator[Sentence]:
    """Yield one sentence a role about the last wave."""
    first, last = sample.dyads.waves[0], sample.dyads.waves[-1]
    for entry in found:
        if entry.wave == last and entry.began:
            yield Sentence(
                "{role}: {stayed} of {began} who took part at {first} did so at {last} ({share}).",
                {
                    "began": Cell(entry.began, style="count"),
                    "role": Cell(role_label(entry.role)),
                    "first": Cell(wave_label(first)),
                    "stayed": Cell(entry.stayed, style="count"),
                    "share": Cell(entry.share, style="percent"),
                    "last": Cell(wave_label(last)),
                },
            )
