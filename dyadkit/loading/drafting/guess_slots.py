"""Exports in which somebody answers about several partners in one row, numbered alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from dyadkit.loading.drafting.guess_columns import (
    Export,
    holds_ids,
    names_group,
    names_pair,
    names_person,
)
from dyadkit.loading.drafting.guess_spelling import Layout, by_pattern, find_items, is_named

_FEWEST = 2
_MOST_SLOTS = 30


def guess_loop(export: Export, answers: Sequence[str], *, one_role: bool) -> Layout | None:
    """Find out whether an export has ids in numbered columns, and answers numbered alike.

    Parameters
    ----------
    export : Export
    answers : sequence of str
        The columns that hold answers.
    one_role : bool
        Whether the whole file is known to be of one role.  If not, numbered ids without one of
        the person who answered are the members of a dyad.

    Returns
    -------
    Layout or None
        None where there is no such thing.
    """
    best: Layout | None = None
    for ids, slots in _numbered_ids(export):
        own = {ids.replace("{slot}", slot): ids for slot in slots}
        answered = any(
            holds_ids(column) and name not in own and not names_pair(name) and not names_group(name)
            for name, column in export.columns.items()
        )
        if not answered and not one_role:
            continue
        spelt = _spell_slots([name for name in answers if name not in own], slots)
        if len(set(spelt.values())) < _FEWEST:
            continue
        layout = Layout("loop", slots=slots, slot_ids=ids, spelt={**spelt, **own})
        found = find_items(layout, answers)
        if best is None or len(by_pattern(best.spelt, answers)) < len(set(spelt.values())):
            best = found
    return best


def _numbered_ids(export: Export) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Find columns with ids whose names differ in one number; few people have a third partner."""
    families: dict[str, dict[str, bool]] = {}
    for name, column in export.columns.items():
        is_id = holds_ids(column)
        if is_id or len(column.counts) < 5:
            for found in re.finditer(r"[0-9]+", name):
                pattern = f"{name[: found.start()]}{{slot}}{name[found.end() :]}"
                families.setdefault(pattern, {})[found[0]] = is_id
    for pattern, numbers in families.items():
        n_ids = sum(numbers.values())
        named = names_person(pattern.replace("{slot}", " "))
        if 2 <= len(numbers) <= _MOST_SLOTS and (n_ids > 1 or (n_ids and named)):
            yield pattern, tuple(sorted(numbers, key=int))


def _spell_slots(names: Sequence[str], slots: Sequence[str]) -> dict[str, str]:
    """Write ``{slot}`` for the number that, of all in a name, takes exactly the slots' values."""
    numbers: dict[str, set[str]] = {}
    options: dict[str, list[str]] = {}
    for name in names:
        for found in re.finditer(r"[0-9]+", name):
            pattern = f"{name[: found.start()]}{{slot}}{name[found.end() :]}"
            if is_named(pattern):
                numbers.setdefault(pattern, set()).add(found[0])
                options.setdefault(name, []).append(pattern)
    fitting = {pattern for pattern, found in numbers.items() if found == set(slots)}
    shapes = Counter(map(_shape, fitting))
    spelt = {}
    for name, patterns in options.items():
        good = [pattern for pattern in patterns if pattern in fitting]
        if good:
            spelt[name] = max(
                good, key=lambda pattern: (shapes[_shape(pattern)], good.index(pattern))
            )
    return spelt


def _shape(pattern: str) -> str:
    """Write x for letters and figures; the place of the slot stays."""
    return re.sub(r"[A-Za-z0-9]+(?![a-z]*\})", "x", pattern)
