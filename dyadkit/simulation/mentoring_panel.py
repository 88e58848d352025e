"""The mentoring study's cross-lagged truth: support and courage over three waves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation import panels
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
_VARIABLES = tuple(f"{name}_developee" for name in PANEL)
_PLACES = [CONSTRUCTS.index((scale, "developee")) for scale in PANEL]


def random_intercept_panel() -> dict[str, Any]:
    """Return the random-intercept cross-lagged model of the two constructs.

    Returns
    -------
    dict
        Parameters of the constructs, whose whole variance is 1 at each wave; see
        `dyadkit.simulation.panels.panel_values`. Of the intercepts' covariances
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
    variances = moving_variances()[_PLACES]
    return {
        "variables": list(_VARIABLES),
        **panels.panel_values(PANEL, mentor + stable, correlation, paths, variances),
        "mentor_covariances": mentor.tolist(),
    }


def score_regressions(
    names: list[str], correlation: FloatArray, sd: FloatArray
) -> list[dict[str, Any]]:
    """Return the population regressions of support and courage on both, one wave earlier.

    See `dyadkit.simulation.panels.score_regressions`.

    Parameters
    ----------
    names : list of str
        Scores, as ``support_developee_t1``.
    correlation : ndarray, shape (m, m)
    sd : ndarray, shape (m,)
    """
    return panels.score_regressions(_VARIABLES, WAVES, names, correlation, sd)
