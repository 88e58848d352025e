"""Likelihood-ratio tests of mixed models, and when there is none.

References
----------
Self, S. G., & Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood estimators and
likelihood ratio tests under nonstandard conditions. Journal of the American Statistical
Association, 82, 605-610.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from dyadkit.errors import Refused
from dyadkit.mixed.solution import Solution

_SAME = 1e-8
# By so much of itself may a likelihood be off.
_NOISE = 1e-8


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """The test of a restricted model against a larger one.

    Attributes
    ----------
    statistic, df, p_value : float
    boundary : bool
        Whether the smaller model lies on the boundary of the larger one (a variance of 0), so that
        p is too large (Self & Liang, 1987).
    """

    statistic: float
    df: float
    p_value: float
    boundary: bool


def likelihood_ratio(larger: Solution, smaller: Solution) -> LikelihoodRatio:
    """Test a model against a larger one.

    Raises
    ------
    Refused
        When rows, outcomes or likelihoods differ, restricted likelihoods have different fixed
        effects, neither model is larger, or the smaller one fits better.
    """
    one, two = larger.problem, smaller.problem
    if one.y.size != two.y.size or not np.array_equal(one.y, two.y):
        raise Refused(
            f"The models are fitted to different rows or outcomes ({one.y.size} and {two.y.size} "
            "rows), so that their likelihoods cannot be compared. Fit both to the rows that have "
            "every variable."
        )
    if one.reml != two.reml:
        raise Refused(
            "One model is fitted by REML and the other by ML, whose likelihoods are not of the "
            "same thing. Fit both by one method."
        )
    if one.reml and not _same_space(larger, smaller):
        raise Refused(
            "The models have different fixed effects and are fitted by REML, whose likelihood is "
            "then of different contrasts of the data. Fit both with method='ML'."
        )
    if not one.reml and not _within(smaller, larger):
        raise Refused(
            "The fixed effects of the smaller model are not among those of the larger one, so that "
            "the likelihood ratio has no known distribution. Compare AIC or BIC."
        )
    df = _parameters(larger) - _parameters(smaller)
    if df <= 0:
        raise Refused(
            "Neither model has more parameters than the other and contains it, so that there is "
            "nothing to test. Compare AIC or BIC."
        )
    statistic = 2.0 * (larger.loglik - smaller.loglik)
    if statistic < -_NOISE * max(1.0, abs(larger.loglik)):
        raise Refused(
            f"The model with fewer parameters fits better (log-likelihood {smaller.loglik:.3f} "
            f"against {larger.loglik:.3f}), which no restriction does: the models are not nested. "
            "Compare AIC or BIC."
        )
    statistic = max(statistic, 0.0)
    fewer_terms = len(two.random) < len(one.random) or sum(t.size for t in two.random) < sum(
        t.size for t in one.random
    )
    return LikelihoodRatio(statistic, float(df), float(chdtrc(df, statistic)), fewer_terms)


def _parameters(solution: Solution) -> int:
    return int(solution.problem.x.shape[1] + solution.w.size)


def _within(smaller: Solution, larger: Solution) -> bool:
    """Tell whether every predictor of one model is a combination of the other's."""
    x, basis = smaller.problem.x, larger.coordinates.rows[:, :-1]
    n = x.shape[0]
    left = x - basis @ (basis.T @ x) / n
    left -= basis @ (basis.T @ left) / n
    return bool((np.linalg.norm(left, axis=0) <= _SAME * np.linalg.norm(x, axis=0)).all())


def _same_space(one: Solution, two: Solution) -> bool:
    same = one.problem.x.shape[1] == two.problem.x.shape[1]
    return same and _within(two, one)
