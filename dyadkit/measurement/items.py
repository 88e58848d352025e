"""Items of scales in several places, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dyadkit.answers.places import Place
from dyadkit.answers.sample import Sample
from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame, Variable


def scales_of(dyads: DyadFrame, variables: Sequence[str] | None) -> list[Variable]:
    """Return the scales asked for; by default all with two items or more.

    Raises
    ------
    StudyError
        When a variable is unknown, or no scale.
    Refused
        When there is none.
    """
    names = variables
    if names is None:
        names = [name for name, known in dyads.variables.items() if len(known.items) > 1]
    chosen = [reference.variable for reference in dyads.resolve(list(names))]
    for variable in chosen:
        if len(variable.items) < 2 or any(item not in dyads.variables for item in variable.items):
            raise StudyError(
                f"'{variable.name}' is no scale with two items or more in the data, so that it has "
                "no reliability. Name scales."
            )
    if not chosen:
        raise Refused("There is no scale with two items or more, so that nothing has reliability.")
    return list({variable.name: variable for variable in chosen}.values())


def keyed_items(sample: Sample, here: Sequence[Place]) -> pd.DataFrame:
    """Return the items of all places side by side, those keyed in reverse turned."""
    columns: dict[str, FloatArray] = {}
    for place in here:
        items = sample.items(place)
        columns |= dict(zip(item_columns(place), items.T, strict=True))
    return pd.DataFrame(columns)


def item_columns(place: Place) -> list[str]:
    """Return the columns of a scale's items in one place."""
    parts = [part for part in (place.role, place.wave) if part]
    return ["_".join([item, *parts]) for item in place.variable.items]
