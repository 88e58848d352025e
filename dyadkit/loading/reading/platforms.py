"""What survey platforms put into their exports: test answers, unfinished ones, identities."""

from __future__ import annotations

import re

import numpy as np

from dyadkit.loading.reading.platform_rules import (
    platform_identities,
    unfinished_limesurvey,
    unfinished_surveymonkey,
)
from dyadkit.loading.reading.raw import Mask, RawTable
from dyadkit.study import Source

# Qualtrics' own numbers: 1 preview, 2 test, 8 spam, 16 offline; sums of them are both.
_PREVIEW_CODES = {"1", "2", "9", "17"}
_PREVIEW = re.compile(
    r"preview|survey test|^test$|vorschau|aperçu|vista previa|anteprima|voorbeeld|förhandsgranska"
)
_FINISHED = {
    *("true", "1", "yes", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si", "vero"),
    *("verdadeiro", "sim", "waar", "sant"),
}
_UNFINISHED = {
    *("false", "0", "no", "falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee"),
    *("falskt", "nej"),
}

_IDENTIFYING = re.compile(
    r"(recipient|respondent|participant|your|my)?"
    r"((last|first|full|sur|given|family|middle|nach|vor|familien|nick|user)?names?"
    r"|e?mail(address|adresse)?|address|adresse|anschrift)"
    r"|ip(address|adresse)?"
    r"|(location|gps)?(latitude|longitude)|gps|location|standort|wohnort|city|town"
    r"|(post|postal|zip)(code|leitzahl)|zip|plz|street|stra(ss|ß)e"
    r"|((tele)?(phone|fon)|mobile(phone)?|handy)(number|nummer)?"
    r"|external(data)?reference",
    re.IGNORECASE,
)


def identifying_columns(table: RawTable) -> list[str]:
    """Return the columns that look like names, addresses or places of people."""
    known = set(platform_identities(table))
    return [
        column
        for column in table.columns
        if column in known or (column and _IDENTIFYING.fullmatch(re.sub(r"[\s_.()-]", "", column)))
    ]


def preview_rows(table: RawTable, source: Source) -> Mask:
    """Mark the rows that Qualtrics recorded while the researchers tried their survey out.

    An empty rule of the study file, such as ``Status = []``, keeps them.
    """
    found = np.zeros(len(table), dtype=bool)
    if table.platform != "qualtrics":
        return found
    for column in ("Status", "DistributionChannel"):
        if table.has(column) and source.exclude.get(column) != ():
            words = table.column(column)
            known = {word: is_preview(word, coded=column == "Status") for word in words.unique()}
            found |= words.map(known).to_numpy(dtype=bool)
    return found


def is_preview(word: str, *, coded: bool = True) -> bool:
    """Tell whether a word for an answer's status means that researchers tried their survey.

    Examples
    --------
    >>> is_preview("Survey Preview"), is_preview("1"), is_preview("IP Address")
    (True, True, False)
    """
    plain = word.strip().casefold()
    return bool(_PREVIEW.search(plain)) or plain == "test" or (coded and plain in _PREVIEW_CODES)


def unfinished_rows(table: RawTable, source: Source) -> tuple[Mask, Mask]:
    """Mark the rows that a platform calls unfinished, and those with a word it does not know.

    An empty rule of the study file, ``Finished = []``, keeps the unfinished ones; a rule of its
    own says what its words mean.
    """
    none = np.zeros(len(table), dtype=bool)
    rule = source.exclude.get("Finished")
    if table.platform == "limesurvey":
        return unfinished_limesurvey(table, source), none
    if table.platform == "surveymonkey":
        return unfinished_surveymonkey(table, source)
    if table.platform != "qualtrics" or not table.has("Finished") or rule == ():
        return none, none
    words = table.column("Finished").str.casefold()
    unfinished = words.isin(_UNFINISHED).to_numpy()
    if rule is not None:
        return unfinished, none
    return unfinished, ~words.isin(_FINISHED | _UNFINISHED | {""}).to_numpy()
