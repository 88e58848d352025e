"""Which variables, nulls and members of groups are taken, and what is said of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.agreement.critical_values import critical_value
from dyadkit.agreement.nulls import null_named
from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.frame import Variable
from tests.agreement.test_assess import couples, framed
from tests.agreement.test_assess_groups import scored, several, teams

BOTH = ("coach", "client")


def of_teams(data: pd.DataFrame, variables=("climate",), **options: object) -> dk.results.Result:
    lone = data.assign(row=np.arange(len(data)))
    dyads = scored(lone, dyad="row", group="team", roles=("member",))
    return dk.assess_agreement(dyads, variables, groups="group", draws=0, seed=2, **options)


def trust(data: pd.DataFrame, **options: object) -> dk.results.Result:
    ends = options.pop("ends", (1, 7))
    described = Variable("trust", "Trust", roles=BOTH, range=ends)
    dyads = framed(data, trust=described)
    return dk.assess_agreement(dyads, ["trust"], groups="dyad", draws=0, seed=1, **options)


def test_without_variables_the_scales_are_taken_and_not_their_items() -> None:
    assert set(of_teams(teams(), variables=None).tidy()["variable"]) == {"climate"}


def test_without_scales_what_has_no_range_is_left_out_and_named() -> None:
    described = Variable("trust", "Trust", roles=BOTH, range=(1, 7))
    dyads = framed(couples(), trust=described)
    result = dk.assess_agreement(dyads, groups="dyad", draws=0, seed=1)
    assert set(result.tidy()["variable"]) == {"trust"}
    said = {note.text.split(":")[0]: note.text for note in result.notes}
    assert "has no range" in said["Care"]
    assert "no numbers" in said["Mode"]
    with pytest.raises(StudyError, match="'care' has no range"):
        dk.assess_agreement(dyads, ["care"], groups="dyad")


def test_a_variable_of_the_wrong_side_is_not_left_out_in_silence() -> None:
    with pytest.raises(DataError, match="Climate: was asked of mentor only"):
        dk.assess_agreement(several(), ["climate.mentor"], groups="mentor")


def test_a_null_that_is_not_published_for_a_scale_is_left_out_and_named() -> None:
    data = couples()
    data["trust"] = data["trust"].clip(1, 4)
    result = trust(data, ends=(1, 4))
    assert any("'slight skew' is published for 5 to 11" in note.text for note in result.notes)
    found = set(result.tidy()["index"])
    assert "r_wg, uniform null" in found
    assert "r_wg, slight skew null" not in found
    with pytest.raises(Refused, match="slight skew"):
        trust(data, ends=(1, 4), nulls=["slight skew"])


def test_answers_between_the_options_have_no_number_of_options() -> None:
    data = couples()
    data["trust"] = (data["trust"] - 1) / 6
    with pytest.raises(DataError, match=r"options 0, 1, … 1, but \d+ of 120 answers lie between"):
        trust(data, ends=(0, 1), nulls=["uniform"])
    own = trust(data, ends=(0, 1), nulls=[1 / 12]).tidy().set_index("index")
    variance = data.groupby("pair")["trust"].var()
    expected = (1 - (variance * 12).clip(upper=1)).mean()
    assert own.loc["r_wg, own null", "estimate"] == pytest.approx(expected, rel=1e-12)


def test_nulls_of_ones_own_are_told_apart_and_repeated_ones_taken_once() -> None:
    found = trust(couples(), nulls=[1.5, "uniform", "uniform", (1 / 7,) * 7]).tidy()
    names = found.loc[found["index"].str.startswith("r_wg"), "index"].tolist()
    assert names == ["r_wg, own 1 null", "r_wg, uniform null", "r_wg, own 2 null"]


def test_who_has_no_group_is_counted_when_nobody_has() -> None:
    data = teams(6)
    lone = data.assign(team=data["team"].where(data.index >= 20)).iloc[:21]
    with pytest.raises(DataError, match=r"Of 20 person\(s\) the group is not known"):
        of_teams(lone)


def test_every_dyad_of_a_person_has_the_value_of_the_group() -> None:
    # A coach of three dyads answers once; all three are of the coach's team.
    rng = np.random.default_rng(3)
    pair = np.arange(90)
    coach, team = pair // 3, pair // 15
    answers = rng.integers(1, 6, 30).astype(float)[coach]
    data = pd.DataFrame(
        {
            "pair": np.repeat([f"P{number:02d}" for number in pair], 2),
            "role": np.tile(BOTH, 90),
            "who": [name for p in pair for name in (f"c{p // 3}", f"x{p}")],
            "team": np.repeat(team, 2),
            "trust": np.column_stack([answers, np.full(90, np.nan)]).ravel(),
        }
    )
    described = Variable("trust", "Trust", roles=("coach",), range=(1, 5))
    dyads = dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        person="who",
        group="team",
        roles=BOTH,
        variables={"trust": described},
    )
    result = dk.assess_agreement(dyads, ["trust"], groups="group", draws=0, seed=1)
    derived = result.derived.data
    assert len(derived) == 90
    once = pd.DataFrame({"team": team[::3], "trust": answers[::3]})
    apart = once["trust"] - once.groupby("team")["trust"].transform("mean")
    expected = apart.abs().groupby(once["team"]).mean()
    assert derived["trust_coach_ad"].tolist() == pytest.approx(expected[team].tolist())


@pytest.mark.parametrize("index", ["rwg", "ad_mean", "ad_median"])
@pytest.mark.parametrize("items", [1, 3])
def test_critical_values_of_large_groups_follow_those_of_answers_drawn_one_by_one(
    index, items
) -> None:
    # Above a hundred members only the numbers of each answer are drawn.
    null = null_named("slight skew", 5)
    found = critical_value(index, 101, items, null, np.random.default_rng(1), draws=20_000)
    rng, shares = np.random.default_rng(2), np.array(null.probabilities)
    answers = rng.choice(5, (20_000, 101, items), p=shares).astype(float)
    if index == "rwg":
        ratio = np.minimum(answers.var(axis=1, ddof=1).mean(axis=1) / null.variance, 1)
        value = items * (1 - ratio) / (items * (1 - ratio) + ratio)
    else:
        middle = np.median(answers, axis=1) if index == "ad_median" else answers.mean(axis=1)
        value = np.abs(answers - middle[:, np.newaxis]).mean(axis=(1, 2))
    # The same share of groups reaches the critical value, within the error of both simulations.
    reached = value >= found.estimate - 1e-9 if index == "rwg" else value <= found.estimate + 1e-9
    assert reached.mean() == pytest.approx(found.attained, abs=5 * found.monte_carlo_error)


@pytest.mark.parametrize(("size", "warned"), [(2, True), (4, False)])
def test_groups_of_two_are_pairs_whatever_they_are_called(size: int, warned: bool) -> None:
    data = teams(30)
    rows = pd.concat([data] * 2).assign(team=lambda d: np.arange(len(d)) // size)
    notes = of_teams(rows.assign(team=rows["team"].astype(str))).notes
    assert any("r_wg of pairs" in note.text for note in notes) == warned
