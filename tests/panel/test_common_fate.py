"""Common fate as an analysis: planted effects are found, what cannot be had is refused."""

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
from dyadkit.panel.series import Series
from dyadkit.panel.together.both import Both
from dyadkit.panel.together.common_fate_models import Fate, common_fate_syntax
from dyadkit.results import Result
from dyadkit.study import Privacy

ROLES = ("mentor", "developee")
# At one time, and over time: own past, then that of the other variable.
EFFECT = 0.5
TRUST, LEARNING, FORTH = 0.5, 0.4, 0.3
# Of the dyad's x in the first wave, and of the members' residuals.
SHARED, RESIDUAL = 1.0, (0.5, 0.8)

MEANS = ["trajectories_trust", "trajectories_learning"]


def answers(n: int = 400, waves: int = 1, *, sign: int = 1, seed: int = 1) -> pd.DataFrame:
    """Return both members' answers to what the dyad has; trust leads to learning only."""
    rng = np.random.default_rng(seed)
    trust = np.sqrt(SHARED) * rng.normal(size=n)
    learning = EFFECT * trust + np.sqrt(0.6) * rng.normal(size=n)
    lasting = rng.normal(size=(2, 2, n)) * 0.3
    frames = []
    for wave in range(1, waves + 1):
        if wave > 1:
            before = trust
            trust = TRUST * trust + 0.8 * rng.normal(size=n)
            learning = LEARNING * learning + FORTH * before + 0.7 * rng.normal(size=n)
        for k, role in enumerate(ROLES):
            both = rng.multivariate_normal([0, 0], [[1, 0.4], [0.4, 1]], n)
            own = lasting[k].T + np.sqrt(RESIDUAL[k] - 0.09) * both
            dyad = trust if k == 0 else sign * trust
            columns = {"trust": 4 + dyad + own[:, 0], "learning": 3 + learning + own[:, 1]}
            frames.append(
                pd.DataFrame({"pair": np.arange(n), "role": role, "wave": f"t{wave}", **columns})
            )
    return pd.concat(frames, ignore_index=True)


def framed(data: pd.DataFrame, *, exchangeable: bool = False) -> dk.DyadFrame:
    told: dict[str, Any] = {"role": "role", "roles": ROLES}
    if exchangeable:
        data = data.assign(who=data["pair"].astype(str) + data["role"]).drop(columns="role")
        told = {"roles": ("friend",), "person": "who"}
    known = {
        name: Variable(name, name.capitalize(), level="person") for name in ("trust", "learning")
    }
    if "climate" in data:
        known["climate"] = Variable("climate", "Climate", level="dyad")
        known["insight"] = Variable("insight", "Insight", level="person", roles=("mentor",))
    wave = "wave" if "wave" in data else None
    return dk.DyadFrame.from_individual(data, dyad="pair", wave=wave, variables=known, **told)


def fit(data: pd.DataFrame, *names: str, exchangeable: bool = False, **options: Any) -> Result:
    frame = framed(data, exchangeable=exchangeable)
    return dk.fit_panel(frame, *(names or ("trust", "learning")), kind="common_fate", **options)


def near(row: pd.Series, value: float) -> None:
    assert abs(row["estimate"] - value) < 3.5 * row["std_error"], (row.name, row["estimate"], value)


def test_an_effect_at_one_time_is_found_with_the_dyads_share() -> None:
    result = fit(answers(4000))
    tidy = result.tidy().set_index("term")
    near(tidy.loc["trust T1 -> learning T1"], EFFECT)
    near(tidy.loc["dyad: trust T1"], SHARED)
    near(tidy.loc["dyad: learning T1"], EFFECT**2 * SHARED + 0.6)
    for role, residual in zip(ROLES, RESIDUAL, strict=True):
        near(tidy.loc[f"share of the dyad: trust T1, {role}"], SHARED / (SHARED + residual))
    models = tidy[tidy["quantity"] == "model"]
    assert models.index.str.removeprefix("model: ").tolist() == [
        "No effect",
        "Equal means",
        "Common fate",
    ]
    assert models["df"].tolist() == [2, 3, 1]
    assert models["p_difference"].iloc[0] < 1e-6
    assert models["p_difference"].iloc[1] > 0.001
    assert "Dyads higher in shared Trust were higher in Learning" in " ".join(result.text())
    assert any("direction of the effect is assumed" in note.text for note in result.notes)
    assert list(result.tables()) == ["models", "effect", "variances"]
    assert list(result.figures()) == ["paths", "shares"]


def test_one_wave_may_be_named_or_be_all_there_is() -> None:
    data = answers(300, 2)
    named = fit(data, waves=["t2"]).tidy()
    alone = fit(data[data["wave"] == "t2"].drop(columns="wave")).tidy()
    np.testing.assert_allclose(named["estimate"], alone["estimate"], rtol=1e-7)
    assert "trust -> learning" in set(alone["term"])
    assert "share of the dyad: trust, mentor" in set(alone["term"])


def test_effects_over_time_are_those_planted() -> None:
    result = fit(answers(4000, 3))
    tidy = result.tidy().set_index("term")
    planted = {
        ("trust", "trust"): TRUST,
        ("learning", "learning"): LEARNING,
        ("trust", "learning"): FORTH,
        ("learning", "trust"): 0.0,
    }
    for (source, target), value in planted.items():
        for wave in (1, 2):
            near(tidy.loc[f"{source} T{wave} -> {target} T{wave + 1}"], value)
    near(tidy.loc["dyad: trust T2"], TRUST**2 * SHARED + 0.64)
    models = tidy[tidy["quantity"] == "model"]
    names = ["Stability", "Causal", "Reversed", "Equal between waves", "Equal means", "Reciprocal"]
    assert models.index.str.removeprefix("model: ").tolist() == names
    assert models["df_difference"].tolist()[:5] == [4, 2, 2, 4, 6]
    assert models.loc["model: Reversed", "p_difference"] < 1e-6
    for name in ("Causal", "Equal between waves", "Equal means"):
        assert models.loc[f"model: {name}", "p_difference"] > 0.001
    text = " ".join(result.text())
    assert "Dyads higher in shared Trust at T1 were higher in Learning at T2" in text
    assert "No effect of the dyad's Learning at T1" in text
    tables = ["models", "paths", "correlations", "variances", "responses", "indirect"]
    assert list(result.tables()) == tables
    assert list(result.figures()) == ["paths", "cross_lagged", "shares", "responses", *MEANS]


def test_one_variable_over_time_has_its_stability() -> None:
    result = fit(answers(4000, 2), "trust")
    tidy = result.tidy().set_index("term")
    near(tidy.loc["trust T1 -> trust T2"], TRUST)
    models = tidy[tidy["quantity"] == "model"]
    assert models["df"].tolist() == [2, 3, 1]
    assert list(result.tables()) == ["models", "paths", "variances"]
    (diagram,) = [figure for figure in result.figure_specs if figure.name == "paths"]
    assert "correlations" not in diagram.caption


def test_equal_effects_are_one_number() -> None:
    result = fit(answers(600, 4), equal_lags=True)
    cross = result.tidy().query("quantity == 'cross-lagged'")
    forth = cross[cross["term"].str.startswith("trust")]
    assert forth["estimate"].nunique() == 1
    assert forth["std_all"].nunique() == 3
    assert "Trust in one wave" in " ".join(result.text())
    assert "model: Equal between waves" not in set(result.tidy()["term"])


def test_a_negative_variance_is_shown_and_told_loudly() -> None:
    result = fit(answers(400, sign=-1, seed=3))
    tidy = result.tidy().set_index("term")
    variance = tidy.loc["dyad: trust T1"]
    near(variance, -SHARED)
    assert variance["conf_high"] < 0
    assert tidy.loc["share of the dyad: trust T1, mentor", "estimate"] < 0
    assert np.isnan(tidy.loc["trust T1 -> learning T1", "std_all"])
    warnings = [note.text for note in result.notes if note.level == "warning"]
    assert any(re.search(r"variance of Trust at T1 is negative.*do not exist", w) for w in warnings)
    text = " ".join(result.text())
    assert "negative covariance" in text
    assert "not to be interpreted" in text
    assert "Dyads higher" not in text
    assert "No relation" not in text


def test_standardised_figures_are_left_out_where_a_variance_is_negative() -> None:
    result = fit(answers(600, 2, sign=-1, seed=3))
    assert list(result.figures()) == ["shares", *MEANS]
    assert any("is negative" in note.text for note in result.notes if note.level == "warning")


def test_a_variance_that_may_be_zero_is_warned_of() -> None:
    data = answers(150, seed=3)
    rng = np.random.default_rng(3)
    data["trust"] = rng.normal(size=len(data))
    data.loc[data["role"] == "developee", "trust"] += (
        0.1 * data.loc[data["role"] == "mentor", "trust"].to_numpy()
    )
    result = fit(data)
    row = result.tidy().set_index("term").loc["dyad: trust T1"]
    assert row["conf_low"] < 0 < row["estimate"]
    assert any("was not shown" in note.text for note in result.notes if note.level == "warning")


def test_exchangeable_members_have_closed_forms_at_one_time() -> None:
    data = answers(500)
    result = fit(data, exchangeable=True)
    tidy = result.tidy().set_index("term")
    # Both orders of each pair, means and covariances of divisor 2n.
    wide = data.pivot(index="pair", columns="role", values=["trust", "learning"])
    trust, learning = wide["trust"].to_numpy(), wide["learning"].to_numpy()
    twice = np.vstack([trust, trust[:, ::-1]]), np.vstack([learning, learning[:, ::-1]])
    x, y = (values - values.mean() for values in twice)
    shared = float((x[:, 0] * x[:, 1]).mean())
    effect = float((x[:, 0] * y[:, 1]).mean()) / shared
    assert tidy.loc["dyad: trust T1", "estimate"] == pytest.approx(shared, rel=1e-6)
    assert tidy.loc["trust T1 -> learning T1", "estimate"] == pytest.approx(effect, rel=1e-6)
    alike = float((y[:, 0] * y[:, 1]).mean())
    assert tidy.loc["dyad: learning T1", "estimate"] == pytest.approx(alike, rel=1e-6)
    assert tidy.loc["share of the dyad: trust T1", "estimate"] == pytest.approx(
        shared / float((x[:, 0] ** 2).mean()), rel=1e-6
    )
    # Nothing is left to test.
    assert tidy.loc["model: Common fate", "df"] == 0
    assert abs(tidy.loc["model: Common fate", "estimate"]) < 1e-6
    assert tidy.loc["model: No effect", "df"] == 1
    assert any("saturated" in note.text for note in result.notes)
    assert result.glance()["df"].item() == 0


def test_who_is_called_first_does_not_matter_for_exchangeable_members() -> None:
    data = answers(200, 2)
    other = data.assign(role=data["role"].map(dict(zip(ROLES, ROLES[::-1], strict=True))))
    flipped = pd.concat([other[other["pair"] % 3 == 0], data[data["pair"] % 3 > 0]])
    one, two = (fit(each, exchangeable=True).tidy() for each in (data, flipped))
    np.testing.assert_allclose(one["estimate"], two["estimate"], rtol=1e-5, atol=1e-5)


def test_roles_swapped_give_the_same_effects() -> None:
    data = answers(200, 2)
    other = data.assign(role=data["role"].map(dict(zip(ROLES, ROLES[::-1], strict=True))))
    one, two = (fit(each).tidy().set_index("term") for each in (data, other))
    cross = one.index[one["quantity"] == "cross-lagged"]
    np.testing.assert_allclose(one.loc[cross, "estimate"], two.loc[cross, "estimate"], rtol=1e-5)
    share = "share of the dyad: trust T2, {}"
    swapped = two.loc[share.format("mentor"), "estimate"]
    assert one.loc[share.format("developee"), "estimate"] == pytest.approx(swapped, rel=1e-5)


def test_the_syntax_that_is_told_fits_the_same_model() -> None:
    data = answers(200, 2)
    tidy = fit(data).tidy().set_index("term")
    row = tidy.loc["model: Reciprocal"]
    again = dk.fit_sem(row["syntax"], framed(data), auto="lavaan")
    assert again.summary["chisq"] == pytest.approx(row["estimate"], rel=1e-9)


@pytest.mark.parametrize(
    ("names", "options", "error", "said"),
    [
        (("trust",), {"waves": ["t1"]}, Refused, "Name another as y"),
        (("trust.mentor", "learning"), {}, Refused, 'both members.*"trust"'),
        (("trust", "insight"), {}, Refused, "'insight' was asked of one role only"),
        (("trust", "climate"), {}, Refused, "'climate' is one answer of the dyad"),
        (("trust", "lerning"), {}, StudyError, "learning"),
        (("trust", "learning"), {"waves": ["t2", "t1"]}, StudyError, "order of time"),
        (("trust", "learning"), {"waves": []}, StudyError, "no wave is named"),
        (("trust", "learning"), {"second_order": True}, StudyError, "no use for it"),
        (("trust", "learning"), {"z": "learning"}, StudyError, "no use for it"),
    ],
)
def test_what_cannot_be_had_is_refused(
    names: tuple[str, ...], options: dict[str, Any], error: type, said: str
) -> None:
    data = answers(100, 2)
    data["climate"] = data.groupby(["pair", "wave"])["trust"].transform("mean")
    data["insight"] = data["trust"].where(data["role"] == "mentor")
    with pytest.raises(error, match=said):
        fit(data, *names, **options)


def test_data_that_cannot_carry_the_model_are_told_by_name() -> None:
    data = answers(100, 2)
    data.loc[data["wave"] == "t2", "learning"] = 3.0
    with pytest.raises(dk.DataError, match="learning_mentor_t2"):
        fit(data)
    data = answers(100, 2)
    data.loc[(data["role"] == "mentor") & (data["wave"] == "t2"), "learning"] = np.nan
    with pytest.raises(dk.DyadKitError, match="learning"):
        fit(data)
    with pytest.raises(dk.DataError, match="more than 8 dyads"):
        fit(answers(6, 2))
    with pytest.raises(dk.DataError):
        fit(answers(1, 1))


def test_numbers_rest_on_those_who_answered_least() -> None:
    data = answers(200, 2)
    data.loc[(data["wave"] == "t2") & (data["pair"] >= 50), "learning"] = np.nan
    (support,) = [each for each in fit(data).supports if each.key == "panel"]
    assert (support.dyads, support.persons) == (50, 50)


def test_numbers_of_few_dyads_are_not_shown() -> None:
    data = answers(200)
    data.loc[data["pair"] >= 7, "learning"] = np.nan
    frame = framed(data)
    for fewest, shown in ((7, True), (8, False)):
        private = replace(frame, privacy=Privacy(minimum_dyads=fewest))
        result = dk.fit_panel(private, "trust", "learning", kind="common_fate")
        texts = [text for row in result.tables()["effect"].rows for text in row.texts[1:]]
        assert any(char.isdigit() for text in texts for char in text) == shown


def test_names_with_underscores_do_not_run_into_one_another() -> None:
    def both(name: str) -> Both:
        first, second = (
            Series(f"{name}_{m}", name, name, m, (f"{name}_{m}_t1", f"{name}_{m}_t2")) for m in "ab"
        )
        return Both(name, name, (first, second))

    every = frozenset({(0, 0), (1, 1), (0, 1), (1, 0)})
    syntax = common_fate_syntax([both("a"), both("a_a")], Fate(every))
    labels = re.findall(r"b_[xy]_[xy]_1(?=\*dyad_a)", syntax)
    assert len(set(labels)) == 4
