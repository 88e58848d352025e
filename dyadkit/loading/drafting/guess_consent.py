"""Columns with consent, and the answers that grant it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dyadkit.loading.drafting.guess_columns import Column
from dyadkit.loading.drafting.guess_source import SourceGuess

_CONSENT = re.compile(
    r"consent|agree_?to|einwillig|zustimm|einverst|datenschutz|consentim|acepto|autoriz", re.I
)
_PLAINLY = re.compile(r"consent|einwillig", re.I)
_YES = re.compile(
    r"1(\.0+)?|yes\b.*|ja\b.*|true|wahr|oui\b.*|s[ií]\b.*|agreed?|accept(ed)?|granted|consent(ed)?"
    r"|i (agree|consent|accept|do)\b.*|ich (stimme|willige|bin einverstanden)\b.*|einverstanden"
    r"|zugestimmt|acepto\b.*|j'accepte\b.*|de acuerdo|d'accord|y|j|x|on|selected|checked",
    re.I,
)
_NO = re.compile(
    r"0(\.0+)?|n|f|false|falsch|off|unchecked|.*\b(not?|never|nein|nicht|keine?|non|pas|nunca)\b.*"
    r"|.*(n't\b|n’t\b|refus|declin|disagree|reject|withdr|ablehn|abgelehnt|verweiger|rechaz).*",
    re.I | re.S,
)
_MOST_ANSWERS = 6


def with_consent(source: SourceGuess) -> SourceGuess:
    """Name the column that says whether answers may be used, and which answers grant it.

    A column that plainly asks for consent is named even where no answer plainly grants it: what
    is refused must not be used because a word was not known.
    """
    spelt = source.layout.spelt
    for name, column in source.export.columns.items():
        if _CONSENT.search(name) and 0 < len(column.counts) <= _MOST_ANSWERS:
            alike = [other for other in spelt if spelt[other] == spelt.get(name)] or [name]
            granted = _granted([source.column(other) for other in alike])
            if granted or _PLAINLY.search(name):
                return replace(source, consent=spelt.get(name, name), granted=granted)
    return source


def _granted(columns: Sequence[Column]) -> tuple[str, ...]:
    """Return the answers that grant consent: those that say yes, or the only one there is."""
    said = {text: c.labels.get(text, text).strip() for c in columns for text in c.counts}
    open_to_doubt = [text for text, word in said.items() if not _NO.fullmatch(word)]
    granted = tuple(text for text in open_to_doubt if _YES.fullmatch(said[text]))
    return granted or tuple(open_to_doubt if len(said) == 1 else ())
