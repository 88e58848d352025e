r"""What a linear mixed model is made of, row by row.

The rows of one cluster have the covariance matrix

.. math:: V = \sum_t Z_t G_t Z_t' + D (T \circ R) D,

where :math:`Z_t G_t Z_t'` is a random term, R the residual covariance of members at one occasion,
T their decay over time and D the standard-deviation ratios of a factor.  Each part that is linear
in variances and covariances is kept so: :math:`\sum_k \theta_k E_k` with matrices E of zeros, ones
and products of columns of Z.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from dyadkit.estimation.arrays import FloatArray, IntArray

RandomKind = Literal["unstructured", "diagonal", "exchangeable"]
ResidualKind = Literal["unstructured", "compound_symmetry", "independent"]
SerialKind = Literal["ar1", "exponential"]


@dataclass(frozen=True, slots=True, eq=False)
class RandomTerm:
    """Random effects of the units of one grouping.

    Attributes
    ----------
    z : ndarray, shape (n, q)
        The columns that the effects multiply.
    group : ndarray of int, shape (n,)
        Which unit a row belongs to; no unit is in two clusters.
    kind : str
        All covariances, none, or those of exchangeable members: with the effects of a unit's two
        members u₁ = s + d and u₂ = s − d, the vectors s and d are independent, each with all its
        covariances.
    sign : ndarray, shape (n,), optional
        For exchangeable members: 1 in the rows of the first member, −1 in those of the second.
    """

    z: FloatArray
    group: IntArray
    kind: RandomKind = "unstructured"
    sign: FloatArray | None = None

    @property
    def size(self) -> int:
        """The number of effects."""
        return int(self.z.shape[1])


@dataclass(frozen=True, eq=False)
class ResidualTerm:
    """How the residuals of a cluster's rows vary together.

    Attributes
    ----------
    kind : str
        All variances and covariances of the members, one variance and one signed covariance, or
        one variance.
    member : ndarray of int, shape (n,)
        Codes from 0: the role ("unstructured"), or which of the pair.
    pair : ndarray of int, shape (n,)
        Rows with one code covary: a dyad's at one occasion or, with `serial`, at all of them.  No
        pair is in two clusters.
    serial : str, optional
        Decay with the gap in time: φ to the power of it, or exp(−gap/θ).
    time : ndarray, shape (n,), optional
        Needed with `serial`.
    level : ndarray of int, shape (n,), optional
        Codes from 0; standard deviations are multiplied by one ratio a level, 1 for level 0.
    """

    kind: ResidualKind
    member: IntArray
    pair: IntArray
    serial: SerialKind | None = None
    time: FloatArray | None = None
    level: IntArray | None = None

    @cached_property
    def n_members(self) -> int:
        """The number of member codes."""
        return int(self.member.max()) + 1

    @property
    def n_ratios(self) -> int:
        """The number of ratios to estimate."""
        return 0 if self.level is None else int(self.level.max())


class Spectrum(NamedTuple):
    """What X'X says of the predictors X.

    Attributes
    ----------
    size : ndarray, shape (p,)
        The roots of its diagonal, 1 where that is 0.
    roots, vectors : ndarray, shape (p,) and (p, p)
        Eigenvalues, which do not decrease, and eigenvectors of X'X with rows and columns divided by
        size.
    """

    size: FloatArray
    roots: FloatArray
    vectors: FloatArray


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows, and how they covary.

    Attributes
    ----------
    y : ndarray, shape (n,)
    x : ndarray, shape (n, p)
        Of full column rank.
    cluster : ndarray of int, shape (n,)
        Codes from 0; rows of different clusters are independent.
    residual : ResidualTerm
    random : tuple of RandomTerm
    reml : bool
        Whether the likelihood is that of the data, or restricted to contrasts free of the effects.
    """

    y: FloatArray
    x: FloatArray
    cluster: IntArray
    residual: ResidualTerm
    random: tuple[RandomTerm, ...] = ()
    reml: bool = True

    @cached_property
    def spectrum(self) -> Spectrum:
        """How far from determining each other the predictors are."""
        products = self.x.T @ self.x
        size = np.sqrt(np.diagonal(products))
        size = np.where(size > 0.0, size, 1.0)
        return Spectrum(size, *np.linalg.eigh(products / (size[:, None] * size)))
