"""Growth curves as an analysis: planted change is found, what cannot be had is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dyadkit.frame import Variable
from dyadkit.panel.growth.growth_shapes import factors_of
from tests.panel.growing import RESIDUAL, ROLES, TIMES, fit, framed, growing, near

# Planted change is found


def test_dyads_that_grow_together_are_found() -> None:
    root = np.linalg.cholesky(
        [[1.0, 0.3, 0.4, 0.0], [0.3, 1.0, 0.0, 0.5], [0.4, 0.0, 1.0, -0.2], [0.0, 0.5, -0.2, 1.0]]
    )
    scale = np.diag([1.0, 0.2, 1.0, 0.2])
    phi = scale @ root @ root.T @ scale
    result = fit(growing(phi=phi), "trust")
    tidy = result.tidy().set_index(["quantity", "term"])
    names = [f"{what}: trust_{role}" for role in ROLES for what in ("level", "change")]
    for i, name in enumerate(names):
        near(tidy.loc[("growth mean", f"mean of {name}")], (3.0, 0.2)[i % 2])
        near(tidy.loc[("growth variance", f"variance of {name}")], phi[i, i])
        for j in range(i):
            term = f"{names[j]} with {name}"
            near(tidy.loc[("growth covariance", term)], phi[i, j])
            r = phi[i, j] / np.sqrt(phi[i, i] * phi[j, j])
            near(tidy.loc[("growth correlation", term)], r)
    for row in tidy.loc["residual variance"].itertuples():
        assert abs(row.estimate - RESIDUAL) < 3.5 * row.std_error
    for row in tidy.loc["residual covariance"].itertuples():
        assert abs(row.estimate) < 3.5 * row.std_error
    models = tidy.loc["model"]
    for name in ("No change", "Same change for all"):
        assert models.loc[f"model: {name}", "p_difference"] < 1e-6
    for name in ("levels", "change", "variances"):
        assert models.loc[f"model: Equal {name} in both roles", "p_difference"] > 0.001
    said = " ".join(result.text())
    assert "On average, Trust (mentor) rose from T1 to T4 (b = " in said
    assert "The more positive the change of Trust (mentor), the more positive that of " in said
    assert "The higher Trust (developee) was at T1, the less positive its change" in said
    assert "both roles changed alike on average fitted no worse" in said
    assert any("all waves and in both roles is taken" in note.text for note in result.notes)


SHAPES = {
    "quadratic": ((0.0, 1.0, 2.0, 3.0, 5.0), (3.0, 0.4, -0.05), None),
    "piecewise": ((0.0, 1.0, 2.0, 4.0, 6.0), (3.0, 0.4, -0.1), "t3"),
    "latent_basis": ((0.0, 1.0, 2.0, 4.0), (3.0, 1.0), None),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_found(shape: Any) -> None:
    times, means, turn = SHAPES[shape]
    place = 0 if turn is None else int(turn[1]) - 1
    factors = factors_of(shape, times, [f"T{k + 1}" for k in range(len(times))], "week", place)
    basis = np.array([factor.loadings for factor in factors]).T
    reached = (0.7, 0.9)
    if shape == "latent_basis":
        basis[1:-1, 1] = reached
    k = len(means)
    phi = np.kron(np.eye(2), np.diag([1.0, 0.3, 0.05][:k]))
    data = growing(times=times, basis=basis, means=means, phi=phi, seed=5)
    result = fit(framed(data, times), shape=shape, turn=turn)
    tidy = result.tidy().set_index(["quantity", "term"])
    for factor, mean, variance in zip(factors, means, (1.0, 0.3, 0.05), strict=False):
        near(tidy.loc[("growth mean", f"mean of {factor.term}: trust_mentor")], mean)
        near(tidy.loc[("growth variance", f"variance of {factor.term}: trust_mentor")], variance)
    if shape == "latent_basis":
        for wave, share in zip((2, 3), reached, strict=True):
            near(tidy.loc[("loading", f"loading: trust_mentor_t{wave}")], share)
    models = tidy.loc["model"]
    assert models.loc["model: Linear", "p_difference"] < 1e-6
    # What is not nested has no difference.
    if shape != "quadratic":
        assert np.isnan(models.loc["model: Quadratic", "difference"])


def test_predictors_are_told_from_what_lasts_in_persons() -> None:
    """Own stress goes with trust by 0.3 in a wave, the partner's by -0.2; levels go together."""
    data = growing(2000, seed=3)
    rng = np.random.default_rng(4)
    lasting = rng.normal(size=(2, 2000))
    role = data["role"].map({"mentor": 0, "developee": 1}).to_numpy()
    data["stress"] = 2.0 + lasting[role, data["pair"]] + rng.normal(size=len(data))
    data["trust"] += 0.3 * data["stress"] - 2.0 * lasting[role, data["pair"]]
    partner = data.set_index(["pair", "wave", "role"])["stress"].unstack()[list(ROLES[::-1])]
    partner.columns = pd.Index(ROLES, name="role")
    swapped = data.join(partner.stack().rename("partner"), on=["pair", "wave", "role"])["partner"]
    data["trust"] -= 0.2 * swapped.to_numpy()
    stress = Variable("stress", "Stress", level="person")
    result = fit(framed(data, stress=stress), "trust.mentor", predictors="stress")
    tidy = result.tidy().set_index(["quantity", "term"])
    near(tidy.loc[("predictor effect", "stress_mentor -> trust_mentor")], 0.3)
    near(tidy.loc[("predictor effect", "stress_developee -> trust_mentor")], -0.2)
    models = tidy.loc["model"]
    assert models.loc["model: Effects free in each wave", "p_difference"] > 0.001
    assert models.loc["model: Predictors unrelated to growth", "p_difference"] < 1e-6
    said = " ".join(result.text())
    assert "In waves in which Stress (mentor) was higher, Trust (mentor) was higher" in said
    assert "In waves in which Stress (developee) was higher, Trust (mentor) was lower" in said


def with_age(n: int = 2000) -> pd.DataFrame:
    """Return pairs in which older mentors' trust grows faster, by 0.1 for a year more."""
    data = growing(n, seed=6)
    age = np.random.default_rng(7).normal(40.0, 2.0, n)
    data["age"] = np.where(data["role"] == "mentor", age[data["pair"]], np.nan)
    time = data["wave"].map({f"t{k}": time for k, time in enumerate(TIMES, 1)})
    data["trust"] += 0.1 * (data["age"].fillna(40.0) - 40.0) * time
    return data


def test_covariates_predict_change() -> None:
    data = with_age()
    age = Variable("age", "Age", level="person")
    tidy = fit(framed(data, age=age), covariates="age.mentor").tidy()
    rows = tidy.set_index(["quantity", "term"])
    near(rows.loc[("covariate effect", "age_mentor -> change: trust_mentor")], 0.1)
    near(rows.loc[("covariate effect", "age_mentor -> level: trust_mentor")], 0.0)
    # Means are those at average covariates, and variances what these leave.
    near(rows.loc[("growth mean", "mean of change: trust_mentor")], 0.2)
    near(rows.loc[("growth variance", "variance of change: trust_mentor")], 0.04)
    assert rows.loc["model"].loc["model: Covariates without effects", "p_difference"] < 1e-6
    shifted = data.assign(age=data["age"] - 40.0)
    again = fit(framed(shifted, age=age), covariates="age.mentor").tidy()
    names = ["estimate", "std_error"]
    np.testing.assert_allclose(again[names], tidy[names], rtol=1e-5, atol=1e-6)


def test_groups_that_change_apart_are_found() -> None:
    data = growing(2000, seed=8)
    data["kind"] = np.where(data["pair"] % 3 == 0, "long", "short")
    time = data["wave"].map({f"t{k}": time for k, time in enumerate(TIMES, 1)})
    data["trust"] += np.where(data["kind"] == "long", 0.1, 0.0) * time
    kind = Variable("kind", "Kind", kind="category", level="dyad")
    result = fit(framed(data, kind=kind), by="kind")
    tidy = result.tidy().set_index(["quantity", "term"])
    near(tidy.loc[("growth mean", "mean of change: trust_mentor (long)")], 0.3)
    near(tidy.loc[("growth mean", "mean of change: trust_mentor (short)")], 0.2)
    models = tidy.loc["model"]
    assert models.loc["model: Equal means in groups", "p_difference"] < 1e-6
    assert models.loc["model: Equal variances in groups", "p_difference"] > 0.001
    assert {line.label for line in result.figure_specs[0].lines} == {
        "Trust (long)",
        "Trust (short)",
    }
    # Dyads in no group do not count.
    unknown = data.assign(kind=data["kind"].where(data["pair"] % 50 > 0))
    again = fit(framed(unknown, kind=kind), by="kind")
    assert any("40 dyads have no answer to 'kind" in note.text for note in again.notes)
    alone = data[data["pair"] % 50 > 0]
    np.testing.assert_allclose(
        again.tidy()["estimate"], fit(framed(alone, kind=kind), by="kind").tidy()["estimate"]
    )
    # Numbers rest on the smaller group.
    (support,) = [each for each in result.supports if each.key == "panel"]
    assert support.dyads == 667


def test_no_change_is_told_where_there_is_none() -> None:
    phi = np.diag([1.0, 0.0, 1.0, 0.0])
    data = growing(400, means=(3.0, 0.0), phi=phi, seed=11)
    result = fit(data, alpha=0.001)
    tidy = result.tidy().set_index("term")
    assert tidy.loc["model: No change", "p_difference"] > 0.001
    assert tidy.loc["model: Same change for all", "p_difference"] > 0.001
    said = " ".join(result.text())
    assert "No change of Trust from T1 to T4 was shown on average" in said
    free = fit(data, shape="latent_basis", alpha=0.001)
    assert any("No change of Trust was shown" in note.text for note in free.notes)
    changed = fit(growing(400), shape="latent_basis", alpha=0.001)
    assert not any("No change of Trust was shown" in note.text for note in changed.notes)
    assert "That persons differ in their change from T1 to T4 of Trust was not shown" in said


def test_negative_variances_are_told_and_have_no_correlation() -> None:
    phi = np.diag([1.0, 0.0, 1.0, 0.0])
    for seed in range(20):
        result = fit(growing(200, phi=phi, seed=seed))
        tidy = result.tidy().set_index(["quantity", "term"])
        variance = tidy.loc[("growth variance", "variance of change: trust_mentor")]
        if variance["estimate"] < 0:
            break
    assert variance["estimate"] < 0
    term = "level: trust_mentor with change: trust_mentor"
    assert np.isnan(tidy.loc[("growth correlation", term), "estimate"])
    assert np.isnan(tidy.loc[("growth covariance", term), "std_all"])
    warned = [note.text for note in result.notes if note.level == "warning"]
    assert any("'Change per week' of Trust is negative" in text for text in warned)
    assert not any("The higher Trust" in text for text in result.text())


# Time


def test_change_is_per_unit_of_time() -> None:
    data = growing(300)
    weeks = fit(framed(data)).tidy().set_index(["quantity", "term"])
    days = fit(framed(data, tuple(7.0 * time for time in TIMES))).tidy()
    days = days.set_index(["quantity", "term"])
    mean, variance = (
        ("growth mean", "mean of change: trust_mentor"),
        ("growth variance", "variance of change: trust_mentor"),
    )
    for key, by in ((mean, 7.0), (variance, 49.0)):
        pair = [float(rows.loc[key, "estimate"]) for rows in (weeks, days)]
        assert pair[0] == pytest.approx(by * pair[1], rel=1e-5)
    models = [rows.loc["model", "estimate"].to_numpy() for rows in (weeks, days)]
    np.testing.assert_allclose(*models, rtol=1e-6)
    # Changes of a few thousandths are told, not rounded away in silence.
    years = fit(framed(data, tuple(3650.0 * time for time in TIMES)))
    said = [[note.text for note in each.notes] for each in (fit(framed(data)), years)]
    assert [any("small numbers" in text for text in notes) for notes in said] == [False, True]
    # A later start is no other growth.
    later = fit(framed(data, tuple(3.0 + time for time in TIMES))).tidy()
    np.testing.assert_allclose(later["estimate"], weeks["estimate"], rtol=1e-8)


def test_waves_without_times_are_told() -> None:
    data = growing(200, (0.0, 1.0, 2.0))
    known = fit(framed(data, (0.0, 1.0, 2.0)))
    unknown = fit(framed(data, None))
    np.testing.assert_allclose(unknown.tidy()["estimate"], known.tidy()["estimate"], rtol=1e-8)
    assert any("does not say when the waves were" in note.text for note in unknown.notes)
    assert any("weeks since T1; waves were at 0, 1 and 2." in note.text for note in known.notes)
    assert "per wave" in " ".join(unknown.text())
    assert unknown.figure_specs[0].x_axis == "Waves since T1"
    assert known.figure_specs[0].x_axis == "Weeks since T1"


def test_what_fits_any_data_is_told() -> None:
    data = growing(300)
    for waves, told in ((["t1", "t2", "t3"], True), (["t1", "t2", "t3", "t4"], False)):
        result = fit(data, shape="latent_basis", waves=waves)
        assert any("fits any data" in note.text for note in result.notes) == told
        count = "cannot be tested (N = 300)." if told else ", N = 300) = "
        assert result.text()[0].startswith("The growth model")
        assert count in result.text()[0]


def test_roles_may_be_swapped() -> None:
    data = growing(300)
    one = fit(data, "trust").tidy().set_index(["quantity", "term"])["estimate"]
    swapped = data.assign(role=data["role"].map({ROLES[0]: ROLES[1], ROLES[1]: ROLES[0]}))
    other = fit(swapped, "trust").tidy().set_index(["quantity", "term"])["estimate"]
    for role, partner in (ROLES, ROLES[::-1]):
        for quantity in ("mean", "variance"):
            for what in ("level", "change"):
                key = (f"growth {quantity}", f"{quantity} of {what}: trust_")
                ours = one[key[0], key[1] + role], other[key[0], key[1] + partner]
                assert ours[0] == pytest.approx(ours[1], rel=1e-6)


# What is shown


def test_figures_and_tables_have_the_same_means() -> None:
    result = fit(growing(300), "trust")
    spec = result.figure_specs[0]
    tidy = result.tidy().set_index(["quantity", "term"])
    for line in spec.lines:
        role = ROLES["developee" in line.label]
        columns = [f"trust_{role}_t{wave}" for wave in (1, 2, 3, 4)]
        assert line.x == TIMES
        implied = tidy.loc["implied mean"].loc[[f"implied mean of {one}" for one in columns]]
        np.testing.assert_array_equal(line.y, implied["estimate"])
        np.testing.assert_array_equal(line.low, implied["conf_low"])
        observed = tidy.loc["observed mean"].loc[[f"observed mean of {one}" for one in columns]]
        points = [point for point in spec.points if point.label == line.label]
        np.testing.assert_array_equal([point.y for point in points], observed["estimate"])
        np.testing.assert_array_equal([point.high for point in points], observed["conf_high"])
    assert list(result.tables()) == ["models", "growth", "correlations", "waves", "residuals"]
    assert list(result.figures()) == ["trajectories", "paths"]


def test_intervals_have_the_level_that_is_asked_for() -> None:
    tidy = fit(growing(300), alpha=0.2).tidy()
    rows = tidy[tidy["quantity"].isin(["growth mean", "implied mean"])]
    half = (rows["conf_high"] - rows["conf_low"]) / 2.0
    np.testing.assert_allclose(half, 1.2815515655446004 * rows["std_error"], rtol=1e-9)


def test_numbers_of_few_are_hidden() -> None:
    data = growing(200)
    data.loc[(data["wave"] == "t4") & (data["pair"] >= 60), "trust"] = np.nan
    result = fit(data)
    (support,) = [each for each in result.supports if each.key == "panel"]
    assert (support.dyads, support.persons) == (60, 60)
    few = replace(result, minimum=replace(result.minimum, dyads=61, persons=61))
    assert few.text() == ()
    shown = few.tables()["waves"].to_frame()
    assert (shown.drop(columns=["section", "wave"]) == "suppressed").all(axis=None)
