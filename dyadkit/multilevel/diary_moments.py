"""Who answered a diary when: each row's person, partner and earlier answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.errors import DataError, Refused, StudyError, listed
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.frame import DyadFrame

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The rows of a diary; the persons of dyad d have the codes 2d and 2d + 1.

    Attributes
    ----------
    frame : DataFrame
        ``dyad, member, role, person, occasion``, by dyad, occasion and member.
    wave : str
    person : ndarray of int, shape (n,)
        Codes of persons within dyads.
    order : ndarray of int, shape (n,)
        Rank of the occasion.
    number : ndarray, shape (n,)
        The occasion as a number; of dates, days since the first.
    time : ndarray, shape (n,)
        By which gaps and the trend are measured; NaN where it is not known.
    unit : str
        What a step of 1 in `time` is.
    partner : ndarray of int, shape (n,)
        The partner's row on the same occasion; −1 where there is none.
    unordered : int
        Rows whose time stamp is not after that of the person's row before.
    numbered : bool
        Whether occasions are numbers, the same for all dyads.
    """

    frame: pd.DataFrame
    wave: str
    person: IntArray
    order: IntArray
    number: FloatArray
    time: FloatArray
    unit: str
    partner: IntArray
    unordered: int
    numbered: bool

    @property
    def n_persons(self) -> int:
        """The number of person codes, two for each dyad."""
        return 2 * int(self.person.max() // 2 + 1)

    @property
    def once(self) -> BoolArray:
        """Mark one row for each dyad and occasion."""
        return np.asarray((self.person % 2 == 0) | (self.partner < 0))

    def of_partner(self, values: FloatArray) -> FloatArray:
        """Return the partner's values on the same occasion, NaN where there are none."""
        return np.where(self.partner < 0, np.nan, values[self.partner])

    def earlier(self, values: FloatArray, person: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the last earlier answer of one person for each row, and the gap in time to it."""
        steps = int(self.order.max()) + 1
        rows = np.flatnonzero(~np.isnan(values) & ~np.isnan(self.time))
        if not rows.size:
            return np.full(values.size, np.nan), np.full(values.size, np.nan)
        place = self.person * steps + self.order
        rows = rows[np.argsort(place[rows])]
        at = np.searchsorted(place[rows], person * steps + self.order) - 1
        row = rows[np.maximum(at, 0)]
        found = (at >= 0) & (self.person[row] == person)
        return (
            np.where(found, values[row], np.nan),
            np.where(found, self.time - self.time[row], np.nan),
        )


def moments_of(dyads: DyadFrame, wave: str, clock: str) -> Moments:
    """Return the rows of a diary's wave.

    Raises
    ------
    DataError
        When occasions are neither numbers nor dates, or time stamps are not in order.
    StudyError
        When time stamps are wanted that are not there.
    """
    frame = rows_of(dyads, wave, [])
    codes = pd.factorize(frame["dyad"])[0].astype(np.int64)
    member = np.asarray(frame["member"] == dyads.members[1], dtype=np.int64)
    person = 2 * codes + member
    number, numbered = numbers_of(frame["occasion"], "occasion")
    ranks, order = np.unique(number, return_inverse=True)
    order = order.astype(np.int64)
    time, unit, unordered = number, "occasion" if numbered else "day", 0
    if "time" in frame and frame["time"].notna().any():
        stamps, _ = numbers_of(frame["time"], "time")
        unordered = _unordered(person, order, stamps)
        if clock == "time":
            if unordered:
                raise DataError(
                    f"{unordered} time stamps are not later than the person's stamp on the "
                    "occasion before. Correct the occasions or the stamps, or measure gaps by "
                    'occasions (clock = "occasion").'
                )
            time, unit = stamps, "day"
    elif clock == "time":
        raise StudyError(
            'clock = "time" needs time stamps, but these data have none. Name their column (time), '
            'or take clock = "occasion".'
        )
    place = codes * ranks.size + order
    partner = np.full(place.size, -1, dtype=np.int64)
    for mine in (0, 1):
        own, other = np.flatnonzero(member == mine), np.flatnonzero(member != mine)
        if own.size and other.size:
            at = np.minimum(np.searchsorted(place[other], place[own]), other.size - 1)
            together = place[other[at]] == place[own]
            partner[own[together]] = other[at[together]]
    return Moments(frame, wave, person, order, number, time, unit, partner, unordered, numbered)


def rows_of(dyads: DyadFrame, wave: str, names: list[str]) -> pd.DataFrame:
    """Return variables in the rows of a wave that belong to an occasion."""
    rows = dyads.individual(names)
    if "member" not in rows:
        rows = rows.assign(member=rows["role"])
    if wave:
        rows = rows[rows["wave"] == wave]
    return rows[rows["occasion"].notna()].reset_index(drop=True)


def diary_waves(dyads: DyadFrame) -> tuple[str, ...]:
    """Return the waves that have occasions; one empty name when there are no waves.

    Raises
    ------
    Refused
        When the data are no diary.
    """
    if not dyads.diary:
        raise Refused(
            "The data have one row per member, but a diary has one per member and occasion. Name "
            "the column of the occasion, or take the actor–partner model (apim)."
        )
    rows = dyads.individual([])
    if not dyads.waves:
        return ("",)
    seen = set(rows.loc[rows["occasion"].notna(), "wave"])
    return tuple(wave for wave in dyads.waves if wave in seen)


def numbers_of(column: pd.Series, name: str) -> tuple[FloatArray, bool]:
    """Return moments as numbers, of dates days since the first; and whether they were numbers.

    Raises
    ------
    DataError
        When they are neither.
    """
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan), True
    dates = column
    if not pd.api.types.is_datetime64_any_dtype(column):
        dates = pd.to_datetime(column.astype("object"), errors="coerce", format="ISO8601")
        strange = dates.isna() & column.notna()
        if strange.any():
            examples = [str(value) for value in column[strange].unique()[:3]]
            raise DataError(
                f"The {name} is neither a number nor a date in {int(strange.sum())} rows, such as "
                f"{listed(examples)}. Number the occasions, or write dates as 2026-01-31."
            )
    days = (dates - dates.min()).dt.total_seconds() / _DAY
    return days.to_numpy(np.float64, na_value=np.nan), False


def _unordered(person: IntArray, order: IntArray, stamps: FloatArray) -> int:
    known = np.flatnonzero(~np.isnan(stamps))
    known = known[np.lexsort((order[known], person[known]))]
    same = person[known[1:]] == person[known[:-1]]
    return int((same & (stamps[known[1:]] <= stamps[known[:-1]])).sum())
