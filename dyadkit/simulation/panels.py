"""Random-intercept cross-lagged panels: what they imply of constructs, and what of scores."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dyadkit.errors import DataError

FloatArray = NDArray[np.float64]


def equilibrium(
    moving: ArrayLike, lagged: ArrayLike, variances: ArrayLike, n_waves: int
) -> FloatArray:
    r"""Return the covariances of what moves from wave to wave.

    With :math:`S` the standard deviations of what moves, :math:`P` its correlations and
    :math:`A` the lagged paths, what moves covaries
    :math:`\operatorname{cov}(w_{t+h}, w_t) = S A^h P S`: it is in equilibrium, so that its
    variances and its correlations within a wave do not change.

    Parameters
    ----------
    moving : array_like, shape (p, p)
        Correlations of what moves, within a wave.
    lagged : array_like, shape (p, p)
        Standardised paths, from the column's construct to the row's one wave later.
    variances : array_like, shape (p,)
        Of what moves.
    n_waves : int

    Returns
    -------
    ndarray, shape (p * n_waves, p * n_waves)
        Construct-major, the waves of each next to each other.

    Raises
    ------
    DataError
        When the paths explain more than there is.

    Examples
    --------
    >>> equilibrium([[1.0]], [[0.5]], [2.0], 3)
    array([[2. , 1. , 0.5],
           [1. , 2. , 1. ],
           [0.5, 1. , 2. ]])
    """
    correlation, paths = np.asarray(moving), np.asarray(lagged)
    if np.linalg.eigvalsh(correlation - paths @ correlation @ paths.T)[0] <= 0.0:
        raise DataError(
            "The lagged paths explain more than there is: no disturbance completes the moving "
            "parts to their correlations. Make the paths smaller."
        )
    size = len(paths)
    spread = np.sqrt(np.asarray(variances))
    blocks = np.empty((size, n_waves, size, n_waves))
    for late in range(n_waves):
        for early in range(late + 1):
            lag = np.linalg.matrix_power(paths, late - early) @ correlation
            block = spread[:, None] * lag * spread[None, :]
            blocks[:, late, :, early] = block
            blocks[:, early, :, late] = block.T
    return blocks.reshape(size * n_waves, size * n_waves)


def panel_values(
    names: Sequence[str],
    intercepts: FloatArray,
    correlation: FloatArray,
    paths: FloatArray,
    variances: FloatArray,
) -> dict[str, Any]:
    """Return the parameters of a random-intercept cross-lagged model of constructs.

    Parameters
    ----------
    names : sequence of str
        Of the constructs.
    intercepts : ndarray, shape (p, p)
        Covariances of the random intercepts.
    correlation : ndarray, shape (p, p)
        Correlations of what moves, within a wave.
    paths : ndarray, shape (p, p)
        Standardised.
    variances : ndarray, shape (p,)
        Of what moves.

    Returns
    -------
    dict
        ``standardized_paths`` are in standard deviations of what moves, ``paths`` in the
        constructs' own units; both are the same between all waves. ``disturbance_covariances``
        belong to the waves after the first, ``moving_covariances`` to every wave.
    """
    spread = np.sqrt(variances)
    scale = np.outer(spread, spread)
    disturbance = correlation - paths @ correlation @ paths.T
    deviations = np.sqrt(np.diagonal(intercepts))
    return {
        "standardized_paths": named_paths(names, paths),
        "paths": named_paths(names, paths * spread[:, None] / spread[None, :]),
        "moving_correlation": float(correlation[0, 1]),
        "moving_covariances": (scale * correlation).tolist(),
        "disturbance_covariances": (scale * disturbance).tolist(),
        "intercept_covariances": intercepts.tolist(),
        "intercept_correlation": float(intercepts[0, 1] / np.prod(deviations)),
    }


def score_regressions(
    variables: Sequence[str],
    waves: Sequence[str],
    names: Sequence[str],
    correlation: FloatArray,
    sd: FloatArray,
) -> list[dict[str, Any]]:
    r"""Return the population regressions of variables on all of them, one wave earlier.

    They are what a cross-lagged panel model without random intercepts estimates from scale scores:
    :math:`\beta = R_{xx}^{-1} r_{xy}`, and :math:`b = \beta\, s_y / s_x`.

    Parameters
    ----------
    variables : sequence of str
        With their role, as ``support_developee``.
    waves : sequence of str
    names : sequence of str
        Scores, as ``support_developee_t1``.
    correlation : ndarray, shape (m, m)
    sd : ndarray, shape (m,)

    Returns
    -------
    list of dict
        ``outcome``, ``predictor``, ``beta`` and ``b``, and the outcome's ``r_squared``.
    """
    rows: list[dict[str, Any]] = []
    for early, late in pairwise(waves):
        x = [names.index(f"{name}_{early}") for name in variables]
        for outcome in variables:
            y = names.index(f"{outcome}_{late}")
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


def named_paths(names: Sequence[str], paths: FloatArray) -> dict[str, float]:
    """Return a matrix of paths by name, such as ``"courage on support"``."""
    return {
        f"{outcome} on {predictor}": float(paths[row, column])
        for row, outcome in enumerate(names)
        for column, predictor in enumerate(names)
    }
