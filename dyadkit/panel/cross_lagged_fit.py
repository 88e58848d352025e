"""Cross-lagged panels: the models that compete, and the one with all effects."""

from __future__ import annotations

from math import nan

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import FitError, Refused, listed
from dyadkit.models.differences import difference_of
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.cross_lagged import Competing, Lagged, competing_models, cross_lagged_syntax
from dyadkit.panel.fitted import KEY, Compared, Panel
from dyadkit.panel.lags import lag_notes
from dyadkit.panel.panel_shown import show_panel
from dyadkit.panel.request import Request
from dyadkit.panel.shown import hidden_in, present
from dyadkit.results import Note


def fit_cross_lagged(request: Request) -> PresentedResult:
    """Fit cross-lagged models without random intercepts (clpm) or with them (riclpm).

    Raises
    ------
    Refused
        When there are too few waves.
    FitError
        When the model with all effects cannot be fitted.
    """
    _require_waves(request)
    compared, other, why = _compared(request)
    panel = Panel(
        series=request.series,
        waves=request.wave_labels,
        kind=request.kind,
        equal=request.equal_lags,
        models=tuple(compared),
        other=other,
        confidence=request.confidence,
        estimator=request.estimator,
    )
    shown = show_panel(panel, hidden_in(request))
    shown.notes = [
        *(Note(text, "warning", KEY) for text in why),
        *lag_notes(request, equal=request.equal_lags),
        *shown.notes,
    ]
    return present(request, compared[-1].fit, shown, title="Cross-lagged panel")


def _require_waves(request: Request) -> None:
    waves = len(request.waves)
    if request.kind == "riclpm" and waves < 3:
        raise Refused(
            f"Random intercepts need three waves, and there are {waves}: with two, what is "
            'stable cannot be told from what varies. Set kind = "clpm", whose effects mix both, '
            "or add a wave."
        )
    if request.second_order and waves < 3:
        raise Refused(
            "second_order: an effect over two waves needs three of them, and there are two. Leave "
            "it out."
        )


def _fit(request: Request, model: Competing, kind: str) -> tuple[str, SemFit]:
    """Fit a model without random intercepts, or with them."""
    equal = request.equal_lags or model.equal
    lagged = Lagged(model.cross, equal, request.second_order, model.alike)
    syntax = cross_lagged_syntax(request.series, lagged, intercepts=kind == "riclpm")
    return syntax, request.fit(syntax, auto="lavaan" if kind == "riclpm" else "sem")


def _against(
    request: Request, model: Competing, kind: str, full: SemFit
) -> tuple[Compared | None, list[str]]:
    """Fit a model beside that with all effects; return none, or no difference, and why."""
    try:
        syntax, fit = _fit(request, model, kind)
    except FitError as error:
        return None, [f"The model '{model.name}' could not be fitted. {error}"]
    found = difference_of(fit, full, (model.name, "all effects"))
    tested = (found.statistic, found.df, found.p_value)
    return Compared(model, syntax, fit, *tested), [found.remark] * bool(found.remark)


def _compared(request: Request) -> tuple[list[Compared], Compared | None, list[str]]:
    """Fit all models: those that compete, that with all effects last; and this of other kind.

    Raises
    ------
    FitError
        When the model with all effects cannot be fitted.
    """
    held = request.equal_lags or request.lags_differ
    *smaller, everything = competing_models(request.series, equal=held)
    syntax, full = _everything(request, everything)
    results = [_against(request, model, request.kind, full) for model in smaller]
    other: Compared | None = None
    if len(request.waves) > 2:
        alone = "clpm" if request.kind == "riclpm" else "riclpm"
        name = "Without random intercepts" if alone == "clpm" else "With random intercepts"
        model = Competing(name, "all cross-lagged effects", everything.cross)
        results.append(_against(request, model, alone, full))
        other = results[-1][0]
    why = [text for _, texts in results for text in texts]
    found = [each for each, _ in results[: len(smaller)] if each is not None]
    return [*found, Compared(everything, syntax, full, nan, nan, nan)], other, why


def _everything(request: Request, model: Competing) -> tuple[str, SemFit]:
    """Fit the model with all effects, or say what may be fitted in its place."""
    try:
        return _fit(request, model, request.kind)
    except FitError as error:
        choices = [
            *(["second_order = false"] if request.second_order else []),
            *([] if request.equal_lags else ["equal_lags = true"]),
            *(['kind = "clpm"'] if request.kind == "riclpm" else []),
        ]
        instead = (
            f" with {listed(choices)}, each of which leaves parameters out," if choices else ""
        )
        # The engine's advice is for models that users write.
        reason = str(error).split(". ")[0]
        raise FitError(
            f"The panel with all cross-lagged effects could not be fitted: {reason}. The sample "
            f"may be too small for it; try it{instead} or with more dyads.",
            convergence=error.convergence,
        ) from error
