"""Agreement of two raters or more beyond chance, by different ideas of chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from dyadkit.agreement.category_counts import CategoryCounts, weights_of
from dyadkit.errors import DataError
from dyadkit.estimation.arrays import FloatArray, require_confidence


@dataclass(frozen=True, slots=True)
class CategoryIndex:
    """One index of the agreement of raters.

    Attributes
    ----------
    name : str
    estimate, std_error, conf_low, conf_high : float
        With a t interval over units, cut at 1, and below at the least agreement possible where that
        is known: that of the weights (percent agreement), or −1 (other indices, unweighted).
    statistic, df, p_value : float
        t test against 0, two-sided; one degree of freedom fewer than units.  Statistic and p-value
        are NaN where the standard error is 0, as in perfect agreement.
    observed, chance : float
        (Weighted) share of agreement, and that expected by chance.
    n : int
        Units that two raters or more rated.
    method : str
    """

    name: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    observed: float
    chance: float
    n: int
    method: str = "linearised, t over units"


def percent_agreement(
    counted: CategoryCounts, weights: str | ArrayLike = "unweighted", confidence: float = 0.95
) -> CategoryIndex:
    """Estimate the (weighted) share of pairs of raters who agree; see `gwet_ac`."""
    w = weights_of(weights, counted.values)
    part = np.zeros(len(counted.patterns))
    return _index("percent agreement", _Units.of(counted), w, 0.0, part, confidence)


def scott_pi(
    counted: CategoryCounts, weights: str | ArrayLike = "unweighted", confidence: float = 0.95
) -> CategoryIndex:
    r"""Estimate Scott's π, which for more than two raters is Fleiss' κ; see `gwet_ac`.

    Chance is :math:`p_e = \sum_{kl} w_{kl} \pi_k \pi_l`, with π the mean share of each category
    (Scott, 1955; Fleiss, 1971).

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1], [1, 1], [1, 2], [2, 2], [2, 1], [2, 2]])
    >>> round(scott_pi(counted).estimate, 4)
    0.3333
    """
    w = weights_of(weights, counted.values)
    share, pi = _shares(counted)
    chance = float(pi @ w @ pi)
    name = "Scott's π" if counted.raters == 2 else "Fleiss' κ"
    return _index(name, _Units.of(counted), w, chance, share @ (w @ pi), confidence)


def gwet_ac(
    counted: CategoryCounts, weights: str | ArrayLike = "unweighted", confidence: float = 0.95
) -> CategoryIndex:
    r"""Estimate Gwet's AC1, or AC2 where categories are weighted.

    Parameters
    ----------
    counted : CategoryCounts
        From `dyadkit.agreement.category_counts.count_categories`.
    weights : str or array_like, shape (q, q)
        See `dyadkit.agreement.category_counts.weights_of`.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If there is a single category.

    Notes
    -----
    :math:`p_e = T_w \sum_k \pi_k (1 - \pi_k) / (q(q-1))` with π the mean share of each category and
    :math:`T_w` the sum of the weights (Gwet, 2008).  Ratings may be missing: agreement is the mean,
    over units with several ratings, of the share of pairs that agree; shares of categories are over
    all units.

    The variance of all indices here is that of the linearised index over units (Gwet, 2008).  The
    number of units with several ratings is random in it.  Gwet (2014) takes it as fixed, and his
    errors are larger where units have one rating only; where none has, both are the same.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high
    agreement. British Journal of Mathematical and Statistical Psychology, 61, 29-48.

    Gwet, K. L. (2014). Handbook of inter-rater reliability (4th ed.). Advanced Analytics.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1], [1, 1], [1, 2], [1, 1], [2, 1], [1, 1]])
    >>> round(gwet_ac(counted).estimate, 4)
    0.5385
    """
    w = weights_of(weights, counted.values)
    q = counted.values.size
    if q < 2:
        raise DataError(
            "Agreement beyond chance needs at least 2 categories, but all ratings are equal. Name "
            "the categories that were possible."
        )
    share, pi = _shares(counted)
    factor = float(w.sum()) / (q * (q - 1.0))
    chance = factor * float(pi @ (1.0 - pi))
    name = "AC1" if np.array_equal(w, np.eye(q)) else "AC2"
    part = factor * (share @ (1.0 - pi))
    return _index(name, _Units.of(counted), w, chance, part, confidence)


def brennan_prediger(
    counted: CategoryCounts, weights: str | ArrayLike = "unweighted", confidence: float = 0.95
) -> CategoryIndex:
    r"""Estimate Brennan and Prediger's (1981) coefficient; see `gwet_ac`.

    Chance is :math:`p_e = T_w / q^2`: all categories alike.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1], [1, 1], [1, 2], [1, 1], [2, 1], [1, 1]])
    >>> round(brennan_prediger(counted).estimate, 4)
    0.3333
    """
    w = weights_of(weights, counted.values)
    chance = float(w.sum()) / counted.values.size**2
    part = np.full(len(counted.patterns), chance)
    return _index("Brennan–Prediger", _Units.of(counted), w, chance, part, confidence)


def conger_kappa(
    counted: CategoryCounts, weights: str | ArrayLike = "unweighted", confidence: float = 0.95
) -> CategoryIndex:
    r"""Estimate Conger's κ, Cohen's for two raters or more; see `gwet_ac`.

    Chance is that of two different raters drawn at random, each with shares of the categories
    :math:`p_g` of his or her own: :math:`p_e = \sum_{g \ne h} p_g' W p_h / \{r(r-1)\}` (Conger,
    1980).  Shares are over the units that a rater rated.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters.
    Psychological Bulletin, 88, 322-328.

    Examples
    --------
    >>> from dyadkit.agreement.category_counts import count_categories
    >>> counted = count_categories([[1, 1, 1], [1, 1, 2], [2, 2, 2], [2, 1, 2], [2, 2, 2]])
    >>> round(conger_kappa(counted).estimate, 4)
    0.4737
    """
    w = weights_of(weights, counted.values)
    places, q, r = counted.places, counted.values.size, counted.raters
    cells = places + 1 + (q + 1) * np.arange(r)
    used = np.bincount(cells.ravel(), minlength=r * (q + 1)).reshape(r, q + 1)[:, 1:]
    rated = used.sum(axis=1, keepdims=True)
    p = used / rated
    others = (p.sum(axis=0) - p) @ w
    by_rater = (p * others).sum(axis=1, keepdims=True)
    chance = float(by_rater.sum()) / (r * (r - 1.0))
    # What each rating adds to chance, by rater and category; nothing where it is missing.
    adds = np.zeros((r, q + 1))
    adds[:, 1:] = len(places) / rated * (others - by_rater)
    part = chance + adds.ravel()[cells].sum(axis=1) / (r * (r - 1.0))
    units = _Units(counted.counts, np.ones(len(places)))
    return _index("Conger's κ", units, w, chance, part, confidence)


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Counts of ratings by category, and how many units have each row of them."""

    counts: FloatArray
    times: FloatArray

    @classmethod
    def of(cls, counted: CategoryCounts) -> _Units:
        return cls(counted.patterns, counted.times)


def _shares(counted: CategoryCounts) -> tuple[FloatArray, FloatArray]:
    """Return the shares of the categories in each pattern, and their means over units."""
    share = counted.patterns / counted.patterns.sum(axis=1, keepdims=True)
    return share, counted.times @ share / counted.times.sum()


def _index(
    name: str,
    units: _Units,
    w: FloatArray,
    chance: float,
    part: FloatArray,
    confidence: float,
) -> CategoryIndex:
    """Make an index and its variance from each unit's agreement and its part in chance."""
    require_confidence(confidence)
    if 1.0 - chance <= 1e-12:
        raise DataError(
            f"{name} is undefined because all ratings fall into one category, so that chance alone "
            "would do it too. Report the percentage of agreement."
        )
    counts, times = units.counts, units.times
    raters = counts.sum(axis=1)
    several = raters > 1.0
    agreeing = (counts * (counts @ w - 1.0)).sum(axis=1)
    own = np.zeros(len(counts))
    own[several] = agreeing[several] / (raters[several] * (raters[several] - 1.0))
    all_units, n = float(times.sum()), int(times[several].sum())
    observed = float(times @ own) / n
    estimate = (observed - chance) / (1.0 - chance)
    # Deviations of each unit's linearised index, which sum to 0.
    linear = np.where(several, all_units / n * (own - observed), 0.0)
    linear = (linear - 2.0 * (1.0 - estimate) * (part - chance)) / (1.0 - chance)
    error = sqrt(float(times @ linear**2) / (all_units * (all_units - 1.0)))
    df = n - 1.0
    reach = float(stdtrit(df, 0.5 + confidence / 2.0)) * error
    statistic = estimate / error if error > 0.0 else nan
    return CategoryIndex(
        name=name,
        estimate=estimate,
        std_error=error,
        conf_low=max(_lowest(name, w), estimate - reach),
        conf_high=min(1.0, estimate + reach),
        statistic=statistic,
        df=df,
        p_value=float(2.0 * stdtr(df, -abs(statistic))),
        observed=observed,
        chance=chance,
        n=n,
    )


def _lowest(name: str, w: FloatArray) -> float:
    """Return the least that an index can be; weighted ones may lie far below −1."""
    if name == "percent agreement":
        return float(w.min())
    return -1.0 if np.array_equal(w, np.eye(len(w))) else -inf
