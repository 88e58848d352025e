"""The mentoring sample's files: the same content each time, in the formats they imitate."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import tomllib
import zipfile
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest

from dyadkit.simulation.__main__ import main
from dyadkit.simulation.mentoring import (
    TITLE,
    simulate_workplace_mentoring,
    study_file,
    write_sample,
)
from tests.simulation.mentoring_reading import SCALES, WAVES, Reading, read_lines, read_sav

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("data/sample/workplace_mentoring")
STUDY = Path("analyses/workplace_mentoring/study.toml")
CONTAINERS = (".sav", ".xlsx")


@pytest.fixture(scope="module")
def sample():
    return simulate_workplace_mentoring()


@pytest.fixture(scope="module")
def reading(sample):
    return Reading(sample.exports)


def workbook(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    properties = book.properties
    return sheets, (properties.creator, properties.created, properties.modified)


def content_of(name, raw):
    """Return what a file says: the bytes of a text, all cells and labels of a container."""
    if name.endswith(".xlsx"):
        return workbook(raw)
    if not name.endswith(".sav"):
        return raw
    rows, about = read_sav(raw)
    described = (about.column_names_to_labels, about.variable_value_labels, about.missing_ranges)
    return rows, described, about.original_variable_types, about.variable_measure, about.file_label


# Reproducible


def test_the_committed_files_are_what_the_script_writes(tmp_path):
    main(["--root", str(tmp_path)])
    names = {path.name for path in (tmp_path / FOLDER).iterdir()}
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == names
    assert len(names) == 8
    for path in (FOLDER / name for name in sorted(names)):
        # Another version of a library may pack the same content otherwise.
        committed, written = ((root / path).read_bytes() for root in (ROOT, tmp_path))
        assert content_of(path.name, committed) == content_of(path.name, written), path
        assert len(committed) < 300_000


def test_the_same_seed_gives_the_same_bytes(sample):
    assert simulate_workplace_mentoring().files() == sample.files()


def test_no_clock_leaves_a_trace(sample):
    for wave in WAVES:
        raw = sample.exports[f"developees_{wave}.sav"]
        # SPSS' file header: 4 + 60 + 5 x 4 + 8 bytes, then the date (9) and the time (8).
        assert raw[92:109] == b"01 Jun 2500:00:00"
        assert read_sav(raw)[1].creation_time == dt.datetime(2025, 6, 1)
    with zipfile.ZipFile(io.BytesIO(sample.exports["mentors.xlsx"])) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {3}
        parts = b"".join(archive.read(n) for n in archive.namelist() if n.startswith("docProps"))
    assert set(re.findall(rb"\d{4}-\d\d-\d\dT[\d:]+Z", parts)) == {b"2025-06-01T00:00:00Z"}


def test_another_seed_gives_other_data_with_the_same_mess(sample):
    other = simulate_workplace_mentoring(seed=5)
    assert all(other.exports[name] != raw for name, raw in sample.exports.items())
    for key in ("scores", "correlations", "same_mentor", "panel", "ledger", "dyads", "mess"):
        assert other.truth[key] == sample.truth[key]


def test_write_sample_writes_everything(tmp_path, sample):
    written = write_sample(tmp_path / "deep" / "data")
    assert {path.name: path.read_bytes() for path in written} == sample.files()
    truth = json.loads((tmp_path / "deep" / "data" / "truth.json").read_text("utf-8"))
    assert truth == sample.truth


# The developees' files


def test_the_spss_files_describe_themselves(sample):
    for wave in WAVES:
        rows, about = read_sav(sample.exports[f"developees_{wave}.sav"])
        items = [c for (_, role), (cs, *_) in SCALES.items() if role == "developee" for c in cs]
        extra = ["gender"] if wave == "t1" else []
        assert list(rows[0]) == ["dev_id", "answered_on", "consent", *extra, *items]
        labels = about.column_names_to_labels
        assert all(labels.values())
        assert len(set(labels.values())) == len(labels)
        assert about.variable_value_labels["su1"] == {
            **{1: "never", 2: "rarely", 3: "sometimes", 4: "often", 5: "always"},
            99: "not applicable",
        }
        assert set(about.variable_value_labels) == {"consent", *extra, *items}
        assert about.missing_ranges == {c: [{"lo": 99.0, "hi": 99.0}] for c in [*extra, *items]}
        assert about.original_variable_types["dev_id"].startswith("A")
        assert about.original_variable_types["answered_on"].startswith("DATE")
        assert about.variable_measure["q1"] == "ordinal"


def test_developees_gender_is_a_labelled_category(sample, reading):
    _, about = read_sav(sample.exports["developees_t1.sav"])
    labels = about.variable_value_labels["gender"]
    assert labels == {1: "woman", 2: "man", 3: "another gender", 99: "prefer not to say"}
    genders = [row["gender"] for row in reading.kept(role="developee", wave="t1")]
    assert set(genders) == set(labels)
    assert genders.count(99) == sample.truth["gender"]["user_missing"] == 6
    # The share of women is within 3.5 standard errors of a half and a bit.
    said = [gender for gender in genders if gender != 99]
    error = (0.52 * 0.48 / len(said)) ** 0.5
    assert abs(said.count(1) / len(said) - 0.52) < 3.5 * error


def test_ids_are_text_with_zeros_in_front(reading):
    listed = [developee for _, developee in reading.key.values()]
    assert all(re.fullmatch(r"0\d{3}[A-Z]", identity) for identity in listed)
    assert len({identity.lstrip("0") for identity in listed}) == len(listed)
    spelt = [row["written"] for row in reading.kept(role="developee") if not row["respelt"]]
    assert set(spelt) <= set(listed)


def test_waves_are_four_weeks_apart(reading):
    starts = {"t1": dt.date(2025, 3, 3), "t2": dt.date(2025, 3, 31), "t3": dt.date(2025, 4, 28)}
    for row in reading.kept():
        day = row["date"].date() if isinstance(row["date"], dt.datetime) else row["date"]
        assert 0 <= (day - starts[row["wave"]]).days < 28


# The mentors' file


def test_the_workbook_has_the_answers_on_its_second_sheet(sample):
    sheets, _ = workbook(sample.exports["mentors.xlsx"])
    assert list(sheets) == ["Read me", "Answers"]
    header = sheets["Answers"][0]
    slot = [c for (_, role), (cs, *_) in SCALES.items() if role == "mentor" for c in cs]
    assert header == (
        *("wave", "answered_on", "mentor_id", "consent", "tenure_years"),
        *(name for n in "123" for name in (f"m{n}_id", *(f"{item}_{n}" for item in slot))),
    )
    lines = [row for row in sheets["Answers"][1:] if not any(c is not None for c in row)]
    assert len(lines) == 3
    waves = [row[0] for row in sheets["Answers"][1:] if row[0] is not None]
    assert waves == sorted(waves)
    assert sheets["Answers"][-1][0] == 3
    assert {row[3] for row in sheets["Answers"][1:]} == {None, 0, 1}


def test_mentors_have_one_to_three_developees(sample, reading):
    sizes = defaultdict(set)
    for mentor, developee in reading.key:
        sizes[mentor].add(developee)
    unlisted = sample.truth["mess"]["unlisted"]
    assert sum(map(len, sizes.values())) == 387 - unlisted == 385
    assert set(map(len, sizes.values())) == {1, 2, 3}
    listed = {row["slot"] for row in reading.kept(role="mentor")}
    assert listed == {"1", "2", "3"}


def test_some_mentors_list_their_developees_in_another_order(reading):
    slots = defaultdict(set)
    for row in reading.kept(role="mentor"):
        slots[row["pair"]].add(row["slot"])
    assert any(len(places) > 1 for places in slots.values())


def test_tenure_is_a_mentors_and_asked_once(reading):
    years = defaultdict(set)
    for row in reading.rows:
        if row["role"] == "mentor" and not row["blank"]:
            assert (row["tenure"] is None) == (row["wave"] != "t1" or row["consent"] == 0)
            years[row["person"]].add(row["tenure"])
    assert all(len(found - {None}) <= 1 for found in years.values())


# The lists and the study file


def test_the_lists_are_sorted_and_plain(sample):
    pairs = read_lines(sample.exports["pairs.csv"])
    assert list(pairs[0]) == ["pair", "mentor_id", "dev_id"]
    assert [line["pair"] for line in pairs] == sorted(line["pair"] for line in pairs)
    for column in ("pair", "dev_id"):
        assert len({line[column] for line in pairs}) == len(pairs)
    assert all(re.fullmatch(r"M\d{3}", line["mentor_id"]) for line in pairs)
    withdrawn = {line["id"] for line in read_lines(sample.exports["withdrawn.csv"])}
    everybody = {line[column] for line in pairs for column in ("mentor_id", "dev_id")}
    assert withdrawn <= everybody


def test_the_study_file_names_the_exports_and_their_columns(sample):
    study = tomllib.loads(study_file("data/"))
    assert study["study"]["title"] == TITLE == sample.truth["title"]
    paths = [entry["path"] for key in ("source", "link", "withdrawal") for entry in study[key]]
    assert sorted(paths) == sorted(f"data/{name}" for name in sample.exports)
    assert {source["name"] for source in study["source"]} == {
        record["source"] for record in sample.truth["ledger"]
    }
    *_, mentors = study["source"]
    header = workbook(sample.exports["mentors.xlsx"])[0][mentors["sheet"]][0]
    for slot in mentors["slots"]:
        assert mentors["partner"].format(slot=slot) in header
        for (_, role), (items, *_) in SCALES.items():
            if role == "mentor":
                named = {mentors["columns"].format(item=item, slot=slot) for item in items}
                assert named <= set(header)
    assert {mentors["person"], mentors["wave_column"], "consent"} <= set(header)
    for (scale, _), (columns, highest, reverse, minimum) in SCALES.items():
        declared = study["scale"][scale]
        assert declared["items"] == [f"{columns[0]}..{columns[-1]}"]
        assert declared["range"] == [1, highest]
        assert set(declared.get("reverse", [])) == reverse
        assert declared["minimum_answered"] == minimum
        asked = {role for name, role in SCALES if name == scale}
        assert set(declared.get("roles", study["study"]["roles"])) == asked


@pytest.mark.parametrize(
    ("data", "path"), [("", "mentors"), ("x", "x/mentors"), ("x/", "x/mentors")]
)
def test_the_study_file_finds_its_folder(data, path):
    assert f'path = "{path}.xlsx"' in study_file(data)
