"""Items of scales in several places, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dyadkit.answers.places import Place, places_of
from dyadkit.answers.sample import Sample
from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame


def scale_places(dyads: DyadFrame, variables: Sequence[str] | None) -> tuple[Place, ...]:
    """Return where the scales asked for were answered; by default all with two items or more.

    Raises
    ------
    StudyError
        When a variable is unknown, or no scale.
    Refused
        When there is none.
    """
    if variables is None:
        variables = [name for name, known in dyads.variables.items() if len(known.items) > 1]
    places = places_of(dyads, list(variables))
    if not places:
        raise Refused("There is no scale with two items or more, so that nothing has reliability.")
    for variable in (place.variable for place in places):
        if len(variable.items) < 2 or any(item not in dyads.variables for item in variable.items):
            raise StudyError(
                f"'{variable.name}' is no scale with two items or more in the data, so that it has "
                "no reliability. Name scales."
            )
    return places


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
