"""Texts that came from elsewhere (labels, file names) made fit to be written to a file."""

from __future__ import annotations

_TAB_AND_BREAKS = (0x09, 0x0A, 0x0D)
# XML 1.0 has no place for these, and in HTML they are parse errors: control characters, lone
# surrogates and non-characters.  Explicit embeddings and overrides of writing direction would turn
# round the text after the label; single marks and isolates, which names in Hebrew or Arabic
# need, are kept.
_UNPRINTABLE: dict[int, None] = dict.fromkeys(
    code
    for codes in (
        range(0x20),
        range(0x7F, 0xA0),
        range(0x202A, 0x202F),
        range(0xD800, 0xE000),
        range(0xFDD0, 0xFDF0),
        *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
    )
    for code in codes
    if code not in _TAB_AND_BREAKS
)


def printable(text: str) -> str:
    """Drop the characters that HTML and XML cannot hold.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The text without control characters (tabs and line breaks stay), lone surrogates,
        non-characters and directional overrides.  Markup is not escaped.

    Examples
    --------
    >>> printable("Trust\\x00 in\\x1b the\\u202e coach\\ud800")
    'Trust in the coach'
    """
    return text.translate(_UNPRINTABLE)


def one_line(text: str) -> str:
    """Return the text printable and on a single line.

    Examples
    --------
    >>> one_line("Trust\\n\\tin the coach")
    'Trust in the coach'
    """
    return " ".join(printable(text).split())
