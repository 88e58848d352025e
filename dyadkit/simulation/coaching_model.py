"""The distance-coaching study's instrument, and the population its answers are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.instrument import Instrument
from dyadkit.simulation.population import Measure, Population

FloatArray = NDArray[np.float64]


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "trust": Instrument(
            stems=MappingProxyType({"coach": "ctr", "client": "tr"}),
            waves=("t1", "t2"),
            highest=7,
            loadings=(0.78, 0.82, 0.70, 0.80, 0.75),
            thresholds=(-2.4, -1.8, -1.2, -0.55, 0.15, 1.0),
            shifts=(-0.20, 0.0, 0.15, -0.05, 0.10),
            minimum_answered=4,
            reverse=(3,),
        ),
        "similarity": Instrument(
            stems=MappingProxyType({"coach": "csi", "client": "si"}),
            waves=("t1",),
            highest=5,
            loadings=(0.72, 0.80, 0.76, 0.68),
            thresholds=(-1.6, -0.7, 0.3, 1.3),
            shifts=(-0.10, 0.05, 0.0, 0.15),
            minimum_answered=3,
        ),
        "readiness": Instrument(
            stems=MappingProxyType({"coach": "rd"}),
            waves=("t1",),
            highest=7,
            loadings=(0.74, 0.80, 0.78, 0.70, 0.76),
            thresholds=(-2.1, -1.5, -0.9, -0.2, 0.5, 1.3),
            shifts=(0.0, 0.10, -0.10, 0.05, -0.15),
            minimum_answered=4,
        ),
        "learning": Instrument(
            stems=MappingProxyType({"client": "pl"}),
            waves=("t1", "t2"),
            highest=7,
            loadings=(0.70, 0.74, 0.66, 0.72, 0.68, 0.76, 0.64, 0.71, 0.73, 0.67, 0.75, 0.62),
            thresholds=(-2.0, -1.4, -0.8, -0.1, 0.65, 1.5),
            shifts=(0.0, 0.10, -0.15, 0.05, 0.20, -0.10, 0.15, -0.05, 0.0, 0.10, -0.20, 0.05),
            minimum_answered=10,
        ),
    }
)

# Role first, then wave: the order of the study's tables.
_ORDER: tuple[tuple[str, str, str], ...] = (
    ("trust", "coach", "t1"),
    ("trust", "client", "t1"),
    ("trust", "coach", "t2"),
    ("trust", "client", "t2"),
    ("similarity", "coach", "t1"),
    ("similarity", "client", "t1"),
    ("readiness", "coach", "t1"),
    ("learning", "client", "t1"),
    ("learning", "client", "t2"),
)
LATENT_MEANS: Mapping[str, float] = MappingProxyType(
    {
        "trust_coach_t1": -0.15,
        "trust_client_t1": 0.0,
        "trust_coach_t2": 0.05,
        "trust_client_t2": 0.20,
        "similarity_coach_t1": -0.10,
        "similarity_client_t1": 0.10,
        "readiness_coach_t1": 0.0,
        "learning_client_t1": 0.0,
        "learning_client_t2": 0.30,
    }
)
CARRY_OVER = 0.20
_SOURCES_OF_TRUST = ("readiness_coach_t1", "similarity_coach_t1", "similarity_client_t1")
_EXOGENOUS = ((1.0, 0.30, 0.15), (0.30, 1.0, 0.50), (0.15, 0.50, 1.0))
# Standardised paths, in causal order; each construct's variance is 1.
PATHS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "trust_coach_t1": {"readiness_coach_t1": 0.40, "similarity_coach_t1": 0.25},
        "trust_client_t1": {"readiness_coach_t1": 0.35, "similarity_client_t1": 0.30},
        "learning_client_t1": {"trust_client_t1": 0.45, "similarity_client_t1": 0.15},
        "trust_coach_t2": {"trust_coach_t1": 0.60, "trust_client_t1": 0.10},
        "trust_client_t2": {"trust_client_t1": 0.55, "trust_coach_t1": 0.12},
        "learning_client_t2": {
            "learning_client_t1": 0.45,
            "trust_client_t1": 0.15,
            "trust_client_t2": 0.25,
        },
    }
)
# Partners' correlations, which the disturbances complete beyond what the paths imply.
PARTNERS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "trust_client_t1": ("trust_coach_t1", 0.40),
        "trust_client_t2": ("trust_coach_t2", 0.45),
    }
)


def construct_correlation(names: tuple[str, ...]) -> FloatArray:
    """Return the constructs' correlations that the paths and partner correlations imply.

    Each construct in turn correlates with those before it as its paths say,
    ``correlation(new, earlier) = paths @ correlation(earlier, earlier)``; the partner's entry is
    then set to the partners' correlation. The disturbance is scaled so that the variance is 1.

    Parameters
    ----------
    names : tuple of str
        Constructs in the order wanted.

    Returns
    -------
    ndarray, shape (len(names), len(names))
    """
    known = list(_SOURCES_OF_TRUST)
    matrix = np.array(_EXOGENOUS, dtype=np.float64)
    for name, paths in PATHS.items():
        weights = np.array([paths.get(earlier, 0.0) for earlier in known])
        with_earlier = weights @ matrix
        if name in PARTNERS:
            partner, correlation = PARTNERS[name]
            with_earlier[known.index(partner)] = correlation
        matrix = np.block(
            [[matrix, with_earlier[:, None]], [with_earlier[None, :], np.ones((1, 1))]]
        )
        known.append(name)
    order = [known.index(name) for name in names]
    return matrix[np.ix_(order, order)]


def coaching_population() -> Population:
    """Return the study's population: nine measures, the same instrument in both roles and waves.

    Loadings and thresholds of a scale do not depend on role or wave, only the constructs' means
    and correlations do, so measurement is invariant. Constructs are jointly normal: no moderation.
    """
    measures = []
    for scale, role, wave in _ORDER:
        instrument = INSTRUMENTS[scale]
        measures.append(
            Measure(
                scale=scale,
                role=role,
                wave=wave,
                loadings=instrument.loadings,
                thresholds=instrument.item_thresholds(),
                latent_mean=LATENT_MEANS[f"{scale}_{role}_{wave}"],
            )
        )
    matrix = construct_correlation(tuple(measure.name for measure in measures))
    return Population(
        measures=tuple(measures),
        construct_correlation=tuple(tuple(float(value) for value in row) for row in matrix),
        carry_over=CARRY_OVER,
    )
