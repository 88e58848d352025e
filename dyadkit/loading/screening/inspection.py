"""Everything that is wrong with the data of a study, or looks so: what `dyadkit check` shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError
from dyadkit.frame import DyadFrame
from dyadkit.frame.coded import plain
from dyadkit.loading.assembling import assemble, pair_up, prepare
from dyadkit.loading.consent import consent_of
from dyadkit.loading.gathering import Gathered, OnRows, Tables, collect, read_tables
from dyadkit.loading.problems import Problem, in_paragraphs
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.rows import SourceRows
from dyadkit.loading.screening.attention import Attention, measure_attention
from dyadkit.loading.screening.chronology import (
    occasions_out_of_order,
    repeated_stamps,
    waves_before_consent,
    waves_out_of_order,
)
from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.screening.identities import both_roles, changed_partners, partner_lists
from dyadkit.loading.screening.likeness import likely_dyads, likely_people, spelt_twice
from dyadkit.loading.screening.overlaps import overlapping_sources, repeated_answers
from dyadkit.loading.screening.scale_findings import screen_scales
from dyadkit.loading.texts import as_texts, each
from dyadkit.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What was found in the data of a study.

    Attributes
    ----------
    problems : tuple of Problem
        What must be mended before anything can be estimated.
    findings : tuple of Finding
        What looks wrong; nothing was changed for it.
    attention : Attention or None
        Indices of careless answering; None where nobody could be read.
    keys : DataFrame
        The records that the indices are about.
    frame : DyadFrame or None
        What is left; None while there are problems.
    """

    study: Study
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    attention: Attention | None = None
    keys: pd.DataFrame | None = None
    frame: DyadFrame | None = None


def inspect(study: Study, on_rows: OnRows | None = None) -> Inspection:
    """Read a study and look for everything that is wrong with it, or looks so.

    Parameters
    ----------
    study : Study
    on_rows : callable, optional
        See `dyadkit.loading.gathering.gather`.

    Raises
    ------
    StudyError
        When the study file and the files do not fit together.
    """
    tables = read_tables(study, on_rows)
    if tables.unfit:
        raise StudyError(in_paragraphs([*tables.problems, *_problems_beside(tables, study)]))
    if tables.problems:
        return Inspection(study, (*tables.problems, *_problems_beside(tables, study)))
    try:
        gathered = collect(tables.of, study)
    except DataError as error:
        return Inspection(study, (Problem(str(error), error.rows),))
    pairing = pair_up(gathered)
    values = plain(gathered.values, gathered.values.columns)
    attention = measure_attention(gathered.keys, values, gathered.tables, study)
    findings = tuple(_screen(gathered, values))
    paired = prepare(gathered, pairing)
    frame = None if paired.problems else assemble(gathered, pairing, paired)
    return Inspection(study, paired.problems, findings, attention, gathered.keys, frame)


def _problems_beside(tables: Tables, study: Study) -> tuple[Problem, ...]:
    """Look for problems in the files that can be read while others cannot."""
    sources = tuple(source for source in study.sources if source.name in tables.of)
    if not sources:
        return ()
    part = study.model_copy(update={"sources": sources})
    try:
        return collect(tables.of, part).problems
    except DataError as error:
        return (Problem(str(error), error.rows),)


def _screen(gathered: Gathered, values: pd.DataFrame) -> list[Finding]:
    """Look for everything that is likely to be a mistake."""
    study, keys = gathered.study, gathered.keys
    numbers = values.select_dtypes("number")
    found = [
        *likely_dyads(keys, study),
        *likely_people(gathered.read, gathered.links, study),
        *spelt_twice(keys, study),
        *both_roles(keys),
        *changed_partners(keys),
        *(partner_lists(keys, study.roles) if "partner" in keys else ()),
        *overlapping_sources(keys, numbers),
        *repeated_answers(keys, numbers),
        *screen_scales(keys, values, study),
        *(finding for source in gathered.answers for finding in source.findings),
    ]
    waves = as_texts(keys["wave"])
    order = {wave: place for place, wave in enumerate(study.waves)}
    when: np.ndarray = each(waves, lambda wave: order.get(wave, 0), np.int64)
    if "moment" in keys:
        moments = keys["moment"].to_numpy(dtype="datetime64[us]")
        found += waves_out_of_order(keys, moments, study.waves)
        found += repeated_stamps(keys, moments) if _stamped(study) else []
        if "occasion" in keys:
            numbered = each(as_texts(keys["occasion"]), _number, np.float64)
            found += occasions_out_of_order(keys, moments, numbered)
    if study.consents:
        granted = np.concatenate([_granted(rows, study) for rows in gathered.read])
        found += waves_before_consent(keys, granted, when)
    return found


def _stamped(study: Study) -> bool:
    return all(source.time for source in study.sources)


def _number(text: str) -> float:
    return float(text) if text.isdigit() else np.nan


def _granted(rows: SourceRows, study: Study) -> Mask:
    """Mark the records that may be used because their own consent cells say so."""
    asked = bool(consent_of(rows.source, study))
    return np.full(int(rows.staying.sum()), asked)
