"""Codes and ids that probably mean the same dyad or person, although nothing joins them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.loading.identifiers import likely_matches, loose_form, skeleton
from dyadkit.loading.links import Links
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.screening.findings import Finding, places_of, rows_in_words
from dyadkit.loading.texts import as_texts, stack_frames, used
from dyadkit.study import IdMatch, Study
from dyadkit.study.wording import clip

_MOST = 6


def likely_dyads(keys: pd.DataFrame, study: Study) -> list[Finding]:
    """Find dyads of which one member only answered, and whose code looks like another such code.

    Parameters
    ----------
    keys : DataFrame
        The records that may be used: ``source``, ``row``, ``role``, ``person`` and ``dyad``.
    study : Study

    Returns
    -------
    list of Finding
        None or one, of kind "likely_dyads"; it counts codes.
    """
    dyad = as_texts(keys["dyad"])
    size = len(dyad.categories)
    if study.exchangeable:
        people = keys[["dyad", "person"]].drop_duplicates()
        alone = np.bincount(as_texts(people["dyad"]).codes, minlength=size) == 1
        codes = dyad.categories[alone].astype("object").to_numpy()
        return _say(_within(codes), keys, dyad, study)
    there = [
        np.bincount(dyad.codes[keys["role"].eq(role).to_numpy()], minlength=size) > 0
        for role in study.roles
    ]
    matches = []
    for mine, other in (there, there[::-1]):
        alone, known = (
            dyad.categories[some].astype("object").to_numpy() for some in (mine & ~other, other)
        )
        matches.append(likely_matches(alone, known))
    both = pd.concat(matches, ignore_index=True)
    pairs = pd.DataFrame(np.sort(both[["id", "match"]].to_numpy(dtype=str), axis=1))
    return _say(both[~pairs.duplicated()], keys, dyad, study)


def likely_people(read: Sequence[SourceRows], links: Links, study: Study) -> list[Finding]:
    """Find ids that stand in no key file, and look like one that does.

    Returns
    -------
    list of Finding
        One for each role with such ids, of kind "likely_people"; it counts ids.
    """
    found = []
    known = links.ids(study)
    # Of those who refused or withdrew no id is shown, be it in the key file.
    hidden = {
        person
        for rows in read
        for person in used(as_texts(rows.keys["person"])[rows.keys["anonymous"].to_numpy(bool)])
    }
    for place, role in enumerate(study.roles):
        parts = []
        for rows in read:
            lost = rows.keys["reason"].eq("not_linked") & ~rows.keys["anonymous"].astype(bool)
            sides = [("person", rows.keys["role"].eq(role))]
            if "partner" in rows.keys:
                sides.append(("partner", rows.keys["role"].eq(study.roles[place - 1])))
            for column, mine in sides:
                some = rows.keys.loc[lost & mine, ["row", column]].rename(columns={column: "id"})
                parts.append(some.assign(source=rows.source.name))
        lost_ids = stack_frames(parts)
        choices = pd.Series(known[role], dtype="object")
        choices = choices[~choices.isin(hidden)]
        if not len(lost_ids) or not len(choices):
            continue
        matches = likely_matches(lost_ids["id"], choices)
        matches = matches[~matches["id"].isin(hidden)]
        places = places_of(lost_ids[lost_ids["id"].isin(matches["id"]).to_numpy()])
        if not len(matches):
            continue
        text = (
            f"{plural(len(matches), 'id')} of {role}s {_stands(len(matches))} in no pair of the "
            f"key file, but {'looks' if len(matches) == 1 else 'look'} like one that does: "
            f"{_pairs(matches)} ({rows_in_words(places)}). {_remedy(matches)}"
        )
        found.append(Finding("likely_people", text, places, len(matches)))
    return found


def spelt_twice(keys: pd.DataFrame, study: Study) -> list[Finding]:
    """Find people of one role whose ids differ in case, spaces and leading zeros only.

    Returns
    -------
    list of Finding
        One for each role with such ids, of kind "spelt_twice"; it counts ids.
    """
    found = []
    for role in study.roles:
        mine = keys[keys["role"].eq(role).to_numpy()]
        ids = pd.Series([i for i in used(as_texts(mine["person"])) if i], dtype="object")
        forms = pd.Series(loose_form(ids, _LOOSELY), dtype="object")
        alike = ids[forms.duplicated(keep=False)]
        if not len(alike):
            continue
        groups = alike.groupby(forms[alike.index]).agg(" and ".join).head(_MOST).tolist()
        n_groups = int(forms[alike.index].nunique())
        more = f" and {n_groups - _MOST:,} more" if n_groups > _MOST else ""
        places = places_of(mine[mine["person"].isin(alike).to_numpy()])
        text = (
            f"{plural(len(alike), 'id')} of {role}s differ from another one in case, spaces or "
            f"leading zeros only: {'; '.join(groups)}{more} ({rows_in_words(places)}). If they are "
            "the same people, write the ids alike, or let their [[source]] say id_match = "
            '["case", "space", "zero_pad"].'
        )
        found.append(Finding("spelt_twice", text, places, len(alike)))
    return found


_LOOSELY: tuple[IdMatch, ...] = ("case", "space", "zero_pad")


def _within(codes: np.ndarray) -> pd.DataFrame:
    """Find codes of one list that look like each other."""
    forms = pd.Series(skeleton(codes), dtype="object")
    alike, later = (forms.duplicated(keep=keep).to_numpy() for keep in (False, "first"))
    return likely_matches(codes[alike & ~later], codes[later])


def _say(
    matches: pd.DataFrame, keys: pd.DataFrame, dyad: pd.Categorical, study: Study
) -> list[Finding]:
    if not len(matches):
        return []
    named = set(matches["id"]) | set(matches["match"]) - {""}
    mine: Mask = np.asarray(pd.Series(dyad).isin(named), dtype=bool)
    places = places_of(keys[mine])
    ids = any(source.dyad is None for source in study.sources)
    what = "pair of ids" if ids else "dyad code"
    text = (
        f"{plural(len(matches), what, what.replace('pair', 'pairs') if ids else '')} of which one "
        f"member only answered {'looks' if len(matches) == 1 else 'look'} like another one: "
        f"{_pairs(matches)} ({rows_in_words(places)}). {_remedy(matches)}"
    )
    return [Finding("likely_dyads", text, places, len(matches))]


def _stands(count: int) -> str:
    return "stands" if count == 1 else "stand"


def _pairs(matches: pd.DataFrame) -> str:
    """Show what looks alike, and in what it differs."""
    said = [
        f"'{clip(own, 24)}' and '{clip(other, 24)}' ({differs})"
        if other
        else f"'{clip(own, 24)}' ({differs})"
        for own, other, differs in matches[["id", "match", "differs"]].head(_MOST).to_numpy()
    ]
    more = f" and {len(matches) - _MOST:,} more" if len(matches) > _MOST else ""
    return f"{'; '.join(said)}{more}"


_WORDS = {"case": "case", "spaces": "space", "leading zeros": "zero_pad"}


def _remedy(matches: pd.DataFrame) -> str:
    """Say what to do: what a study file can join, and what only a hand can."""
    differs = " ".join(matches["differs"])
    words = [f'"{word}"' for name, word in _WORDS.items() if name in differs]
    if not words:
        return "If they mean the same, write them alike in the files."
    return (
        "If they mean the same, write them alike in the files, or let their [[source]] say "
        f"id_match = [{', '.join(words)}]."
    )
