"""File names made of what researchers call their analyses: safe on every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_LONGEST = 80
_WORD = re.compile(r"[a-z0-9_]+")
# Windows takes these for devices, whatever ending follows.
_RESERVED = frozenset(
    (
        *("con", "prn", "aux", "nul", "conin", "conout"),
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
    )
)


def slug(text: str, longest: int = _LONGEST) -> str:
    """Turn any text into a file name without an ending.

    Parameters
    ----------
    text : str
        May hold anything: slashes, dots, accents, other scripts, hundreds of characters.
    longest : int
        How many characters the name may have.

    Returns
    -------
    str
        Lower-case letters, digits, underscores and hyphens, at least one; never a name that
        Windows reserves.

    Examples
    --------
    >>> slug("../Trust & Éclat"), slug("CON"), slug("信任")
    ('trust-eclat', 'con-file', 'untitled')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    words = "-".join(_WORD.findall(plain.lower()))
    short = words[:longest].strip("-") or "untitled"
    return f"{short}-file" if short in _RESERVED else short


def file_stem(analysis: str, part: str) -> str:
    """Name the file of a table or figure after its analysis and itself, leaving room for both.

    Examples
    --------
    >>> file_stem("Trust, agreement", "by wave")
    'trust-agreement-by-wave'
    """
    return f"{slug(analysis, 45)}-{slug(part, 30)}"


def distinct_slugs(texts: Iterable[str]) -> tuple[str, ...]:
    """Turn texts into file names that differ, also where case does not count.

    Returns
    -------
    tuple of str
        In the order given; the second of two equal names ends in ``-2``.

    Examples
    --------
    >>> distinct_slugs(["Trust", "trust!", "trust-2"])
    ('trust', 'trust-2', 'trust-2-2')
    """
    taken: set[str] = set()
    names: list[str] = []
    for text in texts:
        first = name = slug(text)
        number = 2
        while name in taken:
            ending = f"-{number}"
            name = first[: _LONGEST - len(ending)].rstrip("-") + ending
            number += 1
        taken.add(name)
        names.append(name)
    return tuple(names)
