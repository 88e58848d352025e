"""Answers: numbers, codes, words, ranges, dates, categories, and what cannot be read."""

from __future__ import annotations

from unicodedata import normalize

import pandas as pd
import pytest

from dyadkit.errors import DataError

PLAIN = "pair,t1,t2\nP1,1,2\nP2,3,4\n"


def scores(dyads, role="client"):
    rows = dyads.individual(["trust"])
    return rows.loc[rows["role"] == role, "trust"].tolist()


def test_ranges_are_possible_answers_and_the_rest_is_set_missing(two_files, entries, values):
    clients = "pair,t1,t2\nP1,1,7\nP2,0,8\nP3,7.01,-3\n"
    dyads = two_files("pair,t1,t2\nP1,1,1\nP2,1,1\nP3,1,1\n", clients)
    assert entries(dyads, "source", "row", "dyad", "reason", "detail", "unit") == [
        ("clients", 3, "P2", "out_of_range", "t1 = 0, outside 1 to 7", "cell"),
        ("clients", 3, "P2", "out_of_range", "t2 = 8, outside 1 to 7", "cell"),
        ("clients", 4, "P3", "out_of_range", "t1 = 7.01, outside 1 to 7", "cell"),
        ("clients", 4, "P3", "out_of_range", "t2 = -3, outside 1 to 7", "cell"),
    ]
    assert values(dyads, "t1") == {
        ("P1", "coach"): 1,
        ("P1", "client"): 1,
        ("P2", "coach"): 1,
        ("P2", "client"): None,
        ("P3", "coach"): 1,
        ("P3", "client"): None,
    }
    # The rows stay, and so does the count.
    assert dyads.flow()["step"].tolist() == ["read", "kept"] * 2


def test_cells_of_rows_that_go_are_not_in_the_ledger(two_files, entries):
    dyads = two_files(PLAIN, "pair,t1,t2\nP1,9,2\nP2,3,4\nP9,9,9\n")
    assert entries(dyads) == [
        ("clients", 4, "orphan"),
        ("clients", 2, "out_of_range"),
    ]


def test_declared_codes_are_missing_and_no_ledger_entry(two_files, entries):
    clients = "pair,t1,t2\nP1,-99,2\nP2,n/a,4\nP3,-99.0,-77\n"
    dyads = two_files("pair,t1,t2\nP1,1,1\nP2,1,1\nP3,1,1\n", clients, 'missing = [-99, "N/A"]')
    assert entries(dyads) == [("clients", 4, "out_of_range")]
    rows = dyads.individual(["t1", "t2"])
    assert rows.loc[rows["role"] == "client", "t1"].isna().all()


def test_words_become_numbers(two_files):
    clients = "pair,t1,t2\nP1,strongly agree,Neutral\nP2,3,neutral\n"
    dyads = two_files(PLAIN, clients, 'values = { "Strongly agree" = 7, Neutral = 4 }')
    assert scores(dyads) == [5.5, 3.5]


def test_decimal_commas_are_found_in_each_file(two_files):
    dyads = two_files("pair;t1;t2\nP1;1,5;2\nP2;2,25;4\n", "pair,t1,t2\nP1,1.5,2\nP2,3,4\n")
    assert scores(dyads, "coach") == [1.75, 3.125]
    assert scores(dyads) == [1.75, 3.5]


def test_both_decimal_marks_in_one_file_are_shown(two_files):
    with pytest.raises(DataError) as found:
        two_files(PLAIN, 'pair,t1,t2\nP1,"1,5",2\nP2,"3,5",4.5\n')
    assert str(found.value) == (
        "clients: 2 numbers are written with a decimal comma, like '1,5' (rows 2, 3), and 1 with a "
        'point, like \'4.5\' (row 3). Say decimal = "," or decimal = "." in its [[source]]; what '
        "does not fit is then listed."
    )
    assert found.value.rows == (2, 3, 3)


def test_a_declared_decimal_mark_lists_what_does_not_fit(two_files):
    clients = 'pair,t1,t2\nP1,"1,5",2\nP2,3,4.5\n'
    with pytest.raises(DataError, match=r"cannot be read as a number: '4.5' \(row 3\)"):
        two_files(PLAIN, clients, 'decimal = ","')


def test_a_comma_before_three_digits_is_asked_about(two_files):
    scales = '[variable.pay]\ncolumn = "pay"\n'
    with pytest.raises(
        DataError, match=r"clients: 2 numbers are written like '1,200' \(rows 2, 3\)"
    ):
        two_files("pair,pay\nP1,1\nP2,2\n", 'pair,pay\nP1,"1,200"\nP2,"3,456"\n', scales=scales)


def test_texts_in_numbers_are_listed_in_one_paragraph(two_files):
    clients = "pair,t1,t2\nP1,often,2\nP2,3,sometimes and never and always\nP3,often,-\n"
    with pytest.raises(DataError) as found:
        two_files("pair,t1,t2\nP1,1,1\nP2,1,1\nP3,1,1\n", clients)
    assert str(found.value) == (
        "clients: 4 cells in 2 columns (t1, t2) cannot be read as a number: 'often', 'sometimes "
        "and never and …', '-' (rows 2, 3, 4). Say what such words mean in its [[source]], with "
        'values = { "Agree" = 6 } or missing = ["n/a"], or correct the file.'
    )
    assert found.value.rows == (2, 3, 4)


def test_every_file_is_complained_about_at_once(two_files):
    with pytest.raises(DataError) as found:
        two_files("pair,t1,t2\nP1,x,1\n", "pair,t1,t2\nP1,y,1\nP1,1,1\n")
    paragraphs = str(found.value).split("\n\n")
    assert [text.split(":")[0] for text in paragraphs[:2]] == ["coaches", "clients"]
    assert "answered more than once" in paragraphs[2]
    assert len(paragraphs) == 3


KINDS = """\
[variable.age]
column = "age"
range = [18, 99]
[variable.visits]
column = "visits"
type = "count"
[variable.grade]
column = "grade"
type = "ordinal"
[variable.format]
column = "format"
type = "category"
[variable.begun]
column = "begun"
type = "date"
[variable.remark]
column = "remark"
type = "text"
"""


def test_every_kind_of_variable_is_read_as_what_it_is(two_files, entries):
    head = "pair,age,visits,grade,format,begun,remark\n"
    coaches = head + "P1,40,3,2,Video,2026-01-31,\nP2,,,,,,\n"
    clients = head + 'P1,17,-1,9,video,2026-01-31 10:30:00,"007"\nP2,-9,-9,-9,-9,-9,-9\n'
    dyads = two_files(coaches, clients, "missing = [-9]", scales=KINDS)
    rows = dyads.individual().drop(columns="person").set_index(["dyad", "role"])
    assert rows.loc[("P1", "coach")].drop("begun").fillna("").tolist() == [40, 3, 2, "Video", ""]
    assert rows.loc[("P1", "client")].drop("begun").fillna("").tolist() == [
        *("", "", 9, "video", "007")
    ]
    assert rows.loc["P2"].isna().all(axis=None)
    assert rows["begun"].dtype == "datetime64[us]"
    assert rows["begun"].dropna().tolist() == [
        pd.Timestamp("2026-01-31"),
        pd.Timestamp("2026-01-31 10:30"),
    ]
    assert entries(dyads, "row", "detail") == [
        (2, "age = 17, outside 18 to 99"),
        (2, "visits = -1, below 0"),
    ]


def test_a_date_of_another_kind_is_refused(two_files):
    scales = '[variable.begun]\ncolumn = "begun"\ntype = "date"\n'
    with pytest.raises(DataError) as found:
        two_files("pair,begun\nP1,2026-01-31\n", "pair,begun\nP1,31.01.2026\n", scales=scales)
    assert str(found.value) == (
        "clients: 1 cell in 1 column (begun) cannot be read as a date like 2026-01-31: "
        "'31.01.2026' (row 2). Write dates like this in the file, or declare type = \"text\"."
    )


def test_all_missing_and_constant_items_load(two_files):
    dyads = two_files("pair,t1,t2\nP1,,\nP2,,\n", "pair,t1,t2\nP1,4,4\nP2,4,4\n")
    assert dyads.individual().query("role == 'coach'")[["t1", "t2", "trust"]].isna().all(axis=None)
    assert scores(dyads) == [4, 4]
    assert dyads.individual()["t1"].dtype == float


def test_an_item_of_a_role_without_rows_left_is_missing_and_there(loaded):
    toml = (
        '[study]\nroles = ["coach", "client"]\nwaves = ["w1", "w2"]\n'
        '[[source]]\npath = "a.csv"\nrole_column = "role"\nwave_column = "wave"\ndyad = "pair"\n'
        '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\nwaves = ["w1"]\n'
        '[scale.later]\nitems = ["l1"]\nrange = [1, 7]\nwaves = ["w2"]\n'
        '[variable.city]\ncolumn = "city"\ntype = "category"\nwaves = ["w2"]\n'
    )
    text = "role,wave,pair,t1,t2,l1,city\ncoach,w1,P1,1,1,,\nclient,w1,P1,1,1,,\n"
    dyads = loaded(toml, a__csv=text)
    assert dyads.individual()[["l1", "later", "city"]].isna().all(axis=None)


# Columns with awkward names

AWKWARD = [
    *("index", "values", "T", "size", "dtypes", "row", "source", "reason", "detail", "_wave"),
    *("Q1.1", "Prüfung", "a b", "mean()", "_merge", "n", "step", "0", "_at", "level_0", "None"),
]


def test_items_may_be_called_anything(two_files):
    quoted = ", ".join(f'"{name}"' for name in AWKWARD)
    scales = f"[scale.trust]\nitems = [{quoted}]\nrange = [1, 7]\n"
    text = ",".join(["pair", *AWKWARD]) + "\nP1" + ",3" * len(AWKWARD) + "\n"
    dyads = two_files(text, text.replace(",3", ",5"), scales=scales)
    assert scores(dyads) == [5]
    assert dyads.individual()[AWKWARD].to_numpy().tolist() == [
        [3] * len(AWKWARD),
        [5] * len(AWKWARD),
    ]
    assert dyads.wide([AWKWARD[10]]).columns.tolist() == ["dyad", "Q1.1_coach", "Q1.1_client"]
    assert dyads.pairwise(["T"])["T_partner"].tolist() == [5, 3]


def test_items_whose_columns_have_the_frames_names_get_another(two_files, values):
    scales = (
        '[scale.trust]\nitems = ["i1", "i2"]\nrange = [1, 7]\n'
        '[[scale.trust.version]]\nitems = ["time", "role"]\n'
    )
    dyads = two_files("pair,time,role\nP1,1,3\n", "pair,time,role\nP1,5,7\n", scales=scales)
    assert values(dyads, "i2") == {("P1", "coach"): 3, ("P1", "client"): 7}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_stand_apart(two_files, form):
    scales = '[scale.trust]\nitems = ["Prüfung"]\nrange = [1, 7]\n'
    coaches = normalize(form, "pair,Prüfung\nMünchen,3\n")
    dyads = two_files(coaches, "pair,Prüfung\nMünchen,5\n", scales=normalize(form, scales))
    assert dyads.wide()[["trust_coach", "trust_client"]].to_numpy().tolist() == [[3, 5]]


def test_categories_of_a_reader_stay_categories(two_files):
    dyads = two_files(PLAIN, PLAIN)
    kinds = pd.DataFrame({"dyad": ["P1", "P2"], "kind": pd.Categorical([1.5, 2.5])})
    rows = dyads.with_variables(kinds).individual(["t1", "kind"])
    assert rows["kind"].dtype == "category"
    assert rows["t1"].dtype == "float64"


def test_what_a_reader_does_to_rows_changes_no_frame(two_files):
    dyads = two_files(PLAIN, PLAIN)
    before = dyads.individual().copy()
    rows = dyads.individual()
    rows.loc[:, "t1"] = 7.0
    rows.loc[:, ["dyad", "trust"]] = ["P9", 1.0]
    pd.testing.assert_frame_equal(dyads.individual(), before)


def test_a_source_in_which_nothing_was_asked_has_rows_all_the_same(two_files, values):
    scales = '[scale.trust]\nitems = ["t1..t2"]\nrange = [1, 7]\nroles = ["client"]\n'
    dyads = two_files(PLAIN, "pair,t1,t2\nP1,5,6\nP2,7,3\n", scales=scales)
    assert values(dyads, "t1") == {
        ("P1", "coach"): None,
        ("P1", "client"): 5,
        ("P2", "coach"): None,
        ("P2", "client"): 7,
    }
    assert scores(dyads) == [5.5, 5.0]
