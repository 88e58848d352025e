"""Panels of many kinds find what was planted, and do not depend on what is arbitrary."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

N, ROLES = 3000, ("mentor", "developee")
# What is stable has this variance, and correlations of .4; within persons variances begin at 1.
STABLE, SHARED, AGE = 0.7, 0.4, 0.35
# Rows are targets, columns sources, of x, y and z.
EFFECTS = np.array([[0.3, 0.0, 0.0], [0.2, 0.35, 0.0], [0.0, 0.15, 0.25]])
OTHERS = EFFECTS.copy()
OTHERS[1, 0] = -0.1
PARTNER = 0.18
LOADINGS, RESIDUAL = (1.0, 0.8, 1.2), 0.6


def correlated(count: int, share: float) -> np.ndarray:
    return np.full((count, count), share) + np.eye(count) * (1.0 - share)


@cache
def answers(
    names: str = "xy",
    n: int = N,
    waves: int = 4,
    *,
    stable: float = STABLE,
    items: bool = False,
    peers: bool = False,
    mixed: bool = False,
    seed: int = 1,
) -> pd.DataFrame:
    """Return what the members of `n` dyads answered.

    Of `peers`, all series depend on the partner's by `PARTNER` too; of `mixed` groups one has
    `EFFECTS`, the other `OTHERS`.
    """
    rng = np.random.default_rng(seed)
    k = len(names)
    effects = np.stack([EFFECTS[:k, :k]] * n)
    second = np.arange(n) % 2 == 1
    if mixed:
        effects[second] = OTHERS[:k, :k]
    ages = {role: rng.normal(size=n) for role in ROLES}
    # Both members' series at once: those of x, y of the first, then of the second.
    whole = np.kron(correlated(2, 0.3), correlated(k, SHARED))
    start = np.kron(correlated(2, 0.2), correlated(k, 0.3))
    trait = np.sqrt(stable) * rng.multivariate_normal(np.zeros(2 * k), whole, n)
    within = rng.multivariate_normal(np.zeros(2 * k), start, n)
    frames = []
    for wave in range(1, waves + 1):
        for at, role in enumerate(ROLES):
            here = slice(at * k, (at + 1) * k)
            scores = 4 + 0.1 * wave + trait[:, here] + within[:, here] + AGE * ages[role][:, None]
            rows: dict[str, Any] = {
                "dyad": np.arange(n),
                "role": "peer" if peers else role,
                "person": [f"{role}_{number}" for number in range(n)],
                "wave": f"t{wave}",
                "age": ages[role],
                "mode": np.where(second, "onsite", "online"),
            }
            for name, score in zip(names, scores.T, strict=True):
                rows[name] = score
                if items:
                    its = [loading * score for loading in LOADINGS]
                    its = [one + RESIDUAL * rng.normal(size=n) for one in its]
                    rows |= {f"{name}{number}": one for number, one in enumerate(its, 1)}
                    rows[name] = np.mean(its, axis=0)
            frames.append(pd.DataFrame(rows))
        own = within.reshape(n, 2, k)
        new = np.einsum("nij,nrj->nri", effects, own)
        if peers:
            new += PARTNER * own[:, ::-1, :]
        noise = rng.multivariate_normal(np.zeros(2 * k), start, n).reshape(n, 2, k)
        within = (new + 0.8 * noise).reshape(n, 2 * k)
    return pd.concat(frames, ignore_index=True)


def framed(data: pd.DataFrame, roles: tuple[str, ...] = ROLES) -> dk.DyadFrame:
    known = {"age": Variable("age", "Age")}
    known["mode"] = Variable("mode", "Mode", kind="category", level="dyad")
    for name in set("xyz") & set(data):
        items = tuple(f"{name}{k}" for k in (1, 2, 3) if f"{name}{k}" in data)
        known |= {item: Variable(item, item, kind="item") for item in items}
        known[name] = Variable(name, name.upper(), items=items)
    return dk.DyadFrame.from_individual(
        data,
        dyad="dyad",
        role="role",
        wave="wave",
        person="person",
        roles=("peer",) if set(data["role"]) == {"peer"} else roles,
        variables=known,
    )


def tidied(*series: str, data: pd.DataFrame | None = None, **options: Any) -> pd.DataFrame:
    given = answers() if data is None else data
    return dk.fit_panel(framed(given), *series, **options).tidy().set_index("term")


def near(row: pd.Series, truth: float) -> None:
    assert abs(row["estimate"] - truth) < 3.5 * row["std_error"], (row.name, truth)
    if abs(truth) > 0.1:
        assert row["p_value"] < 0.001, row.name


def check(tidy: pd.DataFrame, truth: dict[tuple[str, str], float], suffix: str = "") -> None:
    """Check all effects; those that `truth` does not name are zero."""
    paths = tidy[tidy["quantity"].isin(["autoregressive", "cross-lagged"])]
    paths = paths[paths.index.str.endswith(suffix)] if suffix else paths
    assert len(paths) > 0
    for term, row in paths.iterrows():
        source, target = (end.split(" ")[0] for end in str(term).split(" -> "))
        near(row, truth.get((source, target), 0.0))


def truth_of(names: str, role: str = "mentor", effects: np.ndarray = EFFECTS) -> Any:
    return {
        (f"{source}_{role}", f"{target}_{role}"): effects["xyz".index(target), "xyz".index(source)]
        for source in names
        for target in names
    }


def check_stable(tidy: pd.DataFrame, variance: float, shared: float | None = None) -> None:
    for row in (row for _, row in tidy[tidy["quantity"] == "intercept variance"].iterrows()):
        near(row, variance)
    if shared is not None:
        for row in (row for _, row in tidy[tidy["quantity"] == "intercept correlation"].iterrows()):
            near(row, shared)


def p_of(tidy: pd.DataFrame, model: str) -> float:
    return float(tidy.loc[f"model: {model}", "p_difference"])


# What a covariate adds to what is stable where it is left out.
WITH_AGE = STABLE + AGE**2
SHARED_WITH_AGE = (SHARED * STABLE + AGE**2) / WITH_AGE


@pytest.mark.parametrize("equal", [True, False])
def test_three_variables(equal: bool) -> None:
    data = answers("xyz")
    series = ("x.mentor", "y.mentor", "z.mentor")
    tidy = tidied(*series, data=data, equal_lags=equal)
    check(tidy, truth_of("xyz"))
    check_stable(tidy, WITH_AGE, SHARED_WITH_AGE)
    # The chain from x to y to z was planted, without a direct effect.
    assert p_of(tidy, "Chain") > 0.001
    assert p_of(tidy, "Chain and direct") > 0.001
    for model in ("Stability", "Reversed chain", "Without random intercepts"):
        assert p_of(tidy, model) < 1e-6
    nothing = answers("xyz", stable=0.0)
    nothing = nothing.assign(**{name: nothing[name] - AGE * nothing["age"] for name in "xyz"})
    tidy = tidied(*series, data=nothing, kind="clpm", equal_lags=equal)
    check(tidy, truth_of("xyz"))
    assert p_of(tidy, "Chain") > 0.001
    assert p_of(tidy, "With random intercepts") > 0.001


@pytest.mark.parametrize("on", ["waves", "intercepts"])
def test_covariates(on: str) -> None:
    pair = ("x.mentor", "y.mentor")
    tidy = tidied(*pair, covariates="age.mentor", covariates_on=on, equal_lags=True)
    check(tidy, truth_of("xy"))
    check_stable(tidy, STABLE, SHARED)
    found = tidy[tidy["quantity"] == "covariate"]
    assert len(found) == (2 if on == "intercepts" else 8)
    for _, row in found.iterrows():
        near(row, AGE)
    if on == "intercepts":
        assert p_of(tidy, "Covariates on waves") > 0.001
        return
    # Somebody else's age predicts nothing.
    other = tidied(*pair, covariates="age.developee", equal_lags=True)
    for _, row in other[other["quantity"] == "covariate"].iterrows():
        near(row, 0.0)


def test_covariates_without_random_intercepts() -> None:
    data = answers(stable=0.0)
    tidy = tidied("x.mentor", "y.mentor", data=data, kind="clpm", covariates="age.mentor")
    check(tidy, truth_of("xy"))
    found = tidy[tidy["quantity"] == "covariate"]
    assert len(found) == 6
    # Of what age does in a wave the wave before tells a part.
    for term, row in found.iterrows():
        at = "xy".index(str(term).split(" -> ")[1][0])
        near(row, AGE * (1.0 - EFFECTS[at, :2].sum()))


@pytest.mark.parametrize("kind", ["clpm", "riclpm"])
def test_groups(kind: str) -> None:
    data = answers(mixed=True, n=2 * N, stable=STABLE if kind == "riclpm" else 0.0)
    if kind == "clpm":
        data = data.assign(**{name: data[name] - AGE * data["age"] for name in "xy"})
    tidy = tidied("x.mentor", "y.mentor", data=data, kind=kind, by="mode", equal_lags=True)
    check(tidy, truth_of("xy"), " (online)")
    check(tidy, truth_of("xy", effects=OTHERS), " (onsite)")
    assert p_of(tidy, "Equal in all groups") < 1e-6
    if kind == "riclpm":
        check_stable(tidy, WITH_AGE, SHARED_WITH_AGE)
    same = answers(n=N, stable=STABLE if kind == "riclpm" else 0.0)
    same = tidied("x.mentor", "y.mentor", data=same, kind=kind, by="mode", equal_lags=True)
    assert p_of(same, "Equal in all groups") > 0.001


def test_items_of_known_loadings() -> None:
    data = answers(items=True, waves=3)
    result = dk.fit_panel(framed(data), "x.mentor", "y.mentor", indicators="items", equal_lags=True)
    tidy = result.tidy().set_index("term")
    check(tidy, truth_of("xy"))
    check_stable(tidy, WITH_AGE, SHARED_WITH_AGE)
    assert tidy.loc["model: Reciprocal", "p_value"] > 0.001
    # Scores with errors lose a part of each effect of x and y; latent variables do not.
    scores = tidied("x.mentor", "y.mentor", data=data, equal_lags=True)
    term = "x_mentor T1 -> x_mentor T2"
    assert scores.loc[term, "estimate"] < tidy.loc[term, "estimate"]


def test_one_variable_of_both_by_items() -> None:
    data = answers("x", items=True, waves=3, peers=True).drop(columns="person")
    data["role"] = np.where(np.arange(len(data)) // N % 2 == 0, *ROLES)
    data["person"] = data["role"] + data["dyad"].astype(str)
    tidy = tidied("x", data=data, indicators="items", equal_lags=True)
    m, d = (f"x_{role}" for role in ROLES)
    check(tidy, {(m, m): 0.3, (d, d): 0.3, (m, d): PARTNER, (d, m): PARTNER})
    check_stable(tidy, WITH_AGE)
    assert p_of(tidy, "Equal in both roles") > 0.001
    assert p_of(tidy, "Stability") < 1e-6


def test_scores_with_the_error_that_reliability_leaves() -> None:
    # Equal loadings: alpha is the reliability then.
    data = answers(items=True)
    for name in "xy":
        keyed = [data[f"{name}{k}"] / loading for k, loading in enumerate(LOADINGS, 1)]
        data = data.assign(**{f"{name}{k}": one for k, one in enumerate(keyed, 1)})
        data[name] = np.mean(keyed, axis=0)
    tidy = tidied("x.mentor", "y.mentor", data=data, indicators="reliability", equal_lags=True)
    check(tidy, truth_of("xy"))
    check_stable(tidy, WITH_AGE, SHARED_WITH_AGE)
    nothing = answers(items=True, stable=0.0)
    for name in "xy":
        keyed = [
            data_k / loading - AGE * nothing["age"]
            for data_k, loading in zip(
                (nothing[f"{name}{k}"] for k in (1, 2, 3)), LOADINGS, strict=True
            )
        ]
        nothing = nothing.assign(**{f"{name}{k}": one for k, one in enumerate(keyed, 1)})
        nothing[name] = np.mean(keyed, axis=0)
    tidy = tidied(
        "x.mentor", "y.mentor", data=nothing, indicators="reliability", kind="clpm", equal_lags=True
    )
    check(tidy, truth_of("xy"))


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize("names", ["x", "xy"])
def test_exchangeable_members(names: str, estimator: str) -> None:
    data = answers(names, peers=True)
    tidy = tidied(*names, data=data, equal_lags=True, estimator=estimator)
    truth = {
        (f"{source}_{role}", f"{target}_1"): EFFECTS["xy".index(target), "xy".index(source)]
        if role == 1
        else PARTNER * (source == target)
        for source in names
        for target in names
        for role in (1, 2)
    }
    check(tidy, truth)
    check_stable(tidy, WITH_AGE)
    full = tidy.loc["model: " + ("Mutual" if names == "x" else "All")]
    assert full["p_value"] > 0.001
    assert p_of(tidy, "Stability") < 1e-6
    assert p_of(tidy, "Without random intercepts") < 1e-6
    # What is said of the whole is corrected too.
    result = dk.fit_panel(framed(data), *names, equal_lags=True, estimator=estimator)
    glance = result.glance().iloc[0]
    assert glance["df"] == full["df"]
    for ours, name in (("chisq", "estimate"), ("cfi", "cfi")):
        np.testing.assert_array_equal(float(glance[ours]), float(full[name]))


NUMBERS = ["estimate", "std_error", "p_value", "std_all", "cfi", "tli", "rmsea", "srmr", "aic"]


def same(one: pd.DataFrame, other: pd.DataFrame, scale: float = 1.0) -> None:
    """Check that two results have the same numbers under the same terms.

    Tests of equality are named by the order of series, and what is drawn differs by it.
    """
    drawn = ["impulse response", "indirect effect", "equality"]
    one, other = (each[~each["quantity"].isin(drawn)] for each in (one, other))
    assert sorted(one.index) == sorted(other.index)
    left, right = (each.loc[sorted(one.index), NUMBERS].to_numpy(float) for each in (one, other))
    # Two ways of one optimiser to the same optimum end within its own precision.
    np.testing.assert_allclose(scale * left, right, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kind", ["clpm", "riclpm"])
def test_the_order_of_variables_roles_and_dyads_is_arbitrary(kind: str) -> None:
    data = answers("xyz", n=300, waves=3)
    options = {"kind": kind, "equal_lags": True}
    one = tidied("x.mentor", "y.mentor", data=data, **options)
    named = {"model: Causal": "model: Reversed", "model: Reversed": "model: Causal"}
    named["random intercepts: y_mentor with x_mentor"] = "random intercepts: x_mentor with y_mentor"
    turned = tidied("y.mentor", "x.mentor", data=data, **options)
    same(one, turned.rename(index=named))
    # Frames sort dyads by their names.
    places = np.random.default_rng(3).permutation(300)
    shuffled = data.assign(dyad=places[data["dyad"]]).sample(frac=1.0, random_state=3)
    same(one, tidied("x.mentor", "y.mentor", data=shuffled, **options))
    both = tidied("x", data=data, **options)
    other = dk.fit_panel(framed(data, roles=ROLES[::-1]), "x", **options).tidy().set_index("term")
    pair = "random intercepts: x_developee with x_mentor"
    same(both, other.rename(index={pair: "random intercepts: x_mentor with x_developee"}))


def test_which_member_of_exchangeable_ones_is_first_is_arbitrary() -> None:
    data = answers("x", n=300, waves=3, peers=True)
    rng = np.random.default_rng(4)
    one = tidied("x", data=data, equal_lags=True)
    exchanged = rng.random(300) < 0.5
    mentor = data["person"].str.startswith("mentor").to_numpy()
    first = np.where(exchanged[data["dyad"]], ~mentor, mentor)
    # Members have their places by their names.
    named = np.where(first, "a_", "b_") + data["dyad"].astype(str)
    other = tidied("x", data=data.assign(person=named), equal_lags=True)
    srmr = one["srmr"].dropna(), other["srmr"].dropna()
    assert (srmr[0] != srmr[1]).all()
    # SRMR is of all moments, and those of either member change; what is corrected does not.
    same(one.assign(srmr=0.0), other.assign(srmr=0.0))


@pytest.mark.parametrize("kind", ["clpm", "riclpm"])
def test_a_unit_changes_effects_alone(kind: str) -> None:
    data = answers(n=300, waves=3)
    options = {"kind": kind, "covariates": "age.mentor", "by": "mode"}
    one = tidied("x.mentor", "y.mentor", data=data, **options)
    other = tidied("x.mentor", "y.mentor", data=data.assign(x=10.0 * data["x"]), **options)
    models = one["quantity"] == "model"
    fit = ["estimate", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "difference"]
    np.testing.assert_allclose(
        one.loc[models, fit].to_numpy(float), other.loc[models, fit].to_numpy(float), 1e-6, 1e-7
    )
    checked = 0
    for term, row in one[one["quantity"].isin(["cross-lagged", "covariate"])].iterrows():
        source, target = str(term).split(" -> ")
        scale = 10.0 ** (target.startswith("x_") - float(source.startswith("x_")))
        found = other.loc[term]
        for name in ("estimate", "std_error"):
            assert found[name] == pytest.approx(scale * row[name], rel=1e-5, abs=1e-7)
        for name in ("p_value", "std_all"):
            assert found[name] == pytest.approx(row[name], rel=1e-5, abs=1e-7)
        checked += 1
    assert checked == 2 * (4 + (6 if kind == "riclpm" else 4))
