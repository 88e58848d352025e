"""Moderated actor and partner effects: simple slopes, and where they differ from zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.simple_slopes import Region, significant_regions
from dyadkit.multilevel.apim_effects import Row, described
from dyadkit.multilevel.apim_model import ApimModel
from dyadkit.multilevel.apim_rows import Moderator

_LEVELS = ("−1 SD", "mean", "+1 SD")
_CURVE, _EXPECTED = 61, 21


Curve = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Moderated:
    """An actor or partner effect of one role as a function of a moderator.

    Attributes
    ----------
    model : ApimModel
    place : int
        Of the focal regressor.
    role : str
    moderator : Moderator
    column : int
        Which of the moderator's columns.
    """

    model: ApimModel
    place: int
    role: str
    moderator: Moderator
    column: int

    @property
    def name(self) -> str:
        """What a reader calls it."""
        regressor = self.model.rows.regressors[self.place]
        role = f" ({self.role})" if self.role else ""
        return f"{regressor.effect.capitalize()} effect of {regressor.label}{role}"

    def weights(self, value: float) -> FloatArray:
        """Return the effect at a value of the moderator as a combination of estimates."""
        product = self._product()
        return np.asarray(
            self.model.weights(self.place, self.role)
            + value * self.model.weights(product, self.role)
        )

    def _product(self) -> int:
        wanted = (self.place, self.moderator.places[self.column])
        regressors = self.model.rows.regressors
        return next(n for n, regressor in enumerate(regressors) if regressor.factors == wanted)


def moderated_effects(model: ApimModel) -> Iterator[Moderated]:
    """Yield every effect that a moderator changes, once per column of the moderator."""
    moderator = model.rows.moderator
    if moderator is None:
        return
    for column in range(len(moderator.places)):
        for place, regressor in enumerate(model.rows.regressors):
            if regressor.effect in ("actor", "partner"):
                for role in model.roles:
                    yield Moderated(model, place, role, moderator, column)


def slope_rows(model: ApimModel) -> list[Row]:
    """Return simple slopes at chosen values of a number, or in each category."""
    rows = []
    for effect in moderated_effects(model):
        for label, value in _values(effect):
            regressor = model.rows.regressors[effect.place]
            row = described(regressor, effect.role, f"simple slope, {regressor.effect}")
            row["term"] += f" at {label}"
            rows.append(row | {"at": label} | model.fit.combination(effect.weights(value)))
    return rows


def _values(effect: Moderated) -> Iterator[tuple[str, float]]:
    moderator = effect.moderator
    side = moderator.sides[effect.column]
    name = f"{moderator.label} ({side})" if side and not moderator.categories else moderator.label
    if moderator.categories:
        if effect.column == 0:
            yield f"{name} = {moderator.categories[0]}", 0.0
        yield f"{name} = {moderator.categories[effect.column + 1]}", 1.0
        return
    for label, value in zip(_LEVELS, moderator.levels, strict=True):
        yield f"{name} {label}", value


def regions_of(effect: Moderated) -> tuple[Region, ...]:
    """Return the Johnson–Neyman regions of an effect, with degrees of freedom of each value."""
    fit = effect.model.fit

    def margin(value: float) -> float:
        found = fit.combination(effect.weights(value))
        critical = float(stdtrit(found["df"], 0.5 + 0.5 * fit.setup.confidence))
        return abs(found["statistic"]) - critical

    def slope(value: float) -> float:
        return float(effect.weights(value) @ fit.solution.beta)

    low, high = effect.moderator.limits
    return significant_regions(margin, slope, low, high)


def curve_of(effect: Moderated) -> Curve:
    """Return values of the moderator, the effect there, and the ends of its interval."""
    x = np.linspace(*effect.moderator.limits, _CURVE)
    return _curve(effect.model, x, [effect.weights(value) for value in x.tolist()])


def expected_curves(effect: Moderated) -> Iterator[tuple[str, Curve]]:
    """Yield the outcome expected over the regressor, at each value of the moderator.

    Whatever else is in the model is at its mean; of a moderator with categories, one holds.
    """
    model, moderator = effect.model, effect.moderator
    regressors = model.rows.regressors
    used = model.used()
    means = [float(used[f"x{number + 1}"].mean()) for number in range(len(regressors))]
    if moderator.categories:
        for place in moderator.places:
            means[place] = 0.0
    x = np.linspace(*model.rows.limits[regressors[effect.place].predictor], _EXPECTED)
    for label, value in _values(effect):
        at = np.tile(means, (_EXPECTED, 1))
        at[:, effect.place], at[:, moderator.places[effect.column]] = x, value
        weights = np.tile(model.weights(-1, effect.role), (_EXPECTED, 1))
        for number, regressor in enumerate(regressors):
            size = np.prod(at[:, list(regressor.factors or (number,))], axis=1)
            weights += np.outer(size, model.weights(number, effect.role))
        yield label, _curve(model, x, list(weights))


def _curve(model: ApimModel, x: FloatArray, weights: Sequence[FloatArray]) -> Curve:
    found = [model.fit.combination(row) for row in weights]
    return (
        x,
        np.array([row["estimate"] for row in found]),
        np.array([row["conf_low"] for row in found]),
        np.array([row["conf_high"] for row in found]),
    )
