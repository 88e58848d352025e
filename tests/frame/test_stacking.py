"""One row per dyad → individual rows."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.frame import DyadFrame

WIDE = pd.DataFrame(
    {
        "pair": ["P2", "P1"],
        "trust_coach": [3.0, 1.0],
        "trust_client": [None, 2.0],
        "city": ["Bonn", "Rome"],
    }
)
ROLES = ("coach", "client")


def read(data, roles=ROLES, **options):
    return DyadFrame.from_wide(data, dyad="pair", roles=roles, **options)


def test_columns_become_rows_and_the_rest_describes_the_dyad():
    dyads = read(WIDE)
    assert dyads.individual().drop(columns="person").to_numpy().tolist() == [
        ["P1", "coach", 1, "Rome"],
        ["P1", "client", 2, "Rome"],
        ["P2", "coach", 3, "Bonn"],
    ]
    assert dyads.variables["city"].level == "dyad"
    assert dyads.variables["trust"].roles == ("coach", "client")
    assert dyads.pairing()["complete"].tolist() == [1]


def test_patterns_say_how_columns_are_called():
    data = pd.DataFrame({"pair": [1], "t2.coach.trust": [1.0], "t1.client.trust": [2.0]})
    dyads = read(data, columns="{wave}.{role}.{variable}", waves=("t1", "t2"))
    assert dyads.wide()[["trust_client_t1", "trust_coach_t2"]].to_numpy().tolist() == [[2, 1]]


def test_exchangeable_members_end_in_1_and_2():
    data = pd.DataFrame({"pair": [1], "x_1": [1.0], "x_2": [2.0], "person_1": ["z"]})
    dyads = read(data, roles=("peer",))
    assert dyads.individual().to_numpy().tolist()[0][:3] == [1, "1", "peer"]
    assert dyads.wide()["x_2"].tolist() == [2]
    assert dyads.individual()["person"].tolist()[0] == "z"


def test_columns_of_the_dyad_may_be_by_wave_or_for_all():
    data = pd.DataFrame(
        {"pair": [1], "x_coach_t1": [1.0], "x_coach_t2": [2.0], "z_t2": [5.0], "city": ["Rome"]}
    )
    dyads = read(data, columns="{variable}_{role}_{wave}", waves=("t1", "t2"))
    rows = dyads.individual().set_index("wave")
    assert rows["z"].fillna(0).to_dict() == {"t1": 0, "t2": 5}
    assert rows["city"].to_dict() == {"t1": "Rome", "t2": "Rome"}


def test_dyads_without_an_answer_are_noted():
    data = pd.DataFrame({"pair": [1, 2], "x_coach": [1.0, None], "x_client": [2.0, None]})
    dyads = read(data.assign(city=["Rome", "Bonn"]))
    assert dyads.n_dyads == 1
    assert dyads.notes == ("1 dyad without an answer of either member was left out.",)


def test_a_person_without_an_answer_is_there_in_a_study_of_one_wave():
    data = pd.DataFrame({"pair": [1], "x_coach": [1.0], "x_client": [None], "person_client": ["C"]})
    assert read(data).pairing()["complete"].tolist() == [1]


@pytest.mark.parametrize(
    ("data", "options", "kind", "words"),
    [
        (WIDE, {"columns": "{variable}"}, StudyError, r"must have \{role\} once; write e.g."),
        (WIDE, {"columns": "{role}{role}{variable}"}, StudyError, r"must have \{role\} once"),
        (WIDE, {"waves": ("t1",)}, StudyError, r"must have \{wave\} once"),
        (WIDE, {"columns": "{variable}.{role}"}, StudyError, r"No column fits the pattern .*coach"),
        (WIDE, {"roles": ("a", "b", "c")}, StudyError, "A dyad has two roles, or one"),
        (WIDE, {"roles": ("a", "a")}, StudyError, "A dyad has two roles, or one"),
        (WIDE.drop(columns="pair"), {}, StudyError, "There is no column 'pair'"),
        (
            WIDE.assign(pair=["P1", "P1"]),
            {},
            DataError,
            r"2 rows share a code in 'pair' \(positions",
        ),
        (WIDE.assign(pair=["P1", None]), {}, DataError, "1 row has no dyad code in 'pair'"),
        (WIDE[:0], {}, DataError, "has no rows"),
        (WIDE.assign(trust_coach=None, trust_client=None), {}, DataError, "No member of a dyad"),
        (WIDE.assign(present_coach=1), {}, DataError, r"'present_…' say which members have a row"),
        (WIDE.assign(wave_coach=1), {}, StudyError, "'wave' have a name that dyadkit uses itself"),
        (
            WIDE.rename(columns={"city": "trust_old_client"}),
            {"roles": ("client", "old_client")},
            StudyError,
            "can be read in two ways .* as 'trust_old' of client and as 'trust' of old_client",
        ),
    ],
)
def test_bad_frames_are_refused(data, options, kind, words):
    with pytest.raises(kind, match=words):
        read(data, **{"roles": ROLES, **options})


def test_the_frame_given_stays_as_it_was():
    before = WIDE.copy()
    read(WIDE)
    pd.testing.assert_frame_equal(WIDE, before)
