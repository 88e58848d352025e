"""The answers to ordered items: which there are, and which count as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame
from dyadkit.measurement.ladder import Factor
from dyadkit.measurement.places import Ladder

_MOST = 20
Join = Sequence[Sequence[float]]


def joined(frame: pd.DataFrame, columns: Sequence[str], join: Join) -> pd.DataFrame:
    """Return the data with the answers of each set as their mean.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
        Of the items.
    join : sequence of sequences of float
        Answers that count as one.

    Raises
    ------
    StudyError
        When a set has one answer only, two sets overlap, or an answer lies between those of a set.

    Examples
    --------
    >>> joined(pd.DataFrame({"q": [1.0, 2.0, 3.0]}), ["q"], [[1, 2]])["q"].tolist()
    [1.5, 1.5, 3.0]
    """
    sets = [sorted({float(value) for value in part}) for part in join]
    given = {value for column in columns for value in frame[column].dropna().unique()}
    for part in sets:
        between = sorted(v for v in given if part and part[0] < v < part[-1] and v not in part)
        if len(part) < 2 or between:
            raise StudyError(
                f"join: {_told(part)} is no two or more answers next to each other"
                + (f"; {_told(between)} lies between." if between else ".")
                + " Write sets of answers that count as one, such as join = [[1, 2]]."
            )
    every = [value for part in sets for value in part]
    twice = sorted({value for value in every if every.count(value) > 1})
    if twice:
        raise StudyError(f"join: {_told(twice)} stands in two sets; join these to one.")
    values = {value: float(np.mean(part)) for part in sets for value in part}
    return frame.assign(**{column: frame[column].replace(values) for column in columns})


def answers_in(dyads: DyadFrame, ladders: Sequence[Ladder]) -> frozenset[float]:
    """Return all answers to the items of some ladders, wherever they were given."""
    wide = dyads.wide()
    columns = {c for each in ladders for factor in each.factors for c in factor.indicators}
    values = (wide[column].dropna().unique() for column in columns & set(wide))
    return frozenset(float(value) for found in values for value in found)


def answers_of(
    factors: Sequence[Factor], frames: Sequence[tuple[str, pd.DataFrame]]
) -> tuple[FloatArray, ...]:
    """Return the answers to each item, in order, which are the same in every place.

    Parameters
    ----------
    factors : sequence of Factor
        One for each place.
    frames : sequence of (str, DataFrame)
        The rows of each group and what to call it; "" where there is one.

    Raises
    ------
    DataError
        When an answer is not given to an item everywhere, or all answers to one are alike.
    """
    places = [
        {
            (f"{label}: " if label else "") + factor.indicators[item]: np.unique(
                frame[factor.indicators[item]].dropna().to_numpy(np.float64)
            )
            for label, frame in frames
            for factor in factors
        }
        for item in range(len(factors[0].indicators))
    ]
    found = [np.unique(np.concatenate(list(given.values()))) for given in places]
    for given, every in zip(places, found, strict=True):
        if every.size > _MOST:
            raise DataError(
                f"{listed(list(given))}: {every.size} different answers are too many for ordered "
                'categories. Treat them as continuous: estimator = "MLR".'
            )
    absent = [
        f"{where} no {_told(np.setdiff1d(every, values).tolist())}"
        for given, every in zip(places, found, strict=True)
        for where, values in given.items()
        if values.size < every.size
    ]
    if absent:
        raise DataError(
            f"Answers that are given to an item elsewhere are not given here: {listed(absent)}. "
            "So there is no threshold to compare. Let neighbouring answers count as one in all "
            f"places, join = {_joins(places)}, or treat answers as continuous: estimator = "
            '"MLR".'
        )
    for given, every in zip(places, found, strict=True):
        if every.size < 2:
            raise DataError(
                f"All answers to {listed(list(given))} are the same ({_told(every.tolist())}), so "
                "that it has no threshold. Leave the item out of the scale."
            )
    return tuple(found)


def _joins(places: Sequence[Mapping[str, FloatArray]]) -> str:
    """Return the fewest sets of neighbours that are answered everywhere if at all."""
    items = [[set(values.tolist()) for values in given.values()] for given in places]
    sets = [{value} for value in sorted(set().union(*(one for given in items for one in given)))]

    def lacking(part: set[float]) -> bool:
        return any(
            any(part & one for one in given) and not all(part & one for one in given)
            for given in items
        )

    number = 0
    while number < len(sets):
        if len(sets) > 1 and lacking(sets[number]):
            other = number + 1 if number + 1 < len(sets) else number - 1
            sets[min(number, other)] |= sets.pop(max(number, other))
            number = 0
        else:
            number += 1
    return str([sorted(part) for part in sets if len(part) > 1]).replace(".0", "")


def _told(values: Sequence[float]) -> str:
    return listed([f"{value:g}" for value in values])
