"""Who belongs together: a code that both partners share, or the partner's id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from dyadkit.loading.drafting.guess_columns import names_pair, names_partner, names_person
from dyadkit.loading.drafting.guess_ids import Ids, loose_ids, overlap
from dyadkit.loading.drafting.guess_people import SHARED, partner_of, person_of, with_dyads
from dyadkit.loading.drafting.guess_roles import abbreviates
from dyadkit.loading.drafting.guess_source import SourceGuess

_TWO_EACH = 0.6

# A column of a source, by the source's number; the ids in all slots of a loop have no name.
Place = tuple[int, str]


def pair_up(sources: Sequence[SourceGuess], roles: Sequence[str]) -> list[SourceGuess]:
    """Name the columns that say who belongs together, and who answered.

    Parameters
    ----------
    sources : sequence of SourceGuess
        With roles and waves.
    roles : sequence of str
        None, one or two.

    Returns
    -------
    list of SourceGuess
    """
    ids: dict[Place, Ids] = {
        (number, name): loose_ids([source.column(name)])
        for number, source in enumerate(sources)
        for name in source.id_columns()
    }
    slots: dict[Place, Ids] = {
        (number, ""): loose_ids(map(source.column, source.slot_columns()))
        for number, source in enumerate(sources)
        if source.layout.kind == "loop"
    }
    shared = _shared(sources, ids, slots)
    codes = _pair_codes(sources, ids, shared)
    paired = []
    for number, source in enumerate(sources):
        if source.layout.kind == "dyad":
            found = with_dyads(source)
        elif source.layout.kind == "loop":
            found = _with_slots(source, slots[number, ""], ids)
        elif number in codes:
            found = replace(source, dyad=codes[number])
        else:
            mine = {name: own for (place, name), own in ids.items() if place == number}
            elsewhere = {
                name: max(shared[number, name].values())
                for name in mine
                if (number, name) in shared
            }
            found = replace(source, partner=partner_of(source, mine, elsewhere, roles))
        if not found.person:
            found = replace(found, person=person_of(source, [found.dyad, found.partner], roles))
        if found.partner and not found.person:
            found = replace(found, dyad=found.partner, partner="")
        paired.append(found)
    if any(source.partner for source in paired):
        # One list of partners is enough, and a code besides would pair them in another way.
        paired = [
            replace(source, dyad="") if source.person and not names_pair(source.dyad) else source
            for source in paired
        ]
    return paired


def _shared(
    sources: Sequence[SourceGuess], ids: Mapping[Place, Ids], slots: Mapping[Place, Ids]
) -> dict[Place, dict[Place, float]]:
    """For each column with ids, find those of other roles' files that hold the same."""
    found: dict[Place, dict[Place, float]] = {}
    for (number, name), mine in ids.items():
        for (other, column), theirs in {**ids, **slots}.items():
            alike = sources[number].roles and sources[number].roles == sources[other].roles
            share = 0.0 if number == other or alike else overlap(mine, theirs)
            if share >= SHARED:
                found.setdefault((number, name), {})[other, column] = share
    return found


def _pair_codes(
    sources: Sequence[SourceGuess],
    ids: Mapping[Place, Ids],
    shared: Mapping[Place, Mapping[Place, float]],
) -> dict[int, str]:
    """Find for each file with a person in each row the column with the code of the pair."""
    best: dict[int, tuple[float, str]] = {}
    for number, name in ids:
        source = sources[number]
        if source.layout.kind != "person":
            continue
        others = shared.get((number, name), {})
        score = 1.0 * names_pair(name)
        if not source.role and comes_in_twos(source, name):
            score += 2.0 - 0.5 * names_person(name)
        if others and not _names_somebody(sources, (number, name), others):
            score += max(others.values()) + 0.5 * any(column == name for _, column in others)
        if score >= 1 and score > best.get(number, (0.0, ""))[0]:
            best[number] = (score, name)
    return {number: name for number, (_, name) in best.items()}


def _names_somebody(
    sources: Sequence[SourceGuess], place: Place, others: Mapping[Place, float]
) -> bool:
    """Tell whether shared ids are those of one of the two persons, not of their pair."""
    number, name = place
    columns = [name, *(column for _, column in others)]
    if any(map(names_pair, columns)):
        return False
    if "" in columns or any(map(names_partner, columns)):
        return True
    roles = {role for source in sources for role in source.roles}
    if any(abbreviates(column, role) for column in columns for role in roles):
        return True
    # The only id of one file, beside another one of its own in the other file.
    alone = len(sources[number].id_columns()) == 1
    return alone != all(len(sources[other].id_columns()) == 1 for other, _ in others)


def comes_in_twos(source: SourceGuess, name: str) -> bool:
    """Tell whether most values of a column stand with two roles, in two rows or with two people.

    Parameters
    ----------
    source : SourceGuess
    name : str
        A column with ids.
    """
    texts = _texts(source, name)
    filled = texts.ne("")
    if not filled.any():
        return False
    if source.role_column:
        return _two_each(texts[filled], _texts(source, source.role_column)[filled])
    rows = texts[filled]
    if source.wave_column:
        rows = rows + "\n" + _texts(source, source.wave_column)[filled]
    if rows.value_counts().eq(2).mean() >= _TWO_EACH:
        return True
    people = (other for other in source.id_columns() if other != name)
    return any(_two_each(texts[filled], _texts(source, other)[filled]) for other in people)


def _texts(source: SourceGuess, name: str) -> pd.Series:
    return source.export.table.column(name).astype("object")


def _two_each(codes: pd.Series, texts: pd.Series) -> bool:
    """Tell whether most codes stand beside two different texts."""
    different = pd.DataFrame({"code": codes, "text": texts}).drop_duplicates()
    return bool(different["code"].value_counts().eq(2).mean() >= _TWO_EACH)


def _with_slots(source: SourceGuess, slots: Ids, ids: Mapping[Place, Ids]) -> SourceGuess:
    """Name the ids in the slots of a loop: those of partners, or the codes of pairs."""
    pattern = source.layout.slot_ids
    codes = any(
        names_pair(name) and overlap(own, slots) >= SHARED for (_, name), own in ids.items()
    )
    if codes or names_pair(pattern.replace("{slot}", "_")):
        return replace(source, dyad=pattern)
    return replace(source, partner=pattern)
