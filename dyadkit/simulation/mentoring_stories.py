"""What can happen to a relationship of the mentoring study, and the rows that it leaves.

A story says for each role and wave which rows are sent and why a row does not count.  Some stories
are a mentor's: then all of the mentor's relationships live through them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dyadkit.simulation.visits import (
    AGAIN,
    FULL,
    GAPPY,
    KEPT,
    NONE,
    ORPHAN,
    REFUSED,
    WITHDREW,
    Visit,
)

#: A role's answers at one wave: the developees' files, and the waves within the mentors' one.
PLACES = (
    *("developees_t1", "developees_t2", "developees_t3"),
    *("mentors_t1", "mentors_t2", "mentors_t3"),
)

_MISTYPED = (Visit("mistyped", "not_linked"),)
_NO_ID = (Visit("no_id", "no_dyad"),)
_UNLISTED = (Visit("answered", "not_linked"),)


@dataclass(frozen=True, slots=True)
class Story:
    """The rows that a relationship leaves in each place, in the order in which they were sent."""

    developees_t1: tuple[Visit, ...] = KEPT
    developees_t2: tuple[Visit, ...] = KEPT
    developees_t3: tuple[Visit, ...] = KEPT
    mentors_t1: tuple[Visit, ...] = KEPT
    mentors_t2: tuple[Visit, ...] = KEPT
    mentors_t3: tuple[Visit, ...] = KEPT

    def visits(self, place: str) -> tuple[Visit, ...]:
        """Rows in one place."""
        visits: tuple[Visit, ...] = getattr(self, place)
        return visits

    def usable(self, place: str) -> bool:
        """Whether the relationship has a usable row in a place."""
        return any(visit.fate == "kept" for visit in self.visits(place))

    @property
    def complete(self) -> bool:
        """Whether both persons have a usable row at every wave."""
        return all(self.usable(place) for place in PLACES)


def _developees(
    t1: tuple[Visit, ...], t2: tuple[Visit, ...], t3: tuple[Visit, ...], mentors: tuple[Visit, ...]
) -> Story:
    """Return a story in which the mentor's rows are of one kind at all waves."""
    return Story(t1, t2, t3, mentors, mentors, mentors)


def _mentors(
    developees: tuple[Visit, ...],
    t1: tuple[Visit, ...],
    t2: tuple[Visit, ...],
    t3: tuple[Visit, ...],
) -> Story:
    """Return a story in which the developee's rows are of one kind at all waves."""
    return Story(developees, developees, developees, t1, t2, t3)


#: Happen to one relationship. The keys, but for "complete", are fields of `Mess`.
RELATIONSHIP_STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "complete": Story(),
        # Attrition.
        "developee_left_t2": Story(developees_t2=NONE, developees_t3=NONE),
        "developee_left_t3": Story(developees_t3=NONE),
        "developee_missed_t1": Story(developees_t1=NONE),
        "developee_missed_t2": Story(developees_t2=NONE),
        "mentor_omitted_t1": Story(mentors_t1=NONE),
        "mentor_omitted_t2": Story(mentors_t2=NONE),
        "relationship_ended_t2": Story(
            developees_t2=NONE, developees_t3=NONE, mentors_t2=NONE, mentors_t3=NONE
        ),
        "relationship_ended_t3": Story(developees_t3=NONE, mentors_t3=NONE),
        # Answered twice.
        "developee_twice_complete_t1": Story(developees_t1=(FULL, AGAIN)),
        "developee_twice_incomplete_first_t1": Story(developees_t1=(GAPPY, FULL)),
        "developee_twice_incomplete_t2": Story(developees_t2=(GAPPY, Visit("nearly_full"))),
        # Withdrew, from t2 on.
        "developee_withdrew_with_t2_row": Story(developees_t2=WITHDREW, developees_t3=NONE),
        "developee_withdrew_without_t2_row": Story(developees_t2=NONE, developees_t3=NONE),
        # The mentor's rows stay though the developee's only row is withdrawn.
        "developee_withdrew_and_missed_t1": _developees(NONE, WITHDREW, NONE, KEPT),
        # Refused; consent holds for the wave.
        "developee_refused_t1": _developees(REFUSED, NONE, NONE, ORPHAN),
        "developee_refused_t2": Story(developees_t2=REFUSED, developees_t3=NONE),
        # Ids that lead nowhere.
        "developee_no_id_t2": Story(developees_t2=_NO_ID),
        "developee_mistyped_t1": Story(developees_t1=_MISTYPED),
        "mentor_no_id_t1": Story(mentors_t1=_NO_ID),
        "mentor_no_id_t3": Story(mentors_t3=_NO_ID),
        "mentor_mistyped_t2": Story(mentors_t2=_MISTYPED),
        "unlisted": _developees(_UNLISTED, _UNLISTED, _UNLISTED, _UNLISTED),
        # Only one person ever answered, or nobody.
        "developee_never": _developees(NONE, NONE, NONE, ORPHAN),
        "mentor_never": _mentors(ORPHAN, NONE, NONE, NONE),
        "nobody": _developees(NONE, NONE, NONE, NONE),
    }
)
#: Happen to a mentor, and so to all of the mentor's relationships. The keys are fields of `Mess`.
MENTOR_STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "mentor_left_t2": Story(mentors_t2=NONE, mentors_t3=NONE),
        "mentor_left_t3": Story(mentors_t3=NONE),
        "mentor_missed_t2": Story(mentors_t2=NONE),
        "mentor_twice_complete_t1": Story(mentors_t1=(FULL, AGAIN)),
        "mentor_twice_incomplete_first_t1": Story(mentors_t1=(GAPPY, FULL)),
        # See `IN_TURNS` for the other relationships.
        "mentor_twice_in_turns_t2": Story(mentors_t2=(FULL, GAPPY)),
        "mentor_refused_t1": _mentors(ORPHAN, REFUSED, NONE, NONE),
        "mentor_refused_t3": Story(mentors_t3=REFUSED),
        "mentor_withdrew_t2": Story(mentors_t2=WITHDREW, mentors_t3=NONE),
    }
)
#: A mentor answered about the first developee fully in one sitting, about the others in the next.
IN_TURNS = "mentor_twice_in_turns_t2"
IN_TURNS_OTHERS = Story(mentors_t2=(GAPPY, FULL))

WITHDRAWN_DEVELOPEES = (
    "developee_withdrew_with_t2_row",
    "developee_withdrew_without_t2_row",
    "developee_withdrew_and_missed_t1",
)
WITHDRAWN_MENTORS = ("mentor_withdrew_t2",)
#: Not in the key file, though both answer.
UNLISTED = "unlisted"


def story_of(name: str, member: int) -> Story:
    """Return the story of a mentor's relationship number `member`, counted from 0."""
    if name == IN_TURNS and member > 0:
        return IN_TURNS_OTHERS
    return RELATIONSHIP_STORIES[name] if name in RELATIONSHIP_STORIES else MENTOR_STORIES[name]
