"""From the specification of a table to what is shown."""

from __future__ import annotations

import pytest

from dyadkit.display.tables import Cell, Column, Row, Table, show_table


@pytest.fixture
def table():
    """Return a table with a section, a spanner, an interval, a blank and a hidden row."""
    return Table(
        name="means",
        title="Means & <more>",
        columns=(
            Column("role", "Role"),
            Column("n", "n", "count"),
            Column("mean", "M", "statistic", spanner="Mean"),
            Column("mean_conf", "95 % CI", "interval", spanner="Mean"),
        ),
        rows=(
            Row((Cell('Trust <in> the "partner" & co'),), heading=True),
            Row((Cell("Coach"), Cell(30, "a"), Cell(4.1234, "a"), Cell((3.9, 4.3), "a"))),
            Row((Cell("Client"), Cell(3, "b"), Cell(2.5678, "b"), Cell((1.1, 3.9), "b"))),
            Row((Cell("Both"), Cell(""), Cell(None), Cell(None))),
        ),
        notes=("A note with <b>.",),
    )


def test_a_hidden_cell_is_gone_from_everything_that_is_shown(table):
    shown = show_table(table, frozenset("b"), "fewer than 5")
    assert [row.texts for row in shown.rows] == [
        ('Trust <in> the "partner" & co',),
        ("Coach", "30", "4.12", "[3.90, 4.30]"),
        ("Client", "s", "s", "s"),
        ("Both", "", "–", "–"),
    ]
    assert shown.notes[-1] == "s = suppressed to protect participants (fewer than 5)."
    for text in (shown._repr_html_(), repr(shown), shown.to_frame().to_csv()):
        assert "2.56" not in text
        assert "1.1" not in text


def test_nothing_is_said_of_hiding_where_nothing_is_hidden(table):
    assert show_table(table, frozenset(), "fewer than 5").notes == ("A note with <b>.",)


def test_values_are_unrounded_and_intervals_have_two_columns(table):
    frame = show_table(table, frozenset("b"), "").to_frame()
    assert frame.columns.tolist() == [
        "section",
        "role",
        "n",
        "mean",
        "mean_conf_low",
        "mean_conf_high",
    ]
    assert frame.iloc[0, 2:].tolist() == [30, 4.1234, 3.9, 4.3]
    assert frame.iloc[1, 2:].tolist() == ["suppressed"] * 4
    assert frame.iloc[2, 2:].tolist() == [None] * 4


def test_whole_numbers_stay_whole_beside_a_blank():
    columns = (Column("n", "n", "count"), Column("m", "M", "statistic"))
    rows = (Row((Cell(7, "a"), Cell(1.5))), Row((Cell(None), Cell(2))))
    table = Table("t", "T", columns, rows)
    assert show_table(table, frozenset(), "").to_frame().to_csv() == ",n,m\n0,7,1.5\n1,,2.0\n"
    hidden = show_table(table, frozenset("a"), "").to_frame().to_csv()
    assert hidden == ",n,m\n0,suppressed,1.5\n1,,2.0\n"


def test_the_frame_is_a_copy(table):
    shown = show_table(table, frozenset(), "")
    frame = shown.to_frame()
    frame.loc[0, "mean"] = 99
    assert shown.to_frame().loc[0, "mean"] == 4.1234


def test_html_is_escaped_and_names_what_spans_columns(table):
    html = show_table(table, frozenset(), "")._repr_html_()
    assert "Trust &lt;in&gt; the &quot;partner&quot; &amp; co" in html
    assert "Means &amp; &lt;more&gt;" in html
    assert "A note with &lt;b&gt;." in html
    assert "<th colspan='2'></th><th colspan='2'>Mean</th>" in html


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="table 'x': a row has 2 cells, not 1"):
        Table("x", "X", (Column("a", "A"),), (Row((Cell(1), Cell(2))),))
