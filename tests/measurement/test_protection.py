"""Nobody can be made out from what is shown of measurement: groups of few, reasons, verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DyadKitError
from dyadkit.study import Privacy
from tests.measurement.test_invariance import ITEMS, answers, framed
from tests.measurement.test_ordered_ladder import FIVE, cut


@pytest.mark.parametrize("estimator", ["ML", "WLSMV"])
@pytest.mark.parametrize("count", [1, 4])
def test_the_reason_tells_nothing_of_a_group_of_few(estimator: Any, count: int) -> None:
    said = []
    for answer in (2.0, 5.0):
        data = cut(answers(150), FIVE)
        few = data["pair"] < count
        data.loc[few, "site"] = "c"
        data.loc[few, list(ITEMS)] = answer
        with pytest.raises(DyadKitError) as error:
            dk.assess_invariance(framed(data), "trust.client", group="site", estimator=estimator)
        said.append(str(error.value))
    assert said[0] == said[1]
    assert "fewer than 5 dyads or 5 persons" in said[0]


def test_what_few_show_gives_no_verdict_and_no_convergence() -> None:
    said = []
    for gap in (0.0, 0.9):
        dyads = framed(answers(60, intercept=gap))
        few = replace(dyads, privacy=Privacy(minimum_dyads=61))
        result = dk.assess_invariance(few, "trust")
        assert result.hidden >= {"trust.roles"}
        assert not result.verdicts
        assert result.convergence is None
        said.append(
            (result.text(), result.notes, [t._repr_html_() for t in result.tables().values()])
        )
    assert said[0] == said[1]


def test_a_ladder_of_enough_dyads_keeps_its_verdicts_beside_a_hidden_one() -> None:
    data = answers(120, waves=2)
    data.loc[(data["wave"] == "t2") & (data["pair"] >= 30), list(ITEMS)] = np.nan
    dyads = replace(framed(data), privacy=Privacy(minimum_dyads=40))
    result = dk.assess_invariance(dyads, "trust", across=["roles"])
    assert result.hidden == {"trust.roles.t2"}
    assert all("T1" in verdict.text for verdict in result.verdicts)
    alone = dk.assess_invariance(
        replace(framed(data), privacy=Privacy(minimum_dyads=1)), "trust.t1"
    )
    assert result.verdicts == alone.verdicts
    assert result.convergence == alone.convergence
    pd.testing.assert_frame_equal(
        result.tidy().query("ladder == 'trust.roles.t1'"), alone.tidy(), check_like=True
    )
