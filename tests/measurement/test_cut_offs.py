"""Whether a step holds agrees with the changes of fit that are shown."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from dyadkit.measurement.climbing import Climbed


@pytest.mark.parametrize(
    ("cfi", "rmsea", "df", "holds"),
    [
        (-0.0104, 0.0154, 3.0, True),
        (-0.0106, 0.0, 3.0, False),
        (0.0, 0.0156, 3.0, False),
        (0.99 - 1.0, 0.035 - 0.02, 3.0, True),
        # What cannot be computed does not show that a step holds.
        (nan, 0.0, 3.0, False),
        (0.0, nan, 3.0, False),
        (nan, nan, nan, True),
    ],
)
def test_a_step_holds_up_to_the_cut_offs_as_shown(
    cfi: float, rmsea: float, df: float, holds: bool
) -> None:
    fit: Any = None
    assert Climbed("loadings", "", fit, 1.0, df, 0.5, cfi, rmsea).holds is holds
