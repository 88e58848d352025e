"""Dynamic panels as an analysis: planted effects are found, what cannot be had is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable

RHO, BETA = 0.4, 0.25


def answers(
    n: int = 500,
    waves: int = 4,
    *,
    roles: tuple[str, str] = ("mentor", "mentor"),
    beta: float = BETA,
    together: float = 0.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Return pairs where support drives later courage, which drives later support.

    `together` is how much residuals of courage go with support of the same wave.
    """
    rng = np.random.default_rng(seed)
    stable = rng.normal(size=n)
    bent = 0.6 * stable + 0.8 * rng.normal(size=n)
    support = bent + rng.normal(size=n)
    courage = 1.4 * stable + 0.3 * support + rng.normal(size=n)
    frames = []
    for wave in range(1, waves + 1):
        if wave > 1:
            residual = rng.normal(size=n)
            later = 0.1 * wave + RHO * courage + beta * support + 0.8 * stable + residual
            support = bent + 0.3 * support + 0.2 * courage + 0.8 * rng.normal(size=n)
            support += together * residual
            courage = later
        for role in ("mentor", "developee"):
            one = {"pair": range(n), "role": role, "wave": f"t{wave}", "age": 30.0}
            one["support"] = support if role == roles[0] else rng.normal(size=n)
            one["courage"] = courage if role == roles[1] else rng.normal(size=n)
            frames.append(pd.DataFrame(one))
    return pd.concat(frames, ignore_index=True)


def framed(data: pd.DataFrame, times: tuple[float, ...] | None = None) -> dk.DyadFrame:
    frame = dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={
            name: Variable(name, name.capitalize()) for name in ("support", "courage", "age")
        },
    )
    if times is None:
        return frame
    known = {f"t{k}": time for k, time in enumerate(times, 1)}
    return replace(frame, wave_times=known, time_unit="week")


def fit(frame: dk.DyadFrame, **options: Any) -> dk.Result:
    given = {"x": "support.mentor", "y": "courage.mentor"} | options
    return dk.fit_panel(frame, kind="dynamic_panel", **given)


def near(row: pd.Series, truth: float) -> None:
    assert abs(row["estimate"] - truth) < 3.5 * row["std_error"], row.name


@pytest.mark.parametrize("waves", [3, 5])
def test_planted_effects_are_found(waves: int) -> None:
    result = fit(framed(answers(3000, waves)))
    tidy = result.tidy().set_index("term")
    near(tidy.loc["support_mentor T1 -> courage_mentor T2"], BETA)
    near(tidy.loc["courage_mentor T1 -> courage_mentor T2"], RHO)
    near(tidy.loc["stable: courage_mentor"], 0.64)
    effects = tidy[tidy["quantity"] == "effect"]
    assert len(effects) == waves - 1
    assert effects["estimate"].nunique() == 1
    assert effects["std_all"].nunique() == waves - 1
    assert tidy.loc["model: Fixed effects", "p_value"] > 0.001
    assert tidy.loc["model: No effect", "p_difference"] < 1e-6
    assert tidy.loc["model: Random effects", "p_difference"] < 1e-6
    assert tidy.loc["model: Random effects", "df_difference"] == waves - 1
    assert tidy.loc["model: Related within waves", "p_difference"] > 0.001
    assert ("model: Exogenous" in tidy.index) == (waves > 3)
    assert ("model: Different between waves" in tidy.index) == (waves > 3)
    if waves > 3:
        # Courage drives later support.
        assert tidy.loc["model: Exogenous", "p_difference"] < 1e-6
        assert tidy.loc["model: Different between waves", "p_difference"] > 0.001
    said = " ".join(result.text())
    assert (
        "Within persons, when Support was above its usual level in one wave, Courage was higher "
        "than otherwise in the next" in said
    )
    assert "What is stable in Courage is related to Support" in said
    assert not [note for note in result.notes if note.level == "warning"]


def test_what_is_not_there_is_not_shown() -> None:
    result = fit(framed(answers(600, beta=0.0)))
    assert "No effect of Support in one wave on Courage in the next was shown" in " ".join(
        result.text()
    )


def test_a_partner_has_effects_within_dyads() -> None:
    frame = framed(answers(3000, roles=("developee", "mentor")))
    result = fit(frame, x="support.developee")
    tidy = result.tidy().set_index("term")
    near(tidy.loc["support_developee T1 -> courage_mentor T2"], BETA)
    assert "Within dyads, when Support (developee) was above" in " ".join(result.text())


def test_what_happens_within_a_wave_is_told_and_can_be_had() -> None:
    result = fit(framed(answers(3000, 5, together=0.5)))
    tidy = result.tidy().set_index("term")
    assert tidy.loc["model: Related within waves", "p_difference"] < 1e-6
    warned = " ".join(note.text for note in result.notes if note.level == "warning")
    assert "Residuals of Courage go with Support of the same wave" in warned
    # The effect is biased, and in the figure that of the other model is not.
    off = tidy.loc["support_mentor T1 -> courage_mentor T2"]
    assert abs(off["estimate"] - BETA) > 3.5 * off["std_error"]
    _, plot, responses, means = result.figure_specs
    assert [responses.name, means.name] == ["responses", "trajectories_courage"]
    shown = {one.label: one for one in plot.intervals}
    other = shown["Related within waves"]
    assert other.low < BETA < other.high
    assert shown["Fixed effects"].estimate == off["estimate"]
    assert {"Random effects", "Exogenous", "Different between waves, T1 → T2"} <= set(shown)
    assert "No effect" not in shown


def test_effects_over_different_lags_differ() -> None:
    result = fit(framed(answers(3000), (0.0, 2.0, 4.0, 8.0)))
    tidy = result.tidy().set_index("term")
    effects = tidy[tidy["quantity"] == "effect"]
    assert effects["estimate"].nunique() == 3
    for _, row in effects.iterrows():
        near(row, BETA)
    assert "model: Different between waves" not in tidy.index
    assert tidy.loc["model: No effect", "df_difference"] == 3
    assert any("are not to be compared" in note.text for note in result.notes)
    assert "at T3, Courage was higher than otherwise at T4" in " ".join(result.text())


def test_lags_and_direction_are_told() -> None:
    result = fit(framed(answers(300), (0.0, 2.0, 4.0, 6.0)))
    said = " ".join(note.text for note in result.notes)
    assert "Waves are 2 weeks apart" in said
    assert "Support of T4 has no part" in said
    assert "x and y exchanged" in said


def test_what_is_stable_can_come_out_as_nothing() -> None:
    rng = np.random.default_rng(3)
    data = answers(150, 5)
    data[["support", "courage"]] = rng.normal(size=(len(data), 2))
    result = fit(framed(data))
    variance = result.tidy().set_index("term").loc["stable: courage_mentor", "estimate"]
    warned = any("has a negative variance" in note.text for note in result.notes)
    assert variance < 0
    assert warned


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"waves": ["t1", "t2"]}, Refused, "needs three waves, and there are 2.*clpm"),
        ({"waves": ["t1", "t2", "t4"]}, Refused, "not equally far apart.*fewer than four"),
        ({"y": None}, StudyError, "needs x and y"),
        ({"x": "support", "y": "courage"}, StudyError, "Say whose"),
        ({"y": "support.mentor"}, StudyError, "twice"),
        ({"covariates": "age.mentor"}, Refused, "fixed effects take out all that is stable"),
        ({"equal_lags": True}, StudyError, "no use for it"),
        ({"z": "age.mentor"}, StudyError, "no use for it"),
    ],
)
def test_what_cannot_be_had_is_refused(options: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        fit(framed(answers(100), (0.0, 1.0, 2.0, 3.0)), **options)


def test_bad_data_are_told() -> None:
    data = answers(100)
    with pytest.raises(dk.DataError, match="no two different values in t1"):
        fit(framed(data[data["pair"] == 0]))
    constant = data.assign(support=data["support"].where(data["wave"] != "t2", 3.0))
    with pytest.raises(dk.DataError, match="no two different values in t2"):
        fit(framed(constant))
    gone = data.assign(courage=data["courage"].where(data["wave"] != "t3"))
    with pytest.raises(dk.DyadKitError, match="Nobody answered 'courage' as mentor in t3"):
        fit(framed(gone))
    few = fit(framed(data[data["pair"] < 20]))
    assert any("28 free parameters and only 20 dyads" in note.text for note in few.notes)


def test_numbers_rest_on_those_who_answered_the_wave_that_fewest_did() -> None:
    data = answers(200)
    data.loc[(data["wave"] == "t3") & (data["pair"] >= 60), "courage"] = np.nan
    # Support of the last wave has no part.
    data.loc[(data["wave"] == "t4") & (data["pair"] >= 30), "support"] = np.nan
    (support,) = [each for each in fit(framed(data)).supports if each.key == "panel"]
    assert (support.dyads, support.persons) == (60, 60)
