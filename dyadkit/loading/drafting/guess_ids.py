"""Ids that stand in several columns, and in what they are written differently."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from dyadkit.loading.drafting.guess_columns import Column
from dyadkit.loading.identifiers import Ignored, loose_form

Ids = frozenset[str]

_EVERYTHING: Sequence[Ignored] = ("case", "space", "zero_pad")
# Of ids that are known to be right, so many may become equal by chance.
_MERGED_AT_MOST = 0.02


def loose_ids(columns: Iterable[Column]) -> Ids:
    """Return the ids in some columns, whatever their case, spaces and leading zeros.

    Examples
    --------
    >>> sorted(loose_ids([Column("id", {"042K": 1, "42 k": 1, "7": 2})]))
    ['42k', '7']
    """
    return _loosened({text for column in columns for text in column.counts}, _EVERYTHING)


def overlap(one: Ids, two: Ids) -> float:
    """Return which share of the smaller set the other has too.

    Examples
    --------
    >>> overlap(frozenset("abc"), frozenset("bcdef"))
    0.6666666666666666
    """
    return len(one & two) / min(len(one), len(two)) if one and two else 0.0


def guess_id_match(compared: Iterable[tuple[Collection[str], Collection[str]]]) -> tuple[str, ...]:
    """Find out in what ids differ that are written twice.

    Parameters
    ----------
    compared : iterable of tuple of collection of str
        Ids, and those among which they should be found.

    Returns
    -------
    tuple of {"case", "space", "zero_pad"}
        The fewest that join as many ids as all of them.

    Examples
    --------
    >>> guess_id_match([(["p1", "P 2"], ["P1", "P2", "P3"])])
    ('case', 'space')
    """
    needed: set[Ignored] = set()
    for ids, known in compared:
        absent, present = set(ids) - set(known), set(known)
        if not absent or not present:
            continue
        allowed = [kind for kind in _EVERYTHING if _keeps_apart(present, [kind])]
        most = _joined(absent, present, allowed)
        if most:
            needed |= next(
                set(kinds)
                for size in range(1, len(allowed) + 1)
                for kinds in combinations(allowed, size)
                if _joined(absent, present, kinds) == most
            )
    return tuple(kind for kind in _EVERYTHING if kind in needed)


def _keeps_apart(known: Collection[str], ignoring: Sequence[Ignored]) -> bool:
    return len(_loosened(known, ignoring)) >= (1 - _MERGED_AT_MOST) * len(known) - 1


def _joined(absent: Collection[str], known: Collection[str], ignoring: Sequence[Ignored]) -> int:
    """Count the ids that are found when something is ignored."""
    if not ignoring:
        return 0
    found = _loosened(known, ignoring)
    return sum(form in found for form in loose_form(sorted(absent), ignoring))


def _loosened(ids: Collection[str], ignoring: Sequence[Ignored]) -> Ids:
    return frozenset(map(str, loose_form(sorted(ids), ignoring))) - {""} if ids else frozenset()
