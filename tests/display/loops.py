"""Path diagrams with effects within columns to draw in tests."""

from __future__ import annotations

from collections.abc import Sequence

from dyadkit.display.figures import Node, Path, PathFigure
from dyadkit.display.tables import Cell


def loop_figure(
    labels: Sequence[str],
    texts: Sequence[str] = ("0.26",),
    *,
    columns: int = 2,
    related: bool = True,
) -> PathFigure:
    """Effects between neighbours of each column but the first, in both directions.

    Parameters
    ----------
    labels : sequence of str
        Of the rows, in each column.
    texts : sequence of str
        On arrows, one after the other and on from the first.
    related : bool
        Whether there are covariances in columns too.
    """
    rows = range(len(labels))
    nodes = tuple(
        Node(f"{column}-{row}", label, column, row)
        for column in range(columns)
        for row, label in enumerate(labels)
    )
    ends = [
        (f"{column - 1}-{row}", f"{column}-{row}", False)
        for column in range(1, columns)
        for row in rows
    ]
    ends += [
        (f"{column}-{one}", f"{column}-{other}", False)
        for column in range(1, columns)
        for row in rows[1:]
        for one, other in ((row - 1, row), (row, row - 1))
    ]
    if related:
        ends += [
            (f"{column}-{row - 1}", f"{column}-{row}", True)
            for column in range(columns)
            for row in rows[1:]
        ]
    paths = [
        Path(start, end, Cell(texts[number % len(texts)], str(number)), number % 3 == 2, both)
        for number, (start, end, both) in enumerate(ends)
    ]
    return PathFigure("loops", "Loops", "Loops.", nodes, tuple(paths))
