"""Where factors, their items and the loadings on the arrows between them lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import cos, hypot, radians, sin, sqrt

import numpy as np

from dyadkit.display.drawing.layouts import (
    Box,
    Layout,
    Point,
    Rectangle,
    Route,
    broken,
    halfway,
    inside,
    overlap,
    settled,
)
from dyadkit.display.drawing.lettering import height, printable, widest, wrap
from dyadkit.display.drawing.style import MARGIN, SMALL, WIDTH
from dyadkit.display.figures import Node, Path, PathFigure

_PAD = 4.0
_BETWEEN_ROWS = 8.0
_WIDEST_BOX, _NARROWEST_BOX = 128.0, 60.0
_NARROWEST_OVAL, _WIDEST_OVAL = 50.0, 78.0
_OVAL_SHARE = 0.74
"""How much of an oval's width its label may take."""
_LOWEST_OVAL = 30.0
_WIDEST_LABEL = 60.0
_LEAST = 44.0
"""What every column has, however wide loadings are."""
# From a box to the label of the arrow that points to it, and from there to the factor.
_HEAD, _RUN = 8.0, 16.0
_MIDDLE_GAP = 30.0
_RISE = 13.0
_COVARIANCE_ANGLE = radians(40)
_POINTS = 201
# From straight arrows to ones that reach their item level, from as far as the factor.
_BENDS = (0.0, 0.4, 0.55, 0.7, 0.85, 1.0)
_CLEAR = 1.0
_ASTRAY = 0.3
"""How far from the row of its item a loading may stand, in rows."""


def lay_out_factors(spec: PathFigure, texts: Sequence[str]) -> Layout:
    """Lay out a path diagram with factors whose paths have these labels.

    Loadings stand in front of their items, each in the row of its own.  Arrows are bent no more
    than keeps them clear of the loadings of others.
    """
    nodes = {node.name: node for node in spec.nodes}
    columns = int(max(node.column for node in spec.nodes)) + 1
    room = WIDTH - 2 * MARGIN - columns * _LEAST - (columns - 1) * (_HEAD + _RUN)
    limit = min(room / max(columns - 1, 1), _WIDEST_LABEL)
    labels = tuple(broken(text, limit) for text in texts)
    boxes = _boxes(spec, columns, labels)
    items = [
        None if path.both or nodes[path.end].factor else boxes[path.end] for path in spec.paths
    ]
    loadings = [line for label, item in zip(labels, items, strict=True) if item for line in label]
    away = _HEAD + widest(loadings, SMALL) / 2
    found = []
    for bend in _BENDS:
        routes = [_route(path, nodes, boxes, bend) for path in spec.paths]
        places = [
            _place(route, label, away if item else None)
            for route, label, item in zip(routes, labels, items, strict=True)
        ]
        touched = _touched(routes, places, boxes) + _astray(places, items)
        found.append((touched, bend, routes, places))
    _, _, routes, places = min(found, key=lambda each: each[:2])
    headings = tuple(_headings(spec, boxes))
    return settled(boxes, SMALL, routes, labels, places, headings)


def _boxes(spec: PathFigure, columns: int, labels: Sequence[tuple[str, ...]]) -> dict[str, Box]:
    items = [node for node in spec.nodes if not node.factor]
    factors = [node for node in spec.nodes if node.factor]
    lefts, across, oval = _columns(spec, columns, labels)
    lines = {node.name: wrap(node.label, across - 2 * _PAD, SMALL) for node in items}
    lines |= {node.name: wrap(node.label, _OVAL_SHARE * oval, SMALL) for node in factors}
    tall = max((height(lines[node.name], SMALL) for node in items), default=0.0) + 2 * _PAD
    deep = max(_depth(lines[node.name], oval) for node in factors)
    found = {}
    for node in spec.nodes:
        wide, high = (oval, deep) if node.factor else (across, tall)
        before, share = int(node.column), node.column % 1
        x = lefts[before] + (oval if before in _oval_columns(spec) else across) / 2
        if share:
            after = lefts[before + 1]
            after += (oval if before + 1 in _oval_columns(spec) else across) / 2
            x += share * (after - x)
        y = node.row * (tall + _BETWEEN_ROWS)
        found[node.name] = Box(
            x - wide / 2, y - high / 2, x + wide / 2, y + high / 2, lines[node.name]
        )
    return found


def _oval_columns(spec: PathFigure) -> set[float]:
    return {node.column for node in spec.nodes if node.factor}


def _depth(lines: Sequence[str], across: float) -> float:
    """Return how deep an oval of some width must be to hold its label."""
    share = widest(lines, SMALL) / across
    return max(height(lines, SMALL) / sqrt(1 - share**2) + 4.0, _LOWEST_OVAL)


def _columns(
    spec: PathFigure, columns: int, labels: Sequence[tuple[str, ...]]
) -> tuple[list[float], float, float]:
    """Return where columns begin, and how wide boxes and ovals are."""
    nodes = {node.name: node for node in spec.nodes}
    ovals = _oval_columns(spec)
    ends = [
        (label, nodes[path.start].column, nodes[path.end].column, path.both)
        for label, path in zip(labels, spec.paths, strict=True)
    ]
    loaded = {min(one, two) for _, one, two, both in ends if not both and abs(two - one) == 1}
    loadings = [line for label, _, _, both in ends if not both for line in label]
    gap = widest(loadings, SMALL) + _HEAD + _RUN
    gaps = [gap if column in loaded else _MIDDLE_GAP for column in range(columns - 1)]
    words = [word for node in spec.nodes if node.factor for word in printable(node.label).split()]
    oval = min(max(widest(words, SMALL) / _OVAL_SHARE + 1.0, _NARROWEST_OVAL), _WIDEST_OVAL)
    count = sum(column in ovals for column in range(columns))
    others = max(columns - count, 1)
    room = WIDTH - 2 * MARGIN - sum(gaps)
    oval = min(oval, (room - others * _LEAST) / max(count, 1))
    room -= count * oval
    natural = widest([node.label for node in spec.nodes if not node.factor], SMALL) + 2 * _PAD + 1.0
    words = [word for heading in spec.headings for word in printable(heading).split()]
    least = max(natural, widest(words, SMALL, bold=True), _NARROWEST_BOX)
    across = min(room / others, _WIDEST_BOX, least)
    spare = room - others * across
    shares = [1.0 if column in loaded else 0.5 for column in range(columns - 1)]
    gaps = [each + spare * share / sum(shares) for each, share in zip(gaps, shares, strict=True)]
    lefts = [MARGIN]
    for column, each in enumerate(gaps):
        lefts.append(lefts[-1] + (oval if column in ovals else across) + each)
    return lefts, across, oval


def _route(path: Path, nodes: Mapping[str, Node], boxes: Mapping[str, Box], bend: float) -> Route:
    one, two = boxes[path.start], boxes[path.end]
    if path.both:
        return _arc(*sorted((one, two), key=lambda box: box.left))
    if nodes[path.end].factor:
        begin, finish = _edge(one, two.middle), _edge(two, one.middle)
        return Route(begin, halfway(begin, finish), finish)
    x = two.right if one.middle[0] > two.middle[0] else two.left
    finish = (x, two.middle[1])
    towards = (x + bend * (one.middle[0] - x), finish[1])
    if bend and _scale(one, towards) > 1:
        return Route(_edge(one, towards), towards, finish)
    begin = _edge(one, finish)
    return Route(begin, halfway(begin, finish), finish)


def _scale(oval: Box, point: Point) -> float:
    """Return how many times further from the middle of an oval a point lies than its edge."""
    x, y = oval.middle
    across, down = oval.right - oval.left, oval.bottom - oval.top
    return hypot(2 * (point[0] - x) / across, 2 * (point[1] - y) / down)


def _edge(oval: Box, towards: Point) -> Point:
    """Return where a line from the middle of an oval to a point outside leaves it."""
    (x, y), scale = oval.middle, _scale(oval, towards)
    return x + (towards[0] - x) / scale, y + (towards[1] - y) / scale


def _arc(one: Box, two: Box) -> Route:
    """Return a curve over two ovals, from the upper inner side of one to that of the other."""
    aside, up = cos(_COVARIANCE_ANGLE), sin(_COVARIANCE_ANGLE)
    ends = [
        (
            box.middle[0] + side * aside * (box.right - box.left) / 2,
            box.middle[1] - up * (box.bottom - box.top) / 2,
        )
        for box, side in ((one, 1), (two, -1))
    ]
    top = min(one.top, two.top) - _RISE
    x, y = halfway(ends[0], ends[1])
    return Route(ends[0], (x, 2 * top - y), ends[1])


def _place(route: Route, label: Sequence[str], away: float | None) -> Rectangle:
    """Return the space of a label: so far from the end of its arrow, or else in the middle."""
    half, tall = widest(label, SMALL) / 2 + 1.5, height(label, SMALL)
    share = 0.5
    if away is not None:
        shares = np.linspace(0, 1, _POINTS)
        before = np.abs(route.at(shares)[:, 0] - route.end[0])
        share = float(np.interp(-away, -before, shares))
    x, y = route.at(share).tolist()
    return x - half, y - tall / 2, x + half, y + tall / 2


def _astray(places: Sequence[Rectangle], items: Sequence[Box | None]) -> int:
    """Count loadings that stand too far from the row of their item."""
    return sum(
        abs((top + bottom) / 2 - item.middle[1])
        > _ASTRAY * (item.bottom - item.top + _BETWEEN_ROWS)
        for (_, top, _, bottom), item in zip(places, items, strict=True)
        if item is not None
    )


def _touched(routes: Sequence[Route], places: Sequence[Rectangle], boxes: Mapping[str, Box]) -> int:
    """Count what labels touch: arrows of others, boxes, ovals and each other."""
    lines = [route.at(np.linspace(0, 1, _POINTS)) for route in routes]
    taken = [(box.left, box.top, box.right, box.bottom) for box in boxes.values()]
    count = 0
    for number, (left, top, right, bottom) in enumerate(places):
        wider = (left - _CLEAR, top - _CLEAR, right + _CLEAR, bottom + _CLEAR)
        count += sum(inside(line, wider) for at, line in enumerate(lines) if at != number)
        count += sum(overlap(wider, other) for other in (*taken, *places[:number]))
    return count


def _headings(spec: PathFigure, boxes: Mapping[str, Box]) -> Iterator[Box]:
    """Stand the heading of each column on its highest box."""
    for column, text in enumerate(spec.headings):
        there = [boxes[node.name] for node in spec.nodes if node.column == column]
        if text and there:
            box = min(there, key=lambda each: each.top)
            lines = wrap(text, box.right - box.left, SMALL, bold=True)
            top = box.top - _PAD - height(lines, SMALL)
            yield Box(box.left, top, box.right, box.top - _PAD, lines)
