"""What a panel says of several waves: draws, tables, words, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.continuous_shown import show_continuous_time
from dyadkit.panel.implied.drawn_effects import EffectDraws
from dyadkit.panel.implied.over_waves import responses_found
from dyadkit.panel.implied.responses_tables import responses_plot
from dyadkit.panel.lagged.competing import Competing
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.request import Request
from dyadkit.panel.shown import Shown
from tests.panel.test_panel import CROSS, OWN, answers, framed

MONTHLY = {"t2": 1.0, "t3": 2.0, "t4": 3.0}
# A CLPM of support (s) and courage (c), with a response and a route as defined parameters.
WRITTEN = """\
support_developee_t2 ~ ss1*support_developee_t1 + sc1*courage_developee_t1
courage_developee_t2 ~ cc1*courage_developee_t1 + cs1*support_developee_t1
support_developee_t3 ~ ss2*support_developee_t2 + sc2*courage_developee_t2
courage_developee_t3 ~ cc2*courage_developee_t2 + cs2*support_developee_t2
support_developee_t2 ~~ support_developee_t2
support_developee_t3 ~~ support_developee_t3
courage_developee_t2 ~~ courage_developee_t2
courage_developee_t3 ~~ courage_developee_t3
support_developee_t2 ~~ courage_developee_t2
support_developee_t3 ~~ courage_developee_t3
support_developee_t2 ~ 1
support_developee_t3 ~ 1
courage_developee_t2 ~ 1
courage_developee_t3 ~ 1
route := cs2*ss1
response := cs2*ss1 + cc2*cs1
"""


def fit(dyads: dk.DyadFrame, **options: Any) -> dk.Result:
    given = {"x": "support.developee", "y": "courage.developee", "seed": 5} | options
    return dk.fit_panel(dyads, **given)


def asked(dyads: dk.DyadFrame, model: SemFit) -> tuple[Request, Panel]:
    """Return what is asked of the written model, and the panel of it."""
    request = Request(
        dyads=dyads,
        references=("support.developee", "courage.developee"),
        kind="clpm",
        waves=("t1", "t2", "t3"),
    )
    everything = Competing("All", "all", frozenset({(0, 1), (1, 0)}))
    models = (Compared(everything, "", model, 0.0, 0.0, 1.0),)
    return request, Panel(
        request.series, request.wave_labels, "clpm", False, models, None, 0.95, "ML"
    )


@pytest.fixture(scope="module")
def dyads() -> dk.DyadFrame:
    return framed(answers(300), MONTHLY)


@pytest.fixture(scope="module")
def gaps() -> dk.DyadFrame:
    data = answers(200, 3)
    rng = np.random.default_rng(8)
    data.loc[rng.random(len(data)) < 0.1, "courage"] = np.nan
    return framed(data)


@pytest.mark.parametrize("draws", [0, 300])
def test_intervals_are_those_of_the_same_numbers_defined_in_the_model(
    gaps: dk.DyadFrame, draws: int
) -> None:
    tidy = fit(gaps, kind="clpm", bootstrap=draws).tidy().set_index("term")
    # The same free parameters in the same order, so that the same seed draws the same.
    written = fit_sem(WRITTEN, gaps)
    if draws:
        theirs = written.with_bootstrap(draws, seed=5).bootstrap_intervals()
    else:
        theirs = written.monte_carlo_intervals(seed=5)
    theirs = theirs.set_index("term")
    ends = "support_developee T1", "support_developee T2", "courage_developee T3"
    for name, term in (
        ("route", f"indirect: {' -> '.join(ends)}"),
        ("response", f"response: {ends[0]} -> {ends[2]}"),
    ):
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            assert tidy.loc[term, column] == pytest.approx(theirs.loc[name, column], rel=1e-5)


@pytest.mark.parametrize("draws", [0, 200])
def test_the_same_seed_gives_the_same_numbers(gaps: dk.DyadFrame, draws: int) -> None:
    first, again = (fit(gaps, kind="clpm", bootstrap=draws).tidy() for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    other = fit(gaps, kind="clpm", bootstrap=draws, seed=6).tidy()
    several = first["quantity"] == "indirect effect"
    assert (first["conf_low"] != other["conf_low"])[several].all()
    np.testing.assert_array_equal(first["estimate"], other["estimate"])


def test_planted_effects_go_on_over_the_waves() -> None:
    result = fit(framed(answers(3000), MONTHLY), equal_lags=True, continuous_time=True)
    tidy = result.tidy().set_index("term")
    effects = np.array([[OWN, 0.0], [CROSS, OWN]])
    names = ["support_developee", "courage_developee"]
    # log of r I + N is log(r) I + N / r where N N = 0.
    rates = np.array([[np.log(OWN), 0.0], [CROSS / OWN, np.log(OWN)]])
    for i, target in enumerate(names):
        for j, source in enumerate(names):
            for later in (1, 2, 3):
                row = tidy.loc[f"response: {source} T1 -> {target} T{1 + later}"]
                expected = np.linalg.matrix_power(effects, later)[i, j]
                assert abs(row["estimate"] - expected) < 3.5 * row["std_error"]
            row = tidy.loc[f"drift: {source} -> {target}"]
            assert abs(row["estimate"] - rates[i, j]) < 3.5 * row["std_error"]
    for between in names:
        row = tidy.loc[f"indirect: {names[0]} T1 -> {between} T2 -> {names[1]} T3"]
        assert row["estimate"] == pytest.approx(OWN * CROSS, abs=3.5 * row["std_error"])
        assert row["conf_low"] > 0
    text = " ".join(result.text())
    assert "by way of" not in text
    said = "within persons the effect of Support on later Courage was strongest over a lag of 0."
    assert said in text
    assert "the effect of Courage on later Support was strongest" not in text


def test_tables_say_how_intervals_were_found_and_what_is_left_out(dyads: dk.DyadFrame) -> None:
    result = fit(dyads)
    tables = result.tables()
    responses, indirect = tables["responses"], tables["indirect"]
    # Four of two waves later and four of three; six routes from each of two waves.
    assert len(responses.to_frame()) == 8
    assert len(indirect.to_frame()) == 12
    assert "20,000" in responses.notes[0]
    assert "Left out: stability" in indirect.notes[0]
    assert "Within persons" in indirect.notes[0]
    assert any("MacKinnon" in text for text in result.methods)
    # Waves are whole.
    drawn = result.figures()["responses"].findobj(Text)
    assert {"1", "2", "3"} < {text.get_text() for text in drawn}
    tidy = result.tidy()
    assert (tidy["quantity"] == "indirect effect").sum() == 12
    equal = fit(dyads, kind="clpm", equal_lags=True, bootstrap=100)
    assert len(equal.tables()["indirect"].to_frame()) == 6
    assert "Bootstrap intervals of 100 draws" in equal.tables()["indirect"].notes[0]
    assert "Within persons" not in equal.tables()["indirect"].notes[0]
    assert any("100 bootstrap samples of dyads" in text for text in equal.methods)


def test_of_four_series_only_routes_by_way_of_a_third_are_in_the_table() -> None:
    result = dk.fit_panel(framed(answers(300, 3)), "support", "courage", kind="clpm", seed=1)
    table = result.tables()["indirect"].to_frame()
    assert len(table) == 24
    assert "fewer than three series" in result.tables()["indirect"].notes[0]
    assert (result.tidy()["quantity"] == "indirect effect").sum() == 60
    assert not any("by way of" in text for text in result.text())


def chain(link: float, n: int = 800) -> dk.DyadFrame:
    """Return three series, each of which drives the next one a wave later."""
    rng = np.random.default_rng(21)
    effects = np.array([[OWN, 0.0, 0.0], [link, OWN, 0.0], [0.0, link, OWN]])
    trait, within = rng.normal(size=(2, n, 3))
    frames = []
    for wave in ("t1", "t2", "t3"):
        values = pd.DataFrame(trait + within, columns=["a", "b", "c"])
        known = {"pair": np.arange(n), "role": "mentor", "wave": wave}
        frames += [values.assign(**known), values.assign(**(known | {"role": "developee"}))]
        within = within @ effects.T + rng.normal(size=(n, 3))
    return dk.DyadFrame.from_individual(
        pd.concat(frames, ignore_index=True),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={name: Variable(name, name.upper(), level="person") for name in "abc"},
    )


@pytest.mark.parametrize("kind", ["clpm", "riclpm"])
def test_three_series_are_told_of_by_way_of_the_third(kind: str) -> None:
    def told(link: float) -> tuple[pd.DataFrame, dk.Result]:
        references = ("a.mentor", "b.mentor", "c.mentor")
        result = dk.fit_panel(chain(link), *references, kind=kind, seed=3)
        return result.tidy().set_index("term"), result

    tidy, result = told(0.4)
    row = tidy.loc["indirect: a_mentor T1 -> b_mentor T2 -> c_mentor T3"]
    if kind == "riclpm":
        assert row["estimate"] == pytest.approx(0.16, abs=3.5 * row["std_error"])
    assert row["conf_low"] > 0
    assert len(result.tables()["indirect"].to_frame()) == 6
    text = " ".join(result.text())
    assert ("when A was above its own level at T1" in text) == (kind == "riclpm")
    assert "at T3 by way of B at T2 (indirect effect = " in text
    _, result = told(0.0)
    if kind == "riclpm":
        assert result.text()[-1] == "No indirect effect by way of a third variable was shown."


def test_one_series_is_no_cross_lagged_panel(dyads: dk.DyadFrame) -> None:
    with pytest.raises(StudyError, match=r"needs two series.*leave the role out"):
        fit(dyads, y=None, kind="clpm")


def test_two_waves_have_nothing_beyond_the_effects(dyads: dk.DyadFrame) -> None:
    result = fit(dyads, kind="clpm", waves=["t1", "t2"])
    assert list(result.tables()) == ["models", "paths", "equalities", "correlations"]
    with pytest.raises(Refused, match="there are two waves"):
        fit(dyads, kind="clpm", waves=["t1", "t2"], bootstrap=500)
    # But a process has its rates, whether or not effects are said to be equal.
    rates = fit(dyads, kind="clpm", waves=["t1", "t2"], continuous_time=True)
    assert list(rates.tables()) == ["models", "paths", "equalities", "correlations", "drift"]


def test_rates_are_per_unit_of_time(dyads: dk.DyadFrame) -> None:
    slower = replace(dyads, wave_times={name: 4 * time for name, time in MONTHLY.items()})
    options = {"kind": "clpm", "equal_lags": True, "continuous_time": True}
    found = [
        fit(each, **options).tidy().set_index("quantity").loc["drift"] for each in (dyads, slower)
    ]
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        np.testing.assert_allclose(found[0][column], 4 * found[1][column], rtol=1e-9)
    np.testing.assert_allclose(4 * found[0]["peak_lag"], found[1]["peak_lag"], rtol=1e-6)


def test_draws_without_a_process_are_counted() -> None:
    # Hardly stable from wave to wave, so that eigenvalues near zero are often below it.
    rng = np.random.default_rng(3)
    data = answers(250, 3, stable=0.0)
    for name in ("support", "courage"):
        data[name] = 0.25 * data[name] + rng.normal(size=len(data))
    result = fit(framed(data, MONTHLY), kind="clpm", equal_lags=True, continuous_time=True, seed=2)
    (note,) = [note for note in result.notes if "no process" in note.text]
    assert note.level == "warning"
    assert "of 20,000 draws" in note.text


@pytest.mark.parametrize(
    ("options", "times", "said"),
    [
        ({}, MONTHLY, "equal_lags = true"),
        ({"equal_lags": True}, None, "does not say it"),
        ({"equal_lags": True}, {"t2": 1.0, "t3": 2.0, "t4": 5.0}, "they differ"),
        ({"equal_lags": True, "second_order": True}, MONTHLY, "second_order"),
    ],
)
def test_what_is_no_process_in_continuous_time_is_refused(
    options: dict[str, Any], times: dict[str, float] | None, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        fit(framed(answers(150), times), kind="clpm", continuous_time=True, **options)


def test_effects_of_no_process_are_refused() -> None:
    # Who is high now is low in the next wave: over half the lag there is no such effect.
    data = answers(200, 3, stable=0.0).sort_values(["role", "wave", "pair"])
    signs = data["wave"].map({"t1": 1.0, "t2": -1.0, "t3": 1.0})
    for name in ("support", "courage"):
        data[name] *= signs
    with pytest.raises(Refused, match="eigenvalue that is not above zero"):
        fit(framed(data, MONTHLY), kind="clpm", equal_lags=True, continuous_time=True)


def test_rates_that_most_draws_do_not_have_are_refused(dyads: dk.DyadFrame) -> None:
    request, panel = asked(dyads, fit_sem(WRITTEN, dyads))
    first = np.full((101, 1, 2, 2), 0.1) + 0.4 * np.eye(2)
    # In 60 of the 90 draws that there are each becomes its opposite.
    first[1:61] *= -1.0
    first[91:] = np.nan
    draws = EffectDraws(first, None, np.ones((3, 2)), None)
    with pytest.raises(Refused, match="for most of the 90 draws no process"):
        show_continuous_time(request, panel, draws, 1.0, Shown())
    first[1:31] *= -1.0
    shown = Shown()
    show_continuous_time(request, panel, draws, 1.0, shown)
    assert any("In 30 of 90 draws" in note.text for note in shown.notes)


def test_a_process_that_grows_is_warned_of() -> None:
    data = answers(300, 3, stable=0.0)
    rng = np.random.default_rng(2)
    for name in ("support", "courage"):
        first = data.loc[data["wave"] == "t1", name].to_numpy()
        for wave, times in (("t2", 1.3), ("t3", 1.69)):
            noise = 0.2 * rng.normal(size=first.size)
            data.loc[data["wave"] == wave, name] = times * first + noise
    options = {"kind": "clpm", "equal_lags": True, "continuous_time": True}
    grows = fit(framed(data, MONTHLY), **options)
    assert any("does not return to its level" in note.text for note in grows.notes)
    calm = fit(framed(answers(300, 3), MONTHLY), **options)
    assert not any("does not return to its level" in note.text for note in calm.notes)


def test_a_variance_below_zero_leaves_no_standardised_figure(dyads: dk.DyadFrame) -> None:
    _, panel = asked(dyads, fit_sem(WRITTEN, dyads))
    first = np.full((11, 2, 2, 2), 0.2)
    deviations = np.ones((3, 2))
    draws = EffectDraws(first, None, deviations, None)
    assert list(responses_plot(panel, list(responses_found(panel, draws))))
    deviations[1, 0] = np.nan
    assert not list(responses_plot(panel, list(responses_found(panel, draws))))
    # Where numbers are hidden, whether there is a figure must not tell of the variance.
    (hidden,) = responses_plot(panel, list(responses_found(panel, draws)), frozenset({KEY}))
    plain = replace(draws, deviations=np.ones((3, 2)))
    (other,) = responses_plot(panel, list(responses_found(panel, plain)), frozenset({KEY}))
    assert hidden == other


@pytest.mark.parametrize("draws", [-1, 50])
def test_too_few_draws_are_refused(dyads: dk.DyadFrame, draws: int) -> None:
    with pytest.raises(StudyError, match="too few for an interval"):
        fit(dyads, bootstrap=draws)


def test_bootstrap_samples_that_fail_are_counted() -> None:
    dyads = framed(answers(45, 3, seed=3))
    result = fit(dyads, bootstrap=200)
    (note,) = [note for note in result.notes if "bootstrap samples" in note.text]
    syntax = result.tidy().set_index("term").loc["model: Reciprocal", "syntax"]
    draws = fit_sem(syntax, dyads, auto="lavaan").with_bootstrap(200, seed=5).draws
    assert draws is not None
    assert draws.n_failed + draws.n_improper > 0
    said = f"{draws.n_failed} did not converge and are left out; {draws.n_improper} others had"
    assert said in note.text
    effects = np.full((101, 2, 2, 2), 0.2)
    for failed, improper, level in ((0, 1, "info"), (6, 0, "warning"), (5, 51, "warning")):
        few = replace(draws, n_failed=failed, n_improper=improper)
        (told,) = EffectDraws(effects, None, np.ones((3, 2)), few).notes()
        assert told.level == level


def test_each_group_has_its_own_responses(dyads: dk.DyadFrame) -> None:
    data = answers(400)
    groups = np.where(data["pair"] % 2 == 0, "online", "on {site}")
    known = {
        name: Variable(name, name.capitalize(), level="person") for name in ("support", "courage")
    }
    known["mode"] = Variable("mode", "Mode", kind="category", level="dyad")
    grouped = dk.DyadFrame.from_individual(
        data.assign(mode=groups),
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables=known,
    )
    grouped = replace(grouped, wave_times=MONTHLY, time_unit="week")
    options = {"kind": "clpm", "equal_lags": True, "continuous_time": True}
    names = ("support.mentor", "courage.mentor")
    result = dk.fit_panel(grouped, *names, by="mode", seed=1, **options)
    tidy = result.tidy()
    for mode in ("online", "on {site}"):
        # Each group alone has the same model: all its parameters are its own.
        frame = framed(data[groups == mode], MONTHLY)
        alone = dk.fit_panel(frame, *names, seed=1, **options).tidy().set_index("term")
        rows = tidy[tidy["group"] == mode].set_index("term")
        rows.index = rows.index.str.removesuffix(f" ({mode})")
        for quantity, count in (("impulse response", 12), ("indirect effect", 6), ("drift", 4)):
            ours = rows.loc[rows["quantity"] == quantity, ["estimate", "std_error"]]
            theirs = alone.loc[ours.index, ["estimate", "std_error"]]
            assert len(ours) == count
            np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-6, atol=1e-8)
            # Of other draws.
            np.testing.assert_allclose(ours["std_error"], theirs["std_error"], rtol=0.05)
    assert {"responses_1", "responses_2", "drift_1", "drift_2"} <= set(result.tables())
    assert {"responses_1", "continuous_time_2"} <= set(result.figures())
    assert any(text.startswith("on {site}: ") for text in result.text())
    assert len(set(result.methods)) == len(result.methods)
