"""The draft of each [scale], with the roles and waves in which its items stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from dyadkit.loading.drafting.draft_sources import wave_name
from dyadkit.loading.drafting.draft_toml import array, asked, block, comment, guessed, quoted
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guess_spelling import place_of
from dyadkit.loading.drafting.guess_stems import Stem, range_of
from dyadkit.loading.drafting.guessing import Guess
from dyadkit.study.contradictions import RESERVED

Place = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class _Found:
    """A stem in one export, and the roles and waves that answered it there."""

    source: SourceGuess
    stem: Stem
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class _Draft:
    """Items that become one scale, and all that is known of the stem they belong to."""

    name: str
    found: tuple[_Found, ...]
    roles: tuple[str, ...]
    waves: tuple[int | None, ...]
    ends: tuple[int, int]
    relationship: bool


def draft_scales(guess: Guess) -> list[str]:
    """Draft one scale for each stem, or several where its items differ between files.

    Parameters
    ----------
    guess : Guess
    """
    drafts = list(_scales(guess))
    names = _free_names([draft.name for draft in drafts], _all_items(guess))
    written = [_write(draft, name, guess) for draft, name in zip(drafts, names, strict=True)]
    return written or [
        block(
            "[scale.first]",
            asked("label"),
            asked("items", 'the columns, such as "tr1..tr5"', "[]"),
            asked("range", "lowest and highest possible answer", "[1, 7]"),
        )
    ]


def answered_by_both(guess: Guess) -> bool:
    """Tell whether some scale was answered by both partners."""
    if len(guess.roles) == 1:
        return any(source.scoring.stems for source in guess.sources)
    return any({*guess.roles} <= {*draft.roles} for draft in _scales(guess))


def _all_items(guess: Guess) -> set[str]:
    return {item for s in guess.sources for stem in s.scoring.stems for item in stem.items}


def _scales(guess: Guess) -> Iterator[_Draft]:
    stems: dict[str, list[_Found]] = {}
    for source in guess.sources:
        for stem in source.scoring.stems:
            places = _places(source, stem, guess)
            stems.setdefault(stem.name, []).append(_Found(source, stem, places))
    everywhere = frozenset().union(*(f.places for found in stems.values() for f in found))
    for name, found in stems.items():
        numbers: Counter[int] = Counter()
        labelled = Counter(f.stem.labelled for f in found if f.stem.labelled)
        for each in found:
            numbers.update(each.stem.numbers)
        ends = range_of(numbers, labelled.most_common(1)[0][0] if labelled else None)
        relationship = any(f.stem.spelt and f.source.layout.kind == "loop" for f in found)
        versions: dict[tuple[str, ...], list[_Found]] = {}
        for each in sorted(found, key=lambda f: -len(f.stem.items)):
            versions.setdefault(each.stem.items, []).append(each)
        for alike in versions.values():
            for roles, waves in _blocks(alike, guess, everywhere):
                yield _Draft(name, tuple(alike), roles, waves, ends, relationship)


def _places(source: SourceGuess, stem: Stem, guess: Guess) -> frozenset[Place]:
    """Return the roles and waves in which all items of a stem stand; an unknown role is empty."""
    if source.layout.kind == "dyad" and stem.spelt:
        each = [
            {place_of(source.layout, column) for column in source.layout.items[item]}
            for item in stem.items
        ]
        spelt = set.intersection(*each) or set.union(*each)
        waves = source.waves or (None,)
        return frozenset(
            (role, wave)
            for role, said in spelt
            for wave in ((said,) if said is not None else waves)
        )
    return frozenset(product(source.roles or ("",), source.waves or (None,)))


def _blocks(
    alike: Sequence[_Found], guess: Guess, everywhere: Collection[Place]
) -> Iterator[tuple[tuple[str, ...], tuple[int | None, ...]]]:
    """Split where items stand into sets of roles and waves that a scale can say."""
    here = frozenset().union(*(found.places for found in alike))
    roles = tuple(role for role in ("", *guess.roles) if any(role == r for r, _ in here))
    waves = _waves_of(here)
    if all(place in here for place in product(roles, waves) if place in everywhere):
        yield roles, waves
        return
    for role in roles:
        yield (role,), _waves_of([place for place in here if place[0] == role])


def _waves_of(places: Collection[Place]) -> tuple[int | None, ...]:
    return tuple(sorted({wave for _, wave in places}, key=lambda wave: wave or 0))


def _free_names(stems: Sequence[str], items: Collection[str]) -> list[str]:
    """Turn stems into names that scales may have, each its own."""
    names: list[str] = []
    for stem in stems:
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in stem).strip("_")
        plain = plain or "scale"
        plain = plain if plain[0].isalpha() else f"s{plain}"
        if plain in RESERVED or plain in items:
            plain = f"{plain}_scale"
        number = 2
        name = plain
        while name in names or name in items:
            name = f"{plain}_{number}"
            number += 1
        names.append(name)
    return names


def _write(draft: _Draft, name: str, guess: Guess) -> str:
    stem = draft.found[0].stem
    votes = Counter(item for found in draft.found for item in found.stem.reverse)
    reverse = [item for item in stem.items if votes[item] * 2 > len(draft.found)]
    question = next((text for found in draft.found if (text := _question(found))), "")
    patterns = next((p for found in draft.found if (p := _patterns(found))), [])
    roles = [role for role in draft.roles if role]
    waves = [wave_name(wave) for wave in draft.waves if wave is not None]
    lines = [
        f"[scale.{name}]",
        comment(question) if question else "",
        asked("label", written=quoted(name.capitalize())),
        guessed("items", array(as_ranges(stem.items))),
        guessed(
            "range", f"[{draft.ends[0]}, {draft.ends[1]}]", "lowest and highest possible answer"
        ),
        guessed("reverse", array(reverse), "they run against the others") if reverse else "",
        f"roles = {array(roles)}" if 0 < len(roles) < len(guess.roles) else "",
        f"waves = {array(waves)}" if 0 < len(waves) < len(guess.waves) else "",
        guessed("level", '"relationship"', "answered about each partner")
        if draft.relationship
        else "",
    ]
    if patterns:
        lines += [
            f"[[scale.{name}.version]]",
            guessed("items", array(as_ranges(patterns)), "the columns in the file"),
        ]
    return block(*lines)


def _question(found: _Found) -> str:
    """Return the question of the first item, without what the items of a table have in common."""
    columns = found.source.layout.items[found.stem.items[0]]
    questions = found.source.export.table.questions
    text = next((questions[column] for column in columns if questions.get(column)), "")
    return text.rsplit(" - ", 1)[-1]


def _patterns(found: _Found) -> list[str]:
    """Return the names of columns that the pattern of the file does not give."""
    awkward = found.source.layout.awkward
    if not any(item in awkward for item in found.stem.items):
        return []
    return [awkward.get(item, item) for item in found.stem.items]


def as_ranges(items: Sequence[str]) -> list[str]:
    """Write consecutive items as a range.

    Examples
    --------
    >>> as_ranges(["tr1", "tr2", "tr3"]), as_ranges(["tr1", "tr3"])
    (['tr1..tr3'], ['tr1', 'tr3'])
    """
    first, last = items[0], items[-1]
    stem = first.rstrip("0123456789")
    start, width = first[len(stem) :], len(first) - len(stem)
    written = [f"{stem}{int(start) + n:0{width}d}" for n in range(len(items))] if start else []
    return [f"{first}..{last}"] if list(items) == written and len(items) > 2 else list(items)
