"""What spans the columns of a table: headings above several columns, and across the rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from dyadkit.display.tables import ShownRow, ShownTable


@dataclass(frozen=True, slots=True)
class Spanner:
    """A heading over neighbouring columns; an empty text spans nothing."""

    text: str
    start: int
    length: int


def spanners(shown: ShownTable) -> tuple[Spanner, ...]:
    """Gather neighbouring columns with the same spanner; columns without stand alone.

    Returns
    -------
    tuple of Spanner
        Empty when the table has no spanner at all.
    """
    if not any(shown.spanners):
        return ()
    found: list[Spanner] = []
    for text, group in groupby(range(len(shown.spanners)), key=lambda i: shown.spanners[i]):
        columns = list(group)
        if text:
            found.append(Spanner(text, columns[0], len(columns)))
        else:
            found += [Spanner("", column, 1) for column in columns]
    return tuple(found)


def row_groups(rows: Iterable[ShownRow]) -> tuple[tuple[str | None, tuple[ShownRow, ...]], ...]:
    """Split the rows of a table at the headings that span it."""
    groups: list[tuple[str | None, list[ShownRow]]] = []
    for row in rows:
        if row.heading:
            groups.append((row.texts[0], []))
            continue
        if not groups:
            groups.append((None, []))
        groups[-1][1].append(row)
    return tuple((heading, tuple(members)) for heading, members in groups)
