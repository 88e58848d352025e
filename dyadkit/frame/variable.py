"""What a DyadFrame knows about a variable, and how analyses refer to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dyadkit.errors import StudyError, nearest
from dyadkit.study import Level

Kind = Literal["scale", "item", "number", "ordinal", "category", "count", "date", "text"]

NUMERIC_KINDS: frozenset[Kind] = frozenset({"scale", "item", "number", "ordinal", "count"})


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a DyadFrame.

    Attributes
    ----------
    name : str
        Its column in `DyadFrame.individual`.
    label : str
        What a reader sees.
    kind : str
        One of `Kind`.
    level : str
        Who it belongs to: "person" (answered once), "relationship" (answered about each
        partner), "dyad" or "group".
    roles, waves : tuple of str
        Where it was asked; in the variables of a frame, none means everywhere.  What a dyad has
        throughout has one wave, which is empty.
    range : tuple of float or None
        Lowest and highest possible value.
    items : tuple of str
        The columns of a scale's items, in order.
    reverse : tuple of str
        Those of them that are keyed in reverse.
    item_range : tuple of float or None
        Lowest and highest possible answer to an item of the scale.
    about : str or None
        Whom the answers are about: "partner", "self" or "relationship".
    texts : mapping
        The question as it was asked, by (role, wave).
    """

    name: str
    label: str
    kind: Kind = "number"
    level: Level = "person"
    roles: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    items: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    item_range: tuple[float, float] | None = None
    about: str | None = None
    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def numeric(self) -> bool:
        """Whether means and correlations of it make sense."""
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable in the roles and waves that an analysis asked for."""

    variable: Variable
    roles: tuple[str, ...]
    waves: tuple[str, ...]


def resolve(
    text: str, variables: Mapping[str, Variable], roles: Sequence[str], waves: Sequence[str]
) -> Reference:
    """Find what ``"trust"``, ``"trust.client"`` or ``"trust.client.t1"`` refers to.

    Raises
    ------
    StudyError
        When the variable, role or wave is unknown, or the variable was not asked there.
    """
    if not isinstance(text, str):
        raise StudyError(
            f"{text!r} names no variable. Write its name as text, such as "
            f"'{next(iter(variables), 'trust')}'."
        )
    name, *rest = _split(text, variables)
    if name not in variables:
        known = [key for key, variable in variables.items() if variable.kind != "item"]
        raise StudyError(
            f"Unknown variable '{name}' in '{text}'.{nearest(name, [*known, *variables])} "
            f"Declared: {', '.join(known) or 'none'}."
        )
    variable = variables[name]
    if len(rest) > 2:
        raise StudyError(f"'{text}' has too many parts; write variable.role.wave.")
    chosen = {"role": variable.roles, "wave": variable.waves}
    for part in rest:
        what = "role" if part in roles else "wave" if part in waves else ""
        if not what:
            choices = [*roles, *waves]
            raise StudyError(
                f"'{part}' in '{text}' is neither a role nor a wave.{nearest(part, choices)} "
                f"Roles: {', '.join(roles)}; waves: {', '.join(waves) or 'none'}."
            )
        if part not in chosen[what]:
            raise StudyError(
                f"'{text}': {name} was not asked of {what} '{part}', only of "
                f"{', '.join(chosen[what])}."
            )
        chosen[what] = (part,)
    return Reference(variable, chosen["role"], chosen["wave"])


def _split(text: str, variables: Mapping[str, Variable]) -> list[str]:
    """Split a reference at its dots, except those within the name of an item."""
    parts = text.split(".")
    for end in range(len(parts), 1, -1):
        name = ".".join(parts[:end])
        if name in variables:
            return [name, *parts[end:]]
    return parts
