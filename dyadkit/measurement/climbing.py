"""Fitting the ladder: every step, what each added equality costs, and which items carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from dyadkit.errors import FitError
from dyadkit.frame import DyadFrame
from dyadkit.measurement.item_effects import Dmacs, dmacs
from dyadkit.measurement.ladder import KINDS, STEPS, Free, Step, ladder_syntax
from dyadkit.measurement.places import Ladder
from dyadkit.models.comparison import compare_models
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.sem.score_tests import extend, release

# Chen (2007); Cheung & Rensvold (2002).
CFI_FALL, RMSEA_RISE = 0.010, 0.015


@dataclass(frozen=True, slots=True, eq=False)
class Climbed:
    """A step of a ladder that was fitted.

    Attributes
    ----------
    step : str
    syntax : str
    fit : SemFit
    difference, df, p_value : float
        Chi-square difference to the step before (scaled after MLR); NaN for the first.
    cfi_change, rmsea_change : float
        This step minus the one before.
    """

    step: Step
    syntax: str
    fit: SemFit
    difference: float
    df: float
    p_value: float
    cfi_change: float
    rmsea_change: float

    @property
    def holds(self) -> bool:
        """Whether fit falls by no more than the usual cut-offs."""
        if np.isnan(self.cfi_change):
            return True
        return self.cfi_change >= -CFI_FALL and self.rmsea_change <= RMSEA_RISE


@dataclass(frozen=True, slots=True)
class ItemTest:
    """What freeing one equality of one item would gain (score test)."""

    step: Step
    item: int
    statistic: float
    df: float
    p_value: float


@dataclass(frozen=True, slots=True)
class ItemSize:
    """How far an item's loading and intercept in one place differ from the first place's."""

    item: int
    place: str
    loading: tuple[float, float]
    intercept: tuple[float, float]
    size: Dmacs


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """A ladder, fitted.

    Attributes
    ----------
    ladder : Ladder
    steps : tuple of Climbed
    tests : tuple of ItemTest
        Of every item at every step that adds an equality.
    sizes : tuple of ItemSize
    unsized : tuple of (int, str)
        Items without a size, and why.
    stopped : str
        Why the ladder ends before the last step asked for; empty otherwise.
    """

    ladder: Ladder
    steps: tuple[Climbed, ...]
    tests: tuple[ItemTest, ...]
    sizes: tuple[ItemSize, ...]
    unsized: tuple[tuple[int, str], ...]
    stopped: str


def climb(
    ladder: Ladder,
    data: DyadFrame | pd.DataFrame,
    steps: Sequence[Step],
    free: Sequence[Free],
    *,
    estimator: Literal["ML", "MLR"],
) -> Climb:
    """Fit the models of a ladder in turn.

    Raises
    ------
    FitError
        When not even the first model can be fitted.
    """
    groups = _groups(ladder, data)
    found: list[Climbed] = []
    tests: list[ItemTest] = []
    stopped = ""
    for step in sorted(steps, key=STEPS.index):
        syntax = ladder_syntax(ladder.factors, step, free, groups=groups)
        try:
            fit = _fit(ladder, data, syntax, estimator)
        except FitError as error:
            if not found:
                raise
            stopped = f"the model with {step} equal could not be fitted: {error}"
            break
        found.append(_climbed(step, syntax, fit, found[-1] if found else None))
        if step in KINDS:
            tests += _item_tests(ladder, step, fit)
    sizes, unsized = _sizes(ladder, data, free, groups, estimator) if len(found) > 1 else ([], [])
    return Climb(ladder, tuple(found), tuple(tests), tuple(sizes), tuple(unsized), stopped)


def _fit(
    ladder: Ladder,
    data: DyadFrame | pd.DataFrame,
    syntax: str,
    estimator: Literal["ML", "MLR"],
) -> SemFit:
    return fit_sem(syntax, data, auto="lavaan", estimator=estimator, group=ladder.group)


def _groups(ladder: Ladder, data: DyadFrame | pd.DataFrame) -> int:
    if ladder.group is None:
        return 1
    frame = data.wide() if isinstance(data, DyadFrame) else data
    return int(frame[ladder.group].dropna().nunique())


def _climbed(step: Step, syntax: str, fit: SemFit, before: Climbed | None) -> Climbed:
    if before is None:
        return Climbed(step, syntax, fit, nan, nan, nan, nan, nan)
    row = compare_models(before.fit, fit).tidy().iloc[1]
    return Climbed(
        step,
        syntax,
        fit,
        float(row["difference"]),
        float(row["df_difference"]),
        float(row["p_value"]),
        measure(fit, "cfi") - measure(before.fit, "cfi"),
        measure(fit, "rmsea") - measure(before.fit, "rmsea"),
    )


def measure(fit: SemFit, name: str) -> float:
    """Return a fit measure: of robust inference its robust, else its scaled form."""
    for suffix in ("_robust", "_scaled", ""):
        if f"{name}{suffix}" in fit.summary:
            return float(fit.summary[f"{name}{suffix}"])
    return nan


def _item_tests(ladder: Ladder, step: Step, fit: SemFit) -> list[ItemTest]:
    """Test each item's equalities of this step's kind, all places together."""
    extended = extend(fit.solution, [])
    constraints = [name.split(" == ")[0] for name in extended.names]
    first = ladder.factors[0]
    nothing = np.zeros(0, dtype=np.int64)
    found = []
    for item, column in enumerate(first.indicators):
        start = {
            "loadings": f"{first.name}=~{column}",
            "intercepts": f"{column}~1",
            "residuals": f"{column}~~{column}",
        }[step]
        places = np.flatnonzero([name == start for name in constraints])
        if places.size:
            statistic, df, _ = release(extended, places, nothing)
            found.append(ItemTest(step, item, statistic, float(df), float(chdtrc(df, statistic))))
    return found


def _sizes(
    ladder: Ladder,
    data: DyadFrame | pd.DataFrame,
    free: Sequence[Free],
    groups: int,
    estimator: Literal["ML", "MLR"],
) -> tuple[list[ItemSize], list[tuple[int, str]]]:
    """Free each item in turn, the others held equal, and compare it with the first place."""
    spread = _spread(ladder, data)
    found: list[ItemSize] = []
    unsized: list[tuple[int, str]] = []
    for item in range(len(ladder.factors[0].indicators)):
        own = {Free("loadings", item), Free("intercepts", item), *free}
        syntax = ladder_syntax(ladder.factors, "intercepts", sorted(own, key=str), groups=groups)
        try:
            fit = _fit(ladder, data, syntax, estimator)
        except FitError as error:
            unsized.append((item, str(error)))
            continue
        found += _compared(ladder, fit, item, spread)
    return found, unsized


def _compared(
    ladder: Ladder, fit: SemFit, item: int, spread: list[tuple[float, int]]
) -> list[ItemSize]:
    """Compare an item's parameters in every place with those in the first one."""
    tidy = fit.tidy()
    keys = zip(tidy["lhs"], tidy["op"], tidy["rhs"], tidy["group"], strict=True)
    value = dict(zip(keys, tidy["estimate"].to_numpy(np.float64).tolist(), strict=True))
    labels = list(dict.fromkeys(tidy["group"]))
    places = (
        [(ladder.factors[0], label) for label in labels]
        if ladder.group is not None
        else [(factor, labels[0]) for factor in ladder.factors]
    )
    parameters = []
    for factor, label in places:
        column = factor.indicators[item]
        parameters.append(
            (
                value[factor.name, "=~", column, label],
                value[column, "~1", "", label],
                value[factor.name, "~1", "", label],
                value[factor.name, "~~", factor.name, label],
            )
        )
    found = []
    reference = parameters[0]
    n = len(ladder.factors[0].indicators)
    for number in range(1, len(places)):
        factor, label = places[number]
        loading, intercept, mean, variance = parameters[number]
        sd = _pooled(spread[item], spread[number * n + item])
        found.append(
            ItemSize(
                item,
                str(label) if ladder.group is not None else factor.label,
                (reference[0], loading),
                (reference[1], intercept),
                dmacs(
                    loading=(reference[0], loading),
                    intercept=(reference[1], intercept),
                    mean=mean,
                    variance=variance,
                    sd=sd,
                ),
            )
        )
    return found


def _spread(ladder: Ladder, data: DyadFrame | pd.DataFrame) -> list[tuple[float, int]]:
    """Return the variance and the number of answers of every item, place by place."""
    frame = data.wide() if isinstance(data, DyadFrame) else data
    parts = (
        [part for _, part in frame.dropna(subset=[ladder.group]).groupby(ladder.group, sort=False)]
        if ladder.group is not None
        else [frame] * len(ladder.factors)
    )
    factors = ladder.factors * len(parts) if ladder.group is not None else ladder.factors
    return [
        (float(values.var()), int(values.size))
        for part, factor in zip(parts, factors, strict=True)
        for values in (part[column].dropna().astype(float) for column in factor.indicators)
    ]


def _pooled(one: tuple[float, int], other: tuple[float, int]) -> float:
    weights = one[1] - 1, other[1] - 1
    return sqrt((weights[0] * one[0] + weights[1] * other[0]) / sum(weights))
