"""Mutual influence as an analysis: planted loops are found, and told from what cannot be known."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.errors import Refused, StudyError
from dyadkit.frame import Variable
from dyadkit.results import Result

ROLES = ("coach", "client")
# What the coach's trust does to the client's, and the client's to the coach's; effects of own x.
INFLUENCE, OWN = (0.4, 0.2), (0.6, 0.5)
RESIDUALS = 0.3


def answers(
    n: int = 500,
    influence: tuple[float, float] = INFLUENCE,
    own: tuple[float, float] = OWN,
    seed: int = 1,
) -> pd.DataFrame:
    """Return both members' warmth and their trust, which is in a loop."""
    rng = np.random.default_rng(seed)
    warmth = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    rest = 0.8 * rng.multivariate_normal([0, 0], [[1, RESIDUALS], [RESIDUALS, 1]], n)
    loop = np.array([[1.0, -influence[1]], [-influence[0], 1.0]])
    trust = np.linalg.solve(loop, (warmth * own + rest).T).T
    return pairs(4 + warmth, 3 + trust)


def pairs(x: Any, y: Any) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame({"pair": np.arange(len(x)), "role": role, "warmth": x[:, k], "trust": y[:, k]})
        for k, role in enumerate(ROLES)
    )


def framed(data: pd.DataFrame, *, exchangeable: bool = False) -> dk.DyadFrame:
    told: dict[str, Any] = {"role": "role", "roles": ROLES}
    if exchangeable:
        data = data.assign(who=data["pair"].astype(str) + data["role"]).drop(columns="role")
        told = {"roles": ("friend",), "person": "who"}
    known = {
        name: Variable(name, name.capitalize(), level="person") for name in ("warmth", "trust")
    }
    wave = "wave" if "wave" in data else None
    return dk.DyadFrame.from_individual(data, dyad="pair", wave=wave, variables=known, **told)


def fit(data: pd.DataFrame, *names: str, exchangeable: bool = False, **options: Any) -> Result:
    frame = framed(data, exchangeable=exchangeable)
    names = names or ("warmth", "trust")
    return dk.fit_panel(frame, *names, kind="mutual_influence", **options)


def near(row: pd.Series, value: float) -> None:
    assert abs(row["estimate"] - value) < 3.5 * row["std_error"], (row.name, row["estimate"], value)


def warnings(result: Result) -> str:
    return " ".join(note.text for note in result.notes if note.level == "warning")


def test_a_planted_loop_is_found() -> None:
    result = fit(answers(4000))
    tidy = result.tidy().set_index("term")
    many = 1 / (1 - INFLUENCE[0] * INFLUENCE[1])
    for k, (source, target) in enumerate([ROLES, ROLES[::-1]]):
        near(tidy.loc[f"influence: {source} -> {target}"], INFLUENCE[k])
        near(tidy.loc[f"actor: {source}"], OWN[k])
        near(tidy.loc[f"total actor: {source}"], OWN[k] * many)
        near(tidy.loc[f"total partner: {source} -> {target}"], INFLUENCE[k] * OWN[k] * many)
    near(tidy.loc["loop"], INFLUENCE[0] * INFLUENCE[1])
    near(tidy.loc["multiplier"], many)
    near(tidy.loc["residuals"], RESIDUALS)
    models = tidy[tidy["quantity"] == "model"]
    assert models.index.str.removeprefix("model: ").tolist() == [
        "No influence",
        "From coach",
        "From client",
        "Equal",
        "Actor and partner",
        "Mutual influence",
    ]
    assert models["df"].tolist() == [2, 1, 1, 1, 0, 0]
    assert (models["p_difference"].iloc[:4] < 0.01).all()
    assert not warnings(result)
    text = " ".join(result.text())
    assert "the higher Trust of the coach was, the higher was that of the client" in text
    assert "Without influence, the model fitted worse" in text
    assert list(result.tables()) == ["models", "effects"]
    assert list(result.figures()) == ["paths", "influence"]


def test_equal_influence_is_not_told_apart_and_none_is_not_shown() -> None:
    equal = fit(answers(2000, (0.3, 0.3), (0.5, 0.5), seed=4)).tidy().set_index("term")
    assert equal.loc["model: Equal", "p_difference"] > 0.001
    none = fit(answers(600, (0.0, 0.0), seed=5))
    assert none.tidy().set_index("term").loc["model: No influence", "p_difference"] > 0.001
    text = " ".join(none.text())
    assert text.count("No influence of Trust of the") == 2
    assert "fitted no worse" in text


def couples() -> pd.DataFrame:
    """Return data with the moments of Acitelli's 148 couples, which are published.

    Of husband and wife: how positively each sees the other, and satisfaction.
    """
    means = [4.2811, 4.2459, 3.6182, 3.5912]
    sds = np.array([0.4740, 0.5227, 0.4618, 0.5300])
    r = np.eye(4)
    r[np.tril_indices(4, -1)] = [0.2342, 0.5050, 0.3982, 0.3747, 0.4398, 0.6234]
    r = np.tril(r) + np.tril(r, -1).T
    raw = np.random.default_rng(1).normal(size=(148, 4))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / 147)).T
    values = white @ np.linalg.cholesky(r * np.outer(sds, sds)).T + means
    return pairs(values[:, :2], values[:, 2:])


def test_effects_through_the_loop_are_the_published_ones_of_actor_and_partner() -> None:
    # Husbands are called coach here.  Published: actor and partner effects on the wife .3777 and
    # .3215, on the husband .4244 and .2616; moments have four digits.
    tidy = fit(couples()).tidy().set_index("term")["estimate"]
    assert tidy["total actor: client"] == pytest.approx(0.3777, abs=2e-4)
    assert tidy["total partner: coach -> client"] == pytest.approx(0.3215, abs=2e-4)
    assert tidy["total actor: coach"] == pytest.approx(0.4244, abs=2e-4)
    assert tidy["total partner: client -> coach"] == pytest.approx(0.2616, abs=2e-4)
    # Influence is the partner effect over the actor effect of whom it comes from.
    assert tidy["influence: coach -> client"] == pytest.approx(0.3215 / 0.4244, abs=1e-3)
    assert tidy["influence: client -> coach"] == pytest.approx(0.2616 / 0.3777, abs=1e-3)


def test_influence_of_exchangeable_members_is_the_published_ratio_k() -> None:
    # Published: actor .4004, partner .2880, k = .719 with standard error .125.
    tidy = fit(couples(), exchangeable=True).tidy().set_index("term")
    row = tidy.loc["influence: one member -> the partner"]
    assert row["estimate"] == pytest.approx(0.719, abs=6e-4)
    assert row["std_error"] == pytest.approx(0.125, abs=6e-4)
    assert tidy.loc["total actor: one member", "estimate"] == pytest.approx(0.4004, abs=2e-4)
    partner = tidy.loc["total partner: one member -> the partner", "estimate"]
    assert partner == pytest.approx(0.2880, abs=2e-4)
    models = tidy[tidy["quantity"] == "model"]
    assert models["df"].tolist() == [1, 0, 0]


def test_a_predictor_without_effect_tells_nothing_and_that_is_told_loudly() -> None:
    result = fit(answers(200, own=(0.0, 0.6), seed=3))
    assert re.search(
        r"No effect of own Warmth on Trust of the coach.*mean nothing", warnings(result)
    )
    text = " ".join(result.text())
    assert "Whether Trust of the coach influences that of the client cannot be told" in text
    assert "Trust of the client" in text
    # Fieller's interval has no ends then, and is not shown.
    assert "influence by Fieller: coach -> client" not in set(result.tidy()["term"])
    assert "influence by Fieller: client -> coach" in set(result.tidy()["term"])


def test_a_weak_predictor_is_warned_of() -> None:
    result = fit(answers(200, own=(0.18, 0.6), seed=9))
    row = result.tidy().set_index("term").loc["total actor: coach"]
    assert 1.96**2 < (row["estimate"] / row["std_error"]) ** 2 < 10
    assert "poorly known" in warnings(result)


def test_a_loop_beyond_one_is_not_interpreted() -> None:
    # Partner effects beyond the actor effects.
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2))
    y = 0.4 * x + 0.6 * x[:, ::-1] + rng.normal(size=(400, 2))
    result = fit(pairs(x, y))
    tidy = result.tidy().set_index("term")
    assert tidy.loc["loop", "estimate"] > 1
    assert "never comes to rest" in warnings(result)
    text = " ".join(result.text())
    assert "not to be interpreted" in text
    assert "the higher Trust" not in text


def test_fiellers_interval_is_where_partner_minus_k_actor_is_not_distinct_from_zero() -> None:
    result = fit(answers(150, seed=6))
    tidy = result.tidy().set_index("term")
    syntax = tidy.loc["model: Actor and partner", "syntax"]
    apim = dk.fit_sem(syntax, framed(answers(150, seed=6)), auto="lavaan")
    estimates = apim.tidy().drop_duplicates("label").set_index("label")["estimate"]
    names = ["actor_1", "partner_1"]
    v = apim.vcov().loc[names, names].to_numpy()
    row = tidy.loc["influence by Fieller: coach -> client"]
    for end in ("conf_low", "conf_high"):
        weights = np.array([-row[end], 1.0])
        z = weights @ estimates[names].to_numpy() / np.sqrt(weights @ v @ weights)
        assert abs(z) == pytest.approx(1.959963984540054, rel=1e-6)


def test_roles_swapped_swap_directions() -> None:
    data = answers(200)
    other = data.assign(role=data["role"].map(dict(zip(ROLES, ROLES[::-1], strict=True))))
    one, two = (fit(each).tidy().set_index("term") for each in (data, other))
    for name in ("estimate", "std_error", "std_all"):
        ours = one.loc["influence: coach -> client", name]
        assert ours == pytest.approx(two.loc["influence: client -> coach", name], rel=1e-5)


def test_a_wave_is_named_where_there_are_several() -> None:
    data = answers(100)
    waves = pd.concat([data.assign(wave="t1"), answers(100, seed=9).assign(wave="t2")])
    with pytest.raises(Refused, match=r'waves = \["t1"\].*kind = "clpm"'):
        fit(waves)
    named = fit(waves, waves=["t1"]).tidy()
    np.testing.assert_allclose(named["estimate"], fit(data).tidy()["estimate"], atol=1e-7)


@pytest.mark.parametrize(
    ("names", "options", "error", "said"),
    [
        (("trust",), {}, StudyError, "is one variable"),
        (("warmth.coach", "trust"), {}, Refused, 'both members.*"warmth"'),
        (("warmth.coach", "warmth.client"), {}, StudyError, "is one variable"),
        (("warmth", "thrust"), {}, StudyError, "trust"),
        (("warmth", "trust"), {"equal_lags": True}, StudyError, "no use for it"),
    ],
)
def test_what_cannot_be_had_is_refused(
    names: tuple[str, ...], options: dict[str, Any], error: type, said: str
) -> None:
    with pytest.raises(error, match=said):
        fit(answers(50), *names, **options)


def test_data_that_cannot_carry_the_model_are_told_by_name() -> None:
    data = answers(50)
    data.loc[data["role"] == "coach", "trust"] = 3.0
    with pytest.raises(dk.DataError, match="trust_coach"):
        fit(data)
    with pytest.raises(dk.DyadKitError, match="trust"):
        fit(data.assign(trust=np.where(data["role"] == "coach", np.nan, data["trust"])))
    with pytest.raises(dk.DataError, match="more than 4 dyads"):
        fit(answers(4))
    with pytest.raises(dk.DataError):
        fit(answers(1))
