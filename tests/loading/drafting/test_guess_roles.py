from __future__ import annotations

from dataclasses import replace

import pytest

from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_roles import (
    abbreviates,
    meaning_of,
    named_roles,
    one_role_each,
    study_roles,
    usual_meanings,
    with_role,
)
from dyadkit.loading.drafting.guess_source import SourceGuess
from tests.loading.making_exports import answers, ids, make_export, spelt


def source(path, columns, **more):
    export = make_export(path, columns, **more)
    return SourceGuess(export, guess_layout(export, one_role=False))


def test_roles_stand_in_names_of_sheets_files_and_folders():
    assert named_roles(make_export("data/all.xlsx", {}, sheet="Mentors")) == ["mentor"]
    assert named_roles(make_export("coaches/t1.csv", {})) == ["coach"]
    assert named_roles(make_export("mentors/clients_t1.csv", {})) == ["client"]


def test_one_role_in_the_names_of_all_files_is_the_subject_of_the_study():
    both = [make_export("mentors.csv", {}), make_export("mentees.csv", {})]
    assert set(one_role_each(both).values()) == {True}
    study = [make_export("mentor_study_t1.csv", {}), make_export("mentor_study_t2.csv", {})]
    assert set(one_role_each(study).values()) == {False}


@pytest.mark.parametrize(
    ("paths", "roles"),
    [
        (["mentors.csv", "mentees_t1.sav"], ("mentor", "mentee")),
        (["Mitarbeiter.csv", "Führungskräfte.csv"], ("fuehrungskraft", "mitarbeiter")),
        (["a.csv", "b.csv"], ()),
        (["wives.csv", "b.csv"], ("wife", "husband")),
    ],
)
def test_names_of_files_tell_the_roles(paths, roles):
    assert study_roles([source(path, answers(["a1", "a2"])) for path in paths], []) == roles


def test_names_of_columns_and_key_files_tell_the_roles():
    data = source(
        "a.csv", {"leader_id": ids("L"), "follower_id": ids("F"), **answers(["a1", "a2"])}
    )
    assert study_roles([data], []) == ("leader", "follower")
    keys = make_export("pairs.csv", {"coach": ids("C"), "client": ids("K")})
    assert study_roles([source("a.csv", answers(["a1", "a2"]))], [keys]) == ("coach", "client")


def test_abbreviations_in_names_of_columns_tell_the_roles():
    letters = source("all.csv", {"id": ids("C"), **spelt(["{item}_m", "{item}_f"], ["a1", "a2"])})
    assert study_roles([letters], []) == ("female", "male")
    alike = source("all.csv", {"id": ids("C"), **spelt(["{item}_A", "{item}_B"], ["a1", "a2"])})
    assert study_roles([alike], []) == ("partner",)


def test_a_word_means_the_role_it_begins():
    assert meaning_of("ment", ("mentor", "developee")) == "mentor"
    assert meaning_of("Chef", ("chef", "employe")) == "chef"
    assert meaning_of("me", ("mentor", "mentee")) == "me"
    assert usual_meanings(["H", "W"]) == {"W": "wife", "H": "husband"}
    assert abbreviates("dev_id", "developee")
    assert not abbreviates("m_id", "mentor")


@pytest.mark.parametrize(
    ("name", "words", "values"),
    [
        ("role", ["Mentor", "Mentee"], {"Mentor": "mentor", "Mentee": "mentee"}),
        ("who_are_you", ["I am a mentee", "I am a mentor"], None),
        ("Rolle", ["1", "2"], {"1": "mentor", "2": "mentee"}),
        ("format", ["1", "2"], None),
        ("gender", ["1", "2"], None),
    ],
)
def test_a_column_may_tell_the_role(name, words, values):
    data = source("all.csv", {"pair": ids("P"), name: words * 20, **answers(["a1", "a2"])})
    found = with_role(data, ("mentor", "mentee"))
    assert found.role == ""
    if values is None and name.startswith("who"):
        values = {"I am a mentee": "mentee", "I am a mentor": "mentor"}
    assert (found.role_column, dict(found.role_values)) == ((name, values) if values else ("", {}))


def test_labels_tell_what_codes_mean():
    data = source(
        "all.sav",
        {"v7": ["1", "2"] * 20, **answers(["a1", "a2"])},
        value_labels={"v7": {"1": "Husband", "2": "Wife"}},
    )
    assert study_roles([data], []) == ("wife", "husband")
    assert with_role(data, ("wife", "husband")).role_values == {"1": "husband", "2": "wife"}


def test_gender_tells_the_role_of_wives_and_husbands_only():
    data = source("all.csv", {"sex": ["1", "2"] * 20, **answers(["a1", "a2"])})
    assert with_role(data, ("wife", "husband")).role_column == "sex"
    assert with_role(data, ("coach", "client")).role_column == ""


def test_a_rare_word_is_no_role():
    words = ["Mentor"] * 30 + ["Mentee"] * 30 + ["mentor?"]
    found = with_role(source("all.csv", {"role": words}), ("mentor", "mentee"))
    assert found.role_values == {"Mentor": "mentor", "Mentee": "mentee"}


def test_the_id_tells_the_role_of_a_file():
    data = source("b.csv", {"coach_id": ids("C"), **answers(["a1", "a2"])})
    assert with_role(data, ("coach", "client")).role == "coach"
    both = source("b.csv", {"coach_id": ids("C"), "client_id": ids("K"), **answers(["a1", "a2"])})
    assert with_role(both, ("coach", "client")).role == ""
    assert replace(both, role="coach").roles == ("coach",)
