"""From a file, or a text, to a study."""

from __future__ import annotations

import os

import pytest

from dyadkit.errors import StudyError
from dyadkit.study import parse_study, read_study


@pytest.fixture
def good(tmp_path, accepted):
    path = tmp_path / "my study.toml"
    path.write_text(accepted().text, encoding="utf-8")
    return path


def test_a_file_is_read(good):
    study = read_study(good)
    assert (study.stem, study.directory) == ("my study", good.parent)
    assert study.files[0] == good
    assert read_study(str(good)) == study


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_marks_and_line_endings_do_not_matter(good, encoding, ending):
    text = good.read_text(encoding="utf-8").replace("title", "# Größe\ntitle").replace("\n", ending)
    good.write_bytes(text.encode(encoding))
    assert read_study(good).roles == ("coach", "client")


def test_the_declared_schema_is_read(accepted):
    assert accepted("[study]", "schema = 1\n[study]").title == "T"


def test_the_title_is_the_files_name_unless_it_is_said(accepted):
    assert accepted().title == "T"
    assert accepted('title = "T"\n', "").title == "study"


FILES = {
    "no TOML": (b"roles: coach\n", "is not valid TOML: .*line 1"),
    "two tables": (b"[study]\n[study]\n", "is not valid TOML: Cannot declare"),
    "a word without quotes": (b"[study]\nroles = [coach]\n", "is not valid TOML: .*line 2"),
    "an export": ("pair,größe\n".encode("cp1252"), r"is not UTF-8 text \(byte 8\)"),
    "a workbook": (b"PK\x03\x04\xff\xfe", "is not UTF-8 text"),
    "null bytes": (b"[study]\n\x00", "is not valid TOML"),
    "deep nesting": (b"a = " + b"[" * 20_000, "a nesting that no program can read"),
    "an endless number": (b"a = " + b"9" * 5000, "a number or a nesting that no program can read"),
    "old line endings": (b"[study]\rroles = []\r", "is not valid TOML"),
}


@pytest.mark.parametrize("case", FILES)
def test_what_is_no_study_file_is_refused(tmp_path, case):
    data, words = FILES[case]
    path = tmp_path / "study.toml"
    path.write_bytes(data)
    with pytest.raises(StudyError, match=words) as found:
        read_study(path)
    assert str(path) in str(found.value)
    assert len(str(found.value)) < 500
    assert found.value.exit_code == 2


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(StudyError, match="is a folder, not a study file"):
        read_study(tmp_path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"no\.toml cannot be read: No such file or directory"):
        read_study(tmp_path / "no.toml")


def test_what_is_no_ordinary_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(StudyError, match="is no ordinary file"):
        read_study(tmp_path / "pipe.toml")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_names_that_no_file_can_have_are_refused(name):
    with pytest.raises(StudyError):
        read_study(name)


def test_names_of_analyses_are_made_of_type_and_variables():
    text = (
        '[study]\nroles = ["a"]\n[[source]]\npath = "a.csv"\ndyad = "d"\n'
        '[scale.x]\nitems = ["i"]\nrange = [1, 2]\n'
        '[[analysis]]\ntype = "descriptives"\nvariables = ["x", "x.a"]\n'
        '[[analysis]]\ntype = "missingness"\n'
        '[[analysis]]\ntype = "missingness"\nname = "gaps"\n'
    )
    names = [analysis.name for analysis in parse_study(text).analyses]
    assert names == ["descriptives x x.a", "missingness", "gaps"]
