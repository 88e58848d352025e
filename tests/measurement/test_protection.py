"""Nobody can be made out from what is shown of measurement: groups of few, reasons, verdicts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DyadKitError, Refused
from dyadkit.study import Privacy, Scale
from tests.measurement.test_invariance import ITEMS, answers, framed
from tests.measurement.test_marker import dyads_of, rows
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


def two_scales(n: int, few: int = 0) -> dk.DyadFrame:
    """Return pairs with two scales; `few` dyads answered the last item of the second one."""
    rng = np.random.default_rng(2)
    frames = []
    for role in ("coach", "client"):
        level = rng.normal(size=(n, 2)).repeat(3, axis=1)
        values = pd.DataFrame(level + 0.7 * rng.normal(size=(n, 6)), columns=[*"abcdef"])
        values.loc[few or n :, "f"] = np.nan
        frames.append(values.assign(pair=range(n), role=role))
    dyads = dk.DyadFrame.from_individual(
        pd.concat(frames), dyad="pair", role="role", roles=("coach", "client")
    )
    scales = [Scale(name=name, items=tuple(name), range=(-9, 9)) for name in ("abc", "def")]
    return dk.score_scales(dyads, scales)


def test_why_no_factor_model_was_fitted_tells_nothing_of_few() -> None:
    with pytest.raises(Refused, match=r"nothing could be compared here\.$"):
        dk.compare_factor_models(two_scales(4))
    with pytest.raises(Refused, match="6 of 6 can be used"):
        dk.compare_factor_models(two_scales(6))
    shown = dk.assess_reliability(two_scales(6), draws=10)
    hidden = dk.assess_reliability(two_scales(4), draws=10)
    assert any("no factor model" in note.text for note in shown.notes)
    assert not any("no factor model" in note.text for note in hidden.notes)


def test_models_with_a_marker_rest_on_the_item_that_fewest_answered() -> None:
    data = rows(0.3, n=120)
    data.loc[data["pair"] < 30, "c1"] = np.nan
    result = dk.compare_factor_models(dyads_of(data), marker="chronotype")
    found = {each.dyads for each in result.supports if each.key.startswith("marker.")}
    assert found == {90}
