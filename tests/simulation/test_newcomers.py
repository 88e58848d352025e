"""The newcomer sample: the same bytes each time, and the truth that is stated with it."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dyadkit.errors import DataError, FitError
from dyadkit.loading import load
from dyadkit.models.structural import fit_sem
from dyadkit.simulation import mentoring
from dyadkit.simulation.newcomers import simulate_newcomer_support, study_file, write_sample
from dyadkit.simulation.newcomers_mess import Mess
from dyadkit.simulation.newcomers_model import INSTRUMENTS, WAVES
from dyadkit.simulation.score_panels import panel_of_scores
from dyadkit.study import read_study

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data/sample/newcomer_support"
STUDY = ROOT / "analyses/dong_style/study.toml"
SCORES = [f"{scale}_newcomer_{wave}" for scale in INSTRUMENTS for wave in WAVES]

# The random-intercept panel with equal paths, written out.
PANEL = """
bs =~ 1*support_newcomer_t1 + 1*support_newcomer_t2 + 1*support_newcomer_t3
bc =~ 1*courage_newcomer_t1 + 1*courage_newcomer_t2 + 1*courage_newcomer_t3
s1 =~ 1*support_newcomer_t1
s2 =~ 1*support_newcomer_t2
s3 =~ 1*support_newcomer_t3
c1 =~ 1*courage_newcomer_t1
c2 =~ 1*courage_newcomer_t2
c3 =~ 1*courage_newcomer_t3
s2 ~ ss*s1 + sc*c1
c2 ~ cs*s1 + cc*c1
s3 ~ ss*s2 + sc*c2
c3 ~ cs*s2 + cc*c2
bs ~~ bs + bc
bc ~~ bc
s1 ~~ s1 + c1
c1 ~~ c1
s2 ~~ s2 + c2
c2 ~~ c2
s3 ~~ s3 + c3
c3 ~~ c3
"""


@pytest.fixture(scope="module")
def sample():
    return simulate_newcomer_support()


@pytest.fixture(scope="module")
def dyads():
    return load(read_study(STUDY))


def covariance(truth) -> np.ndarray:
    assert truth["correlations"]["variables"] == SCORES
    sd = np.array([score["sd"] for score in truth["scores"]])
    return np.array(truth["correlations"]["matrix"]) * np.outer(sd, sd)


# Reproducible


def test_the_committed_files_are_what_the_script_writes(sample):
    files = sample.files()
    assert {path.name for path in FOLDER.iterdir()} == set(files)
    assert len(files) == 6
    for name, content in files.items():
        assert (FOLDER / name).read_bytes() == content, name
    assert sum(map(len, files.values())) < 300_000


@pytest.mark.parametrize(
    ("path", "written", "folder"),
    [
        (STUDY, study_file, "newcomer_support"),
        (
            ROOT / "analyses/workplace_mentoring/study.toml",
            mentoring.study_file,
            "workplace_mentoring",
        ),
    ],
)
def test_the_study_files_are_what_the_script_writes(path, written, folder):
    assert path.read_text("utf-8") == written(f"../../data/sample/{folder}")


def test_another_seed_gives_other_data_with_the_same_mess(sample):
    other = simulate_newcomer_support(seed=5)
    assert all(other.exports[name] != raw for name, raw in sample.exports.items())
    for key in ("scores", "correlations", "panel", "ledger", "newcomers", "mess"):
        assert other.truth[key] == sample.truth[key]


def test_write_sample_writes_everything(tmp_path, sample):
    written = write_sample(tmp_path / "deep" / "data")
    assert {path.name: path.read_bytes() for path in written} == sample.files()
    truth = json.loads((tmp_path / "deep" / "data" / "truth.json").read_text("utf-8"))
    assert truth == sample.truth


def test_more_mentors_than_newcomers_are_refused():
    with pytest.raises(DataError, match=r"200 mentors' forms .* 124 newcomers"):
        simulate_newcomer_support(mess=Mess(mentor_forms=200))


# The exports


def test_the_exports_ask_as_many_items_as_the_study_file_says(sample):
    scales = tomllib.loads(study_file(""))["scale"]
    for wave in WAVES:
        raw = sample.exports[f"newcomers_{wave}.csv"].decode("utf-8")
        names, texts, ids, *_ = csv.reader(io.StringIO(raw, newline=""))
        assert all("ImportId" in json.loads(cell) for cell in ids)
        asked = dict(zip(names, texts, strict=True))
        for scale, instrument in INSTRUMENTS.items():
            columns = instrument.columns("newcomer")
            assert scales[scale]["items"] == [f"{columns[0]}..{columns[-1]}"]
            assert len({asked[column] for column in columns}) == len(columns)
            assert scales[scale]["range"] == [1, instrument.highest]
            assert scales[scale]["minimum_answered"] == instrument.minimum_answered
            keyed = [columns[place - 1] for place in instrument.reverse]
            assert scales[scale]["reverse"] == keyed


def test_nobody_is_real(sample):
    for wave in WAVES:
        raw = sample.exports[f"newcomers_{wave}.csv"].decode("utf-8")
        for row in list(csv.DictReader(io.StringIO(raw, newline="")))[2:]:
            assert re.fullmatch(r"192\.0\.2\.\d{1,3}", row["IPAddress"])
            assert not any(row[f"Recipient{kind}"] for kind in ("LastName", "FirstName", "Email"))


# What a loader finds


def test_the_flow_is_the_stated_ledger(sample, dyads):
    flow, ledger = dyads.flow(), sample.truth["ledger"]
    for source, read in ledger["rows_read"].items():
        mine = flow[flow["source"] == source].set_index("step")["n"].to_dict()
        stated = {reason: n for reason, n in ledger["excluded"][source].items() if n}
        assert mine == {"read": read, **stated, "kept": ledger["rows_kept"][source]}
        cells = dyads.exclusions.query("unit == 'cell' and source == @source")
        assert cells["reason"].eq("id_joined").sum() == ledger["joined"][source]


def test_newcomers_and_scores_are_as_many_as_stated(sample, dyads):
    stated, wide = sample.truth["newcomers"], dyads.wide()
    assert dyads.n_dyads == stated["in_any_wave"] == 124
    pairing = dyads.pairing().set_index("wave")
    for wave in WAVES:
        assert pairing.loc[wave, ["complete", "only_newcomer"]].sum() == stated[wave]
    assert pairing.loc["t1", "complete"] == stated["with_a_mentors_form"]
    scores = sample.truth["scores_available"]
    assert {name: int(wide[name].notna().sum()) for name in scores} == scores


def test_what_was_joined_is_told_once_where_one_id_is_both_the_persons_and_the_dyads(dyads):
    joined = dyads.exclusions.query("reason == 'id_joined'")["detail"]
    assert len(joined) == 12
    assert not joined.str.contains(";").any()


# The truth


def test_scores_are_near_the_truth(sample, dyads):
    wide = dyads.wide()
    for truth in sample.truth["scores"]:
        values = wide[truth["variable"]].dropna()
        error = values.std() / np.sqrt(len(values))
        assert abs(values.mean() - truth["mean"]) < 3.5 * error, truth["variable"]
        # The standard error of a normal variable's standard deviation.
        assert abs(values.std() - truth["sd"]) < 3.5 * truth["sd"] / np.sqrt(2 * len(values))
    matrix = np.array(sample.truth["correlations"]["matrix"])
    below = np.tril_indices(6, -1)
    z = np.arctanh(wide[SCORES].corr().to_numpy()[below]) - np.arctanh(matrix[below])
    # Fisher's z, of the correlation that fewest newcomers have.
    assert np.abs(z).max() < 3.5 / np.sqrt(sample.truth["newcomers"]["at_every_wave"] - 3)


def test_the_panel_of_scores_is_what_the_engine_makes_of_their_covariances(sample):
    # Another route to the same numbers: two programs, one function to minimise.
    # The engine takes covariances over n - 1 and divides by n.
    matrix = pd.DataFrame(covariance(sample.truth) * 1000 / 999, SCORES, SCORES)
    fit = fit_sem(PANEL, sample_cov=matrix, n_obs=1000, auto="lavaan")
    found = fit.tidy().drop_duplicates("label").set_index("label")["estimate"]
    stated = sample.truth["panel"]["score_intercepts"]
    paths = [f"{late} on {early}" for late in INSTRUMENTS for early in INSTRUMENTS]
    expected = [stated["paths"][name] for name in paths]
    np.testing.assert_allclose(found[["ss", "sc", "cs", "cc"]], expected, atol=1e-6)
    rows = fit.tidy().set_index(["lhs", "op", "rhs"])
    between = [rows.loc[key, "estimate"] for key in (("bs", "~~", "bs"), ("bs", "~~", "bc"))]
    np.testing.assert_allclose(between, stated["intercept_covariances"][0], atol=1e-6)
    late = stated["standardized_paths"]["t3"]
    beta = rows.loc[("c3", "~", "s2"), "std_all"]
    assert abs(beta - late["courage on support"]) < 1e-6


def test_courage_moves_no_support(sample):
    panel = sample.truth["panel"]
    assert panel["constructs"]["standardized_paths"]["support on courage"] == 0.0
    back = [row for row in panel["score_regressions"] if row["outcome"].startswith("support")]
    back = [row["beta"] for row in back if row["predictor"].startswith("courage")]
    assert len(back) == 2
    assert max(map(abs, back)) < 0.03


def test_covariances_of_no_panel_are_refused():
    with pytest.raises(FitError, match="panel of the scores was not found"):
        panel_of_scores(np.eye(6) + 0.9 * np.fliplr(np.eye(6)))
