"""What `fit_mixed` says of data and options it cannot use, and of what it does with the rest."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import DataError, DyadKitError, Refused, StudyError


def pairs(n: int = 30, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "pair": np.repeat(np.arange(n), 2),
            "role": ["coach", "client"] * n,
            "x": rng.normal(size=2 * n),
            "y": rng.normal(size=2 * n),
            "team": np.repeat(np.arange(n) // 5, 2),
        }
    )


def diary(n: int = 30, days: int = 6, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = n * days * 2
    dyad = rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "pair": np.repeat(np.arange(n), 2 * days),
            "day": np.tile(np.repeat(np.arange(days), 2), n),
            "role": ["coach", "client"] * (n * days),
            "x": rng.normal(size=size),
        }
    )
    return frame.assign(y=dyad[frame["pair"]] + rng.normal(size=size))


def said(
    kind: type[DyadKitError], frame: pd.DataFrame, formula: str = "y ~ x", **options: object
) -> str:
    """Return the message of an error of exactly this kind."""
    with pytest.raises(kind) as caught:
        dk.fit_mixed(formula, frame, **({"dyad": "pair", "role": "role"} | options))
    assert type(caught.value) is kind
    return str(caught.value)


def test_unknown_columns() -> None:
    message = said(StudyError, pairs().rename(columns={"x": "openness"}), "y ~ openess")
    assert "openess" in message
    assert "'openness'" in message
    assert "dyad=… is missing" in said(StudyError, pairs(), dyad=None)
    assert "couple" in said(StudyError, pairs(), dyad="couple")


def test_two_columns_of_one_name() -> None:
    frame = pairs()
    message = said(StudyError, pd.concat([frame, frame[["x"]]], axis=1))
    assert "more than one column called x." in message


@pytest.mark.parametrize("formula", ["y ~ x +", "y", "~ x", "y ~ (x"])
def test_formulas_that_are_none(formula: str) -> None:
    message = said(StudyError, pairs(), formula)
    assert formula in message or "outcome" in message
    assert "\x1b" not in message


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"method": "reml"}, "REML or ML"),
        ({"df": "satterthwait"}, "'satterthwaite'"),
        ({"residual": "us"}, "unstructured"),
        ({"serial": "ar"}, "ar1"),
        ({"serial": "ar1"}, "time"),
        ({"confidence": 95}, "confidence"),
        ({"random": "x"}, "x"),
        ({"random": "exchangeable(1 | team | pair)"}, "team"),
    ],
)
def test_wrong_options(options: dict[str, object], part: str) -> None:
    assert part in said(StudyError, pairs(), **options)


def test_a_role_with_one_level() -> None:
    frame = pairs()
    message = said(DataError, frame[frame["role"] == "coach"])
    assert "coach" in message
    assert "no two roles" in message


def test_missing_roles() -> None:
    frame = pairs()
    frame.loc[[3, 8], "role"] = None
    fit = dk.fit_mixed("y ~ x", frame, dyad="pair", role="role")
    assert fit.glance()["n_obs"].item() == 58
    assert any("2" in note.text and "role" in note.text for note in fit.notes)


def test_three_roles_and_three_members() -> None:
    frame = pairs()
    frame.loc[0, "role"] = "peer"
    assert "3 roles" in said(DataError, frame)
    third = pd.concat([pairs(), pairs().iloc[[0]]], ignore_index=True)
    message = said(DataError, third)
    assert "repeat a role" in message
    assert "1 dyad(s): 0" in message
    message = said(DataError, third.assign(role="peer"), role=None)
    assert "more than two members" in message
    assert "model for teams" in message


def test_a_predictor_that_is_constant_within_a_role() -> None:
    frame = pairs()
    frame.loc[frame["role"] == "coach", "x"] = 2.0
    message = said(DataError, frame, "y ~ 0 + role + role:x")
    assert "role[coach]:x" in message
    assert "constant (within a role)" in message


def test_collinear_predictors_are_named() -> None:
    frame = pairs()
    frame["total"] = frame["x"] + 1.0
    message = said(DataError, frame, "y ~ x + total")
    assert "x" in message
    assert "total" in message
    assert "0 in every row" in said(DataError, pairs().assign(x=0.0))


def test_fewer_rows_than_effects() -> None:
    message = said(DataError, pairs(2), "y ~ role * x")
    assert "4 fixed effects" in message
    assert "4 rows in 2 dyad(s)" in message


def test_all_partners_missing() -> None:
    frame = pairs()
    frame.loc[frame["role"] == "client", "y"] = np.nan
    assert "no two roles" in said(DataError, frame)
    frame["role"] = None
    message = said(DataError, frame, role=None)
    assert "has a partner among them" in message
    assert "independent" in message


def test_nothing_is_left() -> None:
    message = said(DataError, pairs().assign(x=np.nan))
    assert "No row is left of 60" in message
    assert "60 because a predictor is missing" in message


def test_infinite_values() -> None:
    frame = pairs()
    frame.loc[4, "x"] = np.inf
    message = said(DataError, frame)
    assert "infinite in 1 row" in message
    assert "logarithm of zero" in message


def test_a_constant_and_an_explained_outcome() -> None:
    assert "same value" in said(DataError, pairs().assign(y=1.0))
    frame = pairs()
    with pytest.raises(DyadKitError, match="explain the outcome completely"):
        dk.fit_mixed("y ~ x", frame.assign(y=2 * frame["x"] + 1), dyad="pair", role="role")


def test_repeated_time_stamps() -> None:
    frame = diary()
    frame.loc[2, "day"] = 0
    message = said(DataError, frame, time="day")
    assert "2 rows repeat a role within a dyad at one 'day'" in message
    assert "correct the time stamps" in message


def test_time_stamps_out_of_order_are_put_in_order() -> None:
    frame = diary()
    options = {"dyad": "pair", "role": "role", "time": "day", "serial": "ar1"}
    fits = [
        dk.fit_mixed("y ~ x", one, random="1 | pair", **options)
        for one in (frame, frame.sample(frac=1.0, random_state=1))
    ]
    assert fits[0].solution.loglik == pytest.approx(fits[1].solution.loglik, rel=1e-11)


def test_occasions_need_to_be_whole_for_an_autoregression() -> None:
    frame = diary()
    frame["day"] = frame["day"] + np.where(frame["pair"] == 3, 0.25, 0.0)
    message = said(DataError, frame, time="day", serial="ar1")
    assert "exponential" in message


def test_times_that_are_no_times() -> None:
    frame = diary()
    frame["day"] = "day " + frame["day"].astype(str)
    assert "to_datetime" in said(DataError, frame, time="day", serial="exponential")


def test_a_singular_random_effect_is_said_and_the_fit_is_usable() -> None:
    frame = diary()
    rng = np.random.default_rng(8)
    frame["y"] = rng.normal(size=len(frame))
    halves = frame["day"] < 3
    shift = rng.normal(size=30)[frame["pair"]]
    frame["y"] += np.where(halves, shift, -shift)  # persons differ by day, not on the whole
    fit = dk.fit_mixed("y ~ x", frame, dyad="pair", role="role", time="day", random="1 | pair")
    warnings = [note.text for note in fit.notes if note.level == "warning"]
    assert any("1 | pair" in text for text in warnings)
    tidy = fit.tidy().set_index("term")
    assert tidy.loc["variance: Intercept", "estimate"] == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(
        tidy.loc["x", ["estimate", "std_error", "df", "p_value"]].astype(float)
    ).all()


def test_too_few_units() -> None:
    frame = pairs()
    frame["half"] = (frame["team"] > 2).astype(int)
    message = said(DataError, frame, random="1 + x | half")
    assert "asks for 3 variance(s) and covariance(s)" in message
    assert "only 2" in message


def test_crossing_groups() -> None:
    frame = pairs(1500)
    frame["team"] = np.tile(np.arange(2), 1500)
    message = said(DataError, frame, random="1 | team")
    assert "team" in message


def test_one_value_of_a_factor() -> None:
    message = said(DataError, pairs().assign(site="north"), variance_by="site")
    assert "north" in message


def test_kenward_roger_is_refused_where_it_is_not_defined() -> None:
    assert "REML" in said(Refused, pairs(), df="kenward_roger", method="ML")
    assert "satterthwaite" in said(Refused, diary(), df="kenward_roger", time="day", serial="ar1")


def test_not_a_table() -> None:
    with pytest.raises(StudyError, match="DataFrame or a DyadFrame"):
        dk.fit_mixed("y ~ x", [1, 2], dyad="pair")


def test_the_data_are_not_changed() -> None:
    frame = pairs()
    before = frame.copy(deep=True)
    dk.fit_mixed("y ~ 0 + role + role:x", frame, dyad="pair", role="role")
    pd.testing.assert_frame_equal(frame, before)


def test_a_dyad_frame_knows_its_columns() -> None:
    frame = pairs()
    dyads = dk.DyadFrame.from_individual(
        frame.drop(columns="team"), dyad="pair", role="role", roles=["coach", "client"]
    )
    fit = dk.fit_mixed("y_actor ~ 0 + role + role:x_actor + role:x_partner", dyads)
    assert list(fit.coef().index[:2]) == ["role[coach]", "role[client]"]
    frame["p"] = frame["x"].to_numpy().reshape(-1, 2)[:, ::-1].ravel()
    plain = dk.fit_mixed("y ~ 0 + role + role:x + role:p", frame, dyad="pair", role="role")
    assert fit.solution.loglik == pytest.approx(plain.solution.loglik, rel=1e-12)


def test_pickles_and_shows_itself() -> None:
    fit = dk.fit_mixed("y ~ x", pairs(), dyad="pair", role="role")
    again = pickle.loads(pickle.dumps(fit))
    pd.testing.assert_frame_equal(fit.tidy(), again.tidy())
    assert "y ~ x" in repr(fit)
    assert "<table" in fit._repr_html_()


def test_contrasts_name_unknown_effects() -> None:
    fit = dk.fit_mixed("y ~ 0 + role", pairs(), dyad="pair", role="role")
    with pytest.raises(StudyError, match=r"role\[coach\]"):
        fit.contrast({"role[coch]": 1})
    row = fit.contrast({"role[coach]": 1, "role[client]": -1}).iloc[0]
    coef = fit.coef()
    assert row["estimate"] == pytest.approx(coef["role[coach]"] - coef["role[client]"])


def test_predictions_are_the_means_of_cells() -> None:
    frame = pairs()
    fit = dk.fit_mixed("y ~ 0 + role", frame, dyad="pair", role="role")
    found = fit.predict(pd.DataFrame({"role": ["client", "coach"]}))
    means = frame.groupby("role")["y"].mean()
    np.testing.assert_allclose(found["estimate"], means[["client", "coach"]], rtol=1e-10)
    errors = frame.groupby("role")["y"].sem()
    np.testing.assert_allclose(found["std_error"], errors[["client", "coach"]], rtol=1e-9)


@pytest.mark.parametrize("gap", [False, True])
def test_what_happens_to_the_data_later_is_no_concern_of_the_model(gap: bool) -> None:
    data = pairs()
    if gap:
        data.loc[3, "y"] = np.nan
    fit = dk.fit_mixed("y ~ x", data, dyad="pair", role="role")
    names = ["x", "y", "pair", "role"]
    expected = data[names].dropna().reset_index(drop=True).copy()
    data.loc[:9, ["x", "y"]] = 0.0
    data.loc[:9, "pair"] = -1
    data.loc[:9, "role"] = "judge"
    found = fit.rows.frame[names].astype({"role": str})
    pd.testing.assert_frame_equal(found, expected)


def test_a_table_that_is_changed_leaves_later_ones_alone() -> None:
    fit = dk.fit_mixed("y ~ x", pairs(), dyad="pair", role="role")
    table = fit.tidy()
    expected = table.copy()
    table.columns.name = "column"
    table.loc[0, ["term", "effect", "group"]] = "changed"
    table.loc[:, "estimate"] = 0.0
    pd.testing.assert_frame_equal(fit.tidy(), expected)
    assert fit.tidy().columns.name is None
