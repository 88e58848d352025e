"""Numbers, file names, headings and the order of things."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dyadkit.display.tables import Cell, Column, Row, Table, show_table
from dyadkit.report.layout import arrange
from dyadkit.report.spanning import Spanner, row_groups, spanners
from dyadkit.report.widths import PORTRAIT_TEXT, fit, is_wide
from dyadkit.results import Note


def shown(texts, *, spans=("",), rows=(), style="text"):
    columns = [
        Column(f"c{i}", text, style if i else "text", spans[i % len(spans)])
        for i, text in enumerate(texts)
    ]
    table = Table("t", "T", tuple(columns), tuple(Row(tuple(map(Cell, row))) for row in rows))
    return show_table(table, frozenset(), "")


def test_tables_and_figures_are_numbered_through(report):
    document = arrange(report)
    assert [(table.number, table.file) for table in document.tables] == [
        (1, "who-answered-descriptives"),
        (2, "who-answered-empty"),
        (3, "all-correlations-matrix"),
    ]
    assert [(figure.number, figure.file) for figure in document.figures] == [
        (1, "who-answered-missing"),
        (2, "all-correlations-intervals"),
        (3, "all-correlations-flow"),
    ]


def test_the_summary(report):
    summary = dict(arrange(report).summary)
    assert summary["Complete dyads"] == "58 of 60 at T1; 51 of 55 at T2"
    assert summary["Analyses"] == "3 done, 1 failed and 1 refused."
    assert "fewer than 5 dyads or 5 persons" in summary["Protection"]


def test_one_wave_has_no_name(report):
    flow = {"pairing": [{"wave": "", "dyads": 9, "complete": 8}]}
    assert dict(arrange(replace(report, flow=flow)).summary)["Complete dyads"] == "8 of 9"


def test_a_report_without_analyses(report):
    document = arrange(replace(report, sections=(), flow={}))
    assert document.chapters == ()
    summary = dict(document.summary)
    assert summary["Analyses"] == "None was asked for."
    assert "Complete dyads" not in summary


def test_equal_titles_are_told_apart(report):
    first, second, *_ = report.sections
    twice = replace(report, sections=(first, replace(second, result=first.result)))
    assert [chapter.heading for chapter in arrange(twice).chapters] == [
        "Descriptive statistics (who answered)",
        "Descriptive statistics (all correlations)",
    ]


def test_warnings_come_first_and_convergence_is_told(report):
    answered, correlations, *_ = arrange(report).chapters
    assert [note.level for note in answered.notes] == ["warning", "info"]
    assert answered.warnings == 1
    assert correlations.notes == (
        Note(
            "The estimation did not converge in 200 iterations (largest scaled gradient 0.31); "
            "the solution is admissible.",
            "warning",
        ),
        Note("Scalar invariance failed for trust."),
    )


def test_a_note_of_the_data_is_not_repeated(report):
    told = replace(report, notes=(*report.notes, *report.sections[0].result.notes[:1]))
    assert [note.level for note in arrange(told).chapters[0].notes] == ["warning"]


def test_where_a_chapter_comes_from(report):
    named_alike = replace(report.sections[0], name="Descriptive Statistics")
    chapters = arrange(replace(report, sections=(named_alike, *report.sections[1:]))).chapters
    assert chapters[0].origin == "Analysis of type descriptives"
    assert chapters[1].origin == "Analysis “all correlations” of type correlations"


def test_a_hidden_sentence_is_left_out(report):
    assert arrange(report).chapters[0].sentences == ("Trust was 5.25 on average.",)


def test_spanners_gather_their_neighbours():
    table = shown("abcdef", spans=("", "x", "x", "", "y", "x"))
    assert spanners(table) == (
        Spanner("", 0, 1),
        Spanner("x", 1, 2),
        Spanner("", 3, 1),
        Spanner("y", 4, 1),
        Spanner("x", 5, 1),
    )
    assert spanners(shown("abc")) == ()


def test_rows_are_grouped_by_their_headings():
    rows = (
        Row((Cell("1"),)),
        Row((Cell("A"),), heading=True),
        Row((Cell("2"),)),
        Row((Cell("3"),)),
        Row((Cell("B"),), heading=True),
    )
    table = show_table(Table("t", "T", (Column("a", "a"),), rows), frozenset(), "")
    groups = [(head, [row.texts[0] for row in members]) for head, members in row_groups(table.rows)]
    assert groups == [(None, ["1"]), ("A", ["2", "3"]), ("B", [])]


@pytest.mark.parametrize("words", [("Variable", "n"), ("x" * 300, "y y y"), ("a",) * 60])
def test_columns_fit_the_page(words):
    table = shown(words, rows=[words], style="count" if words[0] == "a" else "text")
    fitted = fit(table, PORTRAIT_TEXT)
    assert sum(fitted.widths) <= PORTRAIT_TEXT
    assert len(fitted.widths) == len(words)
    assert all(width > 0 for width in fitted.widths)


def test_type_gets_smaller_before_the_page_is_turned():
    narrow = shown(["Variable", *"abc"], rows=[["Trust", 0.1, 0.2, 0.3]], style="correlation")
    middle = shown(["Variable", *"a" * 13], rows=[["Trust", *[0.1] * 13]], style="correlation")
    broad = shown(["Variable", *"a" * 14], rows=[["Trust", *[(-10.5, 10)] * 14]], style="interval")
    sizes = [fit(table, PORTRAIT_TEXT).size for table in (narrow, middle, broad)]
    assert sizes == sorted(sizes, reverse=True)
    assert [is_wide(table) for table in (narrow, middle, broad)] == [False, False, True]


def test_numbers_stay_on_their_line_and_headings_may_not():
    number = fit(shown(["v", "n"], rows=[["a", 1_000_000_000]], style="count"), PORTRAIT_TEXT)
    words = ["v", *["left out by rule"] * 9]
    headings = fit(shown(words, rows=[["a"] + [1] * 9], style="count"), PORTRAIT_TEXT)
    # Thirteen characters of at least half the size of the type each.
    assert number.widths[1] > 13 * number.size * 20 / 2
    assert headings.size == 9.0
    assert headings.widths[1] < 16 * headings.size * 20 / 2


def test_a_spanner_has_the_room_it_needs():
    short = fit(shown("ab", spans=("", "")), PORTRAIT_TEXT)
    long = fit(shown("ab", spans=("", "Answers about the coach")), PORTRAIT_TEXT)
    assert long.widths[1] > 3 * short.widths[1]
    assert long.widths[0] == short.widths[0]
