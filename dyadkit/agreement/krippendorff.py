"""Krippendorff's alpha, of any number of raters and with missing ratings."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Literal

import numpy as np

from dyadkit.agreement.category_counts import CategoryCounts
from dyadkit.errors import DataError, StudyError
from dyadkit.estimation.arrays import FloatArray, require_confidence

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
_CELLS = 2**22


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        With a percentile interval of the bootstrap over units; NaN without draws.
    observed, expected : float
        Disagreement, and that expected by chance.
    draws, undefined : int
        Bootstrap samples, and those in which no rating varied, which are left out.
    note : str
        What to know about the interval; empty if nothing.
    n : int
        Units that two raters or more rated.
    method : str
    """

    estimate: float
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
        If no rating varies, or values are not above 0 with the ratio metric.
    StudyError
        If the metric is unknown, or draws have no generator.

    Notes
    -----
    With :math:`n_{uc}` raters who put unit u, rated by :math:`m_u \ge 2`, into c, coincidences are
    :math:`o_{ck} = \sum_u n_{uc}(n_{uk} - [c = k])/(m_u - 1)`, :math:`n_c = \sum_k o_{ck}`,
    :math:`n = \sum_c n_c`, and :math:`\alpha = 1 - (n - 1) \sum o_{ck} \delta^2_{ck} / \sum n_c n_k
    \delta^2_{ck}` (Krippendorff, 2004).  The bootstrap draws units, by how often each pattern of
    counts occurs.

    References
    ----------
    Krippendorff, K. (2004). Content analysis: An introduction to its methodology (2nd ed.). Sage.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1], [1, 2], [2, 2], [2, 2], [3, 3]])
    >>> round(krippendorff_alpha(counted).estimate, 4)
    0.7097
    """
    require_confidence(confidence)
    if metric not in ("nominal", "ordinal", "interval", "ratio"):
        raise StudyError(
            f"metric = '{metric}' is not known; choose nominal, ordinal, interval or ratio."
        )
    if draws and rng is None:
        raise StudyError("A bootstrap needs rng=…, a generator of random numbers.")
    values = counted.values
    if metric == "ratio" and values.min() < 0.0:
        raise DataError(
            f"The ratio metric needs values of 0 or more, but the smallest category is "
            f"{values.min():g}. Choose the interval metric."
        )
    counts = counted.counts[counted.several]
    share = counts / (counts.sum(axis=1, keepdims=True) - 1.0)
    together = counts.T @ share
    together[np.diag_indices_from(together)] -= share.sum(axis=0)
    observed, expected = _disagreements(together[np.newaxis], values, metric)
    if expected[0] <= 0.0:
        raise DataError(
            f"Alpha is undefined because all ratings of the {len(counts)} units are equal, so that "
            "there is no disagreement to expect. Report the percentage of agreement."
        )
    estimate = 1.0 - float(observed[0] / expected[0])
    low = high = nan
    undefined, note, method = 0, "", "no interval"
    if draws and rng is not None:
        drawn = _bootstrap(counts, values, metric, draws, rng)
        known = drawn[~np.isnan(drawn)]
        undefined = draws - known.size
        tail = (1.0 - confidence) / 2.0
        if known.size:
            low, high = np.quantile(known, [tail, 1.0 - tail]).tolist()
        method = f"percentile bootstrap, {draws:,} draws of units"
        if known.size and not low <= estimate <= high:
            note = "The percentile interval does not hold the estimate."
    return Alpha(
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        observed=float(observed[0]),
        expected=float(expected[0]),
        draws=draws,
        undefined=undefined,
        note=note,
        n=len(counts),
        method=method,
    )


def _disagreements(
    together: FloatArray, values: FloatArray, metric: Metric
) -> tuple[FloatArray, FloatArray]:
    """Return observed and expected disagreement of each matrix of coincidences."""
    by_value = together.sum(axis=2)
    n = by_value.sum(axis=1)
    apart = _squared_distances(by_value, values, metric)
    observed = (together * apart).sum(axis=(1, 2)) / n
    products = by_value[:, :, np.newaxis] * by_value[:, np.newaxis, :]
    expected = (products * apart).sum(axis=(1, 2)) / (n * (n - 1.0))
    return observed, expected


def _squared_distances(by_value: FloatArray, values: FloatArray, metric: Metric) -> FloatArray:
    """Return the squared difference of each two categories, shape (matrices or 1, q, q)."""
    across, down = values[:, np.newaxis], values[np.newaxis, :]
    match metric:
        case "nominal":
            return np.asarray(across != down, dtype=np.float64)[np.newaxis]
        case "interval":
            return np.square(across - down)[np.newaxis]
        case "ratio":
            whole = across + down
            part = np.where(whole > 0.0, (across - down) / np.where(whole > 0.0, whole, 1.0), 0.0)
            return np.square(part)[np.newaxis]
        case "ordinal":
            # Ratings between the two categories, half of either's own included.
            middle = np.cumsum(by_value, axis=1) - by_value / 2.0
            return np.square(middle[:, :, np.newaxis] - middle[:, np.newaxis, :])


def _bootstrap(
    counts: FloatArray, values: FloatArray, metric: Metric, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Return alpha of samples of units, drawn by how often each pattern of counts occurs."""
    patterns, times = np.unique(counts, axis=0, return_counts=True)
    q = values.size
    share = patterns / (patterns.sum(axis=1, keepdims=True) - 1.0)
    own = patterns[:, :, np.newaxis] * share[:, np.newaxis, :]
    own[:, np.arange(q), np.arange(q)] -= share
    flat = own.reshape(len(patterns), q * q)
    n = int(times.sum())
    size = max(1, _CELLS // max(len(patterns), q * q))
    found = []
    for done in range(0, draws, size):
        weights = rng.multinomial(n, times / n, size=min(size, draws - done))
        together = (weights @ flat).reshape(-1, q, q)
        observed, expected = _disagreements(together, values, metric)
        varies = expected > 0.0
        part = observed / np.where(varies, expected, 1.0)
        found.append(np.where(varies, 1.0 - part, nan))
    return np.concatenate(found)
