"""From data to the rows of a mixed model, with everything wrong said by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.frame import DyadFrame
from dyadkit.models.mixed_formula import Parsed
from dyadkit.models.used_rows import Rows, Values, values_of

_LARGEST_CLUSTER = 2000
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that say how rows belong together; None where there is none.

    Attributes
    ----------
    dyad, role, person, time, variance_by : str or None
    """

    dyad: str
    role: str | None = None
    person: str | None = None
    time: str | None = None
    variance_by: str | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """All that are there."""
        found = (self.dyad, self.role, self.person, self.time, self.variance_by)
        return tuple(name for name in found if name is not None)


def long_rows(data: pd.DataFrame | DyadFrame) -> pd.DataFrame:
    """Return one row per person (and occasion)."""
    if isinstance(data, DyadFrame):
        return data.pairwise()
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DataFrame or a DyadFrame, but they are {type(data).__name__}."
        )
    return data


def take_rows(
    frame: pd.DataFrame, parsed: Parsed, columns: Columns, roles: Sequence[str] | None
) -> Rows:
    """Keep the rows in which nothing that the model needs is missing.

    Raises
    ------
    StudyError
        When a column is unknown, or its name is not unique.
    DataError
        When no row is left, or a number is infinite.
    """
    groups = [term.group for term in parsed.random]
    needed = list(
        dict.fromkeys([*sorted(parsed.outcome | parsed.predictors), *columns.named, *groups])
    )
    known = [str(name) for name in frame.columns]
    unknown = [name for name in needed if name not in known]
    if unknown:
        raise StudyError(
            f"The model names {len(unknown)} column(s) that the data do not have: "
            f"{listed(unknown)}.{nearest(unknown[0], known)} The data have {listed(known, 20)}."
        )
    twice = [name for name in needed if known.count(name) > 1]
    if twice:
        raise StudyError(
            f"The data have more than one column called {listed(twice)}. Rename or drop all but "
            "one of them."
        )
    read = {name: values_of(frame[name]) for name in needed}
    missing = _missing(read)
    design = {*columns.named, *groups}
    reasons = (
        ("the dyad code, role, time or grouping is missing", design),
        ("the outcome is missing", parsed.outcome),
        ("a predictor is missing", parsed.predictors - design),
    )
    kept: BoolArray = np.ones(len(frame), dtype=np.bool_)
    dropped = {}
    for reason, names in reasons:
        gaps = [missing[name] for name in names if name in missing]
        gone = kept & np.logical_or.reduce(gaps) if gaps else None
        if gone is not None and gone.any():
            dropped[reason] = int(gone.sum())
            kept &= ~gone
    if not kept.any():
        why = "; ".join(f"{count} because {reason}" for reason, count in dropped.items())
        raise DataError(
            f"No row is left of {len(frame)}: {why or 'there were none'}. Check the columns and "
            "their missing codes; a partner's predictor is missing wherever the partner did not "
            "answer."
        )
    # Copies: what happens to the data later is no concern of the model.
    used = {name: values[kept] if dropped else values.copy() for name, values in read.items()}
    _refuse_infinite(used)
    if columns.role is not None:
        used[columns.role] = _ordered(used[columns.role], roles)
    return Rows(used, np.flatnonzero(kept), frame.index, len(frame), dropped)


def _missing(read: Mapping[str, Values]) -> dict[str, BoolArray]:
    """Tell where values are missing, of the columns that have gaps."""
    found = {
        name: np.asarray(pd.isna(values), dtype=np.bool_)
        for name, values in read.items()
        if values.dtype.kind not in "iub" or not isinstance(values, np.ndarray)
    }
    return {name: gaps for name, gaps in found.items() if gaps.any()}


def _refuse_infinite(used: Mapping[str, Values]) -> None:
    infinite = {
        name: np.isinf(values)
        for name, values in used.items()
        if isinstance(values, np.ndarray) and values.dtype.kind == "f"
    }
    names = [name for name, found in infinite.items() if found.any()]
    if names:
        rows = np.flatnonzero(np.logical_or.reduce([infinite[name] for name in names]))
        raise DataError(
            f"Values of {listed(names)} are infinite in {rows.size} row(s). Set them missing, or "
            "correct the transformation (a logarithm of zero, a division by zero) that made them.",
            rows=(rows + 1).tolist(),
        )


def _ordered(values: Any, roles: Sequence[str] | None) -> Any:
    """Return roles as categories in their order, without those that nobody has."""
    if isinstance(values, pd.Categorical):
        return values.remove_unused_categories()
    codes, found = _coded(values)
    order: list[Any] = sorted(found, key=str)
    if roles:
        order = [role for role in roles if role in found]
    place = np.array([order.index(role) if role in order else -1 for role in found])
    return pd.Categorical.from_codes(place[codes], dtype=_categories(tuple(order)))


def _coded(values: Any) -> tuple[IntArray, list[Any]]:
    """Return codes in order of appearance, and what they stand for."""
    if isinstance(values.dtype, pd.StringDtype):
        encoded = pc.dictionary_encode(pa.array(values))
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        return encoded.indices.to_numpy(), encoded.dictionary.to_pylist()
    codes, distinct = pd.factorize(values)
    return codes, distinct.tolist()


@lru_cache(maxsize=64)
def _categories(order: tuple[Any, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(order))


def codes_of(rows: Rows, names: Sequence[str]) -> IntArray:
    """Number the distinct combinations of some columns, in order of appearance."""
    if len(names) == 1:
        values = rows.values[names[0]]
        if _sorted_numbers(values):
            # They need not be looked up.
            return np.cumsum(np.concatenate([[False], values[1:] != values[:-1]]))
        return np.asarray(pd.factorize(cast(np.ndarray, values))[0], dtype=np.int64)
    numbers = rows.frame.groupby(list(names), sort=False, observed=True).ngroup()
    return np.asarray(numbers, dtype=np.int64)


def _sorted_numbers(values: Values) -> bool:
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iu":
        return False
    return bool((values[1:] >= values[:-1]).all())


def independent_clusters(groupings: Sequence[IntArray]) -> IntArray:
    """Return codes of the smallest sets of rows that share no unit of any grouping.

    Raises
    ------
    DataError
        When groupings cross, so that one set has very many rows.
    """
    n = groupings[0].size
    if len(groupings) == 1 or all((grouping == groupings[0]).all() for grouping in groupings):
        return groupings[0]
    rows, units, offset = [], [], n
    for grouping in groupings:
        rows.append(np.arange(n))
        units.append(grouping + offset)
        offset += int(grouping.max()) + 1
    row, unit = np.concatenate(rows), np.concatenate(units)
    graph = coo_array((np.ones(row.size, dtype=np.int8), (row, unit)), shape=(offset, offset))
    _, labels = connected_components(graph, directed=False)
    codes, _ = pd.factorize(labels[:n])
    largest = int(np.bincount(codes).max())
    if largest > _LARGEST_CLUSTER:
        raise DataError(
            f"The groupings of this model tie {largest} rows together, so that hardly anything in "
            "them is independent: they cross each other instead of lying one within the other. "
            "Use identifiers that are unique (team 1 of one organisation is not team 1 of "
            "another), or leave one grouping out."
        )
    return codes.astype(np.int64)


def times_of(rows: Rows, name: str) -> FloatArray:
    """Return times as numbers; of time stamps days.

    Raises
    ------
    DataError
        When they are neither numbers nor time stamps.
    """
    column = rows.frame[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        first = column.min()
        return np.asarray((column - first).dt.total_seconds() / _DAY, dtype=np.float64)
    if pd.api.types.is_timedelta64_dtype(column):
        return np.asarray(column.dt.total_seconds() / _DAY, dtype=np.float64)
    if not pd.api.types.is_numeric_dtype(column):
        examples = [str(value) for value in column.unique()[:3]]
        raise DataError(
            f"The time '{name}' holds neither numbers nor time stamps but {column.dtype} values "
            f"such as {listed(examples)}. Convert it, for example with pandas.to_datetime."
        )
    return column.to_numpy(np.float64)
