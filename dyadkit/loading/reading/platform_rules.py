"""What LimeSurvey and SurveyMonkey put into their exports: unfinished answers, identities."""

from __future__ import annotations

import numpy as np

from dyadkit.loading.reading.raw import Mask, RawTable
from dyadkit.study import Source

_IDENTIFYING = {
    "limesurvey": ("ipaddr", "refurl"),
    "surveymonkey": ("IP Address", "Email Address", "First Name", "Last Name", "Custom Data 1"),
    "qualtrics": (
        *("IPAddress", "Name", "EmailAddress", "ExternalDataReference", "ExternalReference"),
        *("RecipientLastName", "RecipientFirstName", "RecipientEmail"),
        *("LocationLatitude", "LocationLongitude"),
    ),
}
_PARTIAL = {"partial", "incomplete", "disqualified", "overquota", "over quota"}
_COMPLETE = {"completed", "complete"}


def platform_identities(table: RawTable) -> list[str]:
    """Return the columns in which a platform itself writes who or where somebody is.

    Parameters
    ----------
    table : RawTable

    Returns
    -------
    list of str
        The names in the file, also of columns known by an alias, in the file's order.
    """
    found = {
        table.own_name(name) for name in _IDENTIFYING.get(table.platform, ()) if table.has(name)
    }
    return [column for column in table.columns if column in found]


def unfinished_limesurvey(table: RawTable, source: Source) -> Mask:
    """Mark the rows that were never submitted: LimeSurvey gives those no date of submission.

    An empty rule of the study file, ``submitdate = []``, keeps them.  A survey that does not
    record dates still writes one, of 1980, for answers that were submitted.

    Parameters
    ----------
    table : RawTable
    source : Source

    Returns
    -------
    ndarray of bool, shape (n,)
        All False for another platform, or an export without that column.
    """
    none = np.zeros(len(table), dtype=bool)
    if table.platform != "limesurvey" or not table.has("submitdate"):
        return none
    if () in (source.exclude.get("submitdate"), source.exclude.get(table.own_name("submitdate"))):
        return none
    submitted = table.column("submitdate")
    return submitted.isin(["", "N/A"]).to_numpy(dtype=bool) & ~table.blank


def finished_column(table: RawTable) -> str:
    """Return the column that says whether an answer is finished; empty where none does."""
    names = ("Finished", "Response Status", "response_status", "ResponseStatus")
    return next((table.own_name(name) for name in names if table.has(name)), "")


def unfinished_surveymonkey(table: RawTable, source: Source) -> tuple[Mask, Mask]:
    """Mark the rows that SurveyMonkey calls partial, and those with a word it does not know.

    Most of its exports say nothing about that; only one with a column "Response Status" does.
    An empty rule of the study file for that column keeps the partial ones; a rule of its own
    says what its words mean.

    Parameters
    ----------
    table : RawTable
    source : Source

    Returns
    -------
    tuple of ndarray of bool, each of shape (n,)
    """
    none = np.zeros(len(table), dtype=bool)
    column = finished_column(table)
    if table.platform != "surveymonkey" or not column:
        return none, none
    rule = source.exclude.get(column)
    if rule == ():
        return none, none
    words = table.column(column).str.casefold()
    unfinished = words.isin(_PARTIAL).to_numpy(dtype=bool)
    if rule is not None:
        return unfinished, none
    return unfinished, ~words.isin(_PARTIAL | _COMPLETE | {""}).to_numpy(dtype=bool)
