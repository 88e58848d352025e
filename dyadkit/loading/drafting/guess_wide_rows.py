"""Exports with a dyad in each row: the names of columns say who answered, and perhaps when.

Nothing is known of how a researcher puts names together, so words are looked for that can be
exchanged: where ``tr1_coach_t1`` stands beside ``tr1_client_t1`` and ``tr1_coach_t2``, the names
spell role and wave.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from dyadkit.loading.drafting.guess_columns import Export, holds_ids, names_pair
from dyadkit.loading.drafting.guess_spelling import (
    Layout,
    by_pattern,
    find_items,
    is_named,
    replaced,
)
from dyadkit.loading.drafting.guess_words import (
    ABBREVIATIONS,
    role_of,
    role_words,
    tokens,
    wave_words,
)

_FEWEST = 2
# An item that ends in a number, the role, and a number between separators: tr1_{role}_2.
_BARE_WAVE = re.compile(r"(?P<before>.*[0-9][_.\- ]\{role\}[_.\- ])(?P<wave>[0-9])")


def guess_dyads(export: Export, answers: Sequence[str], *, abbreviated: bool) -> Layout | None:
    """Find out whether a row of an export is a dyad.

    Parameters
    ----------
    export : Export
    answers : sequence of str
        The columns that hold answers.
    abbreviated : bool
        Whether to look for abbreviations of roles, such as w and h, in place of words.

    Returns
    -------
    Layout or None
        None where the names of columns exchange no words for roles.
    """
    waves = _exchanged_waves(export.columns)
    dated = {
        name: replaced(name, word, "{wave}")
        for name in export.columns
        for word in wave_words(name)
        if word.text in waves
    }
    offered = _abbreviations(export) if abbreviated else [_vocabulary(export.columns)]
    for roles in offered:
        if len(roles) != 2:
            continue
        spelt = _spell(export.columns, dated, roles)
        crossing = {
            pattern
            for pattern, names in by_pattern(spelt, answers).items()
            if len({_word_in(name, pattern, roles) for name in names}) == 2
        }
        crossed = sum(spelt.get(name) in crossing for name in answers)
        if len(crossing) < _FEWEST or crossed < (0.6 if abbreviated else 0.3) * len(answers):
            continue
        if "1" in roles and not _numbers_persons(export, spelt):
            continue
        spelt, bare = _bare_waves(spelt, crossing)
        said = any("{wave}" in pattern for pattern in spelt.values())
        layout = Layout("dyad", roles=roles, waves=bare or (waves if said else {}), spelt=spelt)
        return find_items(layout, answers)
    return None


def _exchanged_waves(names: Iterable[str]) -> dict[str, int]:
    """Find words for waves that are exchanged in otherwise equal names, of one kind only."""
    found: dict[str, dict[str, int]] = {}
    for name in names:
        for word in wave_words(name):
            pattern = replaced(name, word, "{wave}")
            bare = next(
                (replaced(pattern, role, "{role}") for role in role_words(pattern)), pattern
            )
            if is_named(bare):
                found.setdefault(pattern, {})[word.text] = int(word.meaning)
    kinds: dict[str, dict[str, int]] = {}
    for words in found.values():
        if len(set(words.values())) > 1:
            for text, number in words.items():
                kind = re.sub(r"[0-9]+$", "", text) if text[-1].isdigit() else ""
                kinds.setdefault(kind, {})[text] = number
    best = max(kinds.values(), key=len, default={})
    return dict(sorted(best.items(), key=lambda pair: pair[1]))


def _vocabulary(names: Iterable[str]) -> dict[str, str]:
    """Find the two words for roles that are exchanged in otherwise equal names most often."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        for word in role_words(name):
            found.setdefault(replaced(name, word, "{role}"), {})[word.text] = word.meaning
    pairs: Counter[tuple[str, str]] = Counter()
    meaning: dict[str, str] = {}
    for words in found.values():
        meaning |= words
        pairs.update(two for two in combinations(words, 2) if words[two[0]] != words[two[1]])
    return {word: meaning[word] for word in pairs.most_common(1)[0][0]} if pairs else {}


def _abbreviations(export: Export) -> Iterator[Mapping[str, str]]:
    """Offer pairs of words: those that the names of id columns exchange, then usual letters."""
    ids = [name for name, column in export.columns.items() if holds_ids(column)]
    for one, two in combinations(ids, 2):
        mine, theirs = tokens(one), tokens(two)
        if len(mine) == len(theirs):
            differ = [pair for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1]]
            if len(differ) == 1 and re.fullmatch("[a-z]+", "".join(differ[0])):
                yield {word: role_of(word) or word for word in _as_written(one, two, *differ[0])}
    for words, meanings in ABBREVIATIONS:
        for written in dict.fromkeys((words, tuple(word.upper() for word in words))):
            yield dict(zip(written, meanings, strict=True))


def _as_written(one: str, two: str, mine: str, theirs: str) -> Iterator[str]:
    for name, word in ((one, mine), (two, theirs)):
        place = name.casefold().find(word)
        yield name[place : place + len(word)] if place >= 0 else word


def _spell(
    names: Iterable[str], dated: Mapping[str, str], roles: Mapping[str, str]
) -> dict[str, str]:
    """Write ``{role}`` for the words of the roles, and ``{wave}`` beside it."""
    spelt = {}
    for name in names:
        found = next(filter(None, (_put_role(dated.get(name, name), word) for word in roles)), "")
        if found:
            spelt[name] = found
    return spelt


def _put_role(name: str, word: str) -> str:
    """Put ``{role}`` where a word stands alone, or run together with others."""
    whole = re.escape(word)
    ways = [rf"(?<![A-Za-z0-9{{]){whole}(?![A-Za-z0-9}}])"]
    if word.isdigit():
        ways = [rf"(?<=[_.\- ]){whole}$", rf"^{whole}(?=[_.\- ])"]
    elif role_of(word):
        ways += [rf"(?<![{{a-z]){whole}(?![a-z}}])", rf"(?<!\{{){whole}(?!\}})"]
    elif len(word) <= 2:
        ways += [rf"(?<=[0-9}}]){whole}$", rf"^{whole}(?=[A-Za-z])"]
    for way in ways:
        found = list(re.finditer(way, name))
        if found:
            return f"{name[: found[-1].start()]}{{role}}{name[found[-1].end() :]}"
    return ""


def _word_in(name: str, pattern: str, roles: Mapping[str, str]) -> str:
    """Return the word for the role that a name has where its pattern has ``{role}``."""
    parts = [".*".join(map(re.escape, half.split("{wave}"))) for half in pattern.split("{role}")]
    return next((word for word in roles if re.fullmatch(re.escape(word).join(parts), name)), "")


def _numbers_persons(export: Export, spelt: Mapping[str, str]) -> bool:
    """Tell whether 1 and 2 are two persons, not two waves: there are ids of both or of the pair."""
    ids = [name for name, column in export.columns.items() if holds_ids(column)]
    both = Counter(spelt[name] for name in ids if name in spelt)
    others = [names_pair(name) for name in ids if name not in spelt]
    return all(others) if 2 in both.values() else any(others)


def _bare_waves(
    spelt: Mapping[str, str], crossing: Collection[str]
) -> tuple[dict[str, str], dict[str, int]]:
    """Write ``{wave}`` for a mere number after the role, where items have numbers of their own."""
    found = [_BARE_WAVE.fullmatch(pattern) for pattern in crossing]
    numbers = sorted({match["wave"] for match in found if match})
    if not all(found) or numbers != [str(n + 1) for n in range(len(numbers))] or len(numbers) < 2:
        return dict(spelt), {}
    return (
        {name: _BARE_WAVE.sub(r"\g<before>{wave}", pattern) for name, pattern in spelt.items()},
        {number: int(number) for number in numbers},
    )
