r"""Degrees of freedom of tests of fixed effects.

*Satterthwaite*: for one combination of effects with variance
:math:`f(\theta) = l' \Phi(\theta) l`, :math:`\nu = 2 f^2 / (g' A g)` with :math:`g = df/d\theta`
and A the covariance matrix of θ, from the observed Hessian.  For several at once, the F of
independent combinations (eigenvectors of :math:`L \Phi L'`) with the single degrees
:math:`\nu_m` has the denominator degrees :math:`2 E / (E - q)`,
:math:`E = \sum_m \nu_m / (\nu_m - 2)` (Fai & Cornelius, 1996).

*Kenward–Roger*: with :math:`P_k = -D_k`, :math:`Q_{kl}` of `likelihood`, W twice the inverse of
:math:`\operatorname{tr}(P V_k P V_l)` and the linear parameters, the covariance matrix of the
effects is
:math:`\Phi_A = \Phi + 2 \Phi \{\sum_{kl} W_{kl} (Q_{kl} - P_k \Phi P_l)\} \Phi`, and F is scaled
and given degrees by matching moments (Kenward & Roger, 1997, section 3.2).

References
----------
Fai, A. H.-T., & Cornelius, P. L. (1996). Approximate F-tests of multiple degree of freedom
hypotheses in generalized least squares analyses of unbalanced split-plot experiments. Journal of
Statistical Computation and Simulation, 54, 363-378.

Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted
maximum likelihood. Biometrics, 53, 983-997.

Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
Biometrics Bulletin, 2, 110-114.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf, nan

import numpy as np
from scipy.special import fdtrc

from dyadkit.errors import Refused
from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.solution import Solution

_RANK = 1e-10


@dataclass(frozen=True, slots=True)
class FTest:
    """A test that q combinations of fixed effects are all zero.

    Attributes
    ----------
    statistic, df, df_denominator, p_value : float
    """

    statistic: float
    df: float
    df_denominator: float
    p_value: float


class Satterthwaite:
    """Degrees of freedom from the variance of a variance."""

    name = "Satterthwaite"

    def __init__(self, solution: Solution) -> None:
        self.covariance = solution.covariance
        self._effects = solution.beta
        self._working = solution.working_covariance
        slope = solution.slope
        # dΦ/dθ_k = Φ D_k Φ, here by working parameters and in the predictors' coordinates.
        by = slope.turned[0] @ slope.phi[0]
        by = (solution.jacobian.T @ by.reshape(by.shape[0], -1)).reshape(by.shape)
        self._by = solution.back @ by @ solution.back.T

    def df(self, combinations: FloatArray) -> FloatArray:
        """Return the degrees of freedom of each combination of effects (r, p)."""
        variance = ((combinations @ self.covariance) * combinations).sum(axis=1)
        gradient = ((combinations @ self._by) * combinations).sum(axis=2).T
        spread = ((gradient @ self._working) * gradient).sum(axis=1)
        with np.errstate(divide="ignore"):
            found: FloatArray = 2.0 * variance**2 / np.maximum(spread, 0.0)
        return found

    def test(self, combinations: FloatArray) -> FTest:
        """Test that all rows of combinations (q, p) are zero."""
        roots, vectors = np.linalg.eigh(combinations @ self.covariance @ combinations.T)
        kept = roots > _RANK * roots.max()
        rotated = vectors[:, kept].T @ combinations
        q = int(kept.sum())
        t_squares = (rotated @ self._effects) ** 2 / roots[kept]
        single = self.df(rotated).tolist()
        return f_test(float(t_squares.sum()) / q, q, joint_degrees(single))


def joint_degrees(single: list[float]) -> float:
    """Return the denominator degrees of a sum of squared t with these degrees (Fai–Cornelius)."""
    if len(single) == 1:
        return single[0]
    if max(single) - min(single) < 1e-8 * max(single):
        return float(np.mean(single))
    if min(single) <= 2.0:
        return 2.0
    expected = sum(1.0 if degrees == inf else degrees / (degrees - 2.0) for degrees in single)
    return 2.0 * expected / (expected - len(single))


def f_test(statistic: float, df: int, denominator: float) -> FTest:
    """Return the F test with its p value; infinite denominator degrees make it a χ² over df."""
    large = denominator if denominator < 1e10 else 1e10
    p_value = float(fdtrc(df, large, statistic)) if large > 0 else nan
    return FTest(statistic, float(df), denominator, p_value)


class KenwardRoger:
    """Adjusted covariance matrix and degrees of freedom for small samples.

    Raises
    ------
    Refused
        Under ML, and where the covariances are no linear function of the parameters.
    """

    name = "Kenward–Roger"

    def __init__(self, solution: Solution) -> None:
        if not solution.problem.reml:
            raise Refused(
                "Kenward–Roger degrees of freedom are defined for the restricted likelihood. Take "
                "method='REML', or df='satterthwaite'."
            )
        kinds = {part.kind for part in solution.layout}
        if kinds & {"ar1", "log"}:
            raise Refused(
                "Kenward–Roger degrees of freedom are defined for covariances that are linear in "
                "the parameters; a decay over time and ratios of standard deviations are not. "
                "Take df='satterthwaite'."
            )
        slope = solution.slope
        self._solution = solution
        self._effects = solution.beta
        p = slope.beta.shape[1]
        self._w = 2.0 * _pseudo_inverse(slope.expected[0])
        turned, phi = slope.turned[0], slope.phi[0]
        bend = slope.sums.bend[0, ..., :p, :p]
        # P_k Φ P_l = D_k Φ D_l
        crossed = slope.by_predictors[0][:, None] @ turned[None]
        inner = np.tensordot(self._w, bend - crossed, axes=((0, 1), (0, 1)))
        self._phi = phi
        self._turned = turned
        adjusted = phi + 2.0 * phi @ inner @ phi
        self._adjusted = adjusted
        self.covariance = solution.back @ adjusted @ solution.back.T

    def df(self, combinations: FloatArray) -> FloatArray:
        """Return the degrees of freedom of each combination of effects (r, p)."""
        return np.array([self.test(row[None]).df_denominator for row in combinations])

    def test(self, combinations: FloatArray) -> FTest:
        """Test that all rows of combinations (q, p) are zero."""
        inner = combinations @ self._solution.back
        _, singular, vectors = np.linalg.svd(inner, full_matrices=False)
        inner = vectors[singular > _RANK * singular.max()]
        q = inner.shape[0]
        theta = inner.T @ np.linalg.solve(inner @ self._phi @ inner.T, inner)
        # Θ Φ P_k Φ; its sign does not matter below.
        moved = theta @ (self._phi @ np.swapaxes(self._turned, 1, 2))
        single = np.trace(moved, axis1=1, axis2=2)
        a1 = float(single @ self._w @ single)
        double = np.einsum("kij,lji->kl", moved, moved)
        a2 = float((self._w * double).sum())
        scaling, denominator = _moments(q, a1, a2)
        effects = inner @ self._rotated_effects
        wald = float(effects @ np.linalg.solve(inner @ self._adjusted @ inner.T, effects)) / q
        return f_test(scaling * wald, q, denominator)

    @cached_property
    def _rotated_effects(self) -> FloatArray:
        return np.asarray(np.linalg.solve(self._solution.back, self._effects))


def _moments(q: int, a1: float, a2: float) -> tuple[float, float]:
    """Return scaling and denominator degrees of F (Kenward & Roger, 1997, p. 988)."""
    b = (a1 + 6.0 * a2) / (2.0 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    below = 3.0 * q + 2.0 * (1.0 - g)
    c1, c2, c3 = g / below, (q - g) / below, (q + 2.0 - g) / below
    expected = 1.0 / (1.0 - a2 / q)
    v0, v1, v2 = 1.0 + c1 * b, 1.0 - c2 * b, 1.0 - c3 * b
    rho = (v0 / v1**2 / v2) / q if v0 > 1e-10 else 0.0
    rho *= (1.0 - a2 / q) ** 2
    denominator = 4.0 + (q + 2.0) / (q * rho - 1.0)
    return denominator / (expected * (denominator - 2.0)), denominator


def _pseudo_inverse(matrix: FloatArray) -> FloatArray:
    """Invert a matrix, leaving out directions in which it is zero."""
    size = np.sqrt(np.maximum(np.diagonal(matrix), 1e-300))
    roots, vectors = np.linalg.eigh(matrix / np.outer(size, size))
    kept = roots > 1e-8
    inverse = (vectors[:, kept] / roots[kept]) @ vectors[:, kept].T
    return np.asarray(inverse / np.outer(size, size))
