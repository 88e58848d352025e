"""The distance-coaching study's exports as files: two Qualtrics exports and two spreadsheets."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import numpy as np

from dyadkit.simulation.chance import address, response_id
from dyadkit.simulation.coaching_mess import Mess
from dyadkit.simulation.coaching_model import INSTRUMENTS
from dyadkit.simulation.coaching_rows import FieldWork, Row, item_columns, role_and_wave
from dyadkit.simulation.qualtrics import Question, Response, qualtrics_csv

_STARTS = {"t1": datetime(2025, 3, 3), "t2": datetime(2025, 5, 26)}
_LANGUAGES = {"t1": "EN", "t2": "DE"}
_YES_NO = {"EN": ("Yes", "No"), "DE": ("Ja", "Nein")}
_REMARK_RATE = 0.08


@dataclass(frozen=True, slots=True)
class _Survey:
    """What a client export takes from its wave."""

    source: str
    start: datetime
    language: str
    texts: dict[str, Any]


def write_exports(work: FieldWork, mess: Mess, rng: np.random.Generator) -> dict[str, bytes]:
    """Return every raw export under its file name."""
    texts = tomllib.loads(
        resources.files("dyadkit.simulation").joinpath("coaching_texts.toml").read_text("utf-8")
    )
    remarks = texts["remarks"]["coach"]
    files: dict[str, bytes] = {}
    for source in work.sheets:
        role, wave = role_and_wave(source)
        if role == "client":
            survey = _Survey(source, _STARTS[wave], _LANGUAGES[wave], texts)
            files[f"{source}.csv"] = _client_export(survey, work, mess, rng)
    files["coaches_t1.csv"] = _coaches_t1(work, mess, remarks, rng)
    files["coaches_t2.csv"] = _coaches_t2(work, mess, remarks, rng)
    files["withdrawn.csv"] = _delimited([["id"], *([person] for person in work.withdrawn)])
    return dict(sorted(files.items()))


def _client_export(survey: _Survey, work: FieldWork, mess: Mess, rng: np.random.Generator) -> bytes:
    sheet = work.sheets[survey.source]
    previews = [
        _preview(survey, number, rng)
        for number in range(getattr(mess, f"previews_{survey.source}"))
    ]
    answered = [
        _response(survey, row, cells, rng)
        for row, cells in zip(sheet.rows, sheet.cells, strict=True)
    ]
    return qualtrics_csv(
        _questions(survey),
        [*previews, *answered],
        language=survey.language,
        # The German account exports for Excel, with a byte order mark.
        encoding="utf-8-sig" if survey.language == "DE" else "utf-8",
    )


def _questions(survey: _Survey) -> list[Question]:
    """Return the questionnaire's columns: consent, pair code, items, an open question, an id."""
    texts, language = survey.texts, survey.language
    asked = set(item_columns(survey.source))
    questions = [
        Question("consent", texts["consent"][language], "QID1"),
        Question("pair_code", texts["pair_code"][language], "QID2_TEXT"),
    ]
    for block, (scale, instrument) in enumerate(INSTRUMENTS.items()):
        columns = instrument.columns("client") if "client" in instrument.stems else ()
        if not asked.issuperset(columns):
            continue
        stem = texts["stem"][language].replace("7", str(instrument.highest))
        questions += [
            Question(
                column, f"{stem} - {texts[scale][language][item]}", f"QID{block + 3}_{item + 1}"
            )
            for item, column in enumerate(columns)
        ]
    return [
        *questions,
        Question("comment", texts["comment"][language], "QID9_TEXT"),
        Question("client_id", "client_id", "client_id"),
    ]


def _response(
    survey: _Survey, row: Row, cells: Sequence[str], rng: np.random.Generator
) -> Response:
    """Return a client's row; the id comes with the invitation, the pair code is typed."""
    number = int(row.person_id[1:])
    yes, no = _YES_NO[survey.language]
    stopped = row.kind in ("stopped", "stopped_before_consent")
    consent = {"refused": no, "stopped_before_consent": ""}.get(row.kind, yes)
    remark = (
        ""
        if stopped or row.kind == "refused"
        else _remark(survey.texts["remarks"][survey.language], rng)
    )
    progress = {"stopped": 43, "stopped_before_consent": 4}.get(row.kind, 100)
    return Response(
        response_id=response_id(rng),
        end=survey.start + timedelta(seconds=row.second),
        seconds=30 + int(90 * rng.random()) if progress < 10 else 180 + int(900 * rng.random()),
        answers={
            "consent": consent,
            # Who refuses is shown no further page.
            "pair_code": "" if row.kind == "refused" else row.pair_code,
            **dict(zip(item_columns(survey.source), cells, strict=True)),
            "comment": remark,
            "client_id": row.person_id,
        },
        ip_address=address(rng),
        first_name="Client",
        last_name=str(number),
        email=f"client{number}@example.org",
        reference=row.person_id,
        latitude=round(47.5 + 6 * rng.random(), 1),
        longitude=round(7.0 + 6 * rng.random(), 1),
        progress=progress,
        finished=not stopped,
    )


def _preview(survey: _Survey, number: int, rng: np.random.Generator) -> Response:
    """Return one of the researcher's own tries before the wave began."""
    columns = item_columns(survey.source)
    return Response(
        response_id=response_id(rng),
        end=survey.start - timedelta(days=2) + timedelta(hours=number, minutes=17),
        seconds=60 + int(120 * rng.random()),
        answers={
            "consent": _YES_NO[survey.language][0],
            "pair_code": "P0000",
            **{column: str(1 + int(5 * rng.random())) for column in columns},
        },
        ip_address=address(rng),
        preview=True,
    )


def _coaches_t1(work: FieldWork, mess: Mess, remarks: list[str], rng: np.random.Generator) -> bytes:
    """Return a spreadsheet saved under a German locale: semicolons, decimal commas, cp1252."""
    source = "coaches_t1"
    header = ["Datum", "pair_code", "coach_id", "consent", "Bearbeitung", "tenure_years", "format"]
    table = [[*header, *item_columns(source), "Anmerkung"]]
    sheet = work.sheets[source]
    for row, cells in zip(sheet.rows, sheet.cells, strict=True):
        refused = row.kind == "refused"
        table.append(
            [
                f"{_STARTS['t1'] + timedelta(seconds=row.second):%d.%m.%Y}",
                row.pair_code,
                row.person_id,
                _YES_NO["DE"][refused],
                "abgebrochen" if row.kind == "aborted" else "abgeschlossen",
                "" if refused else f"{work.tenure[row.pair]:.1f}".replace(".", ","),
                "" if refused else work.formats[row.pair],
                *cells,
                "" if refused else _remark(remarks, rng),
            ]
        )
    blank = [""] * len(table[0])
    table = _with_blank_lines(table, blank, mess.blank_lines_coaches_t1, rng)
    return _delimited(table, delimiter=";", encoding="cp1252", end="\r\n")


def _coaches_t2(work: FieldWork, mess: Mess, remarks: list[str], rng: np.random.Generator) -> bytes:
    """Return a plain export: commas, UTF-8."""
    source = "coaches_t2"
    table = [["completed_on", "pair_code", "coach_id", "consent", *item_columns(source), "remark"]]
    sheet = work.sheets[source]
    for row, cells in zip(sheet.rows, sheet.cells, strict=True):
        date = _STARTS["t2"] + timedelta(seconds=row.second)
        start = [f"{date:%Y-%m-%d}", row.pair_code, row.person_id, "Yes"]
        table.append([*start, *cells, _remark(remarks, rng)])
    return _delimited(_with_blank_lines(table, [], mess.blank_lines_coaches_t2, rng))


def _with_blank_lines(
    table: list[list[str]], blank: list[str], count: int, rng: np.random.Generator
) -> list[list[str]]:
    """Return the table with blank lines between rows, never before the first or after the last."""
    after = sorted(2 + int((len(table) - 3) * rng.random()) for _ in range(count))
    filled = list(table)
    for place in reversed(after):
        filled.insert(place, blank)
    return filled


def _delimited(
    table: Sequence[Sequence[str]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(table)
    return buffer.getvalue().encode(encoding)


def _remark(remarks: Sequence[str], rng: np.random.Generator) -> str:
    """Return what somebody writes into the open question: mostly nothing."""
    chance, choice = rng.random(2)
    return remarks[int(choice * len(remarks))] if chance < _REMARK_RATE else ""
