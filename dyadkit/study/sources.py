"""Export files and key files, and how their rows say who answered about whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from dyadkit.study.frozen import FrozenDict
from dyadkit.study.parts import Column, Part, Value, Words

IdMatch = Literal["case", "space", "zero_pad"]

_PARTS = re.compile(r"\{[^{}]*\}")
_PLACES = ("{item}", "{role}", "{wave}", "{slot}")


def _delimiter(value: str) -> str:
    if value.isalnum() or value in "\"'\r\n\0.+-":
        raise ValueError(f'{value!r} cannot delimit cells; use a character such as ";"')
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f'there is no time zone called \'{value}\'; write it like "Europe/Rome" or "UTC"'
        ) from None
    return value


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError):
        raise ValueError(
            f'there is no text encoding called \'{value}\'; common ones are "utf-8", "cp1252" '
            'and "utf-16"'
        ) from None
    return value


def _unlike(slots: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({slot for slot in slots if slots.count(slot) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands here more than once")
    return slots


class Source(Part):
    """One export file, and how its rows say who answered.

    In ``columns`` and in the names of columns, ``{item}``, ``{role}``, ``{wave}`` and ``{slot}``
    stand for what a column is about; see `dyadkit.loading.unfolding`.

    Attributes
    ----------
    layout : str
        "person", one row per person (and wave); "dyad", one row per dyad; "loop", one row per
        person who answers about several partners, one in each slot.
    dyad, person, partner : str, optional
        Columns: the code that both partners share, who answered, and about whom.  Without a code
        a pair is known by the ids of both, or from a `Link`.
    columns : str, optional
        How the names of items become names of columns, e.g. ``"{item}_{role}_{wave}"``.
    slots : tuple of str
        What stands for ``{slot}``.
    date, time, timezone, occasion : str, optional
        Columns with the day or the moment of the answer and the number of the occasion in a
        diary; the time zone of moments that do not say theirs.
    duration, language : str, optional
        Columns with the seconds somebody took, and the language of the survey.
    missing, values, exclude : optional
        Codes and words, compared whatever their case and notation: 1, "1" and "1.0" are the same.
        An empty rule, such as ``exclude = { Finished = [] }``, switches off what a platform's
        column would exclude by itself.
    duplicates : str
        Which answer counts when somebody answered twice: "first_complete" (the first of those that
        answer most) or "last", in the order of the files and their rows; "error" asks.
    id_match : tuple of str
        In what ids of this file may differ from those of other files and be the same all the same.
    header : int, optional
        Rows above the answers: 1 names, 2 names and questions, 3 Qualtrics.
    """

    path: str = Field(min_length=1)
    name: str = ""
    layout: Literal["person", "dyad", "loop"] = "person"
    wave: str | None = None
    wave_column: Column | None = None
    wave_values: Words | None = None
    role: str | None = None
    role_column: Column | None = None
    role_values: Words | None = None
    dyad: Column | None = None
    person: Column | None = None
    partner: Column | None = None
    columns: Column | None = None
    slots: Annotated[tuple[str, ...], AfterValidator(_unlike)] = ()
    group: Column | None = None
    date: Column | None = None
    time: Column | None = None
    timezone: Annotated[str, AfterValidator(_timezone)] | None = None
    occasion: Column | None = None
    duration: Column | None = None
    language: Column | None = None
    missing: tuple[Value, ...] = ()
    values: Annotated[Mapping[str, float], AfterValidator(FrozenDict)] = FrozenDict()
    exclude: Annotated[Mapping[Column, tuple[Value, ...]], AfterValidator(FrozenDict)] = (
        FrozenDict()
    )
    duplicates: Literal["error", "first_complete", "last"] = "error"
    id_match: tuple[IdMatch, ...] = ()
    sheet: str | None = None
    delimiter: (
        Annotated[str, StringConstraints(min_length=1, max_length=1), AfterValidator(_delimiter)]
        | None
    ) = None
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    decimal: Literal[".", ","] | None = None
    header: Literal[1, 2, 3] | None = None

    @model_validator(mode="after")
    def _one_way_each(self) -> Self:
        for what in ("wave", "role"):
            fixed = getattr(self, what)
            column = getattr(self, f"{what}_column")
            if fixed is not None and column is not None:
                raise ValueError(
                    f"give either {what} (the whole file is one {what}) or {what}_column, not both"
                )
            words = getattr(self, f"{what}_values")
            if words is not None and column is None and not self.spells(what):
                raise ValueError(f"{what}_values needs {what}_column")
        if self.dyad is not None and self.partner is not None:
            raise ValueError(
                "give either dyad (the code both partners share) or partner (the column that "
                "names the other one), not both"
            )
        if self.partner is not None and self.person is None:
            raise ValueError('partner needs person = "…", the column that says who answered')
        if self.timezone is not None and self.time is None:
            raise ValueError('timezone needs time = "…", the column with the time stamps')
        return self

    @model_validator(mode="after")
    def _fits_its_layout(self) -> Self:
        if self.layout == "person":
            needless = [key for key in ("columns", "slots") if getattr(self, key)]
            if needless:
                raise ValueError(
                    f"{needless[0]} says nothing about rows of single persons; say "
                    'layout = "dyad" or layout = "loop", or take it out'
                )
            return self
        example = {"dyad": "{item}_{role}", "loop": "{item}_{slot}"}[self.layout]
        if self.columns is None:
            raise ValueError(f'layout = "{self.layout}" needs columns, e.g. "{example}"')
        if self.layout == "dyad":
            if self.role is not None or self.role_column is not None:
                raise ValueError("a row of a dyad holds both roles; take role and role_column out")
            if self.partner is not None:
                raise ValueError('a row of a dyad names both; say person = "id_{role}" instead')
            if self.dyad is None and not (self.person and "{role}" in self.person):
                raise ValueError('layout = "dyad" needs dyad = "…", or person = "id_{role}"')
            if self.slots:
                raise ValueError('slots are for layout = "loop"; here {role} tells the two apart')
        elif not self.slots:
            raise ValueError('layout = "loop" needs slots, e.g. ["1", "2", "3"]')
        elif not any("{slot}" in (name or "") for name in (self.partner, self.dyad)):
            raise ValueError(
                'layout = "loop" needs partner = "…{slot}…", the columns that name the partners, '
                'or dyad = "…{slot}…"'
            )
        for key in ("columns", "dyad", "person", "partner", "group"):
            strange = set(_PARTS.findall(getattr(self, key) or "")).difference(_PLACES)
            if strange:
                raise ValueError(
                    f"{key}: {min(strange)} stands for nothing; there are {', '.join(_PLACES)}"
                )
        for part in ("{item}", "{role}" if self.layout == "dyad" else "{slot}"):
            if self.columns.count(part) != 1:
                raise ValueError(
                    f"columns is '{self.columns}'; it must hold {part} once, e.g. \"{example}\""
                )
        return self

    def spells(self, what: str) -> bool:
        """Tell whether the names of columns say the role (or the wave) of what is in them."""
        return self.layout != "person" and f"{{{what}}}" in (self.columns or "")


class Link(Part):
    """A key file: who belongs together.

    Attributes
    ----------
    path : str
    dyad : str, optional
        The column with the code of the pair; without it a pair is known by the two ids.
    people : mapping of str to tuple of str
        Role to the column with its ids; two columns where the partners share a role.
    """

    path: str = Field(min_length=1)
    dyad: Column | None = None
    people: Annotated[Mapping[str, tuple[str, ...]], AfterValidator(FrozenDict)] = FrozenDict()

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        """Take every other key for a role; `find_contradictions` knows the roles."""
        if not isinstance(given, dict):
            return given
        roles = {key: value for key, value in given.items() if key not in ("path", "dyad")}
        people = {}
        for role, columns in roles.items():
            named = (columns,) if isinstance(columns, str) else columns
            if not isinstance(named, list | tuple) or not all(
                isinstance(column, str) and column.strip() for column in named
            ):
                raise ValueError(f"'{role}' must name the column with the ids of this role")
            people[role] = tuple(column.strip() for column in named)
        kept = {key: given[key] for key in ("path", "dyad") if key in given}
        return {**kept, "people": people}
