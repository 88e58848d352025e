"""Rows of the newcomer study's exports: who sent what, before it is written to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.chance import moment, pause, shuffled
from dyadkit.simulation.gaps import Gaps, blank_at_random
from dyadkit.simulation.instrument import (
    IntArray,
    TextArray,
    columns_of,
    count_scored,
    written_codes,
)
from dyadkit.simulation.mentoring_ids import draw_ids, spelt_otherwise
from dyadkit.simulation.newcomers_mess import STORIES, Mess, cast
from dyadkit.simulation.newcomers_model import INSTRUMENTS, ROLE, WAVES, newcomer_population
from dyadkit.simulation.population import draw_answers, standard_normals

DECLARED_MISSING = "-99"
COLUMNS = columns_of(INSTRUMENTS.values(), ROLE)
TENURE_MEAN, TENURE_SD = 1.6, 0.6
# Items that somebody leaves out who skips much, and those answered before somebody stops.
_GAPPY, _STOPPED = 6, 8
_SAME_SITE, _DAYS = 0.7, 10


@dataclass(frozen=True, slots=True)
class Row:
    """Who sent a row, when, and whether it counts; `second` counts from the wave's start."""

    kind: str
    fate: str
    second: int
    newcomer_id: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one wave in the order of the file, and their item cells."""

    rows: tuple[Row, ...]
    cells: TextArray


@dataclass(frozen=True, slots=True)
class Form:
    """What a mentor said in the form: who the newcomer is, years in the job, and the site."""

    newcomer_id: str
    mentor_id: str
    second: int
    tenure: float
    same_site: bool


@dataclass(frozen=True, slots=True)
class FieldWork:
    """Everything that was collected: the newcomers' answers by wave, and the mentors' forms."""

    sheets: Mapping[str, Sheet]
    forms: tuple[Form, ...]


def collect(mess: Mess, rng: np.random.Generator) -> FieldWork:
    """Draw everybody's answers and ids, and let each newcomer live through the story."""
    stories = cast(mess)
    codes = _raw_codes(len(stories), rng)
    people = [(number, 0) for number in range(len(stories))]
    ids = draw_ids(len(stories), people, rng)
    newcomers = [ids.developees[person] for person in people]
    sheets: dict[str, Sheet] = {}
    for place, wave in enumerate(WAVES):
        sent = [
            (person, row)
            for person, name in enumerate(stories)
            for row in _rows(name, place, newcomers[person], rng)
        ]
        sent.sort(key=lambda each: each[1].second)
        cells = np.stack([_answers(row.kind, codes[wave][person], rng) for person, row in sent])
        rows = [row for _, row in sent]
        rows = _misspelt(rows, getattr(mess.spelt_otherwise, wave), rng)
        sheets[wave] = Sheet(tuple(rows), _with_gaps(wave, rows, cells, mess, rng))
    return FieldWork(sheets, _forms(mess, newcomers[: mess.newcomers], ids.mentors, rng))


def scores_available(work: FieldWork) -> dict[str, int]:
    """Return for each scale score how many usable rows have enough answers."""
    counts: dict[str, int] = {}
    for measure in newcomer_population().measures:
        sheet = work.sheets[measure.wave]
        kept = sheet.cells[[row.fate == "kept" for row in sheet.rows]]
        counts[measure.name] = count_scored(kept, COLUMNS, INSTRUMENTS[measure.scale], ROLE)
    return counts


def _raw_codes(n: int, rng: np.random.Generator) -> dict[str, IntArray]:
    """Draw all answers and turn the reverse-keyed items round, as the questionnaires hold them."""
    population = newcomer_population()
    drawn = draw_answers(population, n, rng)
    by_measure = written_codes(drawn, population.measures, INSTRUMENTS)
    return {
        wave: np.hstack([by_measure[f"{scale}_{ROLE}_{wave}"] for scale in INSTRUMENTS])
        for wave in WAVES
    }


def _rows(name: str, place: int, newcomer_id: str, rng: np.random.Generator) -> list[Row]:
    """Return what a newcomer sent in one wave, and when."""
    second = moment(_DAYS, rng)
    rows = []
    for visit in STORIES[name][place]:
        rows.append(Row(visit.kind, visit.fate, second, newcomer_id))
        second += pause(rng)
    return rows


def _answers(kind: str, codes: IntArray, rng: np.random.Generator) -> TextArray:
    """Return the item cells of a row of some kind."""
    if kind in ("again", "gappy"):
        # Another sitting: other answers, all between 1 and 5.
        codes = np.minimum(codes + np.where(codes < 4, 1, -1), 5)
    cells = codes.astype("<U3")
    cells[{"refused": 0, "stopped": _STOPPED}.get(kind, cells.size) :] = ""
    cells[shuffled(cells.size, rng)[: _GAPPY if kind == "gappy" else 0]] = ""
    return cells


def _misspelt(rows: list[Row], count: int, rng: np.random.Generator) -> list[Row]:
    """Return the rows, in some of which the newcomer spelt the id in another way."""
    usable = [place for place, row in enumerate(rows) if row.kind == "answered"]
    written = list(rows)
    for turn, chosen in enumerate(shuffled(len(usable), rng)[:count].tolist()):
        row = rows[usable[chosen]]
        # Spaces at the end are no other spelling, so those turns are left out.
        spelt = spelt_otherwise(row.newcomer_id, turn % 2, "mentor")
        written[usable[chosen]] = Row(row.kind, row.fate, row.second, spelt)
    return written


def _with_gaps(
    wave: str, rows: list[Row], cells: TextArray, mess: Mess, rng: np.random.Generator
) -> TextArray:
    """Blank scales and cells of usable rows."""
    usable = np.flatnonzero([row.kind == "answered" and row.fate == "kept" for row in rows])
    gaps = Gaps(
        skipped_scales=getattr(mess.skipped_scales, wave),
        empty=getattr(mess.empty_cells, wave),
        declared_missing=getattr(mess.declared_missing_cells, wave),
        # The survey tool lets nobody leave the scale.
        out_of_range=0,
    )
    return blank_at_random(
        cells,
        usable,
        tuple(INSTRUMENTS.values()),
        gaps,
        rng,
        missing=DECLARED_MISSING,
        export=f"newcomers_{wave}",
    )


def _forms(
    mess: Mess, newcomers: list[str], mentors: tuple[str, ...], rng: np.random.Generator
) -> tuple[Form, ...]:
    """Return the mentors' forms in the order in which they came in."""
    n = len(newcomers)
    tenure: NDArray[np.float64] = np.exp(TENURE_MEAN + TENURE_SD * standard_normals(rng, (n,)))
    sites = rng.random(n) < _SAME_SITE
    chosen = shuffled(n, rng)[: mess.mentor_forms].tolist()
    forms = []
    for turn, person in enumerate(chosen):
        spelt = newcomers[person]
        if turn < mess.spelt_otherwise_mentors:
            spelt = spelt_otherwise(spelt, turn % 2, "mentor")
        years, site = round(float(tenure[person]), 1), bool(sites[person])
        first = Form(spelt, mentors[person], moment(_DAYS, rng), years, site)
        forms.append(first)
        if turn >= mess.mentor_forms - mess.mentors_twice:
            second = first.second + pause(rng)
            forms.append(Form(spelt, first.mentor_id, second, years, site))
    return tuple(sorted(forms, key=lambda form: form.second))
