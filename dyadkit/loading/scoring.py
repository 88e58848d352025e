"""Items → scale scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.frame import DyadFrame, Variable
from dyadkit.frame.coded import Codes, Numbers, replaced
from dyadkit.study import Scale

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Counts = np.ndarray[tuple[int], np.dtype[np.int32]]


def score_scales(dyads: DyadFrame, scales: Sequence[Scale]) -> DyadFrame:
    """Return a new frame with a score for each scale.

    Reverse-keyed items are turned (lowest + highest possible answer − answer).  A score needs
    `minimum_answered` items (default: all); a mean is taken over the answered ones, and a sum is
    that mean times the number of items.

    Parameters
    ----------
    dyads : DyadFrame
        Holds the items as columns.
    scales : sequence of Scale

    Raises
    ------
    StudyError
        When the frame lacks an item, or has a variable of the scale's name.
    DataError
        When items are not numbers, or answers lie outside the scale's range.

    Examples
    --------
    >>> import pandas as pd
    >>> from dyadkit.study import Scale
    >>> df = pd.DataFrame({"pair": [1, 1], "role": ["coach", "client"],
    ...                    "q1": [5, 4], "q2": [1, 2]})
    >>> dyads = DyadFrame.from_individual(df, dyad="pair", role="role",
    ...                                   roles=("coach", "client"))
    >>> trust = Scale(name="trust", items=("q1", "q2"), range=(1, 5), reverse=("q2",))
    >>> score_scales(dyads, [trust]).wide(["trust"])
       dyad  trust_coach  trust_client
    0     1          5.0           4.0
    """
    known: dict[str, Variable] = {}
    scores: dict[str, pd.Series] = {}
    for scale in scales:
        low, high = scale.range
        total, answered = _add_up(dyads, scale)
        roles = scale.roles or dyads.roles
        waves = scale.waves or dyads.waves
        enough = answered >= (scale.minimum_answered or len(scale.items))
        if set(roles) < set(dyads.roles) or set(waves) < set(dyads.waves):
            enough &= _asked(dyads, roles, waves)
        size = len(scale.items) if scale.score == "sum" else 1
        count = np.maximum(answered, 1)
        # Divided first, so that the sum of a complete answer is exact.
        score = total * (size / count) if scale.score == "sum" else total / count
        scores[scale.name] = pd.Series(score).where(enough)
        known[scale.name] = Variable(
            name=scale.name,
            label=scale.label or scale.name.replace("_", " ").capitalize(),
            kind="scale",
            level=scale.level,
            roles=tuple(role for role in dyads.roles if role in roles),
            waves=tuple(wave for wave in dyads.waves if wave in waves),
            range=(low * size, high * size),
            items=scale.items,
            reverse=scale.reverse,
            item_range=scale.range,
            about=scale.about,
        )
    return dyads.with_columns(scores, known)


def _asked(dyads: DyadFrame, roles: Sequence[str], waves: Sequence[str]) -> Mask:
    """Mark the rows of some roles and waves."""
    rows = dyads.individual([])
    asked = rows["role"].isin(roles)
    return (asked & rows["wave"].isin(waves) if dyads.waves else asked).to_numpy(dtype=bool)


def _add_up(dyads: DyadFrame, scale: Scale) -> tuple[Numbers | Counts, Counts]:
    """Return the sum of each row's answers, reverse-keyed items turned, and how many there are.

    Small whole numbers are added as such, which gives the same sums sooner.
    """
    size = len(dyads.values([]))
    total: Numbers | Counts = np.zeros(size, dtype=np.int32)
    answered: Counts = np.zeros(size, dtype=np.int32)
    for item, known, places in _answers(dyads, scale):
        keyed = np.append(sum(scale.range) - known if item in scale.reverse else known, 0.0)
        answered += places >= 0
        small = (np.rint(keyed) == keyed) & (np.abs(keyed) < 128)
        if total.dtype == np.int32 and small.all():
            total += replaced(places, keyed.astype(np.int8))
        else:
            total = total + keyed.take(places)
    return total, answered


def _answers(dyads: DyadFrame, scale: Scale) -> Iterator[tuple[str, Numbers, Codes]]:
    """Yield the items of a scale: numbers, and which of them each row has, −1 for none.

    Texts and impossible answers are refused at the end.
    """
    absent = [item for item in scale.items if item not in dyads.variables]
    if absent:
        raise StudyError(
            f"Scale {scale.name}: the frame has no item{'s' * (len(absent) > 1)} "
            f"{listed(absent)}.{nearest(absent[0], list(dyads.variables))}"
        )
    low, high = scale.range
    texts, outside = [], {}
    for item in scale.items:
        coded = dyads.coded(item)
        if coded is not None:
            known, places = coded.categories.to_numpy(), coded.codes
        else:
            answers = dyads.values([item])[item]
            if not pd.api.types.is_numeric_dtype(answers):
                texts.append(item)
                continue
            known = answers.to_numpy(dtype=float, na_value=np.nan)
            places = np.where(np.isnan(known), -1, np.arange(len(known)))
        strange = np.append((known < low) | (known > high), False)
        if strange.any() and strange[places].any():
            outside[item] = np.flatnonzero(strange[places])
        yield item, known, places
    if texts:
        raise DataError(
            f"Scale {scale.name}: {listed(texts)} hold{'s' * (len(texts) == 1)} no numbers. Turn "
            "the answers into numbers before they are scored."
        )
    if outside:
        count = sum(map(len, outside.values()))
        raise DataError(
            f"Scale {scale.name}: {count} answers lie outside {low:g} to {high:g} "
            f"({listed(list(outside))}). Set them missing, or correct the scale's range.",
            rows=np.unique(np.concatenate([*outside.values()])).tolist(),
        )
