"""A population of scales: constructs, the items that measure them, and the exact truth of scores.

Constructs are jointly normal; an item is a loading times its construct plus a unique part, cut
into Likert codes.  What sample statistics estimate then follows from `likert_moments`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from dyadkit.errors import DataError
from dyadkit.simulation.likert import LikertMoments, cut, likert_moments
from dyadkit.simulation.reliability import cronbach_alpha, one_factor_omega

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Measure:
    """A scale as one role answers it at one wave.

    Parameters
    ----------
    scale, role, wave : str
        Which answers these are.
    loadings : tuple of float
        Standardised loading of each item on its construct, strictly between -1 and 1.
    thresholds : tuple of tuple of float
        Each item's rising thresholds, for a construct with mean 0.
    latent_mean : float
        Mean of the construct, in its standard deviations.
    """

    scale: str
    role: str
    wave: str
    loadings: tuple[float, ...]
    thresholds: tuple[tuple[float, ...], ...]
    latent_mean: float = 0.0

    @property
    def name(self) -> str:
        """The score's name in a wide table, such as ``"trust_client_t1"``."""
        return f"{self.scale}_{self.role}_{self.wave}"

    def shifted_thresholds(self) -> tuple[FloatArray, ...]:
        """Thresholds of items with mean 0: a higher construct lowers them by loading x mean."""
        return tuple(
            np.asarray(row) - loading * self.latent_mean
            for row, loading in zip(self.thresholds, self.loadings, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Population:
    """Every measure of a study and how their constructs go together.

    Parameters
    ----------
    measures : tuple of Measure
        In the order of `construct_correlation`.
    construct_correlation : tuple of tuple of float
        Correlations of the constructs, one for each measure.
    carry_over : float
        Correlation of the unique parts of the same item, answered by the same role at two waves.
    """

    measures: tuple[Measure, ...]
    construct_correlation: tuple[tuple[float, ...], ...]
    carry_over: float = 0.0


@dataclass(frozen=True, slots=True)
class ScoreTruth:
    """What the statistics of one scale score estimate.

    Attributes
    ----------
    mean, sd : float
        Of the score: the mean of the items' codes, reversed items turned round.
    alpha : float
        Cronbach's alpha, k / (k - 1) (1 - sum of item variances / variance of the sum).
    omega : float
        Squared sum of the loadings of the one-factor maximum likelihood solution of the items'
        covariance matrix, divided by the variance of the sum.
    """

    measure: Measure
    mean: float
    sd: float
    alpha: float
    omega: float


def item_correlation(population: Population) -> FloatArray:
    r"""Return the correlations of the continuous variables behind all items.

    :math:`\Lambda\Phi\Lambda' + D^{1/2} U D^{1/2}` with loadings :math:`\Lambda`, construct
    correlations :math:`\Phi`, unique variances :math:`D = 1 - \lambda^2` and unique correlations
    :math:`U`, which are `carry_over` between the two waves of an item and else 0.

    Returns
    -------
    ndarray, shape (p, p)
        Items in the order of the measures.

    Raises
    ------
    DataError
        When the model is no population: the constructs' matrix does not fit the measures, a
        loading is 1 or more in size, or a matrix is not positive definite.
    """
    measures = population.measures
    constructs = np.asarray(population.construct_correlation, dtype=np.float64)
    loadings = np.concatenate([np.asarray(measure.loadings) for measure in measures])
    if constructs.shape != (len(measures), len(measures)) or np.any(np.abs(loadings) >= 1.0):
        raise DataError(
            f"{len(measures)} measures need a square matrix of as many construct correlations "
            f"(given: {constructs.shape}) and loadings below 1 in size. Correct whichever is wrong."
        )
    sizes = [len(measure.loadings) for measure in measures]
    owner = np.repeat(np.arange(len(measures)), sizes)
    position = np.concatenate([np.arange(size) for size in sizes])
    asked = np.array([f"{measure.scale} {measure.role}" for measure in measures])[owner]
    again = (asked[:, None] == asked[None, :]) & (position[:, None] == position[None, :])
    unique = np.where(again, population.carry_over, 0.0)
    np.fill_diagonal(unique, 1.0)
    spread = np.sqrt(1.0 - loadings**2)
    matrix: FloatArray = (
        loadings[:, None] * constructs[owner][:, owner] * loadings[None, :]
        + spread[:, None] * unique * spread[None, :]
    )
    if min(np.linalg.eigvalsh(constructs)[0], np.linalg.eigvalsh(matrix)[0]) <= 0.0:
        raise DataError(
            "The constructs' correlations, or those of the items they imply, are not positive "
            "definite: no population can have them. Make the largest correlations smaller."
        )
    return matrix


def item_moments(population: Population) -> LikertMoments:
    """Return the exact means and covariances of all items' codes."""
    thresholds = [row for measure in population.measures for row in measure.shifted_thresholds()]
    return likert_moments(thresholds, item_correlation(population))


def score_truth(population: Population) -> tuple[tuple[ScoreTruth, ...], FloatArray]:
    """Return the truth of every scale score, and their correlations.

    Returns
    -------
    scores : tuple of ScoreTruth
        One for each measure.
    correlation : ndarray, shape (m, m)
        Correlations of the scores, across scales, roles and waves.

    Raises
    ------
    DataError
        When the model is no population, see `item_correlation`.
    FitError
        When the one-factor solution is not found.
    """
    moments = item_moments(population)
    sizes = [len(measure.loadings) for measure in population.measures]
    owner = np.repeat(np.arange(len(sizes)), sizes)
    weights = (owner[None, :] == np.arange(len(sizes))[:, None]) / np.array(sizes)[:, None]
    means = weights @ moments.mean
    covariance = weights @ moments.covariance @ weights.T
    sd = np.sqrt(np.diagonal(covariance))
    scores = []
    for place, measure in enumerate(population.measures):
        block = moments.covariance[np.ix_(owner == place, owner == place)]
        scores.append(
            ScoreTruth(
                measure=measure,
                mean=float(means[place]),
                sd=float(sd[place]),
                alpha=cronbach_alpha(block),
                omega=one_factor_omega(block),
            )
        )
    correlation = covariance / np.outer(sd, sd)
    return tuple(scores), correlation


def standard_normals(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw standard normal values by inverting uniform ones.

    numpy promises no fixed stream for `Generator.standard_normal`; its uniform doubles come
    straight from the bit generator, whose stream is fixed, so a seed keeps its meaning.
    """
    values: FloatArray = ndtri(rng.random(shape))
    return values


def draw_answers(population: Population, n: int, rng: np.random.Generator) -> IntArray:
    """Draw all answers of `n` independent pairs.

    Returns
    -------
    ndarray of int64, shape (n, p)
        Codes of all items in the order of the measures, in keyed direction.
    """
    correlation = item_correlation(population)
    # The Cholesky factor is unique; the factors of other decompositions differ in sign by machine.
    factor = np.linalg.cholesky(correlation)
    thresholds = [row for measure in population.measures for row in measure.shifted_thresholds()]
    return cut(standard_normals(rng, (n, correlation.shape[0])) @ factor.T, thresholds)
