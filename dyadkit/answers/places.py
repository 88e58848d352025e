"""Where a variable was answered: by whom and when, and how a reader sees that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dyadkit.display.labels import role_label, wave_label
from dyadkit.errors import Refused, StudyError, listed
from dyadkit.frame import DyadFrame, Reference, Variable


@dataclass(frozen=True, slots=True)
class Place:
    """One variable in one role and wave; `role` is empty for what belongs to the whole dyad."""

    variable: Variable
    role: str
    wave: str

    @property
    def key(self) -> str:
        """The support key of what is computed here."""
        return ".".join(part for part in (self.variable.name, self.role, self.wave) if part)

    @property
    def label(self) -> str:
        """The variable's label with role, where it tells something, and wave."""
        role = self.role if len(self.variable.roles) > 1 else ""
        parts = [self.variable.label, role.replace("_", " "), wave_label(self.wave)]
        return ", ".join(part for part in parts if part)

    @property
    def term(self) -> str:
        """How `Result.tidy` names it, e.g. ``trust (client, t1)``."""
        inside = ", ".join(part for part in (self.role, self.wave) if part)
        return f"{self.variable.name} ({inside})" if inside else self.variable.name

    @property
    def who(self) -> str:
        """Whose answers these are, as a table shows it."""
        return role_label(self.role or self.variable.level)

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns by which `Result.tidy` tells where its row belongs."""
        return {"variable": self.variable.name, "role": self.role, "wave": self.wave}


def references_of(dyads: DyadFrame, variables: Sequence[str] | None) -> tuple[Reference, ...]:
    """Resolve variables; one that does not say where it was asked was asked everywhere."""
    return tuple(
        replace(
            reference,
            roles=reference.roles or dyads.roles,
            waves=reference.waves or dyads.occasions,
        )
        for reference in dyads.resolve(variables)
    )


def places_of(dyads: DyadFrame, variables: Sequence[str] | None) -> tuple[Place, ...]:
    """Return every place in which the chosen variables were answered, in table order.

    Raises
    ------
    StudyError
        When a reference is unknown, or two of them name the same place.
    """
    places = []
    for reference in references_of(dyads, variables):
        whole = reference.variable.level in ("dyad", "group")
        for wave in reference.waves:
            for role in ("",) if whole else reference.roles:
                places.append(Place(reference.variable, role, wave))
    twice = [key for key, times in Counter(place.key for place in places).items() if times > 1]
    if twice:
        raise StudyError(f"The variables name {listed(twice)} twice; name each once.")
    return tuple(places)


def frame_of(
    data: DyadFrame | pd.DataFrame,
    *,
    dyad: str | None = None,
    role: str | None = None,
    wave: str | None = None,
    person: str | None = None,
    group: str | None = None,
) -> DyadFrame:
    """Accept a plain DataFrame in place of a DyadFrame.

    Without `dyad` every row is a person on their own; with `wave`, every `person` is.

    Raises
    ------
    StudyError
        When the columns named do not say who belongs together.
    Refused
        When members answered on several occasions within a wave.
    """
    if isinstance(data, DyadFrame):
        if data.diary:
            raise Refused(
                "These are diary data: members answered on several occasions within a wave, and "
                "occasions of one person are not independent, so that people would be counted "
                "several times. Describe one occasion, or each person's mean over the occasions."
            )
        return data
    if not isinstance(data, pd.DataFrame):
        raise StudyError(f"The data must be a DyadFrame or a DataFrame, not {type(data).__name__}.")
    if dyad is not None:
        return DyadFrame.from_individual(
            data, dyad=dyad, role=role, wave=wave, person=person, group=group
        )
    if role is not None:
        raise StudyError("Roles need dyad=…, the column that both partners share.")
    if wave is not None:
        if person is None:
            raise StudyError(
                "Waves need person=…, the column that says whose answers belong together, or "
                "dyad=…, the column that both partners share."
            )
        return DyadFrame.from_individual(
            data, dyad=person, wave=wave, person=person, group=group, roles=("person",)
        )
    row = "_row"
    while row in data:
        row += "_"
    alone = data.assign(**{row: range(len(data))})
    return DyadFrame.from_individual(alone, dyad=row, person=person, group=group, roles=("person",))


def confidence_of(alpha: float) -> float:
    """Return 1 − alpha.

    Raises
    ------
    StudyError
        When alpha is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise StudyError(f"alpha must lie between 0 and 1, and is {alpha}; 0.05 is usual.")
    return 1 - alpha
