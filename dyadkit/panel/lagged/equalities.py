r"""Tests of equal effects over time: between waves, roles, directions and groups.

All are Wald tests in the model with all effects,

.. math:: d' (J V J')^{-1} d,

with d the differences of effects, J their derivatives and V the covariance matrix of the estimates.
Effects of one variable on one other are compared as they are; those of two directions, whose units
differ, in their standardised form, which has the scales of the sample and says nothing of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
from scipy.special import chdtrc

from dyadkit.estimation.arrays import FloatArray
from dyadkit.panel.lagged.cross_lagged import part
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.series import Series
from dyadkit.sem.standardised import standardise

_SAME = 1e-10


@dataclass(frozen=True, slots=True)
class Equality:
    """A test that effects are equal.

    Attributes
    ----------
    kind : {"waves", "roles", "directions", "groups"}
        Between what.
    what : str
        Of which effects.
    statistic, df, p_value : float
        Wald's chi-square.
    """

    kind: str
    what: str
    statistic: float
    df: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """Effects with their derivatives by row of the parameter table."""

    rows: dict[tuple[str, str, str], int]
    value: FloatArray
    gradient: FloatArray
    covariance: FloatArray

    def test(self, kind: str, what: str, pairs: Sequence[tuple[int, int]]) -> Iterator[Equality]:
        """Test pairs of rows for equality; none where the model holds them equal."""
        if not pairs:
            return
        left, right = (list(side) for side in zip(*pairs, strict=True))
        d = self.value[left] - self.value[right]
        jacobian = self.gradient[left] - self.gradient[right]
        spread = jacobian @ self.covariance @ jacobian.T
        # Beside their own variances, since those of other parameters have other units.
        size = np.sqrt(self._variances(left) + self._variances(right))
        if not (np.isfinite(spread).all() and (size > 0).all()):
            return
        if np.linalg.eigvalsh(spread / (size[:, None] * size))[0] <= _SAME:
            return
        statistic = float(d @ np.linalg.solve(spread, d))
        yield Equality(kind, what, statistic, len(pairs), float(chdtrc(len(pairs), statistic)))

    def _variances(self, rows: Sequence[int]) -> FloatArray:
        """Return the variances of rows."""
        gradient = self.gradient[list(rows)]
        return np.asarray(np.einsum("ij,jk,ik->i", gradient, self.covariance, gradient))


def equalities_of(panel: Panel, *, lags_differ: bool) -> list[Equality]:
    """Return the tests of equal effects that the model with all effects allows.

    Parameters
    ----------
    panel : Panel
    lags_differ : bool
        Whether waves are not equally far apart, so that effects between them are not compared.
    """
    solution = panel.full.fit.solution
    table, structure = solution.table, solution.objective.structure
    groups = panel.full.fit.setup.labels
    rows = {
        (groups[row.group - 1] if groups else "", row.lhs, row.rhs): number
        for number, row in enumerate(table.rows)
        if row.op == "~" and row.free
    }
    standard = standardise(table, structure, solution.objective.fixed, solution.theta, "std_all")
    free = [row.free - 1 if row.free else 0 for row in table.rows]
    raw = _Values(rows, solution.theta[free], np.eye(table.n_free)[free], solution.covariance)
    scaled = _Values(rows, standard.value, standard.gradient, solution.covariance)
    found: list[Equality] = []
    if not lags_differ:
        found += _between_waves(panel, raw)
    if not panel.exchangeable:
        found += _between_roles(panel, raw)
        found += _between_directions(panel, scaled)
    found += _between_groups(panel, raw)
    return found


def _keys(panel: Panel, source: Series, target: Series, group: str) -> list[tuple[str, str, str]]:
    """Return an effect's keys from each wave to the next."""
    return [
        (group, part(now, panel.intercepts), part(before, panel.intercepts))
        for before, now in zip(source.columns[:-1], target.columns[1:], strict=True)
    ]


def _among(group: str) -> str:
    return f" ({group})" if group else ""


def _arrow(source: Series, target: Series) -> str:
    return f"{source.label} → {target.label}"


def _between_waves(panel: Panel, raw: _Values) -> Iterator[Equality]:
    for group, target, source in product(panel.groups, panel.targets, panel.series):
        at = [raw.rows[key] for key in _keys(panel, source, target, group)]
        yield from raw.test("waves", _arrow(source, target) + _among(group), list(pairwise(at)))


def _between_roles(panel: Panel, raw: _Values) -> Iterator[Equality]:
    """Compare each effect with that of the same variables in the other role."""
    by = {(one.variable, one.role): one for one in panel.series}
    roles = list(dict.fromkeys(one.role for one in panel.series))
    if len(roles) != 2:
        return
    other = dict(zip(roles, reversed(roles), strict=True))
    for group, target, source in product(panel.groups, panel.series, panel.series):
        twins = [by.get((one.variable, other[one.role])) for one in (source, target)]
        if target.role != roles[0] or None in twins:
            continue
        source_too, target_too = (one for one in twins if one is not None)
        keys = zip(
            _keys(panel, source, target, group),
            _keys(panel, source_too, target_too, group),
            strict=True,
        )
        whose = "own" if source.role == target.role else "partner's"
        what = f"{whose} {source.short} → {target.short}" + _among(group)
        yield from raw.test("roles", what, _distinct(raw, panel, keys))


def _between_directions(panel: Panel, scaled: _Values) -> Iterator[Equality]:
    for group, (one, other) in product(panel.groups, combinations(panel.series, 2)):
        keys = zip(_keys(panel, one, other, group), _keys(panel, other, one, group), strict=True)
        what = f"{one.label} → {other.label} and back" + _among(group)
        yield from scaled.test("directions", what, _distinct(scaled, panel, keys))


def _between_groups(panel: Panel, raw: _Values) -> Iterator[Equality]:
    if len(panel.groups) < 2:
        return
    for target, source in product(panel.targets, panel.series):
        of = [_keys(panel, source, target, group) for group in panel.groups]
        pairs = [
            pair
            for one, other in pairwise(of)
            for pair in _distinct(raw, panel, zip(one, other, strict=True))
        ]
        yield from raw.test("groups", _arrow(source, target), pairs)


def _distinct(
    values: _Values,
    panel: Panel,
    keys: Iterable[tuple[tuple[str, str, str], tuple[str, str, str]]],
) -> list[tuple[int, int]]:
    """Return rows of pairs of keys: one pair where effects are equal between waves."""
    pairs = [(values.rows[a], values.rows[b]) for a, b in keys]
    return pairs[:1] if panel.equal else pairs
