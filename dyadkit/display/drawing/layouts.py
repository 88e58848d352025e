"""What layouts of diagrams are made of: boxes, curves, and the spaces of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dyadkit.display.drawing.lettering import widest, wrap
from dyadkit.display.drawing.style import MARGIN, SMALL

FloatArray = NDArray[np.float64]
Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]
POINTS = 41


@dataclass(frozen=True, slots=True)
class Box:
    """A box and the lines of its label."""

    left: float
    top: float
    right: float
    bottom: float
    lines: tuple[str, ...]

    @property
    def middle(self) -> Point:
        """Its centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Route:
    """A quadratic curve: from its start to its end, drawn towards a third point."""

    start: Point
    towards: Point
    end: Point
    beside: int = 0

    def at(self, share: float | FloatArray) -> FloatArray:
        """Return the point at a share of the way, or one point for each of several."""
        t = np.asarray(share)[..., None]
        start, towards, end = (np.array(p) for p in (self.start, self.towards, self.end))
        return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * towards + t**2 * end)


@dataclass(frozen=True, slots=True)
class Layout:
    """A path diagram laid out.

    Attributes
    ----------
    boxes : dict of str to Box
    size : float
        Of the type in the boxes.
    routes : tuple of Route
        One a path.
    labels : tuple of tuple of str
        The lines of the label of each path.
    places : tuple of tuple of float
        Left, top, right and bottom of each label.
    bottom : float
        Where all this ends.
    headings : tuple of Box
        What stands above columns.
    """

    boxes: dict[str, Box]
    size: float
    routes: tuple[Route, ...]
    labels: tuple[tuple[str, ...], ...]
    places: tuple[Rectangle, ...]
    bottom: float
    headings: tuple[Box, ...] = ()


def settled(
    boxes: Mapping[str, Box],
    size: float,
    routes: Sequence[Route],
    labels: Sequence[tuple[str, ...]],
    places: Sequence[Rectangle],
    headings: Sequence[Box] = (),
) -> Layout:
    """Return a layout lowered to where nothing stands out above the page."""
    blocks = [*boxes.values(), *headings]
    ys = [route.at(np.linspace(0, 1, POINTS))[:, 1] for route in routes]
    edges = [box.top for box in blocks] + [place[1] for place in places]
    edges += [float(each.min()) for each in ys]
    down = max(MARGIN - min(edges, default=MARGIN), 0.0)
    ends = [box.bottom for box in blocks] + [place[3] for place in places]
    ends += [float(each.max()) for each in ys]
    return Layout(
        {name: _lower_box(box, down) for name, box in boxes.items()},
        size,
        tuple(_lower_route(route, down) for route in routes),
        tuple(labels),
        tuple((left, top + down, right, end + down) for left, top, right, end in places),
        max(ends, default=MARGIN) + down,
        tuple(_lower_box(box, down) for box in headings),
    )


def _lower_box(box: Box, down: float) -> Box:
    return Box(box.left, box.top + down, box.right, box.bottom + down, box.lines)


def _lower_route(route: Route, down: float) -> Route:
    start, towards, end = ((x, y + down) for x, y in (route.start, route.towards, route.end))
    return Route(start, towards, end, route.beside)


def halfway(one: Point, two: Point) -> Point:
    """Return the point between two."""
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def broken(text: str, room: float) -> tuple[str, ...]:
    """Break a label, before its interval rather than within it."""
    if widest([text], SMALL) <= room:
        return wrap(text, room, SMALL)
    head, bracket, tail = text.partition(" [")
    parts = (head, f"[{tail}") if bracket else (text,)
    return tuple(line for part in parts for line in wrap(part, room, SMALL))


def inside(points: FloatArray, place: Rectangle) -> bool:
    """Return whether some points lie within a rectangle."""
    left, top, right, bottom = place
    x, y = points[..., 0], points[..., 1]
    return bool(((x > left) & (x < right) & (y > top) & (y < bottom)).any())


def overlap(one: Rectangle, two: Rectangle) -> bool:
    """Return whether two rectangles share more than an edge."""
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
