r"""How much a difference in loading and level moves the answers to an item (dMACS).

With the expected answers of the reference and of the focal place at a level :math:`\eta` of the
factor, :math:`E_R` and :math:`E_F`, the density :math:`f_F` of the factor in the focal place and
the item's standard deviation s,

.. math:: d_{MACS} = \frac{1}{s} \sqrt{\int \{E_F(\eta) - E_R(\eta)\}^2 f_F(\eta)\, d\eta}

(Nye & Drasgow, 2011); without square and root it is signed.  :math:`E = \tau + \lambda \eta` of
continuous answers; of ordered answers :math:`c_0 < c_1 < \dots`, whose responses have residual
variance 1, :math:`E = c_0 + \sum_k (c_k - c_{k-1}) \Phi(\lambda \eta - \tau_k)`.  The integral is
by Gauss and Hermite's rule.

Its upper limit is the value that dMACS stays below with probability 1 - alpha where estimates
scatter about those found: with D the differences at the nodes times the roots of their weights, and
:math:`J V J'` the covariance matrix of these, to the first order the quantile of
:math:`|D + e| / s` with e normal, a weighted sum of noncentral chi-squares.  As scatter makes
:math:`|D + e|` longer than D, the limit is rather too large: an item that is below a bound by it is
equivalent with an error of at most alpha.

References
----------
Nye, C. D., Bradburn, J., Olenick, J., Bialko, C., & Drasgow, F. (2019). How big are my effects?
Examining the magnitude of effect sizes in studies of measurement equivalence. Organizational
Research Methods, 22, 678-709.

Nye, C. D., & Drasgow, F. (2011). Effect size indices for analyses of measurement equivalence:
Understanding the practical importance of differences between groups. Journal of Applied Psychology,
96, 966-980.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from scipy.special import ndtr

from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.quadratic_forms import weighted_chisq_quantile

_NODES = 81
NEGLIGIBLE = 0.2


@dataclass(frozen=True, slots=True)
class Dmacs:
    """The effect size of an item's non-invariance.

    Attributes
    ----------
    estimate : float
        At least 0, in standard deviations of the item.
    signed : float
        The mean difference of expected answers, focal minus reference: its direction.
    upper : float
        The upper limit of `estimate`; NaN where alpha exceeds .3.
    """

    estimate: float
    signed: float
    upper: float

    @property
    def reading(self) -> str:
        """The size in words, by Nye and others' (2019) .2, .4 and .7."""
        size = self.estimate
        if size < NEGLIGIBLE:
            return "negligible"
        return "small" if size < 0.4 else "medium" if size < 0.7 else "large"

    @property
    def equivalent(self) -> bool:
        """Whether even the upper limit is negligible."""
        return self.upper < NEGLIGIBLE


def expected_answers(
    eta: FloatArray, loading: float, levels: FloatArray, answers: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return expected answers, shape (m,), and their derivatives, shape (m, 1 + levels).

    Parameters
    ----------
    eta : ndarray, shape (m,)
        Levels of the factor.
    loading : float
    levels : ndarray
        The intercept of a continuous item, or the thresholds of an ordered one.
    answers : ndarray
        The values of an ordered item's answers; empty for a continuous one.
    """
    if not answers.size:
        change = np.column_stack([eta, np.ones_like(eta)])
        return loading * eta + levels[0], change
    apart = loading * eta[:, None] - levels
    steps = np.diff(answers)
    density = np.exp(-0.5 * apart**2) / sqrt(2.0 * np.pi) * steps
    change = np.column_stack([density.sum(axis=1) * eta, -density])
    return answers[0] + ndtr(apart) @ steps, change


def dmacs(
    reference: FloatArray,
    focal: FloatArray,
    *,
    covariance: FloatArray,
    mean: float,
    variance: float,
    sd: float,
    answers: FloatArray | None = None,
    alpha: float = 0.05,
) -> Dmacs:
    """Compute dMACS of an item.

    Parameters
    ----------
    reference, focal : ndarray, shape (1 + levels,)
        The item's loading, and its intercept or thresholds, on one metric of the factor.
    covariance : ndarray, shape (2 + 2 levels, 2 + 2 levels)
        Of these estimates, those of the reference first.
    mean, variance : float
        Of the factor in the focal place.
    sd : float
        The item's standard deviation, pooled over both.
    answers : ndarray, optional
        The values of an ordered item's answers.
    alpha : float
        1 - the probability of the upper limit.

    Examples
    --------
    >>> found = dmacs(
    ...     np.array([1.0, 3.0]),
    ...     np.array([0.8, 3.2]),
    ...     covariance=np.diag([0.004, 0.003, 0.005, 0.004]),
    ...     mean=0.5,
    ...     variance=1.0,
    ...     sd=1.2,
    ... )
    >>> round(found.estimate, 4), round(found.signed, 4), found.reading
    (0.1863, 0.0833, 'negligible')
    >>> round(found.upper, 2), found.equivalent
    (0.31, False)
    """
    values = np.empty(0) if answers is None else answers
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    weights = weights / weights.sum()
    eta = mean + sqrt(max(variance, 0.0)) * nodes
    one, one_by = expected_answers(eta, float(reference[0]), reference[1:], values)
    two, two_by = expected_answers(eta, float(focal[0]), focal[1:], values)
    root = np.sqrt(weights)[:, None]
    apart = (two - one) / sd
    change = root * np.hstack([-one_by, two_by]) / sd
    scatter = change @ covariance @ change.T
    return Dmacs(
        sqrt(float(weights @ apart**2)),
        float(weights @ apart),
        _upper(root[:, 0] * apart, scatter, alpha),
    )


def _upper(middle: FloatArray, covariance: FloatArray, alpha: float) -> float:
    """Return the 1 - alpha quantile of the length of a normal vector."""
    roots, vectors = np.linalg.eigh(covariance)
    kept = roots > 1e-10 * max(float(roots[-1]), 1e-300)
    along = vectors.T @ middle
    fixed = float((along[~kept] ** 2).sum())
    weights = roots[kept]
    if not weights.size:
        return sqrt(fixed)
    if alpha > 0.3:
        return nan
    return sqrt(fixed + weighted_chisq_quantile(alpha, weights, along[kept] ** 2 / weights))
