"""From the texts of a column to numbers, dates or categories, saying what could not be read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

_NUMBER = {
    ".": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    ",": re.compile(r"[+-]?([0-9]+,?[0-9]*|,[0-9]+)([eE][+-]?[0-9]+)?"),
}
_COMMA_DECIMAL = re.compile(r"[+-]?[0-9]*,[0-9]+")
_POINT_DECIMAL = re.compile(r"[+-]?[0-9]*\.[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+")
# A code with leading zeros is a text: "042" is not "42".
_CODE = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_OFFSET = re.compile(r"(?<=[0-9])(Z|[+-][0-9]{2}:?[0-9]{2})$", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?", re.IGNORECASE)


def plain(value: object) -> object:
    """Bring 1, 1.0, "1", True, "true" and " Yes" to one form each.

    Examples
    --------
    >>> plain("1.0") == plain(1), plain(" Yes"), plain("007")
    (True, 'yes', '007')
    """
    text = str(value).strip().casefold()
    return float(text) if _CODE.fullmatch(text) else text


@dataclass(frozen=True, slots=True)
class NumberRules:
    """How one file writes numbers: decimal mark, words that stand for numbers, missing codes.

    Words and codes are in their `plain` form.
    """

    decimal: str
    words: Mapping[object, float]
    missing: frozenset[object]

    def read(self, text: str) -> float | None:
        """Return the number, NaN where it is missing, None where it is no number."""
        word = plain(text)
        if text == "" or word in self.missing:
            return math.nan
        if word in self.words:
            return self.words[word]
        if not _NUMBER[self.decimal].fullmatch(text):
            return None
        number = float(text.replace(",", "."))
        if math.isinf(number):
            return None
        return math.nan if number in self.missing else number


def same_value(texts: pd.Series, values: Iterable[object]) -> pd.Series:
    """Mark the cells that hold one of the values, whatever their case and notation.

    Examples
    --------
    >>> same_value(pd.Series(["yes", "No", "1.0"]), ["Yes", 1]).tolist()
    [True, False, True]
    """
    wanted = {plain(value) for value in values}
    known = {text: plain(text) in wanted for text in texts.unique()}
    return texts.map(known).astype(bool)


def detect_decimal(columns: Sequence[pd.Series], delimiter: str) -> tuple[str, str]:
    """Tell whether a file writes 4.5 or 4,5.

    Returns
    -------
    tuple of str
        The decimal mark, and the reason why nobody can know it, which is empty where it is known:
        "mixed" or "thousands".
    """
    seen = {text for column in columns for text in column.unique()}
    commas = {text for text in seen if _COMMA_DECIMAL.fullmatch(text)}
    if commas and any(_POINT_DECIMAL.fullmatch(text) for text in seen):
        return ".", "mixed"
    if commas and all(_THOUSANDS.fullmatch(text) for text in commas) and delimiter != ";":
        return ".", "thousands"
    return ("," if commas else "."), ""


def has_decimals(texts: pd.Series, mark: str) -> pd.Series:
    """Mark the cells that hold a number with decimals after a comma, or after a point.

    Examples
    --------
    >>> has_decimals(pd.Series(["4,5", "4.5", "4"]), ",").tolist()
    [True, False, False]
    """
    pattern = _COMMA_DECIMAL if mark == "," else _POINT_DECIMAL
    known = {text: pattern.fullmatch(text) is not None for text in texts.unique()}
    return texts.map(known).astype(bool)


def read_numbers(texts: pd.Series, rules: NumberRules) -> tuple[pd.Series, pd.Series]:
    """Turn texts into numbers.

    Returns
    -------
    tuple of Series
        The numbers (NaN where missing), and a mask of cells that are text instead.
    """
    known = {text: rules.read(text) for text in texts.unique()}
    strange = {text for text, number in known.items() if number is None}
    numbers = texts.map({text: math.nan if n is None else n for text, n in known.items()})
    return numbers.astype(float), texts.isin(strange)


def read_dates(texts: pd.Series, missing: frozenset[object]) -> tuple[pd.Series, pd.Series]:
    """Turn ISO dates (2026-01-31, with or without a time) into dates; see `read_numbers`.

    Times stay as they were on the wall; an offset from UTC is left out.
    """
    blank = texts.eq("") | same_value(texts, missing)
    dated = texts.where(texts.str.fullmatch(_DATE) & ~blank).str.replace(_OFFSET, "", regex=True)
    dates = pd.to_datetime(dated, format="ISO8601", errors="coerce").astype("datetime64[us]")
    return dates, dates.isna() & ~blank


def read_texts(texts: pd.Series, missing: frozenset[object]) -> pd.Series:
    """Keep texts as they are; empty ones and missing codes become NA."""
    return texts.mask(texts.eq("") | same_value(texts, missing)).astype("str")
