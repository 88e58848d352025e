"""Mutual influence: what both members' outcomes do to each other at one time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dyadkit.display.presented import PresentedResult
from dyadkit.errors import Refused, StudyError
from dyadkit.panel.compared import Compared
from dyadkit.panel.estimates import KEY
from dyadkit.panel.request import Request
from dyadkit.panel.rivals import Rival, fit_models
from dyadkit.panel.rivals_told import with_corrected_fit
from dyadkit.panel.shown import hidden_in, present
from dyadkit.panel.together.both import Both, both_of
from dyadkit.panel.together.mutual_influence_found import MutualInfluence
from dyadkit.panel.together.mutual_influence_models import LOOP, Influence, mutual_influence_syntax
from dyadkit.panel.together.mutual_influence_shown import show_mutual_influence
from dyadkit.panel.together.mutual_influence_start import start_of
from dyadkit.results import Note

_INSTEAD = 'Take another predictor, more dyads, or type = "apim".'


def fit_mutual_influence(request: Request) -> PresentedResult:
    """Fit a mutual influence model of one wave.

    Raises
    ------
    Refused
        When there are several waves, or a variable is not answered by both members.
    StudyError
        When there is no y.
    FitError
        When the model cannot be fitted.
    """
    if len(request.waves) > 1:
        raise Refused(
            "Mutual influence is between what both members said in one wave, and there are "
            f'{len(request.waves)}. Name one, waves = ["{request.waves[0]}"]; influence from wave '
            'to wave is for kind = "clpm".'
        )
    variables = both_of(request, "A mutual influence model")
    if len(variables) != 2:
        raise StudyError(
            f"Mutual influence of the members' y is only seen with a predictor of each, and x = "
            f"'{request.references[0]}' is one variable. Name both without a role: x, which has an "
            "effect on a member's own y only, and y."
        )
    *rivals, main = _rivals(request, variables)
    (*smaller, full), why = fit_models(request, main, rivals, instead=_INSTEAD)
    endless = [each.model.name for each in smaller if _loops_without_end(each)]
    why += [
        f"The model '{name}' is left out: only a loop beyond 1, which never comes to rest, was "
        "found for it."
        for name in endless
    ]
    model = MutualInfluence(
        variables=variables,
        exchangeable=request.dyads.exchangeable,
        models=(*(each for each in smaller if each.model.name not in endless), full),
        confidence=request.confidence,
        estimator=request.estimator,
    )
    columns = request.columns
    shown = show_mutual_influence(model, hidden_in(request, columns, None))
    shown.notes = [*(Note(text, "warning", KEY) for text in why), *shown.notes]
    result = present(request, full.fit, shown, title="Mutual influence")
    return with_corrected_fit(result, full)


def _loops_without_end(model: Compared[Rival]) -> bool:
    """Tell whether the product of both influences is 1 or beyond."""
    tidy = model.fit.tidy()
    loop = tidy.loc[tidy["label"] == LOOP, "estimate"]
    return bool((loop.abs() >= 1).any())


def _rivals(request: Request, variables: Sequence[Both]) -> list[Rival]:
    """Return the models to compare, that of mutual influence last."""
    alike = request.dyads.exchangeable
    y = variables[1]
    one, other = y.roles
    start = start_of(request, variables, _INSTEAD)
    models = [("No influence", "residuals covary", Influence(()))]
    if not alike:
        models += [
            (f"From {one}", f"{y.label} of the {one} on that of the {other}", Influence((0,))),
            (f"From {other}", f"{y.label} of the {other} on that of the {one}", Influence((1,))),
            (
                "Equal",
                "the same influence in both directions",
                Influence(equal=True, begin=start.equal()),
            ),
        ]
    models += [
        ("Actor and partner", "fits as mutual influence does", Influence(partner=True)),
        ("Mutual influence", "both directions, residuals covary", Influence(begin=start.exact())),
    ]
    return [
        Rival(
            name,
            words,
            mutual_influence_syntax(variables, replace(influence, exchangeable=alike)),
            nested=not influence.partner,
        )
        for name, words, influence in models
    ]
