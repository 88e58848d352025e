from __future__ import annotations

import csv
import io
import json
from datetime import datetime

import pytest

from dyadkit.errors import DataError
from dyadkit.simulation.qualtrics import METADATA_COLUMNS, Question, Response, qualtrics_csv

QUESTIONS = [
    Question("Q1", 'Think of "us",\nnow and then. - It is good, I think', "QID1_1"),
    Question("id", "id", "id"),
]
RESPONSE = Response(
    response_id="R_7",
    end=datetime(2025, 3, 3, 0, 1, 40),
    seconds=125,
    answers={"Q1": "4, or\n5", "id": "0042"},
    ip_address="192.0.2.9",
    first_name="Client",
    last_name="17",
    email="client17@example.org",
    reference="0042",
    latitude=47.0,
    longitude=8.55,
)
PREVIEW = Response("R_8", datetime(2025, 3, 1), 10, {}, preview=True)
STOPPED = Response("R_9", datetime(2025, 3, 1), 10, {}, progress=40, finished=False)


def rows(export: bytes, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.decode(encoding), newline="")))


def test_three_header_rows_then_the_answers():
    names, texts, imports, answer = rows(qualtrics_csv(QUESTIONS, [RESPONSE]))
    assert names == [*METADATA_COLUMNS, "Q1", "id"]
    assert len(METADATA_COLUMNS) == 17
    assert texts[0] == "Start Date"
    assert texts[17] == QUESTIONS[0].text
    identities = [json.loads(cell) for cell in imports]
    assert identities[0] == {"ImportId": "startDate", "timeZone": "Europe/Berlin"}
    assert [cell["ImportId"] for cell in identities[16:]] == ["userLanguage", "QID1_1", "id"]
    assert answer == [
        *("2025-03-02 23:59:35", "2025-03-03 00:01:40", "IP Address", "192.0.2.9", "100", "125"),
        *("True", "2025-03-03 00:01:41", "R_7", "17", "Client", "client17@example.org", "0042"),
        *("47.0", "8.6", "email", "EN", "4, or\n5", "0042"),
    ]


def test_previews_and_abandoned_answers_are_marked():
    table = rows(qualtrics_csv(QUESTIONS, [PREVIEW, STOPPED]))
    preview, stopped = (dict(zip(table[0], row, strict=True)) for row in table[3:])
    assert (preview["Status"], preview["DistributionChannel"]) == ("Survey Preview", "preview")
    assert (preview["Finished"], preview["LocationLatitude"]) == ("True", "")
    assert (stopped["Status"], stopped["Finished"], stopped["Progress"]) == (
        *("IP Address", "False", "40"),
    )


def test_a_german_survey_translates_the_second_row_only():
    english = rows(qualtrics_csv(QUESTIONS, [RESPONSE]))
    export = qualtrics_csv(QUESTIONS, [RESPONSE], language="DE", encoding="utf-8-sig")
    assert export.startswith(b"\xef\xbb\xbf")
    german = rows(export, "utf-8-sig")
    assert german[1][:3] == ["Startdatum", "Enddatum", "Antworttyp"]
    assert german[0] == english[0]
    assert german[2] == english[2]
    changed = [
        name
        for name, one, other in zip(german[0], german[3], english[3], strict=True)
        if one != other
    ]
    assert changed == ["UserLanguage"]


def test_every_cell_is_quoted():
    export = qualtrics_csv([Question("Q1", "How?", "QID1")], [PREVIEW]).decode()
    assert all(line.startswith('"') and line.endswith('"') for line in export.splitlines())


@pytest.mark.parametrize(
    ("questions", "response", "language", "words"),
    [
        (QUESTIONS, RESPONSE, "FR", "not in 'FR'"),
        (QUESTIONS[:1], RESPONSE, "EN", r"1 answers belong to no question \(id\)"),
        ([*QUESTIONS, QUESTIONS[0]], RESPONSE, "EN", "share a name"),
        ([*QUESTIONS, Question("Status", "?", "QID2")], RESPONSE, "EN", "share a name"),
    ],
)
def test_what_does_not_fit_is_refused(questions, response, language, words):
    with pytest.raises(DataError, match=words):
        qualtrics_csv(questions, [response], language=language)
