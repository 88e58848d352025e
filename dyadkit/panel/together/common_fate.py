"""Common fate: what the members of a dyad share, at one time and over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.responses_shown import require_over_waves, show_responses
from dyadkit.panel.lags import lag_notes
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival, fit_models
from dyadkit.panel.rivals_told import with_corrected_fit
from dyadkit.panel.shown import hidden_in, present
from dyadkit.panel.together.both import Both, both_of
from dyadkit.panel.together.common_fate_models import Fate, common_fate_syntax
from dyadkit.panel.together.common_fate_shown import CommonFate, show_common_fate
from dyadkit.panel.trajectories import trajectory_plots
from dyadkit.results import Note

_INSTEAD = "Try it with fewer waves or more dyads."


@dataclass(frozen=True, slots=True)
class _Competing:
    """A model to fit: what a reader calls it, what it says, and what it has."""

    name: str
    words: str
    fate: Fate


def fit_common_fate(request: Request) -> PresentedResult:
    """Fit common fate models: of one wave x on y, of more waves effects on the next.

    Raises
    ------
    Refused
        When a variable is not answered by both members, one is given in one wave, or effects are
        not those of one process in continuous time.
    StudyError
        When there are too few bootstrap samples for an interval.
    FitError
        When the model with all effects, or too many of its bootstrap samples, cannot be fitted.
    """
    variables = both_of(request, "A common fate model")
    require_over_waves(request)
    waves = len(request.waves)
    if waves == 1 and len(variables) == 1:
        raise Refused(
            f"A common fate model of one wave relates two variables of the dyad, and x = "
            f"'{request.references[0]}' is one. Name another as y; how far members agree is for "
            'type = "agreement" (dk.assess_agreement).'
        )
    *rivals, main = (
        Rival(each.name, each.words, common_fate_syntax(variables, each.fate))
        for each in _competing(request, variables)
    )
    models, why = fit_models(request, main, rivals, instead=_INSTEAD)
    model = CommonFate(
        variables=variables,
        waves=request.wave_labels,
        fate=_competing(request, variables)[-1].fate,
        models=tuple(models),
        confidence=request.confidence,
        estimator=request.estimator,
        of_latent=request.measurement.latent,
    )
    hidden = hidden_in(request, request.columns, None)
    shown = show_common_fate(model, hidden)
    # Where numbers are hidden, that something is left out would tell of them.
    if KEY in hidden or not model.negative:
        show_responses(request, model.panel, models[-1].fit, shown, hidden)
    if waves > 1 and not request.dyads.exchangeable:
        shown.figures += trajectory_plots(request, models[-1].fit, request.series)
    lags = lag_notes(request, equal=request.equal_lags) if waves > 1 else ()
    shown.notes = [*(Note(text, "warning", KEY) for text in why), *lags, *shown.notes]
    result = present(request, models[-1].fit, shown, title="Common fate")
    return with_corrected_fit(result, models[-1])


def _competing(request: Request, variables: Sequence[Both]) -> list[_Competing]:
    """Return the models to compare, that with all effects last."""
    exchangeable = request.dyads.exchangeable
    waves = len(request.waves)
    stable = frozenset((k, k) for k in range(len(variables)))
    if waves == 1:
        x, y = (one.label for one in variables)
        full = _Competing("Common fate", f"{x} on {y}", Fate(frozenset({(0, 1)})))
        others = [_Competing("No effect", f"none of {x} on {y}", Fate(frozenset()))]
    elif len(variables) == 1:
        full = _Competing("Stability", "each wave on the next", Fate(stable))
        others = [_Competing("No stability", "no effects", Fate(frozenset()))]
    else:
        x, y = (one.label for one in variables)
        full = _Competing("Reciprocal", "both effects", Fate(stable | {(0, 1), (1, 0)}))
        others = [
            _Competing("Stability", "no cross-lagged effects", Fate(stable)),
            _Competing("Causal", f"{x} on later {y}", Fate(stable | {(0, 1)})),
            _Competing("Reversed", f"{y} on later {x}", Fate(stable | {(1, 0)})),
        ]
    full, *others = (
        replace(each, fate=replace(each.fate, equal=request.equal_lags, exchangeable=exchangeable))
        for each in (full, *others)
    )
    if waves > 2 and not request.equal_lags and not request.lags_differ:
        words = "all effects, the same from each to the next"
        held = replace(full.fate, equal=True)
        others.append(_Competing("Equal between waves", words, held))
    if not exchangeable:
        words = "all effects, both members with the same mean"
        held = replace(full.fate, same_means=True)
        others.append(_Competing("Equal means", words, held))
    return [*others, full]
