"""The covariance parameters of a mixed model by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import Any

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.components import Component, correlation, decay, ratio, variance
from dyadkit.mixed.covariance import Part
from dyadkit.mixed.solution import Solution
from dyadkit.models.mixed_setup import MixedSetup

_Named = tuple[str, Component]


def covariance_rows(solution: Solution, setup: MixedSetup) -> list[dict[str, Any]]:
    """Return one row of `tidy` per variance, correlation, decay and ratio."""
    return [
        {
            "term": term,
            "effect": "covariance",
            "group": group,
            "estimate": found.estimate,
            "std_error": found.std_error,
            "statistic": nan,
            "df": nan,
            "p_value": nan,
            "conf_low": found.low,
            "conf_high": found.high,
        }
        for group, term, found in components_of(solution, setup)
    ]


def components_of(solution: Solution, setup: MixedSetup) -> Iterator[tuple[str, str, Component]]:
    """Yield group, name and value of everything that describes the covariances."""
    parts = list(solution.layout)
    for term, names in zip(setup.random, setup.effects, strict=True):
        if term.kind == "exchangeable":
            shared, differing = parts.pop(0), parts.pop(0)
            found = _of_exchangeable(solution, shared, differing, names, setup.confidence)
        elif term.kind == "diagonal":
            found = _of_variances(solution, parts.pop(0), names, setup.confidence)
        else:
            found = _of_matrix(solution, parts.pop(0), names, setup.confidence)
        for name, component in found:
            yield term.group, name, component
    for name, component in _of_residual(solution, parts, setup):
        yield "residual", name, component


def _unit(solution: Solution, place: int, weight: float = 1.0) -> FloatArray:
    found = np.zeros(solution.theta.size)
    found[place] = weight
    return found


def _triangle(part: Part) -> dict[tuple[int, int], int]:
    pairs = [(i, j) for i in range(part.size) for j in range(i + 1)]
    return dict(zip(pairs, range(part.begin, part.end), strict=True))


def _of_matrix(
    solution: Solution, part: Part, names: Sequence[str], confidence: float
) -> Iterator[_Named]:
    at = _triangle(part)
    diagonal = [_unit(solution, at[i, i]) for i in range(part.size)]
    for name, vector in zip(names, diagonal, strict=True):
        yield f"variance: {name}", variance(solution, vector, confidence)
    for (i, j), place in at.items():
        if i != j:
            found = correlation(
                solution, _unit(solution, place), diagonal[i], diagonal[j], confidence
            )
            yield f"correlation: {names[j]}, {names[i]}", found


def _of_variances(
    solution: Solution, part: Part, names: Sequence[str], confidence: float
) -> Iterator[_Named]:
    for name, place in zip(names, range(part.begin, part.end), strict=True):
        yield f"variance: {name}", variance(solution, _unit(solution, place), confidence)


def _of_exchangeable(
    solution: Solution, shared: Part, differing: Part, names: Sequence[str], confidence: float
) -> Iterator[_Named]:
    """One member's covariances are the sum of both parts, those between members the difference."""
    first, second = _triangle(shared), _triangle(differing)
    own = {at: _unit(solution, place) + _unit(solution, second[at]) for at, place in first.items()}
    cross = {
        at: _unit(solution, place) - _unit(solution, second[at]) for at, place in first.items()
    }
    for i, name in enumerate(names):
        yield f"variance: {name}", variance(solution, own[i, i], confidence)
    for (i, j), vector in own.items():
        if i != j:
            found = correlation(solution, vector, own[i, i], own[j, j], confidence)
            yield f"correlation: {names[j]}, {names[i]}", found
    for (i, j), vector in cross.items():
        found = correlation(solution, vector, own[i, i], own[j, j], confidence)
        yield f"correlation between members: {names[j]}, {names[i]}", found


def _of_residual(solution: Solution, parts: list[Part], setup: MixedSetup) -> Iterator[_Named]:
    confidence, part = setup.confidence, parts.pop(0)
    if part.kind == "matrix":
        yield from _of_matrix(solution, part, setup.members, confidence)
    else:
        level = _unit(solution, part.begin)
        yield "variance", variance(solution, level, confidence)
        if part.kind == "compound_symmetry":
            between = _unit(solution, part.begin + 1)
            yield "correlation", correlation(solution, between, level, level, confidence)
    if setup.wanted.serial is not None:
        name = "φ" if setup.wanted.serial == "ar1" else "θ"
        yield name, decay(solution, parts.pop(0).begin, confidence)
    if setup.levels:
        begin = parts.pop(0).begin
        for number, level_name in enumerate(setup.levels[1:]):
            name = f"SD ratio: {level_name} to {setup.levels[0]}"
            yield name, ratio(solution, begin + number, confidence)
