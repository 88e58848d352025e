"""Groups in the analysis: teams, a mentor's developees, the two members of a dyad."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import StudyError
from dyadkit.frame import Variable
from dyadkit.study import Scale

ITEMS = ("q1", "q2", "q3")


def teams(n: int = 40, seed: int = 7) -> pd.DataFrame:
    """Return members of teams of 2 to 5, who answered three items from 1 to 5."""
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 6, n)
    team = np.repeat(np.arange(n), size)
    level = rng.normal(0, 0.8, n)[team]
    raw = 3 + level[:, np.newaxis] + rng.normal(0, 0.7, (team.size, 3))
    frame = pd.DataFrame(np.clip(np.rint(raw), 1, 5), columns=list(ITEMS))
    return frame.assign(team=[f"T{code:02d}" for code in team])


def scored(data: pd.DataFrame, **keys: str) -> dk.DyadFrame:
    scale = Scale(name="climate", label="Climate", items=ITEMS, range=(1, 5))
    return dk.score_scales(dk.DyadFrame.from_individual(data, **keys), [scale])


def by_hand(data: pd.DataFrame, null: float) -> pd.Series:
    """Return r_wg(j) of each team, as pandas computes variances."""
    ratio = (data.groupby("team")[list(ITEMS)].var().mean(axis=1) / null).clip(upper=1)
    return 3 * (1 - ratio) / (3 * (1 - ratio) + ratio)


@pytest.fixture(scope="module")
def of_teams():
    data = teams()
    lone = data.assign(row=np.arange(len(data)))
    dyads = scored(lone, dyad="row", group="team", roles=("member",))
    return dk.assess_agreement(dyads, ["climate"], groups="group", seed=2)


def test_teams_of_a_frame(of_teams) -> None:
    data = teams()
    tidy = of_teams.tidy().set_index("index")
    expected = by_hand(data, 2.0).mean()
    found = tidy.loc["r_wg(j), uniform null", "estimate"]
    assert found == pytest.approx(expected, rel=1e-12)
    skewed = by_hand(data, 1.34).mean()
    assert tidy.loc["r_wg(j), slight skew null", "estimate"] == pytest.approx(skewed, rel=1e-12)
    score = data[list(ITEMS)].mean(axis=1)
    mean = score.groupby(data["team"]).transform("mean")
    n, groups = len(data), data["team"].nunique()
    between = float(((mean - score.mean()) ** 2).sum()) / (groups - 1)
    within = float(((score - mean) ** 2).sum()) / (n - groups)
    assert tidy.loc["ICC(2)", "estimate"] == pytest.approx(1 - within / between, rel=1e-12)
    size = n / groups
    icc = (between - within) / (between + (size - 1) * within)
    assert tidy.loc["ICC(1)", "estimate"] == pytest.approx(icc, rel=1e-12)


def test_a_plain_table_of_persons_will_do(of_teams) -> None:
    data = teams().drop(columns=["q2", "q3"])
    described = {"q1": Variable("q1", "Item", roles=("person",), range=(1, 5))}
    with pytest.raises(StudyError, match=r"range = \[1, 5\]"):
        dk.assess_agreement(data, ["q1"], group="team")
    lone = data.assign(row=np.arange(len(data)))
    dyads = dk.DyadFrame.from_individual(
        lone, dyad="row", group="team", roles=("person",), variables=described
    )
    found = dk.assess_agreement(dyads, ["q1"], groups="group", seed=2).tidy().set_index("index")
    variance = (data.groupby("team")["q1"].var() / 2).clip(upper=1)
    expected = float((1 - variance).mean())
    assert found.loc["r_wg, uniform null", "estimate"] == pytest.approx(expected, rel=1e-12)


def test_aggregation_is_judged_in_a_table_and_a_verdict(of_teams) -> None:
    (verdict,) = of_teams.verdicts
    table = of_teams.tables()["aggregation"].to_frame()
    assert verdict.holds == (table["met"] == "yes").all()
    assert verdict.subject == "climate"
    assert {"Mean AD", "ICC(1)", "ICC(2)"} < set(table["criterion"])


def several() -> dk.DyadFrame:
    """Return mentors with up to four developees, some with one."""
    rng = np.random.default_rng(4)
    rows = []
    for mentor in range(30):
        for place in range(1 + mentor % 4):
            pair = f"{mentor:02d}-{place}"
            answers = np.clip(np.rint(rng.normal(3, 1, 3)), 1, 5)
            rows.append((pair, "mentor", f"m{mentor}", np.nan, np.nan, np.nan))
            rows.append((pair, "developee", f"d{pair}", *answers))
    data = pd.DataFrame(rows, columns=["pair", "role", "who", *ITEMS])
    return scored(data, dyad="pair", role="role", person="who", roles=("mentor", "developee"))


def test_developees_of_one_mentor_are_a_group_and_lone_ones_are_counted() -> None:
    dyads = several()
    result = dk.assess_agreement(dyads, ["climate.developee"], groups="mentor", seed=2)
    tidy = result.tidy().set_index("index")
    assert tidy.loc["SD", "n"] == 22
    assert any("8 group(s) with a single complete member" in note.text for note in result.notes)
    assert not any("too narrow" in note.text for note in result.notes)
    derived = result.derived.data
    assert list(derived.columns) == ["dyad", "climate_developee_ad", "climate_developee_rwg"]
    # Every dyad of a mentor has its group's value.
    of_mentor = derived["dyad"].str[:2]
    assert (derived.groupby(of_mentor)["climate_developee_ad"].nunique() == 1).all()
    joined = dyads.with_variables(derived)
    assert joined.variables["climate_developee_ad"].level == "dyad"


def test_pairs_get_r_wg_on_request_with_a_warning() -> None:
    data = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(25), 2),
            "q1": np.column_stack(np.divmod(np.arange(25), 5)).ravel() + 1.0,
        }
    )
    described = {"q1": Variable("q1", "Item", roles=("peer",), range=(1, 5))}
    dyads = dk.DyadFrame.from_individual(data, dyad="pair", roles=("peer",), variables=described)
    result = dk.assess_agreement(dyads, ["q1"], groups="dyad", nulls=["uniform"], seed=1)
    assert set(result.derived.data["q1_rwg"].round(12)) == {0.0, 0.75, 1.0}
    assert any("r_wg of pairs" in note.text for note in result.notes)
    table = result.tables()["within_groups"].to_frame().set_index("index")
    assert table.loc["a_wg", "undefined"] == 18


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"groups": "teams"}, StudyError, "names no groups"),
        ({"groups": "group"}, StudyError, "does not say who belongs"),
        ({"groups": "mentor", "nulls": ["unifrm"]}, StudyError, "uniform"),
        ({"groups": "mentor", "nulls": [(0.5, 0.5)]}, StudyError, "5 probabilities"),
        ({"groups": "mentor", "nulls": [9.0]}, StudyError, "cannot exceed 4"),
        ({"families": ["groups"]}, StudyError, "which"),
        ({"families": ["ratings"]}, StudyError, "about both"),
    ],
)
def test_wrong_calls_are_refused_with_the_reason(options, error, said: str) -> None:
    with pytest.raises(error, match=said):
        dk.assess_agreement(several(), ["climate.developee"], **options)


def test_one_group_has_agreement_but_no_reliability() -> None:
    data = teams().assign(team="all", row=range(len(teams())))
    dyads = scored(data, dyad="row", group="team", roles=("member",))
    result = dk.assess_agreement(dyads, ["climate"], groups="group", seed=2)
    # One group is too few to be shown at all; on the researcher's own screen it stands.
    assert set(result.tidy()["index"]) >= {"AD around the mean", "SD"}
    assert "ICC(1)" not in set(result.tidy()["index"])
    assert result.tables()["within_groups"].to_frame()["mean"].eq("suppressed").all()


def test_teams_that_agree_fully_are_told_why_a_model_is_missing() -> None:
    data = teams()
    first = data.groupby("team")[list(ITEMS)].transform("first")
    data = data.assign(row=np.arange(len(data)), **{name: first[name] for name in ITEMS})
    dyads = scored(data, dyad="row", group="team", roles=("member",))
    result = dk.assess_agreement(dyads, ["climate"], groups="group", seed=2)
    assert result.tidy().set_index("index").loc["ICC(1)", "estimate"] == 1.0
    assert any("no maximum" in note.text for note in result.notes)


def test_names_of_groups_are_nowhere(of_teams) -> None:
    shown = [table.to_frame().to_csv() for table in of_teams.tables().values()]
    shown += [note.text for note in of_teams.notes]
    assert not any("T01" in text for text in shown)
