"""Which dyad a record belongs to: by its code, by the ids of both, or by the id of its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dyadkit.errors import listed
from dyadkit.loading.links import Links
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Mask, encode_arrow, encode_codes, is_empty
from dyadkit.loading.rows import SourceRows, leave_out
from dyadkit.loading.texts import as_texts, number_texts, plain_texts, stack
from dyadkit.study import Study
from dyadkit.study.contradictions import names_partner

Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Linked:
    """Records with their dyads.

    Attributes
    ----------
    read : list of SourceRows
        With ``dyad`` in their keys.
    notes : tuple of str
    called : DataFrame
        ``dyad``, ``first`` and ``second``: the dyads that are called by the ids of both.
    """

    read: list[SourceRows]
    notes: tuple[str, ...]
    called: pd.DataFrame


def find_dyads(read: Sequence[SourceRows], links: Links, study: Study) -> Linked:
    """Give each record its dyad.

    A record with a code belongs to that dyad.  One that names its partner belongs to the pair of
    the two; the key file, if there is one, must have it.  One that names only its author belongs
    to the author's pair, and is used once for each when there are several; without a key file the
    pairs are those that other sources name.

    Parameters
    ----------
    read : sequence of SourceRows
        Their keys hold ``person``, and perhaps ``partner`` and ``code``.
    links : Links
    study : Study

    Returns
    -------
    Linked
    """
    if all(rows.source.dyad for rows in read):
        nobody = pd.DataFrame({"dyad": [], "first": [], "second": []}, dtype="object")
        return Linked([_by_code(rows) for rows in read], (), nobody)
    naming = [rows for rows in read if rows.source.dyad is None and names_partner(rows.source)]
    alone = [rows for rows in read if rows.source.dyad is None and not names_partner(rows.source)]
    columns = [as_texts(links.pairs[side]) for side in ("first", "second")]
    columns += [texts for rows in naming for texts in _sides(rows, study)]
    columns += [as_texts(rows.keys["person"]) for rows in alone]
    numbers, ids = number_texts(columns)
    if study.exchangeable:
        numbers, ids = _in_order(numbers, ids)
    named = {
        rows.source.name: _ordered(numbers[2 + 2 * place], numbers[3 + 2 * place], study)
        for place, rows in enumerate(naming)
    }
    authors = {rows.source.name: numbers[place - len(alone)] for place, rows in enumerate(alone)}
    if study.links:
        pairs = _Pairs.of(numbers[0], numbers[1], ids, as_texts(links.pairs["dyad"]))
    else:
        usable = {r.source.name: ~r.keys["anonymous"].to_numpy(dtype=bool) for r in naming}
        pairs = _named_pairs(
            [[side[usable[n]] for side in sides] for n, sides in named.items()], ids
        )
    found, notes = [], []
    for rows in read:
        if rows.source.dyad:
            found.append(_by_code(rows))
            continue
        if rows.source.name in named:
            linked, said = _by_pair(rows, *named[rows.source.name], pairs, study)
        else:
            linked, said = _by_author(rows, authors[rows.source.name], pairs, study)
        found.append(linked)
        notes += said
    coded = [rows.source.name for rows in read if rows.source.dyad]
    if coded and not links.pairs["dyad"].ne("").any():
        notes.append(
            f"Dyads are known by a code in {listed(coded)} and by the ids of both elsewhere, so "
            "nothing of the one is paired with anything of the other. If they are the same dyads, "
            "give a key file, [[link]], with dyad = … and the ids."
        )
    return Linked(found, tuple(notes), pairs.called_by_ids(ids))


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Known pairs, by the numbers of their ids, with the code of each."""

    first: Codes
    second: Codes
    code: pd.Categorical
    joined: Mask

    @classmethod
    def of(cls, first: Codes, second: Codes, ids: Any, code: pd.Categorical | None) -> _Pairs:
        """Make pairs; one without a code is called by its ids, and a mark that nothing holds."""
        taken = [ids] if code is None else [ids, pa.array(code.categories).cast(ids.type)]
        mark = "+"
        while any(pc.any(pc.match_substring(texts, mark)).as_py() for texts in taken):
            mark += "+"
        joined = pc.binary_join_element_wise(
            ids.take(first), ids.take(second), pa.scalar(mark, ids.type)
        )
        if code is None:
            return cls(first, second, encode_arrow([joined]), np.ones(len(first), dtype=bool))
        own = pa.array(plain_texts(code)).cast(pa.large_string())
        names = pc.if_else(pc.equal(own, ""), joined, own)
        return cls(first, second, encode_arrow([names]), is_empty(code))

    def called_by_ids(self, ids: Any) -> pd.DataFrame:
        """Return the pairs that have no code of their own, and the ids of both."""
        some = np.flatnonzero(self.joined)
        sides = {
            name: ids.take(codes[some]).to_pandas()
            for name, codes in (("first", self.first), ("second", self.second))
        }
        return pd.DataFrame({"dyad": plain_texts(self.code.take(some)), **sides}).astype("object")


def _sides(rows: SourceRows, study: Study) -> tuple[pd.Categorical, pd.Categorical]:
    """Return who the two members of each record's dyad are, as far as the record says."""
    keys = rows.keys
    if rows.source.layout == "dyad":
        return as_texts(keys["first"]), as_texts(keys["second"])
    person, partner = as_texts(keys["person"]), as_texts(keys["partner"])
    second = keys["role"].eq(study.roles[-1]).to_numpy()
    if study.exchangeable or not second.any():
        return person, partner
    if second.all():
        return partner, person
    both = stack([person, partner])
    at, size = np.arange(len(person)), len(person)
    return both.take(np.where(second, at + size, at)), both.take(np.where(second, at, at + size))


def _in_order(numbers: Sequence[Codes], ids: Any) -> tuple[list[Codes], Any]:
    """Number ids in their order as texts."""
    order = np.asarray(pc.sort_indices(ids), dtype=np.int64)
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    return [place[column] for column in numbers], ids.take(order)


def _ordered(first: Codes, second: Codes, study: Study) -> tuple[Codes, Codes]:
    """Put the two of a pair who share a role in the order of their ids."""
    if not study.exchangeable:
        return first, second
    return np.minimum(first, second), np.maximum(first, second)


def _named_pairs(sides: Sequence[Sequence[Codes]], ids: Any) -> _Pairs:
    """Collect the pairs that records name."""
    if not sides:
        # The file that names them cannot be read; `check` looks at the others all the same.
        none = np.zeros(0, dtype=np.int64)
        return _Pairs.of(none, none, ids, None)
    first, second = (np.concatenate([pair[place] for pair in sides]) for place in (0, 1))
    known = (first >= 0) & (second >= 0) & (first != second)
    pair = np.unique(first[known] * len(ids) + second[known])
    return _Pairs.of(pair // len(ids), pair % len(ids), ids, None)


def _by_code(rows: SourceRows) -> SourceRows:
    keys = rows.keys.rename(columns={"code": "dyad"})
    leave_out(keys, is_empty(as_texts(keys["dyad"])), "no_dyad")
    return replace(rows, keys=keys)


def _by_pair(
    rows: SourceRows, first: Codes, second: Codes, pairs: _Pairs, study: Study
) -> tuple[SourceRows, list[str]]:
    """Look the pairs up that records name."""
    silent = (first < 0) | (second < 0)
    size = 1 + max(column.max(initial=0) for column in (first, second, pairs.first, pairs.second))
    pair = pairs.first * size + pairs.second
    order = np.argsort(pair, kind="stable")
    wanted = np.where(silent, -1, first * size + second)
    place = np.searchsorted(pair, wanted, sorter=order)
    at = np.append(order, -1)[place]
    at[np.append(pair, -2)[at] != wanted] = -1
    missed = (at < 0) & ~silent
    keys = rows.keys.drop(columns=[side for side in ("first", "second") if side in rows.keys])
    keys["dyad"] = _codes_at(pairs.code, at)
    leave_out(keys, silent, "no_dyad")
    selves = missed & (first == second)
    count = len(np.unique(rows.records.at[selves & rows.staying]))
    leave_out(keys, selves, "not_linked", "names itself as the partner")
    leave_out(keys, missed, "not_linked")
    if not count:
        return replace(rows, keys=keys), []
    remedy = "Correct the ids."
    if not study.exchangeable:
        alike = " and ".join(f"{role}s" for role in study.roles)
        remedy = f"Correct the ids; if {alike} are numbered alike, give each an id of their own."
    verbs = ("pairs", "links") if count == 1 else ("pair", "link")
    note = (
        f"{rows.source.name}: {plural(count, 'row')} {verbs[0]} an id with itself, and {verbs[1]} "
        f"nobody. {remedy}"
    )
    return replace(rows, keys=keys), [note]


def _by_author(
    rows: SourceRows, person: Codes, pairs: _Pairs, study: Study
) -> tuple[SourceRows, list[str]]:
    """Look up the pairs of those who answered; one row serves for each of them."""
    second = rows.keys["role"].eq(study.roles[-1]).to_numpy() & (len(study.roles) > 1)
    unknown = rows.keys["role"].eq("").to_numpy()
    number = np.arange(len(pairs.first))
    if study.exchangeable:
        both = np.concatenate([pairs.first, pairs.second])
        starts = _Author.of(both, np.concatenate([number, number]))
    else:
        starts = _Author.of(pairs.first, number)
    ends = _Author.of(pairs.second, number)
    count = np.where(second, ends.count(person), starts.count(person))
    count[unknown | (person < 0)] = 0
    times = np.maximum(count, 1)
    at = np.repeat(np.arange(len(person)), times)
    nth = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
    place = np.where(second[at], ends.pair(person[at], nth), starts.pair(person[at], nth))
    place[count[at] == 0] = -1
    repeated = rows if (times == 1).all() else rows.take(at.astype(np.intp))
    keys = repeated.keys.assign(dyad=_codes_at(pairs.code, place))
    leave_out(keys, (person < 0)[at], "no_dyad")
    leave_out(keys, (count[at] == 0) & ~unknown[at], "not_linked")
    several = (count > 1) & rows.staying
    notes = []
    if several.any():
        notes.append(
            f"{rows.source.name}: {plural(int(several.sum()), 'row')} of people who belong to "
            f"several dyads {'was' if several.sum() == 1 else 'were'} used once for each "
            f"({int(count[several].sum()):,} in all). Answers that were given once are of level "
            '"person".'
        )
    return replace(repeated, keys=keys), notes


@dataclass(frozen=True, slots=True)
class _Author:
    """The pairs of each person, sorted by person."""

    people: Codes
    pairs: Codes

    @classmethod
    def of(cls, people: Codes, pairs: Codes) -> _Author:
        order = np.lexsort((pairs, people))
        return cls(people[order], pairs[order])

    def count(self, person: Codes) -> Codes:
        """Return how many pairs each person has."""
        right = np.searchsorted(self.people, person, side="right")
        return np.asarray(right - np.searchsorted(self.people, person), dtype=np.int64)

    def pair(self, person: Codes, nth: Codes) -> Codes:
        """Return the nth pair of each person; of persons with fewer, any."""
        if not len(self.pairs):
            return np.zeros(len(person), dtype=np.int64)
        place = np.searchsorted(self.people, person) + nth
        found: Codes = self.pairs[np.minimum(place, len(self.pairs) - 1)]
        return found


def _codes_at(codes: pd.Categorical, at: Codes) -> pd.Categorical:
    """Return the codes of dyads; an empty one for −1."""
    words = pa.array(codes.categories).cast(pa.large_string())
    words = pa.concat_arrays([words, pa.array([""], words.type)])
    return encode_codes(np.append(codes.codes.astype(np.int64), len(words) - 1)[at], words)
