"""Diagrams of panels to draw in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, cycle, product

from dyadkit.display.figures import (
    GrowthArrow,
    GrowthFactor,
    GrowthFigure,
    LaggedFigure,
    LaggedPath,
)
from dyadkit.display.tables import Cell

SHORT = ("Trust (coach)", "Trust (client)", "Courage (coach)", "Courage (client)")
LONG = tuple(
    f"{name} ({role})"
    for name in ("Psychological safety climate", "Courage to disagree with one another")
    for role in ("supervisor", "developee")
)
WAVES = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10")
LATER = ("Before the training", "Baseline", "Follow-up", "Six months later", "One year later")
VALUES = (0.12, -0.12, 1.02, -1.13, 0.0)
KINDS = ("Autoregressive", "Own other variable (actor)", "Partner", "Between member and dyad")


def panel_figure(
    series: Sequence[str],
    waves: Sequence[str],
    *,
    second: bool = False,
    drawn: Callable[[int], bool] = lambda _: True,
    values: Sequence[object] = VALUES,
) -> LaggedFigure:
    """Return a diagram with all effects of series on themselves, and with some of the others.

    Parameters
    ----------
    drawn : callable
        Of which of the others, by number, there is an arrow.
    values : sequence
        What labels show, from first to last and on from the first.
    """
    rows, columns = range(len(series)), range(1, len(waves))
    ends = [(s, t, now - 1, now) for s, t, now in product(rows, rows, columns)]
    ends = [each for number, each in enumerate(ends) if each[0] == each[1] or drawn(number)]
    if second:
        ends += [(row, row, now - 2, now) for row, now in product(rows, columns) if now > 1]
    if len(series) == 2:
        ends += [(0, 1, wave, wave) for wave in range(len(waves))]
    paths = [
        LaggedPath(
            *each,
            Cell(value, "all", "correlation"),  # type: ignore[arg-type]
            kind=0 if each[0] == each[1] else 1 + (each[0] + each[1]) % 2,
            faint=number % 3 == 0,
        )
        for number, (each, value) in enumerate(zip(ends, cycle(values), strict=False))
    ]
    return LaggedFigure(
        "panel", "Panel", "A panel.", tuple(series), tuple(waves), tuple(paths), KINDS
    )


SHAPES = {
    "linear": ("Level at T1", "Change per week"),
    "quadratic": ("Level at T1", "Change per week at T1", "Curvature per week²"),
    "piecewise": ("Level at T1", "Change per month until T3", "Change per month after T3"),
    "latent_basis": ("Level at Baseline", "Change from Before the training to Six months later"),
}
COVARIATES = (
    *("Age (mentor)", "Age (developee)", "Tenure in the organisation", "Psychological safety"),
    *("Gender", "Zusammenarbeitsdauer", "x", "Opportunities"),
)


def growth_figure(
    series: Sequence[str],
    waves: Sequence[str],
    factors: Sequence[str],
    covariates: Sequence[str] = (),
    *,
    free: bool = False,
    unit: float = 1.0,
    values: Sequence[object] = VALUES,
) -> GrowthFigure:
    """Return a diagram of growth with all arrows it may have.

    Parameters
    ----------
    free : bool
        Whether loadings of the last factor on waves between the first and the last are estimated.
    unit : float
        The time from wave to wave.
    values : sequence
        What estimates are, from first to last and on from the first.
    """
    cells = (Cell(value, "all", "correlation") for value in cycle(values))
    numbers = (
        (("M", Cell(mean, "all", "statistic_3")), ("s²", Cell(-mean, "all", "statistic_3")))
        for mean in cycle((3.214, 0.2, -1.04))
    )
    rows, places = range(len(series)), range(len(factors))
    inner = range(1, len(waves) - 1) if free else range(0)
    loadings = [
        GrowthArrow(
            (row, place),
            (row, wave),
            Cell(0.47 + wave, "all", "statistic")
            if place == places[-1] and wave in inner
            else Cell("2.5 ·10⁷" if unit > 1 and place > 1 else f"{(unit * wave) ** place:g}"),
        )
        for row, place, wave in product(rows, places, range(len(waves)))
        if wave or not place
    ]
    effects = [
        GrowthArrow((row, number), (row, place), next(cells), faint=number % 3 == 0)
        for row, number, place in product(rows, range(len(covariates)), places)
    ]
    every = list(product(rows, places))
    correlations = [
        GrowthArrow(one, other, next(cells), faint=number % 3 == 0)
        for number, (one, other) in enumerate(combinations(every, 2))
        if one[0] == other[0] or one[1] == other[1] or len(factors) == 2
    ]
    return GrowthFigure(
        *("growth", "Growth", "Growth.", tuple(series), tuple(waves)),
        factors=tuple(tuple(GrowthFactor(name, next(numbers)) for name in factors) for _ in series),
        loadings=tuple(loadings),
        covariates=tuple(covariates),
        effects=tuple(effects),
        correlations=() if covariates else tuple(correlations),
    )
