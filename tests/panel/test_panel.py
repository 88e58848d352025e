"""Panels as an analysis: planted effects are found, what cannot be had is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable

OWN, CROSS = 0.3, 0.25


def answers(n: int = 600, waves: int = 4, *, stable: float = 0.8, seed: int = 1) -> pd.DataFrame:
    """Return pairs whose support drives courage a wave later, beside what is stable in persons."""
    rng = np.random.default_rng(seed)
    frames = []
    for role in ("mentor", "developee"):
        trait = stable * rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
        within = rng.multivariate_normal([0, 0], [[1, 0.2], [0.2, 1]], n)
        for wave in range(1, waves + 1):
            frames.append(
                pd.DataFrame(
                    {
                        "pair": np.arange(n),
                        "role": role,
                        "wave": f"t{wave}",
                        "support": 4 + trait[:, 0] + within[:, 0],
                        "courage": 3 + trait[:, 1] + within[:, 1],
                    }
                )
            )
            drift = within @ np.array([[OWN, CROSS], [0.0, OWN]])
            within = drift + 0.9 * rng.normal(size=(n, 2))
    return pd.concat(frames, ignore_index=True)


def framed(data: pd.DataFrame, times: dict[str, float] | None = None) -> dk.DyadFrame:
    known = {
        name: Variable(name, name.capitalize(), level="person") for name in ("support", "courage")
    }
    frame = dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        wave="wave" if "wave" in data else None,
        roles=("mentor", "developee"),
        variables=known,
    )
    return frame if times is None else replace(frame, wave_times=times, time_unit="week")


def fit(**options: Any) -> dk.Result:
    given = {"x": "support.developee", "y": "courage.developee"} | options
    return dk.fit_panel(framed(answers()), **given)


def test_planted_effects_are_found() -> None:
    result = fit(equal_lags=True)
    tidy = result.tidy()
    cross = tidy[tidy["quantity"] == "cross-lagged"].set_index("term")
    found = cross.loc["support_developee T1 -> courage_developee T2"]
    assert abs(found["estimate"] - CROSS) < 3.5 * found["std_error"]
    assert found["p_value"] < 1e-4
    back = cross.loc["courage_developee T1 -> support_developee T2"]
    assert abs(back["estimate"]) < 3.5 * back["std_error"]
    # Equal effects are equal between all waves, their standardised forms are not.
    forth = cross[cross.index.str.startswith("support")]
    assert forth["estimate"].nunique() == 1
    assert forth["std_all"].nunique() == 3
    models = tidy[tidy["quantity"] == "model"].set_index("term")
    assert models.index.str.removeprefix("model: ").tolist() == [
        "Stability",
        "Causal",
        "Reversed",
        "Reciprocal",
        "Without random intercepts",
    ]
    assert models["df_difference"].tolist()[:3] == [2, 1, 1]
    assert models.loc["model: Stability", "p_difference"] < 1e-4
    assert models.loc["model: Causal", "p_difference"] > 0.001
    assert models.loc["model: Without random intercepts", "df_difference"] == 3
    assert models.loc["model: Without random intercepts", "p_difference"] < 1e-6


def test_effects_that_are_the_same_between_waves_are_told_from_those_that_are_not() -> None:
    tidy = fit().tidy()
    model = tidy.set_index("term").loc["model: Equal between waves"]
    # Four effects from each of three waves to the next.
    assert model["df_difference"] == 8
    assert model["p_difference"] > 0.001
    data = answers()
    last = data["wave"] == "t4"
    before = data.loc[data["wave"] == "t3", "support"].to_numpy()
    data.loc[last, "courage"] += 0.5 * (before - 4)
    changed = dk.fit_panel(framed(data), "support.developee", "courage.developee").tidy()
    assert changed.set_index("term").loc["model: Equal between waves", "p_difference"] < 1e-4


def test_words_are_about_persons_only_where_the_model_is() -> None:
    within = " ".join(fit(equal_lags=True).text())
    assert "Within persons, when Support was above its own level in one wave" in within
    assert "No effect of Courage" in within
    dyads = framed(answers())
    pair = dk.fit_panel(dyads, "support.mentor", "courage.developee", equal_lags=True)
    assert not any("Within persons" in text for text in pair.text())
    mixed = fit(kind="clpm", equal_lags=True)
    text = " ".join(mixed.text())
    assert "own level" not in text
    assert "Higher Support in one wave went with higher Courage" in text
    assert any("say of neither alone" in note.text for note in mixed.notes)


def test_intervals_have_the_level_that_is_asked_for() -> None:
    tidy = fit(alpha=0.2).tidy()
    paths = tidy[tidy["quantity"] == "cross-lagged"]
    half = (paths["conf_high"] - paths["conf_low"]) / 2.0
    # The normal quantile of 90 %.
    np.testing.assert_allclose(half, 1.2815515655446004 * paths["std_error"], rtol=1e-9)


def test_both_members_have_their_series() -> None:
    result = fit(x="support", y="courage", kind="clpm", waves=["t1", "t2"])
    tidy = result.tidy()
    models = tidy[tidy["quantity"] == "model"]
    assert models["term"].str.removeprefix("model: ").tolist() == [
        "Stability",
        "Within members",
        "Within variables",
        "Equal in both roles",
        "All",
    ]
    # Both members were simulated with the same effects.
    assert models["df_difference"].tolist()[:4] == [12, 8, 8, 8]
    assert models["p_difference"].iloc[3] > 0.001
    assert (tidy["quantity"] == "cross-lagged").sum() == 12
    assert list(result.tables()) == ["models", "paths", "equalities", "correlations"]
    assert list(result.figures())[:2] == ["paths", "cross_lagged"]


def test_one_variable_of_two_persons_is_influence() -> None:
    tidy = fit(x="courage.mentor", y="courage.developee").tidy()
    names = tidy.loc[tidy["quantity"] == "model", "term"].str.removeprefix("model: ").tolist()
    assert names[:3] == ["Stability", "From mentor", "From developee"]
    assert names[-2:] == ["Mutual", "Without random intercepts"]


def test_no_variance_is_stable_where_none_is() -> None:
    dyads = framed(answers(stable=0.0, seed=7))
    result = dk.fit_panel(dyads, "support.developee", "courage.developee")
    tidy = result.tidy().set_index("term")
    variances = tidy[tidy["quantity"] == "intercept variance"]
    assert (np.abs(variances["estimate"]) < 3.5 * variances["std_error"]).all()
    negative = variances[variances["estimate"] < 0]
    said = [note for note in result.notes if "negative variance" in note.text]
    assert len(said) == len(negative) > 0
    assert tidy.loc["model: Without random intercepts", "p_difference"] > 0.001


@pytest.mark.parametrize(
    ("times", "equal", "said", "level"),
    [
        ({"t2": 4.0, "t3": 8.0, "t4": 12.0}, True, "Waves are 4 weeks apart", "info"),
        ({"t2": 4.0, "t3": 8.0, "t4": 20.0}, False, r"Lags differ \(4, 4, 12 weeks\)", "info"),
        ({"t2": 4.0, "t3": 8.0, "t4": 20.0}, True, "equal over lags of different", "warning"),
        (None, False, "does not say how far", "info"),
    ],
)
def test_lags_are_told(times: dict[str, float] | None, equal: bool, said: str, level: str) -> None:
    dyads = framed(answers(200), times)
    result = dk.fit_panel(dyads, "support.mentor", "courage.mentor", equal_lags=equal)
    (note,) = [note for note in result.notes if re.search(said, note.text)]
    assert note.level == level
    # Effects over different lags are not compared.
    compared = "model: Equal between waves" in set(result.tidy()["term"])
    assert compared == (not equal and "differ" not in said)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"waves": ["t1", "t2"]}, Refused, "need three waves.*clpm"),
        ({"waves": ["t2", "t1", "t3"]}, StudyError, "order of time.*'t1', 't2', 't3'"),
        ({"waves": ["t1", "t9"]}, StudyError, "'t9' is no wave"),
        ({"waves": ["t1"]}, Refused, "two waves or more"),
        ({"y": "support.developee"}, StudyError, "twice"),
        ({"y": "corage"}, StudyError, "courage"),
        ({"kind": "spiral"}, StudyError, "no panel model"),
        ({"kind": "clpm", "waves": ["t1", "t2"], "second_order": True}, Refused, "three of them"),
    ],
)
def test_what_cannot_be_had_is_refused(options: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        fit(**options)


def test_one_wave_is_no_panel_and_a_role_missing_in_a_wave_is_named() -> None:
    data = answers(100)
    with pytest.raises(Refused, match="these data have one"):
        dk.fit_panel(
            framed(data[data["wave"] == "t1"].drop(columns="wave")),
            "support.mentor",
            "courage.mentor",
        )
    data.loc[(data["role"] == "mentor") & (data["wave"] == "t3"), "courage"] = np.nan
    with pytest.raises(dk.DyadKitError, match="courage"):
        dk.fit_panel(framed(data), "support.mentor", "courage.mentor")
    data = answers(100)
    data.loc[data["wave"] == "t2", "courage"] = 3.0
    with pytest.raises(dk.DataError, match="courage_mentor_t2"):
        dk.fit_panel(framed(data), "support.mentor", "courage.mentor")


def test_a_panel_too_large_for_its_dyads_says_what_may_do() -> None:
    with pytest.raises(dk.FitError, match=r'= true, kind = "clpm".*more dyads') as caught:
        dk.fit_panel(framed(answers(12, 3)), "support.mentor", "courage.mentor")
    assert "start()" not in str(caught.value)
    assert caught.value.convergence is not None


def test_waves_of_different_dyads_are_no_panel() -> None:
    data = answers(300, 3)
    apart = data[data["wave"] == "t" + (data["pair"] % 3 + 1).astype(str)]
    with pytest.raises(dk.DataError, match="never observed together"):
        dk.fit_panel(framed(apart), "support.mentor", "courage.mentor")


def test_numbers_rest_on_those_who_answered_the_wave_that_fewest_did() -> None:
    data = answers(200, waves=3)
    data.loc[(data["wave"] == "t3") & (data["pair"] >= 60), "courage"] = np.nan
    result = dk.fit_panel(framed(data), "support.mentor", "courage.mentor", kind="clpm")
    (support,) = [each for each in result.supports if each.key == "panel"]
    assert (support.dyads, support.persons) == (60, 60)
