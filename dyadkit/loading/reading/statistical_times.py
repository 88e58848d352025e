"""How SPSS and Stata count time, by the display format of a variable.

SPSS counts seconds from 14 October 1582; Stata counts milliseconds, days, weeks, months, quarters
or half-years from 1 January 1960, and every year has 52 weeks (Stata Data Management Reference
Manual, "datetime").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dyadkit.loading.reading.written import Numbers, date_texts, datetime_texts, time_texts

_DAY = 86_400_000.0
_SPSS_EPOCH = float(np.datetime64("1582-10-14", "ms").astype(np.int64))
_STATA_EPOCH = float(np.datetime64("1960-01-01", "ms").astype(np.int64))
_SPSS_DATES = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR"}
_SPSS_DATETIMES = {"DATETIME", "YMDHMS"}
_SPSS_TIMES = {"TIME", "DTIME", "MTIME"}
_STATA = re.compile(r"%-?(?:t([cCdwmqh])|(d))(.*)")
# The signs for year, month, week and day in a Stata format; one without them shows a time of day.
_STATA_DAY_SIGNS = re.compile(r"[CYNnDdJjWw]|[Mm]on|[Ll]")
_MONTHS = {"m": 1.0, "q": 3.0, "h": 6.0}


@dataclass(frozen=True, slots=True)
class Times:
    """How a column of numbers is written as times.

    Attributes
    ----------
    write : callable
        From the numbers of the file to texts; NaN is written as an empty text.
    dated : bool
        Whether the texts are dates, and not times of day.
    """

    write: Callable[[Numbers], list[str]]
    dated: bool


def times_of(form: str | None) -> Times | None:
    """Tell how a variable counts time; None when its numbers are numbers.

    Parameters
    ----------
    form : str or None
        Its display format, such as SPSS's "DATE11" or Stata's "%td".

    Examples
    --------
    >>> times_of("F8.2") is None
    True
    >>> times_of("%tm").write(np.array([0.0, 771.0]))
    ['1960-01-01', '2024-04-01']
    """
    form = form or ""
    stata = _STATA.match(form)
    if stata:
        return _stata_times(stata[1] or stata[2], stata[3])
    word = re.match(r"[A-Z]*", form)
    kind = word[0] if word else ""
    if kind in _SPSS_DATES:
        return Times(lambda sec: date_texts(sec * 1000 + _SPSS_EPOCH, sec), dated=True)
    if kind in _SPSS_DATETIMES:
        return Times(lambda sec: datetime_texts(sec * 1000 + _SPSS_EPOCH, sec), dated=True)
    if kind in _SPSS_TIMES:
        return Times(lambda sec: time_texts(sec * 1000), dated=False)
    return None


def _stata_times(unit: str, shown: str) -> Times:
    if unit in "cC":
        if shown and not _STATA_DAY_SIGNS.search(shown):
            return Times(lambda ms: time_texts(ms % _DAY), dated=False)
        return Times(lambda ms: datetime_texts(ms + _STATA_EPOCH, ms), dated=True)
    if unit == "d":
        return Times(lambda days: date_texts(days * _DAY + _STATA_EPOCH, days), dated=True)
    if unit == "w":
        return Times(lambda weeks: date_texts(_week_starts(weeks), weeks), dated=True)
    return Times(lambda count: date_texts(_month_starts(count * _MONTHS[unit]), count), dated=True)


def _month_starts(months: Numbers) -> Numbers:
    """Return the first days, in milliseconds since 1970, of months counted from January 1960."""
    known = np.abs(months) < 1e6
    starts = np.full(len(months), np.nan)
    counted = months[known].astype(np.int64) - 120
    starts[known] = counted.astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64)
    return starts


def _week_starts(weeks: Numbers) -> Numbers:
    years, week = np.divmod(weeks, 52)
    return _month_starts(years * 12) + week * 7 * _DAY
