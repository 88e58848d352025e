"""Each item's differences between places: each freed in turn, the others held equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtri

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray, IntArray
from dyadkit.measurement.item_effects import Dmacs, dmacs
from dyadkit.measurement.ladder import Free
from dyadkit.measurement.ladder_models import LadderModels
from dyadkit.models.measured import Fit


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter of an item in the first place and in another, and their difference.

    Attributes
    ----------
    first, here : float
    estimate, low, high : float
        Here minus first, with its interval.
    """

    first: float
    here: float
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ItemSize:
    """How far an item's loading and level in one place differ from the first place's.

    Attributes
    ----------
    item : int
    place : str
        What a reader calls it.
    loading : Difference
    level : Difference
        Of the intercepts, or of the mean thresholds of ordered answers.
    size : Dmacs
    """

    item: int
    place: str
    loading: Difference
    level: Difference
    size: Dmacs


def sizes_of(
    models: LadderModels, free: Sequence[Free], confidence: float
) -> tuple[list[ItemSize], list[tuple[int, str]]]:
    """Compare every item in every place with the first place.

    Returns
    -------
    sizes : list of ItemSize
    unsized : list of (int, str)
        Items without a size, and why.
    """
    found: list[ItemSize] = []
    unsized: list[tuple[int, str]] = []
    for item in range(len(models.ladder.factors[0].indicators)):
        own = {Free("loadings", item), Free("intercepts", item), *free}
        if models.answers:
            own |= {Free("thresholds", item)}
        try:
            fit = models.fit(models.sizing_step, sorted(own, key=str))
        except FitError as error:
            unsized.append((item, str(error)))
            continue
        found += _compared(models, fit, item, confidence)
    return found, unsized


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """An item in one place: its parameters among those of the model, its factor, its answers."""

    label: str
    parameters: IntArray
    mean: float
    variance: float
    spread: float
    count: int


def _compared(models: LadderModels, fit: Fit, item: int, confidence: float) -> list[ItemSize]:
    """Compare an item's parameters in every place with those in the first one."""
    first, *others = _places(models, fit, item)
    theta, everything = fit.solution.theta, fit.solution.covariance
    answers = models.answers[item] if models.answers else None
    found = []
    for other in others:
        both = np.concatenate([first.parameters, other.parameters])
        covariance = everything[np.ix_(both, both)]
        pair = theta[first.parameters], theta[other.parameters]
        found.append(
            ItemSize(
                item,
                other.label,
                _difference(*pair, covariance, slice(0, 1), confidence),
                _difference(*pair, covariance, slice(1, None), confidence),
                dmacs(
                    *pair,
                    covariance=covariance,
                    mean=other.mean,
                    variance=other.variance,
                    sd=_pooled(first, other),
                    answers=answers,
                    alpha=1.0 - confidence,
                ),
            )
        )
    return found


def _places(models: LadderModels, fit: Fit, item: int) -> list[_Place]:
    """Find the item in every place, that in which the factor has mean 0 and variance 1 first."""
    table, theta, labels = fit.solution.table, fit.solution.theta, fit.setup.labels
    rows = {(row.lhs, row.op, row.rhs, row.group): row for row in table.rows}

    def value(lhs: str, op: str, rhs: str, group: int) -> float:
        row = rows[lhs, op, rhs, group]
        return float(theta[row.free - 1]) if row.free else float(row.value)

    found = []
    for number, label, data in models.places_in(labels):
        factor, group = models.ladder.factors[number], labels.index(label) + 1 if labels else 1
        column = factor.indicators[item]
        levels = [(column, "~1", "")]
        if models.answers:
            levels = [(column, "|", f"t{k}") for k in range(1, models.answers[item].size)]
        keys = [(factor.name, "=~", column), *levels]
        given = data[column].dropna().to_numpy(np.float64)
        found.append(
            _Place(
                label or factor.label,
                np.array([rows[(*key, group)].free - 1 for key in keys]),
                value(factor.name, "~1", "", group),
                value(factor.name, "~~", factor.name, group),
                float(given.var(ddof=1)),
                given.size,
            )
        )
    return found


def _difference(
    first: FloatArray, here: FloatArray, covariance: FloatArray, which: slice, confidence: float
) -> Difference:
    """Return the difference of a parameter, or of the mean of several."""
    contrast = np.zeros(2 * first.size)
    share = 1.0 / first[which].size
    contrast[: first.size][which], contrast[first.size :][which] = -share, share
    reach = float(ndtri(0.5 + confidence / 2.0))
    reach *= sqrt(max(float(contrast @ covariance @ contrast), 0.0))
    one, two = float(first[which].mean()), float(here[which].mean())
    return Difference(one, two, two - one, two - one - reach, two - one + reach)


def _pooled(one: _Place, other: _Place) -> float:
    weights = one.count - 1, other.count - 1
    return sqrt((weights[0] * one.spread + weights[1] * other.spread) / sum(weights))
