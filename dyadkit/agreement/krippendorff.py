"""Krippendorff's alpha, of any number of raters and with missing ratings."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from dyadkit.agreement.category_counts import CategoryCounts
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray, require_confidence
from dyadkit.estimation.resample import percentile_interval

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
METRICS = ("nominal", "ordinal", "interval", "ratio")
# Numbers held at once while samples are drawn.
_CELLS = 2**21


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha.

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : float
        The standard error is the delta method's over units; the interval is the percentile one of
        the bootstrap over units, or without draws a t interval with one degree of freedom fewer
        than units.  With draws of which fewer than two are defined, the interval is NaN.
    observed, expected : float
        Disagreement, and that expected by chance, in the metric's squared distances; the scale of
        the ordinal metric is squared numbers of ratings.
    draws, undefined : int
        Bootstrap samples, and those in which no rating varied, which are left out.
    note : str
        What to know about the interval; empty if nothing.
    n : int
        Units that two raters or more rated.
    method : str
        How the interval was made.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    observed: float
    expected: float
    draws: int
    undefined: int
    note: str
    n: int
    method: str


def krippendorff_alpha(
    counted: CategoryCounts,
    metric: Metric = "nominal",
    *,
    draws: int = 0,
    rng: np.random.Generator | None = None,
    confidence: float = 0.95,
) -> Alpha:
    r"""Estimate Krippendorff's alpha.

    Parameters
    ----------
    counted : CategoryCounts
        From `dyadkit.agreement.category_counts.count_categories`; the categories' values matter for
        the interval and the ratio metric, their order for the ordinal one.
    metric : {"nominal", "ordinal", "interval", "ratio"}
    draws : int
        Bootstrap samples of units.
    rng : numpy.random.Generator, optional
        Needed with draws.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If no rating varies, or values are below 0 with the ratio metric.
    StudyError
        If the metric is unknown, draws have no generator, or their number is negative.

    Notes
    -----
    With :math:`n_{uc}` raters who put unit u, rated by :math:`m_u \ge 2`, into c, coincidences are
    :math:`o_{ck} = \sum_u n_{uc}(n_{uk} - [c = k])/(m_u - 1)`, :math:`n_c = \sum_k o_{ck}`,
    :math:`N = \sum_c n_c`, and :math:`\alpha = 1 - (N - 1) \sum o_{ck} \delta^2_{ck} / \sum n_c n_k
    \delta^2_{ck}` (Krippendorff, 2004).  The ordinal distance is that of mid-ranks,
    :math:`r_c = n_1 + \dots + n_{c-1} + n_c / 2`.

    Alpha is a smooth function of sums over units, so that its derivative by the weight of each
    unit, :math:`l_u`, gives the variance :math:`\sum_u (l_u - \bar l)^2 / \{n(n-1)\}` of n units;
    the ordinal distances' own derivative is part of it.  Published standard errors of alpha (Gwet,
    2014) are another linearisation and differ by a few percent.  The bootstrap draws units, by
    how often each pattern of counts occurs.

    References
    ----------
    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics.

    Krippendorff, K. (2004). Content analysis: An introduction to its methodology (2nd ed.). Sage.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1], [1, 2], [2, 2], [2, 2], [3, 3]])
    >>> round(krippendorff_alpha(counted).estimate, 4)
    0.7097
    """
    require_confidence(confidence)
    if metric not in METRICS:
        raise StudyError(
            f"metric = '{metric}' is not known; choose nominal, ordinal, interval or ratio."
        )
    if draws < 0 or (draws and rng is None):
        raise StudyError(
            f"A bootstrap of {draws} draws is none: it needs draws of 0 or more, and with them "
            "rng=…, a generator of random numbers."
        )
    values = counted.values
    if metric == "ratio" and values.min() < 0.0:
        raise DataError(
            f"The ratio metric needs values of 0 or more, but the smallest category is "
            f"{values.min():g}. Choose the interval metric."
        )
    patterns, times = counted.patterns, counted.times
    several = patterns.sum(axis=1) > 1.0
    patterns, times = patterns[several], times[several]
    n = int(times.sum())
    sums = _sums(times[np.newaxis], patterns, values, metric)
    apart, chance, total = (float(part[0]) for part in sums)
    if chance <= 0.0:
        raise DataError(
            f"Alpha is undefined because all ratings of the {n} units are equal, so that "
            "there is no disagreement to expect. Report the percentage of agreement."
        )
    estimate = 1.0 - (total - 1.0) * apart / chance
    slopes = _slopes(times, patterns, values, metric)
    slopes -= times @ slopes / n
    error = sqrt(float(times @ slopes**2) * n / (n - 1.0))
    undefined, note = 0, ""
    if draws and rng is not None:
        drawn = _bootstrap(times, patterns, values, metric, draws, rng)
        undefined = int(np.isnan(drawn).sum())
        low, high = percentile_interval(drawn, confidence)
        method = f"percentile bootstrap, {draws:,} draws of units"
        if undefined:
            note = f"No rating varied in {undefined:,} of {draws:,} draws, which are left out."
        if not low <= estimate <= high:
            note = f"The percentile interval does not hold the estimate. {note}".strip()
    else:
        reach = float(stdtrit(n - 1.0, 0.5 + confidence / 2.0)) * error
        # Nominal alpha cannot be below −1; the others can.
        low = max(-1.0 if metric == "nominal" else -inf, estimate - reach)
        high = min(1.0, estimate + reach)
        method = "linearised, t over units"
    return Alpha(
        estimate=estimate,
        std_error=error,
        conf_low=low,
        conf_high=high,
        observed=apart / total,
        expected=chance / (total * (total - 1.0)),
        draws=draws,
        undefined=undefined,
        note=note,
        n=n,
        method=method,
    )


def _sums(
    weights: FloatArray, patterns: FloatArray, values: FloatArray, metric: Metric
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the distances within units and of all ratings, and the number of ratings.

    Parameters
    ----------
    weights : ndarray, shape (samples, patterns)
        How often each pattern occurs in each sample.
    patterns : ndarray, shape (patterns, q)
        How many raters chose each category.
    """
    by_value = weights @ patterns
    total = by_value.sum(axis=1)
    raters = patterns.sum(axis=1)
    if metric == "ordinal":
        ranks = _mid_ranks(by_value)
        ranks -= (by_value * ranks).sum(axis=1, keepdims=True) / total[:, np.newaxis]
        own = raters * (ranks**2 @ patterns.T) - (ranks @ patterns.T) ** 2
        apart = (weights * (2.0 * own / (raters - 1.0))).sum(axis=1)
        chance = 2.0 * total * (by_value * ranks**2).sum(axis=1)
        return apart, chance, total
    distances = _squared_distances(values, metric)
    own = (patterns @ distances * patterns).sum(axis=1) / (raters - 1.0)
    return weights @ own, (by_value @ distances * by_value).sum(axis=1), total


def _mid_ranks(by_value: FloatArray) -> FloatArray:
    return np.asarray(np.cumsum(by_value, axis=1) - by_value / 2.0)


def _squared_distances(values: FloatArray, metric: Metric) -> FloatArray:
    """Return the squared difference of each two categories, shape (q, q)."""
    across, down = values[:, np.newaxis], values[np.newaxis, :]
    match metric:
        case "interval":
            return np.square(across - down)
        case "ratio":
            whole = across + down
            part = np.where(whole > 0.0, (across - down) / np.where(whole > 0.0, whole, 1.0), 0.0)
            return np.square(part)
        case _:
            return np.asarray(across != down, dtype=np.float64)


def _slopes(
    times: FloatArray, patterns: FloatArray, values: FloatArray, metric: Metric
) -> FloatArray:
    """Return the derivative of alpha by the number of units of each pattern."""
    by_value = times @ patterns
    total = by_value.sum()
    raters = patterns.sum(axis=1)
    share = patterns / (raters - 1.0)[:, np.newaxis]
    if metric == "ordinal":
        ranks = _mid_ranks(by_value[np.newaxis])[0]
        distances = np.square(ranks[:, np.newaxis] - ranks)
    else:
        distances = _squared_distances(values, metric)
    own = (patterns @ distances * share).sum(axis=1)
    apart = float(times @ own)
    chance = float(by_value @ distances @ by_value)
    own_chance = 2.0 * patterns @ (distances @ by_value)
    if metric == "ordinal":
        # Each unit moves the ranks, and they the distances: of sums S d², 4 Σ dr_c Σ S (r_c − r_k).
        moved = _mid_ranks(patterns)
        together = patterns.T @ (times[:, np.newaxis] * share)
        gaps = ranks[:, np.newaxis] - ranks
        own = own + 4.0 * moved @ (together * gaps).sum(axis=1)
        own_chance = own_chance + 4.0 * moved @ (by_value * (gaps @ by_value))
    slopes = (total - 1.0) * (own / chance - apart * own_chance / chance**2)
    return -np.asarray(slopes + raters * apart / chance)


def _bootstrap(
    times: FloatArray,
    patterns: FloatArray,
    values: FloatArray,
    metric: Metric,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Return alpha of samples of units; NaN where no rating varies."""
    n = int(times.sum())
    found = np.full(draws, nan)
    size = max(1, _CELLS // max(patterns.shape))
    for done in range(0, draws, size):
        weights = rng.multinomial(n, times / n, size=min(size, draws - done))
        apart, chance, total = _sums(weights.astype(np.float64), patterns, values, metric)
        varies = chance > 0.0
        part = (total - 1.0) * apart / np.where(varies, chance, 1.0)
        found[done : done + size] = np.where(varies, 1.0 - part, nan)
    return found
