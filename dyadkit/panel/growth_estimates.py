"""The estimates of a growth model, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import nan
from typing import Any

from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.fitted import Estimate, indexed
from dyadkit.panel.growth_inputs import Group, GrowthInputs
from dyadkit.panel.growth_models import Competing
from dyadkit.panel.growth_shapes import Factor
from dyadkit.panel.growth_syntax import deviation, factor_name
from dyadkit.panel.series import Series
from dyadkit.panel.trajectories import Trajectory, trajectories_of

Wave = tuple[Series, int]
Place = tuple[Series, Factor]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A model, and its chi-square difference to the one that was asked for."""

    model: Competing
    syntax: str
    fit: SemFit
    difference: float = nan
    df: float = nan
    p_value: float = nan


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
            "term": self.term + (f" [{self.group.label}]" if self.group.label else ""),
            "quantity": self.quantity,
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
    models: tuple[Compared, ...]
    found: tuple[Found, ...]
    explained: dict[tuple[str, str], float]
    trajectories: tuple[Trajectory, ...]

    @classmethod
    def of(cls, inputs: GrowthInputs, models: tuple[Compared, ...]) -> Growth:
        """Read the estimates of the model that was asked for."""
        fit = models[-1].fit
        shares = fit.r_squared()
        explained = {
            (group.label, column): float(shares[(group.label, column) if group.label else column])
            for group in inputs.groups
            for one in inputs.series
            for column in one.columns
        }
        groups = {group.label: (group.key, group.rows) for group in inputs.groups}
        return cls(
            inputs,
            models,
            tuple(_found(inputs, fit)),
            explained,
            trajectories_of(inputs.request, fit, inputs.series, groups),
        )

    @property
    def chosen(self) -> Compared:
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
    for group in inputs.groups:
        raw, standard = indexed(fit, group.label)

        def one(
            quantity: str,
            term: str,
            labels: tuple[str, ...],
            key: tuple[str, str, str],
            group: Group = group,
            raw: dict[tuple[str, str, str], Estimate] = raw,
            standard: dict[tuple[str, str, str], Estimate] = standard,
        ) -> Found:
            return Found(quantity, term, labels, group, raw[key], standard[key])

        places = [(series, factor) for series in inputs.series for factor in inputs.factors]
        for series, factor in places:
            name, labels = factor_name(factor, series), (series.label, factor.label)
            term = f"{factor.term}: {series.name}"
            yield one("growth mean", f"mean of {term}", labels, (name, "~1", ""))
            yield one("growth variance", f"variance of {term}", labels, (name, "~~", name))
            for wave in sorted(factor.free):
                column = series.columns[wave]
                ends = (series.label, inputs.request.wave_labels[wave])
                yield one("loading", f"loading: {column}", ends, (name, "=~", column))
        for left, right in combinations(places, 2):
            yield one(
                "growth covariance",
                " with ".join(f"{factor.term}: {series.name}" for series, factor in (left, right)),
                tuple(_place(inputs, each) for each in (left, right)),
                (factor_name(left[1], left[0]), "~~", factor_name(right[1], right[0])),
            )
        for series, factor in places:
            for covariate in inputs.covariates:
                yield one(
                    "covariate effect",
                    f"{covariate.column} -> {factor.term}: {series.name}",
                    (covariate.label, _place(inputs, (series, factor))),
                    (factor_name(factor, series), "~", deviation(covariate.column)),
                )
        for series in inputs.series:
            for source in inputs.predictors:
                yield one(
                    "predictor effect",
                    f"{source.name} -> {series.name}",
                    (source.label, series.label),
                    (series.columns[-1], "~", deviation(source.columns[-1])),
                )
        for series in inputs.series:
            for wave, column in enumerate(series.columns):
                labels = (series.label, inputs.request.wave_labels[wave])
                key = (column, "~~", column)
                yield one("residual variance", f"residual of {column}", labels, key)
        for left_series, right_series in combinations(inputs.series, 2):
            for wave, ends in enumerate(
                zip(left_series.columns, right_series.columns, strict=True)
            ):
                labels = (left_series.label, right_series.label, inputs.request.wave_labels[wave])
                term = f"residuals of {ends[0]} with {ends[1]}"
                yield one("residual covariance", term, labels, (ends[0], "~~", ends[1]))


def _place(inputs: GrowthInputs, place: Place) -> str:
    """Return what a reader calls a growth factor of a series."""
    series, factor = place
    if len(inputs.series) == 1:
        return factor.label
    return f"{series.label}: {factor.label[0].lower()}{factor.label[1:]}"
