"""What a fitted structural equation model says of itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import StudyError, nearest
from dyadkit.models.beyond import Beyond
from dyadkit.models.sem_bootstrap import Bootstrap, bootstrap_solution, monte_carlo_intervals
from dyadkit.models.sem_estimates import (
    estimates_of,
    explained_shares,
    named_moments,
    row_estimates,
    standardised_frame,
    table_frame,
)
from dyadkit.models.sem_notes import notes_of
from dyadkit.models.sem_setup import Setup
from dyadkit.models.sem_summary import summary_of
from dyadkit.models.sem_tables import presented
from dyadkit.models.shown import Shown
from dyadkit.results import Convergence, Note, Verdict
from dyadkit.sem.cases import Cases
from dyadkit.sem.residuals import residual_z, residuals_of
from dyadkit.sem.solution import Solution
from dyadkit.sem.standardised import Scale

if TYPE_CHECKING:
    pass

_SCALES = ("std_all", "std_lv", "std_nox")
_RESIDUALS = ("raw", "correlation", "standardized")


@dataclass(frozen=True, eq=False)
class SemFit(Beyond, Shown):
    """A fitted structural equation model; see `dyadkit.fit_sem`.

    Attributes
    ----------
    solution : Solution
        Estimates and moments as arrays.
    setup : Setup
        How the model was fitted, and to what.
    confidence : float
        Level of the intervals.
    cases : Cases or None
        The scores, for resampling; None when the model was fitted to a covariance matrix.
    draws : Bootstrap or None
        Estimates from bootstrap samples.
    notes, verdicts, convergence
        See `dyadkit.results.Result`.
    """

    solution: Solution
    setup: Setup
    confidence: float
    cases: Cases | None = None
    draws: Bootstrap | None = None
    notes: tuple[Note, ...] = ()
    convergence: Convergence | None = None
    verdicts: tuple[Verdict, ...] = ()

    type = "sem"
    title = "Structural equation model"

    def __post_init__(self) -> None:
        # Frozen: this is the way to set what follows from the rest.
        object.__setattr__(self, "notes", notes_of(self.solution, self.setup, self.draws))
        object.__setattr__(self, "convergence", self.solution.convergence)

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter of the table, and per defined parameter.

        Returns
        -------
        DataFrame
            ``term, lhs, op, rhs, group, label`` (`group` is 1 where there is one only), then the
            columns of every result, and ``std_all``, the completely standardised estimate.  Of
            fixed parameters the standard error and what follows from it are missing.
        """
        return estimates_of(self.solution, self.confidence, self.draws, self.setup.labels)

    def glance(self) -> pd.DataFrame:
        """Return one row about the whole model: sizes, fit measures, log-likelihood.

        After robust inference ``chisq`` and the indices of it are still those of normal theory;
        ``chisq_scaled``, ``cfi_robust`` and so on stand beside them.
        """
        return pd.DataFrame([self.summary])

    @cached_property
    def summary(self) -> dict[str, float]:
        """The columns of `glance`."""
        return summary_of(self.solution, self.setup)

    def coef(self) -> pd.Series:
        """Return the free parameters' estimates by name."""
        return pd.Series(self.solution.theta, index=list(self.solution.table.names))

    def vcov(self) -> pd.DataFrame:
        """Return the covariance matrix of the estimates of the free parameters."""
        names = list(self.solution.table.names)
        return pd.DataFrame(self.solution.covariance, index=names, columns=names)

    def partable(self) -> pd.DataFrame:
        """Return everything that was written and assumed, one row per parameter, in lavaan's order.

        Returns
        -------
        DataFrame
            ``lhs, op, rhs, group, free`` (0 where fixed), ``fixed_at, start, label, user``
            (written in the model), ``exo`` (a sample moment), ``lower, upper, estimate``.
        """
        return table_frame(self.solution.table, row_estimates(self.solution))

    def to_lavaan(self, data_file: str = "data.csv") -> str:
        """Return an R script that fits the same model with lavaan.

        Parameters
        ----------
        data_file : str
            The CSV file that the script reads.
        """
        from dyadkit.models.interop import lavaan_script

        return lavaan_script(self.solution, self.setup, data_file)

    def to_mplus(self, data_file: str = "data.dat") -> str:
        """Return an Mplus input file of the same model, names cut to eight characters.

        Parameters
        ----------
        data_file : str
            Numbers without a heading, in the order of NAMES; -999 is missing, groups are numbered.
        """
        from dyadkit.models.interop import mplus_input

        return mplus_input(self.solution, self.setup, data_file)

    def to_semopy(self) -> str:
        """Return the model in the syntax of semopy, without its means."""
        from dyadkit.models.interop import semopy_model

        return semopy_model(self.solution)

    def standardized(self, scale: Scale = "std_all") -> pd.DataFrame:
        """Return standardised estimates with standard errors by the delta method.

        Parameters
        ----------
        scale : {"std_all", "std_lv", "std_nox"}
            By the standard deviations of all variables, of latent ones only, or of all but
            exogenous observed ones.
        """
        _require(scale, _SCALES, "scale")
        return standardised_frame(self.solution, scale, self.confidence, self.setup.labels)

    def r_squared(self) -> pd.Series:
        """Return the explained share of variance of each variable that something leads to.

        With several groups by group and variable.  Missing where a residual variance is negative.
        """
        return explained_shares(self.solution, self.setup)

    def implied(self) -> tuple[pd.DataFrame, pd.Series]:
        """Return the covariances and means that the estimates imply for observed variables.

        With several groups, one below the other by group and variable.
        """
        at = self.solution.implied
        mean = at.mu[0] if self.solution.table.meanstructure else self.solution.saturated.mean
        return named_moments(self.solution, self.setup, at.sigma[0], mean)

    def residuals(
        self, kind: Literal["raw", "correlation", "standardized"] = "correlation"
    ) -> tuple[pd.DataFrame, pd.Series]:
        """Return what the model leaves unexplained in covariances and means.

        Parameters
        ----------
        kind : {"raw", "correlation", "standardized"}
            Observed minus implied moments; the same over the sample's standard deviations
            (Bentler); or raw ones over their standard errors (of normal theory, but for MLR),
            which are about standard normal in a correct model.

        Returns
        -------
        covariances : DataFrame
        means : Series
            With several groups, one below the other by group and variable.
        """
        _require(kind, _RESIDUALS, "kind")
        if kind == "standardized":
            robust = self.setup.estimator == "MLR"
            covariance, mean = residual_z(self.solution, self.cases if robust else None)
        else:
            covariance, mean = residuals_of(self.solution, scaled=kind == "correlation")
        return named_moments(self.solution, self.setup, covariance, mean)

    def with_bootstrap(
        self, draws: int, *, seed: int | np.random.SeedSequence | None = None
    ) -> SemFit:
        """Return the fit with standard errors and percentile intervals from resampled dyads.

        Parameters
        ----------
        draws : int
            Bootstrap samples of rows (dyads), drawn with replacement; each is fitted anew.
        seed : int or SeedSequence, optional
            Makes the draws repeatable.

        Raises
        ------
        Refused
            When the model was fitted to a covariance matrix: there are no rows to draw.
        """
        cases = self._rows("A bootstrap")
        rng = np.random.default_rng(seed)
        return replace(self, draws=bootstrap_solution(self.solution, cases, draws, rng))

    def bootstrap_intervals(
        self, kind: Literal["percentile", "bc", "bca"] = "percentile"
    ) -> pd.DataFrame:
        """Return bootstrap intervals of free and defined parameters.

        Parameters
        ----------
        kind : {"percentile", "bc", "bca"}
            Percentile, bias-corrected, or bias-corrected and accelerated, whose acceleration is
            from the jackknife over rows.

        Raises
        ------
        StudyError
            When there are no draws yet.
        Refused
            For ``"bca"`` from fewer than 20 rows.
        """
        if self.draws is None:
            raise StudyError(
                "There are no bootstrap draws yet. Pass bootstrap=… to fit_sem, or call "
                "with_bootstrap(…) first."
            )
        _require(kind, ("percentile", "bc", "bca"), "kind")
        cases = self._rows("A jackknife") if kind == "bca" else None
        return self.draws.intervals(self.solution, kind, self.confidence, cases)

    def monte_carlo_intervals(
        self, draws: int = 20_000, *, seed: int | np.random.SeedSequence | None = None
    ) -> pd.DataFrame:
        """Return Monte-Carlo intervals of the defined parameters, such as indirect effects.

        Parameters
        ----------
        draws : int
            Draws from the normal distribution of the estimates (MacKinnon, Lockwood & Williams,
            2004).
        seed : int or SeedSequence, optional

        Raises
        ------
        StudyError
            When the model defines nothing with ``:=``.

        References
        ----------
        MacKinnon, D. P., Lockwood, C. M., & Williams, J. (2004). Confidence limits for the indirect
        effect: Distribution of the product and resampling methods. Multivariate Behavioral
        Research, 39, 99-128.
        """
        return monte_carlo_intervals(self.solution, self.confidence, draws, seed)

    def _present(self) -> PresentedResult:
        return presented(
            self.solution, self.setup, self.confidence, self.tidy(), self.summary, self.notes
        )

    def __repr__(self) -> str:
        measures = self.solution.measures
        return (
            f"<{self.title}: {self.solution.table.n_free} free parameters, "
            f"χ²({measures.df:.0f}) = {measures.chisq:.2f}, {len(self.notes)} notes>"
        )


def _require(value: str, choices: Iterable[str], name: str) -> None:
    choices = list(choices)
    if value not in choices:
        raise StudyError(
            f"{name}={value!r} is not a choice.{nearest(str(value), choices)} It takes "
            f"{', '.join(choices)}."
        )
