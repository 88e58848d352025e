from __future__ import annotations

import datetime
import warnings

import pytest
from openpyxl import Workbook

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.reading import workbook_guard
from dyadkit.loading.reading.workbook import read_workbook
from tests.loading.making_files import text_cell, write_markup, write_sheets, write_zip

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clients.xlsx"


def read(path, sheet=None):
    return read_workbook(path, name="clients", sheet=sheet)


def test_values_become_texts(path):
    rows = [
        ["007", 5, 5.0, 4.5, 0.1, -2, 1e-7, 1e20],
        ["45 min", True, False, None, "", " x ", "=A1", "ä\nß"],
    ]
    grid = read(write_sheets(path, {"Data": rows}))
    assert grid.records == [
        ["007", "5", "5", "4.5", "0.1", "-2", "1e-07", "100000000000000000000"],
        ["45 min", "True", "False", "", "", " x ", "=A1", "ä\nß"],
    ]
    assert grid.sheet == "Data"


def test_times_become_iso(path):
    rows = [
        ["day", "moment", "clock", "took"],
        [
            datetime.date(2026, 1, 31),
            datetime.datetime(2026, 1, 31, 9, 5, 30),
            datetime.time(9, 5),
            datetime.timedelta(hours=30),
        ],
        [datetime.datetime(2026, 2, 1), "later", None, None],
    ]
    grid = read(write_sheets(path, {"Data": rows}))
    assert grid.records[1:] == [
        ["2026-01-31", "2026-01-31T09:05:30", "09:05:00", "30:00:00"],
        ["2026-02-01", "later"],
    ]
    assert grid.dates == {0: [1, 2], 1: [1]}


def test_times_of_a_workbook_of_the_old_macintosh(path):
    book = Workbook()
    book.epoch = datetime.datetime(1904, 1, 1)
    book.active.append([datetime.date(2026, 1, 31)])
    book.save(path)
    assert read(path).records == [["2026-01-31"]]


def test_leading_zeros_of_a_format_stay(path):
    book = Workbook()
    sheet = book.active
    sheet.append([815, 815, 815, 8.5, 815])
    for cell, shown in zip(sheet[1], ["00000", "0", "General", "00000", "00000;-0"], strict=True):
        cell.number_format = shown
    book.save(path)
    assert read(path).records == [["00815", "815", "815", "8.5", "00815"]]


def test_ids_too_long_for_a_number_are_noted(path):
    grid = read(write_sheets(path, {"Data": [["id"], [123456789012345], [1234567890123456]]}))
    assert grid.records[1:] == [["123456789012345"], ["1234567890123456"]]
    assert len(grid.notes) == 1
    assert grid.notes[0].startswith("clients: 1 cell (A3) hold numbers of more than 15 digits")


def test_long_ids_stored_as_text_stay(path):
    grid = read(write_sheets(path, {"Data": [["id"], ["00012345678901234567"]]}))
    assert grid.records[1] == ["00012345678901234567"]
    assert not grid.notes


def test_error_values_count_as_empty(path):
    rows = '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1"><v>1</v></c></row>'
    grid = read(write_markup(path, rows))
    assert grid.records == [["", "1"]]
    assert grid.notes == (
        "clients: 1 cell with an error value such as #N/A (A1) counted as empty.",
    )


def test_a_date_beyond_the_calendar_counts_as_an_error(path):
    book = Workbook()
    book.active.append([1e9, "x"])
    book.active["A1"].number_format = "yyyy-mm-dd"
    book.save(path)
    grid = read(path)
    assert grid.records == [["", "x"]]
    assert "1 cell with an error value" in grid.notes[0]


def test_rows_keep_their_numbers(path):
    grid = read(write_sheets(path, {"Data": [[], [], ["id"], [], ["1"], [" "], [], [None]]}))
    assert grid.records == [[], [], ["id"], [], ["1"], [" "]]
    assert grid.rows.tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("claim", ["A1", "A1:XFD1048576", "B7:C9"])
def test_the_size_that_a_sheet_claims_is_not_believed(path, claim):
    rows = "".join(
        f'<row r="{n}">{text_cell(f"A{n}", f"a{n}")}{text_cell(f"C{n}", "c")}</row>' for n in (1, 2)
    )
    grid = read(write_markup(path, rows, before=f'<dimension ref="{claim}"/>'))
    assert grid.records == [["a1", "", "c"], ["a2", "", "c"]]


def test_more_rows_than_a_spreadsheet_has(path):
    rows = f'<row r="1">{text_cell("A1", "id")}</row><row r="999999999999"><c><v>1</v></c></row>'
    with pytest.raises(DataError, match=r"'Data' claims more than 1,048,576 rows"):
        read(write_markup(path, rows))


def test_a_formula_counts_with_its_stored_result(path):
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>"a"</f><v>a</v></c>'
        '<c r="C1" t="str"><f>""</f><v></v></c><c r="D1" t="b"><f>TRUE()</f><v>1</v></c></row>'
    )
    assert read(write_markup(path, rows)).records == [["2", "a", "", "True"]]


def test_a_formula_without_a_result_is_named(path):
    book = Workbook()
    book.active.append(["a", "sum"])
    book.active.append([1, "=A2+1"])
    book.active.append([2, "=A3+1"])
    book.save(path)
    with pytest.raises(DataError, match=r"2 cells of the sheet 'Sheet' \(B2, B3\) hold formulas"):
        read(path)


def test_hidden_rows_and_merged_cells_are_noted(path):
    book = Workbook()
    sheet = book.active
    for row in (["id", "a", "b"], ["1", "2", "3"], ["4", "5", "6"]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.merge_cells("A3:B3")
    book.save(path)
    grid = read(path)
    assert grid.records == [["id", "a", "b"], ["1", "2", "3"], ["4", "", "6"]]
    assert grid.notes == (
        "clients: 1 row and 1 column hidden in the sheet were read too.",
        "clients: 1 range of merged cells (A3:B3) counted as the text in the top left corner, and "
        "empty cells.",
    )


def test_columns_hidden_right_of_everything_are_not_noted(path):
    before = '<cols><col min="3" max="16384" hidden="1"/></cols>'
    grid = read(write_markup(path, f'<row r="1">{text_cell("A1", "id")}</row>', before=before))
    assert not grid.notes


SHEETS = {"Read me": [], "Clients T1": [["id"], ["1"]], "Clients T2": [["id"], ["2"]]}


def test_the_sheet_is_named(path):
    assert read(write_sheets(path, SHEETS), "Clients T2").records == [["id"], ["2"]]


def test_an_unknown_sheet(path):
    with pytest.raises(StudyError, match=r"no sheet called 'clients t3'\. Did you mean 'Clients T"):
        read(write_sheets(path, SHEETS), "clients t3")


def test_which_of_several_sheets(path):
    with pytest.raises(StudyError, match=r"2 sheets with something in them: 'Clients T1', 'Clie"):
        read(write_sheets(path, SHEETS))


def test_the_only_sheet_with_cells_needs_no_name(path):
    del (sheets := dict(SHEETS))["Clients T1"]
    assert read(write_sheets(path, sheets)).sheet == "Clients T2"


def test_a_hidden_sheet_is_not_asked_about_but_may_be_named(path):
    book = Workbook()
    book.active.title = "Data"
    book.active.append(["id"])
    hidden = book.create_sheet("Lists")
    hidden.append(["yes"])
    hidden.sheet_state = "hidden"
    book.save(path)
    assert read(path).sheet == "Data"
    assert read(path, "Lists").records == [["yes"]]


def test_a_workbook_without_cells(path):
    with pytest.raises(DataError, match=r"clients is empty: none of its sheets \(a, b\)"):
        read(write_sheets(path, {"a": [], "b": [[None]]}))


def test_a_cell_of_five_megabytes(path):
    text = "a" * 5_000_000
    grid = read(write_markup(path, f'<row r="1">{text_cell("A1", text)}</row>'))
    assert grid.records == [[text]]


def test_as_many_columns_as_a_sheet_has(path):
    grid = read(write_sheets(path, {"Data": [[f"c{n}" for n in range(16_384)]]}))
    assert len(grid.records[0]) == 16_384


def test_a_sparse_sheet_beyond_all_measure(path, monkeypatch):
    monkeypatch.setattr("dyadkit.loading.reading.raw.MOST_CELLS", 1000)
    rows = "".join(f'<row r="{n}">{text_cell(f"ALL{n}", "x")}</row>' for n in (1, 2))
    with pytest.raises(DataError, match=r"clients has 2 rows and 1,000 columns, 2,000 cells"):
        read(write_markup(path, rows))


def test_decoration_makes_no_warning(path):
    rows = f'<row r="1">{text_cell("A1", "id")}</row>'
    unknown = '<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"/></extLst>'
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        read(write_markup(path, rows, after=unknown))
    assert not seen


def test_a_workbook_cut_off(path):
    data = write_sheets(path, SHEETS).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=r"clients is a workbook that is cut off or damaged \(Bad"):
        read(path)


def test_a_workbook_damaged_inside(path):
    write_markup(path, '<row r="1"><c r="A1"><v>1</c></row>')
    with pytest.raises(DataError, match=r"clients is a damaged workbook \((Parse|Expat)Error"):
        read(path)


def test_a_workbook_with_a_password(path):
    path.write_bytes(OLE + bytes(512) + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(DataError, match=r"clients is protected by a password\. Open it, save it"):
        read(path)


def test_an_old_workbook(path):
    path.write_bytes(OLE + bytes(512) + "Workbook".encode("utf-16-le"))
    with pytest.raises(DataError, match=r"clients is a workbook of Excel 97 to 2003 \(\.xls\)"):
        read(path)


def test_an_old_document(path):
    path.write_bytes(OLE + bytes(512))
    with pytest.raises(DataError, match=r"clients is an old Office document and no Excel workbook"):
        read(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"id,tr1\n1,5\n", "a text file"),
        (b"\xff\xfei\x00d\x00", "a text file"),
        (b"  <HTML><table>", "a web page"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x00\x01\x02\x03", "damaged or of an unknown format"),
    ],
)
def test_what_is_no_workbook(path, content, what):
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"clients is called .xlsx but is {what}, no Excel"):
        read(path)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"a.csv": b"id"}, "clients is a zip archive, no Excel workbook"),
        ({"mimetype": b"", "content.xml": b""}, r"clients is an OpenDocument file \(\.ods\)"),
        ({"[Content_Types].xml": b"", "xl/workbook.bin": b""}, r"a binary Excel workbook \(\.xlsb"),
        ({"[Content_Types].xml": b"", "xl/workbook.xml": b""}, "clients is a damaged workbook"),
    ],
)
def test_zip_archives_that_are_no_workbook(path, parts, message):
    with pytest.raises(DataError, match=message):
        read(write_zip(path, parts))


def test_a_zip_bomb(path):
    zeros = bytes(workbook_guard.SMALL_UNPACKED + 1)
    write_zip(path, {"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": zeros})
    with pytest.raises(DataError, match=r"would unpack from 0\.0 to 50 MB, 1,0\d\d times its size"):
        read(path)


def test_a_workbook_too_large(path, monkeypatch):
    monkeypatch.setattr(workbook_guard, "LARGEST_UNPACKED", 2**20)
    parts = {"[Content_Types].xml": b"", "xl/worksheets/sheet1.xml": bytes(2**21)}
    with pytest.raises(DataError, match=r"would unpack to 2 MB in 2 parts; more than 1 MB or 20,0"):
        read(write_zip(path, parts))


def test_a_sheet_of_equal_answers_is_no_bomb(path):
    rows = [["id", *(f"tr{n}" for n in range(100))], *[["P", *[5] * 100]] * 500]
    assert len(read(write_sheets(path, {"Data": rows})).records) == 501
