"""The newcomer study's exports as files: three Qualtrics exports and a list from the mentors."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import numpy as np

from dyadkit.simulation.chance import address, response_id
from dyadkit.simulation.newcomers_mess import Mess
from dyadkit.simulation.newcomers_model import INSTRUMENTS, ROLE, WAVES
from dyadkit.simulation.newcomers_rows import COLUMNS, FieldWork, Form, Row
from dyadkit.simulation.qualtrics import Question, Response, qualtrics_csv

STARTS: Mapping[str, datetime] = {
    "t1": datetime(2025, 9, 1),
    "t2": datetime(2025, 9, 29),
    "t3": datetime(2025, 10, 27),
}


def write_exports(work: FieldWork, mess: Mess, rng: np.random.Generator) -> dict[str, bytes]:
    """Return every raw export under its file name."""
    texts = tomllib.loads(
        resources.files("dyadkit.simulation").joinpath("newcomers_texts.toml").read_text("utf-8")
    )
    files = {f"newcomers_{wave}.csv": _newcomers(wave, work, mess, texts, rng) for wave in WAVES}
    files["mentors.csv"] = _mentors(work.forms, mess, rng)
    return dict(sorted(files.items()))


def _newcomers(
    wave: str, work: FieldWork, mess: Mess, texts: dict[str, Any], rng: np.random.Generator
) -> bytes:
    sheet = work.sheets[wave]
    previews = [_preview(wave, number, rng) for number in range(getattr(mess.previews, wave))]
    answered = [
        _response(wave, row, cells, rng) for row, cells in zip(sheet.rows, sheet.cells, strict=True)
    ]
    return qualtrics_csv(_questions(texts), [*previews, *answered])


def _questions(texts: dict[str, Any]) -> list[Question]:
    """Return the questionnaire's columns: consent, code, items, an open question."""
    questions = [
        Question("consent", texts["consent"], "QID1"),
        Question("newcomer_id", texts["newcomer_id"], "QID2_TEXT"),
    ]
    for block, (scale, instrument) in enumerate(INSTRUMENTS.items(), start=3):
        stem, wordings = texts[scale]["stem"], texts[scale]["items"]
        questions += [
            Question(column, f"{stem} - {wording}", f"QID{block}_{item}")
            for item, (column, wording) in enumerate(
                zip(instrument.columns(ROLE), wordings, strict=True), start=1
            )
        ]
    return [*questions, Question("comment", texts["comment"], "QID9_TEXT")]


def _response(wave: str, row: Row, cells: Sequence[str], rng: np.random.Generator) -> Response:
    refused, stopped = row.kind == "refused", row.kind == "stopped"
    return Response(
        response_id=response_id(rng),
        end=STARTS[wave] + timedelta(seconds=row.second),
        seconds=(30 if refused else 200) + int((60 if refused else 900) * rng.random()),
        answers={
            "consent": "No" if refused else "Yes",
            "newcomer_id": row.newcomer_id,
            **dict(zip(COLUMNS, cells, strict=True)),
        },
        ip_address=address(rng),
        progress=38 if stopped else 100,
        finished=not stopped,
    )


def _preview(wave: str, number: int, rng: np.random.Generator) -> Response:
    """Return one of the researcher's own tries before the wave began."""
    return Response(
        response_id=response_id(rng),
        end=STARTS[wave] - timedelta(days=3) + timedelta(hours=number, minutes=12),
        seconds=60 + int(120 * rng.random()),
        answers={
            "consent": "Yes",
            "newcomer_id": "0000X",
            **{column: str(1 + int(5 * rng.random())) for column in COLUMNS},
        },
        ip_address=address(rng),
        preview=True,
    )


def _mentors(forms: Sequence[Form], mess: Mess, rng: np.random.Generator) -> bytes:
    """Return a spreadsheet saved with semicolons and decimal commas."""
    table = [["answered_on", "mentor_id", "newcomer_id", "tenure_years", "same_site"]]
    for form in forms:
        table.append(
            [
                f"{STARTS['t1'] + timedelta(seconds=form.second):%d.%m.%Y}",
                form.mentor_id,
                form.newcomer_id,
                f"{form.tenure:.1f}".replace(".", ","),
                "yes" if form.same_site else "no",
            ]
        )
    after = sorted(
        2 + int((len(table) - 3) * rng.random()) for _ in range(mess.blank_lines_mentors)
    )
    for place in reversed(after):
        table.insert(place, [""] * len(table[0]))
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerows(table)
    return buffer.getvalue().encode("utf-8")
