"""What is asked of a panel, whichever kind of model answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from dyadkit.answers.protection import minimum_of
from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, role_plural, wave_label
from dyadkit.errors import DataError, FitError, Refused, listed
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.panel.indicators import Indicators, Measurement, measurement_of
from dyadkit.panel.indicators_told import item_labels
from dyadkit.panel.predictors import with_constants
from dyadkit.panel.reasons import readable
from dyadkit.panel.series import Series, series_of
from dyadkit.results import Note

LINKED = "linked_dyads"
# How all panels deal with missing answers, in methods texts.
INCOMPLETE = (
    "incomplete rows count by full information (FIML), which takes answers to be missing at random"
)
# Latent variables in lavaan syntax.
_MADE = re.compile(r"^\s*(\w+)\s*=~", re.MULTILINE)
# How many dyads a model has, in the engine's words, and of how many.
_USED = re.compile(r"\b(\d+)( of \d+)?(?= can be used)")
Auto = Literal["sem", "lavaan"]
Estimator = Literal["ML", "MLR"]
Shape = Literal["linear", "quadratic", "piecewise", "latent_basis"]


@dataclass(frozen=True)
class Request:
    """A panel that is asked for; `dyadkit.fit_panel` says what each key means.

    Attributes
    ----------
    dyads : DyadFrame
    references : tuple of str
        x, then y and z where they were given.
    waves : tuple of str
        In the order of time.
    """

    dyads: DyadFrame
    references: tuple[str, ...]
    kind: str
    waves: tuple[str, ...]
    equal_lags: bool = False
    second_order: bool = False
    indicators: Indicators = "score"
    covariates: tuple[str, ...] = ()
    covariates_on: Literal["waves", "intercepts"] = "waves"
    by: str | None = None
    shape: Shape = "linear"
    turn: str | None = None
    predictors: tuple[str, ...] = ()
    continuous_time: bool = False
    bootstrap: int = 0
    estimator: Estimator = "ML"
    confidence: float = 0.95
    seed: int | np.random.SeedSequence | None = None

    @cached_property
    def sample(self) -> Sample:
        """Who answered."""
        return Sample.of(self.dyads)

    @cached_property
    def scores(self) -> tuple[Series, ...]:
        """The series of all variables that were named, of observed scores."""
        return series_of(self.dyads, self.references, self.waves)

    @cached_property
    def measurement(self) -> Measurement:
        """How these are measured."""
        return self.measured(self.scores)

    def measured(self, scores: Sequence[Series]) -> Measurement:
        """Return how series of scores are measured."""
        return measurement_of(self.indicators, scores, self.sample, self.waves)

    @property
    def series(self) -> tuple[Series, ...]:
        """The series that models are about: scores, or latent variables of them."""
        return self.measurement.series

    @property
    def columns(self) -> tuple[str, ...]:
        """The observed columns of all series."""
        return self.measurement.columns

    @property
    def wave_labels(self) -> tuple[str, ...]:
        """What a reader calls the waves."""
        return tuple(wave_label(wave) for wave in self.waves)

    @cached_property
    def times(self) -> FloatArray | None:
        """When each wave was, by the study; the first is time 0 unless it says otherwise."""
        known = self.dyads.wave_times
        times = [known.get(wave, 0.0 if k == 0 else np.nan) for k, wave in enumerate(self.waves)]
        return np.array(times) if np.isfinite(times).all() else None

    @property
    def gaps(self) -> FloatArray | None:
        """The times between waves, where the study says them."""
        return None if self.times is None else np.diff(self.times)

    @property
    def lags_differ(self) -> bool:
        """Whether waves are known not to be equally far apart."""
        gaps = self.gaps
        return gaps is not None and bool(np.ptp(gaps) > 1e-9 * gaps.max())

    @property
    def time_unit(self) -> str:
        """The unit of `times`."""
        return self.dyads.time_unit or "unit"

    @cached_property
    def shared_roles(self) -> tuple[str, ...]:
        """The roles whose series are modelled and in which one person belongs to several dyads."""
        roles = {one.role for one in self.scores}
        if self.dyads.exchangeable:
            return self.sample.shared_roles
        return tuple(role for role in self.sample.shared_roles if role in roles)

    @cached_property
    def data(self) -> DyadFrame:
        """The frame to fit, with a column of linked dyads where inference is to respect them."""
        if self.estimator != "MLR" or not self.shared_roles:
            return self.dyads
        numbers = dict(
            zip(self.sample.rows["dyad"].unique(), self.sample.clusters().tolist(), strict=True)
        )
        linked = self.dyads.wide([])["dyad"].map(numbers).map("link {}".format)
        return with_constants(self.dyads, {LINKED: linked}, "category")

    def fit(self, syntax: str, *, auto: Auto = "lavaan", **options: Any) -> SemFit:
        """Fit a model with this estimator and these intervals.

        Dyads that share a person are one cluster of robust inference.

        Raises
        ------
        Refused
            When a variable of the panel is called as something that the model makes of another.
        """
        self._require_own_names(syntax)
        if self.data is not self.dyads:
            options["cluster"] = LINKED
        try:
            return fit_sem(
                syntax,
                self.data,
                auto=auto,
                estimator=self.estimator,
                confidence=self.confidence,
                **options,
            )
        except FitError as error:
            raise FitError(self._told(error), error.convergence) from error
        except DataError as error:
            raise DataError(self._told(error), error.rows) from error

    def _told(self, error: DataError | FitError) -> str:
        """Return what went wrong, without counts of few dyads and with readers' words for items."""
        fewest = minimum_of(self.dyads).dyads
        text = _USED.sub(
            lambda count: f"fewer than {fewest}" if int(count[1]) < fewest else count[0], str(error)
        )
        if self.indicators != "items":
            return text
        text = readable(text, item_labels(self.measurement, self.wave_labels))
        if isinstance(error, DataError) and re.search(r"\b[Ll]eave\b", text):
            text += (
                " Items of a scale cannot be left out one by one: see whether they are right, or "
                'set indicators = "score".'
            )
        return text

    def _require_own_names(self, syntax: str) -> None:
        beside = self.dyads.resolve([*self.covariates, *self.predictors])
        stems = tuple(f"{found.variable.name}_" for found in beside)
        observed = {*self.columns, *(c for c in map(str, self.dyads.wide()) if c.startswith(stems))}
        twice = sorted(observed & set(_MADE.findall(syntax)))
        if twice:
            raise Refused(
                f"The model makes a latent variable of its own and calls it '{twice[0]}', as a "
                "column of this panel is called already. Give the variable or item of that column "
                "another name."
            )

    def shared_persons(self) -> list[Note]:
        """Say how persons of several dyads were dealt with."""
        if self.data is not self.dyads:
            clusters = len(set(self.sample.clusters().tolist()))
            who = listed([role_plural(role) for role in self.shared_roles])
            return [
                Note(
                    f"Some {who} belong to several dyads. Standard errors and chi-squares are "
                    f"robust against this: dyads that share somebody are one of {clusters} "
                    "clusters."
                )
            ]
        return [
            Note(
                f"{role_label(shared)}: some belong to several dyads, which are then not "
                "independent of each other; standard errors are too small and chi-squares too "
                'large. Set estimator = "MLR", which takes linked dyads for one cluster.',
                "warning",
            )
            for shared in self.shared_roles
        ]
