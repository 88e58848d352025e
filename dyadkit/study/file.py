"""The study file as it stands on disk: which tables and keys it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dyadkit.study.lines import Place
from dyadkit.study.parts import Name, Part
from dyadkit.study.scales import Scale, ScaleVersion, SingleVariable
from dyadkit.study.sources import Link, Source
from dyadkit.study.types import Analysis, Careless, Consent, Privacy, ReportFormats, Withdrawal

#: The tables that a study file may have several of.
ARRAYS = ("source", "link", "consent", "withdrawal", "analysis")
#: The tables that have a name of their own, as in ``[scale.trust]``.
NAMED = ("scale", "variable", "wave")


class Head(Part):
    """``[study]``; ``orphans = "keep"`` keeps dyads of which only one member answered."""

    title: str = ""
    roles: tuple[Name, ...] = Field(min_length=1, max_length=2)
    waves: tuple[Name, ...] = ()
    time_unit: str = ""
    seed: int = Field(default=20260101, ge=0)
    alpha: float = Field(default=0.05, gt=0, lt=1)
    orphans: Literal["exclude", "keep"] = "exclude"


class Wave(Part):
    """``[wave.t1]``."""

    time: float


class StudyFile(Part):
    """Every table of a study file."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    format_version: Literal[1] = Field(default=1, alias="schema")
    study: Head
    wave: dict[str, Wave] = Field(default_factory=dict)
    source: tuple[Source, ...] = Field(min_length=1)
    link: tuple[Link, ...] = ()
    scale: dict[str, Scale] = Field(default_factory=dict)
    variable: dict[str, SingleVariable] = Field(default_factory=dict)
    consent: tuple[Consent, ...] = ()
    withdrawal: tuple[Withdrawal, ...] = ()
    careless: Careless = Careless()
    privacy: Privacy = Privacy()
    analysis: tuple[Analysis, ...] = ()
    report: ReportFormats = ReportFormats()


_MODELS: Mapping[str, type[BaseModel]] = {
    "study": Head,
    "source": Source,
    "link": Link,
    "consent": Consent,
    "withdrawal": Withdrawal,
    "analysis": Analysis,
    "careless": Careless,
    "privacy": Privacy,
    "report": ReportFormats,
    "wave": Wave,
    "scale": Scale,
    "variable": SingleVariable,
    "version": ScaleVersion,
}


def split_place(place: Place) -> tuple[Place, str]:
    """Split where an error stands into its table and the key of the table, which may be empty.

    Examples
    --------
    >>> split_place(("source", 0, "exclude", "Status", 0))
    (('source', 0), 'exclude')
    >>> split_place(("scale", "trust", "version", 1, "items"))
    (('scale', 'trust', 'version', 1), 'items')
    """
    if len(place) < 2:
        return (), "".join(str(step) for step in place)
    size = 2 if place[0] in (*ARRAYS, *NAMED) else 1
    if place[0] == "scale" and len(place) > 3 and place[2] == "version":
        size = 4
    return place[:size], str(place[size]) if len(place) > size else ""


def valid_keys(table: Place) -> Sequence[str]:
    """Return the keys that a table of the study file may have."""
    if not table:
        return [field.alias or name for name, field in StudyFile.model_fields.items()]
    kind = "version" if "version" in table[2:3] else str(table[0])
    # The name of a scale or a variable is its table's title.
    hidden = {"name"} if kind in ("scale", "variable") else set()
    return [key for key in _MODELS[kind].model_fields if key not in hidden]
