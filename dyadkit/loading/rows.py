"""One export file → records that may be used, and a count of those that may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.errors import listed, nearest
from dyadkit.frame import ROW_REASONS
from dyadkit.loading.cells import same_value
from dyadkit.loading.consent import consent_masks, consent_of
from dyadkit.loading.occasions import read_occasions
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.reading.delimited import require_columns
from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.platform_rules import finished_column
from dyadkit.loading.reading.platforms import (
    identifying_columns,
    is_preview,
    preview_rows,
    unfinished_rows,
)
from dyadkit.loading.reading.raw import Mask, RawTable
from dyadkit.loading.texts import (
    Positions,
    as_texts,
    from_words,
    plain_texts,
    said,
    same_text,
    used,
)
from dyadkit.loading.unfolding import Records, blocks_of, parts_of, unfold
from dyadkit.study import Source, Study
from dyadkit.study.contradictions import SPELT


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The records of one source before they are paired.

    Attributes
    ----------
    keys : DataFrame
        ``row``, ``wave``, ``role``, ``person``, ``dyad``, perhaps ``partner``, ``occasion``,
        ``time``, ``duration`` and ``group``; ``reason``, ``detail`` and ``anonymous``; one row
        for each record.  ``reason`` is empty for records that stay; its categories stand in the
        order of `ROW_REASONS`.
    refused_people : frozenset of str
        Those who refused for every wave.  Transient; see `dyadkit.loading.consent`.
    strange_finished : ndarray of bool
        Records whose word in Qualtrics' column Finished means nothing known.
    """

    source: Source
    records: Records
    keys: pd.DataFrame
    refused_people: frozenset[str]
    strange_finished: Mask

    @property
    def table(self) -> RawTable:
        """The file."""
        return self.records.table

    @property
    def staying(self) -> Mask:
        """The records that nothing so far leaves out."""
        return self.keys["reason"].eq("").to_numpy()

    def without_cells(self) -> SourceRows:
        """Return the records without the cells of the file, which take memory."""
        bare = replace(self.records, table=replace(self.table, cells=()))
        return replace(self, records=bare)

    def take(self, positions: Positions) -> SourceRows:
        """Return some records, perhaps several times."""
        return replace(
            self,
            records=self.records.take(positions),
            keys=self.keys.take(positions).reset_index(drop=True),
            strange_finished=self.strange_finished[positions],
        )


def read_table(
    source: Source, study: Study, on_rows: Callable[[int, int], None] | None = None
) -> tuple[RawTable, list[Problem]]:
    """Read the file of a source, and say which of the columns it needs are not there."""
    table = read_file(
        study.directory / source.path,
        name=source.name,
        sheet=source.sheet,
        delimiter=source.delimiter,
        encoding=source.encoding,
        header=source.header,
        on_rows=on_rows,
    )
    return table, require_columns(table, _needed(source, study))


def sort_rows(table: RawTable, source: Source, study: Study) -> SourceRows:
    """Decide which records of a source may be used, as far as the source alone tells.

    Reasons are tried in the order of `ROW_REASONS`; the first that applies counts.  A record whose
    consent cell is empty because its author stopped early is unfinished, not refused; it is
    anonymous all the same.
    """
    records = unfold(table, source, study)
    size, at = len(records), records.rows
    occasion, strange_occasion = (
        read_occasions(records.texts(source.occasion))
        if source.occasion
        else (None, np.zeros(size, dtype=bool))
    )
    consent = consent_masks(records, source, study)
    unfinished, strange_finished = (mask[at] for mask in unfinished_rows(table, source))
    declared = _declared(records, source)
    unfinished = unfinished | declared.unfinished
    blank = table.blank[at]
    silent = (records.part < 0) & ~blank if source.layout == "dyad" else np.zeros(size, dtype=bool)
    excluded = declared.detail.codes > 0
    stopped = consent.unasked & (unfinished | excluded)
    found: dict[str, Mask] = {
        "blank": blank | silent,
        "preview": preview_rows(table, source)[at] | declared.preview,
        "no_consent": consent.refused & ~stopped,
        "unfinished": unfinished,
        "excluded": excluded,
        "unknown_role": records.strange_role,
        "unknown_wave": records.strange_wave,
        "unknown_occasion": strange_occasion,
    }
    first = np.full(size, _ORDER[""], dtype=np.int8)
    for why, mask in found.items():
        if mask.any():
            first[mask] = np.minimum(first[mask], _ORDER[why])
    reason = pd.Series(from_words(list(_ORDER), first))
    detail = said([""], np.zeros(size, dtype=np.int8))
    if excluded.any() or silent.any():
        texts = np.where(reason.eq("excluded"), declared.detail, "")
        texts[silent] = "nobody answered"
        detail = pd.Series(texts)
    keys = pd.DataFrame(
        {
            "row": table.rows[at],
            "wave": records.wave,
            "role": records.role,
            "person": _person(records, source, study),
            "reason": reason,
            "detail": detail,
            "anonymous": consent.refused & ~blank,
        }
    )
    for key, name in (
        ("code", source.dyad),
        ("partner", source.partner),
        ("stamp", source.time),
        ("date", source.date),
        ("duration", source.duration),
    ):
        if name:
            keys[key] = records.texts(name)
    if occasion is not None:
        keys["occasion"] = occasion
    if source.layout == "dyad" and source.dyad is None and source.person:
        for side, place in (("first", 0), ("second", 1)):
            keys[side] = records.of_member(source.person, place)
    if source.group:
        keys["group"] = records.texts(source.group)
    people = as_texts(keys["person"]).take(np.flatnonzero(consent.for_good))
    return SourceRows(
        source=source,
        records=records,
        keys=keys,
        refused_people=frozenset(plain_texts(people)).difference([""]),
        strange_finished=strange_finished,
    )


def leave_out(keys: pd.DataFrame, mask: Mask, why: str, detail: str = "") -> None:
    """Leave records out, in place; an earlier reason of `ROW_REASONS` stays."""
    later = np.flatnonzero(mask & (as_texts(keys["reason"]).codes > _ORDER[why]))
    keys.loc[keys.index[later], ["reason", "detail"]] = [why, detail]


def apply_people(
    rows: SourceRows, refused: frozenset[str], withdrawn: Mask, partner: Mask
) -> SourceRows:
    """Leave out the records of people who refused elsewhere or withdrew, and their partners'."""
    keys = rows.keys.copy()
    for mask, why in (
        (keys["person"].isin(refused).to_numpy(), "no_consent"),
        (withdrawn, "withdrawn"),
        (partner, "partner_withdrawn"),
    ):
        if mask.any():
            leave_out(keys, mask, why)
            keys.loc[mask & ~rows.table.blank[rows.records.rows], "anonymous"] = True
    return replace(rows, keys=keys)


_ORDER = {**{reason: place for place, reason in enumerate(ROW_REASONS)}, "": len(ROW_REASONS)}


def problems_of(rows: SourceRows) -> list[Problem]:
    """Complain about rows that would be used, once it is known which ones those are."""
    table, name, at = rows.table, rows.source.name, rows.records.at
    problems = []
    long = _row_numbers(rows, table.long[at] & rows.staying) if table.long.any() else []
    if long:
        problems.append(
            Problem.at(
                f"{name}: {plural(len(long), 'row')} {'has' if len(long) == 1 else 'have'} more "
                f"cells than the header (row{'s' * (len(long) > 1)} {listed(long)}), so answers "
                "may stand in the wrong columns. A cell may hold a delimiter without quotation "
                "marks; export the file again, or correct these rows.",
                long,
            )
        )
    if rows.strange_finished.any() and (strange := rows.strange_finished & rows.staying).any():
        found = _row_numbers(rows, strange)
        column = finished_column(table)
        words = sorted(used(as_texts(table.column(column)).take(at[strange])))
        problems.append(
            Problem.at(
                f"{name}: the column '{column}' holds {listed([_shown(w) for w in words], 4)} in "
                f"{plural(len(found), 'row')} ({listed(found)}), which may mean finished or not. "
                "Say which words mean unfinished in its [[source]], e.g. exclude = { "
                f'{column} = ["Nein"] }}.',
                found,
            )
        )
    return problems


def notes_of(rows: SourceRows, study: Study) -> list[str]:
    """Say what reading a source found that the ledger does not: counts, never an id."""
    table, source, at = rows.table, rows.source, rows.records.at
    named = {table.own_name(column) for column in _needed(source, study)}
    dropped = [column for column in identifying_columns(table) if column not in named]
    notes = list(table.notes)
    if dropped:
        notes.append(
            f"{source.name}: {plural(len(dropped), 'identifying column')} "
            f"{'was' if len(dropped) == 1 else 'were'} not read ({listed(dropped)})."
        )
    short = len(_row_numbers(rows, table.short[at] & rows.staying)) if table.short.any() else 0
    if short:
        notes.append(
            f"{source.name}: {plural(short, 'row')} {'has' if short == 1 else 'have'} fewer cells "
            "than the header; what is not there counts as not answered."
        )
    if source.occasion and (lost := rows.keys["reason"].eq("unknown_occasion")).any():
        shown = _row_numbers(rows, (lost & ~rows.keys["anonymous"]).to_numpy(dtype=bool))
        notes.append(
            f"{source.name}: {plural(len(shown), 'row')} "
            f"{'has' if len(shown) == 1 else 'have'} no occasion in '{source.occasion}' that is a "
            "whole number or a date like 2026-01-31."
        )
    for what, declared in (("role", study.roles), ("wave", study.waves)):
        strange = (rows.keys["reason"].eq(f"unknown_{what}") & ~rows.keys["anonymous"]).to_numpy()
        if strange.any():
            column = getattr(source, f"{what}_column")
            words = sorted(used(as_texts(table.column(column)).take(at[strange])))
            count = len(_row_numbers(rows, strange))
            notes.append(
                f"{source.name}: {plural(count, 'row')} {'has' if count == 1 else 'have'} a {what} "
                f"that is not declared ({listed([_shown(word) for word in words], 4)} in "
                f"'{column}').{nearest(words[0], declared)} Declare it in {what}_values."
            )
    return notes


def _row_numbers(rows: SourceRows, mask: Mask) -> list[int]:
    """Return the number of each row that has a marked record."""
    return [int(row) for row in np.unique(rows.table.rows[rows.records.at[mask]])]


def _person(records: Records, source: Source, study: Study) -> pd.Categorical:
    """Return who answered; the two columns of members who share a role are two persons."""
    if source.person:
        return records.texts(source.person)
    if source.layout == "dyad" and study.exchangeable and source.dyad:
        codes = plain_texts(records.texts(source.dyad))
        sides = np.array([part.words["{role}"] for part in records.parts] + [""], dtype=object)
        people = codes + "." + pd.Series(sides[records.part]).astype("str")
        return as_texts(people.mask((codes == "") | (records.part < 0), ""))
    return same_text("", len(records))


def _needed(source: Source, study: Study) -> dict[str, str]:
    """Return every column the study file names for a source, and what for."""
    parts = parts_of(source, study)
    needed: dict[str, str] = {}
    for what in ("role_column", "wave_column"):
        column = getattr(source, what)
        if column is not None:
            needed.setdefault(column, what)
    named = [(getattr(source, key), key) for key in SPELT]
    named += [(column, "exclude") for column, values in source.exclude.items() if values]
    named += [(consent.column, "consent") for consent in consent_of(source, study)]
    for name, key in named:
        if name is not None:
            for part in parts:
                needed.setdefault(part.spell(name), key)
    owner = {item: f"scale {scale.name}" for scale in study.scales for item in scale.items}
    for block in blocks_of(source, study):
        for variable, column in block.columns.items():
            needed.setdefault(column, owner.get(variable, f"variable {variable}"))
    return needed


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the study file's own exclusions say of each record; `detail` names the column."""

    preview: Mask
    unfinished: Mask
    detail: pd.Categorical


def _declared(records: Records, source: Source) -> _Declared:
    """Apply the study file's own exclusions; a platform's own columns keep their usual reasons."""
    size = len(records)
    preview, unfinished = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    words, place = [""], np.zeros(size, dtype=np.intp)
    for column, values in source.exclude.items():
        if not values:
            continue
        found = same_value(records.texts(column), values)
        if column == "Finished":
            unfinished |= found
        elif column == "Status" and all(is_preview(str(value)) for value in values):
            preview |= found
        else:
            spelt = [*(part.spell(column) for part in records.parts), column]
            words = list(dict.fromkeys([*words, *spelt]))
            new = found & (place == 0)
            place[new] = np.array([words.index(name) for name in spelt])[records.part[new]]
    return _Declared(preview, unfinished, from_words(words, place))


def _shown(word: str) -> str:
    return f"'{word[:24]}{'…' * (len(word) > 24)}'"
