"""What a growth model is about: series, growth factors, predictors, covariates and groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from dyadkit.answers.sample import BoolArray
from dyadkit.display.labels import role_word
from dyadkit.errors import StudyError
from dyadkit.models.design import group_label
from dyadkit.panel.growth.growth_shapes import Factor, factors_of, turn_of
from dyadkit.panel.predictors import Covariate, covariates_of, group_values, groups_of
from dyadkit.panel.request import Request, Shape
from dyadkit.panel.series import Series, refuse_exchangeable, series_of


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group of dyads, or all of them.

    Attributes
    ----------
    label : str
        Empty for all.
    rows : ndarray of bool
        Its rows of `DyadFrame.wide`.
    """

    label: str
    rows: BoolArray


@dataclass(frozen=True, eq=False)
class GrowthInputs:
    """What a growth model is about.

    Attributes
    ----------
    series : tuple of Series
        The outcomes.
    predictors : tuple of Series
        Measured in every wave.
    covariates : tuple of Covariate
    times : ndarray, shape (waves,)
        Since the first wave.
    unit : str
    turn : int
        The wave at which piecewise change turns.
    group_column : str or None
    left_out : int
        Dyads that are in no group.
    """

    request: Request
    series: tuple[Series, ...]
    predictors: tuple[Series, ...]
    covariates: tuple[Covariate, ...]
    times: np.ndarray
    unit: str
    turn: int
    group_column: str | None
    left_out: int

    @classmethod
    def of(cls, request: Request) -> GrowthInputs:
        """Find everything that a request names.

        Raises
        ------
        Refused, StudyError
            See `dyadkit.fit_panel`.
        """
        refuse_exchangeable(request.dyads, request.kind)
        turn = turn_of(request)
        outcomes = len(request.scores)
        # Together, so that labels tell roles apart where there are two.
        every = series_of(request.dyads, [*request.references, *request.predictors], request.waves)
        measurement = request.measured(every[:outcomes])
        predictors = every[outcomes:]
        columns = [*measurement.columns, *(c for one in predictors for c in one.columns)]
        dyads, named = covariates_of(request.dyads, request.covariates, every, columns)
        group: str | None = None
        if request.by is not None:
            dyads, group = groups_of(dyads, request.by, every)
        request = replace(request, dyads=dyads)
        if group is not None and group in {each.column for each in named}:
            raise StudyError(f"by: '{group}' is a covariate already. Leave it out here.")
        left_out = 0
        if group is not None:
            _, left_out = group_values(dyads, group, [*columns, *(each.column for each in named)])
        times = np.arange(len(request.waves), dtype=float)
        if request.times is not None:
            times = request.times - request.times[0]
        unit = "wave" if request.times is None else request.time_unit
        return cls(
            request,
            measurement.series,
            predictors,
            named,
            times,
            unit,
            turn,
            group,
            left_out,
        )

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The growth factors of each series."""
        return self.shaped(self.request.shape)

    def shaped(self, shape: Shape) -> tuple[Factor, ...]:
        """Return the growth factors that a series of some shape would have."""
        labels = self.request.wave_labels
        return factors_of(shape, self.times.tolist(), labels, self.unit, self.turn)

    @cached_property
    def wide(self) -> pd.DataFrame:
        """One row a dyad."""
        return self.request.dyads.wide()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns of the model."""
        of_predictors = (column for one in self.predictors for column in one.columns)
        covariates = (one.column for one in self.covariates)
        return (*self.request.columns, *of_predictors, *covariates)

    def score(self, column: str) -> str:
        """Return what a column of a series is called in `tidy`."""
        return self.request.measurement.score(column)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in the order in which they appear; one of all where there are none."""
        answered = self.wide[list(self.columns)].notna().any(axis=1).to_numpy()
        if self.group_column is None:
            return (Group("", answered),)
        values = self.wide[self.group_column]
        return tuple(
            Group(group_label(value), (values == value).fillna(False).to_numpy(dtype=bool))
            for value in pd.unique(values[answered & values.notna().to_numpy()])
        )

    @property
    def both_roles(self) -> bool:
        """Whether each of two roles has a series of every variable."""
        variables: dict[str, set[str]] = {}
        for one in self.series:
            variables.setdefault(one.role, set()).add(one.variable)
        found = list(variables.values())
        return len(found) == 2 and found[0] == found[1]

    @property
    def whose(self) -> str:
        """Whose series they are, where all are of one role, after a colon."""
        roles = {one.role for one in (*self.series, *self.predictors)}
        return f": {role_word(*roles)}" if len(roles) == 1 and "" not in roles else ""
