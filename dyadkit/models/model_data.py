"""From a DyadFrame or a DataFrame to the array of a model, with everything wrong said by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, StudyError, listed, nearest
from dyadkit.estimation.arrays import BoolArray, FloatArray, constant
from dyadkit.frame import DyadFrame
from dyadkit.models.design import Design, DesignColumns, known_rows, take_design
from dyadkit.sem.likelihood import positive_definite

_ALIKE = 1e-9
# Most columns vary in their first rows already; only of the others need the rest be looked at.
_HEAD = 64
# Beyond this products of scores, of which moments are made, may overflow.
_HUGE = 1e70
_NO_DESIGN = DesignColumns()


@dataclass(frozen=True, slots=True, eq=False)
class ModelData:
    """The rows that a model is fitted to.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        NaN is missing; every row has a score, or all of them after listwise deletion.
    n_dropped : int
        Rows of the data that were left out.
    dropped_why : str
        What these lack.
    n_missing : int
        Missing scores among the rows used.
    kept : ndarray of bool
        Which rows of the data these are.
    unit : str
        What a row is: "dyad", or "row" of a DataFrame.
    persons : mapping of str to int
        Distinct persons by role among the rows used; empty for a DataFrame.
    design : Design
        How the rows used belong together.
    """

    values: FloatArray
    n_dropped: int
    dropped_why: str
    n_missing: int
    kept: BoolArray
    unit: str
    persons: Mapping[str, int]
    design: Design

    @property
    def shared(self) -> tuple[str, ...]:
        """The roles in which one person belongs to several dyads."""
        n = self.values.shape[0]
        return tuple(role for role, persons in self.persons.items() if persons < n)


def columns_of(data: pd.DataFrame | DyadFrame, named: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the data as one row per unit.

    Parameters
    ----------
    data : DataFrame or DyadFrame
    named : sequence of str, optional
        The columns that are needed; of a DyadFrame that has them all others may be left out.

    Raises
    ------
    StudyError
        For anything else, and for a DataFrame with two columns of one name.
    """
    if isinstance(data, DyadFrame):
        if data.diary:
            raise StudyError(
                "A structural equation model needs one row per dyad, but a diary has one per dyad "
                "and occasion. Put occasions side by side, or average them, and pass the DataFrame."
            )
        return data.wide()
    if not isinstance(data, pd.DataFrame):
        raise StudyError(
            f"The data must be a DataFrame or a DyadFrame, but they are {type(data).__name__}. For "
            "an array: pd.DataFrame(array, columns=[…])."
        )
    return data


def take_variables(
    data: pd.DataFrame | DyadFrame,
    variables: Sequence[str],
    *,
    listwise: bool,
    complete: Sequence[str] = (),
    columns: DesignColumns = _NO_DESIGN,
) -> ModelData:
    """Take a model's variables out of the data.

    Parameters
    ----------
    data : DataFrame or DyadFrame
    variables : sequence of str
        The model's observed variables.
    listwise : bool
        Whether to leave out every row in which one of them is missing.
    complete : sequence of str
        Variables that must not be missing in any case: exogenous ones with fixed moments.
    columns : DesignColumns
        Groups, clusters and weights; rows without one of these are left out.

    Raises
    ------
    StudyError
        When a variable is not in the data.
    DataError
        When a variable is text, constant, a copy of another, infinite or never observed, alone or
        together with another, or when too few rows are left: of all, or of a group.
    """
    frame = columns_of(data)
    places = _places(frame, variables)
    values = _numbers(frame, places, variables)
    unit = "dyad" if isinstance(data, DyadFrame) else "row"
    # A missing or infinite score makes its column's sum so.
    with np.errstate(invalid="ignore", over="ignore"):
        clean = bool(np.isfinite(values.sum(axis=0)).all())
    kept: BoolArray = np.ones(values.shape[0], dtype=np.bool_)
    if columns.names:
        kept = known_rows(frame, columns)
    used, missing = values[kept] if columns.names else values, 0
    if not clean:
        _refuse_infinite(values, variables)
        _refuse_huge(values, variables)
        gaps = np.isnan(values)
        if listwise:
            kept &= ~gaps.any(axis=1)
        else:
            needed = [number for number, name in enumerate(variables) if name in complete]
            kept &= ~gaps.all(axis=1) & ~gaps[:, needed].any(axis=1)
        used = values[kept]
        missing = int(np.isnan(used).sum())
    _require_rows(values, used, variables, unit)
    design = take_design(frame[kept], columns, unit) if columns.names else Design()
    parts = [(used, "")]
    if design.group is not None:
        parts = [
            (used[design.group == number], f" in group '{label}'")
            for number, label in enumerate(design.labels)
        ]
    for part, where in parts:
        _require_enough(part, values.shape[0], variables, unit, where)
        _require_spread(part, variables, where)
        if missing:
            _require_together(part, variables, unit, where)
    return ModelData(
        values=used,
        n_dropped=int(kept.size - used.shape[0]),
        dropped_why=_why_dropped(listwise, complete, columns),
        n_missing=missing,
        kept=kept,
        unit=unit,
        persons=persons_of(frame[kept], data) if isinstance(data, DyadFrame) else {},
        design=design,
    )


def persons_of(frame: pd.DataFrame, dyads: DyadFrame) -> dict[str, int]:
    """Count distinct persons by role, by the first wave with an id; no id is another person."""
    found = {}
    for member in dyads.members:
        names = [f"person_{member}", *(f"person_{member}_{wave}" for wave in dyads.waves)]
        first = pd.Series(pd.NA, frame.index, dtype=object)
        for name in names:
            if name in frame:
                first = first.where(first.notna(), frame[name])
        found[member] = int(first.nunique() + first.isna().sum())
    return found


def _why_dropped(listwise: bool, complete: Sequence[str], columns: DesignColumns) -> str:
    why = "every score is missing"
    if listwise:
        why = "a score is missing (missing='listwise')"
    elif complete:
        why = f"an exogenous variable with fixed moments is missing ({listed(list(complete))})"
    return f"{why} or {' or '.join(columns.names)} is missing" if columns.names else why


def _places(frame: pd.DataFrame, variables: Sequence[str]) -> list[int]:
    columns = [str(column) for column in frame.columns.tolist()]
    where = {name: number for number, name in enumerate(columns)}
    unknown = [name for name in variables if name not in where]
    if unknown:
        raise StudyError(
            f"The model names {len(unknown)} variable(s) that the data do not have: "
            f"{listed(unknown)}.{nearest(unknown[0], columns)} The data have "
            f"{listed(columns, 20)}."
        )
    alike = len(where) < len(columns)
    twice = sorted({name for name in variables if alike and columns.count(name) > 1})
    if twice:
        raise DataError(
            f"The data have more than one column called {listed(twice)}, so that it cannot be told "
            "which one the model means. Rename or drop the others."
        )
    return [where[name] for name in variables]


def _numbers(frame: pd.DataFrame, places: Sequence[int], variables: Sequence[str]) -> FloatArray:
    """Return the columns as numbers."""
    chosen = frame if [*places] == [*range(frame.shape[1])] else frame.iloc[:, list(places)]
    values = chosen.to_numpy()
    # Of one column alone these may be its categories, which are no numbers.
    if values.dtype.kind in "fiub" and values.shape[1] > 1:
        return np.asarray(values, dtype=np.float64)
    columns = []
    for name, (_, column) in zip(variables, chosen.items(), strict=True):
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns.append(column.to_numpy(dtype=np.float64, na_value=np.nan))
            continue
        if pd.api.types.is_datetime64_any_dtype(column) or not _reads_as_numbers(column):
            examples = [str(value) for value in column.dropna().unique()[:3]]
            raise DataError(
                f"Variable '{name}' is not numeric (it holds {column.dtype} values such as "
                f"{listed(examples)}), and a covariance needs numbers. Code its answers as "
                "numbers, or leave it out of the model."
            )
        columns.append(pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan))
    return np.column_stack(columns)


def _reads_as_numbers(column: pd.Series) -> bool:
    """Tell whether an object column holds numbers, not texts that look like them."""
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype != object:
        return False
    return all(isinstance(value, (int, float, np.number)) for value in column.dropna())


def _refuse_infinite(values: FloatArray, variables: Sequence[str]) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        rows, columns = np.nonzero(infinite)
        names = [variables[number] for number in np.unique(columns)]
        raise DataError(
            f"{int(infinite.sum())} value(s) of {listed(names)} are infinite, first in row "
            f"{int(rows[0]) + 1} of the data. Set them missing, or correct the transformation (a "
            "logarithm of zero, a division by zero) that made them.",
            rows=(np.unique(rows) + 1).tolist(),
        )


def _refuse_huge(values: FloatArray, variables: Sequence[str]) -> None:
    largest = np.fmax.reduce(np.abs(values), axis=0, initial=0.0)
    if (largest > _HUGE).any():
        _too_large([variables[number] for number in np.flatnonzero(largest > _HUGE).tolist()])


def _too_large(names: Sequence[str]) -> NoReturn:
    raise DataError(
        f"Values of {listed(names)} are too large to be squared. Change the unit, or correct the "
        "missing codes."
    )


def _require_rows(
    values: FloatArray, used: FloatArray, variables: Sequence[str], unit: str
) -> None:
    if values.shape[0]:
        first = np.flatnonzero(np.isnan(values[0])).tolist()
        empty = [variables[number] for number in first if np.isnan(values[:, number]).all()]
        if empty:
            raise DataError(
                f"Variable(s) {listed(empty)} are missing in all {values.shape[0]} {unit}s. Check "
                "the column and its missing codes, or leave them out of the model."
            )
    if not used.shape[0]:
        _require_enough(used, values.shape[0], variables, unit, "")


def _require_enough(
    used: FloatArray, available: int, variables: Sequence[str], unit: str, where: str
) -> None:
    n, p = used.shape
    if n > p:
        return
    raise DataError(
        f"A model of {p} variables needs more than {p} {unit}s, but "
        f"{n} of {available} can be used. Take fewer variables, or scale scores in place "
        "of items."
        if not where
        else f"A model of {p} variables needs more than {p} {unit}s in every group, but {n} can "
        f"be used{where}. Join groups, leave this one out, or take fewer variables."
    )


def _require_spread(used: FloatArray, variables: Sequence[str], where: str) -> None:
    head = used[:_HEAD]
    alike = ~(np.fmax.reduce(head, axis=0) > np.fmin.reduce(head, axis=0))
    flat = [variables[number] for number in np.flatnonzero(alike).tolist()]
    flat += [name for name in variables if name not in flat] if used.shape[0] <= _HEAD else []
    flat = [name for name in flat if not _varies(used[:, variables.index(name)])]
    if flat:
        raise DataError(
            f"Variable(s) {listed(flat)} have the same value wherever they are observed{where}, so "
            "that they covary with nothing. Leave them out of the model."
        )


def _varies(column: FloatArray) -> bool:
    seen = column[~np.isnan(column)]
    return bool(seen.size) and not bool(constant(seen))


def _require_together(used: FloatArray, variables: Sequence[str], unit: str, where: str) -> None:
    seen = (~np.isnan(used)).astype(np.float64)
    apart = np.argwhere(np.triu(seen.T @ seen == 0))
    if apart.size:
        pairs = [f"{variables[i]} and {variables[j]}" for i, j in apart.tolist()]
        raise DataError(
            f"{len(pairs)} pair(s) of variables are never observed together{where}: "
            f"{listed(pairs)}. Their covariance cannot be estimated, since no {unit} has both. "
            "Leave one of each pair out."
        )


def require_definite(covariance: FloatArray, variables: Sequence[str], where: str = "") -> None:
    """Refuse a singular covariance matrix, and name the variables that make it so.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        Of complete data or as passed.
    variables : sequence of str
    where : str
        Of which group, for messages.

    Raises
    ------
    DataError
        If one variable is determined by others.
    """
    variance = np.diagonal(covariance)
    if not (variance <= _HUGE**2).all():
        bad = ~(variance <= _HUGE**2)
        _too_large([variables[number] for number in np.flatnonzero(bad).tolist()])
    if (variance <= 0).any():
        low = [variables[number] for number in np.flatnonzero(variance <= 0).tolist()]
        raise DataError(
            f"The variance(s) of {listed(low)} are not positive. Check the covariance matrix."
        )
    sd = np.sqrt(variance)
    correlation = covariance / np.outer(sd, sd)
    if positive_definite(correlation - _ALIKE * np.eye(sd.size)):
        return
    roots, vectors = np.linalg.eigh(correlation)
    if roots[0] > _ALIKE:
        return
    involved = [variables[n] for n in np.flatnonzero(np.abs(vectors[:, 0]) > 0.05).tolist()]
    what = (
        "are copies of each other"
        if len(involved) == 2
        else "determine each other, as a total and its parts do"
    )
    if roots[0] < -_ALIKE:
        raise DataError(
            f"The covariance matrix{where} is not positive definite: {listed(involved)} have "
            "covariances that no data can have together. Check for typing errors, or for "
            "covariances from different rows (pairwise deletion)."
        )
    raise DataError(
        f"The covariance matrix{where} is singular: {listed(involved)} {what}. Leave one of them "
        "out."
    )
