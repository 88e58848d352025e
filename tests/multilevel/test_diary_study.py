"""A diary study from its files to the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from tests.multilevel.diaries import ROLES, TRUTH, frame_of, simulate

STUDY = """\
[study]
title = "Daily"
roles = ["client", "coach"]
waves = ["before", "daily"]

[[source]]
path = "before.csv"
wave = "before"
role_column = "who"
role_values = { "1" = "client", "2" = "coach" }
dyad = "pair"
person = "person"

[[source]]
path = "daily.csv"
wave = "daily"
role_column = "who"
role_values = { "1" = "client", "2" = "coach" }
dyad = "pair"
person = "person"
occasion = "day"

[scale.mood]
label = "Mood"
items = ["m1..m3"]
range = [1, 99]
reverse = ["m3"]
waves = ["daily"]

[scale.stress]
label = "Stress"
items = ["s1..s2"]
range = [1, 99]
waves = ["daily"]

[variable.tenure]
column = "tenure"
type = "number"
waves = ["before"]

[[analysis]]
type = "diary"
name = "Mood by day"
outcome = "mood"
predictors = ["stress"]
covariates = ["tenure"]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Write a study of two waves: a questionnaire, and a diary of six days."""
    folder: Path = tmp_path_factory.mktemp("daily")
    rng = np.random.default_rng(8)
    data = simulate(40, 6, 9)
    n = len(data)

    def item(score: pd.Series, turned: bool = False) -> np.ndarray:
        answers = np.clip(np.rint(50 + 8 * (score - 4) + rng.normal(0, 3, n)), 1, 99)
        return (100 - answers if turned else answers).astype(int)

    daily = data[["pair", "person", "day"]].assign(who=data["role"].map({"client": 1, "coach": 2}))
    for name, score in (("m", data["mood"]), ("s", data["stress"])):
        for number in (1, 2, 3) if name == "m" else (1, 2):
            daily[f"{name}{number}"] = item(score, turned=(name, number) == ("m", 3))
    before = daily[["pair", "person", "who"]].drop_duplicates()
    before.assign(tenure=rng.integers(1, 20, len(before))).to_csv(
        folder / "before.csv", index=False
    )
    daily.to_csv(folder / "daily.csv", index=False)
    path = folder / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path, daily


def test_a_study_from_file_to_report(study, tmp_path):
    path, daily = study
    report = dk.analyze(path)
    (section,) = [one for one in report.sections if one.type == "diary"]
    assert section.status == "ok", section.error
    report.write(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    (diary,) = [one for one in written["analyses"] if one["type"] == "diary"]
    tidy = pd.DataFrame(diary["tidy"]).set_index("term")
    scores = pd.DataFrame(
        {
            "pair": daily["pair"],
            "person": daily["person"],
            "role": daily["who"].map({1: "client", 2: "coach"}),
            "day": daily["day"],
            "mood": (daily["m1"] + daily["m2"] + 100 - daily["m3"]) / 3,
            "stress": (daily["s1"] + daily["s2"]) / 2,
        }
    )
    tenure = pd.read_csv(path.parent / "before.csv").set_index("person")["tenure"]
    scores["tenure"] = scores["person"].map(tenure)
    alone = dk.fit_diary(frame_of(scores), "mood", "stress", covariates="tenure").tidy()
    alone = alone.set_index("term")
    terms = alone.index[alone["effect"].isin([*TRUTH, "intercept", "covariate"])]
    assert len(terms) == 14
    np.testing.assert_allclose(
        tidy.loc[terms, "estimate"].astype(float), alone.loc[terms, "estimate"], rtol=1e-6
    )
    for role in ROLES:
        # The error's variance is that of the last digit and 9; three items of slope 8.
        assert 0.9 < tidy.loc[f"reliability within: Mood ({role})", "estimate"] < 1
        assert tidy.loc[f"reliability between: Mood ({role})", "estimate"] > 0.95
    assert "Mood by day" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "report.docx").exists()
