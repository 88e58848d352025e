"""The parts of a study: item ranges, names, frozen values."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from dyadkit.study import Analysis, Scale, Source, parse_study, read_study
from dyadkit.study.scales import expand_items

STUDY = """
[study]
roles = ["coach", "client"]
waves = ["t1", "t2"]
[wave.t2]
time = 4
[[source]]
path = "folder/answers.csv"
role_column = "role"
wave_column = "wave"
dyad = "pair"
values = { Never = 1 }
exclude = { Status = ["Survey Preview", 1] }
[scale.trust]
items = ["tr1..tr3"]
range = [1, 7]
[[analysis]]
type = "descriptives"
variables = ["trust"]
"""


@pytest.mark.parametrize(
    ("items", "expanded"),
    [
        (("a1..a3",), ("a1", "a2", "a3")),
        (("q08..q11", "x"), ("q08", "q09", "q10", "q11", "x")),
        (("a9..a11",), ("a9", "a10", "a11")),
        (("Q1_1..Q1_3",), ("Q1_1", "Q1_2", "Q1_3")),
        (("Q1.8..Q1.9",), ("Q1.8", "Q1.9")),
        (("1..3",), ("1", "2", "3")),
        (("a1..a1",), ("a1",)),
        (("Frage 1..Frage 2",), ("Frage 1", "Frage 2")),
    ],
)
def test_ranges_of_items_are_written_out(items, expanded):
    assert expand_items(items) == expanded


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ("a1..b3", "no range"),
        ("a..c", "no range"),
        ("..", "no range"),
        ("a3..a1", "runs backwards"),
        ("Q1_1..Q2_5", "no range"),
        ("a1..a9999999999", "more than 1000 items"),
    ],
)
def test_what_is_no_range_is_refused(item, why):
    with pytest.raises(ValueError, match=why):
        expand_items((item,))


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"items": ["a", "b", "a"]}, "a stands here more than once"),
        ({"items": ["a1..a3", "a2"]}, "a2 stands here more than once"),
        ({"reverse": ["z"]}, "reverse names z, which are not among the items"),
        ({"range": [7, 1]}, "range must run from the lowest"),
        ({"range": [1, 1]}, "range must run from the lowest"),
        ({"minimum_answered": 4}, "minimum_answered is 4, but there are only 3 items"),
        ({"version": [{"role": "coach", "items": ["x"]}]}, "a version has 1 items where the scale"),
        (
            {"version": [{"role": "coach", "items": ["x", "y", "z"]}] * 2},
            "two versions are for the same role and wave",
        ),
    ],
)
def test_a_scale_must_be_coherent(keys, why):
    with pytest.raises(ValidationError, match=why):
        Scale.model_validate({"name": "x", "items": ["a", "b", "c"], "range": [1, 7], **keys})


@pytest.mark.parametrize("name", ["1x", "a b", "_x", "x-y", "", "x\n", "größe"])
def test_names_are_letters_digits_and_underscores(name):
    with pytest.raises(ValidationError, match="cannot be a name"):
        Scale(name=name, items=("a",), range=(1, 7))


@pytest.mark.parametrize("delimiter", ['"', "\n", "a", "1", ".", ";;", ""])
def test_some_characters_delimit_nothing(delimiter):
    with pytest.raises(ValidationError):
        Source(path="a.csv", dyad="pair", delimiter=delimiter)


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "", "base64", "a\0"])
def test_encodings_must_exist_and_be_of_text(encoding):
    with pytest.raises(ValidationError, match="no text encoding"):
        Source(path="a.csv", dyad="pair", encoding=encoding)


# Frozen


@pytest.fixture
def study():
    return parse_study(STUDY)


def test_a_study_is_what_was_read(study):
    assert study.wave_times == {"t2": 4.0}
    assert study.sources[0].name == "answers.csv"
    assert study.sources[0].values == {"Never": 1.0}
    assert study.sources[0].exclude == {"Status": ("Survey Preview", 1)}
    assert study.analyses[0].name == "descriptives trust"
    assert study.title == "study"


def test_nothing_of_it_can_be_changed(study):
    with pytest.raises(ValidationError, match="frozen"):
        study.title = "x"
    with pytest.raises(ValidationError, match="frozen"):
        study.sources[0].path = "x"
    for mapping in (study.wave_times, study.sources[0].values, study.sources[0].exclude):
        with pytest.raises(TypeError, match="frozen"):
            mapping["x"] = 1
    study.analyses[0].options["variables"].append("x")
    assert study.analyses[0].options == {"variables": ["trust"]}


def test_it_survives_pickling(study):
    again = pickle.loads(pickle.dumps(study))
    assert again == study
    with pytest.raises(TypeError, match="frozen"):
        again.wave_times.clear()


def test_analyses_keep_their_own_keys():
    analysis = Analysis(type="x", name="y", alpha=0.1)
    assert analysis.options == {"alpha": 0.1}


def test_its_files_are_named_from_its_folder(study, tmp_path):
    study = parse_study(STUDY, directory=tmp_path, stem="mine")
    assert study.files == (tmp_path / "mine.toml", tmp_path / "folder/answers.csv")


def test_a_study_file_may_have_any_ending(tmp_path):
    path = tmp_path / "my.study.txt"
    path.write_text(STUDY, encoding="utf-8")
    study = read_study(path)
    assert (study.stem, study.file, study.files[0]) == ("my.study", "my.study.txt", path)
