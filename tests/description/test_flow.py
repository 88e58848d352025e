"""The participant flow: every row in one box, and in one only."""

from __future__ import annotations

from pathlib import Path

from dyadkit.description.flow import describe_flow
from dyadkit.loading import load
from dyadkit.study import read_study


def test_rows_of_no_known_wave_stand_in_no_box():
    """The mentors' three empty lines have no wave: each box counts only its own rows."""
    root = Path(__file__).resolve().parents[2]
    dyads = load(read_study(root / "analyses/workplace_mentoring/study.toml"))
    diagram = describe_flow(dyads).figure_specs[0]
    read = [[step.lines[0] for step in stream] for stream in diagram.streams]
    # data/sample/workplace_mentoring/README.md: 387, 341 and 309; 379, 345 and 303.
    assert read == [
        ["387 rows read", "341 rows read", "309 rows read"],
        ["379 rows read", "345 rows read", "303 rows read"],
    ]
    assert diagram.merged[0].lines[-1] == "Besides: 3 rows of no known role or wave, left out"
