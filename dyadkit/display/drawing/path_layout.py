"""Where the boxes, arrows and labels of a path diagram lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dyadkit.display.drawing.layouts import (
    POINTS,
    Box,
    FloatArray,
    Layout,
    Rectangle,
    Route,
    broken,
    halfway,
    inside,
    overlap,
    settled,
)
from dyadkit.display.drawing.lettering import height, printable, widest, wrap
from dyadkit.display.drawing.style import BODY, MARGIN, SMALL, WIDTH
from dyadkit.display.figures import Node, Path, PathFigure

PAD = 6.0
_ROW = 92.0
_BETWEEN_ROWS = 40.0
_NARROWEST_BOX, _WIDEST_BOX = 72.0, 128.0
_NARROWEST_GAP = 46.0
_ENDS = 26.0
_SPREAD = 11.0
# How far curves stand out: those beside a column, more so across several rows, and those that
# lead around boxes, more so around several.
_BESIDE, _BESIDE_STEP = 17.0, 8.0
_AROUND, _AROUND_STEP = 20.0, 10.0
_SIDE_LABEL = 60.0
_APART = 4.0
_UPRIGHT = 6.0
"""How much more room than its label an arrow has to the next box in its column."""
_HEADS = 28.0
"""What an arrow to the next box in its column has beyond its label, at both ends together."""
# Where labels stand on arrows: those within a row in the middle, those across rows near their
# start, where arrows that cross are apart.
_LEVEL, _CROSSING = 0.5, 0.26
_SHARES = tuple(0.14 + 0.04 * step for step in range(19))
_ROUNDS = 3


def lay_out_paths(spec: PathFigure, texts: Sequence[str]) -> Layout:
    """Lay out a path diagram whose paths have these labels."""
    nodes = {node.name: node for node in spec.nodes}
    columns = int(max((node.column for node in spec.nodes), default=0)) + 1
    size = BODY if columns <= 3 else SMALL
    beside = [
        text
        for text, path in zip(texts, spec.paths, strict=True)
        if path.both and _side(path, nodes)
    ]
    margin = MARGIN
    if beside:
        rows = [abs(nodes[p.start].row - nodes[p.end].row) for p in spec.paths if p.both]
        margin += _reach(max(rows)) + 2 * _APART + min(widest(beside, SMALL), _SIDE_LABEL)
    lanes = _lanes(spec, nodes)
    straight = [
        text
        for number, (text, path) in enumerate(zip(texts, spec.paths, strict=True))
        if not path.both and number not in lanes
    ]
    upright = [lane.count * (widest([texts[n]], SMALL) + _UPRIGHT) for n, lane in lanes.items()]
    across, gap = _widths(
        spec, columns, WIDTH - 2 * margin, size, straight, max(upright, default=0.0)
    )
    rooms = [_SIDE_LABEL if path.both else max(gap - 10.0, 20.0) for path in spec.paths]
    for number, lane in lanes.items():
        rooms[number] = across / lane.count - _UPRIGHT
    labels = tuple(broken(text, room) for text, room in zip(texts, rooms, strict=True))
    tall = max((height(labels[number], SMALL) for number in lanes), default=0.0) + _HEADS
    boxes = _boxes(spec, margin, across, gap, size, max(_BETWEEN_ROWS, tall))
    routes = tuple(_routes(spec, boxes, nodes, lanes))
    places = _places(spec, boxes, routes, labels, nodes)
    return settled(boxes, size, routes, labels, places)


def _reach(rows: float) -> float:
    """Return how far a curve beside a column stands out, by the rows between its ends."""
    return _BESIDE + _BESIDE_STEP * max(rows - 1, 0)


def _side(path: Path, nodes: Mapping[str, Node]) -> int:
    """Return the side of its column on which a covariance is drawn; 0 for between two boxes."""
    column = nodes[path.start].column
    columns = [node.column for node in nodes.values()]
    if column == min(columns):
        return -1
    if column == max(columns):
        return 1
    rows = sorted((nodes[path.start].row, nodes[path.end].row))
    between = [n for n in nodes.values() if n.column == column and rows[0] < n.row < rows[1]]
    return -1 if between else 0


@dataclass(frozen=True, slots=True)
class _Lane:
    """The place of an arrow beside others that join the same two boxes of a column."""

    place: int
    count: int


def _lanes(spec: PathFigure, nodes: Mapping[str, Node]) -> dict[int, _Lane]:
    """Return the paths that are upright, by number: downwards first, upwards last."""
    joined: dict[frozenset[str], list[tuple[int, int]]] = {}
    for number, path in enumerate(spec.paths):
        start, end = nodes[path.start], nodes[path.end]
        if start.column == end.column and not (path.both and _side(path, nodes)):
            order = 1 if path.both else 2 * (end.row < start.row)
            joined.setdefault(frozenset((path.start, path.end)), []).append((order, number))
    return {
        number: _Lane(place, len(every))
        for every in joined.values()
        for place, (_, number) in enumerate(sorted(every))
    }


def _widths(
    spec: PathFigure, columns: int, room: float, size: float, texts: Sequence[str], upright: float
) -> tuple[float, float]:
    """Share the page between boxes and the gaps where the labels of arrows stand.

    Boxes want to be as wide as the labels of `upright` arrows beside each other.
    """
    wanted = max(widest(texts, SMALL) + _ENDS, _NARROWEST_GAP)
    words = [word for node in spec.nodes for word in printable(node.label).split()]
    word = min(max(widest(words, size) + 2 * PAD + 1.0, upright), _WIDEST_BOX)
    least = (room - (columns - 1) * _NARROWEST_GAP) / columns
    natural = widest([node.label for node in spec.nodes], size) + 2 * PAD + 1.0
    across = max((room - (columns - 1) * wanted) / columns, min(word, least), 24.0)
    across = min(across, _WIDEST_BOX, max(natural, upright, _NARROWEST_BOX))
    return across, (room - columns * across) / max(columns - 1, 1)


def _boxes(
    spec: PathFigure, margin: float, across: float, gap: float, size: float, between: float
) -> dict[str, Box]:
    lines = {node.name: wrap(node.label, across - 2 * PAD, size) for node in spec.nodes}
    tallest = max((height(block, size) for block in lines.values()), default=0.0) + 2 * PAD
    down = max(_ROW, tallest + between)
    found = {}
    for node in spec.nodes:
        left, top = margin + node.column * (across + gap), MARGIN + node.row * down
        found[node.name] = Box(left, top, left + across, top + tallest, lines[node.name])
    return found


def _routes(
    spec: PathFigure,
    boxes: Mapping[str, Box],
    nodes: Mapping[str, Node],
    lanes: Mapping[int, _Lane],
) -> list[Route]:
    most = max((node.row for node in spec.nodes), default=0)
    found: dict[int, Route] = {}
    straight = []
    for number, path in enumerate(spec.paths):
        start, end = nodes[path.start], nodes[path.end]
        one, two = boxes[path.start], boxes[path.end]
        others = [box for name, box in boxes.items() if name not in (path.start, path.end)]
        level = (one.right, one.middle[1]), (two.left, two.middle[1])
        if number in lanes:
            found[number] = _upright(one, two, lanes[number])
        elif path.both:
            found[number] = _covariance(path, boxes, nodes)
        elif _hits(Route(level[0], halfway(*level), level[1]), others):
            reach = _AROUND + _AROUND_STEP * (end.column - start.column - 2)
            sides = (-1, 1) if start.row + end.row <= most else (1, -1)
            around = [_around(one, two, side * reach) for side in sides]
            found[number] = min(around, key=lambda route: _hits(route, others))
        else:
            straight.append(number)
    falls = {
        number: nodes[spec.paths[number].end].row - nodes[spec.paths[number].start].row
        for number in straight
    }
    for number in straight:
        path = spec.paths[number]
        one, two = boxes[path.start], boxes[path.end]
        leaving = [falls[at] for at in straight if spec.paths[at].start == path.start]
        arriving = [-falls[at] for at in straight if spec.paths[at].end == path.end]
        begin = (one.right, one.middle[1] + _aside(one, falls[number], leaving))
        finish = (two.left, two.middle[1] + _aside(two, -falls[number], arriving))
        found[number] = Route(begin, halfway(begin, finish), finish)
    return [found[number] for number in range(len(spec.paths))]


def _aside(box: Box, fall: float, every: Sequence[float]) -> float:
    """Return how far from its middle a box is left or met by an arrow, those above it first.

    A level arrow keeps the middle.
    """
    ranks = sorted(set(every))
    middle = ranks.index(0) if 0 in ranks else (len(ranks) - 1) / 2
    room = (box.bottom - box.top) / 2 - 3.0
    step = min(_SPREAD, room / max(middle, len(ranks) - 1 - middle, 1.0))
    return (ranks.index(fall) - middle) * step


def _around(one: Box, two: Box, reach: float) -> Route:
    """Return a curve over the tops of boxes, or below them, that stands out by `reach`."""
    ys = [box.top if reach < 0 else box.bottom for box in (one, two)]
    start, end = (one.middle[0] + 10.0, ys[0]), (two.middle[0] - 10.0, ys[1])
    outer = min(ys) if reach < 0 else max(ys)
    return Route(start, ((start[0] + end[0]) / 2, outer + 2 * reach), end)


def _hits(route: Route, boxes: Sequence[Box]) -> int:
    points = route.at(np.linspace(0, 1, POINTS))
    return sum(inside(points, (b.left, b.top, b.right, b.bottom)) for b in boxes)


def _covariance(path: Path, boxes: Mapping[str, Box], nodes: Mapping[str, Node]) -> Route:
    """Return a curve beside the column."""
    one, two = sorted((boxes[path.start], boxes[path.end]), key=lambda box: box.top)
    side = _side(path, nodes)
    x = one.left if side < 0 else one.right
    reach = _reach(abs(nodes[path.start].row - nodes[path.end].row))
    start, end = (x, one.middle[1]), (x, two.middle[1])
    return Route(start, (x + 2 * side * reach, halfway(start, end)[1]), end, side)


def _upright(one: Box, two: Box, lane: _Lane) -> Route:
    """Return a straight line from a box to that above or below."""
    x = one.left + (one.right - one.left) * (lane.place + 0.5) / lane.count
    down = one.top < two.top
    start, end = (x, one.bottom if down else one.top), (x, two.top if down else two.bottom)
    return Route(start, halfway(start, end), end)


def _places(
    spec: PathFigure,
    boxes: Mapping[str, Box],
    routes: Sequence[Route],
    labels: Sequence[tuple[str, ...]],
    nodes: Mapping[str, Node],
) -> tuple[Rectangle, ...]:
    """Move each label along its arrow to where it touches least, given where the others stand."""
    taken = [(box.left - 1, box.top - 1, box.right + 1, box.bottom + 1) for box in boxes.values()]
    lines = [route.at(np.linspace(0, 1, POINTS)) for route in routes]
    wanted = [
        _CROSSING
        if nodes[path.start].column != nodes[path.end].column
        and nodes[path.start].row != nodes[path.end].row
        else _LEVEL
        for path in spec.paths
    ]
    found = [_place(*one) for one in zip(routes, labels, wanted, strict=True)]
    for _ in range(_ROUNDS):
        for number, (route, label) in enumerate(zip(routes, labels, strict=True)):
            others = [place for at, place in enumerate(found) if at != number]
            crossing = [line for at, line in enumerate(lines) if at != number]

            def cost(
                share: float,
                number: int = number,
                route: Route = route,
                label: tuple[str, ...] = label,
                others: list[Rectangle] = others,
                crossing: list[FloatArray] = crossing,
            ) -> float:
                place = _place(route, label, share)
                touched = sum(overlap(place, other) for other in (*taken, *others))
                outside = place[0] < MARGIN - 1 or place[2] > WIDTH - MARGIN + 1
                crossed = sum(inside(line, place) for line in crossing)
                return 100.0 * (touched + outside) + crossed + abs(share - wanted[number])

            found[number] = _place(route, label, min((wanted[number], *_SHARES), key=cost))
    return tuple(found)


def _place(route: Route, label: tuple[str, ...], share: float) -> Rectangle:
    """Return the space of a label that stands on its arrow, or outside a curve beside a column."""
    x, y = route.at(share).tolist()
    half, tall = widest(label, SMALL) / 2 + 2.0, height(label, SMALL)
    x += route.beside * (half + _APART - 2.0)
    return x - half, y - tall / 2, x + half, y + tall / 2
