"""Labels in the order in which people count."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIGITS = re.compile(r"([0-9]+)")


def counted(labels: Iterable[object]) -> list[object]:
    """Return sorted labels with the numbers in texts in their order; others as they are.

    Examples
    --------
    >>> counted(["base", "t1", "t10", "t2"])
    ['base', 't1', 't2', 't10']
    """
    found = list(labels)
    texts = [label for label in found if isinstance(label, str)]
    return [*sorted(texts, key=_parts)] if len(texts) == len(found) else found


def _parts(text: str) -> list[str | int]:
    """Return text and numbers in turn, text first."""
    return [int(part) if place % 2 else part for place, part in enumerate(_DIGITS.split(text))]
