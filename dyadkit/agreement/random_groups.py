"""Random group resampling: do the groups agree more than random groups of the same sizes?"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from dyadkit.agreement.group_reliability import person_scores
from dyadkit.agreement.grouping import Grouped
from dyadkit.errors import StudyError
from dyadkit.estimation.arrays import FloatArray, require_confidence

_CELLS = 2**20


@dataclass(frozen=True, slots=True)
class RandomGroups:
    """The mean variance within groups, beside that within random groups of the same sizes.

    Attributes
    ----------
    estimate : float
        Mean over groups of the variance within (divisor n - 1).
    conf_low, conf_high : float
        Interval in which the mean variance of random groups lies; below it, the groups agree more
        than random ones.
    method : str
    n : int
        Groups.
    random_mean, random_sd : float
        Mean and standard deviation of the variance within one random group.
    z : float
        Difference of the means in standard errors, ``random_sd / sqrt(n)``; negative for agreement.
    percentile : float
        Share of the draws whose mean variance is at most the actual one, between 0 and 1.
    p_value : float
        ``(b + 1) / (m + 1)`` with b of m draws at most as large: the test for agreement.
    draws : int
    monte_carlo_error : float
        Standard error of `percentile` from the number of draws.
    """

    estimate: float
    conf_low: float
    conf_high: float
    method: str
    n: int
    random_mean: float
    random_sd: float
    z: float
    percentile: float
    p_value: float
    draws: int
    monte_carlo_error: float


def random_group_resampling(
    data: Grouped, rng: np.random.Generator, draws: int = 1000, confidence: float = 0.95
) -> RandomGroups:
    r"""Compare the variance within groups with that of random groups of the same sizes.

    Parameters
    ----------
    data : Grouped
        From `grouped`; a person's score is the mean over items.
    rng : numpy.random.Generator
    draws : int
        Times that all persons are dealt to groups anew, without replacement.
    confidence : float
        Level of the interval of random groups' mean variance.

    Raises
    ------
    DataError
        If there are fewer than two groups, or no score varies.
    StudyError
        If there are fewer than 2 draws.

    Notes
    -----
    :math:`z = (\bar s^2 - \bar s^2_{random}) / (SD_{random} / \sqrt J)` (Bliese & Halverson, 1996;
    Bliese, 2000).  The mean variance of random groups tends to the variance of all persons.

    References
    ----------
    Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability: Implications
    for data aggregation and analysis. In K. J. Klein & S. W. J. Kozlowski (Eds.), Multilevel
    theory, research, and methods in organizations (pp. 349-381). Jossey-Bass.

    Bliese, P. D., & Halverson, R. R. (1996). Individual and nomothetic models of job stress: An
    examination of work hours, cohesion, and well-being. Journal of Applied Social Psychology, 26,
    1171-1189.

    Examples
    --------
    >>> from dyadkit.agreement.grouping import grouped
    >>> data = grouped([1, 1, 2, 2, 5, 5, 4, 4], [0, 0, 1, 1, 2, 2, 3, 3])
    >>> found = random_group_resampling(data, np.random.default_rng(1), 500)
    >>> found.estimate, found.p_value < 0.05
    (0.0, True)
    """
    require_confidence(confidence)
    if draws < 2:
        raise StudyError(f"Random groups need at least 2 draws, but {draws} were asked for.")
    scores = person_scores(data)
    actual = float(_variances(scores[np.newaxis], data).mean())
    means = np.empty(draws)
    total = squared = 0.0
    at_once = max(1, _CELLS // scores.size)
    for begun in range(0, draws, at_once):
        rows = min(at_once, draws - begun)
        # A permutation of each row, made in place.
        dealt = np.broadcast_to(scores, (rows, scores.size)).copy()
        rng.permuted(dealt, axis=1, out=dealt)
        variances = _variances(dealt, data)
        means[begun : begun + rows] = variances.mean(axis=1)
        total += float(variances.sum())
        squared += float((variances**2).sum())
    count = draws * data.groups
    mean = total / count
    sd = sqrt(max(squared - count * mean**2, 0.0) / (count - 1.0))
    # Sums of the same numbers in another order may differ in the last digit.
    below = int((means <= actual * (1.0 + 1e-12)).sum())
    share = below / draws
    error = sd / sqrt(data.groups)
    low, high = np.quantile(means, (0.5 - confidence / 2.0, 0.5 + confidence / 2.0)).tolist()
    return RandomGroups(
        estimate=actual,
        conf_low=low,
        conf_high=high,
        method="permutation of persons over groups",
        n=data.groups,
        random_mean=mean,
        random_sd=sd,
        z=(actual - mean) / error if error > 0.0 else nan,
        percentile=share,
        p_value=(below + 1.0) / (draws + 1.0),
        draws=draws,
        monte_carlo_error=sqrt(share * (1.0 - share) / draws),
    )


def _variances(rows: FloatArray, data: Grouped) -> FloatArray:
    """Return the variance within each group of each row; the scores have mean zero."""
    sums = np.add.reduceat(rows, data.starts, axis=1)
    squares = np.add.reduceat(rows**2, data.starts, axis=1)
    within = squares - sums**2 / data.size
    return np.asarray(np.maximum(within, 0.0) / (data.size - 1.0))
