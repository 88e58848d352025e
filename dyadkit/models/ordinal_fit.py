"""What a fitted model of ordered outcomes says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import listed
from dyadkit.frame import DyadFrame
from dyadkit.models.sem_estimates import head_of, table_frame, with_tests
from dyadkit.models.sem_setup import Setup
from dyadkit.models.sem_tables import present_ordinal
from dyadkit.models.sem_tests import ConstraintTest, wald_of
from dyadkit.models.shown import Shown
from dyadkit.results import Convergence, Note, Verdict
from dyadkit.sem.ordinal.rows import explained_variance, ordinal_rows
from dyadkit.sem.ordinal.solve import OrdinalSolution
from dyadkit.sem.standardised import Scale

if TYPE_CHECKING:
    pass

_NOTHING = 1.5e-8


@dataclass(frozen=True, eq=False)
class OrdinalFit(Shown):
    """A structural equation model of ordered outcomes; see `dyadkit.results.Result`.

    Attributes
    ----------
    solution : OrdinalSolution
    setup : Setup
    confidence : float
        Level of the intervals.
    notes, verdicts, convergence
        See `dyadkit.results.Result`.
    """

    solution: OrdinalSolution
    setup: Setup
    confidence: float
    notes: tuple[Note, ...] = ()
    convergence: Convergence | None = None
    verdicts: tuple[Verdict, ...] = ()

    type = "sem"
    title = "Structural equation model of ordered outcomes"

    def __post_init__(self) -> None:
        # Frozen: this is the way to set what follows from the rest.
        object.__setattr__(self, "notes", tuple(_notes(self.solution, self.setup)))
        object.__setattr__(self, "convergence", self.solution.convergence)

    def tidy(self) -> pd.DataFrame:
        """Return one row per parameter of the table, and per defined parameter.

        Returns
        -------
        DataFrame
            As of `SemFit`; thresholds have ``|`` and scaling factors ``~*~`` as `op`.  Parameters
            that follow from others, such as the residual variances of ordered variables under the
            delta parameterisation, have no standard error.
        """
        solution = self.solution
        found = ordinal_rows(solution.table, solution.model, solution.theta)
        variance = np.einsum("rq,qs,rs->r", found.gradient, solution.covariance, found.gradient)
        free = [bool(row.free) for row in solution.table.rows]
        known = np.array(free + [True] * len(solution.table.definitions))
        error = np.where(known, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        frame = with_tests(self._head(), found.value, error, self.confidence)
        return frame.assign(std_all=self.standardized()["estimate"])

    def standardized(self, scale: Scale = "std_all") -> pd.DataFrame:
        """Return standardised estimates with standard errors by the delta method.

        Parameters
        ----------
        scale : {"std_all", "std_lv", "std_nox"}
            As in `SemFit.standardized`; an ordered variable's deviation is its response's.
        """
        solution = self.solution
        found = ordinal_rows(solution.table, solution.model, solution.theta, scale)
        variance = np.einsum("rq,qs,rs->r", found.gradient, solution.covariance, found.gradient)
        error = np.sqrt(np.maximum(variance, 0.0))
        error = np.where(error < _NOTHING * np.maximum(1.0, np.abs(found.value)), 0.0, error)
        return with_tests(self._head(), found.value, error, self.confidence)

    def _head(self) -> pd.DataFrame:
        return head_of(self.solution.table, self.setup.labels)

    def glance(self) -> pd.DataFrame:
        """Return one row about the whole model: sizes and fit measures, scaled and robust."""
        return pd.DataFrame([self.summary])

    @cached_property
    def summary(self) -> dict[str, float]:
        """The columns of `glance`."""
        from dyadkit.models.sem_summary import ordinal_summary

        return ordinal_summary(self.solution, self.setup)

    def coef(self) -> pd.Series:
        """Return the free parameters' estimates by name."""
        return pd.Series(self.solution.theta, index=list(self.solution.table.names))

    def vcov(self) -> pd.DataFrame:
        """Return the covariance matrix of the estimates of the free parameters."""
        names = list(self.solution.table.names)
        return pd.DataFrame(self.solution.covariance, index=names, columns=names)

    def r_squared(self) -> pd.Series:
        """Return the explained share of variance of each variable, or of its latent response."""
        values = self.standardized()["estimate"].to_numpy()
        found = explained_variance(self.solution.table, values)
        labels = self.setup.labels
        if not labels:
            return pd.Series({name: share for (name, _), share in found.items()})
        return pd.Series({(labels[g - 1], name): share for (name, g), share in found.items()})

    def partable(self) -> pd.DataFrame:
        """Return everything that was written and assumed; see `SemFit.partable`."""
        found = ordinal_rows(self.solution.table, self.solution.model, self.solution.theta)
        return table_frame(self.solution.table, found.value[: len(self.solution.table.rows)])

    def to_lavaan(self, data_file: str = "data.csv") -> str:
        """Return an R script that fits the same model with lavaan.

        Parameters
        ----------
        data_file : str
            The CSV file that the script reads.
        """
        from dyadkit.sem.language.lavaan_script import to_lavaan_script

        return to_lavaan_script(
            self.solution.table,
            data_file=data_file,
            group=self.setup.columns.group,
            group_labels=self.setup.labels,
            options={"estimator": self.setup.estimator},
        )

    def refit(self, data: pd.DataFrame | DyadFrame) -> OrdinalFit:
        """Fit the same model in the same way to other data.

        Parameters
        ----------
        data : DataFrame or DyadFrame
        """
        from dyadkit.models.structural import fit_sem

        fitted: OrdinalFit = fit_sem(self.setup.model, data, **self.setup.request)
        return fitted

    def wald_test(self, constraints: str) -> ConstraintTest:
        """Test equations between parameters by their estimates; see `SemFit.wald_test`."""
        solution = self.solution
        return wald_of(
            solution.table, solution.theta, solution.covariance, self.setup.model, constraints
        )

    def _present(self) -> PresentedResult:
        return present_ordinal(
            self.solution,
            self.setup,
            self.confidence,
            self.tidy(),
            self.standardized(),
            self.summary,
            self.notes,
        )

    def __repr__(self) -> str:
        scaled, measures = self.solution.scaled, self.solution.measures
        return (
            f"<{self.title}: {self.solution.table.n_free} free parameters, "
            f"scaled χ²({measures.df:.0f}) = {scaled.chisq:.2f}, {len(self.notes)} notes>"
        )


def _notes(solution: OrdinalSolution, setup: Setup) -> Iterator[Note]:
    table, n = solution.table, float(solution.sample.n.sum())
    if solution.improper:
        yield Note(
            f"Inadmissible solution: {'; '.join(solution.improper)}. The model is wrong, or the "
            "sample too small for it.",
            "warning",
        )
    if setup.shared:
        yield Note(
            f"Some persons belong to several dyads ({listed(setup.shared)}), which are then not "
            "independent: standard errors are too small and chi-square is too large.",
            "warning",
        )
    if n < 200:
        yield Note(
            f"Standard errors and chi-square of ordered outcomes rest on the variances of "
            f"{solution.sample.values.size} sample statistics, which {n:.0f} {setup.unit}s "
            "estimate poorly.",
            "warning",
        )
    names = [name for name, _ in table.ordered]
    yield Note(
        f"Ordered variables ({listed(names, 20)}) are categories of normal latent responses: "
        "thresholds and polychoric correlations, fitted by diagonally weighted least squares "
        f"({setup.estimator}, {table.parameterization} parameterisation) with robust standard "
        "errors; chi-square is scaled and shifted (mean and variance adjusted) and must not be "
        "subtracted: compare_models has the test of a difference."
    )
    yield Note(
        f"Rows with every score only; {setup.n_dropped} left out because {setup.dropped_why}. "
        "There is no full information here."
        if setup.n_dropped
        else "No score is missing in the rows used."
    )
    if setup.labels:
        counts = [f"{label}: {size}" for label, size in zip(setup.labels, setup.sizes, strict=True)]
        yield Note(f"Groups ({setup.columns.group}): {listed(counts, 20)}.")
    for text in table.notes:
        yield Note(text)
