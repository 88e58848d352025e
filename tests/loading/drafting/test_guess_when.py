from __future__ import annotations

from dataclasses import replace

import pytest

from dyadkit.loading.drafting.guess_layouts import guess_layout
from dyadkit.loading.drafting.guess_source import SourceGuess
from dyadkit.loading.drafting.guess_when import number_waves, with_moments, with_wave
from tests.loading.making_exports import answers, ids, make_export


def source(path, columns, **more):
    export = make_export(path, columns, **more)
    return SourceGuess(export, guess_layout(export, one_role=True))


@pytest.mark.parametrize(
    ("path", "wave"),
    [("clients_t2.csv", 2), ("t1/clients.csv", 1), ("pre.sav", 1), ("clients.csv", None)],
)
def test_the_name_of_a_file_or_folder_tells_the_wave(path, wave):
    assert with_wave(source(path, answers(["a1", "a2"]))).wave == wave


@pytest.mark.parametrize(
    ("name", "words", "values"),
    [
        ("wave", ["1", "2", "3", "1"], {"1": 1, "2": 2, "3": 3}),
        ("Welle", ["2", "1"], {"1": 1, "2": 2}),
        ("time_point", ["t1", "t2"], {"t1": 1, "t2": 2}),
        ("time", ["pre", "post"], {"pre": 1, "post": 2}),
        ("t", ["0", "1"], {"0": 0, "1": 1}),
        ("wave", ["1", "3"], {}),
        ("time", ["3", "4", "5"], {}),
        ("time", [str(day) for day in range(1, 15)], {}),
        ("time_spent", ["1", "2", "3"], {}),
        ("session", ["1", "2", "A"], {}),
    ],
)
def test_a_column_may_tell_the_wave(name, words, values):
    found = with_wave(source("all.csv", {name: words * 10, **answers(["a1", "a2"])}))
    assert found.wave_values == values
    assert found.wave_column == (name if values else "")


def test_labels_tell_what_codes_of_waves_mean():
    labels = {"wave": {"a": "baseline", "b": "post"}}
    found = with_wave(source("all.sav", {"wave": ["a", "b"] * 9}, value_labels=labels))
    assert found.wave_values == {"a": 1, "b": 2}


def test_numbers_at_the_end_of_names_are_waves_if_nothing_else_differs():
    paths = ["coach_1.csv", "coach_2.csv", "client1.csv", "other.csv"]
    sources = number_waves([source(path, answers(["a1", "a2"])) for path in paths])
    assert [found.wave for found in sources] == [1, 2, None, None]


def test_what_qualtrics_records_is_named():
    columns = {
        "StartDate": ["2025-03-03 10:00:00"] * 40,
        "EndDate": ["2025-03-03 10:05:00"] * 40,
        "Duration (in seconds)": ["300"] * 40,
        "UserLanguage": ["EN"] * 40,
        **answers(["a1", "a2"]),
    }
    found = with_moments(source("clients.csv", columns, platform="qualtrics"))
    assert (found.date, found.duration, found.language) == (
        "EndDate",
        "Duration (in seconds)",
        "UserLanguage",
    )


def test_other_columns_are_named_only_if_all_of_their_name_fits():
    columns = {
        "birth_date": ["1980-03-03"] * 40,
        "relationship_duration": ["12"] * 40,
        "mother_language": ["de"] * 40,
        **answers(["a1", "a2"]),
    }
    found = with_moments(source("clients.csv", columns))
    assert (found.date, found.duration, found.language) == ("", "", "")
    columns |= {"completed_on": ["2025-03-03"] * 40, "dauer": ["200"] * 40, "Sprache": ["de"] * 40}
    found = with_moments(source("clients.csv", columns))
    assert (found.date, found.duration, found.language) == ("completed_on", "dauer", "Sprache")


def test_a_diary_has_times_and_occasions_in_place_of_a_date():
    days, people = range(1, 8), ids("P", 10)
    columns = {
        "id": [person for person in people for _ in days],
        "beep_at": [f"2025-03-{day:02d} 20:{n:02d}:00" for n in range(10) for day in days],
        "mood_day": [day % 3 for _ in people for day in days],
        "day": [day for _ in people for day in days],
        **answers(["a1", "a2"], 70),
    }
    diary = replace(source("diary.csv", columns), person="id")
    found = with_moments(diary)
    assert (found.time, found.occasion, found.date) == ("beep_at", "day", "")


def test_two_answers_of_one_person_are_no_diary():
    columns = {
        "id": ids("P", 20) * 2,
        "day": [1, 2] * 20,
        "date": ["2025-03-03 10:00:00"] * 40,
        **answers(["a1", "a2"]),
    }
    found = with_moments(replace(source("clients.csv", columns), person="id"))
    assert (found.time, found.occasion, found.date) == ("", "", "date")


def test_a_mentor_with_many_partners_keeps_no_diary():
    columns = {"mentor_id": ["M1"] * 40, "mentee_id": ids("D"), "week": list(range(1, 21)) * 2}
    mentor = replace(source("m.csv", columns), person="mentor_id", partner="mentee_id")
    assert with_moments(mentor).occasion == ""
