"""What a dual change model comes to over several waves.

The true scores of a step are those of the step before and what changes them,

    η_t = (I + B) η_{t-1} + s,

so that of a unit more of one, constant changes s being equal, all have the powers of I + B more in
later steps: between two waves that are m steps apart the effects are (I + B)ᵐ.
"""

from __future__ import annotations

import numpy as np

from dyadkit.estimation.arrays import FloatArray
from dyadkit.panel.change.change_found import Change
from dyadkit.panel.change.couplings import full_coupling
from dyadkit.panel.change.dual_change import true_score
from dyadkit.panel.implied.drawn_effects import EffectDraws, drawn_estimates
from dyadkit.panel.implied.responses_shown import show_over_waves
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.shown import Shown


def show_change_responses(change: Change, shown: Shown, hidden: frozenset[str]) -> None:
    """Add what true scores come to over several waves, of three waves or more.

    Raises
    ------
    FitError
        When too many bootstrap samples do not converge.
    """
    steps = change.steps
    if steps is None:
        return
    request = change.request
    panel = Panel(
        series=change.series,
        waves=change.waves,
        kind="latent_change",
        equal=not request.lags_differ,
        models=(),
        other=None,
        confidence=request.confidence,
        estimator=request.estimator,
    )
    draws = _draws(change, steps.of_waves)
    show_over_waves(panel, draws, shown, hidden)
    shown.methods.append(draws.methods(request.confidence))
    shown.notes += draws.notes()


def _draws(change: Change, steps: tuple[int, ...]) -> EffectDraws:
    """Return the effects of the true scores of each wave on those of the next."""
    fit = change.full.fit
    theta, bootstrap = drawn_estimates(change.request, fit)
    table, implied = fit.solution.table, fit.solution.implied
    places = {row.label: row.free - 1 for row in table.rows if row.label and row.free}
    step = _of_one_step(change, theta, places)
    effects = [np.linalg.matrix_power(step, gap) for gap in np.diff(steps).tolist()]
    at = {name: number for number, name in enumerate((*table.observed, *table.latent))}
    scores = [[at[true_score(one, number)] for one in change.series] for number in steps]
    with np.errstate(invalid="ignore"):
        deviations = np.sqrt(np.diagonal(implied.covariance[0, 0])[scores])
    return EffectDraws(np.stack(effects, axis=1), None, deviations, bootstrap)


def _of_one_step(change: Change, theta: FloatArray, places: dict[str, int]) -> FloatArray:
    """Return I + B of the estimates and of each draw, target by source."""
    coupling, series = full_coupling(change.series), change.series
    step = np.tile(np.eye(len(series)), (len(theta), 1, 1))
    for i, target in enumerate(series):
        for j in coupling.sources(i, len(series)):
            step[:, i, j] += theta[:, places[coupling.label(target, series[j])]]
    return step
