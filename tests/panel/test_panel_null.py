"""How often random intercepts are found where there are none."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest

import dyadkit as dk
from dyadkit.frame import Variable
from dyadkit.models.differences import Difference, difference_of
from dyadkit.panel.lagged.cross_lagged import Lagged, cross_lagged_syntax
from dyadkit.panel.series import Series

LEVEL, DRAWS, WAVES = 0.05, 1000, 4
ALLOWED = 3.5 * sqrt(LEVEL * (1 - LEVEL) / DRAWS)
SERIES = [
    Series(name, name, name, "", tuple(f"{name}_t{wave}" for wave in range(1, WAVES + 1)))
    for name in "xy"
]
EFFECTS = Lagged(frozenset({(0, 1), (1, 0)}))
WITHOUT, WITH = (cross_lagged_syntax(SERIES, EFFECTS, intercepts=k) for k in (False, True))


def drawn(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return two series that follow a CLPM: nothing else is stable."""
    within = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
    columns = {}
    for wave in range(1, WAVES + 1):
        columns |= {f"{name}_t{wave}": one for name, one in zip("xy", within.T, strict=True)}
        noise = rng.multivariate_normal([0, 0], [[0.7, 0.1], [0.1, 0.7]], n)
        within = within @ np.array([[0.5, 0.2], [0.1, 0.4]]) + noise
    return pd.DataFrame(columns)


def difference(data: pd.DataFrame) -> Difference:
    fits = dk.fit_sem(WITHOUT, data), dk.fit_sem(WITH, data, auto="lavaan")
    return difference_of(*fits, ("without", "with"))


def test_the_difference_is_that_of_panels() -> None:
    data = drawn(300, np.random.default_rng(1))
    long = data.rename_axis("dyad").reset_index().melt("dyad")
    long[["name", "wave"]] = long["variable"].str.split("_", expand=True)
    clients = long.pivot(index=["dyad", "wave"], columns="name", values="value").reset_index()
    coaches = clients[["dyad", "wave"]].assign(role="coach")
    frame = dk.DyadFrame.from_individual(
        pd.concat([clients.assign(role="client"), coaches]),
        dyad="dyad",
        role="role",
        wave="wave",
        roles=("client", "coach"),
        variables={name: Variable(name, name.upper()) for name in "xy"},
    )
    tidy = dk.fit_panel(frame, "x.client", "y.client").tidy().set_index("term")
    row, found = tidy.loc["model: Without random intercepts"], difference(data)
    assert (row["df_difference"], found.df) == (3, 3)
    assert row["p_difference"] == pytest.approx(found.p_value, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "times"), [(300, 2), (1000, 1)])
def test_random_intercepts_are_found_as_often_as_chance_has_it(n: int, times: int) -> None:
    rng = np.random.default_rng(20261127)
    p = np.array([difference(drawn(n, rng)).p_value for _ in range(DRAWS)])
    assert np.isfinite(p).all()
    share = float(np.mean(p < LEVEL))
    assert abs(share - LEVEL) < times * ALLOWED, share
    # p is uniform: its mean is 1/2 with a variance of 1/12.
    assert abs(p.mean() - 0.5) < times * 3.5 * sqrt(1 / 12 / DRAWS), p.mean()
