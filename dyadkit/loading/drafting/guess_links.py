"""Files without answers: key files that say who belongs together, and lists of who withdrew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dyadkit.loading.drafting.guess_columns import Column, Export, names_pair, names_person
from dyadkit.loading.drafting.guess_ids import Ids, loose_ids, overlap
from dyadkit.loading.drafting.guess_people import with_dyads
from dyadkit.loading.drafting.guess_roles import ALIKE, abbreviates
from dyadkit.loading.drafting.guess_source import SourceGuess

_WITHDREW = re.compile(
    r"withdr[ae]w|opt.?out|revok|drop.?out|widerruf|widerrufen|zur(ü|ue)ck(gezogen|zug)|abmeld"
    r"|retirad|retirou|retrait|desist|baja",
    re.I,
)
_ID = re.compile(r"[\w.#/+\- ]{1,40}")
_MOST_COLUMNS = 8
_SOME, _MOST = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class LinkGuess:
    """A key file: for each role the columns with its ids."""

    export: Export
    dyad: str = ""
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WithdrawalGuess:
    """A list of people who withdrew, and the column with their ids."""

    export: Export
    person: str


def guess_link(
    export: Export, sources: Sequence[SourceGuess], roles: Sequence[str]
) -> LinkGuess | None:
    """Find out whether a file without answers says who belongs together.

    Parameters
    ----------
    export : Export
    sources : sequence of SourceGuess
        The files with answers.
    roles : sequence of str

    Returns
    -------
    LinkGuess or None
        None where it does not name two people in a row.
    """
    columns = _id_columns(export)
    if len(export.columns) > _MOST_COLUMNS or len(columns) < 2 or _is_called_withdrawn(export):
        return None
    matched = _matches(columns, sources)
    people = {n: _roles_by_ids(matched[n], sources) for n in columns if not names_pair(n)}
    if len(roles) < 2:
        both = [name for name in people if matched[name]][:2]
        same = len(both) == 2 and matched[both[0]].keys() == matched[both[1]].keys()
        found = {(roles or ALIKE)[0]: tuple(both)} if same else {}
    else:
        found = _each_its_column(people, matched, roles)
    if not found:
        return None
    used = {name for names in found.values() for name in names}
    return LinkGuess(export, _pair_column(export, columns, used), found)


def _id_columns(export: Export) -> dict[str, Column]:
    """Return the columns of a list all of whose texts may be ids."""
    return {
        name: column
        for name, column in export.columns.items()
        if column.counts
        and column.has(_ID, 1)
        and not column.has(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]+[.,][0-9]+"), 0.5)
    }


def _matches(
    columns: Mapping[str, Column], sources: Sequence[SourceGuess]
) -> dict[str, dict[tuple[int, str], float]]:
    """For each column find the columns of sources, by their number, that hold the same ids.

    The ids in all slots of a loop have no name.
    """
    known = {
        (number, name): loose_ids([source.column(name)])
        for number, source in enumerate(sources)
        for name in source.id_columns()
    }
    for number, source in enumerate(sources):
        known[number, ""] = loose_ids(map(source.column, source.slot_columns()))
    found: dict[str, dict[tuple[int, str], float]] = {}
    for name, column in columns.items():
        mine = loose_ids([column])
        shares = {place: overlap(mine, theirs) for place, theirs in known.items()}
        found[name] = {place: share for place, share in shares.items() if share >= _SOME}
    return found


def _roles_by_ids(
    matched: Mapping[tuple[int, str], float], sources: Sequence[SourceGuess]
) -> dict[str, float]:
    """Say how well the ids of a column fit those of each role's own files."""
    best: dict[str, float] = {}
    for (number, name), share in matched.items():
        role = sources[number].role
        # Without a name they are the ids of partners.
        if role and name:
            best[role] = max(best.get(role, 0.0), share)
    return best


def _each_its_column(
    people: Mapping[str, Mapping[str, float]],
    matched: Mapping[str, Mapping[tuple[int, str], float]],
    roles: Sequence[str],
) -> dict[str, tuple[str, ...]]:
    """Give each role the column that its name or its ids speak for most."""

    def fit(name: str, role: str) -> float:
        others = any(abbreviates(name, other) for other in roles if other != role)
        return 2.0 * abbreviates(name, role) - 0.5 * others + people[name].get(role, 0.0)

    pairs = [
        (fit(one, roles[0]) + fit(two, roles[1]), one, two)
        for one in people
        for two in people
        if one != two and (matched[one] or matched[two])
        if fit(one, roles[0]) > 0 and fit(two, roles[1]) > 0
    ]
    if not pairs:
        return {}
    _, one, two = max(pairs, key=lambda pair: pair[0])
    return {roles[0]: (one,), roles[1]: (two,)}


def _pair_column(export: Export, columns: Mapping[str, Column], used: set[str]) -> str:
    """Return the column with the code of the pair, which no two rows share."""
    rest = [name for name in columns if name not in used]
    once = [name for name in rest if max(columns[name].counts.values()) == 1 < len(export.table)]
    named = [name for name in once if names_pair(name)]
    return next(iter([*named, *(name for name in once if names_person(name))]), "")


def link_people(sources: Sequence[SourceGuess], links: Sequence[LinkGuess]) -> list[SourceGuess]:
    """Name the column of each file that holds the ids in the key files.

    A file of unknown role has that of the key file's column.
    """
    people: dict[str, Ids] = {}
    for link in links:
        for role, names in link.people.items():
            ids = loose_ids(link.export.columns[name] for name in names)
            people[role] = people.get(role, frozenset()) | ids
    return [
        with_dyads(source) if source.layout.kind == "dyad" else _link_person(source, people)
        for source in sources
    ]


def _link_person(source: SourceGuess, people: Mapping[str, Ids]) -> SourceGuess:
    """Name the column whose ids the key files have most of, for the role of the file."""
    # Empty but for a loop.
    source = replace(source, partner=source.layout.slot_ids)
    best, role, person = 0.0, "", ""
    for name in source.id_columns():
        mine = loose_ids([source.column(name)])
        for candidate, ids in people.items():
            share = overlap(mine, ids) if source.role in ("", candidate) else 0.0
            if share > best:
                best, role, person = share, candidate, name
    if best < _SOME:
        return source
    known = source.role or source.role_column
    return replace(source, role=source.role if known else role, person=person)


def guess_withdrawal(export: Export, sources: Sequence[SourceGuess]) -> WithdrawalGuess | None:
    """Find out whether a file without answers lists people who withdrew.

    Parameters
    ----------
    export : Export
    sources : sequence of SourceGuess
        The files with answers, with the columns that say who answered.

    Returns
    -------
    WithdrawalGuess or None
        None where it is no short list of people in the other files, and is not called so either.
    """
    if not 0 < len(export.columns) <= _MOST_COLUMNS:
        return None
    called = _is_called_withdrawn(export)
    known = frozenset().union(
        *(loose_ids(map(s.column, [*s.id_columns(), *s.slot_columns()])) for s in sources)
    )
    columns = _id_columns(export)
    matched = {name: _share(loose_ids([column]), known) for name, column in columns.items()}
    best = max(matched, key=lambda name: matched[name], default="")
    if best and matched[best] >= (_SOME if called else _MOST):
        few = len(columns[best].counts) <= _SOME * len(known)
        if called or (few and len(columns) <= 2):
            return WithdrawalGuess(export, best)
    if called:
        named = [name for name in export.columns if names_person(name)]
        return WithdrawalGuess(export, next(iter([*named, *export.columns])))
    return None


def _is_called_withdrawn(export: Export) -> bool:
    return _WITHDREW.search(f"{export.file} {export.sheet}") is not None


def _share(ids: Ids, known: Ids) -> float:
    return len(ids & known) / len(ids) if ids else 0.0
