"""Days and time stamps of records, and the occasions of a diary."""

from __future__ import annotations

import pandas as pd
import pytest

from dyadkit.errors import DataError, StudyError
from dyadkit.loading.screening.inspection import inspect
from dyadkit.study import read_study

DIARY = """\
[study]
roles = ["leader", "follower"]
{waves}
orphans = "keep"

[[source]]
path = "diary.csv"
name = "diary"
role_column = "role"
dyad = "pair"
occasion = "day"
time = "at"
{source}
{rest}
[variable.mood]
column = "mood"
"""


@pytest.fixture
def diary(loaded):
    """Return what loads a diary from its rows below role, pair, day and stamp."""

    def load_diary(rows: str, source: str = 'timezone = "Europe/Rome"', rest: str = "", **files):
        waves = files.pop("waves", "")
        toml = DIARY.format(source=source, rest=rest, waves=waves)
        return loaded(toml, diary__csv=f"role,pair,day,at,mood\n{rows}", **files)

    return load_diary


def stamps(dyads) -> list[str]:
    return dyads.individual()["time"].astype(str).tolist()


def test_stamps_are_in_universal_time(diary):
    dyads = diary(
        "leader,P1,1,2026-01-05T18:00,3\nleader,P1,2,2026-07-05T18:00:30,4\n"
        "leader,P1,3,2026-07-05T18:00:30-04:00,4\n"
    )
    assert stamps(dyads) == [
        "2026-01-05 17:00:00+00:00",
        "2026-07-05 16:00:30+00:00",
        "2026-07-05 22:00:30+00:00",
    ]


def test_without_a_zone_stamps_stay_as_on_the_wall(diary):
    dyads = diary("leader,P1,1,2026-01-05T18:00,3\n", source="")
    assert stamps(dyads) == ["2026-01-05 18:00:00"]


def test_an_offset_needs_a_zone(diary):
    with pytest.raises(DataError, match=r"1 time stamp in 'at' \(row 2\).*Say timezone"):
        diary("leader,P1,1,2026-01-05T18:00Z,3\nleader,P1,2,2026-01-06T18:00,3\n", source="")


def test_strange_stamps_are_listed(diary):
    with pytest.raises(DataError, match="cannot be read as a time stamp like") as found:
        diary("leader,P1,1,5 p.m.,3\nleader,P1,2,2026-01-06T18:00,3\n")
    assert "'5 p.m.' (row 2)" in str(found.value)


def test_strange_dates_are_listed(loaded):
    with pytest.raises(
        DataError, match=r"'day' cannot be read as a date like 2026-01-31: '1/5/26'"
    ):
        loaded(
            '[study]\nroles = ["a", "b"]\n[[source]]\npath = "x.csv"\nrole_column = "role"\n'
            'dyad = "pair"\ndate = "day"\n[variable.y]\ncolumn = "y"\n',
            x__csv="role,pair,day,y\na,P1,1/5/26,1\nb,P1,,2\n",
        )


def test_occasions_are_sorted_as_numbers(diary):
    dyads = diary("".join(f"leader,P1,{day},2026-01-{day:02}T18:00,{day}\n" for day in (10, 9, 11)))
    assert dyads.individual()["occasion"].tolist() == [9, 10, 11]
    assert dyads.individual()["mood"].tolist() == [9, 10, 11]


def test_occasions_may_be_dates(diary):
    dyads = diary("leader,P1,2026-01-06,,3\nleader,P1,2026-01-05,,4\n")
    assert dyads.individual()["occasion"].tolist() == ["2026-01-05", "2026-01-06"]
    assert dyads.individual()["time"].isna().all()


def test_an_occasion_that_nobody_knows_is_counted(diary):
    dyads = diary("leader,P1,1,,3\nleader,P1,Monday,,4\nleader,P1,,,5\n")
    assert dyads.exclusions["reason"].tolist() == ["unknown_occasion"] * 2
    assert dyads.exclusions["row"].tolist() == [3, 4]
    assert "no occasion in 'day'" in dyads.notes[0]


def test_two_answers_on_an_occasion_are_duplicates(diary):
    rows = "leader,P1,1,,3\nleader,P1,1,,4\nleader,P1,2,,5\n"
    with pytest.raises(DataError, match=r"1 person answered more than once \(diary, rows 2, 3\)"):
        diary(rows)
    dyads = diary(rows, source='duplicates = "last"')
    assert dyads.individual()["mood"].tolist() == [4, 5]


def test_a_questionnaire_before_the_diary_has_no_occasion(diary):
    dyads = diary(
        "leader,P1,1,2026-01-05T18:00,3\nfollower,P1,1,2026-01-05T18:10,5\n",
        source='wave = "diary"\ntimezone = "Europe/Rome"',
        waves='waves = ["before", "diary"]',
        rest='[[source]]\npath = "before.csv"\nname = "before"\nrole_column = "role"\n'
        'dyad = "pair"\nwave = "before"\n[variable.age]\ncolumn = "age"\nwaves = ["before"]\n',
        before__csv="role,pair,age,mood\nleader,P1,40,\nfollower,P1,30,\n",
    )
    rows = dyads.individual()
    assert rows[["wave", "role"]].to_numpy().tolist() == [
        ["before", "leader"],
        ["before", "follower"],
        ["diary", "leader"],
        ["diary", "follower"],
    ]
    assert rows["occasion"].isna().tolist() == [True, True, False, False]
    assert dyads.pairing()["complete"].tolist() == [1, 1, 1]
    pairs = dyads.pairwise(["age"])
    assert pairs.query("wave == 'before'")["age_partner"].tolist() == [30, 40]


def test_zones_are_said_everywhere_or_nowhere(diary):
    with pytest.raises(StudyError, match="says no timezone, and other sources do"):
        diary(
            "leader,P1,1,,3\n",
            rest='[[source]]\npath = "b.csv"\nrole_column = "role"\ndyad = "pair"\n'
            'occasion = "day"\ntime = "at"\n',
            b__csv="role,pair,day,at,mood\n",
        )


def test_dates_without_stamps_become_the_time(loaded):
    dyads = loaded(
        '[study]\nroles = ["a", "b"]\norphans = "keep"\n[[source]]\npath = "x.csv"\n'
        'role_column = "role"\ndyad = "pair"\ndate = "EndDate"\n[variable.y]\ncolumn = "y"\n',
        x__csv="role,pair,EndDate,y\na,P1,2026-01-05 10:00:00,1\nb,P1,,2\n",
    )
    moments = dyads.individual()["time"]
    assert moments.iloc[0] == pd.Timestamp("2026-01-05 10:00:00")
    assert moments.isna().tolist() == [False, True]


def test_clock_changes_are_counted_and_listed_by_check(diary, tmp_path):
    dyads = diary("leader,P1,1,2026-10-25T02:30,3\nleader,P1,2,2026-03-29T02:30,3\n")
    (note,) = dyads.notes
    assert note.startswith("diary: 2 time stamps fall into hours in which clocks were changed")
    findings = inspect(read_study(tmp_path / "study.toml")).findings
    kinds = {finding.kind: finding.places for finding in findings}
    assert kinds["ambiguous_times"] == (("diary", 2),)
    assert kinds["nonexistent_times"] == (("diary", 3),)
