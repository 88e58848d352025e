"""Bytes → text: encodings, files that are no text, and files that are not there."""

from __future__ import annotations

import sys

import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.reading import decoding
from dyadkit.loading.reading.decoding import find_decoding, utf8_blocks

TEXT = "pair,Prüfung\nP1,„so“ – 4 €\n"


@pytest.fixture
def read(tmp_path):
    def read_bytes(data: bytes, encoding: str | None = None, name: str = "a.csv") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        found = find_decoding(path, "answers", encoding)
        return b"".join(block for block, _ in utf8_blocks(path, found)).decode()

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
    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.csv"
    path.write_text("pair,t1\n")
    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(StudyError, match="cannot be read: Permission denied"):
        find_decoding(path, "answers")


@pytest.mark.parametrize("encoding", ["hex", "rot13"])
def test_an_encoding_of_no_text_is_a_mistake_in_the_study_file(read, encoding):
    with pytest.raises(StudyError, match=f"no encoding called '{encoding}'"):
        read(b"pair", encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_declared_encoding_needs_no_mark(read, encoding):
    order = "le" if sys.byteorder == "little" else "be"
    assert read(TEXT.encode(f"{encoding}-{order}"), encoding) == TEXT


# Lines in another encoding than the others

MIXED = b"pair,t1\nP1,gr\xc3\xbc\xc3\x9fe\nP2,caf\xe9\nP3,x\r\nP4,\x84so\x93"


def test_stray_lines_of_a_utf_8_file_are_windows_1252(tmp_path, read):
    assert read(MIXED) == "pair,t1\nP1,grüße\nP2,café\nP3,x\r\nP4,„so“"
    found = find_decoding(tmp_path / "a.csv", "answers")
    assert (found.codec, found.strays) == ("utf-8", (3, 5))
    assert found.notes("answers") == (
        "answers: 2 lines (3, 5) are not in UTF-8 as the others are, and were read as "
        "Windows-1252. If letters there look wrong, export the file again as CSV (UTF-8).",
    )


def test_a_stray_line_after_a_mark_is_windows_1252(tmp_path, read):
    assert read(b"\xef\xbb\xbfpair\rcaf\xe9\r") == "pair\rcafé\r"
    found = find_decoding(tmp_path / "a.csv", "answers")
    assert found.notes("answers")[0].startswith("answers: 1 line (2) is not in UTF-8")


def test_a_file_without_letters_in_utf_8_is_windows_1252(tmp_path, read):
    assert read(b"pair,t1\nP1,caf\xe9\nP2,x\n") == "pair,t1\nP1,café\nP2,x\n"
    found = find_decoding(tmp_path / "a.csv", "answers")
    assert (found.codec, found.notes("answers")) == ("cp1252", ())


def test_stray_lines_that_are_not_windows_1252_either_are_refused(read):
    with pytest.raises(DataError, match="utf-8 or cp1252"):
        read("pair,ä\nP".encode() + b"\x81,4\n")


def test_a_declared_utf_8_has_no_stray_lines(read):
    with pytest.raises(DataError, match="cannot be read as utf-8"):
        read(MIXED, "utf-8")


# Blocks


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_blocks_are_whole_lines(tmp_path, encoding, ending, size):
    text = ending.join(["pair,ü", "", "P1,4", "„P2“,5" * 5, ""])
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    blocks = list(utf8_blocks(path, find_decoding(path, "answers"), size))
    assert b"".join(block for block, _ in blocks).decode() == text
    whole = {line.encode() for line in text.splitlines(keepends=True)}
    assert all(set(block.splitlines(keepends=True)) <= whole for block, _ in blocks)
    done = [count for _, count in blocks]
    assert done == sorted(done)
    assert done[-1] == path.stat().st_size


def test_lines_are_counted_from_block_to_block(tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "SMALL_BLOCK", 8)
    path = tmp_path / "a.csv"
    path.write_bytes("ä\r\nb\r\n".encode() * 40 + b"\xe4\r\n" + b"b\r\n" * 20 + b"\xe4")
    # Two lines forty times, the next, and the one after twenty more.
    assert find_decoding(path, "answers").strays == (81, 102)
    path.write_bytes(b"a\r\n" * 40 + b"b\0\r\n" + b"a\r\n\0" * 40)
    with pytest.raises(DataError, match="holds 41 null bytes, the first on line 41"):
        find_decoding(path, "answers")
