"""Time stamps as they were written, in the study's time zone, and in universal time."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dyadkit.errors import StudyError, nearest
from dyadkit.loading.reading.raw import Mask

Times = NDArray[np.datetime64]

_STAMP = (
    r"(?P<wall>(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[T ]"
    r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?)"
    # Microseconds are enough.
    r"(?:(?<=[.,][0-9]{6})[0-9]+)? ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_FARTHEST = 14 * 60
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """Time stamps, one for each text.

    Attributes
    ----------
    local : ndarray of datetime64[us], shape (n,)
        What a clock in the study's time zone showed; NaT where the text is no time stamp.
    utc : ndarray of datetime64[us], shape (n,)
        The same moments in universal time, which alone may be subtracted from each other.
    with_offset : ndarray of bool, shape (n,)
        Texts that say their own offset from universal time.
    ambiguous : ndarray of bool, shape (n,)
        Texts without an offset whose hour occurred twice, since clocks were put back; read as its
        first occurrence.
    nonexistent : ndarray of bool, shape (n,)
        Texts without an offset whose hour never was, since clocks were put forward; read as if
        they had not been put forward yet.
    unread : ndarray of bool, shape (n,)
        Texts that are neither empty nor a time stamp of the years 1900 to 2199.
    """

    local: Times
    utc: Times
    with_offset: Mask
    ambiguous: Mask
    nonexistent: Mask
    unread: Mask


def to_zone(texts: pd.Series, timezone: str) -> Stamps:
    """Read ISO 8601 time stamps with or without an offset from universal time.

    Parameters
    ----------
    texts : Series of str
        Such as "2026-03-29T08:15:00+02:00", "2026-03-29 08:15" or "2026-03-29T06:15:00Z"; perhaps
        categorical.  A date without a time is no time stamp.
    timezone : str
        The IANA name of the zone in which texts without an offset were written.

    Returns
    -------
    Stamps

    Raises
    ------
    StudyError
        When there is no such time zone.

    Notes
    -----
    Times that a clock change makes ambiguous or impossible are read as Python does (PEP 495, fold
    0): with the offset before the change.

    Examples
    --------
    >>> stamps = to_zone(pd.Series(["2026-03-29T01:30", "2026-03-29T02:30", "2026-03-29T08:15Z"]),
    ...                  "Europe/Rome")
    >>> stamps.utc.astype(str).tolist()[1:]
    ['2026-03-29T01:30:00.000000', '2026-03-29T08:15:00.000000']
    >>> stamps.local.astype(str).tolist()[1:]
    ['2026-03-29T03:30:00.000000', '2026-03-29T10:15:00.000000']
    >>> stamps.nonexistent.tolist()
    [False, True, False]
    """
    _require_zone(timezone)
    codes, distinct = pd.factorize(texts.astype("object"))
    written = pd.Series(distinct, dtype="object").str.strip().str.upper()
    parts = written.str.extract(f"^{_STAMP}$")
    wall = _times(parts["wall"].str.replace(",", "."))
    offset = _minutes(parts["offset"])
    said = parts["offset"].notna().to_numpy() & (np.abs(offset) <= _FARTHEST)
    wrong = parts["offset"].notna().to_numpy() & ~said
    wall[wrong] = np.datetime64("NaT")
    before, after = (_offset_at(wall + day, timezone) for day in (-_DAY, _DAY))
    # A clock time may belong to two moments, one, or none: try the offsets around it.
    early, late = wall - before, wall - after
    as_early, as_late = (
        _offset_at(moment, timezone) == shift for moment, shift in ((early, before), (late, after))
    )
    known = ~np.isnat(wall)
    utc = np.where(as_early | ~as_late, early, late)
    utc = np.where(said, wall - offset.astype("timedelta64[m]"), utc)
    local: Times = (utc + _offset_at(utc, timezone)).astype("datetime64[us]")
    unsaid = known & ~said
    empty = written.eq("").to_numpy()
    return Stamps(
        local=local[codes],
        utc=utc[codes],
        with_offset=(known & said)[codes],
        ambiguous=(unsaid & as_early & as_late & (before != after))[codes],
        nonexistent=(unsaid & ~as_early & ~as_late)[codes],
        unread=(~known & ~empty)[codes],
    )


def _require_zone(timezone: str) -> None:
    known = available_timezones()
    if timezone not in known:
        raise StudyError(
            f"There is no time zone called '{timezone}'; names are like 'Europe/Rome' or 'UTC'."
            f"{nearest(timezone, sorted(known))}"
        )


def _times(texts: pd.Series) -> Times:
    times = pd.to_datetime(texts, format="ISO8601", errors="coerce")
    return times.to_numpy(dtype="datetime64[us]", copy=True)


def _minutes(offsets: pd.Series) -> NDArray[np.int64]:
    """Return "+02:00", "-0330", "+02" and "Z" in minutes; too many for what is no offset."""
    parts = offsets.str.extract(r"([+-])([0-9]{2}):?([0-9]{2})?")
    hours, minutes = (
        parts[place].fillna("0").astype("int64").to_numpy(dtype=np.int64) for place in (1, 2)
    )
    total = np.where(parts[0].eq("-"), -1, 1) * (hours * 60 + minutes)
    return np.where(minutes < 60, total, _FARTHEST + 1)


def _offset_at(utc: Times, timezone: str) -> NDArray[np.timedelta64]:
    """Return how far clocks of a zone are ahead of universal time at some moments."""
    moments = pd.DatetimeIndex(utc)
    local = moments.tz_localize("UTC").tz_convert(timezone).tz_localize(None)
    return (local - moments).to_numpy().astype("timedelta64[us]")
