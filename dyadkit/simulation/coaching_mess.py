"""What goes wrong in the distance-coaching study's field work, and the ledger that must follow.

Counts stand in `Mess`.  What a pair with some fate leaves in the four exports stands in `STORIES`.
The expected ledger is arithmetic on the two and looks at no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from dyadkit.errors import DataError
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

SOURCES = ("clients_t1", "coaches_t1", "clients_t2", "coaches_t2")
# In the order in which they are tried; the first that applies counts.
REASONS = (
    "blank",
    "preview",
    "no_consent",
    "withdrawn",
    "unfinished",
    "excluded",
    "no_dyad",
    "two_in_role",
    "duplicate",
    "orphan",
)


@dataclass(frozen=True, slots=True)
class PerSource:
    """One number for each export."""

    clients_t1: int
    coaches_t1: int
    clients_t2: int
    coaches_t2: int


@dataclass(frozen=True, slots=True)
class Mess:
    """How often each thing goes wrong; every number is realised exactly.

    `complete` pairs have a usable row of both persons at both waves. The fields up to
    `coach_twice_complete` count pairs among them that also left rows that must go; the
    fields from `client_left_t2` to `client_gave_up_t1` count further pairs, and
    `client_used_another_code_t1` two each: the client's own, and the one whose code was used.
    """

    complete: int = 196
    # Among the complete pairs: extra rows at t1.
    client_stopped_first: int = 3
    client_stopped_before_consent: int = 2
    coach_aborted_first: int = 2
    client_twice_incomplete_first: int = 3
    client_twice_complete: int = 2
    client_twice_incomplete: int = 1
    coach_twice_incomplete_first: int = 1
    coach_twice_complete: int = 2
    # Usable at t1 from both, at t2 from one or none.
    client_left_t2: int = 11
    coach_left_t2: int = 7
    both_left_t2: int = 6
    client_stopped_t2: int = 3
    client_withdrew_with_t2_row: int = 3
    client_withdrew_without_t2_row: int = 1
    coach_no_code_t2: int = 1
    # Usable at t2 from both, at t1 from one.
    client_missed_t1: int = 2
    coach_missed_t1: int = 2
    client_mistyped_t1: int = 3
    coach_mistyped_t1: int = 2
    client_no_code_t1: int = 2
    coach_no_code_t1: int = 1
    client_used_another_code_t1: int = 1
    coach_had_substitute_t1: int = 1
    # One person answered and stays, the other's only row is withdrawn.
    client_withdrew_and_only_t2: int = 1
    # Only one person's rows can be used, and they are orphans.
    client_never: int = 3
    coach_never: int = 4
    client_refused_t1: int = 2
    client_refused_t2: int = 1
    coach_refused_t1: int = 2
    client_gave_up_t1: int = 1
    # Rows that belong to no pair.
    previews_clients_t1: int = 3
    previews_clients_t2: int = 2
    blank_lines_coaches_t1: int = 2
    blank_lines_coaches_t2: int = 1
    # Cells in usable rows, all missing completely at random.
    empty_cells: PerSource = PerSource(80, 52, 62, 16)
    declared_missing_cells: PerSource = PerSource(14, 9, 10, 6)
    out_of_range_cells: PerSource = PerSource(5, 3, 4, 2)
    skipped_scales: PerSource = PerSource(4, 3, 3, 2)


@dataclass(frozen=True, slots=True)
class Story:
    """The rows that a pair leaves in each export, in the order in which they were sent."""

    clients_t1: tuple[Visit, ...] = KEPT
    coaches_t1: tuple[Visit, ...] = KEPT
    clients_t2: tuple[Visit, ...] = KEPT
    coaches_t2: tuple[Visit, ...] = KEPT

    def visits(self, source: str) -> tuple[Visit, ...]:
        """Rows in one export."""
        visits: tuple[Visit, ...] = getattr(self, source)
        return visits

    def usable(self, source: str) -> bool:
        """Whether the pair has a usable row in an export."""
        return any(visit.fate == "kept" for visit in self.visits(source))


# The keys are fields of `Mess`; "complete" is the pair with nothing amiss.
STORIES: Mapping[str, Story] = MappingProxyType(
    {
        "complete": Story(),
        "client_stopped_first": Story(clients_t1=(Visit("stopped", "unfinished"), *KEPT)),
        "client_stopped_before_consent": Story(
            clients_t1=(Visit("stopped_before_consent", "unfinished"), *KEPT)
        ),
        "coach_aborted_first": Story(coaches_t1=(Visit("aborted", "excluded"), *KEPT)),
        "client_twice_incomplete_first": Story(clients_t1=(GAPPY, FULL)),
        "client_twice_complete": Story(clients_t1=(FULL, AGAIN)),
        "client_twice_incomplete": Story(clients_t1=(GAPPY, Visit("nearly_full"))),
        "coach_twice_incomplete_first": Story(coaches_t1=(GAPPY, FULL)),
        "coach_twice_complete": Story(coaches_t1=(FULL, AGAIN)),
        "client_left_t2": Story(clients_t2=NONE),
        "coach_left_t2": Story(coaches_t2=NONE),
        "both_left_t2": Story(clients_t2=NONE, coaches_t2=NONE),
        "client_stopped_t2": Story(clients_t2=(Visit("stopped", "unfinished"),)),
        "client_withdrew_with_t2_row": Story(clients_t2=WITHDREW),
        "client_withdrew_without_t2_row": Story(clients_t2=NONE),
        "coach_no_code_t2": Story(coaches_t2=(Visit("no_code", "no_dyad"),)),
        "client_missed_t1": Story(clients_t1=NONE),
        "coach_missed_t1": Story(coaches_t1=NONE),
        "client_mistyped_t1": Story(clients_t1=(Visit("mistyped", "orphan"),)),
        "coach_mistyped_t1": Story(coaches_t1=(Visit("mistyped", "orphan"),)),
        "client_no_code_t1": Story(clients_t1=(Visit("no_code", "no_dyad"),)),
        "coach_no_code_t1": Story(coaches_t1=(Visit("no_code", "no_dyad"),)),
        "client_used_another_code_t1": Story(clients_t1=(Visit("other_code", "two_in_role"),)),
        # The pair whose code that client used: its own client's row cannot be told from the other.
        "client_code_used_by_another_t1": Story(clients_t1=(Visit("answered", "two_in_role"),)),
        "coach_had_substitute_t1": Story(
            coaches_t1=(Visit("answered", "two_in_role"), Visit("substitute", "two_in_role"))
        ),
        "client_withdrew_and_only_t2": Story(clients_t1=NONE, clients_t2=WITHDREW),
        "client_never": Story(
            clients_t1=NONE, coaches_t1=ORPHAN, clients_t2=NONE, coaches_t2=ORPHAN
        ),
        "coach_never": Story(
            clients_t1=ORPHAN, coaches_t1=NONE, clients_t2=ORPHAN, coaches_t2=NONE
        ),
        "client_refused_t1": Story(
            clients_t1=REFUSED, coaches_t1=ORPHAN, clients_t2=NONE, coaches_t2=ORPHAN
        ),
        # Consent covers the person: refusing at t2 takes the answers of t1 back too.
        "client_refused_t2": Story(
            clients_t1=(Visit("answered", "no_consent"),),
            coaches_t1=ORPHAN,
            clients_t2=REFUSED,
            coaches_t2=ORPHAN,
        ),
        "coach_refused_t1": Story(
            clients_t1=ORPHAN,
            coaches_t1=REFUSED,
            clients_t2=ORPHAN,
            coaches_t2=(Visit("answered", "no_consent"),),
        ),
        "client_gave_up_t1": Story(
            clients_t1=(Visit("stopped", "unfinished"),),
            coaches_t1=ORPHAN,
            clients_t2=NONE,
            coaches_t2=ORPHAN,
        ),
    }
)
WITHDRAWN = (
    "client_withdrew_with_t2_row",
    "client_withdrew_without_t2_row",
    "client_withdrew_and_only_t2",
)


def cast(mess: Mess) -> tuple[str, ...]:
    """Return the name of every pair's story, the complete pairs first.

    Raises
    ------
    DataError
        When more complete pairs are to leave extra rows than there are complete pairs.
    """
    counts = {name: int(getattr(mess, name)) for name in STORIES if name in _FIELDS}
    counts["client_code_used_by_another_t1"] = mess.client_used_another_code_t1
    extra = sum(
        count for name, count in counts.items() if name != "complete" and _is_complete(name)
    )
    if extra > mess.complete:
        raise DataError(
            f"{extra} complete pairs are to leave extra rows, but there are only {mess.complete} "
            "complete pairs. Lower those counts or raise `complete`."
        )
    counts["complete"] = mess.complete - extra
    return tuple(name for name in STORIES for _ in range(counts[name]))


def expected_ledger(mess: Mess) -> dict[str, dict[str, object]]:
    """Return what a loader must count: rows read, kept and excluded, and cells set missing.

    Returns
    -------
    dict
        ``rows_read``, ``rows_kept``, ``out_of_range`` and ``declared_missing`` by source, and
        ``excluded`` by source and reason. Sources are named as in the study file.
    """
    visits = {
        source: [visit.fate for name in cast(mess) for visit in STORIES[name].visits(source)]
        + ["preview"] * getattr(mess, f"previews_{source}", 0)
        + ["blank"] * getattr(mess, f"blank_lines_{source}", 0)
        for source in SOURCES
    }
    return {
        "rows_read": {label(source): len(fates) for source, fates in visits.items()},
        "rows_kept": {label(source): fates.count("kept") for source, fates in visits.items()},
        "excluded": {
            label(source): {reason: fates.count(reason) for reason in REASONS}
            for source, fates in visits.items()
        },
        "out_of_range": {
            label(source): getattr(mess.out_of_range_cells, source) for source in SOURCES
        },
        "declared_missing": {
            label(source): getattr(mess.declared_missing_cells, source) for source in SOURCES
        },
    }


def expected_dyads(mess: Mess) -> dict[str, object]:
    """Return how many dyads are complete or one-sided at each wave, and complete throughout."""
    counts: dict[str, object] = {}
    stories = [STORIES[name] for name in cast(mess)]
    for wave in ("t1", "t2"):
        client = [story.usable(f"clients_{wave}") for story in stories]
        coach = [story.usable(f"coaches_{wave}") for story in stories]
        both = [one and other for one, other in zip(client, coach, strict=True)]
        counts[wave] = {
            "complete": sum(both),
            "one_sided": sum(client) + sum(coach) - 2 * sum(both),
            "client_only": sum(client) - sum(both),
            "coach_only": sum(coach) - sum(both),
        }
    counts["complete_at_every_wave"] = sum(_is_complete(name) for name in cast(mess))
    counts["in_any_wave"] = sum(
        any(story.usable(source) for source in SOURCES) for story in stories
    )
    return counts


def label(source: str) -> str:
    """Return a source's name in the study file: ``"clients t1"``."""
    return source.replace("_", " ")


def _is_complete(name: str) -> bool:
    return all(STORIES[name].usable(source) for source in SOURCES)


_FIELDS = frozenset(field.name for field in fields(Mess))
