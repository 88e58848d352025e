"""The mentoring study's exports as files: three SPSS files, one workbook, two lists."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import numpy as np

from dyadkit.simulation.mentoring_cells import DECLARED_MISSING, items_of
from dyadkit.simulation.mentoring_containers import SavVariable, sav_bytes, xlsx_bytes
from dyadkit.simulation.mentoring_mess import Mess, role_and_wave
from dyadkit.simulation.mentoring_model import INSTRUMENTS, MOST_DEVELOPEES, WAVES
from dyadkit.simulation.mentoring_rows import GENDERS, NOT_SAID, FieldWork
from dyadkit.simulation.mentoring_stories import PLACES

STARTS: Mapping[str, datetime] = {
    "t1": datetime(2025, 3, 3),
    "t2": datetime(2025, 3, 31),
    "t3": datetime(2025, 4, 28),
}
_SLOTS = tuple(str(slot + 1) for slot in range(MOST_DEVELOPEES))
_NOT_APPLICABLE = int(DECLARED_MISSING["developee"])


def write_exports(work: FieldWork, mess: Mess, rng: np.random.Generator) -> dict[str, bytes]:
    """Return every raw export under its file name."""
    texts = tomllib.loads(
        resources.files("dyadkit.simulation").joinpath("mentoring_texts.toml").read_text("utf-8")
    )
    files = {
        f"{place}.sav": _developees(place, work, texts)
        for place in PLACES
        if role_and_wave(place)[0] == "developee"
    }
    sheets = {
        "Read me": [[line] for line in texts["sheet"]["readme"]],
        "Answers": _mentors(work, mess, rng),
    }
    files["mentors.xlsx"] = xlsx_bytes(sheets, author="dyadkit.simulation")
    files["pairs.csv"] = _delimited([("pair", "mentor_id", "dev_id"), *work.pairs])
    files["withdrawn.csv"] = _delimited([("id",), *((person,) for person in work.withdrawn)])
    return dict(sorted(files.items()))


def _developees(place: str, work: FieldWork, texts: dict[str, Any]) -> bytes:
    """Return one wave of the developees' answers as SPSS keeps them."""
    _, wave = role_and_wave(place)
    sheet, said = work.sheets[place], texts["columns"]
    dates = [(STARTS[wave] + timedelta(seconds=unit.second)).date() for unit in sheet.units]
    consents = [int(unit.kind != "refused") for unit in sheet.units]
    variables = [
        _text("dev_id", said["dev_id"], [unit.written_id for unit in sheet.units]),
        SavVariable("answered_on", said["answered_on"], dates),
        SavVariable("consent", said["consent"], consents, {0: "no", 1: "yes"}, measure="nominal"),
    ]
    if wave == WAVES[0]:
        variables.append(
            SavVariable(
                "gender",
                said["gender"],
                [
                    int(work.genders[unit.mentor, unit.member]) if agreed else None
                    for unit, agreed in zip(sheet.units, consents, strict=True)
                ],
                {
                    **{code + 1: gender for code, gender in enumerate(GENDERS)},
                    NOT_SAID: "prefer not to say",
                },
                (NOT_SAID,),
                "nominal",
            )
        )
    wordings = [
        (wording, {int(code): label for code, label in block["answers"].items()})
        for scale in INSTRUMENTS
        if scale in texts["scales"]
        for block in [texts["scales"][scale]]
        for wording in block["developee"]
    ]
    for column, (wording, labels), cells in zip(
        items_of("developee"), wordings, sheet.cells.T, strict=True
    ):
        codes = [int(cell) if cell else None for cell in cells.tolist()]
        labelled = {**labels, _NOT_APPLICABLE: "not applicable"}
        variables.append(
            SavVariable(column, wording, codes, labelled, (_NOT_APPLICABLE,), "ordinal")
        )
    return sav_bytes(variables, title=f"Workplace mentoring, developees, {wave} (simulated)")


def _text(name: str, label: str, values: Sequence[str]) -> SavVariable:
    return SavVariable(name, label, values, measure="nominal")


def _mentors(work: FieldWork, mess: Mess, rng: np.random.Generator) -> list[list[object]]:
    """Return the mentors' sheet: one row per mentor, wave and sitting, and empty lines."""
    items = items_of("mentor")
    start = ["wave", "answered_on", "mentor_id", "consent", "tenure_years"]
    header = [*start, *(name for slot in _SLOTS for name in _slot_columns(slot))]
    table: list[list[object]] = []
    for place in PLACES:
        role, wave = role_and_wave(place)
        if role == "developee":
            continue
        sheet = work.sheets[place]
        filled: dict[tuple[int, int, int], list[list[object]]] = {}
        refused: set[tuple[int, int, int]] = set()
        for unit, cells in zip(sheet.units, sheet.cells.tolist(), strict=True):
            key = (unit.second, unit.mentor, unit.sitting)
            slots = filled.setdefault(key, [[None] * (1 + len(items)) for _ in _SLOTS])
            slots[unit.position] = [unit.written_id or None, *map(_cell, cells)]
            refused |= {key} if unit.kind == "refused" else set()
        for key, slots in filled.items():
            second, mentor, _ = key
            date = (STARTS[wave] + timedelta(seconds=second)).date()
            # The years in the job were asked once, on a page that a refusal does not reach.
            asked = wave == WAVES[0] and key not in refused
            tenure = float(work.tenure[mentor]) if asked else None
            person = [int(wave[1:]), date, work.ids.mentors[mentor], int(key not in refused)]
            table.append([*person, tenure, *(cell for slot in slots for cell in slot)])
    after = sorted(1 + int((len(table) - 2) * rng.random()) for _ in range(mess.blank_lines))
    for place_in_table in reversed(after):
        table.insert(place_in_table, [None] * len(header))
    return [list(header), *table]


def _slot_columns(slot: str) -> tuple[str, ...]:
    return (f"m{slot}_id", *(f"{item}_{slot}" for item in items_of("mentor")))


def _cell(text: str) -> object:
    """Return a code as a number, words as they are, and nothing for nothing."""
    return int(text) if text.isdigit() else text or None


def _delimited(table: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue().encode("utf-8")
