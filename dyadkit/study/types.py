"""What a researcher declares about a study: frozen, and ignorant of data and of analyses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from dyadkit.study.frozen import FrozenDict

_ITEM_RANGE = re.compile(r"^(?P<stem>.*?)(?P<first>\d+)\.\.(?P<stem2>.*?)(?P<last>\d+)$")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MOST_ITEMS = 1000

Level = Literal["person", "relationship", "dyad", "group"]
Value = str | bool | int | float


def expand_items(items: tuple[str, ...]) -> tuple[str, ...]:
    """Write out item ranges: ``"q08..q10"`` becomes ``q08, q09, q10``.

    Raises
    ------
    ValueError
        When the two ends of a range have different stems or run backwards.

    Examples
    --------
    >>> expand_items(("a1..a3", "b"))
    ('a1', 'a2', 'a3', 'b')
    """
    expanded: list[str] = []
    for item in items:
        if ".." not in item:
            expanded.append(item)
            continue
        match = _ITEM_RANGE.match(item)
        if match is None or match["stem"] != match["stem2"]:
            raise ValueError(f"'{item}' is no range of items; write it like 'tr1..tr5'")
        first, last = int(match["first"]), int(match["last"])
        if last < first:
            raise ValueError(f"the range '{item}' runs backwards")
        if last - first >= _MOST_ITEMS:
            raise ValueError(f"the range '{item}' has more than {_MOST_ITEMS} items")
        width = len(match["first"])
        expanded += [f"{match['stem']}{number:0{width}d}" for number in range(first, last + 1)]
    return tuple(expanded)


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            f"'{value}' cannot be a name: use the letters A to Z, digits and underscores, a "
            "letter first"
        )
    return value


def _delimiter(value: str) -> str:
    if value.isalnum() or value in "\"'\r\n\0.+-":
        raise ValueError(f'{value!r} cannot delimit cells; use a character such as ";"')
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


Name = Annotated[str, AfterValidator(_name)]
Column = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Items = Annotated[tuple[Column, ...], Field(min_length=1)]
Places = Annotated[tuple[str, ...], Field(min_length=1)]


Words = Annotated[Mapping[str, str], AfterValidator(FrozenDict)]


class Part(BaseModel):
    """A table of the study file: frozen, and closed to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Source(Part):
    """One export file, and how its rows say who answered.

    Attributes
    ----------
    missing, values, exclude : optional
        Codes and words, compared whatever their case and notation: 1, "1" and "1.0" are the same.
        An empty rule, such as ``exclude = { Finished = [] }``, switches off what a platform's
        column would exclude by itself.
    duplicates : str
        Which answer counts when somebody answered twice: "first_complete" (the first of those that
        answer most) or "last", in the order of the files and their rows; "error" asks.
    header : int, optional
        Rows above the answers: 1 names, 2 names and questions, 3 Qualtrics.
    """

    path: str = Field(min_length=1)
    name: str = ""
    layout: Literal["person"] = "person"
    wave: str | None = None
    wave_column: Column | None = None
    wave_values: Words | None = None
    role: str | None = None
    role_column: Column | None = None
    role_values: Words | None = None
    dyad: Column
    person: Column | None = None
    group: Column | None = None
    missing: tuple[Value, ...] = ()
    values: Annotated[Mapping[str, float], AfterValidator(FrozenDict)] = FrozenDict()
    exclude: Annotated[Mapping[Column, tuple[Value, ...]], AfterValidator(FrozenDict)] = (
        FrozenDict()
    )
    duplicates: Literal["error", "first_complete", "last"] = "error"
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
            if getattr(self, f"{what}_values") is not None and column is None:
                raise ValueError(f"{what}_values needs {what}_column")
        return self


def _each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} stands here more than once")
    return items


class ScaleVersion(Part):
    """Other item names for a scale in some role or wave; the same position is the same item.

    Without role and wave it holds everywhere, for items whose columns have awkward names.
    """

    role: str | None = None
    wave: str | None = None
    items: Items

    @field_validator("items")
    @classmethod
    def _expand(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        return _each_once(expand_items(items))


class Scale(Part):
    """Several items that are scored together."""

    name: Name
    label: str = ""
    items: Items
    range: tuple[float, float]
    reverse: tuple[Column, ...] = ()
    score: Literal["mean", "sum"] = "mean"
    minimum_answered: int | None = Field(default=None, ge=1)
    roles: Places | None = None
    waves: Places | None = None
    level: Level = "person"
    about: Literal["partner", "self", "relationship"] | None = None
    version: tuple[ScaleVersion, ...] = ()

    @field_validator("items", "reverse")
    @classmethod
    def _expand(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        return _each_once(expand_items(items))

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        strange = [item for item in self.reverse if item not in self.items]
        if strange:
            raise ValueError(f"reverse names {', '.join(strange)}, which are not among the items")
        if not self.range[0] < self.range[1]:
            raise ValueError("range must run from the lowest to the highest possible answer")
        if self.minimum_answered is not None and self.minimum_answered > len(self.items):
            raise ValueError(
                f"minimum_answered is {self.minimum_answered}, but there are only "
                f"{len(self.items)} items"
            )
        for version in self.version:
            if len(version.items) != len(self.items):
                raise ValueError(
                    f"a version has {len(version.items)} items where the scale has "
                    f"{len(self.items)}; the same position must be the same item"
                )
        places = [(version.role, version.wave) for version in self.version]
        if len(set(places)) < len(places):
            raise ValueError("two versions are for the same role and wave")
        return self

    def columns(self, role: str, wave: str) -> tuple[str, ...]:
        """Return the names of the scale's columns in the files of one role and wave.

        The most specific version wins: role and wave, then role, then wave.
        """
        best, rank = self.items, -1
        for version in self.version:
            if version.role not in (None, role) or version.wave not in (None, wave):
                continue
            specific = 2 * (version.role is not None) + (version.wave is not None)
            if specific > rank:
                best, rank = version.items, specific
        return best


class SingleVariable(Part):
    """A variable that stands in one column."""

    name: Name
    label: str = ""
    column: Column
    type: Literal["number", "ordinal", "category", "count", "date", "text"] = "number"
    range: tuple[float, float] | None = None
    roles: Places | None = None
    waves: Places | None = None
    level: Level = "person"

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.range is not None:
            if self.type not in ("number", "ordinal", "count"):
                raise ValueError(f"a {self.type} has no range")
            if not self.range[0] < self.range[1]:
                raise ValueError("range must run from the lowest to the highest possible value")
        return self


class Consent(Part):
    """The column that says whether an answer may be used."""

    column: Column
    granted: tuple[Value, ...] = Field(min_length=1)
    source: tuple[str, ...] = ()
    scope: Literal["wave", "person"] = "wave"


class Withdrawal(Part):
    """A list of people who withdrew, and from which wave on."""

    path: str = Field(min_length=1)
    person: Column
    from_wave: str | None = None
    partner: Literal["keep", "drop_dyad"] = "keep"


class Privacy(Part):
    """The smallest numbers of dyads and of persons that may stand behind a published cell."""

    minimum_dyads: int = Field(default=5, ge=1)
    minimum_persons: int = Field(default=5, ge=1)
    export_data: bool = False


class Analysis(Part):
    """One analysis: its type, its name, and options that the type itself checks."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(min_length=1)
    name: str = ""

    @property
    def options(self) -> dict[str, Any]:
        """The analysis' own keys: a copy."""
        return deepcopy(self.__pydantic_extra__ or {})


class ReportFormats(Part):
    """What the report is written as."""

    formats: tuple[Literal["html", "docx"], ...] = ("html", "docx")


class Study(Part):
    """A study as declared: its roles, waves, files, scales and analyses.

    Read one with `dyadkit.read_study`.

    Attributes
    ----------
    roles : tuple of str
        In the order that every table uses; a single label means exchangeable partners.
    waves : tuple of str
        In time order; empty when there is one wave.
    wave_times : mapping
        Wave to time, in `time_unit`.
    directory : pathlib.Path
        Where relative paths start.
    stem, file : str
        The name of the study file, without and with its ending.
    text : str
        The study file as it was read.
    """

    title: str
    roles: tuple[str, ...]
    waves: tuple[str, ...] = ()
    wave_times: Annotated[Mapping[str, float], AfterValidator(FrozenDict)] = FrozenDict()
    time_unit: str = ""
    seed: int = 20260101
    alpha: float = 0.05
    orphans: Literal["exclude", "keep"] = "exclude"
    sources: tuple[Source, ...]
    scales: tuple[Scale, ...]
    variables: tuple[SingleVariable, ...] = ()
    consents: tuple[Consent, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    privacy: Privacy = Privacy()
    analyses: tuple[Analysis, ...] = ()
    report: ReportFormats = ReportFormats()
    directory: Path
    stem: str = "study"
    file: str = ""
    text: str = ""

    @property
    def exchangeable(self) -> bool:
        """Whether the two partners share one role."""
        return len(self.roles) == 1

    @property
    def files(self) -> tuple[Path, ...]:
        """The study file and every file it names."""
        name = self.file or f"{self.stem}.toml"
        named = (name, *(source.path for source in self.sources))
        lists = (withdrawal.path for withdrawal in self.withdrawals)
        return tuple(self.directory / path for path in (*named, *lists))
