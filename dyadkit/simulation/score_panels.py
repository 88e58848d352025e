"""The random-intercept panel that comes closest to the scores of a population.

Scores measure constructs with error and in categories, so no random-intercept panel holds exactly
for them. What such a model estimates from scores is its maximum likelihood solution for their
population covariances, found here by another route than the package's estimator takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize, root

from dyadkit.errors import FitError

FloatArray = NDArray[np.float64]

_STEP = 1e-30
_WAVES = 3


@dataclass(frozen=True, slots=True)
class ScorePanel:
    """A random-intercept panel of two variables in three waves, with equal paths.

    Attributes
    ----------
    paths : ndarray, shape (2, 2)
        From the column's variable to the row's one wave later.
    betas : ndarray, shape (2, 2, 2)
        The paths to the second and to the third wave, in standard deviations of what moves.
    intercepts : ndarray, shape (2, 2)
        Covariances of the random intercepts.
    """

    paths: FloatArray
    betas: FloatArray
    intercepts: FloatArray


def panel_of_scores(covariance: ArrayLike) -> ScorePanel:
    r"""Return the panel that minimises :math:`\log|\Sigma| + \mathrm{tr}(S\Sigma^{-1})`.

    Parameters
    ----------
    covariance : array_like, shape (6, 6)
        Population covariances S of the scores, variable-major.

    Returns
    -------
    ScorePanel

    Raises
    ------
    FitError
        When the equations have no solution nearby.

    Notes
    -----
    Derivatives are those of a complex step (Squire & Trapp, 1998), which are exact to rounding.

    References
    ----------
    Squire, W., & Trapp, G. (1998). Using complex variables to estimate derivatives of real
    functions. SIAM Review, 40, 110-112.

    Examples
    --------
    A panel gives back itself:

    >>> paths = np.array([[0.3, 0.0], [0.2, 0.4]])
    >>> first = np.array([[1.0, 0.3], [0.3, 1.0]])
    >>> late = first - paths @ first @ paths.T
    >>> true = implied(paths, np.array([[0.5, 0.2], [0.2, 0.6]]), first, (late, late))
    >>> panel_of_scores(true).paths.round(8) + 0.0
    array([[0.3, 0. ],
           [0.2, 0.4]])
    """
    sample = np.asarray(covariance, dtype=np.float64)
    deviations = np.sqrt(np.diagonal(sample))
    # In units in which all scores are alike, so that the search sees no scale.
    unit = np.repeat(deviations[::_WAVES], _WAVES)
    scaled = sample / np.outer(unit, unit)

    def slopes(parameters: FloatArray) -> FloatArray:
        steps = parameters + 1j * _STEP * np.eye(parameters.size)
        return np.array([_discrepancy(row, scaled).imag / _STEP for row in steps])

    def discrepancy(parameters: FloatArray) -> float:
        # The search must not leave what covariances can be.
        if np.linalg.eigvalsh(implied(*_parts(parameters)))[0] <= 0.0:
            return np.inf
        return float(_discrepancy(parameters, scaled))

    half, free = [0.4, 0.1, 0.4], [0.6, 0.1, 0.6]
    start = np.array([0.3, 0.0, 0.0, 0.3, *half, *free, *free, *free])
    nearby = minimize(discrepancy, start, jac=slopes, method="BFGS", options={"gtol": 1e-6}).x
    found = root(slopes, nearby, method="hybr", tol=1e-13).x
    steepest = float(np.max(np.abs(slopes(found))))
    moved = float(np.max(np.abs(found - nearby)))
    if not (steepest < 1e-10 and moved < 1e-3):
        raise FitError(
            "The random-intercept panel of the scores was not found: the largest likelihood "
            f"equation is {steepest:.2g} where 0 is due, and the last steps went {moved:.2g} far. "
            "Check that the covariances are those of two variables in three waves."
        )
    paths, intercepts, first, late = _parts(found)
    spread = [np.sqrt(np.diagonal(value)) for value in _variances(paths, first, late)]
    betas = [paths * before[None, :] / now[:, None] for before, now in pairwise(spread)]
    own = unit[::_WAVES]
    return ScorePanel(
        paths=paths * own[:, None] / own[None, :],
        betas=np.array(betas),
        intercepts=intercepts * np.outer(own, own),
    )


def implied(
    paths: NDArray[Any],
    intercepts: NDArray[Any],
    first: NDArray[Any],
    late: tuple[NDArray[Any], NDArray[Any]],
) -> NDArray[Any]:
    """Return the covariances that a panel implies, variable-major.

    Parameters
    ----------
    paths : ndarray, shape (2, 2)
    intercepts : ndarray, shape (2, 2)
        Covariances of the random intercepts.
    first : ndarray, shape (2, 2)
        Covariances of what moves, in the first wave.
    late : pair of ndarray, shape (2, 2)
        Covariances of the disturbances in the second wave and in the third.
    """
    within = _variances(paths, first, late)
    blocks = np.empty((2, _WAVES, 2, _WAVES), dtype=np.result_type(paths, first))
    for early in range(_WAVES):
        lag = within[early]
        for now in range(early, _WAVES):
            blocks[:, now, :, early] = intercepts + lag
            blocks[:, early, :, now] = (intercepts + lag).T
            lag = paths @ lag
    return blocks.reshape(2 * _WAVES, 2 * _WAVES)


def _variances(
    paths: NDArray[Any], first: NDArray[Any], late: tuple[NDArray[Any], NDArray[Any]]
) -> list[NDArray[Any]]:
    within = [first]
    for disturbance in late:
        within.append(paths @ within[-1] @ paths.T + disturbance)
    return within


def _discrepancy(parameters: NDArray[Any], sample: FloatArray) -> Any:
    matrix = implied(*_parts(parameters))
    return np.log(np.linalg.det(matrix)) + np.trace(np.linalg.solve(matrix, sample))


def _parts(
    parameters: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], tuple[NDArray[Any], NDArray[Any]]]:
    """Return paths, the intercepts' and the first wave's covariances, and the disturbances'."""
    intercepts, first, second, third = (
        np.array([[a, b], [b, c]]) for a, b, c in parameters[4:].reshape(4, 3)
    )
    return parameters[:4].reshape(2, 2), intercepts, first, (second, third)
