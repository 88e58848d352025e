"""Where the arrows, boxes, ovals and labels of a drawn path diagram lie, and what they touch.

Units are points from the top left corner of the page.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.text import Text

from dyadkit.display.figures import GrowthFigure, LaggedFigure, PathFigure
from tests.display.drawn import boxes, frames_of, texts

PIXEL = 0.73
"""Extents are those of inked pixels at 100 dpi: they may reach into one more (0.72 points)."""


def arrows_of(figure: Figure) -> list[FancyArrowPatch]:
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]


def points_of(arrow: FancyArrowPatch) -> np.ndarray:
    """Return points along an arrow, which is a curve or, without codes, leads from point to point.

    Each part of the latter has its ends among them.
    """
    path = arrow._path_original
    t = np.linspace(0.0, 1.0, 201 if path.codes is not None else 81)[:, None]
    if path.codes is None:
        return np.concatenate([(1 - t) * one + t * two for one, two in pairwise(path.vertices)])
    start, towards, end = path.vertices
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


def within(inner: np.ndarray, outer: np.ndarray, slack: float = PIXEL) -> np.ndarray:
    """Return which rectangles lie in which."""
    low = inner[:, None, :2] > outer[None, :, :2] - slack
    high = inner[:, None, 2:] < outer[None, :, 2:] + slack
    return np.asarray((low & high).all(axis=2))


def together(one: np.ndarray, two: np.ndarray, apart: float = 0.5) -> float:
    """Return over what height, or width, every fifth point of one line lies on another line."""
    low, high = two.min(axis=0) - apart, two.max(axis=0) + apart
    near = one[::5]
    near = near[((near >= low) & (near <= high)).all(axis=1)]
    if len(near) < 2:
        return 0.0
    away = np.hypot(*np.moveaxis(near[:, None] - two[None], 2, 0)).min(axis=1)
    there = near[away < apart]
    return float(np.ptp(there, axis=0).max()) if len(there) else 0.0


def outside_oval(extent: np.ndarray, node: Ellipse) -> bool:
    """Return whether a text whose middle is in an oval reaches out of it."""
    x, y = node.center
    low, high = extent[:2] - (x, y), extent[2:] - (x, y)
    if (np.abs(low + high) > (node.width, node.height)).any():
        return False
    reach = np.maximum(np.abs(low), np.abs(high)) - PIXEL
    return bool(((2 * reach / (node.width, node.height)) ** 2).sum() > 1)


def touching_in_panel(figure: Figure, spec: LaggedFigure | GrowthFigure | PathFigure) -> list[str]:
    """Return, in words, what overlaps on a diagram of a panel, or is no longer where it belongs."""
    every = texts(figure)
    shown = [text.get_text() for text in every]
    extents, nodes = extents_of(figure, every), nodes_of(figure)
    frames, labels = corners(figure, nodes=True), corners(figure, nodes=False)
    labels = labels.reshape(-1, 4)
    arrows = arrows_of(figure)
    samples = len(arrows) - len(spec.paths)
    found = [f"size {text.get_text()}" for text in every if text.get_fontsize() < 6.5]
    page = figure.get_size_inches() * 72
    inside = (extents[:, :2] >= 0).all(axis=1) & (extents[:, 2:] <= page).all(axis=1)
    found += [f"edge {shown[number]}" for number in np.flatnonzero(~inside)]
    for kind, one, two in (
        ("texts", extents, extents),
        ("labels", labels, labels),
        ("boxes", frames, frames),
    ):
        touching = np.triu(shared(one, two, PIXEL if kind == "texts" else 1e-9), k=1)
        found += [f"{kind} {a} {b}" for a, b in np.argwhere(touching)]
    found += [f"label {a} box {b}" for a, b in np.argwhere(shared(labels, frames))]
    at_box, in_box = shared(extents, frames, PIXEL), within(extents, frames)
    found += [f"box {shown[number]}" for number, _ in np.argwhere(at_box & ~in_box)]
    at_label, in_label = shared(extents, labels, PIXEL), within(extents, labels)
    found += [f"label {shown[number]}" for number, _ in np.argwhere(at_label & ~in_label)]
    if not in_box.any(axis=0).all() or not in_label.any(axis=0).all():
        found.append("empty")
    others = extents[~in_label.any(axis=1)]
    ovals = [node for node in nodes if isinstance(node, Ellipse)]
    found += [
        f"oval {text}"
        for text, extent in zip(shown, extents, strict=True)
        for node in ovals
        if outside_oval(extent, node)
    ]
    blocks = [
        (*node.get_xy(), node.get_width(), node.get_height())
        for node in nodes
        if isinstance(node, Rectangle)
    ]
    inner = np.array(blocks) + 1e-9
    inner[:, 2:] += inner[:, :2] - 3e-9
    places = np.concatenate([labels, others, inner])
    kinds = ["label"] * len(labels) + ["text"] * len(others) + ["box"] * len(inner)
    lines = [points_of(arrow) for arrow in arrows]
    for number, (arrow, line) in enumerate(zip(arrows, lines, strict=True), start=-samples):
        if (line < 0).any() or (line > page).any():
            found.append(f"edge arrow {number}")
        # An arrow passes through its own label only; that of a curve beside a column is beside it.
        on = np.flatnonzero(crossed(arrow, places)).tolist()
        beside = (
            isinstance(spec, PathFigure) and spec.paths[number].both and np.ptp(line[:, 0]) > 1e-6
        )
        if on != [number] * (number >= 0 and not beside):
            found += [f"arrow {number} {kinds[place]} {place}" for place in on or [number]]
        found += [f"arrow {number} oval" for node in ovals if entered(arrow, node)]
        found += [
            f"arrows {number} {other - samples} together"
            for other, two in enumerate(lines[: number + samples])
            if together(line, two) > 16.0
        ]
    return found
