"""Figures of mutual influence."""

from __future__ import annotations

from collections.abc import Iterator

from dyadkit.display.figures import Interval, IntervalPlot, Node, Path, PathFigure
from dyadkit.display.formats import format_value
from dyadkit.display.tables import Cell
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.together.mutual_influence_found import Direction, MutualInfluence
from dyadkit.panel.together.mutual_influence_models import LOOP

_UNTOLD = Cell("not identified", KEY)


def influence_diagram(model: MutualInfluence, hidden: frozenset[str]) -> Iterator[PathFigure]:
    """Draw own effects from column to column, and influence up and down between the members' y.

    There is none of a loop that never comes to rest.  An influence that is not identified has no
    number, and own effects and residuals, which rest on both influences, have none then.  Where
    numbers are hidden none of this is told.
    """
    concealed = KEY in hidden
    if abs(model.labelled[LOOP]["estimate"]) >= 1 and not concealed:
        return
    x, y = (one.label for one in model.variables)
    members = ("one member", "the partner") if model.exchangeable else model.variables[0].roles
    # Of exchangeable members both directions are one.
    first, second = (*model.directions, *model.directions)[:2]
    untold = first.unidentified or second.unidentified
    paths = (
        *(_own(member, each, untold=untold) for member, each in enumerate((first, second))),
        _path("y0", "y1", first.influence, first.standardised, untold=first.unidentified),
        _path("y1", "y0", second.influence, second.standardised, untold=second.unidentified),
        _correlation("x0", "x1", model.predictors, untold=False),
        _correlation("y0", "y1", model.residuals, untold=untold),
    )
    dashed = any(path.faint for path in paths) and not concealed
    yield PathFigure(
        name="paths",
        title=f"Paths of mutual influence in {y}",
        alt=f"Path diagram of influence of either member's {y} on the other's, and of effects of "
        f"own {x}, as in the table.",
        nodes=tuple(
            Node(f"{letter}{member}", f"{label}, {name}", column, member)
            for column, (letter, label) in enumerate((("x", x), ("y", y)))
            for member, name in enumerate(members)
        ),
        paths=paths,
        caption=" ".join(_caption(x, y, dashed=dashed, untold=untold and not concealed)),
    )


def _own(member: int, direction: Direction, *, untold: bool) -> Path:
    found = direction.actor, direction.standardised_actor
    return _path(f"x{member}", f"y{member}", *found, untold=untold)


def _path(start: str, end: str, raw: Estimate, standardised: Estimate, *, untold: bool) -> Path:
    label = Cell(standardised["estimate"], KEY, "statistic")
    return Path(start, end, _UNTOLD if untold else label, faint=untold or _unclear(raw))


def _correlation(start: str, end: str, found: Estimate, *, untold: bool) -> Path:
    label = Cell(f"r = {format_value(found['estimate'], 'correlation')}", KEY)
    faint = untold or _unclear(found)
    return Path(start, end, _UNTOLD if untold else label, faint=faint, both=True)


def _unclear(found: Estimate) -> bool:
    return not (found["conf_low"] > 0 or found["conf_high"] < 0)


def _caption(x: str, y: str, *, dashed: bool, untold: bool) -> Iterator[str]:
    yield "Standardised."
    if dashed:
        yield f"Dashed: the interval has zero in it{', or means nothing' if untold else ''}."
    yield f"r: correlations of both members' {x}, and of residuals of {y}."
    if untold:
        yield (
            f"Not identified: influence of one whose own {x} was not shown to have an effect, and "
            "all that rests on it."
        )


def influence_plot(model: MutualInfluence) -> IntervalPlot:
    """Draw influence and own effects with their intervals."""
    percent = f"{100 * model.confidence:g} % CI"
    x, y = (one.label for one in model.variables)
    influences = [
        (f"{each.source} → {each.target}", each.standardised, f"Influence of {y}")
        for each in model.directions
    ]
    own = [
        (each.source, each.standardised_actor, f"Effect of own {x}") for each in model.directions
    ]
    return IntervalPlot(
        name="influence",
        title="Mutual influence",
        alt=f"Standardised influence of either member's {y} on the other's, and of own {x}, with "
        f"their {percent}.",
        axis=f"Standardised effect on {y}",
        intervals=tuple(
            Interval(
                label[:1].upper() + label[1:],
                found["estimate"],
                found["conf_low"],
                found["conf_high"],
                KEY,
                series,
            )
            for label, found, series in [*influences, *own]
        ),
        style="statistic",
        reference=0.0,
        interval=percent,
    )
