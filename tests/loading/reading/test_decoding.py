"""Bytes → text: encodings, files that are no text, and files that are not there."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.decoding import read_text

TEXT = "pair,Prüfung\nP1,„so“ – 4 €\n"


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, encoding: str | None = None, name: str = "a.csv") -> str:
        (tmp_path / name).write_bytes(data)
        return read_text(tmp_path / name, "answers", encoding)

    return read_bytes


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings_are_found(read, encoding):
    assert read(TEXT.encode(encoding)) == TEXT


def test_big_endian_utf_16_is_found_by_its_mark(read):
    assert read(b"\xfe\xff" + TEXT.encode("utf-16-be")) == TEXT


def test_a_declared_encoding_wins(read):
    text = "pair,Ankieta ąęł\nP1,4\n"
    assert read(text.encode("cp1250"), "cp1250") == text


def test_a_declared_utf_8_takes_the_mark_off_too(read):
    assert read(TEXT.encode("utf-8-sig"), "utf-8") == TEXT


def test_a_wrong_declared_encoding_is_refused(read):
    with pytest.raises(DataError, match=r"answers cannot be read as utf-8\. Export it as CSV"):
        read(TEXT.encode("cp1252"), "utf-8")


def test_bytes_of_no_common_encoding_are_refused(read):
    # 0x81 is not assigned in Windows-1252, and begins no UTF-8 character.
    with pytest.raises(DataError, match="utf-8 or cp1252"):
        read(b"pair,t1\nP\x81,4\n")


def test_an_unknown_encoding_is_a_mistake_in_the_study_file(read):
    with pytest.raises(StudyError, match="no encoding called 'utf-7000'"):
        read(b"pair", "utf-7000")


@pytest.mark.parametrize(
    ("data", "count", "line"),
    [
        (b"pair,t1\nP1,\x004\n", "1 null byte", 2),
        (b"\x00pair\n\x00\x00", "3 null bytes", 1),
        (b"pair\rP1\rP\x002", "1 null byte", 3),
    ],
)
def test_null_bytes_are_counted_and_shown(read, data, count, line):
    with pytest.raises(DataError, match=f"holds {count}, the first on line {line}") as found:
        read(data)
    assert found.value.rows == (line,)


@pytest.mark.parametrize("data", [b"", b"\n\n", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(read, data):
    with pytest.raises(DataError, match=r"answers is empty\. Export it again"):
        read(data)


def test_a_file_that_must_not_be_read_is_refused(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.csv"
    path.write_text("pair,t1\n")
    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(StudyError, match="cannot be read: Permission denied"):
        read_text(path, "answers")
