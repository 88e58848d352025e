"""The sample's files: the same bytes each time, in the formats they imitate."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from dyadkit.simulation.__main__ import main
from dyadkit.simulation.distance_coaching import (
    TITLE,
    simulate_distance_coaching,
    study_file,
    write_sample,
)
from dyadkit.study import read_study

ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_files_are_what_the_script_writes(tmp_path):
    main(["--root", str(tmp_path)])
    sample, committed = (root / "data/sample/distance_coaching" for root in (tmp_path, ROOT))
    names = {path.name for path in sample.iterdir()}
    assert {path.name for path in committed.iterdir()} == names
    assert len(names) == 7
    for path in [
        *(Path("data/sample/distance_coaching") / name for name in sorted(names)),
        Path("analyses/distance_coaching/study.toml"),
    ]:
        assert (ROOT / path).read_bytes() == (tmp_path / path).read_bytes(), path


def test_the_same_seed_gives_the_same_bytes(sample):
    assert simulate_distance_coaching().files() == sample.files()


def test_another_seed_gives_other_data_with_the_same_mess(sample, read_again):
    other = simulate_distance_coaching(seed=5)
    for name in ("clients_t1.csv", "clients_t2.csv", "coaches_t1.csv", "coaches_t2.csv"):
        assert other.exports[name] != sample.exports[name]
    for key in ("scores", "correlations", "ledger", "dyads", "mess"):
        assert other.truth[key] == sample.truth[key]
    reasons = [
        Counter((r["source"], r["reason"]) for r in read_again(s).rows) for s in (other, sample)
    ]
    assert reasons[0] == reasons[1]


def test_write_sample_writes_everything(tmp_path, sample):
    written = write_sample(tmp_path / "deep" / "data")
    assert {path.name: path.read_bytes() for path in written} == sample.files()
    truth = json.loads((tmp_path / "deep" / "data" / "truth.json").read_text("utf-8"))
    assert truth == sample.truth


# Files


def test_the_exports_have_the_formats_they_imitate(sample):
    coaches = sample.exports["coaches_t1.csv"]
    with pytest.raises(UnicodeDecodeError):
        coaches.decode("utf-8")
    assert {"\u00fc", "\u2013", "\u201e"} <= set(coaches.decode("cp1252"))
    assert coaches.count(b"\r\n") == coaches.count(b"\n") == 1 + 259
    # A remark may hold the delimiter, so its cell is quoted.
    table = list(csv.reader(io.StringIO(coaches.decode("cp1252"), newline=""), delimiter=";"))
    assert {len(row) for row in table} == {22}
    assert any(";" in cell for row in table for cell in row)
    tenure = {row[5] for row in table[1:] if any(row)}
    assert all(re.fullmatch(r"\d+,\d|", cell) for cell in tenure)
    assert b"\n\n" in sample.exports["coaches_t2.csv"]
    assert sample.exports["clients_t2.csv"].startswith(b"\xef\xbb\xbf")
    for name in ("clients_t1.csv", "clients_t2.csv", "coaches_t2.csv"):
        assert b"\r" not in sample.exports[name]


def test_the_qualtrics_exports_have_three_header_rows(sample):
    for name, start, stem in (
        ("clients_t1.csv", "Start Date", "Think of your coaching"),
        ("clients_t2.csv", "Startdatum", "Denken Sie an"),
    ):
        table = list(csv.reader(io.StringIO(sample.exports[name].decode("utf-8-sig"), newline="")))
        assert table[1][0] == start
        question = table[1][table[0].index("tr1")]
        assert question.startswith(stem)
        assert "\n" in question
        assert "," in question
        assert all("ImportId" in json.loads(cell) for cell in table[2])
        languages = {row[table[0].index("UserLanguage")] for row in table[3:]}
        assert languages == {"EN" if start == "Start Date" else "DE"}
        assert {row[table[0].index("Finished")] for row in table[3:]} == {"True", "False"}


def test_ids_are_text_and_nobody_is_real(reading):
    coaches = {row["coach_id"] for row in reading.kept(role="coach")}
    assert all(re.fullmatch(r"\d{4}", identity) for identity in coaches)
    assert any(identity.startswith("00") for identity in coaches)
    pairs = {row["pair_code"] for row in reading.kept()}
    assert all(re.fullmatch(r"P\d{4}", code) for code in pairs)
    for row in reading.rows:
        if row["role"] == "client":
            assert re.fullmatch(r"192\.0\.2\.\d{1,3}", row["IPAddress"])
            assert re.fullmatch(r"(client\d+@example\.org)?", row["RecipientEmail"])
            assert re.fullmatch(
                r"(Client \d+)?", f"{row['RecipientFirstName']} {row['RecipientLastName']}".strip()
            )


def test_one_coach_has_one_client(reading):
    partners = defaultdict(set)
    for row in reading.kept():
        partners[row["role"], row["person"]].add(row["pair_code"])
        partners["pair", row["role"], row["pair_code"]].add(row["person"])
    assert {len(codes) for codes in partners.values()} == {1}


# The study file


def test_the_study_file_names_the_exports_and_their_columns(sample, reading):
    study = tomllib.loads(study_file("data/"))
    assert study["study"]["title"] == TITLE == sample.truth["title"]
    assert {source["path"] for source in study["source"]} == {
        f"data/{name}" for name in sample.exports if name != "withdrawn.csv"
    }
    assert {source["name"] for source in study["source"]} == set(
        sample.truth["ledger"]["rows_read"]
    )
    assert study["withdrawal"][0]["path"] == "data/withdrawn.csv"
    for source in study["source"]:
        name, encoding, delimiter, _ = reading.FORMATS[source["name"]]
        header = sample.exports[name].decode(encoding).split("\n")[0].strip().split(delimiter)
        columns = {cell.strip('"') for cell in header}
        assert {source["dyad"], source["person"], "consent", *source.get("exclude", {})} <= columns
    scales = study["scale"]
    for (scale, _), (columns, highest, _, minimum) in reading.SCALES.items():
        assert scales[scale]["range"] == [1, highest]
        assert scales[scale]["minimum_answered"] == minimum
        items = [scales[scale], *scales[scale].get("version", [])]
        assert f"{columns[0]}..{columns[-1]}" in [entry["items"][0] for entry in items]


def test_the_study_file_is_accepted():
    study = read_study(ROOT / "analyses/distance_coaching/study.toml")
    assert study.roles == ("coach", "client")
    assert [analysis.type for analysis in study.analyses] == [
        *("descriptives", "nonindependence", "missingness", "invariance", "agreement", "apim"),
    ]


@pytest.mark.parametrize(
    ("data", "path"), [("", "clients"), ("x", "x/clients"), ("x/", "x/clients")]
)
def test_the_study_file_finds_its_folder(data, path):
    assert f'path = "{path}_t1.csv"' in study_file(data)
