"""Where the boxes, arrows and labels of a diagram of a panel lie.

Nothing can overlap, whichever arrows there are: before each box lies a band of labels, one below
the other in the order of their sources, and an arrow is level where it passes this band.  Between
the boxes of a wave and the band of the next there are arrows only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from dyadkit.display.drawing.layouts import Box, Point, Rectangle, broken
from dyadkit.display.drawing.lettering import height, printable, widest, wrap
from dyadkit.display.drawing.style import MARGIN, SMALL, WIDTH
from dyadkit.display.lagged_figures import LaggedFigure, LaggedPath

# How many waves stand side by side at most, and where more arrows than so many cross between them.
_MOST_COLUMNS, _MOST_CROWDED, _MANY = 5, 3, 8
_PAD = 3.0
_NARROWEST_BOX, _WIDEST_BOX = 28.0, 84.0
_NARROWEST_HEADING, _WIDEST_HEADING = 48.0, 100.0
_AFTER_HEADING = 6.0
_WIDEST_LABEL = 46.0
_LABEL_PAD = 3.0
"""So much white that no dash of a line is taken for a minus."""
_BETWEEN_LABELS = 0.8
_HEAD = 9.0
"""From a label to its box, for the head of the arrow."""
_RUN = 22.0
"""What arrows have at least to change their height."""
_EASY_GAP = 110.0
"""How wide gaps are before names have more room than they need."""
_BETWEEN_ROWS, _BETWEEN_TWO, _BESIDE_RELATED = 16.0, 30.0, 35.0
_LANE = 6.0
"""How far from boxes an effect passes that leads around them."""
_BETWEEN_LINES = 32.0


_Lines = list[tuple[int, int]]
"""The first and the last wave of each line of columns."""


@dataclass(frozen=True, slots=True)
class LaggedBox:
    """A box, and whether it was drawn before."""

    box: Box
    again: bool


@dataclass(frozen=True, slots=True)
class LaggedLayout:
    """A diagram of a panel laid out.

    Attributes
    ----------
    boxes : tuple of LaggedBox
    headings : tuple of Box
        The names of the series, before each line of boxes.
    routes : tuple of tuple of Point
        The points that each arrow leads through.
    labels : tuple of tuple of str
        The lines of the label of each path.
    places : tuple of tuple of float
        Left, top, right and bottom of each label.
    bottom : float
    """

    boxes: tuple[LaggedBox, ...]
    headings: tuple[Box, ...]
    routes: tuple[tuple[Point, ...], ...]
    labels: tuple[tuple[str, ...], ...]
    places: tuple[Rectangle, ...]
    bottom: float


@dataclass(frozen=True, slots=True)
class _Measures:
    """What all lines of columns share."""

    heading: float
    box: float
    gap: float
    band: float
    slot: float
    tall: float
    pitch: float
    above: float
    rows: int
    around: bool

    def left(self, place: int) -> float:
        return MARGIN + self.heading + place * (self.box + self.gap)

    def right(self, place: int) -> float:
        return self.left(place) + self.box

    def before(self, place: int) -> float:
        """Return where the labels before a column begin."""
        return self.left(place) - self.band

    def top(self, row: int) -> float:
        return row * self.pitch

    def level(self, row: int, source: int | None) -> float:
        """Return how high the arrow from a row stands at a box; None leads around boxes."""
        count = self.rows + self.around
        over = self.over(row)
        at = (0 if over else self.rows) if source is None else source + (self.around and over)
        return self.top(row) + self.tall / 2 + (at - (count - 1) / 2) * self.slot

    def over(self, row: int) -> bool:
        """Return whether a row's effects over two waves lead over its boxes, or else below."""
        return row < self.rows / 2

    def lane(self, row: int) -> float:
        return self.top(row) - _LANE if self.over(row) else self.top(row) + self.tall + _LANE


def lay_out_lagged(spec: LaggedFigure, texts: Sequence[str], top: float) -> LaggedLayout:
    """Lay out a diagram whose paths have these labels, from `top` on."""
    labels = tuple(broken(text, _WIDEST_LABEL) for text in texts)
    around = any(path.lag == 2 for path in spec.paths)
    lines, measures = _measured(spec, labels, around=around)
    boxes: list[LaggedBox] = []
    headings: list[Box] = []
    routes: list[tuple[Point, ...]] = [()] * len(spec.paths)
    places: list[Rectangle] = [(0.0, 0.0, 0.0, 0.0)] * len(spec.paths)
    down, done = top + measures.above, -1
    for first, last in lines:
        headings += _headings(spec, measures, down)
        boxes += _boxes(spec, measures, range(first, last + 1), done, down)
        for number, path in enumerate(spec.paths):
            if done < path.now <= last:
                route, place = _drawn(path, labels[number], measures, first)
                routes[number] = tuple((x, y + down) for x, y in route)
                places[number] = (place[0], place[1] + down, place[2], place[3] + down)
        done = last
        down += measures.top(len(spec.series) - 1) + measures.tall
        down += max(_BETWEEN_LINES, 2 * measures.above + _PAD)
    bottom = max([box.bottom for box in headings] + [each.box.bottom for each in boxes] + [top])
    return LaggedLayout(
        *(tuple(boxes), tuple(headings), tuple(routes), labels, tuple(places)),
        bottom + measures.above,
    )


def _lines(waves: int, columns: int, shared: int) -> _Lines:
    """Return the first and the last wave of each line, which shares some with the next.

    There are as few lines as can be, and they are as long as one another.
    """
    count = 1 if waves <= columns else ceil((waves - shared) / (columns - shared))
    step = ceil((waves - shared) / count)
    return [(line * step, min((line + 1) * step + shared, waves) - 1) for line in range(count)]


def _columns(lines: _Lines) -> int:
    return max(lines[0][1] - lines[0][0] + 1, 1)


def _measured(
    spec: LaggedFigure, labels: Sequence[tuple[str, ...]], *, around: bool
) -> tuple[_Lines, _Measures]:
    """Return the lines, of as many columns as fit side by side, and all measures."""
    rows = len(spec.series)
    band = widest([line for label in labels for line in label], SMALL) + 2 * _LABEL_PAD + _HEAD
    slot = max((height(label, SMALL) for label in labels), default=0.0) + _BETWEEN_LABELS
    least = max(min(3 if around else 2, len(spec.waves)), 1)
    most = max(min(len(spec.waves), _most(spec, around=around)), least)
    choices = (
        _lines(len(spec.waves), count, 2 if around else 1) for count in range(most, least - 1, -1)
    )
    related = [label for label, path in zip(labels, spec.paths, strict=True) if not path.lag]
    # The label of a correlation stays out of the gaps beside it.
    narrowest = widest([line for label in related for line in label], SMALL) + 2 * _LABEL_PAD
    pages = (
        (each, _shared(spec, _columns(each), band + _RUN, max(narrowest, _NARROWEST_BOX)))
        for each in choices
    )
    lines, page = next(
        (each, page) for each, page in pages if page.whole or _columns(each) <= least
    )
    said = [wrap(wave, page.box - 2 * _PAD, SMALL) for wave in spec.waves]
    tall = max((height(each, SMALL) for each in said), default=0.0)
    tall = max(tall, (rows + around) * slot) + 2 * _PAD
    names = [wrap(name, page.heading - _AFTER_HEADING, SMALL, bold=True) for name in spec.series]
    named = max((height(each, SMALL) for each in names), default=0.0)
    between = _BETWEEN_TWO if rows == 2 else _BETWEEN_ROWS
    if related:
        between = max(height(label, SMALL) for label in related) + _BESIDE_RELATED
    pitch = max(tall + between, named + _PAD)
    above = max(2 * _LANE * around, (named - tall) / 2, 0.0)
    return lines, _Measures(
        *(page.heading, page.box, page.gap, band, slot, tall, pitch, above, rows, around)
    )


def _most(spec: LaggedFigure, *, around: bool) -> int:
    """Return how many columns stand side by side at most.

    Effects over two waves take more columns, the less of these stand side by side.
    """
    sloping = Counter(path.now for path in spec.paths if path.source != path.target and path.lag)
    crowded = max(sloping.values(), default=0) > _MANY and not around
    return _MOST_CROWDED if crowded else _MOST_COLUMNS


@dataclass(frozen=True, slots=True)
class _Shared:
    """The page shared between names, boxes and gaps; `whole` says that no word is broken."""

    heading: float
    box: float
    gap: float
    whole: bool


def _shared(spec: LaggedFigure, columns: int, least_gap: float, least_box: float) -> _Shared:
    words = [word for name in spec.series for word in printable(name).split()]
    natural = widest(spec.series, SMALL, bold=True) + 1.0
    word = widest(words, SMALL, bold=True) + 1.0
    name = min(max(word, _NARROWEST_HEADING), _WIDEST_HEADING, natural)
    waved = [word for wave in spec.waves for word in printable(wave).split()]
    wanted = min(max(widest(waved, SMALL) + 2 * _PAD + 1.0, least_box), _WIDEST_BOX)
    gaps = max(columns - 1, 1)
    room = WIDTH - 2 * MARGIN - _AFTER_HEADING - name
    box = min(wanted, (room - gaps * least_gap) / columns)
    whole = box == wanted
    easy = max(_EASY_GAP, least_gap)
    more = min(max(room - columns * box - gaps * easy, 0.0), natural - name)
    room -= more
    on_one_line = min(widest(spec.waves, SMALL) + 2 * _PAD + 1.0, _WIDEST_BOX)
    box = max(box, min((room - gaps * easy) / columns, on_one_line))
    return _Shared(name + more + _AFTER_HEADING, box, (room - columns * box) / gaps, whole)


def _headings(spec: LaggedFigure, measures: _Measures, down: float) -> Iterator[Box]:
    for row, name in enumerate(spec.series):
        lines = wrap(name, measures.heading - _AFTER_HEADING, SMALL, bold=True)
        middle = down + measures.top(row) + measures.tall / 2
        half = height(lines, SMALL) / 2
        right = MARGIN + measures.heading - _AFTER_HEADING
        yield Box(MARGIN, middle - half, right, middle + half, lines)


def _boxes(
    spec: LaggedFigure, measures: _Measures, waves: range, done: int, down: float
) -> Iterator[LaggedBox]:
    for place, wave in enumerate(waves):
        lines = wrap(spec.waves[wave], measures.box - 2 * _PAD, SMALL)
        for row in range(len(spec.series)):
            if (row, wave) in spec.without:
                continue
            top = down + measures.top(row)
            left, right = measures.left(place), measures.right(place)
            yield LaggedBox(Box(left, top, right, top + measures.tall, lines), wave <= done)


def _drawn(
    path: LaggedPath, label: tuple[str, ...], measures: _Measures, first: int
) -> tuple[tuple[Point, ...], Rectangle]:
    """Return the points of an arrow on a line of columns, and the space of its label."""
    before, now = path.before - first, path.now - first
    half, tall = widest(label, SMALL) / 2 + _LABEL_PAD, height(label, SMALL)
    if not path.lag:
        x = (measures.left(now) + measures.right(now)) / 2
        start, end = measures.top(path.source) + measures.tall, measures.top(path.target)
        y = (start + end) / 2
        return ((x, start), (x, end)), (x - half, y - tall / 2, x + half, y + tall / 2)
    source = None if path.lag == 2 else path.source
    y = measures.level(path.target, source)
    begins = path.target if path.lag == 1 else None
    points = [(measures.right(before), measures.level(path.source, begins))]
    if path.lag == 2:
        lane = measures.lane(path.source)
        points += [(measures.before(before + 1), lane), (measures.right(before + 1), lane)]
    points += [(measures.before(now), y), (measures.left(now), y)]
    x = measures.left(now) - _HEAD - half
    return tuple(points), (x - half, y - tall / 2, x + half, y + tall / 2)
