"""Maximum likelihood for the one-factor model, for a whole stack of covariance matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dyadkit.errors import DataError, Refused, StudyError
from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray, read_only
from dyadkit.estimation.one_factor_likelihood import (
    discrepancy,
    downhill_step,
    escape_step,
    gradient,
    pieces,
)

_BLOCK_CELLS = 2**17
_HALVINGS = 30
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """One-factor solutions, with the leading shape of the covariance matrices.

    Attributes
    ----------
    loadings : ndarray, shape (..., k)
        Loadings on a factor of variance 1, in the unit of the items; their sum is not
        negative.  NaN where the fit failed.
    residual_variances : ndarray, shape (..., k)
        Unbounded: a negative one is a Heywood case and speaks against the model.
    discrepancy : ndarray, shape (...)
        Minimum of the likelihood discrepancy; times N it is the chi-square.
    converged : ndarray of bool, shape (...)
        Whether the gradient is as small as asked, at a minimum.
    iterations : ndarray of int, shape (...)
        Steps taken.
    """

    loadings: FloatArray
    residual_variances: FloatArray
    discrepancy: FloatArray
    converged: BoolArray
    iterations: IntArray


def fit_one_factor(
    cov: ArrayLike,
    start: OneFactor | None = None,
    *,
    tolerance: float = 1e-9,
    max_iterations: int = 100,
) -> OneFactor:
    r"""Fit the one-factor model to each of a stack of covariance matrices.

    Parameters
    ----------
    cov : array_like, shape (..., k, k)
        Covariance matrices of k items, of any one divisor.
    start : OneFactor, optional
        A solution to start from, broadcast over the stack (such as the full sample's, for
        its bootstrap samples).  By default each matrix gets a start of its own.
    tolerance : float
        Largest gradient element, items having unit variance, at which a fit has converged.
    max_iterations : int
        Steps at most.

    Returns
    -------
    OneFactor
        Where the matrix is not positive definite, or no minimum is reached, `converged` is
        False and the estimates are NaN.

    Raises
    ------
    Refused
        For two items: the model is not identified.
    DataError
        For fewer than two items.
    StudyError
        If `cov` is not a stack of square matrices, or `start` does not fit its shape.

    Notes
    -----
    Minimised is the likelihood discrepancy (Joreskog, 1967) by Newton's method with analytic
    derivatives, by Fisher's scoring where the discrepancy is not convex; a step is halved until
    the discrepancy falls, and a saddle point is left along its steepest descent.  The equations
    stand at the head of `dyadkit.estimation.one_factor_likelihood`.  Residual variances are not
    bounded, so that a Heywood case comes out as with lavaan's defaults.  The discrepancy then may
    have no minimum, falling for ever while one loading grows: such a fit has failed, even where
    an optimiser that stops early would call it converged.

    References
    ----------
    Joreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis.
    Psychometrika, 32, 443-482.

    Lawley, D. N., & Maxwell, A. E. (1971). Factor analysis as a statistical method (2nd
    ed.). Butterworths.

    Examples
    --------
    >>> loadings = np.array([0.9, 0.8, 0.7, 0.6])
    >>> cov = np.outer(loadings, loadings) + np.diag([0.5, 0.4, 0.3, 0.2])
    >>> fit = fit_one_factor(cov)
    >>> bool(fit.converged), fit.loadings.round(6).tolist()
    (True, [0.9, 0.8, 0.7, 0.6])
    """
    matrices = np.asarray(cov, dtype=np.float64)
    if matrices.ndim < 2 or matrices.shape[-1] != matrices.shape[-2]:
        raise StudyError(
            f"A one-factor model needs square covariance matrices, but an array of shape "
            f"{matrices.shape} was passed."
        )
    k = matrices.shape[-1]
    require_identified(k)
    lead = matrices.shape[:-2]
    stack = matrices.reshape(-1, k, k)
    begun = None if start is None else _broadcast(start, (*lead, k))
    ends = [
        _fit_block(stack[rows], None if begun is None else begun[rows], tolerance, max_iterations)
        for rows in _blocks(stack.shape[0], k)
    ]
    theta, value, converged, iterations = (np.concatenate(part) for part in zip(*ends, strict=True))
    result = OneFactor(
        loadings=theta[:, :k].reshape(*lead, k),
        residual_variances=theta[:, k:].reshape(*lead, k),
        discrepancy=value.reshape(lead),
        converged=converged.reshape(lead),
        iterations=iterations.reshape(lead),
    )
    for array in (
        result.loadings,
        result.residual_variances,
        result.discrepancy,
        result.converged,
        result.iterations,
    ):
        read_only(array)
    return result


def require_identified(k: int) -> None:
    """Refuse a one-factor model of two items, and say what to use instead.

    Raises
    ------
    DataError
        For fewer than two items.
    Refused
        For two items.
    """
    if k < 2:
        raise DataError(
            f"A one-factor model needs at least 3 items, but there is {k}. A single item has no "
            "internal consistency to estimate."
        )
    if k == 2:
        raise Refused(
            "A one-factor model of two items is not identified: one correlation cannot give two "
            "loadings. Report coefficient alpha, which for two items of equal variance is the "
            "Spearman-Brown coefficient, or the correlation of the two items."
        )


def _broadcast(start: OneFactor, shape: tuple[int, ...]) -> FloatArray:
    try:
        parts = [
            np.broadcast_to(part, shape).reshape(-1, shape[-1])
            for part in (start.loadings, start.residual_variances)
        ]
    except ValueError as error:
        raise StudyError(
            f"The start has loadings of shape {start.loadings.shape}, but the covariance matrices "
            f"need {shape}. Pass a solution for the same items."
        ) from error
    return np.concatenate(parts, axis=1)


def _blocks(count: int, k: int) -> list[slice]:
    """Return slices of the stack whose Hessians fit the processor's cache; at least one."""
    at_once = max(1, _BLOCK_CELLS // (2 * k) ** 2)
    return [slice(first, first + at_once) for first in range(0, max(count, 1), at_once)]


_End = tuple[FloatArray, FloatArray, BoolArray, IntArray]


def _fit_block(
    cov: FloatArray, start: FloatArray | None, tolerance: float, max_iterations: int
) -> _End:
    """Return parameters, discrepancy, convergence and steps of the matrices of one block."""
    count, k = cov.shape[:2]
    parameters = np.full((count, 2 * k), np.nan)
    minimum = np.full(count, np.nan)
    converged = np.zeros(count, dtype=np.bool_)
    iterations = np.zeros(count, dtype=np.int64)
    usable, corr, sds = _correlations(cov)
    if usable.size == 0:
        return parameters, minimum, converged, iterations
    scale = np.concatenate([sds, sds**2], axis=1)
    theta = _start(corr) if start is None else start[usable] / scale
    value, precision = discrepancy(corr, theta)
    active = np.flatnonzero(np.isfinite(value))
    for iteration in range(max_iterations + 1):
        at = pieces(corr[active], theta[active], precision[active])
        slope = gradient(at)
        iterations[usable[active]] = iteration
        steep = np.abs(slope).max(axis=1, initial=0.0) > tolerance
        saddle, escape = escape_step(at.rows(~steep))
        saddles = np.flatnonzero(~steep)[saddle]
        going = steep.copy()
        going[saddles] = True
        converged[usable[active[~going]]] = True
        if iteration == max_iterations or not going.any():
            break
        step = np.empty_like(slope)
        step[saddles] = escape
        step[steep] = downhill_step(slope[steep], at.rows(steep))
        active, step, slope = active[going], step[going], slope[going]
        active = active[_descend(corr, theta, value, precision, active, step, slope)]
    done = converged[usable]
    rows = usable[done]
    sign = np.where(theta[done, :k].sum(axis=1) < 0, -1.0, 1.0)[:, None]
    parameters[rows] = theta[done] * scale[done]
    parameters[rows, :k] *= sign
    constant = np.linalg.slogdet(corr[done])[1] + k
    minimum[rows] = np.maximum(value[done] - constant, 0.0)
    return parameters, minimum, converged, iterations


def _correlations(cov: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return which matrices are positive definite, their correlations and standard deviations."""
    variances = np.diagonal(cov, axis1=1, axis2=2)
    usable = np.flatnonzero(np.isfinite(cov).all(axis=(1, 2)) & (variances > 0).all(axis=1))
    sds = np.sqrt(variances[usable])
    corr = cov[usable] / (sds[:, :, None] * sds[:, None, :])
    definite = np.linalg.eigvalsh(corr)[:, 0] > _SINGULAR
    return usable[definite], corr[definite], sds[definite]


def _start(corr: FloatArray) -> FloatArray:
    """Take one principal-axis step from squared multiple correlations as communalities."""
    k = corr.shape[-1]
    reduced = corr.copy()
    smc = 1.0 - 1.0 / np.diagonal(np.linalg.inv(corr), axis1=1, axis2=2)
    reduced[:, np.arange(k), np.arange(k)] = smc
    roots, vectors = np.linalg.eigh(reduced)
    loadings = vectors[:, :, -1] * np.sqrt(np.maximum(roots[:, -1:], 0.1))
    return np.concatenate([loadings, np.maximum(1.0 - loadings**2, 0.1)], axis=1)


def _descend(
    corr: FloatArray,
    theta: FloatArray,
    value: FloatArray,
    precision: FloatArray,
    active: IntArray,
    step: FloatArray,
    slope: FloatArray,
) -> BoolArray:
    """Move the active fits along their steps, halved until F falls; tell which moved."""
    fall = np.einsum("bi,bi->b", slope, step)
    pending = np.arange(active.size)
    length = 1.0
    for _ in range(_HALVINGS):
        rows = active[pending]
        candidate = theta[rows] + length * step[pending]
        found, inverse = discrepancy(corr[rows], candidate)
        # Near the optimum the fall is below the rounding of F, hence the last term.
        enough = found <= value[rows] + 1e-4 * length * fall[pending] + 1e-13
        accepted = rows[enough]
        theta[accepted] = candidate[enough]
        value[accepted] = found[enough]
        precision[accepted] = inverse[enough]
        pending = pending[~enough]
        if pending.size == 0:
            break
        length /= 2.0
    moved = np.ones(active.size, dtype=np.bool_)
    moved[pending] = False
    return moved
