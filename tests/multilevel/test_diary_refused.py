"""What the diary analysis refuses, and why."""

from __future__ import annotations

import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.frame import DyadFrame, Variable
from tests.multilevel.diaries import SMALL, frame_of

REFUSALS = {
    "no diary": (
        lambda: dk.fit_diary(
            DyadFrame.from_individual(
                SMALL.drop_duplicates(["pair", "role"]), dyad="pair", role="role", person="person"
            ),
            "mood",
            "stress",
        ),
        Refused,
        "one row per member",
    ),
    "Nickell": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", lagged=["mood"]),
        Refused,
        "Nickell, 1981",
    ),
    "no predictor": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", trend=False),
        StudyError,
        "needs something",
    ),
    "same": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "mood"),
        StudyError,
        "both outcome and predictor",
    ),
    "constant outcome": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(mood=SMALL["pair"].factorize()[0] + 0.1)), "mood", "stress"
        ),
        DataError,
        "never varies within a person",
    ),
    "constant predictor": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(stress=SMALL["person"].factorize()[0] + 0.1)), "mood", "stress"
        ),
        DataError,
        "The predictor 'stress' never varies within a person",
    ),
    "of the dyad": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(w=SMALL["day"] * 1.0), dyad_level=["w"]), "mood", "w"
        ),
        Refused,
        "make it a covariate",
    ),
    "one role": (
        lambda: dk.fit_diary(
            frame_of(
                SMALL.assign(stress=SMALL["stress"].where(SMALL["role"] == "coach")),
                variables={"stress": Variable("stress", "Stress", roles=("coach",))},
            ),
            "mood",
            "stress",
        ),
        Refused,
        "asked of coach only",
    ),
    "slope": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", slopes=["mood"]),
        StudyError,
        "slopes names 'mood'",
    ),
    "max_gap": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(t=SMALL["day"] * 1.0), time="t"),
            "mood",
            lagged="stress",
            clock="time",
        ),
        StudyError,
        "needs max_gap",
    ),
    "no stamps": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", clock="time"),
        StudyError,
        "needs time stamps",
    ),
    "ar1": (
        lambda: dk.fit_diary(frame_of(SMALL), "mood", "stress", clock="time", serial="ar1"),
        StudyError,
        "counts occasions",
    ),
    "partner never there": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(day=SMALL["day"] + 10 * (SMALL["role"] == "coach"))),
            "mood",
            "stress",
        ),
        DataError,
        "No row is left",
    ),
    "told apart": (
        lambda: dk.fit_diary(frame_of(SMALL, roles=False), "mood", "stress", distinguishable=True),
        Refused,
        "nothing tells them apart",
    ),
    "copy": (
        lambda: dk.fit_diary(
            frame_of(SMALL.assign(strain=2 * SMALL["stress"])), "mood", ["stress", "strain"]
        ),
        DataError,
        r"actor, within: stress",
    ),
}


@pytest.mark.parametrize("name", list(REFUSALS))
def test_what_is_refused(name):
    call, error, match = REFUSALS[name]
    with pytest.raises(error, match=match):
        call()
