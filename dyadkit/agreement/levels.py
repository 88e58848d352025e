"""Some of the dyads: those that have one value of a grouping variable."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.errors import DataError, StudyError, nearest
from dyadkit.estimation.arrays import BoolArray
from dyadkit.frame import Variable

_MOST_LEVELS = 20


def levels_of(sample: Sample, by: str | None) -> dict[str, BoolArray]:
    """Return the levels of a grouping variable and the dyads that have each.

    A dyad whose value is missing, or blank text, is in none.

    Raises
    ------
    StudyError
        When the variable is unknown, has many values, or a dyad has several of it.
    DataError
        When no dyad has a value.
    """
    if by is None:
        return {}
    (found,) = sample.dyads.resolve([by])
    variable = found.variable
    role = "" if variable.level in ("dyad", "group") else found.roles[0]
    if role and sample.dyads.exchangeable:
        raise StudyError(
            f"by = '{by}': the members of a dyad share one role, so that it has two values, and "
            "none goes before the other. Name a variable of the dyad or the group."
        )
    if role and len(found.roles) > 1:
        choices = [f"{variable.name}.{each}" for each in found.roles]
        raise StudyError(
            f"by = '{by}': a dyad has one value for each member. Say whose, e.g. '{choices[0]}'."
            f"{nearest(by, choices)}"
        )
    values = np.full(sample.n, None, dtype=object)
    for wave in reversed(found.waves or sample.dyads.occasions):
        column = sample.answers(Place(variable, role, wave)).values
        blank = np.array([isinstance(v, str) and not v.strip() for v in column], dtype=bool)
        there = ~(pd.isna(column) | blank)
        values[there] = column[there]
    distinct = sorted({value for value in values if value is not None}, key=_order)
    if not distinct:
        raise DataError(
            f"by = '{by}' has no value in any of the {sample.n} dyads. Name another variable, or "
            "check that its column was read."
        )
    if len(distinct) > _MOST_LEVELS:
        raise StudyError(
            f"by = '{by}' has {len(distinct)} different values. Name a variable with few, or cut "
            "it into ranges first."
        )
    names = _names(variable, distinct)
    return {name: values == value for name, value in zip(names, distinct, strict=True)}


def _order(value: object) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, float) else (0.0, str(value))


def _names(variable: Variable, distinct: list[object]) -> list[str]:
    """Name the levels; numbers are written out in full where they would look alike."""
    if not variable.numeric:
        return [str(value) for value in distinct]
    short = [f"{value:g}" for value in distinct]
    numbers = short if len(set(short)) == len(short) else [repr(value) for value in distinct]
    return [f"{variable.label} {number}" for number in numbers]
