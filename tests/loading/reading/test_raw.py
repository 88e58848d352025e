from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from dyadkit.errors import DataError
from dyadkit.loading.raw import MOST_CELLS, RawTable, check_size, with_text

TABLE = RawTable(
    name="clients",
    columns=("V10", "tr1", "", ""),
    rows=np.array([3, 4]),
    blank=np.array([False, False]),
    short=np.array([False, False]),
    long=np.array([False, False]),
    cells=(("1", " 0"), (" 007 ", ""), ("", ""), ("", "")),
    aliases={"Finished": "V10"},
)


def test_column_is_stripped_text():
    assert TABLE.column("tr1").tolist() == ["007", ""]


def test_a_column_is_found_by_its_alias():
    assert TABLE.has("Finished")
    assert TABLE.own_name("Finished") == "V10"
    assert TABLE.column("Finished").tolist() == ["1", "0"]


def test_a_column_comes_before_an_alias_of_its_name():
    table = replace(TABLE, columns=("V10", "Finished", "", ""))
    assert table.own_name("Finished") == "Finished"
    assert table.column("Finished").tolist() == ["007", ""]


def test_an_unknown_column_is_unknown():
    assert not TABLE.has("tr2")
    with pytest.raises(ValueError, match=r"tuple\.index"):
        TABLE.column("tr2")


def test_it_is_frozen_and_can_be_sent_to_another_process():
    with pytest.raises(FrozenInstanceError):
        TABLE.name = "coaches"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(TABLE)).cells == TABLE.cells


def test_length_is_the_number_of_records():
    assert len(TABLE) == 2


def test_records_of_spaces_have_no_text():
    assert with_text([[" ", "\t"], [], ["", "0"]]).tolist() == [False, False, True]


def test_size_is_limited():
    check_size("clients", MOST_CELLS, 1)
    with pytest.raises(DataError, match=r"clients has 200,000,001 rows and 1 columns"):
        check_size("clients", MOST_CELLS + 1, 1)
