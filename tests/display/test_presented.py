"""A result as it is presented: what passes disclosure, and that nothing goes round it."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import pytest

from dyadkit.display.disclosure import Minimum
from dyadkit.display.figures import HeatMap
from dyadkit.display.presented import PresentedResult, Sentence
from dyadkit.display.tables import Cell, Column, Row, Table
from dyadkit.results import TIDY_COLUMNS, Estimates, Note, Support, Total


@pytest.fixture
def result():
    """Return a result with one number of three persons beside one of thirty."""
    cells = (Cell(0.7654, "few"), Cell(0.25, "many"))
    columns = (Column("few", "Few", "statistic"), Column("many", "Many", "statistic"))
    return PresentedResult(
        type="test",
        title="A <test>",
        estimates=Estimates(
            [{"term": "few", "estimate": 0.7654}, {"term": "many", "estimate": 0.25}],
            ["few", "many"],
        ),
        summary={"n_dyads": 33},
        table_specs=(Table("t", "T", columns, (Row(cells),)),),
        figure_specs=(
            HeatMap(
                "h",
                "H & more",
                "Two <cells>.",
                ("row",),
                ("few", "many"),
                (cells,),
                "statistic",
                0.0,
                1.0,
            ),
        ),
        sentences=(
            Sentence("Few: {x}.", {"x": Cell(0.7654, "few", "statistic")}),
            Sentence(
                "Many: {x} {label}.",
                {"x": Cell(0.25, "many", "statistic"), "label": Cell("{braces} <b>")},
            ),
        ),
        supports=(Support("few", 3, 3), Support("many", 30, 30)),
        minimum=Minimum(),
        notes=(
            Note("About few: 0.7654.", key="few"),
            Note("About <all>."),
            Note("About many.", key="many"),
        ),
    )


def test_whatever_rests_on_too_few_is_gone(result):
    assert result.hidden == {"few"}
    assert result.tables()["t"].rows[0].texts == ("s", "0.25")
    assert result.text() == ("Many: 0.25 {braces} <b>.",)
    assert [note.text for note in result.notes] == ["About <all>.", "About many."]
    drawn = [text.get_text() for ax in result.figures()["h"].axes for text in ax.texts]
    assert "0.25" in drawn
    assert not any("0.7" in text for text in drawn)
    assert "0.76" not in result._repr_html_()


def test_the_researcher_sees_every_estimate(result):
    assert result.tidy()["estimate"].tolist() == [0.7654, 0.25]


def test_a_larger_minimum_hides_more(result):
    held = PresentedResult(
        type="test",
        title="T",
        estimates=Estimates([], []),
        summary={},
        supports=result.supports,
        totals=(Total("many", ("few",)),),
        minimum=Minimum(40, 40),
    )
    assert held.hidden == {"few", "many"}


def test_the_figure_is_described_for_those_who_cannot_see_it(result):
    html = result._repr_html_()
    assert "<img alt='Two &lt;cells&gt;.' src='data:image/png;base64," in html
    assert "H &amp; more" in html


def test_html_is_escaped(result):
    html = result._repr_html_()
    assert "A &lt;test&gt;" in html
    assert "{braces} &lt;b&gt;" in html
    assert "About &lt;all&gt;." in html


def test_a_result_cannot_be_changed(result):
    with pytest.raises(FrozenInstanceError):
        result.title = "Another"
    with pytest.raises(TypeError):
        result.summary["n_dyads"] = 0
    tidy, glance, tables = result.tidy(), result.glance(), result.tables()
    tidy.loc[0, "estimate"] = 9
    glance.loc[0, "n_dyads"] = 9
    tables.clear()
    assert result.tidy().loc[0, "estimate"] == 0.7654
    assert result.glance().loc[0, "n_dyads"] == 33
    assert list(result.tables()) == ["t"]


def test_a_pickled_result_says_the_same(result):
    assert result.hidden  # whatever is cached by now must not get in the way
    again = pickle.loads(pickle.dumps(result))
    assert again._repr_html_() == result._repr_html_()
    assert again.notes == result.notes
    with pytest.raises(TypeError):
        again.summary["n_dyads"] = 0


def test_estimates_have_every_column_and_numbers_in_them():
    frame = Estimates([{"term": "a", "estimate": 1, "n": 3}, {"term": "b"}], ["", ""]).frame()
    assert frame.columns.tolist() == ["term", "n", *TIDY_COLUMNS[1:]]
    assert all(frame[column].dtype == float for column in TIDY_COLUMNS[1:])
    assert Estimates([], []).frame().columns.tolist() == list(TIDY_COLUMNS)


def test_estimates_need_a_key_each():
    with pytest.raises(ValueError, match="1 rows of estimates with 2 keys"):
        Estimates([{"term": "a"}], ["a", "b"])


def test_braces_of_labels_are_left_as_they_are() -> None:
    values = {"b": Cell(1.5, "k", "statistic")}
    sentence = Sentence("Trust {in} the {coach: {b} of {a {b}}.", values)
    assert sentence.show(frozenset()) == "Trust {in} the {coach: 1.50 of {a 1.50}."
