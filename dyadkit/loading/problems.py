"""Problems of the data: collected, so that the researcher sees all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dyadkit.errors import DataError
from dyadkit.study.wording import clip_words


@dataclass(frozen=True, slots=True)
class Problem:
    """One paragraph, and the rows it is about; never about a row that consent forbids to use."""

    text: str
    rows: tuple[int, ...] = ()

    @classmethod
    def at(cls, text: str, rows: Iterable[int]) -> Problem:
        """Make a problem of rows of any integer kind."""
        return cls(text, tuple(int(row) for row in rows))


def raise_if_any(problems: Sequence[Problem]) -> None:
    """Raise a DataError that holds every problem, a paragraph each."""
    if problems:
        raise DataError(
            in_paragraphs(problems),
            rows=[row for problem in problems for row in problem.rows],
        )


def in_paragraphs(problems: Sequence[Problem]) -> str:
    """Join problems, a paragraph each."""
    return "\n\n".join(clip_words(problem.text) for problem in problems)


def plural(count: int, word: str, words: str = "") -> str:
    """Count things in words.

    Examples
    --------
    >>> plural(1, "row"), plural(1200, "row"), plural(2, "person", "people")
    ('1 row', '1,200 rows', '2 people')
    """
    return f"{count:,} {word if count == 1 else words or word + 's'}"
