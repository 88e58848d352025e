"""What a growth model is about: series, growth factors, predictors, covariates and groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from dyadkit.answers.sample import BoolArray
from dyadkit.display.labels import role_word
from dyadkit.errors import Refused, StudyError, listed
from dyadkit.models.design import group_label
from dyadkit.panel.fitted import KEY
from dyadkit.panel.growth_shapes import Factor, factors_of, turn_of
from dyadkit.panel.request import Request
from dyadkit.panel.series import Series, series_of


@dataclass(frozen=True, slots=True)
class Covariate:
    """What does not change: a column of `DyadFrame.wide`, and what a reader calls it."""

    column: str
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group of dyads, or all of them.

    Attributes
    ----------
    label : str
        Empty for all.
    key : str
        Of its numbers' support.
    rows : ndarray of bool
        Its rows of `DyadFrame.wide`.
    """

    label: str
    key: str
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
    """

    request: Request
    series: tuple[Series, ...]
    predictors: tuple[Series, ...]
    covariates: tuple[Covariate, ...]
    times: np.ndarray
    unit: str
    turn: int
    group_column: str | None

    @classmethod
    def of(cls, request: Request) -> GrowthInputs:
        """Find everything that a request names.

        Raises
        ------
        Refused, StudyError
            See `dyadkit.fit_panel`.
        """
        turn = turn_of(request)
        outcomes = len(request.series)
        # Together, so that labels tell roles apart where there are two.
        every = series_of(
            request.dyads, [*request.references, *request.predictors], request.waves
        )
        known = {column for one in every for column in one.columns}
        covariates = []
        for text in request.covariates:
            for one in _columns(request, text, "covariates"):
                if one.column in known:
                    raise StudyError(f"'{one.column}' is named twice; name a covariate once.")
                known.add(one.column)
                covariates.append(one)
        group = None
        if request.by is not None:
            found = list(_columns(request, request.by, "by"))
            if len(found) > 1:
                raise StudyError(
                    f"by: groups are of dyads, and '{request.by}' is asked of both members. Say "
                    f"whose is meant, such as '{request.by}.{request.dyads.roles[0]}'."
                )
            group = found[0].column
            if group in known:
                raise StudyError(f"by: '{group}' is in the model already; name it once.")
        times = np.arange(len(request.waves), dtype=float)
        if request.times is not None:
            times = request.times - request.times[0]
        unit = "wave" if request.times is None else request.time_unit
        return cls(
            request,
            every[:outcomes],
            every[outcomes:],
            tuple(covariates),
            times,
            unit,
            turn,
            group,
        )

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The growth factors of each series."""
        return self.shaped("chosen")

    def shaped(self, shape: str) -> tuple[Factor, ...]:
        """Return the growth factors of another shape, such as "linear" or "quadratic"."""
        request = self.request
        chosen = request.shape if shape == "chosen" else shape
        return factors_of(
            chosen,  # type: ignore[arg-type]
            self.times.tolist(),
            request.wave_labels,
            self.unit,
            self.turn,
        )

    @cached_property
    def wide(self) -> pd.DataFrame:
        """One row a dyad."""
        return self.request.dyads.wide()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns of the model."""
        of_series = (column for one in (*self.series, *self.predictors) for column in one.columns)
        return (*of_series, *(one.column for one in self.covariates))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups in the order in which they appear; one of all where there are none."""
        answered = self.wide[list(self.columns)].notna().any(axis=1).to_numpy()
        if self.group_column is None:
            return (Group("", KEY, answered),)
        values = self.wide[self.group_column]
        return tuple(
            Group(group_label(value), f"{KEY}: {group_label(value)}", (values == value).to_numpy())
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


def _columns(request: Request, text: str, key: str) -> Iterator[Covariate]:
    """Yield the columns of something that does not change, one for each role.

    Raises
    ------
    StudyError
        When it is no number (of a covariate), or changes from wave to wave.
    Refused
        When nobody answered it.
    """
    (reference,) = request.dyads.resolve([text])
    variable = reference.variable
    if key == "covariates" and not variable.numeric:
        raise StudyError(
            f"covariates: '{variable.name}' holds no numbers. Code it in numbers, such as 0 and 1, "
            "or take it as by = …."
        )
    whole = variable.level in ("dyad", "group")
    wide = request.dyads.wide()
    for role in ("",) if whole else reference.roles:
        stem = "_".join(part for part in (variable.name, role) if part)
        names = {wave: f"{stem}_{wave}" for wave in reference.waves}
        held = {wave: name for wave, name in names.items() if name in wide}
        if not held or not wide[list(held.values())].notna().any(axis=None):
            raise Refused(
                f"{key}: nobody answered '{variable.name}'"
                + (f" as {role}" if role else "")
                + ". Name another role, wave or variable."
            )
        values = wide[list(held.values())]
        if (values.nunique(axis=1) > 1).any():
            asked = list(held)
            raise StudyError(
                f"{key}: '{text}' was asked in {listed(asked)}, and changes. Name one wave, such as "
                f"'{text}.{asked[0]}'"
                + (", or take it as one of the predictors." if key == "covariates" else ".")
            )
        notes = [role_word(role)] * bool(role)
        told = f"{variable.label} ({', '.join(notes)})" if notes else variable.label
        yield Covariate(next(iter(held.values())), told)
