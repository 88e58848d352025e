"""Doubtful clocks: what is said about which rows."""

from __future__ import annotations

import pandas as pd

from dyadkit.loading.screening.clocks import clock_changes, mixed_offsets
from dyadkit.loading.zones import to_zone

ROME = "Europe/Rome"


def diary(*texts, sources="diary"):
    keys = pd.DataFrame({"source": sources, "row": range(2, len(texts) + 2)}, dtype="object")
    return keys, to_zone(pd.Series(texts, dtype="object"), ROME)


def test_plain_stamps_have_no_findings():
    for texts in (
        ("2026-01-01T10:00", "2026-07-01T10:00", "", "soon"),
        ("2026-01-01T10:00Z", "2026-07-01T10:00+02:00"),
        (),
    ):
        keys, stamps = diary(*texts)
        assert mixed_offsets(keys, stamps, ROME) == clock_changes(keys, stamps, ROME) == []


def test_offsets_that_some_lack_are_found():
    keys, stamps = diary("2026-01-01T10:00Z", "2026-01-02T10:00", "2026-01-03T10:00Z", "")
    (found,) = mixed_offsets(keys, stamps, ROME)
    assert (found.kind, found.count, found.places) == ("mixed_offsets", 1, (("diary", 3),))
    assert found.text.startswith(
        "diary: 2 time stamps say the offset from universal time and 1 does not (the rarer ones: "
        "diary row 3). Those without are read in the time zone Europe/Rome."
    )


def test_each_source_may_have_its_own_way():
    texts = ("2026-01-01T10:00Z", "2026-01-02T10:00Z", "2026-01-03T10:00", "2026-01-04T10:00")
    keys, stamps = diary(*texts, sources=["a", "a", "b", "b"])
    assert mixed_offsets(keys, stamps, ROME) == []
    keys, stamps = diary(*texts, sources=["a", "b", "a", "b"])
    assert [found.text[:2] for found in mixed_offsets(keys, stamps, ROME)] == ["a:", "b:"]


def test_hours_of_a_clock_change_are_counted():
    keys, stamps = diary(
        *("2026-10-25T02:30", "2026-10-25T02:30+01:00", "2026-03-29T02:30", "2026-10-25T02:10")
    )
    twice, never = clock_changes(keys, stamps, ROME)
    assert (twice.kind, twice.count) == ("ambiguous_times", 2)
    assert twice.places == (("diary", 2), ("diary", 5))
    assert "2 time stamps without an offset fall into an hour that came twice" in twice.text
    assert (never.kind, never.places) == ("nonexistent_times", (("diary", 4),))
    assert "1 time stamp without an offset falls into" in never.text
