"""What common fate and dynamic panels say of several waves: planted effects, words, refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.panel.dynamic.dynamic_responses import long_run_of
from dyadkit.results import Result
from dyadkit.study import Privacy
from tests.panel import test_common_fate as fate
from tests.panel import test_dynamic_panel as dynamic

RNG = np.random.default_rng(14)
MONTHLY = {"t2": 1.0, "t3": 2.0, "t4": 3.0}


def together(data: pd.DataFrame, *names: str, alike: bool = False, **options: Any) -> Result:
    frame = replace(fate.framed(data, exchangeable=alike), wave_times=MONTHLY, time_unit="month")
    names = names or ("trust", "learning")
    return dk.fit_panel(frame, *names, kind="common_fate", **({"seed": 4} | options))


@pytest.mark.parametrize("alike", [False, True])
def test_what_the_dyad_has_goes_on_over_the_waves(alike: bool) -> None:
    data = fate.answers(4000, 4, seed=2)
    result = together(data, alike=alike, equal_lags=True, continuous_time=True)
    tidy = result.tidy().set_index("term")
    effects = np.array([[fate.TRUST, 0.0], [fate.FORTH, fate.LEARNING]])
    names = ["trust", "learning"]
    for i, target in enumerate(names):
        for j, source in enumerate(names):
            for later in (1, 2, 3):
                row = tidy.loc[f"response: {source} T1 -> {target} T{1 + later}"]
                fate.near(row, np.linalg.matrix_power(effects, later)[i, j])
    fate.near(tidy.loc["indirect: trust T1 -> trust T2 -> learning T3"], fate.TRUST * fate.FORTH)
    # The rates of own effects, whose matrix has a zero above its diagonal.
    fate.near(tidy.loc["drift: trust -> trust"], np.log(fate.TRUST))
    fate.near(tidy.loc["drift: learning -> learning"], np.log(fate.LEARNING))
    text = " ".join(result.text())
    assert "the effect of the dyad's Trust on its later Learning was strongest over a lag" in text
    figures = {figure.name: figure for figure in result.figure_specs}
    assert {"responses", "continuous_time"} <= set(figures)
    tables = result.tables()
    for told in (
        *(figures[name].caption for name in ("responses", "continuous_time")),
        *(tables[name].notes[0] for name in ("responses", "indirect", "drift")),
    ):
        assert told.startswith("Of the dyad's variables. ")
        assert "Within" not in told
    assert any("effects over lags other than 1 month were" in note.text for note in result.notes)


def test_one_variable_of_the_dyad_responds_to_itself() -> None:
    data = fate.answers(4000, 4, seed=3)
    result = together(data, "trust", equal_lags=True, continuous_time=True, bootstrap=200)
    tidy = result.tidy().set_index("term")
    for later in (1, 2, 3):
        fate.near(tidy.loc[f"response: trust T1 -> trust T{1 + later}"], fate.TRUST**later)
    fate.near(tidy.loc["drift: trust -> trust"], np.log(fate.TRUST))
    assert list(result.tables()) == ["models", "paths", "variances", "responses", "drift"]
    assert len(result.tables()["responses"].to_frame()) == 2
    drift = result.tables()["drift"]
    assert "peak" not in drift.to_frame()
    assert "dash" not in drift.notes[0]
    assert "Bootstrap intervals of 200 draws" in drift.notes[0]
    assert any("200 bootstrap samples of dyads" in text for text in result.methods)


def test_effects_that_are_not_to_be_interpreted_have_no_responses() -> None:
    result = together(fate.answers(600, 3, sign=-1, seed=3), bootstrap=100)
    assert not {"responses", "indirect"} & (set(result.tables()) | set(result.figures()))
    assert "impulse response" not in set(result.tidy()["quantity"])
    assert any("over several waves is left out" in note.text for note in result.notes)
    assert not any("several waves" in text for text in result.methods)
    fine = together(fate.answers(300, 3), bootstrap=100)
    assert not any("is left out" in note.text for note in fine.notes)


def test_exchangeable_members_have_the_same_draws_in_either_order() -> None:
    data = fate.answers(300, 3)
    other = data.assign(role=data["role"].map(dict(zip(fate.ROLES, fate.ROLES[::-1], strict=True))))
    flipped = pd.concat([other[other["pair"] % 3 == 0], data[data["pair"] % 3 > 0]])
    one, two = (
        together(each, alike=True, bootstrap=150).tidy().set_index("term")
        for each in (data, flipped)
    )
    several = one["quantity"].isin(["impulse response", "indirect effect"])
    assert several.sum() == 8 + 6
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(
            one.loc[several, column], two.loc[several, column], rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize(
    ("waves", "options", "error", "said"),
    [
        (1, {"bootstrap": 500}, Refused, "there is one wave"),
        (2, {"bootstrap": 500}, Refused, "there are two waves"),
        (1, {"continuous_time": True}, Refused, "rates.*there is one wave"),
        (3, {"continuous_time": True}, Refused, "equal_lags = true"),
        (3, {"bootstrap": 50}, StudyError, "too few for an interval"),
    ],
)
def test_what_the_dyad_cannot_have_is_refused(
    waves: int, options: dict[str, Any], error: type, said: str
) -> None:
    with pytest.raises(error, match=said):
        together(fate.answers(100, waves), **options)


def test_two_waves_of_the_dyad_have_rates_only() -> None:
    result = together(fate.answers(600, 2), continuous_time=True)
    assert list(result.tables())[-1] == "drift"
    assert "responses" not in result.tables()


def driven(frame: dk.DyadFrame, **options: Any) -> Result:
    return dynamic.fit(frame, **({"seed": 4} | options))


@pytest.mark.parametrize("times", [None, (0.0, 2.0, 4.0, 8.0)])
def test_y_responds_with_later_x_held(times: tuple[float, ...] | None) -> None:
    result = driven(dynamic.framed(dynamic.answers(4000), times))
    tidy = result.tidy().set_index("term")
    rho, beta = dynamic.RHO, dynamic.BETA
    for later in (1, 2, 3):
        ends = f"T1 -> courage_mentor T{1 + later}"
        dynamic.near(tidy.loc[f"response: support_mentor {ends}"], beta * rho ** (later - 1))
        dynamic.near(tidy.loc[f"response: courage_mentor {ends}"], rho**later)
    assert (tidy["quantity"] == "impulse response").sum() == 6
    assert "indirect effect" not in set(tidy["quantity"])
    assert list(result.tables()) == ["models", "paths", "stable", "responses"]
    table = result.tables()["responses"]
    assert table.title == "Responses over several waves, with later Support held"
    assert table.notes[0].startswith("Within persons. Of one unit more in T1")
    (figure,) = [each for each in result.figure_specs if each.name == "responses"]
    assert "With later Support held." in figure.caption
    assert {(line.label, line.panel) for line in figure.lines} == {
        ("Support", "On Courage"),
        ("Courage", "On Courage"),
    }
    notes = " ".join(note.text for note in result.notes)
    assert "with Support of later waves held" in notes
    assert "goes by way of Courage in between, and of nothing else" in notes
    text = " ".join(result.text())
    if times is None:
        dynamic.near(tidy.loc["long run: support_mentor -> courage_mentor"], beta / (1 - rho))
        assert "would go with higher Courage in the long run (long-run effect = 0." in text
        assert len(table.to_frame()) == 5
    else:
        # Which effect would go on is not known.
        assert "long-run effect" not in set(tidy["quantity"])
        assert "long run" not in text + notes + " ".join(result.methods)
        assert len(table.to_frame()) == 4


def test_a_partners_long_run_and_none() -> None:
    data = dynamic.answers(600, roles=("developee", "mentor"), beta=0.0)
    result = driven(dynamic.framed(data), x="support.developee", bootstrap=150)
    assert (
        "No effect of Support (developee) on Courage (mentor) in the long run was shown within "
        "dyads" in " ".join(result.text())
    )
    assert "Bootstrap intervals of 150 draws" in result.tables()["responses"].notes[0]
    assert "Within dyads. " in result.tables()["responses"].notes[0]


def test_no_long_run_where_y_may_not_return() -> None:
    rng = np.random.default_rng(5)
    data = dynamic.answers(120, 4)
    mentor = data["role"] == "mentor"
    # A walk at random, that differs in where it starts only.
    steps = rng.normal(size=(4, 120)).cumsum(axis=0)
    data.loc[mentor, "courage"] = steps.ravel()
    result = driven(dynamic.framed(data))
    tidy = result.tidy()
    assert "long-run effect" not in set(tidy["quantity"])
    assert any("in the long run is left out" in note.text for note in result.notes)
    assert "in the long run" not in " ".join(result.text())
    assert len(result.tables()["responses"].to_frame()) == 4


def test_the_long_run_is_what_responses_to_lasting_x_sum_to() -> None:
    rho = 0.6 + 0.05 * RNG.normal(size=4001)
    beta = 0.3 + 0.04 * RNG.normal(size=4001)
    rho[0], beta[0] = 0.6, 0.3
    rho[7] = beta[7] = np.nan
    found = long_run_of(rho, beta, 0.9)
    assert found is not None
    assert found.estimate == pytest.approx(0.3 * sum(0.6**later for later in range(200)))
    expected = np.hypot(0.3 / 0.4**2 * 0.05, 0.04 / 0.4)
    assert found.std_error == pytest.approx(expected, rel=4.5 / np.sqrt(2 * 4000))
    each = np.sort((beta / (1 - rho))[1:][~np.isnan(rho[1:])])
    assert found.interval == pytest.approx((each[199], each[3799]), rel=5e-3)


@pytest.mark.parametrize("rho", [0.8, 0.95, 1.2, -0.8, -0.97])
def test_the_long_run_needs_an_effect_that_fades(rho: float) -> None:
    drawn = rho + 0.05 * RNG.normal(size=2001)
    drawn[0] = rho
    there = long_run_of(drawn, np.full(2001, 0.3), 0.95) is not None
    assert there == (abs(rho) == 0.8)


def test_draws_without_a_limit_are_the_largest() -> None:
    # Twenty of a thousand, on one side less than the interval leaves out.
    rho, beta = np.full(1001, 0.5), 0.3 + 0.01 * RNG.normal(size=1001)
    rho[1:21] = 1.0 + 0.01 * np.arange(1, 21)
    found = long_run_of(rho, beta, 0.95)
    assert found is not None
    assert found.interval[1] < 0.8
    inside = np.sort(beta[21:] / 0.5)
    # That of number 1001 × 0.975 of all is that of those that have a limit.
    assert inside[974] < found.interval[1] <= inside[975]


def test_numbers_of_few_dyads_are_not_shown() -> None:
    data = dynamic.answers(200)
    data.loc[(data["wave"] == "t3") & (data["pair"] >= 60), "courage"] = np.nan
    for fewest, shown in ((60, True), (61, False)):
        private = replace(dynamic.framed(data), privacy=Privacy(minimum_dyads=fewest))
        result = driven(private)
        texts = [text for row in result.tables()["responses"].rows for text in row.texts[2:]]
        assert any(char.isdigit() for text in texts for char in text) == shown
        assert ("long-run effect" in " ".join(result.text())) == shown
