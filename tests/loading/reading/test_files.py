from __future__ import annotations

import csv
import datetime
import io
import itertools
import os
import unicodedata
import zipfile

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.reading import delimited, statistical, statistical_worker
from dyadkit.loading.reading.files import read_file
from tests.loading.making_files import (
    check_shape,
    damaged,
    damaged_parts,
    read_damaged,
    text_cell,
    write_markup,
    write_sheets,
    write_zip,
)


@pytest.fixture
def read(tmp_path):
    """Read what is written, or given, as a file of an ending."""

    def write_and_read(content, suffix=".csv", **how):
        path = tmp_path / f"clients{suffix}"
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        table = read_file(path, name="clients", **how)
        check_shape(table)
        return table

    return write_and_read


def texts_of(table):
    return tuple(map(tuple, table.cells))


# ------------------------------------------------------------------------------- text files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(read, encoding, delimiter):
    rows = [["Schlüssel", "tr1", "tr2"], ["007", "4,5" if delimiter == ";" else "4.5", "größer"]]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    table = read(text.encode(encoding))
    assert table.columns == tuple(rows[0])
    assert [cells[0] for cells in table.cells] == rows[1]
    assert table.delimiter == delimiter
    assert table.rows.tolist() == [2]


def test_settings_beat_detection(read):
    table = read("a;b,c\n1;2,3\n".encode("utf-16-be"), encoding="utf-16-be", delimiter=",")
    assert table.columns == ("a;b", "c")


def test_the_line_that_excel_writes_for_itself(read):
    table = read("sep=;\na;b,c\n1;2,3\n")
    assert table.columns == ("a", "b,c")
    assert table.rows.tolist() == [2]


def test_leading_zeros_long_ids_and_units_stay_text(read):
    table = read("id,time\n007,45 min\n00012345678901234567,1 h\n")
    assert texts_of(table) == (("007", "00012345678901234567"), ("45 min", "1 h"))


def test_blank_lines_above_the_header(read):
    table = read("\n,,\nid,tr1\nP1,5\n\nP2,6\n")
    assert table.columns == ("id", "tr1")
    assert table.rows[~table.blank].tolist() == [4, 6]


def test_short_and_long_rows_are_marked(read):
    table = read("id,tr1\nP1\nP2,5\nP3,5,6\n")
    assert table.short.tolist() == [True, False, False]
    assert table.long.tolist() == [False, False, True]
    assert texts_of(table) == (("P1", "P2", "P3"), ("", "5", "5"))


def test_equal_and_empty_names(read):
    table = read("id,tr1,tr1,,x,\nP1,1,2,3,4,\n")
    assert table.columns == ("id", "tr1", "tr1", "", "x")
    assert [cells[0] for cells in table.cells] == ["P1", "1", "2", "3", "4"]


def test_twenty_thousand_columns(read):
    names = [f"c{n}" for n in range(20_000)]
    table = read(",".join(names) + "\n" + ",".join(map(str, range(20_000))))
    assert table.columns == tuple(names)
    assert table.column("c19999").tolist() == ["19999"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_cell_of_five_megabytes(read, delimiter):
    text = "a" * 5_000_000
    table = read(f'id{delimiter}remark\nP1{delimiter}"{text}"\nP2{delimiter}\n')
    assert texts_of(table) == (("P1", "P2"), (text, ""))


def test_bytes_that_are_not_utf8(read):
    """A stray byte among others makes the file Windows-1252, never an error of Python's."""
    table = read(b"id,remark\nP1,caf\xe9\nP2,x\n")
    assert texts_of(table)[1] == ("café", "x")
    with pytest.raises(DataError, match="clients cannot be read as utf-8"):
        read(b"id,remark\nP1,caf\xe9\n", encoding="utf-8")
    with pytest.raises(DataError, match="clients cannot be read as utf-8 or cp1252"):
        read(b"id,remark\nP1,\x81\x8d\n")


def test_null_bytes(read):
    with pytest.raises(DataError, match="clients holds 1 null byte, the first on line 2"):
        read(b"id,remark\nP1,\0\n")


def test_stray_bytes_in_a_utf8_file(read):
    table = read("id,remark\nP1,größer\nP2,caf".encode() + b"\xe9\n")
    assert texts_of(table)[1] == ("größer", "café")
    assert "1 line (3) is not in UTF-8" in table.notes[0]


def test_progress_is_told(read, monkeypatch, tmp_path):
    monkeypatch.setattr(delimited, "BLOCK", 100)
    told = []
    text = "id,tr1\n" + "".join(f"P{n},{n % 7}\n" for n in range(200))
    read(text, on_rows=lambda done, n_bytes: told.append((done, n_bytes)))
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == (len(text), len(text))
    assert {n_bytes for _, n_bytes in told} == {len(text)}
    path = write_sheets(tmp_path / "clients.xlsx", {"Data": [["id"], ["P1"]]})
    told.clear()
    read(None, ".xlsx", on_rows=lambda done, n_bytes: told.append((done, n_bytes)))
    assert told == [(path.stat().st_size,) * 2]


def test_a_qualtrics_file(read):
    rows = [
        ["StartDate", "Finished", "tr1"],
        ["Startdatum", "Beendet", "Ich vertraue"],
        ['{"ImportId":"startDate"}', '{"ImportId":"finished"}', '{"ImportId":"QID1"}'],
        ["2026-01-31 09:00:00", "True", "5"],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    table = read(text.getvalue())
    assert (table.platform, table.rows.tolist()) == ("qualtrics", [4])
    assert table.questions["tr1"] == "Ich vertraue"
    assert read(text.getvalue(), header=1).rows.tolist() == [2, 3, 4]


def test_a_surveymonkey_file(read):
    table = read(
        "Respondent ID,Collector ID,Start Date,Code?,Rate,\n"
        ",,,Response,Coach,Client\n"
        "1,2,3,P1,5,6\n"
    )
    assert (table.platform, table.rows.tolist()) == ("surveymonkey", [3])
    assert table.column("Rate - Client").tolist() == ["6"]
    assert table.column("Code? - Response").tolist() == ["P1"]


def test_a_limesurvey_file(read):
    table = read('"id. Response ID","submitdate. Date","tr[SQ1]. I trust"\n"1","","5"\n')
    assert (table.platform, table.rows.tolist()) == ("limesurvey", [2])
    assert table.column("tr_SQ1").tolist() == ["5"]


# -------------------------------------------------------------------------------- workbooks


def test_a_workbook(read, tmp_path):
    rows = [
        [None, None, None],
        ["id", "tr1", "day", "mixed"],
        ["007", 5, datetime.date(2026, 1, 31), datetime.date(2026, 1, 31)],
        [],
        ["008", 4.5, None, "later", "an aside"],
    ]
    write_sheets(tmp_path / "clients.xlsx", {"Empty": [], "Data": rows})
    table = read(None, ".xlsx")
    assert table.columns == ("id", "tr1", "day", "mixed")
    assert table.rows.tolist() == [3, 4, 5]
    assert texts_of(table)[:3] == (("007", "", "008"), ("5", "", "4.5"), ("2026-01-31", "", ""))
    assert table.blank.tolist() == [False, True, False]
    assert not table.short.any()
    assert not table.long.any()
    assert table.dates == {"day"}
    assert (table.sheet, table.delimiter) == ("Data", "")
    assert table.notes == (
        "clients: 1 row (5) of the sheet 'Data' have cells right of the table, in columns without "
        "a name, which were not read.",
    )


def test_a_qualtrics_workbook(read, tmp_path):
    rows = [["Q1", "f"], ["I trust", "Done"], ['{"ImportId":"QID1"}', '{"ImportId":"finished"}']]
    write_sheets(tmp_path / "clients.xlsx", {"Data": [*rows, [5, True]]})
    table = read(None, ".xlsx")
    assert (table.platform, table.rows.tolist()) == ("qualtrics", [4])
    assert table.column("Finished").tolist() == ["True"]


def test_dates_as_column_names_do_not_hide_dates(read, tmp_path):
    day = datetime.date(2026, 1, 31)
    write_sheets(tmp_path / "clients.xlsx", {"Data": [["id", day], [day, "x"]]})
    table = read(None, ".xlsx")
    assert table.columns == ("id", "2026-01-31")
    assert table.dates == {"id"}


# ----------------------------------------------------------------------------- what is wrong


def test_there_is_no_such_file(tmp_path):
    (tmp_path / "clients_t1.csv").write_text("a\n1\n")
    with pytest.raises(StudyError, match=r"there is no file .*\. Did you mean 'clients_t1\.csv'\?"):
        read_file(tmp_path / "client_t1.csv", name="clients")
    with pytest.raises(StudyError, match=r"There is no folder .*nowhere either"):
        read_file(tmp_path / "nowhere" / "clients.csv", name="clients")


def test_a_folder(tmp_path):
    with pytest.raises(StudyError, match="is a folder; name the export file in it"):
        read_file(tmp_path, name="clients")


def test_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "clients.csv")
    with pytest.raises(StudyError, match="is no ordinary file"):
        read_file(tmp_path / "clients.csv", name="clients")


@pytest.mark.parametrize("name", ["a\0b.csv", "a" * 5000 + ".csv"])
def test_what_cannot_be_a_name(tmp_path, name):
    with pytest.raises(StudyError, match="clients: "):
        read_file(tmp_path / name, name="clients")


@pytest.mark.parametrize(
    ("suffix", "what"),
    [(".ods", "Open it in LibreOffice"), (".dat", "Export it as one"), ("", "Export it as one")],
)
def test_an_unknown_ending(read, suffix, what):
    with pytest.raises(StudyError, match=rf"ends in '{suffix}', which cannot .* \.csv, .*{what}"):
        read("a\n1\n", suffix)


def test_endings_may_be_capital(read):
    assert read("a\n1\n", ".CSV").columns == ("a",)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".sav", ".dta", ".parquet"])
def test_an_empty_file(read, suffix):
    with pytest.raises(DataError, match="clients is empty"):
        read(b"", suffix)


@pytest.mark.parametrize("content", [" \n \n", ",,\n,\n", '"  "'])
def test_a_file_without_text(read, content):
    with pytest.raises(DataError, match="clients is empty"):
        read(content)


def test_a_header_alone(read, tmp_path):
    message = r"clients has a header \(id, tr1\) but no rows below it"
    with pytest.raises(DataError, match=message):
        read("id,tr1\n")
    write_sheets(tmp_path / "clients.xlsx", {"Data": [["id", "tr1"]]})
    with pytest.raises(DataError, match=message):
        read(None, ".xlsx")
    pd.DataFrame({"id": [], "tr1": []}).to_parquet(tmp_path / "clients.parquet")
    with pytest.raises(DataError, match=message):
        read(None, ".parquet")
    assert texts_of(read("id,tr1\n", may_be_empty=True)) == ((), ())


def test_a_workbook_called_csv(read, tmp_path):
    path = write_sheets(tmp_path / "a.xlsx", {"Data": [["id"], ["P1"]]})
    with pytest.raises(DataError, match=r"is called \.csv but is a zip archive, such as an Excel"):
        read(path.read_bytes())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><p>Sign in", "a web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "an XML file"),
        (b"\x1f\x8b\x08", r"a compressed file \(\.gz\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"PAR1\x00\x00PAR1", "a Parquet file"),
        (b"$FL2@(#) SPSS", r"an SPSS file"),
    ],
)
def test_another_format_called_csv(read, content, what):
    with pytest.raises(DataError, match=rf"clients is called \.csv but is {what}"):
        read(content)


def test_a_text_file_called_xlsx(read):
    with pytest.raises(DataError, match=r"is called \.xlsx but is a text file, no Excel workbook"):
        read("id,tr1\nP1,5\n", ".xlsx")


@pytest.mark.parametrize(
    ("suffix", "how"),
    [
        (".csv", {"sheet": "Data"}),
        (".xlsx", {"delimiter": ";"}),
        (".xlsx", {"encoding": "cp1252"}),
        (".sav", {"header": 2}),
        (".parquet", {"encoding": "cp1252"}),
    ],
)
def test_settings_that_say_nothing(read, suffix, how):
    with pytest.raises(StudyError, match=rf"clients: '{next(iter(how))}' says nothing about"):
        read("x", suffix, **how)


def test_a_zip_bomb(read, tmp_path):
    parts = {"[Content_Types].xml": b"", "xl/sharedStrings.xml": bytes(60 * 2**20)}
    write_zip(tmp_path / "clients.xlsx", parts)
    with pytest.raises(DataError, match=r"would unpack from 0\.1 to 60 MB"):
        read(None, ".xlsx")


def test_entities_without_end(read, tmp_path):
    """A few lines of XML that stand for a thousand million letters."""
    names = "abcdefghij"
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {this} "{f"&{before};" * 10}">' for before, this in itertools.pairwise(names)
    )
    path = write_markup(tmp_path / "clients.xlsx", f'<row r="1">{text_cell("A1", "&j;")}</row>')
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    write_zip(path, {**parts, sheet: f"<!DOCTYPE x [{entities}]>".encode() + parts[sheet]})
    with pytest.raises(DataError, match="clients is a damaged workbook"):
        read(None, ".xlsx")


# --------------------------------------------------------------- every format, the same table

ANSWERS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" \n"),
    max_size=12,
).filter(lambda text: text == text.strip())
RECORDS = st.lists(
    st.tuples(
        st.from_regex(r"P0{0,3}[1-9]{1,20}", fullmatch=True),
        ANSWERS,
        st.integers(-(10**12), 10**12),
        # A spreadsheet keeps 15 digits.
        st.integers(-(10**12), 10**12).map(lambda thousandths: thousandths / 1000),
        st.dates(datetime.date(1900, 3, 1), datetime.date(2199, 12, 31)),
    ),
    min_size=1,
    max_size=6,
)
NAMES = ["pair", "note", "count", "score", "day"]


def frame_of(records):
    frame = pd.DataFrame(records, columns=NAMES)
    return frame.astype({"count": "int64", "score": "float64", "day": "object"})


def as_csv(records, path):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([NAMES, *records])


def as_xlsx(records, path):
    write_sheets(path, {"Data": [NAMES, *records]})


def as_sav(records, path):
    pyreadstat.write_sav(frame_of(records).astype({"count": "float64"}), str(path))


def as_zsav(records, path):
    frame = frame_of(records).astype({"count": "float64"})
    pyreadstat.write_sav(frame, str(path), compress=True)


def as_dta(records, path):
    pyreadstat.write_dta(frame_of(records).astype({"count": "float64"}), str(path))


def as_parquet(records, path):
    frame_of(records).to_parquet(path)


WRITERS = {
    ".csv": as_csv,
    ".xlsx": as_xlsx,
    ".sav": as_sav,
    ".zsav": as_zsav,
    ".dta": as_dta,
    ".parquet": as_parquet,
}


@pytest.mark.parametrize("suffix", WRITERS)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(records=RECORDS)
def test_every_format_gives_the_same_texts(tmp_path, monkeypatch, suffix, records):
    def in_this_process(kind, path, name, encoding):
        return statistical_worker.read(kind, str(path), encoding)

    # The worker's own process is tested elsewhere; here it would take most of the time.
    monkeypatch.setattr(statistical, "_run_worker", in_this_process)
    path = tmp_path / f"clients{suffix}"
    WRITERS[suffix](records, path)
    table = read_file(path, name="clients")
    check_shape(table)
    assert table.columns == tuple(NAMES)
    pair, note, count, score, day = table.cells
    assert list(pair) == [record[0] for record in records]
    assert list(note) == [unicodedata.normalize("NFC", record[1]) for record in records]
    assert list(count) == [str(record[2]) for record in records]
    assert [float(text) for text in score] == [record[3] for record in records]
    assert list(day) == [record[4].isoformat() for record in records]
    if suffix != ".csv":
        assert not any(text.endswith(".0") for text in score)
        assert table.dates == {"day"}


# ------------------------------------------------------------------------------ damaged files


def sample(path):
    """Write a small file with all there is in its format."""
    day = datetime.date(2026, 1, 31)
    records = [(f"P{n:03}", "ä, ß", n, n / 4, day) for n in range(20)]
    frame = frame_of(records).astype({"count": "float64"})
    if path.suffix in (".sav", ".zsav"):
        pyreadstat.write_sav(
            frame,
            str(path),
            column_labels=[f"Question {name}" for name in NAMES],
            variable_value_labels={"count": {1: "one"}, "pair": {"P001": "the first"}},
            missing_ranges={"count": [{"lo": 17, "hi": 99}, -1]},
            compress=path.suffix == ".zsav",
        )
    elif path.suffix == ".dta":
        pyreadstat.write_dta(frame, str(path), variable_value_labels={"count": {1: "one"}})
    elif path.suffix == ".xlsx":
        book = Workbook()
        for cells in [NAMES, *records]:
            book.active.append(cells)
        book.active.row_dimensions[3].hidden = True
        book.active.merge_cells("A4:B4")
        book.save(path)
    else:
        WRITERS[path.suffix](records, path)
    return path.read_bytes()


QUICK = {".csv": 100, ".xlsx": 40, ".parquet": 150, ".sav": 12, ".zsav": 8, ".dta": 12}


@pytest.mark.parametrize("suffix", QUICK)
def test_damaged_files_are_refused_or_read(tmp_path, suffix):
    path = tmp_path / f"clients{suffix}"
    _, n_refused = read_damaged(path, damaged(sample(path), QUICK[suffix], seed=1))
    assert n_refused or suffix == ".csv"


def test_workbooks_damaged_inside_are_refused_or_read(tmp_path):
    path = tmp_path / "clients.xlsx"
    n_read, n_refused = read_damaged(path, damaged_parts(sample(path), 60, seed=2))
    assert n_read
    assert n_refused


@pytest.mark.slow
@pytest.mark.parametrize("suffix", QUICK)
def test_many_damaged_files(tmp_path, suffix):
    path = tmp_path / f"clients{suffix}"
    n = 300 if suffix in (".sav", ".zsav", ".dta") else 3000
    _, n_refused = read_damaged(path, damaged(sample(path), n, seed=3))
    assert n_refused
    if suffix == ".xlsx":
        assert min(read_damaged(path, damaged_parts(sample(path), 2000, seed=4)))


def test_rows_are_counted_in_whole_numbers(read):
    assert read("a\n1\n").rows.dtype == np.int64
