"""What is asked of a panel, whichever kind of model answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from dyadkit.answers.sample import Sample
from dyadkit.display.labels import role_label, wave_label
from dyadkit.estimation.arrays import FloatArray
from dyadkit.frame import DyadFrame
from dyadkit.models.sem_fit import SemFit
from dyadkit.models.structural import fit_sem
from dyadkit.panel.series import Series, series_of
from dyadkit.results import Note

Auto = Literal["sem", "lavaan"]
Estimator = Literal["ML", "MLR"]
Indicators = Literal["score", "reliability", "items"]
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
    def series(self) -> tuple[Series, ...]:
        """The series of all variables that were named."""
        return series_of(self.dyads, self.references, self.waves)

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

    def fit(self, syntax: str, *, auto: Auto = "lavaan", **options: Any) -> SemFit:
        """Fit a model with this estimator and these intervals."""
        return fit_sem(
            syntax,
            self.dyads,
            auto=auto,
            estimator=self.estimator,
            confidence=self.confidence,
            **options,
        )

    def shared_persons(self) -> list[Note]:
        """Warn where persons of several dyads are taken for independent."""
        roles = {one.role for one in self.series}
        return [
            Note(
                f"{role_label(shared)}: some belong to several dyads, which are then not "
                "independent of each other; standard errors are too small and chi-squares too "
                "large.",
                "warning",
            )
            for shared in self.sample.shared_roles
            if shared in roles
        ]
