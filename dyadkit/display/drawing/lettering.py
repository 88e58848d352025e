"""Text on figures: measured in points before it is drawn, wrapped, and never read as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from dyadkit.display.drawing.style import BODY, FONT, INK, Page

LEADING = 1.25
_BASELINE = 0.98
_HEADING_LIMIT = 50.0
_TALLEST_HEADING = 190.0
REPLACEMENT = "\ufffd"
# DejaVu Sans has Latin, Greek, Cyrillic, Arabic and Hebrew; these, where installed, have the rest.
_FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "PingFang SC",
    "Hiragino Sans",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "Nirmala UI",
    "Leelawadee UI",
    "Arial Unicode MS",
)

Align = Literal["left", "center", "right"]


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Return the font families to try for each character, the first one first."""
    installed = set(fontManager.get_font_names())
    return (FONT, *(name for name in _FALLBACKS if name in installed))


@lru_cache(maxsize=1)
def _faces() -> tuple[FT2Font, ...]:
    return tuple(get_font(findfont(FontProperties(family=[name]))) for name in families())


@lru_cache(maxsize=4)
def _measured(bold: bool, italic: bool) -> FontProperties:
    return FontProperties(
        family=list(families()),
        weight="bold" if bold else "normal",
        style="italic" if italic else "normal",
        size=100,
    )


def clean(text: str) -> str:
    """Put blanks for control characters and U+FFFD for what no file may hold.

    Examples
    --------
    >>> clean("trust\\x00in\\tthe coach")
    'trust in the coach'
    """
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif category in ("Cs", "Cn"):
            kept.append(REPLACEMENT)
        else:
            kept.append(character)
    return "".join(kept)


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """Clean a text, and put U+FFFD for characters that no installed font has."""
    text = clean(text)
    if text.isascii():
        return text
    kept = []
    for character in text:
        if character.isspace():
            kept.append(" ")
        elif any(face.get_char_index(ord(character)) for face in _faces()):
            kept.append(character)
        elif unicodedata.category(character) not in ("Cf", "Mn"):
            kept.append(REPLACEMENT)
    return "".join(kept)


@lru_cache(maxsize=16384)
def width(text: str, size: float = BODY, bold: bool = False, italic: bool = False) -> float:
    """Return how wide a line of text is, in points."""
    if not text:
        return 0.0
    extent, _, _ = text_to_path.get_text_width_height_descent(
        text, _measured(bold, italic), ismath=False
    )
    return float(extent) * size / 100.0


def widest(texts: Sequence[str], size: float = BODY, bold: bool = False) -> float:
    """Return the width of the widest of some texts, 0 when there is none."""
    return max((width(printable(text), size, bold) for text in texts), default=0.0)


@lru_cache(maxsize=4096)
def wrap(
    text: str, limit: float, size: float = BODY, bold: bool = False, italic: bool = False
) -> tuple[str, ...]:
    """Break a text into lines no wider than a limit.

    Parameters
    ----------
    text : str
        Any text; line breaks in it count as blanks.
    limit : float
        In points.  A word wider than this is broken, after a separator where it has one.

    Returns
    -------
    tuple of str
        One line at least.
    """
    lines: list[str] = []
    line = ""
    taken = 0.0
    blank = width("n n", size, bold, italic) - 2 * width("n", size, bold, italic)
    for word in printable(text).split():
        across = width(word, size, bold, italic)
        if line and taken + blank + across <= limit:
            line = f"{line} {word}"
            taken += blank + across
            continue
        if line:
            lines.append(line)
        while across > limit and len(word) > 1:
            cut = _break(word, limit, size, bold, italic)
            lines.append(word[:cut])
            word = word[cut:]
            across = width(word, size, bold, italic)
        line, taken = word, across
    return (*lines, line)


def _break(word: str, limit: float, size: float, bold: bool, italic: bool) -> int:
    """Return how many characters of a word that is too wide go on this line."""
    fitting, too_many = 1, len(word)
    while too_many - fitting > 1:
        middle = (fitting + too_many) // 2
        if width(word[:middle], size, bold, italic) <= limit:
            fitting = middle
        else:
            too_many = middle
    separator = max(word.rfind(mark, 0, fitting) for mark in "_-/.,;:|") + 1
    return separator if separator > fitting // 2 else fitting


def height(lines: Sequence[str], size: float = BODY) -> float:
    """Return how high a block of lines is, in points."""
    return len(lines) * LEADING * size


def write(
    page: Page,
    x: float,
    top: float,
    lines: Sequence[str],
    *,
    size: float = BODY,
    align: Align = "left",
    bold: bool = False,
    italic: bool = False,
    colour: str = INK,
) -> float:
    """Write lines below one another and return where the block ends."""
    for number, line in enumerate(lines):
        page.canvas.text(
            x,
            top + (number * LEADING + _BASELINE) * size,
            line,
            ha=align,
            va="baseline",
            fontsize=size,
            family=list(families()),
            weight="bold" if bold else "normal",
            style="italic" if italic else "normal",
            color=colour,
            parse_math=False,
        )
    return top + height(lines, size)


def write_upwards(page: Page, x: float, bottom: float, lines: Sequence[str], size: float) -> None:
    """Write lines that run upwards from `bottom`, side by side around `x`."""
    first = x - height(lines, size) / 2
    for number, line in enumerate(lines):
        page.canvas.text(
            first + (number * LEADING + _BASELINE) * size,
            bottom,
            line,
            ha="left",
            va="baseline",
            rotation=90,
            rotation_mode="anchor",
            fontsize=size,
            family=list(families()),
            color=INK,
            parse_math=False,
        )
