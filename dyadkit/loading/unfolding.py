"""A row of a file → the records in it: one for each role, wave and slot that somebody filled.

A row of layout "person" is one record.  A row of layout "dyad" holds a record of each member, and
perhaps of each wave; one of layout "loop" a record for each partner.  Which columns belong to
which record is written out from the names that the study file declares, never parsed from the
names in the file: with ``columns = "{item}_{slot}"``, the item ``q1`` stands in ``q1_1``,
``q1_2`` and so on.

- In a row of a dyad, what belongs to the dyad or the group stands in one column without a
  pattern; in a loop, what belongs to the person (who answers it once) or the group does.
- A name that itself holds ``{role}``, ``{wave}`` or ``{slot}`` is completed as it is.
- A record is there when a cell of its items is filled, or the id in a column that is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from dyadkit.loading.cells import plain
from dyadkit.loading.reading.raw import Mask, RawTable
from dyadkit.loading.texts import (
    Positions,
    as_texts,
    each,
    from_words,
    is_empty,
    same_text,
    stack,
)
from dyadkit.study import LANGUAGE, Level, Source, Study

_DIMENSIONS = ("role", "wave", "slot")


@dataclass(frozen=True, slots=True)
class Part:
    """A place in a row that names of columns spell out.

    Attributes
    ----------
    role, wave : str
        As declared; empty where the row says them in another way.
    words : mapping
        Placeholder, such as ``{role}``, to the word in the names of columns.
    """

    role: str
    wave: str
    words: Mapping[str, str]

    def spell(self, name: str) -> str:
        """Complete the name of a column."""
        for part, word in self.words.items():
            name = name.replace(part, word)
        return name


@dataclass(frozen=True, slots=True)
class Block:
    """The columns that hold the answers of one role in one wave, in one part of a row.

    Attributes
    ----------
    part : int
        Its place in `Records.parts`.
    columns : mapping
        Variable or item to the column in the file.
    own : frozenset of str
        Those of the columns that no other part shares.
    """

    role: str
    wave: str
    part: int
    columns: Mapping[str, str]
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Records:
    """The records in the rows of a file.

    Attributes
    ----------
    at : ndarray of int, shape (n,)
        The position of each record's row in the table.
    rows : ndarray of int or slice
        The same, or the whole table where each of its rows is one record.
    part : ndarray of int, shape (n,)
        Which of `parts` the record is; −1 where nobody filled any.
    role, wave : Categorical, shape (n,)
        As declared; empty where not known.
    strange_role, strange_wave : ndarray of bool, shape (n,)
        Records whose word for it is not declared.
    """

    table: RawTable
    parts: tuple[Part, ...]
    blocks: tuple[Block, ...]
    at: Positions
    rows: Positions | slice
    part: Positions
    role: pd.Categorical
    wave: pd.Categorical
    strange_role: Mask
    strange_wave: Mask

    def __len__(self) -> int:
        return len(self.at)

    def texts(self, name: str) -> pd.Categorical:
        """Return the texts of a column, whose name may differ from part to part."""
        names = [part.spell(name) for part in self.parts]
        if len(set(names)) == 1:
            whole: pd.Categorical = as_texts(self.table.column(names[0]))[self.rows]
            return whole
        columns = [
            as_texts(self.table.column(spelt)).take(self.at[self.part == number])
            for number, spelt in enumerate(names)
        ]
        order = [np.flatnonzero(self.part == number) for number in range(len(names))]
        nowhere = np.flatnonzero(self.part < 0)
        columns.append(same_text("", len(nowhere)))
        order.append(nowhere)
        back = np.empty(len(self.at), dtype=np.intp)
        back[np.concatenate(order)] = np.arange(len(self.at))
        return stack(columns).take(back)

    def take(self, positions: Positions) -> Records:
        """Return some records, perhaps several times."""
        return replace(
            self,
            at=self.at[positions],
            rows=self.at[positions],
            part=self.part[positions],
            role=self.role.take(positions),
            wave=self.wave.take(positions),
            strange_role=self.strange_role[positions],
            strange_wave=self.strange_wave[positions],
        )

    def of_member(self, name: str, place: int) -> pd.Categorical:
        """Return the texts of the column that a name has for the first or the second member."""
        words = list(dict.fromkeys(part.words["{role}"] for part in self.parts))
        return self.texts(name.replace("{role}", words[place]))


def parts_of(source: Source, study: Study) -> tuple[Part, ...]:
    """List the places of a row that the names of its columns spell out; one if they spell none."""
    spelt = [what for what in _DIMENSIONS if source.spells(what)]
    choices = [_words(source, study, what) for what in spelt]
    parts = []
    for words in product(*choices):
        label = dict(zip(spelt, words, strict=True))
        parts.append(
            Part(
                role=label["role"][0] if "role" in label else "",
                wave=label["wave"][0] if "wave" in label else "",
                words={f"{{{what}}}": word for what, (_, word) in label.items()},
            )
        )
    return tuple(parts)


def _words(source: Source, study: Study, what: str) -> list[tuple[str, str]]:
    """List what there is of a dimension: as declared, and the word in the names of columns."""
    if what == "slot":
        return [("", slot) for slot in source.slots]
    words: Mapping[str, str] | None = getattr(source, f"{what}_values")
    declared = study.roles if what == "role" else study.waves
    if words is not None:
        return sorted(
            ((label, word) for word, label in words.items()),
            key=lambda pair: declared.index(pair[0]),
        )
    if what == "role" and study.exchangeable:
        return [(declared[0], "1"), (declared[0], "2")]
    return [(label, label) for label in declared]


def blocks_of(source: Source, study: Study) -> tuple[Block, ...]:
    """Say which columns of a source hold which variables, for each role, wave and part in it."""
    blocks = []
    for number, part in enumerate(parts_of(source, study)):
        roles = (part.role,) if part.role else _held(source, "role", study.roles)
        waves = (part.wave,) if part.wave else _held(source, "wave", study.waves or ("",))
        for role, wave in product(roles, waves):
            patterns: dict[str, str] = {}
            for scale in study.scales:
                if role in (scale.roles or study.roles) and wave in (scale.waves or (wave,)):
                    named = zip(scale.items, scale.columns(role, wave), strict=True)
                    patterns |= {item: _pattern(name, scale.level, source) for item, name in named}
            for single in study.variables:
                if role in (single.roles or study.roles) and wave in (single.waves or (wave,)):
                    patterns[single.name] = _pattern(single.column, single.level, source)
            if source.language and LANGUAGE in study.singles:
                patterns[LANGUAGE.name] = source.language
            columns = {variable: part.spell(name) for variable, name in patterns.items()}
            own = {columns[v] for v, name in patterns.items() if all(w in name for w in part.words)}
            blocks.append(Block(role, wave, number, columns, frozenset(own)))
    return tuple(blocks)


def _held(source: Source, what: str, declared: Sequence[str]) -> Sequence[str]:
    """Return the roles (or waves) that a source may hold."""
    fixed, words = getattr(source, what), getattr(source, f"{what}_values")
    if fixed is not None:
        return (fixed,)
    return declared if words is None else tuple(d for d in declared if d in words.values())


def _pattern(name: str, level: Level, source: Source) -> str:
    """Return how the name of a declared column is made in a file."""
    if source.columns is None or "{" in name or level in _ONCE_A_ROW[source.layout]:
        return name
    return source.columns.replace("{item}", name)


_ONCE_A_ROW: Mapping[str, tuple[Level, ...]] = {
    "dyad": ("dyad", "group"),
    "loop": ("person", "group"),
}


def unfold(table: RawTable, source: Source, study: Study) -> Records:
    """Find the records in the rows of a file.

    Every row has at least one: an empty line, or a row in which no part is filled, counts once.

    Parameters
    ----------
    table : RawTable
        Has every column the study file names.
    source : Source
    study : Study
    """
    parts, blocks = parts_of(source, study), blocks_of(source, study)
    size = len(table)
    filled = [
        _filled(table, source, part, [b for b in blocks if b.part == number])
        for number, part in enumerate(parts)
    ]
    if len(parts) == 1:
        at, part = np.arange(size), np.where(filled[0], 0, -1)
        rows: Positions | slice = slice(None)
    else:
        at = np.concatenate([np.flatnonzero(mask) for mask in filled])
        part = np.repeat(np.arange(len(parts)), [int(mask.sum()) for mask in filled])
        lone = np.flatnonzero(~np.logical_or.reduce(filled))
        at, part = np.concatenate([at, lone]), np.concatenate([part, np.full(len(lone), -1)])
        order = np.lexsort((part, at))
        at, part = at[order], part[order]
        rows = at
    role, strange_role = _places(table, source, study, "role", parts, rows, part)
    wave, strange_wave = _places(table, source, study, "wave", parts, rows, part)
    if len(at) < size:
        raise RuntimeError(f"{table.name}: some rows have no record")
    return Records(table, parts, blocks, at, rows, part, role, wave, strange_role, strange_wave)


def _filled(table: RawTable, source: Source, part: Part, blocks: Sequence[Block]) -> Mask:
    """Mark the rows in which a part is filled; without parts every row is."""
    filled = np.zeros(len(table), dtype=bool)
    if not part.words:
        return ~filled
    ids = [getattr(source, key) or "" for key in ("person", "partner", "dyad")]
    own = {part.spell(name) for name in ids if all(word in name for word in part.words)}
    for column in sorted(own.union(*(block.own for block in blocks))):
        filled |= ~is_empty(as_texts(table.column(column)))
    return filled


def _places(
    table: RawTable,
    source: Source,
    study: Study,
    what: str,
    parts: Sequence[Part],
    rows: Positions | slice,
    part: Positions,
) -> tuple[pd.Categorical, Mask]:
    """Return the wave (or role) of each record, and those whose word for it is not declared."""
    declared = study.waves or ("",) if what == "wave" else study.roles
    words = list(dict.fromkeys(["", *declared]))
    none = np.zeros(len(part), dtype=bool)
    if source.spells(what):
        places = np.array([words.index(getattr(p, what)) for p in parts] + [0])
        return from_words(words, places[part]), none
    column = getattr(source, f"{what}_column")
    if column is None:
        fixed = getattr(source, what) or declared[0]
        return from_words(words, np.full(len(part), words.index(fixed))), none
    said: Mapping[str, str] = getattr(source, f"{what}_values") or {name: name for name in declared}
    loosely = {plain(word): place for word, place in said.items()}
    texts = as_texts(table.column(column))[rows]
    found = each(
        texts,
        lambda text: words.index(said.get(text, loosely.get(plain(text), ""))),
        np.min_scalar_type(-len(words)),
    )
    return from_words(words, found), found == 0
