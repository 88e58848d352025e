"""The newcomer study's instrument, and the population its answers are drawn from.

A newcomer's constructs are the sum of what the newcomer keeps over the waves and of what moves from
wave to wave, which makes a random-intercept cross-lagged panel. Support drives courage; courage
does not drive support.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.instrument import Instrument
from dyadkit.simulation.panels import equilibrium, panel_values
from dyadkit.simulation.population import Measure, Population

FloatArray = NDArray[np.float64]

ROLE = "newcomer"
WAVES = ("t1", "t2", "t3")

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "support": Instrument(
            stems=MappingProxyType({ROLE: "sb"}),
            waves=WAVES,
            highest=5,
            loadings=(
                *(0.76, 0.72, 0.80, 0.68, 0.74),
                *(0.78, 0.70, 0.73, 0.66, 0.75),
                *(0.62, 0.66, 0.58, 0.64, 0.70),
            ),
            thresholds=(-2.0, -1.2, -0.3, 0.8),
            shifts=(
                *(0.0, 0.10, -0.10, 0.15, 0.05),
                *(-0.05, 0.10, 0.0, -0.15, 0.05),
                *(0.20, -0.10, 0.10, 0.0, -0.05),
            ),
            minimum_answered=12,
            reverse=(11, 13, 15),
        ),
        "courage": Instrument(
            stems=MappingProxyType({ROLE: "co"}),
            waves=WAVES,
            highest=7,
            loadings=(0.72, 0.76, 0.68, 0.62, 0.74, 0.70, 0.66, 0.78, 0.60, 0.72, 0.69),
            thresholds=(-2.0, -1.4, -0.8, -0.1, 0.6, 1.4),
            shifts=(0.0, 0.15, -0.10, 0.05, 0.10, -0.20, 0.05, -0.05, 0.20, -0.10, 0.0),
            minimum_answered=9,
            reverse=(4, 9),
        ),
    }
)
CONSTRUCTS = tuple(INSTRUMENTS)
LATENT_MEANS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {"support": (0.0, 0.10, 0.15), "courage": (0.0, 0.15, 0.25)}
)
CARRY_OVER = 0.20

# Covariances of what stays; each construct's whole variance is 1.
STABLE = ((0.55, 0.18), (0.18, 0.55))
# Correlations of what moves, within a wave.
MOVING = ((1.0, 0.3), (0.3, 1.0))
# Standardised paths of what moves, from the column's construct to the row's one wave later.
LAGGED = ((0.30, 0.00), (0.45, 0.30))


def random_intercept_panel() -> dict[str, Any]:
    """Return the random-intercept cross-lagged model of the two constructs.

    Examples
    --------
    >>> random_intercept_panel()["standardized_paths"]["support on courage"]
    0.0
    """
    stable = np.asarray(STABLE)
    return {
        "variables": [f"{name}_{ROLE}" for name in CONSTRUCTS],
        **panel_values(
            CONSTRUCTS,
            stable,
            np.asarray(MOVING),
            np.asarray(LAGGED),
            1.0 - np.diagonal(stable),
        ),
    }


def newcomer_population() -> Population:
    """Return the population: six measures, the same instrument at every wave.

    Loadings and thresholds of a scale do not depend on the wave, only the constructs' means do, so
    measurement is invariant.

    Examples
    --------
    >>> [measure.name for measure in newcomer_population().measures[:2]]
    ['support_newcomer_t1', 'support_newcomer_t2']
    """
    stable = np.asarray(STABLE)
    moves = equilibrium(MOVING, LAGGED, 1.0 - np.diagonal(stable), len(WAVES))
    matrix: FloatArray = moves + np.kron(stable, np.ones((len(WAVES), len(WAVES))))
    measures = tuple(
        Measure(
            scale=scale,
            role=ROLE,
            wave=wave,
            loadings=instrument.loadings,
            thresholds=instrument.item_thresholds(),
            latent_mean=mean,
        )
        for scale, instrument in INSTRUMENTS.items()
        for wave, mean in zip(WAVES, LATENT_MEANS[scale], strict=True)
    )
    return Population(
        measures=measures,
        construct_correlation=tuple(tuple(float(value) for value in row) for row in matrix),
        carry_over=CARRY_OVER,
    )
