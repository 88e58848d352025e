"""Delimited text: delimiter, header rows, ragged rows, quotation marks."""

from __future__ import annotations

import csv
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.loading.reading import delimited, splitting
from dyadkit.loading.reading.delimited import require_columns
from dyadkit.loading.reading.files import read_file
from dyadkit.loading.reading.raw import RawTable

TABLE = [["pair", "text", "t1"], ["P1", "so, so", "4"], ["P2", 'he said "yes"', "5"]]


@pytest.fixture
def read(tmp_path):
    def read_text(content, **options):
        path = tmp_path / "answers.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_file(path, name="answers", **options)

    return read_text


def texts(table):
    return {name: table.column(name).tolist() for name in table.columns}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_endings_are_found(read, delimiter, ending):
    quoted = [[cell.replace('"', '""') for cell in row] for row in TABLE]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in quoted]
    table = read(ending.join(lines) + ending)
    assert table.delimiter == delimiter
    assert table.columns == ("pair", "text", "t1")
    assert texts(table) == {
        "pair": ["P1", "P2"],
        "text": ["so, so", 'he said "yes"'],
        "t1": ["4", "5"],
    }
    assert table.rows.tolist() == [2, 3]


def test_line_endings_may_be_mixed(read):
    table = read("pair,t1\r\nP1,1\nP2,2\rP3,3\r\n\r\nP4,4")
    assert table.column("pair").tolist() == ["P1", "P2", "P3", "", "P4"]
    assert table.rows.tolist() == [2, 3, 4, 5, 6]
    assert table.blank.tolist() == [False, False, False, True, False]


def test_decimal_commas_do_not_look_like_delimiters(read):
    # With commas every row but the header would have three cells, as many as with semicolons.
    rows = "".join(f"P{number};1,5;2,5\n" for number in range(40))
    assert read("pair;a;b\n" + rows).delimiter == ";"


def test_the_delimiter_of_the_header_decides(read):
    table = read("pair;answer\n" + "P1;yes, no, perhaps\n" * 9)
    assert table.delimiter == ";"
    assert table.column("answer").tolist() == ["yes, no, perhaps"] * 9


def test_a_spreadsheet_may_announce_its_delimiter(read):
    table = read("sep=|\r\npair|t1\r\nP1|2\r\n")
    assert table.columns == ("pair", "t1")
    # Spreadsheets do not show the announcement.
    assert table.rows.tolist() == [2]


def test_a_declared_delimiter_is_used(read):
    assert read("pair:t1\nP1:2\n", delimiter=":").columns == ("pair", "t1")


def test_a_row_is_a_row_however_many_lines_its_cells_have(read):
    table = read('pair,"t\n1",x\nP1,"line one\nline, two",3\nP2,,4\n')
    assert table.columns == ("pair", "t\n1", "x")
    assert table.column("t\n1").tolist() == ["line one\nline, two", ""]
    assert table.rows.tolist() == [2, 3]


def test_surrounding_spaces_are_taken_off(read):
    table = read(" pair , t1 \n P1 , 4 \n\u00a0P2,5\u00a0\n")
    assert texts(table) == {"pair": ["P1", "P2"], "t1": ["4", "5"]}


def test_spaces_before_a_quoted_cell_do_not_spoil_it(read):
    assert texts(read('"pair", "t1"\n"P1", "4"\n')) == {"pair": ["P1"], "t1": ["4"]}


def test_rows_above_the_header_that_are_empty_are_skipped(read):
    table = read("\n\n,,\npair,t1\nP1,4\n")
    assert table.columns == ("pair", "t1")
    assert table.rows.tolist() == [5]


def test_two_hundred_empty_rows_are_no_reason_to_fail(read):
    table = read("\n" * 300 + "pair,t1\nP1,4\n")
    assert table.columns == ("pair", "t1")
    assert table.rows.tolist() == [302]


def test_short_rows_are_filled_and_marked(read):
    table = read("pair,t1,t2\nP1\nP2,4\nP3,4,5\n\n")
    assert table.column("t2").tolist() == ["", "", "5", ""]
    assert table.short.tolist() == [True, True, False, True]
    assert table.blank.tolist() == [False, False, False, True]


def test_only_text_right_of_the_header_makes_a_row_long(read):
    table = read("pair,t1,,\nP1,4,,\nP2,4,5\nP3,4,,,,\nP4,4,,,x\n")
    assert table.columns == ("pair", "t1")
    assert table.long.tolist() == [False, True, False, True]


def test_a_very_long_cell_is_a_cell(read):
    limit = csv.field_size_limit()
    long = "x" * 1_000_000
    table = read(f"pair;t1;remark\nP1;4;{long}\nP2;5;short\n")
    assert table.delimiter == ";"
    assert table.column("remark").tolist() == [long, "short"]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('pair,t1\nP1,"open\nP2,4\nP3,5\n', 2),
        ('pair,t1\nP1,4\nP2,"so" he said\nP3,5\n', 3),
        ('pair,t1\n"a\nb",4\nP2,"x"y\n', 3),
    ],
)
def test_a_stray_quotation_mark_is_shown(read, text, row):
    with pytest.raises(DataError, match=f"answers: row {row} has a stray quotation mark") as found:
        read(text)
    assert found.value.rows == (row,)


@pytest.mark.parametrize("text", ["pair,t1\n", "pair,t1", "\npair,t1\r\n"])
def test_a_header_alone_is_refused(read, text):
    with pytest.raises(DataError, match=r"answers has a header \(pair, t1\) but no rows below it"):
        read(text)
    assert len(read(text, may_be_empty=True)) == 0
    assert read(text, may_be_empty=True).column("t1").tolist() == []


QUALTRICS = (
    '"StartDate","Finished","pair","t1"\n'
    '"{start}","{finished}","Code?","How far do\nyou agree?"\n'
    '"{{""ImportId"":""startDate"",""timeZone"":""Z""}}","{{""ImportId"":""finished""}}",'
    '"{{""ImportId"":""QID1""}}","{{""ImportId"":""QID2""}}"\n'
    '"2026-01-01 10:00:00","True","P1","4"\n'
)


@pytest.mark.parametrize("words", [("Start Date", "Finished"), ("Startdatum", "Beendet")])
def test_three_header_rows_are_found_in_any_language(read, words):
    table = read(QUALTRICS.format(start=words[0], finished=words[1]))
    assert table.platform == "qualtrics"
    assert table.questions == {
        "StartDate": words[0],
        "Finished": words[1],
        "pair": "Code?",
        "t1": "How far do you agree?",
    }
    assert table.rows.tolist() == [4]
    assert table.column("t1").tolist() == ["4"]


def test_the_number_of_header_rows_can_be_declared(read):
    text = "pair,t1\nCode?,Agree?\nP1,4\nP2,5\n"
    assert read(text).rows.tolist() == [2, 3, 4]
    two = read(text, header=2)
    assert (two.questions, two.rows.tolist(), two.platform) == (
        {"pair": "Code?", "t1": "Agree?"},
        [3, 4],
        "",
    )
    assert read(text, header=3).rows.tolist() == [4]
    assert read(QUALTRICS.format(start="", finished=""), header=1).rows.tolist() == [2, 3, 4]


def test_too_few_rows_for_the_declared_headers_are_refused(read):
    with pytest.raises(DataError, match=r"has 2 rows, but header = 3 announces 3"):
        read("pair,t1\nP1,4\n", header=3)


def test_stray_lines_are_read_and_told(read):
    table = read(b"pair,t1\nP1,gr\xc3\xbc\xc3\x9fe\nP2,caf\xe9\n")
    assert table.column("t1").tolist() == ["grüße", "café"]
    assert table.notes[0].startswith("answers: 1 line (3) is not in UTF-8 as the others are")


def test_names_and_cells_have_their_accents_in_the_usual_form(read):
    table = read("Ma\u0308dchen,t1\ne\u0301,4\n\u00e9,5\n")
    assert table.columns == ("Mädchen", "t1")
    assert table.column("Mädchen").cat.categories.tolist() == ["é"]


def test_a_greek_question_mark_is_no_semicolon(read):
    """Its usual form is a semicolon, but no program means it as a delimiter."""
    assert read("pair;t1\nP1\u037e;4\n").column("pair").tolist() == ["P1;"]


CELLS = st.sampled_from(["", "1", "7", " x ", "-99", "ä", "0001", '"a"', '"a,b"', '"a\nb"', 'a"b'])
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=12)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    records=TABLES,
    ragged=st.lists(st.integers(0, 12), max_size=1),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    above=st.sampled_from(["", "\n", ",,\n", "sep=,\n"]),
    last=st.booleans(),
    size=st.sampled_from([1, 20, 1 << 20]),
)
def test_quick_and_thorough_give_the_same_table(
    read, encoding, records, ragged, ending, above, last, size
):
    """Arrow reads plain lines, the csv module the others: it must not show which did."""
    for place in ragged:
        records[place:place] = [["P1"]]
    lines = ending.join(",".join(cells) for cells in [["a", "b", "b"], *records])
    data = (above + lines + ending * last).encode(encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK", size)
        quick = read(data)
        patch.setattr(splitting, "_split_plain", lambda *_: None)
        thorough = read(data)
    for field in fields(RawTable):
        mine, theirs = getattr(quick, field.name), getattr(thorough, field.name)
        if field.name == "cells":
            assert [list(cells) for cells in mine] == [list(cells) for cells in theirs]
            assert [cells.dtype for cells in mine] == [cells.dtype for cells in theirs]
            assert all(
                (one.codes == two.codes).all() for one, two in zip(mine, theirs, strict=True)
            )
        elif isinstance(mine, np.ndarray):
            assert mine.tolist() == theirs.tolist()
        else:
            assert mine == theirs


# Columns


def test_missing_columns_are_named_with_the_nearest(read):
    table = read("pair,trust1,trust2\nP1,4,5\n")
    (problem,) = require_columns(table, {"pair": "dyad", "trust_1": "scale trust", "x": "person"})
    assert problem.text == (
        "answers lacks 2 columns that the study file names: 'trust_1' (scale trust) Did you mean "
        "'trust1'?; 'x' (person). The file's columns are: pair, trust1, trust2. Correct the name, "
        "or say in which roles and waves it was asked (roles = […], waves = […]). If items have "
        "other names in this file, list them in [[scale.trust.version]]."
    )


def test_a_column_named_twice_matters_only_where_it_is_needed(read):
    table = read("pair,t1,t1,x,x\nP1,4,5,6,7\n")
    (problem,) = require_columns(table, {"pair": "dyad", "t1": "scale trust"})
    assert problem.text.startswith("answers has more than one column called t1, so nobody can know")
    assert require_columns(table, {"pair": "dyad"}) == []


def test_a_wrong_delimiter_is_recognised(read):
    (problem,) = require_columns(read("pair;t1\nP1;4\n", delimiter=","), {"pair": "dyad"})
    assert "was read as a single column, with the delimiter comma" in problem.text
    assert "delimiter = " in problem.text


def test_a_secret_list_shows_no_first_line(read):
    table = read("C0417\nC0981\n")
    (problem,) = require_columns(table, {"id": "withdrawal"}, secret=True)
    assert "C0417" not in problem.text
    assert "no column 'id' in its first line" in problem.text


def test_a_first_row_that_may_be_a_persons_is_not_shown(tmp_path):
    path = tmp_path / "clients.csv"
    path.write_text("P9,SECRET-ID,no,SECRET,3\nP8,K8,yes,x,5\n", encoding="utf-8")
    table = read_file(path, name="clients")
    (problem,) = require_columns(table, {"pair": "dyad", "q1": "scale x", "q2": "scale x"})
    assert "Its first row is not shown" in problem.text
    assert "SECRET" not in problem.text
