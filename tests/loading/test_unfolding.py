"""Rows that hold several records: dyads, loops, waves in columns."""

from __future__ import annotations

import pytest

from dyadkit.errors import DataError
from dyadkit.loading.screening.inspection import inspect
from dyadkit.study import read_study

DYAD = """\
[study]
roles = ["mentor", "developee"]
{waves}
orphans = "keep"

[[source]]
path = "pairs.csv"
layout = "dyad"
{source}

[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
{level}
{rest}
"""

LOOP = """\
[study]
roles = ["mentor", "developee"]
{waves}
orphans = "keep"

[[source]]
path = "mentors.csv"
name = "mentors"
layout = "loop"
role = "mentor"
person = "id"
slots = ["1", "2"]
partner = "p{{slot}}"
columns = "{{item}}_{{slot}}"
{source}

[[source]]
path = "developees.csv"
name = "developees"
role = "developee"
person = "id"
{other}

[scale.trust]
items = ["t1", "t2"]
range = [1, 7]
level = "relationship"
minimum_answered = 1
{rest}
"""
DEVELOPEES = "id,t1,t2\nD1,1,1\nD2,2,2\nD3,3,3\n"


@pytest.fixture
def dyad_rows(loaded):
    """Return what loads one row per dyad."""

    def load_rows(text: str, source: str, waves: str = "", rest: str = "", level: str = ""):
        toml = DYAD.format(source=source, waves=waves, rest=rest, level=level)
        return loaded(toml, pairs__csv=text)

    return load_rows


@pytest.fixture
def loops(loaded):
    """Return what loads mentors in loops, and developees."""

    def load_loops(mentors, developees=DEVELOPEES, source="", other="", waves="", rest=""):
        return loaded(
            LOOP.format(source=source, other=other, waves=waves, rest=rest),
            mentors__csv=mentors,
            developees__csv=developees,
        )

    return load_loops


def trust(dyads, member: str) -> dict[str, float]:
    wide = dyads.wide(["trust"]).set_index("dyad")
    return {code: value for code, value in wide[f"trust_{member}"].items() if value == value}


def test_names_are_written_out_in_any_order(dyad_rows):
    dyads = dyad_rows(
        "pair,mentor.t1,mentor.t2,developee.t1,developee.t2\nA,1,2,3,4\n",
        'dyad = "pair"\ncolumns = "{role}.{item}"',
    )
    assert trust(dyads, "mentor") == {"A": 1.5}
    assert trust(dyads, "developee") == {"A": 3.5}


def test_ids_of_both_members_make_the_dyad(dyad_rows):
    dyads = dyad_rows(
        "id_m,id_d,t1_m,t2_m,t1_d,t2_d\nM1,D1,1,1,2,2\nM1,D2,3,3,4,4\n,D3,5,5,6,6\n",
        'person = "id_{role}"\ncolumns = "{item}_{role}"\n'
        'role_values = { m = "mentor", d = "developee" }',
        level='level = "relationship"',
    )
    assert trust(dyads, "mentor") == {"M1+D1": 1, "M1+D2": 3}
    assert dyads.individual()["person"].tolist() == ["M1", "D1", "M1", "D2"]
    lost = dyads.exclusions
    assert lost[["row", "role", "reason"]].to_numpy().tolist() == [
        [4, "mentor", "no_dyad"],
        [4, "developee", "no_dyad"],
    ]


def test_a_member_without_answers_has_no_record(dyad_rows):
    dyads = dyad_rows(
        "pair,t1_mentor,t2_mentor,t1_developee,t2_developee\nA,1,2,,\nB,,,,\n,,,,\nC,1,1,2,2\n",
        'dyad = "pair"\ncolumns = "{item}_{role}"',
    )
    assert dyads.n_dyads == 2
    lost = dyads.exclusions
    assert lost[["row", "reason"]].to_numpy().tolist() == [[3, "blank"], [4, "blank"]]
    assert lost["detail"].tolist()[0] == "nobody answered"
    flow = dyads.flow()
    assert flow.query("step == 'read'")["n"].sum() == 5  # A once, B, the empty line, C twice


def test_a_file_may_hold_one_wave(dyad_rows):
    dyads = dyad_rows(
        "pair,when,t1_mentor,t2_mentor,t1_developee,t2_developee\nA,1,1,1,2,2\nA,2,3,3,4,4\n",
        'dyad = "pair"\ncolumns = "{item}_{role}"\nwave_column = "when"\n'
        'wave_values = { "1" = "w1", "2" = "w2" }',
        waves='waves = ["w1", "w2"]',
    )
    assert dyads.wide(["trust"])["trust_developee_w2"].tolist() == [4]


def test_a_name_with_a_place_of_its_own_is_completed_as_it_is(dyad_rows):
    dyads = dyad_rows(
        "pair,t1_mentor_w1,t2_mentor_w1,t1_developee_w1,t2_developee_w1,t1_mentor_w2,t2_mentor_w2,"
        "t1_developee_w2,t2_developee_w2,married_w1,married_w2\nA,1,1,2,2,3,3,4,4,0,1\n",
        'dyad = "pair"\ncolumns = "{item}_{role}_{wave}"',
        waves='waves = ["w1", "w2"]',
        rest='[variable.married]\ncolumn = "married_{wave}"\nlevel = "dyad"\n',
    )
    wide = dyads.wide(["married"])
    assert wide[["married_w1", "married_w2"]].to_numpy().tolist() == [[0, 1]]


def test_members_who_share_a_role_are_columns_1_and_2(loaded):
    dyads = loaded(
        '[study]\nroles = ["peer"]\nwaves = ["w1", "w2"]\n[[source]]\npath = "pairs.csv"\n'
        'layout = "dyad"\ndyad = "pair"\ncolumns = "{item}_{role}_{wave}"\n'
        '[scale.trust]\nitems = ["t"]\nrange = [1, 7]\n',
        pairs__csv="pair,t_1_w1,t_2_w1,t_1_w2,t_2_w2\nA,1,2,3,4\nB,5,6,,\n",
    )
    wide = dyads.wide(["trust"])
    assert wide["trust_2_w2"].tolist()[0] == 4
    assert wide["trust_1_w1"].tolist() == [1, 5]


def test_consent_may_stand_in_a_column_of_each_member(dyad_rows):
    dyads = dyad_rows(
        "pair,ok_mentor,ok_developee,t1_mentor,t2_mentor,t1_developee,t2_developee\n"
        "A,1,0,1,1,2,2\nB,1,1,3,3,4,4\n",
        'dyad = "pair"\ncolumns = "{item}_{role}"',
        rest='[[consent]]\ncolumn = "ok_{role}"\ngranted = [1]\n',
    )
    assert trust(dyads, "developee") == {"B": 4}
    lost = dyads.exclusions
    assert lost["reason"].tolist() == ["no_consent"]
    assert lost["row"].isna().all()


def test_an_absent_column_of_a_wave_is_named(dyad_rows):
    with pytest.raises(DataError, match=r"'t2_developee' \(scale trust\)"):
        dyad_rows(
            "pair,t1_mentor,t2_mentor,t1_developee\nA,1,1,1\n",
            'dyad = "pair"\ncolumns = "{item}_{role}"',
        )


def test_each_filled_slot_is_a_record(loops):
    dyads = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D1,5,5,D2,6,6\nM2,D3,7,7,,,\n")
    assert trust(dyads, "mentor") == {"M1+D1": 5, "M1+D2": 6, "M2+D3": 7}
    assert trust(dyads, "developee") == {"M1+D1": 1, "M1+D2": 2, "M2+D3": 3}
    reads = dyads.flow().query("step == 'read'").set_index("source")["n"]
    assert reads.to_dict() == {"mentors": 3, "developees": 3}


def test_a_slot_with_answers_and_no_id_is_counted(loops):
    dyads = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D1,5,5,,6,\nM2,,,,,,\n,,,,,,\n")
    mine = dyads.exclusions.query("source == 'mentors'")
    assert mine[["row", "reason"]].to_numpy().tolist() == [
        [2, "no_dyad"],
        [3, "no_dyad"],
        [4, "blank"],
    ]


def test_slots_that_repeat_a_person_are_duplicates(loops):
    text = "id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D1,5,5,D1,6,\n"
    with pytest.raises(DataError, match="1 person answered more than once"):
        loops(text)
    dyads = loops(text, source='duplicates = "first_complete"')
    assert trust(dyads, "mentor") == {"M1+D1": 5}


def test_who_names_themselves_is_not_linked(loops):
    dyads = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,M1,5,5,D2,6,6\n")
    mine = dyads.exclusions.query("source == 'mentors'")
    assert mine[["reason", "detail"]].to_numpy().tolist() == [
        ["not_linked", "names itself as the partner"]
    ]


def test_developees_whom_nobody_names_are_not_linked(loops):
    dyads = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D1,5,5,,,\n")
    mine = dyads.exclusions.query("source == 'developees'")
    assert mine[["row", "reason"]].to_numpy().tolist() == [[3, "not_linked"], [4, "not_linked"]]


def test_who_refuses_links_nobody(loops):
    """The pairs that a refused row names are not used for anybody else either."""
    dyads = loops(
        "id,ok,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,no,D1,5,5,D2,6,6\nM2,yes,D3,7,7,,,\n",
        rest='[[consent]]\ncolumn = "ok"\ngranted = ["yes"]\nsource = ["mentors"]\n',
    )
    assert dyads.wide(["trust"])["dyad"].tolist() == ["M2+D3"]
    lost = dyads.exclusions
    assert lost.query("source == 'mentors'")["reason"].tolist() == ["no_consent"] * 2
    assert lost.query("source == 'mentors'")[["row", "person", "dyad"]].isna().all(axis=None)
    assert "M1" not in lost.to_csv()


def test_waves_and_slots_in_one_row(loaded):
    toml = LOOP.format(source="", other='wave = "w1"', waves='waves = ["w1", "w2"]', rest="")
    dyads = loaded(
        toml.replace("{item}_{slot}", "{item}_{slot}_{wave}"),
        mentors__csv="id,p1,t1_1_w1,t2_1_w1,t1_1_w2,t2_1_w2,p2,t1_2_w1,t2_2_w1,t1_2_w2,t2_2_w2\n"
        "M1,D1,1,1,2,2,D2,3,3,,\n",
        developees__csv=DEVELOPEES,
    )
    wide = dyads.wide(["trust"]).set_index("dyad")
    assert wide["trust_mentor_w1"].to_dict() == {"M1+D1": 1, "M1+D2": 3}
    assert wide["trust_mentor_w2"].dropna().to_dict() == {"M1+D1": 2}


def test_the_order_of_slots_changes_nothing(loops):
    one = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D1,5,5,D2,6,6\n")
    other = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,D2,6,6,D1,5,5\n")
    assert trust(one, "mentor") == trust(other, "mentor")


def test_who_names_themselves_is_told_about(loops):
    dyads = loops("id,p1,t1_1,t2_1,p2,t1_2,t2_2\nM1,M1,5,5,D2,6,6\n")
    assert dyads.notes[0] == (
        "mentors: 1 row pairs an id with itself, and links nobody. Correct the ids; if mentors and "
        "developees are numbered alike, give each an id of their own."
    )


def test_a_missing_column_of_a_slot_is_all_that_is_wrong(write):
    """The developees' file can be read, but nothing says any more whose developees they are."""
    toml = LOOP.format(source="", other="", waves="", rest="")
    path = write(
        toml, mentors__csv="id,p1,t1_1,t2_1,p2,t1_2\nM1,D1,5,5,D2,6\n", developees__csv=DEVELOPEES
    )
    problems = inspect(read_study(path)).problems
    assert len(problems) == 1
    assert "mentors lacks 1 column that the study file names: 't2_2'" in problems[0].text


def test_an_exclusion_names_the_column_it_found(dyad_rows):
    dyads = dyad_rows(
        "pair,test_mentor,test_developee,t1_mentor,t2_mentor,t1_developee,t2_developee\n"
        "A,0,1,1,1,2,2\nB,0,0,3,3,4,4\n",
        'dyad = "pair"\ncolumns = "{item}_{role}"\nexclude = { "test_{role}" = [1] }',
    )
    assert dyads.exclusions[["row", "role", "reason", "detail"]].to_numpy().tolist() == [
        [2, "developee", "excluded", "test_developee"]
    ]
