"""One export file → rows that may be used, and a count of those that may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dyadkit.errors import listed, nearest
from dyadkit.frame import ROW_REASONS
from dyadkit.loading.cells import plain, same_value
from dyadkit.loading.consent import consent_masks, consent_of
from dyadkit.loading.delimited import require_columns
from dyadkit.loading.files import read_file
from dyadkit.loading.platform_rules import finished_column
from dyadkit.loading.platforms import (
    identifying_columns,
    is_preview,
    preview_rows,
    unfinished_rows,
)
from dyadkit.loading.problems import Problem, plural
from dyadkit.loading.raw import Mask, RawTable
from dyadkit.study import Source, Study

Texts = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of a source that one role answered in one wave: variable to file column."""

    role: str
    wave: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of one source before they are paired.

    Attributes
    ----------
    keys : DataFrame
        ``row``, ``wave``, ``role``, ``person``, ``dyad``, perhaps ``group``, ``reason``,
        ``detail`` and ``anonymous``, one row for each record; ``reason`` is empty for rows that
        stay.
    refused_people : frozenset of str
        Those who refused for every wave.  Transient; see `dyadkit.loading.consent`.
    strange_finished : ndarray of bool
        Rows whose word in Qualtrics' column Finished means nothing known.
    """

    source: Source
    table: RawTable
    keys: pd.DataFrame
    blocks: tuple[Block, ...]
    refused_people: frozenset[str]
    strange_finished: Mask

    @property
    def staying(self) -> Mask:
        """The rows that nothing so far leaves out."""
        return self.keys["reason"].eq("").to_numpy()


def read_table(source: Source, study: Study) -> tuple[RawTable, list[Problem]]:
    """Read the file of a source, and say which of the columns it needs are not there."""
    table = read_file(
        study.directory / source.path,
        name=source.name,
        sheet=source.sheet,
        delimiter=source.delimiter,
        encoding=source.encoding,
        header=source.header,
    )
    return table, require_columns(table, _needed(source, study, blocks_of(source, study)))


def sort_rows(table: RawTable, source: Source, study: Study) -> SourceRows:
    """Decide which rows of a source may be used, as far as the source alone tells.

    Reasons are tried in the order of `ROW_REASONS`; the first that applies counts.  A row whose
    consent cell is empty because its author stopped early is unfinished, not refused; it is
    anonymous all the same.
    """
    size = len(table)
    reason = np.full(size, "", dtype=object)
    wave, strange_wave = _place(table, source, study, "wave")
    role, strange_role = _place(table, source, study, "role")
    consent = consent_masks(table, source, study)
    unfinished, strange_finished = unfinished_rows(table, source)
    declared = _declared(table, source)
    unfinished = unfinished | declared.unfinished
    dyad = table.column(source.dyad)
    people = table.column(source.person) if source.person else pd.Series([""] * size, dtype=object)
    stopped = consent.unasked & (unfinished | (declared.detail != ""))
    for why, mask in {
        "blank": table.blank,
        "preview": preview_rows(table, source) | declared.preview,
        "no_consent": consent.refused & ~stopped,
        "unfinished": unfinished,
        "excluded": declared.detail != "",
        "no_dyad": dyad.eq("").to_numpy(),
        "unknown_role": strange_role,
        "unknown_wave": strange_wave,
    }.items():
        reason[mask & (reason == "")] = why
    keys = pd.DataFrame(
        {
            "row": table.rows,
            "wave": wave,
            "role": role,
            "person": people.to_numpy(),
            "dyad": dyad.to_numpy(),
            "reason": reason,
            "detail": np.where(reason == "excluded", declared.detail, ""),
            "anonymous": consent.refused & ~table.blank,
        }
    )
    if source.group:
        keys["group"] = table.column(source.group).replace("", None)
    return SourceRows(
        source=source,
        table=table,
        keys=keys,
        blocks=blocks_of(source, study),
        refused_people=frozenset(people[consent.for_good & people.ne("").to_numpy()]),
        strange_finished=strange_finished,
    )


def apply_people(
    rows: SourceRows, refused: frozenset[str], withdrawn: Mask, partner: Mask
) -> SourceRows:
    """Leave out the rows of people who refused elsewhere or withdrew, and their partners'.

    Rows that were left out for an earlier reason of `ROW_REASONS` keep it.
    """
    keys = rows.keys.copy()
    for mask, why in (
        (keys["person"].isin(refused).to_numpy(), "no_consent"),
        (withdrawn, "withdrawn"),
        (partner, "partner_withdrawn"),
    ):
        later = mask & (keys["reason"].map(_ORDER) > _ORDER[why]).to_numpy()
        keys.loc[later, ["reason", "detail"]] = [why, ""]
        keys.loc[mask & ~rows.table.blank, "anonymous"] = True
    return replace(rows, keys=keys)


_ORDER = {**{reason: place for place, reason in enumerate(ROW_REASONS)}, "": len(ROW_REASONS)}


def problems_of(rows: SourceRows) -> list[Problem]:
    """Complain about rows that would be used, once it is known which ones those are."""
    table, name = rows.table, rows.source.name
    problems = []
    long = table.rows[table.long & rows.staying].tolist()
    if len(long):
        problems.append(
            Problem.at(
                f"{name}: {plural(len(long), 'row')} {'has' if len(long) == 1 else 'have'} more "
                f"cells than the header (row{'s' * (len(long) > 1)} {listed(long)}), so answers "
                "may stand in the wrong columns. A cell may hold a delimiter without quotation "
                "marks; export the file again, or correct these rows.",
                long,
            )
        )
    strange = rows.strange_finished & rows.staying
    if strange.any():
        found = table.rows[strange].tolist()
        column = finished_column(table)
        words = sorted(set(table.column(column)[strange]))
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
    table, source = rows.table, rows.source
    used = {table.own_name(column) for column in _needed(source, study, rows.blocks)}
    dropped = [column for column in identifying_columns(table) if column not in used]
    notes = list(table.notes)
    if dropped:
        notes.append(
            f"{source.name}: {plural(len(dropped), 'identifying column')} "
            f"{'was' if len(dropped) == 1 else 'were'} not read ({listed(dropped)})."
        )
    short = int((table.short & rows.staying).sum())
    if short:
        notes.append(
            f"{source.name}: {plural(short, 'row')} {'has' if short == 1 else 'have'} fewer cells "
            "than the header; what is not there counts as not answered."
        )
    for what, declared in (("role", study.roles), ("wave", study.waves)):
        strange = (rows.keys["reason"].eq(f"unknown_{what}") & ~rows.keys["anonymous"]).to_numpy()
        if strange.any():
            column = getattr(source, f"{what}_column")
            words = sorted(set(table.column(column)[strange]))
            notes.append(
                f"{source.name}: {plural(int(strange.sum()), 'row')} "
                f"{'has' if strange.sum() == 1 else 'have'} a {what} that is not declared "
                f"({listed([_shown(word) for word in words], 4)} in '{column}')."
                f"{nearest(words[0], declared)} Declare it in {what}_values."
            )
    return notes


def blocks_of(source: Source, study: Study) -> tuple[Block, ...]:
    """Say which columns of a source hold which variables, for each role and wave in it."""
    roles = _held(source, "role", study.roles)
    waves = _held(source, "wave", study.waves or ("",))
    blocks = []
    for role in roles:
        for wave in waves:
            columns: dict[str, str] = {}
            for scale in study.scales:
                if role in (scale.roles or study.roles) and wave in (scale.waves or waves):
                    columns |= zip(scale.items, scale.columns(role, wave), strict=True)
            for variable in study.variables:
                if role in (variable.roles or study.roles) and wave in (variable.waves or waves):
                    columns[variable.name] = variable.column
            blocks.append(Block(role, wave, columns))
    return tuple(blocks)


def _held(source: Source, what: str, declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return the roles (or waves) that a source may hold."""
    fixed, words = getattr(source, what), getattr(source, f"{what}_values")
    if fixed is not None:
        return (fixed,)
    return declared if words is None else tuple(d for d in declared if d in words.values())


def _needed(source: Source, study: Study, blocks: tuple[Block, ...]) -> dict[str, str]:
    """Return every column the study file names for a source, and what for."""
    needed = {source.dyad: "dyad"}
    for what in ("person", "group", "role_column", "wave_column"):
        column = getattr(source, what)
        if column is not None:
            needed.setdefault(column, what)
    for column, values in source.exclude.items():
        if values:
            needed.setdefault(column, "exclude")
    for consent in consent_of(source, study):
        needed.setdefault(consent.column, "consent")
    owner = {item: f"scale {scale.name}" for scale in study.scales for item in scale.items}
    for block in blocks:
        for variable, column in block.columns.items():
            needed.setdefault(column, owner.get(variable, f"variable {variable}"))
    return needed


def _place(table: RawTable, source: Source, study: Study, what: str) -> tuple[Texts, Mask]:
    """Return the wave (or role) of each row, and the rows whose word for it is not declared."""
    declared = study.waves or ("",) if what == "wave" else study.roles
    column = getattr(source, f"{what}_column")
    size = len(table)
    if column is None:
        fixed = getattr(source, what) or declared[0]
        return np.full(size, fixed, dtype=object), np.zeros(size, dtype=bool)
    words: Mapping[str, str] = getattr(source, f"{what}_values") or {
        name: name for name in declared
    }
    loosely = {plain(word): place for word, place in words.items()}
    texts = table.column(column)
    known = {text: words.get(text, loosely.get(plain(text), "")) for text in texts.unique()}
    places = texts.map(known)
    return places.to_numpy(dtype=object), places.eq("").to_numpy()


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the study file's own exclusions say of each row; `detail` names the column."""

    preview: Mask
    unfinished: Mask
    detail: Texts


def _declared(table: RawTable, source: Source) -> _Declared:
    """Apply the study file's own exclusions; a platform's own columns keep their usual reasons."""
    size = len(table)
    preview, unfinished = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    detail = np.full(size, "", dtype=object)
    for column, values in source.exclude.items():
        if not values:
            continue
        found = same_value(table.column(column), values).to_numpy()
        if column == "Finished":
            unfinished |= found
        elif column == "Status" and all(is_preview(str(value)) for value in values):
            preview |= found
        else:
            detail[found & (detail == "")] = column
    return _Declared(preview, unfinished, detail)


def _shown(word: str) -> str:
    return f"'{word[:24]}{'…' * (len(word) > 24)}'"
