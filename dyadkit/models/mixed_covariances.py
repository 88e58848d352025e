"""The covariance parameters of a mixed model by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan
from typing import Any

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.mixed.components import Component, Quantity, wald_component
from dyadkit.mixed.covariance import Part
from dyadkit.mixed.solution import Solution
from dyadkit.models.mixed_setup import MixedSetup

_Named = tuple[str, Quantity]


def covariance_rows(solution: Solution, setup: MixedSetup) -> list[dict[str, Any]]:
    """Return one row of `tidy` per variance, correlation, decay and ratio."""
    return [
        row_of(group, term, wald_component(solution, quantity, setup.confidence))
        for group, term, quantity in quantities_of(solution, setup)
    ]


def row_of(group: str, term: str, found: Component) -> dict[str, Any]:
    """Return a row of `tidy`."""
    return {
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


def quantities_of(solution: Solution, setup: MixedSetup) -> Iterator[tuple[str, str, Quantity]]:
    """Yield group, name and definition of everything that describes the covariances."""
    parts = list(solution.layout)
    size = solution.theta.size
    for term, names in zip(setup.random, setup.effects, strict=True):
        if term.kind == "exchangeable":
            found = _of_exchangeable(size, parts.pop(0), parts.pop(0), names)
        elif term.kind == "diagonal":
            found = _of_variances(size, parts.pop(0), names)
        else:
            found = _of_matrix(size, parts.pop(0), names)
        for name, quantity in found:
            yield term.group, name, quantity
    for name, quantity in _of_residual(size, parts, setup):
        yield "residual", name, quantity


def _unit(size: int, place: int) -> FloatArray:
    found = np.zeros(size)
    found[place] = 1.0
    return found


def _triangle(part: Part) -> dict[tuple[int, int], int]:
    pairs = [(i, j) for i in range(part.size) for j in range(i + 1)]
    return dict(zip(pairs, range(part.begin, part.end), strict=True))


def _of_matrix(size: int, part: Part, names: Sequence[str]) -> Iterator[_Named]:
    at = _triangle(part)
    diagonal = [_unit(size, at[i, i]) for i in range(part.size)]
    for name, vector in zip(names, diagonal, strict=True):
        yield f"variance: {name}", Quantity("variance", vector)
    for (i, j), place in at.items():
        if i != j:
            found = Quantity("correlation", _unit(size, place), diagonal[i], diagonal[j])
            yield f"correlation: {names[j]}, {names[i]}", found


def _of_variances(size: int, part: Part, names: Sequence[str]) -> Iterator[_Named]:
    for name, place in zip(names, range(part.begin, part.end), strict=True):
        yield f"variance: {name}", Quantity("variance", _unit(size, place))


def _of_exchangeable(
    size: int, shared: Part, differing: Part, names: Sequence[str]
) -> Iterator[_Named]:
    """One member's covariances are the sum of both parts, those between members the difference."""
    first, second = _triangle(shared), _triangle(differing)
    own = {at: _unit(size, place) + _unit(size, second[at]) for at, place in first.items()}
    cross = {at: _unit(size, place) - _unit(size, second[at]) for at, place in first.items()}
    for i, name in enumerate(names):
        yield f"variance: {name}", Quantity("variance", own[i, i])
    for (i, j), vector in own.items():
        if i != j:
            found = Quantity("correlation", vector, own[i, i], own[j, j])
            yield f"correlation: {names[j]}, {names[i]}", found
    for (i, j), vector in cross.items():
        found = Quantity("correlation", vector, own[i, i], own[j, j])
        yield f"correlation between members: {names[j]}, {names[i]}", found


def _of_residual(size: int, parts: list[Part], setup: MixedSetup) -> Iterator[_Named]:
    part = parts.pop(0)
    if part.kind == "matrix":
        yield from _of_matrix(size, part, setup.members)
    else:
        level = _unit(size, part.begin)
        yield "variance", Quantity("variance", level)
        if part.kind == "compound_symmetry":
            between = _unit(size, part.begin + 1)
            least = -1.0 / max(part.size - 1, 1)
            yield "correlation", Quantity("correlation", between, level, level, least)
    if setup.wanted.serial is not None:
        place = _unit(size, parts.pop(0).begin)
        if setup.wanted.serial == "ar1":
            yield "φ", Quantity("phi", place)
        else:
            yield "θ", Quantity("exponential", place)
    if setup.levels:
        begin = parts.pop(0).begin
        for number, name in enumerate(setup.levels[1:]):
            found = Quantity("exponential", _unit(size, begin + number))
            yield f"SD ratio: {name} to {setup.levels[0]}", found
