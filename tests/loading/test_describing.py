"""Questions become labels."""

from __future__ import annotations

QUALTRICS = """\
pair,t1,t2,age,city
{questions}
{ids}
P1,{answers}
"""
ENGLISH = (
    '"Your code","How far do you agree? - I trust you","How far do you agree? - I rely on you",'
    '"How old are\nyou?","Where?"'
)
GERMAN = '"Code","Wie sehr? - Ich vertraue","Wie sehr? - Ich verlasse mich","Alter?","Wo?"'
SCALES = (
    '[scale.trust]\nlabel = "Trust"\nitems = ["t1", "t2"]\nrange = [1, 7]\n'
    '[variable.age]\ncolumn = "age"\n[variable.city]\nlabel = "Town"\ncolumn = "city"\n'
    'type = "category"\n'
)
IDS = ",".join(f'"{{""ImportId"":""{name}""}}"' for name in "abcde")
COACHES = QUALTRICS.format(ids=IDS, questions=ENGLISH, answers="1,2,30,Rome")
CLIENTS = QUALTRICS.format(ids=IDS, questions=GERMAN, answers="3,4,31,Bonn")


def test_questions_become_labels(two_files):
    variables = two_files(COACHES, CLIENTS, scales=SCALES).variables
    assert variables["trust"].label == "Trust"
    # The first role's question, without the stem that the items share.
    assert variables["t1"].label == "I trust you"
    assert variables["t2"].label == "I rely on you"
    assert variables["age"].label == "How old are you?"
    # A declared label wins.
    assert variables["city"].label == "Town"


def test_every_question_is_kept_by_role_and_wave(two_files):
    variables = two_files(COACHES, CLIENTS, scales=SCALES).variables
    assert variables["t1"].texts == {
        ("coach", ""): "How far do you agree? - I trust you",
        ("client", ""): "Wie sehr? - Ich vertraue",
    }


def test_without_questions_items_are_called_by_their_place(two_files):
    plain = "pair,t1,t2,age,city\nP1,1,2,30,Rome\n"
    variables = two_files(plain, plain, scales=SCALES).variables
    assert [variables[name].label for name in ("t1", "t2", "age")] == [
        *("Trust, item 1", "Trust, item 2", "Age")
    ]
    assert variables["t1"].texts == {}


def test_the_question_may_come_from_the_other_role(two_files):
    plain = "pair,t1,t2,age,city\nP1,1,2,30,Rome\n"
    variables = two_files(plain, CLIENTS, scales=SCALES).variables
    assert variables["t1"].label == "Ich vertraue"


def test_different_stems_are_kept(two_files):
    questions = '"Code","First - I trust you","Second - I rely on you","Old?","Where?"'
    text = QUALTRICS.format(ids=IDS, questions=questions, answers="1,2,30,Rome")
    variables = two_files(text, text, scales=SCALES).variables
    assert variables["t1"].label == "First - I trust you"


def test_variables_know_where_they_were_asked(loaded):
    toml = (
        '[study]\nroles = ["coach", "client"]\nwaves = ["w1", "w2"]\n'
        '[[source]]\npath = "a.csv"\nrole_column = "role"\nwave_column = "wave"\ndyad = "pair"\n'
        '[scale.short]\nitems = ["t1"]\nrange = [1, 7]\nroles = ["client"]\nwaves = ["w2"]\n'
        '[scale.long]\nitems = ["t1", "t2"]\nrange = [1, 7]\nroles = ["coach"]\nabout = "self"\n'
    )
    text = "role,wave,pair,t1,t2\ncoach,w1,P1,1,1\nclient,w1,P1,1,1\n"
    variables = loaded(toml, a__csv=text).variables
    assert (variables["short"].roles, variables["short"].waves) == (("client",), ("w2",))
    # An item of two scales was asked wherever one of them was.
    assert (variables["t1"].roles, variables["t1"].waves) == (("coach", "client"), ("w1", "w2"))
    assert (variables["t2"].roles, variables["t2"].about) == (("coach",), "self")
    assert list(variables) == ["short", "long", "t1", "t2"]
