"""What the names of columns spell out, and what is left of them: the items."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from dyadkit.loading.drafting.guess_words import Word

_PLACE = re.compile(r"\{[a-z]+\}")
_EDGE = "_.- "


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of an export are laid out.

    Attributes
    ----------
    kind : str
        "person", "dyad" or "loop".
    columns : str
        How the names of items become names of columns; empty for layout "person".
    roles : mapping of str to str
        The word in the names to the role it means.
    waves : mapping of str to int
    slots : tuple of str
    slot_ids : str
        The columns that name the partners, with ``{slot}`` in it.
    spelt : mapping of str to str
        Column to its name with ``{role}``, ``{wave}`` and ``{slot}`` in it.
    items : mapping of str to tuple of str
        For each item its columns.
    awkward : mapping of str to str
        Items whose columns `columns` does not give, and their pattern.
    """

    kind: str = "person"
    columns: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    waves: Mapping[str, int] = field(default_factory=dict)
    slots: tuple[str, ...] = ()
    slot_ids: str = ""
    spelt: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    awkward: Mapping[str, str] = field(default_factory=dict)


def replaced(name: str, word: Word, place: str) -> str:
    """Put a placeholder where a word stands in a name."""
    return f"{name[: word.start]}{place}{name[word.end :]}"


def is_named(pattern: str) -> bool:
    """Tell whether letters are left of a name when its placeholders are taken out.

    Examples
    --------
    >>> is_named("tr1_{role}"), is_named("{role}_1")
    (True, False)
    """
    return re.search(r"[^\W\d_]", _PLACE.sub("", pattern)) is not None


def by_pattern(spelt: Mapping[str, str], names: Iterable[str]) -> dict[str, list[str]]:
    """Group columns that differ only in what is spelt out.

    Examples
    --------
    >>> by_pattern({"tr1_a": "tr1_{role}", "tr1_b": "tr1_{role}"}, ["tr1_a", "tr1_b", "age"])
    {'tr1_{role}': ['tr1_a', 'tr1_b']}
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        if is_named(spelt.get(name, "")):
            groups.setdefault(spelt[name], []).append(name)
    return groups


def find_items(layout: Layout, answers: Sequence[str]) -> Layout:
    """Tell the items in spelt names, and how ``columns`` puts names together.

    Parameters
    ----------
    layout : Layout
        With `spelt`.
    answers : sequence of str
        The columns that hold answers.

    Returns
    -------
    Layout
        With `columns`, `items` and `awkward`.

    Examples
    --------
    >>> names = ["q1_m1", "q1_m2", "q2_m1", "q2_m2"]
    >>> spelt = {name: f"{name[:-1]}{{slot}}" for name in names}
    >>> found = find_items(Layout("loop", slots=("1", "2"), spelt=spelt), names)
    >>> found.columns, found.items["q2"]
    ('{item}_m{slot}', ('q2_m1', 'q2_m2'))
    """
    patterns = by_pattern(layout.spelt, answers)
    ways = {pattern: dict(_ways(pattern)) for pattern in patterns}
    support = Counter(way for found in ways.values() for way in found)
    usual = "{item}_{slot}" if layout.kind == "loop" else "{item}_{role}"
    usual += "_{wave}" if layout.waves else ""
    columns = max(support, key=lambda way: (support[way], len(way)), default=usual)
    items: dict[str, tuple[str, ...]] = {}
    awkward: dict[str, str] = {}
    for pattern, names in patterns.items():
        item = ways[pattern].get(columns, "")
        if not item:
            parts = [part.strip(_EDGE) for part in _PLACE.split(pattern)]
            item = "_".join(part for part in parts if part)
            awkward[item] = pattern
        items[item] = (*items.get(item, ()), *names)
    rest = [name for name in answers if name not in layout.spelt and name not in items]
    items |= {name: (name,) for name in rest}
    return replace(layout, columns=columns, items=items, awkward=awkward)


def place_of(layout: Layout, column: str) -> tuple[str, int | None]:
    """Return the role and wave that the name of a column says.

    Examples
    --------
    >>> spelt = {"tr1_c_t2": "tr1_{role}_{wave}"}
    >>> place_of(Layout("dyad", "", {"c": "coach"}, {"t2": 2}, spelt=spelt), "tr1_c_t2")
    ('coach', 2)
    """
    pattern = layout.spelt.get(column, column)
    for (word, role), (when, wave) in product(
        layout.roles.items(), [*layout.waves.items(), ("", None)]
    ):
        if pattern.replace("{role}", word).replace("{wave}", when) == column:
            return role, wave if "{wave}" in pattern else None
    return "", None


def _ways(pattern: str) -> Iterator[tuple[str, str]]:
    """Say how a pattern may be made of an item: ``q1_m{slot}`` is ``{item}_m{slot}`` with q1.

    Letters that touch the number of a slot may belong to it.
    """
    parts = re.split(r"(\{[a-z]+\})", pattern)
    chunks = [place for place, part in enumerate(parts) if place % 2 == 0 and part.strip(_EDGE)]
    if len(chunks) == 1:
        yield _take_item(parts, chunks[0], "", "")
    for place in chunks:
        others = [parts[other].strip(_EDGE) for other in chunks if other != place]
        tail, head = _touching(parts, place)
        rest = parts[place][len(head) : len(parts[place]) - len(tail)]
        if (head or tail) and not others and is_named(rest):
            yield _take_item(parts, place, head, tail)
        elif "{slot}" in parts and others and "".join(others).isalpha() and is_named(parts[place]):
            yield _take_item(parts, place, "", "")


def _touching(parts: Sequence[str], place: int) -> tuple[str, str]:
    """Return the letters of a part that touch the slot after it, and before it."""
    after = (
        re.search(r"[A-Za-z]+$", parts[place])
        if parts[place + 1 : place + 2] == ["{slot}"]
        else None
    )
    before = (
        re.match(r"[A-Za-z]+", parts[place]) if place and parts[place - 1] == "{slot}" else None
    )
    return after[0] if after else "", before[0] if before else ""


def _take_item(parts: Sequence[str], place: int, head: str, tail: str) -> tuple[str, str]:
    """Take the item out of one part of a pattern."""
    chunk = parts[place][len(head) : len(parts[place]) - len(tail)]
    item = chunk.strip(_EDGE)
    start = chunk.index(item)
    made = f"{head}{chunk[:start]}{{item}}{chunk[start + len(item) :]}{tail}"
    return "".join([*parts[:place], made, *parts[place + 1 :]]), item
