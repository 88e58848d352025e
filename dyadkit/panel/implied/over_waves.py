"""Responses and routes over several waves of a panel, one by one, with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.panel.implied.drawn_effects import EffectDraws, spread_of
from dyadkit.panel.implied.responses import impulse_responses, indirect_effects
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.series import Series

Found = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What a unit more of a series in the first wave goes with so many waves later.

    `found` has the estimate with its standard error, interval and standardised form, which is
    `factor` times the estimate.
    """

    source: Series
    target: Series
    later: int
    found: Found
    factor: float


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An effect over two lags by way of one series in the wave between."""

    source: Series
    between: Series
    target: Series
    wave: int
    found: Found

    @property
    def stability(self) -> bool:
        """Whether a series leads to itself by way of itself."""
        return self.source is self.between is self.target

    @property
    def third(self) -> bool:
        """Whether three series take part."""
        return len({self.source.name, self.between.name, self.target.name}) == 3

    @property
    def clear(self) -> bool:
        """Whether its interval has no zero in it."""
        return self.found["conf_low"] > 0 or self.found["conf_high"] < 0


def responses_found(panel: Panel, draws: EffectDraws) -> Iterator[Response]:
    """Yield all responses, by the series that they lead to."""
    values = impulse_responses(draws.first, draws.second)
    spread = spread_of(values[1:], panel.confidence)
    sd = draws.deviations
    factors = sd[0] / sd[1:, :, None]
    for target in panel.targets:
        i = panel.series.index(target)
        for j, source in enumerate(panel.series):
            for later in range(1, len(panel.waves)):
                at = (later - 1, i, j)
                found = _found(values[0], spread, values[0] * factors, at)
                yield Response(source, target, later, found, float(factors[at]))


def routes_found(panel: Panel, draws: EffectDraws) -> Iterator[Route]:
    """Yield all routes over two lags: from each wave, or once where effects are equal."""
    first = draws.first[:, :2] if panel.equal else draws.first
    values = indirect_effects(first)
    spread = spread_of(values[1:], panel.confidence)
    sd = draws.deviations
    ratios = sd[:-2, None, None, :] / sd[2:, :, None, None]
    standardised = values[0] * ratios[: values.shape[1]]
    for target in panel.targets:
        i = panel.series.index(target)
        for j, source in enumerate(panel.series):
            for m, between in enumerate(panel.series):
                for wave in range(values.shape[1]):
                    found = _found(values[0], spread, standardised, (wave, i, m, j))
                    yield Route(source, between, target, wave, found)


def _found(
    estimates: FloatArray,
    spread: tuple[FloatArray, FloatArray, FloatArray],
    standardised: FloatArray,
    at: tuple[int, ...],
) -> Found:
    names = ("estimate", "std_error", "conf_low", "conf_high", "std_all")
    every = (estimates, *spread, standardised)
    return {name: float(np.asarray(each)[at]) for name, each in zip(names, every, strict=True)}
