"""The panel of the mentoring sample, whose effects in the population are stated with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dyadkit as dk

ROOT = Path(__file__).resolve().parents[2]
TRUTH = json.loads(
    (ROOT / "data/sample/workplace_mentoring/truth.json").read_text(encoding="utf-8")
)["panel"]


@pytest.fixture(scope="module")
def dyads() -> dk.DyadFrame:
    return dk.load(dk.read_study(ROOT / "analyses/workplace_mentoring/study.toml"))


def test_regressions_of_scores_are_those_of_the_population(dyads: dk.DyadFrame) -> None:
    tidy = dk.fit_panel(dyads, "support", "courage", kind="clpm").tidy().set_index("term")
    for stated in TRUTH["score_regressions"]:
        before, now = (stated[name].split("_") for name in ("predictor", "outcome"))
        term = f"{before[0]}_developee {before[2].upper()} -> {now[0]}_developee {now[2].upper()}"
        found = tidy.loc[term]
        assert abs(found["estimate"] - stated["b"]) < 3.5 * found["std_error"], term
        assert abs(found["std_all"] - stated["beta"]) < 3.5 * found["std_error"], term


def test_what_is_stable_is_told_from_what_varies(dyads: dk.DyadFrame) -> None:
    result = dk.fit_panel(dyads, "support", "courage", equal_lags=True)
    tidy = result.tidy().set_index("term")
    assert tidy.loc["model: Without random intercepts", "p_difference"] < 0.001
    row = tidy.loc["random intercepts: support_developee with courage_developee"]
    assert (
        abs(row["estimate"] - TRUTH["constructs"]["intercept_correlation"]) < 3.5 * row["std_error"]
    )
    assert any("4 weeks apart" in note.text for note in result.notes)
