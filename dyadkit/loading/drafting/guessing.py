"""What an export seems to be: who answered, when, which columns identify, which are items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from dyadkit.loading.platforms import identifying_columns
from dyadkit.loading.raw import RawTable

_ROLES = (
    ("coach", "client"),
    ("coach", "coachee"),
    ("mentor", "developee"),
    ("mentor", "mentee"),
    ("mentor", "protege"),
    ("supervisor", "employee"),
    ("supervisor", "subordinate"),
    ("leader", "follower"),
    ("manager", "employee"),
    ("teacher", "student"),
    ("therapist", "patient"),
    ("wife", "husband"),
    ("parent", "child"),
)
_WAVE = re.compile(r"(?<![a-z])(?:t|w|wave|time|welle|zeitpunkt)[_\- ]?(\d{1,2})(?!\d)", re.I)
_NAMED_WAVES = {"pre": 1, "baseline": 1, "before": 1, "post": 2, "after": 2, "followup": 3}
_CONSENT = re.compile(r"consent|agree_?to|einwillig|zustimm|einverst|consentement", re.I)
_YES = {"yes", "ja", "1", "1.0", "true", "oui", "si", "sí", "agree", "i agree", "ich stimme zu"}
_DYAD = re.compile(r"pair|dyad|couple|tandem|team|code|paar", re.I)
_PERSON = re.compile(r"(^|_)(id|code|nr|number|person|participant)($|_)", re.I)
_GROUP = re.compile(r"team|organi[sz]ation|company|group|school|department", re.I)
_ITEM = re.compile(r"^(?P<stem>.*?[A-Za-z_.])(?P<number>\d{1,3})$")
_RANGES = ((1, 5), (1, 7), (1, 4), (1, 6), (0, 4), (0, 6), (1, 9), (1, 10), (0, 10), (0, 100))


@dataclass(frozen=True, slots=True)
class Stem:
    """Columns that look like the items of one scale."""

    name: str
    items: tuple[str, ...]
    low: float
    high: float
    reverse: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What one export seems to be; an empty text where nothing was found."""

    path: str
    table: RawTable
    role: str = ""
    wave: int = 0
    dyad: str = ""
    person: str = ""
    group: str = ""
    consent: str = ""
    granted: tuple[str, ...] = ()
    missing: tuple[int, ...] = ()
    stems: tuple[Stem, ...] = field(default=())


def guess_exports(tables: Mapping[str, RawTable]) -> tuple[tuple[Guess, ...], tuple[str, str]]:
    """Guess what each export is, and the two roles.

    Parameters
    ----------
    tables : mapping of str to RawTable
        By the path as the study file will have it.

    Returns
    -------
    tuple
        A guess for each file, and the two roles in order.
    """
    roles = _roles_of(list(tables))
    shared = _shared_columns(tables)
    guesses = []
    for path, table in tables.items():
        role = next((role for role in roles if role in _words(path)), "")
        dyad = shared.get(path, "")
        consent, granted = _consent_of(table)
        missing = _missing_codes(table)
        guesses.append(
            Guess(
                path=path,
                table=table,
                role=role,
                wave=_wave_of(path),
                dyad=dyad,
                person=_person_of(table, dyad, role),
                group=_group_of(table, dyad),
                consent=consent,
                granted=granted,
                missing=missing,
                stems=stems_of(table, missing),
            )
        )
    return tuple(guesses), roles


def stems_of(table: RawTable, missing: Sequence[int]) -> tuple[Stem, ...]:
    """Find columns that share a stem and hold few whole numbers: items of a scale."""
    groups: dict[str, list[str]] = {}
    for column in dict.fromkeys(table.columns):
        match = _ITEM.match(column)
        if match and table.columns.count(column) == 1:
            groups.setdefault(match["stem"], []).append(column)
    stems = []
    for stem, columns in groups.items():
        if len(columns) < 2:
            continue
        answers = pd.DataFrame({column: _numbers(table.column(column)) for column in columns})
        answers = answers.mask(answers.isin(list(missing)))
        values = answers.to_numpy().ravel()
        values = values[~np.isnan(values)]
        if not len(values) or (values != np.rint(values)).any():
            continue
        low, high = _range_of(values)
        if high - low > 10 and (low, high) != (0, 100):
            continue
        inside = answers.where((answers >= low) & (answers <= high))
        stems.append(
            Stem(stem.strip("_."), tuple(columns), low, high, tuple(_against_the_rest(inside)))
        )
    return tuple(stems)


def _words(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", path.rsplit("/", 1)[-1].casefold())


def _roles_of(paths: Sequence[str]) -> tuple[str, str]:
    """Choose the pair of roles that the file names mention most."""

    def mentions(pair: tuple[str, str]) -> int:
        return sum(any(role in _words(path) for role in pair) for path in paths) + 2 * all(
            any(role in _words(path) for path in paths) for role in pair
        )

    best = max(_ROLES, key=mentions)
    return best if mentions(best) else ("first", "second")


def _wave_of(path: str) -> int:
    words = _words(path)
    match = _WAVE.search(words)
    if match:
        return int(match[1])
    return next((number for word, number in _NAMED_WAVES.items() if word in words.split()), 0)


def _shared_columns(tables: Mapping[str, RawTable]) -> dict[str, str]:
    """Find, for each file, the column whose values the other files share most."""
    ids = {
        path: {
            column: set(values)
            for column in dict.fromkeys(table.columns)
            if table.columns.count(column) == 1
            and column not in identifying_columns(table)
            and len(values := set(table.column(column)) - {""}) > 0.5 * len(table)
            and not all(re.fullmatch(r"\d{1,2}([.,]\d+)?", value) for value in values)
        }
        for path, table in tables.items()
    }
    score: dict[tuple[str, str], float] = {}
    for (one, first), (two, second) in combinations(ids.items(), 2):
        for left, mine in first.items():
            for right, theirs in second.items():
                overlap = len(mine & theirs) / min(len(mine), len(theirs))
                if overlap > 0.3:
                    bonus = 0.5 * bool(_DYAD.search(left)) + 0.5 * bool(_DYAD.search(right))
                    for key in ((one, left), (two, right)):
                        score[key] = score.get(key, 0.0) + overlap + bonus
    chosen: dict[str, str] = {}
    for (path, column), _ in sorted(score.items(), key=lambda item: item[1]):
        chosen[path] = column
    return chosen


def _person_of(table: RawTable, dyad: str, role: str) -> str:
    candidates = [
        column
        for column in dict.fromkeys(table.columns)
        if _PERSON.search(column)
        and column not in (dyad, "ResponseId", "ResponseID")
        and column not in identifying_columns(table)
        and table.columns.count(column) == 1
        and table.column(column).nunique() > 0.5 * len(table)
    ]
    ranked = sorted(candidates, key=lambda column: (role not in column.casefold(), column))
    return ranked[0] if ranked else ""


def _group_of(table: RawTable, dyad: str) -> str:
    for column in dict.fromkeys(table.columns):
        if _GROUP.search(column) and column != dyad and table.columns.count(column) == 1:
            levels = table.column(column).nunique()
            if 1 < levels < 0.5 * len(table):
                return column
    return ""


def _consent_of(table: RawTable) -> tuple[str, tuple[str, ...]]:
    for column in dict.fromkeys(table.columns):
        if _CONSENT.search(column) and table.columns.count(column) == 1:
            counts = table.column(column).value_counts().drop("", errors="ignore")
            granted = tuple(str(word) for word in counts.index if str(word).casefold() in _YES)
            if 0 < len(counts) <= 4:
                return column, granted or (str(counts.index[0]),)
    return "", ()


def _missing_codes(table: RawTable) -> tuple[int, ...]:
    """Find codes such as −99 that stand far from every answer."""
    found: set[int] = set()
    for column in dict.fromkeys(table.columns):
        if _ITEM.match(column) and table.columns.count(column) == 1:
            values = set(table.column(column))
            found |= {int(value) for value in values if re.fullmatch(r"-9{1,3}|-7{2}|-8{2}", value)}
    return tuple(sorted(found))


def _numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts.str.replace(",", "."), errors="coerce")


def _range_of(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    """Take the smallest usual range that holds all but a few stray codes."""
    for low, high in sorted(_RANGES, key=lambda pair: pair[1] - pair[0]):
        if np.mean((values >= low) & (values <= high)) > 0.98:
            return float(low), float(high)
    return float(values.min()), float(values.max())


def _against_the_rest(answers: pd.DataFrame) -> list[str]:
    """Return the items that correlate negatively with the sum of the others."""
    if answers.shape[1] < 3:
        return []
    centred = answers - answers.mean()
    turned: list[str] = []
    for _ in range(answers.shape[1]):
        signed = centred.assign(**{item: -centred[item] for item in turned})
        total = signed.sum(axis=1)
        worst = {item: signed[item].corr(total - signed[item]) for item in signed}
        item, r = min(worst.items(), key=lambda pair: (np.isnan(pair[1]), pair[1]))
        if not r < -0.1 or item in turned:
            break
        turned.append(str(item))
    return (
        [item for item in answers if item in turned] if len(turned) < answers.shape[1] / 2 else []
    )
