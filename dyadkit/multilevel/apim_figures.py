"""The figures of an actor–partner model: effects, path diagrams, and moderated effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite, nan

import pandas as pd

from dyadkit.display.figures import (
    Interval,
    IntervalPlot,
    Line,
    LinePlot,
    Node,
    Path,
    PathFigure,
)
from dyadkit.display.formats import format_value
from dyadkit.display.labels import role_label
from dyadkit.display.tables import Cell
from dyadkit.multilevel.apim_effects import Row
from dyadkit.multilevel.apim_model import ApimModel
from dyadkit.multilevel.apim_rows import Regressor
from dyadkit.multilevel.apim_slopes import (
    Moderated,
    curve_of,
    expected_curves,
    moderated_effects,
    regions_of,
)
from dyadkit.multilevel.numbers import KEY


def effects_figure(
    effects: Sequence[Row], regressors: Sequence[Regressor], outcome: str, percent: str
) -> Iterator[IntervalPlot]:
    """Show all effects but intercepts with their intervals."""
    labels = {(r.effect, r.predictor): r.label for r in regressors}
    shown = [row for row in effects if row["effect"] != "intercept"]
    if not shown:
        return
    yield IntervalPlot(
        name="effects",
        title=f"Effects on {outcome}",
        alt=f"Actor and partner effects on {outcome} with {percent} intervals, as in the table.",
        axis=f"Effect on {outcome}",
        intervals=tuple(
            Interval(
                f"{row['effect'].capitalize()}: {labels[row['effect'], row['predictor']]}",
                row["estimate"],
                row["conf_low"],
                row["conf_high"],
                KEY,
                role_label(row["role"]) if row["role"] else "",
            )
            for row in shown
        ),
        style="statistic",
        reference=0.0,
        interval=f"{percent} CI",
    )


def path_figures(
    effects: Sequence[Row],
    regressors: Sequence[Regressor],
    outcome: str,
    percent: str,
    residual: float,
    frame: pd.DataFrame | None,
) -> Iterator[PathFigure]:
    """Draw actor paths level and partner paths across, one diagram for each predictor.

    Parameters
    ----------
    effects : sequence of dict
    regressors : sequence of Regressor
    outcome, percent : str
    residual : float
        The correlation of residuals, NaN for none.
    frame : DataFrame or None
        The rows of all dyads that were used, for the correlation of both members' predictors.
    """
    known = {(row["effect"], row["predictor"], row["role"]): row for row in effects}
    roles = tuple(dict.fromkeys(row["role"] for row in effects))
    told = len(roles) == 2
    names = [f", {role_label(role).lower()}" for role in roles] if told else [", self", ", partner"]
    focal = [regressor for regressor in regressors if regressor.effect == "actor"]
    for number, regressor in enumerate(focal, start=1):
        nodes = [
            Node(f"{letter}{member}", f"{label}{names[member]}", column, member)
            for column, (letter, label) in enumerate((("x", regressor.label), ("y", outcome)))
            for member in (0, 1)
        ]
        paths = []
        for member in (0, 1):
            role = roles[member] if told else roles[0]
            for effect, start in (("actor", member), ("partner", 1 - member)):
                row = known[effect, regressor.predictor, role]
                paths.append(
                    Path(
                        f"x{start}",
                        f"y{member}",
                        Cell(_estimate(row), KEY),
                        faint=row["conf_low"] <= 0.0 <= row["conf_high"],
                    )
                )
        place = regressors.index(regressor)
        own = _correlation(frame, place, roles)
        for letter, r in (("x", own), ("y", residual)):
            if isfinite(r):
                text = f"r = {format_value(r, 'correlation')}"
                paths.append(Path(f"{letter}0", f"{letter}1", Cell(text, KEY), both=True))
        both = " and ".join(
            name
            for name, r in (("both members' values", own), ("their residuals", residual))
            if isfinite(r)
        )
        yield PathFigure(
            name="paths" if len(focal) == 1 else f"paths_{number}",
            title=f"Actor and partner paths from {regressor.label} to {outcome}",
            alt=f"Path diagram of the effects of {regressor.label} on {outcome}, as in the table.",
            nodes=tuple(nodes),
            paths=tuple(paths),
            caption=f"b [{percent} CI]; dashed where the interval includes 0"
            + (f"; r = correlation of {both}." if both else "."),
        )


def _correlation(frame: pd.DataFrame | None, number: int, roles: Sequence[str]) -> float:
    """Return how both members' values of a regressor correlate, NaN where that is not known.

    Exchangeable members enter twice, once in either order.
    """
    if frame is None:
        return nan
    pairs = frame[frame["role"].astype(str) == roles[0]] if len(roles) == 2 else frame
    return float(pairs[f"x{number + 1}"].corr(pairs[f"x{number + 2}"]))


def _estimate(row: Row) -> str:
    low, high = (format_value(row[end], "statistic") for end in ("conf_low", "conf_high"))
    return f"{format_value(row['estimate'], 'statistic')} [{low}, {high}]"


def moderated_figures(model: ApimModel, percent: str) -> Iterator[LinePlot]:
    """Draw each effect over the values of a numeric moderator, one figure for actor and partner."""
    found = [effect for effect in moderated_effects(model) if not effect.moderator.categories]
    for place, column in dict.fromkeys((effect.place, effect.column) for effect in found):
        lines = []
        regressor = model.rows.regressors[place]
        own = [effect for effect in found if (effect.place, effect.column) == (place, column)]
        moderator = own[0].moderator
        shift = model.rows.centres.get(moderator.name, 0.0)
        for effect in own:
            x, y, low, high = curve_of(effect)
            lines.append(
                Line(
                    role_label(effect.role) if effect.role else "",
                    tuple((x + shift).tolist()),
                    tuple(y.tolist()),
                    KEY,
                    tuple(low.tolist()),
                    tuple(high.tolist()),
                    tuple((part.low + shift, part.high + shift) for part in regions_of(effect)),
                )
            )
        side = moderator.sides[column]
        name = f"{moderator.label} ({side})" if side else moderator.label
        what = f"{regressor.effect.capitalize()} effect of {regressor.label}"
        yield LinePlot(
            name=f"{regressor.effect}_{place + 1}_by_moderator" + (f"_{side}" if side else ""),
            title=f"{what} on {model.rows.outcome_label}, by {name}",
            alt=f"{what} over the range of {name}, with {percent} bands.",
            x_axis=name,
            y_axis=f"{what} on {model.rows.outcome_label}",
            lines=tuple(lines),
            reference=0.0,
            caption=f"Bands are {percent} intervals; lines are thick where the effect differs from "
            "0 (Johnson–Neyman). Shown is the possible range, or 2.5 SDs about the mean.",
        )


def expected_figures(model: ApimModel, percent: str) -> Iterator[LinePlot]:
    """Draw the expected outcome over each predictor at chosen values of the moderator."""
    found: dict[tuple[int, str], list[Moderated]] = {}
    for effect in moderated_effects(model):
        # The categories of a moderator share a figure, but the actor's and partner's value do not.
        side = "" if effect.moderator.categories else effect.moderator.sides[effect.column]
        found.setdefault((effect.place, side), []).append(effect)
    outcome = model.rows.outcome_label
    for (place, side), effects in found.items():
        regressor, moderator = model.rows.regressors[place], effects[0].moderator
        whose = "own" if regressor.effect == "actor" else "partner's"
        name = f"{moderator.label} ({side})" if side else moderator.label
        shift = model.rows.centres.get(regressor.predictor, 0.0)
        lines = [
            Line(
                label,
                tuple((x + shift).tolist()),
                tuple(y.tolist()),
                KEY,
                tuple(low.tolist()),
                tuple(high.tolist()),
                panel=role_label(effect.role) if effect.role else "",
            )
            for effect in effects
            for label, (x, y, low, high) in expected_curves(effect)
        ]
        yield LinePlot(
            name=f"expected_{regressor.effect}_{place + 1}" + (f"_{side}" if side else ""),
            title=f"Expected {outcome} over {whose} {regressor.label}, by {name}",
            alt=f"Expected {outcome} over {whose} {regressor.label} at values of {name}, with "
            f"{percent} bands; the slopes are those of the table.",
            x_axis=f"{whose.capitalize()} {regressor.label}",
            y_axis=f"Expected {outcome}",
            lines=tuple(lines),
            caption="Implied by the model where all else is at its mean; of no real dyad. Bands "
            f"are {percent} intervals.",
        )
