"""What does not change in a dyad: covariates, and the groups that dyads are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from dyadkit.display.labels import role_word
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import DyadFrame, Reference, Variable
from dyadkit.models.design import group_label
from dyadkit.panel.series import Series

Kind = Literal["number", "category"]
THROUGHOUT = ("",)
"""The waves of a variable that belongs to a dyad in all of them."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """What does not change: a column of `DyadFrame.wide`, and what a reader calls it."""

    column: str
    label: str


def with_constants(dyads: DyadFrame, columns: Mapping[str, pd.Series], kind: Kind) -> DyadFrame:
    """Return a frame in which further columns, in the rows of `wide`, belong to dyads throughout.

    Parameters
    ----------
    dyads : DyadFrame
    columns : mapping of Series
    kind : {"number", "category"}
    """
    data = pd.DataFrame(
        {"dyad": dyads.wide([])["dyad"], **{name: list(one) for name, one in columns.items()}}
    )
    known = {
        name: Variable(name, name, kind=kind, level="dyad", waves=THROUGHOUT) for name in columns
    }
    return dyads.with_variables(data, known)


def covariates_of(
    dyads: DyadFrame,
    references: Sequence[str],
    series: Sequence[Series],
    others: Iterable[str] = (),
) -> tuple[DyadFrame, tuple[Covariate, ...]]:
    """Return covariates, in each dyad the first answer, and a frame that has their columns.

    Parameters
    ----------
    dyads : DyadFrame
    references : sequence of str
        Such as "tenure.client", or "tenure.client.t1" for the answer of one wave; without a role
        those of the series.
    series : sequence of Series
        What they predict.
    others : iterable of str
        Further columns of the model.

    Raises
    ------
    StudyError
        When one is unknown, holds no numbers, was never answered, is in the model already, or is
        named twice.
    """
    roles = list(dict.fromkeys(one.role for one in series))
    known = {*others, *(column for one in series for column in one.columns)}
    # The first answers to a series are called by its name.
    known |= {one.name for one in series}
    found: list[Covariate] = []
    named: set[tuple[str, str, tuple[str, ...]]] = set()
    for reference in dyads.resolve(list(references)):
        variable = reference.variable
        if not variable.numeric:
            raise StudyError(
                f"covariates: '{variable.name}' holds no numbers. Give it some, such as 0 and 1 "
                "for two answers, or compare its groups (by = …)."
            )
        dyads, columns = _first_answers(dyads, reference, roles, "covariates", "number")
        for role, column in columns.items():
            if column in known:
                raise StudyError(
                    f"covariates: '{column}' is one of the series itself. Leave it out, or name "
                    "something else."
                )
            origin = variable.name, role, reference.waves
            if origin in named or column in {each.column for each in found}:
                raise StudyError(f"covariates: '{column}' is named twice. Name it once.")
            named.add(origin)
            told = role and (len(columns) > 1 or roles != [role])
            whose = f" ({role_word(role)})" if told else ""
            found.append(Covariate(column, variable.label + whose))
    return dyads, tuple(found)


def groups_of(dyads: DyadFrame, by: str, series: Sequence[Series]) -> tuple[DyadFrame, str]:
    """Return the column whose values are the groups of dyads, and a frame that has it.

    Raises
    ------
    StudyError
        When it is unknown, was never answered, is one of the series, or both members answered it.
    """
    (reference,) = dyads.resolve([by])
    name = reference.variable.name
    roles = list(dict.fromkeys(one.role for one in series))
    dyads, columns = _first_answers(dyads, reference, roles, "by", "category")
    if len(columns) > 1:
        raise StudyError(
            f"by: both members answered '{name}', so that a dyad may be in two groups. Say whose "
            f'answer counts, such as by = "{name}.{dyads.roles[0]}".'
        )
    (column,) = columns.values()
    if column in {one.name for one in series} | {c for one in series for c in one.columns}:
        raise StudyError(f"by: '{column}' is one of the series itself. Name something else.")
    return dyads, column


def group_values(
    dyads: DyadFrame, group: str, columns: Sequence[str]
) -> tuple[tuple[str, ...], int]:
    """Return the groups of the dyads that answered anything, and how many are in none.

    Parameters
    ----------
    dyads : DyadFrame
    group : str
        The column that `groups_of` returns.
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
    groups = tuple(group_label(value) for value in found.dropna().unique())
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


def _first_answers(
    dyads: DyadFrame, reference: Reference, roles: Sequence[str], key: str, kind: Kind
) -> tuple[DyadFrame, dict[str, str]]:
    """Return the column of each role, which is made where several waves have answers."""
    variable = reference.variable
    whole = variable.level in ("dyad", "group")
    waves = reference.waves or dyads.occasions
    asked = [role for role in reference.roles or dyads.members if role in roles]
    wide = dyads.wide()
    found: dict[str, str] = {}
    for role in ("",) if whole else asked or reference.roles or dyads.members:
        stem = "_".join(part for part in (variable.name, role) if part)
        names = [stem, *(f"{stem}_{wave}" for wave in waves if wave)]
        answered = [name for name in names if name in wide and wide[name].notna().any()]
        if not answered:
            who = f" as {role_word(role)}" if role else ""
            raise StudyError(f"{key}: nobody answered '{variable.name}'{who}. Name another.")
        found[role] = answered[0]
        if len(answered) > 1:
            taken = stem in wide or stem in dyads.variables
            found[role] = f"{stem}_first" if taken else stem
            first = wide[answered].bfill(axis=1).iloc[:, 0]
            dyads = with_constants(dyads, {found[role]: first}, kind)
    return dyads, found
