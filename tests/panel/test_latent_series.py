"""Latent series find what was planted, where scores with errors of measurement do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable

N, ROLES, ERROR = 3000, ("mentor", "developee"), 0.8
MOST = 3.5
HOW = pytest.mark.parametrize("how", ["items", "reliability"])

Latent = Mapping[tuple[str, str], np.ndarray]
"""By variable and role true values, of shape (dyads, waves)."""


def answered(true: Latent, seed: int = 7) -> dk.DyadFrame:
    """Return three answers to each true value, with errors, and their mean."""
    rng = np.random.default_rng(seed)
    n, waves = next(iter(true.values())).shape
    frames = []
    for role in ROLES:
        for wave in range(waves):
            rows = {"dyad": np.arange(n), "role": role, "wave": f"t{wave + 1}"}
            for (name, whose), values in true.items():
                if whose == role:
                    items = values[:, [wave]] + np.sqrt(ERROR) * rng.normal(size=(n, 3))
                    rows |= {f"{name}{k}": items[:, k - 1] for k in (1, 2, 3)}
                    rows[name] = items.mean(axis=1)
            frames.append(pd.DataFrame(rows))
    known: dict[str, Variable] = {}
    for name in dict.fromkeys(name for name, _ in true):
        items = tuple(f"{name}{k}" for k in (1, 2, 3))
        known |= {item: Variable(item, item, kind="item") for item in items}
        known[name] = Variable(name, name.upper(), kind="scale", items=items)
    return dk.DyadFrame.from_individual(
        pd.concat(frames), dyad="dyad", role="role", wave="wave", roles=ROLES, variables=known
    )


def away(result: dk.PresentedResult, planted: Mapping[str, float]) -> dict[str, float]:
    """Return how many standard errors estimates are from what was planted."""
    rows = result.tidy().drop_duplicates("term").set_index("term")
    return {
        term: float((rows.loc[term, "estimate"] - value) / rows.loc[term, "std_error"])
        for term, value in planted.items()
    }


def require_found(result: dk.PresentedResult, planted: Mapping[str, float]) -> None:
    assert {term: z for term, z in away(result, planted).items() if abs(z) > MOST} == {}


def both_members(values: Mapping[str, np.ndarray]) -> Latent:
    """Return values of shape (dyads, waves, 2) by variable and role."""
    return {
        (name, role): each[..., k] for name, each in values.items() for k, role in enumerate(ROLES)
    }


@HOW
def test_growth(how: Any) -> None:
    rng = np.random.default_rng(11)
    level = 3.0 + rng.normal(size=N)
    change = 0.3 + 0.25 * (level - 3.0) * 0.4 + 0.3 * rng.normal(size=N)
    residual = 0.5 * rng.normal(size=(N, 4))
    true = level[:, None] + change[:, None] * np.arange(4) + residual
    dyads = answered({("x", "mentor"): true})
    planted = {
        "mean of level: x_mentor": 3.0,
        "mean of change: x_mentor": 0.3,
        "variance of level: x_mentor": 1.0,
        "variance of change: x_mentor": 0.1**2 + 0.3**2,
        "level: x_mentor with change: x_mentor": 0.1,
        "residual of x_mentor_t2": 0.25,
    }
    require_found(dk.fit_panel(dyads, "x.mentor", kind="growth", indicators=how), planted)
    # The residuals of scores have errors of measurement in them.
    scores = away(dk.fit_panel(dyads, "x.mentor", kind="growth"), planted)
    assert scores["residual of x_mentor_t2"] > MOST


@HOW
def test_change_depends_on_true_starts(how: Any) -> None:
    rng = np.random.default_rng(12)
    x, y = rng.normal(size=(2, N))
    changes = 0.2 - 0.3 * x + 0.5 * rng.normal(size=N), -0.2 * y + 0.4 * x + rng.normal(size=N)
    true = {
        (name, "mentor"): np.stack([start, start + change], axis=1)
        for name, start, change in zip("xy", (x, y), changes, strict=True)
    }
    dyads = answered(true)
    planted = {
        "mean change: x_mentor": 0.2,
        "x_mentor -> change of x_mentor": -0.3,
        "y_mentor -> change of x_mentor": 0.0,
        "y_mentor -> change of y_mentor": -0.2,
        "x_mentor -> change of y_mentor": 0.4,
    }
    asked: dict[str, Any] = {"x": "x.mentor", "y": "y.mentor", "kind": "latent_change"}
    latent = dk.fit_panel(dyads, **asked, indicators=how)
    require_found(latent, planted)
    scores = dk.fit_panel(dyads, **asked)
    # Who scored high by error falls back.
    assert away(scores, planted)["x_mentor -> change of x_mentor"] < -MOST
    told = [" ".join(note.text for note in each.notes) for each in (latent, scores)]
    assert ["regression to the mean" in notes for notes in told] == [False, True]


@HOW
def test_dynamic_panels(how: Any) -> None:
    rng = np.random.default_rng(13)
    stable = rng.normal(size=N)
    x, y = stable + rng.normal(size=N), 1.5 * stable + rng.normal(size=N)
    seen = [(x, y)]
    for _ in range(3):
        x, y = (
            0.6 * stable + 0.3 * x + 0.2 * y + rng.normal(size=N),
            0.8 * stable + 0.4 * y + 0.3 * x + 0.9 * rng.normal(size=N),
        )
        seen.append((x, y))
    true = {
        (name, "mentor"): np.stack([wave[k] for wave in seen], axis=1)
        for k, name in enumerate("xy")
    }
    dyads = answered(true)
    planted = {"x_mentor T1 -> y_mentor T2": 0.3, "y_mentor T1 -> y_mentor T2": 0.4}
    asked: dict[str, Any] = {"x": "x.mentor", "y": "y.mentor", "kind": "dynamic_panel"}
    require_found(dk.fit_panel(dyads, **asked, indicators=how), planted)
    assert max(map(abs, away(dk.fit_panel(dyads, **asked), planted).values())) > MOST


@HOW
def test_common_fate(how: Any) -> None:
    rng = np.random.default_rng(14)
    x, y = rng.normal(size=(2, N))
    waves = [(x, y)]
    waves.append((0.5 * x + 0.8 * rng.normal(size=N), 0.4 * y + 0.3 * x + 0.8 * rng.normal(size=N)))
    own = 0.7 * rng.normal(size=(2, N, 2))  # What lasts in members.
    values = {
        name: np.stack([wave[k] for wave in waves], axis=1)[..., None]
        + own[k][:, None]
        + 0.5 * rng.normal(size=(N, 2, 2))
        for k, name in enumerate("xy")
    }
    result = dk.fit_panel(
        answered(both_members(values)), "x", "y", kind="common_fate", indicators=how
    )
    # Shares are in what members feel, errors of measurement apart.
    planted = {"x T1 -> x T2": 0.5, "x T1 -> y T2": 0.3, "y T1 -> x T2": 0.0, "dyad: x T1": 1.0}
    shares = {f"share of the dyad: x T1, {role}": 1.0 / (1.0 + 0.49 + 0.25) for role in ROLES}
    require_found(result, planted | shares)


@HOW
def test_mutual_influence(how: Any) -> None:
    rng = np.random.default_rng(15)
    x = rng.multivariate_normal([4, 4], [[1, 0.3], [0.3, 1]], N)
    # What the mentor's y does to the developee's, and the other way round.
    forth, back = 0.4, 0.25
    loop = np.array([[1.0, -back], [-forth, 1.0]])
    given = x * (0.7, 0.6) + 0.7 * rng.normal(size=(N, 2))
    y = given @ np.linalg.inv(loop).T
    dyads = answered(both_members({"x": x[:, None], "y": y[:, None]}))
    planted = {
        "influence: mentor -> developee": forth,
        "influence: developee -> mentor": back,
        "actor: mentor": 0.7,
        "actor: developee": 0.6,
        "loop": forth * back,
    }
    asked: dict[str, Any] = {"x": "x", "y": "y", "kind": "mutual_influence"}
    require_found(dk.fit_panel(dyads, **asked, indicators=how), planted)
    scores = away(dk.fit_panel(dyads, **asked), planted)
    assert scores["actor: mentor"] < -MOST


def test_what_has_no_items_cannot_be_latent() -> None:
    rng = np.random.default_rng(16)
    dyads = answered({("x", "mentor"): rng.normal(size=(60, 3))})
    for kind in ("growth", "latent_change"):
        with pytest.raises(dk.StudyError, match="'x1' cannot be latent, since it has no items"):
            dk.fit_panel(dyads, "x1.mentor", kind=kind, indicators="items")
