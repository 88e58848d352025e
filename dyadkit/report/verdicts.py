"""Findings of one analysis in the notes of the others that use the same variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dyadkit.report.assembly import Section
from dyadkit.results import Note, Verdict


def carry_verdicts(
    sections: Sequence[Section], options: Mapping[str, Mapping[str, Any]]
) -> list[Section]:
    """Let every analysis carry the findings of others about its variables into its notes.

    Parameters
    ----------
    sections : sequence of Section
    options : mapping
        What each was asked, by the section's name.

    Notes
    -----
    What does not hold is a warning; of what holds, the last step of each analysis is enough.
    """
    found = {
        section.name: section.result.verdicts
        for section in sections
        if section.result is not None and section.result.verdicts
    }
    told = []
    for section in sections:
        result = section.result
        notes = [
            Note(f"From '{source}': {verdict.text}", "info" if verdict.holds else "warning")
            for source, verdicts in found.items()
            if source != section.name
            for verdict in _last_held(verdicts)
            if _concerns(verdict, section.type, options[section.name])
        ]
        if notes and result is not None:
            section = replace(section, result=replace(result, notes=(*result.notes, *notes)))
        told.append(section)
    return told


def _last_held(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Leave out what holds where a later verdict about the same says that more does."""
    kept = []
    for place, verdict in enumerate(verdicts):
        later = verdicts[place + 1 :]
        surpassed = any(
            other.holds and other.subject == verdict.subject and _same_place(other, verdict)
            for other in later
        )
        if not (verdict.holds and surpassed):
            kept.append(verdict)
    return kept


def _same_place(one: Verdict, other: Verdict) -> bool:
    return one.text.split(": equal")[0] == other.text.split(": equal")[0]


def _concerns(verdict: Verdict, kind: str, options: Mapping[str, Any]) -> bool:
    if verdict.types and kind not in verdict.types:
        return False
    everything = "variables" in options and options["variables"] is None
    return everything or verdict.subject in _names_in(options)


def _names_in(value: object) -> set[str]:
    """Return the variables that options name, without role and wave."""
    if isinstance(value, str):
        return {value.split(".")[0]}
    if isinstance(value, Mapping):
        return {name for part in value.values() for name in _names_in(part)}
    if isinstance(value, (list, tuple)):
        return {name for part in value for name in _names_in(part)}
    return set()
