"""Where a scale was asked, as factors to compare: by role, by wave, by both, or by group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from dyadkit.display.labels import role_label, wave_label
from dyadkit.errors import Refused, StudyError, listed, nearest
from dyadkit.frame import DyadFrame, Reference, Variable
from dyadkit.measurement.ladder import Factor

Across = Literal["roles", "waves", "groups"]


@dataclass(frozen=True, slots=True)
class Ladder:
    """One comparison: the places of a scale that are held equal.

    Attributes
    ----------
    name : str
        A key for tables and supports.
    label : str
        What is compared, such as "across roles, T1".
    words : str
        Across what, within a sentence: "roles", "waves", "roles and waves", "groups of format".
    factors : tuple of Factor
    group : str or None
        The column of the data that has the groups.
    """

    name: str
    label: str
    words: str
    factors: tuple[Factor, ...]
    group: str | None = None


def scale_of(dyads: DyadFrame, text: str) -> Reference:
    """Find a scale with items.

    Raises
    ------
    StudyError
        When it is unknown, or no scale.
    Refused
        When members answered on several occasions, or it has too few items.
    """
    if dyads.diary:
        raise Refused(
            "Measurement invariance takes one row per member and wave, but a diary has one per "
            "member and occasion. Take the mean over occasions, or one occasion."
        )
    (found,) = dyads.resolve([text])
    variable = found.variable
    scales = [name for name, known in dyads.variables.items() if known.items]
    if not variable.items:
        raise StudyError(
            f"'{text}' is no scale with items.{nearest(variable.name, scales)} The scales are "
            f"{listed(scales) or 'none'}."
        )
    absent = [item for item in variable.items if item not in dyads.variables]
    if absent:
        raise StudyError(f"The items of '{variable.name}' are not in the data: {listed(absent)}.")
    if len(variable.items) < 3:
        raise Refused(
            f"'{variable.name}' has {len(variable.items)} items, and a factor with fewer than "
            "three is not identified in one place alone. Compare the means of its items, or add "
            "items; α and its like are in the descriptives."
        )
    return found


def ladders_of(
    dyads: DyadFrame, scale: Reference, across: Sequence[Across] | None, group: str | None
) -> tuple[Ladder, ...]:
    """Return the comparisons asked for; by default all that the data allow, at once.

    Raises
    ------
    Refused
        When there is nothing to compare.
    StudyError
        When groups are asked for and not named, or named and not there.
    """
    roles = scale.roles or dyads.roles
    waves = scale.waves or dyads.occasions
    several: dict[Across, bool] = {
        "roles": len(roles) > 1,
        "waves": len(waves) > 1,
        "groups": group is not None,
    }
    chosen = [what for what, there in several.items() if there]
    if across is not None:
        chosen = _across_asked(across, group)
    elif group is not None:
        chosen = ["groups"]
    if dyads.exchangeable:
        raise Refused(
            "The members of these dyads share one role, so that there are no roles to compare, and "
            "a ladder over waves or groups would have to keep both members alike in every model, "
            "which is not offered. A dyadic factor model (dyadic_factors) can keep them alike."
        )
    for what in chosen:
        if not several[what]:
            where = {"roles": "two roles", "waves": "several waves", "groups": "groups"}[what]
            raise (StudyError if what == "groups" else Refused)(
                f"Invariance across {what} needs {where}, but '{scale.variable.name}' has none here"
                + (': name the variable, group = "…".' if what == "groups" else ".")
            )
    if not chosen:
        raise Refused(
            f"'{scale.variable.name}' was asked of one role in one wave, so that there is nothing "
            'to compare. Name groups (group = "…"), or another scale.'
        )
    if "groups" in chosen:
        return _by_group(dyads, scale.variable, roles, waves, group or "")
    words = " and ".join(chosen)
    return tuple(
        Ladder(
            ".".join(part for part in (scale.variable.name, *chosen, role, wave) if part),
            ", ".join(
                part
                for part in (
                    f"{scale.variable.label}: across {words}",
                    role_label(role).lower(),
                    wave_label(wave),
                )
                if part
            ),
            words,
            tuple(_factor(dyads, scale.variable, *place) for place in places),
        )
        for role, wave, places in _blocks(roles, waves, chosen)
    )


def _across_asked(across: Sequence[Across], group: str | None) -> list[Across]:
    """Return what is compared, as far as that can be done at once."""
    known: list[Across] = list(get_args(Across))
    texts = isinstance(across, (list, tuple)) and all(isinstance(what, str) for what in across)
    unknown = [what for what in across if what not in known] if texts else []
    if not texts or not across or unknown:
        raise StudyError(
            f"across = {across!r} must be a list of one or several of {listed(known)}, such as "
            f'across = ["roles"].{nearest(unknown[0], known) if unknown else ""} Leave it out to '
            "compare all there are."
        )
    chosen = [what for what in known if what in across]
    if "groups" in chosen and len(chosen) > 1:
        raise StudyError(
            f"across = {list(across)!r}: groups are compared by themselves, in each role and wave. "
            'Write across = ["groups"], and another analysis for the others.'
        )
    if group is not None and "groups" not in chosen:
        raise StudyError(
            f"group = '{group}' is not used where across is {list(across)!r}. Leave group out, or "
            'write across = ["groups"].'
        )
    return chosen


def _blocks(
    roles: Sequence[str], waves: Sequence[str], chosen: Sequence[Across]
) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield the role and the wave that are held fixed ("" for none), and the places compared."""
    for wave in ("",) if "waves" in chosen else waves:
        for role in ("",) if "roles" in chosen else roles:
            compared_waves = waves if "waves" in chosen else (wave,)
            compared_roles = roles if "roles" in chosen else (role,)
            yield role, wave, [(r, w) for w in compared_waves for r in compared_roles]


def _by_group(
    dyads: DyadFrame,
    variable: Variable,
    roles: Sequence[str],
    waves: Sequence[str],
    group: str,
) -> tuple[Ladder, ...]:
    (found,) = dyads.resolve([group])
    of = found.variable
    whole = of.level in ("dyad", "group")
    if not whole and len(found.roles) > 1:
        raise StudyError(
            f"group = '{group}' has a value for each member. Say whose, e.g. "
            f"'{of.name}.{found.roles[0]}'."
        )
    column = _column(dyads, of.name, "" if whole else found.roles[0], (found.waves or ("",))[0])
    return tuple(
        Ladder(
            ".".join([variable.name, "groups", *(p for p in (role, wave) if p)]),
            f"{variable.label}: across groups ({of.label.lower()}), "
            + ", ".join(p for p in (role_label(role).lower(), wave_label(wave)) if p),
            f"groups ({of.label.lower()})",
            (_factor(dyads, variable, role, wave),),
            column,
        )
        for wave in waves
        for role in roles
    )


def _factor(dyads: DyadFrame, variable: Variable, role: str, wave: str) -> Factor:
    where = [part for part in (role, wave) if part]
    return Factor(
        "_".join(["f", *where]),
        ", ".join(part for part in (role_label(role), wave_label(wave)) if part),
        tuple(_column(dyads, item, role, wave) for item in variable.items),
    )


def _column(dyads: DyadFrame, name: str, role: str, wave: str) -> str:
    """Return what `DyadFrame.wide` calls a variable."""
    known = dyads.variables[name]
    parts = [
        name,
        role if known.level not in ("dyad", "group") else "",
        wave if dyads.waves else "",
    ]
    return "_".join(part for part in parts if part)
