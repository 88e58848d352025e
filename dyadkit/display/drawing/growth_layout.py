"""Where the boxes, ovals, arrows and labels of a diagram of growth lie.

Nothing can overlap, whatever there is: an arrow slants between two rows only, and is upright for
its last part, where its label stands, at a place of its own below the box or oval it leads to.
Where these places are narrow, labels stand at two heights in turn.  The second series is the first
one upside down, so that all of this holds of it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from dyadkit.display.drawing.layouts import Box, Point, Rectangle, broken
from dyadkit.display.drawing.lettering import height, widest, wrap
from dyadkit.display.drawing.style import MARGIN, SMALL, WIDTH
from dyadkit.display.growth_figures import GrowthArrow, GrowthFigure, Place

_PAD = 4.0
_LABEL_PAD, _RELATED_PAD = 2.0, 3.0
"""Beside a level line there is so much white that no dash of it is taken for a minus."""
_HEAD = 9.0
"""From a label to its box or oval, for the head of the arrow."""
_BELOW = 2.0
_RUN = 54.0
"""What loadings and effects have to change their place along the page."""
_BETWEEN_HEIGHTS = 1.0
_EASY_PITCH = 26.0
"""How far arrows to one box or oval stand apart where there is room."""
_BETWEEN_BOXES = 5.0
_NARROWEST_BOX, _WIDEST_BOX = 34.0, 92.0
_NARROWEST_OVAL, _WIDEST_OVAL = 84.0, 132.0
_BETWEEN_OVALS = 14.0
_OVAL_SHARE = 0.74
"""How much of an oval's width its text may take."""
_ENDS_SHARE = 0.84
"""On how much of an oval's width arrows end."""
_AFTER_HEADING = 4.0
_BETWEEN_SERIES = 88.0
_LANE, _BETWEEN_LANES = 18.0, 44.0
"""How far from ovals a correlation passes that leads around one."""
_LANE_ENDS = 14.0
_WIDEST_LABEL = 40.0
_CROSSING = 0.28
"""Where labels stand on correlations that cross."""


@dataclass(frozen=True, slots=True)
class GrowthLayout:
    """A diagram of growth laid out.

    Attributes
    ----------
    headings, boxes, ovals : tuple of Box
        Of all series; boxes are waves, and covariates after them.
    routes : tuple of tuple of Point
        The points that each arrow leads through.
    labels : tuple of tuple of str
        The lines of the label of each arrow.
    places : tuple of tuple of float
        Left, top, right and bottom of each label.
    bottom : float
    """

    headings: tuple[Box, ...]
    boxes: tuple[Box, ...]
    ovals: tuple[Box, ...]
    routes: tuple[tuple[Point, ...], ...]
    labels: tuple[tuple[str, ...], ...]
    places: tuple[Rectangle, ...]
    bottom: float


@dataclass(frozen=True, slots=True)
class _Band:
    """Places of labels side by side, at one height or at two in turn, and these labels."""

    labels: tuple[tuple[str, ...], ...]
    pitch: float
    heights: int
    slot: float

    @classmethod
    def of(cls, texts: Sequence[str], room: float) -> _Band:
        """Share room among labels of which each has so much."""
        heights = 1 if widest(texts, SMALL) + 2 * _LABEL_PAD <= room else 2
        limit = min(heights * room - 2 * _LABEL_PAD - 0.5, _WIDEST_LABEL)
        labels = tuple(broken(text, limit) for text in texts)
        wide = widest([line for label in labels for line in label], SMALL) + 2 * _LABEL_PAD
        pitch = min(room, max(wide, _EASY_PITCH))
        slot = max((height(label, SMALL) for label in labels), default=0.0) + _BETWEEN_HEIGHTS
        return cls(labels, pitch, heights, slot)

    @property
    def depth(self) -> float:
        """From a box or oval to where arrows begin to slant."""
        return _HEAD + self.heights * self.slot + _BELOW if self.labels else 0.0

    def away(self, number: int) -> float:
        """Return how far from a box or oval the middle of a label stands."""
        return _HEAD + (number % self.heights + 0.5) * self.slot


@dataclass(frozen=True, slots=True)
class _Row:
    """The factors of a series, and on which side of them its waves are: above (-1) or below (1)."""

    middle: float
    side: int

    def y(self, outwards: float) -> float:
        return self.middle + self.side * outwards


@dataclass(frozen=True, slots=True)
class _Measures:
    """What both series share.

    `deep` is half an oval, `inset` what waves leave free beside them, and `more` how much higher
    than a line the labels of correlations are.
    """

    spec: GrowthFigure
    loadings: _Band
    effects: _Band
    inset: float
    box: float
    tall: float
    oval: float
    deep: float
    covariate: float
    covariate_tall: float
    more: float

    def wave_x(self, wave: int) -> float:
        return _spread(wave, len(self.spec.waves), self.inset)

    def factor_x(self, factor: int) -> float:
        return _spread(factor, self.spec.width)

    def covariate_x(self, covariate: int) -> float:
        return _spread(covariate, len(self.spec.covariates))

    @property
    def outer(self) -> float:
        """From the middle of factors to the nearer edge of waves."""
        return self.deep + _RUN + self.loadings.depth

    @property
    def inner(self) -> float:
        """From the middle of factors to the nearer edge of covariates."""
        return self.deep + _RUN + self.effects.depth

    def edge(self, aside: float) -> float:
        """Return how far from its middle an oval ends, so far beside the middle."""
        return self.deep * sqrt(max(1 - (2 * aside / self.oval) ** 2, 0.0))


def _spread(number: int, count: int, inset: float = 0.0) -> float:
    left = MARGIN + inset
    return left + (number + 0.5) * (WIDTH - 2 * left) / count


def lay_out_growth(
    spec: GrowthFigure, texts: Sequence[str], numbers: Sequence[Sequence[str]]
) -> GrowthLayout:
    """Lay out a diagram whose arrows have these labels, and whose factors have these numbers."""
    count, many = len(spec.loadings), len(spec.effects)
    related = tuple(broken(text, _WIDEST_LABEL) for text in texts[count + many :])
    measures, lines = _measured(
        *(spec, texts[:count], texts[count : count + many], related, numbers)
    )
    named = [wrap(name, WIDTH - 2 * MARGIN, SMALL, bold=True) for name in spec.series]
    above = MARGIN + height(named[0], SMALL) + _AFTER_HEADING + measures.tall
    rows = [_Row(above + measures.outer, -1)]
    if len(spec.series) > 1:
        rows.append(_Row(rows[0].middle + _apart(measures), 1))
    ovals = [
        _around(measures.factor_x(factor), row.middle, measures.oval, 2 * measures.deep, each)
        for row, of_row in zip(rows, lines, strict=True)
        for factor, each in enumerate(of_row)
    ]
    boxes = [*_waves(measures, rows), *_covariates(measures, rows)]
    headings = tuple(_headings(measures, rows, named))
    drawn = [
        *_loadings(measures, rows),
        *_effects(measures, rows),
        *(_correlation(one, measures, rows) for one in spec.correlations),
    ]
    bands = (*measures.loadings.labels, *measures.effects.labels)
    pads = [_LABEL_PAD] * len(bands) + [_RELATED_PAD] * len(related)
    labels = (*bands, *related)
    places = [
        _placed(at, label, pad) for (_, at), label, pad in zip(drawn, labels, pads, strict=True)
    ]
    ends = [box.bottom for box in (*headings, *boxes, *ovals)] + [place[3] for place in places]
    return GrowthLayout(
        headings=headings,
        boxes=tuple(boxes),
        ovals=tuple(ovals),
        routes=tuple(route for route, _ in drawn),
        labels=labels,
        places=tuple(places),
        bottom=max(ends),
    )


def _measured(
    spec: GrowthFigure,
    loadings: Sequence[str],
    effects: Sequence[str],
    related: Sequence[tuple[str, ...]],
    numbers: Sequence[Sequence[str]],
) -> tuple[_Measures, list[list[tuple[str, ...]]]]:
    """Return all measures, and the lines in the ovals of each series."""
    page = WIDTH - 2 * MARGIN
    below, inset = _below_waves(spec, loadings)
    pitch = (page - 2 * inset) / len(spec.waves)
    wanted = max(
        widest(spec.waves, SMALL) + 2 * _PAD + 1.0,
        (spec.width - 1) * below.pitch + 2 * _PAD,
        _NARROWEST_BOX,
    )
    box = min(wanted, _WIDEST_BOX, pitch - _BETWEEN_BOXES)
    waves = [wrap(wave, box - 2 * _PAD, SMALL) for wave in spec.waves]
    tall = max(height(each, SMALL) for each in waves) + 2 * _PAD
    factors = page / spec.width
    room = factors - _BETWEEN_OVALS
    if spec.correlations:
        room = factors - _WIDEST_LABEL - 2 * (_RELATED_PAD + _HEAD)
    many = max(len(spec.covariates), 1)
    oval = max(_WIDEST_OVAL, many * _EASY_PITCH / _ENDS_SHARE)
    oval = max(min(oval, room), min(_NARROWEST_OVAL, room))
    lines = _lines(spec, numbers, _OVAL_SHARE * oval)
    highest = max((height(label, SMALL) for label in related), default=0.0)
    depths = [_depth(each, oval) for of_row in lines for each in of_row] + [highest]
    effect = _Band.of(effects, _ENDS_SHARE * oval / many)
    covariate = page / many - _BETWEEN_BOXES
    covariate = min(
        max(widest(spec.covariates, SMALL) + 2 * _PAD + 1.0, _NARROWEST_BOX),
        _WIDEST_OVAL,
        covariate,
    )
    said = [wrap(each, covariate - 2 * _PAD, SMALL) for each in spec.covariates]
    deep = max((height(each, SMALL) for each in said), default=0.0) + 2 * _PAD
    return _Measures(
        *(spec, below, effect, inset, box, tall, oval, max(depths) / 2, covariate, deep),
        more=max(highest - height(("",), SMALL), 0.0),
    ), lines


def _below_waves(spec: GrowthFigure, texts: Sequence[str]) -> tuple[_Band, float]:
    """Return the labels below boxes, and what these leave free for the last ones to reach out."""
    count = len(spec.waves) * spec.width
    band = _Band.of(texts, (WIDTH - 2 * MARGIN) / count)
    if band.heights == 1:
        return band, 0.0
    inset = band.pitch / 2
    return _Band.of(texts, (WIDTH - 2 * (MARGIN + inset)) / count), inset


def _lines(
    spec: GrowthFigure, numbers: Sequence[Sequence[str]], room: float
) -> list[list[tuple[str, ...]]]:
    """Return the lines in each oval: its label, and its numbers on one line if all fit."""
    joined = [", ".join(each) for each in numbers]
    together = widest(joined, SMALL) <= room
    found, number = [], 0
    for of_row in spec.factors:
        rows = []
        for factor in of_row:
            parts = (joined[number],) if together else tuple(numbers[number])
            told = tuple(line for part in parts if part for line in wrap(part, room, SMALL))
            rows.append((*wrap(factor.label, room, SMALL), *told))
            number += 1
        found.append(rows)
    return found


def _depth(lines: Sequence[str], across: float) -> float:
    """Return how deep an oval of some width must be to hold its lines."""
    return height(lines, SMALL) / sqrt(1 - (widest(lines, SMALL) / across) ** 2) + 5.0


def _apart(measures: _Measures) -> float:
    """Return how far below the factors of one series those of the other stand."""
    spec = measures.spec
    if spec.covariates:
        return 2 * measures.inner + measures.covariate_tall
    between = 2 * _LANE + _BETWEEN_LANES if spec.width > 2 else _BETWEEN_SERIES
    return 2 * measures.deep + between + 3 * measures.more


def _around(x: float, y: float, across: float, down: float, lines: tuple[str, ...]) -> Box:
    return Box(x - across / 2, y - down / 2, x + across / 2, y + down / 2, lines)


def _waves(measures: _Measures, rows: Sequence[_Row]) -> Iterator[Box]:
    for row in rows:
        y = row.y(measures.outer + measures.tall / 2)
        for wave, name in enumerate(measures.spec.waves):
            lines = wrap(name, measures.box - 2 * _PAD, SMALL)
            yield _around(measures.wave_x(wave), y, measures.box, measures.tall, lines)


def _covariates(measures: _Measures, rows: Sequence[_Row]) -> Iterator[Box]:
    y = rows[0].y(-measures.inner - measures.covariate_tall / 2)
    for number, name in enumerate(measures.spec.covariates):
        lines = wrap(name, measures.covariate - 2 * _PAD, SMALL)
        x = measures.covariate_x(number)
        yield _around(x, y, measures.covariate, measures.covariate_tall, lines)


def _headings(
    measures: _Measures, rows: Sequence[_Row], named: Sequence[tuple[str, ...]]
) -> Iterator[Box]:
    for row, lines in zip(rows, named, strict=True):
        beyond = measures.outer + measures.tall + _AFTER_HEADING + height(lines, SMALL) / 2
        yield _around(WIDTH / 2, row.y(beyond), WIDTH - 2 * MARGIN, height(lines, SMALL), lines)


_Drawn = tuple[tuple[Point, ...], Point]
"""A route, and the middle of its label."""


def _loadings(measures: _Measures, rows: Sequence[_Row]) -> Iterator[_Drawn]:
    band, arrows = measures.loadings, measures.spec.loadings
    for one, x, number in _slots(arrows, band.pitch, measures.wave_x):
        row = rows[one.end[0]]
        start = (measures.factor_x(one.start[1]), row.y(measures.deep))
        slants, ends = row.y(measures.outer - band.depth), row.y(measures.outer)
        at = (x, row.y(measures.outer - band.away(number)))
        yield (start, (x, slants), (x, ends)), at


def _effects(measures: _Measures, rows: Sequence[_Row]) -> Iterator[_Drawn]:
    band, arrows = measures.effects, measures.spec.effects
    for one, x, number in _slots(arrows, band.pitch, measures.factor_x):
        row = rows[one.end[0]]
        start = (measures.covariate_x(one.start[1]), row.y(-measures.inner))
        slants = row.y(-measures.deep - band.depth)
        ends = row.y(-measures.edge(x - measures.factor_x(one.end[1])))
        at = (x, row.y(-measures.deep - band.away(number)))
        yield (start, (x, slants), (x, ends)), at


def _slots(
    arrows: Sequence[GrowthArrow], pitch: float, middle: Callable[[int], float]
) -> Iterator[tuple[GrowthArrow, float, int]]:
    """Yield each arrow, where along the page it ends, and its number in its row."""
    ends: dict[Place, list[int]] = {}
    for one in sorted(arrows, key=lambda one: (one.end, one.start)):
        ends.setdefault(one.end, []).append(one.start[1])
    before: dict[Place, int] = {}
    for series, place in ends:
        before[series, place] = sum(len(ends.get((series, each), ())) for each in range(place))
    for one in arrows:
        sources = ends[one.end]
        slot = sources.index(one.start[1])
        x = middle(one.end[1]) + (slot - (len(sources) - 1) / 2) * pitch
        yield one, x, before[one.end] + slot


def _correlation(one: GrowthArrow, measures: _Measures, rows: Sequence[_Row]) -> _Drawn:
    first, last = sorted((one.start, one.end))
    row, other = rows[first[0]], rows[last[0]]
    left, right = measures.factor_x(first[1]), measures.factor_x(last[1])
    if row is other and last[1] - first[1] == 1:
        ends = (left + measures.oval / 2, row.middle), (right - measures.oval / 2, row.middle)
        return ends, _between(*ends, 0.5)
    if row is other:
        lane = measures.deep + _LANE + measures.more / 2
        y, edge = row.y(-lane), row.y(-measures.edge(_LANE_ENDS))
        left, right = left + _LANE_ENDS, right - _LANE_ENDS
        x = left + (right - left) * (0.5 if len(rows) == 1 else 0.25)
        return ((left, edge), (left, y), (right, y), (right, edge)), (x, y)
    across, down = right - left, other.middle - row.middle
    scale = hypot(2 * across / measures.oval, down / measures.deep)
    start = left + across / scale, row.middle + down / scale
    end = right - across / scale, other.middle - down / scale
    return (start, end), _between(start, end, _CROSSING if across else 0.5)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _placed(at: Point, label: tuple[str, ...], pad: float) -> Rectangle:
    half, tall = widest(label, SMALL) / 2 + pad, height(label, SMALL)
    return at[0] - half, at[1] - tall / 2, at[0] + half, at[1] + tall / 2
