"""Delimited text → cells: Arrow and the csv module agree, wherever the blocks end."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.loading.reading import splitting
from dyadkit.loading.reading.collecting import collect
from dyadkit.loading.reading.splitting import (
    StrayQuotationMark,
    cells_of_any_length,
    split_parts,
    split_records,
)

PLAIN = st.sampled_from(["", "1", "7", " 1 ", "-99", "ä", "\u00a0x", "0001", "5'", "\\", "NA", "#"])
ANY = st.one_of(
    PLAIN, st.sampled_from(['"', '""', '"a"', '"a,b"', '"a\nb"', 'a"b', '"a', " ", ","])
)
ENDINGS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])


def texts_of(cells, n_cells):
    """Make texts of lines with usually equally many cells."""
    widths = st.sampled_from([n_cells] * 8 + [n_cells - 1, n_cells + 2])
    lines = widths.flatmap(lambda n: st.lists(cells, min_size=n, max_size=n)).map(",".join)
    several = st.lists(st.tuples(lines, ENDINGS).map("".join), max_size=12)
    return st.tuples(several, st.one_of(st.just(""), lines)).map(lambda t: "".join([*t[0], t[1]]))


TEXTS = st.one_of(
    *(texts_of(cells, n_cells) for cells in (PLAIN, ANY) for n_cells in (1, 2, 4)),
)


def blocks_of(text, n_lines):
    """Cut a text into blocks of so many lines."""
    lines = text.encode().splitlines(keepends=True)
    return [b"".join(lines[place : place + n_lines]) for place in range(0, len(lines), n_lines)]


def by_csv(text):
    """Read a text as a whole; tell how many records are above a stray quotation mark."""
    records = []
    try:
        records.extend(
            csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
        )
    except csv.Error:
        return len(records)
    return records


def read(text, n_lines, width):
    try:
        return collect(split_parts(blocks_of(text, n_lines), ",", width), width)
    except StrayQuotationMark as stray:
        return stray.row


@pytest.mark.parametrize("n_lines", [1, 3, 100])
@pytest.mark.parametrize("most_cells", [1, 5, 1000])
@given(text=TEXTS, width=st.integers(1, 4))
def test_cells_are_those_of_the_csv_module(n_lines, most_cells, text, width):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitting, "_MOST_CELLS", most_cells)
        found, records = read(text, n_lines, width), by_csv(text)
    if isinstance(records, int):
        assert found == records
        return
    rows = [[*record, *[""] * width] for record in records]
    assert [list(cells) for cells in found.cells] == [
        [row[place].strip() for row in rows] for place in range(width)
    ]
    assert found.short.tolist() == [len(record) < width for record in records]
    assert found.beyond.tolist() == [bool("".join(record[width:]).strip()) for record in records]


@given(text=TEXTS, width=st.integers(1, 4), n_lines=st.integers(1, 20))
def test_arrow_and_the_csv_module_give_the_same_table(text, width, n_lines):
    with pytest.MonkeyPatch.context() as patch:
        found = read(text, n_lines, width)
        patch.setattr(splitting, "_split_plain", lambda *_: None)
        other = read(text, n_lines, width)
    if isinstance(other, int):
        assert found == other
        return
    for mine, theirs in zip(found.cells, other.cells, strict=True):
        assert mine.categories.equals(theirs.categories)
        assert mine.codes.tolist() == theirs.codes.tolist()
        assert mine.codes.dtype == theirs.codes.dtype
    assert found.short.tolist() == other.short.tolist()
    assert found.beyond.tolist() == other.beyond.tolist()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_plain_lines_are_read_by_arrow(monkeypatch, ending):
    def refuse(*_):
        raise AssertionError("the csv module was asked")

    monkeypatch.setattr(splitting, "_split_quoted", refuse)
    text = ending.join(f"P{number:04},{number % 7}, ä ," for number in range(2000))
    body = collect(split_parts(blocks_of(text, 300), ",", 3), 3)
    assert body.cells[0].tolist() == [f"P{number:04}" for number in range(2000)]
    assert body.cells[1].tolist() == [str(number % 7) for number in range(2000)]
    assert body.cells[2].categories.tolist() == ["ä"]
    assert not body.beyond.any()


@pytest.mark.parametrize("n_lines", [7, 300])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_quoted_cells_are_read_by_arrow(monkeypatch, ending, n_lines):
    def refuse(*_):
        raise AssertionError("the csv module was asked")

    rows = [(f"P{n:04}", f'sagt ""ja"",{ending}' * (n % 7 > 0) + ".", "ä") for n in range(2000)]
    text = "".join(",".join(f'"{cell}"' for cell in row) + ending for row in rows)
    # A block that ends within a record gives its last lines to the next one.
    monkeypatch.setattr(splitting, "_split_quoted", refuse)
    body = collect(split_parts(blocks_of(text, n_lines), ",", 3), 3)
    told = [row[1].replace('""', '"').strip() for row in rows]
    assert body.cells[0].tolist() == [row[0] for row in rows]
    assert body.cells[1].tolist() == told
    assert body.cells[2].categories.tolist() == ["ä"]
    assert not body.beyond.any()


def test_only_blocks_that_are_not_plain_are_left_to_the_csv_module(monkeypatch):
    asked = []
    left = splitting._split_quoted

    def count(block, *others):
        asked.append(block)
        return left(block, *others)

    monkeypatch.setattr(splitting, "_split_quoted", count)
    blocks = [b"a,b\n", b'"c\n', b'd",e\n', b"f,g\n", b"h\ni,j\n", b"k,l\n", b"\nm,n\n"]
    body = collect(split_parts(blocks, ",", 2), 2)
    # The second goes on in the third; the fifth has a short line; the last starts empty.
    assert asked == [blocks[1], blocks[4], blocks[6]]
    assert body.cells[0].tolist() == ["a", "c\nd", "f", "h", "i", "k", "", "m"]
    assert body.short.tolist() == [False, False, False, True, False, False, True, False]


def test_columns_of_single_bytes_are_read_as_such_until_they_are_not(monkeypatch):
    tried = []
    split = splitting._split_plain

    def note(block, delimiter, width, signs):
        tried.append(list(signs))
        return split(block, delimiter, width, signs)

    monkeypatch.setattr(splitting, "_split_plain", note)
    blocks = [b"P1,4,,x\nP2,,5,y\n", b"P3,4,5,zz\n", b"P4,6,,\n", b"P5,10,6,w\n", b"P6,7,7,7\n"]
    body = collect(split_parts(blocks, ",", 4), 4)
    # What breaks a block is read as texts there, and from then on.
    assert tried == [[1, 2, 3], [1, 2, 3], [], [1, 2], [1, 2], [], [2]]
    assert [list(cells) for cells in body.cells[1:]] == [
        ["4", "", "4", "6", "10", "7"],
        ["", "5", "5", "", "6", "7"],
        ["x", "y", "zz", "", "w", "7"],
    ]


def test_a_wrong_guess_from_the_first_record_is_mended():
    blocks = [b",4\nP2,5\n", b"P3,6\n"]
    body = collect(split_parts(blocks, ",", 2), 2)
    assert [list(cells) for cells in body.cells] == [["", "P2", "P3"], ["4", "5", "6"]]


def test_a_line_longer_than_arrow_splits(monkeypatch):
    monkeypatch.setattr(splitting, "_ARROW_BLOCK", 1000)
    long = "x" * 5000
    body = collect(split_parts([f"a,b\n{long},c\nd,e\n".encode()], ",", 2), 2)
    assert body.cells[0].tolist() == ["a", long, "d"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " ", "§"])
def test_delimiters(delimiter):
    text = "".join(f"P{number}{delimiter}{number}\n" for number in range(5))
    body = collect(split_parts([text.encode()], delimiter, 2), 2)
    assert body.cells[1].tolist() == ["0", "1", "2", "3", "4"]


def test_records_end_where_they_end():
    text = 'a,b\r\n"ü\r\n\r\n",c\rd'.encode()
    found = list(split_records([text[:9], text[9:]], ",", strict=True))
    assert found == [(["a", "b"], 5), (["ü\r\n\r\n", "c"], 16), (["d"], 17)]


def test_the_limit_of_the_csv_module_is_put_back():
    before = csv.field_size_limit()
    with cells_of_any_length():
        assert csv.field_size_limit() > before
    assert csv.field_size_limit() == before
