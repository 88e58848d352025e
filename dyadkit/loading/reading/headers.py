"""The first rows of a table → its column names, question texts and survey platform."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dyadkit.errors import DataError
from dyadkit.loading.problems import plural
from dyadkit.loading.reading.header_words import (
    IMPORT_IDS,
    LEGACY_NAMES,
    LIMESURVEY_HEADINGS,
    QUALTRICS_NAMES,
    RESPONSE_WORDS,
)
from dyadkit.loading.reading.raw import clean_text

Record = Sequence[str]

_IMPORT_ID = re.compile(r"""\s*\{\s*["']importid["']\s*:\s*["']([^"']{0,200})""", re.IGNORECASE)
_LEGACY_CODE = re.compile(r"V\d+")
_CODE_AND_TEXT = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\. ?(.*)", re.DOTALL)
_SUBQUESTION = re.compile(r"(\w+)\[([^\]]+)\](?:\[([^\]]+)\])?")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_CODE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Header:
    """What the first rows of a table say.

    Attributes
    ----------
    rows : int
        How many rows they are; 0 for a format that names its columns itself.
    columns : tuple of str
        Stripped, and without unnamed columns at the end.
    questions : mapping
        Column to question text, where there is one.
    platform : str
        "qualtrics", "limesurvey", "surveymonkey", or "" for a plain table.
    aliases : mapping
        Another name for a column to its name in `columns`.
    """

    rows: int
    columns: tuple[str, ...]
    questions: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)


def read_header(records: Sequence[Record], *, name: str, header: int | None = None) -> Header:
    """Find out how many rows of a table are its header, and what they say.

    Parameters
    ----------
    records : sequence of sequences of str
        The table, beginning with the row of names; no more than three rows are read, or `header`.
    name : str
        What messages call the file.
    header : int, optional
        How many rows the header has, only where detection is wrong.

    Raises
    ------
    DataError
        When the table has fewer rows than `header` announces.

    Examples
    --------
    >>> rows = [["Q1", "Finished"], ["Your age?", "Finished"], ['{"ImportId":"QID1"}', ""]]
    >>> head = read_header(rows, name="clients")
    >>> head.rows, head.platform, head.questions["Q1"]
    (3, 'qualtrics', 'Your age?')
    """
    if header is not None and len(records) < header:
        raise DataError(
            f"{name} has {plural(len(records), 'row')}, but header = {header} announces {header} "
            "header rows. Take 'header' out of its [[source]], or export the file again."
        )
    first = [clean_text(cell) for cell in records[0]] if records else []
    second = [clean_text(cell) for cell in records[1]] if len(records) > 1 else []
    ids = next((n for n in (2, 1) if len(records) > n and _has_import_ids(records[n])), None)
    if ids is not None and header in (None, ids + 1):
        return _qualtrics(first, second if ids == 2 else [], records[ids], ids + 1)
    if header in (None, 2) and _is_legacy_qualtrics(first, second, records[2:3]):
        return _legacy_qualtrics(first, second)
    if header in (None, 2) and _is_surveymonkey(first, second):
        return _surveymonkey(first, second)
    if header is not None and header > 1:
        platform = "qualtrics" if header == 3 else platform_of(first)
        return Header(header, _trimmed(first), _questions(first, second), platform)
    named = name_columns(first)
    return Header(1, named.columns, named.questions, named.platform, named.aliases)


def name_columns(names: Sequence[str]) -> Header:
    """Read the column names of a table that has one row of them, or none.

    Examples
    --------
    >>> head = name_columns(["id. Response ID", "submitdate. Date", "Q1[SQ001]. Trust [My coach]"])
    >>> head.columns, head.platform, head.questions["Q1[SQ001]"]
    (('id', 'submitdate', 'Q1[SQ001]'), 'limesurvey', 'Trust [My coach]')
    """
    columns = _trimmed([clean_text(name) for name in names])
    platform = platform_of(columns)
    if platform == "limesurvey":
        return _limesurvey(columns)
    aliases = {" ".join(column.split()): column for column in columns}
    return Header(0, columns, {}, platform, _unambiguous(aliases, columns))


def platform_of(columns: Sequence[str]) -> str:
    """Tell which survey platform gives its columns such names.

    Examples
    --------
    >>> platform_of(["StartDate", "Finished", "ResponseId", "DistributionChannel", "Q1"])
    'qualtrics'
    """
    plain = {column.strip().casefold() for column in columns}
    if "responseid" in plain and len(plain & QUALTRICS_NAMES) >= 4:
        return "qualtrics"
    if {"respondentid", "collectorid"} <= {re.sub(r"[\s_]", "", column) for column in plain}:
        return "surveymonkey"
    codes = {_code(column).casefold() for column in columns}
    headings = {LIMESURVEY_HEADINGS.get(column) for column in plain} - {None}
    told = ("submitdate", "lastpage", "startlanguage", "seed")
    if sum(word in codes for word in told) >= 2 or len(headings) >= 3:
        return "limesurvey"
    # An export of the complete answers alone may leave out all columns but the first of these.
    coded = [bool(_CODE_AND_TEXT.fullmatch(column)) for column in columns if column]
    if len(coded) > 1 and columns[0].startswith("id. ") and sum(coded) >= _CODE_SHARE * len(coded):
        return "limesurvey"
    return ""


def _code(column: str) -> str:
    """Return the code of a LimeSurvey heading, with or without the question's text after it."""
    found = _CODE_AND_TEXT.fullmatch(column)
    return found[1] if found else column


def _limesurvey(headings: Sequence[str]) -> Header:
    columns, questions, aliases = [], {}, {}
    coded = sum(bool(_CODE_AND_TEXT.fullmatch(heading)) for heading in headings)
    for heading in headings:
        found = _CODE_AND_TEXT.fullmatch(heading) if coded * 2 > len(headings) else None
        column = found[1] if found else heading
        columns.append(column)
        if found:
            questions[column] = _plain(found[2])
            aliases[heading] = column
        # The names that its own exports for statistics programs give to subquestions.
        parts = _SUBQUESTION.fullmatch(column)
        if parts:
            aliases["_".join(part for part in parts.groups() if part)] = column
        told = LIMESURVEY_HEADINGS.get(column.casefold())
        if told:
            aliases[told] = column
    return Header(0, tuple(columns), questions, "limesurvey", _unambiguous(aliases, columns))


def _has_import_ids(record: Record) -> bool:
    """Tell whether half of the cells that are filled are import ids, or two of them differ.

    One such cell among answers is an answer.  Next to columns that somebody has added, the ids
    may be few, but each column of Qualtrics has its own.
    """
    filled = [cell for cell in record if cell.strip()]
    ids = [found[1] for cell in filled if (found := _IMPORT_ID.match(cell))]
    return 2 * len(ids) >= len(filled) > 0 or len(set(ids)) > 1


def _qualtrics(first: list[str], second: list[str], ids: Record, rows: int) -> Header:
    """Read a header with a row of import ids, which stay English whatever the language."""
    columns = _trimmed(first)
    aliases = {}
    for column, cell in zip(columns, ids, strict=False):
        found = _IMPORT_ID.match(cell)
        if found and found[1] in IMPORT_IDS:
            aliases[IMPORT_IDS[found[1]]] = column
    questions = _questions(first, second)
    return Header(rows, columns, questions, "qualtrics", _unambiguous(aliases, columns))


def _is_legacy_qualtrics(first: list[str], second: list[str], third: Sequence[Record]) -> bool:
    """Tell whether the second row has names or question texts where answers have dates."""
    plain = [column.casefold() for column in first]
    if first[:1] == ["V1"] and second[:1] != [""]:
        # Other programs name columns V1, V2, … too; but ids of answers begin with R_.
        known = sum(text.casefold() in QUALTRICS_NAMES for text in second) >= 3
        ids = [cells[0].startswith("R_") for cells in [second, *third] if cells]
        if not known and ids != [False, True]:
            return False
        dated = [place for place, column in enumerate(first) if column in ("V8", "V9")]
    elif platform_of(first) == "qualtrics":
        dated = [plain.index(name) for name in ("startdate", "enddate") if name in plain]
    else:
        return False
    texts = [second[place] for place in dated if place < len(second)]
    return bool(texts) and all(text and not re.search(r"\d", text) for text in texts)


def _legacy_qualtrics(first: list[str], second: list[str]) -> Header:
    columns = _trimmed(first)
    aliases = {}
    for column, text in zip(columns, second, strict=False):
        if _LEGACY_CODE.fullmatch(column):
            known = text if text.casefold() in QUALTRICS_NAMES else LEGACY_NAMES.get(column)
            if known:
                aliases[known] = column
    questions = _questions(first, second)
    return Header(2, columns, questions, "qualtrics", _unambiguous(aliases, columns))


def _is_surveymonkey(first: list[str], second: list[str]) -> bool:
    """Tell whether the second row holds parts of questions, and nothing below ids and dates."""
    if not first or not first[0] or not second or second[0]:
        return False
    if platform_of(first) == "surveymonkey":
        return any(second)
    continued = any(
        cell and not (first[place] if place < len(first) else "")
        for place, cell in enumerate(second)
    )
    start = next((place for place, cell in enumerate(second) if cell), 0)
    filled = start >= 3 and all(first[:start]) and all(second[start : len(first)])
    return filled and (continued or any(cell.casefold() in RESPONSE_WORDS for cell in second))


def _surveymonkey(first: list[str], second: list[str]) -> Header:
    width = max(len(first), len(second))
    first, second = ([*row, *[""] * (width - len(row))] for row in (first, second))
    columns: list[str] = []
    seen: dict[str, int] = {}
    questions: dict[str, str] = {}
    aliases: dict[str, str] = {}
    question = ""
    for place, (cell, part) in enumerate(zip(first, second, strict=True)):
        question = " ".join(cell.split()) if cell or not part else question
        part = " ".join(part.split())
        both = " - ".join(text for text in (question, part) if text)
        alone = place + 1 == width or bool(first[place + 1]) or not second[place + 1]
        column = question if cell and alone and part.casefold() in RESPONSE_WORDS else both
        column = _unused(column, seen)
        columns.append(column)
        if part:
            questions[column] = _plain(column)
            aliases |= {both: column, _plain(column): column}
    kept = _trimmed(columns)
    return Header(2, kept, questions, "surveymonkey", _unambiguous(aliases, kept))


def _unused(column: str, seen: dict[str, int]) -> str:
    """Number a name that stands for an earlier column already, and remember it in `seen`."""
    name, number = column, seen.get(column, 1)
    while column and name in seen:
        number += 1
        name = f"{column} ({number})"
    seen[column] = number
    seen[name] = 1 if name != column else number
    return name


def _questions(columns: Sequence[str], texts: Sequence[str]) -> dict[str, str]:
    pairs = zip(columns, map(_plain, texts), strict=False)
    return {column: text for column, text in pairs if column and text}


def _plain(text: str) -> str:
    """Take markup and line breaks out of a question's text."""
    return " ".join(html.unescape(_MARKUP.sub(" ", text)).split())


def _trimmed(columns: Sequence[str]) -> tuple[str, ...]:
    width = max((place + 1 for place, column in enumerate(columns) if column), default=0)
    return tuple(columns[:width])


def _unambiguous(aliases: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """Drop aliases that are names of columns themselves."""
    taken = {*columns, ""}
    return {alias: column for alias, column in aliases.items() if alias not in taken}
