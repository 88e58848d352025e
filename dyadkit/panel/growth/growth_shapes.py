"""Shapes of growth: the growth factors of a series, and their loadings on its waves.

With the time t of a wave since the first, a series is

- linear: level + t · change,
- quadratic: level + t · change + t² · curvature,
- piecewise, turning at u: level + min(t, u) · change before + max(t - u, 0) · change after,
- latent basis: level + l · change, with l = 0 in the first wave, 1 in the last, free between
  (Meredith & Tisak, 1990).

References
----------
Meredith, W., & Tisak, J. (1990). Latent curve analysis. Psychometrika, 55, 107-122.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.errors import Refused, StudyError, listed
from dyadkit.panel.request import Request, Shape

FEWEST: dict[Shape, int] = {"linear": 3, "quadratic": 4, "piecewise": 5, "latent_basis": 3}
_ON_EITHER_SIDE = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """A growth factor.

    Attributes
    ----------
    name : str
        Short, for the syntax, such as "s".
    term : str
        In `tidy`, such as "change".
    label : str
        What a reader sees, such as "Change per week".
    loadings : tuple of float
        On each wave.
    free : frozenset of int
        The waves whose loading is estimated, from the one in `loadings` on.
    """

    name: str
    term: str
    label: str
    loadings: tuple[float, ...]
    free: frozenset[int] = frozenset()


def factors_of(
    shape: Shape, times: Sequence[float], waves: Sequence[str], unit: str, turn: int = 0
) -> tuple[Factor, ...]:
    """Return the growth factors of a shape, the level first.

    Parameters
    ----------
    shape : {"linear", "quadratic", "piecewise", "latent_basis"}
    times : sequence of float
        Of the waves, since the first of them.
    waves : sequence of str
        What a reader calls them.
    unit : str
        Of the times.
    turn : int
        The wave at which piecewise change turns.

    Examples
    --------
    >>> for one in factors_of("piecewise", [0, 1, 2, 4, 6], ["A", "B", "C", "D", "E"], "week", 2):
    ...     print(one.label, one.loadings)
    Level at A (1.0, 1.0, 1.0, 1.0, 1.0)
    Change per week until C (0.0, 1.0, 2.0, 2.0, 2.0)
    Change per week after C (0.0, 0.0, 0.0, 2.0, 4.0)
    """
    t = np.asarray(times, dtype=float)

    def factor(name: str, term: str, label: str, loadings: np.ndarray) -> Factor:
        return Factor(name, term, label, tuple(loadings.tolist()))

    level = factor("i", "level", f"Level at {waves[0]}", np.ones(t.size))
    if shape == "linear":
        return level, factor("s", "change", f"Change per {unit}", t)
    if shape == "quadratic":
        return (
            level,
            factor("s", "change", f"Change per {unit} at {waves[0]}", t),
            factor("q", "curvature", f"Curvature per {unit}²", t**2),
        )
    if shape == "piecewise":
        at = t[turn]
        before, after = np.minimum(t, at), np.maximum(t - at, 0.0)
        return (
            level,
            factor("s1", "change before", f"Change per {unit} until {waves[turn]}", before),
            factor("s2", "change after", f"Change per {unit} after {waves[turn]}", after),
        )
    return level, Factor(
        "s",
        "change",
        f"Change from {waves[0]} to {waves[-1]}",
        tuple((t / t[-1]).tolist()),
        frozenset(range(1, t.size - 1)),
    )


def turn_of(request: Request) -> int:
    """Return the wave at which change turns; 0 where the shape has no turn.

    Raises
    ------
    StudyError
        When the turn is missing, no wave, or given for another shape.
    Refused
        When there are too few waves for the shape, or on either side of the turn.
    """
    waves, shape = request.waves, request.shape
    if shape not in FEWEST:
        raise StudyError(
            f"shape: '{shape}' is no shape of growth. They are {listed(list(FEWEST))}."
        )
    if (shape == "piecewise") != (request.turn is not None):
        raise StudyError(
            'shape = "piecewise" needs the wave at which change turns, such as '
            f'turn = "{waves[len(waves) // 2]}".'
            if request.turn is None
            else f'turn: change of shape = "{shape}" does not turn. Set shape = "piecewise", or '
            "leave turn out."
        )
    if len(waves) < FEWEST[shape]:
        shapes = [f'"{name}"' for name, fewest in FEWEST.items() if fewest <= len(waves)]
        instead = f"Set shape = {' or '.join(shapes)}, or add a wave." if shapes else "Add a wave."
        raise Refused(
            f"Growth of shape '{shape}' needs {FEWEST[shape]} waves, and there are {len(waves)}: "
            "with fewer, differences between persons in change cannot be told from what varies "
            f"from wave to wave. {instead}"
        )
    if request.turn is None:
        return 0
    if request.turn not in waves:
        raise StudyError(f"turn: '{request.turn}' is none of the waves {listed(list(waves))}.")
    turn = waves.index(request.turn)
    if min(turn + 1, len(waves) - turn) < _ON_EITHER_SIDE:
        possible = list(waves[_ON_EITHER_SIDE - 1 : len(waves) - _ON_EITHER_SIDE + 1])
        raise Refused(
            f"turn: either piece needs three waves, the turn among them, and of '{request.turn}' "
            "one has fewer: a line through two waves leaves nothing by which change is told from "
            f"what varies from wave to wave. It may be {listed(possible)}, or another shape."
        )
    return turn
