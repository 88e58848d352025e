"""Total deviation index and coverage probability: how far apart pairs of ratings lie."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, log, nan, pi, sqrt

from numpy.typing import ArrayLike
from scipy.special import chndtrix, expit, ndtr, ndtri

from dyadkit.agreement.limits import limits_about_zero
from dyadkit.errors import StudyError
from dyadkit.estimation.arrays import require_confidence
from dyadkit.estimation.paired_moments import PairMoments, pair_moments

# The share of a normal distribution within one standard deviation of its mean.
_ONE_SD = float(2.0 * ndtr(1.0) - 1.0)


@dataclass(frozen=True, slots=True)
class Deviation:
    """A total deviation index or a coverage probability.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        A distance in the units of the ratings, or a share.
    given : float
        The share that the distance holds, or the distance that holds the share.
    n : int
    method : str
    """

    estimate: float
    conf_low: float
    conf_high: float
    given: float
    n: int
    method: str


def total_deviation_index(
    first: ArrayLike, second: ArrayLike, share: float = 0.90, confidence: float = 0.95
) -> Deviation:
    r"""Estimate the distance within which a share of the pairs lies.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    share : float
        Between 0 and 1.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.
    StudyError
        If the lengths differ, or a level or the share is not between 0 and 1.

    Notes
    -----
    For differences that are normal with mean μ and standard deviation σ, the index δ solves
    :math:`\Phi((\delta - \mu)/\sigma) - \Phi((-\delta - \mu)/\sigma) = p`: it is the p quantile of
    :math:`|D|`, exactly, not Lin's (2000) approximation by the mean squared difference.  The
    interval is by the delta method on the scale of log δ, with variances :math:`\sigma^2/n` of the
    mean and :math:`\sigma^2/(2(n-1))` of the standard deviation.

    References
    ----------
    Lin, L. I.-K. (2000). Total deviation index for measuring individual agreement with applications
    in laboratory performance and bioequivalence. Statistics in Medicine, 19, 255-270.

    Examples
    --------
    >>> found = total_deviation_index([4, 5, 6, 5, 3], [3, 5, 4, 6, 3])
    >>> round(found.estimate, 3)
    1.988
    """
    return total_deviation_index_of(pair_moments(first, second), share, confidence)


def total_deviation_index_of(
    moments: PairMoments, share: float = 0.90, confidence: float = 0.95
) -> Deviation:
    """Estimate the index given the ratings' moments; see `total_deviation_index`."""
    require_confidence(confidence)
    if not 0.0 < share < 1.0:
        raise StudyError(f"The share of a total deviation index must lie between 0 and 1: {share}.")
    n, mu, sigma = moments.n, moments.mean_difference, moments.sd_difference
    if sigma == 0.0:
        return Deviation(abs(mu), abs(mu), abs(mu), share, n, "all differences equal")
    # D²/σ² is noncentral chi-square on one degree of freedom.
    index = sigma * sqrt(float(chndtrix(share, 1.0, (mu / sigma) ** 2)))
    at_high, at_low = _densities(index, mu, sigma)
    by_mu = (at_high - at_low) / (at_high + at_low)
    by_sigma = ((index - mu) * at_high + (index + mu) * at_low) / (sigma * (at_high + at_low))
    error = sigma * sqrt(by_mu**2 / n + by_sigma**2 / (2.0 * (n - 1)))
    reach = float(ndtri(0.5 + confidence / 2.0)) * error / index
    return Deviation(
        index, index * exp(-reach), index * exp(reach), share, n, "delta method, log scale"
    )


def coverage_probability(
    first: ArrayLike, second: ArrayLike, within: float, confidence: float = 0.95
) -> Deviation:
    r"""Estimate the share of pairs that lie within a distance.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        In the same units; a dyad with a NaN is dropped.
    within : float
        The distance, in those units.
    confidence : float
        Level of the interval, between 0 and 1.

    Raises
    ------
    DataError
        If fewer than two complete dyads are left.
    StudyError
        If the lengths differ, the distance is not above 0, or the level not between 0 and 1.

    Notes
    -----
    :math:`\Phi((\delta - \mu)/\sigma) - \Phi((-\delta - \mu)/\sigma)` for normal differences (Lin,
    Hedayat, Sinha & Yang, 2002); the interval is by the delta method on the logit scale.

    References
    ----------
    Lin, L., Hedayat, A. S., Sinha, B., & Yang, M. (2002). Statistical methods in assessing
    agreement: Models, issues, and tools. Journal of the American Statistical Association, 97,
    257-270.

    Examples
    --------
    >>> round(coverage_probability([4, 5, 6, 5, 3], [3, 5, 4, 6, 3], within=1).estimate, 3)
    0.591
    """
    return coverage_probability_of(pair_moments(first, second), within, confidence)


def coverage_probability_of(
    moments: PairMoments, within: float, confidence: float = 0.95
) -> Deviation:
    """Estimate the share given the ratings' moments; see `coverage_probability`."""
    require_confidence(confidence)
    if not (isfinite(within) and within > 0.0):
        raise StudyError(f"The distance of a coverage probability must be above 0, not {within!r}.")
    n, mu, sigma = moments.n, moments.mean_difference, moments.sd_difference
    if sigma == 0.0:
        held = float(abs(mu) <= within)
        return Deviation(held, nan, nan, within, n, "all differences equal")
    estimate = float(ndtr((within - mu) / sigma) - ndtr((-within - mu) / sigma))
    beyond = float(ndtr((mu - within) / sigma) + ndtr((-within - mu) / sigma))
    at_high, at_low = _densities(within, mu, sigma)
    by_mu = at_low - at_high
    by_sigma = -((within - mu) * at_high + (within + mu) * at_low) / sigma
    error = sqrt(by_mu**2 / n + by_sigma**2 / (2.0 * (n - 1)))
    if min(estimate, beyond) <= 0.0:
        return Deviation(estimate, nan, nan, within, n, "no interval at the bound")
    reach = float(ndtri(0.5 + confidence / 2.0)) * error / (estimate * beyond)
    middle = log(estimate / beyond)
    return Deviation(
        estimate,
        float(expit(middle - reach)),
        float(expit(middle + reach)),
        within,
        n,
        "delta method, logit scale",
    )


def total_deviation_index_about_zero(
    squares: float, n: int, share: float = 0.90, confidence: float = 0.95
) -> Deviation:
    r"""Estimate the index of differences that have no sign, as those of interchangeable members.

    Parameters
    ----------
    squares : float
        Sum of the squared differences.
    n : int
        Dyads.
    share, confidence : float
        See `total_deviation_index`.

    Notes
    -----
    The mean is 0 by design, so that the index is :math:`z_{(1+p)/2}\, s` with
    :math:`s^2 = \sum d^2 / n`, and its interval that of s, from chi-square on n degrees of freedom:
    exact for normal differences.

    Examples
    --------
    >>> found = total_deviation_index_about_zero(6.0, 5)
    >>> round(found.estimate, 3), round(found.conf_low, 3), round(found.conf_high, 3)
    (1.802, 1.125, 4.419)
    """
    if not 0.0 < share < 1.0:
        raise StudyError(f"The share of a total deviation index must lie between 0 and 1: {share}.")
    limits = limits_about_zero(squares, n, confidence, share=share)
    return Deviation(limits.upper, limits.upper_low, limits.upper_high, share, n, limits.method)


def coverage_probability_about_zero(
    squares: float, n: int, within: float, confidence: float = 0.95
) -> Deviation:
    r"""Estimate the share of differences without a sign that lie within a distance.

    Parameters
    ----------
    squares : float
        Sum of the squared differences.
    n : int
        Dyads.
    within, confidence : float
        See `coverage_probability`.

    Notes
    -----
    :math:`2 \Phi(\delta / s) - 1`, with the ends of the interval of s; see
    `total_deviation_index_about_zero`.

    Examples
    --------
    >>> round(coverage_probability_about_zero(6.0, 5, within=1).estimate, 3)
    0.639
    """
    if not (isfinite(within) and within > 0.0):
        raise StudyError(f"The distance of a coverage probability must be above 0, not {within!r}.")
    if squares == 0.0:
        return Deviation(1.0, nan, nan, within, n, "all differences equal")
    # Of a share of 68.3 % the limits are the standard deviation itself.
    limits = limits_about_zero(squares, n, confidence, share=_ONE_SD)
    spreads = (limits.upper, limits.upper_high, limits.upper_low)
    estimate, low, high = (2.0 * float(ndtr(within / spread)) - 1.0 for spread in spreads)
    return Deviation(estimate, low, high, within, n, limits.method)


def _densities(distance: float, mu: float, sigma: float) -> tuple[float, float]:
    """Return the standard normal densities at the distance above and below zero."""
    high, low = (distance - mu) / sigma, (distance + mu) / sigma
    constant = sqrt(2.0 * pi)
    return exp(-high * high / 2.0) / constant, exp(-low * low / 2.0) / constant
