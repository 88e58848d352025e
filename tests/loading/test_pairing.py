"""Who belongs to whom: two in a role, duplicates and their policies, orphans, members."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError

CLIENTS = "pair,id,t1,t2\nP1,A,5,6\nP2,B,3,4\n"
COACHES = "pair,id,t1,t2\nP1,a,1,2\nP2,b,2,3\n"
PERSON = 'person = "id"'


# Two people in one role


def test_two_people_in_one_role_both_go_and_the_partner_is_alone(two_files, entries, values):
    dyads = two_files(COACHES, CLIENTS + "P1,C,7,7\n", PERSON)
    assert entries(dyads) == [
        ("coaches", 2, "orphan"),
        ("clients", 2, "two_in_role"),
        ("clients", 4, "two_in_role"),
    ]
    assert values(dyads, "trust") == {("P2", "coach"): 2.5, ("P2", "client"): 3.5}


def test_two_people_are_two_even_if_one_answered_twice(two_files, entries):
    dyads = two_files(COACHES, CLIENTS + "P1,C,7,7\nP1,A,7,7\n", PERSON)
    assert [reason for _, _, reason in entries(dyads)].count("two_in_role") == 3
    assert "duplicate" not in dyads.exclusions["reason"].tolist()


def test_two_people_in_different_waves_are_noted(one_file):
    text = (
        "role,wave,pair,id,t1,t2\n"
        "coach,w1,P1,a,1,1\nclient,w1,P1,A,1,1\ncoach,w2,P1,z,1,1\nclient,w2,P1,A,1,1\n"
    )
    dyads = one_file(text, PERSON, waves=("w1", "w2"))
    assert not len(dyads.exclusions)
    assert dyads.notes == (
        "In 1 case different people answered for one role of a dyad in different waves; they are "
        "treated as one member.",
    )


# Duplicates

# Rows 4 to 6 are all A's: complete, one item missing, complete.
TWICE = "pair,id,t1,t2\nP2,B,3,4\nP1,A,1,\nP1,A,2,2\nP1,A,,3\nP1,A,4,4\n"


def test_duplicates_need_a_decision(two_files):
    with pytest.raises(DataError) as found:
        two_files(COACHES, TWICE, PERSON)
    assert str(found.value) == (
        "1 person answered more than once (clients, rows 3, 4, 5, 6). Say which answer counts in "
        'the [[source]]: duplicates = "first_complete" or duplicates = "last".'
    )
    assert found.value.rows == (3, 4, 5, 6)


@pytest.mark.parametrize(("policy", "kept", "trust"), [("first_complete", 4, 2), ("last", 6, 4)])
def test_the_policy_says_which_answer_counts(two_files, entries, values, policy, kept, trust):
    dyads = two_files(COACHES, TWICE, f'{PERSON}\nduplicates = "{policy}"')
    assert entries(dyads) == [("clients", row, "duplicate") for row in (3, 4, 5, 6) if row != kept]
    assert values(dyads, "trust")["P1", "client"] == trust


def test_without_a_complete_answer_the_fullest_first_counts(two_files, entries):
    scales = '[scale.trust]\nitems = ["t1", "t2", "t3"]\nrange = [1, 7]\nminimum_answered = 1\n'
    coaches = "pair,id,t1,t2,t3\nP1,a,1,1,1\n"
    clients = "pair,id,t1,t2,t3\nP1,A,1,,\nP1,A,2,2,\nP1,A,3,,3\n"
    dyads = two_files(coaches, clients, f'{PERSON}\nduplicates = "first_complete"', scales=scales)
    assert entries(dyads) == [("clients", 2, "duplicate"), ("clients", 4, "duplicate")]


def test_a_value_out_of_range_makes_no_complete_answer(two_files, entries):
    clients = "pair,id,t1,t2\nP1,A,9,2\nP1,A,1,2\n"
    dyads = two_files(
        "pair,id,t1,t2\nP1,a,1,1\n", clients, f'{PERSON}\nduplicates = "first_complete"'
    )
    assert entries(dyads) == [("clients", 2, "duplicate")]


def test_without_ids_the_same_role_of_a_dyad_is_the_same_person(two_files, entries):
    clients = "pair,t1,t2\nP1,1,2\nP1,3,4\n"
    dyads = two_files("pair,t1,t2\nP1,1,1\n", clients, 'duplicates = "last"')
    assert entries(dyads) == [("clients", 2, "duplicate")]


def test_a_row_without_an_id_is_the_only_persons_of_its_role(two_files, entries):
    clients = "pair,id,t1,t2\nP1,A,1,2\nP1,,3,4\n"
    dyads = two_files("pair,id,t1,t2\nP1,a,1,1\n", clients, f'{PERSON}\nduplicates = "last"')
    assert entries(dyads) == [("clients", 2, "duplicate")]


SOURCES = """\
[study]
roles = ["coach", "client"]
[[source]]
path = "coaches.csv"
role = "coach"
dyad = "pair"
[[source]]
path = "monday.csv"
role = "client"
dyad = "pair"
duplicates = "{monday}"
[[source]]
path = "tuesday.csv"
role = "client"
dyad = "pair"
duplicates = "{tuesday}"
[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
"""
DAYS = {
    "coaches__csv": "pair,t1,t2\nP1,1,1\n",
    "monday__csv": "pair,t1,t2\nP1,2,2\n",
    "tuesday__csv": "pair,t1,t2\nP1,3,3\n",
}


@pytest.mark.parametrize(("policy", "trust"), [("first_complete", 2), ("last", 3)])
def test_duplicates_are_found_across_files(loaded, values, policy, trust):
    dyads = loaded(SOURCES.format(monday=policy, tuesday=policy), **DAYS)
    assert values(dyads, "trust")["P1", "client"] == trust


def test_one_file_without_a_policy_asks_for_one_and_shows_both(loaded):
    with pytest.raises(DataError, match=r"\(monday.csv, row 2; tuesday.csv, row 2\)"):
        loaded(SOURCES.format(monday="error", tuesday="last"), **DAYS)


def test_files_that_say_two_things_about_duplicates_are_refused(loaded):
    with pytest.raises(DataError, match="two different things about duplicates"):
        loaded(SOURCES.format(monday="first_complete", tuesday="last"), **DAYS)


# Orphans


def test_orphans_can_be_kept(loaded):
    toml = (
        '[study]\nroles = ["coach", "client"]\norphans = "keep"\n'
        '[[source]]\npath = "a.csv"\nrole_column = "role"\ndyad = "pair"\n'
        '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n'
    )
    dyads = loaded(toml, a__csv="role,pair,t1,t2\ncoach,P1,1,2\nclient,P2,3,4\n")
    assert not len(dyads.exclusions)
    assert dyads.pairing().to_dict("records") == [
        {"wave": "", "dyads": 2, "complete": 0, "only_coach": 1, "only_client": 1}
    ]


def test_a_dyad_whose_members_answered_in_different_waves_is_no_orphan(one_file, entries):
    text = "role,wave,pair,t1,t2\ncoach,w1,P1,1,1\nclient,w2,P1,2,2\ncoach,w1,P2,3,3\n"
    dyads = one_file(text, waves=("w1", "w2"))
    assert entries(dyads) == [("all", 4, "orphan")]
    assert dyads.n_dyads == 1


def test_codes_that_nearly_match_are_noted(two_files):
    coaches = "pair,t1,t2\nP1,1,1\n007,2,2\nP 3,3,3\n"
    clients = "pair,t1,t2\nP1,1,1\n7,2,2\np3,3,3\nP4,4,4\n"
    dyads = two_files(coaches, clients)
    assert dyads.notes == (
        "4 rows without a partner have a dyad code that differs from another one only in case, "
        "spaces or leading zeros; correct the codes if they mean the same dyad.",
    )


def test_codes_keep_their_leading_zeros_and_lose_surrounding_spaces(two_files):
    dyads = two_files("pair,t1,t2\n 007 ,1,1\n", "pair,t1,t2\n007,1,1\n")
    assert dyads.individual()["dyad"].tolist() == ["007", "007"]


def test_nothing_left_says_why(two_files):
    with pytest.raises(DataError) as found:
        two_files("pair,t1,t2\nP1,1,1\nP2,1,1\n", "pair,t1,t2\nP01,1,1\n\n")
    assert str(found.value) == (
        "No dyad is left: of 4 rows read, none could be paired (empty line: 1; no partner "
        "answered: 3). Check the dyad codes of the two roles."
    )


def test_one_row_is_no_dyad(one_file):
    with pytest.raises(DataError, match="of 1 row read, none could be paired"):
        one_file("role,pair,t1,t2\ncoach,P1,1,2\n")


# Exchangeable members

PEERS = (
    '[study]\nroles = ["peer"]\n{waves}\n'
    '[[source]]\npath = "a.csv"\ndyad = "pair"\n{source}\n'
    '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n'
)


def test_members_are_numbered_by_their_ids(loaded, values, entries):
    dyads = loaded(
        PEERS.format(waves="", source=PERSON),
        a__csv="pair,id,t1,t2\nP1,zoe,1,1\nP1,adam,2,2\nP2,bob,3,3\nP3,x,1,1\nP3,y,1,1\nP3,z,1,1\n",
    )
    assert values(dyads, "trust") == {("P1", "1"): 2, ("P1", "2"): 1}
    assert entries(dyads) == [("a.csv", 4, "orphan")] + [
        ("a.csv", row, "two_in_role") for row in (5, 6, 7)
    ]
    assert dyads.notes == ("The members of a dyad are called 1 and 2 by sorted ids.",)
    assert dyads.wide()["person_1"].tolist() == ["adam"]


def test_members_without_ids_are_numbered_by_their_rows(loaded, values, entries):
    dyads = loaded(
        PEERS.format(waves="", source=""),
        a__csv="pair,t1,t2\nP1,1,1\nP2,3,3\nP1,2,2\nP3,1,1\nP3,1,1\nP3,1,1\n",
    )
    assert values(dyads, "trust") == {("P1", "1"): 1, ("P1", "2"): 2}
    # Of three rows without an id nobody can say whose they are.
    assert [(row, reason) for _, row, reason in entries(dyads)] == [
        *[(3, "orphan")],
        *[(row, "two_in_role") for row in (5, 6, 7)],
    ]
    assert dyads.notes == ("The members of a dyad are called 1 and 2 by the order of their rows.",)


def test_a_third_row_without_an_id_goes(loaded, entries):
    dyads = loaded(
        PEERS.format(waves="", source=PERSON),
        a__csv="pair,id,t1,t2\nP1,a,1,1\nP1,b,2,2\nP1,,3,3\nP2,c,1,1\nP2,,2,2\n",
    )
    assert entries(dyads, "row", "detail") == [(4, "more than two rows, this one without an id")]
    assert dyads.pairing()["complete"].tolist() == [2]


def test_an_exchangeable_member_may_answer_twice(loaded, entries, values):
    dyads = loaded(
        PEERS.format(waves="", source=f'{PERSON}\nduplicates = "last"'),
        a__csv="pair,id,t1,t2\nP1,a,1,1\nP1,b,2,2\nP1,a,3,3\n",
    )
    assert entries(dyads) == [("a.csv", 2, "duplicate")]
    assert values(dyads, "trust") == {("P1", "1"): 3, ("P1", "2"): 2}


WAVES = 'waves = ["w1", "w2"]'
BY_WAVE = f'{PERSON}\nwave_column = "wave"'


def test_members_keep_their_number_over_the_waves(loaded, values):
    dyads = loaded(
        PEERS.format(waves=WAVES, source=BY_WAVE),
        a__csv="pair,id,wave,t1,t2\nP1,b,w1,1,1\nP1,a,w1,2,2\nP1,b,w2,3,3\n",
    )
    assert values(dyads, "trust") == {
        ("P1", "1", "w1"): 2,
        ("P1", "2", "w1"): 1,
        ("P1", "2", "w2"): 3,
    }


def test_a_third_member_in_a_later_wave_is_refused(loaded):
    with pytest.raises(DataError, match=r"1 dyad has more than two members .*\(dyads P1\)"):
        loaded(
            PEERS.format(waves=WAVES, source=BY_WAVE),
            a__csv="pair,id,wave,t1,t2\nP1,a,w1,1,1\nP1,b,w1,1,1\nP1,c,w2,1,1\nP1,b,w2,1,1\n",
        )


def test_members_over_waves_need_their_ids(loaded):
    with pytest.raises(DataError, match=r"1 row of exchangeable members has no person id") as found:
        loaded(
            PEERS.format(waves=WAVES, source=BY_WAVE),
            a__csv="pair,id,wave,t1,t2\nP1,a,w1,1,1\nP1,,w1,1,1\nP1,a,w2,1,1\n",
        )
    assert found.value.rows == (3,)
    dyads = loaded(
        PEERS.format(waves=WAVES, source=BY_WAVE + '\nexclude = { id = [""] }'),
        a__csv="pair,id,wave,t1,t2\nP1,a,w1,1,1\nP1,,w1,1,1\nP1,a,w2,1,1\nP1,b,w2,1,1\n",
    )
    assert dyads.exclusions["reason"].tolist() == ["excluded"]


# One person in several dyads

MENTORS = (
    '[study]\nroles = ["mentor", "developee"]\n'
    '[[source]]\npath = "a.csv"\nrole_column = "role"\ndyad = "pair"\nperson = "id"\n'
    '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\nlevel = "{level}"\n'
)
ROWS = (
    "role,pair,id,t1,t2\nmentor,P1,M,{0}\nmentor,P2,M,{1}\n"
    "developee,P1,D,1,1\ndeveloppe,P9,X,1,1\ndevelopee,P2,E,2,2\n"
)


def test_an_answer_given_once_counts_once(loaded):
    dyads = loaded(MENTORS.format(level="person"), a__csv=ROWS.format("4,6", "4,6"))
    assert dyads.answers("trust", role="mentor")["value"].tolist() == [5]
    assert dyads.answers("trust")["value"].tolist() == [5, 1, 2]
    assert dyads.items("trust", "mentor", "").shape == (1, 5)
    assert dyads.wide()["trust_mentor"].tolist() == [5, 5]


def test_an_answer_missing_in_one_row_is_no_contradiction(loaded):
    dyads = loaded(MENTORS.format(level="person"), a__csv=ROWS.format(",", "4,6"))
    assert dyads.answers("trust", role="mentor")["value"].tolist() == [5]


def test_different_answers_given_once_contradict(loaded):
    with pytest.raises(DataError) as found:
        loaded(MENTORS.format(level="person"), a__csv=ROWS.format("4,6", "4,7"))
    assert str(found.value) == (
        "'trust' is declared to be answered once per person, but 1 person in several dyads "
        'answered it differently in each (M). Declare level = "relationship" if it was asked about '
        "each partner, or correct the files."
    )
    assert found.value.rows == (2, 3)


def test_answers_about_each_partner_all_count(loaded):
    dyads = loaded(MENTORS.format(level="relationship"), a__csv=ROWS.format("4,6", "4,7"))
    assert dyads.answers("trust", role="mentor")["value"].tolist() == [5, 5.5]
