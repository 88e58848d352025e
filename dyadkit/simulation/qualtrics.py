"""Write answers as Qualtrics exports them: three header rows, metadata first, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dyadkit.errors import DataError, listed

# Column name, its text in an English and in a German survey, and its import id.
_METADATA: tuple[tuple[str, str, str, str], ...] = (
    ("StartDate", "Start Date", "Startdatum", "startDate"),
    ("EndDate", "End Date", "Enddatum", "endDate"),
    ("Status", "Response Type", "Antworttyp", "status"),
    ("IPAddress", "IP Address", "IP-Adresse", "ipAddress"),
    ("Progress", "Progress", "Fortschritt", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "Dauer (in Sekunden)", "duration"),
    ("Finished", "Finished", "Beendet", "finished"),
    ("RecordedDate", "Recorded Date", "Aufzeichnungsdatum", "recordedDate"),
    ("ResponseId", "Response ID", "Antwort-ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "Nachname", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "Vorname", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "E-Mail-Adresse", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "Externe Referenz", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "Breitengrad", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "Längengrad", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "Verteilungskanal", "distributionChannel"),
    ("UserLanguage", "User Language", "Benutzersprache", "userLanguage"),
)
_DATED = frozenset({"startDate", "endDate", "recordedDate"})
METADATA_COLUMNS: tuple[str, ...] = tuple(column for column, *_ in _METADATA)


@dataclass(frozen=True, slots=True)
class Question:
    """A column of answers: its name, the wording respondents saw, and Qualtrics' import id."""

    name: str
    text: str
    import_id: str


@dataclass(frozen=True, slots=True)
class Response:
    """One submitted or abandoned questionnaire.

    Attributes
    ----------
    end : datetime
        When it was submitted or left; recorded a second later.
    seconds : int
        How long it took.
    answers : mapping
        Question name to answer; what is not in it is an empty cell.
    first_name, last_name, email, reference : str
        Of the contact the invitation went to; empty without one.
    preview : bool
        Whether the researcher tried the survey out.
    """

    response_id: str
    end: datetime
    seconds: int
    answers: Mapping[str, str]
    ip_address: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    reference: str = ""
    latitude: float | None = None
    longitude: float | None = None
    progress: int = 100
    finished: bool = True
    preview: bool = False


def qualtrics_csv(
    questions: Sequence[Question],
    responses: Sequence[Response],
    *,
    language: str = "EN",
    time_zone: str = "Europe/Berlin",
    encoding: str = "utf-8",
) -> bytes:
    r"""Return a Qualtrics CSV export with choice texts.

    The three header rows hold the column names, the texts of the questions in the survey's
    language, and ``{"ImportId": ...}`` objects in JSON. Every cell is quoted; texts may contain
    commas, quotation marks and line breaks.

    Parameters
    ----------
    questions : sequence of Question
        Columns after the 17 columns of metadata, embedded data included.
    responses : sequence of Response
        One row each, in the order given.
    language : {"EN", "DE"}
        Language of the metadata's texts, and of every response.
    time_zone : str
        Named in the import ids of the dates.
    encoding : str
        ``"utf-8-sig"`` begins the file with a byte order mark.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        When the language is another one, two columns share a name, or an answer belongs to no
        question.

    Examples
    --------
    >>> from datetime import datetime
    >>> response = Response("R_1", datetime(2025, 3, 3, 9, 30), 300, {"Q1": "4"})
    >>> export = qualtrics_csv([Question("Q1", "How was it, all in all?", "QID1")], [response])
    >>> [row[-2:] for row in csv.reader(export.decode().splitlines())][:2]
    [['UserLanguage', 'Q1'], ['User Language', 'How was it, all in all?']]
    """
    if language not in ("EN", "DE"):
        raise DataError(
            f"Qualtrics' column texts are known in EN and DE, not in '{language}'. Choose one."
        )
    names = [question.name for question in questions]
    columns = [*METADATA_COLUMNS, *names]
    strange = sorted({name for response in responses for name in response.answers} - set(names))
    if strange or len(set(columns)) < len(columns):
        raise DataError(
            f"{len(strange)} answers belong to no question ({listed(strange)}), or two columns "
            "share a name. Give each answer one question with a name of its own."
        )
    texts = [german if language == "DE" else english for _, english, german, _ in _METADATA]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    writer.writerow([*texts, *(question.text for question in questions)])
    writer.writerow(
        [
            *(_import_id(import_id, time_zone) for *_, import_id in _METADATA),
            *(_import_id(question.import_id, time_zone) for question in questions),
        ]
    )
    writer.writerows(
        [*_metadata(response, language), *(response.answers.get(name, "") for name in names)]
        for response in responses
    )
    return buffer.getvalue().encode(encoding)


def _import_id(import_id: str, time_zone: str) -> str:
    content = {"ImportId": import_id}
    if import_id in _DATED:
        content["timeZone"] = time_zone
    return json.dumps(content, separators=(",", ":"))


def _metadata(response: Response, language: str) -> list[str]:
    """Return a response's 17 cells of metadata."""
    start = response.end - timedelta(seconds=response.seconds)
    recorded = response.end + timedelta(seconds=1)
    position = (response.latitude, response.longitude)
    places = ("" if degrees is None else f"{degrees:.1f}" for degrees in position)
    return [
        f"{start:%Y-%m-%d %H:%M:%S}",
        f"{response.end:%Y-%m-%d %H:%M:%S}",
        "Survey Preview" if response.preview else "IP Address",
        response.ip_address,
        str(response.progress),
        str(response.seconds),
        str(response.finished),
        f"{recorded:%Y-%m-%d %H:%M:%S}",
        response.response_id,
        response.last_name,
        response.first_name,
        response.email,
        response.reference,
        *places,
        "preview" if response.preview else "email",
        language,
    ]
