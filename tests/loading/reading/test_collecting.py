"""Parts of a table → its columns, whatever the parts hold and wherever they end."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.loading.reading import collecting
from dyadkit.loading.reading.collecting import (
    SIGN,
    collect,
    part_of_columns,
    part_of_records,
)

CELLS = st.sampled_from(["", "1", "2", "7", " 1", "10", "-99", "ä", "0001", "x y"])
TABLES = st.lists(st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=9), max_size=4)


def check_body(body, records, width):
    """Compare with the plain way: row by row."""
    rows = [[*record, *[""] * width] for record in records]
    for place, cells in enumerate(body.cells):
        texts = [row[place].strip() for row in rows]
        assert list(cells) == texts
        assert cells.categories.tolist() == list(dict.fromkeys(texts))
    assert body.short.tolist() == [len(record) < width for record in records]
    assert body.beyond.tolist() == [bool("".join(record[width:]).strip()) for record in records]


@pytest.mark.parametrize("most_words", [0, 3, 2000])
@given(parts=TABLES, width=st.integers(1, 4))
def test_records(most_words, parts, width):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collecting, "_MOST_WORDS", most_words)
        body = collect((part_of_records(records, width) for records in parts), width)
    check_body(body, [record for records in parts for record in records], width)


@pytest.mark.parametrize("most_words", [0, 3, 2000])
@given(parts=TABLES, width=st.integers(1, 4), n_cells=st.integers(1, 5))
def test_columns(most_words, parts, width, n_cells):
    tables = [[[*record, *[""] * 5][:n_cells] for record in records] for records in parts]
    columns = [
        [
            # Arrow's reader of text files gives several pieces, of texts with short addresses.
            pa.chunked_array([pa.array(texts[:2], pa.string()), pa.array(texts[2:], pa.string())])
            for texts in zip(*records, strict=True)
        ]
        for records in tables
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collecting, "_MOST_WORDS", most_words)
        body = collect((part_of_columns(part, width) for part in columns), width)
    check_body(body, [record for records in tables for record in records], width)


def test_single_bytes_come_after_many_other_texts():
    """A column may hold more texts than a byte can count."""
    words = [f"w{number}" for number in range(300)]
    parts = [words, ["1", "2", ""], ["2", "w7"], ["~", "1"], [chr(code) for code in range(33, 127)]]
    texts = [text for part in parts for text in part]
    columns = [[pa.array(part, pa.string())] for part in parts]
    for order in (columns, columns[::-1]):
        (cells,) = collect((part_of_columns(part, 1) for part in order), 1).cells
        expected = texts if order is columns else [text for part in parts[::-1] for text in part]
        assert list(cells) == expected


def test_a_slice_is_no_more_than_itself():
    column = pa.array(["1", "2", "", "3", "4"], pa.string()).slice(1, 3)
    assert list(collect([part_of_columns([column], 1)], 1).cells[0]) == ["2", "", "3"]


def signs(texts):
    return pa.array([text.encode() or None for text in texts], SIGN)


@pytest.mark.parametrize("most_words", [0, 3, 2000])
def test_signs_are_texts(most_words, monkeypatch):
    monkeypatch.setattr(collecting, "_MOST_WORDS", most_words)
    texts = ["7", "", "x", "7", "two", "words", "~", "7", "", "0"]
    parts = [
        pa.chunked_array([signs(texts[:3]), signs(texts[3:4])]),
        pa.array(texts[4:6], pa.string()),
        signs(["1", *texts[6:], "1"]).slice(1, 4),
    ]
    (cells,) = collect((part_of_columns([part], 1) for part in parts), 1).cells
    assert list(cells) == texts
    assert cells.categories.tolist() == list(dict.fromkeys(texts))


def test_signs_after_more_texts_than_a_byte_can_count():
    words = [f"w{number}" for number in range(300)]
    parts = [pa.array(words, pa.string()), signs(["1", "", "w", "1"])]
    (cells,) = collect((part_of_columns([part], 1) for part in parts), 1).cells
    assert list(cells) == [*words, "1", "", "w", "1"]


def test_no_text_is_none_whatever_stands_in_its_place():
    there = pa.py_buffer(bytes([0b101]))
    column = pa.Array.from_buffers(SIGN, 3, [there, pa.py_buffer(b"5x6")])
    assert list(collect([part_of_columns([column], 1)], 1).cells[0]) == ["5", "", "6"]


def test_what_goes_wrong_in_a_part_is_told():
    def parts():
        yield part_of_records([["a"]], 1)
        raise KeyError("b")

    with pytest.raises(KeyError, match="b"):
        collect(parts(), 1)


def test_no_rows_at_all():
    body = collect([], 2)
    assert [len(cells) for cells in body.cells] == [0, 0]
    assert body.short.tolist() == body.beyond.tolist() == []


def test_a_single_long_record_takes_no_room():
    """A row with a million cells among others must not become a million columns."""
    part = part_of_records([["a"], ["b", *["x"] * 1_000_000]] * 3, 1)
    assert len(part.columns) == 1
    assert part.beyond.tolist() == [False, True] * 3
