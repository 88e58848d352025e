"""What screening found: nothing that stops a study, and everything that its researcher should see.

A finding is made of rows that may be used, and of no others: consent is applied before screening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from dyadkit.errors import listed

Places = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One paragraph about something that looks wrong, and the rows it is about.

    Attributes
    ----------
    kind : str
        What was found, in one word for programs: "changed_partner", for example.
    text : str
        What, where, how many, and what to do next.
    places : tuple of (str, int)
        Source and row of every row concerned, in the order of the sources and rows.
    count : int
        How many there are of what was found, such as people or items.
    """

    kind: str
    text: str
    places: Places
    count: int


def places_of(keys: pd.DataFrame) -> Places:
    """Return source and row of each row once, in the order in which the sources occur.

    Parameters
    ----------
    keys : DataFrame
        With ``source`` and ``row``.

    Examples
    --------
    >>> places_of(pd.DataFrame({"source": ["b", "a", "b"], "row": [7, 2, 3]}))
    (('b', 3), ('b', 7), ('a', 2))
    """
    sources = keys["source"].astype("object").to_numpy()
    codes, names = pd.factorize(sources)
    once = pd.DataFrame({"source": codes, "row": keys["row"].to_numpy(dtype="int64")})
    once = once.drop_duplicates().sort_values(["source", "row"])
    known = [str(names[code]) for code in once["source"].tolist()]
    return tuple(zip(known, once["row"].tolist(), strict=True))


def rows_in_words(places: Iterable[tuple[str, int]], most: int = 8) -> str:
    """Name the rows of each source, at most so many of each.

    Parameters
    ----------
    places : iterable of (str, int)
        Source and row.
    most : int
        Rows of one source that are named; the others are counted.

    Examples
    --------
    >>> rows_in_words([("clients t1", 4), ("clients t1", 9), ("coaches t1", 7)])
    'clients t1 rows 4, 9; coaches t1 row 7'
    """
    by_source: dict[str, set[int]] = {}
    for source, row in places:
        by_source.setdefault(source, set()).add(row)
    return "; ".join(
        f"{source} row{'s' * (len(rows) > 1)} {listed(sorted(rows), most)}"
        for source, rows in by_source.items()
    )
