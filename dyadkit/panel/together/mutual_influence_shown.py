"""What a report shows of mutual influence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.panel.compared import compared_rows, compared_table
from dyadkit.panel.estimates import KEY
from dyadkit.panel.request import INCOMPLETE
from dyadkit.panel.rivals_told import difference_sentence
from dyadkit.panel.shown import Shown, column_labels, fit_sentence, fit_warnings
from dyadkit.panel.together.mutual_influence_figures import influence_diagram, influence_plot
from dyadkit.panel.together.mutual_influence_found import Direction, MutualInfluence
from dyadkit.panel.together.mutual_influence_models import LOOP, MULTIPLIER
from dyadkit.panel.together.mutual_influence_tables import effects_table
from dyadkit.results import Note


def show_mutual_influence(model: MutualInfluence, hidden: frozenset[str]) -> Shown:
    """Lay out a mutual influence model, of which the keys `hidden` may not be shown."""
    return Shown(
        rows=list(_rows(model)),
        tables=[
            compared_table(
                model.models,
                title="Models of mutual influence",
                against=f"Against '{model.full.model.name}'",
                estimator=model.estimator,
            ),
            effects_table(model),
        ],
        figures=[*influence_diagram(model, hidden), influence_plot(model)],
        sentences=list(_sentences(model)),
        methods=list(_methods(model)),
        notes=list(_notes(model)),
    )


def _rows(model: MutualInfluence) -> Iterator[dict[str, Any]]:
    yield from compared_rows(model.models)
    for each in model.directions:
        ends = f"{each.source} -> {each.target}"
        for term, quantity, found, beta in (
            (f"influence: {ends}", "influence", each.influence, each.standardised),
            (f"actor: {each.source}", "actor", each.actor, each.standardised_actor),
            (f"total actor: {each.source}", "total", each.total_actor, None),
            (f"total partner: {ends}", "total", each.total_partner, None),
        ):
            row = {"term": term, "quantity": quantity, **found}
            row["statistic"] = found["estimate"] / found["std_error"]
            yield row if beta is None else row | {"std_all": beta["estimate"]}
        if each.fieller is not None:
            yield {
                "term": f"influence by Fieller: {ends}",
                "quantity": "influence by Fieller",
                "estimate": each.fieller.estimate,
                "std_error": each.fieller.std_error,
                "conf_low": each.fieller.low,
                "conf_high": each.fieller.high,
            }
    for name in (LOOP, MULTIPLIER):
        yield {"term": name, "quantity": "loop", **model.labelled[name]}
    yield {"term": "residuals", "quantity": "correlation", **model.residuals}


def _sentences(model: MutualInfluence) -> Iterator[Sentence]:
    yield from fit_sentence("The mutual influence model", model.full.fit, model.full.measure)
    loop = model.labelled[LOOP]
    if abs(loop["estimate"]) >= 1:
        yield Sentence(
            "The product of both influences, {loop} {interval}, is that of a loop that never comes "
            "to rest: the model is not to be interpreted.",
            {
                "loop": Cell(loop["estimate"], KEY, "statistic"),
                "interval": Cell((loop["conf_low"], loop["conf_high"]), KEY, "interval"),
            },
        )
    else:
        yield from (_direction_sentence(model, each) for each in model.directions)
    for name, text in (
        ("No influence", "Without influence, the model fitted {how}"),
        ("Equal", "With the same influence in both directions, it fitted {how}"),
    ):
        found = model.model(name)
        if found is not None:
            yield from difference_sentence(text, found)


def _direction_sentence(model: MutualInfluence, each: Direction) -> Sentence:
    x, y = (one.label for one in model.variables)
    source, target = each.source, each.target
    if not model.exchangeable:
        source, target = f"the {source}", f"the {target}"
    if each.unidentified:
        return Sentence(
            f"Whether {y} of {source} influences that of {target} cannot be told: no effect of own "
            f"{x} on {y} of {source} was shown (b = {{b}}, {{interval}}).",
            {
                "b": Cell(each.total_actor["estimate"], KEY, "statistic"),
                "interval": Cell(
                    (each.total_actor["conf_low"], each.total_actor["conf_high"]), KEY, "interval"
                ),
            },
        )
    higher = "higher" if each.influence["estimate"] > 0 else "lower"
    if each.unclear:
        text = f"No influence of {y} of {source} on that of {target} was shown"
    else:
        text = (
            f"As far as the model holds, the higher {y} of {source} was, the {higher} was that of "
            f"{target}"
        )
    interval = (each.influence["conf_low"], each.influence["conf_high"])
    return Sentence(
        f"{text} (b = {{b}}, {{interval}}, {{p}}, β = {{beta}}).",
        {
            "b": Cell(each.influence["estimate"], KEY, "statistic"),
            "interval": Cell(interval, KEY, "interval"),
            "p": Cell(each.influence["p_value"], KEY, "p_relation"),
            "beta": Cell(each.standardised["estimate"], KEY, "statistic"),
        },
    )


def _methods(model: MutualInfluence) -> Iterator[str]:
    x, y = (one.label for one in model.variables)
    yield (
        f"Mutual influence models (Kenny, 1996) were fitted by maximum likelihood; {INCOMPLETE}. "
        f"The two members' {y} influence each other, each member's own {x} "
        f"has an effect on the member's own {y} only, and residuals covary."
    )
    if model.exchangeable:
        yield (
            "Members share one role: means, variances, covariances and effects that exchanging "
            "them cannot change are equal, and fit is corrected by the saturated and the null "
            "model of exchangeable members (Olsen & Kenny, 2006)."
        )
    if model.estimator == "MLR":
        yield (
            "Standard errors and chi-squares are robust (MLR); differences are scaled (Satorra & "
            "Bentler, 2001)."
        )


def _notes(model: MutualInfluence) -> Iterator[Note]:
    x, y = (one.label for one in model.variables)
    yield Note(
        f"That a member's {x} has no way to the partner's {y} but through the member's own {y} is "
        "assumed: the model fits as the actor-partner model does, with as many parameters, and no "
        "data can tell them apart. What is a partner effect there is influence here."
    )
    loop = model.labelled[LOOP]["estimate"]
    if abs(loop) >= 1:
        yield Note(
            f"The product of both influences is {loop:.2f}, and a loop beyond 1 never comes to "
            "rest: the model cannot hold, and its estimates are not to be interpreted.",
            "warning",
            KEY,
        )
    else:
        yield Note(
            "Influence back and forth is taken to have come to rest when members answered: an "
            f"effect on {y} is multiplied by {model.labelled[MULTIPLIER]['estimate']:.2f} by then.",
            key=KEY,
        )
    for each in model.directions:
        whose = each.source if model.exchangeable else f"the {each.source}"
        if each.unidentified:
            yield Note(
                f"No effect of own {x} on {y} of {whose} was shown, and it is what the influence "
                f"of {whose} is known by: that influence is in practice not identified, and its "
                "estimate, standard error and interval mean nothing. Take another predictor, or "
                'the actor-partner model (type = "apim").',
                "warning",
                KEY,
            )
        elif each.weak:
            yield Note(
                f"Own {x} has little to do with {y} of {whose} (F = {each.strength:.1f}, below "
                f"10): the influence of {whose} is poorly known, and its usual interval may be too "
                "short (Staiger & Stock, 1997). Take Fieller's.",
                "warning",
                KEY,
            )
    series = [one for both in model.variables for one in both.members]
    yield from fit_warnings(model.full.fit, column_labels(series, [""]))
