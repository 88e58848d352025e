"""Ids of the mentoring study's mentors, developees and pairs, and how people misspell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.errors import DataError
from dyadkit.simulation.chance import mistyped, shuffled

_MOST = 900
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Ids:
    """Everybody's ids.

    Attributes
    ----------
    mentors : tuple of str
        By number of the mentor, such as ``"M017"``.
    developees, typos, pairs : mapping
        By number of the mentor and of the relationship: an id such as ``"0042K"``, an id that
        somebody typed instead and that nobody has, and the key file's code of the pair.
    """

    mentors: tuple[str, ...]
    developees: Mapping[tuple[int, int], str]
    typos: Mapping[tuple[int, int], str]
    pairs: Mapping[tuple[int, int], str]


def draw_ids(n_mentors: int, keys: Sequence[tuple[int, int]], rng: np.random.Generator) -> Ids:
    """Draw the ids of mentors and relationships.

    Raises
    ------
    DataError
        When there are more relationships than ids.
    """
    if len(keys) > _MOST:
        raise DataError(
            f"{len(keys)} relationships are more than the ids provide for ({_MOST}). Ask for fewer."
        )
    numbers = (shuffled(999, rng)[: len(keys)] + 1).tolist()
    letters = [_LETTERS[int(len(_LETTERS) * value)] for value in rng.random(len(keys))]
    developees = [f"{number:04d}{letter}" for number, letter in zip(numbers, letters, strict=True)]
    typos = [f"{n:04d}{letter}" for n, letter in zip(mistyped(numbers), letters, strict=True)]
    mentors = shuffled(n_mentors, rng) + 1
    pairs = shuffled(len(keys), rng) + 1
    return Ids(
        mentors=tuple(f"M{number:03d}" for number in mentors),
        developees=dict(zip(keys, developees, strict=True)),
        typos=dict(zip(keys, typos, strict=True)),
        pairs=dict(zip(keys, (f"P{number:03d}" for number in pairs), strict=True)),
    )


def spelt_otherwise(identity: str, turn: int, role: str) -> str:
    """Return an id as somebody else spells it: in turn lower case, without zeros, with a space.

    Parameters
    ----------
    identity : str
    turn : int
        Which of the spellings; they go round.
    role : str
        Developees' ids may begin with a space; SPSS cannot keep one at the end. Mentors type a
        space at the end, one inside, and a no-break space.

    Examples
    --------
    >>> [spelt_otherwise("0042K", turn, "mentor") for turn in (0, 1, 2, 5)]
    ['0042k', '42K', '0042K ', '0042 K']
    """
    if turn % 3 == 0:
        return identity.lower()
    if turn % 3 == 1:
        return identity.lstrip("0")
    if role == "developee":
        return f" {identity}"
    return (f"{identity} ", f"{identity[:-1]} {identity[-1]}", f"{identity}\u00a0")[turn // 3 % 3]
