"""Ids of people who refused or withdrew, taken out of what their partners' rows say.

Where a dyad is called by the ids of both, its name would keep the id of somebody whose rows may
not be used; so would the partner's own row, which names that person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyadkit.loading.consent import Withdrawn
from dyadkit.loading.links import Links
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.texts import as_texts, from_words, used
from dyadkit.study import Study

_NOBODY = "…"


def secret_ids(
    read: Sequence[SourceRows], withdrawn: Sequence[Withdrawn], study: Study
) -> Mapping[str, frozenset[str]]:
    """Return, by role, the ids of people of whom no row may be shown.

    Parameters
    ----------
    read : sequence of SourceRows
        After consent was applied.
    withdrawn : sequence of Withdrawn
        Who withdrew; some may stand in no source, but in a key file.
    study : Study
    """
    listed = frozenset[str]().union(*(entry.people for entry in withdrawn))
    secret = {}
    for role in study.roles:
        hidden, shown = set(listed), set[str]()
        for rows in read:
            mine = rows.keys["role"].eq(role).to_numpy()
            anonymous = rows.keys["anonymous"].to_numpy(dtype=bool)
            people = as_texts(rows.keys["person"])
            hidden.update(used(people[mine & anonymous]))
        if hidden:
            shown = {
                person
                for rows in read
                for person in used(
                    as_texts(rows.keys["person"])[
                        rows.keys["role"].eq(role).to_numpy()
                        & ~rows.keys["anonymous"].to_numpy(dtype=bool)
                    ]
                )
            }
        secret[role] = frozenset(hidden - shown - {""})
    return secret


def hide_ids(
    read: Sequence[SourceRows],
    called: pd.DataFrame,
    secret: Mapping[str, frozenset[str]],
    study: Study,
) -> tuple[list[SourceRows], Mapping[str, str]]:
    """Give new names to dyads that are called by a secret id, and take it out of partners' rows.

    Parameters
    ----------
    read : sequence of SourceRows
    called : DataFrame
        ``dyad``, ``first`` and ``second``: the dyads that are called by their ids, in the order of
        the roles.
    secret : mapping
        From `secret_ids`.
    study : Study

    Returns
    -------
    tuple
        The sources, and the new name of each dyad that has one.
    """
    if not any(secret.values()):
        return list(read), {}
    first = called["first"].isin(secret[study.roles[0]])
    second = called["second"].isin(secret[study.roles[-1]])
    renamed: dict[str, str] = {}
    taken = {name for rows in read for name in used(as_texts(rows.keys["dyad"]))}
    for dyad, one, other in (
        called[first | second]
        .assign(
            first=called["first"].mask(first, _NOBODY),
            second=called["second"].mask(second, _NOBODY),
        )[["dyad", "first", "second"]]
        .itertuples(index=False)
    ):
        name, number = f"{one}+{other}", 1
        while name in taken:
            number += 1
            name = f"{one}+{other} ({number})"
        taken.add(name)
        renamed[dyad] = name
    return [_hidden(rows, renamed, secret, study) for rows in read], renamed


def without_secrets(links: Links, secret: Mapping[str, frozenset[str]], study: Study) -> Links:
    """Return the pairs of a key file that hold no secret id."""
    first = links.pairs["first"].isin(secret[study.roles[0]])
    second = links.pairs["second"].isin(secret[study.roles[-1]])
    return replace(links, pairs=links.pairs[~(first | second)].reset_index(drop=True))


def _hidden(
    rows: SourceRows,
    renamed: Mapping[str, str],
    secret: Mapping[str, frozenset[str]],
    study: Study,
) -> SourceRows:
    keys = rows.keys.copy()
    dyad = as_texts(keys["dyad"])
    words = [renamed.get(name, name) for name in dyad.categories]
    if renamed and words != list(dyad.categories):
        keys["dyad"] = from_words(words, dyad.codes)
    if "partner" in keys:
        partner = as_texts(keys["partner"])
        named = np.zeros(len(keys), dtype=bool)
        for place, role in enumerate(study.roles):
            mine = keys["role"].eq(role).to_numpy()
            named |= mine & partner.isin(sorted(secret[study.roles[place - 1]]))
        if named.any():
            keys["partner"] = keys["partner"].astype("object").mask(named, "").astype("category")
            if "joined" in keys:
                told = named & keys["joined"].ne("").to_numpy()
                keys.loc[told, "joined"] = "an id that may not be shown"
    return replace(rows, keys=keys)
