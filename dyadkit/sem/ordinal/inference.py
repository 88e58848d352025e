r"""Standard errors and tests of weighted least squares, which do not use optimal weights.

Over groups let :math:`f_g = n_g / N`, :math:`\Gamma_g` be the asymptotic covariance matrix of a
group's statistics times n, W the diagonal matrix of weights, :math:`\Delta_g` the derivatives of
the implied statistics, and

.. math::

    C = \Bigl( \sum_g f_g \Delta_g' W_g \Delta_g \Bigr)^{-1}, \qquad
    \operatorname{Cov}(\hat\theta) = \frac{1}{N - G} C \Bigl\{ \sum_g f_g
        \Delta_g' W_g \Gamma_g W_g \Delta_g \Bigr\} C

with the inverse along the constraints (Satorra & Bentler, 1994; Muthén, du Toit & Spisic, 1997).
Chi-square :math:`T = \sum_g (n_g - 1) (s_g - m_g)' W_g (s_g - m_g)` is a mixture of chi-squares,
whose mean and variance are known from :math:`t_1 = \operatorname{tr}(U \Gamma)` and :math:`t_2 =
\operatorname{tr}\{(U \Gamma)^2\}`, with :math:`U = V - V \Delta C \Delta' V` over all groups at
once, V of blocks :math:`f_g W_g` and :math:`\Gamma` of blocks :math:`\Gamma_g / f_g`.  The test
that is scaled and shifted has the mean and the variance of a chi-square on d degrees of freedom
(Asparouhov & Muthén, 2010),

.. math:: a T + b, \qquad a = \sqrt{d / t_2}, \qquad b = d - a\, t_1 .

Divisors are lavaan's (0.6-14).

References
----------
Asparouhov, T., & Muthén, B. (2010). Simple second order chi-square correction. Mplus Technical
Appendix.

Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least squares
and quadratic estimating equations in latent variable modeling with categorical and continuous
outcomes. Unpublished technical report.

Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in
covariance structure analysis. In A. von Eye & C. C. Clogg (Eds.), Latent variables analysis (pp.
399-419). Sage.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import chdtrc

from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.sem.inference import covariance_of_estimates


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Sample statistics of G groups with their weights.

    Attributes
    ----------
    values : ndarray, shape (G, s)
    gamma : ndarray, shape (G, s, s)
    weight : ndarray, shape (G, s)
        The diagonals of W.
    n : ndarray, shape (G,)
        Rows.
    """

    values: FloatArray
    gamma: FloatArray
    weight: FloatArray
    n: FloatArray

    @property
    def share(self) -> FloatArray:
        """The share of rows that each group has, f."""
        return np.asarray(self.n / self.n.sum())


@dataclass(frozen=True, slots=True)
class MixtureTest:
    """A chi-square that is a mixture, and what corrects it.

    Attributes
    ----------
    chisq : float
        T.
    df : int
    trace, trace_squares : float
        The traces of :math:`U \\Gamma` and of its square.
    scaling, shift : float
        1 / a and b, of lavaan's ``scaled.shifted``; NaN without degrees of freedom.
    adjusted : float
        a T + b.
    p_value : float
        Of this.
    """

    chisq: float
    df: int
    trace: float
    trace_squares: float
    scaling: float
    shift: float
    adjusted: float
    p_value: float


def mixture_test(chisq: float, df: int, trace: float, trace_squares: float) -> MixtureTest:
    """Scale and shift a chi-square to the mean and variance of its degrees of freedom.

    Examples
    --------
    >>> test = mixture_test(10.6692363864293, 8, 3.53884085353123, 1.99455296120444)
    >>> round(test.scaling, 6), round(test.shift, 6), round(test.adjusted, 5)
    (0.499319, 0.91266, 22.28025)
    """
    if df <= 0 or trace_squares <= 0.0:
        return MixtureTest(chisq, df, trace, trace_squares, nan, nan, chisq, nan)
    a = sqrt(df / trace_squares)
    shift = df - a * trace
    adjusted = a * chisq + shift
    p_value = float(chdtrc(df, max(adjusted, 0.0)))
    return MixtureTest(chisq, df, trace, trace_squares, 1.0 / a, shift, adjusted, p_value)


def weighted_squares(sample: Weighted, implied: FloatArray) -> float:
    """Return T for implied statistics (G, s)."""
    squares = (sample.weight * (sample.values - implied) ** 2).sum(axis=1)
    return float((sample.n - 1.0) @ squares)


def information_of(sample: Weighted, change: FloatArray) -> FloatArray:
    """Return the sum of n times Δ'WΔ, shape (q, q), for derivatives (G, s, q)."""
    weighted = (sample.n[:, None] * sample.weight)[..., None] * change
    return np.asarray((np.swapaxes(change, -1, -2) @ weighted).sum(axis=0))


def robust_covariance(
    sample: Weighted, change: FloatArray, jacobian: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the covariance matrix of the estimates, and C / N, which it has between.

    Parameters
    ----------
    sample : Weighted
    change : ndarray, shape (G, s, q)
        Derivatives of the implied statistics.
    jacobian : ndarray, shape (r, q)
        Gradients of the binding constraints.
    """
    within = covariance_of_estimates(information_of(sample, change), jacobian)
    weighted = sample.weight[..., None] * change
    factor = sample.n.sum() / (sample.n.sum() - sample.n.size)
    count = (factor * sample.n)[:, None, None]
    spread = (count * (np.swapaxes(weighted, -1, -2) @ sample.gamma @ weighted)).sum(axis=0)
    return np.asarray(within @ spread @ within), within


def model_traces(sample: Weighted, change: FloatArray, within: FloatArray) -> tuple[float, float]:
    """Return the traces of UΓ and of its square.

    Parameters
    ----------
    sample : Weighted
    change : ndarray, shape (G, s, q)
    within : ndarray, shape (q, q)
        C / N.
    """
    groups, s, _ = change.shape
    share = sample.share
    weighted = (share[:, None] * sample.weight)[..., None] * change
    whole = weighted.reshape(groups * s, -1)
    project = -(whole @ (within * sample.n.sum()) @ whole.T)
    diagonal = np.arange(groups * s)
    project[diagonal, diagonal] += (share[:, None] * sample.weight).ravel()
    product = np.empty((groups * s, groups * s))
    for g in range(groups):
        own = slice(g * s, (g + 1) * s)
        product[:, own] = project[:, own] @ (sample.gamma[g] / share[g])
    return float(np.trace(product)), float((product * product.T).sum())


def baseline_test(sample: Weighted, covariances: IntArray) -> MixtureTest:
    """Return the test of the model in which nothing covaries.

    Parameters
    ----------
    sample : Weighted
    covariances : ndarray of int
        Which statistics this model makes zero; it has all others as they are.
    """
    c = covariances
    weight = sample.weight[:, c]
    chisq = float((sample.n - 1.0) @ (weight * sample.values[:, c] ** 2).sum(axis=1))
    product = weight[..., None] * sample.gamma[:, c[:, None], c]
    trace = float(np.trace(product, axis1=1, axis2=2).sum())
    squares = float((product * np.swapaxes(product, 1, 2)).sum())
    return mixture_test(chisq, c.size * sample.n.size, trace, squares)
