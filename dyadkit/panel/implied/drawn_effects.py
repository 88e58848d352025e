"""The effects over time of a fitted panel, of its estimates and of draws of these, as arrays.

Draws are bootstrap samples, or from the normal distribution of the estimates (MacKinnon, Lockwood &
Williams, 2004).

References
----------
MacKinnon, D. P., Lockwood, C. M., & Williams, J. (2004). Confidence limits for the indirect effect:
Distribution of the product and resampling methods. Multivariate Behavioral Research, 39, 99-128.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dyadkit.errors import FitError
from dyadkit.estimation.arrays import FloatArray
from dyadkit.estimation.normal_draws import draw_estimates
from dyadkit.estimation.resample import percentile_interval
from dyadkit.models.sem_bootstrap import Bootstrap
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.estimates import KEY
from dyadkit.panel.lagged.cross_lagged import part
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.reasons import reason_of
from dyadkit.panel.request import Request
from dyadkit.results import Note
from dyadkit.sem.language.partable import ParTable

MONTE_CARLO_DRAWS = 20_000
_TOO_MANY_FAILED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class EffectDraws:
    """Effects over time: of the estimates first, then of each draw, NaN in one that failed.

    Attributes
    ----------
    first : ndarray, shape (1 + draws, T - 1, k, k)
        On the next wave, target by source.
    second : ndarray, shape (1 + draws, T - 2, k, k), or None
        On the wave after the next, where the model has such effects.
    deviations : ndarray, shape (T, k)
        Standard deviations that the estimates imply, within persons where there are random
        intercepts; NaN for one that does not exist, or for what has no part in the model.
    bootstrap : Bootstrap or None
        Where the draws are from; None for the estimates' normal distribution.
    """

    first: FloatArray
    second: FloatArray | None
    deviations: FloatArray
    bootstrap: Bootstrap | None

    @property
    def n_draws(self) -> int:
        """How many draws there are."""
        return len(self.first) - 1

    @property
    def words(self) -> str:
        """Of what the intervals are percentiles."""
        if self.bootstrap is not None:
            return f"{self.n_draws:,} bootstrap samples of dyads"
        return (
            f"{self.n_draws:,} draws from the normal distribution of the estimates (Monte Carlo; "
            "MacKinnon, Lockwood & Williams, 2004)"
        )

    @property
    def brief(self) -> str:
        """The same for a note below a table."""
        kind = "Bootstrap" if self.bootstrap is not None else "Monte-Carlo"
        return f"{kind} intervals of {self.n_draws:,} draws."

    def methods(self, confidence: float) -> str:
        """Say where effects over several waves and their intervals are from."""
        return (
            "Effects over several waves follow from those from wave to wave; their "
            f"{100 * confidence:g} % intervals are percentiles of {self.words}."
        )

    def notes(self) -> Iterator[Note]:
        """Count the bootstrap samples that failed, and those that no population can have."""
        if self.bootstrap is None:
            return
        failed, improper = self.bootstrap.n_failed, self.bootstrap.n_improper
        many = failed > _TOO_MANY_FAILED * self.n_draws or 2 * improper > self.n_draws
        if failed or improper:
            yield Note(
                f"Of {self.n_draws:,} bootstrap samples {failed:,} did not converge and are left "
                f"out; {improper:,} others had a negative variance and count.",
                "warning" if many else "info",
                KEY,
            )


def effect_draws(request: Request, panel: Panel, fit: SemFit) -> Iterator[EffectDraws]:
    """Yield the effects of a panel's model with all of them, and draws of these, by group.

    Raises
    ------
    FitError
        When more than half of the bootstrap samples do not converge.
    """
    table, solution = fit.solution.table, fit.solution
    theta, bootstrap = drawn_estimates(request, fit)
    names = [
        [part(column, panel.intercepts) for column in columns]
        for columns in zip(*(one.columns for one in panel.series), strict=True)
    ]
    place = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    for group in range(1, table.n_groups + 1):
        first, _ = _effects(table, group, names, 1, theta)
        second, any_second = _effects(table, group, names, 2, theta)
        # The last is for what has no part in the model.
        variances = np.append(np.diagonal(solution.implied.covariance[0, group - 1]), np.nan)
        with np.errstate(invalid="ignore"):
            deviations = np.sqrt(
                variances[[[place.get(name, -1) for name in wave] for wave in names]]
            )
        yield EffectDraws(first, second if any_second else None, deviations, bootstrap)


def drawn_estimates(request: Request, fit: SemFit) -> tuple[FloatArray, Bootstrap | None]:
    """Return the parameters of a model and draws of these, and the bootstrap they are from.

    Returns
    -------
    theta : ndarray, shape (1 + draws, parameters)
        The estimates first; NaN of a sample that failed.
    bootstrap : Bootstrap or None
        None for draws from the estimates' normal distribution.

    Raises
    ------
    FitError
        When more than half of the bootstrap samples do not converge.
    """
    solution = fit.solution
    bootstrap = _bootstrap(request, fit)
    if bootstrap is None:
        rng = np.random.default_rng(request.seed)
        drawn = draw_estimates(rng, solution.theta, solution.covariance, MONTE_CARLO_DRAWS)
    else:
        drawn = bootstrap.values[:, : solution.table.n_free]
    return np.vstack([solution.theta, drawn]), bootstrap


def _bootstrap(request: Request, fit: SemFit) -> Bootstrap | None:
    if not request.bootstrap:
        return None
    try:
        return fit.with_bootstrap(request.bootstrap, seed=request.seed).draws
    except FitError as error:
        may = not request.equal_lags and request.kind != "dynamic_panel"
        fewer = ", or set equal_lags = true, which leaves parameters out" * may
        raise FitError(
            f"bootstrap: {reason_of(error)}. Leave it out, for Monte-Carlo intervals{fewer}.",
            convergence=error.convergence,
        ) from error


def _effects(
    table: ParTable, group: int, names: list[list[str]], lag: int, theta: FloatArray
) -> tuple[FloatArray, bool]:
    """Return all effects over so many waves, and whether the model has any."""
    rows = {(row.lhs, row.rhs): row for row in table.rows if row.op == "~" and row.group == group}
    waves, k = len(names), len(names[0])
    found = np.zeros((theta.shape[0], waves - lag, k, k))
    written = False
    for wave in range(waves - lag):
        for i, target in enumerate(names[wave + lag]):
            for j, source in enumerate(names[wave]):
                row = rows.get((target, source))
                if row is not None:
                    written = True
                    found[:, wave, i, j] = theta[:, row.free - 1] if row.free else row.value
    return found, written


def spread_of(draws: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return standard deviations and percentile intervals, each of shape (...).

    Parameters
    ----------
    draws : ndarray, shape (draws, ...)
        NaN in one that failed.
    confidence : float
    """
    columns = draws.reshape(draws.shape[0], -1)
    bounds = [percentile_interval(column, confidence) for column in columns.T]
    low, high = np.array(bounds).T.reshape(2, *draws.shape[1:])
    return np.asarray(np.nanstd(draws, axis=0, ddof=1)), low, high
