"""Latent change: of two waves, or as a dual change process over more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused
from dyadkit.panel.change.change_found import Change
from dyadkit.panel.change.change_responses import show_change_responses
from dyadkit.panel.change.change_steps import Steps, steps_of
from dyadkit.panel.change.change_two_waves import two_wave_syntax
from dyadkit.panel.change.couplings import Coupling, Write, competing_changes, main_model
from dyadkit.panel.change.dual_change import dual_change_syntax
from dyadkit.panel.change.latent_change_shown import show_change
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.responses_shown import require_over_waves
from dyadkit.panel.predictors import Covariate, covariates_of
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import fit_models
from dyadkit.panel.series import refuse_exchangeable
from dyadkit.panel.shown import hidden_in, present
from dyadkit.panel.trajectories import trajectory_plots
from dyadkit.results import Note


def fit_latent_change(request: Request) -> PresentedResult:
    """Fit models of latent change (latent_change).

    Raises
    ------
    Refused
        When members share one role, there are covariates and more than two waves, or waves are
        too unequally far apart.
    FitError
        When the model with all effects cannot be fitted.
    """
    refuse_exchangeable(request.dyads, request.kind)
    require_over_waves(request)
    dyads, covariates = covariates_of(
        request.dyads, request.covariates, request.scores, request.columns
    )
    request = replace(request, dyads=dyads)
    steps: Steps | None = None
    if len(request.waves) > 2:
        _require_no_covariates(request)
        steps = steps_of(request)
    write = _writer(request, steps, covariates)
    series = request.series
    rivals = competing_changes(series, write, proportional=steps is not None)
    main = main_model(series, write)
    models, why = fit_models(request, main, rivals, instead=_instead(request))
    columns = (*request.columns, *(each.column for each in covariates))
    found = Change.of(request, models, steps, covariates)
    hidden = hidden_in(request, columns, None)
    shown = show_change(found, hidden)
    shown.notes = [*(Note(text, "warning", KEY) for text in why), *shown.notes]
    show_change_responses(found, shown, hidden)
    shown.figures += trajectory_plots(request, models[-1].fit, series)
    return present(request, models[-1].fit, shown, title="Latent change", columns=columns)


def _writer(request: Request, steps: Steps | None, covariates: tuple[Covariate, ...]) -> Write:
    if steps is not None:
        return partial(_dual, request, steps)
    columns = [each.column for each in covariates]
    return partial(_two_waves, request, columns)


def _dual(request: Request, steps: Steps, coupling: Coupling) -> str:
    return dual_change_syntax(request.series, coupling, steps.of_waves)


def _two_waves(request: Request, covariates: list[str], coupling: Coupling) -> str:
    return two_wave_syntax(request.series, coupling, covariates)


def _require_no_covariates(request: Request) -> None:
    if request.covariates:
        raise Refused(
            f"covariates: there are {len(request.waves)} waves, and predictors of change are for "
            "two of them. Name two waves, waves = […], or leave covariates out; what slopes over "
            'all waves depend on is for kind = "growth".'
        )


def _instead(request: Request) -> str:
    if len(request.waves) > 2:
        return (
            "Try fewer series (name a role, or leave y out), two waves (waves = […]), more dyads, "
            'or kind = "growth".'
        )
    return "Try fewer series (name a role, or leave y out), or more dyads."
