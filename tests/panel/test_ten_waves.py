"""Panels of ten waves, the most that a study has: all kinds are fitted and drawn."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.panel.panel import KINDS
from tests.display.clear import touching_in_panel

N, ROLES, WAVES = 400, ("coach", "client"), 10
# Of x and y on the next wave, within persons.
EFFECTS = np.array([[0.35, 0.0], [0.2, 0.3]])


@cache
def dyads(spread: float) -> dk.DyadFrame:
    """Return dyads that change by 0.1 a wave, with this standard deviation."""
    rng = np.random.default_rng(2)
    shared, own = rng.normal(size=(N, 1, 2)), 0.6 * rng.normal(size=(N, 2, 2))
    change = 0.1 + spread * rng.normal(size=(N, 2, 2))
    within = rng.normal(size=(N, 2, 2))
    frames = []
    for wave in range(WAVES):
        values = shared + own + within + change * wave
        for member, role in enumerate(ROLES):
            x, y = values[:, member].T
            frames.append(
                pd.DataFrame(
                    {"pair": range(N), "role": role, "wave": f"t{wave + 1}", "x": x, "y": y}
                )
            )
        within = within @ EFFECTS.T + 0.8 * rng.normal(size=within.shape)
    data = pd.concat(frames, ignore_index=True)
    data.loc[rng.random(len(data)) < 0.03, "x"] = np.nan
    return dk.DyadFrame.from_individual(data, dyad="pair", role="role", wave="wave", roles=ROLES)


def fit(kind: str, spread: float = 0.08, **options: Any) -> dk.PresentedResult:
    whose = "" if kind == "common_fate" else ".client"
    return dk.fit_panel(dyads(spread), f"x{whose}", f"y{whose}", kind=kind, **options)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"mutual_influence"}))
def test_every_kind_is_fitted_and_drawn(kind: str) -> None:
    result = fit(kind)
    assert result.convergence.converged
    assert result.glance()["n_waves"].item() == WAVES
    figures = result.figures()
    for spec in result.figure_specs:
        if spec.name.startswith("paths"):
            assert touching_in_panel(figures[spec.name], spec) == []


@pytest.mark.parametrize("kind", ["riclpm", "dynamic_panel"])
def test_effects_within_persons_are_found(kind: str) -> None:
    options = {"equal_lags": True} if kind == "riclpm" else {}
    rows = fit(kind, 0.0, **options).tidy().drop_duplicates("term").set_index("term")
    for term, planted in (
        ("y_client T1 -> y_client T2", EFFECTS[1, 1]),
        ("x_client T1 -> y_client T2", EFFECTS[1, 0]),
    ):
        found = rows.loc[term]
        assert abs(found["estimate"] - planted) < 3.5 * found["std_error"] < 0.2
