"""Rows of the mentoring study: who sent what, before it is written to a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dyadkit.errors import DataError
from dyadkit.simulation.chance import moment, pause, shuffled
from dyadkit.simulation.instrument import IntArray, TextArray, count_scored, written_codes
from dyadkit.simulation.mentoring_cells import answers, items_of, with_gaps
from dyadkit.simulation.mentoring_ids import Ids, draw_ids, spelt_otherwise
from dyadkit.simulation.mentoring_mess import Mess, Relationship, cast, role_and_wave
from dyadkit.simulation.mentoring_model import (
    INSTRUMENTS,
    MOST_DEVELOPEES,
    ROLES,
    WAVES,
    mentoring_population,
)
from dyadkit.simulation.mentoring_stories import (
    PLACES,
    UNLISTED,
    WITHDRAWN_DEVELOPEES,
    WITHDRAWN_MENTORS,
)
from dyadkit.simulation.population import draw_answers, standard_normals

GENDERS = ("woman", "man", "another gender")
GENDER_SHARES = (0.52, 0.45, 0.03)
NOT_SAID = 99
# Of the logarithm of a mentor's years in the job.
TENURE_MEAN, TENURE_SD = 2.0, 0.5
_REORDERING = 0.25
_DAYS = 10


@dataclass(frozen=True, slots=True)
class Unit:
    """One person's answer within one relationship: a developee's row, or a slot of a mentor's.

    Attributes
    ----------
    kind, fate : str
        What it is like, and why it does not count (or that it does).
    second : int
        When it was sent, from the start of the wave.
    mentor, member : int
        Whose answers it holds: the mentor, and the number of the relationship.
    sitting : int
        0 for the first time the person answered at this wave.
    position : int
        The mentor's slot, from 0; 0 for a developee.
    written_id : str
        The developee's id as it stands in the file.
    """

    kind: str
    fate: str
    second: int
    mentor: int
    member: int
    sitting: int
    position: int
    written_id: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The units of one role and wave in the order of the file.

    Attributes
    ----------
    units : tuple of Unit
    cells : ndarray of str, shape (n_units, n_items)
        Item cells; an empty one was not answered.
    """

    units: tuple[Unit, ...]
    cells: TextArray


@dataclass(frozen=True, slots=True)
class FieldWork:
    """Everything that was collected.

    Attributes
    ----------
    sheets : mapping
        Place to its units.
    ids : Ids
    tenure : ndarray, shape (n_mentors,)
        The mentor's years in the job, with one decimal.
    genders : ndarray of int64, shape (n_mentors, 3)
        Code of each relationship's developee: 1 to 3, or 99 where the developee did not say it.
    pairs : tuple of (str, str, str)
        The key file's rows: pair, mentor, developee.
    withdrawn : tuple of str
        Ids of those who withdrew.
    """

    sheets: Mapping[str, Sheet]
    ids: Ids
    tenure: NDArray[np.float64]
    genders: IntArray
    pairs: tuple[tuple[str, str, str], ...]
    withdrawn: tuple[str, ...]


def collect(mess: Mess, rng: np.random.Generator) -> FieldWork:
    """Draw every relationship's answers and ids, and let each live through its story."""
    relationships = cast(mess, rng)
    n_mentors = sum(mess.mentors)
    codes = _raw_codes(n_mentors, rng)
    ids = draw_ids(n_mentors, [(pair.mentor, pair.member) for pair in relationships], rng)
    tenure = np.exp(TENURE_MEAN + TENURE_SD * standard_normals(rng, (n_mentors,))).round(1)
    bounds = np.cumsum(GENDER_SHARES)[:-1]
    genders = 1 + np.searchsorted(bounds, rng.random((n_mentors, MOST_DEVELOPEES)), side="right")
    sheets: dict[str, Sheet] = {}
    for place in PLACES:
        role, _ = role_and_wave(place)
        sent = (
            _developees(place, relationships, ids, rng)
            if role == "developee"
            else _mentors(place, relationships, ids, rng)
        )
        if place == "mentors_t1":
            sent += _claims(mess.mentor_claimed_another_t1, relationships, sent, ids, rng)
        sent.sort(key=lambda unit: (unit.second, unit.mentor, unit.position))
        sent = _respell(sent, getattr(mess.spelt_otherwise, place), role, rng)
        drawn = [answers(unit.kind, codes[place][unit.mentor, unit.member], rng) for unit in sent]
        sheets[place] = Sheet(
            tuple(sent), with_gaps(place, usable(sent), np.stack(drawn), mess, rng)
        )
    said = [unit for unit in sheets["developees_t1"].units if unit.fate == "kept"]
    for number in shuffled(len(said), rng)[: mess.gender_not_said]:
        genders[said[number].mentor, said[number].member] = NOT_SAID
    return FieldWork(
        sheets=sheets,
        ids=ids,
        tenure=tenure,
        genders=genders.astype(np.int64),
        pairs=tuple(
            sorted(
                (ids.pairs[key], ids.mentors[pair.mentor], ids.developees[key])
                for pair in relationships
                if pair.story != UNLISTED
                for key in [(pair.mentor, pair.member)]
            )
        ),
        withdrawn=_withdrawn(relationships, ids),
    )


def usable(units: Sequence[Unit]) -> IntArray:
    """Return the places of the units that count and in which cells may be spoilt."""
    return np.flatnonzero([unit.kind == "answered" and unit.fate == "kept" for unit in units])


def scores_available(work: FieldWork) -> dict[str, int]:
    """Return for each scale score how many usable units have enough answers in range."""
    counts: dict[str, int] = {}
    for measure in mentoring_population().measures:
        place = f"{measure.role}s_{measure.wave}"
        instrument = INSTRUMENTS[measure.scale]
        sheet = work.sheets[place]
        kept = sheet.cells[[unit.fate == "kept" for unit in sheet.units]]
        columns = items_of(measure.role)
        counts[measure.name] = count_scored(kept, columns, instrument, measure.role)
    return counts


def _raw_codes(n_mentors: int, rng: np.random.Generator) -> dict[str, IntArray]:
    """Draw answers about three relationships of every mentor, reversed items turned round.

    Returns
    -------
    dict
        Place to codes, shape (n_mentors, 3, n_items); whoever has fewer leaves the rest unused.
    """
    population = mentoring_population(MOST_DEVELOPEES)
    drawn = draw_answers(population, n_mentors, rng).reshape(n_mentors, MOST_DEVELOPEES, -1)
    by_measure = written_codes(drawn, mentoring_population().measures, INSTRUMENTS)
    return {
        f"{role}s_{wave}": np.concatenate(
            [
                by_measure[f"{scale}_{role}_{wave}"]
                for scale, instrument in INSTRUMENTS.items()
                if role in instrument.stems
            ],
            axis=2,
        )
        for role in ROLES
        for wave in WAVES
    }


def _written(kind: str, key: tuple[int, int], ids: Ids) -> str:
    return {"no_id": "", "mistyped": ids.typos[key]}.get(kind, ids.developees[key])


def _developees(
    place: str, relationships: Sequence[Relationship], ids: Ids, rng: np.random.Generator
) -> list[Unit]:
    """Return the rows of the developees."""
    units = []
    for pair in relationships:
        second = moment(_DAYS, rng)
        for sitting, visit in enumerate(pair.told.visits(place)):
            written = _written(visit.kind, (pair.mentor, pair.member), ids)
            at = (second, pair.mentor, pair.member, sitting, 0)
            units.append(Unit(visit.kind, visit.fate, *at, written))
            second += pause(rng)
    return units


def _mentors(
    place: str, relationships: Sequence[Relationship], ids: Ids, rng: np.random.Generator
) -> list[Unit]:
    """Return the mentors' slots; a mentor may list the developees in another order each wave."""
    sizes = np.bincount([pair.mentor for pair in relationships])
    moments: dict[int, tuple[int, int]] = {}
    orders: dict[int, list[int]] = {}
    for mentor, size in enumerate(sizes.tolist()):
        first = moment(_DAYS, rng)
        moments[mentor] = (first, first + pause(rng))
        mixed = shuffled(size, rng).tolist()
        orders[mentor] = mixed if rng.random() < _REORDERING else list(range(size))
    units = []
    for pair in relationships:
        for sitting, visit in enumerate(pair.told.visits(place)):
            written = _written(visit.kind, (pair.mentor, pair.member), ids)
            at = (moments[pair.mentor][sitting], pair.mentor, pair.member, sitting)
            position = orders[pair.mentor][pair.member]
            units.append(Unit(visit.kind, visit.fate, *at, position, written))
    return units


def _claims(
    count: int,
    relationships: Sequence[Relationship],
    sent: Sequence[Unit],
    ids: Ids,
    rng: np.random.Generator,
) -> list[Unit]:
    """Let mentors with a free slot list a developee whom the key file gives to another mentor."""
    sizes = np.bincount([pair.mentor for pair in relationships])
    complete = [pair for pair in relationships if pair.story == "complete"]
    free = {pair.mentor for pair in complete if sizes[pair.mentor] < MOST_DEVELOPEES}
    hosts = {unit.mentor: unit for unit in sent if unit.mentor in free}
    if count > len(hosts) or (count and len(hosts) < 2):
        raise DataError(
            f"{count} mentors are to list another mentor's developee, but only {len(hosts)} have a "
            "complete relationship and a free slot. Lower `mentor_claimed_another_t1`."
        )
    order = shuffled(len(hosts), rng).tolist()
    units = []
    for number in order[:count]:
        host = list(hosts.values())[number]
        others = [pair for pair in complete if pair.mentor != host.mentor]
        other = others[int(len(others) * rng.random())]
        size = int(sizes[host.mentor])
        at = (host.second, host.mentor, size, 0, size)
        written = ids.developees[other.mentor, other.member]
        units.append(Unit("claimed", "not_linked", *at, written))
    return units


def _respell(units: Sequence[Unit], count: int, role: str, rng: np.random.Generator) -> list[Unit]:
    """Write some usable units' ids in another case, with spaces, or without their zeros."""
    chosen = usable(units)[shuffled(usable(units).size, rng)][:count]
    spelt = list(units)
    for turn, place in enumerate(chosen.tolist()):
        otherwise = spelt_otherwise(units[place].written_id, turn, role)
        spelt[place] = replace(units[place], written_id=otherwise)
    return spelt


def _withdrawn(relationships: Sequence[Relationship], ids: Ids) -> tuple[str, ...]:
    developees = {
        ids.developees[pair.mentor, pair.member]
        for pair in relationships
        if pair.story in WITHDRAWN_DEVELOPEES
    }
    mentors = {
        ids.mentors[pair.mentor] for pair in relationships if pair.story in WITHDRAWN_MENTORS
    }
    return (*sorted(developees), *sorted(mentors))
