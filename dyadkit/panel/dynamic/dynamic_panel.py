"""Dynamic panel models with fixed effects: what x does to later y within persons."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError
from dyadkit.panel.dynamic.dynamic_found import Dynamic
from dyadkit.panel.dynamic.dynamic_models import Form, dynamic_syntax
from dyadkit.panel.dynamic.dynamic_responses import show_dynamic_responses
from dyadkit.panel.dynamic.dynamic_shown import show_dynamic
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.responses_shown import require_over_waves
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival, fit_models
from dyadkit.panel.series import Series, refuse_exchangeable
from dyadkit.panel.shown import hidden_in, present
from dyadkit.panel.trajectories import trajectory_plots
from dyadkit.results import Note

COVARIATES = (
    "covariates: fixed effects take out all that is stable in persons, and with it every variable "
    "that does not change, whose effects cannot be told from theirs. Leave covariates out; those "
    "that change over time are an x of their own, and effects of stable ones are for "
    'kind = "riclpm" or "growth".'
)


def fit_dynamic_panel(request: Request) -> PresentedResult:
    """Fit dynamic panel models with fixed effects (dynamic_panel).

    Raises
    ------
    Refused
        When there are fewer than three waves, or three that are not equally far apart.
    StudyError
        When x and y are not one series each, or there are too few bootstrap samples for an
        interval.
    FitError
        When the model with fixed effects, or too many of its bootstrap samples, cannot be fitted.
    """
    refuse_exchangeable(request.dyads, request.kind)
    _require_waves(request)
    require_over_waves(request)
    x, y = _two_series(request)
    by_wave = request.lags_differ
    words = "effects that differ between waves" if by_wave else "equal effects between all waves"
    form = Form(by_wave=by_wave)
    main = Rival("Fixed effects", words, dynamic_syntax(x, y, form))
    instead = 'Try it with more dyads, or kind = "riclpm", which assumes more.'
    rivals = _rivals(x, y, by_wave=by_wave)
    models, why = fit_models(request, main, rivals, instead=instead)
    found = Dynamic.of(request, x, y, models, form)
    observed = request.measurement.observed
    columns = [column for each in (*y.columns, *x.columns[:-1]) for column in observed[each]]
    hidden = hidden_in(request, columns, None)
    shown = show_dynamic(found, hidden)
    shown.notes = [*(Note(text, "warning", KEY) for text in why), *shown.notes]
    show_dynamic_responses(found, shown, hidden)
    shown.figures += trajectory_plots(request, models[-1].fit, [y])
    return present(request, models[-1].fit, shown, title="Dynamic panel", columns=columns)


def _require_waves(request: Request) -> None:
    waves = len(request.waves)
    if waves < 3:
        raise Refused(
            f"A dynamic panel model needs three waves, and there are {waves}: with two, what is "
            "stable in persons cannot be told from what the wave before does. Add a wave, or set "
            'kind = "clpm", whose effects mix both.'
        )
    if waves == 3 and request.lags_differ:
        raise Refused(
            "The three waves are not equally far apart, so that effects over both lags differ, and "
            "effects that differ between waves are not identified with fewer than four. Add a "
            'wave, or set kind = "riclpm".'
        )


def _two_series(request: Request) -> tuple[Series, Series]:
    """Return x and y.

    Raises
    ------
    StudyError
        When there are not two series.
    """
    if len(request.references) < 2:
        raise StudyError(
            "A dynamic panel model needs x and y: the effect of x on later y. Name y, such as "
            'y = "courage.client".'
        )
    if len(request.series) != 2:
        raise StudyError(
            "A dynamic panel model is about one x and one y, and without a role both members have "
            "one. Say whose: x and y with one role (effects of one's own x), or with one role "
            "each (effects of the partner's x)."
        )
    x, y = request.series
    return x, y


def _rivals(x: Series, y: Series, *, by_wave: bool) -> Iterator[Rival]:
    """Yield the models to compare with that of fixed effects."""

    def rival(name: str, words: str, **assumed: bool) -> Rival:
        form = Form(**({"by_wave": by_wave} | assumed))
        return Rival(name, words, dynamic_syntax(x, y, form))

    waves = len(y.columns)
    yield rival("No effect", f"{x.label} has no effect", effect=False)
    yield rival("Random effects", f"what is stable is unrelated to {x.label}", random=True)
    if waves > 3:
        # With three there is no later x to depend on y.
        yield rival("Exogenous", f"{x.label} does not depend on earlier {y.label}", exogenous=True)
    words = f"residuals go with {x.label} of the same wave"
    yield rival("Related within waves", words, same_wave=True)
    if waves > 3 and not by_wave:
        yield rival("Different between waves", "effects differ between waves", by_wave=True)
