"""Which numbers must stay hidden so that no dyad and no person can be made out.

A number that rests on answers is hidden when too few dyads, or too few persons in either role,
stand behind it.  Where shown numbers would give a hidden one back, or would give back that of a
group that is itself too small, the one with the least support among them is hidden too (secondary
suppression).  Everything that is shown, in a table, a figure, a sentence, a note or a file, asks
here.

Counts of who was asked, took part, left, was excluded or gave no answer are not hidden for being
small: they are the sample flow, which a report owes its readers, and tell of nobody's answers.  (To
hide them would be vain: every n gives them back.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.results import Support, Total


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest support that a published number may have."""

    dyads: int = 5
    persons: int = 5

    def allows(self, dyads: int, persons: int) -> bool:
        """Tell whether a number about so many may be shown."""
        return dyads >= self.dyads and persons >= self.persons


def hidden_keys(
    supports: Iterable[Support], totals: Iterable[Total], minimum: Minimum
) -> frozenset[str]:
    """Return the keys of the numbers that must not be shown.

    Parameters
    ----------
    supports : iterable of Support
        The people behind each number.  A support of nobody hides nothing: an empty cell tells
        of no one.
    totals : iterable of Total
        Sums from which a part could be worked out.
    minimum : Minimum
        The smallest support that may be shown.

    Returns
    -------
    frozenset of str

    Notes
    -----
    Totals are taken together: a number is also hidden when several of them, combined, would give
    a hidden one back, as when a total of a total is shown.

    Examples
    --------
    >>> few = [Support("a", 2, 2), Support("b", 9, 9), Support("c", 20, 20), Support("all", 31, 31)]
    >>> sorted(hidden_keys(few, [], Minimum()))
    ['a']
    >>> sorted(hidden_keys(few, [Total("all", ("a", "b", "c"))], Minimum()))
    ['a', 'b']

    Two hidden numbers do not protect each other when together they are still too few:

    >>> few[1] = Support("b", 1, 1)
    >>> sorted(hidden_keys(few, [Total("all", ("a", "b", "c"))], Minimum()))
    ['a', 'b', 'c']
    """
    known = {support.key: support for support in supports if support.dyads > 0}
    hidden = {
        key for key, support in known.items() if not minimum.allows(support.dyads, support.persons)
    }
    sums = [
        Total(total.whole, tuple(part for part in total.parts if part in known))
        for total in totals
        if total.whole in known
    ]
    while (further := _given_back(known, sums, hidden, minimum)) is not None:
        hidden.add(further)
    return frozenset(hidden)


def _given_back(
    known: Mapping[str, Support], sums: Sequence[Total], hidden: set[str], minimum: Minimum
) -> str | None:
    """Return what must be hidden next, because what is shown gives something away."""
    exposed = _determined(sums, hidden)
    candidates: list[Support] = []
    for total in sums:
        members = {total.whole, *total.parts}
        covered = [known[part] for part in total.parts if part in hidden]
        too_few = (
            total.whole not in hidden
            and bool(covered)
            and not minimum.allows(
                sum(support.dyads for support in covered),
                sum(support.persons for support in covered),
            )
        )
        if too_few or members & exposed:
            candidates += [known[key] for key in members - hidden]
    if not candidates:
        return None
    return min(candidates, key=lambda support: (support.dyads, support.persons, support.key)).key


def _determined(sums: Sequence[Total], hidden: set[str]) -> set[str]:
    """Return the hidden keys whose value follows from the shown ones.

    Each total is a linear equation in the hidden values.  One of them is determined when no
    solution of the homogeneous equations changes it.
    """
    equations = [total for total in sums if hidden & {total.whole, *total.parts}]
    keys = sorted({key for total in equations for key in (total.whole, *total.parts)} & hidden)
    if not keys:
        return set()
    place = {key: number for number, key in enumerate(keys)}
    matrix = np.zeros((len(equations), len(keys)))
    for row, total in enumerate(equations):
        for part in total.parts:
            if part in place:
                matrix[row, place[part]] = 1.0
        if total.whole in place:
            matrix[row, place[total.whole]] -= 1.0
    _, sizes, basis = np.linalg.svd(matrix)
    rank = int((sizes > 1e-9 * sizes.max(initial=0.0)).sum())
    free = np.abs(basis[rank:]).max(axis=0, initial=0.0)
    return {key for key, number in place.items() if free[number] < 1e-9}
