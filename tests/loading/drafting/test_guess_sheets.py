from __future__ import annotations

from pathlib import Path

import pytest

from dyadkit.errors import DataError
from dyadkit.loading.drafting.guess_sheets import read_exports
from tests.loading.making_exports import answers, ids, write_csv
from tests.loading.making_files import write_sheets


def rows(columns):
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


TRUST = rows({"pair": ids("P"), **answers(["tr1", "tr2"])})
NOTES = [["Read me"], ["The answers are on the other sheet."]]
CODEBOOK = rows({"item": [f"tr{n}" for n in range(99)], "text": ["My coach …"] * 99})


def sheets(tmp_path: Path, book) -> list[str]:
    file = write_sheets(tmp_path / "data.xlsx", book)
    return [export.sheet for export in read_exports(file, "data.xlsx")]


def test_the_sheet_with_answers_is_taken(tmp_path):
    assert sheets(tmp_path, {"Read me": NOTES, "Codebook": CODEBOOK, "Data": TRUST}) == ["Data"]


def test_a_single_sheet_needs_no_name(tmp_path):
    assert sheets(tmp_path, {"Data": TRUST}) == [""]


def test_sheets_for_roles_or_waves_are_all_taken(tmp_path):
    roles = {"Coaches": TRUST, "Clients": TRUST, "Notes": NOTES}
    assert sheets(tmp_path, roles) == ["Coaches", "Clients"]
    assert sheets(tmp_path, {"T1": TRUST, "T2": TRUST}) == ["T1", "T2"]


def test_empty_sheets_are_passed_over(tmp_path):
    assert sheets(tmp_path, {"Sheet1": [], "Sheet2": TRUST, "Sheet3": []}) == ["Sheet2"]


def test_an_empty_workbook_is_refused_as_reading_does(tmp_path):
    file = write_sheets(tmp_path / "data.xlsx", {"One": [], "Two": []})
    with pytest.raises(DataError, match=r"data\.xlsx is empty"):
        read_exports(file, "data.xlsx")


def test_a_damaged_workbook_is_refused_as_reading_does(tmp_path):
    file = write_sheets(tmp_path / "data.xlsx", {"One": TRUST, "Two": TRUST})
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"data\.xlsx"):
        read_exports(file, "data.xlsx")


def test_a_header_alone_is_read(tmp_path):
    file = write_csv(tmp_path / "clients.csv", {"pair": [], "tr1": []})
    (export,) = read_exports(file, "clients.csv")
    assert (list(export.columns), len(export.table)) == (["pair", "tr1"], 0)
