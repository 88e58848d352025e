"""The estimates of a growth model, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import nan
from typing import Any

from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import Estimate, Key, indexed
from dyadkit.panel.growth.growth_inputs import Group, GrowthInputs
from dyadkit.panel.growth.growth_models import Competing
from dyadkit.panel.growth.growth_shapes import Factor
from dyadkit.panel.growth.growth_syntax import deviation, factor_name
from dyadkit.panel.series import Series
from dyadkit.panel.trajectories import Trajectory, trajectories_of

Place = tuple[Series, Factor]
# Its quantity, term, labels, and where it stands in the fit.
Parameter = tuple[str, str, tuple[str, ...], Key]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """An estimate.

    Attributes
    ----------
    quantity : str
        As in `tidy`, such as "growth mean".
    term : str
        As in `tidy`, without the group.
    labels : tuple of str
        What a reader calls the parameter: whose it is, and what; or its two ends.
    group : Group
    raw, standardised : mapping
        There is no correlation of what has a negative variance.
    """

    quantity: str
    term: str
    labels: tuple[str, ...]
    group: Group
    raw: Estimate
    standardised: Estimate

    def row(self) -> dict[str, Any]:
        """Return the row of `tidy`; standardised by all variables."""
        error = self.raw["std_error"]
        standard = self.standardised["estimate"]
        return {
            "term": self.term + (f" ({self.group.label})" if self.group.label else ""),
            "quantity": self.quantity,
            "group": self.group.label,
            **self.raw,
            "statistic": self.raw["estimate"] / error if error > 0 else nan,
            "std_all": nan if self.quantity in _AS_THEY_ARE else standard,
        }


# Those of predictors are equal in all waves, which their standardised forms are not.
_AS_THEY_ARE = frozenset(
    {"growth mean", "growth variance", "loading", "residual variance", "predictor effect"}
)


@dataclass(frozen=True, eq=False)
class Growth:
    """All that was fitted.

    Attributes
    ----------
    inputs : GrowthInputs
    models : tuple of Compared
        The one that was asked for last.
    found : tuple of Found
        Of that one.
    explained : mapping
        Group and column to the explained share of its variance.
    trajectories : tuple of Trajectory
    """

    inputs: GrowthInputs
    models: tuple[Compared[Competing], ...]
    found: tuple[Found, ...]
    explained: dict[tuple[str, str], float]
    trajectories: tuple[Trajectory, ...]

    @classmethod
    def of(cls, inputs: GrowthInputs, models: tuple[Compared[Competing], ...]) -> Growth:
        """Read the estimates of the model that was asked for."""
        fit = models[-1].fit
        shares = fit.r_squared()
        explained = {
            (group.label, column): float(shares[(group.label, column) if group.label else column])
            for group in inputs.groups
            for one in inputs.series
            for column in one.columns
        }
        groups = {group.label: group.rows for group in inputs.groups}
        return cls(
            inputs,
            models,
            tuple(_found(inputs, fit)),
            explained,
            trajectories_of(inputs.request, fit, inputs.series, groups),
        )

    @property
    def chosen(self) -> Compared[Competing]:
        """The model that was asked for."""
        return self.models[-1]

    def get(self, quantity: str, group: Group | None = None) -> list[Found]:
        """Return all estimates of a quantity, of one group or of all."""
        return [
            one
            for one in self.found
            if one.quantity == quantity and (group is None or one.group is group)
        ]


def _found(inputs: GrowthInputs, fit: SemFit) -> Iterator[Found]:
    parameters = [
        *_of_factors(inputs),
        *_of_covariances(inputs),
        *_of_effects(inputs),
        *_of_residuals(inputs),
    ]
    for group in inputs.groups:
        raw, standard = indexed(fit, group.label)
        for quantity, term, labels, key in parameters:
            found = standard[key]
            if quantity.endswith("covariance"):
                ends = (raw[name, "~~", name]["estimate"] for name in (key[0], key[2]))
                if min(ends) <= 0:
                    found = dict.fromkeys(found, nan)
            yield Found(quantity, term, labels, group, raw[key], found)


def _places(inputs: GrowthInputs) -> list[Place]:
    return [(series, factor) for series in inputs.series for factor in inputs.factors]


def _of_factors(inputs: GrowthInputs) -> Iterator[Parameter]:
    """Means, variances and free loadings of growth factors."""
    for series, factor in _places(inputs):
        name, labels = factor_name(factor, series), (series.label, factor.label)
        term = f"{factor.term}: {series.name}"
        yield "growth mean", f"mean of {term}", labels, (name, "~1", "")
        yield "growth variance", f"variance of {term}", labels, (name, "~~", name)
        for wave in sorted(factor.free):
            column, label = series.columns[wave], inputs.request.wave_labels[wave]
            term = f"loading: {inputs.score(column)}"
            yield "loading", term, (series.label, label), (name, "=~", column)


def _of_covariances(inputs: GrowthInputs) -> Iterator[Parameter]:
    for pair in combinations(_places(inputs), 2):
        one, other = (factor_name(factor, series) for series, factor in pair)
        term = " with ".join(f"{factor.term}: {series.name}" for series, factor in pair)
        labels = tuple(_place(inputs, each) for each in pair)
        yield "growth covariance", term, labels, (one, "~~", other)


def _of_effects(inputs: GrowthInputs) -> Iterator[Parameter]:
    for series, factor in _places(inputs):
        name, label = factor_name(factor, series), _place(inputs, (series, factor))
        for one in inputs.covariates:
            term = f"{one.column} -> {factor.term}: {series.name}"
            key = (name, "~", deviation(one.column))
            yield "covariate effect", term, (one.label, label), key
    for series in inputs.series:
        for source in inputs.predictors:
            key = (series.columns[0], "~", deviation(source.columns[0]))
            term = f"{source.name} -> {series.name}"
            yield "predictor effect", term, (source.label, series.label), key


def _of_residuals(inputs: GrowthInputs) -> Iterator[Parameter]:
    for series in inputs.series:
        for column, label in zip(series.columns, inputs.request.wave_labels, strict=True):
            labels: tuple[str, ...] = (series.label, label)
            term = f"residual of {inputs.score(column)}"
            yield "residual variance", term, labels, (column, "~~", column)
    for one, other in combinations(inputs.series, 2):
        for wave, label in enumerate(inputs.request.wave_labels):
            left, right = one.columns[wave], other.columns[wave]
            labels = (one.label, other.label, label)
            term = f"residuals of {inputs.score(left)} with {inputs.score(right)}"
            yield "residual covariance", term, labels, (left, "~~", right)


def _place(inputs: GrowthInputs, place: Place) -> str:
    """Return what a reader calls a growth factor of a series."""
    series, factor = place
    if len(inputs.series) == 1:
        return factor.label
    return f"{series.label}: {factor.label[0].lower()}{factor.label[1:]}"
