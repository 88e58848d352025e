"""Fitting the ladder: every step, what each added equality costs, and which items carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from scipy.special import chdtrc

from dyadkit.errors import FitError
from dyadkit.measurement.item_sizes import ItemSize, sizes_of
from dyadkit.measurement.ladder import KINDS, STEPS, Free, Step
from dyadkit.measurement.ladder_models import LadderModels
from dyadkit.measurement.ordered_ladder import added_by
from dyadkit.measurement.places import Ladder
from dyadkit.models.differences import difference_of
from dyadkit.models.measured import Fit, measure
from dyadkit.models.ordinal_fit import OrdinalFit
from dyadkit.models.sem_fit import SemFit
from dyadkit.sem.ordinal.difference import ordinal_difference
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
    fit : SemFit or OrdinalFit
    difference, df, p_value : float
        Chi-square difference to the step before (scaled after MLR, scaled and shifted of ordered
        answers); NaN for the first.
    cfi_change, rmsea_change : float
        This step minus the one before.
    remark : str
        What is unusual about the difference; empty otherwise.
    """

    step: Step
    syntax: str
    fit: Fit
    difference: float
    df: float
    p_value: float
    cfi_change: float
    rmsea_change: float
    remark: str = ""

    @property
    def first(self) -> bool:
        """Whether there is no step before."""
        return isnan(self.df)

    @property
    def holds(self) -> bool:
        """Whether fit falls by no more than the usual cut-offs, to the three digits they have."""
        if self.first:
            return True
        fall, rise = -round(self.cfi_change, 3), round(self.rmsea_change, 3)
        return fall <= CFI_FALL and rise <= RMSEA_RISE


@dataclass(frozen=True, slots=True)
class ItemTest:
    """What freeing an item's equalities would gain: a score test, or a difference of fits."""

    step: Step
    item: int
    statistic: float
    df: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """A ladder, fitted.

    Attributes
    ----------
    ladder : Ladder
    steps : tuple of Climbed
    tests : tuple of ItemTest
        Of every item at every step that adds an equality.
    untested : tuple of (int, str, str)
        Items without a test, at which step, and why.
    sizes : tuple of ItemSize
    unsized : tuple of (int, str)
        Items without a size, and why.
    n_used : int
        Rows that the models were fitted to.
    too_few : str
        What to do where they are fewer than the parameters of the first model; empty otherwise.
    stopped : str
        Why the ladder ends before the last step asked for; empty otherwise.
    """

    ladder: Ladder
    steps: tuple[Climbed, ...]
    tests: tuple[ItemTest, ...]
    untested: tuple[tuple[int, Step, str], ...]
    sizes: tuple[ItemSize, ...]
    unsized: tuple[tuple[int, str], ...]
    n_used: int
    too_few: str
    stopped: str


def climb(
    models: LadderModels, steps: Sequence[Step], free: Sequence[Free], confidence: float
) -> Climb:
    """Fit the models of a ladder in turn.

    Raises
    ------
    FitError
        When not even the first model can be fitted.
    """
    found: list[Climbed] = []
    tests: list[ItemTest] = []
    untested: list[tuple[int, Step, str]] = []
    stopped = ""
    for step in sorted(steps, key=STEPS.index):
        try:
            fit = models.fit(step, free)
        except FitError as error:
            if not found:
                raise FitError(f"{error} {models.too_few}".rstrip(), error.convergence) from error
            stopped = f"the model with {step} equal could not be fitted: {error}"
            break
        found.append(_climbed(step, models.syntax(step, free), fit, found[-1] if found else None))
        if step not in KINDS:
            continue
        if isinstance(fit, OrdinalFit):
            before = found[-2].step if len(found) > 1 else "configural"
            more, without = _freed_items(models, step, before, free, fit)
            tests, untested = tests + more, untested + without
        else:
            tests += _item_tests(models.ladder, step, fit)
    sizes, unsized = sizes_of(models, free, confidence) if len(found) > 1 else ([], [])
    return Climb(
        models.ladder,
        tuple(found),
        tuple(tests),
        tuple(untested),
        tuple(sizes),
        tuple(unsized),
        int(found[0].fit.summary["n_obs"]),
        models.too_few,
        stopped,
    )


def _climbed(step: Step, syntax: str, fit: Fit, before: Climbed | None) -> Climbed:
    if before is None:
        return Climbed(step, syntax, fit, nan, nan, nan, nan, nan)
    found = difference_of(before.fit, fit, (before.step, step))
    return Climbed(
        step,
        syntax,
        fit,
        found.statistic,
        found.df,
        found.p_value,
        measure(fit, "cfi") - measure(before.fit, "cfi"),
        measure(fit, "rmsea") - measure(before.fit, "rmsea"),
        found.remark,
    )


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


def _freed_items(
    models: LadderModels, step: Step, before: Step, free: Sequence[Free], fit: OrdinalFit
) -> tuple[list[ItemTest], list[tuple[int, Step, str]]]:
    """Test each ordered item by the model in which what the step adds is free for it alone."""
    kinds = added_by(step, before)
    found, untested = [], []
    for item in range(len(models.ladder.factors[0].indicators)):
        own = {Free(kind, item) for kind in kinds}
        if own <= set(free):
            continue
        try:
            freed = models.fit(step, sorted({*free, *own}, key=str))
        except FitError as error:
            untested.append((item, step, str(error)))
            continue
        # Two thresholds only set the unit and the origin of a response: there is nothing to test.
        if isinstance(freed, OrdinalFit) and freed.solution.test.df < fit.solution.test.df:
            test = ordinal_difference(freed.solution, fit.solution)
            found.append(ItemTest(step, item, test.adjusted, float(test.df), test.p_value))
    return found, untested
