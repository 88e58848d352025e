"""Items: what was asked, and how each fits the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.answers.places import places_of
from dyadkit.answers.sample import Sample
from dyadkit.description.items import describe_items
from dyadkit.frame import DyadFrame
from dyadkit.study import Scale


def study_frame() -> DyadFrame:
    # Item–rest correlations by hand: for the coaches, q1 = 1 2 3 4 5 6, rest = q2 + (8 − q3).
    coach = {"q1": [1, 2, 3, 4, 5, 6], "q2": [2, 1, 4, 3, 6, 5], "q3": [7, 6, 5, 4, 3, 2]}
    client = {"q1": [2, 2, 3, 3, 4, 4], "q2": [1, 2, 3, 4, 5, 6], "q3": [6, 5, 4, 3, 2, 1]}
    rows = [
        pd.DataFrame({"pair": range(6), "role": role, **answers})
        for role, answers in (("coach", coach), ("client", client))
    ]
    dyads = DyadFrame.from_individual(pd.concat(rows), dyad="pair", role="role")
    trust = Scale(name="trust", items=("q1", "q2", "q3"), range=(1, 7), reverse=("q3",))
    return dk.score_scales(dyads, [trust])


def test_item_rest_correlation_by_hand() -> None:
    dyads = study_frame()
    place = next(p for p in places_of(dyads, ["trust"]) if p.role == "coach")
    found = describe_items(Sample.of(dyads), place)
    # Keyed q3 = 1 2 3 4 5 6.  Rest of q1: q2 + q3 = 3 3 7 7 11 11; its covariance with q1 is
    # 32/5 and the variances are 17.5/5 and 64/5, so r = 32/√(17.5 · 64) = .956183.
    assert found[0].rest == pytest.approx(32 / np.sqrt(17.5 * 64), rel=1e-12)
    assert [item.turned for item in found] == [False, False, True]
    assert found[2].mean == pytest.approx(4.5)  # as given: (7 + 6 + 5 + 4 + 3 + 2) / 6
    assert found[0].mean == pytest.approx(3.5)


def test_items_are_shown_and_keyed_in_reverse_marked() -> None:
    table = dk.describe(study_frame(), ["trust"], draws=0).tables()["items"]
    texts = [row.texts[0] for row in table.rows if not row.heading]
    assert texts == ["Item 1", "Item 2", "Item 3 (R)"] * 2


def test_items_of_few_persons_are_suppressed() -> None:
    dyads = study_frame()
    few = dyads.individual()
    few = few[few["dyad"] < 4].drop(columns=["trust", "person"])
    again = DyadFrame.from_individual(few, dyad="dyad", role="role")
    scale = Scale(name="trust", items=("q1", "q2", "q3"), range=(1, 7), reverse=("q3",))
    table = dk.describe(dk.score_scales(again, [scale]), ["trust"], draws=0).tables()["items"]
    assert all(set(row.texts[1:]) == {"s"} for row in table.rows if not row.heading)


def test_question_texts_are_the_labels() -> None:
    study = dk.read_study(Path(__file__).parents[2] / "analyses/distance_coaching/study.toml")
    result = dk.describe(dk.load(study), ["trust.client"], draws=0)
    texts = [row.texts[0] for row in result.tables()["items"].rows]
    assert "I can rely on what my coach tells me" in texts
    assert "I weigh my words when I talk with my coach (R)" in texts
