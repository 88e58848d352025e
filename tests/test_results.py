"""The contract that every result keeps, whatever the analysis."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import dyadkit as dk
from dyadkit.display.tables import ShownTable
from dyadkit.frame import Variable
from dyadkit.results import TIDY_COLUMNS, Convergence, Note, Result, Verdict
from dyadkit.study import Scale

NASTY = "Trust {0} <script>alert('x')</script> & more"


def rows(waves: int) -> pd.DataFrame:
    """Return 24 pairs with items, a number, a category, and something missing."""
    rng = np.random.default_rng(11)
    blocks = []
    for wave in range(waves):
        for role in ("coach", "client"):
            trait = rng.normal(size=(24, 1))
            block = pd.DataFrame(
                np.clip(np.round(3 + trait + rng.normal(size=(24, 3))), 1, 5),
                columns=["q1", "q2", "q3"],
            )
            block = block.assign(
                pair=range(24),
                role=role,
                wave=f"t{wave + 1}",
                who=[f"{role}{i}" for i in range(24)],
                hours=rng.normal(20, 4, 24).round(1),
                mode=pd.Categorical(rng.choice(["room", "phone"], 24)),
            )
            block.loc[wave::9, "hours"] = np.nan
            blocks.append(block[wave * 2 if role == "client" else 0 :])
    return pd.concat(blocks, ignore_index=True)


def frame(data: pd.DataFrame, waves: bool = False, role: bool = True) -> dk.DyadFrame:
    """Return the pairs as a frame with the scale scored; its label would break careless HTML."""
    drop = [*([] if waves else ["wave"]), *([] if role else ["role"])]
    dyads = dk.DyadFrame.from_individual(
        data.drop(columns=drop),
        dyad="pair",
        role="role" if role else None,
        wave="wave" if waves else None,
        person="who",
    )
    items = ("q1", "q2", "q3")
    return dk.score_scales(
        dyads, [Scale(name="trust", label=NASTY, items=items, range=(1, 5), level="person")]
    )


DATA = {1: rows(1), 2: rows(2)}
PLAIN = DATA[1][["hours", "q1", "mode"]]
SEM = "trust_coach ~ trust_client\nhours_coach ~ a*trust_coach + b*trust_client\ni := a*b"
RESULTS = {
    "structural equation model": lambda: dk.fit_sem(SEM, frame(DATA[1])),
    "structural equation model, bootstrap": lambda: dk.fit_sem(
        SEM, frame(DATA[1]), bootstrap=30, seed=1
    ),
    "describe, two waves": lambda: dk.describe(frame(DATA[2], waves=True), draws=20),
    "describe, exchangeable": lambda: dk.describe(frame(DATA[1], role=False), draws=0),
    "describe, a DataFrame": lambda: dk.describe(PLAIN),
    "describe, four dyads": lambda: dk.describe(frame(DATA[1][DATA[1]["pair"] < 4]), draws=0),
    "nonindependence, roles": lambda: dk.assess_nonindependence(frame(DATA[2], waves=True)),
    "nonindependence, exchangeable": lambda: dk.assess_nonindependence(frame(DATA[1], role=False)),
    "missingness, two waves": lambda: dk.assess_missingness(frame(DATA[2], waves=True)),
    "missingness, exchangeable": lambda: dk.assess_missingness(frame(DATA[1], role=False)),
    "missingness, a DataFrame": lambda: dk.assess_missingness(PLAIN),
    "flow": lambda: dk.describe_flow(frame(DATA[2], waves=True)),
}


@pytest.fixture(scope="module", params=list(RESULTS))
def result(request) -> Result:
    """Return one result of each type and layout."""
    return RESULTS[request.param]()


def test_tidy_has_one_row_an_estimate_and_numbers_in_its_columns(result):
    tidy = result.tidy()
    assert [name for name in tidy.columns if name in TIDY_COLUMNS] == list(TIDY_COLUMNS)
    assert all(tidy[name].dtype == float for name in TIDY_COLUMNS[1:])
    for name in set(tidy.columns) & {"n", "rho", "df2", "effective_n", "cohens_d"}:
        assert pd.api.types.is_numeric_dtype(tidy[name]), name
    assert tidy["term"].str.len().gt(0).all()
    assert tidy["term"].is_unique
    known = tidy["conf_low"].notna()
    assert (tidy["conf_low"] <= tidy["conf_high"])[known].all()
    assert tidy["p_value"].dropna().between(0, 1).all()


def test_glance_is_one_row_of_counts(result):
    glance = result.glance()
    assert len(glance) == 1
    assert {"n_dyads", "n_persons"} <= set(glance.columns)
    counts = glance.filter(regex="^n_")
    assert (counts.select_dtypes("number") >= 0).all(axis=None)


def test_tables_are_named_and_whole(result):
    for name, table in result.tables().items():
        assert isinstance(table, ShownTable)
        assert table.name == name
        assert table.title
        assert len(table.headings) == len(table.spanners) == len(table.numeric)
        for row in table.rows:
            assert len(row.texts) == (1 if row.heading else len(table.headings))
        body = [row for row in table.rows if not row.heading]
        values = table.to_frame()
        assert len(values) == len(body)
        assert values.columns.is_unique


def test_figures_are_named_matplotlib_figures(result):
    figures = result.figures()
    assert len(figures) == len(result.figure_specs)
    for figure in figures.values():
        assert isinstance(figure, Figure)
        assert figure.get_label()  # the alternative text


def test_notes_verdicts_and_convergence_are_what_they_should_be(result):
    assert all(isinstance(note, Note) and note.text for note in result.notes)
    assert len({note.text for note in result.notes}) == len(result.notes)
    assert all(isinstance(verdict, Verdict) for verdict in result.verdicts)
    assert result.convergence is None or isinstance(result.convergence, Convergence)


def test_a_pickled_result_is_the_same(result):
    again = pickle.loads(pickle.dumps(result))
    pd.testing.assert_frame_equal(again.tidy(), result.tidy())
    pd.testing.assert_frame_equal(again.glance(), result.glance())
    assert again.tables() == result.tables()
    assert again.text() == result.text()
    assert again.notes == result.notes


def test_what_is_returned_can_be_changed_without_changing_the_result(result):
    tidy, glance, tables = result.tidy(), result.glance(), result.tables()
    values = {name: table.to_frame() for name, table in tables.items()}
    changed = [result.tidy(), result.glance(), *(t.to_frame() for t in tables.values())]
    for copy in changed:
        copy[copy.columns[0]] = "changed"
    result.tables().clear()
    result.figures().clear()
    pd.testing.assert_frame_equal(result.tidy(), tidy)
    pd.testing.assert_frame_equal(result.glance(), glance)
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(table.to_frame(), values[name])
    with pytest.raises(FrozenInstanceError):
        result.estimates = None


def test_it_shows_itself_and_escapes_what_it_shows(result):
    html = result._repr_html_()
    assert html.startswith("<h3>")
    assert html.count("<table>") == len(result.tables())
    assert html.count("<img ") == len(result.figure_specs)
    assert "<script>" not in html
    assert repr(result).startswith(f"<{result.title}:")


def test_the_label_is_there_to_be_escaped():
    html = dk.describe(frame(DATA[1]), ["trust"], draws=0)._repr_html_()
    assert "Trust {0} &lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; more" in html


def test_an_incoming_data_frame_is_left_alone():
    before = PLAIN.copy(deep=True)
    dk.describe(PLAIN)
    dk.assess_missingness(PLAIN)
    pairs = DATA[1][["pair", "role", "hours"]]
    held = pairs.copy(deep=True)
    dk.assess_nonindependence(pairs, dyad="pair", role="role")
    pd.testing.assert_frame_equal(PLAIN, before)
    pd.testing.assert_frame_equal(pairs, held)


def test_a_variable_described_by_hand_may_leave_open_where_it_was_asked():
    data = DATA[1].drop(columns="wave")
    dyads = dk.DyadFrame.from_individual(
        data, dyad="pair", role="role", variables={"hours": Variable("hours", "Hours a week")}
    )
    tidy = dk.describe(dyads, ["hours"]).tidy()
    assert {"mean: hours (coach)", "mean: hours (client)"} <= set(tidy["term"])
