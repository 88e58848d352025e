from __future__ import annotations

import pytest

from dyadkit.loading.drafting.guess_words import (
    choose_roles,
    role_of,
    role_words,
    roles_in,
    wave_in,
)


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("mentors", ["mentor"]),
        ("Führungskräfte_Welle1", ["fuehrungskraft"]),
        ("Mitarbeitende", ["mitarbeiter"]),
        ("líderes", ["lider"]),
        ("élèves", ["eleve"]),
        ("coachés", ["coachee"]),
        ("husbands and wives", ["husband", "wife"]),
        ("coachSurvey2", ["coach"]),
        ("coacht1", ["coach"]),
        ("employees", ["employee"]),
        ("coaches", ["coach"]),
        ("Klientinnen", ["klient"]),
        ("Kinder", ["kind"]),
        ("mentoring", []),
        ("leadership_2025", []),
        ("report", []),
    ],
)
def test_roles_are_known_in_several_languages(name, roles):
    assert roles_in(name) == roles


@pytest.mark.parametrize(
    ("name", "wave"),
    [
        ("clients_t2", 2),
        ("T1", 1),
        ("wave 3", 3),
        ("Welle_02", 2),
        ("ola1", 1),
        ("vague2", 2),
        ("pre", 1),
        ("posttest", 2),
        ("follow", None),
        ("clients", None),
        ("trust_w_1", None),
        ("item12", None),
        ("t0", 0),
    ],
)
def test_waves_are_known_in_several_languages(name, wave):
    assert wave_in(name) == wave


def test_words_run_together_in_names_of_columns_are_found():
    assert [(w.text, w.meaning) for w in role_words("clienttrust1")] == [("client", "client")]
    assert list(role_words("trust1")) == []


def test_a_word_of_two_languages_means_one_role():
    assert role_of("patienten") == role_of("patients") == "patient"


def test_roles_that_belong_together_are_preferred():
    assert choose_roles({"client": 5, "patient": 1, "therapist": 1}) == ("therapist", "client")
    assert choose_roles({"student": 2, "mentor": 1}) == ("student", "mentor")
