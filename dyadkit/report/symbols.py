"""Which headings are statistical symbols, which print in italics (APA, 2020, 6.44)."""

from __future__ import annotations

import re

_SYMBOLS = frozenset(
    (
        *("M", "Mdn", "SD", "SE", "N", "n", "k", "p", "t", "F", "z", "df", "SS", "MS"),
        *("r", "R", "d", "g", "f", "b", "B", "U", "W", "Q"),
    )
)
_LETTERS = re.compile(r"[^\W\d_]+")


def is_symbol(heading: str) -> bool:
    """Say whether a heading consists of statistical symbols in Latin letters.

    Greek letters print upright, and so does a heading that holds any other word.

    Examples
    --------
    >>> is_symbol("M (SD)"), is_symbol("95 % CI"), is_symbol("α"), is_symbol("Role B")
    (True, False, False, False)
    """
    words = _LETTERS.findall(heading)
    return bool(words) and all(word in _SYMBOLS for word in words)
