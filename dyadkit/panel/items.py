"""Which items can measure latent series: those that all answered, each of one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pandas as pd

from dyadkit.answers.protection import minimum_of
from dyadkit.display.labels import role_word
from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.frame import DyadFrame, Variable
from dyadkit.panel.series import Series


def require_own_items(
    dyads: DyadFrame, variables: Sequence[Variable], others: Mapping[str, Sequence[str]]
) -> None:
    """Refuse items that have two parts in a model.

    Parameters
    ----------
    dyads : DyadFrame
    variables : sequence of Variable
        Which are to be latent.
    others : mapping of str to sequence of str
        By the key of a request what it names beside them.

    Raises
    ------
    Refused
        When two of the variables share an item.
    StudyError
        When something else that is named is an item.
    """
    for one, other in combinations(variables, 2):
        both = [item for item in one.items if item in other.items]
        if both and one.name != other.name:
            raise Refused(
                f"indicators: '{one.name}' and '{other.name}' share items ({listed(both)}), which "
                "cannot tell two latent variables apart. Name scales without common items, or set "
                'indicators = "score".'
            )
    for key, references in others.items():
        for found in dyads.resolve(list(references)):
            name = found.variable.name
            for one in variables:
                if name in one.items:
                    raise StudyError(
                        f"{key}: '{name}' is an item of '{one.name}', which is latent, and part of "
                        'the model already. Leave it out, or set indicators = "score".'
                    )


def require_answered(
    one: Series, items: Sequence[Sequence[str]], dyads: DyadFrame, waves: Sequence[str]
) -> None:
    """Refuse items that nobody answered in a wave, or all in the same way.

    Parameters
    ----------
    one : Series
        Of scores.
    items : sequence of sequence of str
        The columns of its items, wave by wave.
    dyads : DyadFrame
        That has them.
    waves : sequence of str

    Raises
    ------
    StudyError
        When nobody answered an item in a wave.
    DataError
        When all gave the same answer to an item in a wave.
    """
    wide = dyads.wide()
    variable = dyads.variables[one.variable]
    counts = {
        wave: [_different(wide, column) for column in columns]
        for wave, columns in zip(waves, items, strict=True)
    }
    best = [wave for wave, found in counts.items() if min(found) > 1]
    keep = f"Keep to the waves in which all were, waves = {best}, or set" if best[1:] else "Set"
    instead = f'{keep} indicators = "score".'
    for wave, columns in zip(waves, items, strict=True):
        lost, flat = ([k for k, count in enumerate(counts[wave]) if count == few] for few in (0, 1))
        names = ", ".join(f"'{variable.items[k]}'" for k in lost or flat)
        whose = f" as {role_word(one.role)}" * bool(one.role) + f" in {wave}" * bool(wave)
        if lost:
            raise StudyError(
                f"indicators: nobody answered {names} of '{one.variable}'{whose}, and factors need "
                f"all items everywhere. {instead}"
            )
        if flat:
            n, fewest = int(wide[columns[flat[0]]].notna().sum()), minimum_of(dyads).dyads
            where = f"all {n} dyads" if n >= fewest else f"fewer than {fewest} dyads"
            raise DataError(
                f"indicators: {names} of '{one.variable}'{whose} has no two different answers "
                f"({where}), so that it measures nothing. {instead}"
            )


def _different(wide: pd.DataFrame, column: str) -> int:
    """Count the different answers of a column."""
    return int(wide[column].nunique()) if column in wide else 0
