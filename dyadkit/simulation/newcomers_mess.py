"""What goes wrong in the newcomer study's field work, and the ledger that must follow.

Counts stand in `Mess`. What a newcomer with some fate leaves in the exports stands in `STORIES`.
The expected ledger is arithmetic on the two and looks at no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dyadkit.errors import DataError
from dyadkit.simulation.newcomers_model import WAVES
from dyadkit.simulation.visits import AGAIN, FULL, GAPPY, KEPT, NONE, REFUSED, Visit

# In the order in which they are tried; the first that applies counts.
REASONS = ("blank", "preview", "no_consent", "unfinished", "duplicate")
MENTORS = "mentors"


@dataclass(frozen=True, slots=True)
class PerWave:
    """One number for each wave."""

    t1: int
    t2: int
    t3: int


@dataclass(frozen=True, slots=True)
class Mess:
    """How often each thing goes wrong; every number is realised exactly.

    The fields up to `stopped_t2` count newcomers of the study, by what they left; `refused_t1`
    counts people who were asked and refused.
    """

    complete: int = 90
    twice_complete_t1: int = 2
    twice_incomplete_first_t2: int = 1
    stopped_first_t1: int = 2
    left_after_t1: int = 10
    left_after_t2: int = 12
    missed_t2: int = 6
    stopped_t2: int = 1
    refused_t1: int = 2
    # Of the newcomers, those whose mentor filled in the form; some mentors did it twice.
    mentor_forms: int = 117
    mentors_twice: int = 1
    blank_lines_mentors: int = 1
    previews: PerWave = PerWave(3, 1, 2)
    # Rows kept whose id is not spelt as in the invitation.
    spelt_otherwise: PerWave = PerWave(0, 5, 4)
    spelt_otherwise_mentors: int = 3
    # Cells in usable rows, all missing completely at random.
    skipped_scales: PerWave = PerWave(0, 1, 2)
    empty_cells: PerWave = PerWave(34, 30, 27)
    declared_missing_cells: PerWave = PerWave(9, 7, 6)

    @property
    def newcomers(self) -> int:
        """How many newcomers the study has."""
        return sum(getattr(self, name) for name in STORIES if name != "refused_t1")


# The rows that a newcomer leaves in each wave, in the order in which they were sent.
STORIES: Mapping[str, tuple[tuple[Visit, ...], ...]] = MappingProxyType(
    {
        "complete": (KEPT, KEPT, KEPT),
        "twice_complete_t1": ((FULL, AGAIN), KEPT, KEPT),
        "twice_incomplete_first_t2": (KEPT, (GAPPY, FULL), KEPT),
        "stopped_first_t1": ((Visit("stopped", "unfinished"), *KEPT), KEPT, KEPT),
        "left_after_t1": (KEPT, NONE, NONE),
        "left_after_t2": (KEPT, KEPT, NONE),
        "missed_t2": (KEPT, NONE, KEPT),
        "stopped_t2": (KEPT, (Visit("stopped", "unfinished"),), KEPT),
        "refused_t1": (REFUSED, NONE, NONE),
    }
)


def cast(mess: Mess) -> tuple[str, ...]:
    """Return the name of every person's story.

    Raises
    ------
    DataError
        When more mentors are to fill in a form, or twice, than there are.
    """
    if not mess.mentors_twice <= mess.mentor_forms <= mess.newcomers:
        raise DataError(
            f"{mess.mentor_forms} mentors' forms and {mess.mentors_twice} filled in twice do not "
            f"go with {mess.newcomers} newcomers, who have a mentor each. Lower those counts."
        )
    return tuple(name for name in STORIES for _ in range(getattr(mess, name)))


def expected_ledger(mess: Mess) -> dict[str, dict[str, object]]:
    """Return what a loader must count: rows read, kept and excluded, and ids joined.

    Returns
    -------
    dict
        ``rows_read``, ``rows_kept``, ``joined`` and ``declared_missing`` by source, and
        ``excluded`` by source and reason. Sources are named as in the study file.
    """
    stories = [STORIES[name] for name in cast(mess)]
    fates = {
        label(wave): [visit.fate for story in stories for visit in story[place]]
        + ["preview"] * getattr(mess.previews, wave)
        for place, wave in enumerate(WAVES)
    }
    fates[MENTORS] = (
        ["kept"] * mess.mentor_forms
        + ["duplicate"] * mess.mentors_twice
        + ["blank"] * mess.blank_lines_mentors
    )
    return {
        "rows_read": {source: len(found) for source, found in fates.items()},
        "rows_kept": {source: found.count("kept") for source, found in fates.items()},
        "excluded": {
            source: {reason: found.count(reason) for reason in REASONS}
            for source, found in fates.items()
        },
        "joined": {
            **{label(wave): getattr(mess.spelt_otherwise, wave) for wave in WAVES},
            MENTORS: mess.spelt_otherwise_mentors,
        },
        "declared_missing": {
            **{label(wave): getattr(mess.declared_missing_cells, wave) for wave in WAVES},
            MENTORS: 0,
        },
    }


def expected_newcomers(mess: Mess) -> dict[str, int]:
    """Return how many newcomers have a usable row in each wave, in all, and in any."""
    usable = [
        tuple(any(visit.fate == "kept" for visit in visits) for visits in STORIES[name])
        for name in cast(mess)
    ]
    return {
        **{wave: sum(story[place] for story in usable) for place, wave in enumerate(WAVES)},
        "at_every_wave": sum(map(all, usable)),
        "in_any_wave": sum(map(any, usable)),
        "with_a_mentors_form": mess.mentor_forms,
    }


def label(wave: str) -> str:
    """Return the name of a wave's source in the study file: ``"newcomers t1"``."""
    return f"newcomers {wave}"
