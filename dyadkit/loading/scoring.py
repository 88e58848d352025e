"""Items → scale scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.frame import DyadFrame, Variable
from dyadkit.study import Scale


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
    keys = ["dyad", "member", "wave"]
    rows = dyads.individual()
    if "wave" not in rows:
        rows["wave"] = ""
    if "member" not in rows:
        rows["member"] = rows["role"]
    known: dict[str, Variable] = {}
    scores: dict[str, pd.Series] = {}
    for scale in scales:
        low, high = scale.range
        items = _answers(rows, scale)
        turned = np.array([item in scale.reverse for item in scale.items])
        items = np.where(turned, low + high - items, items)
        roles = scale.roles or dyads.roles
        waves = scale.waves or dyads.waves
        asked = rows["role"].isin(roles) & (rows["wave"].isin(waves) | (len(waves) == 0))
        answered = (~np.isnan(items)).sum(axis=1)
        enough = answered >= (scale.minimum_answered or len(scale.items))
        size = len(scale.items) if scale.score == "sum" else 1
        # Divided first, so that the sum of a complete answer is exact.
        weight = np.divide(size, answered, out=np.full(len(rows), np.nan), where=answered > 0)
        total = np.nansum(items, axis=1)
        score = total * weight if scale.score == "sum" else total / np.maximum(answered, 1)
        scores[scale.name] = pd.Series(score).where(enough & asked.to_numpy())
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
    scored = dyads.with_variables(pd.concat([rows[keys], pd.DataFrame(scores)], axis=1), known)
    ordered = {**known, **{n: v for n, v in scored.variables.items() if n not in known}}
    return replace(scored, _variables=ordered)


def _answers(rows: pd.DataFrame, scale: Scale) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the items of a scale as numbers; refuse texts and impossible answers."""
    absent = [item for item in scale.items if item not in rows]
    if absent:
        raise StudyError(
            f"Scale {scale.name}: the frame has no item{'s' * (len(absent) > 1)} "
            f"{listed(absent)}.{nearest(absent[0], [str(name) for name in rows])}"
        )
    table = rows[list(scale.items)]
    texts = [str(name) for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    if texts:
        raise DataError(
            f"Scale {scale.name}: {listed(texts)} hold{'s' * (len(texts) == 1)} no numbers. Turn "
            "the answers into numbers before they are scored."
        )
    answers = table.to_numpy(dtype=float, na_value=np.nan)
    low, high = scale.range
    outside = (answers < low) | (answers > high)
    if outside.any():
        where = [
            item
            for item, found in zip(scale.items, np.any(outside, axis=0).tolist(), strict=True)
            if found
        ]
        raise DataError(
            f"Scale {scale.name}: {int(outside.sum())} answers lie outside {low:g} to {high:g} "
            f"({listed(where)}). Set them missing, or correct the scale's range.",
            rows=np.flatnonzero(outside.any(axis=1)).tolist(),
        )
    return answers
