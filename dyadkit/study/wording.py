"""Words that somebody else wrote, as they may stand in a message."""

from __future__ import annotations

import re

# What would move the cursor, or colour the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LONG = re.compile(r"(\S{120})\S{81,}")


def clip(text: str, most: int = 60) -> str:
    """Cut a text that would fill a message.

    Examples
    --------
    >>> clip("x" * 100, 5)
    'xxxx…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def clip_words(text: str) -> str:
    """Cut the words of a message that are too long for any reader, such as a file in one line.

    Examples
    --------
    >>> len(clip_words("unknown key " + "x" * 5000))
    133
    """
    return _LONG.sub(r"\1…", _CONTROL.sub("�", text))
