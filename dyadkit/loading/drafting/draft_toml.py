"""Lines of a TOML file, and how sure each one is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

_WHOLE = re.compile(r"0|-?[1-9][0-9]*")


def quoted(text: str) -> str:
    """Write a text as TOML.

    Examples
    --------
    >>> print(quoted('Größe "M"'))
    "Größe \\"M\\""
    """
    written = json.dumps(text, ensure_ascii=False)
    # The one control character that JSON lets through.
    return written.replace("\x7f", "\\u007F")


def array(values: Iterable[object]) -> str:
    """Write texts and numbers as a TOML array.

    Examples
    --------
    >>> print(array(["a", 1]))
    ["a", 1]
    """
    written = (quoted(value) if isinstance(value, str) else str(value) for value in values)
    return f"[{', '.join(written)}]"


def codes(texts: Sequence[str]) -> str:
    """Write answers as an array, whole numbers without quotation marks.

    Examples
    --------
    >>> print(codes(["1", "Yes", "01"]))
    [1, "Yes", "01"]
    """
    return array([int(text) if _WHOLE.fullmatch(text) else text for text in texts])


def inline(pairs: Mapping[str, object]) -> str:
    """Write a TOML inline table.

    Examples
    --------
    >>> print(inline({"1": "t1", "Strongly agree": 7}))
    { "1" = "t1", "Strongly agree" = 7 }
    """
    written = (
        f"{quoted(key)} = {quoted(value) if isinstance(value, str) else value}"
        for key, value in pairs.items()
    )
    return f"{{ {', '.join(written)} }}"


def guessed(key: str, written: str, why: str = "") -> str:
    """Write a line that holds a guess.

    Examples
    --------
    >>> print(guessed("role", '"coach"'))
    role = "coach"  # check
    """
    return f"{key} = {written}  # check{f': {why}' if why else ''}"


def asked(key: str, why: str = "", written: str = '""') -> str:
    """Write a line that the researcher must complete.

    Examples
    --------
    >>> print(asked("title"))
    title = ""  # fill in
    """
    return f"{key} = {written}  # fill in{f': {why}' if why else ''}"


def comment(text: str, most: int = 90) -> str:
    """Write a text on one line of comment, cut off where it is long.

    Examples
    --------
    >>> comment("How far do you agree?\\nMy coach …")
    '# How far do you agree? My coach …'
    """
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    line = " ".join(line.split())
    return f"# {line if len(line) <= most else f'{line[: most - 1]}…'}"


def block(*lines: str) -> str:
    """Put the lines of one table together; those that are empty fall out."""
    return "\n".join(line for line in lines if line) + "\n"
