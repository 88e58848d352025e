"""What stands beside a panel: variables of persons or dyads that have one value each."""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.labels import role_word, wave_label
from dyadkit.errors import StudyError, listed
from dyadkit.frame import Reference
from dyadkit.panel.request import Request


@dataclass(frozen=True, slots=True)
class Covariate:
    """A column of `DyadFrame.wide`, and what a reader calls it."""

    column: str
    label: str


def covariates_of(request: Request) -> tuple[Covariate, ...]:
    """Return the covariates; one that was asked in several waves counts as it was in the first.

    Raises
    ------
    StudyError
        When one is unknown, holds no numbers, is part of a series, or is named twice.
    """
    found = [
        each
        for reference in request.dyads.resolve(list(request.covariates))
        for each in _columns(request, reference)
    ]
    columns = [each.column for each in found]
    taken = {column for one in request.series for column in one.columns}
    twice = [name for name in columns if columns.count(name) > 1 or name in taken]
    if twice:
        raise StudyError(
            f"covariates: {listed(sorted(set(twice)))} is named twice, or is one of the series. "
            "Leave it out."
        )
    return tuple(found)


def _columns(request: Request, reference: Reference) -> list[Covariate]:
    variable = reference.variable
    if not variable.numeric:
        raise StudyError(
            f"covariates: '{variable.name}' holds no numbers. Name a variable that does, such as "
            "one that is 0 or 1."
        )
    asked = reference.waves or request.waves
    wave = next((wave for wave in request.waves if wave in asked), asked[0])
    whole = variable.level in ("dyad", "group")
    every = set(request.dyads.wide().columns)
    found = []
    for role in ("",) if whole else reference.roles or request.dyads.roles:
        column = "_".join(part for part in (variable.name, role, wave) if part)
        if column in every:
            several = len(variable.waves or request.dyads.waves) > 1
            when = f", {wave_label(wave)}" if several else ""
            label = f"{variable.label}{when}" + (f" ({role_word(role)})" if role else "")
            found.append(Covariate(column, label))
    if not found:
        raise StudyError(
            f"covariates: nobody answered '{variable.name}' in {wave_label(wave)}. Name the wave "
            f"in which it was answered, such as '{variable.name}.{asked[-1]}'."
        )
    return found
