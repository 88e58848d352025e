from __future__ import annotations

import pytest

from dyadkit.errors import DataError
from dyadkit.loading.reading.headers import Header, name_columns, platform_of, read_header

IDS = ['{"ImportId":"startDate","timeZone":"Europe/Rome"}', '{"ImportId":"finished"}']


def header(*rows: list[str], forced: int | None = None) -> Header:
    return read_header(rows, name="clients", header=forced)


def test_plain():
    found = header(["code", " tr1 ", "", ""], ["P1", "5", "", ""])
    assert (found.rows, found.columns, found.platform) == (1, ("code", "tr1"), "")
    assert not found.questions


def test_a_name_over_two_lines_may_be_written_on_one():
    found = header(["pair\n code", "tr1"], ["P1", "5"])
    assert found.columns == ("pair\n code", "tr1")
    assert found.aliases == {"pair code": "pair\n code"}


def test_qualtrics_with_three_rows():
    found = header(
        ["StartDate", "Finished", "tr1"],
        ["Start Date", "Finished", "I <b>trust</b>\nmy coach &amp; like   5 < 6 and 7 > 6"],
        [*IDS, '{"ImportId":"QID1_1"}'],
        ["2025-03-03", "True", "5"],
    )
    assert (found.rows, found.platform) == (3, "qualtrics")
    assert found.questions["tr1"] == "I trust my coach & like 5 < 6 and 7 > 6"
    assert not found.aliases


def test_qualtrics_in_another_language_is_known_by_its_import_ids():
    found = header(["Startdatum", "Beendet"], ["Startdatum", "Beendet"], IDS, ["3.3.2025", "Ja"])
    assert found.rows == 3
    assert found.aliases == {"StartDate": "Startdatum", "Finished": "Beendet"}


def test_qualtrics_with_single_quotes_in_its_import_ids():
    found = header(["s", "f"], ["S", "F"], ["{'ImportId': 'startDate'}", "{'ImportId': 'x'}"])
    assert (found.rows, found.aliases) == (3, {"StartDate": "s"})


def test_qualtrics_whose_questions_somebody_deleted():
    found = header(["StartDate", "Finished"], IDS, ["2025-03-03", "1"])
    assert (found.rows, found.questions, found.platform) == (2, {}, "qualtrics")


def test_import_ids_nested_without_end_are_only_text():
    bottomless = '{"ImportId":' + "[" * 100_000
    assert header(["a"], ["b"], [bottomless]).rows == 1


LEGACY = [f"V{number}" for number in range(1, 11)]
LEGACY_TEXTS = [
    *("ResponseID", "ResponseSet", "Name", "ExternalDataReference", "EmailAddress", "IPAddress"),
    *("Status", "StartDate", "EndDate", "Finished"),
]
LEGACY_ANSWERS = [
    *("R_1ab", "Default Response Set", "Anonymous", "", "", "1.2.3.4", "0"),
    *("2012-04-08 12:04:00", "2012-04-08 12:09:00", "1"),
]


def test_legacy_qualtrics_with_codes():
    found = header([*LEGACY, "Q1"], [*LEGACY_TEXTS, "I trust my coach"], [*LEGACY_ANSWERS, "5"])
    assert (found.rows, found.platform) == (2, "qualtrics")
    assert found.columns == (*LEGACY, "Q1")
    assert found.questions["Q1"] == "I trust my coach"
    assert found.aliases == dict(zip(LEGACY_TEXTS, LEGACY, strict=True))


def test_legacy_qualtrics_in_another_language():
    texts = ["Antwort", "Satz", "Wer", "Ref", "Mail", "IP", "Art", "Beginn", "Ende", "Fertig"]
    found = header(LEGACY, texts, LEGACY_ANSWERS)
    assert found.rows == 2
    assert found.aliases["Finished"] == "V10"


def test_columns_that_another_program_called_v1_are_plain():
    answers = ["agree"] * 10
    assert header(LEGACY, answers, answers).rows == 1
    assert header(LEGACY, answers, answers).platform == ""


@pytest.mark.parametrize(
    "texts",
    [
        ["Response ID", "Start Date", "End Date", "Finished", "I trust"],
        ["Antwort-ID", "Startdatum", "Enddatum", "Beendet", "Ich vertraue"],
    ],
)
def test_qualtrics_with_names_and_texts_in_two_rows(texts):
    names = ["ResponseID", "StartDate", "EndDate", "Finished", "tr1"]
    found = header(names, texts, ["R_1", "2016-04-08 12:04:00", "2016-04-08 12:05:00", "1", "5"])
    assert (found.rows, found.platform, found.questions["tr1"]) == (2, "qualtrics", texts[-1])


def test_qualtrics_of_whose_header_one_row_is_left():
    names = ["ResponseId", "StartDate", "EndDate", "Finished", "tr1"]
    found = header(names, ["R_1", "2016-04-08", "2016-04-08", "1", "5"])
    assert (found.rows, found.platform) == (1, "qualtrics")


MONKEY = ["Respondent ID", "Collector ID", "Start Date", "End Date"]
MONKEY_ANSWERS = ["11809", "4361", "2024-03-01", "2024-03-01"]


def test_surveymonkey():
    found = header(
        [*MONKEY, "Your code?", "How do you <b>feel</b>?", "", "", "Contact", ""],
        ["", "", "", "", "Open-Ended Response", "Safe", "Heard", "Other", "Name", "Email"],
        [*MONKEY_ANSWERS, "P1", "5", "6", "", "Ann", "a@b.c"],
    )
    feel = "How do you <b>feel</b>?"
    assert (found.rows, found.platform) == (2, "surveymonkey")
    assert found.columns == (
        *MONKEY,
        *("Your code?", f"{feel} - Safe", f"{feel} - Heard", f"{feel} - Other"),
        *("Contact - Name", "Contact - Email"),
    )
    assert found.questions[f"{feel} - Safe"] == "How do you feel ? - Safe"
    assert found.aliases["Your code? - Open-Ended Response"] == "Your code?"
    assert found.aliases["How do you feel ? - Safe"] == f"{feel} - Safe"


def test_surveymonkey_names_are_made_unique():
    found = header([*MONKEY, "Rate", "", ""], ["", "", "", "", "Coach", "Coach", "Coach"])
    assert found.columns[4:] == ("Rate - Coach", "Rate - Coach (2)", "Rate - Coach (3)")


def test_surveymonkey_does_not_slow_down_with_equal_names():
    n = 20_000
    found = header([*MONKEY, "Q", *[""] * (n - 1)], ["", "", "", "", *["A"] * n])
    assert found.columns[-1] == f"Q - A ({n})"
    assert len(set(found.columns)) == n + 4


def test_surveymonkey_in_another_language_is_known_by_its_shape():
    found = header(
        ["Befragten-ID", "Kollektor", "Beginn", "Wie geht es?", ""],
        ["", "", "", "Gut", "Schlecht"],
        ["1", "2", "2024", "5", "1"],
    )
    assert (found.rows, found.platform) == (2, "surveymonkey")
    assert found.columns[-1] == "Wie geht es? - Schlecht"


def test_surveymonkey_with_one_row_of_names():
    found = header([*MONKEY, "Your code?"], [*MONKEY_ANSWERS, "P1"])
    assert (found.rows, found.platform) == (1, "surveymonkey")


def test_a_first_answer_with_gaps_is_no_second_header():
    found = header(["a", "b", "c", "d", "e"], ["", "", "", "4", "5"], ["1", "2", "3", "4", "5"])
    assert (found.rows, found.platform) == (1, "")


def test_limesurvey_with_codes():
    found = header(
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "tr[SQ001]", "m[SQ1][SQ2]"],
        ["1", "", "2", "de", "99", "5", "1"],
    )
    assert (found.rows, found.platform) == (1, "limesurvey")
    assert found.aliases == {"tr_SQ001": "tr[SQ001]", "m_SQ1_SQ2": "m[SQ1][SQ2]"}


def test_limesurvey_with_codes_and_texts():
    found = header(
        ["id. Antwort ID", "submitdate. Datum Abgeschickt", "G1[SQ1]. Trust: 1. yes [My coach]"],
        ["1", "", "5"],
    )
    assert found.columns == ("id", "submitdate", "G1[SQ1]")
    assert found.questions["G1[SQ1]"] == "Trust: 1. yes [My coach]"
    assert found.aliases["G1[SQ1]. Trust: 1. yes [My coach]"] == "G1[SQ1]"
    assert found.platform == "limesurvey"


@pytest.mark.parametrize(
    "names",
    [
        ["Response ID", "Date submitted", "Last page", "Start language", "Do you trust?"],
        ["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Vertrauen Sie?"],
    ],
)
def test_limesurvey_with_texts_alone(names):
    found = name_columns(names)
    assert found.platform == "limesurvey"
    assert found.columns == tuple(names)
    assert found.aliases["submitdate"] == names[1]


def test_a_heading_with_a_full_stop_is_no_limesurvey_code():
    assert name_columns(["id", "Dr. Smith", "q. one"]).platform == ""


def test_forced_rows():
    rows = (["a", "b"], ["Text A", "Text B"], ["x", "y"], ["1", "2"])
    assert header(*rows, forced=1).rows == 1
    two = header(*rows, forced=2)
    assert (two.rows, two.platform, two.questions) == (2, "", {"a": "Text A", "b": "Text B"})
    three = header(*rows, forced=3)
    assert (three.rows, three.platform) == (3, "qualtrics")


def test_forced_rows_beat_detection():
    rows = (["StartDate", "Finished"], ["Start Date", "Finished"], IDS, ["2025-03-03", "1"])
    assert header(*rows, forced=1).rows == 1
    assert header(*rows, forced=2).rows == 2


def test_more_header_rows_than_rows():
    with pytest.raises(DataError, match=r"clients has 2 rows, but header = 3 announces 3 header"):
        header(["a"], ["b"], forced=3)


def test_a_table_without_rows():
    assert header().columns == ()
    assert name_columns([]).platform == ""


def test_platform_needs_more_than_one_word():
    assert platform_of(["Status", "Finished", "StartDate", "EndDate"]) == ""
    assert platform_of(["Respondent ID"]) == ""
    assert platform_of(["id", "seed"]) == ""


def test_one_import_id_among_answers_is_an_answer():
    rows = [["pair", "q1", "q2", "remark"], ["P1", "1", "2", ""]]
    head = read_header([*rows, ["P2", "3", "4", '{"ImportId":"QID1"}']], name="clients")
    assert (head.rows, head.platform) == (1, "")


def test_import_ids_are_found_beside_many_columns_that_were_added():
    rows = [["StartDate", "Finished", *map(str, range(9))], ["Start", "Finished", *["x"] * 9]]
    head = read_header([*rows, [*IDS, *["x"] * 9]], name="clients")
    assert (head.rows, head.platform) == (3, "qualtrics")
    same = read_header([*rows, [IDS[0], IDS[0], *["x"] * 9]], name="clients")
    assert (same.rows, same.platform) != (3, "qualtrics")
