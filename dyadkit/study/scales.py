"""Scales of several items, and variables that stand in one column."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from dyadkit.study.parts import Column, Level, Name, Part, Places

_ITEM_RANGE = re.compile(r"^(?P<stem>.*?)(?P<first>\d+)\.\.(?P<stem2>.*?)(?P<last>\d+)$")
_MOST_ITEMS = 1000

Items = Annotated[tuple[Column, ...], Field(min_length=1)]


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


#: What a source's ``language`` becomes.
LANGUAGE = SingleVariable(name="language", label="Language", column="language", type="category")
