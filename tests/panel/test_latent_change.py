"""Latent change as an analysis: planted changes are found, what cannot be had is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival, fit_models

FEEDBACK, COUPLING = -0.3, 0.2
LEVEL, START, SLOPE, ERROR = (1.2, 0.8), (3.0, 4.0), 0.15, 0.3


def processes(n: int, steps: int, *, seed: int = 1) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return courage and support by step; support leads the changes of courage only."""
    rng = np.random.default_rng(seed)
    common = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    true = np.array(START) + common
    slope = np.array(LEVEL) + np.sqrt(SLOPE) * rng.normal(size=(n, 2))
    seen = []
    for _ in range(steps):
        seen.append(true + np.sqrt(ERROR) * rng.normal(size=(n, 2)))
        true = true + slope + true @ np.array([[FEEDBACK, COUPLING], [0.0, FEEDBACK]])
    return np.array(seen)


def framed(
    seen: np.ndarray[Any, np.dtype[np.float64]],
    times: tuple[float, ...] | None = None,
    **more: np.ndarray[Any, np.dtype[np.float64]],
) -> dk.DyadFrame:
    """Return pairs whose mentors have these scores, and developees others of that kind."""
    n = seen.shape[1]
    frames = [
        pd.DataFrame(
            {
                "pair": np.arange(n),
                "role": role,
                "wave": f"t{wave}",
                "support": values[:, 0],
                "courage": values[:, 1],
                **{name: own if role == "mentor" else own[::-1] for name, own in more.items()},
            }
        )
        for role in ("mentor", "developee")
        for wave, values in enumerate(seen if role == "mentor" else seen[:, ::-1], 1)
    ]
    return frame_of(pd.concat(frames, ignore_index=True), times)


def frame_of(data: pd.DataFrame, times: tuple[float, ...] | None = None) -> dk.DyadFrame:
    names = [name for name in data if name not in ("pair", "role", "wave")]
    frame = dk.DyadFrame.from_individual(
        data,
        dyad="pair",
        role="role",
        wave="wave",
        roles=("mentor", "developee"),
        variables={
            name: Variable(
                name,
                name.capitalize(),
                kind="number" if pd.api.types.is_numeric_dtype(data[name]) else "category",
            )
            for name in names
        },
    )
    if times is None:
        return frame
    known = {f"t{k}": time for k, time in enumerate(times, 1)}
    return replace(frame, wave_times=known, time_unit="week")


def fit(frame: dk.DyadFrame, *names: str, **options: Any) -> dk.Result:
    return dk.fit_panel(frame, *names, kind="latent_change", **options)


def near(row: pd.Series, truth: float) -> None:
    assert abs(row["estimate"] - truth) < 3.5 * row["std_error"], row.name


def both(frame: dk.DyadFrame, y: str = "courage.mentor", **options: Any) -> dk.Result:
    return fit(frame, "support.mentor", y, **options)


def test_a_planted_process_is_found() -> None:
    result = both(framed(processes(3000, 5)))
    tidy = result.tidy().set_index("term")
    for term, truth in {
        "mean at T1: support_mentor": START[0],
        "mean at T1: courage_mentor": START[1],
        "constant change: support_mentor": LEVEL[0],
        "constant change: courage_mentor": LEVEL[1],
        "variance of true start: support_mentor": 1.0,
        "variance of constant change: courage_mentor": SLOPE,
        "variance of errors: support_mentor": ERROR,
        "variance of errors: courage_mentor": ERROR,
        "support_mentor -> change of support_mentor": FEEDBACK,
        "courage_mentor -> change of courage_mentor": FEEDBACK,
        "support_mentor -> change of courage_mentor": COUPLING,
        "courage_mentor -> change of support_mentor": 0.0,
        "start of support_mentor with start of courage_mentor": 0.3,
        "start of support_mentor with constant change of support_mentor": 0.0,
    }.items():
        near(tidy.loc[term], truth)
    mean = np.array(START)
    for _ in range(4):
        mean = mean + LEVEL + mean @ np.array([[FEEDBACK, COUPLING], [0.0, FEEDBACK]])
    for name, change in zip(("support", "courage"), mean - START, strict=True):
        near(tidy.loc[f"mean change: {name}_mentor"], change)
        near(tidy.loc[f"mean change in SD: {name}_mentor"], change / np.sqrt(1 + ERROR))
    step = np.eye(2) + np.array([[FEEDBACK, 0.0], [COUPLING, FEEDBACK]])
    for later in (1, 2, 4):
        planted = np.linalg.matrix_power(step, later)
        for i, target in enumerate(("support", "courage")):
            for j, source in enumerate(("support", "courage")):
                ends = f"{source}_mentor T1 -> {target}_mentor T{later + 1}"
                near(tidy.loc[f"response: {ends}"], planted[i, j])
    assert tidy.loc["model: No coupling", "p_difference"] < 1e-6
    assert tidy.loc["model: From Support", "p_difference"] > 0.001
    assert tidy.loc["model: From Courage", "p_difference"] < 1e-6
    assert tidy.loc["model: Constant change", "df_difference"] == 4
    said = " ".join(result.text())
    assert "On average, Courage rose from T1 to T5" in said
    assert (
        "Higher Support at one step went with a more positive change of Courage to the next, given"
        in said
    )
    assert "Higher Courage at one step went with a more negative change of Courage to the" in said
    assert "No effect of Courage at one step on the change of Support to the next" in said
    assert not [note for note in result.notes if note.level == "warning"]


def test_steps_without_a_wave_are_part_of_the_process() -> None:
    seen = processes(3000, 6, seed=2)[[0, 1, 3, 5]]
    result = both(framed(seen, (0.0, 4.0, 12.0, 20.0)))
    tidy = result.tidy().set_index("term")
    near(tidy.loc["support_mentor -> change of courage_mentor"], COUPLING)
    near(tidy.loc["courage_mentor -> change of courage_mentor"], FEEDBACK)
    assert tidy.loc["model: Both couplings", "p_value"] > 0.001
    assert any(
        "a step of 4 weeks; there are 5, 2 of which had no wave" in n.text for n in result.notes
    )
    # From wave to wave there are one, two and two steps.
    names = ("support_mentor", "courage_mentor")
    step = np.eye(2) + [
        [tidy.loc[f"{source} -> change of {target}", "estimate"] for source in names]
        for target in names
    ]
    for later, steps in enumerate((1, 3, 5), 2):
        response = tidy.loc[f"response: {names[0]} T1 -> {names[1]} T{later}", "estimate"]
        assert response == pytest.approx(np.linalg.matrix_power(step, steps)[1, 0], rel=1e-9)
    ends = f"{names[0]} T2 -> {names[1]} T3 -> {names[0]} T4"
    twice = np.linalg.matrix_power(step, 2)
    route = tidy.loc[f"indirect: {ends}", "estimate"]
    assert route == pytest.approx(twice[1, 0] * twice[0, 1], rel=1e-9)
    # As if they were equally far apart, the same waves do not fit.
    wrong = both(framed(seen)).tidy().set_index("term")
    assert wrong.loc["model: Both couplings", "p_value"] < 1e-6


def test_change_between_two_waves_has_the_moments_of_differences() -> None:
    seen = processes(300, 2)
    tidy = both(framed(seen)).tidy().set_index("term")
    differences = seen[1] - seen[0]
    for k, name in enumerate(("support_mentor", "courage_mentor")):
        mean, spread = differences[:, k].mean(), differences[:, k].var()
        row = tidy.loc[f"mean change: {name}"]
        assert row["estimate"] == pytest.approx(mean, rel=1e-7)
        assert row["std_error"] == pytest.approx(np.sqrt(spread / 300), rel=1e-6)
        d = tidy.loc[f"mean change in SD: {name}", "estimate"]
        assert d == pytest.approx(mean / seen[0][:, k].std(), rel=1e-7)
        variance = tidy.loc[f"variance of change: {name}", "estimate"]
        assert variance == pytest.approx(spread, rel=1e-6)
        # Regressions of the change are least squares.
        start = np.column_stack([np.ones(300), seen[0]])
        slopes = np.linalg.lstsq(start, differences[:, k], rcond=None)[0][1:]
        for other, slope in zip(("support_mentor", "courage_mentor"), slopes, strict=True):
            row = tidy.loc[f"{other} -> change of {name}"]
            assert row["estimate"] == pytest.approx(slope, abs=1e-6)


def test_covariates_predict_change() -> None:
    rng = np.random.default_rng(3)
    seen, age = processes(1500, 2), rng.normal(40, 10, 1500)
    seen[1, :, 1] += 0.04 * age
    frame = framed(seen, age=age)
    result = both(frame, covariates="age.mentor.t1")
    tidy = result.tidy().set_index("term")
    near(tidy.loc["age_mentor_t1 -> change of courage_mentor"], 0.04)
    near(tidy.loc["age_mentor_t1 -> change of support_mentor"], 0.0)
    near(tidy.loc["start of support_mentor with age_mentor_t1"], 0.0)
    # The mean change is that of all, whatever the covariate.
    assert tidy.loc["mean change: courage_mentor", "estimate"] == pytest.approx(
        (seen[1] - seen[0])[:, 1].mean(), rel=1e-7
    )
    said = " ".join(result.text())
    assert "Higher Age went with a more positive change of Courage to T2" in said
    # Named without wave or role, it is the first answer of those whose series these are.
    every = both(frame, covariates=("age",)).tidy()
    of_covariates = every.loc[every["quantity"] == "covariate", "term"]
    assert {term.split(" -> ")[0] for term in of_covariates} == {"age_mentor"}


def test_members_are_coupled_and_compared() -> None:
    rng = np.random.default_rng(4)
    frames = []
    start = rng.multivariate_normal([3, 3], [[1, 0.4], [0.4, 1]], 2500)
    change = 0.5 + start @ np.array([[-0.3, 0.15], [0.15, -0.3]]) + 0.6 * rng.normal(size=(2500, 2))
    for k, role in enumerate(("mentor", "developee")):
        for wave, values in (("t1", start), ("t2", start + change)):
            one = {"pair": range(2500), "role": role, "wave": wave, "trust": values[:, k]}
            frames.append(pd.DataFrame(one))
    result = fit(frame_of(pd.concat(frames)), "trust")
    tidy = result.tidy().set_index("term")
    near(tidy.loc["trust_developee -> change of trust_mentor"], 0.15)
    near(tidy.loc["trust_mentor -> change of trust_developee"], 0.15)
    near(tidy.loc["mean change: trust_mentor less trust_developee"], 0.0)
    assert tidy.loc["model: Equal in both roles", "p_difference"] > 0.001
    assert tidy.loc["model: Equal in both roles", "df_difference"] == 2
    assert tidy.loc["model: From mentor", "p_difference"] < 1e-6
    assert "No difference of the mean changes of Trust (mentor)" in " ".join(result.text())
    assert any("all waves and in both roles is taken" in note.text for note in result.notes)


def test_four_series_have_the_couplings_of_members_and_variables() -> None:
    result = fit(framed(processes(400, 2)), "support", "courage")
    models = result.tidy().query("quantity == 'model'")["term"].str.removeprefix("model: ")
    assert models.tolist() == [
        "Constant change",
        "No coupling",
        "Within members",
        "Within variables",
        "Equal in both roles",
        "All couplings",
    ]
    (plot,) = [figure for figure in result.figure_specs if figure.name == "couplings"]
    assert len(plot.intervals) == 12


def test_one_series_changes_by_itself() -> None:
    alone = fit(framed(processes(800, 4)), "support.mentor")
    tidy = alone.tidy().set_index("term")
    near(tidy.loc["support_mentor -> change of support_mentor"], FEEDBACK)
    assert {"model: Constant change", "model: Proportional change"} <= set(tidy.index)
    assert list(alone.figures()) == ["paths", "responses", "trajectories_support"]
    two = fit(framed(processes(800, 2)), "support.mentor")
    assert [table.name for table in two.table_specs] == ["models", "changes", "effects"]


def test_two_waves_are_told_to_regress() -> None:
    result = both(framed(processes(200, 2), (0.0, 4.0)))
    said = " ".join(note.text for note in result.notes)
    assert "regression to the mean" in said
    assert "Waves are 4 weeks apart" in said


def test_what_is_doubtful_is_told_loudly() -> None:
    rng = np.random.default_rng(1)
    noise = fit(framed(rng.normal(size=(5, 300, 2))), "support.mentor")
    warned = " ".join(note.text for note in noise.notes if note.level == "warning")
    variance = noise.tidy().set_index("term").loc["variance of constant change: support_mentor"]
    assert variance["estimate"] < 0
    how = ", whose interval reaches above 0" if variance["conf_high"] > 0 else " below 0 by more"
    assert f"variance of constant change is negative{how}" in warned
    three = both(framed(processes(800, 3)))
    assert any("Four waves or more are recommended" in note.text for note in three.notes)
    assert any("does not say how far" in note.text for note in three.notes)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_intervals_have_the_level_that_is_asked_for(estimator: str) -> None:
    frame = framed(processes(300, 3))
    rows = [
        fit(frame, "support.mentor", alpha=alpha, estimator=estimator).tidy().set_index("term")
        for alpha in (0.05, 0.2)
    ]
    widths = [row["conf_high"] - row["conf_low"] for row in rows]
    # Those of responses are percentiles.
    shown = ~rows[0]["quantity"].isin(["model", "impulse response"])
    np.testing.assert_allclose((widths[1] / widths[0])[shown], 1.2815516 / 1.959964, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"waves": ["t1"]}, Refused, "two waves or more"),
        ({"y": "support.mentor"}, StudyError, "twice"),
        ({"equal_lags": True}, StudyError, "no use for it"),
        ({"covariates": "age.mentor.t1"}, Refused, '4 waves.*kind = "growth"'),
        ({"covariates": "agee", "waves": ["t1", "t2"]}, StudyError, "Did you mean 'age'"),
        ({"covariates": "support.mentor.t1", "waves": ["t1", "t2"]}, StudyError, "of the series"),
        ({"covariates": "mood", "waves": ["t1", "t2"]}, StudyError, "holds no numbers"),
    ],
)
def test_what_cannot_be_had_is_refused(options: dict[str, Any], error: type, said: str) -> None:
    frame = framed(processes(100, 4), age=np.arange(100.0), mood=np.array(["good", "bad"] * 50))
    with pytest.raises(error, match=said):
        both(frame, **options)


def test_members_that_share_a_role_are_refused() -> None:
    data = framed(processes(50, 2)).individual()
    frame = dk.DyadFrame.from_individual(
        data.assign(person=data["dyad"].astype(str) + data["role"])[
            ["dyad", "person", "wave", "support", "courage"]
        ],
        dyad="dyad",
        person="person",
        wave="wave",
    )
    with pytest.raises(Refused, match="share one role"):
        fit(frame, "support", "courage")


def test_waves_that_no_steps_meet_are_refused() -> None:
    with pytest.raises(Refused, match=r'1, 2.37, 2.63 weeks apart.*kind = "growth"'):
        both(framed(processes(100, 4), (0.0, 1.0, 3.37, 6.0)))


def test_data_that_tell_too_little_are_refused() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(dk.FitError, match=r"could not be fitted.*more dyads"):
        both(framed(rng.normal(size=(4, 300, 2))))
    one = framed(processes(1, 3))
    with pytest.raises(dk.DataError, match="no two different values in t1"):
        both(one)
    seen = processes(100, 3)
    seen[1, :, 0] = 3.0
    with pytest.raises(dk.DataError, match="no two different values in t2"):
        both(framed(seen))
    seen[1, :, 0] = np.nan
    with pytest.raises(dk.DyadKitError, match="Nobody answered 'support' as mentor in t2"):
        both(framed(seen))


def test_a_solution_that_a_restriction_betters_is_refused() -> None:
    request = Request(
        framed(processes(200, 2)),
        ("support.mentor", "courage.mentor"),
        "latent_change",
        ("t1", "t2"),
    )
    names = ["support_mentor_t1", "support_mentor_t2", "courage_mentor_t1"]
    free = [f"{name} ~~ {name}\n{name} ~ 1" for name in names]
    weak = Rival("Weak", "", "\n".join([*free, *(f"{name} ~~ {names[2]}" for name in names[:2])]))
    strong = Rival("Strong", "", "\n".join([*free, f"{names[0]} ~~ {names[1]}"]))
    with pytest.raises(dk.FitError, match="'Strong', which only restricts it, fits better"):
        fit_models(request, weak, [strong], instead="Do so.")


def test_numbers_rest_on_those_who_answered_the_wave_that_fewest_did() -> None:
    seen = processes(200, 2)
    seen[1, 60:, 1] = np.nan
    (support,) = [each for each in both(framed(seen)).supports if each.key == "panel"]
    assert (support.dyads, support.persons) == (60, 60)
