"""What people do by chance: in which order they come, when they answer, and what they mistype."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SECONDS_A_DAY = 86_400
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def shuffled(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a random order of n things.

    An argsort of uniform values does not depend on the version of numpy, unlike its shuffle.

    Examples
    --------
    >>> sorted(shuffled(3, np.random.default_rng(1)).tolist())
    [0, 1, 2]
    """
    return np.argsort(rng.random(n), kind="stable").astype(np.int64)


def moment(days: int, rng: np.random.Generator) -> int:
    """Return when somebody answers: by day, in one of the days of the field time.

    Parameters
    ----------
    days : int
        How long the field time is.
    rng : Generator

    Returns
    -------
    int
        Seconds from its start.
    """
    return int(days * rng.random()) * _SECONDS_A_DAY + int((8 + 12 * rng.random()) * 3600)


def pause(rng: np.random.Generator) -> int:
    """Return after how many seconds somebody answers again: a day or two later."""
    return (1 + int(2 * rng.random())) * _SECONDS_A_DAY + int(3600 * rng.random())


def mistyped(numbers: Sequence[int]) -> list[int]:
    """Return for each number what somebody typed instead, which is no other number here.

    One digit of four is wrong, that of the tens if it can be.

    Examples
    --------
    >>> mistyped([1, 11])
    [21, 31]
    """
    taken = set(numbers)
    typed = []
    for number in numbers:
        wrong = next(
            candidate
            for step in (10, 1, 100, 1000)
            for digit in range(1, 10)
            if (candidate := (number + digit * step) % 10_000) not in taken and candidate
        )
        taken.add(wrong)
        typed.append(wrong)
    return typed


def response_id(rng: np.random.Generator) -> str:
    """Return what a survey tool calls a response."""
    return "R_" + "".join(_LETTERS[int(len(_LETTERS) * value)] for value in rng.random(15))


def address(rng: np.random.Generator) -> str:
    """Return an address of the block that is reserved for documentation (RFC 5737)."""
    return f"192.0.2.{1 + int(254 * rng.random())}"
