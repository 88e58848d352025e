"""Items → scale scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.frame import DyadFrame, Variable
from dyadkit.study import Scale

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


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
    rows = dyads.individual([])
    everywhere = pd.Series("", index=rows.index)
    role, wave = rows.get("role", everywhere), rows.get("wave", everywhere)
    known: dict[str, Variable] = {}
    scores: dict[str, pd.Series] = {}
    for scale in scales:
        low, high = scale.range
        total, answered = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.int64)
        for item, values in _answers(dyads, scale):
            there = ~np.isnan(values)
            answered += there
            total += np.where(there, low + high - values if item in scale.reverse else values, 0)
        roles = scale.roles or dyads.roles
        waves = scale.waves or dyads.waves
        asked = np.ones(len(rows), dtype=bool)
        if set(roles) < set(dyads.roles):
            asked &= role.isin(roles).to_numpy()
        if set(waves) < set(dyads.waves):
            asked &= wave.isin(waves).to_numpy()
        enough = answered >= (scale.minimum_answered or len(scale.items))
        size = len(scale.items) if scale.score == "sum" else 1
        # Divided first, so that the sum of a complete answer is exact.
        weight = np.divide(size, answered, out=np.full(len(rows), np.nan), where=answered > 0)
        score = total * weight if scale.score == "sum" else total / np.maximum(answered, 1)
        scores[scale.name] = pd.Series(score).where(enough & asked)
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


def _answers(dyads: DyadFrame, scale: Scale) -> Iterator[tuple[str, Numbers]]:
    """Yield the items of a scale as numbers; refuse texts and impossible answers at the end."""
    absent = [item for item in scale.items if item not in dyads.variables]
    if absent:
        raise StudyError(
            f"Scale {scale.name}: the frame has no item{'s' * (len(absent) > 1)} "
            f"{listed(absent)}.{nearest(absent[0], list(dyads.variables))}"
        )
    low, high = scale.range
    texts, outside = [], {}
    for item in scale.items:
        answers = dyads.values([item])[item]
        if not pd.api.types.is_numeric_dtype(answers):
            texts.append(item)
            continue
        numbers = answers.to_numpy(dtype=float, na_value=np.nan)
        strange = (numbers < low) | (numbers > high)
        if strange.any():
            outside[item] = np.flatnonzero(strange)
        yield item, numbers
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
