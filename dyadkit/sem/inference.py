"""From the information to standard errors, and what stands in their way."""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.sem.likelihood import positive_definite
from dyadkit.sem.restrictions import Bound, Constraints

_SINGULAR = 1e-12
_TINY = 1e-290


def covariance_of_estimates(information: FloatArray, jacobian: FloatArray) -> FloatArray:
    r"""Invert the information along the constraints.

    Parameters
    ----------
    information : ndarray, shape (q, q)
    jacobian : ndarray, shape (r, q)
        Gradients of the binding constraints.

    Returns
    -------
    ndarray, shape (q, q)
        :math:`Z (Z' I Z)^{-1} Z'` with Z a basis of the directions that the constraints leave
        (Aitchison & Silvey, 1958).

    References
    ----------
    Aitchison, J., & Silvey, S. D. (1958). Maximum-likelihood estimation of parameters subject to
    restraints. The Annals of Mathematical Statistics, 29, 813-828.
    """
    if not jacobian.shape[0]:
        unit, scaled = _scaled(information)
        return np.asarray(np.linalg.inv(scaled) * (unit[:, None] * unit))
    basis, reduced = _reduced(information, jacobian)
    inverse: FloatArray = basis @ np.linalg.inv(reduced) @ basis.T
    return inverse


def free_directions(information: FloatArray, jacobian: FloatArray) -> FloatArray:
    """Return a basis Z, shape (q, r), of the directions that constraints leave.

    Parameters
    ----------
    information, jacobian
        As for `covariance_of_estimates`.
    """
    return _reduced(information, jacobian)[0]


def undetermined(information: FloatArray, jacobian: FloatArray) -> list[int]:
    """Return the parameters that the data do not determine: none where the model is identified.

    Parameters
    ----------
    information, jacobian
        As for `covariance_of_estimates`.
    """
    basis, reduced = _reduced(information, jacobian)
    if not reduced.size:
        return []
    # The diagonal is about 1, and a factorisation tells at little cost that no root is small.
    if positive_definite(reduced - _SINGULAR * reduced.shape[0] * np.eye(reduced.shape[0])):
        return []
    roots, vectors = np.linalg.eigh(reduced)
    flat = roots < _SINGULAR * max(1.0, float(roots[-1]))
    if not flat.any():
        return []
    size = np.diagonal(information)
    unit = np.sqrt(np.where(size > _TINY, size, 1.0))
    directions = (basis @ vectors[:, flat]) * unit[:, None]
    share = np.abs(directions) / np.abs(directions).max(axis=0)
    return np.flatnonzero((share > 0.1).any(axis=1)).tolist()


def _reduced(information: FloatArray, jacobian: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a basis of the free directions, in units of unit information, and Z'IZ."""
    unit, scaled = _scaled(information)
    if jacobian.shape[0]:
        rows = jacobian * unit
        length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
        _, values, right = np.linalg.svd(rows / np.where(length > 0, length, 1.0))
        basis: FloatArray = unit[:, None] * right[(values > 1e-9).sum() :].T
        return basis, basis.T @ information @ basis
    return np.diag(unit), scaled


def _scaled(information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the units of unit information, and the information in these."""
    size = information.diagonal()
    unit = 1.0 / np.sqrt(np.where(size > _TINY, size, 1.0))
    return unit, information * (unit[:, None] * unit)


def binding_jacobian(constraints: Constraints, theta: FloatArray) -> FloatArray:
    """Return the gradients of the constraints that bind at theta (q,), bounds left out.

    As in lavaan, a parameter at its bound keeps the standard error that it would have inside.
    """
    if not len(constraints):
        return np.zeros((0, theta.size))
    _, gradients = constraints.evaluate(theta[None])
    binding = constraints.active(theta[None])[0]
    functions = (*constraints.equalities, *constraints.inequalities)
    inner = np.array([not isinstance(function, Bound) for function in functions], dtype=bool)
    return np.asarray(gradients[0][binding & inner])


def rank_of(jacobian: FloatArray) -> int:
    """Return the number of independent constraints."""
    if not jacobian.shape[0]:
        return 0
    length = np.sqrt((jacobian**2).sum(axis=1, keepdims=True))
    return int(np.linalg.matrix_rank(jacobian / np.where(length > 0, length, 1.0), tol=1e-9))
