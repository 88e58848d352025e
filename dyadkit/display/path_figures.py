"""Path diagrams as specifications: boxes and factors in columns, and arrows between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dyadkit.display.tables import Cell


@dataclass(frozen=True, slots=True)
class Node:
    """A box of a path diagram, in a column and a row counted from 0.

    A `factor` is an oval; it may stand between columns or rows, as at 1.5.
    """

    name: str
    label: str
    column: float
    row: float
    factor: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """An arrow between two boxes.

    Attributes
    ----------
    start, end : str
        Names of nodes.
    label : Cell
        What stands on it.
    faint : bool
        Whether it is drawn thin and dashed, as one whose interval includes zero.
    both : bool
        Whether it is a covariance: curved, with a head at either end.
    """

    start: str
    end: str
    label: Cell
    faint: bool = False
    both: bool = False


@dataclass(frozen=True, slots=True)
class PathFigure:
    """A path diagram: boxes in columns, and arrows between them.

    Attributes
    ----------
    nodes : tuple of Node
    paths : tuple of Path
        Effects lead to a later column, around boxes that stand in between, or to the next box in
        their column; covariances join two boxes of one column.  Where there are factors, effects
        lead from these to the column on either side, and covariances join factors of two columns.
    headings : tuple of str
        What stands above each column of boxes beside factors; empty for nothing.
    """

    name: str
    title: str
    alt: str
    nodes: tuple[Node, ...]
    paths: tuple[Path, ...]
    caption: str = ""
    headings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        ends = {end for path in self.paths for end in (path.start, path.end)}
        if len(set(names)) < len(names) or ends - set(names):
            raise ValueError(f"path figure '{self.name}': names of nodes are repeated or unknown")
        nodes = {node.name: node for node in self.nodes}
        for path in self.paths:
            start, end = nodes[path.start], nodes[path.end]
            if self.has_factors:
                found = _wrong_among_factors(path, start, end)
            else:
                found = _wrong_among_boxes(path, start, end, self.nodes)
            if found:
                raise ValueError(f"path figure '{self.name}': {found}")

    @property
    def has_factors(self) -> bool:
        """Whether some node is a factor."""
        return any(node.factor for node in self.nodes)


def _wrong_among_boxes(path: Path, start: Node, end: Node, nodes: Sequence[Node]) -> str:
    onwards = end.column - start.column
    if path.both:
        apart = onwards or path.start == path.end
        return "a covariance leaves its column" if apart else ""
    if onwards > 0:
        return ""
    if onwards or start.row == end.row:
        return "an effect leads to no later column"
    low, high = sorted((start.row, end.row))
    past = any(node.column == end.column and low < node.row < high for node in nodes)
    return "an effect leads past a box of its column" if past else ""


def _wrong_among_factors(path: Path, start: Node, end: Node) -> str:
    apart = abs(end.column - start.column)
    if path.both:
        joined = start.factor and end.factor and apart
        return "" if joined else "a covariance joins not factors of two columns"
    if not start.factor or not 0 < apart <= 1:
        return "an effect leads not from a factor to the column beside it"
    return ""
