"""The workplace-mentoring study's instrument, and the population its answers are drawn from.

A relationship is one mentor and one developee.  Its constructs are the sum of three parts: what all
relationships of the mentor share, what the relationship keeps over the waves, and what moves from
wave to wave.  The second and third make a random-intercept cross-lagged panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dyadkit.errors import DataError
from dyadkit.simulation.instrument import Instrument
from dyadkit.simulation.panels import equilibrium
from dyadkit.simulation.population import Measure, Population

FloatArray = NDArray[np.float64]

ROLES = ("mentor", "developee")
WAVES = ("t1", "t2", "t3")
MOST_DEVELOPEES = 3

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "quality": Instrument(
            stems=MappingProxyType({"mentor": "q", "developee": "q"}),
            waves=WAVES,
            highest=7,
            loadings=(0.80, 0.76, 0.82, 0.66, 0.74, 0.78),
            thresholds=(-2.3, -1.7, -1.1, -0.5, 0.2, 1.0),
            shifts=(0.0, 0.10, -0.15, 0.20, 0.05, -0.10),
            minimum_answered=5,
            reverse=(4,),
        ),
        "performance": Instrument(
            stems=MappingProxyType({"mentor": "pe"}),
            waves=WAVES,
            highest=5,
            loadings=(0.80, 0.74, 0.78, 0.70),
            thresholds=(-2.0, -1.2, -0.2, 0.9),
            shifts=(0.0, -0.10, 0.15, 0.05),
            minimum_answered=3,
        ),
        "support": Instrument(
            stems=MappingProxyType({"developee": "su"}),
            waves=WAVES,
            highest=5,
            loadings=(0.76, 0.82, 0.78, 0.72, 0.80),
            thresholds=(-1.9, -1.1, -0.2, 0.8),
            shifts=(0.05, -0.10, 0.0, 0.15, -0.05),
            minimum_answered=4,
        ),
        "courage": Instrument(
            stems=MappingProxyType({"developee": "co"}),
            waves=WAVES,
            highest=7,
            loadings=(0.72, 0.78, 0.70, 0.76, 0.68, 0.74),
            thresholds=(-2.0, -1.4, -0.8, -0.1, 0.6, 1.4),
            shifts=(0.0, 0.15, -0.10, 0.05, 0.10, -0.20),
            minimum_answered=5,
        ),
    }
)

#: Scale and who answers it, in the order of every matrix below.
CONSTRUCTS: tuple[tuple[str, str], ...] = (
    ("quality", "mentor"),
    ("performance", "mentor"),
    ("quality", "developee"),
    ("support", "developee"),
    ("courage", "developee"),
)
LATENT_MEANS: Mapping[tuple[str, str], tuple[float, float, float]] = MappingProxyType(
    {
        ("quality", "mentor"): (0.10, 0.15, 0.20),
        ("performance", "mentor"): (0.0, 0.15, 0.30),
        ("quality", "developee"): (0.20, 0.25, 0.20),
        ("support", "developee"): (0.0, 0.10, 0.15),
        ("courage", "developee"): (0.0, 0.20, 0.35),
    }
)
CARRY_OVER = 0.20

# Covariances of what all relationships of one mentor share, at every wave; each construct's whole
# variance is 1, so the diagonal is the constructs' intraclass correlation.
MENTOR = (
    (0.30, 0.12, 0.06, 0.08, 0.01),
    (0.12, 0.25, 0.03, 0.04, 0.02),
    (0.06, 0.03, 0.12, 0.10, 0.02),
    (0.08, 0.04, 0.10, 0.20, 0.05),
    (0.01, 0.02, 0.02, 0.05, 0.05),
)
# Covariances of what is a relationship's own and stays.
STABLE = (
    (0.25, 0.12, 0.14, 0.10, 0.06),
    (0.12, 0.25, 0.06, 0.06, 0.14),
    (0.14, 0.06, 0.38, 0.18, 0.10),
    (0.10, 0.06, 0.18, 0.25, 0.16),
    (0.06, 0.14, 0.10, 0.16, 0.45),
)
# Correlations of what moves, within a wave.
MOVING = (
    (1.00, 0.30, 0.25, 0.15, 0.05),
    (0.30, 1.00, 0.10, 0.10, 0.15),
    (0.25, 0.10, 1.00, 0.45, 0.20),
    (0.15, 0.10, 0.45, 1.00, 0.30),
    (0.05, 0.15, 0.20, 0.30, 1.00),
)
# Standardised paths of what moves, from the column's construct to the row's one wave later.
# Support and courage depend on nothing else, so the two alone are a correct panel model.
LAGGED = (
    (0.30, 0.00, 0.00, 0.00, 0.00),
    (0.00, 0.35, 0.00, 0.00, 0.10),
    (0.00, 0.00, 0.30, 0.10, 0.00),
    (0.00, 0.00, 0.00, 0.35, 0.08),
    (0.00, 0.00, 0.00, 0.20, 0.40),
)


def moving_variances() -> FloatArray:
    """Return the variance of what moves from wave to wave, for each construct."""
    variances: FloatArray = 1.0 - np.diagonal(np.asarray(MENTOR) + np.asarray(STABLE))
    return variances


def mentor_covariance() -> FloatArray:
    """Return the covariances of two relationships of one mentor, construct-major, waves within.

    Returns
    -------
    ndarray, shape (15, 15)
    """
    return np.kron(np.asarray(MENTOR), np.ones((len(WAVES), len(WAVES))))


def relationship_correlation() -> FloatArray:
    """Return the correlations of one relationship's constructs.

    They are those of what the mentor's relationships share, of what stays, and of what moves; see
    `dyadkit.simulation.panels.equilibrium`.

    Returns
    -------
    ndarray, shape (15, 15)
        Constructs in the order of `CONSTRUCTS`, the waves of each next to each other.

    Examples
    --------
    >>> matrix = relationship_correlation()
    >>> round(float(matrix[0, 6]), 4)     # quality at t1: mentor with developee
    0.3186
    """
    moves = equilibrium(MOVING, LAGGED, moving_variances(), len(WAVES))
    kept = np.kron(np.asarray(STABLE), np.ones((len(WAVES), len(WAVES))))
    matrix: FloatArray = moves + kept + mentor_covariance()
    return matrix


def mentoring_population(relationships: int = 1) -> Population:
    """Return the population of one mentor's relationships.

    Loadings and thresholds of a scale do not depend on role or wave, so measurement is invariant.
    The unique parts of two relationships' items are independent, those of the same mentor too.

    Parameters
    ----------
    relationships : int
        How many relationships of one mentor, 1 to 3. The roles of the second and the third are
        called ``mentor2``, ``developee2``, ``mentor3`` and ``developee3``.

    Returns
    -------
    Population
        15 measures for each relationship, one relationship after the other.

    Raises
    ------
    DataError
        When `relationships` is not 1, 2 or 3.

    Examples
    --------
    >>> [measure.name for measure in mentoring_population().measures[:3]]
    ['quality_mentor_t1', 'quality_mentor_t2', 'quality_mentor_t3']
    """
    if relationships not in range(1, MOST_DEVELOPEES + 1):
        raise DataError(
            f"A mentor of this study has 1 to {MOST_DEVELOPEES} relationships, not "
            f"{relationships}. Ask for one of these numbers."
        )
    measures = []
    for number in range(relationships):
        suffix = "" if number == 0 else str(number + 1)
        for scale, role in CONSTRUCTS:
            instrument = INSTRUMENTS[scale]
            measures += [
                Measure(
                    scale=scale,
                    role=f"{role}{suffix}",
                    wave=wave,
                    loadings=instrument.loadings,
                    thresholds=instrument.item_thresholds(),
                    latent_mean=mean,
                )
                for wave, mean in zip(WAVES, LATENT_MEANS[scale, role], strict=True)
            ]
    own, shared = relationship_correlation(), mentor_covariance()
    same = np.eye(relationships)
    matrix = np.kron(same, own) + np.kron(1.0 - same, shared)
    return Population(
        measures=tuple(measures),
        construct_correlation=tuple(tuple(float(value) for value in row) for row in matrix),
        carry_over=CARRY_OVER,
    )
