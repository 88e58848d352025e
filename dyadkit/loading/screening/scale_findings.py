"""Scales whose items look reverse-keyed, or asked in another order, in some role or wave."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pandas as pd

from dyadkit.loading.screening.findings import Finding
from dyadkit.loading.screening.item_order import wrong_order
from dyadkit.loading.screening.keying import wrong_keying
from dyadkit.loading.texts import as_texts
from dyadkit.study import Study

FloatArray = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def screen_scales(keys: pd.DataFrame, values: pd.DataFrame, study: Study) -> list[Finding]:
    """Look for wrong keying and order in every scale, role and wave.

    Parameters
    ----------
    keys, values : DataFrame
        The records that may be used, and their answers.
    study : Study
    """
    waves = study.waves or ("",)
    role, wave = (keys[name].astype("object").to_numpy() for name in ("role", "wave"))
    places = {
        (r, w): np.flatnonzero((role == r) & (wave == w)) for r, w in product(study.roles, waves)
    }
    found: list[Finding] = []
    for scale in study.scales:
        if not set(scale.items) <= set(values.columns):
            continue
        items = values[list(scale.items)]
        answers = {place: _answers(items, rows) for place, rows in places.items() if len(rows)}
        found += wrong_keying(scale, answers)
        for whose, (early, late) in product(study.roles, pairwise(waves)):
            first, second = _same_people(keys, places[whose, early], places[whose, late])
            if len(first):
                found += wrong_order(
                    scale, whose, (early, late), _answers(items, first), _answers(items, second)
                )
    return found


def _answers(items: pd.DataFrame, rows: np.ndarray) -> FloatArray:
    return items.take(rows).to_numpy(dtype=np.float64, na_value=np.nan)


def _same_people(
    keys: pd.DataFrame, early: np.ndarray, late: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pair the rows of each person and dyad that answered once in either wave."""
    who = [
        pd.DataFrame({name: as_texts(keys[name]).take(rows) for name in ("dyad", "person")}).assign(
            at=rows
        )
        for rows in (early, late)
    ]
    once = [part[~part.duplicated(["dyad", "person"], keep=False)] for part in who]
    columns = [part.astype({"dyad": "object", "person": "object"}) for part in once]
    pairs = columns[0].merge(columns[1], on=["dyad", "person"])
    return pairs["at_x"].to_numpy(), pairs["at_y"].to_numpy()
