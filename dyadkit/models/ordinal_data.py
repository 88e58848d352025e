"""From answers on a few categories to what models of ordered outcomes are fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.estimation.ordinal_moments import estimate_ordinal_moments
from dyadkit.sem.cases import Cases
from dyadkit.sem.ordinal.statistics import OrdinalStatistics, statistic_names

_MOST = 20


def with_numbers(frame: pd.DataFrame, ordered: Sequence[str]) -> pd.DataFrame:
    """Return the data with ordered categorical columns as the ranks of their categories."""
    available = [str(name) for name in frame.columns]
    changed = {}
    for name in ordered:
        if name not in available:
            raise StudyError(
                f"ordered names '{name}', which the data do not have.{nearest(name, available)}"
            )
        column = frame[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            if not column.dtype.ordered:
                known = [str(category) for category in column.cat.categories]
                raise DataError(
                    f"The categories of '{name}' have no order ({listed(known)}). Give them one: "
                    "column.cat.as_ordered(), after sorting the categories."
                )
            codes = column.cat.codes.to_numpy(dtype=np.float64)
            changed[name] = np.where(codes < 0, np.nan, codes + 1.0)
    return frame.assign(**changed) if changed else frame


def encode(
    cases: Cases, observed: Sequence[str], ordered: Sequence[str], labels: Sequence[str]
) -> tuple[FloatArray, dict[str, int]]:
    """Number the categories of ordered variables from 0.

    Returns
    -------
    values : ndarray, shape (n, p)
    thresholds : dict of str to int
        One less than the categories of each.

    Raises
    ------
    DataError
        When a variable has too many categories, or a group lacks one.
    """
    values = cases.values.copy()
    thresholds = {}
    for name in observed:
        if name not in ordered:
            continue
        column = list(observed).index(name)
        found, codes = np.unique(values[:, column], return_inverse=True)
        if found.size > _MOST:
            raise DataError(
                f"'{name}' has {found.size} different values, too many for ordered categories. "
                "Leave it out of ordered=, which makes it a continuous variable, or join "
                "categories."
            )
        _require_everywhere(name, found, codes, cases.groups, labels)
        values[:, column] = codes
        thresholds[name] = int(found.size) - 1
    return values, thresholds


def _require_everywhere(
    name: str, found: FloatArray, codes: IntArray, groups: IntArray, labels: Sequence[str]
) -> None:
    for g, label in enumerate(labels):
        counts = np.bincount(codes[groups == g], minlength=found.size)
        if (counts == 0).any():
            empty = [f"{found[k]:g}" for k in np.flatnonzero(counts == 0).tolist()]
            raise DataError(
                f"Nobody in group '{label}' answered {listed(empty)} to '{name}', so that there is "
                "no threshold to estimate there. Join this category with its neighbour in all "
                "groups."
            )


def statistics_of(
    cases: Cases, values: FloatArray, observed: Sequence[str], thresholds: dict[str, int]
) -> list[OrdinalStatistics]:
    """Return the statistics of each group."""
    mask = np.array([name in thresholds for name in observed])
    names = statistic_names(observed, thresholds)
    found = []
    for g in range(cases.n_groups):
        rows = values[cases.groups == g]
        moments = estimate_ordinal_moments(rows, mask, names=list(observed))
        found.append(OrdinalStatistics(names, moments.statistics, moments.gamma, len(rows)))
    return found
