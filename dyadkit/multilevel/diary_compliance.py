"""How many of the expected occasions were answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dyadkit.errors import StudyError
from dyadkit.frame import DyadFrame
from dyadkit.multilevel.diary_rows import DiaryRows


@dataclass(frozen=True, slots=True)
class Answered:
    """The occasions that the persons of one role answered.

    Attributes
    ----------
    role : str
        Empty for exchangeable members.
    persons : int
        Who answered at least once.
    expected : int or None
        Occasions times persons; None where nobody said how many occasions there were.
    answered : int
    quartiles : tuple of float
        The lower quartile, median and upper quartile of the persons' counts.
    """

    role: str
    persons: int
    expected: int | None
    answered: int
    quartiles: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Compliance:
    """Answered occasions by role, and of both members together.

    Attributes
    ----------
    roles : tuple of Answered
    per_person : int or None
        Occasions expected of each person.
    either, both : int
        Occasions of dyads on which at least one member answered, and on which both did.
    """

    roles: tuple[Answered, ...]
    per_person: int | None
    either: int
    both: int


def compliance_of(dyads: DyadFrame, rows: DiaryRows, expected: int | None) -> Compliance:
    """Count the answered occasions.

    An occasion counts as answered when outcome or predictors have any answer.  Unless it is said
    how many were expected of each person, these are all numbered occasions on which anybody
    answered; of dates, which differ from dyad to dyad, that is not known.

    Raises
    ------
    StudyError
        When a person answered more occasions than expected.
    """
    moments = rows.moments
    counts = np.bincount(moments.person[rows.answered], minlength=moments.n_persons)
    per_person = expected
    if expected is None and moments.numbered:
        per_person = int(np.unique(moments.order[rows.answered]).size)
    if expected is not None and counts.max() > expected:
        raise StudyError(
            f"expected={expected} occasions, but {int((counts > expected).sum())} person(s) "
            f"answered more, up to {int(counts.max())}. Correct the number, or the occasions."
        )
    member = np.arange(counts.size) % 2
    found = []
    places = range(2) if rows.roles else [None]
    for place in places:
        own = counts if place is None else counts[member == place]
        own = own[own > 0]
        persons = int(own.size)
        low, middle, high = np.quantile(own, (0.25, 0.5, 0.75)).tolist()
        found.append(
            Answered(
                dyads.members[place] if place is not None else "",
                persons,
                None if per_person is None else persons * per_person,
                int(own.sum()),
                (low, middle, high),
            )
        )
    other = (moments.partner >= 0) & rows.answered[moments.partner]
    together = int((rows.answered & other).sum()) // 2
    alone = int((rows.answered & ~other).sum())
    return Compliance(tuple(found), per_person, together + alone, together)
