"""Numbers, dates and times → the text that stands for them in a `RawTable`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

_MS_A_DAY = 86_400_000
# Milliseconds since 1970: ISO 8601 writes the years 1 to 9999.
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def number_text(value: float, *, single: bool = False) -> str:
    """Write a number as the shortest text that reads back as the same number.

    Parameters
    ----------
    value : float
    single : bool
        Whether it was stored in single precision, where 4.3 is 4.300000190734863.

    Returns
    -------
    str
        Empty for NaN.

    Examples
    --------
    >>> number_text(5.0), number_text(4.5), number_text(1e15), number_text(float("nan"))
    ('5', '4.5', '1000000000000000', '')
    >>> number_text(4.300000190734863, single=True)
    '4.3'
    """
    if value != value:
        return ""
    if abs(value) < 1e21 and value == int(value):
        return str(int(value))
    return str(np.float32(value)) if single else repr(float(value))


def number_texts(values: Numbers, *, single: bool = False) -> list[str]:
    """Write many numbers; see `number_text`.

    Parameters
    ----------
    values : ndarray of float, shape (n,)

    Examples
    --------
    >>> number_texts(np.array([1.0, 2.5, np.nan]))
    ['1', '2.5', '']
    """
    return _each(values, lambda value: number_text(value, single=single))


def date_texts(milliseconds: Numbers, stored: Numbers | None = None) -> list[str]:
    """Write dates as ISO 8601; what is no date of the years 1 to 9999 stays a number.

    Parameters
    ----------
    milliseconds : ndarray of float, shape (n,)
        Since 1970-01-01; NaN is written as an empty text.
    stored : ndarray of float, shape (n,), optional
        The numbers in the file, if they count in another way.

    Examples
    --------
    >>> date_texts(np.array([0.0, 86_400_000.0, np.nan]))
    ['1970-01-01', '1970-01-02', '']
    """
    return _stamps(milliseconds, stored, "D")


def datetime_texts(milliseconds: Numbers, stored: Numbers | None = None) -> list[str]:
    """Write dates with times as ISO 8601; see `date_texts`.

    Examples
    --------
    >>> datetime_texts(np.array([0.0, 1500.0]))
    ['1970-01-01T00:00:00', '1970-01-01T00:00:01.500']
    """
    return _stamps(milliseconds, stored, "ms")


def time_texts(milliseconds: Numbers) -> list[str]:
    """Write times of day, or durations, as hours, minutes and seconds.

    Parameters
    ----------
    milliseconds : ndarray of float, shape (n,)

    Examples
    --------
    >>> time_texts(np.array([3_661_000.0, -500.0, 90_000_000.0]))
    ['01:01:01', '-00:00:00.500', '25:00:00']
    """
    return _each(milliseconds, _time_text)


def _time_text(milliseconds: float) -> str:
    if milliseconds != milliseconds:
        return ""
    if abs(milliseconds) > _LAST_MS:
        return number_text(milliseconds)
    whole = round(abs(milliseconds))
    minutes, rest = divmod(whole, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds, fraction = divmod(rest, 1000)
    sign = "-" if milliseconds < 0 and whole else ""
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}" + (f".{fraction:03}" if fraction else "")


def _stamps(milliseconds: Numbers, stored: Numbers | None, unit: str) -> list[str]:
    fits = (milliseconds >= _FIRST_MS) & (milliseconds <= _LAST_MS)
    others = np.where(fits, np.nan, milliseconds if stored is None else stored)
    texts = np.array(number_texts(others), dtype=object)
    whole = np.round(milliseconds[fits]).astype(np.int64)
    if unit == "D":
        texts[fits] = np.datetime_as_string((whole // _MS_A_DAY).astype("datetime64[D]"))
    else:
        written = np.datetime_as_string(whole.astype("datetime64[ms]"))
        texts[fits] = [text.removesuffix(".000") for text in written.tolist()]
    return [str(text) for text in texts]


def _each(values: Numbers, write: Callable[[float], str]) -> list[str]:
    """Write each distinct value once: answers repeat."""
    distinct, places = np.unique(values, return_inverse=True)
    texts = [write(value) for value in distinct.tolist()]
    return [texts[place] for place in places.ravel().tolist()]
