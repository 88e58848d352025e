"""The series of a panel: one variable of one member, wave by wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dyadkit.answers.protection import minimum_of
from dyadkit.display.labels import role_word
from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.frame import DyadFrame, Reference


@dataclass(frozen=True, slots=True)
class Series:
    """A variable of one member in several waves.

    Attributes
    ----------
    name : str
        In lavaan syntax, such as "trust_client".
    variable : str
        Its name, such as "trust".
    label : str
        What a reader sees, such as "Trust (client)".
    role : str
        Empty for what belongs to the dyad.
    columns : tuple of str
        Of `DyadFrame.wide`, wave by wave.
    short : str
        The label without the role.
    """

    name: str
    variable: str
    label: str
    role: str
    columns: tuple[str, ...]
    short: str = ""


def waves_of(dyads: DyadFrame, waves: Sequence[str] | None, fewest: int = 2) -> tuple[str, ...]:
    """Return the waves asked for, in the order of time; one that is empty where there are none.

    Raises
    ------
    Refused
        When there are fewer waves than `fewest`, or members answered on many occasions.
    StudyError
        When a wave is unknown, repeated, or out of order.
    """
    if dyads.diary:
        raise Refused(
            "A panel has a few waves, in which all members answered, but this is a diary, whose "
            'occasions are many and differ by person. Use type = "diary" (dk.fit_diary).'
        )
    # Data without waves are of one.
    if max(len(dyads.waves), 1) < min(fewest, 2):
        raise Refused(
            "A panel needs two waves or more, and these data have one. What goes with what within "
            'a wave is for type = "apim" (dk.fit_apim) or dk.fit_sem.'
        )
    if waves is None:
        return dyads.waves or ("",)
    unknown = [wave for wave in waves if wave not in dyads.waves]
    if unknown:
        raise StudyError(
            f"waves: '{unknown[0]}' is no wave of the study. They are {listed(list(dyads.waves))}."
        )
    ordered = tuple(wave for wave in dyads.waves if wave in waves)
    if tuple(waves) != ordered:
        raise StudyError(
            f"waves: {listed(list(waves))} are not in the order of time, each once. Write "
            f"waves = {list(ordered)}."
        )
    if not ordered:
        raise StudyError("waves: no wave is named. Leave it out for all of them.")
    if len(ordered) < min(fewest, 2):
        raise Refused(f"waves: a panel needs two waves or more, and '{ordered[0]}' is one.")
    return ordered


def series_of(
    dyads: DyadFrame, references: Sequence[str], waves: Sequence[str]
) -> tuple[Series, ...]:
    """Return the series that references name: of each variable, one for each role.

    Exchangeable members have a series each, those of "1" and "2"; see `refuse_exchangeable`.

    Raises
    ------
    StudyError
        When a variable is unknown, not a number, named twice, or was not asked in a wave.
    """
    found: list[Series] = []
    for reference in dyads.resolve(list(references)):
        found += _series(dyads, reference, waves)
    names = [series.name for series in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise StudyError(f"x and y name {listed(twice)} twice; name two variables, or two roles.")
    if len({series.role for series in found}) == 1:
        # Whose they all are stands in the title.
        found = [replace(series, label=series.short) for series in found]
    return tuple(found)


def _series(dyads: DyadFrame, reference: Reference, waves: Sequence[str]) -> list[Series]:
    variable = reference.variable
    if not variable.numeric:
        raise StudyError(f"'{variable.name}' holds no numbers, so that it has no paths over time.")
    whole = variable.level in ("dyad", "group")
    asked = reference.waves or dyads.waves or ("",)
    absent = [wave for wave in waves if wave not in asked]
    if absent and set(absent) <= set(variable.waves or dyads.waves):
        raise StudyError(
            f"'{variable.name}' is named in {listed(asked)} only, and a panel follows it over "
            "waves. Name it without a wave; waves = […] says which of them count."
        )
    if absent:
        left = [wave for wave in waves if wave in asked]
        instead = (
            f"Name the waves in which it was, waves = {left}"
            if len(left) > 1
            else "A panel needs it in two waves or more: name another variable"
        )
        raise StudyError(f"'{variable.name}' was not asked in {listed(absent)}. {instead}.")
    members = dyads.members if dyads.exchangeable else reference.roles or dyads.roles
    roles = ("",) if whole else members
    series = []
    for role in roles:
        stem = "_".join(part for part in (variable.name, role) if part)
        columns = tuple(f"{stem}_{wave}" if wave else stem for wave in waves)
        _require_answers(dyads, dict(zip(waves, columns, strict=True)), variable.name, role)
        label = f"{variable.label} ({role_word(role)})" if role else variable.label
        if dyads.exchangeable and role:
            label = variable.label + ("" if role == roles[0] else " of the partner")
        series.append(Series(stem, variable.name, label, role, columns, variable.label))
    return series


def refuse_exchangeable(dyads: DyadFrame, kind: str) -> None:
    """Refuse members who share one role, where a model needs a series of one of them.

    Raises
    ------
    Refused
    """
    if dyads.exchangeable:
        raise Refused(
            f'The members of these dyads share one role, and panels of kind = "{kind}" tell them '
            'apart. Kinds "clpm", "riclpm", "common_fate" and "mutual_influence" take such '
            "members, with parameters that are equal; else give members two roles."
        )


def _require_answers(dyads: DyadFrame, columns: dict[str, str], name: str, role: str) -> None:
    """Refuse a series that nobody answered in a wave, or all in the same way.

    Raises
    ------
    StudyError
        When a wave has no answers.
    DataError
        When all answers of a wave are the same.
    """
    wide = dyads.wide()
    as_whom = f"member '{role}' of the pairs" if dyads.exchangeable else role
    who = f"'{name}'" + (f" as {as_whom}" if role else "")
    counts = {
        wave: int(wide[column].nunique()) if column in wide else 0
        for wave, column in columns.items()
    }
    lost = [wave for wave, count in counts.items() if count == 0]
    if lost:
        raise StudyError(
            f"Nobody answered {who} in {listed(lost)}, but a panel needs it in every wave. "
            f"{_instead(counts)}; or look whether the wave's file and its missing codes are right."
        )
    flat = [wave for wave, count in counts.items() if count == 1]
    if flat:
        column = columns[flat[0]]
        n, fewest = int(wide[column].notna().sum()), minimum_of(dyads).dyads
        where = f"all {n} dyads" if n >= fewest else f"fewer than {fewest} dyads"
        raise DataError(
            f"{who} has no two different values in {flat[0]} ({column}, {where}), so that it goes "
            f"with nothing. {_instead(counts)}; or look whether the columns are right."
        )


def _instead(counts: dict[str, int]) -> str:
    """Say which waves are left of a series, by how many different values each has."""
    varying = [wave for wave, count in counts.items() if count > 1]
    if len(varying) < 2:
        return "Name another role or variable"
    return f"Keep to the other waves, waves = {varying}, or name another role or variable"
