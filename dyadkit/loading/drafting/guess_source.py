"""What one export seems to be, gathered step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dyadkit.loading.drafting.guess_columns import (
    Column,
    Export,
    holds_ids,
    names_group,
    names_pair,
)
from dyadkit.loading.drafting.guess_spelling import Layout
from dyadkit.loading.drafting.guess_stems import Scoring


@dataclass(frozen=True, slots=True)
class SourceGuess:
    """What one export seems to be; an empty text where nothing was found.

    Attributes
    ----------
    export : Export
    layout : Layout
    role, role_column, role_values : optional
        The role of the whole file, or the column with words for roles and what they mean.
    wave, wave_column, wave_values : optional
        Likewise; waves are numbers.
    dyad, person, partner, group : str
        Columns, perhaps with placeholders.
    occasion, time, date, duration, language : str
        Columns.
    consent : str
        Column.
    granted : tuple of str
        The answers that grant consent.
    scoring : Scoring
    """

    export: Export
    layout: Layout = field(default_factory=Layout)
    role: str = ""
    role_column: str = ""
    role_values: Mapping[str, str] = field(default_factory=dict)
    wave: int | None = None
    wave_column: str = ""
    wave_values: Mapping[str, int] = field(default_factory=dict)
    dyad: str = ""
    person: str = ""
    partner: str = ""
    group: str = ""
    occasion: str = ""
    time: str = ""
    date: str = ""
    duration: str = ""
    language: str = ""
    consent: str = ""
    granted: tuple[str, ...] = ()
    scoring: Scoring = field(default_factory=Scoring)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that the file holds, as far as known."""
        if self.role:
            return (self.role,)
        return tuple(dict.fromkeys([*self.role_values.values(), *self.layout.roles.values()]))

    @property
    def waves(self) -> tuple[int, ...]:
        """The waves that the file holds, as far as known."""
        if self.wave is not None:
            return (self.wave,)
        return tuple(sorted({*self.wave_values.values(), *self.layout.waves.values()}))

    @property
    def taken(self) -> frozenset[str]:
        """The columns that are known for something else than answers."""
        named = (
            *(self.role_column, self.wave_column, self.dyad, self.person, self.partner),
            *(self.group, self.occasion, self.time, self.date, self.duration, self.language),
            self.consent,
        )
        spelt = [name for name, pattern in self.layout.spelt.items() if pattern in named]
        return frozenset({*named, *spelt}) - {""}

    def column(self, name: str) -> Column:
        """Return a column of the export."""
        return self.export.columns[name]

    def id_columns(self) -> list[str]:
        """List the columns that seem to hold ids of persons or dyads, other than of partners."""
        return [
            name
            for name, column in self.export.columns.items()
            if name not in self.layout.spelt
            and holds_ids(column)
            and (names_pair(name) or not names_group(name))
            and name not in (self.role_column, self.wave_column)
        ]

    def slot_columns(self) -> list[str]:
        """List the columns of a loop that name the partners."""
        return [name for name, spelt in self.layout.spelt.items() if spelt == self.layout.slot_ids]
