"""Critical values of r_wg(j) and AD: what a group reaches by chance, by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

import numpy as np
from scipy.special import ndtri

from dyadkit.agreement.nulls import Null
from dyadkit.agreement.within_group import rwg_from_ratio
from dyadkit.errors import Refused, StudyError
from dyadkit.estimation.arrays import FloatArray, IntArray

Index = Literal["rwg", "ad_mean", "ad_median"]
INDICES: tuple[Index, ...] = ("rwg", "ad_mean", "ad_median")
_CELLS = 2**20
# Equal agreement may differ in the last digits, depending on the order of the answers.
_DECIMALS = 10
# Members from which on only the numbers of each answer are drawn.
_MANY = 100


@dataclass(frozen=True, slots=True)
class CriticalValue:
    """From which value on chance alone is an unlikely reason for a group's agreement.

    Attributes
    ----------
    estimate : float
        The least extreme value that chance reaches with a probability of at most alpha: r_wg(j) at
        or above it, AD at or below it, is significant.  NaN where even full agreement is likelier.
    conf_low, conf_high : float
        Monte-Carlo interval (95 %), from order statistics; NaN where an end does not exist.
    method : str
    n : int
        Draws.
    attained : float
        Simulated probability of a value at least as extreme; that of full agreement where the
        estimate is NaN.
    monte_carlo_error : float
        Standard error of `attained`.
    """

    estimate: float
    conf_low: float
    conf_high: float
    method: str
    n: int
    attained: float
    monte_carlo_error: float


def critical_value(
    index: Index,
    size: int,
    items: int,
    null: Null,
    rng: np.random.Generator,
    *,
    alpha: float = 0.05,
    draws: int = 10_000,
    correlation: float = 0.0,
) -> CriticalValue:
    """Simulate the critical value of an index of agreement.

    Parameters
    ----------
    index : {"rwg", "ad_mean", "ad_median"}
        r_wg(j), or AD(J) around the mean or median.
    size : int
        Members of the group, at least 2.
    items : int
    null : Null
        Answers are drawn from its probabilities; its variance is the denominator of r_wg.
    rng : numpy.random.Generator
    alpha : float
        Level of the test.
    draws : int
        Simulated groups, at least 1000.
    correlation : float
        Between the normal variables behind any two items; 0 for unrelated items.

    Raises
    ------
    StudyError
        If an argument is outside its range.
    Refused
        If the null has no probabilities.

    Notes
    -----
    One item's values follow Dunlap, Burke and Smith-Crowe (2003).  Items of one scale are related,
    so that their agreement varies more than that of unrelated items (Cohen, Doveh & Nahum-Shani,
    2009): members answer by normal variables with the given correlation, cut where each option has
    its probability.  The answers' own correlation is somewhat lower.

    References
    ----------
    Cohen, A., Doveh, E., & Nahum-Shani, I. (2009). Testing agreement for multi-item scales with the
    indices rWG(J) and ADM(J). Organizational Research Methods, 12, 148-164.

    Dunlap, W. P., Burke, M. J., & Smith-Crowe, K. (2003). Accurate tests of statistical
    significance for rWG and average deviation interrater agreement indexes. Journal of Applied
    Psychology, 88, 356-362.

    Examples
    --------
    >>> from dyadkit.agreement.nulls import null_named
    >>> null, rng = null_named("uniform", 5), np.random.default_rng(1)
    >>> found = critical_value("rwg", 5, 1, null, rng)
    >>> round(found.estimate, 2), found.attained <= 0.05
    (0.85, True)
    """
    _require(index, size, items, alpha, draws, correlation)
    if null.probabilities is None:
        raise Refused(
            f"Critical values need the probability of each option, but of the null distribution "
            f"{null.name!r} with {null.options} options only the variance {null.variance:g} is "
            "known: many shapes have it. Take 'uniform', or pass probabilities of your own."
        )
    at_once = max(1, _CELLS // (size * items))
    values = np.concatenate(
        [
            _simulated(index, min(at_once, draws - begun), size, items, null, rng, correlation)
            for begun in range(0, draws, at_once)
        ]
    )
    # The larger, the less agreement.
    values = np.round(-values if index == "rwg" else values, _DECIMALS)
    sign = -1.0 if index == "rwg" else 1.0
    found, counts = np.unique(values, return_counts=True)
    reached = np.cumsum(counts) / draws
    reach = float(ndtri(0.975)) * sqrt(alpha * (1.0 - alpha) / draws)
    estimate, easier, harder = (
        sign * _last(found, reached, level) + 0.0 for level in (alpha, alpha + reach, alpha - reach)
    )
    attained = float(reached[max(int((reached <= alpha).sum()) - 1, 0)])
    low, high = (easier, harder) if index == "rwg" else (harder, easier)
    return CriticalValue(
        estimate=estimate,
        conf_low=low,
        conf_high=high,
        method="simulation",
        n=draws,
        attained=attained,
        monte_carlo_error=sqrt(attained * (1.0 - attained) / draws),
    )


def _last(found: FloatArray, reached: FloatArray, level: float) -> float:
    within = int((reached <= level).sum())
    return float(found[within - 1]) if within else nan


def _simulated(
    index: Index,
    draws: int,
    size: int,
    items: int,
    null: Null,
    rng: np.random.Generator,
    correlation: float,
) -> FloatArray:
    if size > _MANY and correlation == 0.0:
        shares = np.array(null.probabilities)
        counts = rng.multinomial(size, shares / shares.sum(), (draws, items))
        return _from_counts(index, counts, null)
    latent = rng.standard_normal((draws, size, items))
    if correlation > 0.0 and items > 1:
        latent *= sqrt(1.0 - correlation)
        latent += sqrt(correlation) * rng.standard_normal((draws, size, 1))
    upper = np.cumsum(null.probabilities or ())[:-1]
    cuts = ndtri(np.clip(upper / sum(null.probabilities or ()), 0.0, 1.0))
    answers = np.searchsorted(cuts, latent.ravel()).reshape(latent.shape).astype(np.float64)
    if index == "rwg":
        ratio = answers.var(axis=1, ddof=1).mean(axis=1) / null.variance
        return rwg_from_ratio(ratio, items)
    middle = answers.mean(axis=1) if index == "ad_mean" else np.median(answers, axis=1)
    deviations = np.abs(answers - middle[:, np.newaxis])
    return np.asarray(deviations.mean(axis=(1, 2)))


def _from_counts(index: Index, counts: IntArray, null: Null) -> FloatArray:
    """Return the index of groups of which only the number of each answer is known.

    Parameters
    ----------
    counts : ndarray of int, shape (draws, items, options)
    """
    options = np.arange(counts.shape[2], dtype=np.float64)
    size = float(counts[0, 0].sum())
    mean = counts @ options / size
    if index == "rwg":
        squares = counts @ options**2 - size * mean**2
        ratio = (squares / (size - 1.0)).mean(axis=1) / null.variance
        return rwg_from_ratio(ratio, counts.shape[1])
    middle = mean
    if index == "ad_median":
        upto = counts.cumsum(axis=2)[..., np.newaxis]
        # The answers in the middle, by their place in the order.
        places = np.array([np.floor((size - 1.0) / 2.0), np.ceil((size - 1.0) / 2.0)])
        middle = (upto <= places).sum(axis=2).mean(axis=2)
    apart = np.abs(options - middle[..., np.newaxis])
    return np.asarray((counts * apart).sum(axis=2).mean(axis=1) / size)


def _require(
    index: str, size: int, items: int, alpha: float, draws: int, correlation: float
) -> None:
    wrong = [
        text
        for text, right in (
            (f"the index must be one of {', '.join(INDICES)}, not {index!r}", index in INDICES),
            (f"a group needs at least 2 members, not {size}", size >= 2),
            (f"there must be at least 1 item, not {items}", items >= 1),
            (f"alpha must lie between 0 and 1, not at {alpha!r}", 0.0 < alpha < 1.0),
            (f"at least 1000 draws are needed, not {draws}", draws >= 1000),
            (
                f"the correlation must lie from 0 to below 1, not at {correlation!r}",
                0.0 <= correlation < 1.0,
            ),
        )
        if not right
    ]
    if wrong:
        raise StudyError(f"A critical value cannot be simulated: {'; '.join(wrong)}. Correct it.")
