"""Diaries of dyads with known effects, for tests."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dyadkit.frame import DyadFrame

ROLES = ("client", "coach")
TRUTH = {
    "actor, within": (-0.5, -0.3),
    "partner, within": (-0.2, 0.1),
    "actor, between": (0.4, 0.0),
    "partner, between": (0.0, -0.3),
    "lagged actor, within": (0.15, 0.0),
    "lagged partner, within": (0.0, 0.25),
    "trend": (0.05, -0.05),
}


def simulate(n: int, days: int, seed: int, gone: float = 0.15) -> pd.DataFrame:
    """Return a diary whose outcome follows `TRUTH`, of deviations from the means observed."""
    rng = np.random.default_rng(seed)
    stress = 3 + rng.normal(size=(n, 1, 2)) + rng.normal(size=(n, days, 2))
    there = rng.random((n, days, 2)) > gone
    seen = np.where(there, stress, np.nan)
    means = np.nanmean(seen, axis=1, keepdims=True)
    within = stress - means
    between = np.broadcast_to(means - means.mean(), stress.shape)
    before = np.concatenate([np.zeros((n, 1, 2)), within[:, :-1]], axis=1)
    parts = {
        "actor, within": within,
        "partner, within": within[..., ::-1],
        "actor, between": between,
        "partner, between": between[..., ::-1],
        "lagged actor, within": before,
        "lagged partner, within": before[..., ::-1],
        "trend": np.broadcast_to(np.arange(days)[:, None], stress.shape),
    }
    mood = sum(np.array(TRUTH[name]) * values for name, values in parts.items())
    levels = rng.multivariate_normal([5, 5.5], [[0.6, 0.3], [0.3, 0.5]], n)
    daily = rng.multivariate_normal([0, 0], [[0.7, -0.25], [-0.25, 0.5]], (n, days))
    mood = mood + levels[:, None] + daily
    dyad, day, side = (place[there] for place in np.indices(stress.shape))
    return pd.DataFrame(
        {
            "pair": [f"P{number:03d}" for number in dyad],
            "person": [f"P{d:03d}{'ab'[s]}" for d, s in zip(dyad, side, strict=True)],
            "role": np.array(ROLES)[side],
            "day": day + 1,
            "mood": mood[there],
            "stress": stress[there],
        }
    )


def frame_of(data: pd.DataFrame, *, roles: bool = True, **more: object) -> DyadFrame:
    return DyadFrame.from_individual(
        data if roles else data.drop(columns="role"),
        dyad="pair",
        role="role" if roles else None,
        person="person",
        occasion="day",
        **more,  # type: ignore[arg-type]
    )


SMALL = simulate(25, 6, 4)
