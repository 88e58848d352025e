"""Every design of the page "How do I describe my study?", loaded from the page itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dyadkit.loading import load
from dyadkit.study import read_study

PAGE = (Path(__file__).resolve().parents[2] / "analyses/README.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`([\w.]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _designs() -> dict[str, dict[str, str]]:
    sections = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    return {title: dict(_FILE.findall(text)) for title, text in pairs}


DESIGNS = _designs()


@pytest.fixture
def design(tmp_path):
    """Return a function that loads a design of the page."""

    def load_design(title: str):
        for name, text in DESIGNS[title].items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return load(read_study(tmp_path / "study.toml"))

    return load_design


def scores(dyads, name: str) -> list[list[object]]:
    wide = dyads.wide([name])
    return wide[["dyad", *(column for column in wide if column.startswith(name))]].values.tolist()


def complete(dyads) -> list[int]:
    return dyads.pairing()["complete"].tolist()


def excluded(dyads, unit: str = "row") -> dict[tuple[str, int], str]:
    ledger = dyads.exclusions
    mine = ledger[(ledger["unit"] == unit) & ledger["row"].notna()]
    return {(s, int(r)): why for s, r, why in mine[["source", "row", "reason"]].to_numpy()}


def test_the_page_has_every_design_and_each_its_study_file():
    assert len(DESIGNS) == 16
    assert all("study.toml" in files and len(files) > 1 for files in DESIGNS.values())
    linked = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    titles = [title.lower().replace(",", "").replace(" ", "-") for title in DESIGNS]
    assert linked == titles


def test_two_files_one_code(design):
    dyads = design("Two files, one code")
    assert complete(dyads) == [3]
    assert scores(dyads, "trust") == [
        ["P1", 5.5, 6.0],
        ["P2", 4.0, 4.0],
        ["P3", 6.5, 5.0],
    ]


def test_one_file_both_roles(design):
    dyads = design("One file, both roles")
    assert dyads.roles == ("leader", "follower")
    assert dyads.wide(["trust"])["trust_follower"].tolist() == [6.0, 4.0]


def test_waves(design):
    dyads = design("Waves")
    assert complete(dyads) == [2, 2, 2]
    wide = dyads.wide(["trust"])
    assert wide["trust_mentor_t2"].tolist() == [6.0, 4.5]
    assert wide["trust_developee_t2"].tolist() == [6.5, 4.5]
    assert dyads.wave_times == {"t1": 0, "t2": 4}


def test_one_row_per_pair(design):
    dyads = design("One row per pair")
    assert complete(dyads) == [3, 2, 2]
    wide = dyads.wide(["trust", "months"])
    assert wide["trust_mentor_t1"].tolist() == [5.5, 4.0, 6.0]
    np.testing.assert_array_equal(wide["trust_mentor_t2"], [6.0, np.nan, 6.5])
    assert wide["trust_developee_t2"].tolist() == [6.5, 4.5, 5.5]
    assert wide["months_t1"].tolist() == [14, 3, 8]
    reads = dyads.flow().query("step == 'read'")
    assert reads["n"].sum() == 11  # a record for each member and wave that has answers


def test_one_row_per_rater(design):
    dyads = design("One row per rater")
    assert complete(dyads) == [3]
    wide = dyads.wide(["quality", "tenure"]).set_index("dyad")
    assert wide.loc["M1+D2", ["quality_mentor", "quality_developee"]].tolist() == [3.5, 4.5]
    assert wide["tenure_mentor"].to_dict() == {"M1+D1": 12, "M1+D2": 12, "M2+D3": 4}
    assert len(dyads.answers("tenure", "mentor")) == 2  # answered once by each mentor


def test_partners_by_name(design):
    dyads = design("Partners by name")
    assert scores(dyads, "trust") == [["M1+D1", 5.5, 6.0], ["M2+D2", 4.0, 4.0]]


def test_a_key_file(design):
    dyads = design("A key file")
    assert scores(dyads, "trust") == [["A", 5.5, 6.0], ["B", 4.0, 4.0]]
    assert dyads.individual().query("role == 'developee'")["person"].tolist() == ["007", "008"]


def test_answered_once(design):
    dyads = design("Answered once, about everybody")
    assert complete(dyads) == [3]
    wide = dyads.wide(["support"]).set_index("dyad")
    assert wide["support_mentor"].to_dict() == {"M1+D1": 5.5, "M1+D2": 5.5, "M2+D3": 4.0}
    assert len(dyads.answers("support", "mentor")) == 2
    assert any("used once for each (2 in all)" in note for note in dyads.notes)


def test_several_mentors_each(design):
    dyads = design("Several mentors each")
    assert complete(dyads) == [3]
    people = dyads.individual().groupby("person")["dyad"].nunique()
    assert people.to_dict() == {"D1": 2, "D2": 1, "M1": 1, "M2": 2}


def test_peers(design):
    dyads = design("Peers")
    assert dyads.exchangeable
    assert scores(dyads, "closeness") == [["P1", 5.5, 6.0], ["P2", 4.0, 4.0]]


def test_teams(design):
    dyads = design("Teams")
    assert dyads.individual()["group"].tolist() == ["T1"] * 4 + ["T2"] * 2
    assert dyads.answers("climate")["value"].tolist() == [4, 2]


def test_diaries(design):
    dyads = design("Diaries")
    assert dyads.diary
    wide = dyads.wide(["mood"])
    assert wide[["dyad", "occasion"]].to_numpy().tolist() == [
        ["P1", 1],
        ["P1", 2],
        ["P2", 1],
        ["P2", 2],
    ]
    np.testing.assert_array_equal(wide["mood_follower"], [4, 6, 4, np.nan])
    moments = dyads.individual()["time"]
    # Rome is an hour ahead of UTC in early March.
    assert moments.iloc[0] == pd.Timestamp("2026-03-02T17:00:00", tz="UTC")


def test_items_with_other_names(design):
    dyads = design("Items with other names")
    assert dyads.wide(["trust"])["trust_coach"].tolist() == [5.5, 4.0]
    assert dyads.wide(["language"])["language_coach"].tolist() == ["EN", "DE"]
    assert dyads.individual()["time"].dt.day.tolist() == [1, 1, 2, 4]


def test_words_for_numbers(design):
    dyads = design("Words for numbers")
    assert scores(dyads, "trust") == [["P1", 4.5, 3.5], ["P2", 2.0, 4.0]]
    assert dyads.wide(["hours"])["hours_leader"].tolist() == [4.5, 2.5]


def test_careless_answering(design):
    dyads = design("Careless answering")
    assert excluded(dyads) == {("answers.csv", 5): "careless"}
    assert dyads.exclusions["detail"].tolist() == ["longest_run, seconds_per_item"]
    assert complete(dyads) == [2]


def test_mess(design):
    dyads = design("Mess")
    assert excluded(dyads) == {
        ("coaches.csv", 4): "duplicate",
        ("coaches.csv", 6): "excluded",
        ("clients.csv", 4): "orphan",
    }
    anonymous = dyads.exclusions.query("unit == 'row' and row.isna()")
    assert anonymous["reason"].tolist() == ["no_consent", "withdrawn"]
    assert excluded(dyads, "cell") == {
        ("coaches.csv", 3): "id_joined",
        ("coaches.csv", 7): "out_of_range",
    }
    assert dyads.wide(["trust"])["trust_coach"].tolist() == [5.5, 4.0, 6.0]
