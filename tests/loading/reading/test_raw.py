from __future__ import annotations

import pickle
import sys
import unicodedata
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyadkit.errors import DataError
from dyadkit.loading.reading import raw
from dyadkit.loading.reading.raw import (
    MOST_CELLS,
    RawTable,
    blank_rows,
    check_size,
    clean_text,
    encode_arrow,
    encode_codes,
    encode_texts,
    is_empty,
    with_text,
)

TABLE = RawTable(
    name="clients",
    columns=("V10", "tr1", "", ""),
    rows=np.array([3, 4]),
    blank=np.array([False, False]),
    short=np.array([False, False]),
    long=np.array([False, False]),
    cells=tuple(map(encode_texts, [["1", " 0"], [" 007 ", ""], ["", ""], ["", ""]])),
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
    sent = pickle.loads(pickle.dumps(TABLE))
    assert list(map(list, sent.cells)) == list(map(list, TABLE.cells))


def test_length_is_the_number_of_records():
    assert len(TABLE) == 2


def test_records_of_spaces_have_no_text():
    assert with_text([[" ", "\t"], [], ["", "0"]]).tolist() == [False, False, True]


def test_size_is_limited():
    check_size("clients", MOST_CELLS, 1)
    with pytest.raises(DataError, match=r"clients has 200,000,001 rows and 1 columns"):
        check_size("clients", MOST_CELLS + 1, 1)


# The cells of a column


def check_cells(cells, texts):
    """Compare with the plain way: each text by itself."""
    assert list(cells) == texts
    assert cells.categories.tolist() == list(dict.fromkeys(texts))
    assert cells.categories.dtype == "str"
    assert (cells.codes >= 0).all()
    assert not cells.ordered


def clean(texts):
    return [unicodedata.normalize("NFC", text or "").strip() for text in texts]


TEXTS = st.lists(
    st.text(st.sampled_from(["a", "é", "e", "\u0301", "\ufeff", "5", *" \n\x1c\x85\u00a0\u3000"]))
)


@given(TEXTS)
def test_texts_are_stripped_composed_and_kept_once(texts):
    check_cells(encode_texts(texts), clean(texts))


@given(TEXTS)
def test_texts_in_their_order_are_encoded_like_others(texts):
    check_cells(encode_texts(sorted(texts)), clean(sorted(texts)))


@given(st.lists(st.lists(st.sampled_from(["a", " a", "b", "", "\u00e9", "e\u0301", None]))))
def test_every_way_of_arrow_gives_the_same(parts):
    texts = [text for part in parts for text in part]
    strings = [pa.array(part, pa.string()) for part in parts]
    check_cells(encode_arrow(pa.chunked_array(strings, pa.string())), clean(texts))
    check_cells(encode_arrow(pa.array(texts, pa.large_string())), clean(texts))
    if parts:
        check_cells(encode_arrow([part.dictionary_encode() for part in strings]), clean(texts))


def test_words_of_a_dictionary_need_not_occur():
    words = pa.array(["a", None, "b", "c", "b "])
    column = pa.DictionaryArray.from_arrays(pa.array([3, 4, None, 2, 1, 3], pa.int8()), words)
    check_cells(encode_arrow(column), ["c", "b", "", "b", "", "c"])
    check_cells(encode_codes(np.array([3, 0]), words.slice(0, 4)), ["c", "a"])
    check_cells(encode_codes(np.array([1, 0, 2]), pa.array(["0", "0", " 0"])), ["0", "0", "0"])


def test_a_dictionary_may_have_as_many_words_as_its_codes_allow():
    words = pa.array([str(number) for number in range(128)])
    column = pa.DictionaryArray.from_arrays(pa.array([127, None], pa.int8()), words)
    check_cells(encode_arrow(column), ["127", ""])


@pytest.mark.parametrize(("n", "kind"), [(1, "int8"), (126, "int8"), (1000, "int16")])
def test_codes_are_narrow(n, kind):
    assert encode_texts([str(number) for number in range(n)]).codes.dtype == kind


def test_halves_of_characters_are_no_text():
    assert list(encode_texts(["a\ud83d\ude00", "\ud83d"])) == ["a😀", "\ufffd"]


def test_every_kind_of_space_is_taken_off():
    spaces = [chr(code) for code in range(0x11_0000) if chr(code).isspace()]
    assert list(encode_texts([f"{space}x y{space}" for space in spaces])) == ["x y"] * len(spaces)


@given(st.text())
def test_a_single_text_is_cleaned_alike(text):
    text = text.encode("utf-8", "replace").decode()
    assert list(encode_texts([text])) == [clean_text(text)]


def test_a_column_works_as_pandas_makes_it():
    cells = encode_texts(["5", "", "5"])
    column = pd.Series(cells)
    assert column.dtype == pd.CategoricalDtype(["5", ""])
    assert column.eq("5").tolist() == [True, False, True]
    assert column.isin(["", "7"]).tolist() == [False, True, False]
    assert column.map({"5": 1.0, "": 2.0}).tolist() == [1.0, 2.0, 1.0]
    assert column.value_counts().to_dict() == {"5": 2, "": 1}
    assert pd.concat([column, column]).tolist() == ["5", "", "5"] * 2
    assert column.astype("str").tolist() == ["5", "", "5"]
    assert list(cells.remove_unused_categories().rename_categories({"5": "five"})) == [
        "five",
        "",
        "five",
    ]


def test_what_is_done_to_a_column_does_not_touch_the_table():
    column = TABLE.column("tr1")
    column[0] = ""
    assert TABLE.column("tr1").tolist() == ["007", ""]


def test_empty_cells_and_blank_rows_are_marked():
    first, second = encode_texts(["", "1", " "]), encode_texts(["5", "6", ""])
    assert is_empty(first).tolist() == [True, False, True]
    assert is_empty(encode_texts(["1"])).tolist() == [False]
    assert is_empty(encode_texts([])).tolist() == []
    assert blank_rows([first, second], 3).tolist() == [False, False, True]
    assert blank_rows([], 2).tolist() == [True, True]


def test_every_space_that_strip_takes_off_is_known() -> None:
    everywhere = filter(str.isspace, map(chr, range(sys.maxunicode + 1)))
    assert "".join(everywhere) == raw._SPACES
