"""Where the arrows, boxes, ovals and labels of a drawn path diagram lie, and what they touch.

Units are points from the top left corner of the page.
"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.text import Text

from tests.display.drawn import boxes, frames_of, texts

PIXEL = 0.73
"""Extents are those of inked pixels at 100 dpi: they may reach into one more (0.72 points)."""


def arrows_of(figure: Figure) -> list[FancyArrowPatch]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]


def points_of(arrow: FancyArrowPatch) -> np.ndarray:
    """Return points along an arrow."""
    start, towards, end = arrow._path_original.vertices
    t = np.linspace(0.0, 1.0, 201)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * towards + t**2 * end)


def nodes_of(figure: Figure) -> list[Rectangle | Ellipse]:
    return [
        patch
        for patch in figure.axes[0].patches
        if isinstance(patch, Rectangle | Ellipse) and patch.get_edgecolor()[3] > 0
    ]


def corners(figure: Figure, *, nodes: bool) -> np.ndarray:
    """Return left, top, right and bottom of boxes and ovals, or of the spaces left for labels."""
    if nodes:
        return down_the_page(figure, boxes(figure, nodes_of(figure)))  # type: ignore[arg-type]
    found = [
        (one.get_x(), one.get_y(), one.get_x() + one.get_width(), one.get_y() + one.get_height())
        for one in frames_of(figure)
        if one.get_edgecolor()[3] == 0
    ]
    return np.array(found)


def down_the_page(figure: Figure, extents: np.ndarray) -> np.ndarray:
    """Return left, bottom, right and top, up the page, as left, top, right and bottom."""
    turned = 72 * figure.get_figheight() - extents[:, [3, 1]]
    return np.stack([extents[:, 0], turned[:, 0], extents[:, 2], turned[:, 1]], axis=1)


def extents_of(figure: Figure, found: list[Text] | None = None) -> np.ndarray:
    """Return left, top, right and bottom of texts as drawn."""
    return down_the_page(figure, boxes(figure, texts(figure) if found is None else found))


def shared(one: np.ndarray, two: np.ndarray, slack: float = 1e-9) -> np.ndarray:
    """Return which rectangles share more than an edge."""
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, 2:], two[None, :, 2:])
    return np.asarray((high - low > slack).all(axis=2))


def crossed(arrow: FancyArrowPatch, places: np.ndarray) -> np.ndarray:
    """Return which rectangles an arrow passes through."""
    points = points_of(arrow)[:, None]
    within = (points > places[None, :, :2]).all(axis=2) & (points < places[None, :, 2:]).all(axis=2)
    return np.asarray(within.any(axis=0))


def entered(arrow: FancyArrowPatch, node: Rectangle | Ellipse) -> bool:
    """Return whether an arrow passes through a box or an oval, rather than end at its edge."""
    points = points_of(arrow)
    if isinstance(node, Ellipse):
        away = 2 * (points - node.center) / (node.width, node.height)
        return bool(((away**2).sum(axis=1) < 1 - 1e-6).any())
    low = np.array(node.get_xy())
    high = low + np.array([node.get_width(), node.get_height()])
    return bool(((points > low + 1e-9) & (points < high - 1e-9)).all(axis=1).any())
