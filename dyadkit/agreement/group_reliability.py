r"""ICC(1) and ICC(2): how much groups differ, and how reliable their means are.

Both come from the one-way analysis of variance of the persons' means over items, and are signed.
ICC(1) is :math:`(MS_B - MS_W) / (MS_B + (k - 1) MS_W)` with k the mean group size (Bliese, 2000) or
:math:`n_0` (Snedecor & Cochran, 1980); ICC(2) is :math:`(MS_B - MS_W) / MS_B`, the reliability of
the mean of k members.

References
----------
Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability: Implications for
data aggregation and analysis. In K. J. Klein & S. W. J. Kozlowski (Eds.), Multilevel theory,
research, and methods in organizations (pp. 349-381). Jossey-Bass.

McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation
coefficients. Psychological Methods, 1, 30-46.

Snedecor, G. W., & Cochran, W. G. (1980). Statistical methods (7th ed.). Iowa State University
Press.

Thomas, J. D., & Hultquist, R. A. (1978). Interval estimation for the unbalanced case of the one-way
random effects model. The Annals of Statistics, 6, 582-587.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from scipy.special import fdtri

from dyadkit.agreement.grouping import Grouped
from dyadkit.errors import DataError, Refused
from dyadkit.estimation.arrays import FloatArray, constant, require_confidence
from dyadkit.estimation.one_way import OneWay, one_way_icc
from dyadkit.estimation.resample import (
    bias_corrected_interval,
    bootstrap_weights,
    jackknife_acceleration,
)

FEWEST_FOR_BOOTSTRAP = 20


@dataclass(frozen=True, slots=True)
class Reliability:
    """A coefficient with its interval.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
    method : str
        How the interval was made.
    n : int
        Groups.
    """

    estimate: float
    conf_low: float
    conf_high: float
    method: str
    n: int


@dataclass(frozen=True, slots=True)
class GroupReliability:
    """ICC(1) by both sizes and ICC(2), from the analysis of variance.

    Attributes
    ----------
    icc1_mean, icc1_n0, icc2 : Reliability
        ICC(1) with the mean group size and with n₀; ICC(2).
    anova : OneWay
        Mean squares, F test, numbers and sizes.
    failed : int
        Bootstrap samples without a value; 0 for F intervals.
    """

    icc1_mean: Reliability
    icc1_n0: Reliability
    icc2: Reliability
    anova: OneWay
    failed: int


def anova_reliability(data: Grouped, confidence: float = 0.95) -> GroupReliability:
    r"""Estimate ICC(1) and ICC(2) with intervals from the F distribution.

    Parameters
    ----------
    data : Grouped
        From `grouped`; a person's score is the mean over items.
    confidence : float

    Returns
    -------
    GroupReliability
        `method` is "exact F" where all groups have one size, else "approximate F
        (Thomas & Hultquist)".

    Raises
    ------
    DataError
        If there are fewer than two groups, or no score varies.

    Notes
    -----
    Of equal sizes k, :math:`F_L = F / F_{1-\alpha/2}(J-1, N-J)` and
    :math:`F_U = F\, F_{1-\alpha/2}(N-J, J-1)` give the exact bounds :math:`(F - 1)/(F + k - 1)` of
    ICC(1) and :math:`1 - 1/F` of ICC(2) (McGraw & Wong, 1996).  Of unequal sizes, F is replaced by
    :math:`\tilde k S^2 / MS_W` with the variance :math:`S^2` of the unweighted group means and the
    harmonic mean :math:`\tilde k` of the sizes, which follows about the same distribution (Thomas &
    Hultquist, 1978); the bounds :math:`\rho` of ICC(1) then give :math:`k\rho / (1 + (k-1)\rho)`
    of ICC(2), with the mean size k.  Both intervals suppose normal scores.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> found = anova_reliability(grouped([1, 2, 4, 4, 2, 3, 6, 5], [0, 0, 1, 1, 2, 2, 3, 3]))
    >>> round(found.icc1_mean.estimate, 4), round(found.icc2.estimate, 4), found.icc2.method
    (0.8846, 0.9388, 'exact F')
    """
    require_confidence(confidence)
    scores, anova = _analysed(data)
    if anova.smallest == anova.largest:
        method, size, f = "exact F", anova.mean_size, anova.f
    else:
        method = "approximate F (Thomas & Hultquist)"
        size = data.groups / float((1.0 / data.size).sum())
        means = np.add.reduceat(scores, data.starts) / data.size
        spread = size * float(means.var(ddof=1))
        f = spread / anova.ms_within if anova.ms_within > 0.0 else inf
    tail = (1.0 - confidence) / 2.0
    low_f = f / float(fdtri(anova.df1, anova.df2, 1.0 - tail))
    high_f = f * float(fdtri(anova.df2, anova.df1, 1.0 - tail))
    low, high = (_icc_of_f(bound, size) for bound in (low_f, high_f))
    k = anova.mean_size
    return GroupReliability(
        icc1_mean=Reliability(anova.icc_mean, low, high, method, anova.groups),
        icc1_n0=Reliability(anova.icc_n0, low, high, method, anova.groups),
        icc2=Reliability(
            anova.icc2, mean_reliability(low, k), mean_reliability(high, k), method, anova.groups
        ),
        anova=anova,
        failed=0,
    )


def bootstrap_reliability(
    data: Grouped, rng: np.random.Generator, draws: int = 2000, confidence: float = 0.95
) -> GroupReliability:
    """Estimate ICC(1) and ICC(2) with bias-corrected and accelerated intervals over groups.

    Parameters
    ----------
    data : Grouped
        From `grouped`; a person's score is the mean over items.
    rng : numpy.random.Generator
    draws : int
        Bootstrap samples of groups.
    confidence : float

    Raises
    ------
    DataError
        If no score varies.
    Refused
        If there are fewer than 20 groups: an acceleration from so few means nothing.

    Notes
    -----
    Groups are drawn whole, through the sums of their sizes, means and squares; the acceleration is
    by leaving out one group at a time.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> rng = np.random.default_rng(1)
    >>> scores = np.repeat(rng.normal(size=30), 4) + rng.normal(size=120)
    >>> found = bootstrap_reliability(grouped(scores, np.repeat(np.arange(30), 4)), rng)
    >>> found.icc2.conf_low < found.icc2.estimate < found.icc2.conf_high
    True
    """
    require_confidence(confidence)
    scores, anova = _analysed(data)
    if data.groups < FEWEST_FOR_BOOTSTRAP:
        raise Refused(
            f"A bootstrap over {data.groups} groups is refused: below {FEWEST_FOR_BOOTSTRAP} "
            "groups the bias correction and the acceleration rest on too little. Take the F "
            "interval."
        )
    sums = _sums(data, scores)
    drawn = np.concatenate(
        [
            _coefficients(part @ sums, data.groups)
            for part in bootstrap_weights(data.groups, draws, rng)
        ]
    )
    left_out = _coefficients(sums.sum(axis=0) - sums, data.groups - 1)
    estimates = (anova.icc_mean, anova.icc_n0, anova.icc2)
    found = []
    for column, estimate in enumerate(estimates):
        # Of equal group means ICC(2) is minus infinity, and has no interval.
        with np.errstate(invalid="ignore"):
            acceleration = jackknife_acceleration(left_out[:, column], estimate)
        low, high = bias_corrected_interval(drawn[:, column], estimate, confidence, acceleration)
        found.append(Reliability(estimate, low, high, "BCa bootstrap over groups", anova.groups))
    failed = int(np.isnan(drawn).any(axis=1).sum())
    return GroupReliability(found[0], found[1], found[2], anova, failed)


def mean_reliability(rho: float, size: float) -> float:
    """Return the reliability of the mean of so many members, by Spearman and Brown.

    Examples
    --------
    >>> round(mean_reliability(0.2, 4), 4)
    0.5
    """
    below = 1.0 + (size - 1.0) * rho
    return size * rho / below if below > 0.0 else -inf


def person_scores(data: Grouped) -> FloatArray:
    """Return each person's mean over items, about the mean over persons.

    The origin is taken away: it would cost digits when scores lie far from zero.

    Raises
    ------
    DataError
        If there are fewer than two groups, or no score varies.
    """
    if data.groups < 2:
        raise DataError(
            f"An intraclass correlation of groups needs at least 2 groups with 2 complete members, "
            f"but there is {data.groups}; {data.alone} group(s) of one were left out. Agreement "
            "within the one group (r_wg, AD) can still be had."
        )
    scores = data.ratings.mean(axis=1)
    if constant(scores):
        raise DataError(
            f"An intraclass correlation is undefined because all {scores.size} scores are equal. "
            "Leave the variable out, or check its coding."
        )
    return np.asarray(scores - scores.mean())


def _analysed(data: Grouped) -> tuple[FloatArray, OneWay]:
    scores = person_scores(data)
    return scores, one_way_icc(scores, data.member)


def _sums(data: Grouped, scores: FloatArray) -> FloatArray:
    """Return each group's n, n², sum, n × mean² and sum of squares within."""
    size = data.size.astype(np.float64)
    total = np.add.reduceat(scores, data.starts)
    mean = total / size
    within = np.add.reduceat((scores - np.repeat(mean, data.size)) ** 2, data.starts)
    return np.column_stack([size, size**2, total, size * mean**2, within])


def _coefficients(sums: FloatArray, groups: int) -> FloatArray:
    """Return ICC(1) by mean size and by n₀, and ICC(2), of each row of sums."""
    n, squared, total, means, inside = sums.T
    between = np.maximum(means - total**2 / n, 0.0) / (groups - 1.0)
    within = inside / (n - groups)
    mean_size, n0 = n / groups, (n - squared / n) / (groups - 1.0)
    apart = between - within
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.column_stack(
            [
                apart / (between + (mean_size - 1.0) * within),
                apart / (between + (n0 - 1.0) * within),
                apart / between,
            ]
        )
    return found


def _icc_of_f(f: float, size: float) -> float:
    return 1.0 if f == inf else (f - 1.0) / (f + size - 1.0)
