r"""Where a moderated effect differs from zero.

The effect at the value w of a moderator is :math:`b(w) = b_1 + w\, b_3`, with the variance
:math:`v(w) = v_{11} + 2 w v_{13} + w^2 v_{33}`.  With one critical value t it is significant where
:math:`b(w)^2 > t^2 v(w)`, a quadratic inequality (Johnson & Neyman, 1936; Bauer & Curran, 2005);
with degrees of freedom that depend on w the ends are found by bisection.

References
----------
Bauer, D. J., & Curran, P. J. (2005). Probing interactions in fixed and multilevel regression:
Inferential and graphical techniques. Multivariate Behavioral Research, 40, 373-400.

Johnson, P. O., & Neyman, J. (1936). Tests of certain linear hypotheses and their application to
some educational problems. Statistical Research Memoirs, 1, 57-93.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

_GRID = 401


@dataclass(frozen=True, slots=True)
class Region:
    """Values of the moderator between which the effect is significant, within the limits asked for.

    Attributes
    ----------
    low, high : float
    sign : int
        Of the effect there.
    """

    low: float
    high: float
    sign: int


def significant_regions(
    margin: Callable[[float], float], effect: Callable[[float], float], low: float, high: float
) -> tuple[Region, ...]:
    """Return the Johnson–Neyman regions of significance between two values of a moderator.

    Parameters
    ----------
    margin : callable
        Of the moderator's value: how far the test statistic's size exceeds its critical value,
        negative where it does not.
    effect : callable
        The effect at that value.
    low, high : float
        Where to look.

    Returns
    -------
    tuple of Region
        In rising order; empty where the effect is nowhere significant.

    Examples
    --------
    >>> significant_regions(lambda w: abs(w) - 1.0, lambda w: w, -2.0, 2.0)
    (Region(low=-2.0, high=-1.0, sign=-1), Region(low=1.0, high=2.0, sign=1))
    """
    grid = np.linspace(low, high, _GRID)
    values = np.array([margin(float(value)) for value in grid])
    above = values > 0.0
    changes = np.flatnonzero(above[1:] != above[:-1])
    ends = [float(brentq(margin, grid[at], grid[at + 1], xtol=1e-12)) for at in changes.tolist()]
    bounds = [low, *ends, high]
    found = []
    for number, (begin, end) in enumerate(pairwise(bounds)):
        inside = bool(above[0]) ^ bool(number % 2)
        if inside:
            found.append(Region(begin, end, 1 if effect(0.5 * (begin + end)) > 0 else -1))
    return tuple(found)
