"""Pairs whose trust grows, for tests of growth curves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import dyadkit as dk
from dyadkit.frame import Variable

ROLES = ("mentor", "developee")
TIMES = (0.0, 1.0, 3.0, 6.0)
RESIDUAL = 0.5


def growing(
    n: int = 3000,
    times: tuple[float, ...] = TIMES,
    *,
    basis: np.ndarray | None = None,
    means: tuple[float, ...] = (3.0, 0.2),
    phi: np.ndarray | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Return pairs whose trust grows; `phi` are covariances of both members' growth factors."""
    rng = np.random.default_rng(seed)
    basis = np.column_stack([np.ones(len(times)), times]) if basis is None else basis
    k = basis.shape[1]
    if phi is None:
        phi = np.diag([1.0, *[0.04] * (k - 1)] * 2)
    factors = rng.multivariate_normal(np.zeros(2 * k), phi, n)
    frames = []
    for place, role in enumerate(ROLES):
        own = np.array(means) + factors[:, place * k : (place + 1) * k]
        answers = own @ basis.T + np.sqrt(RESIDUAL) * rng.normal(size=(n, len(times)))
        for wave in range(len(times)):
            frames.append(
                pd.DataFrame(
                    {
                        "pair": np.arange(n),
                        "role": role,
                        "wave": f"t{wave + 1}",
                        "trust": answers[:, wave],
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def framed(
    data: pd.DataFrame, times: tuple[float, ...] | None = TIMES, **known: Variable
) -> dk.DyadFrame:
    known = {"trust": Variable("trust", "Trust", level="person"), **known}
    frame = dk.DyadFrame.from_individual(
        data, dyad="pair", role="role", wave="wave", roles=ROLES, variables=known
    )
    if times is None:
        return frame
    at = {f"t{number}": time for number, time in enumerate(times, 1)}
    return replace(frame, wave_times=at, time_unit="week")


def fit(data: pd.DataFrame | dk.DyadFrame, x: str = "trust.mentor", **options: Any) -> dk.Result:
    frame = data if isinstance(data, dk.DyadFrame) else framed(data)
    return dk.fit_panel(frame, x, kind="growth", **options)


def near(row: pd.Series, truth: float) -> None:
    assert abs(row["estimate"] - truth) < 3.5 * row["std_error"], row
