"""Study → everything its files say, before anybody is paired."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from dyadkit.errors import DataError, DyadKitError, StudyError
from dyadkit.loading.anonymity import hide_ids, secret_ids, without_secrets
from dyadkit.loading.answers import Answers, read_answers, stack_values
from dyadkit.loading.consent import read_withdrawals
from dyadkit.loading.linking import find_dyads
from dyadkit.loading.links import Links, read_links
from dyadkit.loading.matching import join_ids, problems_of_ids
from dyadkit.loading.permission import apply_consent
from dyadkit.loading.problems import Problem, in_paragraphs, raise_if_any
from dyadkit.loading.reading.files import read_apart
from dyadkit.loading.reading.raw import RawTable
from dyadkit.loading.rows import SourceRows, notes_of, problems_of, read_table, sort_rows
from dyadkit.loading.texts import stack_frames
from dyadkit.study import Study

OnRows = Callable[[str, int, int], None]

# So many processes read statistical files at a time.
_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the files of a study say of those who may be used, not yet paired.

    Attributes
    ----------
    tables, read, answers : tuple
        One entry for each source; the tables without their cells.
    keys, values : DataFrame
        The records that may be used, of all sources: who answered, and what.  Numbers are coded.
    one_sided : frozenset of str
        Dyads that have lost a member by withdrawal and stay all the same.
    problems : tuple of Problem
        What only the researcher can mend.
    notes : tuple of str
    """

    study: Study
    tables: tuple[RawTable, ...]
    links: Links
    read: tuple[SourceRows, ...]
    answers: tuple[Answers, ...]
    keys: pd.DataFrame
    values: pd.DataFrame
    one_sided: frozenset[str]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def gather(study: Study, on_rows: OnRows | None = None) -> Gathered:
    """Read every file of a study, find who belongs together, and apply consent.

    Parameters
    ----------
    study : Study
    on_rows : callable, optional
        Is told, now and then, the name of the source that is being read, and how many of how many
        bytes are done.

    Raises
    ------
    DataError, StudyError
        When files cannot be used at all; see `dyadkit.load`.
    """
    tables = read_tables(study, on_rows)
    if tables.unfit:
        raise StudyError(in_paragraphs(tables.problems))
    raise_if_any(tables.problems)
    return collect(tables.of, study)


@dataclass(frozen=True, slots=True)
class Tables:
    """The files of a study, as far as they can be used.

    Attributes
    ----------
    of : dict of str to RawTable
        By the names of the sources; those that can be used.
    problems : tuple of Problem
        What is wrong with the others.
    unfit : bool
        Whether the study file is to blame, and no file: a path without a file, for example.
    """

    of: dict[str, RawTable]
    problems: tuple[Problem, ...]
    unfit: bool


def collect(found: dict[str, RawTable], study: Study) -> Gathered:
    """Find the records in tables, give them their dyads, apply consent, and read the answers.

    The tables are taken out of the dict, so that their cells need not be kept until the end.
    """
    tables = [found.pop(source.name) for source in study.sources]
    links = read_links(study)
    withdrawn = read_withdrawals(study)
    read = [
        sort_rows(table, source, study) for table, source in zip(tables, study.sources, strict=True)
    ]
    read = join_ids(read, links.ids(study), study)
    linked = find_dyads(read, links, study)
    read, one_sided, notes = apply_consent(linked.read, withdrawn, study)
    secret = secret_ids(read, withdrawn, study)
    read, renamed = hide_ids(read, linked.called, secret, study)
    one_sided = frozenset(renamed.get(dyad, dyad) for dyad in one_sided)
    answers = tuple(read_answers(rows, study) for rows in read)
    # While it is unclear which cell is which, or who finished, strange cells mean nothing.
    problems = [
        problem
        for rows, source in zip(read, answers, strict=True)
        for problem in (
            *problems_of_ids(rows),
            *(problems_of(rows) or source.problems),
        )
    ]
    # From here on only what the files are called and what they asked is needed, no cell.
    return Gathered(
        study=study,
        tables=tuple(replace(table, cells=()) for table in tables),
        links=without_secrets(links, secret, study),
        read=tuple(rows.without_cells() for rows in read),
        answers=answers,
        keys=stack_frames([source.keys for source in answers]),
        values=stack_values([source.values for source in answers]),
        one_sided=one_sided,
        problems=tuple(problems),
        notes=(
            *links.notes,
            *linked.notes,
            *notes,
            *(note for rows in read for note in notes_of(rows, study)),
            *(note for source in answers for note in source.notes),
        ),
    )


def read_tables(study: Study, on_rows: OnRows | None = None) -> Tables:
    """Read every file; say at once which of them cannot be used, and why."""
    found: dict[str, RawTable] = {}
    problems: list[Problem] = []
    unfit = False
    with ThreadPoolExecutor(_AHEAD) as pool:
        # Who waits for another process can do something else meanwhile: read the other files.
        ahead = {
            source.name: pool.submit(read_table, source, study)
            for source in study.sources
            if read_apart(study.directory / source.path)
        }
        for source in study.sources:
            told = partial(on_rows, source.name) if on_rows else None
            try:
                if source.name in ahead:
                    table, lacking = ahead[source.name].result()
                    _tell_done(study.directory / source.path, told)
                else:
                    table, lacking = read_table(source, study, told)
            except DyadKitError as error:
                unfit |= isinstance(error, StudyError)
                rows = error.rows if isinstance(error, DataError) else ()
                problems.append(Problem(str(error), rows))
                continue
            problems += lacking
            if not lacking:
                found[source.name] = table
    return Tables(found, tuple(problems), unfit)


def _tell_done(path: Path, told: Callable[[int, int], None] | None) -> None:
    if told is not None:
        size = path.stat().st_size
        told(size, size)
