"""Answers that no scale could give: outside its range, or too large to be computed with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dyadkit.agreement.comparisons import Comparison
from dyadkit.errors import DataError
from dyadkit.results import Note

# Fourth powers of larger numbers are beyond what a computer holds.
_LARGEST = 1e70


def require_computable(comparison: Comparison) -> None:
    """Refuse numbers whose powers overflow.

    Raises
    ------
    DataError
        With how many there are.
    """
    size = np.abs(np.concatenate(comparison.ratings))
    beyond = int((size > _LARGEST).sum())
    if beyond:
        raise DataError(
            f"{beyond} answer(s) are larger than {_LARGEST:g}, which is beyond what can be "
            "computed with. Correct them, or divide the variable by a constant."
        )


def outside_range(comparison: Comparison) -> Iterator[Note]:
    """Warn of numbers outside the range that the scale is declared to have."""
    possible = comparison.subject.first.range
    if possible is None or comparison.level:
        return
    slack = 1e-9 * (possible[1] - possible[0])
    for side, answers in zip(comparison.subject.sides, comparison.ratings, strict=True):
        outside = int(((answers < possible[0] - slack) | (answers > possible[1] + slack)).sum())
        if outside:
            yield Note(
                f"{comparison.label}: {outside} of {answers.size} answers of the {side.lower()} "
                f"lie outside the range from {possible[0]:g} to {possible[1]:g}. Correct them, or "
                "the range.",
                "warning",
                comparison.key,
            )
