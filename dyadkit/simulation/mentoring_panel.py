"""The mentoring study's cross-lagged truth: support and courage over three waves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.mentoring_model import (
    CONSTRUCTS,
    LAGGED,
    MENTOR,
    MOVING,
    STABLE,
    WAVES,
    moving_variances,
)

FloatArray = NDArray[np.float64]

PANEL = ("support", "courage")
_PLACES = [CONSTRUCTS.index((scale, "developee")) for scale in PANEL]


def random_intercept_panel() -> dict[str, object]:
    """Return the random-intercept cross-lagged model of the two constructs.

    Returns
    -------
    dict
        Parameters of the constructs, whose whole variance is 1 at each wave.
        ``standardized_paths`` are in standard deviations of what moves, ``paths`` in the
        constructs' own units; both are the same between all waves. ``disturbance_covariances``
        belong to t2 and t3, ``moving_covariances`` to every wave. Of the intercepts' covariances
        ``mentor_covariances`` is the part that the mentor's relationships share.

    Examples
    --------
    >>> random_intercept_panel()["standardized_paths"]["courage on support"]
    0.2
    """
    two = np.ix_(_PLACES, _PLACES)
    mentor, stable, correlation, paths = (
        np.asarray(values)[two] for values in (MENTOR, STABLE, MOVING, LAGGED)
    )
    spread = np.sqrt(moving_variances()[_PLACES])
    scale = np.outer(spread, spread)
    disturbance = correlation - paths @ correlation @ paths.T
    raw = paths * spread[:, None] / spread[None, :]
    intercepts = mentor + stable
    deviations = np.sqrt(np.diagonal(intercepts))
    return {
        "variables": [f"{name}_developee" for name in PANEL],
        "standardized_paths": _named(paths),
        "paths": _named(raw),
        "moving_correlation": float(correlation[0, 1]),
        "moving_covariances": (scale * correlation).tolist(),
        "disturbance_covariances": (scale * disturbance).tolist(),
        "intercept_covariances": intercepts.tolist(),
        "intercept_correlation": float(intercepts[0, 1] / np.prod(deviations)),
        "mentor_covariances": mentor.tolist(),
    }


def score_regressions(
    names: list[str], correlation: FloatArray, sd: FloatArray
) -> list[dict[str, object]]:
    r"""Return the population regressions of support and courage on both, one wave earlier.

    They are what a cross-lagged panel model without random intercepts estimates from scale scores:
    :math:`\beta = R_{xx}^{-1} r_{xy}`, and :math:`b = \beta\, s_y / s_x`.

    Parameters
    ----------
    names : list of str
        Scores, as ``support_developee_t1``.
    correlation : ndarray, shape (m, m)
    sd : ndarray, shape (m,)

    Returns
    -------
    list of dict
        ``outcome``, ``predictor``, ``beta`` and ``b``, and the outcome's ``r_squared``.
    """
    rows: list[dict[str, object]] = []
    for early, late in pairwise(WAVES):
        x = [names.index(f"{name}_developee_{early}") for name in PANEL]
        for outcome in PANEL:
            y = names.index(f"{outcome}_developee_{late}")
            beta = np.linalg.solve(correlation[np.ix_(x, x)], correlation[x, y])
            rows += [
                {
                    "outcome": names[y],
                    "predictor": names[place],
                    "beta": float(weight),
                    "b": float(weight * sd[y] / sd[place]),
                    "r_squared": float(beta @ correlation[x, y]),
                }
                for place, weight in zip(x, beta, strict=True)
            ]
    return rows


def _named(paths: FloatArray) -> dict[str, float]:
    return {
        f"{outcome} on {predictor}": float(paths[row, column])
        for row, outcome in enumerate(PANEL)
        for column, predictor in enumerate(PANEL)
    }
