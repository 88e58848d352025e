"""The mentoring sample, whose ledger and scores are stated with it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from dyadkit.loading import load
from dyadkit.study import read_study

ROOT = Path(__file__).resolve().parents[2]
TRUTH = json.loads(
    (ROOT / "data/sample/workplace_mentoring/truth.json").read_text(encoding="utf-8")
)
PLACES = [(record["source"], record["wave"]) for record in TRUTH["ledger"]]


@pytest.fixture(scope="module")
def dyads():
    return load(read_study(ROOT / "analyses/workplace_mentoring/study.toml"))


def here(table: pd.DataFrame, source: str, wave: str | None) -> pd.DataFrame:
    mine = table[table["source"] == source]
    return mine[mine["wave"].isna() if wave is None else mine["wave"] == wave]


@pytest.mark.parametrize("place", range(len(PLACES)), ids=lambda n: " ".join(map(str, PLACES[n])))
def test_the_flow_is_the_stated_ledger(dyads, place):
    record = TRUTH["ledger"][place]
    flow = here(dyads.flow(), *PLACES[place]).set_index("step")["n"].to_dict()
    stated = {reason: n for reason, n in record["excluded"].items() if n}
    assert flow == {"read": record["read"], **stated, "kept": record["kept"]}
    cells = here(dyads.exclusions, *PLACES[place]).query("unit == 'cell'")["reason"]
    assert cells.eq("out_of_range").sum() == record["out_of_range"]
    assert cells.eq("id_joined").sum() == record["joined"]


def test_dyads_are_complete_as_stated(dyads):
    pairing = dyads.pairing().set_index("wave")
    for wave in ("t1", "t2", "t3"):
        stated = TRUTH["dyads"][wave]
        assert pairing.loc[wave, "complete"] == stated["complete"]
        assert pairing.loc[wave, "only_mentor"] == stated["mentor_only"]
        assert pairing.loc[wave, "only_developee"] == stated["developee_only"]
    assert pairing.loc["every wave", "complete"] == TRUTH["dyads"]["complete_at_every_wave"] == 231
    assert dyads.n_dyads == TRUTH["dyads"]["in_any_wave"] == 367


def test_as_many_scores_as_stated(dyads):
    wide = dyads.wide()
    stated = TRUTH["scores_available"]
    assert {name: int(wide[name].notna().sum()) for name in stated} == stated


def test_mentors_of_several_are_known_by_their_id(dyads):
    mentors = dyads.individual().query("role == 'mentor'").groupby("person")["dyad"].nunique()
    assert mentors.max() == 3
    assert mentors.gt(1).sum() > 90


def test_what_the_file_declares_missing_is_missing(dyads):
    items = [item for scale in ("quality", "support") for item in dyads.variables[scale].items]
    assert not dyads.values(items).isin([99]).any(axis=None)


def test_the_key_files_spelling_is_kept(dyads):
    developees = dyads.individual().query("role == 'developee'")["person"]
    assert developees.str.fullmatch(r"0\d{3}[A-Z]").all()
