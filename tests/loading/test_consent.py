"""Consent and withdrawal: what is left out, in which waves, and what becomes of the partner."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.consent import loose_ids

CONSENT = '[[consent]]\ncolumn = "ok"\ngranted = ["yes", 1]\n'
WAVES = ("w1", "w2")
# A refuses at w2; the coaches never do.
ROWS = (
    "role,wave,pair,id,ok,t1,t2\n"
    "coach,w1,P1,a,yes,1,1\nclient,w1,P1,A,yes,2,2\n"
    "coach,w2,P1,a,1.0,3,3\nclient,w2,P1,A,no,4,4\n"
    "coach,w1,P2,b,YES,1,1\nclient,w1,P2,B,1,2,2\n"
)
PERSON = 'person = "id"'


def kept(dyads):
    rows = dyads.individual([])
    return {" ".join(row) for row in rows[["dyad", "role", "wave"]].to_numpy()}


ALL = {
    *("P1 coach w1", "P1 client w1", "P1 coach w2", "P1 client w2"),
    *("P2 coach w1", "P2 client w1"),
}


def test_a_refusal_concerns_its_wave(one_file, entries):
    dyads = one_file(ROWS, PERSON, CONSENT, waves=WAVES)
    assert kept(dyads) == ALL - {"P1 client w2"}
    assert entries(dyads, "row", "wave", "role", "person", "dyad", "reason", "detail") == [
        (None, "w2", "client", None, None, "no_consent", None)
    ]


def test_a_refusal_can_concern_the_person(one_file, entries):
    dyads = one_file(ROWS, PERSON, CONSENT + 'scope = "person"\n', waves=WAVES)
    # Nobody of P1 but the coach is left, so the coach has no partner.
    assert kept(dyads) == {"P2 coach w1", "P2 client w1"}
    assert entries(dyads, "row", "wave", "role", "reason") == [
        (2, "w1", "coach", "orphan"),
        (4, "w2", "coach", "orphan"),
        (None, "w1", "client", "no_consent"),
        (None, "w2", "client", "no_consent"),
    ]


def test_an_empty_consent_cell_is_no_consent(one_file, entries):
    text = ROWS.replace("A,no", "A,")
    dyads = one_file(text, PERSON, CONSENT, waves=WAVES)
    assert entries(dyads, "row", "reason") == [(None, "no_consent")]
    # It was never asked, so it says nothing about the person's other waves.
    for_good = one_file(text, PERSON, CONSENT + 'scope = "person"\n', waves=WAVES)
    assert kept(for_good) == ALL - {"P1 client w2"}


def test_an_empty_consent_cell_of_an_excluded_row_is_excluded_and_anonymous(one_file, entries):
    text = ROWS.replace("A,no,4", "A,,4")
    dyads = one_file(text, f"{PERSON}\nexclude = {{ t1 = [4] }}", CONSENT, waves=WAVES)
    assert entries(dyads, "row", "person", "reason", "detail") == [(None, None, "excluded", None)]


def test_two_consents_are_both_needed(one_file, entries):
    head = "role,pair,one,two,t1,t2\n"
    text = head + (
        "coach,P1,yes,yes,1,1\nclient,P1,yes,no,1,1\ncoach,P2,yes,yes,1,1\nclient,P2,yes,yes,1,1\n"
        "client,P3,,no,1,1\n"
    )
    rest = "".join(
        f'[[consent]]\ncolumn = "{name}"\ngranted = ["yes"]\n' for name in ("one", "two")
    )
    dyads = one_file(text, 'exclude = { pair = ["P3"] }', rest)
    # The last row said no to one of the two, so the empty cell of the other does not matter.
    assert entries(dyads, "row", "reason") == [
        (2, "orphan"),
        (None, "no_consent"),
        (None, "no_consent"),
    ]


def test_a_consent_rule_may_hold_for_some_sources(two_files, entries):
    rest = CONSENT + 'source = ["clients"]\n'
    dyads = two_files(
        "pair,t1,t2\nP1,1,1\nP2,1,1\n", "pair,ok,t1,t2\nP1,1,1,1\nP2,0,1,1\n", "", rest
    )
    assert entries(dyads) == [("coaches", 3, "orphan"), ("clients", None, "no_consent")]


# Withdrawal

WITHDRAWAL = '[[withdrawal]]\npath = "out.csv"\nperson = "id"\n'
PLAIN = ROWS.replace(",no,", ",yes,")


def test_who_withdrew_is_left_out_and_the_partner_stays(one_file, entries):
    dyads = one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES, out__csv="id\nA\n")
    # The coach of P1 has no partner, and is kept because the partner withdrew.
    assert kept(dyads) == ALL - {"P1 client w1", "P1 client w2"}
    assert entries(dyads, "row", "wave", "person", "reason") == [
        (None, "w1", None, "withdrawn"),
        (None, "w2", None, "withdrawn"),
    ]


def test_a_withdrawal_may_begin_with_a_wave(one_file):
    rest = WITHDRAWAL + 'from_wave = "w2"\n'
    dyads = one_file(PLAIN, PERSON, rest, waves=WAVES, out__csv="id\nA\n")
    assert kept(dyads) == ALL - {"P1 client w2"}


def test_a_withdrawal_may_take_the_partner_along(one_file, entries):
    rest = WITHDRAWAL + 'from_wave = "w2"\npartner = "drop_dyad"\n'
    dyads = one_file(PLAIN, PERSON, rest, waves=WAVES, out__csv="id\nA\n")
    assert kept(dyads) == ALL - {"P1 client w2", "P1 coach w2"}
    assert entries(dyads, "row", "role", "reason") == [
        (None, "coach", "partner_withdrawn"),
        (None, "client", "withdrawn"),
    ]


def test_a_withdrawn_row_of_an_unknown_wave_is_not_used(one_file, entries):
    text = PLAIN + "client,w9,P1,A,yes,5,5\n"
    rest = WITHDRAWAL + 'from_wave = "w2"\n'
    dyads = one_file(text, PERSON, rest, waves=WAVES, out__csv="id\nA\n")
    assert entries(dyads, "row", "reason") == [(None, "withdrawn"), (None, "withdrawn")]
    assert dyads.notes == ()


def test_a_list_may_be_empty_but_for_its_header(one_file):
    dyads = one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES, out__csv="id\n")
    assert kept(dyads) == ALL


def test_ids_that_stand_nowhere_are_counted(one_file):
    dyads = one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES, out__csv="id\nY\n\nZ\n")
    assert dyads.notes == ("out.csv: 2 ids on the withdrawal list stand in no source.",)


@pytest.mark.parametrize("listed", ["OO42", "42", "0042 ", "00042", "42.0"])
def test_an_id_that_nearly_matches_is_refused(one_file, listed):
    text = PLAIN.replace(",A,", ",0042,")
    if listed.strip() == "0042":
        dyads = one_file(text, PERSON, WITHDRAWAL, waves=WAVES, out__csv=f"id\n{listed}\n")
        assert "P1 client w1" not in kept(dyads)
        return
    with pytest.raises(DataError) as found:
        one_file(text, PERSON, WITHDRAWAL, waves=WAVES, out__csv=f"id\n{listed}\n")
    assert str(found.value).startswith(
        "out.csv: 1 id on this withdrawal list matches an id in the sources only when case, "
        "spaces, leading zeros and look-alike characters"
    )
    assert "42" not in str(found.value)


def test_the_near_match_is_reported_before_anybodys_cell(one_file):
    text = PLAIN.replace(",A,", ",0042,").replace("yes,4,4", "yes,SENTINEL,4")
    with pytest.raises(DataError, match="withdrawal list") as found:
        one_file(text, PERSON, WITHDRAWAL, waves=WAVES, out__csv="id\n42\n")
    assert "SENTINEL" not in str(found.value)


def test_ids_of_someone_who_refused_that_nearly_match_are_noted(one_file):
    text = (
        "role,wave,pair,id,ok,t1,t2\ncoach,w1,P1,a,yes,1,1\nclient,w1,P1,042,yes,2,2\n"
        "coach,w2,P1,a,yes,1,1\nclient,w2,P1,42,no,2,2\n"
    )
    dyads = one_file(text, PERSON, CONSENT + 'scope = "person"\n', waves=WAVES)
    (note,) = [note for note in dyads.notes if "refused" in note]
    assert note.startswith("1 id in the sources differs from the id of someone in the same role")


def test_ids_in_both_roles_are_noted(one_file):
    text = "role,pair,id,t1,t2\ncoach,P1,1,1,1\nclient,P1,1,2,2\ncoach,P2,2,3,3\nclient,P2,2,1,1\n"
    dyads = one_file(text, PERSON, WITHDRAWAL, out__csv="id\n1\n")
    assert dyads.n_dyads == 1
    assert dyads.notes[0].startswith(
        "1 id of people who refused or withdrew stands in both roles; rows of both were left out."
    )


def test_a_list_without_its_header_shows_no_id(one_file):
    with pytest.raises(DataError) as found:
        one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES, out__csv="C-SECRET\nC-OTHER\n")
    assert "SECRET" not in str(found.value)
    assert "OTHER" not in str(found.value)
    assert "out.csv has no column 'id' in its first line" in str(found.value)


def test_a_missing_list_is_a_mistake_in_the_study_file(one_file):
    with pytest.raises(StudyError, match=r"out\.csv: there is no file"):
        one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES)


def test_ids_are_compared_loosely_only_to_warn():
    assert loose_ids(["007", " 7", "7.0", "C 7", "c7", "0", "é"]) == [
        *("7", "7", "7", "c7", "c7", "", "é")
    ]


def test_no_row_of_a_withdrawal_list_is_taken_for_a_header(one_file):
    listed = 'id\nA\n"{""ImportId"":""QID1""}"\n'
    dyads = one_file(PLAIN, PERSON, WITHDRAWAL, waves=WAVES, out__csv=listed)
    assert "P1 client w1" not in kept(dyads)
