"""Population values as they stand in a sample's truth.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dyadkit.simulation.instrument import Instrument
from dyadkit.simulation.population import ScoreTruth

FloatArray = NDArray[np.float64]

# Enough for any use, and coarser than the last bits in which machines differ.
_DECIMALS = 8


def rounded(value: float) -> float:
    """Round a number to the decimals that are stated.

    Examples
    --------
    >>> rounded(-1e-12), rounded(1 / 3)
    (0.0, 0.33333333)
    """
    # Adding zero turns a negative zero into zero.
    return round(float(value), _DECIMALS) + 0.0


def rounded_rows(matrix: FloatArray) -> list[list[float]]:
    """Return the rows of a matrix, rounded."""
    return [[rounded(value) for value in row] for row in matrix]


def rounded_all(values: Any) -> Any:
    """Return nested data with every number rounded."""
    if isinstance(values, float):
        return rounded(values)
    if isinstance(values, Mapping):
        return {key: rounded_all(value) for key, value in values.items()}
    if isinstance(values, Sequence) and not isinstance(values, str):
        return [rounded_all(value) for value in values]
    return values


def score_values(scores: Sequence[ScoreTruth]) -> list[dict[str, Any]]:
    """Return what the statistics of each scale score estimate."""
    return [
        {
            "variable": score.measure.name,
            "scale": score.measure.scale,
            "role": score.measure.role,
            "wave": score.measure.wave,
            "n_items": len(score.measure.loadings),
            "mean": rounded(score.mean),
            "sd": rounded(score.sd),
            "alpha": rounded(score.alpha),
            "omega": rounded(score.omega),
        }
        for score in scores
    ]


def partner_values(
    names: Sequence[str], correlation: FloatArray, roles: tuple[str, str]
) -> list[dict[str, Any]]:
    """Return the correlations of the partners' scores, where both answer a scale.

    Parameters
    ----------
    names : sequence of str
        Scores such as ``"trust_client_t1"``.
    correlation : ndarray, shape (n_scores, n_scores)
    roles : tuple of str
        The order of the scores of the second one is the order of the result.
    """
    first, second = roles
    return [
        {
            "scale": scale,
            "wave": wave,
            "correlation": rounded(
                correlation[names.index(f"{scale}_{first}_{wave}"), names.index(name)]
            ),
        }
        for name in names
        for scale, role, wave in [name.split("_")]
        if role == second and f"{scale}_{first}_{wave}" in names
    ]


def scale_values(instruments: Mapping[str, Instrument]) -> dict[str, Any]:
    """Return the measurement model of each scale."""
    return {
        scale: {
            "loadings": list(instrument.loadings),
            "thresholds": list(instrument.thresholds),
            "threshold_shifts": list(instrument.shifts),
        }
        for scale, instrument in instruments.items()
    }
