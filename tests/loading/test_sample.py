"""The sample study, whose ledger and scores are stated with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dyadkit.loading import load
from dyadkit.study import read_study

ROOT = Path(__file__).resolve().parents[2]
TRUTH = json.loads((ROOT / "data/sample/distance_coaching/truth.json").read_text(encoding="utf-8"))
SOURCES = ("clients t1", "coaches t1", "clients t2", "coaches t2")


@pytest.fixture(scope="module")
def dyads():
    return load(read_study(ROOT / "analyses/distance_coaching/study.toml"))


@pytest.mark.parametrize("source", SOURCES)
def test_the_flow_is_the_stated_ledger(dyads, source):
    flow = dyads.flow()
    mine = flow[flow["source"] == source].set_index("step")["n"]
    ledger = TRUTH["ledger"]
    assert mine["read"] == ledger["rows_read"][source]
    assert mine["kept"] == ledger["rows_kept"][source]
    stated = {reason: n for reason, n in ledger["excluded"][source].items() if n}
    assert mine.drop(["read", "kept"]).to_dict() == stated
    assert list(mine.index) == ["read", *stated, "kept"]


@pytest.mark.parametrize("source", SOURCES)
def test_cells_out_of_range_are_as_stated(dyads, source):
    ledger = dyads.exclusions
    cells = ledger[(ledger["source"] == source) & (ledger["unit"] == "cell")]
    assert len(cells) == TRUTH["ledger"]["out_of_range"][source]


def test_dyads_are_complete_as_stated(dyads):
    pairing = dyads.pairing().set_index("wave")
    for wave in ("t1", "t2"):
        stated = TRUTH["dyads"][wave]
        assert pairing.loc[wave, "complete"] == stated["complete"]
        assert pairing.loc[wave, "only_client"] == stated["client_only"]
        assert pairing.loc[wave, "only_coach"] == stated["coach_only"]
    assert pairing.loc["every wave", "complete"] == TRUTH["dyads"]["complete_at_every_wave"] == 196
    assert dyads.n_dyads == TRUTH["dyads"]["in_any_wave"]


def test_as_many_scores_as_stated(dyads):
    wide = dyads.wide()
    stated = TRUTH["scores_available"]
    assert {name: int(wide[name].notna().sum()) for name in stated} == stated


def test_nothing_identifies_anyone(dyads):
    everything = dyads.individual().to_csv() + dyads.exclusions.to_csv()
    assert "example.org" not in everything
    assert "192.0.2." not in everything
    assert [note[:10] for note in dyads.notes] == ["clients t1", "clients t2"]


def test_questions_are_the_labels(dyads):
    assert dyads.variables["tr1"].label == "I can rely on what my coach tells me"
    german = dyads.variables["tr1"].texts["client", "t2"]
    assert german.endswith("Auf das, was mein Coach sagt, kann ich mich verlassen")


def test_umlauts_and_zeros_survive(dyads):
    assert dyads.individual()["person"].str.match(r"^(0\d{3}|1\d{3}|C\d+|\d{4})$").all()
    assert dyads.individual()["person"].str.startswith("0").any()
