"""Diagrams of panels to draw in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, product

from dyadkit.display.figures import LaggedFigure, LaggedPath
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
