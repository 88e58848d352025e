"""Rows of the distance-coaching study's exports: who sent what, before it is written to a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dyadkit.errors import DataError
from dyadkit.simulation.chance import mistyped, moment, pause, shuffled
from dyadkit.simulation.coaching_mess import SOURCES, STORIES, WITHDRAWN, Mess, cast
from dyadkit.simulation.coaching_model import INSTRUMENTS, coaching_population
from dyadkit.simulation.gaps import Gaps, blank_at_random
from dyadkit.simulation.instrument import (
    Instrument,
    IntArray,
    TextArray,
    columns_of,
    count_scored,
    written_codes,
)
from dyadkit.simulation.population import draw_answers, standard_normals
from dyadkit.simulation.visits import Visit

# Items that somebody leaves out who skips much, and who skips little.
_GAPPY, _NEARLY = 6, 2
_FORMATS, _FORMAT_SHARES = ("video", "telephone", "mixed"), (0.55, 0.15, 0.30)
_DECLARED_MISSING = "-99"
_MOST_PAIRS = 900
_DAYS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """Who sent a row, when, and whether it counts.

    `second` counts from the start of the wave, `pair` is the place of the person's own pair.
    """

    kind: str
    fate: str
    second: int
    pair: int
    person_id: str
    pair_code: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one export in the order of the file, previews and blank lines not among them.

    Attributes
    ----------
    rows : tuple of Row
    cells : ndarray of str, shape (n_rows, n_items)
        Item cells; an empty one was not answered.
    """

    rows: tuple[Row, ...]
    cells: TextArray


@dataclass(frozen=True, slots=True)
class FieldWork:
    """Everything that was collected.

    Attributes
    ----------
    sheets : mapping
        Source to its rows.
    tenure : ndarray, shape (n_pairs,)
        The coach's years in the job, with one decimal.
    formats : tuple of str
        How each pair met.
    withdrawn : tuple of str
        Ids of the clients who withdrew.
    """

    sheets: Mapping[str, Sheet]
    tenure: NDArray[np.float64]
    formats: tuple[str, ...]
    withdrawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ids:
    codes: tuple[str, ...]
    typos: tuple[str, ...]
    coaches: tuple[str, ...]
    substitutes: tuple[str, ...]
    clients: tuple[str, ...]


def item_columns(source: str) -> tuple[str, ...]:
    """Return the item columns of an export, in the order of its questions."""
    role, wave = role_and_wave(source)
    return columns_of(_asked(role, wave), role)


def _asked(role: str, wave: str) -> list[Instrument]:
    return [it for it in INSTRUMENTS.values() if role in it.stems and wave in it.waves]


def role_and_wave(source: str) -> tuple[str, str]:
    """Return the role that answered an export, and its wave.

    Examples
    --------
    >>> role_and_wave("clients_t1")
    ('client', 't1')
    """
    plural, wave = source.split("_")
    return {"clients": "client", "coaches": "coach"}[plural], wave


def collect(mess: Mess, rng: np.random.Generator) -> FieldWork:
    """Draw every pair's answers and ids, and let each pair live through its story."""
    stories = cast(mess)
    codes = _raw_codes(len(stories), rng)
    ids = _draw_ids(len(stories), rng)
    tenure = np.exp(1.9 + 0.6 * standard_normals(rng, (len(stories),))).round(1)
    bounds = np.cumsum(_FORMAT_SHARES)[:-1]
    formats = np.searchsorted(bounds, rng.random(len(stories)), side="right")
    owners, borrowers = (
        [pair for pair, name in enumerate(stories) if name == wanted]
        for wanted in ("client_code_used_by_another_t1", "client_used_another_code_t1")
    )
    others = dict(zip(borrowers, owners, strict=True))
    sheets: dict[str, Sheet] = {}
    for source in SOURCES:
        sent = [
            row
            for pair, name in enumerate(stories)
            for row in _visit_rows(source, pair, STORIES[name].visits(source), ids, others, rng)
        ]
        sent.sort(key=lambda row: row.second)
        cells = np.stack([_answers(row.kind, codes[source][row.pair], rng) for row in sent])
        sheets[source] = Sheet(tuple(sent), _with_gaps(source, sent, cells, mess, rng))
    return FieldWork(
        sheets=sheets,
        tenure=tenure,
        formats=tuple(_FORMATS[place] for place in formats),
        withdrawn=tuple(
            sorted(ids.clients[pair] for pair, name in enumerate(stories) if name in WITHDRAWN)
        ),
    )


def scores_available(work: FieldWork) -> dict[str, int]:
    """Return for each scale score how many usable rows have enough answers in range."""
    counts: dict[str, int] = {}
    for measure in coaching_population().measures:
        source = f"{'clients' if measure.role == 'client' else 'coaches'}_{measure.wave}"
        instrument = INSTRUMENTS[measure.scale]
        sheet = work.sheets[source]
        kept = sheet.cells[[row.fate == "kept" for row in sheet.rows]]
        counts[measure.name] = count_scored(kept, item_columns(source), instrument, measure.role)
    return counts


def _raw_codes(n: int, rng: np.random.Generator) -> dict[str, IntArray]:
    """Draw all answers and turn the reverse-keyed items round, as the questionnaires hold them."""
    population = coaching_population()
    drawn = draw_answers(population, n, rng)
    by_measure = written_codes(drawn, population.measures, INSTRUMENTS)
    codes: dict[str, IntArray] = {}
    for source in SOURCES:
        role, wave = role_and_wave(source)
        names = (f"{scale}_{role}_{wave}" for scale in INSTRUMENTS)
        codes[source] = np.hstack([by_measure[name] for name in names if name in by_measure])
    return codes


def _draw_ids(n: int, rng: np.random.Generator) -> _Ids:
    """Draw pair codes, mistyped codes that nobody owns, and the persons' ids."""
    if n > _MOST_PAIRS:
        raise DataError(
            f"{n} pairs are more than the ids provide for ({_MOST_PAIRS}). Ask for fewer pairs."
        )
    numbers = (shuffled(999, rng)[:n] + 1).tolist()
    coaches = shuffled(1999, rng)[: 2 * n] + 1
    return _Ids(
        codes=tuple(f"P{number:04d}" for number in numbers),
        typos=tuple(f"P{number:04d}" for number in mistyped(numbers)),
        coaches=tuple(f"{number:04d}" for number in coaches[:n]),
        substitutes=tuple(f"{number:04d}" for number in coaches[n:]),
        clients=tuple(f"C{number + 1:03d}" for number in shuffled(n, rng)),
    )


def _visit_rows(
    source: str,
    pair: int,
    visits: tuple[Visit, ...],
    ids: _Ids,
    others: Mapping[int, int],
    rng: np.random.Generator,
) -> list[Row]:
    """Return who sent a pair's rows in one export, and when."""
    members = ids.clients if role_and_wave(source)[0] == "client" else ids.coaches
    second = moment(_DAYS, rng)
    rows = []
    for visit in visits:
        code = {
            "no_code": "",
            "stopped_before_consent": "",
            "mistyped": ids.typos[pair],
            "other_code": ids.codes[others.get(pair, pair)],
        }.get(visit.kind, ids.codes[pair])
        person = ids.substitutes[pair] if visit.kind == "substitute" else members[pair]
        rows.append(Row(visit.kind, visit.fate, second, pair, person, code))
        second += pause(rng)
    return rows


def _answers(kind: str, codes: IntArray, rng: np.random.Generator) -> TextArray:
    """Return the item cells of a row of some kind."""
    if kind in ("again", "gappy", "substitute"):
        # Another sitting, or another person: other answers, all between 1 and 5.
        codes = np.minimum(codes + np.where(codes < 4, 1, -1), 5)
    cells = codes.astype("<U3")
    left_after = {"refused": 0, "stopped_before_consent": 0, "stopped": 5, "aborted": 5}
    skipped = {"gappy": _GAPPY, "nearly_full": _NEARLY}.get(kind, 0)
    cells[left_after.get(kind, cells.size) :] = ""
    cells[shuffled(cells.size, rng)[:skipped]] = ""
    return cells


def _with_gaps(
    source: str, rows: list[Row], cells: TextArray, mess: Mess, rng: np.random.Generator
) -> TextArray:
    """Blank scales and cells of usable rows, and spoil some."""
    usable = np.flatnonzero([row.kind == "answered" and row.fate == "kept" for row in rows])
    asked = _asked(*role_and_wave(source))
    gaps = Gaps(
        skipped_scales=getattr(mess.skipped_scales, source),
        empty=getattr(mess.empty_cells, source),
        declared_missing=getattr(mess.declared_missing_cells, source),
        out_of_range=getattr(mess.out_of_range_cells, source),
    )
    return blank_at_random(
        cells, usable, asked, gaps, rng, missing=_DECLARED_MISSING, export=source
    )
