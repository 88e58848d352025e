"""The words by which the exports of survey platforms are known."""

from __future__ import annotations

from collections.abc import Mapping

# The columns that Qualtrics adds to every export, in lower case.
QUALTRICS_NAMES: frozenset[str] = frozenset(
    {
        *("startdate", "enddate", "status", "ipaddress", "progress", "duration (in seconds)"),
        *("duration__in_seconds_", "finished", "recordeddate", "responseid", "responseset"),
        *("recipientlastname", "recipientfirstname", "recipientemail", "externalreference"),
        *("externaldatareference", "emailaddress", "locationlatitude", "locationlongitude"),
        *("distributionchannel", "userlanguage"),
    }
)

# What the third header row of Qualtrics calls these columns, in every language.
IMPORT_IDS: Mapping[str, str] = {
    "startDate": "StartDate",
    "endDate": "EndDate",
    "status": "Status",
    "ipAddress": "IPAddress",
    "progress": "Progress",
    "duration": "Duration (in seconds)",
    "finished": "Finished",
    "recordedDate": "RecordedDate",
    "_recordId": "ResponseId",
    "recipientLastName": "RecipientLastName",
    "recipientFirstName": "RecipientFirstName",
    "recipientEmail": "RecipientEmail",
    "externalDataReference": "ExternalReference",
    "locationLatitude": "LocationLatitude",
    "locationLongitude": "LocationLongitude",
    "distributionChannel": "DistributionChannel",
    "userLanguage": "UserLanguage",
}

# The first columns of the oldest exports of Qualtrics, whose first row has codes only.
LEGACY_NAMES: Mapping[str, str] = {
    "V1": "ResponseID",
    "V2": "ResponseSet",
    "V3": "Name",
    "V4": "ExternalDataReference",
    "V5": "EmailAddress",
    "V6": "IPAddress",
    "V7": "Status",
    "V8": "StartDate",
    "V9": "EndDate",
    "V10": "Finished",
}

# LimeSurvey's headings where an export shows question texts instead of codes.
LIMESURVEY_HEADINGS: Mapping[str, str] = {
    "response id": "id",
    "date submitted": "submitdate",
    "last page": "lastpage",
    "start language": "startlanguage",
    "seed": "seed",
    "date started": "startdate",
    "date last action": "datestamp",
    "ip address": "ipaddr",
    "referrer url": "refurl",
    "antwort id": "id",
    "antwort-id": "id",
    "datum abgeschickt": "submitdate",
    "letzte seite": "lastpage",
    "start-sprache": "startlanguage",
    "zufallsstartwert": "seed",
    "datum gestartet": "startdate",
    "datum letzte aktivität": "datestamp",
}

# What SurveyMonkey writes below a question that has a single answer.
RESPONSE_WORDS: frozenset[str] = frozenset(
    {
        *("response", "open-ended response", "antwort", "offene antwort", "réponse"),
        *("réponse ouverte", "respuesta", "respuesta abierta", "risposta", "risposta aperta"),
        *("antwoord", "open antwoord", "resposta", "resposta aberta"),
    }
)
