"""What a report shows of a panel over several waves: responses, routes and continuous time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from dyadkit.display.presented import Sentence
from dyadkit.display.tables import Cell
from dyadkit.errors import Refused, StudyError
from dyadkit.models.sem_fit import SemFit
from dyadkit.panel.estimates import KEY
from dyadkit.panel.implied.continuous_shown import lag_of, show_continuous_time
from dyadkit.panel.implied.drawn_effects import EffectDraws, effect_draws
from dyadkit.panel.implied.over_waves import Response, Route, responses_found, routes_found
from dyadkit.panel.implied.responses_tables import indirect_table, responses_plot, responses_table
from dyadkit.panel.lagged.fitted import Panel
from dyadkit.panel.request import Request
from dyadkit.panel.shown import Shown

_FEWEST_DRAWS = 100


def show_responses(
    request: Request, panel: Panel, fit: SemFit, shown: Shown, hidden: frozenset[str]
) -> None:
    """Add what effects from wave to wave come to over several waves.

    Parameters
    ----------
    request : Request
    panel : Panel
    fit : SemFit
        Of the model with all effects.
    shown : Shown
        What is shown already.
    hidden : frozenset of str
        Keys of what is not to be seen.

    Raises
    ------
    StudyError
        When there are too few bootstrap samples for an interval.
    Refused
        When there are too few waves to draw samples for, or the effects are not those of one
        process in continuous time.
    FitError
        When too many bootstrap samples do not converge.
    """
    lag = require_over_waves(request)
    if lag is None and len(panel.waves) < 3:
        return
    every = list(effect_draws(request, panel, fit))
    shown.methods.append(every[0].methods(panel.confidence))
    shown.notes += every[0].notes()
    for number, (group, draws) in enumerate(zip(panel.groups, every, strict=True), start=1):
        part = Shown()
        if len(panel.waves) > 2:
            show_over_waves(panel, draws, part, hidden)
        if lag is not None:
            show_continuous_time(request, panel, draws, lag, part)
        _add(shown, part, group, number)


def show_over_waves(panel: Panel, draws: EffectDraws, shown: Shown, hidden: frozenset[str]) -> None:
    """Add responses and routes of one group."""
    responses = list(responses_found(panel, draws))
    routes = [route for route in routes_found(panel, draws) if not route.stability]
    shown.rows += [*response_rows(panel, responses), *_route_rows(panel, routes)]
    told = _told(panel, routes)
    shown.tables.append(responses_table(panel, responses, draws.brief))
    if told:
        shown.tables.append(indirect_table(panel, told, draws.brief))
    shown.figures += responses_plot(panel, responses, hidden)
    shown.sentences += _sentences(panel, told)


def _add(shown: Shown, part: Shown, group: str, number: int) -> None:
    """Add what is shown of a group, and name it; once what is said of all."""
    if not group:
        rows, tables, figures, sentences = part.rows, part.tables, part.figures, part.sentences
    else:
        rows = [{**row, "term": f"{row['term']} ({group})", "group": group} for row in part.rows]
        tables = [
            replace(one, name=f"{one.name}_{number}", title=f"{one.title} ({group})")
            for one in part.tables
        ]
        figures = [
            replace(one, name=f"{one.name}_{number}", title=f"{one.title} ({group})")
            for one in part.figures
        ]
        sentences = [replace(one, template=f"{group}: {one.template}") for one in part.sentences]
    shown.rows += rows
    shown.tables += tables
    shown.figures += figures
    shown.sentences += sentences
    shown.methods += [text for text in part.methods if text not in shown.methods]
    shown.notes += [note for note in part.notes if note not in shown.notes]


def require_over_waves(request: Request) -> float | None:
    """Refuse what has no effects over several waves; return the lag for continuous time, if asked.

    Raises
    ------
    StudyError
        When there are too few bootstrap samples for an interval.
    Refused
        When there are too few waves to draw samples for, or to have rates.
    """
    draws = request.bootstrap
    if draws != 0 and draws < _FEWEST_DRAWS:
        raise StudyError(
            f"bootstrap: {draws} samples are too few for an interval; take a thousand or more, or "
            "0 for Monte-Carlo intervals."
        )
    waves = len(request.waves)
    if draws and waves < 3 and not request.continuous_time:
        there = "there are two waves" if waves == 2 else "there is one wave"
        raise Refused(
            "bootstrap: samples are drawn for what effects come to over several waves, and "
            f"{there}. Leave it out."
        )
    return lag_of(request) if request.continuous_time else None


def _told(panel: Panel, routes: Sequence[Route]) -> list[Route]:
    """Choose the routes for the table: of three series or more, those by way of a third."""
    return [route for route in routes if len(panel.series) == 2 or route.third]


def response_rows(panel: Panel, responses: Sequence[Response]) -> Iterator[dict[str, Any]]:
    """Yield the rows of responses in `tidy`."""
    for one in responses:
        ends = f"{one.source.name} {panel.waves[0]}", f"{one.target.name} {panel.waves[one.later]}"
        yield {
            "term": f"response: {' -> '.join(ends)}",
            "quantity": "impulse response",
            **one.found,
        }


def _route_rows(panel: Panel, routes: Sequence[Route]) -> Iterator[dict[str, Any]]:
    for one in routes:
        stops = [
            f"{series.name} {panel.waves[one.wave + later]}"
            for later, series in enumerate((one.source, one.between, one.target))
        ]
        yield {
            "term": f"indirect: {' -> '.join(stops)}",
            "quantity": "indirect effect",
            **one.found,
        }


def _sentences(panel: Panel, routes: Sequence[Route]) -> Iterator[Sentence]:
    """Tell of routes by way of a third series whose interval has no zero in it."""
    if len(panel.series) != 3:
        return
    clear = [route for route in routes if route.clear and route.third]
    yield from (_sentence(panel, route) for route in clear)
    if not clear:
        none = {"none": Cell("No", KEY)}
        yield Sentence("{none} indirect effect by way of a third variable was shown.", none)


def _sentence(panel: Panel, route: Route) -> Sentence:
    found = route.found
    higher = "higher" if found["estimate"] > 0 else "lower"
    names = route.source.label, route.between.label, route.target.label
    if panel.equal:
        when, between, later = "in one wave", "in the next", "two waves later"
    else:
        when, between, later = (f"at {wave}" for wave in panel.waves[route.wave : route.wave + 3])
    if panel.intercepts:
        roles = {series.role for series in (route.source, route.between, route.target)}
        within = "persons" if len(roles) == 1 and "" not in roles else "dyads"
        text = (
            f"Within {within}, when {names[0]} was above its own level {when}, {names[2]} was "
            f"{higher} than otherwise {later}"
        )
    else:
        text = f"Higher {names[0]} {when} went with {higher} {names[2]} {later}"
    return Sentence(
        f"{text} by way of {names[1]} {between} (indirect effect = {{effect}}, {{interval}}).",
        {
            "effect": Cell(found["estimate"], KEY, "statistic"),
            "interval": Cell((found["conf_low"], found["conf_high"]), KEY, "interval"),
        },
    )
