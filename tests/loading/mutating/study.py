"""What the study files of mutated exports declare, for a second reading of the exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.loading.mutating.tables import Table


@dataclass(frozen=True, slots=True)
class Field:
    """A column of answers; its name may hold {role}, {wave} or {slot}."""

    variable: str
    column: str
    kind: str = "number"
    range: tuple[float, float] = (float("-inf"), float("inf"))
    roles: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()

    def asked(self, role: str, wave: str) -> bool:
        """Tell whether somebody in this role answers it in this wave."""
        return role in (self.roles or (role,)) and wave in (self.waves or (wave,))


@dataclass(frozen=True, slots=True)
class Source:
    """What the study file declares of a file.

    A row holds a record for each of `parts` that is filled, one at least; a part gives the words
    for {role}, {wave} and {slot}.  By its `gates` a platform says which rows are answers;
    a group stands there too.
    """

    name: str
    file: str
    fields: tuple[Field, ...]
    role: str = ""
    wave: str = ""
    role_column: str = ""
    wave_column: str = ""
    role_words: Mapping[str, str] = field(default_factory=dict)
    wave_words: Mapping[str, str] = field(default_factory=dict)
    dyad: str = ""
    person: str = ""
    partner: str = ""
    consent: str = ""
    gates: tuple[str, ...] = ()
    parts: tuple[Mapping[str, str], ...] = ({},)


@dataclass(frozen=True, slots=True)
class Link:
    """A key file: the columns with the code, and with the id of each role."""

    file: str
    dyad: str
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Study:
    """A study: adding one to `STUDIES` is all it takes to have its exports mutated.

    Attributes
    ----------
    tables : mapping
        The files that are mutated cell by cell; what they hold is known afterwards.
    files : mapping
        Further files, which are mutated byte by byte.
    sources : tuple of Source
        Empty where what is kept is not worked out on a second way.
    link : Link, optional
        What says the dyad of a source that has no code.
    loosely : bool
        Whether ids are joined that differ in case, spaces and leading zeros.
    score : bool
        Whether it has the scale of `TRUST`.
    """

    toml: str
    tables: Mapping[str, Table] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    waves: tuple[str, ...] = ()
    granted: tuple[str, ...] = ("yes", "ja")
    for_good: bool = False
    withdrawn: str = ""
    withdrawn_from: str = ""
    missing: tuple[float, ...] = (-99,)
    link: Link | None = None
    loosely: bool = False
    score: bool = True
