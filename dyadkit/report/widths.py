"""How much room a table needs on paper, judged from the length of its texts."""

from __future__ import annotations

from dataclasses import dataclass

from dyadkit.display.tables import ShownTable
from dyadkit.report.characters import one_line
from dyadkit.report.spanning import spanners

PADDING = 150  # twentieths of a point, both sides of a cell together
PORTRAIT_TEXT = 9072  # width of the text on a standing page, in twentieths of a point

_SIZES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0)  # points, tried in turn
_READABLE = 9.0
_SMALLEST_STANDING = 8.0
_CHARACTER = 0.52  # mean width of a character, in sizes of the font
_CAPITAL = 0.4  # how much wider a capital is, in mean characters
_LONGEST_LINE = 42  # characters that a text column is given before it wraps
_NARROWEST = 500
_EASE = 1.3  # how far columns may spread when there is room


@dataclass(frozen=True, slots=True)
class Fit:
    """The widths of a table's columns, in twentieths of a point, and its font size in points."""

    widths: tuple[int, ...]
    size: float


def fit(shown: ShownTable, available: int) -> Fit:
    """Choose column widths and the largest font size that keep a table within a page.

    Parameters
    ----------
    shown : ShownTable
    available : int
        Width of the text, in twentieths of a point.

    Returns
    -------
    Fit
        Widths that sum to at most `available`.  Where even the smallest size does not do,
        columns are narrowed in proportion, and words break.
    """
    for size in _SIZES:
        wanted, least = _needs(shown, size)
        # Type shrinks to spare a line, but only while it is easily read; then lines wrap first.
        if sum(wanted if size > _READABLE else least) <= available:
            break
    total, smallest = sum(wanted), sum(least)
    if total <= available:
        ease = min(_EASE, available / total)
        widths = [ease * width for width in wanted]
    elif smallest <= available:
        share = (available - smallest) / (total - smallest)
        widths = [low + share * (high - low) for low, high in zip(least, wanted, strict=True)]
    else:
        widths = [low * available / smallest for low in least]
    return Fit(tuple(int(width) for width in widths), size)


def is_wide(shown: ShownTable) -> bool:
    """Say whether a table is too wide for a standing page, even in small type."""
    return sum(_needs(shown, _SMALLEST_STANDING)[1]) > PORTRAIT_TEXT


def _needs(shown: ShownTable, size: float) -> tuple[list[float], list[float]]:
    """Return the width each column would like and the least that it can do with."""
    unit = 20 * size * _CHARACTER
    wanted, least = [], []
    for (heading, *texts), numeric in zip(_texts_by_column(shown), shown.numeric, strict=True):
        # Headings and texts may wrap between words; a number stays on its line.
        whole = texts if numeric else [word for text in texts for word in text.split()]
        line = max(map(_length, (heading, *texts)))
        word = max(map(_length, (*heading.split(), *whole)), default=0)
        wanted.append(PADDING + unit * (line if numeric else min(line, _LONGEST_LINE)))
        least.append(PADDING + unit * min(word, _LONGEST_LINE))
    wanted, least = ([max(width, _NARROWEST) for width in widths] for widths in (wanted, least))
    for group in spanners(shown):
        columns = slice(group.start, group.start + group.length)
        for widths in (wanted, least):
            lacking = PADDING + unit * len(one_line(group.text)) - sum(widths[columns])
            if group.text and lacking > 0:
                widths[columns] = [width + lacking / group.length for width in widths[columns]]
    across = [len(one_line(row.texts[0])) for row in shown.rows if row.heading]
    lacking = PADDING + unit * max(across, default=0) - sum(wanted)
    if lacking > 0:
        wanted[0] += lacking
    return wanted, least


def _length(text: str) -> float:
    """Return how long a text is, in characters of mean width: capitals are wider."""
    return len(text) + _CAPITAL * sum(map(str.isupper, text))


def _texts_by_column(shown: ShownTable) -> list[list[str]]:
    columns = [[one_line(heading)] for heading in shown.headings]
    for row in shown.rows:
        if not row.heading:
            for column, text in zip(columns, row.texts, strict=True):
                column.append(one_line(text))
    return columns
