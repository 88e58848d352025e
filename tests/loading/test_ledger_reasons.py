"""Every reason of the ledger, worked out by hand, and which one counts when several apply."""

from __future__ import annotations

import pytest

from dyadkit.frame import ROW_REASONS

# A Qualtrics export of clients; the number before each row is its row in a spreadsheet.
IDS = ",".join(f'"{{""ImportId"":""{name}""}}"' for name in "abcdefgh")
CLIENTS_T1 = f"""\
Status,Finished,consent,pair,id,age,t1,t2
Response Type,Finished,Consent?,Code?,Id?,Age?,I trust my coach,I rely on my coach
{IDS}
"""
T1_ROWS = [
    "IP Address,True,yes,P1,A,30,5,6",  # 4 kept
    ",,,,,,,",  # 5 blank
    "Survey Preview,False,no,,,,,",  # 6 preview, although also refused and unfinished
    "IP Address,False,no,P2,B,30,5,6",  # 7 no_consent, although also unfinished
    "IP Address,False,,P3,C,30,5,6",  # 8 unfinished: stopped before the consent question
    "IP Address,True,,P3,C,30,5,6",  # 9 no_consent: consent was not given
    "IP Address,False,yes,P4,D,17,5,6",  # 10 unfinished, although also excluded
    "IP Address,True,yes,,E,17,5,6",  # 11 excluded, although also without a code
    "IP Address,True,yes,,E,30,5,6",  # 12 no_dyad
    "IP Address,True,yes,P5,F,30,5,6",  # 13 two_in_role
    "IP Address,True,yes,P5,G,30,5,6",  # 14 two_in_role
    "IP Address,True,yes,P6,H,30,5,",  # 15 duplicate: row 16 answers more
    "IP Address,True,yes,P6,H,30,5,6",  # 16 kept
    "IP Address,True,yes,P7,I,30,5,6",  # 17 orphan
    "IP Address,True,yes,P8,W,30,5,6",  # 18 kept: W withdrew from t2 on
    "IP Address,True,yes,P9,X,30,5,6",  # 19 withdrawn from the start
]
COACHES_T1 = """\
pair,id,t1,t2
P1,a,1,2
P5,f,1,2
P6,h,1,2
P8,w,1,2
P9,x,1,2
P2,b,1,2
"""  # 2 kept, 3 orphan (both clients of P5 are out), 4 kept, 5 kept, 6 partner_withdrawn, 7 orphan
T2 = """\
role,pair,id,t1,t2
client,P1,A,7,7
coach,P1,a,7,7
client,P8,W,7,7
coach,P8,w,7,7
boss,P1,z,7,7
boss,,z,7,7
"""  # 2, 3 kept, 4 withdrawn, 5 kept, 6 unknown_role, 7 no_dyad
STUDY = """\
[study]
roles = ["coach", "client"]
waves = ["t1", "t2"]

[[source]]
path = "clients.csv"
name = "clients"
role = "client"
wave = "t1"
dyad = "pair"
person = "id"
exclude = { age = ["17"] }
duplicates = "first_complete"

[[source]]
path = "coaches.csv"
name = "coaches"
role = "coach"
wave = "t1"
dyad = "pair"
person = "id"

[[source]]
path = "later.csv"
name = "later"
role_column = "role"
wave = "t2"
dyad = "pair"
person = "id"

[[consent]]
column = "consent"
granted = ["yes"]
source = ["clients"]

[[withdrawal]]
path = "from_t2.csv"
person = "id"
from_wave = "t2"

[[withdrawal]]
path = "wholly.csv"
person = "id"
partner = "drop_dyad"

[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
"""


@pytest.fixture
def dyads(loaded):
    return loaded(
        STUDY,
        clients__csv=CLIENTS_T1 + "\n".join(T1_ROWS),
        coaches__csv=COACHES_T1,
        later__csv=T2,
        from_t2__csv="id\nW\n",
        wholly__csv="id\nX\n",
    )


def test_every_row_has_its_reason(dyads, entries):
    assert entries(dyads) == [
        ("clients", 5, "blank"),
        ("clients", 10, "unfinished"),
        ("clients", 11, "excluded"),
        ("clients", 12, "no_dyad"),
        ("clients", 13, "two_in_role"),
        ("clients", 14, "two_in_role"),
        ("clients", 15, "duplicate"),
        ("clients", 17, "orphan"),
        # Rows that consent forbids to use stand last, without a number.
        ("clients", None, "preview"),
        ("clients", None, "no_consent"),
        ("clients", None, "unfinished"),
        ("clients", None, "no_consent"),
        ("clients", None, "withdrawn"),
        ("coaches", 3, "orphan"),
        ("coaches", 7, "orphan"),
        ("coaches", None, "partner_withdrawn"),
        ("later", 6, "unknown_role"),
        ("later", 7, "no_dyad"),
        ("later", None, "withdrawn"),
    ]


def test_the_flow_is_the_ledger_counted(dyads, steps):
    assert steps(dyads) == {
        ("clients", "t1", "client"): {
            "read": 16,
            "blank": 1,
            "preview": 1,
            "no_consent": 2,
            "withdrawn": 1,
            "unfinished": 2,
            "excluded": 1,
            "no_dyad": 1,
            "two_in_role": 2,
            "duplicate": 1,
            "orphan": 1,
            "kept": 3,
        },
        ("coaches", "t1", "coach"): {"read": 6, "partner_withdrawn": 1, "orphan": 2, "kept": 3},
        ("later", "t2", "client"): {"read": 2, "withdrawn": 1, "kept": 1},
        ("later", "t2", "coach"): {"read": 2, "kept": 2},
        ("later", "t2", "-"): {"read": 2, "no_dyad": 1, "unknown_role": 1, "kept": 0},
    }


def test_the_rows_that_stay_are_the_frame(dyads, values):
    assert values(dyads, "trust") == {
        ("P1", "coach", "t1"): 1.5,
        ("P1", "client", "t1"): 5.5,
        ("P1", "coach", "t2"): 7,
        ("P1", "client", "t2"): 7,
        ("P6", "coach", "t1"): 1.5,
        ("P6", "client", "t1"): 5.5,
        ("P8", "coach", "t1"): 1.5,
        ("P8", "client", "t1"): 5.5,
        ("P8", "coach", "t2"): 7,
    }
    assert dyads.pairing().to_dict("list") == {
        "wave": ["t1", "t2", "every wave"],
        "dyads": [3, 2, 3],
        "complete": [3, 1, 1],
        "only_coach": [0, 1, None],
        "only_client": [0, 0, None],
    }


def test_the_details_say_which_rule_it_was(dyads, entries):
    details = {row: detail for _, row, detail in entries(dyads, "source", "row", "detail") if row}
    assert {details[row] for row in (11, 13, 15, 17)} == {
        "age",
        "2 people answered",
        "answered more than once",
        "the dyad code has one member only",
    }


def test_people_and_dyads_are_named_where_consent_allows_it(dyads, entries):
    named = entries(dyads, "source", "row", "person", "dyad")
    assert ("clients", 13, "F", "P5") in named
    assert ("clients", 12, "E", None) in named
    assert {tuple(entry[2:]) for entry in named if entry[1] is None} == {(None, None)}


def test_the_notes_name_no_one(dyads):
    assert dyads.notes == (
        "later: 1 row has a role that is not declared ('boss' in 'role'). Declare it in "
        "role_values.",
    )


# Which of two reasons counts: the earlier one in ROW_REASONS, whatever it is.

RULES = {
    "blank": {},
    "preview": {"Status": "Survey Preview"},
    "no_consent": {"consent": "no"},
    "withdrawn": {"id": "WITHDRAWN"},
    "unfinished": {"Finished": "0"},
    "excluded": {"age": "17"},
    "no_dyad": {"pair": ""},
    "unknown_role": {"role": "boss"},
    "unknown_wave": {"wave": "t9"},
}
GOOD = {
    **{"Status": "IP Address", "Finished": "1", "consent": "yes", "pair": "P1", "id": "A"},
    **{"role": "client", "wave": "t1", "age": "30", "t1": "5", "t2": "6"},
}
PAIRS = [
    (first, second)
    for place, first in enumerate(list(RULES)[1:])
    for second in list(RULES)[place + 2 :]
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_first_reason_that_applies_counts(loaded, first, second):
    assert list(ROW_REASONS).index(first) < list(ROW_REASONS).index(second)
    bad = {**GOOD, "id": "B", **RULES[first], **RULES[second]}
    rows = [GOOD, {**GOOD, "role": "coach", "id": "a"}, bad]
    lines = [",".join(GOOD), ",".join(GOOD), ",".join('"{""ImportId"":""x""}"' for _ in GOOD)]
    lines += [",".join(row.values()) for row in rows]
    dyads = loaded(
        '[study]\nroles = ["coach", "client"]\nwaves = ["t1", "t2"]\n'
        '[[source]]\npath = "a.csv"\nrole_column = "role"\nwave_column = "wave"\n'
        'dyad = "pair"\nperson = "id"\nexclude = { age = [17] }\n'
        '[[consent]]\ncolumn = "consent"\ngranted = ["yes"]\n'
        '[[withdrawal]]\npath = "w.csv"\nperson = "id"\n'
        '[scale.trust]\nitems = ["t1", "t2"]\nrange = [1, 7]\n',
        a__csv="\n".join(lines),
        w__csv="id\nWITHDRAWN\n",
    )
    assert dyads.exclusions["reason"].tolist() == [first]
    anonymous = {"no_consent", "withdrawn"} & {first, second}
    assert dyads.exclusions["row"].isna().tolist() == [bool(anonymous)]
    assert dyads.n_dyads == 1
