"""How often each thing goes wrong in the mentoring study, and the ledger that must follow.

Counts stand in `Mess`; what they leave in the files stands in `mentoring_stories`.  The expected
ledger is arithmetic on the two and looks at no data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dyadkit.errors import DataError
from dyadkit.simulation.chance import shuffled
from dyadkit.simulation.mentoring_ids import spelt_otherwise
from dyadkit.simulation.mentoring_model import WAVES
from dyadkit.simulation.mentoring_stories import (
    MENTOR_STORIES,
    PLACES,
    RELATIONSHIP_STORIES,
    Story,
    story_of,
)

# In the order in which they are tried; the first that applies counts. Others do not occur here.
REASONS = ("blank", "no_consent", "withdrawn", "no_dyad", "not_linked", "duplicate", "orphan")


@dataclass(frozen=True, slots=True)
class PerPlace:
    """One number for each role and wave."""

    developees_t1: int
    developees_t2: int
    developees_t3: int
    mentors_t1: int
    mentors_t2: int
    mentors_t3: int


@dataclass(frozen=True, slots=True)
class PerSize:
    """One number for the mentors with one, two and three developees each."""

    one: int = 0
    two: int = 0
    three: int = 0

    def __iter__(self) -> Iterator[int]:
        return iter((self.one, self.two, self.three))

    @property
    def relationships(self) -> int:
        """Relationships of these mentors together."""
        return self.one + 2 * self.two + 3 * self.three


@dataclass(frozen=True, slots=True)
class Mess:
    """How often each thing goes wrong; every number is realised exactly.

    `mentors` counts all mentors of the study. Those that the other `PerSize` fields take are among
    them; the `int` fields up to `nobody` take relationships of the mentors that are left, and the
    relationships that then remain are complete.
    """

    mentors: PerSize = PerSize(162, 78, 23)
    # Mentors: attrition.
    mentor_left_t2: PerSize = PerSize(5, 3, 1)
    mentor_left_t3: PerSize = PerSize(5, 2, 1)
    mentor_missed_t2: PerSize = PerSize(3, 1, 0)
    # Mentors: rows that must go.
    mentor_twice_complete_t1: PerSize = PerSize(1, 1, 0)
    mentor_twice_incomplete_first_t1: PerSize = PerSize(1, 1, 1)
    mentor_twice_in_turns_t2: PerSize = PerSize(0, 1, 0)
    mentor_refused_t1: PerSize = PerSize(1, 1, 0)
    mentor_refused_t3: PerSize = PerSize(1, 0, 1)
    mentor_withdrew_t2: PerSize = PerSize(0, 1, 0)
    # Relationships: attrition.
    developee_left_t2: int = 11
    developee_left_t3: int = 17
    developee_missed_t1: int = 4
    developee_missed_t2: int = 6
    mentor_omitted_t1: int = 3
    mentor_omitted_t2: int = 3
    relationship_ended_t2: int = 14
    relationship_ended_t3: int = 24
    # Relationships: rows that must go.
    developee_twice_complete_t1: int = 2
    developee_twice_incomplete_first_t1: int = 3
    developee_twice_incomplete_t2: int = 1
    developee_withdrew_with_t2_row: int = 3
    developee_withdrew_without_t2_row: int = 2
    developee_withdrew_and_missed_t1: int = 1
    developee_refused_t1: int = 2
    developee_refused_t2: int = 2
    developee_no_id_t2: int = 2
    developee_mistyped_t1: int = 2
    mentor_no_id_t1: int = 2
    mentor_no_id_t3: int = 1
    mentor_mistyped_t2: int = 2
    unlisted: int = 2
    developee_never: int = 4
    mentor_never: int = 5
    nobody: int = 4
    # Belong to no relationship: another mentor's developee in a free slot, empty lines.
    mentor_claimed_another_t1: int = 3
    blank_lines: int = 3
    # In usable rows: ids that are spelt otherwise, and cells missing completely at random.
    spelt_otherwise: PerPlace = PerPlace(3, 3, 2, 9, 6, 3)
    gender_not_said: int = 6
    empty_cells: PerPlace = PerPlace(90, 74, 62, 52, 44, 38)
    declared_missing_cells: PerPlace = PerPlace(18, 15, 12, 10, 9, 7)
    out_of_range_cells: PerPlace = PerPlace(6, 5, 4, 5, 4, 3)
    skipped_scales: PerPlace = PerPlace(6, 4, 4, 4, 4, 2)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A mentor and one developee.

    Attributes
    ----------
    mentor, member : int
        Number of the mentor, and of the relationship among the mentor's, both from 0.
    story : str
        Name of the story.
    """

    mentor: int
    member: int
    story: str

    @property
    def told(self) -> Story:
        """The story itself."""
        return story_of(self.story, self.member)


def cast(mess: Mess, rng: np.random.Generator) -> tuple[Relationship, ...]:
    """Give every relationship a story: the mentors' stories first, the others at random.

    Raises
    ------
    DataError
        When the stories need more mentors or relationships than there are.
    """
    for size, total in zip(("one", "two", "three"), mess.mentors, strict=True):
        wanted = sum(getattr(getattr(mess, name), size) for name in MENTOR_STORIES)
        if wanted > total:
            raise DataError(
                f"{wanted} mentors of size '{size}' are to have a story of their own, but there "
                f"are only {total}. Lower those counts or raise `mentors`."
            )
    owned: list[tuple[int, str]] = []
    for place, total in enumerate(mess.mentors):
        stories = [name for name in MENTOR_STORIES for _ in range([*getattr(mess, name)][place])]
        owned += [(place + 1, name) for name in (*stories, *[""] * (total - len(stories)))]
    free = sum(size for size, name in owned if not name)
    counts = _relationship_counts(mess)
    others = [name for name, count in counts.items() for _ in range(count)]
    if counts["complete"] < 0:
        raise DataError(
            f"{free - counts['complete']} relationships are to have a story of their own, but only "
            f"{free} belong to mentors without one. Lower those counts or raise `mentors`."
        )
    drawn = iter(shuffled(free, rng).tolist())
    return tuple(
        Relationship(mentor, member, name or others[next(drawn)])
        for mentor, (size, name) in enumerate(owned)
        for member in range(size)
    )


def expected_ledger(mess: Mess) -> list[dict[str, object]]:
    """Return what a loader must count, for each source and wave.

    Returns
    -------
    list of dict
        ``source``, ``wave`` (None for empty lines, which have none), ``role``, ``read``,
        ``excluded`` by reason and ``kept``; of the rows kept ``joined``, whose ids are not spelt as
        in the key file (spaces at the ends aside), and the cells ``out_of_range`` and
        ``declared_missing``. In the mentors' file a row is a filled slot.
    """
    stories = _stories(mess)
    records: list[dict[str, object]] = []
    for place in PLACES:
        fates = [
            visit.fate
            for story, count in stories
            for visit in story.visits(place)
            for _ in range(count)
        ]
        if place == "mentors_t1":
            fates += ["not_linked"] * mess.mentor_claimed_another_t1
        role, wave = role_and_wave(place)
        records.append(
            {
                "source": source_of(place),
                "wave": wave,
                "role": role,
                "read": len(fates),
                "excluded": {reason: fates.count(reason) for reason in REASONS},
                "kept": fates.count("kept"),
                "joined": sum(
                    spelt_otherwise("0042K", turn, role).strip() != "0042K"
                    for turn in range(getattr(mess.spelt_otherwise, place))
                ),
                "out_of_range": getattr(mess.out_of_range_cells, place),
                "declared_missing": getattr(mess.declared_missing_cells, place),
            }
        )
    records.append(
        {
            **{"source": "mentors", "wave": None, "role": "mentor", "read": mess.blank_lines},
            "excluded": {r: mess.blank_lines if r == "blank" else 0 for r in REASONS},
            **{"kept": 0, "joined": 0, "out_of_range": 0, "declared_missing": 0},
        }
    )
    return records


def expected_dyads(mess: Mess) -> dict[str, object]:
    """Return how many dyads are complete or one-sided at each wave, complete throughout, listed."""
    stories = _stories(mess)
    counts: dict[str, object] = {}
    for wave in WAVES:
        sides = [
            (story.usable(f"developees_{wave}"), story.usable(f"mentors_{wave}"), count)
            for story, count in stories
        ]
        developee_only = sum(count for one, other, count in sides if one and not other)
        mentor_only = sum(count for one, other, count in sides if other and not one)
        counts[wave] = {
            "complete": sum(count for one, other, count in sides if one and other),
            "one_sided": developee_only + mentor_only,
            "developee_only": developee_only,
            "mentor_only": mentor_only,
        }
    return {
        **counts,
        "complete_at_every_wave": sum(count for story, count in stories if story.complete),
        "in_any_wave": sum(
            count for story, count in stories if any(story.usable(place) for place in PLACES)
        ),
        "in_the_key_file": mess.mentors.relationships - mess.unlisted,
    }


def role_and_wave(place: str) -> tuple[str, str]:
    """Return who answered in a place, and when.

    Examples
    --------
    >>> role_and_wave("developees_t2")
    ('developee', 't2')
    """
    plural, wave = place.split("_")
    return plural.removesuffix("s"), wave


def source_of(place: str) -> str:
    """Return the name of a place's source in the study file.

    Examples
    --------
    >>> source_of("developees_t2"), source_of("mentors_t2")
    ('developees t2', 'mentors')
    """
    return "mentors" if place.startswith("mentors") else place.replace("_", " ")


def _relationship_counts(mess: Mess) -> dict[str, int]:
    """Count the relationships of each story that is no mentor's; the rest is complete."""
    counts = {name: int(getattr(mess, name)) for name in RELATIONSHIP_STORIES if name != "complete"}
    taken = sum(getattr(mess, name).relationships for name in MENTOR_STORIES)
    rest = mess.mentors.relationships - taken - sum(counts.values())
    return {"complete": rest, **counts}


def _stories(mess: Mess) -> list[tuple[Story, int]]:
    """Return each story with the number of relationships that live through it."""
    counted = [(story_of(name, 0), count) for name, count in _relationship_counts(mess).items()]
    for name in MENTOR_STORIES:
        sizes: PerSize = getattr(mess, name)
        first = sum(sizes)
        counted += [(story_of(name, 0), first), (story_of(name, 1), sizes.relationships - first)]
    return counted
