"""The columns of what does not change: covariates, and the groups of dyads."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.labels import role_word
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import DyadFrame, Reference


def covariate_columns(
    dyads: DyadFrame, references: Sequence[str], roles: Sequence[str]
) -> dict[str, str]:
    """Return the columns of `DyadFrame.wide` that covariates are, and what a reader calls them.

    Parameters
    ----------
    dyads : DyadFrame
    references : sequence of str
        Such as "tenure.client" or "tenure.client.t1"; without a wave the first in which it was
        asked, without a role those of `roles`.
    roles : sequence of str
        Those whose series are modelled.

    Raises
    ------
    StudyError
        When one is unknown, holds no numbers, was never answered, or is named twice.
    """
    found: dict[str, str] = {}
    for reference in dyads.resolve(list(references)):
        variable = reference.variable
        if not variable.numeric:
            raise StudyError(
                f"covariates: '{variable.name}' holds no numbers. Give it some, such as 0 and 1 "
                "for two answers, or compare its groups (by = …)."
            )
        columns = _columns(dyads, reference, roles, "covariates")
        for role, column in columns.items():
            if column in found:
                raise StudyError(f"covariates: '{column}' is named twice. Name it once.")
            whose = f" ({role_word(role)})" if len(columns) > 1 else ""
            found[column] = variable.label + whose
    return found


def group_column(dyads: DyadFrame, by: str, roles: Sequence[str]) -> str:
    """Return the column of `DyadFrame.wide` whose values are the groups of dyads.

    Raises
    ------
    StudyError
        When it is unknown, was never answered, or both members answered it.
    """
    (reference,) = dyads.resolve([by])
    columns = _columns(dyads, reference, roles, "by")
    if len(columns) > 1:
        example = f"{reference.variable.name}.{dyads.roles[0]}"
        raise StudyError(
            f"by: both members answered '{reference.variable.name}', so that a dyad may be in two "
            f'groups. Say whose answer counts, such as by = "{example}".'
        )
    return next(iter(columns.values()))


def groups_of(dyads: DyadFrame, group: str, columns: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the groups of the dyads that answered anything, and how many are in none.

    Parameters
    ----------
    dyads : DyadFrame
    group : str
        As `group_column` returns it.
    columns : sequence of str
        What the model is about.

    Raises
    ------
    StudyError
        When there is one group.
    Refused
        When it has almost as many values as there are dyads.
    """
    wide = dyads.wide()
    found = wide.loc[wide[list(columns)].notna().any(axis=1), group]
    groups = tuple(str(value) for value in found.dropna().unique())
    if len(groups) < 2:
        raise StudyError(
            f"by: all dyads are in one group of '{group}', so that there is nothing to "
            "compare. Leave by out."
        )
    if 3 * len(groups) > found.notna().sum():
        raise Refused(
            f"by: '{group}' has {len(groups)} values in {found.notna().sum()} dyads, too many to "
            "be groups, each with a model of its own. Name what has a few values, or let it "
            "predict the series (covariates = …)."
        )
    return groups, int(found.isna().sum())


def _columns(
    dyads: DyadFrame, reference: Reference, roles: Sequence[str], key: str
) -> dict[str, str]:
    """Return the column of each role: in the first wave in which somebody answered."""
    variable = reference.variable
    waves = reference.waves or dyads.occasions
    whole = variable.level in ("dyad", "group")
    asked = [role for role in reference.roles or dyads.members if role in roles]
    wide = dyads.wide()
    columns: dict[str, str] = {}
    for role in ("",) if whole else asked or reference.roles or dyads.members:
        stem = "_".join(part for part in (variable.name, role) if part)
        names = [stem, *(f"{stem}_{wave}" for wave in waves)]
        answered = [name for name in names if name in wide and wide[name].notna().any()]
        if not answered:
            raise StudyError(
                f"{key}: nobody answered '{variable.name}'" + (f" as {role}." if role else ".")
            )
        columns[role] = answered[0]
    return columns
