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
    who = _numbered(keys)
    for scale in study.scales:
        if not set(scale.items) <= set(values.columns):
            continue
        items = values[list(scale.items)]
        answers = {place: _answers(items, rows) for place, rows in places.items() if len(rows)}
        found += wrong_keying(scale, answers)
        for whose, (early, late) in product(study.roles, pairwise(waves)):
            first, second = _same_people(who, places[whose, early], places[whose, late])
            if len(first):
                found += wrong_order(
                    scale, whose, (early, late), _answers(items, first), _answers(items, second)
                )
    return found


def _answers(items: pd.DataFrame, rows: np.ndarray) -> FloatArray:
    return items.take(rows).to_numpy(dtype=np.float64, na_value=np.nan)


def _numbered(keys: pd.DataFrame) -> np.ndarray:
    """Number the people of each dyad, from 0; nobody's name counts as a name, too."""
    names = ["dyad", "person"]
    texts = pd.DataFrame({name: as_texts(keys[name]).astype("object") for name in names})
    return texts.groupby(names, sort=False, dropna=False).ngroup().to_numpy()


def _same_people(
    who: np.ndarray, early: np.ndarray, late: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pair the rows of each person and dyad that answered once in either wave."""
    once = [_unrepeated(who, rows) for rows in (early, late)]
    _, first, second = np.intersect1d(
        who[once[0]], who[once[1]], assume_unique=True, return_indices=True
    )
    return once[0][first], once[1][second]


def _unrepeated(who: np.ndarray, rows: np.ndarray) -> np.ndarray:
    _, at, counts = np.unique(who[rows], return_index=True, return_counts=True)
    once: np.ndarray = rows[at[counts == 1]]
    return once
