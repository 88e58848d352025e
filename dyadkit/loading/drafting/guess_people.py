"""Columns of one export that name people: who answered, about whom, in which team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from dyadkit.loading.drafting.guess_columns import (
    holds_ids,
    names_group,
    names_pair,
    names_partner,
    names_person,
)
from dyadkit.loading.drafting.guess_ids import Ids, overlap
from dyadkit.loading.drafting.guess_roles import abbreviates
from dyadkit.loading.drafting.guess_source import SourceGuess

#: The share of ids that two columns have in common if they are ids of the same people.
SHARED = 0.3
# Who answers once has an id that is rarely repeated.
_RARE = 0.2
# Two groups are those of an experiment.
_FEWEST_GROUPS = 3


def person_of(source: SourceGuess, other: Collection[str], roles: Sequence[str]) -> str:
    """Choose the column that says who answered.

    Parameters
    ----------
    source : SourceGuess
        With its role.
    other : collection of str
        Columns that are known for other ids.
    roles : sequence of str
        Those of the study.

    Returns
    -------
    str
        Empty where no column's name says that it is one.
    """
    candidates = []
    for name in source.id_columns():
        own = any(abbreviates(name, role) for role in source.roles)
        about = any(abbreviates(name, role) for role in roles if role not in source.roles)
        if name in other or names_pair(name) or names_partner(name) or (about and not own):
            continue
        if names_person(name) or own:
            column = source.column(name)
            rare = len(column.counts) > _RARE * column.filled
            candidates.append((not own, not rare, name))
    return min(candidates)[2] if candidates else ""


def partner_of(
    source: SourceGuess,
    ids: Mapping[str, Ids],
    elsewhere: Mapping[str, float],
    roles: Sequence[str],
) -> str:
    """Choose the column with the id of each row's other person.

    Parameters
    ----------
    source : SourceGuess
    ids : mapping of str to Ids
        The file's own columns with ids.
    elsewhere : mapping of str to float
        The share of their ids that files of the other role have too.
    roles : sequence of str
        Those of the study.

    Returns
    -------
    str
        Empty where no column holds ids of others, or where it may be the only id there is.
    """
    if len(ids) < 2:
        return ""
    best, chosen = 0.0, ""
    for name, mine in ids.items():
        within = [overlap(mine, theirs) for other, theirs in ids.items() if other != name]
        # In a file of both roles the ids of partners are those of other rows.
        found = max([elsewhere.get(name, 0.0), *([] if source.role else within)])
        own = bool(source.role) and abbreviates(name, source.role)
        about = bool(source.role) and any(
            abbreviates(name, role) for role in roles if role != source.role
        )
        score = found + 2 * names_partner(name) + (about and not own) - own
        if found >= SHARED and score > best and (score > 1 or name in elsewhere):
            best, chosen = score, name
    return chosen


def with_dyads(source: SourceGuess) -> SourceGuess:
    """Name the ids in a file with a dyad in each row: those of the members, and of the dyad."""
    spelt = Counter(
        pattern
        for name, pattern in source.layout.spelt.items()
        if "{wave}" not in pattern and holds_ids(source.column(name))
    )
    person = next((pattern for pattern, n in spelt.items() if n > 1), "")
    codes = [name for name in source.id_columns() if names_pair(name) or not names_group(name)]
    codes.sort(key=lambda name: (not names_pair(name), -len(source.column(name).counts)))
    return replace(source, dyad=codes[0] if codes else "", person=person)


def with_group(source: SourceGuess) -> SourceGuess:
    """Name the column with the team or organisation."""
    taken = source.taken.union(source.layout.spelt)
    for name, column in source.export.columns.items():
        free = name not in taken
        several = _FEWEST_GROUPS <= len(column.counts) < 0.5 * column.filled
        if names_group(name) and free and several:
            return replace(source, group=name)
    return source
