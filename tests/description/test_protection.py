"""Nobody can be made out from what is shown: small cells, totals, raw values, notes, figures."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dyadkit as dk
from dyadkit.display.presented import PresentedResult
from dyadkit.display.tables import SUPPRESSED
from dyadkit.frame import Variable
from dyadkit.report.json_file import as_json
from dyadkit.study import Privacy, Scale

ANALYSES: dict[str, Callable[[dk.DyadFrame], PresentedResult]] = {
    "describe": lambda dyads: dk.describe(dyads, draws=0),
    "nonindependence": dk.assess_nonindependence,
    "missingness": dk.assess_missingness,
}


def shown(result: PresentedResult) -> list[str]:
    """Return every text that a reader may see, figures included."""
    texts = [*result.text(), *(note.text for note in result.notes)]
    for table in result.tables().values():
        texts += [table.title, *table.notes, *(text for row in table.rows for text in row.texts)]
        texts += [str(value) for value in table.to_frame().to_numpy().ravel()]
    for figure in result.figures().values():
        texts += [text.get_text() for ax in figure.axes for text in ax.texts]
    # The images' bytes are drawn from the same figures.
    return [*texts, re.sub(r"base64,[^']*", "", result._repr_html_())]


def published(result: PresentedResult) -> pd.DataFrame:
    """Return `tidy` as a report may publish it: hidden rows are gone."""
    keys = pd.Series(result.estimates.keys, dtype=str)
    return result.tidy()[~keys.isin(result.hidden)]


def cells(result: PresentedResult, table: str, **where: str) -> list[object]:
    """Return the values of the one row of a table for which every column is as said."""
    frame = result.tables()[table].to_frame()
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, (table, where, frame)
    return frame.drop(columns=[*where, "section"], errors="ignore").iloc[0].tolist()


# ------------------------------------------------------------------ few dyads, few persons


@pytest.mark.parametrize("name", ANALYSES)
def test_four_dyads_give_no_statistic_at_all(paired, name):
    result = ANALYSES[name](paired(4, waves=2, seed=2))
    assert published(result)["estimate"].notna().sum() == 0
    assert result.text() == () or name == "missingness"
    for table in result.tables().values():
        if table.name == "retention":  # who took part: the sample flow
            continue
        columns = [c for c, numeric in zip(table.headings, table.numeric, strict=True) if numeric]
        for row in table.rows:
            numbers = [t for t, n in zip(row.texts, table.numeric, strict=False) if n]
            assert set(numbers) <= {"s", "", "–"}, (table.name, columns, row.texts)


def test_five_dyads_give_statistics_but_no_quantile(paired):
    result = dk.describe(paired(5, seed=2))
    values = cells(result, "descriptives", section="Trust", role="Coach")
    assert values.count(SUPPRESSED) == 3
    assert values[0] == 5


@pytest.mark.parametrize(("n", "quartiles", "deciles"), [(19, 0, 0), (20, 3, 0), (50, 3, 2)])
def test_a_quantile_needs_the_minimum_in_the_part_it_cuts_off(paired, n, quartiles, deciles):
    # By hand: the quarter of 20 persons, and the tenth of 50, is 5.
    rows = published(dk.describe(paired(n, seed=1), ["trust.coach"]))
    assert rows["quantity"].isin(["q25", "median", "q75"]).sum() == quartiles
    assert rows["quantity"].isin(["q10", "q90"]).sum() == deciles


@pytest.mark.parametrize(("coaches", "hidden"), [(4, True), (5, False)])
@pytest.mark.parametrize("name", ANALYSES)
def test_a_role_of_few_persons_hides_what_is_said_about_their_partners_too(
    people, name, coaches, hidden
):
    # 40 clients of 4 coaches: what the clients answer, they answer about 4 coaches.
    rows = people(40, seed=3, missing=0.1).drop(columns="mode")
    coach = rows["role"] == "coach"
    rows.loc[coach, "who"] = [f"coach{i % coaches}" for i in range(40)]
    frame = dk.DyadFrame.from_individual(rows, dyad="pair", role="role", person="who")
    rows = published(ANALYSES[name](frame))
    assert (rows["estimate"].notna().sum() == 0) == hidden


def test_a_study_may_set_a_higher_minimum(paired):
    frame = paired(9, seed=2)
    assert len(published(dk.describe(frame, ["trust"]))) > 0
    strict = replace(frame, privacy=Privacy(minimum_dyads=10, minimum_persons=5))
    result = dk.describe(strict, ["trust"])
    assert len(published(result)) == 0
    assert "fewer than 10 dyads or 5 persons" in result.tables()["descriptives"].notes[-1]


def test_a_correlation_that_few_dyads_share_is_hidden_though_both_means_are_shown(people, paired):
    rows = people(30, seed=5)
    pair = rows["pair"].str[1:].astype(int)
    rows.loc[pair < 13, "trust"] = np.nan
    rows.loc[pair >= 17, "load"] = np.nan
    result = dk.describe(paired(rows), ["trust.coach", "load.coach"])
    table = result.tables()["correlations"]
    assert [row.texts[-2] for row in table.rows] == ["–", "s"]
    p_and_n = result.tables()["correlations-p-and-n"]
    assert p_and_n.rows[0].texts[2] == "s"
    assert p_and_n.rows[1].texts[1] == "s"
    assert "s" not in table.rows[0].texts[1:3]
    drawn = [t.get_text() for ax in result.figures()["correlations"].axes for t in ax.texts]
    assert "s" in drawn


# ------------------------------------------------------------------ leavers


def leaving(people, count: int) -> pd.DataFrame:
    rows = people(40, waves=2, seed=6)
    number = rows["pair"].str[1:].astype(int)
    gone = (rows["wave"] == "t2") & (rows["role"] == "client") & (number < count)
    return rows[~gone]


def test_a_few_leavers_hide_the_comparison_completers_included(people, paired):
    result = dk.assess_missingness(paired(leaving(people, 4)), ["trust.client.t1"])
    # The mean of all is known, so that of the completers would give back that of the leavers.
    assert set(cells(result, "leavers", variable="Trust, client")) == {SUPPRESSED}
    assert not published(result)["quantity"].eq("difference").any()
    more = dk.assess_missingness(paired(leaving(people, 5)), ["trust.client.t1"])
    assert SUPPRESSED not in cells(more, "leavers", variable="Trust, client")


def test_how_many_left_is_reported_whatever_their_number(people, paired):
    result = dk.assess_missingness(paired(leaving(people, 3)))
    assert "Client: 37 of 40 who took part at T1 did so at T2 (92.5 %)." in result.text()
    assert cells(result, "retention", section="Client", wave="T2") == [37, 37, 3, 37 / 40]


def test_categories_of_leavers_are_tested_only_when_every_cell_is_large_enough(people, paired):
    # χ² and the margins of a 2 x 2 table give back its cells.
    rows = leaving(people, 12)
    rows["mode"] = np.where(rows["pair"].str[1:].astype(int) % 2, "room", "phone")
    shown_row = dk.assess_missingness(paired(rows), ["mode.client.t1"])
    assert SUPPRESSED not in cells(
        shown_row, "leavers-categories", variable="Way of meeting, client"
    )
    few = rows["pair"].isin(["d000", "d002"])
    rows.loc[few, "mode"] = "room"
    hidden_row = dk.assess_missingness(paired(rows), ["mode.client.t1"])
    found = cells(hidden_row, "leavers-categories", variable="Way of meeting, client")
    assert set(found) == {SUPPRESSED}


# ------------------------------------------------------------------ categories and two values

SETTINGS = settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SETTINGS
@given(st.lists(st.integers(0, 14), min_size=1, max_size=7).filter(lambda c: sum(c) > 0))
def test_no_count_of_a_small_category_follows_from_the_shown_ones(counts):
    names = [f"answer-{i}" for i in range(len(counts))]
    chosen = [name for name, count in zip(names, counts, strict=True) for _ in range(count)]
    data = pd.DataFrame({"job": pd.Categorical(chosen)})
    result = dk.describe(data)
    table = result.tables()["categories"].to_frame().set_index("category")
    total = sum(counts)
    if total < 5:
        assert (table[["n", "share"]] == SUPPRESSED).all(axis=None)
    else:
        # Every number stands for at least five persons, and they add up: nothing is left over.
        parts = table.drop(index="Total")
        assert (parts["n"] >= 5).all()
        assert parts["n"].sum() == table.loc["Total", "n"] == total
    everything = " ".join([*shown(result), as_json(published(result)).decode()])
    for name, count in zip(names, counts, strict=True):
        if count < 5:
            assert name not in everything


def test_a_rare_category_is_not_even_named(people, paired):
    rows = people(30, seed=7)
    rows.loc[rows["pair"] == "d004", "mode"] = "in the sauna"
    result = dk.describe(paired(rows), ["mode"])
    assert not any("sauna" in text for text in [*shown(result), *result.tidy()["term"]])


@pytest.mark.parametrize(("yes", "hidden"), [(4, True), (5, False), (26, True), (25, False)])
def test_the_mean_of_two_values_is_a_count(people, paired, yes, hidden):
    rows = people(30, seed=8)
    rows["trust"] = (rows["pair"].str[1:].astype(int) < yes).astype(float)
    result = dk.describe(paired(rows), ["trust.coach"])
    values = cells(result, "descriptives", section="Trust", role="Coach")
    assert (values[:3] == [SUPPRESSED] * 3) == hidden


# ------------------------------------------------------------------ raw values, ids, patterns


@pytest.mark.parametrize("name", ANALYSES)
def test_no_extreme_value_and_no_id_is_shown(people, paired, name):
    rows = people(60, waves=2, seed=9, missing=0.05)
    rows["trust"] += np.arange(len(rows)) * 1e-6  # no two answers are equal
    result = ANALYSES[name](paired(rows))
    numbers = [
        value
        for table in result.tables().values()
        for value in table.to_frame().to_numpy().ravel()
        if isinstance(value, float)
    ]
    by_place = rows.groupby(["role", "wave"])["trust"]
    extremes = [*by_place.min(), *by_place.max()]
    assert not any(np.isclose(number, e, rtol=0, atol=1e-9) for number in numbers for e in extremes)
    texts = " ".join(shown(result))
    assert not re.search(r"\bd0\d\d\b|coach0\d\d|client0\d\d", texts)


def test_a_pattern_that_few_dyads_have_is_not_listed(people, paired):
    rows = people(40, seed=10)
    number = rows["pair"].str[1:].astype(int)
    coach = rows["role"] == "coach"
    rows.loc[coach & (number < 6), "trust"] = np.nan
    rows.loc[~coach & number.between(6, 9), "load"] = np.nan
    rows.loc[~coach & (number == 10), ["load", "trust"]] = np.nan
    result = dk.assess_missingness(paired(rows), ["trust", "load"])
    table = result.tables()["patterns"].to_frame().set_index("missing")["dyads"]
    assert table.to_dict() == {
        "nothing": 29,
        "Trust, coach": 6,
        "2 other patterns": 5,
        "All dyads": 40,
    }
    assert result.figure_specs[1].patterns == ((True,) * 4, (False, True, True, True))


def test_the_scale_of_a_figure_does_not_give_a_hidden_share_away(people, paired):
    rows = people(4, seed=1)
    rows.loc[rows["role"] == "coach", "trust"] = [np.nan, 1.0, 2.0, 3.0]
    result = dk.assess_missingness(paired(rows))
    heat_map = result.figure_specs[0]
    assert heat_map.high == 1.0
    assert {cell.key for line in heat_map.cells for cell in line} <= result.hidden


# ------------------------------------------------------------------ notes and sentences


def test_a_note_about_few_people_is_not_published(people, paired):
    rows = people(30, seed=11)
    number = rows["pair"].str[1:].astype(int)
    rows["trust"] = 4.0
    everybody = [note.text for note in dk.describe(paired(rows), ["trust.coach"]).notes]
    assert everybody == ["Trust, coach: everybody gave the same answer."]
    rows.loc[number >= 3, "trust"] = np.nan
    for analysis in (dk.describe, dk.assess_missingness):
        assert not [n for n in analysis(paired(rows), ["trust"]).notes if "same" in n.text]


def test_a_note_of_the_estimator_about_few_people_is_not_published(people):
    rows = people(30, seed=12).drop(columns="mode")
    rng = np.random.default_rng(1)
    for item in ("q1", "q2", "q3"):
        rows[item] = rng.integers(1, 6, len(rows)).astype(float)
    rows.loc[rows["pair"] > "d002", "q1"] = np.nan  # three persons answered every item
    frame = dk.DyadFrame.from_individual(rows, dyad="pair", role="role", person="who")
    scale = Scale(name="s", items=("q1", "q2", "q3"), range=(1, 5), minimum_answered=2)
    result = dk.describe(dk.score_scales(frame, [scale]), ["s"], draws=0)
    assert not [note for note in result.notes if "3" in note.text]
    assert "Cronbach" not in " ".join(result.text())
    assert set(cells(result, "reliability", role="Coach")) == {SUPPRESSED}


def test_the_sentence_on_reliability_speaks_of_what_is_shown(people):
    # Client scales are hidden, and could be the lowest; the sentence is about the coaches'.
    rows = people(30, seed=13).drop(columns="mode")
    rng = np.random.default_rng(2)
    trait = rng.normal(size=len(rows))
    for item in ("q1", "q2", "q3"):
        rows[item] = np.clip(np.round(3 + trait + rng.normal(size=len(rows))), 1, 5)
    client = rows["role"] == "client"
    rows.loc[client & (rows["pair"] > "d003"), ["q1", "q2", "q3"]] = np.nan
    frame = dk.DyadFrame.from_individual(rows, dyad="pair", role="role", person="who")
    scored = dk.score_scales(frame, [Scale(name="s", items=("q1", "q2", "q3"), range=(1, 5))])
    (sentence,) = dk.describe(scored, ["s"], draws=0).text()
    assert re.fullmatch(r"Cronbach's α was \.\d\d \(S, coach\)\.", sentence)


def test_the_report_file_holds_no_hidden_number(people, paired):
    # Everybody's trust is beyond 7000, so that any leak of it can be seen.
    rows = people(4, seed=14)
    rows["trust"] += 7000
    for analysis in ANALYSES.values():
        result = analysis(paired(rows))
        written = json.dumps([t.to_frame().to_dict("records") for t in result.tables().values()])
        assert "7,00" not in " ".join(shown(result))
        assert "700" not in written


def test_values_of_the_group_are_hidden_when_there_are_few_groups(people):
    rows = people(40, seed=15).drop(columns="mode")
    rows["team"] = rows["pair"].str[1:].astype(int) % 4
    rows["size"] = rows["team"] * 3.5 + 1
    size = Variable("size", "Size of the team", level="group", roles=("coach", "client"))
    frame = dk.DyadFrame.from_individual(
        rows, dyad="pair", role="role", person="who", group="team", variables={"size": size}
    )
    result = dk.describe(frame, ["size", "trust"])
    assert cells(result, "descriptives", section="Size of the team", role="Group")[0] == SUPPRESSED
