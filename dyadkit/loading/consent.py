"""Consent and withdrawal, applied as a file is read.

Of a row that may not be used nothing goes on: no id, no row number, no answer.  The sets of ids
below live only while a study is loaded, to find the same person's other rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.loading.cells import same_value
from dyadkit.loading.identifiers import skeleton
from dyadkit.loading.problems import Problem, plural, raise_if_any
from dyadkit.loading.reading.delimited import require_columns
from dyadkit.loading.reading.files import read_file, settings_of
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.texts import as_texts, is_empty, used
from dyadkit.loading.unfolding import Records
from dyadkit.study import Consent, Source, Study


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Who withdrew, from which wave (by number) on, and what becomes of the partner."""

    people: frozenset[str]
    from_wave: int
    drop_dyad: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class ConsentMasks:
    """What the consent columns say of each row of a source.

    Attributes
    ----------
    refused : ndarray of bool
        Consent was not granted; an empty cell does not grant it.
    unasked : ndarray of bool
        Some consent cell is empty, and none holds a refusal.
    for_good : ndarray of bool
        Refused where one refusal removes the person from every wave.
    """

    refused: Mask
    unasked: Mask
    for_good: Mask


def consent_of(source: Source, study: Study) -> tuple[Consent, ...]:
    """Return the consent rules that hold for a source."""
    return tuple(
        consent for consent in study.consents if not consent.source or source.name in consent.source
    )


def consent_masks(records: Records, source: Source, study: Study) -> ConsentMasks:
    """Tell which records of a source may be used as far as their own consent cells say."""
    refused, said_no, empty, for_good = (np.zeros(len(records), dtype=bool) for _ in range(4))
    for consent in consent_of(source, study):
        texts = records.texts(consent.column)
        not_granted = ~same_value(texts, consent.granted)
        unanswered = is_empty(texts)
        refused |= not_granted
        said_no |= not_granted & ~unanswered
        empty |= not_granted & unanswered
        if consent.scope == "person":
            for_good |= not_granted & ~unanswered
    return ConsentMasks(refused, empty & ~said_no, for_good)


def read_withdrawals(study: Study) -> tuple[Withdrawn, ...]:
    """Read the lists of people who withdrew.

    Raises
    ------
    DataError, StudyError
        When a list cannot be read, or lacks the column with the ids; no id is ever shown.
    """
    lists = []
    problems: list[Problem] = []
    for withdrawal in study.withdrawals:
        path = study.directory / withdrawal.path
        # One row of names: a second one would be a person who is not left out.
        header = 1 if "header" in settings_of(path) else None
        table = read_file(path, name=withdrawal.path, header=header, may_be_empty=True)
        lacking = require_columns(table, {withdrawal.person: "withdrawal"}, secret=True)
        problems += lacking
        if lacking:
            continue
        ids = as_texts(table.column(withdrawal.person))
        lists.append(
            Withdrawn(
                people=frozenset(used(ids)).difference([""]),
                from_wave=study.waves.index(withdrawal.from_wave) if withdrawal.from_wave else 0,
                drop_dyad=withdrawal.partner == "drop_dyad",
                name=withdrawal.path,
            )
        )
    raise_if_any(problems)
    return tuple(lists)


def check_ids(lists: Sequence[Withdrawn], people: Set[str]) -> tuple[list[str], list[str]]:
    """Compare the ids on the withdrawal lists with those in the sources.

    Returns
    -------
    tuple of list of str
        Problems: ids that would match but for the way they are written, so that the data of
        someone who withdrew might be used.  Notes: how many ids stand in no source.  Neither
        shows an id.
    """
    problems, notes = [], []
    known: set[str] = set()
    for withdrawn in lists:
        absent = withdrawn.people.difference(people)
        if absent and not known:
            known = set(skeleton(sorted(people)))
        near = sum(form in known for form in skeleton(sorted(absent))) if absent else 0
        if near:
            problems.append(
                f"{withdrawn.name}: {plural(near, 'id')} on this withdrawal list "
                f"{'matches' if near == 1 else 'match'} an id in the sources only when case, "
                "spaces, leading zeros and look-alike characters (O and 0, for example) are "
                "ignored, so nobody can be sure that the right people are left out. Write the ids "
                "as the sources do; spreadsheets drop leading zeros."
            )
        elif absent:
            notes.append(
                f"{withdrawn.name}: {plural(len(absent), 'id')} on the withdrawal list "
                f"{'stands' if len(absent) == 1 else 'stand'} in no source."
            )
    return problems, notes


def refused_elsewhere(people: pd.DataFrame, refused: Collection[str]) -> list[str]:
    """Note refusals that may not reach all of a person's rows, or reach somebody else's.

    Parameters
    ----------
    people : DataFrame
        ``person`` and ``role`` of every row that has an id.
    refused : collection of str
        The ids of those who refused or withdrew.
    """
    notes: list[str] = []
    if not refused:
        return notes
    known = people.drop_duplicates()
    roles = known[known["person"].isin(refused)].groupby("person")["role"].nunique()
    several = int(roles.gt(1).sum())
    if several:
        notes.append(
            f"{plural(several, 'id')} of people who refused or withdrew "
            f"{'stands' if several == 1 else 'stand'} in both roles; rows of both were left out. "
            "If coaches and clients, say, are numbered alike, give each person an id of their own."
        )
    alike = known.assign(loose=loose_ids(known["person"]), gone=known["person"].isin(refused))
    near = int((alike.groupby(["loose", "role"])["gone"].transform("any") & ~alike["gone"]).sum())
    if near:
        notes.append(
            f"{plural(near, 'id')} in the sources differ{'s' if near == 1 else ''} from the id of "
            "someone in the same role who refused or withdrew only in case, spaces or leading "
            "zeros. If they are the same people, write their ids alike, so that all of their rows "
            "are left out."
        )
    return notes


def loose_ids(ids: Iterable[str]) -> list[str]:
    """Bring ids that differ in case, spaces, leading zeros or a trailing ".0" to one form.

    Examples
    --------
    >>> loose_ids(["0042", "42.0", "C 7"])
    ['42', '42', 'c7']
    """
    texts = pd.Series(list(ids), dtype="object").str.casefold()
    texts = texts.str.replace(r"\s+|\.0\s*$", "", regex=True).str.lstrip("0")
    return [str(text) for text in texts]
