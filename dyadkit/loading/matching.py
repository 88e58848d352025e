"""Ids that are written otherwise in one file than in another, joined where the study file says so.

A person's id in one role is compared with the ids of that role only, and the code of a dyad with
codes only.  What an id is joined with is, in this order: the id in the key file; an id in a source
that does not say ``id_match``; the first spelling that occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyadkit.errors import listed
from dyadkit.loading.identifiers import loose_form
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.texts import as_texts, used
from dyadkit.study import Study

# One column of one source that holds ids of one kind: its name, its records, and the kind.
_Column = tuple[str, Mask, str]


def join_ids(
    read: Sequence[SourceRows], linked: Mapping[str, Sequence[str]], study: Study
) -> list[SourceRows]:
    """Write ids that the study file allows to be joined as the other files do.

    Parameters
    ----------
    read : sequence of SourceRows
        Their keys hold ``person``, and perhaps ``partner`` and ``code``.
    linked : mapping of str to sequence of str
        The ids in key files, by role; codes under "dyad".
    study : Study

    Returns
    -------
    list of SourceRows
        Their keys say in ``joined`` how an id was written that was joined, and in ``unclear`` the
        column whose id fits several.
    """
    if not any(rows.source.id_match for rows in read):
        return list(read)
    firm: dict[str, dict[str, None]] = {
        kind: dict.fromkeys(ids) for kind, ids in linked.items() if len(ids)
    }
    loose: dict[str, dict[str, None]] = {}
    for rows in read:
        known = loose if rows.source.id_match else firm
        for column, mask, kind in _columns(rows, study):
            ids = used(as_texts(rows.keys[column])[mask])
            if kind not in linked or not len(linked[kind]):
                known.setdefault(kind, {}).update(dict.fromkeys(i for i in ids if i))
    joined = []
    for rows in read:
        if not rows.source.id_match:
            joined.append(rows)
            continue
        keys = rows.keys.assign(joined="", unclear="")
        for column, mask, kind in _columns(rows, study):
            found, unclear = _meant(
                [i for i in used(as_texts(keys[column])[mask]) if i],
                [i for i in firm.get(kind, {}) if i],
                [i for i in loose.get(kind, {}) if i],
                rows,
            )
            name = getattr(rows.source, _KEY.get(column, column))
            if unclear:
                keys.loc[mask & keys[column].isin(unclear).to_numpy(), "unclear"] = name
            if found:
                _rewrite(rows, keys, column, mask, found, name)
        joined.append(replace(rows, keys=keys))
    return joined


_KEY = {"code": "dyad", "first": "person", "second": "person"}


def _columns(rows: SourceRows, study: Study) -> Iterator[_Column]:
    """List the columns with ids, by whose ids they are."""
    everybody = np.ones(len(rows.keys), dtype=bool)
    if "code" in rows.keys:
        yield "code", everybody, "dyad"
    if "first" in rows.keys:
        yield "first", everybody, study.roles[0]
        yield "second", everybody, study.roles[-1]
    for place, role in enumerate(study.roles):
        mine = rows.keys["role"].eq(role).to_numpy()
        if rows.source.person and mine.any():
            yield "person", mine, role
        if "partner" in rows.keys and mine.any():
            yield "partner", mine, study.roles[place - 1]


def _meant(
    ids: Sequence[str], firm: Sequence[str], loose: Sequence[str], rows: SourceRows
) -> tuple[dict[str, str], list[str]]:
    """Return what each id is joined with, and those that may mean several ids."""
    rules = rows.source.id_match
    known: set[str] = set(firm)
    meant: dict[str, str] = {}
    unclear: list[str] = []
    strange = [i for i in ids if i not in known]
    forms = dict(zip(strange, loose_form(strange, rules), strict=True)) if strange else {}
    targets: dict[str, list[str]] = {}
    for target, form in zip(firm, loose_form(list(firm), rules) if firm else (), strict=True):
        targets.setdefault(form, []).append(target)
    for target, form in zip(loose, loose_form(list(loose), rules) if loose else (), strict=True):
        if form not in targets:
            targets[form] = [target]
    for written, form in forms.items():
        choices = targets.get(form, [])
        if len(choices) > 1:
            unclear.append(written)
        elif choices and choices[0] != written:
            meant[written] = choices[0]
    return meant, unclear


def problems_of_ids(rows: SourceRows) -> list[Problem]:
    """Ask about ids that fit several others, once it is known which records may be used."""
    if "unclear" not in rows.keys:
        return []
    unclear = rows.keys.loc[rows.staying, ["row", "unclear"]]
    problems = []
    for name, found in unclear[unclear["unclear"].ne("")].groupby("unclear")["row"]:
        where = sorted(set(found.tolist()))
        problems.append(
            Problem.at(
                f"{rows.source.name}: {plural(len(where), 'row')} ({listed(where)}) "
                f"{'has' if len(where) == 1 else 'have'} an id in '{name}' that id_match lets fit "
                "several ids of the other files. Correct the ids, or take a word out of id_match.",
                where,
            )
        )
    return problems


def _rewrite(
    rows: SourceRows,
    keys: pd.DataFrame,
    column: str,
    mask: Mask,
    meant: Mapping[str, str],
    name: str,
) -> None:
    """Put the ids that were meant in their places, in keys that are our own."""
    texts = as_texts(keys[column])
    places = np.flatnonzero(mask & texts.isin(list(meant)))
    written = [str(text) for text in texts[places]]
    new = [meant[text] for text in written]
    texts = texts.add_categories([i for i in dict.fromkeys(new) if i not in texts.categories])
    texts[places] = new
    keys[column] = texts
    parts = rows.records.part[places].tolist()
    columns = [rows.records.parts[part].spell(name) if part >= 0 else name for part in parts]
    said = [f"'{a}' in {place} is '{b}'" for place, a, b in zip(columns, written, new, strict=True)]
    before = keys["joined"].iloc[places]
    # One column may hold the person's id and the dyad's: what was joined in it is told once.
    keys.loc[keys.index[places], "joined"] = [
        old if text in old.split("; ") else "; ".join([*([old] if old else []), text])
        for old, text in zip(before, said, strict=True)
    ]
