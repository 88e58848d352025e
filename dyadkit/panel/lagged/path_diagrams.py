"""Path diagrams of panels: a row for each series, and effects from column to column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dyadkit.display.figures import LaggedFigure, LaggedPath
from dyadkit.display.tables import Cell
from dyadkit.panel.estimates import KEY, Estimate
from dyadkit.panel.lagged.fitted import Effect
from dyadkit.panel.series import Series

_BEFORE = ("Two waves before", "The wave before", "A wave")
"""The waves of effects that are equal between all of them."""
ALT = (
    "Path diagram with a row for each series and a column for each wave; effects stand on the "
    "arrows, as in the table."
)


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a path diagram of a panel shows.

    Attributes
    ----------
    series : tuple of Series
        In rows.
    columns : tuple of str
        What boxes say.
    effects : tuple of Effect
        From one of these columns to another.
    equal : str
        Between what effects are equal; these are drawn unstandardised.  Empty for none.
    related : str
        What the caption calls correlations within columns; empty where there are none.
    correlations : mapping of str to Estimate
        Those of two series that are drawn, by column.
    undrawn : tuple of str
        What else the model has, which is not drawn.
    kinds : pair of str
        What the legend calls effects of a series on itself and, of two series, on the other.
    crossed : str
        What the caption calls an effect on another series.
    first : str
        What the caption says first.
    title, alt : str
    """

    series: tuple[Series, ...]
    columns: tuple[str, ...]
    effects: tuple[Effect, ...]
    equal: str = ""
    related: str = ""
    correlations: Mapping[str, Estimate] = field(default_factory=dict)
    undrawn: tuple[str, ...] = ()
    kinds: tuple[str, str] = ("Autoregressive", "Cross-lagged")
    crossed: str = "cross-lagged effect"
    first: str = ""
    title: str = "Effects over time"
    alt: str = ALT

    @property
    def without(self) -> frozenset[tuple[int, int]]:
        """Where no box is: in the last column for what no effect explains."""
        explained = {effect.target.name for effect in self.effects}
        last = len(self.columns) - 1
        return frozenset(
            (row, last) for row, one in enumerate(self.series) if one.name not in explained
        )

    @property
    def many(self) -> bool:
        """Whether there are more series than all effects of which can be drawn."""
        return len(self.series) > 2


def once(
    waves: Sequence[str], effects: Sequence[Effect]
) -> tuple[tuple[str, ...], tuple[Effect, ...]]:
    """Return columns and one of each of the effects that are equal between all waves."""
    last = [effect for effect in effects if effect.now == waves[-1]]
    first = min(waves.index(effect.before) for effect in last)
    columns = _BEFORE[first - len(waves) :]
    names = dict(zip(waves[first:], columns, strict=True))
    return columns, tuple(
        replace(effect, before=names[effect.before], now=names[effect.now]) for effect in last
    )


def lagged_figure(diagram: Diagram, hidden: frozenset[str]) -> LaggedFigure:
    """Draw effects over time.

    Of more than two series, effects on other series whose interval includes zero are counted rather
    than drawn.  Where estimates are hidden no effects on others are drawn of these: their choice
    would tell of them.
    """
    concealed = KEY in hidden
    drawn = [
        effect
        for effect in diagram.effects
        if not (diagram.many and effect.crossed) or not (concealed or effect.unclear)
    ]
    paths = [*(_path(diagram, effect) for effect in drawn), *_correlations(diagram)]
    dashed = any(path.faint for path in paths) and not concealed
    return LaggedFigure(
        name="paths",
        title=diagram.title,
        alt=diagram.alt,
        series=tuple(one.label for one in diagram.series),
        waves=diagram.columns,
        paths=tuple(paths),
        kinds=_kinds(diagram),
        without=diagram.without,
        caption=" ".join(
            _caption(diagram, len(diagram.effects) - len(drawn), dashed=dashed, concealed=concealed)
        ),
    )


def _kinds(diagram: Diagram) -> tuple[str, ...]:
    if not diagram.many:
        return diagram.kinds
    return (
        *(diagram.kinds[0], "Own other variable (actor)"),
        *("Variable of the partner", "Between member and dyad"),
    )


def _kind(diagram: Diagram, effect: Effect) -> int:
    """Return the place of an effect among `_kinds`."""
    if not effect.crossed:
        return 0
    if not diagram.many or effect.source.role == effect.target.role:
        return 1
    return 2 if effect.source.role and effect.target.role else 3


def _path(diagram: Diagram, effect: Effect) -> LaggedPath:
    shown = effect.raw if diagram.equal else effect.standardised
    return LaggedPath(
        source=diagram.series.index(effect.source),
        target=diagram.series.index(effect.target),
        before=diagram.columns.index(effect.before),
        now=diagram.columns.index(effect.now),
        label=Cell(shown["estimate"], KEY, "statistic" if diagram.equal else "correlation"),
        kind=_kind(diagram, effect),
        faint=effect.unclear,
    )


def _correlations(diagram: Diagram) -> Iterator[LaggedPath]:
    """Yield the correlations of two series within columns."""
    for column, found in diagram.correlations.items():
        place = diagram.columns.index(column)
        yield LaggedPath(
            *(0, 1, place, place),
            Cell(found["estimate"], KEY, "correlation"),
            faint=not (found["conf_low"] > 0 or found["conf_high"] < 0),
        )


def _caption(diagram: Diagram, unclear: int, *, dashed: bool, concealed: bool) -> Iterator[str]:
    if diagram.first:
        yield diagram.first
    equal = diagram.equal
    yield f"Effects, equal {equal}, are not standardised." if equal else "Standardised."
    if dashed:
        yield "Dashed: the interval has zero in it."
    if diagram.correlations:
        yield f"Arrows with two heads: {diagram.related}."
    undrawn = []
    if diagram.many and concealed:
        undrawn.append(f"{diagram.crossed}s")
    elif unclear:
        what = f"{diagram.crossed}{'s' * (unclear > 1)}"
        undrawn.append(f"{unclear} {what} whose interval has zero in it")
    undrawn += diagram.undrawn
    if diagram.related and not diagram.correlations:
        undrawn.append(diagram.related)
    if undrawn:
        *others, last = undrawn
        yield f"Not drawn: {', '.join(others)}{', and ' if others else ''}{last}."
