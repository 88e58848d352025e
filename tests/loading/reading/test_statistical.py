from __future__ import annotations

import base64
import datetime
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.reading import statistical_worker
from dyadkit.loading.reading.statistical import read_statistical
from dyadkit.loading.reading.statistical_times import times_of

ORACLE = json.loads(
    (Path(__file__).parents[2] / "oracles" / "statistical_files.json").read_text(encoding="utf-8")
)


def read(path, encoding=None):
    return read_statistical(path, name="clients", encoding=encoding)


def texts_of(table):
    return tuple(map(tuple, table.cells))


@pytest.fixture
def written(tmp_path):
    """Write a DataFrame as SPSS or Stata file and read it as a table."""

    def write_and_read(columns, suffix=".sav", **facts):
        path = tmp_path / f"clients{suffix}"
        frame = pd.DataFrame(columns)
        if suffix == ".dta":
            pyreadstat.write_dta(frame, str(path), **facts)
        else:
            pyreadstat.write_sav(frame, str(path), compress=suffix == ".zsav", **facts)
        return read(path)

    return write_and_read


def in_table(table):
    return {column: list(table.column(column)) for column in table.columns}


def test_a_stata_file_of_r(tmp_path):
    oracle = ORACLE["stata"]
    path = tmp_path / "clients.dta"
    path.write_bytes(base64.b64decode(oracle["file"]))
    table = read(path)
    tagged = [
        f".{tag}" if tag else value
        for tag, value in zip(oracle["tags"], oracle["values"], strict=True)
    ]
    assert in_table(table) == {
        **{name: oracle[name] for name in ("text", "day", "moment", "single")},
        "trust": tagged,
    }
    assert table.missing == {"trust": {".a", ".z"}}
    assert table.value_labels == {"trust": {"1": "one", ".a": "refused"}}
    assert table.questions == {"trust": "I trust my coach"}
    assert table.dates == {"day", "moment"}


def test_an_spss_file_of_r(tmp_path):
    oracle = ORACLE["spss"]
    path = tmp_path / "clients.sav"
    path.write_bytes(base64.b64decode(oracle["file"]))
    table = read(path)
    assert in_table(table) == {
        **{name: oracle[name] for name in ("text", "day", "moment")},
        "trust": oracle["values"],
    }
    assert table.missing == {"trust": set(oracle["missing"])}
    assert table.value_labels == {"trust": {"1": "yes", "98": "refused"}}
    assert table.questions == {"trust": "I trust my coach"}
    assert table.dates == {"day", "moment"}
    assert table.rows.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
def test_values_become_texts(written, suffix):
    table = written(
        {
            "id": ["0012", "99999999999999999999", "x "],
            "whole": [5.0, 10.0, np.nan],
            "half": [4.5, 0.1, -2.0],
            "note": ["45 min", "", " ä\nß"],
        },
        suffix,
    )
    assert texts_of(table) == (
        ("0012", "99999999999999999999", "x"),
        ("5", "10", ""),
        ("4.5", "0.1", "-2"),
        ("45 min", "", "ä\nß"),
    )
    assert not table.missing
    assert not table.dates


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_times_become_iso(written, suffix):
    table = written(
        {
            "day": [datetime.date(2024, 2, 29), None],
            "moment": [datetime.datetime(2024, 2, 29, 23, 59, 59), None],
            "clock": [datetime.time(9, 5, 30), None],
        },
        suffix,
    )
    assert texts_of(table) == (("2024-02-29", ""), ("2024-02-29T23:59:59", ""), ("09:05:30", ""))
    assert table.dates == {"day", "moment"}


def test_stata_files_of_pandas(tmp_path):
    """Pandas keeps single precision, in which 4.3 is 4.30000019073486, and small integers."""
    frame = pd.DataFrame(
        {
            "single": np.array([4.3, 0.1], dtype="float32"),
            "small": np.array([5, -1], dtype="int8"),
            "text": ["007", "ä"],
            "month": pd.to_datetime(["2024-02-01", "1959-12-01"]),
        }
    )
    path = tmp_path / "clients.dta"
    labels = {"small": {5: "often"}}
    frame.to_stata(
        path, convert_dates={"month": "tm"}, value_labels=labels, write_index=False, version=118
    )
    table = read(path)
    assert texts_of(table) == (
        ("4.3", "0.1"),
        ("5", "-1"),
        ("007", "ä"),
        ("2024-02-01", "1959-12-01"),
    )
    assert table.value_labels == {"small": {"5": "often"}}
    assert table.dates == {"month"}


def test_ranges_of_missing_codes_are_resolved(written):
    table = written(
        {"a": [1.0, 97.5, 99.0, -1.0, np.nan], "b": ["x", "NA", "y", "z", ""], "c": [1.0] * 5},
        missing_ranges={"a": [{"lo": 97, "hi": 99}, -1], "b": ["NA", "refused"], "c": [9]},
    )
    assert table.missing == {"a": {"97.5", "99", "-1"}, "b": {"NA", "refused"}, "c": {"9"}}
    assert texts_of(table)[0] == ("1", "97.5", "99", "-1", "")


def test_open_ranges_of_missing_codes(written):
    ranges = [{"lo": -float("inf"), "hi": 0}]
    table = written({"a": [-5.0, 0.0, 1.0]}, missing_ranges={"a": ranges})
    assert table.missing == {"a": {"-5", "0"}}


def test_labels(written):
    table = written(
        {"a": [1.0, 2.5], "b": ["m", "f"]},
        column_labels=["I trust\n my coach", None],
        variable_value_labels={"a": {1: "not at all", 2.5: "between"}, "b": {"m": "male"}},
    )
    assert table.questions == {"a": "I trust my coach"}
    assert table.value_labels == {"a": {"1": "not at all", "2.5": "between"}, "b": {"m": "male"}}


def test_platforms_are_known_by_their_columns(written):
    names = ("ResponseId", "Finished", "Status", "StartDate")
    assert written({name: ["1"] for name in names}).platform == "qualtrics"


def test_blank_rows_are_marked(written):
    assert written({"a": ["x", ""], "b": [1.0, np.nan]}).blank.tolist() == [False, True]


def test_no_rows(written):
    table = written({"a": pd.Series([], dtype=float)})
    assert (len(table), table.columns, texts_of(table)) == (0, ("a",), ((),))


# Hand arithmetic. SPSS counts seconds from 1582-10-14: 141,428 days before 1970, and 2024-02-29 is
# 19,782 days after it. Stata counts from 1960, 3,653 days before 1970: month 769 is 64 years and 1
# month on, quarter 257 is 64 years and 1 quarter, half-year 129 is 64 years and 1 half-year, week
# 3340 is 64 years of 52 weeks and 12 weeks, that is 84 days after 2024-01-01.
SPSS_DAY = (141_428 + 19_782) * 86_400.0
STATA_DAY = 3_653.0 + 19_782
STATA_MS = STATA_DAY * 86_400_000


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        ("DATE11", SPSS_DAY, "2024-02-29"),
        ("EDATE10", SPSS_DAY + 3600, "2024-02-29"),
        ("SDATE10", SPSS_DAY, "2024-02-29"),
        ("MOYR8", SPSS_DAY, "2024-02-29"),
        ("DATETIME20", SPSS_DAY + 3661, "2024-02-29T01:01:01"),
        ("YMDHMS22.3", SPSS_DAY + 0.25, "2024-02-29T00:00:00.250"),
        ("DATE11", -86_400.0, "1582-10-13"),
        ("DATE11", 1e15, "1000000000000000"),
        ("%tm", 1e9, "1000000000"),
        ("TIME8", 3661.0, "01:01:01"),
        ("DTIME12", 90_000.0, "25:00:00"),
        ("TIME8", -60.0, "-00:01:00"),
        ("%td", STATA_DAY, "2024-02-29"),
        ("%d", STATA_DAY, "2024-02-29"),
        ("%tdCCYY-NN-DD", STATA_DAY, "2024-02-29"),
        ("%tc", STATA_MS + 1000, "2024-02-29T00:00:01"),
        ("%-tC", STATA_MS, "2024-02-29T00:00:00"),
        ("%tcHH:MM:SS", STATA_MS + 61_000, "00:01:01"),
        ("%tcDDmonCCYY_HH:MM", STATA_MS, "2024-02-29T00:00:00"),
        ("%tm", 769.0, "2024-02-01"),
        ("%tm", -1.0, "1959-12-01"),
        ("%tq", 257.0, "2024-04-01"),
        ("%th", 129.0, "2024-07-01"),
        ("%tw", 3340.0, "2024-03-25"),
        ("%tw", -1.0, "1959-12-24"),
    ],
)
def test_formats_of_times(form, number, text):
    assert times_of(form).write(np.array([number, np.nan])) == [text, ""]


@pytest.mark.parametrize("form", ["F8.2", "A10", "%9.0g", "%ty", "%tbcal", "", None, "DOLLAR8"])
def test_formats_of_numbers(form):
    assert times_of(form) is None


def test_texts_in_another_encoding_than_declared(tmp_path, written):
    written({"a": ["xxxx", "b"]})
    path = tmp_path / "clients.sav"
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"\xe4\xf6\xfc!"))
    table = read(path)
    assert texts_of(table) == (("äöü!", "b"),)
    assert table.notes[0].startswith("clients holds texts that are not in the encoding it")
    assert texts_of(read(path, "ISO-8859-2")) == (("äöü!", "b"),)
    with pytest.raises(DataError, match=r"texts that are not in the encoding 'UTF-8'"):
        read(path, "UTF-8")
    with pytest.raises(StudyError, match=r"clients: encoding 'klingon' is not known"):
        read(path, "klingon")


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".dta"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_file_cut_off(tmp_path, written, suffix, share):
    written({"id": [f"P{n}" for n in range(99)], "a": np.arange(99.0)}, suffix)
    path = tmp_path / f"clients{suffix}"
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(DataError, match=r"clients is cut off or damaged"):
        read(path)


@pytest.mark.parametrize(
    ("suffix", "content", "message"),
    [
        (".sav", b"id,tr1\n1,5\n", r"called \.sav but is a text file, no SPSS file"),
        (".dta", b"$FL2@(#)", r"called \.dta but is an SPSS file \(\.sav\), no Stata file"),
        (".zsav", b"PK\x03\x04", r"called \.zsav but is a zip archive"),
        (".dta", b"\x00\x01", r"called \.dta but is damaged or of an unknown format"),
        (".sav", b"$FL2@(#)", r"clients is cut off or damaged"),
    ],
)
def test_another_format(tmp_path, suffix, content, message):
    path = tmp_path / f"clients{suffix}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read(path)


def test_a_crash_of_the_library_is_an_error_like_others(tmp_path, written):
    """A record of value labels that points behind the last variable makes pyreadstat crash."""
    written({"id": ["a"], "x": [1.0]}, variable_value_labels={"x": {1: "one"}})
    path = tmp_path / "clients.sav"
    data = path.read_bytes()
    record = bytes([4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0])
    assert data.count(record) == 1
    path.write_bytes(data.replace(record, record[:8] + bytes([255, 255, 255, 127])))
    with pytest.raises(DataError, match=r"clients (cannot be read: the reader|is cut off or dam)"):
        read(path)


def test_a_worker_that_dies(tmp_path, written, monkeypatch):
    written({"a": [1.0]})
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(DataError, match=r"the reader of SPSS files gave up \(exit status 1\)"):
        read(tmp_path / "clients.sav")


def test_the_worker_tells_what_went_wrong(tmp_path, capsysbinary):
    answer = statistical_worker.read("sav", str(tmp_path / "nothing.sav"), None)
    assert set(answer) == {"error", "message"}
    statistical_worker.main(["sav", str(tmp_path / "nothing.sav")])
    assert capsysbinary.readouterr().out


def test_many_columns(written):
    table = written({f"c{n}": [float(n)] for n in range(3000)})
    assert texts_of(table)[-1] == ("2999",)
