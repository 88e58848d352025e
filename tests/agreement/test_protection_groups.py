"""Nobody can be made out from what is shown of groups, and no group from what is told of many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError
from dyadkit.frame import Variable
from tests.agreement.test_assess_groups import ITEMS, scored, teams
from tests.agreement.test_protection import published


def within(data: pd.DataFrame, **options: object) -> tuple[dk.results.Result, pd.DataFrame]:
    """Assess teams' agreement; return also the table of agreement within them."""
    lone = data.assign(row=np.arange(len(data)))
    dyads = scored(lone, dyad="row", group="team", roles=("member",))
    settings = {"groups": "group", "draws": 0, "seed": 2, **options}
    result = dk.assess_agreement(dyads, ["climate"], **settings)
    return result, result.tables()["within_groups"].to_frame().set_index("index")


@pytest.mark.parametrize(
    ("groups", "mean", "quartile"), [(4, False, False), (5, True, False), (20, True, True)]
)
def test_a_quartile_needs_five_groups_in_the_part_it_cuts_off(groups, mean, quartile) -> None:
    # By hand: of 20 groups, 5 lie below the first quartile; of 5, one is it.
    _, table = within(teams(groups))
    row = table.loc["AD around the mean"]
    assert (row["mean"] != "suppressed") == mean
    for name in ("q25", "median", "q75"):
        assert (row[name] != "suppressed") == quartile


def test_four_groups_give_no_number_no_sentence_and_no_verdict() -> None:
    result, _ = within(teams(4))
    assert len(result.tidy()) > 10
    assert not len(published(result))
    assert not result.text()
    assert not result.verdicts
    for table in result.tables().values():
        texts = " ".join(text for row in table.rows for text in row.texts)
        assert "justified" not in texts
        for row in table.rows:
            numbers = [t for t, n in zip(row.texts, table.numeric, strict=False) if n]
            assert set(numbers) <= {"s", "", "–"}, (table.name, row.texts)
    assert len(within(teams(5))[0].verdicts) == 1


def spoiled(data: pd.DataFrame, few: int) -> pd.DataFrame:
    """Let the first teams answer at the two ends of the scale, all others alike."""
    place = data.groupby("team").cumcount().to_numpy()
    number = data["team"].str[1:].astype(int).to_numpy()
    ends = np.where(place % 2, 5.0, 1.0)
    for name in ITEMS:
        data[name] = np.where(number < few, ends, 3.0 + number % 2)
    return data


@pytest.mark.parametrize(("few", "hidden"), [(3, True), (5, False), (0, False)])
def test_how_many_groups_disagree_is_a_number_of_groups(few: int, hidden: bool) -> None:
    _, table = within(spoiled(teams(40), few))
    row = table.loc["r_wg(j), uniform null"]
    assert (row["out_of_range"] == "suppressed") == hidden
    assert (row["at_least_70"] == "suppressed") == hidden
    if not hidden:
        assert row["out_of_range"] == few
        assert row["at_least_70"] == pytest.approx(1 - few / 40)


@pytest.mark.parametrize(("few", "hidden"), [(3, True), (5, False)])
def test_an_index_that_few_groups_lack_tells_of_them(few: int, hidden: bool) -> None:
    # a_wg is undefined where all but one chose the end of the scale.
    data = teams(40, seed=1)
    number = data["team"].str[1:].astype(int)
    first = ~data["team"].duplicated()
    for name in ITEMS:
        data[name] = np.where(number < few, np.where(first, 4.0, 5.0), 3.0)
    result, table = within(data)
    assert (table.loc["a_wg(j)", "mean"] == "suppressed") == hidden
    assert (table.loc["a_wg(j)", "n_groups"] == "suppressed") == hidden
    assert ("a_wg(j)" in set(published(result)["index"])) != hidden
    assert table.loc["SD", "n_groups"] == 40


def test_a_note_on_groups_that_could_not_be_estimated_is_hidden_with_them() -> None:
    data = teams(4)
    data.loc[0, "q1"] = 9.0
    lone = data.assign(row=np.arange(len(data)))
    described = {"q1": Variable("q1", "Item", roles=("member",), range=(1, 5))}
    dyads = dk.DyadFrame.from_individual(
        lone, dyad="row", group="team", roles=("member",), variables=described
    )
    with pytest.raises(DataError) as error:
        dk.assess_agreement(dyads, ["q1"], groups="group", seed=1)
    assert str(error.value).startswith("No agreement could be estimated. Of fewer than 5 dyads")


def test_correlations_within_and_between_rest_on_those_who_have_both_scores() -> None:
    data = teams(40).rename(columns={"q2": "care"})
    number = data["team"].str[1:].astype(int)
    lone = data.assign(row=np.arange(len(data)))
    # Each is known of twenty teams or more, both of four.
    lone.loc[number >= 22, "q1"] = np.nan
    lone.loc[number < 18, "care"] = np.nan
    described = {
        name: Variable(name, name.title(), roles=("member",), range=(1, 5))
        for name in ("q1", "care")
    }
    dyads = dk.DyadFrame.from_individual(
        lone, dyad="row", group="team", roles=("member",), variables=described
    )
    result = dk.assess_agreement(dyads, ["q1", "care"], groups="group", draws=0, seed=1)
    tidy = result.tidy()
    (between,) = tidy.loc[tidy["index"] == "WABA r between", "estimate"]
    both = data[(number >= 18) & (number < 22)]
    means = both.groupby("team")[["q1", "care"]].transform("mean")
    assert between == pytest.approx(means.corr().iloc[0, 1], rel=1e-12)
    assert not published(result)["index"].str.startswith("WABA").any()
    assert (published(result)["index"] == "SD").sum() == 2
