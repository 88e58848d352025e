"""A good study file, and what changes single lines of it."""

from __future__ import annotations

import pytest

from dyadkit.errors import StudyError
from dyadkit.study import parse_study

GOOD = """\
[study]
title = "T"
roles = ["coach", "client"]
waves = ["t1", "t2"]

[wave.t2]
time = 4

[[source]]
path = "a.csv"
role = "coach"
wave = "t1"
dyad = "pair"

[[source]]
path = "b.csv"
role_column = "role"
wave_column = "wave"
dyad = "pair"

[scale.trust]
items = ["tr1..tr3"]
range = [1, 7]

[[scale.trust.version]]
role = "coach"
items = ["c1..c3"]

[variable.tenure]
column = "years"

[[consent]]
column = "ok"
granted = ["yes"]

[privacy]
minimum_dyads = 5

[[analysis]]
type = "descriptives"
"""


@pytest.fixture
def complaint():
    """Return what changes the good file, and gives the complaint about it without its name."""

    def complain(old: str = "", new: str = "", text: str = GOOD) -> str:
        assert old in text
        with pytest.raises(StudyError) as found:
            parse_study(text.replace(old, new, 1) if old else text + new, name="study.toml")
        message = str(found.value)
        assert message.startswith("study.toml")
        return message.removeprefix("study.toml").removeprefix(": ")

    return complain


@pytest.fixture
def accepted():
    """Return what changes the good file, and reads it."""

    def accept(old: str = "", new: str = ""):
        assert old in GOOD
        return parse_study(GOOD.replace(old, new, 1) if old else GOOD + new)

    return accept
