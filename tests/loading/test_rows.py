"""One file: who its rows belong to, which columns it needs, and what is noted of it."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError
from dyadkit.loading.rows import blocks_of
from dyadkit.study import read_study

ROWS = (
    "role,wave,pair,t1,t2\n1,1,P1,1,1\n2,1.0,P1,2,2\n2,1,P2,3,3\n3,1,P2,4,4\n,9,P2,5,5\n"
    "1,02,P3,6,6\n"
)
VALUES = (
    'role_values = { "1" = "coach", "2" = "client" }\nwave_values = { "1" = "w1", "02" = "w2" }'
)


def test_roles_and_waves_may_be_codes(one_file, steps, entries):
    dyads = one_file(ROWS, VALUES, waves=("w1", "w2"))
    assert entries(dyads, "row", "wave", "role", "reason") == [
        (4, "w1", "client", "orphan"),
        (5, "w1", None, "unknown_role"),
        (6, None, None, "unknown_role"),
        (7, "w2", "coach", "orphan"),
    ]
    assert steps(dyads)["all", "w1", "coach"] == {"read": 1, "kept": 1}
    assert dyads.notes[0] == (
        "all: 2 rows have a role that is not declared ('', '3' in 'role'). Declare it in "
        "role_values."
    )


@pytest.mark.parametrize("words", ["coach client", "Coach CLIENT", " coach client "])
def test_roles_may_be_written_as_they_are_called(one_file, words):
    coach, client = words.split()
    dyads = one_file(f"role,pair,t1,t2\n {coach} ,P1,1,1\n{client},P1,2,2\n")
    assert dyads.pairing()["complete"].tolist() == [1]


def test_an_exact_word_goes_before_one_in_another_case(one_file, values):
    source = 'role_values = { "A" = "coach", "a" = "client" }'
    dyads = one_file("role,pair,t1,t2\nA,P1,1,1\na,P1,2,2\n", source)
    assert values(dyads, "trust") == {("P1", "coach"): 1, ("P1", "client"): 2}


def test_an_undeclared_wave_is_noted_with_the_nearest(one_file):
    text = "role,wave,pair,t1,t2\ncoach,w1,P1,1,1\nclient,w1,P1,2,2\nclient,ww2,P1,3,3\n"
    dyads = one_file(text, waves=("w1", "w2"))
    assert dyads.notes == (
        "all: 1 row has a wave that is not declared ('ww2' in 'wave'). Did you mean 'w2'? Declare "
        "it in wave_values.",
    )


def test_a_single_wave_need_not_be_said(loaded):
    dyads = loaded(
        '[study]\nroles = ["coach", "client"]\nwaves = ["w1"]\n'
        '[[source]]\npath = "a.csv"\nrole_column = "role"\ndyad = "pair"\n'
        '[scale.trust]\nitems = ["t1"]\nrange = [1, 7]\n',
        a__csv="role,pair,t1\ncoach,P1,1\nclient,P1,2\n",
    )
    assert dyads.wide().columns.tolist()[:3] == ["dyad", "trust_coach_w1", "trust_client_w1"]


def test_a_source_needs_the_columns_of_its_own_role_and_wave_only(write):
    study = read_study(
        write(
            '[study]\nroles = ["coach", "client"]\nwaves = ["w1", "w2"]\n'
            '[[source]]\npath = "a.csv"\nrole = "coach"\nwave = "w1"\ndyad = "pair"\n'
            '[[source]]\npath = "b.csv"\nrole_column = "r"\nwave_column = "w"\ndyad = "pair"\n'
            'wave_values = { x = "w2" }\n'
            '[scale.trust]\nitems = ["t1"]\nrange = [1, 7]\n'
            '[[scale.trust.version]]\nrole = "coach"\nitems = ["c1"]\n'
            '[variable.age]\ncolumn = "years"\nroles = ["client"]\n'
        )
    )
    first, second = study.sources
    assert [(b.role, b.wave, dict(b.columns)) for b in blocks_of(first, study)] == [
        ("coach", "w1", {"t1": "c1"})
    ]
    assert [(b.role, b.wave, dict(b.columns)) for b in blocks_of(second, study)] == [
        ("coach", "w2", {"t1": "c1"}),
        ("client", "w2", {"t1": "t1", "age": "years"}),
    ]


def test_exclusions_may_be_numbers_texts_and_empty_cells(one_file, entries):
    text = (
        "role,pair,age,city,t1,t2\ncoach,P1,30,x,1,1\nclient,P1,30,x,1,1\ncoach,P2,17.0,x,1,1\n"
        "client,P2,30,ROME,1,1\ncoach,P3,30,,1,1\nclient,P3,17,Rome,1,1\n"
    )
    dyads = one_file(text, 'exclude = { age = [17], city = ["Rome", ""] }')
    assert entries(dyads, "row", "reason", "detail") == [
        (4, "excluded", "age"),
        (5, "excluded", "city"),
        (6, "excluded", "city"),
        (7, "excluded", "age"),
    ]


def test_a_platforms_own_columns_keep_their_reasons_in_plain_files(one_file, entries):
    text = (
        "role,pair,Status,Finished,t1,t2\ncoach,P1,IP Address,1,1,1\nclient,P1,IP Address,1,1,1\n"
        "client,P1,Survey Preview,1,1,1\nclient,P1,IP Address,0,1,1\nclient,P1,Spam,1,1,1\n"
    )
    rules = 'exclude = { Status = ["Survey Preview"], Finished = ["False", 0] }'
    assert entries(one_file(text, rules + "\nduplicates = 'last'"), "row", "reason") == [
        (2 + 1, "duplicate"),
        (4, "preview"),
        (5, "unfinished"),
    ]
    mixed = 'exclude = { Status = ["Survey Preview", "Spam"], Finished = [0] }'
    assert entries(one_file(text, mixed), "row", "reason") == [
        (4, "excluded"),
        (5, "unfinished"),
        (6, "excluded"),
    ]


def test_identifying_columns_are_dropped_unless_named(one_file):
    text = "role,pair,Email,Name,City,t1,t2\ncoach,P1,a@example.org,Al,Rome,1,1\n"
    text += "client,P1,b@example.org,Bo,Bonn,2,2\n"
    dyads = one_file(text)
    assert dyads.notes == ("all: 3 identifying columns were not read (Email, Name, City).",)
    assert "example.org" not in dyads.individual().to_csv() + dyads.exclusions.to_csv()
    named = one_file(text, 'person = "Email"', '[variable.city]\ncolumn = "City"\ntype = "text"')
    assert named.notes == ("all: 1 identifying column was not read (Name).",)
    assert named.individual()["person"].tolist() == ["a@example.org", "b@example.org"]
    assert named.individual()["city"].tolist() == ["Rome", "Bonn"]


def test_short_rows_are_noted(one_file, values):
    dyads = one_file("role,pair,t1,t2\ncoach,P1,1,1\nclient,P1,2\n\n")
    assert dyads.notes == (
        "all: 1 row has fewer cells than the header; what is not there counts as not answered.",
    )
    assert values(dyads, "t2") == {("P1", "coach"): 1, ("P1", "client"): None}


def test_long_rows_are_refused(one_file):
    with pytest.raises(DataError) as found:
        one_file("role,pair,t1,t2\ncoach,P1,1,1\nclient,P1,2,3,4\nclient,P2,so, so,1,1\n")
    assert str(found.value) == (
        "all: 2 rows have more cells than the header (rows 3, 4), so answers may stand in the "
        "wrong columns. A cell may hold a delimiter without quotation marks; export the file "
        "again, or correct these rows."
    )
    assert found.value.rows == (3, 4)


HEADERS = (
    "Finished,role,pair,t1,t2\na,b,c,d,e\n" + ",".join(['"{""ImportId"":""x""}"'] * 5) + "\n"
    "True,coach,P1,1,1\nTrue,client,P1,2,2\n{word},client,P2,3,3\n"
)


def test_an_unknown_word_for_finished_is_asked_about(one_file):
    with pytest.raises(DataError) as found:
        one_file(HEADERS.replace("{word}", "fast"))
    assert str(found.value) == (
        "all: the column 'Finished' holds 'fast' in 1 row (6), which may mean finished or not. Say "
        'which words mean unfinished in its [[source]], e.g. exclude = { Finished = ["Nein"] }.'
    )


def test_an_unknown_word_for_finished_may_be_explained(one_file, entries):
    dyads = one_file(HEADERS.replace("{word}", "fast"), 'exclude = { Finished = ["FAST"] }')
    assert entries(dyads) == [("all", 6, "unfinished")]


def test_unfinished_answers_may_be_wanted(one_file, steps):
    text = HEADERS.replace("{word},client,P2", "False,client,P1").replace("True,client", "False,x")
    dyads = one_file(text, "exclude = { Finished = [] }")
    assert steps(dyads)["all", "-", "client"] == {"read": 1, "kept": 1}


GROUPS = (
    "role,pair,team,t1,t2\ncoach,P1,A,1,1\nclient,P1,A,2,2\ncoach,P2,,3,3\nclient,P2,,4,4\n"
    "coach,P3,A,5,5\nclient,P3,A,6,6\n"
)


def test_groups_are_carried_along(one_file):
    dyads = one_file(GROUPS, 'group = "team"')
    rows = dyads.individual()
    assert rows["group"].fillna("").tolist() == ["A", "A", "", "", "A", "A"]
    assert dyads.wide()["group"].fillna("").tolist() == ["A", "", "A"]
