r"""The moments that a model implies, and their derivatives.

With paths A, covariances S and means t of all variables (see `dyadkit.sem.structure`) and
:math:`B = (I - A)^{-1}`, the model implies :math:`C = B S B'` and :math:`\nu = B t`; their rows
(and columns) of observed variables are :math:`\Sigma` and :math:`\mu` (McArdle & McDonald, 1984).
In LISREL's terms A holds :math:`\Lambda` and the structural B, S holds :math:`\Theta` and
:math:`\Psi`.

Let :math:`b_i` be column i of B, :math:`c_j` column j of C, rows of observed variables only.
The derivatives by single cells are of rank two,

.. math::

    \partial A_{ij}:&\quad d\Sigma = b_i c_j' + c_j b_i', \qquad d\mu = \nu_j b_i, \\
    \partial S_{ij}:&\quad d\Sigma = w (b_i b_j' + b_j b_i'), \quad w = 1
        \text{ off the diagonal}, \tfrac12 \text{ on it}, \\
    \partial t_i:&\quad d\mu = b_i,

all of the form :math:`d\Sigma = w(u r' + r u')`, :math:`d\mu = s u`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.sem.structure import Fixed, Structure


class Implied(NamedTuple):
    """Moments that b parameter vectors imply for v variables, observed ones first.

    Shapes: effects (B) and covariance (C) (b, G, v, v); mean (b, G, v); p is an int.
    """

    effects: FloatArray
    covariance: FloatArray
    mean: FloatArray
    n_observed: int

    @property
    def sigma(self) -> FloatArray:
        """Covariances of the observed variables, shape (b, G, p, p)."""
        p = self.n_observed
        return self.covariance[:, :, :p, :p]

    @property
    def mu(self) -> FloatArray:
        """Means of the observed variables, shape (b, G, p)."""
        return self.mean[:, :, : self.n_observed]

    def rows(self, chosen: IntArray | BoolArray) -> Implied:
        """Return those of some parameter vectors."""
        return Implied(
            self.effects[chosen], self.covariance[chosen], self.mean[chosen], self.n_observed
        )


class CellDerivatives(NamedTuple):
    """The vectors u and r and the numbers w and s of each cell: see the head of the module.

    Shapes: u and r (b, G, p, c); s (b, G, c); w (G, c).
    """

    u: FloatArray
    r: FloatArray
    s: FloatArray
    w: FloatArray


def fill(
    structure: Structure, fixed: Fixed, theta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Put parameters into the matrices A, S and t, for theta of shape (b, q)."""
    b, (groups, v) = theta.shape[0], structure.means.shape
    filled = []
    for values, shape, places in (
        (fixed.paths, (groups, v, v), structure.path_places),
        (fixed.covariances, (groups, v, v), structure.covariance_places),
        (fixed.means, (groups, v), structure.mean_places),
    ):
        target = np.empty((b, *shape))
        target[...] = values
        if places.index.size:
            target.reshape(b, -1)[:, places.index] = theta.take(places.parameter, axis=1)
        filled.append(target)
    paths, covariances, means = filled
    return paths, covariances, means


def implied_moments(structure: Structure, fixed: Fixed, theta: FloatArray) -> Implied:
    """Return the moments that parameters imply.

    Parameters
    ----------
    structure : Structure
    fixed : Fixed
        The other values, from `fixed_values`.
    theta : ndarray, shape (b, q)
        Parameter vectors.
    """
    paths, covariances, means = fill(structure, fixed, theta)
    # I - A, without making I.
    np.negative(paths, out=paths)
    paths.reshape(*paths.shape[:-2], -1)[..., :: structure.n_variables + 1] += 1.0
    effects = np.linalg.inv(paths)
    covariance = effects @ covariances @ effects.mT
    mean = (effects @ means[..., None])[..., 0]
    return Implied(np.asarray(effects), np.asarray(covariance), mean, structure.n_observed)


def cell_derivatives(structure: Structure, at: Implied, rows: int | None = None) -> CellDerivatives:
    """Return the derivatives of implied moments by cells.

    Parameters
    ----------
    structure : Structure
    at : Implied
    rows : int, optional
        Variables whose moments are differentiated: the first so many, by default the observed.
    """
    p = at.n_observed if rows is None else rows
    b, groups, _ = at.mean.shape
    effects, covariance = at.effects[:, :, :p], at.covariance[:, :, :p]
    sources = np.concatenate([covariance, effects], axis=-1)
    numbers = np.concatenate([at.mean, np.zeros((b, groups, 1)), np.ones((b, groups, 1))], axis=-1)
    return CellDerivatives(
        u=_gather(effects, structure.u_from),
        r=_gather(sources, structure.r_from),
        s=_gather(numbers[:, :, None], structure.s_from)[:, :, 0],
        w=structure.weight,
    )


def _gather(values: FloatArray, index: IntArray) -> FloatArray:
    """Take columns of each group: (b, G, rows, columns) by (G, c) is (b, G, rows, c)."""
    if index.shape[0] == 1:
        return np.asarray(values.take(index[0], axis=-1))
    return np.asarray(np.take_along_axis(values, index[None, :, None, :], axis=-1))


def to_parameters(structure: Structure, cells: FloatArray) -> FloatArray:
    """Turn derivatives by cells, shape (b, G, ..., c), into those by parameters, (b, G, ..., q)."""
    if structure.one_to_one:
        return cells
    selector = structure.selector.reshape(
        structure.n_groups, *[1] * (cells.ndim - 4), *structure.selector.shape[1:]
    )
    if cells.ndim == 3:
        return np.asarray((cells[:, :, None] @ selector)[:, :, 0])
    return np.asarray(cells @ selector)


def jacobian(structure: Structure, at: Implied, rows: int | None = None) -> FloatArray:
    """Return the derivatives of implied moments by parameters, group by group.

    Parameters
    ----------
    structure : Structure
    at : Implied
    rows : int, optional
        Variables: the first so many, by default the observed ones (p).

    Returns
    -------
    ndarray, shape (b, G, p (p + 1) / 2 + p, q)
        Of the lower triangle of the covariance matrix, row by row, and of the means.
    """
    cells = cell_derivatives(structure, at, rows)
    low, high = np.tril_indices(cells.u.shape[2])
    sigma = cells.w[:, None, :] * (
        cells.u[:, :, low] * cells.r[:, :, high] + cells.r[:, :, low] * cells.u[:, :, high]
    )
    stacked = np.concatenate([sigma, cells.s[:, :, None] * cells.u], axis=2)
    return to_parameters(structure, stacked)
