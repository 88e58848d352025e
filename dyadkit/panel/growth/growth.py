"""Growth curves: how persons and dyads change, on average and each in their own way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import FitError
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY
from dyadkit.panel.growth.growth_estimates import Growth
from dyadkit.panel.growth.growth_inputs import GrowthInputs
from dyadkit.panel.growth.growth_models import Competing, chosen_model, competing_models
from dyadkit.panel.growth.growth_shown import show_growth
from dyadkit.panel.growth.growth_syntax import write_growth
from dyadkit.panel.reasons import reason_of
from dyadkit.panel.request import Request
from dyadkit.panel.shown import hidden_in, present
from dyadkit.results import Note


def fit_growth(request: Request) -> PresentedResult:
    """Fit growth curve models: of one variable in one role or both, or of two variables.

    Raises
    ------
    Refused
        When there are too few waves for the shape, or members share one role.
    FitError
        When the model that was asked for cannot be fitted.
    """
    inputs = GrowthInputs.of(request)
    models, why = _compared(inputs)
    growth = Growth.of(inputs, models)
    hidden = hidden_in(inputs.request, inputs.columns, inputs.group_column)
    shown = show_growth(growth, hidden)
    shown.notes = [*(Note(text, "warning", KEY) for text in why), *shown.notes]
    return present(
        inputs.request,
        growth.chosen.fit,
        shown,
        title="Growth curves",
        columns=inputs.columns,
        group=inputs.group_column,
    )


def _fit(inputs: GrowthInputs, model: Competing) -> tuple[str, SemFit]:
    syntax = inputs.request.measurement.whole(write_growth(inputs, model.terms))
    options: dict[str, Any] = {} if inputs.group_column is None else {"group": inputs.group_column}
    return syntax, inputs.request.fit(syntax, **options)


def _compared(inputs: GrowthInputs) -> tuple[tuple[Compared[Competing], ...], list[str]]:
    """Fit all models, the one that was asked for last; and say what could not be had."""
    chosen = chosen_model(inputs)
    syntax, full = _chosen(inputs, chosen)
    found, why = [], []
    for model in competing_models(inputs):
        try:
            text, fit = _fit(inputs, model)
        except FitError as error:
            why.append(f"The model '{model.name}' could not be fitted: {reason_of(error)}.")
            continue
        one = Compared(model, text, fit)
        if model.tested and fit.summary["df"] != full.summary["df"]:
            tested = difference_of(fit, full, (model.name, chosen.name))
            one = replace(one, difference=tested.statistic, df=tested.df, p_value=tested.p_value)
            why += [tested.remark] * bool(tested.remark)
        found.append(one)
    return (*found, Compared(chosen, syntax, full)), why


def _chosen(inputs: GrowthInputs, model: Competing) -> tuple[str, SemFit]:
    """Fit the model that was asked for, or say what may be fitted in its place."""
    try:
        return _fit(inputs, model)
    except FitError as error:
        request = inputs.request
        choices = [
            *(['shape = "linear"'] if request.shape != "linear" else []),
            *(["fewer predictors"] if inputs.predictors else []),
            *(["fewer covariates"] if inputs.covariates else []),
            *(['indicators = "score"'] if request.measurement.latent else []),
            *(["one role or variable"] if len(inputs.series) > 1 else []),
            "more dyads",
        ]
        raise FitError(
            f"Growth of shape '{request.shape}' could not be fitted: {reason_of(error)}. The "
            "sample may be too small for it, or persons may hardly differ in change. Try it with "
            f"{' or '.join(choices)}.",
            convergence=error.convergence,
        ) from error
