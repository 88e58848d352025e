"""When each record was answered: days, or moments of a diary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.cells import read_dates
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.screening.clocks import clock_changes, mixed_offsets
from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.texts import as_texts, used
from dyadkit.loading.zones import Times, to_zone
from dyadkit.study import Source, Study


@dataclass(frozen=True, slots=True)
class Moments:
    """When the records of a source were answered.

    Attributes
    ----------
    times : ndarray of datetime64[us], shape (n,)
        In universal time where the source says a time zone or its stamps an offset; else as on
        the wall.  NaT is unknown.
    problems : tuple of Problem
    findings : tuple of Finding
        Stamps that may mean another moment, with their rows.
    notes : tuple of str
        How many of them there are.
    """

    times: Times
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def read_moments(keys: pd.DataFrame, source: Source) -> Moments | None:
    """Read the time stamps of a source, or else its dates; None where it has neither.

    Parameters
    ----------
    keys : DataFrame
        Records that may be used, with ``row`` and, as texts, ``stamp`` or ``date``.
    source : Source
    """
    if source.time:
        return _read_stamps(keys, source)
    if not source.date:
        return None
    texts = as_texts(keys["date"])
    dates, unread = read_dates(texts, frozenset())
    problems = _complain(keys, texts, unread, source, source.date, "a date like 2026-01-31")
    return Moments(dates.to_numpy(dtype="datetime64[us]"), problems)


def universal(study: Study) -> bool:
    """Tell whether the moments of a study are in universal time."""
    return any(source.time and source.timezone for source in study.sources)


def _read_stamps(keys: pd.DataFrame, source: Source) -> Moments:
    texts, column = as_texts(keys["stamp"]), str(source.time)
    stamps = to_zone(pd.Series(texts), source.timezone or "UTC")
    wanted = "a time stamp like 2026-01-31T18:05:00"
    problems = _complain(keys, texts, stamps.unread, source, column, wanted)
    if source.timezone is None and stamps.with_offset.any():
        rows = keys["row"][stamps.with_offset].tolist()
        problems = (
            *problems,
            Problem.at(
                f"{source.name}: {plural(len(rows), 'time stamp')} in '{column}' (row"
                f"{'s' * (len(rows) > 1)} {listed(rows)}) "
                f"{'says its' if len(rows) == 1 else 'say their'} offset from universal time. Say "
                'timezone = "…" in its [[source]], e.g. "Europe/Rome", so that all compare.',
                rows,
            ),
        )
    if not source.timezone:
        return Moments(stamps.local, problems)
    placed = keys.assign(source=source.name)
    changes = clock_changes(placed, stamps, source.timezone)
    count = sum(finding.count for finding in changes)
    note = (
        f"{source.name}: {plural(count, 'time stamp')} "
        f"{'falls' if count == 1 else 'fall'} into hours in which clocks were changed "
        f"({source.timezone}), so nobody can be sure of the moment."
    )
    findings = (*mixed_offsets(placed, stamps, source.timezone), *changes)
    return Moments(stamps.utc, problems, findings, (note,) if count else ())


def _complain(
    keys: pd.DataFrame,
    texts: pd.Categorical,
    unread: Mask,
    source: Source,
    column: str,
    wanted: str,
) -> tuple[Problem, ...]:
    rows = np.unique(keys["row"][unread]).tolist()
    if not rows:
        return ()
    words: Sequence[str] = [f"'{word[:24]}'" for word in used(texts[unread])]
    return (
        Problem.at(
            f"{source.name}: {plural(int(unread.sum()), 'cell')} in '{column}' cannot be read as "
            f"{wanted}: {listed(words, 4)} (row{'s' * (len(rows) > 1)} {listed(rows)}). Write them "
            "like this in the file, or take the column out of its [[source]].",
            rows,
        ),
    )
