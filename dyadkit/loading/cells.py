"""From the texts of a column to numbers, dates or categories, saying what could not be read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dyadkit.frame.coded import Numbers, coded_numbers
from dyadkit.loading.reading.raw import Mask
from dyadkit.loading.texts import each, used

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


def same_value(texts: pd.Categorical, values: Iterable[object]) -> Mask:
    """Mark the cells that hold one of the values, whatever their case and notation.

    Examples
    --------
    >>> from dyadkit.loading.texts import as_texts
    >>> same_value(as_texts(pd.Series(["yes", "No", "1.0"])), ["Yes", 1]).tolist()
    [True, False, True]
    """
    wanted = {plain(value) for value in values}
    return each(texts, lambda text: plain(text) in wanted, bool)


def detect_decimal(columns: Sequence[pd.Categorical], delimiter: str) -> tuple[str, str]:
    """Tell whether a file writes 4.5 or 4,5.

    Returns
    -------
    tuple of str
        The decimal mark, and the reason why nobody can know it, which is empty where it is known:
        "mixed" or "thousands".
    """
    marked = [texts for texts in columns if any("," in t or "." in t for t in texts.categories)]
    seen = {text for texts in marked for text in used(texts)}
    commas = {text for text in seen if _COMMA_DECIMAL.fullmatch(text)}
    if commas and any(_POINT_DECIMAL.fullmatch(text) for text in seen):
        return ".", "mixed"
    if commas and all(_THOUSANDS.fullmatch(text) for text in commas) and delimiter != ";":
        return ".", "thousands"
    return ("," if commas else "."), ""


def has_decimals(texts: pd.Categorical, mark: str) -> Mask:
    """Mark the cells that hold a number with decimals after a comma, or after a point.

    Examples
    --------
    >>> from dyadkit.loading.texts import as_texts
    >>> has_decimals(as_texts(pd.Series(["4,5", "4.5", "4"])), ",").tolist()
    [True, False, False]
    """
    pattern = _COMMA_DECIMAL if mark == "," else _POINT_DECIMAL
    return each(texts, lambda text: pattern.fullmatch(text) is not None, bool)


def read_numbers(
    texts: pd.Categorical, rules: NumberRules
) -> tuple[pd.Categorical[float] | Numbers, Mask]:
    """Turn texts into numbers.

    Returns
    -------
    tuple
        The numbers (NaN where missing), as `coded_numbers` keeps them; and a mask of cells that
        are text instead.
    """
    known = [rules.read(text) for text in texts.categories]
    numbers: Numbers = np.array([math.nan if n is None else n for n in known], dtype=np.float64)
    strange = np.array([n is None for n in known], dtype=bool)
    unread = strange[texts.codes] if strange.any() else np.zeros(len(texts), dtype=bool)
    return coded_numbers(numbers, texts.codes), unread


def read_dates(texts: pd.Categorical, missing: frozenset[object]) -> tuple[pd.Series, Mask]:
    """Turn ISO dates (2026-01-31, with or without a time) into dates; see `read_numbers`.

    Times stay as they were on the wall; an offset from UTC is left out.
    """
    known = pd.Series(texts.categories, dtype="object")
    blank = known.map(lambda text: text == "" or plain(text) in missing).astype(bool)
    dated = known.where(known.str.fullmatch(_DATE).astype(bool) & ~blank)
    dated = dated.astype("object").str.replace(_OFFSET, "", regex=True)
    dates = pd.to_datetime(dated, format="ISO8601", errors="coerce").astype("datetime64[us]")
    strange = (dates.isna() & ~blank).to_numpy(dtype=bool)
    if not len(texts):
        return pd.Series([], dtype="datetime64[us]"), np.empty(0, dtype=bool)
    return dates.take(texts.codes).reset_index(drop=True), strange[texts.codes]


def read_texts(texts: pd.Categorical, missing: frozenset[object]) -> pd.Series:
    """Keep texts as they are; empty ones and missing codes become NA."""
    gone = each(texts, lambda text: text == "" or plain(text) in missing, bool)
    return pd.Series(texts).astype("str").mask(gone)
