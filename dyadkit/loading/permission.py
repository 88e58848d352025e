"""Consent and withdrawal, applied over all files at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyadkit.loading.consent import Withdrawn, check_ids, refused_elsewhere
from dyadkit.loading.identifiers import loose_form
from dyadkit.loading.pairing import dyads_of
from dyadkit.loading.problems import Problem, raise_if_any
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.rows import SourceRows, apply_people
from dyadkit.loading.texts import as_texts, each, stack_frames, used
from dyadkit.study import Study


def apply_consent(
    read: Sequence[SourceRows], withdrawn: Sequence[Withdrawn], study: Study
) -> tuple[list[SourceRows], frozenset[str], list[str]]:
    """Leave out the rows of people who refused or withdrew.

    Returns
    -------
    tuple
        The rows, the dyads that stay one-sided, and notes.

    Raises
    ------
    DataError
        When it is unclear who withdrew; before a cell of anybody's could be shown.
    """
    refused = frozenset[str]().union(*(rows.refused_people for rows in read))
    if not refused and not withdrawn:
        return list(read), frozenset(), []
    people = stack_frames([rows.keys[["person", "role"]] for rows in read])
    people = people[people["person"].ne("")]
    withdrawn = [_as_in_sources(entry, people, study) for entry in withdrawn]
    order = {wave: place for place, wave in enumerate(study.waves or ("",))}
    late_from = [
        each(as_texts(rows.keys["wave"]), lambda wave: order.get(wave, -1), int) for rows in read
    ]
    gone: list[Mask] = [np.zeros(len(rows.keys), dtype=bool) for rows in read]
    partners = [mask.copy() for mask in gone]
    one_sided: frozenset[str] = frozenset()
    for entry in withdrawn:
        theirs: frozenset[str] = frozenset()
        for rows, mask, wave in zip(read, gone, late_from, strict=True):
            mine = rows.keys["person"].isin(entry.people).to_numpy()
            # A row whose wave nobody knows is treated as late: it may not be used.
            mask |= mine & ((wave >= entry.from_wave) | (wave < 0))
            theirs |= dyads_of(rows.keys, mine)
        if not entry.drop_dyad:
            one_sided |= theirs & _answered_by_others(read, entry)
            continue
        for rows, mask, wave in zip(read, partners, late_from, strict=True):
            late = (wave >= entry.from_wave) | (wave < 0)
            mask |= rows.keys["dyad"].isin(theirs).to_numpy() & late
    problems, notes = check_ids(withdrawn, set(people["person"].unique()))
    raise_if_any([Problem(text) for text in problems])
    left_out = refused.union(*(entry.people for entry in withdrawn))
    notes += refused_elsewhere(people, left_out)
    applied = [
        apply_people(rows, refused, mine, partner & ~mine)
        for rows, mine, partner in zip(read, gone, partners, strict=True)
    ]
    return applied, one_sided, notes


def _answered_by_others(read: Sequence[SourceRows], entry: Withdrawn) -> frozenset[str]:
    """Return the dyads in which somebody else has a row that may be used."""
    dyads: frozenset[str] = frozenset()
    for rows in read:
        others = ~rows.keys["person"].isin(entry.people).to_numpy() & rows.staying
        dyads |= dyads_of(rows.keys, others)
    return dyads


def _as_in_sources(entry: Withdrawn, people: pd.DataFrame, study: Study) -> Withdrawn:
    """Add the ids that a source's id_match lets a withdrawn id be."""
    rules = {word for source in study.sources for word in source.id_match}
    if not rules or not entry.people:
        return entry
    ids = used(as_texts(people["person"]))
    gone = set(loose_form(sorted(entry.people), rules))
    meant = [i for i, form in zip(ids, loose_form(ids, rules), strict=True) if form in gone]
    known = set(loose_form(meant, rules))
    written = sorted(entry.people)
    forms = loose_form(written, rules)
    absent = [i for i, form in zip(written, forms, strict=True) if form not in known]
    return replace(entry, people=frozenset(meant).union(absent))
