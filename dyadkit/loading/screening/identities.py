"""Who is who: people in both roles, partners who change, and partners who name different people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.coding import codes_of, group_codes, n_distinct
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words


def both_roles(keys: pd.DataFrame) -> list[Finding]:
    """Find ids that stand in more than one role.

    Where half of the ids of a role stand in the other one as well, the roles are numbered alike
    (coach 7 and client 7), which is no mess.

    Parameters
    ----------
    keys : DataFrame
        ``source``, ``row``, ``wave``, ``role``, ``person`` and ``dyad`` as texts, perhaps
        categorical; only rows that may be used.

    Returns
    -------
    list of Finding
        None or one, of kind "both_roles"; it counts ids.

    Examples
    --------
    >>> people = ["c1", "c2", "k1", "k2", "c3", "c1"]
    >>> keys = pd.DataFrame({"source": "all", "row": range(2, 8), "wave": "t1", "person": people,
    ...                      "role": ["coach", "coach", "client", "client", "coach", "client"],
    ...                      "dyad": ["1", "2", "1", "2", "3", "3"]})
    >>> [(found.kind, found.places) for found in both_roles(keys)]
    [('both_roles', (('all', 2), ('all', 7)))]
    """
    named = keys[_named(keys, "person")]
    person, role = codes_of(named["person"]), codes_of(named["role"])
    twice = n_distinct(person, role) > 1
    if not twice.any():
        return []
    sizes = [len(np.unique(person[role == code])) for code in range(role.max() + 1)]
    shared = len(np.unique(person[twice]))
    if 2 * shared >= min(sizes):
        return []
    places = places_of(named[twice])
    ids = list(dict.fromkeys(named.loc[twice, "person"]))
    roles = list(dict.fromkeys(named["role"]))
    text = (
        f"{plural(shared, 'id')} {'stands' if shared == 1 else 'stand'} in more than one role "
        f"({' and '.join(map(str, roles))}): {listed(ids)} ({rows_in_words(places)}). If these "
        "are different people, give each an id of their own; if somebody really has both roles, "
        "their dyads are not independent. A row in the wrong role needs a correction in the file."
    )
    return [Finding("both_roles", text, places, shared)]


def changed_partners(keys: pd.DataFrame) -> list[Finding]:
    """Find people whose partner is another one in a later wave.

    Only people with one partner in each wave are looked at: who has several may gain and lose
    some.  The partner is the one that the row names, or else whoever shares the dyad code.

    Parameters
    ----------
    keys : DataFrame
        As for `both_roles`, perhaps with ``partner``.

    Returns
    -------
    list of Finding
        None or one, of kind "changed_partner"; it counts people.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "all", "row": [2, 3, 4, 5], "wave": ["t1", "t1", "t2", "t2"],
    ...                      "role": "client", "person": ["a", "b", "a", "b"],
    ...                      "dyad": ["1", "2", "1", "3"]})
    >>> changed_partners(keys)[0].places
    (('all', 3), ('all', 5))
    """
    column = "partner" if "partner" in keys else "dyad"
    known = keys[_named(keys, "person") & _named(keys, column)]
    who = group_codes(known, ["person", "role"])
    occasion = group_codes(known, ["person", "role", "wave"])
    partner = codes_of(known[column])
    several = np.zeros(who.max(initial=-1) + 1, dtype=bool)
    several[who[n_distinct(occasion, partner) > 1]] = True
    changed = (n_distinct(who, partner) > 1) & ~several[who]
    if not changed.any():
        return []
    count = len(np.unique(who[changed]))
    places = places_of(known[changed])
    ids = list(dict.fromkeys(known.loc[changed, "person"]))
    has = "has" if count == 1 else "have"
    what = "another partner" if column == "partner" else "another dyad code"
    text = (
        f"{plural(count, 'person', 'people')} {has} {what} in a later wave: {listed(ids)} "
        f"({rows_in_words(places)}). If the partner is still the same, correct the file; if not, "
        "the waves belong to different dyads, and nothing joins them."
    )
    return [Finding("changed_partner", text, places, count)]


def partner_lists(keys: pd.DataFrame, roles: Sequence[str]) -> list[Finding]:
    """Find rows that name a partner who does not name them back.

    A partner who answered in the same wave is asked about that wave, one who did not about all
    waves.  One who never answered contradicts nobody, nor does a role that names no partners.

    Parameters
    ----------
    keys : DataFrame
        As for `both_roles`, with ``partner``: the id that the row names, empty if it names none.
    roles : sequence of str
        Those of the study; a partner is looked for in the other one of two.

    Returns
    -------
    list of Finding
        None or one, of kind "partner_lists"; it counts rows.

    Examples
    --------
    >>> keys = pd.DataFrame({"source": "all", "row": [2, 3, 4], "wave": "t1", "dyad": "",
    ...                      "role": ["coach", "client", "client"],
    ...                      "person": ["c1", "k1", "k2"], "partner": ["k1", "c1", "c1"]})
    >>> print(partner_lists(keys, ["coach", "client"])[0].text)
    1 row names a partner who does not name that person back: k2 names c1 (all row 4). ...
    """
    if "partner" not in keys or len(roles) > 2:
        return []
    known = keys[_named(keys, "person")]
    names = pd.concat([known["person"], known["partner"]]).astype("object")
    ids = codes_of(names) * 2
    role = known["role"].eq(roles[-1]).to_numpy().astype(np.int64)
    me = ids[: len(known)] + role
    you = ids[len(known) :] + (1 - role if len(roles) == 2 else role)
    wave = codes_of(known["wave"])
    size, waves = ids.max(initial=0) + 2, wave.max(initial=0) + 1
    edge = _named(known, "partner")
    answered = np.isin(you * waves + wave, me * waves + wave)
    back = np.isin((you * size + me) * waves + wave, ((me * size + you) * waves + wave)[edge])
    ever = np.isin(you * size + me, (me * size + you)[edge])
    asked = np.isin(you % 2, (me % 2)[edge])
    silent = np.where(answered, ~back, np.isin(you, me) & ~ever) | (me == you)
    found = known[edge & silent & asked]
    if not len(found):
        return []
    places = places_of(found)
    pairs = found[["person", "partner"]].astype("object").drop_duplicates().to_numpy().tolist()
    text = (
        f"{plural(len(found), 'row')} {'names' if len(found) == 1 else 'name'} a partner who does "
        f"not name that person back: {listed([' names '.join(pair) for pair in pairs])} "
        f"({rows_in_words(places)}). Find out who belongs together, and correct the ids; a "
        "[[link]] file can say it for everybody."
    )
    return [Finding("partner_lists", text, places, len(found))]


def _named(keys: pd.DataFrame, column: str) -> Mask:
    return keys[column].ne("").to_numpy()
