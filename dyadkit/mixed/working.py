r"""Parameters in which a search cannot leave the admissible region.

Covariance matrices are squares: :math:`G = \Lambda \Lambda'` with a lower triangular Λ, whose
diagonal may become 0 (Bates, Mächler, Bolker & Walker, 2015), variances are squares, and compound
symmetry of k members has the positive eigenvalues σ² − c and σ² + (k − 1)c.  All these are
quadratic forms :math:`\theta_k = \tfrac12 w' S_k w`, so that their derivatives are exact and
simple; φ = tanh w, and logarithms stay as they are.

References
----------
Bates, D., Mächler, M., Bolker, B., & Walker, S. (2015). Fitting linear mixed-effects models using
lme4. Journal of Statistical Software, 67(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from dyadkit.estimation.arrays import BoolArray, FloatArray, IntArray
from dyadkit.mixed.covariance import Part


@dataclass(frozen=True, eq=False)
class Working:
    """The way from working parameters w to natural ones θ.

    Attributes
    ----------
    layout : tuple of Part
    forms : ndarray, shape (K, K, K)
        S, zero for parameters that are not quadratic.
    plain, bounded : ndarray of bool, shape (K,)
        θ = w, and θ = tanh w.
    """

    layout: tuple[Part, ...]
    forms: FloatArray
    plain: BoolArray
    bounded: BoolArray

    @cached_property
    def _quadratic(self) -> bool:
        return not bool(self.plain.any() or self.bounded.any())

    def natural(self, w: FloatArray) -> FloatArray:
        """Return θ (b, K) for w (b, K)."""
        turned = np.einsum("kij,bj->bki", self.forms, w)
        quadratic: FloatArray = 0.5 * (turned @ w[:, :, None])[:, :, 0]
        if self._quadratic:
            return quadratic
        curved: FloatArray = np.where(self.bounded, np.tanh(w), quadratic)
        found: FloatArray = np.where(self.plain, w, curved)
        return found

    def jacobian(self, w: FloatArray) -> FloatArray:
        """Return dθ/dw (b, K, K)."""
        found: FloatArray = np.einsum("kij,bj->bki", self.forms, w)
        if self._quadratic:
            return found
        found += np.eye(w.shape[1]) * self.plain
        found += np.eye(w.shape[1]) * (self.bounded * (1.0 - np.tanh(w) ** 2))[:, None, :]
        return np.asarray(found)

    def bend(self, w: FloatArray, gradient: FloatArray) -> FloatArray:
        """Return the second derivatives of θ, weighted by a gradient (b, K): shape (b, K, K)."""
        found: FloatArray = np.einsum("kij,bk->bij", self.forms, gradient)
        if self._quadratic:
            return found
        tanh = np.tanh(w)
        own = self.bounded * gradient * -2.0 * tanh * (1.0 - tanh**2)
        return np.asarray(found + np.eye(w.shape[1]) * own[:, None, :])

    def inverse(self, theta: FloatArray, floors: FloatArray) -> FloatArray:
        """Return w (K,) for θ (K,), moved into the admissible region.

        Parameters
        ----------
        theta : ndarray, shape (K,)
        floors : ndarray, shape (K,)
            For each variance its least value; matrices get eigenvalues of 1 at least in units in
            which these are 1.
        """
        w = np.array(theta, dtype=np.float64)
        for part in self.layout:
            place = slice(part.begin, part.end)
            values, floor = theta[place], floors[place]
            if part.kind == "matrix":
                rows, columns = _triangle(part.size)
                unit = np.sqrt(floor[rows == columns])
                scaled = matrix_of(values, part.size) / (unit[:, None] * unit)
                root = unit[:, None] * np.linalg.cholesky(_raised(scaled))
                w[place] = root[rows, columns]
            elif part.kind == "variances":
                w[place] = np.sqrt(np.maximum(values, floor))
            elif part.kind == "compound_symmetry":
                variance, covariance = values
                roots = [variance - covariance, variance + (part.size - 1) * covariance]
                w[place] = np.sqrt(np.maximum(roots, floor[0]))
            elif part.kind == "ar1":
                w[place] = np.arctanh(values)
        return w


@lru_cache(maxsize=64)
def working_of(layout: tuple[Part, ...]) -> Working:
    """Build the transformation of a layout of parameters."""
    k = layout[-1].end
    forms = np.zeros((k, k, k))
    plain, bounded = np.zeros(k, dtype=np.bool_), np.zeros(k, dtype=np.bool_)
    for part in layout:
        places = range(part.begin, part.end)
        if part.kind == "matrix":
            pairs = [(i, j) for i in range(part.size) for j in range(i + 1)]
            at = dict(zip(pairs, places, strict=True))
            for (i, j), place in at.items():
                for column in range(j + 1):
                    one, two = at[i, column], at[j, column]
                    forms[place, one, two] += 1.0
                    forms[place, two, one] += 1.0
        elif part.kind == "variances":
            for place in places:
                forms[place, place, place] = 2.0
        elif part.kind == "compound_symmetry":
            within, between = places
            members = part.size
            # σ² = ((k − 1)a + b)/k and c = (b − a)/k for the eigenvalues a and b.
            forms[within, within, within] = 2.0 * (members - 1) / members
            forms[within, between, between] = 2.0 / members
            forms[between, within, within] = -2.0 / members
            forms[between, between, between] = 2.0 / members
        elif part.kind == "ar1":
            bounded[part.begin] = True
        else:
            plain[part.begin : part.end] = True
    for array in (forms, plain, bounded):
        # The same layout gets the same arrays.
        array.flags.writeable = False
    return Working(layout, forms, plain, bounded)


def matrix_of(triangle: FloatArray, size: int) -> FloatArray:
    """Return the symmetric matrix whose lower triangle by rows this is."""
    found = np.zeros((size, size))
    rows, columns = _triangle(size)
    found[rows, columns] = triangle
    found[columns, rows] = triangle
    return found


@lru_cache(maxsize=64)
def _triangle(size: int) -> tuple[IntArray, IntArray]:
    rows, columns = np.tril_indices(size)
    return rows, columns


def _raised(matrix: FloatArray) -> FloatArray:
    roots, vectors = np.linalg.eigh(matrix)
    if roots[0] >= 1.0:
        return matrix
    return np.asarray((vectors * np.maximum(roots, 1.0)) @ vectors.T)
