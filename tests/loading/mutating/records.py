"""A second reading of exports: every record as it stands in the tables that were written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.loading.mutating.study import Field, Source, Study
from tests.loading.mutating.tables import Table

#: A cell whose answer cannot be read as what the study file declares.
UNREADABLE = object()


@dataclass(frozen=True, slots=True)
class Expected:
    """A record as it stands in a table: where, whose, and what it says.

    Attributes
    ----------
    blank, silent : bool
        Nothing stands in its row; nothing stands in any part of its row.
    anonymous, gone : bool
        Its author refused or withdrew; withdrew.
    too_long : bool
        Its row has cells beyond the last column.
    values : tuple
        Variable and value; None where it is missing, `UNREADABLE` where it is none.
    outside : tuple of str
        The columns with values outside their range.
    gates : tuple
        Column and cell of `Source.gates`.
    own : frozenset of int
        The columns that no other record of the row shares.
    respelt : bool
        An id in it stands otherwise in the key file.
    """

    source: str
    row: int
    role: str
    wave: str
    dyad: str
    person: str
    partner: str
    blank: bool
    silent: bool
    anonymous: bool
    too_long: bool
    values: tuple[tuple[str, object], ...]
    outside: tuple[str, ...]
    gates: tuple[tuple[str, str], ...]
    own: frozenset[int]
    gone: bool = False
    respelt: bool = False

    @property
    def key(self) -> tuple[object, ...]:
        return (self.dyad, self.role, self.wave, self.person, *self.values)


class UnclearError(Exception):
    """The tables as written leave it open what should be read."""


def expected_records(study: Study, tables: Mapping[str, Table]) -> list[Expected]:
    """List the records of every source.

    Raises
    ------
    KeyError
        When a column that is needed is not there, or there twice.
    UnclearError
        When it is unclear who is meant.
    """
    records: list[Expected] = []
    refused: set[str] = set()
    for source in study.sources:
        found = list(_records(source, tables[source.file], study))
        records += [record for record, _ in found]
        refused |= {plain_id(r.person, study) for r, said_no in found if said_no}
    refused = refused - {""} if study.for_good else set()
    gone: set[str] = set()
    if study.withdrawn:
        if any("ImportId" in "".join(row) for row in tables[study.withdrawn].records[:2]):
            raise UnclearError("the withdrawal list looks like an export of Qualtrics")
        gone = {plain_id(one, study) for one in _column(tables[study.withdrawn], "id")} - {""}
    start = study.waves.index(study.withdrawn_from) if study.withdrawn_from else 0
    late = ("", *study.waves[start:])
    told = []
    for record in records:
        person = plain_id(record.person, study)
        left = person in gone and record.wave in late
        secret = not record.blank and (record.anonymous or left or person in refused)
        told.append(replace(record, gone=left, anonymous=secret))
    return _linked(told, study, tables) if study.link else told


def _linked(
    records: Sequence[Expected], study: Study, tables: Mapping[str, Table]
) -> list[Expected]:
    """Give each record the code of its pair; one that names no partner has all of its author's."""
    link = study.link
    assert link is not None
    table = tables[link.file]
    columns = [_column(table, name) for name in (link.dyad, *link.people.values())]
    rows = [row for row in zip(*columns, strict=True) if all(row)]
    codes: dict[tuple[str, str], list[str]] = {}
    for place, role in enumerate(link.people, start=1):
        spelt = {row[place] for row in rows}
        if len({plain_id(one, study) for one in spelt}) < len(spelt):
            raise UnclearError(f"an id of a {role} has two spellings in the key file")
        for row in dict.fromkeys(rows):
            ids = [plain_id(one, study) for one in row[1:]]
            codes.setdefault((role, ids[place - 1]), []).append(row[0])
            codes.setdefault((role, "+".join([ids[place - 1], ids[2 - place]])), []).append(row[0])
    written = {"", *(one for row in rows for one in row[1:])}
    naming = {source.name for source in study.sources if source.partner}
    linked = []
    for record in records:
        who = plain_id(record.person, study)
        if record.source in naming:
            who += f"+{plain_id(record.partner, study)}"
        respelt = not written.issuperset({record.person, record.partner})
        linked += [
            replace(record, dyad=one, respelt=respelt)
            for one in codes.get((record.role, who), [""])
        ]
    return linked


def _column(table: Table, name: str) -> list[str]:
    if table.names.count(name) != 1:
        raise KeyError(name)
    return table.texts(name)


def _records(source: Source, table: Table, study: Study) -> Iterator[tuple[Expected, bool]]:
    """Yield every record of a table, and whether its author said no."""
    width = len(table.columns)
    known = {name: _column(table, name) for name in _needed(source)}
    gates = [n for n, name in enumerate(table.names) if name in source.gates]
    for place, record in enumerate(table.records):
        blank = not any(cell.strip() for cell in record)
        too_long = any(cell.strip() for cell in record[width:]) and table.manner.kind == "text"
        filled = [
            part
            for part in source.parts
            if not part or any(known[name][place] for name in _own(source, part))
        ]
        everywhere = frozenset(range(len(record)))
        told = tuple((table.names[n], record[n]) for n in gates if n < len(record))
        for part in filled or [{}]:

            def cell(name: str, part: Mapping[str, str] = part, place: int = place) -> str:
                spelt = _spell(name, part)
                return known[spelt][place] if spelt in known else ""

            role = _place(source.role, "role", part, cell(source.role_column), source.role_words)
            wave = _place(source.wave, "wave", part, cell(source.wave_column), source.wave_words)
            consent = cell(source.consent)
            granted = not source.consent or consent.casefold() in study.granted
            asked = [one for one in source.fields if one.asked(role, wave)]
            read = [_value(cell(one.column), one, study) for one in asked]
            pairs = list(zip(asked, read, strict=True))
            expected = Expected(
                source=source.name,
                row=table.first_row + place,
                role=role,
                wave=wave,
                dyad=cell(source.dyad),
                person=cell(source.person),
                partner=cell(source.partner),
                blank=blank,
                silent=not filled,
                anonymous=not granted,
                too_long=too_long,
                values=tuple((one.variable, value) for one, (value, _) in pairs),
                outside=tuple(_spell(one.column, part) for one, (_, out) in pairs if out),
                gates=told,
                own=frozenset(map(table.names.index, _own(source, part))) if part else everywhere,
            )
            yield expected, not granted and bool(consent)


def _needed(source: Source) -> set[str]:
    fixed = (source.role_column, source.wave_column, source.dyad, source.person, source.partner)
    names = [*fixed, source.consent, *(one.column for one in source.fields)]
    return {_spell(name, part) for name in names if name for part in source.parts}


def _own(source: Source, part: Mapping[str, str]) -> list[str]:
    """Name the columns that only this part of a row has."""
    names = [source.person, source.partner, source.dyad, *(one.column for one in source.fields)]
    spelt = [name for name in names if part and all(f"{{{word}}}" in name for word in part)]
    return [_spell(name, part) for name in spelt]


def _place(
    fixed: str, what: str, part: Mapping[str, str], text: str, words: Mapping[str, str]
) -> str:
    """Return a role or wave: as declared, in a column's name, or as a word whatever its case."""
    number = _number(text)
    word = text.casefold() if number is None else f"{number:g}"
    return fixed or part.get(what, "") or words.get(word, "")


def _spell(name: str, part: Mapping[str, str]) -> str:
    for word, text in part.items():
        name = name.replace(f"{{{word}}}", text)
    return name


def _value(text: str, one: Field, study: Study) -> tuple[object, bool]:
    """Return what a cell says, None where nothing, and whether that is outside the range."""
    if one.kind == "occasion":
        return _occasion(text), False
    if one.kind == "moment":
        return _moment(text), False
    number = _number(text)
    if text == "" or number in study.missing:
        return None, False
    if one.kind == "category":
        return text, False
    if one.kind == "date":
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None), False
        except ValueError:
            return UNREADABLE, False
    if number is None:
        return UNREADABLE, False
    low, high = one.range
    return (number, False) if low <= number <= high else (None, True)


def _occasion(text: str) -> object:
    """Return the number or the day of an occasion; a record without one cannot be kept."""
    if re.fullmatch(r"[0-9]+([.,]0+)?", text):
        return float(re.split("[.,]", text)[0])
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?", text):
        return UNREADABLE
    try:
        return str(datetime.fromisoformat(text)).removesuffix(" 00:00:00")
    except ValueError:
        return UNREADABLE


def _moment(text: str) -> object:
    """Return the moment of a time stamp, which is one of Rome if it says no offset."""
    if text == "":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return UNREADABLE
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/Rome"))).astimezone(
        UTC
    )


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def plain_id(text: str, study: Study) -> str:
    """Return an id without what the study file says does not matter."""
    if not study.loosely:
        return text
    return re.sub(r"[\s\u200b\u2060\ufeff]+", "", text).casefold().lstrip("0")
