from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from dyadkit.errors import DataError
from dyadkit.loading.reading.columnar import read_columnar


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clients.parquet"


def read(path, columns):
    parquet.write_table(pa.table(columns), path)
    return read_columnar(path, name="clients")


def texts_of(table):
    return tuple(map(tuple, table.cells))


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array(["007", None, " x "]), ("007", "", "x")),
        (pa.array(["a", "b", None]).dictionary_encode(), ("a", "b", "")),
        (pa.array([1, None, 3]).dictionary_encode(), ("1", "", "3")),
        (pa.array([5, None, -1], pa.int8()), ("5", "", "-1")),
        (pa.array([2**64 - 1, None], pa.uint64()), ("18446744073709551615", "")),
        (pa.array([5.0, 4.5, None, float("nan")]), ("5", "4.5", "", "")),
        (pa.array([4.3, None], pa.float32()), ("4.3", "")),
        (pa.array([0.0, -0.0, 1.0]), ("0", "0", "1")),
        (pa.array([True, False, None]), ("True", "False", "")),
        (pa.array([None, None], pa.null()), ("", "")),
        (pa.array([b"ab", None], pa.binary()), ("ab", "")),
        (pa.array([decimal.Decimal("5.10"), decimal.Decimal("100.00")]), ("5.1", "100")),
        (pa.array([decimal.Decimal(100)], pa.decimal128(5, 0)), ("100",)),
        (pa.array([datetime.time(9, 5), None]), ("09:05:00", "")),
        (pa.array([datetime.timedelta(hours=30)]), ("30:00:00",)),
    ],
)
def test_values_become_texts(path, array, texts):
    table = read(path, {"a": array})
    assert texts_of(table) == (texts,)
    assert not table.dates


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([datetime.date(2026, 1, 31), None]), ("2026-01-31", "")),
        (pa.array([datetime.date(1582, 10, 14)], pa.date64()), ("1582-10-14",)),
        (pa.array([datetime.datetime(2026, 1, 31), None]), ("2026-01-31", "")),
        (
            pa.array([datetime.datetime(2026, 1, 31, 9, 5), datetime.datetime(2026, 1, 31)]),
            ("2026-01-31T09:05:00", "2026-01-31T00:00:00"),
        ),
        # 1,500,000,000,123,456,789 ns after 1970 is 2017-07-14 02:40:00.123 UTC.
        (
            pa.array([1_500_000_000_123_456_789], pa.timestamp("ns")),
            ("2017-07-14T02:40:00.123",),
        ),
        # Rome is two hours ahead in July.
        (
            pa.array([1_500_000_000, None], pa.timestamp("s", "Europe/Rome")),
            ("2017-07-14T04:40:00+02:00", ""),
        ),
    ],
)
def test_dates_become_iso(path, array, texts):
    table = read(path, {"a": array})
    assert texts_of(table) == (texts,)
    assert table.dates == {"a"}


def test_a_table_of_pandas(path):
    frame = pd.DataFrame(
        {"id": ["1", "2"], "n": pd.array([5, None], "Int64"), "k": pd.Categorical(["x", None])},
        index=[7, 9],
    )
    frame.to_parquet(path)
    table = read_columnar(path, name="clients")
    assert table.columns == ("id", "n", "k")
    assert texts_of(table) == (("1", "2"), ("5", ""), ("x", ""))
    assert table.rows.tolist() == [1, 2]
    assert not table.blank.any()


def test_platforms_are_known_by_their_columns(path):
    names = ("ResponseId", "Finished", "Status", "StartDate")
    assert read(path, {name: ["1"] for name in names}).platform == "qualtrics"


def test_blank_rows_are_marked(path):
    assert read(path, {"a": ["x", None], "b": [1, None]}).blank.tolist() == [False, True]


def test_nested_columns_are_refused(path):
    columns = {"a": [1], "b": [[1, 2]], "c": [{"x": 1}]}
    with pytest.raises(DataError, match=r"clients: 2 columns \(b, c\) hold lists or structures"):
        read(path, columns)


def test_equal_and_empty_names(path):
    arrays = [pa.array([n]) for n in (1, 2, 3)]
    parquet.write_table(pa.Table.from_arrays(arrays, names=["a", "a", ""]), path)
    table = read_columnar(path, name="clients")
    assert table.columns == ("a", "a")
    assert texts_of(table) == (("1",), ("2",))


def test_twenty_thousand_columns(path):
    table = read(path, {f"c{n}": np.array([n]) for n in range(20_000)})
    assert len(table.columns) == 20_000
    assert table.column("c19999").tolist() == ["19999"]


def test_a_file_cut_off(path):
    read(path, {"a": [1, 2, 3]})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match=r"clients is a Parquet file that is cut off or damaged"):
        read_columnar(path, name="clients")


def test_another_format(path):
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match=r"is called \.parquet but is a text file, no Parquet file"):
        read_columnar(path, name="clients")


def test_more_cells_than_memory(path, monkeypatch):
    monkeypatch.setattr("dyadkit.loading.reading.raw.MOST_CELLS", 5)
    with pytest.raises(DataError, match=r"clients has 3 rows and 2 columns"):
        read(path, {"a": [1, 2, 3], "b": [1, 2, 3]})
