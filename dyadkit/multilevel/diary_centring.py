"""A diary's variables within and between persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.frame import DyadFrame, Reference
from dyadkit.multilevel.diary_moments import Moments, rows_of


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """A number's deviations from the person's mean, and the mean's from the grand mean.

    Attributes
    ----------
    within : ndarray, shape (n,)
        By row.
    between : ndarray, shape (persons,)
        By person; NaN of those who never answered.
    grand : float
        The mean of the persons' means.
    answered : ndarray of int, shape (persons,)
        On how many occasions.
    varies : ndarray of bool, shape (persons,)
        Whether there are different answers.
    """

    within: FloatArray
    between: FloatArray
    grand: float
    answered: IntArray
    varies: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def centred(values: FloatArray, unit: IntArray, n_units: int) -> Centred:
    """Centre values about the means of units (persons, or dyads), and these about their mean."""
    known = ~np.isnan(values)
    counts = np.bincount(unit[known], minlength=n_units).astype(np.int64)
    # The origin is taken away first: it would cost digits when values lie far from zero.
    origin = float(values[known].mean()) if known.any() else 0.0
    sums = np.bincount(unit[known], weights=values[known] - origin, minlength=n_units)
    means = np.divide(sums, counts, out=np.full(n_units, np.nan), where=counts > 0)
    middle = float(np.nanmean(means)) if known.any() else np.nan
    low, high = np.full(n_units, np.inf), np.full(n_units, -np.inf)
    np.minimum.at(low, unit[known], values[known])
    np.maximum.at(high, unit[known], values[known])
    varies = np.asarray(high > low)
    within = values - origin - means[unit]
    # Of equal answers the mean may differ in the last digit.
    within = np.where(varies[unit] | np.isnan(within), within, 0.0)
    return Centred(within, means - middle, middle + origin, counts, varies)


def find(dyads: DyadFrame, text: str, waves: Sequence[str], what: str) -> Reference:
    """Find an outcome or predictor of the diary.

    Raises
    ------
    StudyError
        When it is unknown, no number, or not asked in the diary.
    Refused
        When it was not asked of both members.
    """
    (found,) = dyads.resolve([text])
    variable = found.variable
    if variable.level in ("dyad", "group"):
        raise Refused(
            f"'{text}' describes the dyad as a whole, so that actor and partner have the same "
            f"value. It cannot be {what}; make it a covariate."
        )
    if not variable.numeric:
        raise StudyError(
            f"'{text}' is of type '{variable.kind}', but {what} of a diary must be a number."
        )
    if len(found.roles) < len(dyads.roles):
        raise Refused(
            f"'{text}' was asked of {listed(list(found.roles))} only, but {what} with actor and "
            "partner effects must be asked of both members. Make it a covariate."
        )
    asked = found.waves or ("",)
    here = [wave for wave in asked if wave in waves]
    if not here:
        raise StudyError(
            f"'{text}' was not asked on the occasions of the diary (wave {listed(list(waves))}). "
            "Make it a covariate."
        )
    if len(here) > 1:
        raise StudyError(
            f"'{text}' was asked in {len(here)} waves with occasions ({listed(here)}); say which, "
            f"e.g. '{variable.name}.{here[0]}'."
        )
    return Reference(variable, found.roles, (here[0],))


def answers_of(dyads: DyadFrame, moments: Moments, reference: Reference) -> FloatArray:
    """Return the answers to a number in the rows of a diary, NaN where there is none."""
    name = reference.variable.name
    values = rows_of(dyads, moments.wave, [name])[name].to_numpy(np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(
            f"'{name}' is infinite in {int(np.isinf(values).sum())} rows. Set them missing, or "
            "correct the transformation that made them."
        )
    if np.isnan(values).all():
        raise DataError(f"'{name}' was not answered by anybody on an occasion of the diary.")
    return values


def covariate_columns(
    dyads: DyadFrame, moments: Moments, text: str
) -> list[tuple[str, str, FloatArray]]:
    """Return a covariate's columns: effect, category, and values by row.

    A number that does not vary over occasions is centred about the mean over persons (or dyads);
    one that varies has a column within and one between.  A category has columns for all of its
    values but the first.
    """
    (reference,) = dyads.resolve([text])
    variable = reference.variable
    of_dyad = variable.level in ("dyad", "group") or len(reference.roles) < len(dyads.roles)
    asked = reference.waves or ("",)
    if len(asked) > 1:
        if moments.wave not in asked:
            raise StudyError(
                f"'{text}' was asked in {len(asked)} waves ({listed(list(asked))}); say which, "
                f"e.g. '{variable.name}.{asked[0]}'."
            )
        asked = (moments.wave,)
    given = _answers(dyads, moments, variable.name, asked[0], reference.roles)
    unit = given["person"].to_numpy(np.int64)
    row_unit = moments.person
    if of_dyad:
        unit, row_unit = unit // 2, row_unit // 2
        # What describes the dyad counts once for each occasion.
        keep = ~given.assign(unit=unit).duplicated(["unit", "occasion"])
        given, unit = given[keep.to_numpy()], unit[keep.to_numpy()]
    n_units = moments.n_persons // 2 if of_dyad else moments.n_persons
    found: list[tuple[str, str, FloatArray]] = []
    for category, values in _numeric(given["value"], variable.numeric, text):
        parts = centred(values, unit, n_units)
        if not parts.varies.any():
            shift = parts.grand if category else 0.0
            found.append(("covariate", category, parts.between[row_unit] + shift))
            continue
        place = pd.MultiIndex.from_arrays([unit, given["occasion"]])
        wanted = pd.MultiIndex.from_arrays([row_unit, moments.frame["occasion"]])
        aligned = pd.Series(parts.within, index=place).reindex(wanted)
        within: FloatArray = np.asarray(aligned, dtype=np.float64)
        found.append(("covariate, within", category, within))
        if np.nanmax(np.abs(parts.between)) > 1e-12 * max(1.0, abs(parts.grand)):
            found.append(("covariate, between", category, parts.between[row_unit]))
    return found


def _answers(
    dyads: DyadFrame, moments: Moments, name: str, wave: str, roles: Sequence[str]
) -> pd.DataFrame:
    """Return person code, occasion and answer, wherever there is one."""
    rows = dyads.individual([name])
    if "member" not in rows:
        rows = rows.assign(member=rows["role"])
    if wave:
        rows = rows[rows["wave"] == wave]
    rows = rows[rows["role"].isin(roles) & rows[name].notna()]
    codes = moments.frame["dyad"].drop_duplicates()
    dyad = pd.Index(codes).get_indexer(rows["dyad"])
    member = (rows["member"] == dyads.members[1]).to_numpy(np.int64)
    found = pd.DataFrame(
        {
            "person": 2 * dyad + member,
            "occasion": rows["occasion"].to_numpy(object),
            "value": rows[name].array,
        }
    )
    known: pd.DataFrame = found[dyad >= 0]
    return known.reset_index(drop=True)


def _numeric(values: pd.Series, numeric: bool, text: str) -> list[tuple[str, FloatArray]]:
    if not len(values):
        raise DataError(f"The covariate '{text}' was not answered by anybody in the diary.")
    if numeric:
        return [("", values.to_numpy(np.float64))]
    coded = values.astype("category").cat.remove_unused_categories()
    categories = list(map(str, coded.cat.categories))
    if len(categories) < 2:
        raise DataError(
            f"The covariate '{text}' has one value in these data, so that it can explain nothing. "
            "Leave it out."
        )
    codes = coded.cat.codes.to_numpy()
    return [
        (category, (codes == number).astype(np.float64))
        for number, category in enumerate(categories)
        if number
    ]


def name_of(reference: Reference, dyads: DyadFrame) -> str:
    """Return the name of a variable, with its wave where it has several."""
    wave = reference.waves[0] if len(reference.variable.waves) > 1 and dyads.waves else ""
    return f"{reference.variable.name}.{wave}" if wave else reference.variable.name
