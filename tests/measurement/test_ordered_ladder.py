"""Ladders of ordered answers as an analysis: what is found, shown and refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, Refused, StudyError
from tests.measurement.test_invariance import ITEMS, answers, framed


def cut(data: pd.DataFrame, cuts: tuple[float, ...]) -> pd.DataFrame:
    """Return the answers on as many categories as there are cuts, and one more."""
    raw = data[list(ITEMS)].to_numpy()
    codes = np.where(np.isnan(raw), np.nan, 1 + np.digitize(raw, cuts))
    return data.assign(**dict(zip(ITEMS, codes.T, strict=True)))


FIVE, THREE, TWO = (2.6, 3.5, 4.3, 5.2), (3.5, 4.6), (4.0,)


def models(result: dk.Result) -> pd.DataFrame:
    return result.tidy().query("quantity == 'model'").set_index("step")


def test_what_is_equal_holds() -> None:
    result = dk.assess_invariance(framed(cut(answers(600), FIVE)), "trust", estimator="WLSMV")
    table = models(result)
    # Two thresholds more than unit and origin an item, then 3 loadings, 3 intercepts, 4 residuals.
    assert table.index.tolist() == [
        "configural",
        "thresholds",
        "loadings",
        "intercepts",
        "residuals",
    ]
    assert table["df_difference"].tolist()[1:] == [8, 3, 3, 4]
    assert all(verdict.holds for verdict in result.verdicts)
    assert len(result.verdicts) == 3
    (table_note,) = result.tables()["ladder"].notes
    assert "equal thresholds, loadings and intercepts" in table_note
    assert set(result.tidy().query("quantity == 'item test'")["step"]) == set(table.index[1:])


def test_a_planted_shift_is_found_in_its_item() -> None:
    dyads = framed(cut(answers(600, intercept=0.7), FIVE))
    result = dk.assess_invariance(dyads, "trust", estimator="WLSMV")
    verdicts = {verdict.property: verdict.holds for verdict in result.verdicts}
    assert verdicts == {"equal loadings across roles": True, "equal intercepts across roles": False}
    tidy = result.tidy()
    tests = tidy.query("quantity == 'item test' and step == 'intercepts'").set_index("item")
    assert tests["statistic"].idxmax() == "q2"
    sizes = tidy.query("quantity == 'dMACS'").set_index("item")
    assert sizes["estimate"].idxmax() == "q2"
    # Clients answer higher: at the same level of the factor, and with lower thresholds.
    assert sizes.loc["q2", "signed"] > 0.4
    levels = tidy.query("quantity == 'mean threshold difference'").set_index("item")
    assert levels.loc["q2", "conf_high"] < 0
    freed = dk.assess_invariance(dyads, "trust", estimator="WLSMV", free=["intercepts: q2"])
    assert {v.property: v.holds for v in freed.verdicts}["equal intercepts across roles"]


@pytest.mark.parametrize(
    ("cuts", "steps", "df"),
    [
        (THREE, ["configural", "loadings", "intercepts", "residuals"], [3, 3, 4]),
        (TWO, ["configural", "residuals"], [6]),
    ],
)
def test_few_answers_have_fewer_steps(
    cuts: tuple[float, ...], steps: list[str], df: list[int]
) -> None:
    dyads = framed(cut(answers(800), cuts))
    result = dk.assess_invariance(dyads, "trust", estimator="WLSMV")
    table = models(result)
    assert table.index.tolist() == steps
    # Of two answers: 4 thresholds and 4 loadings less a mean and a variance.
    assert table["df_difference"].tolist()[1:] == df
    tidy = result.tidy().query("quantity == 'dMACS'")
    assert tidy["item"].tolist() == list(ITEMS)
    assert (tidy["estimate"] < 0.35).all()
    assert (tidy["upper"] > tidy["estimate"]).all()
    with pytest.raises(Refused, match="one threshold" if cuts == TWO else "two thresholds"):
        dk.assess_invariance(dyads, "trust", estimator="WLSMV", steps=["configural", "thresholds"])


def test_roles_and_waves_and_groups() -> None:
    dyads = framed(cut(answers(500, waves=2, gaps=0.02), FIVE))
    both = dk.assess_invariance(dyads, "trust", estimator="WLSMV")
    # Four places of 4 items: 3 x 2 x 4, 3 x 3, 3 x 3, 3 x 4.
    assert models(both)["df_difference"].tolist()[1:] == [24, 9, 9, 12]
    assert models(both)["ladder"].unique().tolist() == ["trust.roles.waves"]
    complete = int(dyads.wide()[[c for c in dyads.wide() if c[0] == "q"]].notna().all(axis=1).sum())
    assert complete < 500
    (support,) = [each for each in both.supports if each.key == "trust.roles.waves"]
    assert support.dyads == complete
    assert any(f"{complete} dyads with every answer" in note.text for note in both.notes)
    sites = dk.assess_invariance(dyads, "trust.client.t1", group="site", estimator="WLSMV")
    assert models(sites)["df_difference"].tolist()[1:] == [8, 3, 3, 4]


def test_an_answer_that_nobody_gave_in_one_place_is_named_and_can_be_joined() -> None:
    data = cut(answers(400), FIVE)
    data.loc[(data["role"] == "client") & (data["q2"] == 1), "q2"] = 2
    data.loc[(data["role"] == "coach") & (data["q3"] >= 4), "q3"] = 3
    said = r"q2_client no 1, q3_coach no 4, 5\..* join = \[\[1, 2\], \[3, 4, 5\]\]"
    with pytest.raises(DataError, match=said):
        dk.assess_invariance(framed(data), "trust", estimator="WLSMV")
    data = cut(answers(400), FIVE)
    data.loc[(data["role"] == "client") & (data["q2"] == 1), "q2"] = 2
    result = dk.assess_invariance(framed(data), "trust", estimator="WLSMV", join=[[1, 2]])
    assert any("count as one: 1 and 2" in note.text for note in result.notes)
    # The same as if there had been four answers.
    by_hand = data.assign(**{item: data[item].replace({1: 1.5, 2: 1.5}) for item in ITEMS})
    expected = dk.assess_invariance(framed(by_hand), "trust", estimator="WLSMV")
    pd.testing.assert_frame_equal(result.tidy(), expected.tidy())


@pytest.mark.parametrize(
    ("join", "said"),
    [
        ([[1]], "1 is no two or more answers"),
        ([[1, 3]], "1, 3 is no two.*; 2 lies between"),
        ([[1, 2], [2, 3]], "2 stands in two sets"),
    ],
)
def test_answers_that_cannot_be_joined_are_refused(join: list[list[float]], said: str) -> None:
    ordered = framed(cut(answers(200), FIVE))
    with pytest.raises(StudyError, match=said):
        dk.assess_invariance(ordered, "trust", estimator="WLSMV", join=join)
    with pytest.raises(StudyError, match='estimator = "WLSMV"'):
        dk.assess_invariance(ordered, "trust", join=[[1, 2]])


def test_an_item_that_all_answered_alike_is_named() -> None:
    data = cut(answers(200), FIVE)
    data["q2"] = 3
    with pytest.raises(DataError, match=r"All answers to q2_coach, q2_client are the same \(3\)"):
        dk.assess_invariance(framed(data), "trust", estimator="WLSMV")


def test_scores_that_are_no_categories_and_dyads_without_all_answers_are_refused() -> None:
    with pytest.raises(DataError, match="different answers are too many"):
        dk.assess_invariance(framed(answers(300)), "trust", estimator="WLSMV")
    data = cut(answers(200), FIVE)
    data.loc[(data["role"] == "client") & (data["pair"] < 100), "q1"] = np.nan
    data.loc[(data["role"] == "coach") & (data["pair"] >= 100), "q1"] = np.nan
    with pytest.raises(DataError, match="no dyad has an answer to all 8 items"):
        dk.assess_invariance(framed(data), "trust", estimator="WLSMV")
    data.loc[data["role"] == "client", "q1"] = np.nan
    with pytest.raises(DataError, match="nobody answered q1_client, so"):
        dk.assess_invariance(framed(data), "trust")


def test_what_only_ordered_answers_have_is_refused_of_others() -> None:
    dyads = framed(answers(200))
    with pytest.raises(StudyError, match='estimator = "WLSMV"'):
        dk.assess_invariance(dyads, "trust", steps=["configural", "thresholds"])
    with pytest.raises(StudyError, match="'thresholds: q2' is not understood"):
        dk.assess_invariance(dyads, "trust", free=["thresholds: q2"])
    ordered = framed(cut(answers(400), FIVE))
    with pytest.raises(StudyError, match="would keep equal intercepts"):
        dk.assess_invariance(
            ordered,
            "trust",
            estimator="WLSMV",
            free=["thresholds: q1", "thresholds: q2", "thresholds: q3"],
        )
